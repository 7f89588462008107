"""Errors in plain words: one line that begins with what went wrong. Pure."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from katapult_async.errors import (
    APIError,
    AuthenticationError,
    KatapultError,
    PermissionDeniedError,
    RequestError,
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
        "IncompleteListError": "list not complete",
        "KatapultError": "error",
        "NotAcceptableError": "not possible in the object's state",
        "NotAttemptedError": "not attempted",
        "NotFoundError": "no such object",
        "PermissionDeniedError": "permission denied",
        "RateLimitReachedError": "rate limit reached",
        "RateLimitWaitError": "no room in the rate limit",
        "RequestError": "request failed",
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


def kind_of(error: KatapultError) -> str:
    """Return a few words for the class of an error, such as ``no connection``."""
    return next(KINDS[kind.__name__] for kind in type(error).__mro__ if kind.__name__ in KINDS)


def short_message_of(error: KatapultError) -> str:
    """Return an error in one line without advice, for an error after which the command goes on."""
    return str(error.problem if isinstance(error, RequestError) else error)


def message_of(error: KatapultError, *, token_source: str) -> str:
    """Return an error in one line: what went wrong, the request, and what to do about it.

    Args:
        error: the error.
        token_source: where the token comes from; empty if that is unknown.
    """
    if isinstance(error, AuthenticationError) and token_source:
        return f"{error}; the token comes from {token_source}"
    if isinstance(error, PermissionDeniedError) and error.scopes:
        return f"{error}; the token needs one of the scopes {', '.join(error.scopes)}"
    if isinstance(error, APIError) and isinstance(error.detail, dict):
        match error.detail.get("errors"):
            case [_, *_] as reasons:
                return f"{'; '.join(str(reason) for reason in reasons)}: {error}"
            case str() as reason if reason:  # of ``invalid_spec_xml``
                return f"{reason}: {error}"
    return str(error)
