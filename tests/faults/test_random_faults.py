"""A short run of random faults; ``python -m tests.faults --seeds 20`` makes the long ones."""

import pytest

from .harness import LOOPS, run
from .random_faults import run_doomed_keys, run_random_faults

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("loop", LOOPS)
def test_every_call_ends_as_the_request_log_says(loop: str) -> None:
    summary = run(loop, run_random_faults(seed=101, keys=400), within=50.0)
    assert not summary.mismatches
    assert summary.keys == 400
    assert summary.failed
    assert summary.faulty > 80


def test_keys_that_fail_for_good_cost_the_others_at_most_as_much_time_again() -> None:
    result = run("asyncio", run_doomed_keys(seed=102, keys=600), within=100.0)
    assert not result.mismatches
    assert result.kinds == 12
    assert result.doomed.succeeded
    assert result.ratio <= 2
