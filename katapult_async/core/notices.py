"""What the hooks ``on_retry``, ``on_response`` and ``on_outage`` of a client are called with.

``on_wait`` gets a `katapult_async.rate_limit.status.RateLimitPause`.
"""

import attrs

from katapult_async.errors import RequestError

__all__ = ["Outage", "ResponseNotice", "RetryNotice"]


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


@attrs.frozen(kw_only=True)
class Outage:
    """An endpoint, or the whole host, whose requests fail: its circuit breaker is open, or was until ``until``."""

    endpoint: str | None
    """Method and path, such as ``GET /organizations``; None for the whole host."""

    since: float
    """When the circuit breaker opened, in Unix seconds of this machine's clock."""

    until: float | None
    """When a request succeeded again, in Unix seconds; None while the outage lasts."""

    last_error: RequestError
    """How the last failed request failed."""
