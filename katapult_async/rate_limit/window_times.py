"""When windows begin and end: which window it is, when it is reset, and when to send a probe for a late reset.

A window is reset at the beginning of each minute of the server's clock (`ServerClock`), or shortly after it
(`ResetDelay`). If no response has a ``Date``, the first reset that is seen shows when the later ones come.
"""

import enum
import math

from katapult_async.rate_limit.reset_delay import ResetDelay
from katapult_async.rate_limit.server_clock import RESOLUTION, ServerClock

__all__ = ["ResetEvidence", "WindowTimes"]

GRACE = 3.0
"""Seconds after the start of a window: until then, "nothing left" means that the server resets late. Recorded resets
were late by up to 1 s."""

URGENT = 3.0
"""Waiting single calls send probes for a late reset until this multiple of GRACE after the start of the window."""

URGENT_STEP = 1.6
"""Seconds before each of the first two of these probes; then the wait doubles."""

UNDATED_PROBE = 1 / 30
"""Fraction of a window: the longest wait for a probe while the server's clock is unknown. The first reset that is found
shows when the later ones come."""


class ResetEvidence(enum.IntEnum):
    """What the responses of a window have shown about its reset.

    A larger value is stronger evidence. `NO_RESPONSE` is 0, so it is false.
    """

    NO_RESPONSE = 0
    """No response to a request of this window was received yet."""

    NOT_RESET = 1
    """No response shows a counter that was set back: the server resets late, or another process spent the window."""

    MOST_LEFT = 2
    """Most requests are left, so the counter was set back, perhaps already in an earlier, unseen window."""

    RISEN = 3
    """The counter rose, so this is certainly a new window."""


