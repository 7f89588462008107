"""Proxies that are down, refuse, close or hang: no request is sent, the error says why, and batches go on."""

import asyncio
import base64
import contextlib
import logging
import math
import socket
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Final

import aiohttp
import attrs
import pytest
from aiohttp_socks import ProxyConnector

from katapult_async import (
    AiohttpTransport,
    ConnectError,
    Endpoint,
    Failed,
    KatapultClient,
    RequestError,
    RequestTimeoutError,
    RetryPolicy,
    Timeouts,
)
from tests.exchanges import TOKEN

Act = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
POST: Final = Endpoint(method="POST", path="/organizations/organization/tags", answer=None, type=dict[str, object])
GET: Final = Endpoint(path="/tags/tag", answer=None, type=dict[str, object])
ONCE: Final = RetryPolicy(attempts=1)


@attrs.define
class RunningProxy:
    port: int
    connections: int = 0
    """Connections that were made to the proxy."""


@contextlib.asynccontextmanager
async def proxy(act: Act | None) -> AsyncIterator[RunningProxy]:
    """A proxy that runs ``act`` for each connection; None for a port on which nothing listens."""
    handlers: set[asyncio.Task[None]] = set()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if task := asyncio.current_task():
            handlers.add(task)
        running.connections += 1
        try:
            if act is not None:
                await act(reader, writer)
        finally:
            writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    running = RunningProxy(server.sockets[0].getsockname()[1])
    if act is None:
        server.close()
        await server.wait_closed()
    yield running
    server.close()
    await asyncio.gather(*handlers, return_exceptions=True)


