"""Waits end at their deadline, or when the client closes. In virtual time."""

import asyncio
import contextvars
import gc
import math
import weakref

import pytest

from katapult_async.core.deadlines import ExpiredError, Lifetime

pytestmark = pytest.mark.looptime


def opened() -> Lifetime:
    lifetime = Lifetime()
    lifetime.open()
    return lifetime


async def test_wait_that_a_deadline_ended_leaves_no_cancellation_in_its_task() -> None:
    lifetime, task = opened(), asyncio.current_task()
    assert task is not None
    with pytest.raises(ExpiredError):
        await lifetime.run(asyncio.sleep(10.0), ends_at=lifetime.loop().time() + 1.0)
    assert task.cancelling() == 0, "otherwise asyncio.timeout and TaskGroup around the wait raise CancelledError"


async def test_same_task_can_wait_again_and_be_cancelled_after_a_deadline_ended_a_wait() -> None:
    lifetime = opened()

    async def wait_twice() -> None:
        with pytest.raises(ExpiredError):
            await lifetime.run(asyncio.sleep(10.0), ends_at=lifetime.loop().time() + 1.0)
        await lifetime.run(asyncio.sleep(10.0), ends_at=math.inf)

    task = asyncio.create_task(wait_twice())
    await asyncio.sleep(2.0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_wait_outside_of_a_task_raises_runtime_error() -> None:
    loop, lifetime = asyncio.get_running_loop(), opened()
    ended = loop.create_future()

    def drive() -> None:
        try:
            lifetime.run(asyncio.sleep(1.0), ends_at=math.inf).send(None)
        except (RuntimeError, ExpiredError) as error:
            ended.set_result(error)

    loop.call_soon(drive)
    error = await ended
    assert isinstance(error, RuntimeError)
    assert str(error) == "a call is awaited in a task of an event loop"


async def test_timer_keeps_no_context_variable_of_the_task_that_waited() -> None:
    class RequestOfAUser:
        pass

    lifetime = opened()
    variable: contextvars.ContextVar[RequestOfAUser] = contextvars.ContextVar("variable")

    async def waits() -> "weakref.ref[RequestOfAUser]":
        variable.set(request := RequestOfAUser())
        await lifetime.run(asyncio.sleep(1.0), ends_at=lifetime.loop().time() + 60.0)
        return weakref.ref(request)

    reference = await asyncio.create_task(waits())
    await asyncio.sleep(0)
    gc.collect()
    assert reference() is None
    await lifetime.close()


async def test_close_returns_after_the_last_wait_has_ended() -> None:
    lifetime, ended = opened(), []

    async def waits() -> None:
        try:
            await asyncio.sleep(math.inf)
        finally:
            await asyncio.sleep(3.0)
            ended.append(asyncio.get_running_loop().time())

    task = asyncio.create_task(lifetime.run(waits(), ends_at=math.inf))
    await asyncio.sleep(0)
    await lifetime.close()
    assert ended == [pytest.approx(asyncio.get_running_loop().time())]
    with pytest.raises(ExpiredError):
        await task
