"""When a failed attempt is repeated: tenacity strategies around one table.

======================================================  ==========================================================
the attempt ended with                                  it is repeated
======================================================  ==========================================================
429, from Katapult or a proxy                           when the rate limiter permits it, up to ``refusals`` times
nothing sent: no connection, connecting took too long   any method
a rejected certificate; a proxy's 4xx except 408, 425,  never
  429
a broken connection, a time limit, a response that      if idempotent
  is cut or unreadable
408, 425, and every 5xx except 501 and 505              if idempotent
503 ``no_available_addresses``                          never: Katapult has none left
422 ``object_storage_provisioning_error``               if idempotent: the server asks for it
another 4xx whose JSON body was cut or is unreadable    any method: the server refused, and its reason was lost
a rejected token                                        any method, if the client has another token now
anything else                                           never
======================================================  ==========================================================

A request is idempotent if `Endpoint.idempotent` is true. It depends on the HTTP method, unless the endpoint sets it.
Failures other than 429, and other than those of an outage, are bounded by ``attempts``, and the time by the deadline of
the call. Attempts of a batch's call that got 503 from a proxy are bounded by ``refusals`` alone if other calls succeed
after such a 503: several processes behind one limit of requests in flight get many. A call ends after 10 refusals (429)
that concerned it alone. Clock and randomness are arguments.
"""

import math
import typing
from collections.abc import Callable
from typing import Final

import attrs
import tenacity

from katapult_async.config import RetryPolicy, check_seconds
from katapult_async.core.circuit_breaker import PROBE_PAUSE_MAX
from katapult_async.errors import (
    REJECTIONS,
    APIError,
    AuthenticationError,
    BadResponseError,
    BadResponseReason,
    ConflictError,
    ConnectError,
    KatapultError,
    RateLimitReachedError,
    RequestError,
    ServiceUnavailableError,
    TransportError,
)
from katapult_async.rate_limit.permit import MAX_OWN_REFUSALS

__all__ = ["CLIENT_ERRORS", "FailureHistory", "RetryStrategies", "is_transient"]

_TRANSIENT_CODES: Final = frozenset({"service_unavailable", "object_storage_provisioning_error"})
# 501 is Not Implemented, and 505 is HTTP Version Not Supported.
_TRANSIENT_STATUSES: Final = frozenset({408, 425, *range(500, 600)}) - {501, 505}
CLIENT_ERRORS: Final = REJECTIONS - {429}
"""Statuses with which a server refuses this request, and which no later attempt changes."""

_MAX_DOUBLINGS: Final = 64  # a float overflows after 1,023


@attrs.define(eq=False)
class FailureHistory:
    """What the retry policy has to know about the failed attempts of one call, besides the last error.

    `circuit_breaker` has the rules by which a failure counts as the call's or as the endpoint's.
    """

    endpoint_failures: int = 0
    """Failures that use up no attempt: for a call of a batch, those of the endpoint; for a single call, those of its
    probes."""

    outage_is_over_limit: bool = False
    """Whether the endpoint has failed for all calls for longer than this call waits for the end of an outage."""

    may_be_endpoint_failure: bool = False
    """Whether the last failure of a batch's call may be one of the endpoint: nothing shows that it works for others."""

    possible_refusals: int = 0
    """Attempts of a batch's call that got 503 from a proxy, which may have refused them as too many, while the endpoint
    worked for others."""

    others_succeed_after_503: bool = False
    """Whether another call of a batch succeeded after such a 503, recently or since this call failed first: then the
    proxy refuses requests only because they are too many at once. If no other call does, the server may fail for the
    objects of these calls alone."""

    refusals: int = 0
    """Attempts that the rate limit refused (429)."""

    own_refusals: int = 0
    """Refusals (429) of this call alone: the server accepted other calls at that time."""

    first_failure_at: float = math.inf
    """When the first failure of the call was received."""

    own_failure_at: float = -math.inf
    """When the call's last own failure was received; minus infinity before the first. A failure is the call's own if it
    is the first, if a request that was sent after the last own failure succeeded, or, in a batch, if it uses up an
    attempt."""

    failures_in_doubt: int = 0
    """Failures of a batch's call since its last own failure: each doubles the wait, because nothing shows that the
    endpoint works."""

    is_suspect: bool = False
    """Whether the endpoint worked for other calls while this one failed."""

    is_last: bool = False
    """Whether the call fails while its batch has no further item, and nothing shows that the endpoint fails for all."""


def is_transient(failure: KatapultError) -> bool:
    """Return whether a failure, other than by the rate limit, may pass: the same request could succeed later."""
    match failure:
        case ConnectError(problem=problem):
            return problem.failure != "certificate" and problem.status not in CLIENT_ERRORS  # the status is a proxy's
        case TransportError():
            return True
        case BadResponseError(reason=reason):
            return reason in (BadResponseReason.UNREADABLE, BadResponseReason.TRUNCATED)
        case APIError(code=code, status=status) if not isinstance(failure, ConflictError):
            return code in _TRANSIENT_CODES or status in _TRANSIENT_STATUSES
        case _:
            return False


