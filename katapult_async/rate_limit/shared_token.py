"""A token that other processes use too: this process's fair share of the requests, and how many to leave to others.

The rules that use these figures, and their theory, are in `katapult_async.rate_limit.reserve`.
"""

import math

from katapult_async.rate_limit.foreign_requests import ForeignRequests

__all__ = ["FairShare"]

MEMORY = 0.5
"""Whenever a window ends, the weight of all older figures is multiplied by this."""

FLOOR = 0.04
"""Part of the permitted requests that a batch which outlasts the window keeps for others, whether others were seen or
not."""

FLOOR_GROWTH = 0.7
"""The floor grows by this part for each further process that sends as fast as this one, because the requests that are
in flight when all of them stop take the counter below the floor."""

FLOOR_GROWTH_MAX = 3.0
"""The floor grows to this multiple at most."""

FLOOR_RELEASE = 0.9
"""The floor is released at least this many seconds before the end of the window. A call that finds nothing left
after that waits less than this for the next window."""

FLOOR_SLACK = 1.5
"""The floor is released before the end of the window by this multiple of the time that sending it takes."""

UNSHARED_MAX = 0.7
"""The share is doubled up to this at most. Beside a slow process most responses show no request of that process, so
they do not prove that it has finished."""

UNSHARED = 8
"""Responses in a row without a further request of another process, after which the own share is doubled."""

ROUNDED_DOWN = 0.2
"""Subtracted from the number of processes before it is rounded: with unequal shares, two processes would otherwise
leave a request over."""

LARGEST_RESERVE = 0.5
"""No reserve exceeds this part of the permitted requests: a fair share between a batch and everybody else."""

GAIN = 1 / 3
"""Part of the remaining requests that all processes together may have in flight; less than 1/e, see `reserve`."""

PROBES = 0.25
"""A batch that holds requests back sends a probe whenever the time from the reset to the last response has grown by
this part. The probe shows how fast other processes send. It is sent more rarely when few requests are left."""

PROBE_COST = 10
"""With ``room`` requests left, the time between two probes grows by the part ``PROBE_COST / room`` of the observed
time."""


