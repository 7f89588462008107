"""Who used the requests of one window: this process, and other processes that use the same token.

The counter shows how many requests were spent, and it may or may not include this process's requests in flight. So the
requests of others are an interval. Its ends are equal when no own request is in flight, if none was at the start of the
window.

The use of the others is *fast* while they together send at the full rate, which spends all requests of a window within
it: batches do. Otherwise it is *slow*, as that of a web application. The two can be distinguished only while this
process holds requests back: then all requests between two of its responses count as fast, or all as slow.

Slow use includes what other batches send in the first seconds in which they hold requests back. The *quiet* part of a
window comes later. In it, all batches hold requests back, and each sends one at its beginning and one at its end. So
all other requests are those of slow processes.
"""

import math

import attrs

__all__ = ["WindowUse"]

INTERVAL = 0.1
"""Seconds: the shortest time over which the rate of other processes is measured."""

QUIET_INTERVAL = 5.0
"""Seconds: the shortest time over which the requests in the quiet part of a window are counted."""


@attrs.define(eq=False)
class WindowUse:
    """The use of one window. Times are monotonic seconds."""

    began_at: float
    """When the window began."""

    in_flight_at_start: int = 0
    """Own requests that were in flight then: the server may count them in this window or in the one before."""

    counter_at_reset: int = 0
    """What the counter was at the reset."""

    own: int = 0
    """Own requests sent in this window."""

    in_flight: int = 0
    """How many of these are in flight."""

    reported_at: float = attrs.field(default=attrs.Factory(lambda use: use.began_at, takes_self=True))
    """When the last counter was received; the beginning of the window before the first."""

    current_until: float = attrs.field(default=attrs.Factory(lambda use: use.began_at, takes_self=True))
    """When the last counter becomes outdated: two of the fastest round trips after its request was sent."""

    others_at_least: int = 0
    """Requests of other processes if the counter includes all own requests in flight."""

    others_at_most: int = 0
    """Requests of other processes if the counter includes no own request in flight."""

    slow: int = 0
    """Requests of other processes that were sent slowly."""

    slow_seconds: float = 0.0
    """Seconds in which the `slow` requests were sent."""

    quiet: int = 0
    """Requests of other processes in the quiet part of the window."""

    quiet_from: float = math.inf
    """When the quiet part begins; infinite while no batch of this process holds requests back until the end."""

    quiet_seconds: float = 0.0
    """Seconds of the quiet part that were measured."""

    may_be_fast: bool = True
    """Whether other processes may still send at the full rate."""

    rate: float = 0.0
    """Requests of other processes per second, when last measured while this process held requests back."""

    own_in_a_row: int = 0
    """Responses in a row, since this process last held a request back, that show no further request of others."""

    _measured_at: float = math.inf  # when the measured time begins; infinite until a request is held back
    _measured: int = 0  # `others_at_least` at that time

    @property
    def fast(self) -> int:
        """Requests of other processes that were sent fast, or before this process held any back."""
        return self.others_at_least - self.slow

    @property
    def fast_seconds(self) -> float:
        """Seconds in which the `fast` requests were sent."""
        return self.reported_at - self.began_at - self.slow_seconds

    @property
    def mean_rate(self) -> float:
        """Requests of other processes per second, from the beginning of the window to the last response."""
        return self.others_at_least / max(self.reported_at - self.began_at, INTERVAL)

    def report(self, remaining: int, now: float, *, full_rate: float) -> None:
        """Record the counter in a response; ``full_rate`` is the requests a second that use up the whole budget."""
        spent = self.counter_at_reset - remaining
        at_least = spent - self.own - self.in_flight_at_start
        self.own_in_a_row = 0 if at_least > self.others_at_least else self.own_in_a_row + 1
        self.others_at_least = max(self.others_at_least, at_least)
        self.others_at_most = spent - self.own + self.in_flight
        self.reported_at = now
        seconds = now - self._measured_at
        if seconds >= INTERVAL:
            requests = self.others_at_least - self._measured
            self.rate = requests / seconds
            self.may_be_fast = self.rate >= full_rate
            if not self.may_be_fast:
                self.slow += requests
                self.slow_seconds += seconds
            if self._measured_at >= self.quiet_from and seconds >= QUIET_INTERVAL:
                self.quiet += requests
                self.quiet_seconds += seconds
            self._measured_at, self._measured = now, self.others_at_least

    def hold(self) -> None:
        """Record that a request is held back for other processes."""
        self.own_in_a_row = 0
        if self._measured_at == math.inf:
            self._measured_at, self._measured = self.reported_at, self.others_at_least
