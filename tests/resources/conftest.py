"""Fixtures of the tests of the resources.

Most tests use `check` with rows of calls. Stories, which are tests of a sequence of calls, use a client of a sandbox.
"""

from collections.abc import AsyncIterator

import pytest

from katapult_async import KatapultClient, RetryPolicy
from katapult_async.resources.virtual_machine_network_interfaces import VirtualMachineNetworkInterfaces
from katapult_async.sandbox import Sandbox
from tests.exchanges import Exchanges

from .calls import Checker


@pytest.fixture
def check(katapult: KatapultClient, exchanges: Exchanges) -> Checker:
    return Checker(katapult, exchanges)


@pytest.fixture
def nics(katapult: KatapultClient) -> VirtualMachineNetworkInterfaces:
    return katapult.virtual_machine_network_interfaces


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with Sandbox(machines=6, interfaces=10, seed=4, free_addresses=5, task_duration=0.02) as running:
        yield running


@pytest.fixture
async def client(sandbox: Sandbox) -> AsyncIterator[KatapultClient]:
    retry = RetryPolicy(attempts=20, wait_initial=0.01, wait_max=0.02, failure_budget=1000)
    async with KatapultClient(sandbox.token, base_url=sandbox.base_url, retry=retry) as opened:
        yield opened
