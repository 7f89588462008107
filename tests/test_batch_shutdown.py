"""A batch that ends early: it is left or cancelled, or an exception or a fatal error stops it. In virtual time."""

import asyncio
import contextlib
import contextvars
import gc
import itertools
import weakref
from collections.abc import AsyncIterator, Callable, Iterator

import attrs
import pytest

from katapult_async.batch import Batch, Failed, Succeeded
from katapult_async.call_limits import current_limits
from katapult_async.errors import (
    AuthenticationError,
    ClientClosedError,
    NotAttemptedError,
    NotFoundError,
    Problem,
)

from .freed_frames import without_garbage_collector
from .offline_batches import FakeLimiter, arriving, collect, double, endless_numbers, make_batch, outcomes_of

pytestmark = pytest.mark.looptime

PROBLEM = Problem(method="GET", path="/x", description="no", status=403)
REJECTED = AuthenticationError(PROBLEM)
NOT_FOUND = NotFoundError(attrs.evolve(PROBLEM, status=404, code="tag_not_found"))


async def test_leaving_a_batch_stops_its_workers_and_closes_its_input() -> None:
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

    tasks_before = asyncio.all_tasks()
    async with make_batch(call, items(), concurrency=4) as batch:
        async for _ in batch:
            await asyncio.sleep(0)
            break
    assert asyncio.all_tasks() == tasks_before
    assert ended.count("input") == 1
    assert ended.count("call") >= 3  # the fourth worker may have made the call that returned


async def test_context_of_a_call_keeps_no_batch_that_was_left() -> None:
    contexts: list[contextvars.Context] = []

    async def call(item: int) -> int:
        contexts.append(contextvars.copy_context())  # a timer or a connection that a call makes does the same
        return item

    async def run() -> "weakref.ref[Batch[int, int]]":
        async with make_batch(call, range(5), concurrency=2) as batch:
            assert len([outcome async for outcome in batch]) == 5
        return weakref.ref(batch)

    reference = await run()
    await asyncio.sleep(0)
    gc.collect()
    assert len(contexts) == 5
    assert reference() is None


async def fails_when_closed() -> AsyncIterator[int]:
    try:
        while True:
            yield 0
    finally:
        raise ZeroDivisionError


async def reject(_: int) -> int:
    raise AuthenticationError(PROBLEM)


@pytest.mark.parametrize("make", [lambda: make_batch(double, fails_when_closed()), lambda: make_batch(reject, [1, 2])])
async def test_batch_that_ends_with_an_error_is_freed_without_the_garbage_collector(
    make: Callable[[], Batch[int, int]],
) -> None:
    outcomes: list[Succeeded[int, int] | Failed[int]] = []

    async def run() -> "weakref.ref[Batch[int, int]]":
        batch = make()
        with contextlib.suppress(ZeroDivisionError):
            async with batch:
                outcomes.extend([await anext(batch), await anext(batch)])
        return weakref.ref(batch)

    with without_garbage_collector():
        reference = await asyncio.create_task(run())
        await asyncio.sleep(0)
        assert reference() is None
    assert len(outcomes) == 2


async def test_finished_outcomes_are_yielded_after_their_workers_were_cancelled() -> None:
    tasks_before = asyncio.all_tasks()
    async with make_batch(double, itertools.count(), concurrency=2) as batch:
        await asyncio.sleep(1.0)
        for worker in asyncio.all_tasks() - tasks_before:
            worker.cancel()
        await asyncio.sleep(1.0)
        assert [await anext(batch), await anext(batch)] == [Succeeded(0, 0), Succeeded(1, 2)]
        with pytest.raises(RuntimeError, match="cancelled itself"):
            await anext(batch)


async def test_exception_inside_async_with_stops_the_workers_and_is_raised_unchanged() -> None:
    async def raise_inside_async_with() -> None:
        async with make_batch(double, itertools.count()) as batch:
            await anext(batch)
            raise ZeroDivisionError

    tasks_before = asyncio.all_tasks()
    with pytest.raises(ZeroDivisionError):
        await raise_inside_async_with()
    assert asyncio.all_tasks() == tasks_before


