"""Limiters of other libraries, in the same simulation as ours. Each process has its own limiter."""

import asyncio
import random
from collections.abc import Callable

import tenacity
from aiolimiter import AsyncLimiter
from pyrate_limiter import Duration, FixedWindow, InMemoryBucket, Limiter as PyrateLimiter, Rate, SlidingWindowLog
from pyrate_limiter.limiter import SingleBucketFactory

from katapult_async.call_limits import Priority
from tests.simulation.limiters import Limiter, Send
from tests.simulation.scenario import Limiters, Scenario
from tests.simulation.server import EPOCH, Server
from tests.simulation.virtual_time import START

__all__ = ["PEERS"]

ATTEMPTS = 10


class _FailedError(Exception):
    """Any response but 200."""


class BackoffLimiter:
    """tenacity: exponential waits with full jitter after every failure, and nothing before a request."""

    def __init__(self, scenario: Scenario, server: Server, seed: int) -> None:
        self._scenario = scenario
        self._server = server
        random.seed(f"tenacity {seed}")  # tenacity draws from the module's generator

    async def admit(self) -> None:
        """Wait for permission to send."""

    async def call(self, send: Send, *, priority: Priority) -> bool:  # noqa: ARG002  # the protocol's
        retrying = tenacity.AsyncRetrying(
            stop=tenacity.stop_after_attempt(ATTEMPTS),
            wait=tenacity.wait_random_exponential(multiplier=0.5, max=60),
            retry=tenacity.retry_if_exception_type(_FailedError),
        )
        try:
            async for attempt in retrying:
                with attempt:
                    await self.admit()
                    if (await send()).status != 200:
                        raise _FailedError
        except tenacity.RetryError:
            return False
        return True

    def expect(self, requests: int) -> None:
        pass


class PacedLimiter(BackoffLimiter):
    """aiolimiter: one request at a time at the average rate."""

    def __init__(self, scenario: Scenario, server: Server, seed: int) -> None:
        super().__init__(scenario, server, seed)
        self._limiter = AsyncLimiter(1, server.settings.window / server.settings.permitted)

    async def admit(self) -> None:
        await self._limiter.acquire()


class BurstLimiter(PacedLimiter):
    """aiolimiter: a leaky bucket as large as the window's budget."""

    def __init__(self, scenario: Scenario, server: Server, seed: int) -> None:
        super().__init__(scenario, server, seed)
        self._limiter = AsyncLimiter(server.settings.permitted, server.settings.window)


class _WallClockBucket(InMemoryBucket):
    skew = 0.0

    def now(self) -> int:
        return int((EPOCH + asyncio.get_running_loop().time() - START + self.skew) * 1000)


class SlidingLogLimiter(BackoffLimiter):
    """pyrate-limiter: a sliding log of the last window."""

    algorithm: type[SlidingWindowLog | FixedWindow] = SlidingWindowLog

    def __init__(self, scenario: Scenario, server: Server, seed: int) -> None:
        super().__init__(scenario, server, seed)
        rate = Rate(server.settings.permitted, int(server.settings.window * Duration.SECOND))
        self._bucket = _WallClockBucket([rate], self.algorithm())
        self._bucket.skew = server.settings.phase * server.settings.window + scenario.skew
        self._limiter = PyrateLimiter(SingleBucketFactory(self._bucket, schedule_leak=False))

    async def admit(self) -> None:
        self._bucket.leak(self._bucket.now())
        await self._limiter.try_acquire_async()


class FixedWindowLimiter(SlidingLogLimiter):
    """pyrate-limiter: windows aligned to the local clock."""

    algorithm = FixedWindow


class SleepUntilReset(BackoffLimiter):
    """Without a library: after a 429 sleep until the next minute of the local clock, each process on its own."""

    async def call(self, send: Send, *, priority: Priority) -> bool:  # noqa: ARG002  # the protocol's
        window = self._server.settings.window
        for _ in range(ATTEMPTS):
            status = (await send()).status
            if status == 200:
                return True
            if status == 429:
                now = self._server.clock(asyncio.get_running_loop().time()) + self._scenario.skew
                await asyncio.sleep(window - now % window)
            else:
                await asyncio.sleep(random.uniform(0.0, 1.0))
        return False


def _one_per_process(make: Callable[[Scenario, Server, int], Limiter]) -> Limiters:
    def limiters(scenario: Scenario, server: Server, seed: int) -> list[Limiter]:
        return [make(scenario, server, seed * 100 + number) for number in range(scenario.processes)]

    return limiters


PEERS: dict[str, Limiters] = {
    "tenacity, exponential": _one_per_process(BackoffLimiter),
    "aiolimiter, paced": _one_per_process(PacedLimiter),
    "aiolimiter, bursting": _one_per_process(BurstLimiter),
    "pyrate-limiter, sliding": _one_per_process(SlidingLogLimiter),
    "pyrate-limiter, fixed": _one_per_process(FixedWindowLimiter),
    "sleep until reset": _one_per_process(SleepUntilReset),
}
