"""The gate in real time, over sockets, against the sandbox: short windows, lenient clocks."""

import pytest

from tests.benchmarks.rate_limit_sockets import share_token


@pytest.mark.parametrize(("processes", "requests"), [(1, 230), (4, 58)])
async def test_a_shared_token_is_spent_window_by_window(processes: int, requests: int) -> None:
    outcome = await share_token(processes=processes, requests=requests, permitted=100, window=2.0)
    assert outcome.good == outcome.requests
    assert outcome.refused_share <= 0.05
    assert outcome.seconds <= outcome.oracle + 2.5  # 0.2 s a window on a quiet machine; one more window at worst
