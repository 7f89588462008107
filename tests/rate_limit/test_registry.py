"""Which clients share a limiter, and when limiters are dropped."""

import asyncio
import gc
import weakref

import pytest

from katapult_async.call_limits import SINGLE, Priority
from katapult_async.config import RateLimitPolicy
from katapult_async.core.redaction import Secret
from katapult_async.errors import RateLimitWaitError
from katapult_async.rate_limit.headers import RateLimitHeaders
from katapult_async.rate_limit.max_in_flight import Slots
from katapult_async.rate_limit.registry import RateLimiterRegistry
from katapult_async.rate_limit.status import WaitNotice

from .test_cost_of_waiting import CalledFunctions


def registry(origin: str = "https://a.example", *, window: float = 60.0) -> RateLimiterRegistry:
    def ignore(_: WaitNotice) -> None: ...

    return RateLimiterRegistry(origin=origin, policy=RateLimitPolicy(window=window), log_wait=ignore, on_wait=ignore)


async def test_clients_of_one_token_share_a_limiter_and_others_do_not() -> None:
    loop = asyncio.get_running_loop()
    limiter = registry().of(Secret("t"), loop)
    assert registry().of(Secret("t"), loop) is limiter
    assert registry().of(Secret("u"), loop) is not limiter
    assert registry("https://b.example").of(Secret("t"), loop) is not limiter
    assert registry(window=5.0).of(Secret("t"), loop) is not limiter


async def test_only_idle_limiters_are_dropped_when_there_are_many() -> None:
    loop = asyncio.get_running_loop()
    limiters = registry()
    used = limiters.of(Secret("used"), loop)
    permit = used.acquire_nowait(priority=Priority.SINGLE)
    assert permit is not None
    idle = [weakref.ref(limiters.of(Secret(f"t{number}"), loop)) for number in range(500)]
    gc.collect()
    assert len([limiter for limiter in idle if limiter() is not None]) < 200
    assert limiters.of(Secret("used"), loop) is used
    used.unsent(permit)


@pytest.mark.parametrize("busy", [159, 639])
async def test_new_limiter_costs_the_same_however_many_are_in_use(busy: int) -> None:
    loop = asyncio.get_running_loop()
    limiters = registry()
    used, permits = [], []
    for number in range(busy):
        used.append(limiters.of(Secret(f"busy{number}"), loop))
        permits.append(used[-1].acquire_nowait(priority=Priority.SINGLE))
    with CalledFunctions() as functions:
        for number in range(130):
            limiters.of(Secret(f"idle{number}"), loop)
    assert functions.count < 130 * 100, "else each new one checks all"
    assert [limiters.of(Secret(f"busy{number}"), loop) for number in range(busy)] == used
    for limiter, permit in zip(used, permits, strict=True):
        assert permit is not None
        limiter.unsent(permit)


def test_limiter_does_not_keep_its_loop_alive() -> None:
    loop = asyncio.new_event_loop()
    registry().of(Secret("t"), loop)
    loop.close()
    reference = weakref.ref(loop)
    del loop
    gc.collect()
    assert reference() is None


@pytest.mark.parametrize("remaining", [0, 5])
def test_limiter_whose_calls_waited_does_not_keep_its_loop_alive(remaining: int) -> None:
    headers = RateLimitHeaders(permitted=100, remaining=remaining, date=1_709_287_220.0)

    async def wait(clients: RateLimiterRegistry) -> "weakref.ref[asyncio.AbstractEventLoop]":
        loop = asyncio.get_running_loop()
        limiter, slots = clients.of(Secret("t"), loop), Slots(1)
        limiter.responded(await limiter.acquire(priority=SINGLE, max_wait=None), headers)
        if remaining:
            assert limiter.acquire_nowait(priority=SINGLE, slots=slots) is not None
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(limiter.acquire(priority=SINGLE, max_wait=None, slots=slots), 0.001)
        return weakref.ref(loop)

    reference = asyncio.run(wait(registry()))
    gc.collect()
    assert reference() is None


def test_limiter_whose_only_call_failed_at_once_does_not_keep_its_loop_alive() -> None:
    headers = RateLimitHeaders(permitted=100, remaining=0, date=1_709_287_220.0)

    async def wait(clients: RateLimiterRegistry) -> "weakref.ref[asyncio.AbstractEventLoop]":
        loop = asyncio.get_running_loop()
        limiter = clients.of(Secret("t"), loop)
        limiter.responded(await limiter.acquire(priority=SINGLE, max_wait=None), headers)
        with pytest.raises(RateLimitWaitError):
            await limiter.acquire(priority=SINGLE, max_wait=0.0)
        return weakref.ref(loop)

    reference = asyncio.run(wait(registry()))
    gc.collect()
    assert reference() is None
