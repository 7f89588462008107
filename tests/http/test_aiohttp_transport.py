"""One exchange: what is sent, and what each way that it can end means. No sockets: aiohttp's part is played."""

import asyncio
import copy
import pickle
import ssl
from collections.abc import AsyncIterator, Callable
from typing import Any

import aiohttp
import aiohttp.http_exceptions
import attrs
import pytest
from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL

from katapult_async.config import Timeouts
from katapult_async.core.endpoints import Endpoint, Request
from katapult_async.core.responses import RequestContext, Response
from katapult_async.errors import (
    BadResponseError,
    BadResponseReason,
    ClientClosedError,
    ConnectError,
    DisconnectedError,
    KatapultError,
    RequestTimeoutError,
    UsageError,
)
from katapult_async.http.aiohttp_transport import HttpSession, Sending
from katapult_async.models import IPAddress
from katapult_async.secret import Secret
from tests.bodies import encoded, free, refusal
from tests.exchanges import BASE_URL, TOKEN, Exchanges, Sent

ENDPOINT = Endpoint(path="/networks/network/ips", answer="ip_addresses", type=list[IPAddress])
TARGET = "/networks/network/ips?network%5Bid%5D=netw_1"
ASKING = RequestContext(request=Request(endpoint=ENDPOINT, arguments=(("network[id]", "netw_1"),)), hidden=TOKEN)
MAX_BODY = 1 << 20


def http_session(session: aiohttp.ClientSession | None = None) -> HttpSession:
    timeouts = Timeouts(connect=1.5, read=2.5, attempt=3.5)
    return HttpSession(base_url=BASE_URL, session=session, timeouts=timeouts, user_agent="tests/1", max_body=MAX_BODY)


@pytest.fixture
async def http(exchanges: Exchanges) -> AsyncIterator[HttpSession]:
    del exchanges  # in place first
    session = http_session()
    session.open()
    yield session
    await session.close()


async def sent(http: HttpSession, context: RequestContext = ASKING) -> Response:
    return await http.send(context, token=Secret(TOKEN), sending=Sending())


async def failure(http: HttpSession) -> KatapultError:
    with pytest.raises(KatapultError) as caught:
        await sent(http)
    return caught.value


async def test_the_documented_path_is_sent_literally_and_the_brackets_encoded(
    http: HttpSession, exchanges: Exchanges
) -> None:
    exchanges.answers(TARGET, free(0))
    await sent(http)
    [request] = exchanges.sent
    assert (request.method, request.url) == ("GET", f"{BASE_URL}/networks/network/ips?network%5Bid%5D=netw_1")


async def test_a_request_carries_the_token_and_asks_for_json(http: HttpSession, exchanges: Exchanges) -> None:
    exchanges.answers(TARGET, free(0))
    await sent(http)
    [request] = exchanges.sent
    assert {name: str(value) for name, value in request.headers.items()} == {
        "Authorization": f"Bearer {TOKEN}",
        "Accept": "application/json",
        "Accept-Encoding": "gzip, deflate",
        "User-Agent": "tests/1",
    }


async def test_a_request_follows_no_redirect_raises_for_no_status_and_has_its_timeouts(
    http: HttpSession, exchanges: Exchanges
) -> None:
    exchanges.answers(TARGET, free(0))
    await sent(http)
    [request] = exchanges.sent
    assert request.settings["allow_redirects"] is False
    assert request.settings["raise_for_status"] is False
    assert request.settings["timeout"] == aiohttp.ClientTimeout(total=3.5, connect=1.5, sock_connect=1.5, sock_read=2.5)


@pytest.mark.parametrize("argument", ["../../admin", "%2e%2e/x", "?x=1", "#x", "a&b=c", "ü\n", "[]"])
async def test_no_argument_leaves_its_place(http: HttpSession, exchanges: Exchanges, argument: str) -> None:
    context = attrs.evolve(ASKING, request=Request(endpoint=ENDPOINT, arguments=(("network[permalink]", argument),)))
    exchanges.answers(context.request.target, free(0))
    await sent(http, context)
    [request] = exchanges.sent
    url = URL(request.url, encoded=True)
    assert url.raw_path == "/core/v1/networks/network/ips"
    assert dict(url.query) == {"network[permalink]": argument}
    assert url.raw_fragment == ""


