"""The benchmarks run and say what they found; what they find is not asserted, for noise would decide."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.benchmarks import __main__ as commands, batch, call, decode, import_time, memory
from tests.benchmarks.bar_chart import picture
from tests.benchmarks.ratios import Figure, Ratio
from tests.benchmarks.results import Row, far_off, table

FINE = Ratio(name="fine", goal=1.3, cpu=(1.2, 1.2, 1.9), wall=(1.0, 1.0, 1.0), seconds=(0.002, 0.001))
NOISY = Ratio(name="noisy", goal=1.0, cpu=(1.9,), wall=(1.0,), seconds=(0.002, 0.001))
FAR_OFF = Ratio(name="far off", goal=0.9, cpu=(1.9, 1.9), wall=(1.0, 1.0), seconds=(0.002, 0.001))
PEER = Ratio(name="peer", goal=None, cpu=(9.0, 9.0), wall=(9.0, 9.0), seconds=(0.009, 0.001))
STALL = Figure(name="stall", value=500.0, unit="ms", goal=50)
ROWS: list[Row] = [FINE, NOISY, FAR_OFF, PEER, STALL]


def test_the_table_marks_what_misses_its_goal_and_names_the_machine() -> None:
    lines = table(ROWS).splitlines()
    assert [line.split()[0] for line in lines if line.endswith("MISSED")] == ["noisy", "far", "stall"]
    assert "2,000 us" in lines[1]
    assert "aiohttp" in lines[-1]


def test_only_a_ratio_of_twice_its_goal_fails_a_short_round() -> None:
    assert far_off(ROWS) == ["far off"]


def test_the_picture_has_a_bar_for_each_ratio_and_cuts_the_longest() -> None:
    drawn = picture([FINE, PEER])
    assert drawn.count("<rect") == 2
    assert "9.00" in drawn


@pytest.mark.parametrize(("rows", "code"), [([FINE, NOISY, STALL], 0), ([FINE, FAR_OFF], 1)])
def test_a_short_round_ends_with_a_code_and_writes_what_it_is_asked_to(
    rows: list[Row], code: int, tmp_path: Path
) -> None:
    def measure(rounds: int, short: bool) -> Sequence[Row]:  # noqa: FBT001 # as the commands call it
        assert (rounds, short) == (4, True)
        return rows

    command = commands._command("fake", [measure])
    files = ["--json", str(tmp_path / "found.json"), "--plot", str(tmp_path / "found.svg")]
    ended = CliRunner().invoke(command, ["--short", *files])
    assert ended.exit_code == code
    assert [row["name"] for row in json.loads((tmp_path / "found.json").read_text())["rows"]] == [
        row.name for row in rows
    ]
    assert (tmp_path / "found.svg").read_text().startswith("<svg")


def test_every_benchmark_of_the_issue_has_its_command() -> None:
    assert {"decode", "call", "batch", "memory", "import", "rate_limit", "all"} <= set(commands.main.commands)


def test_decoding_is_measured_against_two_parsers_and_beside_two_peers() -> None:
    assert [ratio.goal for ratio in decode.measure(1)] == [0.9, None, None, 1.3]


def test_calls_and_batches_are_measured_over_sockets() -> None:
    ratios = [*call.measure(1), *batch.measure(2, queries=40)]
    assert [ratio.goal for ratio in ratios if ratio.goal] == [1.0, 1.3, 1.4, 1.35]
    assert all(value > 0 for ratio in ratios for value in (*ratio.cpu, *ratio.wall))


@pytest.mark.costs
def test_memory_and_starts_are_measured_in_figures() -> None:
    figures = [*memory.measure(1_000), *import_time.measure(1)]
    assert [figure.goal for figure in figures if figure.goal] == [20, 0.5, 50, 1.1, 80, 1.3]
