"""The aiohttp session wrapper: one request in, one whole answer or one typed error out.

The only file of the client that knows aiohttp. It decides nothing: no retry, no rate limit, no decoding.
"""

import asyncio
import contextlib
import functools
import select
import socket
import sys
import weakref
from collections.abc import Iterator
from typing import Final

import aiohttp
import attrs
from aiohttp import hdrs
from aiohttp.client_proto import ResponseHandler
from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.http_parser import RawResponseMessage
from aiohttp.streams import StreamReader
from yarl import URL

from katapult_async.config import Timeouts
from katapult_async.core.responses import RequestContext, Response
from katapult_async.errors import (
    BadResponseError,
    BadResponseReason,
    ClientClosedError,
    ConnectError,
    DisconnectedError,
    KatapultError,
    RequestTimeoutError,
    TimeoutPhase,
    UsageError,
)
from katapult_async.secret import Secret

_KEEPALIVE: Final = 75.0  # seconds: longer than a window, so that connections outlive the wait for the next one
_MOST_VALUES: Final = 1 << 17  # twice as many make a garbage collection of 50 ms; 5,000 whole addresses have them
_AT_A_TIME: Final = 65536  # bytes; in chunks of a byte, 256 KiB took 60 ms
_REFUSAL: Final = 65537  # bytes of an error's body that are read; one more than what is looked into
_SUCCESS: Final = range(200, 300)
_NOTHING: Final = contextlib.nullcontext()
_HEADERS: Final = {hdrs.ACCEPT: "application/json", hdrs.ACCEPT_ENCODING: "gzip, deflate"}
_INTERIM: Final = range(100, 200)
_MOST_INTERIM: Final = 32  # RFC 9110 section 15.2 sets no bound, and servers send one or two


CallersSession = aiohttp.ClientSession
"""An aiohttp session that a caller brings along."""


class _Handler(ResponseHandler):
    """The protocol of one connection, which gives up on a peer that keeps saying that it will answer.

    aiohttp queues and skips any number of interim answers (100 Continue and the like): a flood of them held the
    loop for 0.2 s at a time and grew to 185 MiB before a timer of 0.5 s could end it.
    """

    _interim = 0
    handed_out = False  # whether a request went over it before

    def feed_data(self, data: tuple[RawResponseMessage, StreamReader], size: int = 0) -> None:
        self._interim = self._interim + 1 if data[0].code in _INTERIM else 0
        if self._interim < _MOST_INTERIM:
            super().feed_data(data, size)
        elif self._interim == _MOST_INTERIM and self.transport is not None:
            self.set_exception(HttpProcessingError(message="too many interim answers"))
            self.transport.abort()


class _CheckingConnector(aiohttp.TCPConnector):
    """A connection pool that never hands out a connection on which something has arrived unasked.

    aiohttp does not look at an idle connection before it reuses it. Bytes that came in meanwhile (a proxy's
    parting 408, say) would be taken for the answer to the next request, and every later answer on that
    connection would belong to the request before it.
    """

    def __init__(self) -> None:
        # The limiter bounds what is in flight, so the pool need not.
        super().__init__(limit=0, keepalive_timeout=_KEEPALIVE, socket_factory=_small_socket)
        self._factory = functools.partial(_Handler, loop=self._loop)  # type: ignore[assignment] # a partial is invariant

    async def connect(
        self,
        req: aiohttp.ClientRequest,
        traces: list["aiohttp.tracing.Trace"],
        timeout: aiohttp.ClientTimeout,
    ) -> aiohttp.connector.Connection:
        while True:
            connection = await super().connect(req, traces, timeout)
            protocol = connection.protocol
            if not isinstance(protocol, _Handler):
                return connection
            if not protocol.handed_out:  # new: TLS session permits may be waiting on it
                protocol.handed_out = True
                return connection
            if not protocol.should_close and not _has_unread(connection.transport):
                return connection
            connection.close()


