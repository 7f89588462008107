"""The benchmarks run and print their results. The results are not asserted, since they depend on noise."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.benchmarks import __main__ as commands, batch, call, decode, import_time, memory, scale, start_up
from tests.benchmarks.ratios import Figure, Ratio
from tests.benchmarks.results import Row, exceeded, machine, table

WITHIN_GOAL = Ratio(name="within goal", goal=1.3, cpu=(1.2, 1.2, 1.9), wall=(1.0, 1.0, 1.0), seconds=(0.002, 0.001))
ABOVE_GOAL = Ratio(name="above goal", goal=1.0, cpu=(1.9,), wall=(1.0,), seconds=(0.002, 0.001))
TWICE_GOAL = Ratio(name="twice the goal", goal=0.9, cpu=(1.9, 1.9), wall=(1.0, 1.0), seconds=(0.002, 0.001))
PEER = Ratio(name="peer", goal=None, cpu=(9.0, 9.0), wall=(9.0, 9.0), seconds=(0.009, 0.001))
STALL = Figure(name="stall", value=500.0, unit="ms", goal=50)
ROWS: list[Row] = [WITHIN_GOAL, ABOVE_GOAL, TWICE_GOAL, PEER, STALL]


def test_table_marks_missed_goals_and_names_the_machine() -> None:
    lines = table(ROWS).splitlines()
    assert [line.split()[0] for line in lines if line.endswith("MISSED")] == ["above", "twice", "stall"]
    assert "2,000 us" in lines[1]
    assert lines[-1] == machine()


def test_only_a_ratio_above_twice_its_goal_fails_a_short_run() -> None:
    assert exceeded(ROWS) == ["twice the goal"]


@pytest.mark.slow
@pytest.mark.parametrize(("rows", "code"), [([WITHIN_GOAL, ABOVE_GOAL, STALL], 0), ([WITHIN_GOAL, TWICE_GOAL], 1)])
def test_short_run_sets_the_exit_code_and_writes_the_json_and_svg_files(
    rows: list[Row], code: int, tmp_path: Path
) -> None:
    def measure(rounds: int, short: bool) -> Sequence[Row]:  # noqa: FBT001 # the signature that the commands call
        assert (rounds, short) == (4, True)
        return rows

    command = commands._command("fake", [measure])
    files = ["--json", str(tmp_path / "results.json"), "--plot", str(tmp_path)]
    result = CliRunner().invoke(command, ["--short", *files])
    assert result.exit_code == code
    assert [row["name"] for row in json.loads((tmp_path / "results.json").read_text())["rows"]] == [
        row.name for row in rows
    ]
    assert {file.name for file in tmp_path.glob("*.svg")} == {"ratios-light.svg", "ratios-dark.svg"}


def test_every_benchmark_has_a_command() -> None:
    others = {"all", "isolation", "profile", "rate_limit", "rate_limit_sockets", "scale"}
    assert set(commands.main.commands) == {"decode", "call", "batch", "memory", "import", "start_up"} | others


@pytest.mark.slow
@pytest.mark.timeout(240)  # takes half a minute while ten other processes run
def test_decoding_is_measured_relative_to_two_parsers_and_with_two_peers() -> None:
    assert [ratio.goal for ratio in decode.measure(1)] == [0.9, None, None, 1.3]


@pytest.mark.slow
@pytest.mark.timeout(240)  # takes one and a half minutes while ten other processes run
def test_calls_and_batches_are_measured_over_sockets() -> None:
    ratios = [*call.measure(1), *batch.measure(2, queries=40)]
    assert [ratio.goal for ratio in ratios if ratio.goal] == [0.97, 1.25, 1.32, 1.25]
    assert all(value > 0 for ratio in ratios for value in (*ratio.cpu, *ratio.wall))


@pytest.mark.slow
@pytest.mark.timeout(240)
def test_memory_and_import_time_have_figures_with_goals() -> None:
    figures = [*memory.measure(1_000), *import_time.measure(1)]
    assert [figure.goal for figure in figures if figure.goal] == [20, 0.5, 50, 1.1, 60, 1.3, 1.6]


@pytest.mark.slow
@pytest.mark.timeout(240)
def test_start_up_is_measured_to_the_first_byte_and_by_imports() -> None:
    figures = start_up.measure(2)
    assert [figure.goal for figure in figures if figure.goal] == [1.5]
    assert {"of it, import aiohttp", "of it, import click"} <= {figure.name for figure in figures}
    assert all(figure.value > 0 for figure in figures)


@pytest.mark.slow
def test_scale_forgets_the_limiters_of_closed_clients() -> None:
    figures = scale.measure(3, requests=60)
    assert (figures.tokens, figures.requests, figures.limiters) == (3, 60, 0)
    assert "| 3 |" in scale.table([figures])
