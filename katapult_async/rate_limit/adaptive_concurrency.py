"""How many requests in flight a server, or a proxy in front of it, accepts: learned from refusals.

The number follows the rule of Scalable TCP: a refusal makes it a quarter smaller, each accepted request 2 % larger. So
it stays near the server's limit, and rises where there is none. `max_in_flight` is the limit that the user sets.

Refusals in a row, with no request accepted between them, may be those of a short outage: while a few slow requests are
in flight, it makes the number much too small. Therefore each accepted request then adds one (TCP's slow start) until
the number is again that after the first of these refusals.
"""

import math
from collections.abc import Collection

import attrs

from katapult_async.rate_limit.permit import Permit
from katapult_async.rate_limit.requests_in_flight import RequestsInFlight

__all__ = ["AdaptiveConcurrency"]

DECREASE = 0.75
"""Factor of the number after a refusal. The result is rounded down."""

ASSUMED_IN_FLIGHT = 10
"""When fewer requests were in flight at the first refusal, it counts as if there had been this many: one refusal shows
little."""

GROWTH = 0.02
"""Fraction by which each accepted request raises the number. So a server that refuses fewer than 7 % at random is not
slowed down if it accepts requests as fast as it refuses them. In simulations, servers that permit 1, 3, 10 or 30
requests in flight refused 3, 5, 6 or 11 % of them."""

NO_LIMIT_FROM = 1000.0
"""From this number on, there is no longer a limit."""


@attrs.define(eq=False)
class AdaptiveConcurrency:
    """A limit of the requests in flight, learned from refusals. Times are monotonic seconds."""

    most: float = math.inf
    """Requests that may be in flight; infinite before the first refusal."""

    reduced_at: float = -math.inf
    """When a refusal last reduced it. Requests that were sent before show nothing about it."""

    slow_start_threshold: float = 0.0
    """Below this number, each accepted request adds one. Infinite after a probe, until the first refusal."""

    _has_grown: bool = True  # whether a request was accepted since the last reduction

    def wait_ends_at(self, in_flight: Collection[RequestsInFlight], now: float, overdue_after: float) -> float | None:
        """Return when the next request may be sent even if no response comes; None if it may be sent now.

        Args:
            in_flight: the requests that the limit counts.
            now: monotonic seconds.
            overdue_after: seconds after which a request is overdue: the next one does not wait for its response.
        """
        if sum(requests.not_overdue(now, overdue_after) for requests in in_flight) + 1 <= self.most:
            return None
        return min(requests.next_overdue_at(now, overdue_after) for requests in in_flight)

    def accepted(self, sent_at: float) -> None:
        """Record an accepted request."""
        if sent_at >= self.reduced_at:
            self.most += 1.0 if self.most < self.slow_start_threshold else GROWTH * self.most
            self._has_grown = True
            if self.most >= NO_LIMIT_FROM:
                self.most = math.inf

    def refused(self, permit: Permit, now: float) -> None:
        """Record a refusal, perhaps because too many requests were in flight."""
        if permit.granted_at >= self.reduced_at:
            self.most = max(1.0, math.floor(DECREASE * min(self.most, max(permit.in_flight, ASSUMED_IN_FLIGHT))))
            self.reduced_at = now
            if self._has_grown:
                self.slow_start_threshold, self._has_grown = self.most, False