@pytest.mark.parametrize("status", [200, 201, 302, 400, 404, 429, 500, 503])
async def test_an_answer_comes_whole_whatever_its_status(http: HttpSession, exchanges: Exchanges, status: int) -> None:
    body = encoded(refusal("x"))
    exchanges.answers(TARGET, body=body, status=status, headers={"X-Request-Id": "4f1c"})
    answer = await sent(http)
    assert (answer.status, answer.body, answer.headers["x-request-id"]) == (status, body, "4f1c")


@pytest.mark.parametrize("size", [0, 1, 65_536, 65_537, 300_000, MAX_BODY])
async def test_a_body_up_to_the_limit_comes_whole(http: HttpSession, exchanges: Exchanges, size: int) -> None:
    exchanges.answers(TARGET, body=b"x" * size)
    assert len((await sent(http)).body) == size


async def test_a_longer_body_is_too_large(http: HttpSession, exchanges: Exchanges) -> None:
    exchanges.answers(TARGET, body=b"x" * (MAX_BODY + 1), headers={"X-Request-Id": "4f1c"})
    error = await failure(http)
    assert isinstance(error, BadResponseError)
    assert (error.reason, error.status, error.request_id) == (BadResponseReason.TOO_LARGE, 200, "4f1c")


async def test_a_body_that_announces_to_be_longer_is_not_read(http: HttpSession, exchanges: Exchanges) -> None:
    exchanges.answers(TARGET, body=b"", headers={"Content-Length": str(MAX_BODY + 1)})
    error = await failure(http)
    assert isinstance(error, BadResponseError)
    assert error.reason is BadResponseReason.TOO_LARGE


async def test_of_a_refusal_the_start_of_the_body_will_do(http: HttpSession, exchanges: Exchanges) -> None:
    exchanges.answers(TARGET, body=b"x" * (MAX_BODY + 1), status=502)
    answer = await sent(http)
    assert answer.status == 502
    assert 1000 < len(answer.body) <= MAX_BODY


KEY: Any = aiohttp.client_reqrep.ConnectionKey("api.katapult.io", 443, True, True, None, None, None, None)  # type: ignore[call-arg,arg-type,unused-ignore] # what it holds is nobody's business here
INFO = aiohttp.RequestInfo(URL(BASE_URL), "GET", CIMultiDictProxy(CIMultiDict({"Authorization": TOKEN})), URL(BASE_URL))
REFUSED = OSError(111, "Connection refused")
Ending = tuple[Exception, type[KatapultError], dict[str, object], str]
"""What aiohttp raises; the error that it becomes, what that knows, and what it says."""

