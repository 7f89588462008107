"""The queue of calls that wait for the rate limiter, and the order in which they get their permits.

Of two calls, the first of these rules that distinguishes them decides which one gets its permit first:

- a single call before one of a batch;
- a call to the endpoint with the fewest overdue requests;
- a call that does not go last: a call goes last after its second refusal, or after one that concerned this call alone;
- the call that came first.

The calls of one *lane* are denied for the same reasons, so only the first call of each lane can be the next.
"""

import asyncio
import bisect
import heapq
import itertools
from collections import Counter
from collections.abc import Callable
from typing import NamedTuple

import attrs

from katapult_async.call_limits import Priority
from katapult_async.errors import RateLimitWait
from katapult_async.rate_limit.max_in_flight import Slots
from katapult_async.rate_limit.permit import Permit
from katapult_async.rate_limit.window import Window

__all__ = ["CallQueue", "WaitingCall"]


class _Lane(NamedTuple):
    """What the calls of a lane have in common."""

    route: str
    slots: Slots
    priority: Priority
    batch: object
    was_refused: bool
    goes_last: bool


@attrs.define(order=False, eq=False)
class WaitingCall:
    """A call that waits for its permit. The calls of one lane are ordered by `Permit.order`."""

    permit: Permit
    """What it waits for."""

    waits_since: float
    """Monotonic seconds at which the wait began."""

    max_wait: float
    """Seconds that the wait may take."""

    outcome: "asyncio.Future[RateLimitWait | None]"
    """Done when the wait ends: None if the permit is granted, else why the wait failed. That is not an exception,
    because the queue would keep the frames alive that the exception went through."""

    def __lt__(self, other: "WaitingCall") -> bool:
        return (self.permit.priority, self.permit.order) < (other.permit.priority, other.permit.order)

    @property
    def lane(self) -> _Lane:
        """The lane of the call. A refusal can change it."""
        permit = self.permit
        return _Lane(permit.route, permit.slots, permit.priority, permit.batch, permit.refusals > 0, permit.goes_last)


class CallQueue:
    """The calls that wait. Times are monotonic seconds.

    Args:
        window_of: returns the window that an endpoint uses.
        overdue: returns how many requests of an endpoint are overdue now.
    """

    def __init__(self, window_of: Callable[[str], Window], overdue: Callable[[str, float], int]) -> None:
        self._window_of = window_of
        self._overdue = overdue
        # heaps: a call whose wait has ended is removed when it becomes the first of its lane
        self._lanes: dict[_Lane, list[WaitingCall]] = {}
        self._waiting: Counter[tuple[str, Priority]] = Counter()  # the calls that wait, by route and priority
        self.delayed: list[WaitingCall] = []
        """Calls that were refused alone, until their `Permit.retry_at`."""

        self.length: int = 0
        """Calls that wait."""

    def add(self, call: WaitingCall, now: float) -> None:
        """Add a call."""
        self._count(call, 1)
        self._enqueue(call, now)

    def end_wait(self, call: WaitingCall) -> None:
        """Record that a call waits no longer; its `outcome` is set next."""
        self._count(call, -1)

    def first_calls(self, now: float) -> list[WaitingCall]:
        """Return the first call of each lane, in the order in which they get their permits."""
        delayed, self.delayed = self.delayed, []
        for call in delayed:
            if not call.outcome.done():
                self._enqueue(call, now)
        firsts = [first for lane in tuple(self._lanes) if (first := self._first_of(lane, now)) is not None]
        return sorted(firsts, key=lambda call: self._rank(call, now))

    def next_calls(self, granted: WaitingCall, firsts: list[WaitingCall], now: float) -> list[WaitingCall]:
        """Return the first calls of the lanes that come after a call which just got its permit, in their order.

        Args:
            granted: the call that got its permit.
            firsts: the first calls of other lanes that come after it.
            now: monotonic seconds.
        """
        if any(lane.was_refused for lane in self._lanes):  # a refused call may belong to another lane now
            return self.first_calls(now)
        if (following := self._first_of(granted.lane, now)) is not None:
            bisect.insort(firsts, following, key=lambda call: self._rank(call, now))
        return firsts

    def _first_of(self, lane: _Lane, now: float) -> WaitingCall | None:
        """Return the first call of a lane; None if the lane is empty."""
        heap = self._lanes[lane]
        while heap:
            call = heap[0]
            if call.outcome.done():
                heapq.heappop(heap)
            elif call.lane != lane or call.permit.retry_at > now:
                heapq.heappop(heap)  # the test of a doubtful refusal showed that this call alone was refused
                self._enqueue(call, now)
            else:
                return call
        del self._lanes[lane]
        return None

    def calls(self) -> list[WaitingCall]:
        """Return the calls that wait, by priority and order."""
        return sorted(call for call in itertools.chain(self.delayed, *self._lanes.values()) if not call.outcome.done())

    def waits(self, priority: Priority) -> bool:
        """Return whether a call of this or a higher priority waits."""
        return any(waiting <= priority for _, waiting in self._waiting)

    def ahead_of(self, newcomer: WaitingCall, window: Window) -> int:
        """Return about how many calls that use a window get their permits before a call that was just added."""
        if newcomer.permit.refusals:
            return 0  # it keeps its early place in the queue
        ahead = sum(
            calls
            for (route, priority), calls in self._waiting.items()
            if priority <= newcomer.permit.priority and self._window_of(route) is window
        )
        return ahead - 1  # without the newcomer

    def _count(self, call: WaitingCall, change: int) -> None:
        self.length += change
        key = call.permit.route, call.permit.priority
        self._waiting[key] += change
        if not self._waiting[key]:
            del self._waiting[key]

    def _enqueue(self, call: WaitingCall, now: float) -> None:
        if call.permit.retry_at > now:
            self.delayed.append(call)
        else:
            heapq.heappush(self._lanes.setdefault(call.lane, []), call)

    def _rank(self, call: WaitingCall, now: float) -> tuple[Priority, int, bool, int]:
        """Return the place of a call in the order in which calls get their permits: the smallest is the first."""
        permit = call.permit
        return permit.priority, self._overdue(permit.route, now), permit.goes_last, permit.order