class FairShare:
    """Requests of other processes, own requests and foreground calls, counted over the recent windows.

    `ForeignRequests` counts the requests of other processes in the present window.
    """

    __slots__ = (
        "_elapsed",
        "_foreign",
        "_observed",
        "_own",
        "_quiet",
        "_quiet_seconds",
        "_slow",
        "_slow_seconds",
        "_window",
        "foreground_calls",
    )

    def __init__(self, *, window: float) -> None:
        self._window = window
        self._foreign = 0.0
        self._own = 0.0
        self._observed = 0.0
        self._slow = 0.0
        self._slow_seconds = 0.0
        self._quiet = 0.0  # requests in the quiet parts, without those of other batches
        self._quiet_seconds = 0.0
        self._elapsed = 0.0
        self.foreground_calls = 0.0
        """Foreground calls of this process, the older ones with less weight. The window counts them here."""

    def record_window(self, foreign: ForeignRequests, *, own: int) -> None:
        """Add a finished window. ``own`` is the number of own requests in it."""
        if self._own:  # in the first window processes hold back at different times, so no part of it is quiet
            other_batches = foreign.fast / max(1, own)
            self._quiet += max(0.0, foreign.quiet - other_batches)
            self._quiet_seconds += foreign.quiet_seconds
        self._foreign += foreign.fast
        self._own += own
        self._observed += foreign.fast_seconds
        self._slow += foreign.slow
        self._slow_seconds += foreign.slow_seconds

    def age(self, windows: int, *, elapsed: float) -> None:
        """Add the seconds that passed, and reduce the weight of the past once for each window."""
        weight = MEMORY**windows
        self._foreign *= weight
        self._own *= weight
        self._observed *= weight
        self._slow *= weight
        self._slow_seconds *= weight
        self._quiet *= weight
        self._quiet_seconds *= weight
        self.foreground_calls *= weight
        self._elapsed = (self._elapsed + elapsed) * weight

    def share(self, *, foreign: int, own: int, unshared: int = 0) -> float:
        """Return the part of all requests that is this process's own: 1 when no other process was seen.

        Args:
            foreign: requests of other processes in this window.
            own: own requests in this window.
            unshared: responses in a row that show no further request of another process. After every UNSHARED of
                them the share doubles, because processes that have finished need none.
        """
        others = self._foreign + foreign
        if others < 1:
            return 1.0
        own_total = max(1.0, self._own + own)
        share = own_total / (own_total + others)
        return share if share >= UNSHARED_MAX else min(UNSHARED_MAX, share * 2.0 ** (unshared // UNSHARED))

    def most_in_flight(self, share: float, remaining: int) -> float:
        """Return how many requests may be in flight before a new one has to wait for a response."""
        return max(1.0, share * remaining * GAIN)

    def stop_at(self, share: float) -> int:
        """Return the counter below which the remaining requests belong to other processes."""
        return max(1, round(1.0 / share - ROUNDED_DOWN))

    def fits(self, room: int, permitted: int, share: float) -> float:
        """Return the largest number of outstanding requests with which a batch probably still ends in this window."""
        return max(float(room), share * room + FLOOR * permitted)

    def floor(self, permitted: int, share: float) -> float:
        """Return the requests that a batch which outlasts the window keeps for others until shortly before its end."""
        return permitted * FLOOR * min(FLOOR_GROWTH_MAX, 1.0 + FLOOR_GROWTH * (1.0 / share - 1.0))

    def release(self, requests: float, *, granted: int, seconds: float) -> float:
        """Return how many seconds before the end of the window the floor has to be released.

        Args:
            requests: the own part of the floor.
            granted: own requests of this window.
            seconds: the time in which these were sent.
        """
        return max(FLOOR_RELEASE, FLOOR_SLACK * requests * seconds / max(1, granted))

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
        foreign: ForeignRequests,
        elapsed: float,
        ends_at: float,
        may_outlast: bool,
    ) -> float:
        """Return when the batch may use one of the remaining requests; ``now`` or an earlier time if it may already.

        Args:
            now: monotonic seconds, as all times here.
            room: requests left.
            permitted: requests that a window permits.
            foreign: requests of other processes in this window.
            elapsed: seconds since the window began.
            ends_at: the earliest end of the window.
            may_outlast: whether the batch may outlast this window. Then the reserve costs nothing, because the batch
                waits for the next window anyway, and it may be generous.
        """
        rate = self._rate(permitted, foreign, may_outlast=may_outlast)
        if may_outlast:
            rate += _at_most(self.foreground_calls) / max(self._elapsed + elapsed, 1e-3)
        else:
            rate += max(0.0, self.foreground_calls - 1.0) / self._window
        # the reserve is rate * (time left); less than 1 request is no reserve
        return ends_at - max(room - 1, 1) / rate if rate else now

    def _rate(self, permitted: int, foreign: ForeignRequests, *, may_outlast: bool) -> float:
        """Return the expected requests of others per second."""
        fast_requests, fast_seconds = self._foreign + foreign.fast, max(self._observed + foreign.fast_seconds, 1e-3)
        slow_requests, slow_seconds = self._slow + foreign.slow, self._slow_seconds + foreign.slow_seconds
        if fast_requests >= permitted / self._window * fast_seconds:
            # Others use the full rate. Holding requests back does not help them, but it helps slow processes.
            if may_outlast:
                return _at_most(slow_requests) / max(slow_seconds, 1.0)
            is_proven = self._quiet - 2.0 * math.sqrt(self._quiet) >= 1.0
            return _at_most(self._quiet) / self._quiet_seconds if is_proven else 0.0
        seconds = fast_seconds + slow_seconds
        if may_outlast:
            return _at_most(self._foreign + self._slow + max(0, foreign.at_most)) / seconds
        sure = max(0.0, fast_requests + slow_requests - 1.0)
        return (sure + 2.0 * math.sqrt(sure)) / seconds


def _at_most(events: float) -> float:
    """Return the largest likely mean of a Poisson process that had so many events: 3 standard deviations above."""
    return events + 1.0 + 3.0 * math.sqrt(events + 1.0)
