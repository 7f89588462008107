"""The aiohttp session wrapper: one request in, one whole answer or one typed error out.

The only file of the client that knows aiohttp. It decides nothing: no retry, no rate limit, no decoding.
"""

import asyncio
import select
import sys
import weakref
from typing import Final, NoReturn

import aiohttp
import attrs
from aiohttp.http_exceptions import HttpProcessingError
from yarl import URL

from katapult_async.config import Timeouts
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
from katapult_async.sansio.problems import Answer, Asking

_KEEPALIVE: Final = 75.0  # seconds: longer than a window, so that connections outlive the wait for the next one


CallersSession = aiohttp.ClientSession
"""An aiohttp session that a caller brings along."""


class Secret(str):
    """A string that shows itself to nobody who merely looks: not in a repr, a log of locals, a pickle."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "'***'"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret is not pickled")


class _CheckingConnector(aiohttp.TCPConnector):
    """A connection pool that never hands out a connection on which something has arrived unasked.

    aiohttp does not look at an idle connection before it reuses it. Bytes that came in meanwhile (a proxy's
    parting 408, say) would be taken for the answer to the next request, and every later answer on that
    connection would belong to the request before it.
    """

    def __init__(self) -> None:
        super().__init__(limit=0, keepalive_timeout=_KEEPALIVE)  # the gate bounds what is in flight
        self._handed_out: weakref.WeakSet[asyncio.BaseProtocol] = weakref.WeakSet()

    async def connect(
        self,
        req: aiohttp.ClientRequest,
        traces: list["aiohttp.tracing.Trace"],
        timeout: aiohttp.ClientTimeout,  # noqa: ASYNC109 # aiohttp's own signature
    ) -> aiohttp.connector.Connection:
        while True:
            connection = await super().connect(req, traces, timeout)
            protocol = connection.protocol
            if protocol is None:
                return connection
            if protocol not in self._handed_out:  # new: TLS session tickets may be waiting on it
                self._handed_out.add(protocol)
                return connection
            if not protocol.should_close and not _has_unread(connection.transport):
                return connection
            connection.close()


def _has_unread(transport: asyncio.Transport | None) -> bool:
    """Return whether bytes, or the end of the stream, wait to be read."""
    if transport is None:
        return True
    socket = transport.get_extra_info("socket")
    if sys.platform == "win32":
        return bool(select.select([socket], [], [], 0)[0])
    poll = select.poll()
    poll.register(socket.fileno(), select.POLLIN | select.POLLPRI)
    return bool(poll.poll(0))


class _BrokenError(Exception):
    """The connection broke under a request. Not one of aiohttp's errors, on which it would send once more."""


async def _send_once(request: aiohttp.ClientRequest, send: aiohttp.ClientHandlerType) -> aiohttp.ClientResponse:
    """Send a request once. aiohttp repeats an idempotent one whose connection broke, without telling anybody.

    The server would count both against the rate limit, and our own attempts would be twice what they say.
    """
    try:
        return await send(request)
    except aiohttp.ClientConnectorError:
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
        self._user_agent = user_agent
        self._timeout = aiohttp.ClientTimeout(
            total=timeouts.attempt, sock_connect=timeouts.connect, sock_read=timeouts.read
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

    async def send(self, asking: Asking, *, token: Secret) -> Answer:
        """Send a request once, and return the whole answer, whatever its status.

        Args:
            asking: what to send, and what an error shall say of it.
            token: goes to the base URL's origin and nowhere else.

        Raises:
            TransportError: no usable answer.
            BadResponseError: an answer that is no HTTP, broke off, or is larger than allowed.
            ClientClosedError: the session was closed, by its owner or under way.
        """
        outcome = await self._exchange(asking, token)
        if isinstance(outcome, _Failure):
            # Raised here, outside every handler: no __context__ leads to aiohttp's errors, which hold the token.
            problem = attrs.evolve(
                asking.problem(outcome.said),
                phase=outcome.phase,
                reason=outcome.reason,
                certificate=outcome.certificate,
            )
            raise outcome.kind(problem)
        if isinstance(outcome, KatapultError):
            raise outcome
        return outcome

    async def _exchange(
        self, asking: Asking, token: Secret
    ) -> Answer | _Failure | KatapultError:  # one return for each way that an exchange ends
        session = self._session
        if session is None or session.closed:
            return ClientClosedError("the aiohttp session is closed; make a new client")
        response: aiohttp.ClientResponse | None = None
        try:
            response = await session.request(
                asking.request.endpoint.method,
                URL(self._base_url + asking.request.target, encoded=True),
                headers={
                    "Authorization": Secret(f"Bearer {token}"),
                    "Accept": "application/json",
                    "Accept-Encoding": "gzip, deflate",
                    "User-Agent": self._user_agent,
                },
                allow_redirects=False,
                raise_for_status=False,
                auto_decompress=True,
                timeout=self._timeout,
                middlewares=(_send_once,),
            )
            body = await self._read(response)
        except asyncio.CancelledError:
            if response is not None:
                response.close()
            if not session.closed or _is_cancelled():
                raise
            return ClientClosedError("the aiohttp session was closed while the request was under way")
        except (aiohttp.ClientError, HttpProcessingError, _BrokenError, OSError, ValueError) as error:
            if response is not None:
                response.close()
            if session.closed:
                return ClientClosedError("the aiohttp session was closed while the request was under way")
            return self._meaning(error, started=response is not None)
        if body is None:
            response.close()
            return _Failure(
                kind=BadResponseError,
                said=f"an answer of more than {self._max_body} bytes",
                reason=BadResponseReason.TOO_LARGE,
            )
        return Answer(status=response.status, headers=response.headers, body=body)

    async def _read(self, response: aiohttp.ClientResponse) -> bytes | None:
        """Return a body, unpacked, or None as soon as it is larger than allowed."""
        headers = response.headers
        if "Content-Encoding" not in headers and (response.content_length or 0) > self._max_body:
            return None
        chunk = await response.content.readany()
        size, chunks = len(chunk), [chunk]
        while not response.content.at_eof():
            chunk = await response.content.readany()
            size += len(chunk)
            if size > self._max_body:
                return None
            chunks.append(chunk)
        return None if size > self._max_body else b"".join(chunks)

    def _meaning(self, error: Exception, *, started: bool) -> _Failure | KatapultError:  # noqa: PLR0911 # one return for each kind
        """Return what one of aiohttp's exceptions means."""
        limits = self._timeouts
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
                return _Failure(kind=ConnectError, said=f"no connection ({_cause(error)})")
            case aiohttp.ClientPayloadError() if _is_encoding(error):
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
            case _:
                return UsageError(f"the aiohttp session refused to send the request ({type(error).__name__})")


def _is_cancelled() -> bool:
    """Return whether somebody cancelled this task; aiohttp also ends waiting tasks so when a session is closed."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


def _is_encoding(error: aiohttp.ClientPayloadError) -> bool:
    return "content-encoding" in str(error).lower()


def _cause(error: aiohttp.ClientError) -> str:
    """Return why no connection was made, without addresses of anybody's proxy."""
    os_error = getattr(error, "os_error", None)
    return getattr(os_error, "strerror", None) or type(os_error or error).__name__
