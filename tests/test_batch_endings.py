"""How a batch ends: left, cancelled, broken by a bug, or condemned. In virtual time, without a network."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Iterator

import pytest

from katapult_async.batch import Failed, Succeeded
from katapult_async.errors import (
    AuthenticationError,
    ClientClosedError,
    KatapultError,
    NotAttemptedError,
    Problem,
)

from .batches import FakeLimiter, batch, collect, come, counted, double, outcomes

pytestmark = pytest.mark.looptime

PROBLEM = Problem(method="GET", path="/x", description="no", status=403)
REJECTED = AuthenticationError(PROBLEM)


async def test_leaving_early_stops_the_workers_and_closes_the_input_at_once() -> None:
    ended: list[str] = []

    async def items() -> AsyncIterator[int]:
        try:
            for number in itertools.count():
                yield number
        finally:
            ended.append("input")

    async def call(item: int) -> int:
        if not item:
            return item
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("call")
        raise AssertionError

    before = asyncio.all_tasks()
    async with batch(call, items(), concurrency=4) as running:
        async for _ in running:
            await asyncio.sleep(0)
            break
    assert asyncio.all_tasks() == before
    assert sorted(ended) == ["call"] * (len(ended) - 1) + ["input"]
    assert len(ended) >= 4


async def test_what_is_finished_is_given_out_though_its_worker_was_cancelled_meanwhile() -> None:
    others = asyncio.all_tasks()
    async with batch(double, itertools.count(), concurrency=2) as running:
        await asyncio.sleep(1.0)
        for worker in asyncio.all_tasks() - others:
            worker.cancel()
        await asyncio.sleep(1.0)
        assert [await anext(running), await anext(running)] == [Succeeded(0, 0), Succeeded(1, 2)]
        with pytest.raises(RuntimeError, match="cancelled itself"):
            await anext(running)


async def test_an_exception_in_the_body_stops_the_workers_and_stays_itself() -> None:
    async def body() -> None:
        async with batch(double, itertools.count()) as running:
            await anext(running)
            raise ZeroDivisionError

    before = asyncio.all_tasks()
    with pytest.raises(ZeroDivisionError):
        await body()
    assert asyncio.all_tasks() == before


async def test_cancelling_the_consumer_stops_the_workers() -> None:
    async def hang(_: int) -> None:
        await asyncio.Event().wait()

    before = asyncio.all_tasks()
    task = asyncio.create_task(outcomes(batch(hang, itertools.count())))
    await asyncio.sleep(1.0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert asyncio.all_tasks() == before


@pytest.mark.parametrize("asynchronous", [False, True])
async def test_an_input_that_raises_is_raised_after_what_was_finished(*, asynchronous: bool) -> None:
    def items() -> Iterator[int]:
        yield from range(5)
        raise ZeroDivisionError("in the input")

    found: list[Succeeded[int, int] | Failed[int]] = []
    with pytest.raises(ZeroDivisionError, match="in the input"):
        await collect(batch(double, come(items()) if asynchronous else items()), found)
    assert sorted(outcome.key for outcome in found) == list(range(5))


async def test_an_exception_that_is_no_katapult_error_is_raised() -> None:
    async def call(item: int) -> int:
        if item == 3:
            raise ZeroDivisionError("a bug")
        return item

    found: list[Succeeded[int, int] | Failed[int]] = []
    with pytest.raises(ZeroDivisionError, match="a bug"):
        await collect(batch(call, range(1000), concurrency=2), found)
    assert {0, 1, 2} <= {outcome.key for outcome in found}
    assert len(found) < 10


async def test_after_a_bug_was_raised_the_iteration_is_over() -> None:
    async def call(_: int) -> int:
        raise ZeroDivisionError

    async with batch(call, range(9)) as running:
        with pytest.raises(ZeroDivisionError):
            await anext(running)
        with pytest.raises(StopAsyncIteration):
            await anext(running)


async def test_a_call_that_cancels_itself_is_a_bug_and_no_hang() -> None:
    async def call(_: int) -> int:
        raise asyncio.CancelledError

    with pytest.raises(RuntimeError, match="a call of the batch cancelled itself"):
        await outcomes(batch(call, range(9)))


@pytest.mark.parametrize("condemning", [REJECTED, ClientClosedError("closed")])
@pytest.mark.parametrize("concurrency", [1, 5])
async def test_what_would_fail_every_item_stops_the_calls_and_names_the_rest(
    condemning: KatapultError, concurrency: int
) -> None:
    calls = 0

    async def call(item: int) -> int:
        nonlocal calls
        calls += 1
        await asyncio.sleep(1.0)
        if item == 10:
            raise condemning
        return item

    found = await outcomes(batch(call, range(100), concurrency=concurrency))
    assert sorted(outcome.key for outcome in found) == list(range(100))
    errors = {outcome.key: outcome.error for outcome in found if isinstance(outcome, Failed)}
    assert errors.pop(10) is condemning
    assert {type(error) for error in errors.values()} == {NotAttemptedError}
    assert all(str(condemning) in str(error) for error in errors.values())
    assert 11 <= calls <= 10 + concurrency


async def test_an_input_without_a_length_is_announced_as_much_until_its_end_comes() -> None:
    limiter = FakeLimiter()
    async with batch(double, iter(range(5)), concurrency=2, limiter=limiter) as running:
        assert limiter.expected > 1000
        assert len([outcome async for outcome in running]) == 5
        assert limiter.expected == 0
    assert limiter.expected == 0


async def test_leaving_an_endless_batch_takes_back_what_was_announced() -> None:
    limiter = FakeLimiter()
    async with batch(double, counted([]), limiter=limiter) as running:
        await anext(running)
        assert limiter.expected > 1000
    assert limiter.expected == 0
