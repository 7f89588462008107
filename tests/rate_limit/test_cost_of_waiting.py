"""Many waiting calls and one event cost a number of function calls in proportion to the calls, for any clients."""

import asyncio
import gc
import sys
from collections.abc import Callable, Coroutine, Iterable, Sequence
from types import FrameType
from typing import Self

import pytest

from katapult_async.call_limits import Priority
from katapult_async.rate_limit.headers import RateLimitHeaders
from katapult_async.rate_limit.max_in_flight import Slots
from katapult_async.rate_limit.permit import Permit
from tests.simulation.virtual_time import run

from .test_limiter import SimulatedToken, run_ready_tasks

SINGLE, BATCH = Priority.SINGLE, Priority.BATCH


class CalledFunctions:
    """Counts the Python functions that are called in a block, without those that a garbage collection calls."""

    count = 0

    def __enter__(self) -> Self:
        gc.disable()
        sys.setprofile(self._note)
        return self

    def __exit__(self, *_: object) -> None:
        sys.setprofile(None)
        gc.enable()

    def _note(self, _: FrameType, event: str, __: object) -> None:
        if event == "call":
            self.count += 1


class Clients:
    """Clients of one token, whose window is spent, and ten calls of each."""

    def __init__(self, count: int, priority: Priority) -> None:
        self.token = SimulatedToken(permitted=4 * 10 * count)
        self.waiting: Sequence[asyncio.Task[Permit]] = ()
        self._clients = [Slots(100) for _ in range(count)]
        self._priority = priority

    async def spend(self) -> None:
        await self.token.call()
        self.token.left = 1
        await self.token.call()

    async def start(self) -> None:
        """Start the calls, each of which waits."""
        self.waiting = [
            asyncio.create_task(self._acquire(client)) for client in range(len(self._clients)) for _ in range(10)
        ]
        await run_ready_tasks()

    async def _acquire(self, client: int, refused_permit: Permit | None = None) -> Permit:
        return await self.token.limiter.acquire(
            priority=self._priority,
            max_wait=None,
            slots=self._clients[client],
            batch=client if self._priority is BATCH else None,
            refused_permit=refused_permit,
        )

    def wait_again(self, permits: Iterable[Permit]) -> None:
        """Let refused calls wait for their permits."""
        again = [asyncio.create_task(self._acquire(number // 10, permit)) for number, permit in enumerate(permits)]
        self.waiting = [*self.waiting, *again]

    async def end(self) -> None:
        for task in self.waiting:
            task.cancel()
        await asyncio.gather(*self.waiting, return_exceptions=True)


async def start(clients: Clients) -> CalledFunctions:
    await clients.spend()
    with CalledFunctions() as functions:
        await clients.start()
    return functions


async def reset(clients: Clients) -> CalledFunctions:
    await clients.spend()
    await clients.start()
    with CalledFunctions() as functions:
        probe = await next(asyncio.as_completed(clients.waiting))
        clients.token.limiter.responded(probe, clients.token.response())
        await run_ready_tasks()
    return functions


async def cancellation_of_all(clients: Clients) -> CalledFunctions:
    await clients.spend()
    await clients.start()
    with CalledFunctions() as functions:
        await clients.end()
    return functions


async def cancellation_of_half(clients: Clients) -> CalledFunctions:
    await clients.spend()
    await clients.start()
    with CalledFunctions() as functions:
        for task in clients.waiting[::2]:
            task.cancel()
        await run_ready_tasks()
    return functions


async def refusal_of_all(clients: Clients) -> CalledFunctions:
    await reset(clients)
    permits = [task.result() for task in clients.waiting if task.done()]
    with CalledFunctions() as functions:
        for permit in permits:
            clients.token.limiter.responded(permit, RateLimitHeaders(refused=True))
        clients.wait_again(permits)
        await run_ready_tasks()
    return functions


async def functions_of(
    event: Callable[[Clients], Coroutine[object, object, CalledFunctions]], count: int, priority: Priority
) -> int:
    clients = Clients(count, priority)
    functions = await event(clients)
    await clients.end()
    return functions.count


@pytest.mark.parametrize("priority", Priority)
@pytest.mark.parametrize("event", [start, reset, refusal_of_all, cancellation_of_half, cancellation_of_all])
def test_cost_grows_in_proportion_to_the_calls(
    event: Callable[[Clients], Coroutine[object, object, CalledFunctions]], priority: Priority
) -> None:
    few, many = (run(functions_of(event, count, priority)) for count in (40, 80))
    assert few > 400, "each call needs some functions"
    assert many < 2.5 * few, "else the time grows with the square of the number of calls"


async def functions_of_tokens(count: int, priority: Priority) -> int:
    """Return the functions that are called when a call of each of several tokens gets a slot of their client.

    There are two slots. One is kept for single calls.
    """
    slots, other = Slots(2), SimulatedToken().limiter

    async def call(token: SimulatedToken) -> None:
        token.limiter.unsent(await token.limiter.acquire(priority=priority, max_wait=None, slots=slots))

    other.unsent(await other.acquire(priority=SINGLE, max_wait=None, slots=slots))
    held = [await other.acquire(priority=held, max_wait=None, slots=slots) for held in {BATCH, priority}]
    calls = [asyncio.create_task(call(SimulatedToken())) for _ in range(count)]
    await run_ready_tasks()
    with CalledFunctions() as functions:
        for permit in held:
            other.unsent(permit)
        await asyncio.gather(*calls)
    return functions.count


@pytest.mark.parametrize("priority", [SINGLE, BATCH])
def test_cost_of_a_slot_does_not_grow_with_the_tokens_that_wait_for_it(priority: Priority) -> None:
    few, many = (run(functions_of_tokens(count, priority)) for count in (40, 80))
    assert many < 2.5 * few
