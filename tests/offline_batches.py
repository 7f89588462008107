"""Batches without a network, for tests of `Batch`."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from typing import Any, TypeVar

import attrs

from katapult_async.batch import Batch, Failed, Succeeded
from katapult_async.call_limits import CallLimits
from katapult_async.rate_limit.status import Estimate

NO_LIMITS = CallLimits()
T = TypeVar("T")


class ProgressBar(list[T]):
    """An input whose length is unknown although its class has ``__len__``, as a progress bar over a generator."""

    def __len__(self) -> int:
        raise TypeError("the generator has no length")


@attrs.define
class FakeLimiter:
    """Counts the requests that a batch announces, as the rate limiter does."""

    expected: int = 0

    def expect(self, requests: int, *, batch: object) -> None:  # noqa: ARG002 # as the rate limiter's
        self.expected += requests

    def estimate(self, requests: int) -> Estimate:
        return Estimate(requests=requests, windows=1, seconds=0.0)


async def double(item: int) -> int:
    """The call of most batches."""
    return 2 * item


def make_batch(
    call: Callable[[Any], Awaitable[Any]],
    items: Any,
    *,
    concurrency: int = 3,
    limits: CallLimits = NO_LIMITS,
    limiter: FakeLimiter | None = None,
    total: int | None = None,
) -> Batch[Any, Any]:
    """Return a batch with a fake limiter. The batch is not entered."""
    used: Any = limiter or FakeLimiter()
    return Batch(call, items, concurrency=concurrency, limits=limits, limiter=lambda: used, total=total)


async def collect(batch: Batch[Any, Any], outcomes: list[Succeeded[Any, Any] | Failed[Any]]) -> None:
    """Append the outcomes of a batch to a list, so that the list has them even if the batch raises."""
    async with batch:
        async for outcome in batch:
            outcomes.append(outcome)  # noqa: PERF401 # a comprehension loses all outcomes if the batch raises


async def outcomes_of(batch: Batch[Any, Any]) -> list[Succeeded[Any, Any] | Failed[Any]]:
    """Return all outcomes of a batch."""
    outcomes: list[Succeeded[Any, Any] | Failed[Any]] = []
    await collect(batch, outcomes)
    return outcomes


def requests_of(batch: Batch[Any, Any]) -> int | None:
    """Return the requests that a batch estimates; None if it has no estimate."""
    estimate = batch.estimate()
    return None if estimate is None else estimate.requests


async def arriving(items: Iterable[int]) -> AsyncIterator[int]:
    """Yield items with a pause before each."""
    for item in items:
        await asyncio.sleep(0.01)
        yield item


def endless_numbers(taken: list[int]) -> Iterator[int]:
    """Yield numbers without an end, and append each to a list when it is taken."""
    for number in itertools.count():
        taken.append(number)
        yield number
