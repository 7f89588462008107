"""Many calls at once: a fixed number of workers, every item exactly once, in order of completion."""

import asyncio
import collections
import contextlib
from collections.abc import AsyncGenerator, AsyncIterable, Awaitable, Callable, Iterable, Sized
from types import TracebackType
from typing import Generic, Protocol, Self, TypeVar

import attrs

from katapult_async.errors import AuthenticationError, ClientClosedError, KatapultError, NotAttemptedError, UsageError
from katapult_async.options import CallLimits, CallScope
from katapult_async.rate_limit.status import Estimate

K = TypeVar("K")
V = TypeVar("V")

_UNCOUNTED = 1_000_000
"""Requests that are announced to the rate limiter for an input without a length: it may outlast the window."""

_OUTCOMES_PER_ITERATION = 8
"""Outcomes that are handed out before the event loop runs other tasks. Without it all workers send at once, receive at
once and create garbage at once: with 50 workers each event-loop iteration took twice as long (18 instead of 10 ms)."""

FATAL_ERRORS = (AuthenticationError, ClientClosedError)
"""Errors that every other item would meet too, so that a batch stops at them."""


@attrs.frozen
class Succeeded(Generic[K, V]):
    """An item whose call succeeded."""

    key: K
    """The item."""

    value: V
    """What the call returned."""


@attrs.frozen
class Failed(Generic[K]):
    """An item whose call failed."""

    key: K
    """The item."""

    error: KatapultError
    """Why: `NotAttemptedError` if the batch was stopped before the item was tried."""


class ExpectsRequests(Protocol):
    """The rate limiter, as far as a batch needs it."""

    def expect(self, requests: int) -> None:
        """Announce that so many more requests will come; a negative number takes an announcement back."""

    def estimate(self, requests: int) -> Estimate:
        """Return how many windows and seconds so many requests need."""
        ...


