"""The limiter against its goals, and other limiters in the same simulated network."""

import asyncio
import email.utils
import json
import math
import time
from collections.abc import Sequence
from pathlib import Path

import attrs
import click

from katapult_async.call_limits import Priority
from katapult_async.config import RateLimitPolicy
from katapult_async.rate_limit.headers import RateLimitHeaders
from katapult_async.rate_limit.limiter import RateLimiter
from tests.benchmarks.pictures import Library, makespans, requests_over_time, save
from tests.simulation.goals import GOALS, PHASES as GOAL_PHASES, at_phase, measure, starts
from tests.simulation.peers import PEERS
from tests.simulation.scenario import Limiters, Scenario, informed, limiters, simulate
from tests.simulation.server import ServerSettings

__all__ = ["cost", "main"]

SEEDS = (101, 102, 103)
"""No constant of the limiter was chosen with these seeds."""

PHASES = (0.02, 0.97)
"""Shares of a window that have passed at the start of a run."""

MANY_SEEDS = range(1001, 1031)
"""Seeds for the goals only. No constant of the limiter was chosen with them."""


@attrs.frozen(kw_only=True)
class Line:
    """One limiter in every scenario of the table. Makespans are the mean of all runs, other figures the worst."""

    name: str
    alone: float
    """Makespan / shortest possible makespan of one process."""
    alone_refused: float
    """Percent of the requests; so are the other figures of refusals."""
    skewed: float
    """Makespan / shortest possible makespan of one process, with a clock that is 20 s off."""
    skewed_refused: float
    shared: float
    """Makespan / shortest possible makespan of 4 processes on one token."""
    shared_refused: float
    shared_lost: int
    """Calls without a result, of 3,400 by 4 processes."""
    p50: float
    """Time of single calls during the batch, in round trips."""
    p90: float
    foreign_refused: float
    """Refused requests of a foreign process that uses 30 %."""


def compare(name: str, limiters: Limiters, *, seeds: tuple[int, ...] = SEEDS) -> Line:
    """Run one limiter through the scenarios of the table."""
    one_batch = Scenario(requests=2500)

    def runs(scenario: Scenario) -> tuple[float, float, int]:
        """Return the mean makespan, the greatest percentage of refusals, and the most calls that were lost."""
        times, refused, lost = [], [], []
        for seed in seeds:
            for phase in PHASES:
                shifted = at_phase(scenario, phase)
                result = simulate(shifted, seed=seed, limiters=limiters)
                times.append(result.makespan / simulate(shifted, seed=seed, limiters=informed).makespan)
                refused.append(100 * result.refused_share)
                lost.append(result.lost)
        return sum(times) / len(times), max(refused), max(lost)

    alone, alone_refused, _ = runs(one_batch)
    skewed, skewed_refused, _ = runs(attrs.evolve(one_batch, skew=20.0))
    shared, shared_refused, shared_lost = runs(attrs.evolve(one_batch, processes=4, requests=850))
    waits: list[float] = []
    foreign: list[float] = []
    for seed in seeds:
        for phase in PHASES:
            shifted = at_phase(attrs.evolve(one_batch, single_calls=12), phase)
            waits += simulate(shifted, seed=seed, limiters=limiters).single_calls
            shifted = at_phase(attrs.evolve(one_batch, foreign=0.3), phase)
            foreign.append(100 * simulate(shifted, seed=seed, limiters=limiters).foreign_share)
    waits.sort()
    round_trip = one_batch.network.round_trip
    return Line(
        name=name,
        alone=alone,
        alone_refused=alone_refused,
        skewed=skewed,
        skewed_refused=skewed_refused,
        shared=shared,
        shared_refused=shared_refused,
        shared_lost=shared_lost,
        p50=waits[math.ceil(len(waits) * 0.5) - 1] / round_trip,
        p90=waits[math.ceil(len(waits) * 0.9) - 1] / round_trip,
        foreign_refused=max(foreign),
    )


def cost(*, calls: int = 1000, rounds: int = 20) -> float:
    """Return the microseconds of one call through an open limiter: permit, headers and response; the best round."""

    async def measure_round() -> float:
        limiter = RateLimiter(RateLimitPolicy(), clock=asyncio.get_running_loop().time)
        date = email.utils.formatdate(usegmt=True)
        responses = [
            {"Date": date, "X-Ratelimit-Permitted": str(calls), "X-Ratelimit-Remaining": str(left)}
            for left in range(calls - 1, -1, -1)
        ]
        began_at = time.process_time()
        for headers in responses:
            permit = limiter.acquire_nowait(priority=Priority.BATCH)
            assert permit is not None
            limiter.responded(permit, RateLimitHeaders.read(headers))
        return (time.process_time() - began_at) / calls

    return min(asyncio.run(measure_round()) for _ in range(rounds)) * 1e6


