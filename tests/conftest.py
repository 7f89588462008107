"""Fixtures for all tests: exchanges without a socket, and a client that has them."""

import asyncio
from collections.abc import AsyncIterator, Iterator

import aioresponses.core
import pytest
from hypothesis import settings

from katapult_async import KatapultClient, RetryPolicy

from .exchanges import TOKEN, Exchanges, body_reader

settings.register_profile("suite", deadline=None)  # two slow cores shall not fail a claim
settings.load_profile("suite")


def pytest_configure() -> None:
    """Keep looptime and pytest-asyncio from having a loop made that nobody closes, which asyncio does once for each
    thread that asks before any loop was set."""
    asyncio.set_event_loop(None)


@pytest.fixture
def exchanges(monkeypatch: pytest.MonkeyPatch) -> Iterator[Exchanges]:
    """Answers to prepare, and the requests that were sent. Whatever is not prepared is refused."""
    monkeypatch.setattr(aioresponses.core, "stream_reader_factory", body_reader)
    prepared = Exchanges()
    with prepared:
        yield prepared


@pytest.fixture
async def katapult(exchanges: Exchanges) -> AsyncIterator[KatapultClient]:
    """An open client that tries everything once."""
    del exchanges  # in place before the client is
    async with KatapultClient(TOKEN, retry=RetryPolicy(attempts=1, refusals=1)) as client:
        yield client
