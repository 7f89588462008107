"""The wait of a test for a condition that sets no event."""

import asyncio
import time
from collections.abc import Callable


async def wait_until(condition: Callable[[], bool]) -> None:
    """Return as soon as a condition holds; fail if it does not hold within 10 s."""
    ends_at = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < ends_at, "the condition does not hold after 10 s"
        await asyncio.sleep(0.002)
