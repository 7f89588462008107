"""Ratios measured in one process and one run: pieces of work in turns, and the median of each turn's ratio.

The machines are shared and noisy, so no time is ever shown alone.
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
    """What one way costs for each unit that a careful hand-written equivalent costs."""

    name: str
    """What was measured, and against what."""

    goal: float | None
    """The ratio not to exceed; None for somebody else's work."""

    cpu: tuple[float, ...]
    """Ratios of processor time, one a round."""

    wall: tuple[float, ...]
    """Ratios of elapsed time, one a round."""

    seconds: tuple[float, float]
    """Processor time of one unit, of this way and by hand: the median of all rounds."""

    @property
    def value(self) -> float:
        """The middle ratio of processor time."""
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
    """One measured quantity that is no ratio of two ways."""

    name: str
    value: float
    unit: str
    goal: float | None = None
    """The value not to exceed; None where it only explains another."""


@attrs.frozen
class Entrant(Generic[_W]):
    """One way to do the work that was also done by hand."""

    name: str
    work: _W
    goal: float | None = None


@attrs.frozen
class Cost:
    """What one turn took, in seconds."""

    cpu: float
    wall: float


def compare(
    entrants: Sequence[Entrant[Callable[[], object]]], *, by_hand: Callable[[], object], rounds: int, repeat: int
) -> list[Ratio]:
    """Return the ratio of each entrant to the work by hand, called in turns.

    Args:
        entrants: ways to do a unit of the work.
        by_hand: the same, as a careful person writes it.
        rounds: how many turns each gets, after one that does not count.
        repeat: how many units make a turn.
    """

    def turn(work: Callable[[], object]) -> Cost:
        gc.collect()  # each turn pays for its own garbage only
        began = Cost(time.process_time(), time.perf_counter())
        for _ in range(repeat):
            work()
        return Cost(time.process_time() - began.cpu, time.perf_counter() - began.wall)

    works = [by_hand, *(entrant.work for entrant in entrants)]
    turns = [[turn(work) for work in works] for _ in range(rounds + 1)]
    return _ratios(entrants, turns[1:], repeat)


async def compare_async(
    entrants: Sequence[Entrant[Callable[[], Awaitable[object]]]],
    *,
    by_hand: Callable[[], Awaitable[object]],
    rounds: int,
    repeat: int,
) -> list[Ratio]:
    """Return the ratio of each entrant to the work by hand, awaited in turns; arguments as for `compare`."""

    async def turn(work: Callable[[], Awaitable[object]]) -> Cost:
        gc.collect()
        began = Cost(time.process_time(), time.perf_counter())
        for _ in range(repeat):
            await work()
        return Cost(time.process_time() - began.cpu, time.perf_counter() - began.wall)

    works = [by_hand, *(entrant.work for entrant in entrants)]
    turns = [[await turn(work) for work in works] for _ in range(rounds + 1)]
    return _ratios(entrants, turns[1:], repeat)


def _ratios(entrants: Sequence[Entrant[_W]], turns: Sequence[Sequence[Cost]], repeat: int) -> list[Ratio]:
    by_hand, *others = zip(*turns, strict=True)
    return [
        Ratio(
            name=entrant.name,
            goal=entrant.goal,
            cpu=tuple(own.cpu / theirs.cpu for own, theirs in zip(costs, by_hand, strict=True)),
            wall=tuple(own.wall / theirs.wall for own, theirs in zip(costs, by_hand, strict=True)),
            seconds=(_median(costs) / repeat, _median(by_hand) / repeat),
        )
        for entrant, costs in zip(entrants, others, strict=True)
    ]


def _median(costs: Sequence[Cost]) -> float:
    return statistics.median(cost.cpu for cost in costs)
