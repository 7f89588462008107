"""The server's clock as an interval, proven by ``Date`` headers."""

import datetime
import email.utils
import functools
import math

import attrs

__all__ = ["ServerClock", "unix_seconds"]

DRIFT = 200e-6
"""Seconds by which two clocks may drift apart in one second. Quartz keeps to 50 ppm, virtual machines to about 150."""

RESOLUTION = 1.0
"""Seconds: ``Date`` names the second and drops its fraction (RFC 9110, 5.6.7)."""


@functools.lru_cache(maxsize=8)
def unix_seconds(date: str) -> float | None:
    """Return the Unix seconds of a ``Date`` header, or None if it is not a date.

    The header changes once a second, so nearly every call hits the cache.
    """
    try:
        parsed = email.utils.parsedate_to_datetime(date)
        # the obsolete format without a zone means UTC (RFC 9110, 5.6.7)
        return parsed.replace(tzinfo=parsed.tzinfo or datetime.UTC).timestamp()
    except (ValueError, OverflowError):
        return None


@attrs.define(eq=False)
class ServerClock:
    """Bounds on the difference ``server time - monotonic time``.

    A response is written after its request was sent and before it is received, and its ``Date`` is at most one
    second behind that moment. So each response bounds the difference from both sides, and the bounds of many responses
    intersect: two responses around a tick of the server's seconds narrow the interval to about one round trip.
    """

    _low: float = -math.inf
    _high: float = math.inf
    _at: float = 0.0  # when the bounds last changed
    revision: int = 0
    """How often the bounds have changed."""

    @property
    def known(self) -> bool:
        """Whether there are any bounds yet."""
        return self._low > -math.inf

    @property
    def is_dated(self) -> bool:
        """Whether it shows Unix time. If no response has a ``Date``, it only shows when windows begin."""
        return self._low > 0.0  # without a Date, the server's time counts from 0 and is behind the monotonic time

    def update(self, date: float, sent_at: float, received_at: float) -> bool:
        """Add the ``Date`` of one response; return whether it contradicts the earlier ones.

        A contradiction means that somebody set the server's clock, or that another server responded. The bounds then
        start again from this response.
        """
        low = date - received_at
        high = date + RESOLUTION - sent_at
        if low <= self._low and high >= self._high:
            return False  # nothing new, as for most responses
        slack = DRIFT * abs(received_at - self._at)
        old_low = self._low - slack
        old_high = self._high + slack
        self._at = received_at
        self.revision += 1
        contradicts = low > old_high or high < old_low
        self._low = low if contradicts else max(low, old_low)
        self._high = high if contradicts else min(high, old_high)
        return contradicts

    def earliest(self, now: float) -> float:
        """Return the least that the server's clock can show at ``now``, in Unix seconds."""
        return now + self._low - DRIFT * abs(now - self._at)

    def latest(self, now: float) -> float:
        """Return the most that the server's clock can show at ``now``, in Unix seconds."""
        return now + self._high + DRIFT * abs(now - self._at)

    def certainly_at(self, server_at: float) -> float:
        """Return the monotonic time from which the server's clock has certainly reached ``server_at``."""
        ahead = server_at - self._low - self._at
        return self._at + ahead / (1.0 - math.copysign(DRIFT, ahead))

    def possibly_at(self, server_at: float) -> float:
        """Return the monotonic time from which the server's clock may have reached ``server_at``."""
        ahead = server_at - self._high - self._at
        return self._at + ahead / (1.0 + math.copysign(DRIFT, ahead))
