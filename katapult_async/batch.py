"""Many calls at once: one for every item, with outcomes in order of completion."""

import asyncio
import collections
import contextlib
import contextvars
import itertools
import typing
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Awaitable, Callable, Iterable, Iterator
from typing import Any, Generic, Self, TypeVar

import attrs

from katapult_async.call_limits import CallLimits, SharedLimits
from katapult_async.config import whole_number
from katapult_async.core import lazy_classes
from katapult_async.errors import (
    AuthenticationError,
    BadRequestError,
    ClientClosedError,
    ConflictError,
    KatapultError,
    NotAttemptedError,
    NotFoundError,
    PermissionDeniedError,
    UnprocessableError,
    UsageError,
    raises_usage_error,
)
from katapult_async.rate_limit.status import Estimate

K = TypeVar("K")
V = TypeVar("V")

_UNKNOWN_LENGTH = 1_000_000
"""Requests that the rate limiter expects of a batch whose input has no length: more than one window permits."""

_OUTCOMES_PER_ITERATION = 8
"""Outcomes that are handed out before the event loop runs other tasks. Without this limit all workers send at once,
receive at once and create garbage at once: with 50 workers each event-loop iteration took 18 ms instead of 10."""

_MAX_CONCURRENCY = 1000
"""Calls of a batch at a time: the rate limit permits as many a minute."""

_ADDED_WORKERS = 3
"""The most workers that are added while calls keep failing. So a batch with one worker continues even if the first
three items never succeed."""

_ERRORS_OF_ACCEPTED_TOKENS = (PermissionDeniedError, BadRequestError, NotFoundError, ConflictError, UnprocessableError)
"""Errors that Katapult gives only after it has accepted the token: it checks scopes and arguments after the token."""


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