async def test_cancelling_the_consumer_stops_the_workers() -> None:
    async def hang(_: int) -> None:
        await asyncio.Event().wait()

    tasks_before = asyncio.all_tasks()
    task = asyncio.create_task(outcomes_of(make_batch(hang, itertools.count())))
    await asyncio.sleep(1.0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert asyncio.all_tasks() == tasks_before


async def test_further_cancellations_of_the_consumer_do_not_interrupt_the_cleanup_of_a_call() -> None:
    cleaned: list[int] = []

    async def clean_up_slowly(number: int) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(1.0)
            cleaned.append(number)

    tasks_before = asyncio.all_tasks()
    task = asyncio.create_task(outcomes_of(make_batch(clean_up_slowly, range(3), concurrency=3)))
    await asyncio.sleep(1.0)
    while not task.done():  # as often as a cancelled scope of anyio does, in which web frameworks run handlers
        task.cancel()
        await asyncio.sleep(0.1)
    with pytest.raises(asyncio.CancelledError):
        await task
    assert sorted(cleaned) == [0, 1, 2]
    assert asyncio.all_tasks() == tasks_before


async def test_coroutine_that_is_closed_while_it_leaves_a_batch_ends() -> None:
    async def hang(_: int) -> None:
        await asyncio.Event().wait()

    batch = make_batch(hang, range(3))
    await batch.__aenter__()
    leaving = batch.__aexit__(None, None, None)
    leaving.send(None)
    leaving.close()  # as Python does with the tasks of an event loop that nobody runs any longer


@pytest.mark.parametrize("asynchronous", [False, True])
async def test_exception_of_the_input_is_raised_after_the_finished_outcomes(*, asynchronous: bool) -> None:
    def items() -> Iterator[int]:
        yield from range(5)
        raise ZeroDivisionError("in the input")

    outcomes: list[Succeeded[int, int] | Failed[int]] = []
    with pytest.raises(ZeroDivisionError, match="in the input"):
        await collect(make_batch(double, arriving(items()) if asynchronous else items()), outcomes)
    assert sorted(outcome.key for outcome in outcomes) == list(range(5))


async def test_failure_of_a_task_that_an_asynchronous_input_started_is_raised_by_the_batch() -> None:
    async def fill(numbers: asyncio.Queue[int]) -> None:
        for number in range(5):
            await numbers.put(number)
        await asyncio.sleep(1.0)
        raise ZeroDivisionError("in a task of the input")

    async def items() -> AsyncIterator[int]:
        numbers: asyncio.Queue[int] = asyncio.Queue()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(fill(numbers))
            while True:
                yield await numbers.get()

    outcomes: list[Succeeded[int, int] | Failed[int]] = []
    with pytest.raises(ExceptionGroup) as raised:
        await collect(make_batch(double, items()), outcomes)
    assert [str(error) for error in raised.value.exceptions] == ["in a task of the input"]
    assert sorted(outcome.key for outcome in outcomes) == list(range(5))


async def test_time_limit_of_an_asynchronous_input_is_raised_by_the_batch() -> None:
    async def items() -> AsyncIterator[int]:
        async with asyncio.timeout(1.0):
            async for number in arriving(itertools.count()):
                yield number

    with pytest.raises(TimeoutError):
        await outcomes_of(make_batch(double, items(), concurrency=2))


async def test_exception_of_an_input_that_is_closed_is_raised_when_a_batch_is_left() -> None:
    async def items() -> AsyncIterator[int]:
        try:
            for number in itertools.count():
                yield number
        finally:
            raise ZeroDivisionError("while it is closed")

    async def leave() -> None:
        async with make_batch(double, items()) as batch:
            await anext(batch)

    with pytest.raises(ZeroDivisionError, match="while it is closed"):
        await leave()


async def test_exception_that_is_not_a_katapult_error_is_raised() -> None:
    async def call(item: int) -> int:
        if item == 3:
            raise ZeroDivisionError("a bug")
        return item

    outcomes: list[Succeeded[int, int] | Failed[int]] = []
    with pytest.raises(ZeroDivisionError, match="a bug"):
        await collect(make_batch(call, range(1000), concurrency=2), outcomes)
    assert {0, 1, 2} <= {outcome.key for outcome in outcomes}
    assert len(outcomes) < 10


async def test_exceptions_after_the_first_are_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    async def call(_: int) -> int:
        await asyncio.sleep(1.0)
        raise ZeroDivisionError("a bug")

    with pytest.raises(ZeroDivisionError, match="a bug"):
        await outcomes_of(make_batch(call, range(3), concurrency=3))
    gc.collect()
    assert not caplog.records


async def test_exception_of_a_call_is_raised_while_an_asynchronous_input_waits_for_its_next_item() -> None:
    async def items() -> AsyncIterator[int]:
        yield 1
        await asyncio.Event().wait()

    async def call(_: int) -> int:
        raise ZeroDivisionError("a bug")

    async with asyncio.timeout(9.0):
        with pytest.raises(ZeroDivisionError, match="a bug"):
            await outcomes_of(make_batch(call, items()))


async def test_asynchronous_input_is_read_no_further_after_an_exception_of_a_call() -> None:
    read: list[int] = []

    async def items() -> AsyncIterator[int]:
        async for number in arriving(itertools.count()):
            read.append(number)
            yield number

    async def call(item: int) -> int:
        if item == 1:
            raise ZeroDivisionError("a bug")
        await asyncio.sleep(60.0)
        return item

    with pytest.raises(ZeroDivisionError, match="a bug"):
        await outcomes_of(make_batch(call, items(), concurrency=20))
    assert read in ([0, 1], [0, 1, 2])  # the last was on its way already


async def test_iteration_ends_after_an_exception_was_raised() -> None:
    async def call(_: int) -> int:
        raise ZeroDivisionError

    async with make_batch(call, range(9)) as batch:
        with pytest.raises(ZeroDivisionError):
            await anext(batch)
        with pytest.raises(StopAsyncIteration):
            await anext(batch)


async def test_call_that_cancels_itself_raises_runtime_error() -> None:
    async def call(_: int) -> int:
        raise asyncio.CancelledError

    with pytest.raises(RuntimeError, match="a call or the input of the batch cancelled itself"):
        await outcomes_of(make_batch(call, range(9)))


def stop(_: int) -> int:
    """Raise what the `anext` of an empty list raises."""
    raise StopAsyncIteration


async def stopping_call(_: int) -> int:
    raise StopAsyncIteration


@pytest.mark.parametrize("batch", [make_batch(stopping_call, range(9)), make_batch(double, map(stop, range(9)))])
async def test_stop_async_iteration_of_a_call_or_the_input_does_not_end_a_batch_silently(
    batch: Batch[int, int],
) -> None:
    with pytest.raises(RuntimeError, match="a call or the input of the batch raised StopAsyncIteration") as raised:
        await outcomes_of(batch)
    assert isinstance(raised.value.__cause__, StopAsyncIteration)


@pytest.mark.parametrize("concurrency", [1, 5])
async def test_closed_client_stops_the_calls_and_the_other_items_are_not_attempted(concurrency: int) -> None:
    closed = ClientClosedError("closed")
    calls = 0

    async def call(item: int) -> int:
        nonlocal calls
        calls += 1
        await asyncio.sleep(1.0)
        if item == 10:
            raise closed
        return item

    outcomes = await outcomes_of(make_batch(call, range(100), concurrency=concurrency))
    assert sorted(outcome.key for outcome in outcomes) == list(range(100))
    errors = {outcome.key: outcome.error for outcome in outcomes if isinstance(outcome, Failed)}
    assert errors.pop(10) is closed
    assert {type(error) for error in errors.values()} == {NotAttemptedError}
    assert all(str(closed) in str(error) for error in errors.values())
    assert 11 <= calls <= 10 + concurrency


class OwnError(ClientClosedError):
    """An error of the user, whose arguments are not those of its base: `copy.copy` cannot copy it."""

    def __init__(self, text: str, *, database: str) -> None:
        super().__init__(f"{database}: {text}")


async def test_error_that_stopped_a_batch_is_the_one_that_was_raised_with_its_cause() -> None:
    async def call(item: int) -> int:
        raise OwnError("closed", database=f"number {item}") from ZeroDivisionError()

    batch = make_batch(call, range(9), concurrency=1)
    first, *others = await outcomes_of(batch)
    assert isinstance(first, Failed)
    assert batch.stopped_by is first.error
    assert isinstance(batch.stopped_by.__cause__, ZeroDivisionError)
    assert {type(outcome.error) for outcome in others if isinstance(outcome, Failed)} == {NotAttemptedError}
    assert len(others) == 8


@pytest.mark.parametrize("concurrency", [1, 5])
async def test_token_rejected_twice_in_a_row_stops_the_calls(concurrency: int) -> None:
    calls, on_fresh_connection = 0, 0

    async def call(item: int) -> int:
        nonlocal calls, on_fresh_connection
        calls += 1
        limits = current_limits()
        assert limits is not None
        if limits.fresh_connection:
            on_fresh_connection += 1
        await asyncio.sleep(1.0)
        if item >= 10:
            raise REJECTED
        return item

    outcomes = await outcomes_of(make_batch(call, range(100), concurrency=concurrency))
    assert sorted(outcome.key for outcome in outcomes) == list(range(100))
    errors = [outcome.error for outcome in outcomes if isinstance(outcome, Failed)]
    assert {type(error) for error in errors} == {AuthenticationError, NotAttemptedError}
    assert errors.count(REJECTED) <= concurrency + 1
    assert 12 <= calls <= 11 + concurrency
    assert on_fresh_connection == 1


@pytest.mark.parametrize("concurrency", [1, 5])
async def test_token_rejected_for_single_items_does_not_stop_the_batch(concurrency: int) -> None:
    async def call(item: int) -> int:
        await asyncio.sleep(1.0)
        if item % 10 == 5:
            raise REJECTED
        return item

    outcomes = await outcomes_of(make_batch(call, range(100), concurrency=concurrency))
    errors = [outcome.error for outcome in outcomes if isinstance(outcome, Failed)]
    assert errors == [REJECTED] * 10


@pytest.mark.parametrize("concurrency", [1, 5])
async def test_404_after_a_rejected_token_shows_that_the_token_is_accepted(
    concurrency: int,
) -> None:
    async def call(item: int) -> int:
        await asyncio.sleep(1.0)
        if item in (0, 20):
            raise REJECTED
        if item < 20:
            raise NOT_FOUND
        return item

    began_at = asyncio.get_running_loop().time()
    outcomes = await outcomes_of(make_batch(call, range(100), concurrency=concurrency))
    errors = [outcome.error for outcome in outcomes if isinstance(outcome, Failed)]
    assert sorted(map(str, errors)) == sorted(map(str, [REJECTED] * 2 + [NOT_FOUND] * 19))
    assert asyncio.get_running_loop().time() - began_at <= 100 / concurrency + 5.0


async def test_success_shows_that_the_token_is_accepted_even_if_its_check_has_no_response() -> None:
    async def call(item: int) -> int:
        if item == 0:
            await asyncio.sleep(0.5)
            raise REJECTED
        await asyncio.sleep(1000.0 if item == 5 else 1.0)  # item 5 is sent after the rejection, to check the token
        return item

    async with make_batch(call, range(20), concurrency=5) as batch:
        async with asyncio.timeout(10.0):
            keys = {(await anext(batch)).key for _ in range(19)}
    assert keys == {*range(20)} - {5}


async def test_leaving_an_endless_batch_withdraws_its_announced_requests() -> None:
    limiter = FakeLimiter()
    async with make_batch(double, endless_numbers([]), limiter=limiter) as batch:
        await anext(batch)
        assert limiter.expected > 1000
    assert limiter.expected == 0
