"""API errors: Katapult's error codes, each with its HTTP status, description and detail."""

from collections.abc import Mapping, Sequence
from typing import Any

from . import documented_operations
from .setting_checks import integer

_STATUSES: Mapping[str, int] = {
    **documented_operations.STATUSES,
    **dict.fromkeys(("invalid_argument", "missing_required_argument", "invalid_json_body"), 400),
    "route_not_found": 404,
    "unhandled_exception": 500,
}
"""The documented error codes, and those of Katapult's web framework, which are not documented."""
WITHOUT_RATE_LIMIT = {"missing_api_token", "route_not_found", "unhandled_exception"}
"""The codes of errors without X-Ratelimit headers: in the recordings, 26 of 27 such responses have none."""
_ACRONYMS = {"api", "dns", "io", "ip", "ssh"}


def _description_of(code: str) -> str | None:
    """Return the description of an error code: the code as a sentence. Katapult's descriptions are free text."""
    sentence = " ".join(word.upper() if word in _ACRONYMS else word for word in code.split("_"))
    return None if code == "unhandled_exception" else f"{sentence[:1].upper()}{sentence[1:]}."


Problems = Mapping[str, object]
"""For each possible problem of an object, as a sentence: whether the object has it."""


class APIError(Exception):
    """An error response of the API."""

    def __init__(
        self, code: str, *, detail: Any = None, status: int | None = None, description: str | None = None
    ) -> None:
        """Create an error. By default it has the code's status and description, and the detail is an empty object.

        Raises:
            ValueError: the status is not from 200 to 599, or it is None and the code is unknown.
        """
        super().__init__(code)
        if status is None and code not in _STATUSES:
            raise ValueError(f"the code {code!r} is unknown to the sandbox: give its status")
        self.code = code
        self.status: int = _STATUSES[code] if status is None else integer("status", status, minimum=200, maximum=599)
        self.description: str | None = _description_of(code) if description is None else description
        self.detail: Any = {} if detail is None else detail


def invalid_argument(path: Sequence[str], *, issue: str, description: str, errors: Sequence[str] = ()) -> APIError:
    """Return the error of an argument with an invalid value.

    Args:
        path: names from the outermost argument to this one.
        issue: the framework's code of the problem, such as ``missing_lookup_value``.
        description: one sentence about the problem.
        errors: names of the rules that the value breaks.
    """
    problem = {"path": list(path), "index": None, "issue": issue, "issue_description": description}
    argument = {"id": "/".join(path), "name": path[-1], "description": None}
    detail = {**problem, "errors": list(errors), "argument": argument}
    return APIError("invalid_argument", description=f"The '{'.'.join(path)}' argument is invalid", detail=detail)


def missing_argument(path: Sequence[str]) -> APIError:
    """Return the error of a missing required argument.

    Args:
        path: names from the outermost argument to this one.
    """
    sentence = f"The '{'.'.join(path)}' argument is required but has not been provided"
    detail = {"path": list(path), "argument": {"name": path[-1], "description": None}}
    return APIError("missing_required_argument", description=sentence, detail=detail)


def require(condition: object, code: str, *errors: str, **detail: Any) -> None:
    """Check that a condition holds.

    Args:
        condition: holds if it is true, or not empty.
        code: code of the error.
        errors: one sentence for each problem; they are the ``errors`` of the detail.
        detail: names and values of the detail, if there are no ``errors``.

    Raises:
        APIError: the condition does not hold.
    """
    if not condition:
        raise APIError(code, detail={"errors": list(errors)} if errors else detail)


def require_none(problems: Problems, code: str = "validation_error") -> None:
    """Check that an object has none of the problems.

    Args:
        problems: the possible problems. The sentences of those that it has are the ``errors`` of the detail.
        code: code of the error.

    Raises:
        APIError: it has a problem.
    """
    actual = [problem for problem, is_actual in problems.items() if is_actual]
    require(not actual, code, *actual)
