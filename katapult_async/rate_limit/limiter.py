"""The rate limiter for asyncio: a queue of calls and a timer around `katapult_async.rate_limit.token_limits`.

No HTTP and no log. One limiter serves every client of one token in one event loop.
"""

import asyncio
import itertools
import math
import random as randomness
from collections.abc import Callable, Iterable, Mapping

import attrs

from katapult_async.call_limits import BATCH, Priority
from katapult_async.config import RateLimitPolicy
from katapult_async.errors import RateLimitWait, RateLimitWaitError
from katapult_async.rate_limit.headers import RateLimitHeaders
from katapult_async.rate_limit.max_in_flight import Slots
from katapult_async.rate_limit.permit import Permit
from katapult_async.rate_limit.queue_order import CallQueue, WaitingCall
from katapult_async.rate_limit.requests_to_send import RequestsToSend
from katapult_async.rate_limit.status import Estimate, RateLimit, WaitNotice
from katapult_async.rate_limit.token_limits import TokenLimits
from katapult_async.rate_limit.wait_notices import SHORTEST_TIMER, Wait, WaitNotices
from katapult_async.rate_limit.wait_reasons import DenialReason, Denied, DeniedCalls

__all__ = ["RateLimiter"]

_SOON = -math.inf  # a time: the next iteration of the event loop


