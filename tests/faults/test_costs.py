"""What a response or a failing key may cost: event-loop time, memory, time of other calls. Times need `-m costs`."""

from typing import Final

import pytest

from . import stalls
from .harness import on_every_loop, run
from .random_faults import run_lasting_faults

HEAVIEST = stalls.heaviest()

COSTLY_TO_READ: Final = (
    "chunks of a byte",
    "gzip bomb",
    "a body without an end",
    "headers without an end",
    "interim responses without an end",
)
"""Heaviest responses whose cost is in reading them, which depends on the event loop. The cost of decoding does not."""


@pytest.mark.costs
@pytest.mark.parametrize(
    ("name", "loop"), [*((name, "asyncio") for name in HEAVIEST), *((name, "uvloop") for name in COSTLY_TO_READ)]
)
def test_no_response_stalls_the_event_loop_for_50_ms(name: str, loop: str) -> None:
    iterations = []
    for _ in range(10):  # other load on this machine does not last for ten measurements
        iterations.append(stalls.cost(loop, HEAVIEST[name]).longest_iteration)
        if iterations[-1] <= 0.05:
            return
    pytest.fail(f"{name}: {iterations}")


@on_every_loop
@pytest.mark.parametrize("name", ["gzip bomb", "a body without an end", "interim responses without an end"])
def test_memory_grows_by_at_most_three_times_the_limit(name: str, loop: str) -> None:
    cost = stalls.cost(loop, HEAVIEST[name], traced=True)
    assert cost.memory <= 3 * stalls.LARGEST
    assert "more than 4194304 bytes" in cost.outcome or "not HTTP" in cost.outcome


@pytest.mark.costs
@pytest.mark.timeout(300)
def test_keys_with_lasting_faults_at_most_double_the_time_of_the_others() -> None:
    ratios = []
    for _ in range(3):  # other load on this machine does not last for three measurements
        result = run("asyncio", run_lasting_faults(seed=102, keys=600), within=100.0)
        assert not result.mismatches
        assert result.kinds == 12
        assert result.with_lasting.succeeded
        ratios.append(result.ratio)
        if result.ratio <= 2:
            return
    pytest.fail(f"{ratios}")
