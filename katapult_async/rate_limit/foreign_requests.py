"""The requests that other processes sent in the present window, computed from the fall of the token's counter."""

import math

__all__ = ["ForeignRequests"]

INTERVAL = 0.1
"""Seconds: the shortest time over which the rate of other processes is measured."""

QUIET_INTERVAL = 5.0
"""Seconds: the shortest time over which the requests in the quiet part of a window are counted."""


class ForeignRequests:
    """Counts the requests of other processes since the reset, and distinguishes fast use from slow use.

    The counter shows how many requests were spent, and it may or may not include the own ones in flight. So the count
    is an interval; both ends meet when no own request is in flight.

    *Fast* is the use of processes that together send so fast that they would spend all requests of a window within it,
    as batches do, and *slow* that of all others, as of web applications. They can be distinguished only while this
    process holds requests back: then the requests between two responses count as fast or as slow.

    Slow use includes what other batches send in the first seconds in which they hold back. The *quiet* part of a window
    comes later: all batches hold back there, and send one request at its beginning and one at its end. So all other
    requests in it are those of slow processes.
    """

    __slots__ = (
        "_base",
        "_began_at",
        "_holds",
        "_in_flight_at_start",
        "_measured",
        "_measured_at",
        "_observed_at",
        "at_least",
        "at_most",
        "may_be_fast",
        "quiet",
        "quiet_from",
        "quiet_seconds",
        "rate",
        "slow",
        "slow_seconds",
        "unshared",
    )

    def __init__(self) -> None:
        self.begin(0.0, in_flight=0)

    def begin(self, now: float, *, in_flight: int) -> None:
        """Begin a window. The server may count the own requests that are ``in_flight`` in it or in the old one."""
        self._base = 0  # the counter at the reset
        self._began_at = self._observed_at = now
        self._in_flight_at_start = in_flight
        self._holds = False
        self._measured_at = now
        self._measured = 0
        self.at_least = 0
        """Requests of other processes if the counter includes all own requests in flight."""

        self.at_most = 0
        """Requests of other processes if the counter includes no own request in flight."""

        self.slow = 0
        """Requests of other processes that were sent slowly."""

        self.slow_seconds = 0.0
        """Seconds in which the `slow` requests were sent."""

        self.quiet = 0
        """Requests of other processes in the quiet part of the window."""

        self.quiet_from = math.inf
        """When the quiet part begins; infinite while no batch of this process holds requests back until the end."""

        self.quiet_seconds = 0.0
        """Seconds of the quiet part that were measured."""

        self.may_be_fast = True
        """Whether other processes may still send at the full rate."""

        self.rate = 0.0
        """Requests of other processes per second, when last measured while this process held requests back."""

        self.unshared = 0
        """Responses in a row, since this process last held a request back, that show no further request of another."""

    @property
    def fast(self) -> int:
        """Requests of other processes that were sent fast, or before this process held any back."""
        return self.at_least - self.slow

    @property
    def fast_seconds(self) -> float:
        """Seconds in which the `fast` requests were sent."""
        return self._observed_at - self._began_at - self.slow_seconds

    @property
    def observed(self) -> float:
        """Seconds from the reset to the last response."""
        return self._observed_at - self._began_at

    def count_from(self, counter: int) -> None:
        """Record what the counter was at the reset."""
        self._base = counter

    def report(self, remaining: int, now: float, *, granted: int, in_flight: int, full_rate: float) -> None:
        """Record the counter in a response.

        Args:
            remaining: the counter.
            now: monotonic seconds.
            granted: own requests since the reset.
            in_flight: how many of these are in flight.
            full_rate: requests a second that use up the whole budget.
        """
        spent = self._base - remaining
        at_least = spent - granted - self._in_flight_at_start
        self.unshared = 0 if at_least > self.at_least else self.unshared + 1
        self.at_least = max(self.at_least, at_least)
        self.at_most = spent - granted + in_flight
        self._observed_at = now
        seconds = now - self._measured_at
        if self._holds and seconds >= INTERVAL:
            requests = self.at_least - self._measured
            self.rate = requests / seconds
            self.may_be_fast = self.rate >= full_rate
            if not self.may_be_fast:
                self.slow += requests
                self.slow_seconds += seconds
            if self._measured_at >= self.quiet_from and seconds >= QUIET_INTERVAL:
                self.quiet += requests
                self.quiet_seconds += seconds
            self._measured_at, self._measured = now, self.at_least

    def hold(self) -> None:
        """Record that a request is held back for other processes."""
        self.unshared = 0
        if not self._holds:
            self._holds = True
            self._measured_at, self._measured = self._observed_at, self.at_least
