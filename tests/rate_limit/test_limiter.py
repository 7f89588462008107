"""The rate limiter for asyncio, in virtual time."""

import asyncio
import functools
from collections.abc import Callable, Coroutine

import msgspec
import pytest

from katapult_async.call_limits import Priority
from katapult_async.config import RateLimitPolicy
from katapult_async.errors import RateLimitWaitError
from katapult_async.rate_limit.headers import RateLimitHeaders
from katapult_async.rate_limit.limiter import RateLimiter
from katapult_async.rate_limit.max_in_flight import Slots
from katapult_async.rate_limit.permit import Permit
from katapult_async.rate_limit.status import WaitNotice
from katapult_async.rate_limit.too_many_requests import EVIDENCE_WITHOUT_OTHERS
from katapult_async.rate_limit.wait_notices import SHORTEST_TIMER
from katapult_async.rate_limit.wait_reasons import DenialReason
from tests.scripted_transport import now
from tests.simulation.virtual_time import run

from .simulated_server import MIDNIGHT

SINGLE, BATCH = Priority.SINGLE, Priority.BATCH


def in_virtual_time(test: Callable[[], Coroutine[object, object, None]]) -> Callable[[], None]:
    """Run a test in virtual time."""

    @functools.wraps(test)
    def synchronous() -> None:
        run(test())

    return synchronous


class SimulatedToken:
    """The limiter of a token, and a server whose window for the token resets 30 s after the start."""

    def __init__(self, *, permitted: int = 10, max_in_flight: int = 100) -> None:
        self.notices: list[WaitNotice] = []
        policy = RateLimitPolicy(window=60.0, max_in_flight=max_in_flight)
        self.limiter = RateLimiter(policy, clock=now, random=lambda: 0.5)
        self.limiter.listeners.append(self.notices.append)
        self.permitted = permitted
        self.left = permitted
        self.loop = asyncio.get_running_loop()
        self.began_at = self.loop.time()
        self.loop.call_at(self.began_at + 30.0, self.reset)

    def reset(self) -> None:
        self.left = self.permitted

    @property
    def seconds(self) -> float:
        return self.loop.time() - self.began_at

    def response(self) -> RateLimitHeaders:
        self.left -= 1
        date = float(int(MIDNIGHT + 30.0 + self.seconds))
        return RateLimitHeaders(self.permitted, max(0, self.left), date, refused=self.left < 0)

    async def call(self, *, priority: Priority = SINGLE, max_wait: float | None = None, batch: object = None) -> Permit:
        permit = await self.limiter.acquire(priority=priority, max_wait=max_wait, batch=batch)
        await asyncio.sleep(0.05)
        self.limiter.responded(permit, self.response())
        return permit

    async def spend(self) -> None:
        for _ in range(self.left):
            await self.call()

    async def work(self, batch: object, *, items: int) -> None:
        """Work on a batch as one of its workers."""
        for _ in range(items):
            await self.call(priority=BATCH, batch=batch)
            self.limiter.expect(-1, batch=batch)


async def run_ready_tasks() -> None:
    """Let other tasks run until all of them wait: none of these tests needs more than five steps."""
    for _ in range(5):
        await asyncio.sleep(0)


async def check_that_one_call_goes_first(
    token: SimulatedToken, *, priority: Priority, calls: int, at: tuple[float, float]
) -> None:
    """Check that no call gets a permit now, that one call gets it in an interval, and all others after its response.

    Args:
        token: the token.
        priority: of the calls.
        calls: how many calls wait.
        at: the interval, in seconds from the start.
    """
    assert token.limiter.acquire_nowait(priority=SINGLE) is None
    waiting = [asyncio.create_task(token.limiter.acquire(priority=priority, max_wait=None)) for _ in range(calls)]
    first = await waiting[0]
    assert at[0] <= token.seconds < at[1]
    assert not any(task.done() for task in waiting[1:])
    token.limiter.responded(first, token.response())
    await run_ready_tasks()
    assert all(task.done() for task in waiting)


@in_virtual_time
async def test_open_window_grants_permits_without_waiting() -> None:
    token = SimulatedToken()
    await token.call()
    assert token.limiter.acquire_nowait(priority=BATCH) is not None
    status = token.limiter.snapshot()
    assert (status.permitted, status.remaining, status.in_flight, status.queued) == (10, 8, 1, 0)
    assert status.resets_at == MIDNIGHT + 60.0
    assert status.resets_in is not None
    assert 29 < status.resets_in < 31


