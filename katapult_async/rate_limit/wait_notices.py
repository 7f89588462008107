"""Notices of waits: listeners learn why calls wait, once for each wait, and again if it lasts longer than announced."""

import asyncio
import math
from collections import defaultdict
from collections.abc import Callable, Iterable

import attrs

from katapult_async.rate_limit.queue_order import CallQueue, WaitingCall
from katapult_async.rate_limit.status import WaitNotice
from katapult_async.rate_limit.wait_reasons import DenialReason, Denied
from katapult_async.rate_limit.window_admission import Window

__all__ = ["LONG_WAIT", "SHORTEST_TIMER", "Wait", "WaitNotices"]

SHORTEST_TIMER = 0.001
"""Seconds: no timer is shorter, so that rounding cannot make it fire repeatedly."""

LONG_WAIT = 1.0
"""Seconds after which a wait for anything but a reset is announced to the listeners: most such waits end with the
next response. A wait that lasts longer than announced by this time is announced again."""


@attrs.frozen
class Wait:
    """Why some calls wait."""

    denied: Denied
    """The reason, and until when."""

    call: WaitingCall
    """The first of the calls."""

    group: object
    """A key of the calls that the denial concerns. Listeners get one notice for all waits with an equal key."""

    window: Window
    """The window that the call uses."""


@attrs.define
class _Announced:
    """What the listeners know about the calls of one group."""

    reset: object = None
    """Which reset, or which end of a proxy's ``Retry-After``, the calls wait for; None before the first."""

    reasons: dict[DenialReason, int] = attrs.field(factory=dict)
    """The reasons of waits for a response, each with the number of the window in which it was announced."""

    until: float = -math.inf
    """Until when the listeners expect the calls to wait, in monotonic seconds."""


class WaitNotices:
    """Tells listeners about waits: immediately about a wait for a reset, and after `LONG_WAIT` about any other.

    Args:
        queue: the calls that wait.
        waits: why they wait. The limiter keeps them up to date.
        clock: returns monotonic seconds.
    """

    def __init__(self, queue: CallQueue, waits: Iterable[Wait], *, clock: Callable[[], float]) -> None:
        self.listeners: list[Callable[[WaitNotice], None]] = []
        self._queue = queue
        self._clock = clock
        self._announced: defaultdict[object, _Announced] = defaultdict(_Announced)  # by group
        self._waits = waits
        self._has_timer = False  # a flag, because the timer itself would keep the loop, and the limiter, alive

    def forget(self) -> None:
        """Forget what was announced, since no call waits any longer. Each reset is still announced only once."""
        kept = {group: _Announced(known.reset) for group, known in self._announced.items() if known.reset is not None}
        self._announced = defaultdict(_Announced, kept)

    def knows_reset(self, group: object, reset: object) -> bool:
        """Return whether it was announced that the calls of a group wait for a reset."""
        return self._announced[group].reset == reset

    def announce_reset(self, wait: Wait, reset: object) -> None:
        """Announce that the calls of a group wait for a reset, which ``reset`` identifies."""
        self._announce(wait).reset = reset

    def watch(self) -> None:
        """Announce the waits as soon as they are long."""
        if not self._has_timer:
            self._announce_long_waits()

    def _announce_long_waits(self) -> None:
        """Announce the waits that last longer than the listeners expect, and set the timer for the others."""
        self._has_timer = False
        now = self._clock()
        next_at = math.inf
        for wait in self._waits:
            if wait.call.outcome.done():
                continue
            announced = self._announced[wait.group]
            long_at = max(wait.call.waits_since, announced.until) + LONG_WAIT
            if wait.denied.waits_for_reset:
                is_long = wait.denied.until >= long_at
            elif announced.reasons.get(wait.denied.reason) == wait.window.windows_opened:
                continue  # the listeners know that the calls wait for a response
            else:  # nobody knows when the response comes
                is_long = now >= long_at
            if is_long:
                self._announce(wait).reasons[wait.denied.reason] = wait.window.windows_opened
            else:
                next_at = min(next_at, long_at)
        if next_at < math.inf:
            # a wait that begins meanwhile may become long before these
            delay = max(min(next_at - now, LONG_WAIT), SHORTEST_TIMER)
            asyncio.get_running_loop().call_later(delay, self._announce_long_waits)
            self._has_timer = True

    def _announce(self, wait: Wait) -> _Announced:
        """Call the listeners, and return what they know about the group."""
        now = self._clock()
        announced = self._announced[wait.group]
        announced.until = now if wait.denied.until == math.inf else wait.denied.until
        status = wait.window.snapshot(now, queued=self._queue.length)
        notice = WaitNotice(
            reason=wait.denied.reason,
            seconds=max(0.0, wait.denied.until - now),
            queued=self._queue.length,
            permitted=status.permitted,
            remaining=status.remaining,
            resets_at=status.resets_at,
        )
        for listener in tuple(self.listeners):
            asyncio.get_running_loop().call_soon(listener, notice)
        return announced
