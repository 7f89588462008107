"""A batch has exactly one outcome for every item, and few items in memory. In virtual time, without a network."""

import asyncio
import contextlib
import itertools
import weakref
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from typing import Any

import attrs
import looptime
import pytest
from hypothesis import given, settings, strategies as st

from katapult_async.batch import Batch, Failed, Succeeded
from katapult_async.call_limits import CallLimits, current_limits
from katapult_async.errors import (
    NotFoundError,
    Problem,
    UsageError,
)
from tests.freed_frames import frees_its_awaiter, without_garbage_collector

from .offline_batches import (
    FakeLimiter,
    ProgressBar,
    arriving,
    double,
    endless_numbers,
    make_batch,
    outcomes_of,
    requests_of,
)

pytestmark = pytest.mark.looptime

PROBLEM = Problem(method="GET", path="/x", description="no", status=403)
NOT_FOUND = NotFoundError(PROBLEM)


async def test_every_item_has_its_own_result() -> None:
    outcomes = await outcomes_of(make_batch(double, range(100)))
    assert {outcome.key: outcome.value for outcome in outcomes if isinstance(outcome, Succeeded)} == {
        item: 2 * item for item in range(100)
    }


@pytest.mark.parametrize("concurrency", [1, 50, 1000])
def test_concurrency_from_1_to_1000_is_accepted(concurrency: int) -> None:
    make_batch(double, [], concurrency=concurrency)


@pytest.mark.parametrize("concurrency", [0, -1, 1001, 1.0, True, False, "5", None, float("nan"), float("inf")])
def test_concurrency_out_of_range_or_of_another_type_raises_usage_error(concurrency: Any) -> None:
    with pytest.raises(UsageError, match=r"^concurrency must be a whole number from 1 to 1000, not "):
        make_batch(double, [], concurrency=concurrency)


@pytest.mark.parametrize("concurrency", [1, 7])
async def test_empty_input_has_no_outcomes(concurrency: int) -> None:
    assert await outcomes_of(make_batch(double, [], concurrency=concurrency)) == []
    assert await outcomes_of(make_batch(double, arriving([]), concurrency=concurrency)) == []


async def test_outcomes_are_in_order_of_completion() -> None:
    async def call(seconds: float) -> float:
        await asyncio.sleep(seconds)
        return seconds

    outcomes = await outcomes_of(make_batch(call, [3.0, 1.0, 2.0], concurrency=3))
    assert [outcome.key for outcome in outcomes] == [1.0, 2.0, 3.0]


async def test_failed_item_does_not_stop_the_others() -> None:
    async def call(item: int) -> int:
        if item % 2:
            raise NOT_FOUND
        return item

    outcomes = await outcomes_of(make_batch(call, range(6)))
    assert {outcome.key for outcome in outcomes if isinstance(outcome, Failed) and outcome.error is NOT_FOUND} == {
        1,
        3,
        5,
    }
    assert {outcome.key for outcome in outcomes if isinstance(outcome, Succeeded)} == {0, 2, 4}


async def test_objects_of_a_failed_item_are_freed_with_its_outcome() -> None:
    held = []

    async def call(item: int) -> None:
        local = Counter([item])
        held.append(weakref.ref(local))
        raise NotFoundError(PROBLEM)

    with without_garbage_collector():
        outcomes = await outcomes_of(make_batch(call, range(3)))
        del outcomes
        assert [reference() for reference in held] == [None] * 3


def input_that_raises() -> Iterator[int]:
    yield 1
    raise ZeroDivisionError


async def raises_bug(_: int) -> None:
    raise ZeroDivisionError


async def raises_group_with_bug(_: int) -> None:
    raise ExceptionGroup("", [NotFoundError(PROBLEM), ZeroDivisionError()])


