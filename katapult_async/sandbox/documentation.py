"""Documentation: what the API documents about each operation, and what recorded responses have otherwise.

``documented_operations.json`` is made of the OpenAPI document by ``python -m tests.openapi --write``, and the tests compare both.
``recorded.json`` has what recorded responses (2023-03 to 2026-08) have beside it, and as null what they never have.
In both, a name ends in ``*`` where it is required, in ``?`` where its value may be null, and in ``[]`` where it is a
list.
"""

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any, Self

import attrs


def _read(name: str) -> Any:
    return json.loads(files("katapult_async.sandbox").joinpath(name).read_text(encoding="utf-8"))  # also in an archive


_OPERATIONS: Mapping[str, Mapping[str, Any]] = _read("documented_operations.json")
_RECORDED: Mapping[str, Mapping[str, Any]] = {
    operation: rule["response"] for rule in _read("recorded_responses.json") for operation in rule["operations"]
}

STATUSES: Mapping[str, int] = {
    code: int(status)
    for operation in _OPERATIONS.values()
    for status, codes in operation.get("errors", {}).items()
    for code in codes
}
"""The HTTP status of each documented error code. Each code has one."""

SCOPES = frozenset(scope for operation in _OPERATIONS.values() for scope in operation.get("scopes", ()))
"""All scopes."""


def plain(name: str) -> str:
    """Return a name without its marks."""
    return name.rstrip("*?[]")


def _merge(documented: Mapping[str, Any], recorded: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is documented with what is recorded otherwise."""
    merged = {plain(name): (name, content) for name, content in documented.items()}
    for name, content in recorded.items():
        _, before = merged.pop(plain(name), (name, None))
        if isinstance(content, dict):
            merged[plain(name)] = name, _merge(before if isinstance(before, dict) else {}, content)
        elif content is not None:
            merged[plain(name)] = name, content
    return dict(merged.values())


@attrs.frozen(eq=False)
class Shape:
    """What a response has of an object."""

    names: tuple[str, ...]
    """Names in the order of the JSON."""
    inside: Mapping[str, "Shape"]
    """Shapes of the objects that names hold."""
    lists: tuple[str, ...]
    """Names of lists."""
    nullable: tuple[str, ...]
    """Names whose value may be null."""
    flags: tuple[str, ...]
    """Names of booleans."""

    @classmethod
    def of(cls, fields: Mapping[str, Any]) -> Self:
        """Return the shape of an object, given its marked names and what they hold."""
        return cls(
            names=tuple(map(plain, fields)),
            inside={plain(name): cls.of(content) for name, content in fields.items() if isinstance(content, dict)},
            lists=tuple(plain(name) for name in fields if "[]" in name),
            nullable=tuple(plain(name) for name in fields if "?" in name),
            flags=tuple(plain(name) for name, content in fields.items() if content == "boolean"),
        )


@attrs.frozen
class Documented:
    """What is documented about one operation."""

    scopes: tuple[str, ...]
    """The token needs one of them; empty when it needs none."""
    status: int
    """HTTP status of success."""
    arguments: Mapping[str, Any]
    """Marked names, each with its type, such as ``string`` or ``string=one|other``, or with the names that are inside;
    without those that all lists have, and without annotations, which the sandbox does not keep."""
    response: Shape


def is_documented(method: str, path: str) -> bool:
    """Return whether the API has an operation; see `documented`."""
    return f"{method} {path.replace('/:', '/')}" in _OPERATIONS


@cache
def documented(method: str, path: str) -> Documented:
    """Return what is documented about an operation.

    Args:
        method: HTTP method.
        path: path below the API's root, with variable segments as ``:name`` or as in the document.
    """
    name = f"{method} {path.replace('/:', '/')}"
    facts, recorded = _OPERATIONS[name], _RECORDED.get(name, {})
    answer = {} if facts.get("answer") == "text" else facts.get("answer", {})
    return Documented(
        scopes=tuple(facts.get("scopes", ())),
        status=int(facts.get("status", 200)),
        arguments=_arguments({**facts.get("query", {}), **facts.get("body", {})}, path=name.split("/")),
        response=Shape.of(_merge(answer, recorded)),
    )


def _arguments(documented: Mapping[str, Any], *, path: list[str]) -> dict[str, Any]:
    """Return the arguments of the query and the body, all as the body has them; those in the path are required."""
    arguments: dict[str, Any] = {}
    for name, kind in documented.items():
        outer, _, inner = name.partition("[")
        if outer in {"page", "per_page", "annotations"}:
            continue
        if inner and not inner.startswith("]"):
            arguments.setdefault(outer, {})[inner.rstrip("]*")] = kind
        else:
            arguments[name] = kind
    return {f"{name}*" if name in path else name: kind for name, kind in arguments.items()}
