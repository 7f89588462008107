"""Name lookups in daemon threads, so that a silent name server does not keep a process alive.

asyncio and aiohttp look names up in the event loop's thread pool, and `asyncio.run` waits for that pool to end: with a
name server that does not answer, a program continued for 11 s after Ctrl-C.
"""

import asyncio
import socket
import threading
from collections.abc import Sequence
from concurrent.futures import Future
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
            OSError: the lookup failed; where `socket.getaddrinfo` was replaced, any exception.
        """
        lookup: Future[AddressInfo] = Future()
        lookup.set_running_or_notify_cancel()  # it cannot be cancelled: the thread runs on without a caller

        def look_up() -> None:
            try:
                infos = socket.getaddrinfo(host, port, family, socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG)
            except UnicodeError:
                lookup.set_exception(OSError(None, f"not a host name: {host}"))
            except Exception as error:  # noqa: BLE001 # of any class where a test has replaced getaddrinfo
                lookup.set_exception(error)
            else:
                lookup.set_result(infos)

        threading.Thread(target=look_up, name=f"resolve {host}", daemon=True).start()
        return [
            ResolveResult(
                hostname=host,
                host=_numeric_host(address),
                port=int(address[1]),
                family=address_family,
                proto=protocol,
                flags=_NUMERIC,
            )
            for address_family, _, protocol, _, address in await asyncio.wrap_future(lookup)
        ]

    async def close(self) -> None:
        """Do nothing: threads whose lookup still runs end with the process."""


def _numeric_host(address: Address) -> str:
    """Return an address as text, with the scope id of a link-local IPv6 address."""
    if len(address) == _SCOPED and address[3]:
        return f"{address[0]}%{address[3]}"
    return str(address[0])
