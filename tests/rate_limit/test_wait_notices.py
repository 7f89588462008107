"""Every long wait of calls is announced once, with its seconds and its reason."""

import asyncio
import math
from collections.abc import Awaitable, Callable

import pytest

from katapult_async.call_limits import Priority
from katapult_async.config import RateLimitPolicy
from katapult_async.rate_limit.headers import RateLimitHeaders
from katapult_async.rate_limit.limiter import RateLimiter
from katapult_async.rate_limit.permit import Permit
from katapult_async.rate_limit.status import WaitNotice
from katapult_async.rate_limit.wait_notices import LONG_WAIT
from katapult_async.rate_limit.wait_reasons import DenialReason, Denied
from tests.rate_limit.simulated_server import MIDNIGHT
from tests.rate_limit.test_limiter import in_virtual_time
from tests.scripted_transport import now
from tests.simulation.virtual_time import run

SINGLE, BATCH = Priority.SINGLE, Priority.BATCH
ANOTHER_ENDPOINT = "GET /another"


class Calls:
    """A limiter, and calls whose responses come from the test. The server's window resets 30 s after the start."""

    def __init__(self, *, max_in_flight: int = 100) -> None:
        self.notices: list[WaitNotice] = []
        self.announced_at: list[float] = []
        policy = RateLimitPolicy(window=60.0, max_in_flight=max_in_flight)
        self.limiter = RateLimiter(policy, clock=now, random=lambda: 0.5)
        self.limiter.listeners.append(self.record)
        self.loop = asyncio.get_running_loop()
        self.began_at = self.loop.time()
        self.waiting: list[asyncio.Task[Permit]] = []

    def record(self, notice: WaitNotice) -> None:
        self.notices.append(notice)
        self.announced_at.append(self.seconds)

    @property
    def seconds(self) -> float:
        return self.loop.time() - self.began_at

    async def send(
        self, *, priority: Priority = SINGLE, route: str = "", refused_permit: Permit | None = None
    ) -> Permit:
        return await self.limiter.acquire(priority=priority, max_wait=None, route=route, refused_permit=refused_permit)

    def respond(self, permit: Permit, permitted: int = 100, remaining: int = 99) -> None:
        date = float(int(MIDNIGHT + 30.0 + self.seconds))
        self.limiter.responded(permit, RateLimitHeaders(permitted, remaining, date))

    def refuse(self, permit: Permit, *, remaining: int | None = None) -> None:
        date = float(int(MIDNIGHT + 30.0 + self.seconds))
        self.limiter.responded(permit, RateLimitHeaders(None, remaining, date, refused=True))

    def refuse_as_proxy(self, permit: Permit, *, retry_after: float | None = None) -> None:
        self.limiter.responded(permit, RateLimitHeaders(refused=True, from_katapult=False, retry_after=retry_after))

    def queue(self, count: int = 3, *, priority: Priority = SINGLE, refused_permit: Permit | None = None) -> None:
        """Begin calls, which wait for the limiter until `end`."""
        self.waiting += [
            asyncio.create_task(self.send(priority=priority, refused_permit=refused_permit)) for _ in range(count)
        ]

    async def end(self) -> None:
        for task in self.waiting:
            task.cancel()
        await asyncio.gather(*self.waiting, return_exceptions=True)


async def spent() -> Calls:
    calls = Calls()
    calls.respond(await calls.send(), 100, 0)
    calls.queue()
    return calls


async def refused() -> Calls:
    calls = Calls()
    permit = await calls.send()
    calls.respond(await calls.send(), 100, 5)
    calls.refuse(permit, remaining=0)
    calls.queue()
    return calls


async def reset_late() -> Calls:
    calls = Calls()
    calls.respond(await calls.send(), 100, 0)
    await asyncio.sleep(29.0)
    calls.refuse(await calls.send(), remaining=0)
    calls.notices.clear()

    async def probe() -> Permit:
        calls.refuse(await calls.send(), remaining=0)
        return await calls.send()

    calls.waiting += [asyncio.create_task(probe()) for _ in range(20)]
    return calls


async def budget_unknown() -> Calls:
    calls = Calls()
    for _ in range(4):
        await calls.send()
    calls.queue()
    return calls


async def slow_start() -> Calls:
    calls = Calls()
    first = await calls.send()
    await asyncio.sleep(0.5)
    calls.respond(first, 1000, 999)
    for _ in range(6):
        await calls.send()
    calls.queue()  # for 1.5 s at most, three times as long as the first response took
    return calls


async def probe_of_a_new_window() -> Calls:
    calls = Calls()
    calls.respond(await calls.send(), 100, 0)
    await asyncio.sleep(29.0)
    await calls.send()
    calls.notices.clear()
    calls.queue()
    return calls


