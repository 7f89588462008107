"""Errors in plain words: one line that begins with what went wrong. Pure."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from katapult_async.errors import (
    APIError,
    AuthenticationError,
    BadResponseError,
    KatapultError,
    NotFoundError,
    PermissionDeniedError,
    TransportError,
    UnprocessableError,
)

KINDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "APIError": "refused by Katapult",
        "AuthenticationError": "token not accepted",
        "BadRequestError": "bad request",
        "BadResponseError": "invalid response",
        "ClientClosedError": "client closed",
        "ConflictError": "conflict",
        "ConnectError": "no connection",
        "DisconnectedError": "connection lost",
        "KatapultError": "error",
        "NotAcceptableError": "not possible in the object's state",
        "NotAttemptedError": "not attempted",
        "NotFoundError": "no such object",
        "PermissionDeniedError": "permission denied",
        "RateLimitReachedError": "rate limit reached",
        "RateLimitWaitError": "no room in the rate limit",
        "RequestTimeoutError": "timeout",
        "ServerError": "server error",
        "ServiceUnavailableError": "service unavailable",
        "TaskFailedError": "task failed",
        "TaskTimeoutError": "task not finished in time",
        "TransportError": "no response",
        "UnprocessableError": "arguments refused",
        "UsageError": "invalid argument",
    }
)
"""A few words for each class of error, by its name."""

_NOT_REPEATED: Final = frozenset({"POST", "PATCH"})  # methods that do their work once more when they are repeated
_NOT_FOUND: Final = "_not_found"
"""End of Katapult's codes for objects that do not exist, such as ``virtual_machine_not_found``."""


RequestErrors = APIError | BadResponseError | TransportError
"""Errors of a request: they know the method, the path and the number of attempts."""


def kind_of(error: KatapultError) -> str:
    """Return a few words for the class of an error, such as ``no connection``."""
    return next(KINDS[each.__name__] for each in type(error).__mro__ if each.__name__ in KINDS)


def fact_of(*, code: str | None, description: str) -> str:
    """Return what went wrong: ``no such virtual machine`` for ``virtual_machine_not_found``."""
    if code is not None and code.endswith(_NOT_FOUND):
        return f"no such {code.removesuffix(_NOT_FOUND).replace('_', ' ')}"
    return description.rstrip(".")


def short_message_of(error: KatapultError) -> str:
    """Return an error in one line without advice, for an error after which the command goes on."""
    if not isinstance(error, RequestErrors):
        return str(error)
    problem = error.problem
    query = "&".join(f"{name}={value}" for name, value in problem.arguments)
    details = [
        *([problem.code] if problem.code else []),
        *([f"status {problem.status}"] if problem.status is not None else []),
        *([f"request {problem.request_id}"] if problem.request_id else []),
        f"{problem.attempts} attempt{'' if problem.attempts == 1 else 's'}",
    ]
    return f"{_fact(error)} ({', '.join(details)}; {problem.method} {problem.path}{'?' if query else ''}{query})"


def message_of(error: KatapultError, *, token_source: str) -> str:
    """Return an error in one line: what went wrong, the request, and what to do about it.

    Args:
        error: the error.
        token_source: where the token comes from; empty if that is unknown.
    """
    if not isinstance(error, RequestErrors):
        return str(error)
    advice = [error.advice] if error.advice else []
    if error.method in _NOT_REPEATED and error.may_have_happened:
        advice = ["Katapult may have done it: check before you repeat the command"]
    if isinstance(error, AuthenticationError) and token_source:
        advice.append(f"the token comes from {token_source}")
    if isinstance(error, PermissionDeniedError) and error.scopes:
        advice.append(f"the token needs one of the scopes {', '.join(error.scopes)}")
    return "; ".join([short_message_of(error), *advice])


def _fact(error: RequestErrors) -> str:
    """Return what went wrong, with the name of an object that does not exist, or what Katapult has against a value."""
    problem = error.problem
    fact = fact_of(code=problem.code, description=problem.description)
    if isinstance(error, NotFoundError) and problem.code:
        prefix = f"{problem.code.removesuffix(_NOT_FOUND)}["
        names = [value for name, value in problem.arguments if name.startswith(prefix)]
        return f"{fact}: {names[0]}" if names else fact
    if isinstance(error, UnprocessableError) and isinstance(error.detail, dict):
        match error.detail.get("errors"):
            case [_, *_] as sentences:
                return "; ".join(str(sentence) for sentence in sentences)
    return fact
