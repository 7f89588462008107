"""Which connection of the pool a request uses, with a server of plain sockets."""

import asyncio
import contextvars
import gc
import socket
import time
import weakref
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from katapult_async.http import connection_pool
from katapult_async.http.aiohttp_transport import AiohttpTransport
from katapult_async.http.transport import TransportFailure, TransportRequest

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"


class Server:
    """Responds to every request after ``delay`` seconds, unless it is silent, and counts the connections."""

    def __init__(self) -> None:
        self.url = ""
        self.connections = 0
        self.delay = 0.0
        self.is_silent = False
        self.ignored = asyncio.Event()  # set when a request gets no response

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        while await reader.readline():
            await reader.readuntil(b"\r\n\r\n")
            if self.is_silent:
                self.ignored.set()
                await reader.read()
                break
            await asyncio.sleep(self.delay)
            writer.write(OK)
        writer.close()


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    server = Server()
    async with await asyncio.start_server(server.serve, "127.0.0.1") as listener:
        host, port = listener.sockets[0].getsockname()
        server.url = f"http://{host}:{port}/x"
        yield server


@pytest.fixture
async def transport() -> AsyncIterator[AiohttpTransport]:
    opened = AiohttpTransport()
    await opened.open()
    yield opened
    await opened.aclose()


def request_to(server: Server, *, method: str = "GET", fresh_connection: bool = False) -> TransportRequest:
    return TransportRequest(method=method, url=server.url, headers={}, fresh_connection=fresh_connection)


@pytest.mark.parametrize(
    ("method", "longest_idle", "connections"),
    [("POST", 0.0, 3), ("PATCH", 0.0, 3), ("GET", 0.0, 1), ("PUT", 0.0, 1), ("DELETE", 0.0, 1), ("POST", 600.0, 1)],
)
async def test_request_that_is_not_idempotent_uses_no_connection_that_was_idle_for_long(
    server: Server,
    transport: AiohttpTransport,
    monkeypatch: pytest.MonkeyPatch,
    *,
    method: str,
    longest_idle: float,
    connections: int,
) -> None:
    monkeypatch.setattr(connection_pool, "_LONGEST_IDLE", longest_idle)
    for _ in range(3):
        response = await transport.send(request_to(server, method=method))
        assert response.body == b"{}"
    assert server.connections == connections


async def test_connection_that_a_post_must_not_use_stays_in_the_pool_for_other_requests(
    server: Server, transport: AiohttpTransport, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection_pool, "_LONGEST_IDLE", 0.0)
    await transport.send(request_to(server))
    await transport.send(request_to(server, method="POST"))
    assert server.connections == 2
    await asyncio.gather(*(transport.send(request_to(server)) for _ in range(2)))
    assert server.connections == 2


async def test_post_leaves_a_connection_that_was_idle_for_too_long_in_the_pool(
    server: Server, transport: AiohttpTransport, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.delay = 0.01  # so that each request needs a connection of its own
    await asyncio.gather(*(transport.send(request_to(server)) for _ in range(2)))
    assert server.connections == 2
    monkeypatch.setattr(asyncio.get_running_loop(), "time", lambda: time.monotonic() + 60)  # a minute later
    await transport.send(request_to(server))  # the other connection stays idle, and is the first in the pool
    monkeypatch.setattr(connection_pool, "_LONGEST_IDLE", 30.0)
    await transport.send(request_to(server, method="POST"))
    await asyncio.gather(*(transport.send(request_to(server)) for _ in range(2)))
    assert server.connections == 2


async def test_request_that_waits_for_a_new_connection_leaves_idle_connections_to_others(
    server: Server, transport: AiohttpTransport, monkeypatch: pytest.MonkeyPatch
) -> None:
    connect, may_connect = aiohttp.TCPConnector._create_connection, asyncio.Event()
    await transport.send(request_to(server))

    async def connect_late(*arguments: Any) -> Any:
        await may_connect.wait()
        return await connect(*arguments)

    monkeypatch.setattr(aiohttp.TCPConnector, "_create_connection", connect_late)
    fresh = request_to(server, fresh_connection=True)
    waiting = asyncio.create_task(transport.send(fresh))
    await asyncio.sleep(0)
    async with asyncio.timeout(5):
        await transport.send(request_to(server))
    assert server.connections == 1
    may_connect.set()
    assert (await waiting).body == b"{}"
    assert server.connections == 2


async def test_connection_that_no_request_used_within_the_keepalive_time_is_closed(
    server: Server, transport: AiohttpTransport, monkeypatch: pytest.MonkeyPatch
) -> None:
    await transport.send(request_to(server))
    monkeypatch.setattr(connection_pool, "_KEEPALIVE", 0.0)
    await transport.send(request_to(server))
    assert server.connections == 2


@pytest.mark.parametrize(("silence", "connections"), [(0.0, 4), (60.0, 3)])
async def test_connections_last_used_before_a_request_without_a_response_are_not_reused(
    server: Server, transport: AiohttpTransport, monkeypatch: pytest.MonkeyPatch, silence: float, connections: int
) -> None:
    monkeypatch.setattr(connection_pool, "_SILENCE", silence)
    request = request_to(server)
    server.delay = 0.05  # so that the three need a connection each
    await asyncio.gather(*(transport.send(request) for _ in range(3)))
    server.is_silent = True
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(transport.send(request), 0.05)
    server.is_silent = False
    for _ in range(2):
        assert (await transport.send(request)).body == b"{}"
    assert server.connections == connections


async def test_connections_stay_excluded_when_an_earlier_request_gets_no_response(
    server: Server, transport: AiohttpTransport, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection_pool, "_SILENCE", 0.0)
    request = request_to(server)
    server.is_silent = True
    early = asyncio.create_task(transport.send(request))
    await server.ignored.wait()
    server.is_silent, server.delay = False, 0.05  # so that the two need a connection each
    await asyncio.gather(*(transport.send(request) for _ in range(2)))
    server.is_silent = True
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(transport.send(request), 0.05)
    early.cancel()
    await asyncio.wait([early])
    server.is_silent = False
    assert (await transport.send(request)).body == b"{}"
    assert server.connections == 4


async def test_failed_connection_closes_no_other_connection(
    server: Server, transport: AiohttpTransport, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection_pool, "_SILENCE", 0.0)
    request = request_to(server)
    await transport.send(request)
    with pytest.raises(TransportFailure):
        await transport.send(TransportRequest(method="GET", url="http://127.0.0.1:1/x", headers={}))
    await transport.send(request)
    assert server.connections == 1


async def test_wait_for_a_free_connection_of_a_shared_session_is_not_limited_by_the_transport(
    server: Server,
) -> None:
    server.delay = 0.1  # so that 20 requests on one connection take longer than the time limits of 1.5 s
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=1)) as session:
        transports = [AiohttpTransport(session, connect_timeout=1.5, read_timeout=1.5) for _ in range(2)]
        for transport in transports:
            await transport.open()
        request = request_to(server)
        responses = await asyncio.gather(*(transport.send(request) for transport in transports * 10))
    assert [response.status for response in responses] == [200] * 20
    assert server.connections == 1


