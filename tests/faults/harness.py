"""Where a fault test takes place: a loop of one kind, a server, a client, and a look under the carpet afterwards."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any, Final, TypeVar

import attrs
import uvloop

from katapult_async import IPAddress, KatapultClient, KatapultError, RateLimitPolicy, RetryPolicy, Timeouts

from .fault import AS_KATAPULT, PATIENT, RETRY
from .responses import CAP, good
from .server import Act, FaultServer, Received

T = TypeVar("T")

TOKEN: Final = "kataT0ken-Sh0uld-Never-Be-Seen-Anywhere"
"""The secret that the fault tests look for."""

LOOPS: Final[dict[str, Callable[[], asyncio.AbstractEventLoop]]] = {
    "asyncio": asyncio.new_event_loop,
    "uvloop": uvloop.new_event_loop,
}


class LeftoverError(AssertionError):
    """Something outlived the test that made it."""


def run(loop: str, main: Coroutine[Any, Any, T], *, within: float = 20.0, debug: bool = False) -> T:
    """Run a coroutine on a loop of one kind.

    Raises:
        LeftoverError: it left a task behind, or something went wrong where nobody could catch it.
    """
    complaints: list[str] = []
    with asyncio.Runner(loop_factory=LOOPS[loop], debug=debug) as runner:
        runner.get_loop().set_exception_handler(lambda _, context: complaints.append(repr(context)))

        async def bounded() -> T:
            async with asyncio.timeout(within):
                result = await main
            await asyncio.sleep(0)
            left = asyncio.all_tasks() - {asyncio.current_task()}
            if left:
                raise LeftoverError(f"tasks left: {left}")
            return result

        result = runner.run(bounded())
    if complaints:
        raise LeftoverError("; ".join(complaints))
    return result


@attrs.frozen
class Arena:
    """A server, and a client of it."""

    server: FaultServer
    client: KatapultClient

    async def ask(self, key: str = "vmnet_1") -> list[IPAddress]:
        """Ask for the addresses of one interface."""
        return await self.client.virtual_machine_network_interfaces.available_ips(key, address_version="ipv4")

    async def outcome(self, key: str = "vmnet_1") -> list[IPAddress] | KatapultError:
        """Return the answer or the error."""
        try:
            return await self.ask(key)
        except KatapultError as error:
            return error

    def breaks(self, act: Act, name: str = "fault") -> None:
        """Have every request answered by one act from now on."""
        self.server.choose = lambda _: (name, act)

    def heals(self) -> None:
        """Have every request answered well from now on."""
        self.server.choose = choose_good


def choose_good(_: Received) -> tuple[None, Act]:
    return None, good


def is_right(outcome: object, key: str = "vmnet_1") -> bool:
    """Return whether an outcome is the answer that belongs to a key."""
    return isinstance(outcome, list) and [address.id for address in outcome] == [f"ip_of_{key}"]


@contextlib.asynccontextmanager
async def arena(
    *,
    timeouts: Timeouts = PATIENT,
    retry: RetryPolicy = RETRY,
    rate_limit: RateLimitPolicy = AS_KATAPULT,
    scheme: str = "http",
    max_body: int = CAP,
    **client_settings: Any,
) -> AsyncIterator[Arena]:
    """A server that answers well, and a client. Afterwards, no connection may be left."""
    async with FaultServer(choose_good, tls=client_settings.pop("tls", None)) as server:
        client = KatapultClient(
            TOKEN,
            base_url=f"{scheme}://127.0.0.1:{server.port}/core/v1",
            timeouts=timeouts,
            retry=retry,
            rate_limit=rate_limit,
            max_body=max_body,
            **client_settings,
        )
        async with client:
            yield Arena(server, client)
        if not await server.emptied():
            raise LeftoverError(f"{server.open_connections} connections left")