def _small_socket(address: aiohttp.AddrInfoType) -> socket.socket:
    """Return a socket that gives at most so much at a time: aiohttp parses all of it in one turn of the loop."""
    family, kind, protocol, _, _ = address
    made = socket.socket(family, kind, protocol)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _AT_A_TIME)
    return made


def _has_unread(transport: asyncio.Transport | None) -> bool:
    """Return whether bytes, or the end of the stream, wait to be read."""
    if transport is None:
        return True
    connected = transport.get_extra_info("socket")
    if sys.platform == "win32":
        return bool(select.select([connected], [], [], 0)[0])
    poll = select.poll()
    poll.register(connected.fileno(), select.POLLIN | select.POLLPRI)
    return bool(poll.poll(0))


class _BrokenError(Exception):
    """The connection broke under a request. Not one of aiohttp's errors, on which it would send once more."""


@attrs.define
class Sending:
    """How far one request has come."""

    begun: bool = False
    """Whether the server may have seen it, and counted it."""


async def _send_once(
    request: aiohttp.ClientRequest, send: aiohttp.ClientHandlerType, *, sending: Sending
) -> aiohttp.ClientResponse:
    """Send a request once. aiohttp repeats an idempotent one whose connection broke, without telling anybody.

    The server would count both against the rate limit, and our own attempts would be twice what they say.
    """
    sending.begun = True
    try:
        return await send(request)
    except (aiohttp.ClientConnectorError, aiohttp.ClientHttpProxyError, aiohttp.ConnectionTimeoutError):
        sending.begun = False
        raise
    except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) as error:
        broken = _BrokenError(type(error).__name__)
    raise broken


@attrs.frozen(kw_only=True)
class _Failure:
    """What an exception of aiohttp means to us; made inside the handler, raised outside it."""

    kind: type[ConnectError | DisconnectedError | RequestTimeoutError | BadResponseError]
    said: str
    phase: TimeoutPhase | None = None
    reason: BadResponseReason | None = None
    certificate: bool = False
    answer: Response | None = None
    """What arrived of an answer before it failed: its status and headers."""


_SLOTS: weakref.WeakKeyDictionary[aiohttp.BaseConnector, asyncio.Semaphore] = weakref.WeakKeyDictionary()
"""Connections that a caller's own connector allows: aiohttp's timers run while a request waits in its queue, so
that a server which was never asked would seem silent. Ours wait here."""


