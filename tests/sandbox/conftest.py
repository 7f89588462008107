"""Fixtures of the tests of the sandbox: a clock that the test moves, a sandbox, and a client without retries."""

from collections.abc import AsyncIterator

import aiohttp
import pytest

from katapult_async.sandbox import Sandbox

from .plain_client import ManualClock, PlainClient


@pytest.fixture
def clock() -> ManualClock:
    """The clock of `sandbox`. A task runs after a tenth of `TASK_DURATION`, and ends after `TASK_DURATION`."""
    return ManualClock()


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
async def sandbox(clock: ManualClock) -> AsyncIterator[Sandbox]:
    async with Sandbox(clock=clock) as sandbox:
        yield sandbox


@pytest.fixture
def send(sandbox: Sandbox, session: aiohttp.ClientSession) -> PlainClient:
    return PlainClient(sandbox, session)
