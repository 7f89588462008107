"""Each situation of `tests.simulation.isolation`, run once; the benchmark ``isolation`` runs each more often."""

import pytest
from click.testing import CliRunner

from tests.benchmarks import isolation as benchmark
from tests.benchmarks.__main__ import main
from tests.simulation.isolation import SITUATIONS, Situation, measure_situation

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("situation", SITUATIONS, ids=lambda situation: situation.name)
def test_goals_of_the_situation_are_met(situation: Situation) -> None:
    missed = [row for row in measure_situation(situation, starts=[(201, 0.31)]) if not row.met]
    assert missed == []


def test_benchmark_prints_a_row_for_each_goal(monkeypatch: pytest.MonkeyPatch) -> None:
    [situation] = [situation for situation in SITUATIONS if "300 s" in situation.name]
    monkeypatch.setattr(benchmark, "SITUATIONS", (situation,))
    result = CliRunner().invoke(main, ["isolation", "--seeds", "201"])
    assert result.exit_code == 0, result.output
    assert f"{len(situation.checks)} of {len(situation.checks)} goals met" in result.output
