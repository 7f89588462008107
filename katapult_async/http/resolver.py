"""Name lookups in daemon threads, so that a silent name server does not keep a process alive.

asyncio and aiohttp look names up in the event loop's thread pool, and `asyncio.run` waits for that pool to end: with a
name server that does not respond, a program continued for 11 s after Ctrl-C.
"""

import asyncio
import errno
import socket
import threading
from concurrent.futures import Future
from typing import Any


class DaemonThreadLookups:
    """The methods of an event loop that aiohttp's resolver uses. Each lookup has a daemon thread of its own."""

    async def getaddrinfo(self, host: str, port: int, **settings: Any) -> object:
        """Return the addresses of a host.

        Raises:
            OSError: the lookup failed; where `socket.getaddrinfo` was replaced, any exception.
        """
        lookup: Future[object] = Future()
        lookup.set_running_or_notify_cancel()  # it cannot be cancelled: the thread runs on without a caller

        def look_up() -> None:
            try:
                lookup.set_result(socket.getaddrinfo(host, port, **settings))
            except UnicodeError:
                lookup.set_exception(OSError(None, f"not a host name: {host}"))
            except Exception as error:  # noqa: BLE001 # of any class where a test has replaced getaddrinfo
                lookup.set_exception(error)

        try:
            threading.Thread(target=look_up, name=f"resolve {host}", daemon=True).start()
        except RuntimeError as error:
            raise OSError(errno.EAGAIN, str(error)) from error  # the operating system's error
        return await asyncio.wrap_future(lookup)

    async def getnameinfo(self, address: tuple[str, int, int, int], flags: int) -> tuple[str, str]:
        """Return an IPv6 address with its scope, which needs no lookup, and its port."""
        return socket.getnameinfo(address, flags)
