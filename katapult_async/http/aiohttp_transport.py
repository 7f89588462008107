"""The default transport: one aiohttp session that sends each request once and reads bounded responses.

It retries nothing, waits for no rate limit and decodes nothing. Every exception of aiohttp becomes a
`TransportFailure`, or a `UsageError` if the session that the user passed in cannot be used.
"""

import asyncio
import contextlib
import errno
import functools
import os
import re
import socket
import ssl as tls
from collections.abc import Callable, Iterator
from typing import Final

import aiohttp
from aiohttp.http_exceptions import HttpProcessingError, TransferEncodingError
from multidict import CIMultiDict
from yarl import URL

from katapult_async.config import positive_seconds, whole_number
from katapult_async.errors import FailureKind, UsageError
from katapult_async.http.connection_pool import CURRENT_REQUEST, CheckingConnector, ResendError
from katapult_async.http.transport import (
    MAX_ERROR_BODY,
    SUCCESS,
    TransportFailure,
    TransportRequest,
    TransportResponse,
)

MAX_BODY: Final = 4 * 1024 * 1024
"""Bytes: the default limit on a decompressed body. The largest recorded response has 8.5 kB."""

_COMPRESSION: Final = "content-encoding"  # in the texts of aiohttp's errors
_LOCAL: Final = (
    *(errno.EADDRNOTAVAIL, errno.EAGAIN, errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM),
    *(errno.EACCES, errno.EPERM),
)
"""Errors of this machine: it lacks a resource for the connection, or does not permit it."""

ClientSession = aiohttp.ClientSession
"""The class of an aiohttp session that the user passes in."""


