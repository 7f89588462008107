"""The queue of calls that wait for the rate limiter, and the order in which they are let through.

Of two calls, the first of these rules that distinguishes them decides which one is let through first:

- for the probe of a new window, a call that was not refused before: a refused call may be refused again;
- a foreground call before one of a batch;
- a call to the endpoint with the fewest overdue requests;
- a call that does not go last: a call goes last after its second refusal, or after one that concerned this call alone;
- the call that came first.

The calls of one *lane* are denied for the same reasons, so only the first call of each lane can be the next.
"""

import asyncio
import heapq
import itertools
import math
from collections.abc import Callable

import attrs

from katapult_async.options import BATCH, Priority
from katapult_async.rate_limit.requests_in_flight import RequestsInFlight
from katapult_async.rate_limit.slots import Slots
from katapult_async.rate_limit.window import Permit, Window

__all__ = ["CallQueue", "WaitingCall"]

_Lane = tuple[str, int, Priority, int]


@attrs.define(order=False, eq=False, kw_only=True)
class WaitingCall:
    """A call that waits for its permit. The calls of one lane are ordered by `order`."""

    priority: Priority
    """Priority of the call."""

    order: int
    """Number that grows from call to call. A refused call keeps it until it goes last."""

    route: str
    """Method and path of the endpoint."""

    slots: Slots
    """The slots of the client."""

    granted: "asyncio.Future[Permit]"
    """The permit: a result if the call got it, and an exception if its wait failed."""

    ends_at: float
    """Monotonic seconds after which the call waits no longer."""

    max_wait: float
    """Seconds from the beginning of the wait to `ends_at`."""

    again: Permit | None
    """The permit of the call's last attempt, if that was refused."""

    waits_since: float
    """Monotonic seconds at which the wait began."""

    timer: asyncio.TimerHandle | None = None
    """The timer for `ends_at`."""

    def __lt__(self, other: "WaitingCall") -> bool:
        return (self.priority, self.order) < (other.priority, other.order)

    @property
    def lane(self) -> _Lane:
        """The lane of the call. A refusal can change it."""
        return self.route, id(self.slots), self.priority, 0 if self.again is None else 1 + self.goes_last

    @property
    def retry_at(self) -> float:
        """Monotonic seconds before which a call that was refused alone is not sent again."""
        return -math.inf if self.again is None else self.again.retry_at

    @property
    def goes_last(self) -> bool:
        """Whether the call waits behind all others of its priority."""
        return self.again is not None and self.again.goes_last


class CallQueue:
    """The calls that wait. Times are monotonic seconds.

    Args:
        window_of: returns the window that a route uses.
        in_flight_of: returns the requests of a route that are in flight.
    """

    def __init__(self, window_of: Callable[[str], Window], in_flight_of: Callable[[str], RequestsInFlight]) -> None:
        self._window_of = window_of
        self._in_flight_of = in_flight_of
        self._lanes: dict[_Lane, list[WaitingCall]] = {}  # heaps; calls that wait no longer stay until they are first
        self.delayed: list[WaitingCall] = []
        """Calls that were refused alone, until their `WaitingCall.retry_at`."""

        self.length = 0
        """Calls that wait."""

        self.batch_length = 0
        """How many of these belong to batches."""

    def add(self, call: WaitingCall, now: float) -> None:
        """Add a call."""
        self._count(call, 1)
        self._enqueue(call, now)

    def leave(self, call: WaitingCall) -> None:
        """Record that a call waits no longer: it is cancelled, or its wait failed."""
        self._count(call, -1)

    def remove_first(self, call: WaitingCall) -> None:
        """Remove the first call of a lane, which gets its permit."""
        heapq.heappop(self._lanes[call.lane])
        self._count(call, -1)

    def first_calls(self, now: float) -> list[WaitingCall]:
        """Return the first call of each lane, in the order in which they are let through."""
        for call in [call for call in self.delayed if call.granted.done() or call.retry_at <= now]:
            self.delayed.remove(call)
            if not call.granted.done():
                self._enqueue(call, now)
        firsts = [first for lane in tuple(self._lanes) if (first := self.first_of(lane, now)) is not None]
        if len(firsts) > 1:
            firsts.sort(key=lambda call: self._rank(call, now))
        return firsts

    def first_of(self, lane: _Lane, now: float) -> WaitingCall | None:
        """Return the first call of a lane; None if the lane is empty."""
        heap = self._lanes[lane]
        while heap:
            call = heap[0]
            if call.granted.done():
                heapq.heappop(heap)
            elif call.lane != lane or call.retry_at > now:
                heapq.heappop(heap)  # the test of a doubtful refusal showed that this call alone was refused
                self._enqueue(call, now)
            else:
                return call
        del self._lanes[lane]
        return None

    def calls(self, window: Window | None) -> list[WaitingCall]:
        """Return the calls that wait and use a window, or all, by priority and order."""
        return sorted(
            call
            for call in itertools.chain(self.delayed, *self._lanes.values())
            if not call.granted.done() and (window is None or self._window_of(call.route) is window)
        )

    def ahead_of(self, newcomer: WaitingCall, window: Window) -> int:
        """Return about how many calls that use a window are let through before one that was just added."""
        if newcomer.again is not None:
            return 0
        lanes = (heap for lane, heap in self._lanes.items() if lane[2] <= newcomer.priority and heap)
        return sum(len(heap) for heap in lanes if self._window_of(heap[0].route) is window) - 1

    def _count(self, call: WaitingCall, change: int) -> None:
        self.length += change
        if call.priority is BATCH:
            self.batch_length += change

    def _enqueue(self, call: WaitingCall, now: float) -> None:
        if call.retry_at > now:
            self.delayed.append(call)
        else:
            heapq.heappush(self._lanes.setdefault(call.lane, []), call)

    def _rank(self, call: WaitingCall, now: float) -> tuple[bool, Priority, int, bool, int]:
        """Return the place of a call in the order in which calls are let through: the smallest is the first."""
        window = self._window_of(call.route)
        is_risky_probe = call.again is not None and window.is_at_reset(now)
        overdue = self._in_flight_of(call.route).overdue(now, window.overdue_after)
        return is_risky_probe, call.priority, overdue, call.goes_last, call.order
