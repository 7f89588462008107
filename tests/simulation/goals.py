"""The goals of the limiter, each measured over seeds and start phases. Shared by the tests and the benchmark."""

import functools
import math
from collections.abc import Callable, Iterable, Iterator
from typing import Literal

import attrs

from tests.simulation.scenario import Limiters, Network, Result, Scenario, informed, limiters, simulate
from tests.simulation.server import ServerSettings

__all__ = ["GOALS", "Goal", "Measured", "at_phase", "measure", "starts"]

PHASES = (0.02, 0.15, 0.5, 0.8, 0.97)
"""Parts of a window that have passed at the start. No constant was tuned with 0.15, 0.5 and 0.8."""


def starts(seeds: Iterable[int]) -> list[tuple[int, float]]:
    """Return each seed with one of the phases, so that all phases are used equally."""
    return [(seed, PHASES[seed % len(PHASES)]) for seed in seeds]


@attrs.frozen(kw_only=True)
class Measured:
    """One figure against its goal."""

    value: float
    """The worst over all runs, unless the goal's `pool` says otherwise."""
    mean: float
    missed: int
    """Figures above the limit."""
    runs: int
    limit: float
    unit: str = ""

    @property
    def met(self) -> bool:
        return self.value <= self.limit


@attrs.frozen(kw_only=True)
class Goal:
    """A scenario and the figure to be measured in it."""

    name: str
    scenario: Scenario
    figure: Callable[[Scenario, int, Limiters], list[float]]
    """The figures of one run."""
    limit: float
    unit: str = ""
    pool: Literal["worst", "p50", "p90", "mean"] = "worst"
    """How the figures of all runs become one."""


def at_phase(scenario: Scenario, phase: float) -> Scenario:
    """Return the scenario with another start."""
    return attrs.evolve(scenario, server=attrs.evolve(scenario.server, phase=phase))


@functools.cache
def _result(scenario: Scenario, *, seed: int, limiters: Limiters) -> Result:
    """Return the result of a run, without its list of requests. Several goals are about the same run."""
    return attrs.evolve(simulate(scenario, seed=seed, limiters=limiters), counted=[])


def _excess(scenario: Scenario, seed: int, limiters: Limiters) -> list[float]:
    """Return makespan / allowed makespan: 1.01 times the shortest possible, or 0.2 s a window more, the longer one."""
    ours = _result(scenario, seed=seed, limiters=limiters)
    shortest = _result(scenario, seed=seed, limiters=informed).makespan
    return [ours.makespan / max(1.01 * shortest, shortest + 0.2 * ours.windows)]


def _seconds_over_shortest(scenario: Scenario, seed: int, limiters: Limiters) -> list[float]:
    shortest = _result(scenario, seed=seed, limiters=informed).makespan
    return [_result(scenario, seed=seed, limiters=limiters).makespan - shortest]


def _ratio(scenario: Scenario, seed: int, limiters: Limiters) -> list[float]:
    """Return the makespan as a multiple of the shortest possible."""
    shortest = _result(scenario, seed=seed, limiters=informed).makespan
    return [_result(scenario, seed=seed, limiters=limiters).makespan / shortest]


def _takes_longer(scenario: Scenario, seed: int, limiters: Limiters) -> list[float]:
    """Return 100 if the makespan is more than 1.03 times the shortest possible, else 0: a percentage of starts."""
    return [100.0 if ratio > 1.03 else 0.0 for ratio in _ratio(scenario, seed, limiters)]


def _refused(scenario: Scenario, seed: int, limiters: Limiters) -> list[float]:
    return [100 * _result(scenario, seed=seed, limiters=limiters).refused_share]


def _calls_lost(scenario: Scenario, seed: int, limiters: Limiters) -> list[float]:
    return [float(_result(scenario, seed=seed, limiters=limiters).lost)]


def _foreign_refused(scenario: Scenario, seed: int, limiters: Limiters) -> list[float]:
    return [100 * _result(scenario, seed=seed, limiters=limiters).foreign_share]


def _single_calls(scenario: Scenario, seed: int, limiters: Limiters) -> list[float]:
    result = _result(scenario, seed=seed, limiters=limiters)
    return [seconds / scenario.network.round_trip for seconds in result.single_calls]


def _skewed(scenario: Scenario, seed: int, limiters: Limiters) -> list[float]:
    """Return by how much a wrong local clock changes the makespan."""
    right = _result(scenario, seed=seed, limiters=limiters).makespan
    return [
        abs(_result(attrs.evolve(scenario, skew=skew), seed=seed, limiters=limiters).makespan - right)
        for skew in (20.0, -20.0)
    ]


def _late(scenario: Scenario, seed: int, limiters: Limiters) -> list[float]:
    """Return the growth of the makespan beyond 1.2 d + 0.1 s, for a server that starts its windows d seconds late."""
    punctual = attrs.evolve(scenario, server=attrs.evolve(scenario.server, late=0.0))
    delay = _result(scenario, seed=seed, limiters=limiters).makespan
    delay -= _result(punctual, seed=seed, limiters=limiters).makespan
    return [delay - 1.2 * scenario.server.late - 0.1]


