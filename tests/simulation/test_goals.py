"""The goals that a short simulation can show; ``python -m tests.benchmarks rate_limit`` measures all of them."""

import asyncio
import itertools
import json
import random
from collections.abc import Callable
from pathlib import Path

import attrs
import pytest
from click.testing import CliRunner

from katapult_async.call_limits import Priority
from katapult_async.config import RetryPolicy
from tests.benchmarks import rate_limit
from tests.benchmarks.__main__ import main
from tests.simulation.goals import GOALS, Goal, measure
from tests.simulation.limiters import KatapultLimiter, Limiter, Send
from tests.simulation.peers import PEERS
from tests.simulation.scenario import Network, Scenario, informed, simulate
from tests.simulation.server import Response, Server, ServerSettings
from tests.simulation.virtual_time import StuckError, run

SMALL = ServerSettings(permitted=100, window=60.0)

BENCHMARK_ONLY = ("exactly", "0.7 s late", "1.0 s late", "4 processes")
"""Parts of the names of goals that only the benchmark measures: they take long."""


@pytest.mark.slow
@pytest.mark.parametrize(
    "goal",
    [goal for goal in GOALS if not any(part in goal.name for part in BENCHMARK_ONLY)],
    ids=lambda goal: goal.name,
)
def test_goal_is_met(goal: Goal) -> None:
    assert measure(goal, starts=[(201, 0.97)]).met


@pytest.mark.parametrize("steps", [((70.0, 30.0),), ((70.0, -30.0),), ((70.0, 5.0), (130.0, -5.0))])
def test_step_of_the_servers_clock_fails_no_call(steps: tuple[tuple[float, float], ...]) -> None:
    server = attrs.evolve(SMALL, steps=steps)
    result = simulate(Scenario(requests=350, server=server), seed=1)
    assert result.lost == 0
    assert result.refused <= 2
    assert result.makespan < 300


@pytest.mark.parametrize(
    "server",
    [
        attrs.evolve(SMALL, headers_on_429=False, refused_counts=True),
        attrs.evolve(SMALL, headers=False),
        attrs.evolve(SMALL, headers=False, date=False),
        attrs.evolve(SMALL, headers=False, date=False, total_permitted=False),
        attrs.evolve(SMALL, date=False),
        attrs.evolve(SMALL, late=1.5, late_varies=True),
        attrs.evolve(SMALL, window=0.5),
        attrs.evolve(SMALL, window=2.5),
    ],
    ids=[
        "refused requests count, 429 without counters",
        "no counters",
        "no counters, no Date",
        "no counters, no Date, no total",
        "no Date",
        "some resets late",
        "half-second windows",
        "windows of 2.5 s",
    ],
)
def test_every_call_succeeds_with_an_odd_server(server: ServerSettings) -> None:
    result = simulate(Scenario(requests=250, server=server, concurrency=20), seed=1)
    assert result.lost == 0
    assert result.makespan < 60 * 6


@pytest.mark.parametrize("permitted", [1, 2, 3])
def test_no_request_is_refused_when_a_window_permits_few_requests(permitted: int) -> None:
    server = attrs.evolve(SMALL, permitted=permitted)
    result = simulate(Scenario(requests=5, server=server, concurrency=5), seed=1)
    assert (result.lost, result.refused) == (0, 0)


def test_every_call_succeeds_in_an_unannounced_batch_over_a_broken_network() -> None:
    network = Network(broken=0.05, tail_share=0.05)
    result = simulate(Scenario(requests=250, server=SMALL, announced=False, network=network), seed=1)
    assert result.lost == 0
    assert result.refused <= 2


def test_calls_fail_if_the_server_keeps_failing() -> None:
    server = attrs.evolve(SMALL, unavailable=0.9)
    assert simulate(Scenario(requests=20, server=server), seed=1).lost > 0
    assert simulate(Scenario(requests=20, server=server), seed=1, limiters=informed).lost > 0


@pytest.mark.parametrize("refusals", [1, 2, 30])
def test_call_ends_after_as_many_refusals_as_the_retry_policy_allows(refusals: int) -> None:
    def limiters(_: Scenario, server: Server, seed: int) -> list[Limiter]:
        return [KatapultLimiter(window=server.settings.window, seed=seed, retry=RetryPolicy(refusals=refusals))]

    server = attrs.evolve(SMALL, permitted=0, headers=False, date=False)
    result = simulate(Scenario(requests=1, server=server), seed=1, limiters=limiters)
    assert (result.lost, result.sent) == (1, refusals)