@in_virtual_time
async def test_one_probe_is_sent_first_after_a_spent_window() -> None:
    token = SimulatedToken()
    await token.spend()
    await check_that_one_call_goes_first(token, priority=BATCH, calls=5, at=(30.0, 31.1))


@in_virtual_time
async def test_single_calls_go_before_batch_calls_in_order() -> None:
    token = SimulatedToken(max_in_flight=1)
    first = await token.limiter.acquire(priority=BATCH, max_wait=None)
    served: list[str] = []

    async def call(name: str, priority: Priority) -> None:
        permit = await token.limiter.acquire(priority=priority, max_wait=None)
        served.append(name)
        token.limiter.responded(permit, token.response())

    names = {"batch 1": BATCH, "batch 2": BATCH, "web 1": SINGLE, "web 2": SINGLE}
    tasks = [asyncio.create_task(call(name, priority)) for name, priority in names.items()]
    await run_ready_tasks()
    assert token.limiter.acquire_nowait(priority=BATCH) is None
    token.limiter.responded(first, token.response())
    await asyncio.gather(*tasks)
    assert served == ["web 1", "web 2", "batch 1", "batch 2"]


@in_virtual_time
async def test_refused_call_keeps_its_place_before_later_calls_in_the_next_window() -> None:
    token = SimulatedToken(permitted=5)
    early = await token.limiter.acquire(priority=BATCH, max_wait=None)
    for _ in range(4):
        await token.call()
    token.left = 0
    token.limiter.responded(early, token.response())
    sent: list[str] = []

    async def call(name: str, *, refused_permit: Permit | None = None) -> None:
        permit = await token.limiter.acquire(priority=BATCH, max_wait=None, refused_permit=refused_permit)
        sent.append(name)
        token.limiter.responded(permit, token.response())

    await asyncio.gather(call("later"), call("last"), call("refused", refused_permit=early))
    assert sent == ["refused", "later", "last"]


async def with_a_limited_endpoint() -> SimulatedToken:
    token = SimulatedToken(permitted=100)
    await token.call()
    refusal = msgspec.structs.replace(token.response(), refused=True)  # its counter shows that requests are left
    for _ in range(EVIDENCE_WITHOUT_OTHERS):
        permit = token.limiter.acquire_nowait(priority=SINGLE)
        assert permit is not None
        token.limiter.responded(permit, refusal)
    return token


@in_virtual_time
async def test_one_waiting_call_tests_the_limit_of_its_endpoint_before_the_reset() -> None:
    token = await with_a_limited_endpoint()
    await check_that_one_call_goes_first(token, priority=SINGLE, calls=3, at=(1.0, 1.2))


@in_virtual_time
async def test_call_waits_for_the_next_test_of_the_limit_within_its_max_wait() -> None:
    token = await with_a_limited_endpoint()
    await token.limiter.acquire(priority=SINGLE, max_wait=5.0)
    assert 1.0 <= token.seconds < 1.2
    with pytest.raises(RateLimitWaitError):
        await token.limiter.acquire(priority=SINGLE, max_wait=1.5)  # the next test is 2 s later
    assert token.seconds < 1.2


@in_virtual_time
async def test_call_does_not_fail_because_another_endpoint_waits_for_the_reset_of_its_limit() -> None:
    token = await with_a_limited_endpoint()
    slots = Slots(1)
    in_flight = await token.limiter.acquire(priority=SINGLE, max_wait=None, route="other", slots=slots)
    call = asyncio.create_task(token.limiter.acquire(priority=SINGLE, max_wait=0.5, route="other", slots=slots))
    limited = asyncio.create_task(token.limiter.acquire(priority=SINGLE, max_wait=None))
    await run_ready_tasks()
    token.limiter.responded(in_flight, token.response())
    await call
    assert token.seconds < 1
    await limited


@in_virtual_time
async def test_wait_longer_than_max_wait_fails_at_once() -> None:
    token = SimulatedToken()
    await token.spend()
    asked_at = token.seconds
    with pytest.raises(RateLimitWaitError) as caught:
        await token.limiter.acquire(priority=SINGLE, max_wait=5.0)
    assert token.seconds - asked_at < 0.01
    error = caught.value
    assert (error.permitted, error.remaining, error.resets_at) == (10, 0, MIDNIGHT + 60.0)
    assert 28 < error.retry_after < 31
    assert error.wait.reason == "all requests of the window are used up"
    assert token.limiter.snapshot().queued == 0


