"""Many calls at once: bounded workers, every item exactly once, in order of completion. Knows no network."""

import asyncio
import collections
import contextlib
from collections.abc import AsyncGenerator, AsyncIterable, Awaitable, Callable, Iterable, Sized
from types import TracebackType
from typing import Generic, Protocol, Self, TypeVar

import attrs

from katapult_async.errors import AuthenticationError, ClientClosedError, KatapultError, NotAttemptedError, UsageError
from katapult_async.options import CallLimits, CallScope
from katapult_async.rate_limit.window import Estimate

K = TypeVar("K")
V = TypeVar("V")

_UNCOUNTED = 1_000_000
"""Requests that are announced for an input without a length, until its end comes: it may outlast the window."""

_AT_A_STRETCH = 8
"""Outcomes that are handed out before the event loop gets a turn. Else all workers send at once, are answered at once,
and make their garbage at once: 50 of them made each turn of the loop twice as long, and the batch a little dearer."""

FATAL_ERRORS = (AuthenticationError, ClientClosedError)
"""What ends one call so would end every other."""


@attrs.frozen
class Succeeded(Generic[K, V]):
    """An item that was answered."""

    key: K
    """The item."""

    value: V
    """Its answer."""


@attrs.frozen
class Failed(Generic[K]):
    """An item that was not answered."""

    key: K
    """The item."""

    error: KatapultError
    """Why: `NotAttemptedError` when the batch stopped before its turn came."""


class ExpectsRequests(Protocol):
    """What knows how soon requests can be sent: the rate-limit limiter, as a batch sees it."""

    def expect(self, requests: int) -> None:
        """Take note that so many more requests will come, or, if negative, will not."""

    def estimate(self, requests: int) -> Estimate:
        """Return how long so many requests take."""
        ...


class Batch(Generic[K, V]):
    """The outcomes of one call for each of many items: enter it, then iterate over it.

    ::

        async with katapult.many(nics.get, interface_ids) as outcomes:
            async for outcome in outcomes:
                match outcome:
                    case Succeeded(key=interface_id, value=interface): ...
                    case Failed(key=interface_id, error=error): ...

    Items are taken from the input only as fast as outcomes are taken from here: at most ``concurrency`` of them
    are held at any time, however long the input is. Outcomes come in order of completion, every item exactly
    once. Leaving the context stops the workers at once, and closes an input that is an asynchronous generator.

    A failure that every other item would share (the token is refused, the client is closed) stops the calls: the
    items left come back as `Failed` with `NotAttemptedError`, and those of an endless input do so without end, so
    leave it then. An exception of the input, or one that is no `KatapultError`, is raised from the iteration after
    the outcomes that were finished before it.
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
        self._source: AsyncGenerator[K] | None = None
        self._source_lock = asyncio.Lock()
        self._workers: set[asyncio.Task[None]] = set()
        self._ready: collections.deque[tuple[Succeeded[K, V] | Failed[K], asyncio.Future[None]]] = collections.deque()
        self._wake: asyncio.Event = asyncio.Event()
        self._stretch = 0  # outcomes handed out since this last waited
        self._condemned: KatapultError | None = None
        self._crash: BaseException | None = None
        self._leaving = False

    async def __aenter__(self) -> Self:
        if self._source is not None:
            raise UsageError("a batch is entered once; make another for another run")
        self._limiter = self._find_limiter()
        self._announce(_UNCOUNTED if self._left is None else self._left)
        self._source = asynchronous(self._items)
        for _ in range(self._concurrency):
            worker = asyncio.create_task(self._work(self._source))
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
            if self._source is not None:
                await self._source.aclose()

    def estimate(self) -> Estimate | None:
        """Return how long the items left will take, at one request each and with the present rate limit.

        None where the input has no length, as a generator has none.
        """
        return None if self._left is None else (self._limiter or self._find_limiter()).estimate(self._left)

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Succeeded[K, V] | Failed[K]:
        if self._source is None:
            raise UsageError("enter this before iterating over it: async with ... as outcomes")
        if self._leaving:
            raise UsageError("iterate inside the `async with`: its end has stopped what was left")
        if self._stretch >= _AT_A_STRETCH:
            self._stretch = 0
            await asyncio.sleep(0)
        while not self._ready:
            if not self._workers:
                if self._crash is not None:
                    crash, self._crash = self._crash, None
                    raise crash
                raise StopAsyncIteration
            self._stretch = 0
            self._wake.clear()
            await self._wake.wait()
        self._stretch += 1
        outcome, taken = self._ready.popleft()
        if not taken.done():
            taken.set_result(None)
        return outcome

    async def _work(self, source: AsyncGenerator[K]) -> None:
        """Hold one item at a time, until its outcome is taken."""
        loop = asyncio.get_running_loop()
        while self._crash is None:
            async with self._source_lock:
                try:
                    with CallScope(self._limits):
                        item = await anext(source)
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
        if self._condemned is not None:
            return Failed(item, NotAttemptedError(f"not attempted, since the batch was stopped by: {self._condemned}"))
        try:
            with CallScope(self._limits):
                return Succeeded(item, await self._call(item))
        except KatapultError as error:
            if isinstance(error, FATAL_ERRORS):
                self._condemned = error
            return Failed(item, error)

    def _announce(self, requests: int) -> None:
        """Tell the limiter that so many more requests will come, or fewer; leaving has taken back all."""
        if self._limiter is not None and not (self._leaving and not self._announced):
            self._announced += requests
            self._limiter.expect(requests)

    def _ended(self, worker: asyncio.Task[None]) -> None:
        """Note that a worker came to its end: of the input, by cancellation, or by an exception that is a bug."""
        self._workers.discard(worker)
        if not self._leaving:
            crash = RuntimeError("a call of the batch cancelled itself") if worker.cancelled() else worker.exception()
            self._crash = self._crash or crash
        self._wake.set()


async def asynchronous(items: Iterable[K] | AsyncIterable[K]) -> AsyncGenerator[K]:
    """Yield items one by one; closing this closes what they come from, if it is a generator."""
    if isinstance(items, AsyncGenerator):  # `async for` alone would leave it to the garbage collector
        async with contextlib.aclosing(items):
            async for item in items:
                yield item
    elif isinstance(items, AsyncIterable):
        async for item in items:
            yield item
    else:
        for item in items:
            yield item
