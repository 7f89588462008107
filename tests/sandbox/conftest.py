from collections.abc import AsyncIterator

import aiohttp
import pytest

from katapult_async.sandbox import Sandbox

from .plain_client import Asker, HandClock


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
async def sandbox(clock: HandClock) -> AsyncIterator[Sandbox]:
    async with Sandbox(clock=clock) as sandbox:
        yield sandbox


@pytest.fixture
def ask(sandbox: Sandbox, session: aiohttp.ClientSession) -> Asker:
    return Asker(sandbox, session)