@in_virtual_time
async def test_call_behind_as_many_calls_as_a_window_permits_fails_at_once() -> None:
    token = SimulatedToken()
    await token.spend()
    ahead = [asyncio.create_task(token.limiter.acquire(priority=SINGLE, max_wait=None)) for _ in range(10)]
    await run_ready_tasks()
    with pytest.raises(RateLimitWaitError) as caught:
        await token.limiter.acquire(priority=SINGLE, max_wait=60.0)
    assert caught.value.retry_after > 80
    for task in ahead:
        task.cancel()
    await asyncio.gather(*ahead, return_exceptions=True)
    assert token.limiter.snapshot().queued == 0


async def waiting_call(token: SimulatedToken, *, until: float) -> asyncio.Task[Permit]:
    """Return a call that waits for at most 10 s, after the responses to four requests have spent the window.

    Args:
        token: the token; its window permits fewer than four requests.
        until: seconds after which these responses come.
    """
    in_flight = [await token.limiter.acquire(priority=SINGLE, max_wait=None) for _ in range(4)]
    waiter = asyncio.create_task(token.limiter.acquire(priority=SINGLE, max_wait=10.0))
    await asyncio.sleep(until)
    for permit in in_flight:
        token.limiter.responded(permit, token.response())
    return waiter


@in_virtual_time
async def test_refused_call_does_not_wait_for_the_reset_while_another_call_tests_its_refusal() -> None:
    token = SimulatedToken(max_in_flight=1)
    await token.call()

    async def refused_call() -> None:
        permit = await token.limiter.acquire(priority=SINGLE, max_wait=None)
        token.limiter.responded(permit, RateLimitHeaders(refused=True))
        await token.limiter.acquire(priority=SINGLE, max_wait=5.0, refused_permit=permit)

    await asyncio.gather(refused_call(), token.call())
    assert DenialReason.REFUSED not in [notice.reason for notice in token.notices]


@in_virtual_time
async def test_refused_call_does_not_fail_because_of_later_calls_that_wait() -> None:
    token = SimulatedToken()
    for _ in range(9):
        await token.call()
    permit = await token.limiter.acquire(priority=SINGLE, max_wait=None)
    token.left = 0
    token.limiter.responded(permit, token.response())
    later = [asyncio.create_task(token.call()) for _ in range(25)]
    await run_ready_tasks()
    assert await token.limiter.acquire(priority=SINGLE, max_wait=40.0, refused_permit=permit) is permit
    assert 29 < token.seconds < 32
    token.limiter.responded(permit, token.response())
    await asyncio.gather(*later)


@in_virtual_time
async def test_wait_fails_as_soon_as_it_is_known_to_be_too_long() -> None:
    token = SimulatedToken(permitted=2)
    waiter = await waiting_call(token, until=0.5)
    await run_ready_tasks()
    assert waiter.done()
    with pytest.raises(RateLimitWaitError):
        await waiter
    assert token.notices == []  # no call was left waiting


@in_virtual_time
async def test_calls_whose_wait_has_failed_do_not_count_as_ahead_of_others() -> None:
    token = SimulatedToken()
    for _ in range(9):
        await token.call()
    last = asyncio.create_task(token.call())
    await run_ready_tasks()
    short_waits = [asyncio.create_task(token.call(max_wait=5.0)) for _ in range(10)]
    long_wait = asyncio.create_task(token.call(max_wait=65.0))  # the next reset comes within 30 s
    await last
    results = await asyncio.gather(*short_waits, return_exceptions=True)
    assert [type(result) for result in results] == [RateLimitWaitError] * 10
    await long_wait


@in_virtual_time
async def test_newcomer_is_not_behind_calls_whose_wait_has_just_failed() -> None:
    token = SimulatedToken()
    for _ in range(9):
        await token.call()
    last = await token.limiter.acquire(priority=SINGLE, max_wait=None)
    short_waits = [asyncio.create_task(token.call(max_wait=5.0)) for _ in range(10)]
    await run_ready_tasks()
    token.limiter.responded(last, token.response())
    await token.call(max_wait=65.0)  # the next reset comes within 30 s
    results = await asyncio.gather(*short_waits, return_exceptions=True)
    assert [type(result) for result in results] == [RateLimitWaitError] * 10


@in_virtual_time
async def test_calls_that_were_cancelled_do_not_count_as_ahead_of_a_new_call() -> None:
    token = SimulatedToken()
    await token.spend()
    first, *cancelled = [asyncio.create_task(token.call()) for _ in range(11)]
    await run_ready_tasks()
    for task in cancelled:
        task.cancel()
    await asyncio.gather(*cancelled, return_exceptions=True)
    await token.call(max_wait=65.0)  # the next reset comes within 30 s
    await first