class AiohttpTransport:
    """Sends requests through aiohttp, for one client at a time.

    Args:
        session: an aiohttp session of your own, which you close yourself. It keeps its connector, so idle
            connections are not checked for unread bytes, and a retry may use one of them. Its middlewares are not run.
        proxy: URL of an HTTP proxy, such as ``http://proxy.example:3128``.
        ssl: how to verify the server, such as ``ssl.create_default_context(cafile="private-ca.pem")``; None for the
            system's certificates.
        connect_timeout: seconds for making a connection: name lookup, TCP and TLS.
        read_timeout: seconds in which the server sends nothing, before a response or inside it.
        max_body: bytes that a decompressed body may have, up to 1 GiB.

    Raises:
        UsageError: an argument is malformed, or the session has credentials of its own.
    """

    def __init__(
        self,
        session: ClientSession | None = None,
        *,
        proxy: str | None = None,
        ssl: tls.SSLContext | None = None,
        connect_timeout: float = 10.0,
        read_timeout: float = 30.0,
        max_body: int = MAX_BODY,
    ) -> None:
        proxy_url = _proxy_url(proxy)
        del proxy  # it may hold a password: an error shows the local variables of this frame to error trackers
        if proxy_url is None:
            raise UsageError("proxy must be a URL such as http://proxy.example:3128, without a colon in its user name")
        self._proxy = proxy_url
        if session is not None and not isinstance(session, ClientSession):
            raise UsageError(f"session must be an aiohttp.ClientSession, not {type(session).__name__}")
        if session is not None and session.auth is not None:
            raise UsageError("the session has an auth of its own, which would take the place of the token")
        if ssl is not None and not isinstance(ssl, tls.SSLContext):
            raise UsageError(f"ssl must be an ssl.SSLContext or None, not {type(ssl).__name__}")
        self._session = session
        self._owns_session = session is None
        self._ssl: tls.SSLContext | bool = True if ssl is None else ssl
        self._max_body = whole_number("max_body", max_body, least=1, most=1 << 30)
        self._timeout = aiohttp.ClientTimeout(
            total=None,  # the deadline of an attempt is the client's
            # In a session of the user, `connect` would also bound the wait for a free connection.
            connect=connect_timeout if self._owns_session else None,
            sock_connect=positive_seconds("connect_timeout", connect_timeout),
            sock_read=positive_seconds("read_timeout", read_timeout),
        )

    @property
    def connection_limit(self) -> int | None:
        """Connections that a session of the user allows at once; None where there is no limit."""
        connector = None if self._session is None else self._session.connector
        limits = [] if connector is None else [limit for limit in (connector.limit, connector.limit_per_host) if limit]
        return min(limits, default=None)

    async def open(self) -> None:
        """Make the session, unless the user passed one in."""
        if self._session is None or (self._owns_session and self._session.closed):
            self._session = ClientSession(connector=CheckingConnector(), cookie_jar=aiohttp.DummyCookieJar())
        elif not self._owns_session and _SENT_TRACE not in self._session.trace_configs:
            self._session.trace_configs.append(_SENT_TRACE)

    async def aclose(self) -> None:
        """Close the session, unless the user passed it in."""
        if self._owns_session and self._session is not None:
            await self._session.close()

    async def send(self, request: TransportRequest) -> TransportResponse:
        """Send a request once, and return the whole response, whatever its status.

        An unsuccessful response has only the start of a large or broken body: ``{`` if that cannot be read either.

        Raises:
            TransportFailure: there is no whole response.
            UsageError: the session that the user passed in cannot be used.
        """
        request.progress.sent = False
        session = self._session
        if session is None or session.closed:
            raise TransportFailure("closed", sent=False, detail="the aiohttp session is closed; make a new client")
        response: aiohttp.ClientResponse | None = None
        CURRENT_REQUEST.set(request)
        cancellations = _cancellations()
        began_at = asyncio.get_running_loop().time()
        try:
            response = await session.request(
                request.method,
                _encoded_url(request.url),
                headers=CIMultiDict(request.headers),  # a copy: tracers such as ddtrace add headers to it
                data=request.body,
                allow_redirects=False,
                raise_for_status=False,
                auto_decompress=True,
                timeout=self._timeout,
                proxy=self._proxy(),
                ssl=self._ssl,
                middlewares=() if self._owns_session else (_send_once,),
            )
            if self._owns_session:
                body = await self._read(response)
            else:
                with _stop_reading_when_closed(response):
                    body = await self._read(response)
            return TransportResponse(status=response.status, headers=response.headers, body=body)
        except (asyncio.CancelledError, Exception) as error:  # noqa: BLE001 # connectors and resolvers are foreign code
            is_session_closed = session.closed and _cancellations() == cancellations
            if isinstance(error, asyncio.CancelledError) and not is_session_closed:
                raise error.with_traceback(None)  # noqa: B904 # the frames of aiohttp hold URL and body, with secrets
            failure = self._failure(error, request, response)
        finally:
            CURRENT_REQUEST.set(None)
            if response is None and request.progress.sent and isinstance(session.connector, CheckingConnector):
                session.connector.got_no_response(began_at)
            elif response is not None and response.connection is not None:
                response.close()  # it was not read to its end
        if response is not None and isinstance(failure, TransportFailure):
            failure.partial = TransportResponse(status=response.status, headers=response.headers, body=b"")
        try:
            raise failure  # outside every handler: no __context__ leads to aiohttp's errors, which hold the token
        finally:
            del failure, response  # the traceback refers to this frame: no cycle, and no response with the token

    async def _read(self, response: aiohttp.ClientResponse) -> bytes:
        """Return a body, decompressed. Of an error's body, return the start: a proxy's page may have any size.

        Of an error's body that is cut or cannot be decompressed, return the start too: its status says whether a retry
        is safe. If nothing was read, return the start of an object, because an empty body would be complete.

        Raises:
            TransportFailure: the body of a successful response is larger than allowed.
        """
        is_success = response.status in SUCCESS
        limit = self._max_body if is_success else MAX_ERROR_BODY
        announced = 0 if "Content-Encoding" in response.headers else (response.content_length or 0)
        size = announced if is_success and announced > limit else 0  # a body that is announced too large is not read
        chunks: list[bytes] = []
        while size <= limit and not response.content.at_eof():
            try:
                chunk = await response.content.readany()
            except aiohttp.ClientPayloadError:
                if is_success:
                    raise
                return b"".join(chunks) or b"{"
            size += len(chunk)
            chunks.append(chunk)
        if is_success and size > limit:
            raise TransportFailure("too_large", sent=True, detail=f"a response of more than {limit} bytes")
        return b"".join(chunks)[:limit]

    def _failure(  # noqa: C901, PLR0911, PLR0912 # one case for each kind of failure
        self, error: BaseException, request: TransportRequest, response: aiohttp.ClientResponse | None
    ) -> TransportFailure | UsageError:
        """Return what an exception of aiohttp, or of code that it calls, means."""
        url, sent = URL(request.url, encoded=True), request.progress.sent is not False
        host = url.host_port_subcomponent
        match error:
            case _ if self._session is not None and self._session.closed:
                return TransportFailure("closed", sent=sent, detail="the aiohttp session was closed during the request")
            case TransportFailure():  # of a body that is too large
                return error
            case aiohttp.ClientConnectorCertificateError() | aiohttp.ServerFingerprintMismatch():
                cause = getattr(error, "certificate_error", None)
                reason = getattr(cause, "verify_message", "").rstrip(".")  # of OpenSSL
                detail = f"the certificate of {host} was rejected" + (f" ({reason})" if reason else "")
                return TransportFailure("certificate", sent=False, detail=detail)
            case aiohttp.ConnectionTimeoutError():
                detail = f"no connection within {self._timeout.sock_connect:g} s"
                return TransportFailure("timeout", sent=False, phase="connect", detail=detail)
            case aiohttp.SocketTimeoutError():
                detail = f"the server was silent for {self._timeout.sock_read:g} s"
                return TransportFailure("timeout", sent=sent, phase="read", detail=detail)
            case aiohttp.ClientHttpProxyError():
                refusal = TransportResponse(status=error.status, headers=error.headers or {}, body=b"")
                detail = f"the proxy refused to connect to {host} (status {error.status})"
                return TransportFailure("proxy", sent=False, partial=refusal, detail=detail)
            case aiohttp.ClientConnectorError() if (error.host, error.port) != (url.raw_host, url.port):
                return _no_connection(f"the proxy {error.host}:{error.port}", error, kind="proxy")
            case aiohttp.ClientPayloadError() | aiohttp.ClientResponseError() if _COMPRESSION in str(error).lower():
                return TransportFailure("invalid", sent=sent, detail="a body that cannot be decompressed")
            case aiohttp.ClientPayloadError():
                return TransportFailure("truncated", sent=sent, detail="a response that ended too early")
            case aiohttp.ClientResponseError() | HttpProcessingError() if sent:
                reason = re.split(r":| b?['\"]", error.message)[0]  # what follows quotes the response
                if isinstance(error.__cause__ or error, TransferEncodingError):
                    reason = "Bad chunk"  # the text of this error may be a part of the response
                return TransportFailure("invalid", sent=sent, detail=f"a response that is not HTTP ({reason})")
            case aiohttp.InvalidURL() | TypeError() | ValueError() if not sent:
                return UsageError(f"the aiohttp session refused to send the request ({type(error).__name__})")
            # `_loop`, because the public `ClientSession.loop` warns
            case RuntimeError() if not sent and getattr(self._session, "_loop", None) is not asyncio.get_running_loop():
                return UsageError("the aiohttp session cannot be used here; make it in the event loop of the client")
            case _ if not sent or isinstance(error, aiohttp.ClientConnectorError):
                return _no_connection(host, error, kind="connect")
            case _:
                place = "before a response" if response is None else "inside the response"
                is_network = isinstance(error, aiohttp.ClientError | OSError | ResendError)
                what = "the connection broke" if is_network else f"the aiohttp session raised {type(error).__name__}"
                return TransportFailure("disconnect", sent=sent, detail=f"{what} {place}")


