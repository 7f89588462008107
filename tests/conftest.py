"""Fixtures for all tests: HTTP exchanges without a socket, and a client that uses them."""

import asyncio
import gc
import signal
from collections.abc import AsyncIterator, Iterator

import aioresponses.core
import pytest
from hypothesis import settings

from katapult_async import KatapultClient, RetryPolicy

from .exchanges import TOKEN, Exchanges, body_reader

# A slow machine must not fail a test. CI tries as many inputs as hypothesis does by default, the same ones each time,
# so that a failure is caused by the change and not by other inputs.
settings.register_profile("thorough", deadline=None, derandomize=True)
settings.register_profile("quick", deadline=None, max_examples=25)
settings.load_profile("quick")


def pytest_configure() -> None:
    """Restore SIGINT and SIGHUP, and set no current event loop."""
    # Under nohup or in the background they are ignored, and the processes that tests start would inherit that.
    for number, handler in ((signal.SIGINT, signal.default_int_handler), (signal.SIGHUP, signal.SIG_DFL)):
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, handler)
    # Without this, asyncio makes a loop when looptime or pytest-asyncio gets the current one, and nothing closes it.
    asyncio.set_event_loop(None)


def pytest_collection_finish() -> None:
    """Exclude the modules and the collected tests from garbage collections: they live to the end."""
    gc.collect()
    gc.freeze()


@pytest.fixture
def short_wait_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Request a task's state after 10 ms instead of 0.5 s. In the sandbox, a task takes only as long as a test sets."""
    monkeypatch.setattr("katapult_async.core.polling._FIRST_PAUSE", 0.01)


@pytest.fixture
def exchanges(monkeypatch: pytest.MonkeyPatch) -> Iterator[Exchanges]:
    """Prepared responses and sent requests. A request without a prepared response fails to connect."""
    monkeypatch.setattr(aioresponses.core, "stream_reader_factory", body_reader)
    prepared = Exchanges()
    with prepared:
        yield prepared


@pytest.fixture
async def katapult(exchanges: Exchanges) -> AsyncIterator[KatapultClient]:
    """An open client that makes one attempt for each call."""
    del exchanges  # is requested first, so that it is active before the client is made
    async with KatapultClient(TOKEN, retry=RetryPolicy(attempts=1, refusals=1)) as client:
        yield client