@in_virtual_time
async def test_error_says_how_long_the_call_could_still_wait() -> None:
    waiter = await waiting_call(SimulatedToken(permitted=2), until=8.0)
    with pytest.raises(RateLimitWaitError) as caught:
        await waiter
    assert caught.value.wait.max_wait == pytest.approx(2.0, abs=0.01)


@in_virtual_time
async def test_max_wait_bounds_the_wait_for_a_slot_too() -> None:
    token = SimulatedToken(max_in_flight=1)
    slow = await token.limiter.acquire(priority=SINGLE, max_wait=0.5)
    asked_at = token.seconds
    with pytest.raises(RateLimitWaitError, match=r"has waited 2\.0 s for the rate limit, and may not wait longer"):
        await token.limiter.acquire(priority=SINGLE, max_wait=2.0)
    assert token.seconds - asked_at == pytest.approx(2.0, abs=0.01)
    token.limiter.lost(slow)
    assert token.limiter.acquire_nowait(priority=SINGLE) is not None


@in_virtual_time
async def test_slot_of_a_request_with_another_token_is_given_to_a_waiting_call() -> None:
    slots = Slots(1)
    first, second = SimulatedToken(), SimulatedToken()
    held = await first.limiter.acquire(priority=SINGLE, max_wait=None, slots=slots)
    waiting = asyncio.create_task(second.limiter.acquire(priority=SINGLE, max_wait=None, slots=slots))
    await run_ready_tasks()
    assert not waiting.done()
    first.limiter.responded(held, first.response())
    await asyncio.wait_for(waiting, 1.0)


@in_virtual_time
async def test_slot_that_the_first_waiting_token_cannot_use_is_given_to_a_call_of_the_next() -> None:
    slots = Slots(2)
    tokens = [SimulatedToken() for _ in range(4)]
    held = [await tokens[0].limiter.acquire(priority=SINGLE, max_wait=None, slots=slots) for _ in range(2)]
    cancelled, batch, single = (
        asyncio.create_task(token.limiter.acquire(priority=priority, max_wait=None, slots=slots))
        for token, priority in zip(tokens[1:], (SINGLE, BATCH, SINGLE), strict=True)
    )
    await run_ready_tasks()
    cancelled.cancel()
    tokens[0].limiter.responded(held[0], tokens[0].response())
    await run_ready_tasks()
    assert batch.done()
    tokens[0].limiter.responded(held[1], tokens[0].response())
    await run_ready_tasks()
    assert single.done()
    second = asyncio.create_task(tokens[2].limiter.acquire(priority=BATCH, max_wait=None, slots=slots))
    last = asyncio.create_task(tokens[1].limiter.acquire(priority=SINGLE, max_wait=None, slots=slots))
    await run_ready_tasks()
    tokens[3].limiter.responded(single.result(), tokens[3].response())
    await run_ready_tasks()
    assert not second.done(), "a batch leaves a slot to single calls"
    assert last.done()
    second.cancel()


@in_virtual_time
async def test_error_of_a_call_at_the_time_of_the_reset_has_the_reason_of_that_time() -> None:
    token = SimulatedToken()
    await token.spend()
    with pytest.raises(RateLimitWaitError) as caught:
        await token.limiter.acquire(priority=SINGLE, max_wait=0.0)
    assert caught.value.retry_after is not None
    await asyncio.sleep(caught.value.retry_after - SHORTEST_TIMER / 2)
    probe = asyncio.create_task(token.limiter.acquire(priority=SINGLE, max_wait=None))
    await asyncio.sleep(0.7 * SHORTEST_TIMER)
    assert not probe.done(), "the reset is due, but the timer is later"
    with pytest.raises(RateLimitWaitError, match="the first responses will show"):
        await token.limiter.acquire(priority=SINGLE, max_wait=0.0)
    await probe


@in_virtual_time
async def test_error_after_a_wait_for_a_slot_names_max_in_flight_and_no_reset() -> None:
    token = SimulatedToken(max_in_flight=1)
    await token.call()
    await token.limiter.acquire(priority=SINGLE, max_wait=None)
    with pytest.raises(RateLimitWaitError, match=r"as many requests are in flight as max_in_flight allows") as caught:
        await token.limiter.acquire(priority=SINGLE, max_wait=2.0)
    assert (caught.value.remaining, caught.value.retry_after) == (8, 0.0)
    assert caught.value.resets_at is not None