async def all_remaining_in_flight() -> Calls:
    calls = Calls()
    calls.respond(await calls.send(), 10, 3)
    for _ in range(3):
        await calls.send()
    calls.queue()
    return calls


async def others_use_the_token() -> Calls:
    calls = Calls()
    calls.limiter.expect(1000)
    for remaining in (60, 40, 20, 4):
        calls.respond(await calls.send(priority=BATCH), 100, remaining)
    calls.queue(priority=BATCH)
    return calls


async def reserved_for_others() -> Calls:
    calls = Calls()
    calls.limiter.expect(1000)
    for remaining in range(99, 9, -1):
        permit = calls.limiter.acquire_nowait(priority=BATCH)
        if permit is None:
            break
        await asyncio.sleep(0.01)
        calls.respond(permit, 100, remaining)
    calls.queue(priority=BATCH)
    return calls


async def too_many_in_flight() -> Calls:
    calls = Calls(max_in_flight=1)
    await calls.send()
    calls.queue()
    return calls


async def limit_of_an_endpoint(*, max_in_flight: int = 100) -> Calls:
    """Refuse requests of an endpoint until it has a limit of its own, while those of another endpoint are accepted."""
    calls = Calls(max_in_flight=max_in_flight)
    for _ in range(2):
        permit = await calls.send()
        other = await calls.send(route=ANOTHER_ENDPOINT)
        calls.refuse(permit)
        calls.respond(other, 1000, 900)
        calls.respond(await calls.send(route=ANOTHER_ENDPOINT), 1000, 899)
        await asyncio.sleep(0.1)
    for granted in [calls.limiter.acquire_nowait(priority=SINGLE) for _ in range(3)]:
        if granted is not None:
            calls.refuse(granted)
            calls.respond(await calls.send(route=ANOTHER_ENDPOINT), 1000, 898)
    calls.notices.clear()
    calls.queue()
    return calls


async def closed_proxy() -> Calls:
    calls = Calls()
    calls.refuse_as_proxy(await calls.send(), retry_after=20.0)
    calls.queue()
    return calls


async def busy_proxy() -> Calls:
    calls = Calls()
    calls.refuse_as_proxy(await calls.send())
    calls.queue()
    return calls


async def endpoint_that_refuses_some() -> Calls:
    """Accept one of ten requests of an endpoint although the counter does not fall."""
    calls = Calls()
    for _ in range(7):
        calls.respond(await calls.send(), 1000, 500)
        for _ in range(9):
            calls.refuse(await calls.send(), remaining=500)
    for _ in range(4):
        await calls.send()
    calls.queue()
    return calls


async def call_refused_alone() -> Calls:
    """Refuse the same call four times although 80 requests are left."""
    calls = Calls()
    calls.respond(await calls.send(), 100, 90)
    permit = await calls.send()
    for _ in range(3):
        calls.refuse(permit, remaining=80)
        permit = await calls.send(refused_permit=permit)
    calls.refuse(permit, remaining=80)
    calls.notices.clear()
    calls.queue(1, refused_permit=permit)
    return calls


CAUSES: dict[Callable[[], Awaitable[Calls]], DenialReason] = {
    spent: DenialReason.SPENT,
    refused: DenialReason.REFUSED,
    reset_late: DenialReason.LATE,
    budget_unknown: DenialReason.PROBING,
    slow_start: DenialReason.PROBING,
    probe_of_a_new_window: DenialReason.PROBING,
    all_remaining_in_flight: DenialReason.DRAINING,
    others_use_the_token: DenialReason.SHARED,
    reserved_for_others: DenialReason.RESERVED,
    too_many_in_flight: DenialReason.BUSY,
    limit_of_an_endpoint: DenialReason.ENDPOINT,
    closed_proxy: DenialReason.PROXY,
    busy_proxy: DenialReason.PACED,
    endpoint_that_refuses_some: DenialReason.PACED,
    call_refused_alone: DenialReason.REFUSED,
}


def test_five_denial_reasons_mean_a_wait_for_a_reset() -> None:
    reasons = {reason for reason in DenialReason if Denied(0.0, reason).waits_for_reset}
    of_window = {DenialReason.SPENT, DenialReason.REFUSED, DenialReason.LATE}
    assert reasons == {*of_window, DenialReason.ENDPOINT, DenialReason.PROXY}


def test_every_reason_has_a_case_and_a_text() -> None:
    assert set(CAUSES.values()) == set(DenialReason)
    assert all(reason.text for reason in DenialReason)


@pytest.mark.parametrize("cause", list(CAUSES), ids=[cause.__name__ for cause in CAUSES])
def test_long_wait_is_announced_once_with_its_reason(cause: Callable[[], Awaitable[Calls]]) -> None:
    async def main() -> tuple[list[DenialReason], list[float]]:
        calls = await cause()
        assert calls.limiter.snapshot().queued == 0  # the tasks have not run yet
        await asyncio.sleep(LONG_WAIT + 0.1)
        await calls.end()
        return [notice.reason for notice in calls.notices], [notice.seconds for notice in calls.notices]

    reasons, seconds = run(main())
    assert reasons[0] == CAUSES[cause]
    assert reasons.count(reasons[0]) == 1
    assert seconds[0] > 0


