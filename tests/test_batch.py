"""Many calls at once: every item exactly once, few in memory, and clean endings. In virtual time, without a network."""

import asyncio
import itertools
import math
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from typing import Any

import attrs
import looptime
import pytest
from hypothesis import given, settings, strategies as st

from katapult_async.batch import IN_BATCH, Batch, CallSettings, Failed, Succeeded
from katapult_async.errors import (
    AuthenticationError,
    ClientClosedError,
    KatapultError,
    NotAttemptedError,
    NotFoundError,
    Problem,
    UsageError,
)
from katapult_async.sansio.window import Estimate

pytestmark = pytest.mark.looptime

ENDLESS = CallSettings()
PROBLEM = Problem(method="GET", path="/x", description="no")
GONE = NotFoundError(PROBLEM)
REJECTED = AuthenticationError(PROBLEM)


@attrs.define
class Outlook:
    """Counts what it is told to expect, as the gate does."""

    expected: int = 0

    def expect(self, requests: int) -> None:
        self.expected += requests

    def estimate(self, requests: int) -> Estimate:
        return Estimate(requests=requests, windows=1, seconds=0.0)


async def double(item: int) -> int:
    return 2 * item


def batch(
    call: Callable[[Any], Awaitable[Any]],
    items: Any,
    *,
    concurrency: int = 3,
    settings: CallSettings = ENDLESS,
    outlook: Outlook | None = None,
    total: int | None = None,
) -> Batch[Any, Any]:
    return Batch(call, items, concurrency=concurrency, settings=settings, outlook=outlook or Outlook(), total=total)


async def collect(made: Batch[Any, Any], found: list[Succeeded[Any, Any] | Failed[Any]]) -> None:
    """Iterate over a batch into a list, which the caller has even if it raises."""
    async with made as running:
        async for outcome in running:
            found.append(outcome)  # noqa: PERF401 # a comprehension would lose all of them with the exception


async def outcomes(made: Batch[Any, Any]) -> list[Succeeded[Any, Any] | Failed[Any]]:
    found: list[Succeeded[Any, Any] | Failed[Any]] = []
    await collect(made, found)
    return found


async def come(items: Iterable[int]) -> AsyncIterator[int]:
    for item in items:
        await asyncio.sleep(0.01)
        yield item


def counted(taken: list[int]) -> Iterator[int]:
    for number in itertools.count():
        taken.append(number)
        yield number


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
        outlook = Outlook()
        found = []
        made = batch(call, come(items) if asynchronous else items, concurrency=concurrency, outlook=outlook)
        async with made as running:
            async for outcome in running:
                found.append(outcome)
                await asyncio.sleep(pause)
        assert sorted(outcome.key for outcome in found) == list(items)
        for outcome in found:
            assert isinstance(outcome, Succeeded) is (plan[outcome.key][1] == "fine")
        assert outlook.expected == 0

    with asyncio.Runner(loop_factory=looptime.new_event_loop) as runner:
        runner.run(main())


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
    with pytest.raises(UsageError, match="enter the batch before iterating"):
        await anext(batch(double, range(3)))


async def test_an_exhausted_batch_stays_exhausted() -> None:
    async with batch(double, [1]) as running:
        assert [outcome async for outcome in running] == [Succeeded(1, 2)]
        assert [outcome async for outcome in running] == []


async def test_the_calls_of_a_batch_know_their_settings_and_nobody_else_does() -> None:
    seen = []

    async def call(_: int) -> None:
        seen.append(IN_BATCH.get())

    chosen = CallSettings(max_wait=5.0, timeout=7.0)
    async with batch(call, range(3), settings=chosen) as running:
        async for _ in running:
            assert IN_BATCH.get() is None
    assert seen == [chosen] * 3
    assert CallSettings() == CallSettings(max_wait=math.inf, timeout=math.inf)


async def test_the_gate_is_told_what_is_to_come_and_what_is_not() -> None:
    outlook = Outlook()
    async with batch(double, range(10), outlook=outlook) as running:
        assert outlook.expected == 10
        async for _ in running:
            if outlook.expected <= 5:
                break
        assert 0 < outlook.expected <= 5
    assert outlook.expected == 0


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