class Batch(Generic[K, V]):
    """The outcomes of one call for each of many items: enter it, then iterate over it.

    ::

        async with katapult.many(nics.get, interface_ids) as outcomes:
            async for outcome in outcomes:
                match outcome:
                    case Succeeded(key=interface_id, value=interface): ...
                    case Failed(key=interface_id, error=error): ...

    An item is taken from the input only when an outcome is taken from the batch: at most ``concurrency`` items are
    held in memory, however long the input is. Outcomes come in order of completion, exactly one for every item.
    Leaving the context stops the workers at once, and closes an input that is an asynchronous generator.

    An error that every other item would meet too (the token is rejected, the client is closed) stops the calls: the
    remaining items come back as `Failed` with `NotAttemptedError`. With an endless input that goes on without end, so
    leave the context then. An exception of the input, or one that is no `KatapultError`, is raised by the iteration,
    after the outcomes that were complete before it.
    """

    def __init__(
        self,
        call: Callable[[K], Awaitable[V]],
        items: Iterable[K] | AsyncIterable[K],
        *,
        concurrency: int,
        limits: CallLimits,
        limiter: Callable[[], ExpectsRequests],
        total: int | None = None,
    ) -> None:
        if isinstance(items, str | bytes) or not isinstance(items, Iterable | AsyncIterable):
            raise UsageError(f"a batch needs an iterable of items, not {type(items).__name__}")
        self._call = call
        self._items = items
        self._concurrency = concurrency
        self._limits = limits
        self._find_limiter = limiter
        self._limiter: ExpectsRequests | None = None  # the same one for the whole run, also when the token changes
        self._left = len(items) if total is None and isinstance(items, Sized) else total
        self._announced = 0
        self._input: AsyncGenerator[K] | None = None
        self._input_lock = asyncio.Lock()
        self._workers: set[asyncio.Task[None]] = set()
        self._ready: collections.deque[tuple[Succeeded[K, V] | Failed[K], asyncio.Future[None]]] = collections.deque()
        self._wake: asyncio.Event = asyncio.Event()
        self._handed_out = 0  # outcomes since the event loop last ran other tasks
        self._stopped_by: KatapultError | None = None
        self._crash: BaseException | None = None
        self._leaving = False

    async def __aenter__(self) -> Self:
        if self._input is not None:
            raise UsageError("a batch is entered once; make another for another run")
        self._limiter = self._find_limiter()
        self._announce(_UNCOUNTED if self._left is None else self._left)
        self._input = asynchronous(self._items)
        for _ in range(self._concurrency):
            worker = asyncio.create_task(self._work(self._input))
            self._workers.add(worker)
            worker.add_done_callback(self._ended)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._leaving = True
        workers = tuple(self._workers)
        for worker in workers:
            worker.cancel()
        self._announce(-self._announced)
        try:
            await asyncio.gather(*workers, return_exceptions=True)
        finally:
            if self._input is not None:
                await self._input.aclose()

    def estimate(self) -> Estimate | None:
        """Return how many windows and seconds the remaining items need, at one request each and with the present limit.

        None if the input has no length, as a generator has none.
        """
        return None if self._left is None else (self._limiter or self._find_limiter()).estimate(self._left)

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Succeeded[K, V] | Failed[K]:
        if self._input is None:
            raise UsageError("enter the batch before you iterate over it: async with ... as outcomes")
        if self._leaving:
            raise UsageError("iterate inside the `async with`: its end has stopped the remaining items")
        if self._handed_out >= _OUTCOMES_PER_ITERATION:
            self._handed_out = 0
            await asyncio.sleep(0)
        while not self._ready:
            if not self._workers:
                if self._crash is not None:
                    crash, self._crash = self._crash, None
                    raise crash
                raise StopAsyncIteration
            self._handed_out = 0
            self._wake.clear()
            await self._wake.wait()
        self._handed_out += 1
        outcome, taken = self._ready.popleft()
        if not taken.done():
            taken.set_result(None)
        return outcome

    async def _work(self, items: AsyncGenerator[K]) -> None:
        """Work on one item at a time: take it, call, and wait until its outcome is taken."""
        loop = asyncio.get_running_loop()
        while self._crash is None:
            async with self._input_lock:
                try:
                    with CallScope(self._limits):
                        item = await anext(items)
                except StopAsyncIteration:
                    if self._left is None:
                        self._announce(-self._announced)
                    return
            taken = loop.create_future()
            self._ready.append((await self._outcome(item), taken))
            if self._left:
                self._left -= 1
                self._announce(-1)
            self._wake.set()
            await taken

    async def _outcome(self, item: K) -> Succeeded[K, V] | Failed[K]:
        if self._stopped_by is not None:
            return Failed(item, NotAttemptedError(f"not attempted, since the batch was stopped by: {self._stopped_by}"))
        try:
            with CallScope(self._limits):
                return Succeeded(item, await self._call(item))
        except KatapultError as error:
            if isinstance(error, FATAL_ERRORS):
                self._stopped_by = error
            return Failed(item, error)

    def _announce(self, requests: int) -> None:
        """Announce more requests to the rate limiter, or fewer; leaving the batch takes all back."""
        if self._limiter is not None and not (self._leaving and not self._announced):
            self._announced += requests
            self._limiter.expect(requests)

    def _ended(self, worker: asyncio.Task[None]) -> None:
        """Note why a worker ended: the end of the input, a cancellation, or an exception that is a bug."""
        self._workers.discard(worker)
        if not self._leaving:
            crash = RuntimeError("a call of the batch cancelled itself") if worker.cancelled() else worker.exception()
            self._crash = self._crash or crash
        self._wake.set()


async def asynchronous(items: Iterable[K] | AsyncIterable[K]) -> AsyncGenerator[K]:
    """Yield items one by one. Closing this generator closes the one that the items come from."""
    if isinstance(items, AsyncGenerator):  # `async for` alone would leave closing to the garbage collector
        async with contextlib.aclosing(items):
            async for item in items:
                yield item
    elif isinstance(items, AsyncIterable):
        async for item in items:
            yield item
    else:
        for item in items:
            yield item
