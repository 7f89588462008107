"""Idle connections that no longer work, although the server does: a router has forgotten them, or a server restarted.

The client receives no packet about that, so it needs a request to find out. Reported for other clients:
conductor-oss/python-sdk#412, nebius/pysdk#62.
"""

import asyncio

import pytest

from .fault import MAX_ATTEMPTS, SHORT_TIMEOUTS
from .harness import is_correct, on_every_loop, run, start_harness
from .responses import send_correct_response
from .server import Connection, ReceivedRequest


@on_every_loop
@pytest.mark.parametrize("end", ["silence", "reset"])
def test_dead_connections_of_the_pool_cost_a_call_one_attempt(end: str, loop: str) -> None:
    dead = 0  # connections with a number up to this one no longer work

    async def respond(connection: Connection, request: ReceivedRequest) -> None:
        if connection.number > dead:
            await asyncio.sleep(0.02)  # requests that begin meanwhile need connections of their own
            await send_correct_response(connection, request)
        elif end == "reset":
            connection.reset()
        else:
            await connection.stay_silent()

    async def fill_the_pool_and_call() -> None:
        nonlocal dead
        async with start_harness(timeouts=SHORT_TIMEOUTS) as harness:
            harness.respond_with(respond)
            await asyncio.gather(*(harness.call() for _ in range(10)))
            dead = harness.server.connections
            assert dead > MAX_ATTEMPTS
            requests = len(harness.server.request_log)
            assert is_correct(await harness.outcome())
            assert [entry.connection > dead for entry in harness.server.request_log[requests:]] == [False, True]

    run(loop, fill_the_pool_and_call())
