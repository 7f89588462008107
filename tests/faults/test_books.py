"""Nothing lost and nothing mixed up: short forms of the runs of ``python -m tests.faults``."""

import pytest

from katapult_async.http import connector

from .arena import LOOPS, run
from .balance import run_balanced
from .outage import KINDS, run_outage
from .unasked import run_unasked

on_every_loop = pytest.mark.parametrize("loop", LOOPS)


@on_every_loop
def test_every_key_ends_as_the_ledger_says(loop: str) -> None:
    books = run(loop, run_balanced(seed=101, keys=400), within=50.0)
    assert not books.disagreements
    assert books.keys == 400
    assert books.failed
    assert books.faulted > 80


@on_every_loop
def test_unasked_answers_on_idle_connections_are_nobodys_answer(loop: str) -> None:
    tally = run(loop, run_unasked(seed=1, calls=400, clients=8))
    assert tally.right == tally.calls == 400
    assert tally.unasked > 80
    assert tally.sends == tally.calls


def test_without_the_check_of_connections_answers_are_mixed_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(connector.CheckingConnector, "connect")
    tally = run("asyncio", run_unasked(seed=1, calls=100, clients=2))
    assert tally.right < tally.calls


@pytest.mark.parametrize("kind", KINDS)
def test_an_outage_costs_a_constant_and_no_call(kind: str) -> None:
    toll = run("asyncio", run_outage(kind, calls=400, seconds=0.2))
    assert toll.right == toll.calls == 400
    assert toll.extra < 250  # the budget of failures, and what was under way when it was spent