ENDINGS: list[Ending] = [
    (
        aiohttp.ClientConnectorError(KEY, REFUSED),
        ConnectError,
        {},
        "no connection to api.katapult.io (Connection refused)",
    ),
    (
        aiohttp.ClientConnectorDNSError(KEY, OSError(-2, "Name or service not known")),
        ConnectError,
        {},
        "no connection to api.katapult.io (Name or service not known)",
    ),
    (
        aiohttp.ClientProxyConnectionError(KEY, REFUSED),
        ConnectError,
        {},
        "no connection to api.katapult.io (Connection refused)",
    ),
    (
        aiohttp.ClientConnectorSSLError(KEY, ssl.SSLError(1, "handshake")),
        ConnectError,
        {"certificate": False},
        "no connection to api.katapult.io (handshake)",
    ),
    (
        aiohttp.ClientConnectorCertificateError(KEY, ssl.CertificateError("self-signed")),
        ConnectError,
        {"certificate": True},
        "the server's certificate was refused",
    ),
    (
        aiohttp.ServerFingerprintMismatch(b"a", b"b", "h", 443),
        ConnectError,
        {"certificate": True},
        "the server's certificate was refused",
    ),
    (aiohttp.ConnectionTimeoutError(), RequestTimeoutError, {"phase": "connect"}, "no connection within 1.5 s"),
    (aiohttp.SocketTimeoutError(), RequestTimeoutError, {"phase": "read"}, "silence for 2.5 s"),
    (aiohttp.ServerTimeoutError(), RequestTimeoutError, {"phase": "attempt"}, "no whole answer within 3.5 s"),
    (TimeoutError(), RequestTimeoutError, {"phase": "attempt"}, "no whole answer within 3.5 s"),
    (aiohttp.ServerDisconnectedError(), DisconnectedError, {}, "the connection broke before an answer"),
    (
        aiohttp.ClientOSError(104, "Connection reset by peer"),
        DisconnectedError,
        {},
        "the connection broke before an answer",
    ),
    (ConnectionResetError(), DisconnectedError, {}, "the connection broke before an answer"),
    (
        aiohttp.ClientPayloadError("Response payload is not completed"),
        BadResponseError,
        {"reason": BadResponseReason.TRUNCATED},
        "an answer that broke off",
    ),
    (
        aiohttp.ClientPayloadError("400, message: Can not decode content-encoding: gzip"),
        BadResponseError,
        {"reason": BadResponseReason.UNREADABLE},
        "a body that cannot be unpacked",
    ),
    (
        aiohttp.ClientResponseError(INFO, (), status=400, message="Bad status line"),
        BadResponseError,
        {"reason": BadResponseReason.UNREADABLE, "status": None},
        "an answer that is not HTTP",
    ),
    (
        aiohttp.http_exceptions.BadHttpMessage("bad chunk"),
        BadResponseError,
        {"reason": BadResponseReason.UNREADABLE},
        "an answer that is not HTTP",
    ),
]


@pytest.mark.parametrize("ending", ENDINGS, ids=lambda ending: type(ending[0]).__name__)
async def test_each_way_that_an_exchange_ends_has_its_error(
    http: HttpSession, exchanges: Exchanges, ending: Ending
) -> None:
    raised, kind, particulars, said = ending
    exchanges.answers(TARGET, exception=raised)
    error = await failure(http)
    assert type(error) is kind
    problem = error.args[0]
    assert problem.description == said
    assert (problem.method, problem.path, problem.arguments) == ("GET", ENDPOINT.path, ASKING.request.arguments)
    for name, value in particulars.items():
        assert getattr(problem, name) == value


@pytest.mark.parametrize(
    ("raised", "said"),
    [
        (aiohttp.InvalidURL("x"), r"the aiohttp session refused to send the request \(InvalidURL\)"),
        (ValueError("Bearer tok"), r"the aiohttp session refused to send the request \(ValueError\)"),
        (RuntimeError("Timeout context manager"), "make it in the event loop of the client"),
    ],
)
async def test_what_the_session_would_not_send_is_the_callers_mistake(
    http: HttpSession, exchanges: Exchanges, raised: Exception, said: str
) -> None:
    exchanges.answers(TARGET, exception=raised)
    with pytest.raises(UsageError, match=said):
        await sent(http)


@pytest.mark.parametrize("ending", ENDINGS, ids=lambda ending: type(ending[0]).__name__)
async def test_no_context_leads_from_an_error_to_aiohttps(
    http: HttpSession, exchanges: Exchanges, ending: Ending
) -> None:
    exchanges.answers(TARGET, exception=ending[0])
    error = await failure(http)
    assert (error.__context__, error.__cause__) == (None, None)


async def test_a_bug_is_not_taken_for_a_failure(http: HttpSession, exchanges: Exchanges) -> None:
    exchanges.answers(TARGET, exception=ZeroDivisionError())
    with pytest.raises(ZeroDivisionError):
        await sent(http)


