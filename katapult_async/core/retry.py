"""Whether to try again, and after how long: one table, one pure function.

======================================================  ==================  =======================================
failure                                                 retried             wait
======================================================  ==================  =======================================
429 ``rate_limit_reached``                              any method          none here: the limiter knows the window
503 ``service_unavailable``, 500, 502, 504, 408,        idempotent methods  evenly drawn below a bound that doubles
422 ``object_storage_provisioning_error``
no connection                                           any method          the same: nothing was sent
timeout, disconnect, truncated or unreadable answer     idempotent methods  the same
a refused certificate, a redirect, an answer of the     never
wrong shape or too large, any other 4xx
======================================================  ==================  =======================================

A server's ``Retry-After`` lengthens the wait. No wait outlasts the caller's deadline: then the call ends at once.
"""

import attrs

from katapult_async.config import RetryPolicy
from katapult_async.errors import (
    APIError,
    BadResponseError,
    BadResponseReason,
    ConnectError,
    KatapultError,
    RateLimitReachedError,
    RequestTimeoutError,
    TransportError,
)

_REQUEST_TIMEOUT = 408
_PASSING_CODES = frozenset({"service_unavailable", "object_storage_provisioning_error"})
_PASSING_STATUSES = frozenset({_REQUEST_TIMEOUT, 500, 502, 504})
_CLIENT_ERRORS = range(400, 500)
_UNAVAILABLE = 503  # without a code: a proxy's; with any other code: a business answer
_MOST_DOUBLINGS = 64  # a float overflows after 1,023
_PASSING_REASONS = frozenset({BadResponseReason.UNREADABLE, BadResponseReason.TRUNCATED})


@attrs.frozen
class Retry:
    """Try again."""

    wait: float
    """Seconds to wait before it."""


@attrs.frozen
class GiveUp:
    """Do not try again: the failure is the call's outcome."""

    reason: str
    """Why, for a log line."""


@attrs.frozen(kw_only=True)
class Attempts:
    """How a call has gone so far."""

    failures: int
    """Attempts that failed otherwise than by the rate limit, the present one included."""

    refusals: int
    """Attempts that the rate limit refused, the present one included."""


def decide(  # noqa: PLR0911 # one return for each row of the table
    failure: KatapultError,
    attempts: Attempts,
    *,
    idempotent: bool,
    policy: RetryPolicy,
    time_left: float,
    draw: float,
) -> Retry | GiveUp:
    """Return whether a failed attempt is worth another.

    Args:
        failure: how the attempt ended.
        attempts: the attempts so far.
        idempotent: whether sending the request twice does what sending it once does.
        policy: the bounds.
        time_left: seconds to the caller's deadline; ``math.inf`` without one.
        draw: a number drawn evenly from 0 to 1.
    """
    asked = failure.problem.retry_after if isinstance(failure, APIError) else None
    if asked is not None and asked > policy.retry_after_max:
        return GiveUp(f"the server asks to come back in {asked:.0f} s")
    if isinstance(failure, RateLimitReachedError):
        if attempts.refusals >= policy.refusals:
            return GiveUp(f"refused {attempts.refusals} times by the rate limit")
        return _within(time_left, asked or 0.0)
    if not may_pass(failure):
        return GiveUp("context again would not help")
    if not idempotent and not nothing_was_sent(failure):
        return GiveUp("Katapult may have acted on it already")
    if attempts.failures >= policy.attempts:
        return GiveUp(f"{attempts.failures} attempts failed")
    bound = min(policy.wait_max, policy.wait_initial * 2.0 ** min(attempts.failures - 1, _MOST_DOUBLINGS))
    return _within(time_left, max(draw * bound, asked or 0.0))


def _within(time_left: float, wait: float) -> Retry | GiveUp:
    if wait >= time_left:
        return GiveUp(f"the next attempt, in {wait:.1f} s, would come after the deadline")
    return Retry(wait)


def nothing_was_sent(failure: KatapultError) -> bool:
    """Return whether Katapult cannot have seen the request, nor counted it."""
    return isinstance(failure, ConnectError) or (
        isinstance(failure, RequestTimeoutError) and failure.phase == "connect"
    )


def blames_server(failure: KatapultError) -> bool:
    """Return whether a failure says that the server is failing, and not only that this one request did."""
    if isinstance(failure, APIError) and failure.status != _REQUEST_TIMEOUT and failure.status in _CLIENT_ERRORS:
        return False
    return may_pass(failure)


def may_pass(failure: KatapultError) -> bool:
    """Return whether the same request could do better later."""
    match failure:
        case TransportError():
            return not failure.problem.certificate
        case BadResponseError():
            return failure.reason in _PASSING_REASONS
        case APIError(code=code, status=status):
            return code in _PASSING_CODES or status in _PASSING_STATUSES or (status == _UNAVAILABLE and code is None)
        case _:
            return False
