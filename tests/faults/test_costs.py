"""What one answer may cost: the turn of a loop, and memory. Measured, so apart: `pytest -m costs`."""

import pytest

from . import stalls
from .harness import LOOPS

pytestmark = pytest.mark.costs

HEAVIEST = stalls.heaviest()


@pytest.mark.parametrize("name", HEAVIEST)
def test_no_answer_holds_the_loop_for_50_ms(name: str) -> None:
    endpoint, parts, endless = HEAVIEST[name]
    turns = []
    for loop in (*LOOPS, *LOOPS):  # whatever else happens to this machine, it does not happen each time
        turns.append(stalls.cost(loop, *parts, endpoint=endpoint, endless=endless).longest_turn)
        if turns[-1] <= 0.05:
            return
    pytest.fail(f"{name}: {turns}")


@pytest.mark.parametrize("loop", LOOPS)
@pytest.mark.parametrize("name", ["gzip bomb", "a body without an end", "interim answers without an end"])
def test_memory_grows_by_at_most_three_caps(name: str, loop: str) -> None:
    endpoint, parts, endless = HEAVIEST[name]
    cost = stalls.cost(loop, *parts, endpoint=endpoint, endless=endless, traced=True)
    assert cost.memory <= 3 * stalls.LARGEST
    assert "more than 4194304 bytes" in cost.outcome or "not HTTP" in cost.outcome
