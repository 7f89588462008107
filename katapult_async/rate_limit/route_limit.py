"""A limit of one endpoint that no counter reports, known only from its refusals.

A *route* is a method with a path. Times are monotonic seconds that the caller passes in.
"""

import math

import attrs

from katapult_async.rate_limit.denials import DenialReason, DenialScope, Denied
from katapult_async.rate_limit.headers import RateLimitHeaders

__all__ = ["RouteLimit"]


@attrs.define(eq=False)
class RouteLimit:
    """The limit: after a refusal, no request of the route is sent until the next reset."""

    ends_at: float
    """When the window resets."""

    budget: int | None
    """Requests a window, where a 429 named them."""

    closed: bool = True
    """Whether a request was refused in this window."""

    granted: int = 0
    """Requests of this window that got a permit."""

    accepted: int = 0
    """Requests that were accepted in this window."""

    held_back: bool = True
    """Whether it held a request back in this window."""

    def denial(self, now: float, next_reset_at: float, *, in_flight: int) -> Denied | None:
        """Return why the route's next request may not be sent, or None if it may.

        Args:
            now: the present time.
            next_reset_at: when the next window of the token begins.
            in_flight: requests of the route in flight, without overdue ones.
        """
        if now >= self.ends_at:
            self.ends_at, self.closed, self.granted, self.accepted, self.held_back = next_reset_at, False, 0, 0, False
        if self.closed or (self.budget is not None and self.granted >= self.budget):
            self.held_back = True
            return Denied(self.ends_at, DenialReason.ROUTE, DenialScope.ROUTE)
        if not self.accepted and in_flight:
            return Denied(math.inf, DenialReason.PROBING, DenialScope.ROUTE)
        return None

    def refused(self, headers: RateLimitHeaders, token_permitted: int | None) -> None:
        """Record a refusal."""
        self.closed = self.held_back = True
        if headers.total_permitted is not None and headers.total_permitted != token_permitted:
            self.budget = headers.total_permitted

    def is_over(self, now: float) -> bool:
        """Return whether a whole window passed in which it held nothing back."""
        return now >= self.ends_at and not self.held_back
