"""Visitors of the web application have priority over its streams."""

import pytest

from .responsiveness import measure

pytestmark = pytest.mark.slow


async def test_visitors_get_responses_while_a_stream_runs() -> None:
    outcome = await measure(viewers=1, rounds=1, times=5, machines=300)
    assert len(outcome.idle.seconds) == len(outcome.busy.seconds) == 5
    assert outcome.streamed > 0


@pytest.mark.costs
async def test_visitors_wait_at_most_three_times_as_long_during_a_stream() -> None:
    ratios = []
    for _ in range(3):  # other load on this machine does not last for three measurements
        outcome = await measure(viewers=1, rounds=4, times=25)
        assert outcome.streamed > 100, "no stream was running"
        ratios.append(outcome.ratio)
        if outcome.ratio <= 3:
            return
    pytest.fail(f"{ratios}")
