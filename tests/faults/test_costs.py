"""What a response or a failing key may cost: event-loop time, memory, time of other calls. Run with `-m costs`."""

import pytest

from . import stalls
from .harness import LOOPS, run
from .random_faults import run_doomed_keys

pytestmark = pytest.mark.costs

HEAVIEST = stalls.heaviest()


@pytest.mark.parametrize("loop", LOOPS)
@pytest.mark.parametrize("name", HEAVIEST)
def test_no_response_stalls_the_event_loop_for_50_ms(name: str, loop: str) -> None:
    iterations = []
    for _ in range(4):  # other load on this machine does not last for four measurements
        iterations.append(stalls.cost(loop, HEAVIEST[name]).longest_iteration)
        if iterations[-1] <= 0.05:
            return
    pytest.fail(f"{name}: {iterations}")


@pytest.mark.parametrize("loop", LOOPS)
@pytest.mark.parametrize("name", ["gzip bomb", "a body without an end", "interim responses without an end"])
def test_memory_grows_by_at_most_three_times_the_limit(name: str, loop: str) -> None:
    cost = stalls.cost(loop, HEAVIEST[name], traced=True)
    assert cost.memory <= 3 * stalls.LARGEST
    assert "more than 4194304 bytes" in cost.outcome or "not HTTP" in cost.outcome


@pytest.mark.timeout(300)
def test_keys_that_fail_for_good_cost_the_others_at_most_as_much_time_again() -> None:
    ratios = []
    for _ in range(3):  # other load on this machine does not last for three measurements
        result = run("asyncio", run_doomed_keys(seed=102, keys=600), within=100.0)
        assert not result.mismatches
        assert result.kinds == 12
        assert result.doomed.succeeded
        ratios.append(result.ratio)
        if result.ratio <= 2:
            return
    pytest.fail(f"{ratios}")