@in_virtual_time
async def test_short_wait_for_a_response_is_not_announced() -> None:
    calls = await budget_unknown()
    await asyncio.sleep(LONG_WAIT - 0.1)
    await calls.end()
    await asyncio.sleep(5.0)
    assert calls.notices == []


@in_virtual_time
async def test_wait_for_a_response_is_announced_after_a_second() -> None:
    calls = await too_many_in_flight()
    await asyncio.sleep(10.0)
    await calls.end()
    assert [notice.seconds for notice in calls.notices] == [math.inf]
    assert calls.announced_at == [pytest.approx(LONG_WAIT, abs=0.01)]
    assert str(calls.notices[0]) == (
        "3 calls wait for a response: as many requests are in flight as max_in_flight allows"
    )


@in_virtual_time
async def test_wait_of_known_length_is_announced_at_its_beginning() -> None:
    calls = await spent()
    await asyncio.sleep(0.01)
    await calls.end()
    assert [str(notice) for notice in calls.notices] == ["1 call waits 30.0 s: all requests of the window are used up"]


@in_virtual_time
async def test_wait_for_a_response_is_announced_after_a_second_while_others_wait_for_a_reset() -> None:
    calls = await limit_of_an_endpoint(max_in_flight=2)
    await asyncio.sleep(1.5)  # one test of the limit is in flight
    began_at = calls.seconds
    for _ in range(3):
        calls.waiting.append(asyncio.create_task(calls.send(route=ANOTHER_ENDPOINT)))
    await asyncio.sleep(10.0)
    await calls.end()
    assert [notice.reason for notice in calls.notices] == [DenialReason.ENDPOINT, DenialReason.BUSY]
    assert calls.announced_at[-1] - began_at == pytest.approx(LONG_WAIT, abs=0.01)


@in_virtual_time
async def test_calls_that_are_sent_one_by_one_are_announced_once() -> None:
    """Each request is sent soon after the previous one, but the last calls in the queue wait long."""
    calls = Calls(max_in_flight=1)
    in_flight = await calls.send()
    calls.queue(50)
    for task in calls.waiting:
        await asyncio.sleep(0.2)
        calls.respond(in_flight, 1000, 900)
        in_flight = await task
    assert [notice.reason for notice in calls.notices] == [DenialReason.BUSY]


@in_virtual_time
async def test_batch_behind_single_calls_is_announced() -> None:
    """Each single call waits less than a second, but the calls of the batch wait longer."""
    calls = Calls(max_in_flight=2)
    in_flight = await calls.send()
    await calls.send()
    calls.queue(3, priority=BATCH)
    for _ in range(10):
        following = asyncio.create_task(calls.send())
        await asyncio.sleep(0.3)
        calls.respond(in_flight, 1000, 900)
        in_flight = await following
    await calls.end()
    assert [notice.reason for notice in calls.notices] == [DenialReason.BUSY]


@in_virtual_time
async def test_each_long_wait_is_announced() -> None:
    calls = await too_many_in_flight()
    await asyncio.sleep(2.0)
    await calls.end()
    calls.waiting.clear()
    calls.queue()
    await asyncio.sleep(2.0)
    await calls.end()
    assert [notice.reason for notice in calls.notices] == [DenialReason.BUSY] * 2


@in_virtual_time
async def test_wait_that_is_longer_than_announced_is_announced_again() -> None:
    """Another process has spent the new window too, so the calls wait for the next one."""
    calls = Calls()
    calls.respond(await calls.send(), 100, 0)

    async def call() -> Permit:
        while True:
            calls.respond(await calls.send(priority=BATCH), 100, 0)

    calls.waiting += [asyncio.create_task(call()) for _ in range(3)]
    await asyncio.sleep(80.0)
    await calls.end()
    long_waits = [notice.seconds for notice in calls.notices if notice.seconds > 5.0]
    assert long_waits == [pytest.approx(30.0, abs=5.0), pytest.approx(60.0, abs=5.0)]


@in_virtual_time
async def test_infinite_retry_after_of_a_proxy_delays_calls_by_two_minutes_only() -> None:
    """A ``Retry-After`` of 400 digits is read as infinite, and must not stop all calls with the token."""
    calls = Calls()
    calls.refuse_as_proxy(await calls.send(), retry_after=math.inf)
    calls.respond(await calls.send())
    assert calls.seconds == pytest.approx(120.0, abs=1.0)
    assert [round(notice.seconds) for notice in calls.notices] == [120]