@pytest.mark.parametrize(
    ("call", "items"),
    [(double, input_that_raises()), (raises_bug, range(3)), (raises_group_with_bug, range(3))],
    ids=["input", "call", "group"],
)
async def test_frame_that_iterated_a_crashed_batch_is_freed_without_the_garbage_collector(
    call: Callable[[int], Awaitable[object]], items: Iterable[int]
) -> None:
    assert await frees_its_awaiter(
        lambda: outcomes_of(make_batch(call, items)), failing_with=(ZeroDivisionError, ExceptionGroup)
    )


async def test_batch_that_was_left_is_freed_even_if_its_calls_raise_when_they_are_cancelled() -> None:
    async def call(_: int) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            raise ZeroDivisionError

    async def leave() -> "weakref.ref[Batch[int, None]]":
        async with make_batch(call, range(3), concurrency=2) as batch:
            await asyncio.sleep(0)
            return weakref.ref(batch)

    with without_garbage_collector():
        reference = await asyncio.create_task(leave())
        await asyncio.sleep(0)
        assert reference() is None


@pytest.mark.parametrize("taken", [0, 1, 3])
async def test_batch_that_was_left_is_freed_without_the_garbage_collector(taken: int) -> None:
    async def leave() -> "weakref.ref[Batch[int, int]]":
        async with make_batch(double_slowly, range(3), concurrency=2) as batch:
            for _ in range(taken):
                await anext(batch)
            return weakref.ref(batch)

    async def double_slowly(item: int) -> int:
        await asyncio.sleep(item)
        return 2 * item

    with without_garbage_collector():
        assert (await asyncio.create_task(leave()))() is None


@pytest.mark.parametrize("error", [lambda: NotFoundError(PROBLEM), ZeroDivisionError])
async def test_batch_that_was_left_is_freed_even_if_outcomes_of_failed_items_were_not_taken(
    error: Callable[[], Exception],
) -> None:
    async def fail(item: int) -> None:
        if item:
            raise error()

    async def leave() -> "weakref.ref[Batch[int, None]]":
        async with make_batch(fail, range(3), concurrency=2) as batch:
            await anext(batch)
            await asyncio.sleep(1.0)
            return weakref.ref(batch)

    with without_garbage_collector():
        assert (await asyncio.create_task(leave()))() is None


async def test_item_whose_task_group_fails_has_the_first_error_as_its_outcome() -> None:
    async def fail(seconds: float) -> None:
        await asyncio.sleep(seconds)
        raise NotFoundError(attrs.evolve(PROBLEM, path=f"/{seconds}"))

    async def call(item: int) -> int:
        async with asyncio.TaskGroup() as tasks, asyncio.TaskGroup() as inner:
            if item == 1:
                inner.create_task(fail(1.0))
                tasks.create_task(fail(2.0))
        return item

    outcomes = await outcomes_of(make_batch(call, range(3)))
    assert {outcome.key for outcome in outcomes if isinstance(outcome, Succeeded)} == {0, 2}
    [failed] = [outcome.error for outcome in outcomes if isinstance(outcome, Failed)]
    assert isinstance(failed, NotFoundError)
    assert failed.path == "/1.0"


async def test_group_with_an_exception_of_the_callers_own_is_raised() -> None:
    group = ExceptionGroup("", [NOT_FOUND, ExceptionGroup("", [KeyError("x")])])

    async def call(_: int) -> None:
        raise group

    with pytest.raises(ExceptionGroup) as raised:
        await outcomes_of(make_batch(call, range(3)))
    assert raised.value is group


@pytest.mark.parametrize("concurrency", [1, 4])
async def test_batch_holds_at_most_concurrency_items_of_an_endless_input(concurrency: int) -> None:
    taken: list[int] = []
    async with make_batch(double, endless_numbers(taken), concurrency=concurrency) as batch:
        for received in range(50):
            for _ in range(20):
                await asyncio.sleep(0)  # enough for the workers to take more
            assert len(taken) - received <= concurrency
            await anext(batch)
    assert len(taken) <= 50 + concurrency