def _lost_its_code(failure: KatapultError) -> bool:
    """Return whether a request was refused with a body that could not be read: only its code says what to do next."""
    if not isinstance(failure, APIError) or failure.status not in CLIENT_ERRORS:
        return False
    return failure.problem.reason not in (None, BadResponseReason.TOO_LARGE)  # it would be too large again


def is_503_of_proxy(outcome: object) -> bool:
    """Return whether an attempt ended with a 503 without a code of Katapult.

    With it, nginx refuses requests that come too fast, or are too many at once. Other proxies report a failed server.
    """
    return isinstance(outcome, ServiceUnavailableError) and outcome.code is None


@attrs.frozen(kw_only=True, eq=False)
class RetryStrategies:
    """The strategies of tenacity for one call that has failed once: `retry`, `wait` and `stop`."""

    policy: RetryPolicy
    """The bounds."""

    history: FailureHistory
    """The failed attempts of the call, which the caller keeps up to date."""

    idempotent: bool
    """Whether sending the request twice does what sending it once does."""

    time_left: Callable[[], float]
    """Seconds to the deadline of the call; ``math.inf`` without one."""

    draw: Callable[[], float]
    """Returns a number drawn evenly from 0 to 1."""

    is_token_replaced: Callable[[], bool]
    """Whether the client's token is now a different one from that of the last attempt."""

    def controller(self) -> tenacity.AsyncRetrying:
        """Return tenacity's controller, which asks these strategies."""
        return tenacity.AsyncRetrying(retry=self.retry, wait=self.wait, stop=self.stop, reraise=True)

    def retry(self, retry_state: tenacity.RetryCallState) -> bool:
        """Return what the table says: whether a failure is worth another attempt."""
        failure = _failure_of(retry_state)
        if isinstance(failure, RateLimitReachedError) or _lost_its_code(failure):
            return True
        if isinstance(failure, AuthenticationError):
            return self.is_token_replaced()  # such as a request that was in flight when the old token was revoked
        return is_transient(failure) and (self.idempotent or not failure.problem.sent)

    def wait(self, retry_state: tenacity.RetryCallState) -> float:
        """Return the seconds before the next attempt: what the server asks for, or a part of a bound if that is more.

        The bound doubles with each failure, and the part is random. Failures that may be the endpoint's double it only
        up to the longest pause between probes. A request that the rate limit refused waits in the rate limiter, even
        for a proxy's ``Retry-After``. Its wait here is only what Katapult asks for.
        """
        failure = _failure_of(retry_state)
        retry_after = failure.problem.retry_after or 0.0
        if isinstance(failure, RateLimitReachedError):
            return 0.0 if failure.code is None else retry_after  # the rate limiter waits for a proxy's
        if retry_after > self.policy.retry_after_max:  # only a call of a batch goes on: it waits for the outage's end
            retry_after = 0.0
        if self.policy.wait is not None:
            return max(retry_after, check_seconds("the result of RetryPolicy.wait", self.policy.wait(retry_state)))
        bound = self._bound(max(0, self._counted_failures(failure) - 1))
        bound = max(bound, min(PROBE_PAUSE_MAX, self._bound(self.history.failures_in_doubt)))
        return max(self.draw() * bound, retry_after)

    def _bound(self, doublings: int) -> float:
        """Return the longest wait before an attempt after a number of doublings."""
        return min(self.policy.wait_max, self.policy.wait_initial * 2.0 ** min(doublings, _MAX_DOUBLINGS))

    def stop(self, retry_state: tenacity.RetryCallState) -> bool:
        """Return whether the call has had all attempts that the policy allows, or the next would come too late.

        It comes too late after the deadline of the call, or if the server asks for too long a wait.
        """
        failure = _failure_of(retry_state)
        if retry_state.upcoming_sleep >= self.time_left():
            return True
        too_long = (failure.problem.retry_after or 0.0) > self.policy.retry_after_max
        if isinstance(failure, RateLimitReachedError):
            from_katapult = failure.code is not None  # otherwise from a proxy
            gives_up = from_katapult and (too_long or self.history.own_refusals >= MAX_OWN_REFUSALS)
            return gives_up or self.history.refusals >= self.policy.refusals
        if too_long and not self.history.may_be_endpoint_failure:
            return True
        if self.policy.stop is not None:
            return self.policy.stop(retry_state)
        possible_refusals = self.history.possible_refusals if self.history.others_succeed_after_503 else 0
        failed_too_often = self._counted_failures(failure) - possible_refusals >= self.policy.attempts
        return self.history.outage_is_over_limit or failed_too_often or possible_refusals >= self.policy.refusals

    def _counted_failures(self, failure: RequestError) -> int:
        """Return the failed attempts that ``RetryPolicy.attempts`` bounds: no refusals, no failures of the endpoint."""
        return failure.attempts - self.history.refusals - self.history.endpoint_failures


def _failure_of(retry_state: tenacity.RetryCallState) -> RequestError:
    """Return how the last attempt failed: `caller` gives tenacity failed attempts only."""
    outcome = typing.cast("tenacity.Future", retry_state.outcome)
    return typing.cast("RequestError", outcome.exception())
