"""A web application and batches, each with a whole client, against one simulated server."""

import asyncio
import contextlib
import math
import random
from collections.abc import AsyncIterator, Coroutine, Mapping

import attrs

from katapult_async import EmptyResponse, Endpoint, Failed, KatapultClient, KatapultError, RateLimitPolicy
from tests.simulation.server import Server, ServerSettings
from tests.simulation.transport import Rule, Transport, now

BATCH = Endpoint(path="/items/item", answer=None, type=EmptyResponse)
WEB = Endpoint(path="/pages/page", answer=None, type=EmptyResponse)


@attrs.define
class WebCall:
    """One single call of the simulated web application."""

    began_at: float
    ended_at: float
    error: KatapultError | None


class Simulation:
    """One run: a server, the processes that use it, and what they measured."""

    def __init__(self, seed: int, phase: float, *rules: Rule, settings: ServerSettings | None = None) -> None:
        random.seed(f"client {seed} {phase}")  # of limiters, circuit breakers and backoff
        self.seed = seed
        self.random = random.Random(f"programs {seed}")
        self.server = Server(attrs.evolve(settings or ServerSettings(), phase=phase), seed=seed)
        self.rules = rules
        self.transports: list[Transport] = []
        self.web_calls: list[WebCall] = []
        self._clients = 0

    @contextlib.asynccontextmanager
    async def client(self, *, rate_limit: RateLimitPolicy | None = None) -> AsyncIterator[KatapultClient]:
        """Open the client of a process: processes share a server, and no limiter."""
        self._clients += 1
        transport = Transport(self.server, self.rules, seed=f"{self.seed} {self._clients}")
        self.transports.append(transport)
        async with KatapultClient(
            f"process-{self._clients}", transport=transport, rate_limit=rate_limit or RateLimitPolicy()
        ) as katapult:
            yield katapult

    async def web(
        self, katapult: KatapultClient, *, rate: float | None = None, endpoint: Endpoint[EmptyResponse] = WEB
    ) -> None:
        """Make single calls at random times forever, 20 to 60 a minute."""
        rate = self.random.uniform(20.0, 60.0) if rate is None else rate
        async with asyncio.TaskGroup() as group:
            while True:
                await asyncio.sleep(self.random.expovariate(rate / 60.0))
                group.create_task(self.web_call(katapult, endpoint))

    async def web_call(self, katapult: KatapultClient, endpoint: Endpoint[EmptyResponse] = WEB) -> None:
        """Make a single call, and record when it began and ended."""
        began_at = now()
        error = None
        try:
            await katapult.call(endpoint)
        except KatapultError as failure:
            error = failure
        self.web_calls.append(WebCall(began_at, now(), error))

    async def batch(
        self,
        katapult: KatapultClient,
        requests: int,
        *,
        endpoint: Endpoint[EmptyResponse] = BATCH,
        concurrency: int = 50,
    ) -> dict[str, float | KatapultError]:
        """Make a batch, and return when each item succeeded, or its error."""

        async def call(item: int) -> None:
            body = None if endpoint.method == "GET" else {"key": f"i{item}"}
            await katapult.call(endpoint, arguments={"key": f"i{item}"}, body=body)

        outcomes: dict[str, float | KatapultError] = {}
        async with katapult.many(call, range(requests), concurrency=concurrency) as results:
            async for result in results:
                key = f"i{result.key}"
                outcomes[key] = result.error if isinstance(result, Failed) else now()
        return outcomes

    @contextlib.asynccontextmanager
    async def in_background(self, *coroutines: Coroutine[object, object, None]) -> AsyncIterator[None]:
        """Run programs in the background until the block ends."""
        tasks = [asyncio.create_task(coroutine) for coroutine in coroutines]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def web_figures(self) -> dict[str, float]:
        """Return what was measured of the single calls."""
        seconds = sorted(call.ended_at - call.began_at for call in self.web_calls)
        if not seconds:
            return {}
        return {
            "web errors": float(len([call for call in self.web_calls if call.error is not None])),
            "web p50 s": seconds[math.ceil(0.5 * len(seconds)) - 1],
            "web p90 s": seconds[math.ceil(0.9 * len(seconds)) - 1],
            "web max s": seconds[-1],
            "web over 1 s %": 100 * len([second for second in seconds if second > 1.0]) / len(seconds),
        }


def failed(outcomes: Mapping[str, float | KatapultError]) -> float:
    """Return how many items of a batch failed."""
    return float(len([outcome for outcome in outcomes.values() if isinstance(outcome, KatapultError)]))


def finished_at(outcomes: Mapping[str, float | KatapultError]) -> float:
    """Return when the last item of a batch succeeded; infinity if none did."""
    return max((outcome for outcome in outcomes.values() if not isinstance(outcome, KatapultError)), default=math.inf)