class HttpSession:
    """One aiohttp session, of its own or a caller's, that speaks to one origin."""

    def __init__(
        self,
        *,
        base_url: str,
        session: aiohttp.ClientSession | None,
        timeouts: Timeouts,
        user_agent: str,
        max_body: int,
    ) -> None:
        if session is not None and session.auth is not None:
            raise UsageError("the session has an auth of its own, which would take the place of the token")
        self._base_url = base_url
        self._session = session
        self._owned = session is None
        self._max_body = max_body
        self._most_values = max(_MOST_VALUES, max_body // 32)
        said = f"an answer of more than {max_body} bytes, or of more than {self._most_values} values"
        self._too_large = _Failure(kind=BadResponseError, said=said, reason=BadResponseReason.TOO_LARGE)
        self._headers = _HEADERS | {hdrs.USER_AGENT: user_agent}
        self._headers_of_json = self._headers | {hdrs.CONTENT_TYPE: "application/json"}  # else Katapult ignores a body
        self._timeout = aiohttp.ClientTimeout(
            total=timeouts.attempt,
            connect=timeouts.connect if self._owned else None,  # the name's look-up too; and a wait in others' pools
            sock_connect=timeouts.connect,
            sock_read=timeouts.read,
        )
        self._timeouts = timeouts

    def open(self) -> None:
        """Make a session, unless the caller brought one. Needs the running loop."""
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=_CheckingConnector(), cookie_jar=aiohttp.DummyCookieJar(), trust_env=False
            )

    async def close(self) -> None:
        """Close the session, unless it is the caller's."""
        if self._owned and self._session is not None:
            await self._session.close()

    async def send(self, context: RequestContext, *, token: Secret, sending: Sending) -> Response:
        """Send a request once, and return the whole answer, whatever its status.

        Args:
            context: what to send, and what an error shall say of it.
            token: goes to the base URL's origin and nowhere else.
            sending: is told when the request goes out.

        Raises:
            TransportError: no usable answer.
            BadResponseError: an answer that is no HTTP, broke off, or is larger than allowed.
            ClientClosedError: the session was closed, by its owner or under way.
        """
        async with self._slot() or _NOTHING:
            outcome = await self._exchange(context, token, sending)
        if isinstance(outcome, _Failure):
            # Raised here, outside every handler: no __context__ leads to aiohttp's errors, which hold the token.
            problem = attrs.evolve(
                context.answered(outcome.answer, outcome.said) if outcome.answer else context.problem(outcome.said),
                phase=outcome.phase,
                reason=outcome.reason,
                certificate=outcome.certificate,
            )
            raise outcome.kind(problem)
        if isinstance(outcome, KatapultError):
            raise outcome
        return outcome

    async def _exchange(
        self, context: RequestContext, token: Secret, sending: Sending
    ) -> Response | _Failure | KatapultError:  # one return for each way that an exchange ends
        session, content = self._session, context.request.content
        if session is None or session.closed:
            return ClientClosedError("the aiohttp session is closed; make a new client")
        response: aiohttp.ClientResponse | None = None
        body: bytes | None = None
        failure: _Failure | KatapultError = self._too_large
        try:
            response = await session.request(
                context.request.endpoint.method,
                URL(self._base_url + context.request.target, encoded=True),
                headers={
                    **(self._headers if content is None else self._headers_of_json),
                    hdrs.AUTHORIZATION: Secret(f"Bearer {token}"),
                },
                data=content,
                allow_redirects=False,
                raise_for_status=False,
                auto_decompress=True,
                timeout=self._timeout,
                middlewares=(functools.partial(_send_once, sending=sending),),
            )
            with _NOTHING if self._owned else _noticing_the_end_of(response):
                body = await self._read(response)
        except asyncio.CancelledError:
            if not session.closed or _is_cancelled():
                raise
            return ClientClosedError("the aiohttp session was closed while the request was under way")
        except (aiohttp.ClientError, HttpProcessingError, _BrokenError, OSError, ValueError, RuntimeError) as error:
            if session.closed:
                return ClientClosedError("the aiohttp session was closed while the request was under way")
            failure = self._meaning(error, started=response is not None)
        finally:
            if response is not None:
                response.close()  # does nothing to a connection whose answer was read to its end
        if response is None or isinstance(failure, KatapultError):
            return failure
        answer = Response(status=response.status, headers=response.headers, body=body or b"")
        return attrs.evolve(failure, answer=answer) if body is None else answer

    def _slot(self) -> asyncio.Semaphore | None:
        """Return what waits for a connection of a caller's connector that has a limit; ours has none."""
        connector = None if self._owned or self._session is None else self._session.connector
        limits = [] if connector is None else [most for most in (connector.limit, connector.limit_per_host) if most]
        if connector is None or not limits:
            return None
        return _SLOTS.setdefault(connector, asyncio.Semaphore(min(limits)))

    async def _read(self, response: aiohttp.ClientResponse) -> bytes | None:
        """Return a body, unpacked, or None as soon as it is larger than allowed.

        Of an error's body, return the start: its status says enough, and a proxy's page may have any size.
        """
        fits = response.status in _SUCCESS
        most = self._max_body if fits else min(self._max_body, _REFUSAL)
        if fits and (response.content_length or 0) > most and "Content-Encoding" not in response.headers:
            return None
        size, chunks = 0, list[bytes]()
        while not response.content.at_eof():
            chunk = await response.content.readany()
            size += len(chunk)
            chunks.append(chunk)
            if size > most:
                return None if fits else b"".join(chunks)[:most]
        body = b"".join(chunks)
        return None if body.count(b",") > self._most_values else body

    def _meaning(self, error: Exception, *, started: bool) -> _Failure | KatapultError:  # noqa: C901, PLR0911 # one return for each kind
        """Return what one of aiohttp's exceptions means."""
        host, limits = URL(self._base_url).host_port_subcomponent, self._timeouts
        match error:
            case aiohttp.ClientConnectorCertificateError() | aiohttp.ServerFingerprintMismatch():
                return _Failure(kind=ConnectError, said="the server's certificate was refused", certificate=True)
            case aiohttp.ConnectionTimeoutError():
                return _Failure(
                    kind=RequestTimeoutError, said=f"no connection within {limits.connect:g} s", phase="connect"
                )
            case aiohttp.SocketTimeoutError():
                return _Failure(kind=RequestTimeoutError, said=f"silence for {limits.read:g} s", phase="read")
            case TimeoutError():
                return _Failure(
                    kind=RequestTimeoutError, said=f"no whole answer within {limits.attempt:g} s", phase="attempt"
                )
            case aiohttp.ClientConnectorError() | aiohttp.ClientHttpProxyError():
                return _Failure(kind=ConnectError, said=f"no connection to {host} ({_cause(error)})")
            case aiohttp.ClientPayloadError() | aiohttp.ClientResponseError() if _is_encoding(error):
                return _Failure(
                    kind=BadResponseError, said="a body that cannot be unpacked", reason=BadResponseReason.UNREADABLE
                )
            case aiohttp.ClientPayloadError():
                return _Failure(
                    kind=BadResponseError, said="an answer that broke off", reason=BadResponseReason.TRUNCATED
                )
            case aiohttp.ClientResponseError() | HttpProcessingError():
                return _Failure(
                    kind=BadResponseError, said="an answer that is not HTTP", reason=BadResponseReason.UNREADABLE
                )
            case _BrokenError() | aiohttp.ClientConnectionError() | OSError():
                where = "inside the answer" if started else "before an answer"
                return _Failure(kind=DisconnectedError, said=f"the connection broke {where}")
            case RuntimeError():
                return UsageError("the aiohttp session cannot be used here; make it in the event loop of the client")
            case _:
                return UsageError(f"the aiohttp session refused to send the request ({type(error).__name__})")