async def test_batch_takes_three_more_items_at_most_while_its_calls_are_stuck() -> None:
    taken: list[int] = []

    async def call(item: int) -> None:
        limits = current_limits()
        assert limits is not None
        assert limits.on_stuck is not None
        if item < 2:
            for _ in range(5):
                assert limits.on_stuck()
                await asyncio.sleep(1.0)
            await asyncio.Event().wait()

    async with make_batch(call, endless_numbers(taken), concurrency=2) as batch:
        await asyncio.sleep(50.0)
        assert len(taken) == 5
        assert {(await anext(batch)).key for _ in range(3)} == {2, 3, 4}
        await asyncio.sleep(50.0)
        assert len(taken) == 5


@pytest.mark.parametrize("items", [range(40), arriving(range(40))])
async def test_batch_continues_after_the_end_of_a_worker_that_was_added(items: Any) -> None:
    async def call(item: int) -> int:
        limits = current_limits()
        assert limits is not None
        assert limits.on_stuck is not None
        if item == 0:
            limits.on_stuck()
        await asyncio.sleep(1.0)
        return item

    assert len(await outcomes_of(make_batch(call, items, concurrency=2))) == 40


async def test_stuck_call_of_the_last_items_takes_no_further_item() -> None:
    async def call(_: int) -> bool:
        limits = current_limits()
        assert limits is not None
        assert limits.on_stuck is not None
        await asyncio.sleep(1.0)
        return limits.on_stuck()

    assert await outcomes_of(make_batch(call, [1, 2], concurrency=3)) == [Succeeded(1, False), Succeeded(2, False)]


@pytest.mark.parametrize(("items", "tasks"), [([], 1), ([1, 2], 3), (range(99), 50), (iter([1, 2]), 50)])
async def test_batch_of_few_items_starts_few_tasks(items: Iterable[int], tasks: int) -> None:
    others = len(asyncio.all_tasks())
    async with make_batch(double, items, concurrency=50):
        assert len(asyncio.all_tasks()) - others == tasks


async def test_input_that_grew_before_the_batch_was_entered_gets_as_many_workers_as_concurrency_allows() -> None:
    running = Counter[str]()

    async def call(_: int) -> None:
        running["now"] += 1
        running["most"] = max(running["most"], running["now"])
        await asyncio.sleep(1)
        running["now"] -= 1

    items: list[int] = []
    batch = make_batch(call, items, concurrency=7)
    items.extend(range(30))
    assert len(await outcomes_of(batch)) == 30
    assert running["most"] == 7


async def test_other_tasks_run_after_every_8_outcomes() -> None:
    iterations = 0

    async def count_iterations() -> None:
        nonlocal iterations
        while True:
            iterations += 1
            await asyncio.sleep(0)

    async with make_batch(double, range(64), concurrency=64) as batch:
        await asyncio.sleep(1.0)
        counting = asyncio.create_task(count_iterations())
        outcomes_per_iteration = Counter([iterations async for _ in batch])
        counting.cancel()
    assert list(outcomes_per_iteration.values()) == [8] * 8


async def test_cancelled_anext_loses_no_outcome() -> None:
    async with make_batch(double, range(64), concurrency=64) as batch:
        await asyncio.sleep(1.0)
        outcomes = [await anext(batch) for _ in range(8)]
        next_outcome = asyncio.ensure_future(anext(batch))
        await asyncio.sleep(0)  # after 8 outcomes the batch lets other tasks run first
        assert not next_outcome.done()
        next_outcome.cancel()
        await asyncio.wait([next_outcome])
        outcomes += [outcome async for outcome in batch]
    assert sorted(outcome.key for outcome in outcomes) == list(range(64))


async def test_slow_consumer_stops_the_workers() -> None:
    taken: list[int] = []
    async with make_batch(double, endless_numbers(taken), concurrency=5) as batch:
        await asyncio.sleep(1000.0)
        assert len(taken) == 5
        await anext(batch)
        await asyncio.sleep(1000.0)
        assert len(taken) == 6


