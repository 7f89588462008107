"""What the aiohttp transport sends, and the response or failure that it returns. Most tests use no socket."""

import asyncio
import copy
import errno
import math
import os
import pickle
import socket
import ssl
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any, Final

import aiohttp
import aiohttp.http_exceptions
import attrs
import pytest
from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL

from katapult_async.errors import FailureKind, UsageError
from katapult_async.http.aiohttp_transport import AiohttpTransport
from katapult_async.http.connection_pool import CURRENT_REQUEST, ResendError
from katapult_async.http.transport import TransportFailure, TransportRequest, TransportResponse
from tests.bodies import available_ips_body, encoded, error_body
from tests.exchanges import BASE_URL, TOKEN, Exchanges, SentRequest
from tests.freed_frames import frees_its_awaiter

TARGET: Final = "/networks/network/ips?network%5Bid%5D=netw_1"
MAX_BODY: Final = 1 << 20


def make_request(target: str = TARGET, **settings: Any) -> TransportRequest:
    headers = {"Authorization": f"Bearer {TOKEN}", "Accept": "application/json", "User-Agent": "tests/1"}
    return TransportRequest(**{"method": "GET", "url": BASE_URL + target, "headers": headers, **settings})


def make_transport(session: aiohttp.ClientSession | None = None, **settings: Any) -> AiohttpTransport:
    return AiohttpTransport(session, connect_timeout=1.5, read_timeout=2.5, max_body=MAX_BODY, **settings)


@pytest.fixture
async def transport(exchanges: Exchanges) -> AsyncIterator[AiohttpTransport]:
    del exchanges  # is requested first, so that it is active before the transport is opened
    opened = make_transport()
    await opened.open()
    yield opened
    await opened.aclose()


async def failure(transport: AiohttpTransport, request: TransportRequest | None = None) -> TransportFailure:
    with pytest.raises(TransportFailure) as caught:
        await transport.send(request or make_request())
    return caught.value


async def test_url_and_headers_are_sent_as_they_are(transport: AiohttpTransport, exchanges: Exchanges) -> None:
    request = make_request()
    exchanges.respond(TARGET, available_ips_body(0))
    await transport.send(request)
    [sent] = exchanges.sent
    assert (sent.method, sent.url, sent.headers) == ("GET", request.url, request.headers)


async def test_each_request_has_its_own_headers_even_if_a_mapping_was_changed_in_place(
    transport: AiohttpTransport, exchanges: Exchanges
) -> None:
    headers = {"Authorization": "Bearer first"}
    for token in ("first", "first", "second"):
        headers["Authorization"] = f"Bearer {token}"
        exchanges.respond(TARGET, available_ips_body(0))
        await transport.send(make_request(headers=headers))
    assert [sent.headers["Authorization"] for sent in exchanges.sent] == [
        "Bearer first",
        "Bearer first",
        "Bearer second",
    ]


async def test_header_that_a_tracer_adds_to_a_request_is_not_sent_with_the_next(
    transport: AiohttpTransport, exchanges: Exchanges, monkeypatch: pytest.MonkeyPatch
) -> None:
    send: Any = aiohttp.ClientSession._request

    async def traced(session: aiohttp.ClientSession, *arguments: Any, headers: Any, **settings: Any) -> Any:
        if not exchanges.sent:
            headers["Baggage"] = "user=1"  # as ddtrace adds headers: in place
        return await send(session, *arguments, headers=headers, **settings)

    request = make_request()
    with monkeypatch.context() as patched:  # ends before the prepared exchanges do
        patched.setattr(aiohttp.ClientSession, "_request", traced)
        for _ in range(2):
            exchanges.respond(TARGET, available_ips_body(0))
            await transport.send(request)
    assert ["Baggage" in sent.headers for sent in exchanges.sent] == [True, False]
    assert "Baggage" not in request.headers


