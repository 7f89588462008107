"""Name lookups in daemon threads, so that a silent name server does not keep a process alive.

asyncio and aiohttp look names up in the event loop's thread pool, and `asyncio.run` waits for that pool to end: with a
name server that does not answer, a program continued for 11 s after Ctrl-C.
"""

import asyncio
import socket
import threading
from collections.abc import Sequence
from typing import Final

from aiohttp.abc import AbstractResolver, ResolveResult

_NUMERIC: Final = socket.AI_NUMERICHOST | socket.AI_NUMERICSERV
_SCOPED: Final = 4  # parts of an IPv6 address with a scope id: host, port, flow, scope

Address = tuple[str, int] | tuple[str, int, int, int] | tuple[int, bytes]
AddressInfo = Sequence[tuple[int, int, int, str, Address]]
"""What `socket.getaddrinfo` returns."""


class DaemonThreadResolver(AbstractResolver):
    """Resolves each name in a daemon thread of its own; aiohttp caches the results for 10 s."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Return the addresses of a host.

        Raises:
            OSError: the lookup failed.
        """
        return [
            ResolveResult(
                hostname=host,
                host=_numeric_host(address),
                port=int(address[1]),
                family=address_family,
                proto=protocol,
                flags=_NUMERIC,
            )
            for address_family, _, protocol, _, address in await _lookup(host, port, family)
        ]

    async def close(self) -> None:
        """Do nothing: threads whose lookup still runs end with the process."""


async def _lookup(host: str, port: int, family: int) -> AddressInfo:
    loop = asyncio.get_running_loop()
    result: asyncio.Future[AddressInfo] = loop.create_future()

    def look_up() -> None:
        outcome: AddressInfo | OSError
        try:
            outcome = socket.getaddrinfo(host, port, family, socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG)
        except (OSError, UnicodeError) as error:
            outcome = error if isinstance(error, OSError) else OSError(None, f"not a host name: {host}")
        try:
            loop.call_soon_threadsafe(finish, outcome)
        except RuntimeError:
            return  # the event loop is closed: nobody waits any more

    def finish(outcome: AddressInfo | OSError) -> None:
        if result.done():
            return
        if isinstance(outcome, OSError):
            result.set_exception(outcome)
        else:
            result.set_result(outcome)

    threading.Thread(target=look_up, name=f"resolve {host}", daemon=True).start()
    return await result


def _numeric_host(address: Address) -> str:
    """Return an address as text, with the scope id of a link-local IPv6 address."""
    if len(address) == _SCOPED and address[3]:
        return f"{address[0]}%{address[3]}"
    return str(address[0])
