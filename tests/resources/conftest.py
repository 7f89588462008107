"""A sandbox and a client of it, for the stories: tests of sequences of calls, over real sockets."""

from collections.abc import AsyncIterator

import pytest

from katapult_async import KatapultClient, RetryPolicy
from katapult_async.sandbox import Sandbox


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with Sandbox(machines=6, interfaces=10, seed=4, free_addresses=5, task_duration=0.02) as running:
        yield running


@pytest.fixture
async def client(sandbox: Sandbox) -> AsyncIterator[KatapultClient]:
    retry = RetryPolicy(attempts=20, wait_initial=0.01, wait_max=0.02, failure_budget=1000)
    async with KatapultClient(sandbox.token, base_url=sandbox.base_url, retry=retry) as opened:
        yield opened