async def test_body_is_sent_as_it_is(transport: AiohttpTransport, exchanges: Exchanges) -> None:
    exchanges.respond(TARGET, available_ips_body(0), method="POST")
    await transport.send(make_request(method="POST", body=b"{}"))
    [sent] = exchanges.sent
    assert (sent.method, sent.settings["data"]) == ("POST", b"{}")


async def test_request_is_sent_with_its_timeouts_and_without_redirects_or_status_checks(
    transport: AiohttpTransport, exchanges: Exchanges
) -> None:
    exchanges.respond(TARGET, available_ips_body(0))
    await transport.send(make_request())
    [sent] = exchanges.sent
    assert sent.settings["allow_redirects"] is False
    assert sent.settings["raise_for_status"] is False
    assert sent.settings["timeout"] == aiohttp.ClientTimeout(total=None, connect=1.5, sock_connect=1.5, sock_read=2.5)
    assert (sent.settings["proxy"], sent.settings["ssl"]) == (None, True)


async def test_proxy_and_ssl_context_are_passed_to_aiohttp(exchanges: Exchanges) -> None:
    context = ssl.create_default_context()
    transport = make_transport(proxy="http://proxy.example:3128", ssl=context)
    await transport.open()
    exchanges.respond(TARGET, available_ips_body(0))
    await transport.send(make_request())
    await transport.aclose()
    [sent] = exchanges.sent
    assert (sent.settings["proxy"], sent.settings["ssl"]) == (URL("http://proxy.example:3128"), context)


@pytest.mark.parametrize("proxy", ["proxy.example:3128", "socks5://proxy.example", "http://", "", 5])
def test_malformed_proxy_raises_usage_error(proxy: Any) -> None:
    with pytest.raises(UsageError, match=r"proxy must be a URL such as http://proxy\.example:3128"):
        AiohttpTransport(proxy=proxy)


def test_colon_in_the_user_name_of_a_proxy_raises_usage_error() -> None:
    with pytest.raises(UsageError, match=r"proxy must be a URL .*, without a colon in its user name$"):
        AiohttpTransport(proxy="http://u%3Ax:p@proxy.example:3128")


def test_password_of_a_proxy_is_in_no_error() -> None:
    with pytest.raises(UsageError) as caught:
        AiohttpTransport(proxy="socks5://me:hunter2@proxy.example")
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    ("settings", "text"),
    [
        ({"session": "a session"}, "session must be an aiohttp.ClientSession"),
        ({"ssl": False}, "ssl must be an ssl"),
        ({"connect_timeout": 0}, "connect_timeout must be a number of seconds above 0, not 0"),
        ({"connect_timeout": "5"}, "connect_timeout must be a number of seconds above 0, not '5'"),
        ({"read_timeout": math.inf}, "read_timeout must be a number of seconds above 0, not inf"),
        ({"max_body": 0}, "max_body must be a whole number from 1 to 1073741824, not 0"),
        ({"max_body": 1.5}, "max_body must be a whole number from 1"),
    ],
)
def test_setting_of_a_wrong_type_or_value_raises_usage_error(settings: Any, text: str) -> None:
    with pytest.raises(UsageError, match=text):
        AiohttpTransport(**settings)


@pytest.mark.parametrize("status", [200, 201, 302, 400, 404, 429, 500, 503])
async def test_whole_response_is_returned_whatever_its_status(
    transport: AiohttpTransport, exchanges: Exchanges, status: int
) -> None:
    body = encoded(error_body("x"))
    exchanges.respond(TARGET, body=body, status=status, headers={"X-Request-Id": "4f1c"})
    response = await transport.send(make_request())
    assert (response.status, response.body, response.headers["x-request-id"]) == (status, body, "4f1c")


@pytest.mark.parametrize("size", [0, 1, 65_536, 65_537, 300_000, MAX_BODY])
async def test_body_up_to_the_limit_is_returned_whole(
    transport: AiohttpTransport, exchanges: Exchanges, size: int
) -> None:
    exchanges.respond(TARGET, body=b"x" * size)
    assert len((await transport.send(make_request())).body) == size


