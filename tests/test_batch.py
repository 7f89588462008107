"""Many calls at once: every item exactly once and few in memory. In virtual time, without a network."""

import asyncio
import itertools
import math
from collections import Counter
from typing import Any

import looptime
import pytest
from hypothesis import given, settings, strategies as st

from katapult_async.batch import Failed, Succeeded
from katapult_async.errors import (
    NotFoundError,
    Problem,
    UsageError,
)
from katapult_async.options import CallLimits, scoped_limits

from .batches import FakeLimiter, batch, come, counted, double, outcomes

pytestmark = pytest.mark.looptime

PROBLEM = Problem(method="GET", path="/x", description="no", status=403)
GONE = NotFoundError(PROBLEM)


async def test_every_item_comes_back_with_its_answer() -> None:
    found = await outcomes(batch(double, range(100)))
    assert {outcome.key: outcome.value for outcome in found if isinstance(outcome, Succeeded)} == {
        item: 2 * item for item in range(100)
    }


@pytest.mark.parametrize("concurrency", [1, 7])
async def test_nothing_in_is_nothing_out(concurrency: int) -> None:
    assert await outcomes(batch(double, [], concurrency=concurrency)) == []
    assert await outcomes(batch(double, come([]), concurrency=concurrency)) == []


async def test_outcomes_come_in_order_of_completion() -> None:
    async def call(seconds: float) -> float:
        await asyncio.sleep(seconds)
        return seconds

    found = await outcomes(batch(call, [3.0, 1.0, 2.0], concurrency=3))
    assert [outcome.key for outcome in found] == [1.0, 2.0, 3.0]


async def test_a_failure_belongs_to_its_item_and_the_others_go_on() -> None:
    async def call(item: int) -> int:
        if item % 2:
            raise GONE
        return item

    found = await outcomes(batch(call, range(6)))
    assert {outcome.key for outcome in found if isinstance(outcome, Failed) and outcome.error is GONE} == {1, 3, 5}
    assert {outcome.key for outcome in found if isinstance(outcome, Succeeded)} == {0, 2, 4}


@pytest.mark.parametrize("concurrency", [1, 4])
async def test_never_more_items_are_held_than_concurrency_says_however_long_the_input(concurrency: int) -> None:
    taken: list[int] = []
    async with batch(double, counted(taken), concurrency=concurrency) as running:
        for received in range(50):
            for _ in range(20):
                await asyncio.sleep(0)  # time enough to take more
            assert len(taken) - received <= concurrency
            await anext(running)
    assert len(taken) <= 50 + concurrency


async def test_however_many_outcomes_wait_others_get_a_turn_among_them() -> None:
    turns = 0

    async def others() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    async with batch(double, range(64), concurrency=64) as running:
        await asyncio.sleep(1.0)
        ticking = asyncio.create_task(others())
        in_turn = Counter([turns async for _ in running])
        ticking.cancel()
    assert in_turn.total() == 64
    assert max(in_turn.values()) <= 8


async def test_a_consumer_that_is_cancelled_between_two_outcomes_loses_none() -> None:
    async with batch(double, range(64), concurrency=64) as running:
        await asyncio.sleep(1.0)
        found = [await anext(running) for _ in range(8)]
        taking = asyncio.ensure_future(anext(running))
        await asyncio.sleep(0)  # it has let others go first
        assert not taking.done()
        taking.cancel()
        await asyncio.wait([taking])
        found += [outcome async for outcome in running]
    assert sorted(outcome.key for outcome in found) == list(range(64))


async def test_a_slow_consumer_holds_the_workers_up() -> None:
    taken: list[int] = []
    async with batch(double, counted(taken), concurrency=5) as running:
        await asyncio.sleep(1000.0)
        assert len(taken) == 5
        await anext(running)
        await asyncio.sleep(1000.0)
        assert len(taken) == 6


async def test_as_many_calls_run_at_once_as_concurrency_says() -> None:
    running = most = 0

    async def call(_: int) -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(1.0)
        running -= 1

    began_at = asyncio.get_running_loop().time()
    await outcomes(batch(call, range(40), concurrency=8))
    assert most == 8
    assert asyncio.get_running_loop().time() - began_at == pytest.approx(5.0)


async def test_an_asynchronous_input_is_read_by_one_worker_at_a_time() -> None:
    found = await outcomes(batch(double, come(range(30)), concurrency=7))
    assert sorted(outcome.key for outcome in found) == list(range(30))


async def test_an_asynchronous_input_need_not_be_a_generator() -> None:
    class Numbers:
        def __init__(self) -> None:
            self.left = [1, 2, 3]

        def __aiter__(self) -> "Numbers":
            return self

        async def __anext__(self) -> int:
            if not self.left:
                raise StopAsyncIteration
            return self.left.pop()

    assert len(await outcomes(batch(double, Numbers()))) == 3


async def test_an_item_that_comes_twice_is_asked_twice() -> None:
    found = await outcomes(batch(double, [5, 5]))
    assert found == [Succeeded(5, 10), Succeeded(5, 10)]