def test_call_ends_after_10_refusals_while_the_server_accepts_others() -> None:
    async def main() -> None:
        limiter = KatapultLimiter(window=60.0, seed=1)
        server, refused = Server(attrs.evolve(SMALL, permitted=10**6), seed=1), 0

        async def accept(on_counted: Callable[[], None] | None = None) -> Response:
            assert on_counted is None
            await asyncio.sleep(0.05)
            return server.handle()

        async def refuse(on_counted: Callable[[], None] | None = None) -> Response:
            nonlocal refused
            refused += 1
            return attrs.evolve(await accept(on_counted), status=429)

        call = asyncio.create_task(limiter.call(refuse, priority=Priority.BATCH))
        while not call.done():
            assert await limiter.call(accept, priority=Priority.BATCH)
        assert not call.result()
        assert refused == 10

    run(main())


def test_300_cancellations_in_400_calls_leave_no_request_in_flight_or_queued() -> None:
    async def main() -> None:
        source = random.Random(7)
        server = Server(SMALL, seed=7)
        limiter = KatapultLimiter(window=60.0, seed=7)

        async def send(on_counted: Callable[[], None] | None = None) -> Response:
            assert on_counted is None
            await asyncio.sleep(source.uniform(0.02, 0.2))
            response = server.handle()
            await asyncio.sleep(source.uniform(0.02, 0.2))
            return response

        calls = [limiter.call(send, priority=Priority(source.randrange(2))) for _ in range(400)]
        tasks = [asyncio.create_task(call) for call in calls]
        for task in source.sample(tasks, 300):
            asyncio.get_running_loop().call_later(source.expovariate(0.05), task.cancel)
        results = await asyncio.gather(*tasks, return_exceptions=True)
        assert all(result is True or isinstance(result, asyncio.CancelledError) for result in results)
        assert limiter.limiter.snapshot().in_flight == 0
        assert limiter.limiter.snapshot().queued == 0
        assert max(server.refused.values(), default=0) <= 1

    run(main())


def test_failed_call_is_counted_as_lost_while_others_are_in_flight() -> None:
    class GivesUpFirst:
        def __init__(self) -> None:
            self.numbers = itertools.count(1)

        async def call(self, send: Send, *, priority: Priority) -> bool:  # noqa: ARG002  # the protocol's
            number = next(self.numbers)
            await asyncio.sleep(number)
            return number > 1

        def expect(self, requests: int) -> None: ...

    def limiters(_: Scenario, __: Server, ___: int) -> list[Limiter]:
        return [GivesUpFirst()]

    assert simulate(Scenario(requests=2), seed=1, limiters=limiters).lost == 1


def test_call_that_never_ends_raises_stuck_error_in_virtual_time() -> None:
    async def hang() -> None:
        await asyncio.get_running_loop().create_future()

    with pytest.raises(StuckError):
        run(hang())


@pytest.mark.parametrize("name", PEERS)
def test_every_peer_runs_in_the_simulation(name: str) -> None:
    server = ServerSettings(permitted=50, window=5.0)
    result = simulate(Scenario(requests=70, server=server, concurrency=10), seed=1, limiters=PEERS[name])
    assert result.sent >= 70


def test_single_calls_of_another_limiter_are_measured() -> None:
    server = ServerSettings(permitted=20, window=5.0, unavailable=0.5)
    scenario = Scenario(requests=60, server=server, single_calls=5)
    assert simulate(scenario, seed=1, limiters=PEERS["sleep until reset"]).single_calls


@pytest.mark.slow
def test_benchmark_prints_its_goals_and_writes_the_json_and_svg_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rate_limit, "GOALS", [goal for goal in GOALS if goal.name.startswith("batch of 600 ")])
    monkeypatch.setattr(rate_limit, "PEERS", {})
    monkeypatch.setattr(rate_limit, "PHASES", (0.97,))
    written = tmp_path / "figures.json"
    monkeypatch.setattr(rate_limit, "draw", lambda lines, folder: (folder / "drawn").write_text(lines[0].name))
    shown = CliRunner().invoke(main, ["rate_limit", "--json", str(written), "--plot", str(tmp_path)])
    assert shown.exit_code == 0, shown.output
    assert "katapult_async" in shown.output
    assert json.loads(written.read_text())["goals"][0]["met"]
    assert (tmp_path / "drawn").read_text() == "katapult_async"