async def test_body_over_the_limit_is_too_large(transport: AiohttpTransport, exchanges: Exchanges) -> None:
    exchanges.respond(TARGET, body=b"x" * (MAX_BODY + 1), headers={"X-Request-Id": "4f1c"})
    error = await failure(transport)
    assert error.partial is not None
    assert (error.kind, error.partial.status, error.partial.headers["x-request-id"]) == ("too_large", 200, "4f1c")


async def test_body_whose_announced_length_is_over_the_limit_is_not_read() -> None:
    disconnected = asyncio.Event()

    async def announce(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (MAX_BODY + 1))
        await reader.read()  # until the client closes the connection
        writer.close()
        await writer.wait_closed()
        disconnected.set()

    transport = make_transport()
    await transport.open()
    async with await asyncio.start_server(announce, "127.0.0.1", 0) as server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
        error = await failure(transport, make_request(url=url))
        await transport.aclose()
        await disconnected.wait()
    assert (error.kind, error.sent) == ("too_large", True)


async def test_only_the_start_of_a_large_error_body_is_returned(
    transport: AiohttpTransport, exchanges: Exchanges
) -> None:
    exchanges.respond(TARGET, body=b"x" * (MAX_BODY + 1), status=502)
    response = await transport.send(make_request())
    assert response.status == 502
    assert 1000 < len(response.body) <= MAX_BODY


async def test_body_of_an_error_may_be_larger_than_that_of_a_result(exchanges: Exchanges) -> None:
    body = encoded(error_body("validation_error"))
    exchanges.respond(TARGET, body=body, status=422)
    transport = AiohttpTransport(connect_timeout=1.5, read_timeout=2.5, max_body=10)
    await transport.open()
    try:
        assert (await transport.send(make_request())).body == body
    finally:
        await transport.aclose()


KEY: Any = aiohttp.client_reqrep.ConnectionKey("api.katapult.io", 443, True, True, None, None, None, None)  # type: ignore[call-arg,arg-type,unused-ignore] # its content does not matter here
PROXY_KEY: Any = aiohttp.client_reqrep.ConnectionKey("proxy.example", 3128, True, True, None, None, None, None)  # type: ignore[call-arg,arg-type,unused-ignore] # its content does not matter here
INFO = aiohttp.RequestInfo(URL(BASE_URL), "GET", CIMultiDictProxy(CIMultiDict({"Authorization": TOKEN})), URL(BASE_URL))
REFUSED = OSError(111, "Connection refused")
Ending = tuple[Exception, bool, FailureKind, str | None, str]
"""What aiohttp raises, whether the request was sent by then, and kind, phase and detail of the failure."""


def _caused_by(error: aiohttp.http_exceptions.HttpProcessingError) -> aiohttp.ClientResponseError:
    """Return the error that aiohttp raises because of an error of its parser."""
    raised = aiohttp.ClientResponseError(INFO, (), status=error.code, message=error.message)
    raised.__cause__ = error
    return raised


def _local_endings() -> Iterator[Ending]:
    """Yield the errors of this machine: no socket can be opened, or it cannot connect; without and with a proxy."""
    of_opening = (errno.EMFILE, errno.ENFILE, errno.EAGAIN, errno.ENOBUFS, errno.ENOMEM, errno.EACCES, errno.EPERM)
    of_connecting = (errno.EACCES, errno.EPERM, errno.EADDRNOTAVAIL)
    errors = [OSError(number, os.strerror(number)) for number in of_opening]
    errors += [OSError(number, "Connect call failed ('203.0.113.1', 443)") for number in of_connecting]
    for error in errors:
        reason = os.strerror(error.errno or 0)
        yield aiohttp.ClientConnectorError(KEY, error), False, "local", None, f"no connection to HOST ({reason})"
        detail = f"no connection to the proxy proxy.example:3128 ({reason})"
        yield aiohttp.ClientProxyConnectionError(PROXY_KEY, error), False, "local", None, detail


