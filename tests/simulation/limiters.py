"""The limiter under test, and one that knows the server's counter."""

import asyncio
import math
import random
from collections.abc import Awaitable, Callable
from typing import Protocol

import msgspec
import tenacity

from katapult_async.call_limits import Priority
from katapult_async.config import RateLimitPolicy, RetryPolicy
from katapult_async.core.retry import FailureHistory, RetryStrategies
from katapult_async.errors import (
    DisconnectedError,
    Problem,
    RateLimitReachedError,
    RequestError,
    ServiceUnavailableError,
)
from katapult_async.rate_limit.headers import RateLimitHeaders
from katapult_async.rate_limit.limiter import RateLimiter
from katapult_async.rate_limit.permit import Permit
from tests.simulation.server import Response, Server

__all__ = ["BrokenError", "InformedLimiter", "KatapultLimiter", "Limiter", "Send"]


class BrokenError(Exception):
    """The connection broke: the server counted the request, and its response never came."""


class Send(Protocol):
    """Sends the request once."""

    def __call__(self, on_counted: Callable[[], None] | None = None) -> Awaitable[Response]:
        """Return the response.

        Args:
            on_counted: is called when the server counts the request. Only `InformedLimiter` gives it.
        """
        ...


class Limiter(Protocol):
    """Decides when a request is sent, and repeats it if needed."""

    async def call(self, send: Send, *, priority: Priority) -> bool:
        """Return whether the call got a good response in the end."""
        ...

    def expect(self, requests: int) -> None:
        """Record how many more calls a batch has."""
        ...


async def succeeds(
    attempt: Callable[[], Awaitable[RequestError | None]],
    retry: RetryPolicy,
    history: FailureHistory,
    source: random.Random,
) -> bool:
    """Return whether an attempt succeeds before the strategies of the library end the call."""
    error = await attempt()
    if error is None:
        return True
    strategies = RetryStrategies(
        policy=retry,
        history=history,
        idempotent=True,
        time_left=lambda: math.inf,
        draw=source.random,
        is_token_replaced=lambda: False,
    )
    state = tenacity.RetryCallState(strategies.controller(), None, (), {})
    while error is not None:
        state.set_exception((type(error), error, None))
        state.upcoming_sleep = strategies.wait(state)
        if not strategies.retry(state) or strategies.stop(state):
            return False
        if state.upcoming_sleep:
            await asyncio.sleep(state.upcoming_sleep)
        state.prepare_for_next_attempt()
        error = await attempt()
    return True


def failure(
    error: type[RequestError], earlier: list[RequestError], *, status: int | None = None, code: str | None = None
) -> RequestError:
    """Return the error of an attempt, and append it to those of the call's earlier attempts."""
    problem = Problem(
        method="GET",
        path="/",
        description="",
        attempts=len(earlier) + 1,
        earlier=tuple(earlier),
        status=status,
        code=code,
    )
    earlier.append(error(problem))
    return earlier[-1]


class KatapultLimiter:
    """The limiter and the retry policy of this library, used as `core.caller` uses them. No circuit breakers."""

    def __init__(
        self, *, window: float, seed: int, skew: float = 0.0, max_in_flight: int = 100, retry: RetryPolicy | None = None
    ) -> None:
        self._random = random.Random(f"limiter {seed}")
        policy = RateLimitPolicy(window=window, max_in_flight=max_in_flight)
        loop = asyncio.get_running_loop()
        self.limiter = RateLimiter(policy, clock=lambda: loop.time() + skew, random=self._random.random)
        self._retry = retry or RetryPolicy()

    def expect(self, requests: int) -> None:
        self.limiter.expect(requests)

    async def call(self, send: Send, *, priority: Priority) -> bool:
        history = FailureHistory()
        earlier: list[RequestError] = []
        last_refused: Permit | None = None

        async def attempt() -> RequestError | None:
            nonlocal last_refused
            permit = await self.limiter.acquire(priority=priority, max_wait=None, refused_permit=last_refused)
            last_refused = None
            try:
                response = await send()
            except asyncio.CancelledError:
                self.limiter.lost(permit)
                raise
            except BrokenError:
                self.limiter.lost(permit)
                return failure(DisconnectedError, earlier)
            refused = response.status == 429
            report = RateLimitHeaders.read(response.headers)
            if refused:
                report = msgspec.structs.replace(report, refused=True, total_permitted=response.total_permitted)
            self.limiter.responded(permit, report)
            if refused:
                last_refused = permit
                history.own_refusals = permit.own_refusals
                history.refusals += 1
                return failure(RateLimitReachedError, earlier, status=429, code="rate_limit_reached")
            if response.status != 200:
                return failure(ServiceUnavailableError, earlier, status=response.status, code="service_unavailable")
            return None

        return await succeeds(attempt, self._retry, history, self._random)


class InformedLimiter:
    """Knows the server's counter and when windows begin, so its makespan is the shortest possible.

    All processes of a token share one.
    """

    def __init__(self, server: Server, *, seed: int) -> None:
        self._server = server
        self._in_flight_of_window = 0
        self._random = random.Random(f"informed {seed}")

    def expect(self, requests: int) -> None:
        pass

    async def call(self, send: Send, *, priority: Priority) -> bool:  # noqa: ARG002  # the protocol's
        earlier: list[RequestError] = []

        async def attempt() -> RequestError | None:
            status = 429
            while status == 429:
                while self._server.left - self._in_flight_of_window < 1:
                    now = asyncio.get_running_loop().time()
                    if self._server.left:
                        await asyncio.sleep(0.05)
                    else:
                        await asyncio.sleep(self._server.next_start(now) - now + 1e-6)
                self._in_flight_of_window += 1
                status = (await send(self._counted)).status
            if status != 200:
                return failure(ServiceUnavailableError, earlier, status=status, code="service_unavailable")
            return None

        return await succeeds(attempt, RetryPolicy(), FailureHistory(), self._random)

    def _counted(self) -> None:
        self._in_flight_of_window -= 1
