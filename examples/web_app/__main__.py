"""A web page that shows the free addresses of an organization, each as soon as Katapult has returned it.

``python examples/web_app --sandbox`` needs no account: it starts the bundled sandbox, with few requests permitted in
short windows, so that the page soon shows a used-up request budget. Otherwise the token comes from KATAPULT_API_KEY.
"""

import argparse
import asyncio
import contextlib
import sys
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager
from typing import Final

import attrs
from aiohttp import web
from app import RATE_LIMIT, RETRY, make_app
from outages import OutageMonitor

from katapult_async import KatapultClient, UsageError
from katapult_async.sandbox import Faults, Sandbox

_WINDOW: Final = 15.0  # seconds, in the sandbox


@contextlib.asynccontextmanager
async def sandbox_client(outages: OutageMonitor) -> AsyncGenerator[KatapultClient]:
    """Start a sandbox that responds slowly, and open a client of it."""
    faults = Faults(latency=0.05, latency_jitter=0.15)
    async with (
        Sandbox(permitted=150, window=_WINDOW, faults=faults) as sandbox,
        KatapultClient(
            sandbox.token,
            base_url=sandbox.base_url,
            rate_limit=attrs.evolve(RATE_LIMIT, window=_WINDOW),
            retry=RETRY,
            on_retry=outages.retried,
        ) as katapult,
    ):
        yield katapult


async def serve(
    connect: Callable[[], AbstractAsyncContextManager[KatapultClient]],
    outages: OutageMonitor,
    *,
    host: str,
    port: int,
) -> None:
    """Serve until Ctrl-C."""
    runner = web.AppRunner(make_app(connect, outages), access_log=None)
    await runner.setup()
    try:
        site = web.TCPSite(runner, host, port)
        await site.start()
        print(f"http://{host}:{runner.addresses[0][1]}/", flush=True)
        await asyncio.get_running_loop().create_future()
    finally:
        await runner.cleanup()


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="web_app", description="Show the free addresses of an organization in a web page."
    )
    parser.add_argument("--sandbox", action="store_true", help="use the bundled sandbox; needs no account")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on; the page has no login")
    parser.add_argument("--port", default=8080, type=int, help="port to listen on; 0 takes a free one")
    options = parser.parse_args()
    outages = OutageMonitor()
    try:
        client = None
        if not options.sandbox:
            client = KatapultClient.from_env(rate_limit=RATE_LIMIT, retry=RETRY, on_retry=outages.retried)
    except UsageError as error:
        parser.error(str(error))

    def connect() -> AbstractAsyncContextManager[KatapultClient]:
        return sandbox_client(outages) if client is None else client

    try:
        asyncio.run(serve(connect, outages, host=options.host, port=options.port))
    except KeyboardInterrupt:
        pass  # Ctrl-C stops the server
    except (OSError, OverflowError) as error:  # OverflowError: a port above 65535
        sys.exit(f"cannot listen on port {options.port}: {error}")


if __name__ == "__main__":
    main()
