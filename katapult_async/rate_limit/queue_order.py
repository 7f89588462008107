"""The queue of calls that wait for the rate limiter, and the order in which they get their permits.

Of two calls, the first of these rules that distinguishes them decides which one gets its permit first:

- a single call before one of a batch;
- a call to the endpoint with the fewest overdue requests;
- a call that does not *go last*, as a call does after its second refusal, or after a refusal of this call alone;
- the call that came first.

The calls of one *lane* are denied for the same reasons, so only the first call of each lane can be the next.
"""

import asyncio
import functools
import heapq
import itertools
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator

import attrs

from katapult_async.call_limits import Priority
from katapult_async.errors import RateLimitWait
from katapult_async.rate_limit.permit import Permit
from katapult_async.rate_limit.window_admission import Window

__all__ = ["CallQueue", "WaitingCall"]

_Lane = tuple[object, ...]


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
        """The lane of the call. A refusal can change it; a call that was refused alone has a lane of its own."""
        permit = self.permit
        refusals = permit.refusals > 0, permit.goes_last, permit if permit.own_refusals else None
        return permit.route, permit.slots, permit.priority, permit.batch, *refusals


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
        self._lanes: defaultdict[_Lane, list[WaitingCall]] = defaultdict(list)
        self._waiting: Counter[tuple[str, Priority]] = Counter()  # the calls that wait, by route and priority
        self.length: int = 0
        """Calls that wait."""

    def add(self, call: WaitingCall) -> None:
        """Add a call."""
        self._count(call, 1)
        heapq.heappush(self._lanes[call.lane], call)

    def end_wait(self, call: WaitingCall) -> None:
        """Record that a call waits no longer; its `outcome` is set next."""
        self._count(call, -1)
        if not self.length:
            self._lanes.clear()

    def in_order(self, now: float) -> Iterator[WaitingCall]:
        """Yield the first call of each lane in order; after a call whose wait has ended, also the next of its lane."""
        overdue = functools.cache(self._overdue)
        firsts: list[tuple[Priority, int, bool, int, WaitingCall]] = []  # a heap: the smallest is the next
        lanes = list(self._lanes)  # those whose first call is not among them yet
        while lanes or firsts:
            while lanes:
                if (first := self._first_of(lanes.pop(), lanes)) is not None:
                    permit = first.permit
                    rank = permit.priority, overdue(permit.route, now), permit.goes_last, permit.order
                    heapq.heappush(firsts, (*rank, first))
            if firsts:
                *_, call = heapq.heappop(firsts)
                if not call.outcome.done():
                    yield call
                if call.outcome.done():  # the caller of this method has granted the permit, or the wait has failed
                    lanes.append(call.lane)

    def _first_of(self, lane: _Lane, changed: list[_Lane]) -> WaitingCall | None:
        """Return the first call of a lane; None if it is empty. Add to ``changed`` the lanes to which calls move."""
        heap = self._lanes[lane]
        while heap:
            call = heap[0]
            if not call.outcome.done() and call.lane == lane:
                return call
            heapq.heappop(heap)
            if not call.outcome.done():  # the test of a doubtful refusal showed that this call alone was refused
                heapq.heappush(self._lanes[call.lane], call)
                changed.append(call.lane)
        del self._lanes[lane]
        return None

    def calls(self) -> list[WaitingCall]:
        """Return the calls that wait, by priority and order."""
        return sorted(call for call in itertools.chain(*self._lanes.values()) if not call.outcome.done())

    def waits(self, priority: Priority) -> bool:
        """Return whether a call of this or a higher priority waits."""
        return any(waiting <= priority for _, waiting in self._waiting)

    def ahead_of(self, newcomer: WaitingCall) -> int:
        """Return about how many calls of the same window get their permits before a call that was just added."""
        if newcomer.permit.refusals:
            return 0  # it keeps its early place in the queue
        window = self._window_of(newcomer.permit.route)
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