ENDINGS: Final[list[Ending]] = [
    (aiohttp.ClientConnectorError(KEY, REFUSED), False, "connect", None, "no connection to HOST (Connection refused)"),
    (
        aiohttp.ClientConnectorError(KEY, OSError(errno.EHOSTUNREACH, "Connect call failed ('203.0.113.1', 443)")),
        False,
        "connect",
        None,
        "no connection to HOST (No route to host)",
    ),
    (
        aiohttp.ClientConnectorDNSError(KEY, OSError(-2, "Name or service not known")),
        False,
        "connect",
        None,
        "no connection to HOST (Name or service not known)",
    ),
    (
        aiohttp.ClientProxyConnectionError(PROXY_KEY, REFUSED),
        False,
        "proxy",
        None,
        "no connection to the proxy proxy.example:3128 (Connection refused)",
    ),
    *_local_endings(),
    (
        aiohttp.ClientConnectorDNSError(KEY, socket.gaierror(errno.EPERM, "Address family not supported for hostname")),
        False,
        "connect",
        None,
        "no connection to HOST (Address family not supported for hostname)",
    ),
    (
        aiohttp.ClientConnectorError(KEY, OSError(errno.ETIMEDOUT, "Connect call failed ('203.0.113.1', 443)")),
        False,
        "connect",
        None,
        "no connection to HOST (Connection timed out)",
    ),
    (
        aiohttp.ClientConnectorSSLError(KEY, ssl.SSLError(1, "handshake")),
        False,
        "connect",
        None,
        "no connection to HOST (handshake)",
    ),
    (
        aiohttp.ClientConnectorCertificateError(KEY, ssl.CertificateError("self-signed")),
        False,
        "certificate",
        None,
        "the certificate of HOST was rejected",
    ),
    (
        aiohttp.ServerFingerprintMismatch(b"a", b"b", "h", 443),
        False,
        "certificate",
        None,
        "the certificate of HOST was rejected",
    ),
    (
        aiohttp.ClientHttpProxyError(INFO, (), status=407, message="Proxy Authentication Required"),
        False,
        "proxy",
        None,
        "the proxy refused to connect to HOST (status 407)",
    ),
    (aiohttp.ServerDisconnectedError(), False, "connect", None, "no connection to HOST (ServerDisconnectedError)"),
    (ZeroDivisionError(), False, "connect", None, "no connection to HOST (ZeroDivisionError)"),
    (RuntimeError("of a trace hook"), False, "connect", None, "no connection to HOST (RuntimeError)"),
    (RuntimeError("of a hook"), True, "disconnect", None, "the aiohttp session raised RuntimeError before a response"),
    (aiohttp.ConnectionTimeoutError(), False, "timeout", "connect", "no connection within 1.5 s"),
    (aiohttp.SocketTimeoutError(), True, "timeout", "read", "the server was silent for 2.5 s"),
    (aiohttp.ServerDisconnectedError(), True, "disconnect", None, "the connection broke before a response"),
    (
        aiohttp.ClientOSError(104, "Connection reset"),
        True,
        "disconnect",
        None,
        "the connection broke before a response",
    ),
    (ConnectionResetError(), True, "disconnect", None, "the connection broke before a response"),
    (ResendError(), True, "disconnect", None, "the connection broke before a response"),
    (aiohttp.ClientPayloadError("not completed"), True, "truncated", None, "a response that ended too early"),
    (
        aiohttp.ClientPayloadError("400, message: Can not decode content-encoding: gzip"),
        True,
        "invalid",
        None,
        "a body that cannot be decompressed",
    ),
    (
        aiohttp.ClientResponseError(INFO, (), status=400, message="Bad status line:\n\n  b'{\"a\": 1}'"),
        True,
        "invalid",
        None,
        "a response that is not HTTP (Bad status line)",
    ),
    (
        aiohttp.http_exceptions.BadHttpMessage("bad chunk"),
        True,
        "invalid",
        None,
        "a response that is not HTTP (bad chunk)",
    ),
    (
        aiohttp.http_exceptions.TransferEncodingError("secret-of-the-response\r"),  # of the parser in Python
        True,
        "invalid",
        None,
        "a response that is not HTTP (Bad chunk)",
    ),
    (
        _caused_by(aiohttp.http_exceptions.TransferEncodingError("secret-of-the-response\r")),
        True,
        "invalid",
        None,
        "a response that is not HTTP (Bad chunk)",
    ),
    (
        aiohttp.http_exceptions.BadStatusLine("what's {}"),  # of the parser in Python
        True,
        "invalid",
        None,
        "a response that is not HTTP (Bad status line)",
    ),
]