@pytest.mark.skipif(not hasattr(asyncio, "eager_task_factory"), reason="needs the eager tasks of Python 3.12")
@pytest.mark.parametrize("seconds", [None, 1.0])
@pytest.mark.parametrize(("items", "count"), [([], 0), (range(100), 100)])
async def test_batch_whose_workers_are_eager_tasks_has_every_outcome(
    items: Any, count: int, seconds: float | None
) -> None:
    async def call(item: int) -> int:
        if seconds is not None:
            await asyncio.sleep(seconds)
        return item

    asyncio.get_running_loop().set_task_factory(getattr(asyncio, "eager_task_factory"))  # noqa: B009 # not in 3.11
    assert len(await outcomes_of(make_batch(call, items, concurrency=7))) == count


@pytest.mark.parametrize("items", [range(100), arriving(range(100))])
async def test_batch_needs_no_keyword_argument_of_the_task_factory(items: Any) -> None:
    loop = asyncio.get_running_loop()
    loop.set_task_factory(lambda loop, work: asyncio.Task(work, loop=loop))
    try:
        assert len(await outcomes_of(make_batch(double, items, concurrency=7))) == 100
    finally:
        loop.set_task_factory(None)  # pytest-asyncio gives it keyword arguments


async def test_as_many_calls_run_at_once_as_concurrency_allows() -> None:
    running = max_running = 0

    async def call(_: int) -> None:
        nonlocal running, max_running
        running += 1
        max_running = max(max_running, running)
        await asyncio.sleep(1.0)
        running -= 1

    began_at = asyncio.get_running_loop().time()
    await outcomes_of(make_batch(call, range(40), concurrency=8))
    assert max_running == 8
    assert asyncio.get_running_loop().time() - began_at == pytest.approx(5.0)


async def test_asynchronous_generator_is_read_item_by_item() -> None:
    outcomes = await outcomes_of(make_batch(double, arriving(range(30)), concurrency=7))
    assert sorted(outcome.key for outcome in outcomes) == list(range(30))


@pytest.mark.parametrize("taken", [2, 30])
async def test_one_task_reads_and_closes_an_asynchronous_input(taken: int) -> None:
    tasks: list[asyncio.Task[Any] | None] = []

    async def items() -> AsyncIterator[int]:
        tasks.append(asyncio.current_task())
        try:
            async for item in arriving(range(30)):
                tasks.append(asyncio.current_task())
                yield item
        finally:
            tasks.append(asyncio.current_task())

    async with make_batch(double, items(), concurrency=7) as batch:
        assert len([await anext(batch) for _ in range(taken)]) == taken
    assert len(tasks) > taken + 1
    assert len(set(tasks)) == 1


async def test_asynchronous_input_need_not_be_a_generator() -> None:
    class Numbers:
        def __init__(self) -> None:
            self.left = [1, 2, 3]

        def __aiter__(self) -> "Numbers":
            return self

        async def __anext__(self) -> int:
            if not self.left:
                raise StopAsyncIteration
            return self.left.pop()

    assert len(await outcomes_of(make_batch(double, Numbers()))) == 3


async def test_duplicate_item_has_two_outcomes() -> None:
    outcomes = await outcomes_of(make_batch(double, [5, 5]))
    assert outcomes == [Succeeded(5, 10), Succeeded(5, 10)]


