"""The rate limiter for asyncio: a queue of calls and one timer around `katapult_async.rate_limit.window`.

No HTTP and no log. One limiter serves every client of one token in one event loop.
"""

import asyncio
import heapq
import itertools
import math
import random as randomness
from collections.abc import Callable

import attrs

from katapult_async.config import RateLimitPolicy
from katapult_async.errors import RateLimitWait, RateLimitWaitError
from katapult_async.options import Priority
from katapult_async.rate_limit.headers import RateLimitHeaders
from katapult_async.rate_limit.window import Denied, Estimate, Permit, RateLimit, RateLimitPause, Window

__all__ = ["RateLimiter"]

SHORTEST_TIMER = 0.001
"""Seconds: no timer is shorter, so that rounding cannot make it fire repeatedly."""


@attrs.define(order=False, eq=False)
class _Waiter:
    priority: Priority
    order: int
    granted: "asyncio.Future[Permit]"
    ends_at: float
    max_wait: float
    first: bool
    alarm: asyncio.TimerHandle | None = None

    def __lt__(self, other: "_Waiter") -> bool:
        return (self.priority, self.order) < (other.priority, other.order)


def _loop_time() -> float:
    return asyncio.get_running_loop().time()


class RateLimiter:
    """Grants requests while the token's rate limit has room, foreground calls before batch calls.

    Every permit ends in exactly one of `feed`, `lost` and `unsent`; further calls for it do nothing.
    """

    def __init__(
        self,
        policy: RateLimitPolicy,
        *,
        clock: Callable[[], float] | None = None,
        random: Callable[[], float] = randomness.random,
        on_pause: Callable[[RateLimitPause], None] | None = None,
    ) -> None:
        self._window = Window(seconds=policy.window, max_in_flight=policy.max_in_flight)
        self._clock = _loop_time if clock is None else clock
        self._random = random
        self._listeners = [] if on_pause is None else [on_pause]
        self._queue: list[_Waiter] = []  # a heap; finished waiters stay in it until they reach the top
        self._queued = 0
        self._batch_queued = 0
        self._expected = 0  # requests of batches that have not ended
        self._begun = 0  # of these, how many were granted a permit
        self._orders = itertools.count()
        self._timer: asyncio.TimerHandle | None = None
        self._wakes_at = math.inf
        self._announced = -1  # the windows_opened whose shut the listeners know

    def acquire_nowait(self, *, priority: Priority) -> Permit | None:
        """Return a permit if there is room and no call of equal or higher priority waits; otherwise None."""
        head = self._head()
        if head is not None and head.priority <= priority:
            return None
        got = self._window.acquire(
            self._clock(), priority=priority, order=next(self._orders), outstanding=self._outstanding()
        )
        if isinstance(got, Denied):
            return None
        self._count_granted(priority)
        return got

    async def acquire(self, *, priority: Priority, max_wait: float | None, again: Permit | None = None) -> Permit:
        """Wait for room and return a permit.

        Args:
            priority: of the call. Equal priorities are served first come, first served.
            max_wait: seconds that the whole wait may take; None sets no limit.
            again: the permit of a request that was refused, whose place in the queue this one takes.

        Raises:
            RateLimitWaitError: the wait does not fit into ``max_wait``; raised as soon as that is known.
        """
        if again is None:
            permit = self.acquire_nowait(priority=priority)
            if permit is not None:
                return permit
        loop = asyncio.get_running_loop()
        waiter = _Waiter(
            priority,
            next(self._orders) if again is None else again.order,
            loop.create_future(),
            math.inf if max_wait is None else self._clock() + max_wait,
            math.inf if max_wait is None else max_wait,
            first=again is None,
        )
        heapq.heappush(self._queue, waiter)
        self._count(waiter, 1)
        self._serve(newcomer=waiter)
        if max_wait is not None and not waiter.granted.done():
            waiter.alarm = loop.call_later(max_wait, self._give_up, waiter)
        try:
            return await waiter.granted
        except asyncio.CancelledError:
            self._leave(waiter)
            raise
        finally:
            if waiter.alarm is not None:
                waiter.alarm.cancel()

    def feed(self, permit: Permit, report: RateLimitHeaders) -> None:
        """Record the response to a request."""
        self._window.feed(permit, report, now=self._clock(), jitter=self._random())
        if self._queued:
            self._serve()

    def lost(self, permit: Permit) -> None:
        """Record a request that was sent and got no response: a timeout, a broken connection."""
        self._window.lost(permit, now=self._clock())
        if self._queued:
            self._serve()

    def unsent(self, permit: Permit) -> None:
        """Take back the permit of a request that was certainly never sent."""
        self._window.unsent(permit)
        if self._queued:
            self._serve()

    def expect(self, requests: int) -> None:
        """Add to the requests that batches still have to send; negative when they ended or were given up."""
        self._expected = max(0, self._expected + requests)
        self._begun = min(self._expected, max(0, self._begun + min(0, requests)))

    def estimate(self, requests: int) -> Estimate:
        """Return how many windows and seconds ``requests`` more requests need."""
        return self._window.estimate(requests, self._clock())

    def snapshot(self) -> RateLimit:
        """Return the rate limit as last reported."""
        return self._window.snapshot(self._clock(), queued=self._queued)

    @property
    def is_idle(self) -> bool:
        """Whether no call waits and no request is in flight."""
        now = self.snapshot()
        return not now.queued and not now.in_flight

    def subscribe(self, listener: Callable[[RateLimitPause], None]) -> Callable[[], None]:
        """Call ``listener`` whenever the rate limit makes calls wait; return what ends the subscription."""
        self._listeners.append(listener)

        def unsubscribe() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)

        return unsubscribe

    def _count_granted(self, priority: Priority) -> None:
        if priority is Priority.BATCH and self._begun < self._expected:
            self._begun += 1

    def _outstanding(self) -> int:
        return max(self._expected - self._begun, self._batch_queued)

    def _count(self, waiter: _Waiter, change: int) -> None:
        self._queued += change
        if waiter.priority is Priority.BATCH:
            self._batch_queued += change

    def _head(self) -> _Waiter | None:
        while self._queue:
            if not self._queue[0].granted.done():
                return self._queue[0]
            heapq.heappop(self._queue)
        return None

    def _leave(self, waiter: _Waiter) -> None:
        """Record the cancellation of a waiter, which may already have its permit."""
        if waiter.granted.cancelled():
            self._count(waiter, -1)
        elif waiter.granted.exception() is None:
            self._window.unsent(waiter.granted.result())
        self._serve()

    def _serve(self, *, newcomer: _Waiter | None = None) -> None:
        """Grant all permits that there is room for, in order, and set the timer for the rest."""
        now = self._clock()
        until = math.inf
        while (head := self._head()) is not None:
            got = self._window.acquire(now, priority=head.priority, order=head.order, outstanding=self._outstanding())
            if isinstance(got, Denied):
                until = got.until
                if got.closed:
                    self._pause(got, now, newcomer)
                break
            heapq.heappop(self._queue)
            self._count(head, -1)
            if head.first:
                self._count_granted(head.priority)
            head.granted.set_result(got)
        self._wake_at(until, now)

    def _pause(self, denied: Denied, now: float, newcomer: _Waiter | None) -> None:
        """Fail the waiters that cannot be served in time, and call the listeners; once for each pause."""
        if self._announced != self._window.windows_opened:
            waiting = sorted(waiter for waiter in self._queue if not waiter.granted.done())
            for ahead, waiter in enumerate(waiting):
                self._fail_if_too_late(waiter, denied, now, ahead=ahead)
            self._announce(denied, now)
        elif newcomer is not None:
            ahead = self._queued - (0 if newcomer.priority is Priority.BATCH else self._batch_queued) - 1
            self._fail_if_too_late(newcomer, denied, now, ahead=ahead if newcomer.first else 0)

    def _fail_if_too_late(self, waiter: _Waiter, denied: Denied, now: float, *, ahead: int) -> None:
        served_at = self._window.served_at(denied, ahead)
        if served_at > waiter.ends_at:
            self._fail(waiter, served_at - now)

    def _fail(self, waiter: _Waiter, retry_after: float) -> None:
        seen = self._window.snapshot(self._clock(), queued=self._queued)
        self._count(waiter, -1)
        waiter.granted.set_exception(
            RateLimitWaitError(
                RateLimitWait(
                    permitted=seen.permitted,
                    remaining=seen.remaining,
                    resets_at=seen.resets_at,
                    retry_after=retry_after,
                    max_wait=waiter.max_wait,
                )
            )
        )

    def _give_up(self, waiter: _Waiter) -> None:
        if not waiter.granted.done():
            seen = self._window.snapshot(self._clock(), queued=self._queued)
            self._fail(waiter, seen.resets_in or 0.0)
            self._serve()

    def _announce(self, denied: Denied, now: float) -> None:
        if not self._queued:
            return
        self._announced = self._window.windows_opened
        seen = self._window.snapshot(now, queued=self._queued)
        pause = RateLimitPause(
            reason=denied.reason,
            seconds=max(0.0, denied.until - now),
            queued=self._queued,
            permitted=seen.permitted,
            remaining=seen.remaining,
            resets_at=seen.resets_at,
        )
        for listener in tuple(self._listeners):
            asyncio.get_running_loop().call_soon(listener, pause)

    def _wake_at(self, until: float, now: float) -> None:
        if until == self._wakes_at:
            return
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._wakes_at = until
        if until < math.inf:
            delay = max(until - now, SHORTEST_TIMER)
            self._timer = asyncio.get_running_loop().call_later(delay, self._wake)

    def _wake(self) -> None:
        self._timer = None
        self._wakes_at = math.inf
        self._serve()
