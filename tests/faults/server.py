"""A server that reads requests from a socket and writes back arbitrary bytes. It uses no HTTP library.

It keeps a log of every request that reached it: the request, the fault that was chosen for it, and its connection.
"""

import asyncio
import socket
import ssl
import struct
from collections.abc import Awaitable, Callable
from typing import Self
from urllib.parse import parse_qsl, urlsplit

import attrs

_MAX_HEAD = 1 << 20  # bytes of a request's head


@attrs.frozen
class ReceivedRequest:
    """One parsed request."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]

    @property
    def key(self) -> str:
        """The id in the query. A correct response carries it, so that a response to another request is noticed."""
        return next((value for name, value in self.query.items() if name.endswith("[id]")), "")

    @classmethod
    def read(cls, head: bytes) -> Self:
        line, *fields = head.decode("latin-1").split("\r\n")
        method, target, _ = line.split(" ")
        parts = urlsplit(target)
        headers = dict(field.split(": ", 1) for field in fields if field)
        return cls(
            method, parts.path, dict(parse_qsl(parts.query)), {name.lower(): value for name, value in headers.items()}
        )


class Connection:
    """One connection, on the server's side."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, number: int) -> None:
        self._reader = reader
        self._writer = writer
        self.number = number
        self.closed = False

    async def send(self, *parts: bytes, pause: float = 0.0) -> None:
        """Write each part by itself, with a pause of ``pause`` seconds after it."""
        for part in parts:
            if self._writer.transport.is_closing():
                raise ConnectionResetError
            self._writer.write(part)
            await self._writer.drain()
            if pause:
                await asyncio.sleep(pause)

    async def read_head(self) -> bytes:
        """Return the bytes of the next request, up to the empty line."""
        return await self._reader.readuntil(b"\r\n\r\n")

    async def stay_silent(self) -> None:
        """Send nothing until the client closes the connection."""
        while await self._reader.read(65536):
            pass
        self.close()

    def close(self) -> None:
        """Close after everything that was written is sent."""
        self.closed = True
        self._writer.close()

    def half_close(self) -> None:
        """Send the end of the stream (FIN), and continue to read."""
        self._writer.write_eof()

    def reset(self) -> None:
        """Abort at once with a reset (RST)."""
        self.closed = True
        connected = self._writer.get_extra_info("socket")
        if connected is None:  # uvloop: the client has closed it already
            return
        connected.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._writer.transport.abort()


Responder = Callable[[Connection, ReceivedRequest], Awaitable[None]]
"""Responds to one request."""

ConnectionHook = Callable[[Connection], Awaitable[None]]
"""Runs on a connection before its first request."""


@attrs.frozen
class LoggedRequest:
    """One entry of the request log."""

    request: ReceivedRequest
    fault: str | None
    """Name of the fault that was chosen for it; None for a correct response."""

    connection: int
    """Number of the connection that it came on."""


class FaultServer:
    """Listens on a port of 127.0.0.1 while it is entered.

    Args:
        choose: returns the name of the fault and the responder for a request.
        tls: the server's TLS context, for TLS.
    """

    def __init__(
        self, choose: Callable[[ReceivedRequest], tuple[str | None, Responder]], *, tls: ssl.SSLContext | None = None
    ) -> None:
        self.choose = choose
        self.on_connect: ConnectionHook | None = None
        self.request_log: list[LoggedRequest] = []
        self.connections = 0
        self.max_open = 0
        self._tls = tls
        self._open: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self.port = 0

    async def __aenter__(self) -> Self:
        await self.listen()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop_listening()

    @property
    def is_listening(self) -> bool:
        return self._server is not None

    @property
    def open_connections(self) -> int:
        return len(self._open)

    async def wait_for_connections(self, *, at_most: int, within: float = 2.0) -> bool:
        """Return whether the number of open connections falls to ``at_most`` within ``within`` seconds."""
        for _ in range(int(within / 0.002)):
            if len(self._open) <= at_most:
                return True
            await asyncio.sleep(0.002)
        return False

    async def listen(self) -> None:
        """Accept connections on a free port, and later again on the same port."""
        self._server = await asyncio.start_server(
            self._accept, "127.0.0.1", self.port, limit=_MAX_HEAD, ssl=self._tls, reuse_address=True
        )
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop_listening(self) -> None:
        """Close every connection, and refuse new ones."""
        if self._server is not None:
            self._server.close()
            tasks = tuple(self._open)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await self._server.wait_closed()
            self._server = None

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve a connection; it counts as open from now on, even before its task begins."""
        task = asyncio.create_task(self._serve(reader, writer))
        self._open.add(task)
        task.add_done_callback(self._open.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.max_open = max(self.max_open, len(self._open))
        connection = Connection(reader, writer, self.connections)
        try:
            await self._serve_requests(connection)
        except (asyncio.IncompleteReadError, ConnectionError, ssl.SSLError):
            pass  # the client closed the connection
        except asyncio.CancelledError:
            pass  # the server closes; asyncio's stream callback would log the cancellation as a failure
        finally:
            if not connection.closed:
                writer.transport.abort()

    async def _serve_requests(self, connection: Connection) -> None:
        if self.on_connect is not None:
            await self.on_connect(connection)
        while not connection.closed:
            request = ReceivedRequest.read(await connection.read_head())
            fault, respond = self.choose(request)
            self.request_log.append(LoggedRequest(request, fault, connection.number))
            await respond(connection, request)
