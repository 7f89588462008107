"""Other processes that use the same token: their share of the budget, and the requests to leave to them."""

import math

__all__ = ["FairShare"]

MEMORY = 0.5
"""Weight of a window's figures in the next window, and its square in the one after."""

LARGEST_RESERVE = 0.5
"""No reserve exceeds this part of the permitted requests: a fair share between a batch and everybody else."""

GAIN = 1 / 3
"""Part of the remaining requests that all processes together may have in flight; less than 1/e, see `window`."""

PROBES = 0.25
"""A batch that holds requests back sends a probe whenever the observed time has grown by this part, which shows how
fast other processes spend; more rarely when little is left."""

PROBE_COST = 10
"""Remaining requests at which probes are another whole observed time apart."""


class FairShare:
    """Requests of other processes, own requests and foreground calls, counted over the recent windows.

    Inside a window the use by other processes is known as an interval: the server's counter shows how many requests
    were spent, and it may already include some of the own requests in flight. Both ends meet when none is in flight.
    """

    __slots__ = ("_foreground", "_foreign", "_lived", "_own", "_watched", "_window")

    def __init__(self, *, window: float) -> None:
        self._window = window
        self._foreign = 0.0
        self._own = 0.0
        self._watched = 0.0
        self._foreground = 0.0
        self._lived = 0.0

    def record_foreground_call(self) -> None:
        """Count one foreground call of this process."""
        self._foreground += 1.0

    def record_window(self, *, foreign: int, own: int, observed: float) -> None:
        """Add a finished window: ``foreign`` requests beside ``own`` ones within ``observed`` seconds."""
        self._foreign += foreign
        self._own += own
        self._watched += observed

    def age(self, windows: int, *, elapsed: float) -> None:
        """Add the seconds that passed, and reduce the weight of the past once for each window."""
        kept = MEMORY**windows
        self._foreign *= kept
        self._own *= kept
        self._watched *= kept
        self._foreground *= kept
        self._lived = (self._lived + elapsed) * kept

    def share(self, *, foreign: int, own: int) -> float:
        """Return the part of all requests that is this process's own: 1 when no other process was seen."""
        others = self._foreign + foreign
        if others < 1:
            return 1.0
        mine = max(1.0, self._own + own)
        return mine / (mine + others)

    def taper(self, share: float, remaining: int) -> float:
        """Return the number of requests in flight at which to send no more for now."""
        return max(1.0, share * remaining * GAIN)

    def stop_at(self, share: float) -> int:
        """Return the counter below which the remaining requests belong to other processes."""
        return round(1.0 / share)

    def exceeds_reserve(self, room: int, permitted: int) -> bool:
        """Return whether more requests remain than any reserve holds back."""
        return room - 1 >= permitted * LARGEST_RESERVE

    def until_probe(self, observed: float, room: int) -> float:
        """Return the seconds from the last response to the next probe."""
        return observed * (PROBES + PROBE_COST / room)

    def free_at(
        self,
        now: float,
        *,
        room: int,
        permitted: int,
        foreign_min: int,
        foreign_max: int,
        observed: float,
        elapsed: float,
        ends_at: float,
        endless: bool,
    ) -> float:
        """Return when the batch may use one of the remaining requests; ``now`` or earlier: already.

        Args:
            now: monotonic seconds, as all times here.
            room: requests left.
            permitted: requests that a window permits.
            foreign_min: requests of other processes in this window, at least.
            foreign_max: the same, at most.
            observed: seconds of this window until the last response.
            elapsed: seconds since the window began.
            ends_at: the earliest end of the window.
            endless: whether the batch outlasts this window. Then the reserve costs nothing, because the batch
                waits for the next window anyway, and it may be generous.
        """
        rate = self._rate(permitted, foreign_min, foreign_max, observed, endless=endless)
        if endless:
            rate += _at_most(self._foreground) / max(self._lived + elapsed, 1e-3)
        else:
            rate += max(0.0, self._foreground - 1.0) / self._window
        # the reserve is rate * (time left); one of less than 1 request is none
        return ends_at - max(room - 1, 1) / rate if rate else now

    def _rate(self, permitted: int, foreign_min: int, foreign_max: int, observed: float, *, endless: bool) -> float:
        """Return the expected requests of other processes per second."""
        seen = max(self._watched + observed, 1e-3)
        proven = self._foreign + foreign_min
        if proven >= permitted / self._window * seen:
            return 0.0  # they already use the full rate, so holding requests back does not help them
        if endless:
            return _at_most(self._foreign + max(0, foreign_max)) / seen
        sure = max(0.0, proven - 1.0)
        return (sure + 2.0 * math.sqrt(sure)) / seen


def _at_most(seen: float) -> float:
    """Return the largest likely mean of a Poisson process that showed ``seen`` events: 3 standard deviations above."""
    return seen + 1.0 + 3.0 * math.sqrt(seen + 1.0)
