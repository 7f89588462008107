"""A server of bytes: it reads requests off a socket and writes back whatever it is told to. Knows no HTTP library.

It keeps a ledger of every request that reached it: what was asked, which fault it drew, and how it was answered.
"""

import asyncio
import socket
import ssl
import struct
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Self
from urllib.parse import parse_qsl, urlsplit

import attrs

_LIMIT = 1 << 20  # bytes of a request's head


@attrs.frozen
class Received:
    """One request, as it came."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]

    @property
    def key(self) -> str:
        """The id that was asked for; an answer to anybody else must not carry it."""
        return next((value for name, value in self.query.items() if name.endswith("[id]")), "")

    @classmethod
    def read(cls, head: bytes) -> Self:
        line, *fields = head.decode("latin-1").split("\r\n")
        method, target, _ = line.split(" ")
        parts = urlsplit(target)
        headers = dict(field.split(": ", 1) for field in fields if field)
        return cls(method, parts.path, dict(parse_qsl(parts.query)), {k.lower(): v for k, v in headers.items()})


class Wire:
    """One connection, seen from the server."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, number: int) -> None:
        self._reader = reader
        self._writer = writer
        self.number = number
        self.closed = False

    async def send(self, *parts: bytes, pause: float = 0.0) -> None:
        """Write each part on its own."""
        for part in parts:
            if self._writer.transport.is_closing():
                raise ConnectionResetError
            self._writer.write(part)
            await self._writer.drain()
            if pause:
                await asyncio.sleep(pause)

    async def head(self) -> bytes:
        return await self._reader.readuntil(b"\r\n\r\n")

    async def until_gone(self) -> None:
        """Say nothing more, until the client leaves."""
        while await self._reader.read(65536):
            pass
        self.close()

    def close(self) -> None:
        """Close after what was written."""
        self.closed = True
        self._writer.close()

    def half_close(self) -> None:
        """Send the end of the stream, and go on reading."""
        self._writer.write_eof()

    def reset(self) -> None:
        """Break off at once, with a reset instead of an end."""
        self.closed = True
        connected = self._writer.get_extra_info("socket")
        if connected is None:  # uvloop: the client has left already
            return
        connected.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._writer.transport.abort()


Act = Callable[[Wire, Received], Awaitable[None]]
"""How one request is answered."""

Greet = Callable[[Wire], Awaitable[None]]
"""What happens on a connection before its first request."""


@attrs.frozen
class Entry:
    """One line of the ledger."""

    request: Received
    fault: str | None
    """The fault that it drew; None for a good answer."""

    connection: int


class FaultServer:
    """Listens on a port of 127.0.0.1 while it is entered.

    Args:
        choose: gives the name of the fault and the act for a request.
        tls: makes it speak TLS.
    """

    def __init__(
        self, choose: Callable[[Received], tuple[str | None, Act]], *, tls: ssl.SSLContext | None = None
    ) -> None:
        self.choose = choose
        self.greet: Greet | None = None
        self.ledger: list[Entry] = []
        self.connections = 0
        self.most_open = 0
        self._tls = tls
        self._open: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self.port = 0

    async def __aenter__(self) -> Self:
        await self.listen()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.refuse()

    @property
    def port_is_closed(self) -> bool:
        return self._server is None

    @property
    def open_connections(self) -> int:
        return len(self._open)

    async def emptied(self, within: float = 2.0) -> bool:
        """Return whether every connection is closed, allowing the news of it some time to arrive."""
        return await self.falls_to(0, within=within)

    async def falls_to(self, connections: int, *, within: float = 2.0) -> bool:
        """Return whether no more than so many connections are open before long."""
        for _ in range(int(within / 0.002)):
            if len(self._open) <= connections:
                return True
            await asyncio.sleep(0.002)
        return False

    async def listen(self) -> None:
        """Accept connections, on the same port as before."""
        self._server = await asyncio.start_server(
            self._serve, "127.0.0.1", self.port, limit=_LIMIT, ssl=self._tls, reuse_address=True
        )
        self.port = self._server.sockets[0].getsockname()[1]

    async def refuse(self) -> None:
        """Close every connection, and accept none."""
        if self._server is not None:
            self._server.close()
            tasks = tuple(self._open)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await self._server.wait_closed()
            self._server = None

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._open.add(task)
        self.connections += 1
        self.most_open = max(self.most_open, len(self._open))
        wire = Wire(reader, writer, self.connections)
        try:
            await self._converse(wire)
        except (asyncio.IncompleteReadError, ConnectionError, ssl.SSLError):
            pass  # the client left
        except asyncio.CancelledError:
            pass  # the server closes; a stream's own callback would log the cancellation as a failure
        finally:
            if not wire.closed:
                writer.transport.abort()
            self._open.discard(task)

    async def _converse(self, wire: Wire) -> None:
        if self.greet is not None:
            await self.greet(wire)
        while not wire.closed:
            request = Received.read(await wire.head())
            fault, act = self.choose(request)
            self.ledger.append(Entry(request, fault, wire.number))
            await act(wire, request)
