"""What is known about one endpoint: its window, a limit of its own, and its refusals.

`katapult_async.rate_limit.token_limits` has the rules. Times are monotonic seconds that the caller passes in.
"""

import math

import attrs

from katapult_async.rate_limit.denials import DenialReason, Denied, DeniedCalls
from katapult_async.rate_limit.headers import RateLimitHeaders
from katapult_async.rate_limit.permit import Permit
from katapult_async.rate_limit.requests_in_flight import OVERDUE, RequestsInFlight
from katapult_async.rate_limit.window import Window

__all__ = ["EndpointLimit", "EndpointState", "RefusalsInARow"]

LEAST_IN_FLIGHT = 1.6
"""Requests that an endpoint may have in flight when all of its requests are refused alone. With a smaller share of such
refusals it may have ``LEAST_IN_FLIGHT / share ** 2``."""

SMOOTHING = 1 / 50
"""Weight of the latest response in the share of an endpoint's requests that are refused alone."""


@attrs.define(eq=False)
class EndpointLimit:
    """One window of a limit that no counter reports: after a refusal, the endpoint's requests wait for its end."""

    ends_at: float
    """When the next window begins."""

    permitted: float = math.inf
    """Requests that a window permits; infinite unless a 429 named them."""

    test_wait: float = OVERDUE
    """Seconds from a refusal, or from a test, to the next test: one more request, which shows whether there is a limit.
    Each doubles it, so that a limit that lasts for hours costs few refusals."""

    room: float = attrs.field(default=attrs.Factory(lambda limit: limit.permitted, takes_self=True))
    """Requests that may still be sent; minus infinity after a refusal."""

    refused_at: float = math.inf
    """When the first refusal was received; infinite before it."""

    test_at: float = math.inf
    """When the next test may be sent; infinite before a refusal."""

    has_accepted: bool = False
    """Whether a request was accepted."""

    def denial(self, now: float, in_flight: RequestsInFlight, *, overdue_after: float) -> Denied | None:
        """Return why the endpoint's next request may not be sent, or None if it may.

        Args:
            now: monotonic seconds.
            in_flight: requests of the endpoint.
            overdue_after: seconds after which nothing waits for the response to one of them.
        """
        if self.room < 1 and now < self.test_at:
            return Denied(self.ends_at, DenialReason.ENDPOINT, DeniedCalls.OF_ENDPOINT, test_at=self.test_at)
        if not self.has_accepted and in_flight.not_overdue(now, overdue_after):
            until = in_flight.next_overdue_at(now, overdue_after)
            return Denied(until, DenialReason.PROBING, DeniedCalls.OF_ENDPOINT)
        return None

    def grant(self, now: float) -> None:
        """Record a request that is sent."""
        if self.room < 1:
            self.test_wait *= 2.0
            self.test_at = now + self.test_wait
        self.room -= 1

    def refused(self, headers: RateLimitHeaders, token_permitted: int | None, now: float) -> None:
        """Record a refusal. A number of permitted requests in it is that of this limit if it is not the token's."""
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
    """When a response reported them. It is renewed once a window."""

    in_flight: RequestsInFlight = attrs.field(factory=RequestsInFlight)
    """Its requests in flight."""

    accepted_sent_at: float = -math.inf
    """When the latest of its accepted requests was sent."""

    hung_sent_at: float = -math.inf
    """When its latest request that got no response, and was overdue when it ended, was sent."""

    own_refusal_share: float = 0.0
    """The share of its recent requests that were refused alone, from 0 to 1."""

    @property
    def has_own_limit(self) -> bool:
        """Whether it has a window, a limit or refusals of its own."""
        return self.window is not None or self.limit is not None or self.own_refusal_share > 0

    @property
    def is_full(self) -> bool:
        """Whether as many requests are in flight as `own_refusal_share` allows."""
        share = self.own_refusal_share
        return share > 0.0 and len(self.in_flight) >= LEAST_IN_FLIGHT / share**2

    def overdue(self, now: float, overdue_after: float) -> int:
        """Return how many of its requests are overdue, and one more if the endpoint hung and has not responded since.

        Args:
            now: monotonic seconds.
            overdue_after: seconds after which a request is overdue.
        """
        return self.in_flight.overdue(now, overdue_after) + (self.hung_sent_at > self.accepted_sent_at)

    def record_accepted(self, sent_at: float) -> None:
        """Record an accepted request. If it was sent after a refusal in the window of the limit, there is no limit."""
        self.own_refusal_share *= 1.0 - SMOOTHING
        if self.own_refusal_share < SMOOTHING / 10:
            self.own_refusal_share = 0.0
        if self.limit is not None:
            self.limit.has_accepted = True
            if sent_at > self.limit.refused_at:
                self.limit = None

    def record_own_refusal(self) -> None:
        """Record that a call was refused alone."""
        self.own_refusal_share += (1.0 - self.own_refusal_share) * SMOOTHING


@attrs.define(eq=False)
class RefusalsInARow:
    """The refusals of an endpoint since its last accepted request: evidence for a limit of its own."""

    began_at: float
    """When the first of them was received."""

    count: int = 0
    """How many there are."""

    permits: set[Permit] = attrs.field(factory=set)
    """The permits of the refused calls."""

    others_accepted: bool = False
    """Whether a request that another endpoint sent after `began_at` was accepted."""