def raises(error: BaseException, *, sent: bool) -> Any:
    """Return a callback that raises an error in place of aiohttp, before or after the request was sent."""

    def callback(*_: object, **__: object) -> None:
        request = CURRENT_REQUEST.get()
        assert request is not None
        assert request.progress.sent is False
        request.progress.sent = sent
        raise error

    return callback


@pytest.mark.parametrize("ending", ENDINGS, ids=lambda ending: f"{type(ending[0]).__name__}-{ending[1]}")
async def test_each_exception_becomes_a_failure_without_a_context(
    transport: AiohttpTransport, exchanges: Exchanges, ending: Ending
) -> None:
    error, sent, kind, phase, detail = ending
    exchanges.respond(TARGET, callback=raises(error, sent=sent))
    request = make_request()
    failed = await failure(transport, request)
    assert (failed.kind, failed.phase, failed.sent) == (kind, phase, sent)
    assert failed.detail == detail.replace("HOST", "api.katapult.io")
    assert (failed.__context__, failed.__cause__) == (None, None)


async def test_failure_of_a_proxy_that_refuses_has_its_status(
    transport: AiohttpTransport, exchanges: Exchanges
) -> None:
    exchanges.respond(TARGET, callback=raises(aiohttp.ClientHttpProxyError(INFO, (), status=407), sent=False))
    failed = await failure(transport)
    assert failed.partial is not None
    assert failed.partial.status == 407


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (aiohttp.InvalidURL("x"), r"the aiohttp session refused to send the request \(InvalidURL\)"),
        (ValueError("Bearer tok"), r"the aiohttp session refused to send the request \(ValueError\)"),
    ],
)
async def test_request_that_a_session_does_not_send_raises_usage_error(
    transport: AiohttpTransport, exchanges: Exchanges, error: Exception, text: str
) -> None:
    exchanges.respond(TARGET, callback=raises(error, sent=False))
    with pytest.raises(UsageError, match=text):
        await transport.send(make_request())


