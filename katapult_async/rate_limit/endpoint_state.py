"""What is known about one endpoint: its window, a limit of its own, and its requests in flight.

`katapult_async.rate_limit.token_limits` has the rules. Times are monotonic seconds that the caller passes in.
"""

import math

import attrs

from katapult_async.rate_limit.adaptive_concurrency import AdaptiveConcurrency
from katapult_async.rate_limit.headers import RateLimitHeaders
from katapult_async.rate_limit.requests_in_flight import OVERDUE, OVERDUE_FACTOR, RequestsInFlight
from katapult_async.rate_limit.wait_reasons import DenialReason, Denied, DeniedCalls
from katapult_async.rate_limit.window_admission import Window

__all__ = ["EndpointLimit", "EndpointState"]


@attrs.define(eq=False)
class EndpointLimit:
    """One window of a limit that no counter reports: after a refusal, the endpoint's requests wait for its end."""

    ends_at: float
    """When the next window begins."""

    permitted: float = math.inf
    """Requests that a window permits; infinite unless a 429 named them."""

    test_wait: float = OVERDUE
    """Seconds from a refusal, or from a test, to the next test: one more request, which shows whether there is a limit.
    Each test doubles them, so that a limit that lasts for hours costs few refusals."""

    room: float = attrs.field(default=attrs.Factory(lambda limit: limit.permitted, takes_self=True))
    """Requests that may still be sent; minus infinity after a refusal."""

    refused_at: float = math.inf
    """When the first refusal was received; infinite before it."""

    test_at: float = math.inf
    """When the next test may be sent; infinite before a refusal."""

    def grant(self, now: float) -> None:
        """Record a request that is sent."""
        if self.room < 1:
            self.test_wait *= 2.0
            self.test_at = now + self.test_wait
        self.room -= 1

    def refused(self, headers: RateLimitHeaders, token_permitted: int | None, now: float) -> None:
        """Record a refusal. The number of permitted requests in it is this limit's, unless it is the token's."""
        self.refused_at = min(self.refused_at, now)
        self.test_at = now + self.test_wait
        self.room = -math.inf
        if headers.total_permitted is not None and headers.total_permitted != token_permitted:
            self.permitted = headers.total_permitted

    def next(self, ends_at: float) -> "EndpointLimit | None":
        """Return the limit for the next window, which ends at ``ends_at``; None if this one was not used up."""
        return EndpointLimit(ends_at, self.permitted, self.test_wait) if self.room < 1 else None


@attrs.define(eq=False)
class EndpointState:
    """What is known about one endpoint."""

    window: Window | None = None
    """Its own window, if its responses reported other permitted requests than the token's; None for the token's."""

    limit: EndpointLimit | None = None
    """A limit of its own that no counter reports, known from refusals."""

    permitted: int | None = None
    """The permitted requests of a window, as the endpoint's responses reported them last."""

    permitted_at: float = -math.inf
    """When a response reported them. It is set again when it is older than a window."""

    in_flight: RequestsInFlight = attrs.field(factory=RequestsInFlight)
    """Its requests in flight."""

    accepted_sent_at: float = -math.inf
    """When the latest of its accepted requests was sent."""

    fastest: float = math.inf
    """Seconds of the fastest response to one of its accepted requests; infinite before the first."""

    hung_sent_at: float = -math.inf
    """When the latest of its requests that became overdue and ended without a response was sent."""

    concurrency: AdaptiveConcurrency = attrs.field(factory=AdaptiveConcurrency)
    """How many requests may be in flight: fewer after a call was refused alone, and one at the beginning of a window of
    its limit."""

    @property
    def overdue_after(self) -> float:
        """Seconds after which one of its requests is overdue, by its own responses."""
        return OVERDUE if self.fastest == math.inf else max(OVERDUE, OVERDUE_FACTOR * self.fastest)

    def denial(self, now: float, *, overdue_after: float) -> Denied | None:
        """Return why the next request may not be sent, or None if the endpoint permits it.

        Args:
            now: monotonic seconds.
            overdue_after: seconds after which a request is overdue.
        """
        limit = self.limit
        if limit is not None and limit.room < 1 and now < limit.test_at:
            return Denied(limit.ends_at, DenialReason.ENDPOINT, DeniedCalls.OF_ENDPOINT, test_at=limit.test_at)
        until = self.concurrency.wait_ends_at([(self.in_flight, overdue_after)], now)
        return None if until is None else Denied(until, DenialReason.PACED, DeniedCalls.OF_ENDPOINT)

    def overdue(self, now: float, overdue_after: float) -> int:
        """Return how many of its requests are overdue, and one more if the endpoint hung and has not responded since.

        Args:
            now: monotonic seconds.
            overdue_after: seconds after which a request is overdue.
        """
        return self.in_flight.overdue(now, overdue_after) + (1 if self.hung_sent_at > self.accepted_sent_at else 0)

    def record_accepted(self, sent_at: float) -> None:
        """Record an accepted request. If it was sent after a refusal in the window of the limit, there is no limit."""
        self.concurrency.accepted(sent_at)
        if self.limit is not None and sent_at > self.limit.refused_at:
            self.limit = None
