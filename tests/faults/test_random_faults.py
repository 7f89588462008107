"""A short run of random faults; ``python -m tests.faults --seeds 20`` makes the long ones."""

import pytest

from .harness import LOOPS, run
from .random_faults import run_random_faults

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("loop", LOOPS)
def test_every_call_ends_as_the_request_log_says(loop: str) -> None:
    summary = run(loop, run_random_faults(seed=101, keys=400), within=50.0)
    assert not summary.mismatches
    assert summary.keys == 400
    assert summary.failed
    assert summary.faulty > 80
