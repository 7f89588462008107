"""Requests in flight, and which of them are overdue.

Some decisions wait for the next response: the first responses of a window show the budget, and on a shared token an old
counter says little. An endpoint that is slow or hangs must not delay them. So nothing waits for the response to a
request that is *overdue*: another request takes its place. In an open window, a request is overdue after a multiple of
the time of the fastest response. So a server whose responses all take two seconds is not overloaded with requests.
Before the first response of a window, a request is overdue after `OVERDUE`, so one more request is sent each second.
For a proxy's limit of the requests in flight, the fastest response of the request's own endpoint counts: beside an
endpoint that responds quickly, all requests to a slow one would be overdue, and not be limited.
"""

import math

__all__ = ["OVERDUE", "OVERDUE_FACTOR", "RequestsInFlight"]

OVERDUE = 1.0
"""Seconds: no request is overdue earlier."""

OVERDUE_FACTOR = 3.0
"""A request is overdue after this multiple of the time of the fastest response."""


class RequestsInFlight(dict[object, float]):
    """Requests without a response: when each was sent, in monotonic seconds, the oldest first.

    A request is added and removed as in any dict, which is faster than a method would be.
    """

    __slots__ = ()

    def not_overdue(self, now: float, after: float) -> int:
        """Return how many of them are not overdue."""
        count = len(self)
        for sent_at in self.values():
            if sent_at + after > now:
                break
            count -= 1
        return count

    def overdue(self, now: float, after: float) -> int:
        """Return how many of them are overdue: sent at least ``after`` seconds ago."""
        return len(self) - self.not_overdue(now, after)

    def sent_between(self, start: float, end: float) -> int:
        """Return how many of them were sent after ``start`` and before ``end``."""
        return sum(start < sent_at < end for sent_at in self.values())

    def next_overdue_at(self, now: float, after: float) -> float:
        """Return when the next of them becomes overdue; infinite if none will."""
        return next((sent_at + after for sent_at in self.values() if sent_at + after > now), math.inf)
