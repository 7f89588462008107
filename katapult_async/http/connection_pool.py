"""The connection pool: never reuses a connection with unread bytes, and bounds what a peer can make it read.

aiohttp does not check idle connections, neither in the pool nor before it reuses them. Bytes that arrived meanwhile
(such as the 408 of a proxy that is about to close) would be taken for the response to the next request. Every later
response on that connection would then go to the wrong request: 229 of 1,002 results were wrong in a test.
"""

import asyncio
import contextvars
import functools
import math
import select
import socket
import sys
from typing import Any, Final, cast

import aiohttp
from aiohttp.client_proto import ResponseHandler
from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.http_parser import RawResponseMessage
from aiohttp.streams import StreamReader

from katapult_async.errors import IDEMPOTENT_METHODS
from katapult_async.http.resolver import DaemonThreadLookups
from katapult_async.http.transport import TransportRequest

_KEEPALIVE: Final = 75.0  # seconds: longer than a rate-limit window, so that a wait for its reset closes no connection
_LONGEST_IDLE: Final = 4.0
"""Seconds after which a connection is not used for a POST or PATCH. A server may close an idle connection just as a
request is sent (RFC 9112 section 9.5); nothing then shows whether it acted on it. Many servers close one after 5 s."""

_SILENCE: Final = 1.0  # seconds without a response; a request that was cancelled earlier shows nothing about its peer

_RECEIVE_BUFFER: Final = 65536  # bytes that aiohttp parses in one event-loop iteration; 256 KiB took up to 60 ms
_INTERIM: Final = range(100, 200)
_MAX_INTERIM: Final = 32  # RFC 9110 section 15.2 sets no bound, and servers send one or two

CURRENT_REQUEST: Final = contextvars.ContextVar[TransportRequest | None]("katapult_async_request")
"""The request for which the connector connects now."""


class ResendError(Exception):
    """A connection broke during a request, and aiohttp was about to send the request again.

    After some errors of its own, aiohttp silently sends an idempotent request again. The server would count both
    requests against the rate limit, and there would be twice as many attempts as an error reports. aiohttp does not
    catch this error, so it does not send again.
    """


class _Protocol(ResponseHandler):
    """The protocol of one connection. It ends the connection when a peer sends too many interim responses.

    aiohttp queues and skips any number of them (100 Continue and the like): a flood held the event loop for 0.2 s at
    a time, and grew to 185 MiB before a timer of 0.5 s could end it.
    """

    used_at: float | None = None  # when a request was last sent over the connection
    _interim = 0  # interim responses since the last final one
    _poll: "select.poll | None" = None  # of the socket, made for the second request

    # The end of a TLS session waits for the peer: a silent one would keep the socket open for 30 s.
    close = ResponseHandler.abort

    def has_unread(self) -> bool:
        """Return whether bytes, or the end of the stream, wait to be read."""
        if self.transport is None:
            return True
        if sys.platform == "win32":
            return bool(select.select([self.transport.get_extra_info("socket")], [], [], 0)[0])
        if self._poll is None:
            self._poll = select.poll()
            self._poll.register(self.transport.get_extra_info("socket").fileno(), select.POLLIN | select.POLLPRI)
        return bool(self._poll.poll(0))

    def feed_data(self, data: tuple[RawResponseMessage, StreamReader], size: int = 0) -> None:
        self._interim = self._interim + 1 if data[0].code in _INTERIM else 0
        if self._interim < _MAX_INTERIM:
            super().feed_data(data, size)
        elif self._interim == _MAX_INTERIM and self.transport is not None:
            self.set_exception(HttpProcessingError(message="too many interim responses"))
            self.transport.abort()