def _goals(seeds_and_phases: Sequence[tuple[int, float]], only: str) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []
    click.echo("shortest: the makespan of a program that knows when windows begin")
    click.echo("allowed makespan: 1.01 times the shortest, or 0.2 s for each window more, whichever is longer")
    click.echo(f"{'goal':78} {'worst':>8} {'mean':>8} {'limit':>6}")
    for goal in GOALS:
        if only not in goal.name:
            continue
        measured = measure(goal, starts=seeds_and_phases)
        misses = "" if measured.met else f"  MISSED in {measured.missed} of {measured.runs}"
        numbers = f"{measured.value:8.3f} {measured.mean:8.3f} {measured.limit:6g}"
        click.echo(f"{goal.name:78} {numbers} {measured.unit}{misses}")
        rows.append({"goal": goal.name, "met": measured.met, **attrs.asdict(measured)})
    return rows


def _peers(seeds: tuple[int, ...]) -> list[Line]:
    click.echo()
    head = f"{'alone':>15} {'clock 20 s off':>16} {'4 processes':>16} {'lost':>6} {'single call':>14} {'foreign':>8}"
    click.echo(f"{'':24} {head}")
    lines = []
    for name, make in {"katapult_async": limiters, **PEERS}.items():
        line = compare(name, make, seeds=seeds)
        lines.append(line)
        pairs = " ".join(
            f"{times:7.2f}x {refused:6.2f}%"
            for times, refused in (
                (line.alone, line.alone_refused),
                (line.skewed, line.skewed_refused),
                (line.shared, line.shared_refused),
            )
        )
        click.echo(
            f"{name:24} {pairs} {line.shared_lost:6} {line.p50:6.1f} {line.p90:7.1f} {line.foreign_refused:7.1f}%"
        )
    click.echo(
        "makespan / shortest, and share of 429s; calls lost by 4 processes, of 3,400; "
        "single calls' p50 and p90 in round trips; foreign 429s"
    )
    return lines


def draw(lines: Sequence[Line], folder: Path) -> None:
    """Draw the makespans of all limiters, and requests over time."""
    libraries = [Library(name=line.name, times=(line.alone, line.skewed, line.shared)) for line in lines]
    save(makespans(libraries), folder / "makespans", size=(8, 5))
    draw_requests(folder)


def draw_requests(folder: Path) -> None:
    """Draw the requests over time of the limiter and of two others."""
    scenario = Scenario(requests=2500, server=ServerSettings(phase=0.5))
    shown = {
        "katapult_async": limiters,
        "aiolimiter, paced": PEERS["aiolimiter, paced"],
        "tenacity, exponential": PEERS["tenacity, exponential"],
    }
    counted = {name: simulate(scenario, seed=SEEDS[0], limiters=make).counted for name, make in shown.items()}
    save(requests_over_time(counted, window=60.0, first_reset=30.0), folder / "requests", size=(8, 5))


@click.command(name="rate_limit")
@click.option("--json", "json_file", type=click.Path(path_type=Path), help="Write every figure to this file too.")
@click.option(
    "--plot",
    "folder",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Draw makespans and requests over time into this folder.",
)
@click.option("--thorough", is_flag=True, help="30 starts for the goals, and 3 seeds for all limiters: ten minutes.")
@click.option("--only", default="", help="Only goals whose name contains this, and no other limiters.")
def main(*, json_file: Path | None, folder: Path | None, thorough: bool, only: str) -> None:
    """Measure the limiter against its goals and against other limiters, in virtual time."""
    seeds = SEEDS if thorough else SEEDS[:1]
    seeds_and_phases = starts(MANY_SEEDS) if thorough else [(seeds[0], phase) for phase in GOAL_PHASES]
    goals = _goals(seeds_and_phases, only)
    peers = [] if only else _peers(seeds)
    microseconds = cost()
    click.echo(f"\none call through the open limiter: {microseconds:.1f} us of processor time")
    if json_file is not None:
        figures = {"goals": goals, "limiters": [attrs.asdict(line) for line in peers], "limiter_us": microseconds}
        json_file.write_text(json.dumps(figures, indent=2) + "\n")
    if folder is not None:
        draw(peers, folder)