class Batch(Generic[K, V]):
    """The outcomes of one call for each of many items: enter it, then iterate over it.

    ::

        async with katapult.many(nics.get, interface_ids) as outcomes:
            async for outcome in outcomes:
                match outcome:
                    case Succeeded(key=interface_id, value=interface): ...
                    case Failed(key=interface_id, error=error): ...

    The first ``concurrency`` items are taken from the input once the context is entered, and each further one only when
    an outcome is taken from the batch. So at most ``concurrency`` items are held in memory (three more while calls
    keep failing), however long the input is. Outcomes come in order of completion, exactly one for every item. Leaving
    the context stops the workers at once, and closes an input that is an asynchronous generator. One task reads and
    closes an asynchronous input, so the input may have time limits and task groups of its own.

    An error that every other item would meet too (the token is rejected for two items in a row, the client is closed)
    stops the calls: the remaining items come back as `Failed` with `NotAttemptedError`. If the input is endless, they
    come back without end, so leave the context. An exception of the input, or one that is not a `KatapultError`, is
    raised by the iteration, after the outcomes that were complete before it. If a call raises a group that contains
    only `KatapultError`, as an `asyncio.TaskGroup` does, its item failed with the first of them.
    """

    def __init__(
        self,
        call: Callable[[K], Awaitable[V]],
        items: Iterable[K] | AsyncIterable[K],
        *,
        concurrency: int,
        limits: CallLimits,
        limiter: "Callable[[], lazy_classes.RateLimiter]",
        total: int | None = None,
    ) -> None:
        if isinstance(items, str | bytes) or not isinstance(items, Iterable | AsyncIterable):
            raise UsageError(f"a batch needs an iterable of items, not {type(items).__name__}")
        self._call = call
        self._async_input = items if isinstance(items, AsyncIterable) else None  # in place of `_input`
        # A chain begins to iterate over its input when the first item is taken.
        self._input = itertools.chain(() if isinstance(items, AsyncIterable) else items)
        self._reader: asyncio.Task[None] | None = None  # reads the asynchronous input
        self._item_requests = asyncio.Semaphore(0)
        self._item_queue: asyncio.Queue[Iterator[K]] = asyncio.Queue()  # of one item each, or empty if none follows
        self._takes_items = True  # False after the last item, after a crash, and after the batch was left
        self._concurrency = whole_number("concurrency", concurrency, least=1, most=_MAX_CONCURRENCY)
        self._limits = limits
        self._find_limiter = limiter
        self._limiter: lazy_classes.RateLimiter | None = None  # stays the same, even if the token changes during a run
        # items that have no outcome yet; None if the input has no length
        self._remaining = length_of(items) if total is None else total
        self._expected = 0  # requests that the limiter expects because of this batch
        self._workers: set[asyncio.Task[None]] = set()
        # Outcomes that were not taken from the batch yet, each with the future that its worker awaits until then.
        self._ready: collections.deque[tuple[Succeeded[K, V] | Failed[K], asyncio.Future[None]]] = collections.deque()
        self._wake = asyncio.Event()
        self._handed_out = 0  # outcomes since the iteration last paused for other tasks
        self.stopped_by: KatapultError | None = None
        """The error that stopped the calls, because every other item would meet it too."""

        self._is_token_doubtful = False  # whether the token was rejected for an item, and is not known to be accepted
        self._token_check_ended = asyncio.Event()  # cleared while a call for one more item checks the token
        self._token_check_ended.set()
        self._crash: BaseException | None = None  # of the input or a call, to be raised by the iteration
        self._is_left = False  # whether the context is being left, or has been left

    async def __aenter__(self) -> Self:
        if self._limiter is not None:
            raise UsageError("a batch can be entered only once; make a new one for another run")
        # All workers run in the context in which the batch was entered, even one that is added during a call.
        self._limiter, self._context = self._find_limiter(), contextvars.copy_context()
        self._limits = attrs.evolve(self._limits, batch=self, on_stuck=self._add_worker)
        expected = _UNKNOWN_LENGTH if self._remaining is None else self._remaining
        self._expect(expected)
        if self._async_input is not None:
            self._reader = self._context.copy().run(asyncio.create_task, self._read(self._async_input))
            self._reader.add_done_callback(self._worker_ended)
        for _ in range(min(self._concurrency, expected + 1)):  # one more than items, to find the end of the input
            self._start_worker()
        return self

    async def __aexit__(self, *_: object) -> None:
        self._is_left, self._takes_items = True, False
        reader = self._reader
        tasks = [*self._workers] if reader is None else [*self._workers, reader]
        for task in tasks:
            task.cancel()
        self._expect(-self._expected)
        self._limits = CallLimits()  # without a reference to this batch
        ended = asyncio.gather(*tasks, return_exceptions=True)
        try:
            await asyncio.shield(ended)
        except asyncio.CancelledError:  # no call is cancelled again, as in a TaskGroup: it would interrupt its cleanup
            while not ended.done():
                with contextlib.suppress(asyncio.CancelledError):
                    await asyncio.shield(ended)
            raise
        finally:
            self._ready.clear()  # the traceback of an error that was not taken refers to this batch
            self._crash = None
        if reader is not None and not reader.cancelled():
            try:
                reader.result()  # raises what the closing of the input raised
            finally:
                del reader, tasks, task, ended  # the traceback of the error refers to this frame

    def estimate(self) -> Estimate | None:
        """Return how many windows and seconds the remaining items need, at one request each and with the current limit.

        None if the input has no length, as a generator has none.
        """
        return None if self._remaining is None else (self._limiter or self._find_limiter()).estimate(self._remaining)

    if not typing.TYPE_CHECKING:  # type checkers find these mistakes themselves
        __iter__ = __await__ = raises_usage_error(
            "a batch is entered and iterated: async with ... as outcomes, then async for outcome in outcomes"
        )

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Succeeded[K, V] | Failed[K]:
        if self._limiter is None:
            raise UsageError("enter the batch before you iterate over it: async with ... as outcomes")
        if self._is_left:
            raise UsageError("iterate inside the `async with`: its end has stopped the remaining items")
        if self._handed_out >= _OUTCOMES_PER_ITERATION:
            self._handed_out = 0
            await asyncio.sleep(0)
        while not self._ready:
            if not self._workers:
                crash, self._crash = self._crash, None
                if crash is None:
                    raise StopAsyncIteration
                try:
                    raise crash
                except StopAsyncIteration as error:  # it would end the iteration, as if no item were left
                    raise RuntimeError("a call or the input of the batch raised StopAsyncIteration") from error
                finally:
                    del crash  # its traceback refers to this frame: the cycle would keep the callers' frames alive
            self._wake.clear()
            await self._wake.wait()
        self._handed_out += 1
        outcome, taken = self._ready.popleft()
        if not taken.done():
            taken.set_result(None)
        return outcome

    def _start_worker(self, *, for_one_item: bool = False) -> None:
        # Not `create_task(context=...)`: some task factories of programs take no keyword arguments.
        worker = self._context.copy().run(asyncio.create_task, self._work(for_one_item=for_one_item))
        self._workers.add(worker)
        worker.add_done_callback(self._worker_ended)

    def _worker_ended(self, worker: asyncio.Task[None]) -> None:
        """Record why a worker or the reader ended: the end of the input, a cancellation, or an exception."""
        self._workers.discard(worker)
        if not self._is_left:  # later, nothing raises it: the batch would keep an error whose traceback refers to it
            cancelled = RuntimeError("a call or the input of the batch cancelled itself")
            # Read for every worker: asyncio logs an exception that nobody reads.
            crash = cancelled if worker.cancelled() else worker.exception()
            self._crash = self._crash or crash
        if worker is self._reader:
            self._reader, self._takes_items = None, False
        if self._crash is not None:
            self._takes_items = False
        if not self._takes_items:
            self._item_queue.put_nowait(iter(()))  # another worker that waits for an item ends, and then the next
        self._wake.set()

    def _add_worker(self) -> bool:
        """Try one more item, because all workers may be stuck: its outcome shows whether the endpoint or an item fails.

        Return False if no further item is taken.
        """
        if self._takes_items and len(self._workers) < self._concurrency + _ADDED_WORKERS:
            self._start_worker(for_one_item=True)
        return self._takes_items

    async def _work(self, *, for_one_item: bool) -> None:
        """Work on one item at a time: take it, call, and wait until its outcome is taken."""
        while self._takes_items:
            source: Iterator[K] = self._input
            if self._async_input is not None:
                self._item_requests.release()
                source = await self._item_queue.get()
            try:
                item = next(source)
            except StopIteration:
                self._takes_items = False
                if self._remaining is None:
                    self._expect(-self._expected)
                break
            while not self._token_check_ended.is_set():  # while the token is doubtful, one call is made at a time
                await self._token_check_ended.wait()
            taken: asyncio.Future[None] = asyncio.Future()
            # No local variable keeps the outcome in memory while the worker waits.
            self._ready.append((await self._outcome(item), taken))
            if self._remaining:
                self._remaining -= 1
                self._expect(-1)
            self._wake.set()
            if self._is_left:  # the call ended in spite of its cancellation, as one in `asyncio.wait_for` may
                break
            await taken
            if for_one_item:
                break
            # The input may have more items than its length was.
            if self._remaining == 0 and len(self._workers) < self._concurrency and self._takes_items:
                self._start_worker()

    async def _read(self, items: AsyncIterable[K]) -> None:
        """Read the asynchronous input, which may make calls too, whenever a worker requests an item.

        One task reads and closes it: a time limit or a task group inside a generator belongs to the task that began it.
        """
        async with iterating(items) as source:
            with contextlib.suppress(StopAsyncIteration):
                while self._takes_items and await self._item_requests.acquire():
                    with SharedLimits(self._limits):
                        self._item_queue.put_nowait(iter((await anext(source),)))

    async def _outcome(self, item: K) -> Succeeded[K, V] | Failed[K]:
        """Call for an item, unless the batch was stopped, and return its outcome."""
        if self.stopped_by is not None:
            return Failed(item, NotAttemptedError(f"not attempted, since the batch was stopped by: {self.stopped_by}"))
        checks_token = self._is_token_doubtful
        limits = attrs.evolve(self._limits, fresh_connection=True) if checks_token else self._limits
        if checks_token:
            self._token_check_ended.clear()
        awaitable: object = None
        try:
            with SharedLimits(limits):
                value = await (awaitable := self._call(item))
        except TypeError as error:
            if isinstance(awaitable, Awaitable) or getattr(error.__traceback__, "tb_next", None) is not None:
                raise  # raised by the code that was called
            raise UsageError(f"a batch calls an async function with one item each: {error}") from error
        except (KatapultError, ExceptionGroup) as error:
            if isinstance(error, ExceptionGroup) and error.split(KatapultError)[1] is not None:
                raise  # it also contains an exception that is not a `KatapultError`
            error.__traceback__ = error.__traceback__ and error.__traceback__.tb_next  # this frame refers to the batch
            return self._failed(item, _first_error(error), checked_token=checks_token)
        else:
            if self._is_token_doubtful:
                self._end_token_doubt()
            return Succeeded(item, value)
        finally:
            del awaitable  # an error of a task refers to this frame, and the task to its error
            if checks_token:
                self._token_check_ended.set()

    def _failed(self, item: K, error: KatapultError, *, checked_token: bool) -> Failed[K]:
        """Return the outcome of an item that failed; stop the calls if every other item would meet the error.

        One rejection does not show that the token is invalid: one of several servers, or one connection, may be wrong.
        So a second item has to meet the same error, on a connection of its own, while no response shows that Katapult
        accepts the token.
        """
        is_rejected = isinstance(error, AuthenticationError)
        if isinstance(error, ClientClosedError) or (is_rejected and checked_token and self._is_token_doubtful):
            self.stopped_by = error
        if is_rejected:
            self._is_token_doubtful = True
        elif isinstance(error, _ERRORS_OF_ACCEPTED_TOKENS) and error.code not in (None, "route_not_found"):
            self._end_token_doubt()
        return Failed(item, error)

    def _end_token_doubt(self) -> None:
        """Make several calls at a time again, because a response shows that Katapult accepts the token."""
        self._is_token_doubtful = False
        self._token_check_ended.set()

    def _expect(self, requests: int) -> None:
        """Tell the rate limiter to expect more requests, or fewer. After the batch is left, it expects none of them."""
        if self._limiter is not None and self._expected + requests >= 0:
            self._expected += requests
            self._limiter.expect(requests, batch=self)


def _first_error(error: "KatapultError | ExceptionGroup[KatapultError]") -> KatapultError:
    """Return an error itself, or the first error of a group, even if it is in a group inside."""
    return _first_error(error.exceptions[0]) if isinstance(error, ExceptionGroup) else error


def length_of(items: Any) -> int | None:
    """Return the length of an input; None if it has none, such as a progress bar, or if it is too large for ``len``."""
    with contextlib.suppress(TypeError, UsageError, OverflowError):
        return len(items)
    return None


def iterating(items: AsyncIterable[K]) -> contextlib.AbstractAsyncContextManager[AsyncIterator[K]]:
    """Return a context for the iteration over an asynchronous input. Its end closes a generator.

    `async for` alone would leave the closing of a generator to the garbage collector.
    """
    iterator = aiter(items)
    return contextlib.aclosing(iterator) if isinstance(iterator, AsyncGenerator) else contextlib.nullcontext(iterator)