_parsed: Final = functools.lru_cache(maxsize=512)(functools.partial(URL, encoded=True))  # 512: more than endpoints


def _encoded_url(text: str) -> URL:
    """Return an encoded URL. Only the query is new for most requests, so the part before it is parsed once."""
    endpoint, _, query = text.partition("?")
    url = _parsed(endpoint)
    return URL.build(
        scheme=url.scheme, authority=url.raw_authority, path=url.raw_path, query_string=query, encoded=True
    )


def _proxy_url(proxy: str | None) -> Callable[[], URL | None] | None:
    """Return a function that returns the proxy's URL, whose repr would show a password; None if it is not a URL."""
    with contextlib.suppress(ValueError, TypeError):
        url = None if proxy is None else URL(proxy)
        if url is not None:
            # aiohttp encodes user and password in Latin-1. RFC 7617 section 2.1 names only UTF-8, which curl sends too.
            user, password = (text and text.encode().decode("latin-1") for text in (url.user, url.password))
            url = url.with_user(user).with_password(password)
        # RFC 7617 section 2: a proxy would take what follows the colon for a part of the password.
        if url is None or (url.scheme in {"http", "https"} and url.host and ":" not in (url.user or "")):
            return lambda: url
    return None


async def _send_once(request: aiohttp.ClientRequest, send: aiohttp.ClientHandlerType) -> aiohttp.ClientResponse:
    """Send a request of a user's session once: raise `ResendError` where aiohttp would send it again."""
    try:
        return await send(request)
    except aiohttp.ClientConnectorError:
        raise
    except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError):
        pass
    raise ResendError