async def test_pool_keeps_neither_a_request_nor_the_context_variables_of_its_call(
    server: Server, transport: AiohttpTransport
) -> None:
    class Headers(dict[str, str]):  # unlike a dict, it can have a weak reference
        pass

    variable: contextvars.ContextVar[Headers] = contextvars.ContextVar("variable")

    async def call() -> list[weakref.ref[Headers]]:
        of_user, of_request = Headers(), Headers(A="1")
        variable.set(of_user)
        await transport.send(TransportRequest(method="GET", url=server.url, headers=of_request))
        return [weakref.ref(of_user), weakref.ref(of_request)]

    references = await asyncio.create_task(call())
    await asyncio.sleep(0)
    gc.collect()
    assert [reference() for reference in references] == [None, None]
    await transport.send(request_to(server))
    assert server.connections == 1


async def test_connection_that_fails_leaves_no_reference_cycle_with_its_task(transport: AiohttpTransport) -> None:
    tasks: list[weakref.ref[asyncio.Task[Any]]] = []

    def make_task(loop: asyncio.AbstractEventLoop, work: Any, **options: Any) -> "asyncio.Task[Any]":
        task = asyncio.Task(work, loop=loop, **options)
        tasks.append(weakref.ref(task))
        return task

    asyncio.get_running_loop().set_task_factory(make_task)
    gc.disable()
    try:
        with pytest.raises(TransportFailure):
            await transport.send(TransportRequest(method="GET", url="http://127.0.0.1:1/x", headers={}))
        await asyncio.sleep(0)  # the event loop forgets the callback of the task
        assert [reference() for reference in tasks] == [None]
    finally:
        gc.enable()


async def test_connection_needs_no_keyword_argument_of_the_task_factory(
    server: Server, transport: AiohttpTransport
) -> None:
    loop = asyncio.get_running_loop()
    loop.set_task_factory(lambda loop, work: asyncio.Task(work, loop=loop))
    try:
        assert (await transport.send(request_to(server))).status == 200
    finally:
        loop.set_task_factory(None)  # pytest-asyncio gives it keyword arguments


@pytest.mark.parametrize("iterations", range(24))  # of the event loop: the server gets the request after about 10
async def test_request_that_is_cancelled_while_it_connects_leaves_no_connection_open(
    server: Server, transport: AiohttpTransport, iterations: int
) -> None:
    server.is_silent = True
    sending = asyncio.create_task(transport.send(request_to(server)))
    for _ in range(iterations):
        await asyncio.sleep(0)
    sending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sending
    gc.collect()  # a connection that nobody closes warns, which fails the test


@pytest.mark.parametrize("iterations", range(6))  # of the event loop, after one of two addresses is connected
async def test_request_that_is_cancelled_when_one_of_two_addresses_is_connected_ends(
    server: Server, transport: AiohttpTransport, monkeypatch: pytest.MonkeyPatch, iterations: int
) -> None:
    """aiohttp then cancels the other attempt to connect, and ignores a cancellation while it waits for its end."""
    loop = asyncio.get_running_loop()
    address: tuple[str, int] = ("127.0.0.1", int(server.url.split(":")[2].removesuffix("/x")))
    connect = loop.sock_connect

    async def connect_to_one(sock: socket.socket, to: tuple[str, int]) -> None:
        if to != address:
            await asyncio.Event().wait()
        await connect(sock, to)
        cancel_after(iterations)

    def cancel_after(further: int) -> None:
        loop.call_soon(*((cancel_after, further - 1) if further else (sending.cancel,)))

    infos = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (host, address[1])) for host in ("127.0.0.2", address[0])]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: infos)
    monkeypatch.setattr(loop, "sock_connect", connect_to_one)
    server.is_silent, server.url = True, server.url.replace(address[0], "localhost")
    sending = asyncio.create_task(transport.send(request_to(server)))
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(sending, 2.0)
    gc.collect()  # as above
