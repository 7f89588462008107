"""Errors as the command shows them: one line, and what it was about."""

from katapult_async.errors import (
    APIError,
    AuthenticationError,
    BadResponseError,
    KatapultError,
    PermissionDeniedError,
    TransportError,
    UnprocessableError,
)


def told(error: KatapultError, *, token_source: str) -> str:
    """Return an error in one line: with the scopes that would have helped, or what Katapult has against a value.

    Args:
        error: what happened.
        token_source: where the token comes from; empty if there is nothing to mend there.
    """
    if isinstance(error, AuthenticationError) and token_source:
        return f"{error} (the token is that of {token_source})"
    if isinstance(error, PermissionDeniedError) and error.scopes:
        return f"{error} (any of the scopes {', '.join(error.scopes)} would do)"
    if isinstance(error, UnprocessableError) and isinstance(error.detail, dict):
        match error.detail.get("errors"):
            case [_, *_] as sentences:
                return f"{error}: {'; '.join(str(each) for each in sentences)}"
    return str(error)


def cause(error: KatapultError) -> str:
    """Return what went wrong, without what to do about it, for it is being done."""
    return str(error.problem if isinstance(error, TransportError | BadResponseError | APIError) else error)