@in_virtual_time
async def test_cancelled_waiter_uses_no_request_and_delays_no_other() -> None:
    token = SimulatedToken()
    await token.spend()
    waiting = [asyncio.create_task(token.call()) for _ in range(6)]
    await run_ready_tasks()
    for task in waiting[:3]:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    assert [task.cancelled() for task in waiting] == [True] * 3 + [False] * 3
    assert token.limiter.snapshot().in_flight == 0
    assert token.left == 7


@in_virtual_time
async def test_reason_of_a_failed_wait_does_not_hold_for_later_calls() -> None:
    token = SimulatedToken(max_in_flight=2)
    await token.call()
    in_flight = await token.limiter.acquire(priority=SINGLE, max_wait=None)
    token.left = 1
    await token.call()
    with pytest.raises(RateLimitWaitError, match="all requests of the window are used up"):
        await token.call(max_wait=1.0)
    token.permitted = token.left = 20
    token.limiter.responded(in_flight, token.response())  # the limit was raised, which begins a window
    await asyncio.gather(*(token.call(max_wait=1.0) for _ in range(3)))  # the third waits for a slot


@in_virtual_time
async def test_short_wait_fails_at_once_while_calls_of_both_priorities_wait() -> None:
    token = SimulatedToken()
    await token.spend()
    waiting = [asyncio.create_task(token.call(priority=priority)) for priority in (SINGLE, BATCH)]
    await asyncio.sleep(0)
    with pytest.raises(RateLimitWaitError):
        await token.call(priority=BATCH, max_wait=1.0)
    await asyncio.gather(*waiting)


@in_virtual_time
async def test_single_call_does_not_fail_because_a_batch_has_a_longer_wait() -> None:
    """The server resets late: single calls probe for that, and batches wait for the next window."""
    token = SimulatedToken()
    await token.spend()
    await asyncio.sleep(33.5 - token.seconds)
    token.left = 0
    await token.call()  # is sent more than GRACE after the reset was due
    batch = asyncio.create_task(token.call(priority=BATCH))
    await run_ready_tasks()
    token.reset()
    await token.call(max_wait=5.0)
    await batch


@in_virtual_time
async def test_waiter_cancelled_when_its_permit_is_granted_returns_the_permit() -> None:
    token = SimulatedToken(max_in_flight=1)
    first = await token.limiter.acquire(priority=SINGLE, max_wait=None)
    cancelled = asyncio.create_task(token.limiter.acquire(priority=SINGLE, max_wait=None))
    following = asyncio.create_task(token.limiter.acquire(priority=SINGLE, max_wait=None))
    await run_ready_tasks()
    token.limiter.responded(first, token.response())  # grants the permit of the cancelled call, which has not run yet
    cancelled.cancel()
    await run_ready_tasks()
    assert cancelled.cancelled()
    token.limiter.responded(await following, token.response())
    assert token.limiter.snapshot().in_flight == 0


@in_virtual_time
async def test_waiter_cancelled_when_its_wait_fails_leaves_the_queue() -> None:
    token = SimulatedToken(max_in_flight=1)
    permit = await token.limiter.acquire(priority=SINGLE, max_wait=None)
    waiter = asyncio.create_task(token.limiter.acquire(priority=SINGLE, max_wait=1.0))
    await run_ready_tasks()
    token.loop.call_later(1.0, waiter.cancel)
    await asyncio.gather(waiter, return_exceptions=True)
    assert token.limiter.snapshot().queued == 0
    token.limiter.unsent(permit)


@in_virtual_time
async def test_only_the_first_outcome_of_a_permit_is_recorded() -> None:
    token = SimulatedToken()
    await token.call()
    permit = token.limiter.acquire_nowait(priority=SINGLE)
    assert permit is not None
    token.limiter.lost(permit)
    token.limiter.responded(permit, RateLimitHeaders(10, 1, None))
    token.limiter.unsent(permit)
    status = token.limiter.snapshot()
    assert (status.in_flight, status.remaining) == (0, 8)


@in_virtual_time
async def test_lost_and_unsent_requests_wake_waiters() -> None:
    token = SimulatedToken(max_in_flight=2)
    one, two = [await token.limiter.acquire(priority=SINGLE, max_wait=None) for _ in range(2)]
    waiting = [asyncio.create_task(token.limiter.acquire(priority=SINGLE, max_wait=None)) for _ in range(2)]
    await run_ready_tasks()
    token.limiter.lost(one)
    await run_ready_tasks()
    token.limiter.unsent(two)
    await asyncio.gather(*waiting)


