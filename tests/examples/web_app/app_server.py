"""The web application on a port of its own, in the event loop of the test, and a reader of its streams."""

import contextlib
import json
from collections.abc import AsyncIterator
from typing import Any, Final

import aiohttp
import attrs
from aiohttp import web
from app import RATE_LIMIT, make_app
from outages import OUTAGE_TIMEOUT, OutageMonitor
from status import CLIENT

from katapult_async import KatapultClient, RetryPolicy
from katapult_async.sandbox import Sandbox, models

MID_WINDOW: Final = 1_800_000_000.0 + 10
"""Unix seconds with 50 s left of a window: the clock of sandboxes whose window must not reset during a test."""

ONE_ATTEMPT: Final = RetryPolicy(attempts=1, refusals=1)

Event = tuple[str, dict[str, Any]]


@attrs.frozen(kw_only=True)
class Served:
    """A running application."""

    url: str
    katapult: KatapultClient
    runner: web.AppRunner


@contextlib.asynccontextmanager
async def served(sandbox: Sandbox, *, retry: RetryPolicy = ONE_ATTEMPT) -> AsyncIterator[Served]:
    """Serve the application, with a client of the sandbox."""
    outages = OutageMonitor(timeout=retry.outage_timeout or OUTAGE_TIMEOUT)

    def connect() -> KatapultClient:
        return KatapultClient(
            sandbox.token,
            base_url=sandbox.base_url,
            retry=retry,
            rate_limit=RATE_LIMIT,
            on_retry=outages.retried,
        )

    app = make_app(connect, outages)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=5)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield Served(url=f"http://127.0.0.1:{runner.addresses[0][1]}", katapult=app[CLIENT], runner=runner)
    finally:
        await runner.cleanup()


async def events(response: aiohttp.ClientResponse) -> AsyncIterator[Event]:
    """Yield the events of a stream; fail if it does not follow the standard of server-sent events."""
    name = data = ""
    async for line in response.content:
        field, _, value = line.decode().removesuffix("\n").partition(": ")
        match field:
            case "event":
                name = value
            case "data":
                assert not data, "the data of an event has more than one line"
                data = value
            case "retry":
                assert value.isdecimal()
            case "":
                if data:
                    yield name, json.loads(data)
                name = data = ""
            case _:
                raise AssertionError(line)


def data_center_of(sandbox: Sandbox, machine: models.VirtualMachine) -> str:
    """Return the name of the data center of a machine."""
    name: str = sandbox.store.get(sandbox.store.get(machine.zone_id).data_center_id).name
    return name