class RateLimiter:
    """Grants permits while the token's rate limits have room, to single calls before batch calls.

    What became of a granted permit is reported to `responded`, `lost` or `unsent`. Only the first report counts.

    Args:
        policy: the settings.
        clock: returns monotonic seconds, on the clock of the event loop.
        random: returns a random number from 0 to 1.
    """

    def __init__(
        self, policy: RateLimitPolicy, *, clock: Callable[[], float], random: Callable[[], float] = randomness.random
    ) -> None:
        self._limits = TokenLimits(seconds=policy.window, random=random)
        self._seconds = policy.window
        self._slots = Slots(policy.max_in_flight)
        self._clock = clock
        self._queue = CallQueue(self._limits.window_of, self._limits.overdue)
        self._denied_lanes: dict[object, Wait] = {}  # why the first call of each lane waits
        self._notices = WaitNotices(self._queue, self._denied_lanes.values(), clock=clock)
        self._batches = RequestsToSend()
        self._orders = itertools.count()
        # the calls that joined the queue since it was served, each with how many calls were ahead of it
        self._newcomers: list[tuple[WaitingCall, int]] = []
        self._timer: asyncio.Handle | None = None
        self._wakes_at = math.inf
        self._used_at = -math.inf
        self.listeners: list[Callable[[WaitNotice], None]] = self._notices.listeners
        """Called when calls wait, once for all of them: immediately for a wait until a reset, and after
        `wait_notices.LONG_WAIT` seconds for any other wait. The first listener is the log; each client adds one."""

    def acquire_nowait(
        self, *, priority: Priority, route: str = "", slots: Slots | None = None, batch: object = None
    ) -> Permit | None:
        """Return a permit if there is room and no call of equal or higher priority waits; otherwise None.

        The arguments are those of `acquire`.
        """
        if self._queue.length and self._queue.waits(priority):
            return None
        permit = Permit(priority, next(self._orders), route, slots or self._slots, batch)
        if self._limits.acquire(permit, self._clock(), to_send=self._batches.to_send) is not None:
            return None
        if priority is BATCH:
            self._batches.count_granted(batch)
        return permit

    async def acquire(
        self,
        *,
        priority: Priority,
        max_wait: float | None,
        route: str = "",
        slots: Slots | None = None,
        batch: object = None,
        refused_permit: Permit | None = None,
    ) -> Permit:
        """Wait for room and return a permit. A call that is cancelled gets none.

        Args:
            priority: of the call. Module `queue_order` has the order of the calls that wait.
            max_wait: seconds that the whole wait may take; None sets no limit.
            route: method and path of the endpoint.
            slots: those of the client; None for the limiter's own.
            batch: a key of the batch that makes the call, as in `expect`.
            refused_permit: that of the call's last attempt if it was refused with 429 or a proxy's 503; it is granted
                again. The call keeps its place in the queue until it goes last: after its second refusal with 429, or
                the first that concerned it alone.

        Raises:
            RateLimitWaitError: the wait does not fit into ``max_wait``; raised as soon as that is known.
        """
        if refused_permit is not None:
            await asyncio.sleep(0)  # a call that waits may get its permit first, and test what the refusal means
        permit = refused_permit or Permit(priority, next(self._orders), route, slots or self._slots, batch)
        if permit.goes_last:
            permit.order = next(self._orders)
        loop = asyncio.get_running_loop()
        now = self._clock()
        call = WaitingCall(permit, now, math.inf if max_wait is None else max_wait, loop.create_future())
        self._queue.add(call)
        if priority is BATCH:
            self._batches.count_waiting(batch, 1)
        self._newcomers.append((call, self._queue.ahead_of(call)))
        if now < self._wakes_at:
            self._serve()
        else:  # `_serve` runs soon, or its timer is late
            self._wake_at(_SOON)
        timer = None
        if max_wait is not None and not call.outcome.done():
            # One iteration later, as `core.deadlines` ends a wait: a response that has arrived is read first.
            timer = loop.call_later(max_wait, loop.call_soon, self._give_up, call)
        try:
            failed_wait = await call.outcome
        except asyncio.CancelledError:
            self._cancelled(call)
            raise
        finally:
            if timer is not None:
                timer.cancel()
        if failed_wait is not None:
            raise RateLimitWaitError(failed_wait)
        return permit

    def responded(self, permit: Permit, headers: RateLimitHeaders) -> None:
        """Record the response to a request."""
        self._used_at = now = self._clock()
        self._limits.responded(permit, headers, now=now)
        if self._queue.length:  # most calls are made while none waits, and need no function for this
            self._wake_at(_SOON)

    def lost(self, permit: Permit) -> None:
        """Record a request that was sent and got no response: a timeout, a broken connection."""
        self._limits.lost(permit, now=self._clock())
        self._serve_soon()

    def unsent(self, permit: Permit) -> None:
        """Take back the permit of a request that was certainly never sent."""
        self._limits.unsent(permit)
        self._serve_soon()

    def expect(self, requests: int, *, batch: object = None) -> None:
        """Expect more requests of a batch, which ``batch`` identifies; a negative number reduces the expectation."""
        self._batches.expect(batch, requests)

    def estimate(self, requests: int) -> Estimate:
        """Return how long ``requests`` will take; those in flight, which have a permit already, are among them."""
        return self._limits.token.estimate(requests, self._clock())

    def snapshot(self) -> RateLimit:
        """Return the current rate limit of the token, computed from what the server reported last."""
        status = self._limits.token.snapshot(self._clock(), queued=self._queue.length)
        return attrs.evolve(status, in_flight=self._limits.in_flight)

    def snapshots(self) -> Mapping[str, RateLimit]:
        """Return the rate limits of the endpoints that have one of their own, by method and path."""
        now = self._clock()
        queued = [self._limits.window_of(call.permit.route) for call in self._queue.calls()]
        return {
            route: window.snapshot(now, queued=queued.count(window)) for route, window in self._limits.windows().items()
        }

    def has_accepted_after(self, route: str, sent_at: float) -> bool:
        """Return whether a request to an endpoint that was sent after ``sent_at`` was accepted."""
        return self._limits.accepted_sent_at(route) > sent_at

    @property
    def is_idle(self) -> bool:
        """Whether no call waits, no request is in flight, and no response came for the length of a window."""
        return not self._queue.length and not self._limits.in_flight and self._clock() - self._used_at >= self._seconds

    # the queue

    def _end_wait(self, call: WaitingCall) -> None:
        self._queue.end_wait(call)
        if call.permit.priority is BATCH:
            self._batches.count_waiting(call.permit.batch, -1)
        if not self._queue.length:
            self._denied_lanes.clear()
            self._newcomers.clear()
            self._wake_at(math.inf)
            self._notices.forget()

    def _serve_soon(self) -> None:
        if self._queue.length:
            self._wake_at(_SOON)

    def _use_slot(self, offer_again: Callable[[], None]) -> None:
        """Serve the queue, as a slot of a client is free, and then offer it again: perhaps no call took it."""
        self._serve_soon()
        asyncio.get_running_loop().call_soon(offer_again)

    def _serve(self) -> None:
        """Grant all permits that there is room for, in order, and set the timer for the rest."""
        now = self._clock()
        newcomers, self._newcomers = self._newcomers, []
        calls: Iterable[WaitingCall] = [call for call, _ in newcomers]
        until = self._wakes_at
        if now >= until:  # the calls that wait already may get their permits
            self._denied_lanes.clear()
            calls, until = self._queue.in_order(now), math.inf
        for call in calls:
            wait = self._denied_lanes.get(call.lane)
            if wait is None:
                denied = self._limits.acquire(call.permit, now, to_send=self._batches.to_send)
                if denied is None:
                    self._grant(call)
                    continue
                group, window = self._group(call.permit, denied.calls), self._limits.window_of(call.permit.route)
                self._denied_lanes[call.lane] = wait = Wait(denied, call, group, window)
                until = min(until, denied.until, denied.test_at)
                if denied.calls is DeniedCalls.OF_CLIENT:
                    call.permit.slots.on_release[self._use_slot] = None
            if wait.denied.waits_for_reset:
                self._announce_reset(wait)
        for newcomer, ahead in newcomers:
            wait = self._denied_lanes.get(newcomer.lane)
            if wait is not None and wait.denied.waits_for_reset:
                # fewer are ahead if waits of other calls have just failed
                self._fail_if_too_late(newcomer, wait, ahead=min(ahead, self._queue.ahead_of(newcomer)))
        if self._queue.length:
            self._wake_at(until)
            self._notices.watch()

    def _grant(self, call: WaitingCall) -> None:
        """End the wait of a call whose permit was just granted."""
        self._end_wait(call)
        if not call.permit.refusals and call.permit.priority is BATCH:
            self._batches.count_granted(call.permit.batch)
        call.outcome.set_result(None)

    def _group(self, permit: Permit, calls: DeniedCalls) -> object:
        """Return a key that is equal for all calls which the denial of a permit concerns."""
        match calls:
            case DeniedCalls.OF_WINDOW:
                return self._limits.window_of(permit.route)
            case DeniedCalls.OF_CLIENT:
                return permit.slots, permit.priority
            case DeniedCalls.ALL:
                return calls
            case DeniedCalls.OF_ENDPOINT | DeniedCalls.ONE:  # listeners get one notice for the calls of an endpoint
                return permit.route

    def _cancelled(self, call: WaitingCall) -> None:
        """Record the cancellation of a call, which may already have its permit."""
        if call.outcome.cancelled():
            self._end_wait(call)
        elif call.outcome.result() is None:
            self._limits.unsent(call.permit)
        self._serve_soon()

    # waits for a reset

    def _announce_reset(self, wait: Wait) -> None:
        """Announce that calls wait for a reset, once for each, and fail those whose ``max_wait`` ends before it."""
        denied = wait.denied
        reset: object = wait.window.windows_opened if denied.calls is DeniedCalls.OF_WINDOW else denied.until
        # the other calls do not wait for the reset that one call waits for
        if denied.calls is DeniedCalls.ONE or self._notices.knows_reset(wait.group, reset):
            return
        ahead = 0
        for call in self._queue.calls():
            if self._group(call.permit, denied.calls) == wait.group:
                self._fail_if_too_late(call, wait, ahead=ahead)
                ahead += 0 if call.outcome.done() else 1
        if self._queue.length:
            self._notices.announce_reset(wait, reset)

    def _fail_if_too_late(self, call: WaitingCall, wait: Wait, *, ahead: int) -> None:
        """Fail a call that cannot get its permit within its ``max_wait``, after ``ahead`` other calls."""
        served_at = min(wait.denied.until, wait.denied.test_at)
        if wait.denied.calls is DeniedCalls.OF_WINDOW:
            served_at = wait.window.served_at(wait.denied, ahead)
        if served_at > call.waits_since + call.max_wait and not call.outcome.done():
            self._fail(call, wait.denied, served_at=served_at)

    def _fail(self, call: WaitingCall, denied: Denied, *, served_at: float | None = None) -> None:
        """End a wait with an error.

        Args:
            call: the call.
            denied: why it waits.
            served_at: when it could get its permit, which is later than its ``max_wait`` allows; None if its
                ``max_wait`` is over.
        """
        now = self._clock()
        status = self._limits.window_of(call.permit.route).snapshot(now, queued=self._queue.length)
        self._end_wait(call)
        until, waited = (denied.until, now - call.waits_since) if served_at is None else (served_at, 0.0)
        wait = RateLimitWait(
            permitted=status.permitted,
            remaining=status.remaining,
            resets_at=status.resets_at,
            retry_after=0.0 if until == math.inf else max(0.0, until - now),
            max_wait=max(0.0, call.waits_since + call.max_wait - now),
            waited=waited,
            reason=denied.reason.text,
        )
        call.outcome.set_result(wait)

    def _give_up(self, call: WaitingCall) -> None:
        """Fail a call whose ``max_wait`` is over."""
        if not call.outcome.done():
            wait = self._denied_lanes.get(call.lane)
            # A response that was just received may have shown that the call was refused alone.
            self._fail(call, wait.denied if wait else Denied(call.permit.retry_at, DenialReason.REFUSED))
            self._serve_soon()

    def _wake_at(self, until: float) -> None:
        """Serve the queue again at ``until``, or never if that is infinite.

        `_SOON` serves it once for all events of this iteration of the event loop.
        """
        if until == self._wakes_at:
            return
        if self._timer is not None:
            self._timer.cancel()
        self._wakes_at, self._timer = until, None
        loop = asyncio.get_running_loop()
        if until == _SOON:
            self._timer = loop.call_soon(self._wake)
        elif until < math.inf:
            self._timer = loop.call_later(max(until - self._clock(), SHORTEST_TIMER), self._wake)

    def _wake(self) -> None:
        self._wakes_at = _SOON
        self._serve()
