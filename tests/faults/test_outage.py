"""Short outages; ``python -m tests.faults --outage`` makes the long ones."""

import pytest

from .harness import run
from .outage import OUTAGES, run_outage


@pytest.mark.slow
@pytest.mark.parametrize("kind", OUTAGES)
def test_outage_costs_fewer_than_250_requests_and_every_call_succeeds(kind: str) -> None:
    result = run("asyncio", run_outage(kind, calls=400, seconds=0.2))
    assert result.correct == result.calls == 400
    assert result.extra_requests < 250  # the failure budget, and the requests in flight when it was used up
