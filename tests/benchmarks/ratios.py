"""Ratios measured in one process and one run: two pieces of work in turns, and the median of each turn's ratio.

The machines are shared and noisy, so no time is ever shown alone.
"""

import statistics
import time
from collections.abc import Awaitable, Callable, Sequence

import attrs


@attrs.frozen(kw_only=True)
class Ratio:
    """What ours costs for each unit that a careful hand-written equivalent costs."""

    name: str
    """What was measured, and against what."""

    goal: float
    """The ratio not to exceed."""

    cpu: tuple[float, ...]
    """Ratios of processor time, one a round."""

    wall: tuple[float, ...]
    """Ratios of elapsed time, one a round."""

    @property
    def median(self) -> float:
        """The middle ratio of processor time."""
        return statistics.median(self.cpu)

    @property
    def spread(self) -> tuple[float, float]:
        """The first and third quartile of the ratios of processor time."""
        low, _, high = statistics.quantiles(self.cpu, n=4)
        return low, high

    @property
    def is_met(self) -> bool:
        """Whether the median keeps to the goal."""
        return self.median <= self.goal


@attrs.frozen
class Cost:
    """What one turn took, in seconds."""

    cpu: float
    wall: float


def compare(
    name: str, *, goal: float, ours: Callable[[], object], theirs: Callable[[], object], rounds: int, repeat: int
) -> Ratio:
    """Return the ratio of two functions, called in turns.

    Args:
        name: what is measured.
        goal: the ratio not to exceed.
        ours: one unit of our work.
        theirs: the same done by hand.
        rounds: how many turns each gets.
        repeat: how many units make a turn.
    """

    def turn(work: Callable[[], object]) -> Cost:
        began = Cost(time.process_time(), time.perf_counter())
        for _ in range(repeat):
            work()
        return Cost(time.process_time() - began.cpu, time.perf_counter() - began.wall)

    turn(ours), turn(theirs)
    return _ratio(name, goal, [(turn(ours), turn(theirs)) for _ in range(rounds)])


async def compare_async(
    name: str,
    *,
    goal: float,
    ours: Callable[[], Awaitable[object]],
    theirs: Callable[[], Awaitable[object]],
    rounds: int,
    repeat: int,
) -> Ratio:
    """Return the ratio of two coroutine functions, awaited in turns; arguments as for `compare`."""

    async def turn(work: Callable[[], Awaitable[object]]) -> Cost:
        began = Cost(time.process_time(), time.perf_counter())
        for _ in range(repeat):
            await work()
        return Cost(time.process_time() - began.cpu, time.perf_counter() - began.wall)

    await turn(ours)
    await turn(theirs)
    return _ratio(name, goal, [(await turn(ours), await turn(theirs)) for _ in range(rounds)])


def _ratio(name: str, goal: float, turns: Sequence[tuple[Cost, Cost]]) -> Ratio:
    return Ratio(
        name=name,
        goal=goal,
        cpu=tuple(ours.cpu / theirs.cpu for ours, theirs in turns),
        wall=tuple(ours.wall / theirs.wall for ours, theirs in turns),
    )
