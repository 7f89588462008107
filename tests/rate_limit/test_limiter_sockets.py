"""The limiter in real time, over sockets, against the sandbox.

The machine that runs this may be busy, so the bounds are wide: only a limiter that hangs, or that sends many requests
although nothing is left, exceeds them.
``python -m tests.benchmarks rate_limit_sockets`` measures with windows of 6 s.
"""

import pytest

from tests.benchmarks.rate_limit_sockets import share_token

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(("processes", "requests"), [(1, 230), (4, 58)])
async def test_batches_that_share_a_token_take_at_most_5_s_longer_than_the_shortest_time(
    processes: int, requests: int
) -> None:
    outcome = await share_token(processes=processes, requests=requests, permitted=100, window=2.0)
    assert outcome.good == outcome.requests
    assert outcome.refused_share <= 0.15
    assert outcome.seconds <= outcome.shortest + 5.0
