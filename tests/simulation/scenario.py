"""One run: a server, a network, processes with batches, single calls and a foreign process, all in virtual time."""

import asyncio
import math
import random
from collections.abc import Callable

import attrs

from katapult_async.call_limits import Priority
from tests.simulation.limiters import BrokenError, InformedLimiter, KatapultLimiter, Limiter
from tests.simulation.server import Response, Server, ServerSettings
from tests.simulation.virtual_time import START, run

__all__ = ["Limiters", "Network", "Result", "Scenario", "informed", "limiters", "simulate"]

Limiters = Callable[["Scenario", Server, int], list[Limiter]]
"""Makes one limiter for each process: from the scenario, the server and the seed."""


@attrs.frozen(kw_only=True)
class Network:
    """How long a request and its response travel."""

    round_trip: float = 0.05
    jitter: float = 0.2
    """Fraction of the travel time that is random."""
    tail_share: float = 0.0
    """Share of the requests that are delayed further, on the way to the server or back."""
    tail: float = 1.0
    """Mean seconds of that delay."""
    broken: float = 0.0
    """Share of this library's requests that are counted and get no response: the connection breaks."""

    def travel_time(self, source: random.Random) -> float:
        """Draw the seconds of one way."""
        seconds = self.round_trip / 2 * (1.0 + self.jitter * (source.random() - 0.5) * 2)
        if self.tail_share and source.random() < self.tail_share / 2:
            seconds += source.expovariate(1.0 / self.tail)
        return seconds


@attrs.frozen(kw_only=True)
class Scenario:
    """What happens in one run."""

    name: str = ""
    server: ServerSettings = attrs.field(factory=ServerSettings)
    network: Network = attrs.field(factory=Network)
    requests: int = 2500
    """Calls of each process."""
    processes: int = 1
    concurrency: int = 50
    """Calls of one batch in flight at once."""
    announced: bool = True
    """Whether the batch tells the limiter how many calls it has left."""
    task_size: int | None = None
    """Calls of one batch if the processes take small batches from one queue; None if each process has one batch."""
    pause: float = 0.3
    """Mean seconds between two batches from the queue."""
    skew: float = 0.0
    """Seconds by which the local clock is off."""
    foreign: float = 0.0
    """Share of the budget that a process without this library uses, at random moments."""
    single_calls: int = 0
    """Single calls of the first process in each window, at random moments."""
    until: float = 3600.0
    """Virtual seconds after which the run is given up."""


@attrs.frozen(kw_only=True)
class Result:
    """What was measured, in seconds and numbers of requests."""

    makespan: float
    sent: int
    refused: int
    lost: int
    """Calls that did not succeed."""
    windows: int
    foreign_sent: int
    foreign_refused: int
    single_calls: list[float]
    """Seconds that each single call took, sorted."""
    counted: list[tuple[float, int]]
    """When the server counted each request of this library's processes, and the status."""

    @property
    def refused_share(self) -> float:
        return self.refused / max(1, self.sent)

    @property
    def foreign_share(self) -> float:
        """Share of the foreign requests that were refused."""
        return self.foreign_refused / max(1, self.foreign_sent)

    def single_call_at(self, quantile: float) -> float:
        """Return a quantile of the single calls' latencies."""
        if not self.single_calls:
            return math.nan
        return self.single_calls[math.ceil(quantile * len(self.single_calls)) - 1]


def limiters(scenario: Scenario, server: Server, seed: int) -> list[Limiter]:
    """Return the limiter under test, one for each process."""
    return [
        KatapultLimiter(window=server.settings.window, seed=seed * 100 + number, skew=scenario.skew)
        for number in range(scenario.processes)
    ]


def informed(scenario: Scenario, server: Server, seed: int) -> list[Limiter]:
    """Return the limiter that knows the server's counter, shared by all processes."""
    limiter = InformedLimiter(server, seed=seed)
    return [limiter] * scenario.processes


