"""How many requests in flight a server, or a proxy in front of it, accepts: learned from refusals.

The number follows the rule of Scalable TCP: a refusal makes it a quarter smaller, each accepted request 2 % larger. So
it stays near the server's limit, and rises where there is none. `max_in_flight` is the limit that the user sets.

A proxy refuses a request sooner than an accepted one is answered. So requests that were sent before the refused one,
and are still in flight, were let through. The number is not made smaller than theirs. Otherwise, several refusals would
reduce it before the first slow response counts: behind a slow server that fails at random, it would fall to one.

Refusals in a row, with no request accepted between them, may be those of a short outage: while a few slow requests are
in flight, it makes the number much too small. Therefore each accepted request then adds one (TCP's slow start) until
the number is again that after the first of these refusals.
"""

import math
from collections.abc import Collection
from typing import TypeAlias

import attrs

from katapult_async.rate_limit.permit import Permit
from katapult_async.rate_limit.requests_in_flight import RequestsInFlight

__all__ = ["AdaptiveConcurrency", "InFlight"]

InFlight: TypeAlias = Collection[tuple[RequestsInFlight, float]]
"""The requests in flight of some endpoints, each with the seconds after which a request of that endpoint is overdue."""

DECREASE = 0.75
"""Factor of the number after a refusal. The result is rounded down."""

ASSUMED_IN_FLIGHT = 10
"""When fewer requests were in flight at the first refusal, it counts as if there had been this many: one refusal shows
little."""

GROWTH = 0.02
"""Fraction by which each accepted request raises the number. So a server that refuses fewer than 7 % at random is not
slowed down if it accepts requests as fast as it refuses them. In simulations, servers that permit 1, 3, 10 or 30
requests in flight refused 4, 6, 12 or 11 % of them."""

NO_LIMIT_FROM = 1000.0
"""From this number on, there is no longer a limit."""


@attrs.define(eq=False)
class AdaptiveConcurrency:
    """A limit of the requests in flight, learned from refusals. Times are monotonic seconds."""

    most: float = math.inf
    """Requests that may be in flight; infinite before the first refusal."""

    reduced_at: float = -math.inf
    """When a refusal last made it smaller than the number let through. Requests sent before show nothing about it."""

    slow_start_threshold: float = 0.0
    """Below this number, each accepted request adds one. Infinite after a probe, until the first refusal."""

    _refused_at: float = -math.inf  # when a refusal last counted
    _has_grown: bool = True  # whether a request that was sent after it was accepted

    def wait_ends_at(self, in_flight: InFlight, now: float) -> float | None:
        """Return when the next request may be sent even if no response comes; None if it may be sent now.

        Args:
            in_flight: the requests that the limit counts. The next one does not wait for those that are overdue.
            now: monotonic seconds.
        """
        if sum(requests.not_overdue(now, after) for requests, after in in_flight) + 1 <= self.most:
            return None
        return min(requests.next_overdue_at(now, after) for requests, after in in_flight)

    def accepted(self, sent_at: float) -> None:
        """Record an accepted request."""
        if sent_at >= self.reduced_at:
            self.most += 1.0 if self.most < self.slow_start_threshold else GROWTH * self.most
            self._has_grown = self._has_grown or sent_at >= self._refused_at
            if self.most >= NO_LIMIT_FROM:
                self.most = math.inf

    def refused(self, permit: Permit, now: float, in_flight: InFlight = ()) -> None:
        """Record a refusal, perhaps because too many requests were in flight.

        Args:
            permit: of the refused request.
            now: monotonic seconds.
            in_flight: the requests that the limit counts, without the refused one; none if a refusal may take as long
                as the response to an accepted request.
        """
        if permit.granted_at >= self.reduced_at:
            let_through = sum(requests.sent_between(now - after, permit.granted_at) for requests, after in in_flight)
            reduced = max(1.0, math.floor(DECREASE * min(self.most, max(permit.in_flight, ASSUMED_IN_FLIGHT))))
            if let_through < reduced:
                self.reduced_at = now
            self.most = max(reduced, min(self.most, let_through))
            self._refused_at = now
            if self._has_grown:
                self.slow_start_threshold, self._has_grown = self.most, False
