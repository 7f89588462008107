"""What one response may cost: event-loop time and memory. It is measured, so it runs apart: `pytest -m costs`."""

import pytest

from . import stalls
from .harness import LOOPS

pytestmark = pytest.mark.costs

HEAVIEST = stalls.heaviest()


@pytest.mark.parametrize("name", HEAVIEST)
def test_no_response_stalls_the_event_loop_for_50_ms(name: str) -> None:
    endpoint, parts, endless = HEAVIEST[name]
    stalls_of_loops = []
    for loop in (*LOOPS, *LOOPS):  # again, for what else happens on this machine does not happen each time
        stalls_of_loops.append(stalls.cost(loop, *parts, endpoint=endpoint, endless=endless).longest_iteration)
        if stalls_of_loops[-1] <= 0.05:
            return
    pytest.fail(f"{name}: {stalls_of_loops}")


@pytest.mark.parametrize("loop", LOOPS)
@pytest.mark.parametrize("name", ["gzip bomb", "a body without an end", "interim responses without an end"])
def test_memory_grows_by_at_most_three_times_the_limit(name: str, loop: str) -> None:
    endpoint, parts, endless = HEAVIEST[name]
    cost = stalls.cost(loop, *parts, endpoint=endpoint, endless=endless, traced=True)
    assert cost.memory <= 3 * stalls.LARGEST
    assert "more than 4194304 bytes" in cost.outcome or "not HTTP" in cost.outcome
