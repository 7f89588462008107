"""A web page that shows free addresses while they are found.

``python examples/web_app --sandbox`` needs no account: it starts the bundled sandbox, with a small limit in short
windows so that there is something to see. Without the option, the token comes from KATAPULT_API_KEY.
"""

import argparse
import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from typing import Final

import attrs
from aiohttp import web
from app import RATE_LIMIT, make_app

from katapult_async import KatapultClient, UsageError
from katapult_async.sandbox import Faults, Sandbox

_WINDOW: Final = 15.0  # seconds, in the sandbox


@contextlib.asynccontextmanager
async def sandboxed() -> AsyncIterator[KatapultClient]:
    """Open a client of a sandbox that is somewhat slow."""
    faults = Faults(latency=0.05, latency_jitter=0.15)
    async with (
        Sandbox(permitted=150, window=_WINDOW, faults=faults) as sandbox,
        KatapultClient(
            sandbox.token,
            base_url=sandbox.base_url,
            rate_limit=attrs.evolve(RATE_LIMIT, window=_WINDOW),
        ) as katapult,
    ):
        yield katapult


async def serve(connect: Callable[[], AbstractAsyncContextManager[KatapultClient]], *, host: str, port: int) -> None:
    """Serve until Ctrl-C."""
    runner = web.AppRunner(make_app(connect), access_log=None)
    await runner.setup()
    try:
        site = web.TCPSite(runner, host, port)
        await site.start()
        print(f"http://{host}:{runner.addresses[0][1]}/", flush=True)
        await asyncio.get_running_loop().create_future()
    finally:
        await runner.cleanup()


def main() -> None:
    parser = argparse.ArgumentParser(prog="web_app", description="Show the free addresses of a fleet in a web page.")
    parser.add_argument("--sandbox", action="store_true", help="show a made-up cloud; needs no account")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on; there is no login, so beware")
    parser.add_argument("--port", default=8080, type=int, help="port; 0 takes a free one")
    options = parser.parse_args()
    try:
        client = None if options.sandbox else KatapultClient.from_env(rate_limit=RATE_LIMIT)
    except UsageError as error:
        parser.error(str(error))
    connect = sandboxed if client is None else lambda: client
    try:
        asyncio.run(serve(connect, host=options.host, port=options.port))
    except KeyboardInterrupt:
        pass  # this is how it is meant to end
    except OSError as error:
        sys.exit(f"the port cannot be had: {error}")


if __name__ == "__main__":
    main()