async def test_objects_of_a_failed_send_are_freed_without_the_garbage_collector(
    transport: AiohttpTransport, exchanges: Exchanges
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise ValueError

    exchanges.respond(TARGET, callback=refuse)
    assert await frees_its_awaiter(lambda: transport.send(make_request()), failing_with=UsageError)


async def test_cancelled_send_raises_cancelled_error(transport: AiohttpTransport, exchanges: Exchanges) -> None:
    started = asyncio.Event()

    async def hang(_: URL, **__: object) -> None:
        started.set()
        await asyncio.Event().wait()

    exchanges.respond(TARGET, callback=hang)
    task = asyncio.create_task(transport.send(make_request()))
    await started.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_session_closed_during_a_request_is_a_closed_failure(exchanges: Exchanges) -> None:
    for raised in (asyncio.CancelledError(), aiohttp.ClientConnectionError("Connector is closed."), RuntimeError()):
        async with aiohttp.ClientSession() as session:
            transport = make_transport(session)

            async def close(*_: object, raised: BaseException = raised, **__: object) -> None:
                await session.close()  # `close` is called in the iteration in which it was defined
                raise raised

            exchanges.respond(TARGET, callback=close)
            failed = await failure(transport)
            assert (failed.kind, failed.detail) == ("closed", "the aiohttp session was closed during the request")


async def test_transport_can_be_opened_again_for_the_next_client(exchanges: Exchanges) -> None:
    transport = make_transport()
    for _ in range(2):
        await transport.open()
        exchanges.respond(TARGET, available_ips_body(0))
        assert (await transport.send(make_request())).status == 200
        await transport.aclose()


async def test_closed_session_is_a_closed_failure(exchanges: Exchanges) -> None:
    session = aiohttp.ClientSession()
    await session.close()
    for transport in (make_transport(session), make_transport()):
        failed = await failure(transport)
        assert (failed.kind, failed.sent) == ("closed", False)
        assert failed.detail == "the aiohttp session is closed; make a new client"
    assert exchanges.sent == []


async def test_users_session_stays_open_and_the_transports_own_is_closed(exchanges: Exchanges) -> None:
    del exchanges
    async with aiohttp.ClientSession() as session:
        with_session, own = make_transport(session), make_transport()
        for transport in (with_session, own):
            await transport.open()
            await transport.aclose()
        assert not session.closed
        assert own._session is not None
        assert own._session.closed
    await make_transport().aclose()  # closes a transport that was never opened


async def test_session_of_the_transport_keeps_no_cookies_and_reads_no_environment() -> None:
    transport = make_transport()
    await transport.open()
    assert transport._session is not None
    assert isinstance(transport._session.cookie_jar, aiohttp.DummyCookieJar)
    assert not transport._session.trust_env
    await transport.aclose()


@pytest.mark.filterwarnings("ignore:.*deprecated:DeprecationWarning")  # aiohttp 3 still accepts `auth`
async def test_session_with_an_auth_of_its_own_raises_usage_error() -> None:
    async with aiohttp.ClientSession(auth=aiohttp.BasicAuth("me", "mine")) as session:
        with pytest.raises(UsageError, match="auth of its own") as caught:
            make_transport(session)
    assert "mine" not in str(caught.value)


@pytest.mark.parametrize(
    ("limits", "most"), [({"limit": 2}, 2), ({"limit": 9, "limit_per_host": 3}, 3), ({"limit": 0}, None)]
)
async def test_connection_limit_is_the_smaller_limit_of_a_users_session(
    limits: dict[str, int], most: int | None
) -> None:
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(**limits)) as session:  # type: ignore[arg-type] # the limits are numbers
        assert make_transport(session).connection_limit == most


async def test_session_of_the_transport_has_no_connection_limit() -> None:
    transport = make_transport()
    await transport.open()
    assert transport.connection_limit is None
    await transport.aclose()


async def test_request_without_a_prepared_exchange_fails_to_connect(
    transport: AiohttpTransport, exchanges: Exchanges
) -> None:
    error = await failure(transport)
    assert error.kind == "connect"
    assert [type(request) for request in exchanges.sent] == [SentRequest]


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"kind": "dns"}, "kind must be a FailureKind, not 'dns'"),
        ({"sent": None}, "sent must be True or False, not None"),
        ({"detail": OSError()}, "detail must be a string, not an OSError"),
    ],
)
def test_failure_of_a_transport_is_checked_when_it_is_made(wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=f"^{message}$"):
        TransportFailure(**{"kind": "connect", "sent": False, **wrong})


@pytest.mark.parametrize("copy_of", [copy.copy, copy.deepcopy, lambda failure: pickle.loads(pickle.dumps(failure))])
def test_failure_can_be_copied_and_pickled(copy_of: Callable[[TransportFailure], TransportFailure]) -> None:
    partial = TransportResponse(status=200, headers={"Retry-After": "5"}, body=b"")
    failure = TransportFailure("timeout", sent=True, phase="read", partial=partial, detail="the server was silent")
    assert attrs.asdict(copy_of(failure), recurse=False) == attrs.asdict(failure, recurse=False)
