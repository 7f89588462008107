"""The listening socket and its connections: opened, and closed at once; knows nothing of the API."""

import asyncio
from collections.abc import Awaitable, Callable

from aiohttp import web

_QUIET_TURNS = 10

Handler = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


class Listener:
    """An HTTP server on one port. Make it with ``open``."""

    def __init__(self, server: asyncio.Server, connections: web.Server, handling: set[asyncio.Task[None]]) -> None:
        self._server = server
        self._connections = connections
        self._handling = handling
        self.port: int = server.sockets[0].getsockname()[1]
        """The port that it listens on."""

    @classmethod
    async def open(cls, handler: Handler, *, host: str, port: int) -> "Listener":
        """Listen for requests.

        Args:
            handler: answers one request.
            host: the address to listen on.
            port: the port; 0 lets the system choose.

        Raises:
            OSError: the port cannot be had.
        """
        handling: set[asyncio.Task[None]] = set()

        async def handle(request: web.BaseRequest) -> web.StreamResponse:
            handling.add(request.task)
            try:
                return await handler(request)
            finally:
                handling.discard(request.task)

        # No lingering: it would outlive the connection by seconds.
        connections = web.Server(handle, access_log=None, lingering_time=0)
        server = await asyncio.get_running_loop().create_server(connections, host, port, backlog=1024)
        return cls(server, connections, handling)

    async def close(self) -> None:
        """Stop listening and cut every connection; return when nothing of them is left."""
        loop = asyncio.get_running_loop()
        if isinstance(loop, asyncio.SelectorEventLoop):
            # This loop makes the transport one turn after it accepts, and a server that was closed in between loses
            # the socket without closing it: the client hangs (CPython 3.11.7). So stop accepting first. uvloop has no
            # such gap.
            for socket in self._server.sockets:
                loop.remove_reader(socket.fileno())
        try:
            await asyncio.sleep(0)
        finally:
            self._server.close()
        # Cut again and again: a connection that was accepted a moment ago, or a request that was read but not yet
        # begun, appears a few turns of the loop later, and a task that was cancelled ends as late.
        quiet = 0
        while quiet < _QUIET_TURNS:
            connections = self._connections.connections
            quiet = 0 if connections else quiet + 1
            for connection in connections:
                if connection.transport is not None:
                    connection.transport.abort()
            for task in self._handling:
                task.cancel()
            await asyncio.sleep(0)
        await self._server.wait_closed()