class _Run:
    """The state and the figures of one run."""

    def __init__(self, scenario: Scenario, limiters: Limiters, seed: int) -> None:
        self.scenario = scenario
        self.source = random.Random(f"network {seed}")
        self.server = Server(scenario.server, seed=seed)
        self.limiters = limiters(scenario, self.server, seed)
        self.sent = self.refused = self.lost = 0
        self.foreign_sent = self.foreign_refused = 0
        self.queued_batches = scenario.processes * scenario.requests // (scenario.task_size or scenario.requests)
        self.single_calls: list[float] = []
        self.counted: list[tuple[float, int]] = []

    async def travel(self, on_counted: Callable[[], None] | None) -> tuple[float, Response]:
        """Return when the server counted the request, and the response."""
        network = self.scenario.network
        await asyncio.sleep(network.travel_time(self.source))
        if on_counted is not None:
            on_counted()
        response = self.server.handle()
        counted_at = asyncio.get_running_loop().time() - START
        await asyncio.sleep(network.travel_time(self.source))
        return counted_at, response

    async def send(self, on_counted: Callable[[], None] | None = None) -> Response:
        self.sent += 1
        counted_at, response = await self.travel(on_counted)
        if response.status == 429:
            self.refused += 1
        self.counted.append((counted_at, response.status))
        if self.scenario.network.broken and self.source.random() < self.scenario.network.broken:
            raise BrokenError
        return response

    async def process(self, limiter: Limiter) -> None:
        scenario = self.scenario
        if scenario.task_size is None:
            await self.batch(limiter, scenario.requests)
            return
        while self.queued_batches:
            self.queued_batches -= 1
            await asyncio.sleep(self.source.expovariate(1.0 / scenario.pause))
            await self.batch(limiter, scenario.task_size)

    async def batch(self, limiter: Limiter, requests: int) -> None:
        left = iter(range(requests))
        if self.scenario.announced:
            limiter.expect(requests)

        async def work() -> None:
            for _ in left:
                succeeded = await limiter.call(self.send, priority=Priority.BATCH)
                if not succeeded:
                    self.lost += 1
                if self.scenario.announced:
                    limiter.expect(-1)

        async with asyncio.TaskGroup() as group:
            for _ in range(self.scenario.concurrency):
                group.create_task(work())

    async def foreign(self) -> None:
        source = random.Random(f"foreign {self.source.random()}")
        rate = self.scenario.foreign * self.server.settings.permitted / self.server.settings.window

        async def request() -> None:
            self.foreign_sent += 1
            _, response = await self.travel(None)
            if response.status == 429:
                self.foreign_refused += 1

        async with asyncio.TaskGroup() as group:
            while True:
                await asyncio.sleep(source.expovariate(rate))
                group.create_task(request())

    async def make_single_calls(self, limiter: Limiter) -> None:
        source = random.Random(f"foreground {self.source.random()}")
        loop = asyncio.get_running_loop()

        async def request() -> None:
            began_at = loop.time()
            succeeded = await limiter.call(self.send, priority=Priority.SINGLE)
            if not succeeded:
                self.lost += 1
            self.single_calls.append(loop.time() - began_at)

        async with asyncio.TaskGroup() as group:
            while True:
                await asyncio.sleep(source.uniform(0.0, 2.0) * self.server.settings.window / self.scenario.single_calls)
                group.create_task(request())

    async def main(self) -> Result:
        loop = asyncio.get_running_loop()
        first = self.server.index
        others = [loop.create_task(self.foreign())] if self.scenario.foreign else []
        if self.scenario.single_calls:
            others.append(loop.create_task(self.make_single_calls(self.limiters[0])))
        async with asyncio.timeout(self.scenario.until), asyncio.TaskGroup() as group:
            for limiter in self.limiters:
                group.create_task(self.process(limiter))
        makespan = loop.time() - START
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        return Result(
            makespan=makespan,
            sent=self.sent,
            refused=self.refused,
            lost=self.lost,
            windows=self.server.index - first + 1,
            foreign_sent=self.foreign_sent,
            foreign_refused=self.foreign_refused,
            single_calls=sorted(self.single_calls),
            counted=self.counted,
        )


def simulate(scenario: Scenario, *, seed: int, limiters: Limiters = limiters) -> Result:
    """Run a scenario once."""

    async def main() -> Result:
        return await _Run(scenario, limiters, seed).main()

    return run(main())