async def _note_sent(*_: object) -> None:
    if (request := CURRENT_REQUEST.get(None)) is not None:  # None for a request that the user sends with the session
        request.progress.sent = True


_SENT_TRACE: Final = aiohttp.TraceConfig()
"""Sets ``progress.sent`` for requests of a user's session, whose connector does not set it."""

_SENT_TRACE.on_request_headers_sent.append(_note_sent)
_SENT_TRACE.freeze()


@contextlib.contextmanager
def _stop_reading_when_closed(response: aiohttp.ClientResponse) -> Iterator[None]:
    """End the reading of a body when its connection is closed by the owner of the session.

    When a session closes a connection, aiohttp does not end the body that is read from it. The reader would wait until
    a time limit ends it.
    """
    protocol = response.connection and response.connection.protocol
    if protocol is None or (closed := protocol.closed) is None:
        yield
        return

    def end(_: asyncio.Future[None]) -> None:
        if not response.content.is_eof() and response.content.exception() is None:
            response.content.set_exception(aiohttp.ServerDisconnectedError("closed by the owner of the session"))

    closed.remove_done_callback(_retrieve_exception)
    closed.add_done_callback(_retrieve_exception)
    closed.add_done_callback(end)
    try:
        yield
    finally:
        closed.remove_done_callback(end)


def _retrieve_exception(closed: asyncio.Future[None]) -> None:
    """Read the exception of a future, so that asyncio does not log it as never retrieved: the request raises it."""
    if not closed.cancelled():
        closed.exception()


def _cancellations() -> int:
    """Return how often this task was cancelled. aiohttp cancels its waits, not the task, when a session is closed."""
    task = asyncio.current_task()
    return 0 if task is None else task.cancelling()


def _no_connection(peer: str | None, error: BaseException, *, kind: FailureKind) -> TransportFailure:
    """Return the failure to connect, with its cause, but without the password of a proxy."""
    os_error = getattr(error, "os_error", None) or error
    # the numbers of these two kinds of errors are not those of `errno`
    number = 0 if isinstance(os_error, tls.SSLError | socket.gaierror) else getattr(os_error, "errno", 0)
    reason = getattr(os_error, "strerror", None) or type(os_error).__name__
    if "Connect call failed" in reason:  # asyncio's own text, with the address
        reason = os.strerror(number)
    kind = "local" if number in _LOCAL else kind
    return TransportFailure(kind, sent=False, detail=f"no connection to {peer} ({reason})")