@settings(max_examples=50)
@given(
    plan=st.lists(st.tuples(st.integers(0, 5), st.sampled_from(["succeeds", "fails"])), max_size=40),
    concurrency=st.integers(1, 10),
    pause=st.integers(0, 3),
    asynchronous=st.booleans(),
)
def test_batch_yields_every_item_exactly_once(
    plan: list[tuple[int, str]], concurrency: int, pause: int, *, asynchronous: bool
) -> None:
    async def call(item: int) -> int:
        seconds, ending = plan[item]
        await asyncio.sleep(seconds)
        if ending == "fails":
            raise NOT_FOUND
        return item

    async def main() -> None:
        items = range(len(plan))
        limiter = FakeLimiter()
        outcomes = []
        batch = make_batch(call, arriving(items) if asynchronous else items, concurrency=concurrency, limiter=limiter)
        async with batch:
            async for outcome in batch:
                outcomes.append(outcome)
                await asyncio.sleep(pause)
        assert sorted(outcome.key for outcome in outcomes) == list(items)
        for outcome in outcomes:
            assert isinstance(outcome, Succeeded) is (plan[outcome.key][1] == "succeeds")
        assert limiter.expected == 0

    with asyncio.Runner(loop_factory=looptime.new_event_loop) as runner:
        runner.run(main())


@pytest.mark.parametrize("items", ["vmnet_1", b"vmnet_1", None, 5, object()])
def test_input_that_is_not_an_iterable_of_items_raises_usage_error(items: object) -> None:
    with pytest.raises(UsageError, match=r"^a batch needs an iterable of items, not "):
        make_batch(double, items)


@pytest.mark.parametrize(
    "call",
    [lambda _: 5, lambda: double(1), print, endless_numbers],
    ids=["ordinary", "no item", "built-in", "generator"],
)
async def test_batch_of_a_function_that_is_not_async_or_takes_no_item_raises_usage_error(call: Any) -> None:
    with pytest.raises(UsageError, match="a batch calls an async function with one item each: "):
        await outcomes_of(make_batch(call, [[]]))


async def test_type_error_inside_a_call_is_raised_as_it_is() -> None:
    async def call(item: int) -> int:
        return len(item)  # type: ignore[arg-type] # the mistake

    with pytest.raises(TypeError, match="has no len"):
        await outcomes_of(make_batch(call, [1]))


async def test_type_error_of_a_future_is_raised_as_it_is() -> None:
    def call(_: int) -> asyncio.Future[int]:
        future = asyncio.get_running_loop().create_future()
        future.set_exception(TypeError("of the future"))
        return future

    with pytest.raises(TypeError, match="of the future"):
        await outcomes_of(make_batch(call, [1]))


async def test_item_of_a_task_that_fails_is_freed_with_its_outcome_without_the_garbage_collector() -> None:
    class Item:
        pass

    async def fail(_: Item) -> None:
        raise NotFoundError(PROBLEM)

    def call(item: Item) -> asyncio.Task[None]:
        return asyncio.create_task(fail(item))

    async def reference_to_failed_item() -> "weakref.ref[Item]":
        [outcome] = await outcomes_of(make_batch(call, iter([Item()])))
        assert isinstance(outcome, Failed)
        return weakref.ref(outcome.key)

    with without_garbage_collector():
        assert (await reference_to_failed_item())() is None


async def test_batch_can_be_entered_only_once() -> None:
    batch = make_batch(double, range(3))
    await outcomes_of(batch)
    with pytest.raises(UsageError, match="a batch can be entered only once"):
        await outcomes_of(batch)


async def test_iterating_before_entering_raises_usage_error() -> None:
    with pytest.raises(UsageError, match="enter the batch before you iterate"):
        await anext(make_batch(double, range(3)))


async def test_exhausted_batch_stays_exhausted() -> None:
    async with make_batch(double, [1]) as batch:
        assert [outcome async for outcome in batch] == [Succeeded(1, 2)]
        assert [outcome async for outcome in batch] == []


async def test_iterating_after_leaving_raises_usage_error() -> None:
    batch = make_batch(double, itertools.count())
    async with batch:
        pass
    with pytest.raises(UsageError, match="iterate inside the `async with`"):
        await anext(batch)


async def test_limits_of_a_batch_apply_to_its_calls_only() -> None:
    recorded = []

    async def call(_: int) -> None:
        recorded.append(current_limits())

    limits = CallLimits(max_wait=5.0, timeout=7.0)
    async with make_batch(call, range(3), limits=limits) as batch:
        async for _ in batch:
            assert current_limits() is None
    assert [(limits.max_wait, limits.timeout) for limits in recorded if limits] == [(5.0, 7.0)] * 3


