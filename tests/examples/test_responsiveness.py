"""Visitors of the web application go first."""

import pytest

from .responsiveness import measure


async def test_visitors_are_answered_while_a_walk_runs() -> None:
    outcome = await measure(viewers=1, rounds=1, times=5, machines=300)
    assert len(outcome.idle.seconds) == len(outcome.busy.seconds) == 5
    assert outcome.walked > 0
    assert outcome.ratio > 0


@pytest.mark.costs
async def test_a_visitor_hardly_notices_a_walk_in_the_same_process() -> None:
    ratios = []
    for _ in range(3):  # whatever else happens to this machine, it does not happen each time
        outcome = await measure(viewers=1, rounds=4, times=25)
        assert outcome.walked > 100, "no walk was running"
        ratios.append(outcome.ratio)
        if outcome.ratio <= 3:
            return
    pytest.fail(f"{ratios}")
