"""Waits end at their deadline, or when the client closes. In virtual time."""

import asyncio
import contextvars
import gc
import math
import weakref

import pytest

from katapult_async import KatapultClient, RetryPolicy, Zone
from katapult_async.core.deadlines import ExpiredError, Lifetime
from tests.freed_frames import without_garbage_collector
from tests.one_response_server import http_response

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


async def test_wait_with_a_later_deadline_delays_no_earlier_one() -> None:
    lifetime, began_at = opened(), asyncio.get_running_loop().time()
    first, second = [
        asyncio.create_task(lifetime.run(asyncio.sleep(math.inf), ends_at=began_at + seconds)) for seconds in (2.0, 5.0)
    ]
    with pytest.raises(ExpiredError):
        await first
    assert asyncio.get_running_loop().time() - began_at == pytest.approx(2.0)
    with pytest.raises(ExpiredError):
        await second
    assert asyncio.get_running_loop().time() - began_at == pytest.approx(5.0)


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


async def test_cancelled_task_is_freed_without_the_garbage_collector_even_if_nobody_awaits_it() -> None:
    lifetime = opened()

    async def cancel() -> "weakref.ref[asyncio.Task[None]]":
        task = asyncio.create_task(lifetime.run(asyncio.sleep(10.0), ends_at=math.inf))
        await asyncio.sleep(1.0)
        task.cancel()
        await asyncio.wait([task])
        return weakref.ref(task)

    with without_garbage_collector():
        assert (await cancel())() is None


class SuspendedLoop(asyncio.SelectorEventLoop):
    """An event loop on a real clock, which also counts the seconds in which the process was suspended."""

    suspended = 0.0

    def time(self) -> float:
        return super().time() + self.suspended

    def suspend(self) -> None:
        self.suspended += 3600.0


@pytest.mark.looptime(False)  # over a socket
def test_response_that_arrived_while_the_process_was_suspended_is_returned_after_the_deadline() -> None:
    async def get_zones(loop: SuspendedLoop) -> list[Zone]:
        async def respond(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(http_response(b'{"zones": [{"id": "zone_1"}]}'))
            loop.suspend()
            writer.close()

        async with await asyncio.start_server(respond, "127.0.0.1", 0) as server:
            base_url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
            async with KatapultClient("token", base_url=base_url, retry=RetryPolicy(attempts=1)) as katapult:
                return await katapult.zones.list(timeout=60.0)

    with asyncio.Runner(loop_factory=SuspendedLoop) as runner:
        loop = runner.get_loop()
        assert isinstance(loop, SuspendedLoop)
        assert runner.run(get_zones(loop)) == [Zone(id="zone_1")]


async def test_timer_keeps_no_context_variable_of_the_task_that_waited() -> None:
    class RequestOfAUser:
        pass

    lifetime = opened()
    variable: contextvars.ContextVar[RequestOfAUser] = contextvars.ContextVar("variable")

    async def waits() -> "weakref.ref[RequestOfAUser]":
        request = RequestOfAUser()
        variable.set(request)
        await lifetime.run(asyncio.sleep(1.0), ends_at=lifetime.loop().time() + 60.0)
        return weakref.ref(request)

    reference = await asyncio.create_task(waits())
    await asyncio.sleep(0)
    gc.collect()
    assert reference() is None
    await lifetime.close()


async def test_closed_client_is_not_kept_in_memory_by_the_timers_of_deadlines() -> None:
    lifetime = opened()
    for seconds in (180.0, 60.0):
        await lifetime.run(asyncio.sleep(0), ends_at=lifetime.loop().time() + seconds)
    await lifetime.close()
    reference = weakref.ref(lifetime)
    del lifetime
    gc.collect()
    assert reference() is None


async def test_wait_that_begins_after_the_client_was_closed_ends_at_once() -> None:
    lifetime, began_at = opened(), asyncio.get_running_loop().time()
    await lifetime.close()
    with pytest.raises(ExpiredError):
        await lifetime.run(asyncio.sleep(1.0), ends_at=math.inf)
    assert asyncio.get_running_loop().time() == began_at


async def test_close_returns_after_the_last_wait_has_ended() -> None:
    lifetime = opened()
    ended = []

    async def waits() -> None:
        try:
            await asyncio.sleep(math.inf)
        finally:
            await asyncio.sleep(3.0)
            ended.append(asyncio.get_running_loop().time())

    await lifetime.run(asyncio.sleep(1.0), ends_at=math.inf)
    shorter = asyncio.create_task(lifetime.run(asyncio.sleep(math.inf), ends_at=math.inf))
    task = asyncio.create_task(lifetime.run(waits(), ends_at=math.inf))
    await asyncio.sleep(0)
    await lifetime.close()
    assert isinstance(shorter.exception(), ExpiredError)
    assert ended == [pytest.approx(asyncio.get_running_loop().time())]
    with pytest.raises(ExpiredError):
        await task