async def test_limits_apply_inside_wait_for_gather_and_task_group_of_an_item() -> None:
    recorded = []

    async def record() -> None:
        await asyncio.sleep(0)
        recorded.append(current_limits())

    async def call(_: int) -> None:
        await asyncio.wait_for(record(), 1.0)
        await asyncio.gather(record(), record())
        async with asyncio.TaskGroup() as group:
            group.create_task(record())

    limits = CallLimits(timeout=7.0)
    async with make_batch(call, range(2), limits=limits) as batch:
        assert len([outcome async for outcome in batch]) == 2
    assert [limits.timeout for limits in recorded if limits] == [7.0] * 8


async def test_task_that_an_item_started_has_its_limits_until_the_item_ends() -> None:
    jobs: asyncio.Queue[asyncio.Future[CallLimits | None]] = asyncio.Queue()
    workers: list[asyncio.Task[None]] = []

    async def work() -> None:
        while True:
            (await jobs.get()).set_result(current_limits())

    async def call(_: int) -> CallLimits | None:
        if not workers:
            workers.append(asyncio.create_task(work()))
        return await submit()

    async def submit() -> CallLimits | None:
        job: asyncio.Future[CallLimits | None] = asyncio.get_running_loop().create_future()
        jobs.put_nowait(job)
        return await job

    limits = CallLimits(timeout=7.0)
    async with make_batch(call, [1], limits=limits) as batch:
        [outcome] = [outcome async for outcome in batch]
        assert isinstance(outcome, Succeeded)
        assert outcome.value is not None
        assert outcome.value.timeout == 7.0
        assert await submit() is None
    assert await submit() is None
    workers[0].cancel()


async def test_batch_announces_its_requests_to_the_limiter_and_withdraws_the_rest() -> None:
    limiter = FakeLimiter()
    ended: list[int] = []

    async def call(item: int) -> None:
        ended.append(item)

    async with make_batch(call, range(10), limiter=limiter) as batch:
        assert limiter.expected == 10
        async for _ in batch:
            assert limiter.expected == 10 - len(ended)
            if limiter.expected <= 5:
                break
    assert limiter.expected == 0


async def test_batch_can_be_left_if_a_call_ends_in_spite_of_its_cancellation() -> None:
    limiter = FakeLimiter()

    async def call(_: int) -> None:
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.Event().wait()

    async with make_batch(call, range(10), concurrency=3, limiter=limiter):
        await asyncio.sleep(0)
        assert limiter.expected == 10
    assert limiter.expected == 0


async def test_input_without_a_length_is_announced_as_many_requests_until_it_ends() -> None:
    limiter = FakeLimiter()
    async with make_batch(double, iter(range(5)), concurrency=2, limiter=limiter) as batch:
        assert limiter.expected > 1000
        assert len([outcome async for outcome in batch]) == 5
        assert limiter.expected == 0


async def test_input_can_have_more_items_than_len_can_return() -> None:
    async with make_batch(double, range(10**30)) as batch:
        assert isinstance(await anext(batch), Succeeded)
        assert requests_of(batch) is None


@pytest.mark.parametrize(
    ("items", "total", "left"),
    [
        (range(9), None, 9),
        (iter(range(9)), None, None),
        (iter(range(9)), 9, 9),
        (ProgressBar(range(9)), None, None),
    ],
    ids=["range", "iterator", "iterator with a total", "progress bar"],
)
async def test_estimate_needs_the_length_of_the_input(items: Any, total: int | None, left: int | None) -> None:
    async with make_batch(double, items, total=total) as batch:
        assert requests_of(batch) == left
        assert len([outcome async for outcome in batch]) == 9
        assert requests_of(batch) == (None if left is None else 0)