ONE_BATCH = Scenario(requests=2500)
"""A batch of 2.5 windows."""


def _goals_of_one_batch() -> Iterator[Goal]:
    yield Goal(
        name="batch of 2.5 windows alone: makespan / allowed makespan",
        scenario=ONE_BATCH,
        figure=_excess,
        limit=1.0,
    )
    yield Goal(
        name="batch alone, 2 % of the requests 1 s slower: makespan / allowed makespan",
        scenario=attrs.evolve(ONE_BATCH, network=Network(tail_share=0.02)),
        figure=_excess,
        limit=1.0,
    )
    for requests in (600, 1000):
        yield Goal(
            name=f"batch of {requests} that fits: makespan - shortest",
            scenario=attrs.evolve(ONE_BATCH, requests=requests),
            figure=_seconds_over_shortest,
            limit=0.3,
            unit="s",
        )
    yield Goal(name="batch alone: refused", scenario=ONE_BATCH, figure=_refused, limit=0.01, unit="%")
    with_faults = attrs.evolve(ONE_BATCH, server=ServerSettings(unavailable=0.01), foreign=0.3, skew=20.0)
    yield Goal(
        name="1 % 503, local clock off by 20 s, 30 % foreign use: calls lost",
        scenario=with_faults,
        figure=_calls_lost,
        limit=0.0,
    )
    yield Goal(
        name="local clock off by 20 s: change of makespan", scenario=ONE_BATCH, figure=_skewed, limit=0.01, unit="s"
    )


def _goals_of_late_windows() -> Iterator[Goal]:
    for late in (0.3, 0.7, 1.0, 1.5):
        late_server = attrs.evolve(ONE_BATCH, server=ServerSettings(late=late))
        yield Goal(
            name=f"windows {late} s late: growth of makespan - (1.2 times the delay + 0.1 s)",
            scenario=late_server,
            figure=_late,
            limit=0.0,
            unit="s",
        )
        yield Goal(name=f"windows {late} s late: refused", scenario=late_server, figure=_refused, limit=0.25, unit="%")


def _goals_of_a_batch_beside_others() -> Iterator[Goal]:
    busy = attrs.evolve(ONE_BATCH, single_calls=12)
    for pool in ("p50", "p90"):
        yield Goal(
            name=f"single call during a batch: {pool}",
            scenario=busy,
            figure=_single_calls,
            limit=2.0,
            unit="round trips",
            pool=pool,
        )
    shared = attrs.evolve(ONE_BATCH, foreign=0.3)
    yield Goal(
        name="requests of a foreign process that uses 30 %: refused",
        scenario=shared,
        figure=_foreign_refused,
        limit=5.0,
        unit="%",
    )
    yield Goal(
        name="own requests beside a foreign process that uses 30 %: refused",
        scenario=shared,
        figure=_refused,
        limit=0.25,
        unit="%",
    )


def _goals_of_several_processes() -> Iterator[Goal]:
    for processes, requests in ((2, 1250), (4, 850), (8, 450)):
        many = attrs.evolve(ONE_BATCH, processes=processes, requests=requests)
        yield Goal(name=f"{processes} processes: makespan / shortest", scenario=many, figure=_ratio, limit=1.03)
        yield Goal(name=f"{processes} processes: refused", scenario=many, figure=_refused, limit=0.25, unit="%")
    tasks = attrs.evolve(ONE_BATCH, processes=4, requests=525, task_size=50)
    yield Goal(
        name="4 processes that take batches of 50 from one queue: refused",
        scenario=tasks,
        figure=_refused,
        limit=0.25,
        unit="%",
        pool="p90",
    )
    for processes in (2, 4, 8):
        exact = attrs.evolve(ONE_BATCH, processes=processes, requests=3000 // processes)
        yield Goal(
            name=f"{processes} processes, exactly 3 windows of requests: starts above 1.03 shortest",
            scenario=exact,
            figure=_takes_longer,
            limit=25.0,
            unit="%",
            pool="mean",
        )
        yield Goal(
            name=f"{processes} processes, exactly 3 windows of requests: refused",
            scenario=exact,
            figure=_refused,
            limit=0.25,
            unit="%",
        )


GOALS = (
    *_goals_of_one_batch(),
    *_goals_of_late_windows(),
    *_goals_of_a_batch_beside_others(),
    *_goals_of_several_processes(),
)


def measure(goal: Goal, *, starts: Iterable[tuple[int, float]], limiters: Limiters = limiters) -> Measured:
    """Run a goal's scenario with each seed from its start phase."""
    figures = sorted(
        figure for seed, phase in starts for figure in goal.figure(at_phase(goal.scenario, phase), seed, limiters)
    )
    mean = sum(figures) / len(figures)
    parts = {"worst": 1.0, "p50": 0.5, "p90": 0.9}
    value = mean if goal.pool == "mean" else figures[math.ceil(parts[goal.pool] * len(figures)) - 1]
    return Measured(
        value=value,
        mean=mean,
        missed=len([figure for figure in figures if figure > goal.limit]),
        runs=len(figures),
        limit=goal.limit,
        unit=goal.unit,
    )
