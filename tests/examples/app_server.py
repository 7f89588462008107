"""The web application on a port of its own, in the loop of the test, and a viewer of its stream."""

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator, Callable
from typing import Any, Final

import aiohttp
import attrs
from aiohttp import web
from app import RATE_LIMIT, make_app
from fleet_stream import CLIENT

from katapult_async import KatapultClient, RetryPolicy
from katapult_async.sandbox import Sandbox

MID_WINDOW: Final = 1_800_000_000.0 + 10
"""Unix seconds: a time at which 50 s of a window are left. For sandboxes in which no window shall turn."""

Event = tuple[str, dict[str, Any]]


@attrs.frozen(kw_only=True)
class Served:
    """An application that listens."""

    url: str
    katapult: KatapultClient
    runner: web.AppRunner


@contextlib.asynccontextmanager
async def served(sandbox: Sandbox) -> AsyncIterator[Served]:
    """Serve the application, with a client of the sandbox that tries everything once."""

    def connect() -> KatapultClient:
        return KatapultClient(
            sandbox.token,
            base_url=sandbox.base_url,
            retry=RetryPolicy(attempts=1, refusals=1),
            rate_limit=RATE_LIMIT,
        )

    app = make_app(connect)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=5)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield Served(url=f"http://127.0.0.1:{runner.addresses[0][1]}", katapult=app[CLIENT], runner=runner)
    finally:
        await runner.cleanup()


async def events(response: aiohttp.ClientResponse) -> AsyncIterator[Event]:
    """Yield the events of a stream, read as strictly as the standard is written."""
    name = data = ""
    async for line in response.content:
        field, _, value = line.decode().removesuffix("\n").partition(": ")
        match field:
            case "event":
                name = value
            case "data":
                assert not data, "the data of an event takes one line"
                data = value
            case "retry":
                assert value.isdecimal()
            case "":
                if data:
                    yield name, json.loads(data)
                name = data = ""
            case _:
                raise AssertionError(line)


async def until(condition: Callable[[], bool]) -> None:
    """Return as soon as it holds; fail when it does not come to hold."""
    ends_at = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < ends_at, "it never came to hold"
        await asyncio.sleep(0.01)