class WindowTimes:
    """The windows of one counter and the probes for their resets. Times are monotonic seconds."""

    def __init__(self, *, seconds: float) -> None:
        self.clock: ServerClock = ServerClock()
        self.evidence: ResetEvidence = ResetEvidence.NO_RESPONSE
        """What the responses of the current window have shown."""

        self.rollover_at: float = -math.inf
        """When to begin the next window, or to send the next probe for this one."""

        self.urgent_at: float = math.inf
        """The same, for single calls only."""

        self._seconds = seconds
        self._grace = min(GRACE, seconds / 4)
        self._delay = ResetDelay()
        self._index = 0  # windows since the Unix epoch, on the server's clock; without Date, since the first one
        self._undated_end = math.inf  # when the window has certainly ended, while the server's clock is unknown
        self._probe_at = math.inf  # the next probe, while the server resets late or its clock is unknown
        self._urgent_probes = 0  # of the current window
        self._backoffs = 0  # refusals in a row while the server's clock is unknown

    @property
    def is_late(self) -> bool:
        """Whether the server has not reset the window in time, and a probe is planned."""
        return self._probe_at < math.inf and self.clock.known

    @property
    def was_late(self) -> bool:
        """Whether a response after the start of the window showed that it was not reset yet."""
        return self._delay.failures > 0

    def next_window_at(self) -> float:
        """Return when the window after this one has certainly begun, also if the server resets as late as before."""
        return self._begins_at(self._index + 1) if self.clock.known else self._undated_end

    def reset_after(self, now: float) -> float:
        """Return when the next reset after ``now`` has certainly happened.

        A reset that may have come before ``now`` does not count: the caller waits for one that is still to come.
        """
        if not self.clock.known:
            return now + self._seconds
        return self._begins_at(math.floor(self.clock.latest(now) / self._seconds) + 1)

    def next_reset(self, now: float) -> tuple[float, float] | None:
        """Return the reset to show to users, on the server's clock and in seconds from now; None if that is unknown.

        If windows have ended without a request, it is the next reset after ``now``, not the end of this window.
        """
        if not self.clock.is_dated:
            return None
        due = math.floor((self.clock.earliest(now) - self._delay.first_probe()) / self._seconds)
        index = 1 + max(self._index, due)
        return index * self._seconds, max(0.0, self._begins_at(index) - now)

    def _begins_at(self, index: int) -> float:
        """Return when a window has certainly begun."""
        return self.clock.certainly_at(index * self._seconds) + self._delay.first_probe()

    def ends_at(self) -> float:
        """Return the earliest end of the window."""
        return self.clock.possibly_at((self._index + 1) * self._seconds)

    def is_before_window(self, date: float) -> bool:
        """Return whether the server wrote a response with this ``Date`` before the current window began."""
        return date < self._index * self._seconds

    def is_after_window(self, date: float) -> bool:
        """Return whether the server wrote a response with this ``Date`` when the current window should have ended."""
        return date >= (self._index + 1) * self._seconds

    def set_index(self, date: float, sent_at: float, *, is_spent: bool = False) -> None:
        """Set which window it is, from the ``Date`` of a response.

        The clocks of the server's nodes may differ. So nothing changes if the ``Date`` is in the next window, which
        only makes a rollover due, or at most `GRACE` before this window. But if a node whose clock is behind has
        nothing left, it may count in the window of its own clock, which ends soon.

        Args:
            date: of the response.
            sent_at: when its request was sent.
            is_spent: whether the response shows that nothing is left.
        """
        behind = 0.0 if is_spent else self._grace
        if not -behind <= date - self._index * self._seconds < 2 * self._seconds:
            self._index = math.floor(max(date, self.clock.earliest(sent_at)) / self._seconds)

    def plan(self, *, undated_end: float) -> None:
        """Set when to roll over, after the clock's bounds have changed, or a response without ``Date``.

        Args:
            undated_end: when the window has certainly ended if the server's clock is unknown.
        """
        self._undated_end = undated_end
        self._set_rollover()

    def _set_rollover(self) -> None:
        """Set when to roll over, after the reset delay or the next probe has changed."""
        self.rollover_at = min(self._probe_at, self.next_window_at())

    def opened(self, sent_at: float, now: float, *, not_before: float) -> None:
        """Record that the counter was set back.

        If no response has a ``Date``, the server's clock is set so that this reset is at the start of a window.

        Args:
            sent_at: when the request was sent whose response shows it.
            now: when that response was received.
            not_before: when the counter had certainly not been set back yet.
        """
        starts_at = self._index * self._seconds
        if not self.clock.is_dated and self.evidence is ResetEvidence.RISEN and now - not_before < self._seconds:
            # `update` allows for the fraction of a second that a Date lacks; `starts_at` is exact
            self.clock.update(starts_at, not_before + RESOLUTION, now)
        elif self.clock.known and 0 <= (delay := sent_at - self.clock.certainly_at(starts_at)) < self._grace:
            self._delay.started(delay)
        self._backoffs = 0
        self.cancel_probes()

    def cancel_probes(self) -> None:
        """Record that the window is open, so that no probe is due before the next one."""
        self._probe_at = self.urgent_at = math.inf
        self._set_rollover()

    def spent(self, sent_at: float, now: float, *, permitted: int, draw: float) -> None:
        """Record that nothing is left, or that the counter was not set back, and plan a probe for a late reset.

        Args:
            sent_at: when the request was sent whose response shows it.
            now: monotonic seconds.
            permitted: requests that a window permits.
            draw: a random number from 0 to 1.
        """
        if self._probe_at < math.inf:  # the next probe is planned already
            return
        if not self.clock.known:
            pace = self._seconds / permitted
            longest = max(pace, self._seconds * UNDATED_PROBE)
            self._probe_at = now + min(longest, pace * 2.0**self._backoffs) * (0.5 + draw / 2)
            self._backoffs += 1
        elif self.evidence <= ResetEvidence.NOT_RESET:
            self._plan_probe(sent_at, now)
        elif self.evidence is ResetEvidence.MOST_LEFT:  # perhaps the counter is still that of the window before
            self._plan_urgent_probe(now - self.clock.possibly_at(self._index * self._seconds), now)
        self._set_rollover()

    def _plan_probe(self, sent_at: float, now: float) -> None:
        """Plan the next probe, after one that was sent at ``sent_at`` found no reset."""
        start = self._index * self._seconds
        starts_at = self.clock.certainly_at(start)
        self._delay.too_early(sent_at - starts_at)
        probe_at = starts_at + self._delay.next_probe(now - starts_at)
        delay = probe_at - self.clock.possibly_at(start)
        if delay < self._grace:
            self._probe_at = probe_at
        else:  # no reset comes so late: another process has spent the window
            self._delay.end_window()
            self._plan_urgent_probe(delay, now)

    def _plan_urgent_probe(self, delay: float, now: float) -> None:
        """Plan the next probe for a late reset, unless ``delay`` is too long after the start of the window.

        Only single calls send it.
        """
        if delay < URGENT * self._grace:
            self.urgent_at = now + URGENT_STEP * 2.0 ** max(0, self._urgent_probes - 1)
            self._urgent_probes += 1

    def roll_over(self, now: float) -> int:
        """Begin the next windows, and return how many have begun: 0 if only another probe for this one is due."""
        windows = 0
        if now >= self.next_window_at():
            windows = 1
            if self.clock.known:  # after a long silence, more than one
                server_at = self.clock.earliest(now) - self._delay.first_probe()
                windows = max(1, math.floor(server_at / self._seconds) - self._index)
        self._begin(windows)
        return windows

    def restart(self, now: float) -> int:
        """Begin the window that the clock shows now, even if none was due; return how many windows have begun."""
        index = math.floor(self.clock.latest(now) / self._seconds) if self.clock.known else self._index
        windows = max(0, index - self._index)
        self._begin(windows)
        return windows

    def _begin(self, windows: int) -> None:
        self._index += windows
        self.evidence = ResetEvidence.NO_RESPONSE
        self._probe_at = self.urgent_at = self._undated_end = math.inf
        if windows:
            self._urgent_probes = 0
            self._delay.end_window()
        self.rollover_at = self.next_window_at()