async def test_a_cancellation_stays_one(http: HttpSession, exchanges: Exchanges) -> None:
    started = asyncio.Event()

    async def hang(_: URL, **__: object) -> None:
        started.set()
        await asyncio.Event().wait()

    exchanges.answers(TARGET, callback=hang)
    task = asyncio.create_task(sent(http))
    await started.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_session_that_is_closed_under_a_request_is_a_closed_client(exchanges: Exchanges) -> None:
    for raised in (asyncio.CancelledError(), aiohttp.ClientConnectionError("Connector is closed."), RuntimeError()):
        async with aiohttp.ClientSession() as session:
            http = http_session(session)

            async def close(*_: object, raised: BaseException = raised, **__: object) -> None:
                await session.close()  # called within this turn of the loop
                raise raised

            exchanges.answers(TARGET, callback=close)
            with pytest.raises(ClientClosedError, match="closed while the request was under way"):
                await sent(http)


async def test_a_session_that_is_closed_is_a_closed_client(exchanges: Exchanges) -> None:
    session = aiohttp.ClientSession()
    await session.close()
    for http in (http_session(session), http_session()):
        with pytest.raises(ClientClosedError, match="the aiohttp session is closed"):
            await sent(http)
    assert exchanges.sent == []


async def test_a_callers_session_stays_open_and_its_own_is_closed(exchanges: Exchanges) -> None:
    del exchanges
    async with aiohttp.ClientSession() as session:
        theirs, ours = http_session(session), http_session()
        for http in (theirs, ours):
            http.open()
            await http.close()
        assert not session.closed
        assert ours._session is not None
        assert ours._session.closed
    await http_session().close()  # never opened


async def test_its_own_session_keeps_no_cookies_and_reads_no_environment() -> None:
    http = http_session()
    http.open()
    assert http._session is not None
    assert isinstance(http._session.cookie_jar, aiohttp.DummyCookieJar)
    assert not http._session.trust_env
    await http.close()


@pytest.mark.filterwarnings("ignore:.*deprecated:DeprecationWarning")  # until aiohttp 4 it can be given
async def test_a_session_with_an_auth_of_its_own_is_refused() -> None:
    async with aiohttp.ClientSession(auth=aiohttp.BasicAuth("me", "mine")) as session:
        with pytest.raises(UsageError, match="auth of its own") as caught:
            http_session(session)
    assert "mine" not in str(caught.value)


@pytest.mark.parametrize(
    ("connector", "at_once"), [({"limit": 2}, 2), ({"limit": 9, "limit_per_host": 3}, 3), ({"limit": 0}, 10)]
)
async def test_requests_wait_for_a_callers_connector_before_aiohttps_timers_run(
    exchanges: Exchanges, connector: dict[str, int], at_once: int
) -> None:
    running: list[int] = []
    most = 0

    async def answer(*_args: object, **_settings: object) -> None:
        nonlocal most
        running.append(1)
        most = max(most, len(running))
        for _ in range(5):
            await asyncio.sleep(0)
        running.pop()

    exchanges.answers(TARGET, free(0), callback=answer, repeat=True)
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(**connector)) as session:  # type: ignore[arg-type] # the limits are numbers
        sessions = [http_session(session), http_session(session)]
        await asyncio.gather(*(sent(sessions[number % 2]) for number in range(10)))
    assert most == at_once


async def test_the_shim_refuses_what_was_not_prepared(http: HttpSession, exchanges: Exchanges) -> None:
    error = await failure(http)
    assert isinstance(error, DisconnectedError)
    assert [type(request) for request in exchanges.sent] == [Sent]


SECRETS: list[Callable[[Secret], str]] = [repr, "{!r}".format, lambda secret: repr({"h": secret}), lambda s: f"{[s]}"]


@pytest.mark.parametrize("shown", SECRETS)
def test_a_secret_shows_itself_to_nobody_who_merely_looks(shown: Callable[[Secret], str]) -> None:
    assert "hunter2" not in shown(Secret("hunter2"))


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_secret_is_not_pickled(protocol: int) -> None:
    with pytest.raises(TypeError, match="a secret is not pickled"):
        pickle.dumps(Secret("hunter2"), protocol)


def test_a_secret_is_the_string_that_it_hides() -> None:
    secret = Secret("hunter2")
    assert secret == "hunter2"
    assert f"Bearer {secret}" == "Bearer hunter2"
    assert hash(secret) == hash("hunter2")
    with pytest.raises(TypeError):
        copy.deepcopy(secret)
