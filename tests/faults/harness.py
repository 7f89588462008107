"""The harness of a fault test: an event loop, a server, a client of it, and a check that nothing leaks."""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any, Final, TypeVar

import attrs
import pytest
import uvloop

from katapult_async import IPAddress, KatapultClient, KatapultError, RateLimitPolicy, RetryPolicy, Timeouts

from .fault import DEFAULT_RATE_LIMIT, LONG_TIMEOUTS, RETRY_POLICY
from .responses import MAX_BODY, send_correct_response
from .server import FaultServer, ReceivedRequest, Responder

T = TypeVar("T")

TOKEN: Final = "kataT0ken-Sh0uld-Never-Be-Seen-Anywhere"
"""The API token of every client in the fault tests; the redaction tests search for it."""

LOOPS: Final[dict[str, Callable[[], asyncio.AbstractEventLoop]]] = {
    "asyncio": asyncio.new_event_loop,
    "uvloop": uvloop.new_event_loop,
}

on_every_loop: Final = pytest.mark.parametrize("loop", ["asyncio", pytest.param("uvloop", marks=pytest.mark.slow)])
"""Runs a test on both loops. The run on uvloop is a slow test."""


class LeakError(AssertionError):
    """A task, a connection or an unhandled exception is left after a test."""


def run(loop: str, main: Coroutine[Any, Any, T], *, within: float = 20.0, debug: bool = False) -> T:
    """Run a coroutine on an event loop of one kind and return its result.

    Args:
        loop: a key of `LOOPS`.
        main: the coroutine.
        within: seconds after which it fails.
        debug: whether asyncio runs in debug mode.

    Raises:
        LeakError: a task is still running, or the loop's exception handler was called.
    """
    unhandled: list[str] = []
    with asyncio.Runner(loop_factory=LOOPS[loop], debug=debug) as runner:
        runner.get_loop().set_exception_handler(lambda _, context: unhandled.append(repr(context)))

        async def bounded() -> T:
            async with asyncio.timeout(within):
                result = await main
            await asyncio.sleep(0)
            running = asyncio.all_tasks() - {asyncio.current_task()}
            if running:
                raise LeakError(f"tasks still running: {running}")
            return result

        result = runner.run(bounded())
    if unhandled:
        raise LeakError("; ".join(unhandled))
    return result


@attrs.frozen
class Harness:
    """A fault server and a client of it."""

    server: FaultServer
    client: KatapultClient

    async def call(self, key: str = "vmnet_1") -> list[IPAddress]:
        """Request the free addresses of one interface."""
        return await self.client.virtual_machine_network_interfaces.available_ips(key, address_version="ipv4")

    async def outcome(self, key: str = "vmnet_1") -> list[IPAddress] | KatapultError:
        """Make the same call, and return its result or its error."""
        try:
            return await self.call(key)
        except KatapultError as error:
            return error

    def respond_with(self, responder: Responder, name: str = "fault") -> None:
        """Let one responder respond to every request from now on."""
        self.server.choose = lambda _: (name, responder)

    def respond_correctly(self) -> None:
        """Respond correctly to every request from now on."""
        self.server.choose = choose_correct_response


def choose_correct_response(_: ReceivedRequest) -> tuple[None, Responder]:
    return None, send_correct_response


def is_correct(outcome: object, key: str = "vmnet_1") -> bool:
    """Return whether an outcome is the result that belongs to a key."""
    return isinstance(outcome, list) and [address.id for address in outcome] == [f"ip_of_{key}"]


@contextlib.asynccontextmanager
async def start_harness(
    *,
    timeouts: Timeouts = LONG_TIMEOUTS,
    retry: RetryPolicy = RETRY_POLICY,
    rate_limit: RateLimitPolicy = DEFAULT_RATE_LIMIT,
    scheme: str = "http",
    tls: ssl.SSLContext | None = None,
) -> AsyncIterator[Harness]:
    """Start a server that responds correctly, and a client of it.

    Raises:
        LeakError: a connection is still open at the end.
    """
    async with FaultServer(choose_correct_response, tls=tls) as server:
        client = KatapultClient(
            TOKEN,
            base_url=f"{scheme}://127.0.0.1:{server.port}/core/v1",
            timeouts=timeouts,
            retry=retry,
            rate_limit=rate_limit,
            max_body=MAX_BODY,
        )
        async with client:
            yield Harness(server, client)
        if not await server.wait_for_connections(at_most=0):
            raise LeakError(f"{server.open_connections} connections still open")
