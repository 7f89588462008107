"""What the hooks ``on_retry`` and ``on_response`` of a client are called with."""

import attrs

from katapult_async.errors import RequestError

__all__ = ["ResponseNotice", "RetryNotice"]


@attrs.frozen(kw_only=True)
class RetryNotice:
    """What ``KatapultClient(on_retry=...)`` is called with before a call makes another attempt."""

    error: RequestError
    """How the last attempt failed."""

    wait: float
    """Seconds until the next attempt, without the wait for the rate limit."""


@attrs.frozen(kw_only=True)
class ResponseNotice:
    """What ``KatapultClient(on_response=...)`` is called with after each attempt."""

    method: str
    """HTTP method."""

    path: str
    """Path of the endpoint below the base URL; it holds no ids."""

    status: int | None
    """HTTP status; None where no response arrived."""

    request_id: str | None
    """Katapult's id of the response; None where the response has none."""

    attempt: int
    """Which attempt of its call it was, from 1."""

    seconds: float
    """Seconds from sending to the last byte, or to the failure."""
