"""The limiter under test, one that knows the server's counter, and the limiters of other libraries."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import Protocol

from katapult_async.config import RateLimitPolicy
from katapult_async.options import Priority
from katapult_async.rate_limit.headers import RateLimitHeaders
from katapult_async.rate_limit.limiter import RateLimiter
from katapult_async.rate_limit.permit import Permit
from tests.simulation.server import Response, Server

__all__ = ["BrokenError", "InformedLimiter", "KatapultLimiter", "Limiter", "Send"]

ATTEMPTS = 5


class BrokenError(Exception):
    """The connection broke: the server counted the request, and its response never came."""


class Send(Protocol):
    """Sends the request once."""

    def __call__(self, counted: Callable[[], None] | None = None) -> Awaitable[Response]:
        """Return the response. Only `InformedLimiter` gives ``counted``, called when the server counts the request."""
        ...


class Limiter(Protocol):
    """Decides when a request is sent, and repeats it if needed."""

    async def call(self, send: Send, *, priority: Priority) -> bool:
        """Return whether the call got a good response in the end."""
        ...

    def expect(self, requests: int) -> None:
        """Record how many more calls a batch has."""
        ...


async def backoff(random_: random.Random, attempt: int) -> None:
    """Wait as every client here does after a 503: full jitter, base 0.5 s, cap 20 s."""
    await asyncio.sleep(random_.uniform(0.0, min(20.0, 0.5 * 2.0**attempt)))


class KatapultLimiter:
    """The limiter of this library, driven as its caller drives it."""

    def __init__(
        self, *, window: float, seed: int, skew: float = 0.0, max_in_flight: int = 100, refusals: int = 30
    ) -> None:
        self._random = random.Random(f"limiter {seed}")
        policy = RateLimitPolicy(window=window, max_in_flight=max_in_flight)
        loop = asyncio.get_running_loop()
        self.limiter = RateLimiter(policy, clock=lambda: loop.time() + skew, random=self._random.random)
        self._refusals = refusals

    def expect(self, requests: int) -> None:
        self.limiter.expect(requests)

    async def call(self, send: Send, *, priority: Priority) -> bool:
        refused = failed = 0
        again: Permit | None = None
        while True:
            permit = await self.limiter.acquire(priority=priority, max_wait=None, refused=again)
            try:
                response = await send()
            except BrokenError:
                self.limiter.lost(permit)
                again = None
                continue
            except asyncio.CancelledError:
                self.limiter.lost(permit)
                raise
            report = RateLimitHeaders.read(
                response.headers, refused=response.status == 429, total_permitted=response.total_permitted
            )
            self.limiter.responded(permit, report)
            if response.status == 200:
                return True
            if response.status == 429:
                again = permit
                refused += 1
                if refused > self._refusals:
                    return False
            else:
                again = None
                failed += 1
                if failed >= ATTEMPTS:
                    return False
                await backoff(self._random, failed)


class InformedLimiter:
    """Knows the server's counter and when windows begin, so its makespan is the shortest possible.

    One for all processes of a token.
    """

    def __init__(self, server: Server, *, seed: int) -> None:
        self._server = server
        self._in_flight_of_window = 0
        self._random = random.Random(f"informed {seed}")

    def expect(self, requests: int) -> None:
        pass

    async def call(self, send: Send, *, priority: Priority) -> bool:  # noqa: ARG002  # the protocol's
        failed = 0
        while True:
            while self._server.left - self._in_flight_of_window < 1:
                now = asyncio.get_running_loop().time()
                if self._server.left:
                    await asyncio.sleep(0.05)
                else:
                    await asyncio.sleep(self._server.next_start(now) - now + 1e-6)
            self._in_flight_of_window += 1
            response = await send(self._counted)
            if response.status == 200:
                return True
            if response.status != 429:
                failed += 1
                if failed >= ATTEMPTS:
                    return False
                await backoff(self._random, failed)

    def _counted(self) -> None:
        self._in_flight_of_window -= 1