def responds(response: bytes) -> Act:
    async def act(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(response)
        await writer.drain()

    return act


async def closes(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
    await reader.read(1)


async def hangs(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
    await reader.read()


async def refuses_socks(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read(16)
    writer.write(b"\x05\x00")
    await reader.read(64)
    writer.write(b"\x05\x02\x00\x01\x00\x00\x00\x00\x00\x00")  # connection not allowed by ruleset
    await writer.drain()


FailingProxy = tuple[Act | None, type[RequestError], str, int]
"""What the proxy does, type and text of the error, and how many connections are made to the proxy."""

FAILING_HTTP_PROXIES: Final[dict[str, FailingProxy]] = {
    "down": (None, ConnectError, r"no connection to the proxy 127\.0\.0\.1:\d+ \(Connection refused\)", 0),
    "407": (
        responds(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n"),
        ConnectError,
        r"the proxy refused to connect to api.katapult.io \(status 407\)",
        1,
    ),
    "502": (
        responds(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n"),
        ConnectError,
        r"the proxy refused to connect to api.katapult.io \(status 502\)",
        2,
    ),
    "closes": (closes, ConnectError, "no connection to api.katapult.io", 2),
    "no HTTP": (responds(b"SSH-2.0\r\n\r\n"), ConnectError, "no connection to api.katapult.io", 2),
    "hangs": (hangs, RequestTimeoutError, r"no connection within 1 s", 2),
}


@pytest.mark.parametrize("name", FAILING_HTTP_PROXIES)
async def test_request_over_a_failing_http_proxy_is_not_sent_and_its_error_names_the_cause(name: str) -> None:
    act, kind, text, connections = FAILING_HTTP_PROXIES[name]
    async with proxy(act) as running:
        # Only a proxy that hangs is waited for: a busy machine must not end the other attempts.
        timeout = 1.0 if act is hangs else 30.0
        transport = AiohttpTransport(proxy=f"http://127.0.0.1:{running.port}", connect_timeout=timeout)
        katapult = await KatapultClient(
            TOKEN, transport=transport, retry=RetryPolicy(attempts=2, wait_initial=0.001)
        ).open()
        with pytest.raises(kind, match=text) as caught:
            await katapult.call(POST)
        await katapult.aclose()
    assert not caught.value.may_have_happened
    assert running.connections == connections


async def test_error_of_a_proxy_with_an_unknown_name_names_the_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """aiohttp raises the same error as for a server with an unknown name."""

    def fail(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    transport = AiohttpTransport(proxy="http://user:pr0xypassw0rd@proxy.invalid:3128")
    async with KatapultClient(TOKEN, transport=transport, retry=ONCE) as katapult:
        with pytest.raises(ConnectError, match=r"^no connection to the proxy proxy\.invalid:3128 \(Name") as caught:
            await katapult.call(GET)
    assert caught.value.problem.failure == "proxy"
    assert str(caught.value).endswith("; check the proxy")


@pytest.mark.parametrize("base_url", ["https://api.katapult.io", "http://127.0.0.1:9"])
@pytest.mark.parametrize("status", [b"407 Proxy Authentication Required", b"200 OK"])
async def test_password_of_a_proxy_is_sent_to_it_and_shown_nowhere(
    base_url: str, status: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    requests: list[bytes] = []

    async def act(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        requests.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(b"HTTP/1.1 %b\r\nContent-Length: 2\r\nProxy-Authenticate: Basic\r\n\r\n{}" % status)
        await writer.drain()

    caplog.set_level(logging.DEBUG)
    async with proxy(act) as running:
        transport = AiohttpTransport(proxy=f"http://user:pr0xypassw0rd@127.0.0.1:{running.port}", connect_timeout=2.0)
        try:
            async with KatapultClient(TOKEN, transport=transport, base_url=base_url, retry=ONCE) as katapult:
                shown = [repr(value) for value in (*vars(katapult).values(), *vars(transport).values())]
                await katapult.call(GET)
        except RequestError as error:
            shown += [str(error), repr(error), *(str(value) for value in vars(error).values())]
            whole = error.__traceback__
            inner = None if whole is None else whole.tb_next  # without this test's frame, which holds the password
            shown += traceback.TracebackException(type(error), error, inner, capture_locals=True).format()
    basic = base64.b64encode(b"user:pr0xypassw0rd")
    [request] = requests
    assert b"\r\nProxy-Authorization: Basic " + basic + b"\r\n" in request
    assert request.startswith(b"CONNECT api.katapult.io:443 " if "https" in base_url else b"GET http://127.0.0.1:9/")
    assert not any(secret in text for text in (*shown, caplog.text) for secret in ("pr0xypassw0rd", basic.decode()))


@pytest.mark.parametrize("base_url", ["https://api.katapult.io/core/v1", "http://127.0.0.1:9/core/v1"])
@pytest.mark.parametrize(
    ("in_url", "sent"),
    [
        ("%C3%A9:%E2%82%AC", "é:€"),
        ("é:€", "é:€"),
        ("u%40x:p%3Aa%2Fs%25s%23", "u@x:p:a/s%s#"),
        ("user:", "user:"),
        ("user", "user:"),
        (":pass", ":pass"),
    ],
)
async def test_user_and_password_of_a_proxy_are_sent_in_utf8(base_url: str, in_url: str, sent: str) -> None:
    requests: list[bytes] = []

    async def act(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        requests.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n")

    async with proxy(act) as running:
        transport = AiohttpTransport(proxy=f"http://{in_url}@127.0.0.1:{running.port}")
        async with KatapultClient(TOKEN, base_url=base_url, transport=transport, retry=ONCE) as katapult:
            with pytest.raises(RequestError):
                await katapult.call(GET)
    [request] = requests
    assert b"\r\nProxy-Authorization: Basic " + base64.b64encode(sent.encode()) + b"\r\n" in request


@pytest.mark.parametrize("act", [None, refuses_socks, closes, hangs], ids=["down", "refuses", "closes", "hangs"])
async def test_failing_socks_proxy_of_a_users_session_stops_no_batch(act: Act | None) -> None:
    async with (
        proxy(act) as running,
        aiohttp.ClientSession(connector=ProxyConnector.from_url(f"socks5://127.0.0.1:{running.port}")) as session,
        KatapultClient(TOKEN, session=session, retry=ONCE, timeouts=Timeouts(attempt=0.3)) as katapult,
        katapult.many(lambda _: katapult.call(POST), range(3), timeout=math.inf) as outcomes,
    ):
        results = [outcome async for outcome in outcomes]
    assert len(results) == 3
    for result in results:
        assert isinstance(result, Failed)
        assert isinstance(result.error, ConnectError | RequestTimeoutError)
        assert not result.error.may_have_happened


class ForeignError(Exception):
    """An error of a user's connector."""


@pytest.mark.parametrize("error", [ForeignError("x"), KeyError("x"), TimeoutError(), ConnectionAbortedError()])
async def test_any_exception_of_a_users_connector_becomes_a_transport_error(error: Exception) -> None:
    class Connector(aiohttp.TCPConnector):
        async def connect(self, *_: object, **__: object) -> aiohttp.connector.Connection:
            raise error

    async with (
        aiohttp.ClientSession(connector=Connector()) as session,
        KatapultClient(TOKEN, session=session, retry=ONCE) as katapult,
    ):
        with pytest.raises((ConnectError, RequestTimeoutError)) as caught:
            await katapult.call(GET)
    assert not caught.value.may_have_happened
    assert TOKEN not in str(caught.value)