@contextlib.contextmanager
def _noticing_the_end_of(response: aiohttp.ClientResponse) -> Iterator[None]:
    """End the reading of a body when its connection is closed by the owner of the session.

    aiohttp forgets the body when it closes a connection from its own side, so that the reader would wait for the
    last of the time limits.
    """
    connection = response.connection
    protocol = None if connection is None else connection.protocol
    closed = None if protocol is None else protocol.closed
    if closed is None:
        yield
        return

    def end(_: asyncio.Future[None]) -> None:
        if not response.content.is_eof() and response.content.exception() is None:
            response.content.set_exception(_BrokenError("closed by the owner of the session"))

    closed.remove_done_callback(_retrieve)
    closed.add_done_callback(_retrieve)
    closed.add_done_callback(end)
    try:
        yield
    finally:
        closed.remove_done_callback(end)


def _retrieve(closed: asyncio.Future[None]) -> None:
    """Look at a future's exception, which asyncio else reports as overlooked: the request reports it."""
    if not closed.cancelled():
        closed.exception()


def _is_cancelled() -> bool:
    """Return whether somebody cancelled this task; aiohttp also ends waiting tasks so when a session is closed."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


def _is_encoding(error: aiohttp.ClientError) -> bool:
    return "content-encoding" in str(error).lower()


def _cause(error: aiohttp.ClientError) -> str:
    """Return why no connection was made, without the address of anybody's proxy."""
    os_error = getattr(error, "os_error", None)
    return getattr(os_error, "strerror", None) or type(os_error or error).__name__