@in_virtual_time
async def test_listener_is_called_once_for_all_calls_that_wait_for_a_reset() -> None:
    token = SimulatedToken()
    notices: list[WaitNotice] = []
    listener = notices.append
    token.limiter.listeners.append(listener)
    await token.spend()
    waiting = [asyncio.create_task(token.limiter.acquire(priority=SINGLE, max_wait=None)) for _ in range(3)]
    await run_ready_tasks()
    assert len(notices) == len(token.notices) == 1
    notice = notices[0]
    assert (notice.reason, notice.queued, notice.permitted, notice.remaining) == (DenialReason.SPENT, 1, 10, 0)
    assert notice.resets_at == MIDNIGHT + 60.0
    assert 28 < notice.seconds < 31
    token.limiter.listeners.remove(listener)
    for permit in await asyncio.gather(*waiting[:1]):
        token.limiter.responded(permit, token.response())
    await asyncio.gather(*waiting)
    assert len(notices) == 1


@in_virtual_time
async def test_failing_listener_changes_nothing_for_the_waiting_calls() -> None:
    token = SimulatedToken()
    reported: list[object] = []
    token.loop.set_exception_handler(lambda _, context: reported.append(context["exception"]))

    def fail(_: WaitNotice) -> None:
        raise ValueError("hook")

    token.limiter.listeners.append(fail)
    await token.spend()
    await token.call()
    assert [str(error) for error in reported] == ["hook"]


@in_virtual_time
async def test_estimate_includes_the_current_window() -> None:
    token = SimulatedToken()
    await token.call()
    assert token.limiter.estimate(9).seconds == 0.0
    assert token.limiter.estimate(9).windows == 1
    estimate = token.limiter.estimate(25)
    assert (estimate.requests, estimate.windows) == (25, 3)
    assert 88 < estimate.seconds < 92


@in_virtual_time
async def test_reset_of_a_window_does_not_change_the_estimated_end_of_a_batch() -> None:
    token = SimulatedToken(permitted=50)
    token.loop.call_at(token.began_at + 90.0, token.reset)
    token.loop.call_at(token.began_at + 150.0, token.reset)
    calls = [asyncio.create_task(token.call(priority=BATCH)) for _ in range(190)]
    ends = []
    for reset_at in (30.0, 90.0, 150.0):
        await asyncio.sleep(reset_at - 0.5 - token.seconds)
        while token.seconds < reset_at + 0.5:
            await asyncio.sleep(0.02)
            left = len([call for call in calls if not call.done()])
            ends.append(token.seconds + token.limiter.estimate(left).seconds)
    assert all(call.done() for call in calls)
    assert max(ends) - min(ends) < 1.0


@in_virtual_time
async def test_batch_with_an_announced_end_uses_the_whole_window() -> None:
    token = SimulatedToken(permitted=100)
    token.limiter.expect(100)
    began_at = token.seconds
    for _ in range(100):
        await token.call(priority=BATCH)
        token.limiter.expect(-1)
    assert token.seconds - began_at < 6.0


@in_virtual_time
async def test_batch_that_outlasts_the_window_leaves_requests_for_single_calls() -> None:
    token = SimulatedToken(permitted=100)
    token.limiter.expect(1000)
    workers = [asyncio.create_task(token.work(None, items=100)) for _ in range(10)]
    await asyncio.sleep(3.0)
    asked_at = token.seconds
    await token.call()
    assert token.seconds - asked_at < 0.1
    for worker in workers:
        worker.cancel()
    await asyncio.gather(*workers, return_exceptions=True)


@in_virtual_time
async def test_batch_that_fits_into_the_window_does_not_wait_for_one_that_outlasts_it() -> None:
    """Both call the same endpoint, and the calls of the longer batch came first."""
    token = SimulatedToken(permitted=100)
    token.limiter.expect(1000, batch="long")
    workers = [asyncio.create_task(token.work("long", items=100)) for _ in range(10)]
    await asyncio.sleep(3.0)
    assert token.left > 20  # held back from the longer batch
    began_at = token.seconds
    token.limiter.expect(20, batch="short")
    await asyncio.gather(*(token.work("short", items=5) for _ in range(4)))
    assert token.seconds - began_at < 1.0
    for worker in workers:
        worker.cancel()
    await asyncio.gather(*workers, return_exceptions=True)
