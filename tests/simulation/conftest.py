import asyncio

import pytest


@pytest.fixture(scope="session", autouse=True)
def _no_loop_for_sync_tests() -> None:
    """Keep looptime from making a loop before each sync test, which nobody would close."""
    asyncio.set_event_loop(None)