@settings(max_examples=50)
@given(
    plan=st.lists(st.tuples(st.integers(0, 5), st.sampled_from(["fine", "fails"])), max_size=40),
    concurrency=st.integers(1, 10),
    pause=st.integers(0, 3),
    asynchronous=st.booleans(),
)
def test_whatever_takes_long_or_fails_every_item_comes_out_exactly_once(
    plan: list[tuple[int, str]], concurrency: int, pause: int, *, asynchronous: bool
) -> None:
    async def call(item: int) -> int:
        seconds, ending = plan[item]
        await asyncio.sleep(seconds)
        if ending == "fails":
            raise GONE
        return item

    async def main() -> None:
        items = range(len(plan))
        limiter = FakeLimiter()
        found = []
        made = batch(call, come(items) if asynchronous else items, concurrency=concurrency, limiter=limiter)
        async with made as running:
            async for outcome in running:
                found.append(outcome)
                await asyncio.sleep(pause)
        assert sorted(outcome.key for outcome in found) == list(items)
        for outcome in found:
            assert isinstance(outcome, Succeeded) is (plan[outcome.key][1] == "fine")
        assert limiter.expected == 0

    with asyncio.Runner(loop_factory=looptime.new_event_loop) as runner:
        runner.run(main())


@pytest.mark.parametrize("items", ["vmnet_1", b"vmnet_1", None, 5, object()])
def test_what_is_no_list_of_items_is_refused(items: object) -> None:
    with pytest.raises(UsageError, match=r"^a batch needs an iterable of items, not "):
        batch(double, items)


async def test_a_batch_is_entered_once() -> None:
    made = batch(double, range(3))
    await outcomes(made)
    with pytest.raises(UsageError, match="a batch is entered once"):
        await outcomes(made)


async def test_iterating_before_entering_says_what_to_do() -> None:
    with pytest.raises(UsageError, match="enter this before iterating"):
        await anext(batch(double, range(3)))


async def test_an_exhausted_batch_stays_exhausted() -> None:
    async with batch(double, [1]) as running:
        assert [outcome async for outcome in running] == [Succeeded(1, 2)]
        assert [outcome async for outcome in running] == []


async def test_after_its_end_a_batch_says_that_it_is_over() -> None:
    made = batch(double, itertools.count())
    async with made:
        pass
    with pytest.raises(UsageError, match="iterate inside the `async with`"):
        await anext(made)


async def test_the_calls_of_a_batch_know_their_settings_and_nobody_else_does() -> None:
    seen = []

    async def call(_: int) -> None:
        seen.append(scoped_limits())

    chosen = CallLimits(max_wait=5.0, timeout=7.0)
    async with batch(call, range(3), limits=chosen) as running:
        async for _ in running:
            assert scoped_limits() is None
    assert seen == [chosen] * 3
    assert CallLimits() == CallLimits(max_wait=math.inf, timeout=math.inf)


async def test_calls_inside_wait_for_gather_and_task_group_of_an_item_keep_the_limits_of_the_batch() -> None:
    seen = []

    async def note() -> None:
        await asyncio.sleep(0)
        seen.append(scoped_limits())

    async def call(_: int) -> None:
        await asyncio.wait_for(note(), 1.0)
        await asyncio.gather(note(), note())
        async with asyncio.TaskGroup() as group:
            group.create_task(note())

    chosen = CallLimits(timeout=7.0)
    async with batch(call, range(2), limits=chosen) as running:
        assert len([each async for each in running]) == 2
    assert seen == [chosen] * 8


async def test_a_worker_that_an_item_starts_has_no_limits_of_the_batch_once_the_item_has_its_outcome() -> None:
    jobs: asyncio.Queue[asyncio.Future[CallLimits | None]] = asyncio.Queue()
    workers: list[asyncio.Task[None]] = []

    async def work() -> None:
        while True:
            (await jobs.get()).set_result(scoped_limits())

    async def call(_: int) -> CallLimits | None:
        if not workers:
            workers.append(asyncio.create_task(work()))
        return await ask()

    async def ask() -> CallLimits | None:
        job: asyncio.Future[CallLimits | None] = asyncio.get_running_loop().create_future()
        jobs.put_nowait(job)
        return await job

    chosen = CallLimits(timeout=7.0)
    async with batch(call, [1], limits=chosen) as running:
        assert [each async for each in running] == [Succeeded(1, chosen)]
        assert await ask() is None
    assert await ask() is None
    workers[0].cancel()


async def test_the_limiter_is_told_what_is_to_come_and_what_is_not() -> None:
    limiter = FakeLimiter()
    async with batch(double, range(10), limiter=limiter) as running:
        assert limiter.expected == 10
        async for _ in running:
            if limiter.expected <= 5:
                break
        assert 0 < limiter.expected <= 5
    assert limiter.expected == 0


@pytest.mark.parametrize(
    ("items", "total", "left"), [(range(9), None, 9), (iter(range(9)), None, None), (iter(range(9)), 9, 9)]
)
async def test_an_estimate_needs_an_input_of_known_length(items: Any, total: int | None, left: int | None) -> None:
    async with batch(double, items, total=total) as running:
        estimate = running.estimate()
        assert (None if estimate is None else estimate.requests) == left
        assert len([outcome async for outcome in running]) == 9
        estimate = running.estimate()
        assert (None if estimate is None else estimate.requests) == (None if left is None else 0)