class CheckingConnector(aiohttp.TCPConnector):
    """A connection pool that checks a used connection before it is used again."""

    def __init__(self) -> None:
        # No limit: the rate limiter bounds the requests in flight.
        super().__init__(
            limit=0,
            keepalive_timeout=_KEEPALIVE,
            resolver=aiohttp.ThreadedResolver(DaemonThreadLookups()),  # type: ignore[arg-type] # it uses two methods of a loop
            socket_factory=_socket_with_small_buffer,
        )
        self._set_aside: dict[aiohttp.ClientRequest, list[aiohttp.connector.Connection]] = {}
        """Good connections that a request must not use. They return to the pool when the request has another."""

        self._silent_since = -math.inf  # connections that were last used before this time may be dead

        self._factory = functools.partial(_Protocol, loop=self._loop)  # type: ignore[assignment] # a partial is invariant

    async def connect(
        self, req: aiohttp.ClientRequest, traces: list["aiohttp.tracing.Trace"], timeout: aiohttp.ClientTimeout
    ) -> aiohttp.connector.Connection:
        """Return a connection for a request: one of the pool that is still good, or a new one.

        Raises:
            ResendError: the request was already sent.
        """
        request = cast("TransportRequest", CURRENT_REQUEST.get())  # set by the transport
        if request.progress.sent:
            raise ResendError
        now = self._loop.time()
        longest_idle = math.inf if request.method in IDEMPOTENT_METHODS else _LONGEST_IDLE
        try:
            while True:
                connection = await super().connect(req, traces, timeout)
                protocol: _Protocol = connection.protocol  # type: ignore[assignment] # `_factory` made it
                if protocol.used_at is None:
                    break  # unread bytes of a new connection may be TLS session tickets
                idle = now - protocol.used_at if protocol.used_at >= self._silent_since else math.inf
                if protocol.should_close or idle > _KEEPALIVE or protocol.has_unread():
                    connection.close()
                elif idle > longest_idle or request.fresh_connection:
                    # aiohttp counts the idle time of a returned connection from 0, so its own limit is checked above.
                    self._set_aside.setdefault(req, []).append(connection)
                else:
                    break
        finally:
            self._release_set_aside(req)
        protocol.used_at = now
        request.progress.sent = True  # aiohttp writes the request next, and nothing can stop it before that
        return connection

    def got_no_response(self, began_at: float) -> None:
        """Record a request without a response: connections that were last used before it began are not used again.

        A peer that is gone without closing its connections is silent on all of them.
        """
        if self._loop.time() - began_at >= _SILENCE:
            self._silent_since = max(self._silent_since, began_at)

    async def _create_connection(
        self, req: aiohttp.ClientRequest, traces: list["aiohttp.tracing.Trace"], timeout: aiohttp.ClientTimeout
    ) -> ResponseHandler:
        self._release_set_aside(req)  # other requests can use them while this one waits for its connection
        # A connection keeps the context in which it is made: that of a call has the request, and objects of the user.
        making = contextvars.Context().run(self._loop.create_task, super()._create_connection(req, traces, timeout))
        try:
            await asyncio.wait([making])  # not `making` itself: aiohttp may ignore a cancellation while it connects
            return making.result()
        except asyncio.CancelledError:
            making.add_done_callback(_close_connection)
            making.cancel()
            await asyncio.sleep(0)  # in which it usually ends
            raise
        finally:
            del making  # a task that failed refers to its error, whose traceback refers to this frame

    def _release(self, *arguments: Any, **options: Any) -> None:
        contextvars.Context().run(super()._release, *arguments, **options)  # the timer that it sets keeps a context too

    def _release_set_aside(self, req: aiohttp.ClientRequest) -> None:
        for connection in self._set_aside.pop(req, ()):
            connection.release()


def _close_connection(making: asyncio.Task[ResponseHandler]) -> None:
    """Close a connection that was made just when its request was cancelled."""
    if not making.cancelled() and making.exception() is None:
        making.result().close()


def _socket_with_small_buffer(address: aiohttp.AddrInfoType) -> socket.socket:
    created = socket.socket(*address[:3])  # family, type, protocol
    created.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _RECEIVE_BUFFER)
    return created
