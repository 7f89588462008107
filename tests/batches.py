"""Batches without a network, for tests."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from typing import Any

import attrs

from katapult_async.batch import Batch, Failed, Succeeded
from katapult_async.options import CallLimits
from katapult_async.rate_limit.window import Estimate

ENDLESS = CallLimits()


@attrs.define
class FakeLimiter:
    """Counts what it is told to expect, as the limiter does."""

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
    limits: CallLimits = ENDLESS,
    limiter: FakeLimiter | None = None,
    total: int | None = None,
) -> Batch[Any, Any]:
    told = limiter or FakeLimiter()
    return Batch(call, items, concurrency=concurrency, limits=limits, limiter=lambda: told, total=total)


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
