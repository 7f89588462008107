"""Ratios of processor time between pieces of work that run alternately in one process.

The machines are shared and noisy, so a time is never shown without the time of the same work by hand.
"""

import gc
import statistics
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

import attrs

_W = TypeVar("_W", bound=Callable[[], object])


@attrs.frozen(kw_only=True)
class Ratio:
    """The cost of one candidate, relative to the same work written by hand."""

    name: str
    """What was measured, and relative to what."""

    goal: float | None
    """The ratio not to exceed; None for other libraries."""

    cpu: tuple[float, ...]
    """Ratios of processor time, one for each round."""

    wall: tuple[float, ...]
    """Ratios of elapsed time, one for each round."""

    seconds: tuple[float, float]
    """Processor seconds of one unit of work: the candidate's and by hand, each the median of all rounds."""

    @property
    def value(self) -> float:
        """The median ratio of processor time."""
        return statistics.median(self.cpu)

    @property
    def spread(self) -> tuple[float, float]:
        """The first and third quartile of the ratios of processor time."""
        if len(self.cpu) == 1:
            return self.cpu[0], self.cpu[0]
        low, _, high = statistics.quantiles(self.cpu, n=4)
        return low, high


@attrs.frozen(kw_only=True)
class Figure:
    """One measured quantity with a unit."""

    name: str
    value: float
    unit: str
    goal: float | None = None
    """The value not to exceed; None if there is no goal."""


@attrs.frozen
class Candidate(Generic[_W]):
    """One implementation of the work that is also done by hand."""

    name: str
    work: _W
    goal: float | None = None


@attrs.frozen
class Cost:
    """Seconds that one piece of work took."""

    cpu: float
    wall: float


def compare(
    candidates: Sequence[Candidate[Callable[[], object]]], *, by_hand: Callable[[], object], rounds: int, repeat: int
) -> list[Ratio]:
    """Return the ratio of each candidate to the work by hand; all are called alternately.

    Args:
        candidates: implementations of one unit of the work.
        by_hand: the same unit, written by hand.
        rounds: measured runs of each, after one warm-up run.
        repeat: units of work in one run.
    """

    def measure(work: Callable[[], object]) -> Cost:
        gc.collect()  # so that no run collects the garbage of the run before it
        began = Cost(time.process_time(), time.perf_counter())
        for _ in range(repeat):
            work()
        return Cost(time.process_time() - began.cpu, time.perf_counter() - began.wall)

    works = [by_hand, *(candidate.work for candidate in candidates)]
    rounds_of_costs = [[measure(work) for work in works] for _ in range(rounds + 1)]
    return _ratios(candidates, rounds_of_costs[1:], repeat)


async def compare_async(
    candidates: Sequence[Candidate[Callable[[], Awaitable[object]]]],
    *,
    by_hand: Callable[[], Awaitable[object]],
    rounds: int,
    repeat: int,
) -> list[Ratio]:
    """Return the ratio of each candidate to the work by hand; all are awaited alternately. See `compare`."""

    async def measure(work: Callable[[], Awaitable[object]]) -> Cost:
        gc.collect()
        began = Cost(time.process_time(), time.perf_counter())
        for _ in range(repeat):
            await work()
        return Cost(time.process_time() - began.cpu, time.perf_counter() - began.wall)

    works = [by_hand, *(candidate.work for candidate in candidates)]
    rounds_of_costs = [[await measure(work) for work in works] for _ in range(rounds + 1)]
    return _ratios(candidates, rounds_of_costs[1:], repeat)


def _ratios(candidates: Sequence[Candidate[_W]], rounds: Sequence[Sequence[Cost]], repeat: int) -> list[Ratio]:
    by_hand, *measured = zip(*rounds, strict=True)
    return [
        Ratio(
            name=candidate.name,
            goal=candidate.goal,
            cpu=tuple(cost.cpu / hand.cpu for cost, hand in zip(costs, by_hand, strict=True)),
            wall=tuple(cost.wall / hand.wall for cost, hand in zip(costs, by_hand, strict=True)),
            seconds=(_median(costs) / repeat, _median(by_hand) / repeat),
        )
        for candidate, costs in zip(candidates, measured, strict=True)
    ]


def _median(costs: Sequence[Cost]) -> float:
    return statistics.median(cost.cpu for cost in costs)
