"""The listening socket and its connections."""

import asyncio
from collections.abc import Awaitable, Callable

from aiohttp import web

_QUIET_ITERATIONS = 10

Handler = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


class Listener:
    """An HTTP server on one port. Create it with ``open``."""

    def __init__(self, server: asyncio.Server, connections: web.Server, handling: set[asyncio.Task[None]]) -> None:
        self._server = server
        self._connections = connections
        self._handling = handling
        self.port: int = server.sockets[0].getsockname()[1]
        """Port of the listening socket."""

    @classmethod
    async def open(cls, handler: Handler, *, host: str, port: int) -> "Listener":
        """Listen for requests.

        Args:
            handler: coroutine function that returns the response of a request.
            host: address to listen on.
            port: port to listen on; 0 lets the system choose.

        Raises:
            OSError: the port cannot be bound.
        """
        handling: set[asyncio.Task[None]] = set()

        async def handle(request: web.BaseRequest) -> web.StreamResponse:
            handling.add(request.task)
            try:
                return await handler(request)
            finally:
                handling.discard(request.task)

        # Lingering would keep a task alive for seconds after its connection is closed. Without decompression, a
        # compressed body is invalid JSON, and gets that error.
        connections = web.Server(handle, access_log=None, lingering_time=0, auto_decompress=False)
        loop = asyncio.get_running_loop()
        server = await loop.create_server(connections, host, port, backlog=1024, start_serving=False)
        try:
            await server.start_serving()
        except BaseException:  # also a cancellation
            server.close()
            raise
        return cls(server, connections, handling)

    async def close(self) -> None:
        """Stop listening and close all connections. Return when their tasks have ended."""
        loop = asyncio.get_running_loop()
        if isinstance(loop, asyncio.SelectorEventLoop):
            # This loop creates the transport one iteration after it accepts. A server that is closed in between
            # loses the socket without closing it, and the client hangs (CPython 3.11.7). So stop accepting first.
            # uvloop is not affected.
            for socket in self._server.sockets:
                loop.remove_reader(socket.fileno())
        try:
            await asyncio.sleep(0)
        finally:
            self._server.close()
        # A connection that was just accepted, or a request that was read but not started, appears only a few
        # iterations of the loop later, and a cancelled task ends a few iterations later. So repeat until no connection
        # was open in several iterations.
        quiet = 0
        while quiet < _QUIET_ITERATIONS:
            connections = self._connections.connections
            quiet = 0 if connections else quiet + 1
            for connection in connections:
                if connection.transport is not None:
                    connection.transport.abort()
            for task in self._handling:
                task.cancel()
            await asyncio.sleep(0)
        await self._server.wait_closed()
