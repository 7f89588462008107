"""The contract of a transport, as checks that every transport has to pass.

::

    from katapult_async.testing import CHECKS, check_transport

    @pytest.mark.parametrize("rule", CHECKS)
    async def test_my_transport_keeps(rule: str) -> None:
        await check_transport(MyTransport, rule=rule)

Each check sends requests to a server of plain sockets on 127.0.0.1. For tests of code that uses the client, see
`katapult_async.sandbox`.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from types import MappingProxyType
from typing import Final, Protocol

import attrs

from katapult_async.http.transport import FailureKind, Transport, TransportFailure, TransportRequest

__all__ = ["CHECKS", "MakeTransport", "check_transport"]

_TIMEOUT: Final = 0.3  # seconds of connect_timeout and read_timeout
_MAX_BODY: Final = 65536
_OK: Final = 200
_GOOD: Final = b"HTTP/1.1 200 OK\r\nX-Request-Id: r-1\r\nContent-Length: 2\r\n\r\n{}"


class MakeTransport(Protocol):
    """What makes the transport under test: its class, or a function."""

    def __call__(self, *, connect_timeout: float, read_timeout: float, max_body: int) -> Transport:
        """Return a transport, not open yet, with these limits."""
        ...


Respond = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
"""What the server does after it has read the headers of a request."""


@attrs.define
class _Server:
    """A server that keeps the requests that it receives, as bytes, with the number of their connection."""

    url: str = ""
    respond: Respond | None = None
    requests: list[tuple[int, bytes]] = attrs.Factory(list)
    received: asyncio.Event = attrs.Factory(asyncio.Event)
    connections: int = 0

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        connection = self.connections
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = next(
                    (int(line[15:]) for line in head.lower().split(b"\r\n") if line[:15] == b"content-length:"), 0
                )
                self.requests.append((connection, head + await reader.readexactly(length)))
                self.received.set()
                if self.respond is None:
                    writer.write(_GOOD)
                else:
                    await self.respond(reader, writer)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


def _writes(response: bytes, *, close: bool = False) -> Respond:
    async def respond(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(response)
        if close:
            await writer.drain()
            raise ConnectionResetError

    return respond


async def _send_nothing(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
    await reader.read()
    raise ConnectionResetError


def _request(server: _Server, *, fresh_connection: bool = False, method: str = "GET") -> TransportRequest:
    return TransportRequest(
        method=method,
        url=f"{server.url}/networks?network%5Bid%5D=a%2Fb",
        headers={"Authorization": "Bearer secret-token", "Accept": "application/json", "Content-Type": "x/y"},
        body=b'{"a": 1}' if method == "POST" else None,
        fresh_connection=fresh_connection,
    )


async def _failure(transport: Transport, request: TransportRequest) -> TransportFailure:
    try:
        response = await transport.send(request)
    except TransportFailure as failure:
        return failure
    raise AssertionError(f"expected a TransportFailure, not {response!r}")


async def _sends_the_request_as_it_is(transport: Transport, server: _Server) -> None:
    response = await transport.send(_request(server, method="POST"))
    [(_, received)] = server.requests
    head, _, body = received.partition(b"\r\n\r\n")
    line, *headers = head.split(b"\r\n")
    _expect(line == b"POST /networks?network%5Bid%5D=a%2Fb HTTP/1.1", line)
    _expect(body == b'{"a": 1}', body)
    for header in (b"authorization: Bearer secret-token", b"accept: application/json", b"content-type: x/y"):
        name, _, value = header.partition(b": ")
        _expect(any(sent.lower().startswith(name) and sent.endswith(value) for sent in headers), (header, headers))
    _expect(response.status == _OK, response)


async def _returns_the_whole_response(transport: Transport, server: _Server) -> None:
    response = await transport.send(_request(server))
    _expect((response.status, response.body) == (_OK, b"{}"), response)
    _expect(response.headers.get("X-Request-Id") == "r-1", dict(response.headers))


async def _returns_any_status(transport: Transport, server: _Server) -> None:
    for status in (b"201 Created", b"404 Not Found", b"429 Too Many Requests", b"503 Service Unavailable"):
        server.respond = _writes(_GOOD.replace(b"200 OK", status))
        response = await transport.send(_request(server))
        _expect(response.status == int(status[:3]), (status, response))


async def _follows_no_redirect(transport: Transport, server: _Server) -> None:
    location = f"Location: {server.url}/elsewhere\r\n".encode()
    server.respond = _writes(_GOOD.replace(b"200 OK\r\n", b"302 Found\r\n" + location))
    response = await transport.send(_request(server))
    _expect((response.status, len(server.requests)) == (302, 1), (response, server.requests))


async def _sends_once_even_if_the_connection_breaks(transport: Transport, server: _Server) -> None:
    await transport.send(_request(server))
    server.respond = _writes(b"", close=True)
    request = _request(server)
    failure = await _failure(transport, request)
    _expect(server.requests[1:] == server.requests[-1:], server.requests)
    _expect_kind(failure, "disconnect", sent=True)
    _expect(request.progress.sent is not False, request.progress)


async def _refused_connection_is_a_connect_failure(transport: Transport, server: _Server) -> None:
    closed = await asyncio.start_server(server.handle, "127.0.0.1", 0)
    port = closed.sockets[0].getsockname()[1]
    closed.close()
    await closed.wait_closed()
    request = TransportRequest(method="GET", url=f"http://127.0.0.1:{port}/networks", headers={})
    _expect_kind(await _failure(transport, request), "connect", sent=False)
    _expect(request.progress.sent is False, request.progress)


async def _silence_is_a_timeout(transport: Transport, server: _Server) -> None:
    server.respond = _send_nothing
    failure = await _failure(transport, _request(server))
    _expect_kind(failure, "timeout", sent=True)
    _expect(failure.phase == "read", failure.phase)


async def _cut_body_is_a_failure(transport: Transport, server: _Server) -> None:
    server.respond = _writes(_GOOD.replace(b"Length: 2", b"Length: 9"), close=True)
    failure = await _failure(transport, _request(server))
    _expect(failure.kind in ("truncated", "disconnect"), failure.kind)
    _expect(failure.sent, "the request was sent")


async def _response_that_is_not_http_is_invalid(transport: Transport, server: _Server) -> None:
    server.respond = _writes(b"SSH-2.0-OpenSSH_9.2\r\n\r\n", close=True)
    _expect_kind(await _failure(transport, _request(server)), "invalid", sent=True)


async def _large_body_is_too_large(transport: Transport, server: _Server) -> None:
    size = str(_MAX_BODY + 1).encode()
    server.respond = _writes(_GOOD.replace(b"Length: 2", b"Length: " + size)[:-2] + b"x" * (_MAX_BODY + 1))
    failure = await _failure(transport, _request(server))
    _expect_kind(failure, "too_large", sent=True)
    _expect(failure.partial is None or failure.partial.status == _OK, failure.partial)


async def _reuses_connections(transport: Transport, server: _Server) -> None:
    for _ in range(3):
        await transport.send(_request(server))
    _expect({connection for connection, _ in server.requests} == {1}, server.requests)


async def _fresh_connection_is_a_new_one(transport: Transport, server: _Server) -> None:
    await transport.send(_request(server))
    await transport.send(_request(server, fresh_connection=True))
    await transport.send(_request(server))
    connections = [connection for connection, _ in server.requests]
    _expect(connections[1] != connections[0], connections)


async def _never_reuses_a_connection_with_unread_bytes(transport: Transport, server: _Server) -> None:
    idle, unread = asyncio.Event(), asyncio.Event()

    async def respond(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        server.respond = None
        writer.write(_GOOD)
        await idle.wait()
        writer.write(_GOOD.replace(b"{}", b"[]"))  # no request asked for it
        await writer.drain()
        unread.set()

    server.respond = respond
    await transport.send(_request(server))
    idle.set()
    await unread.wait()
    response = await transport.send(_request(server))
    _expect(response.body == b"{}", "the response that nobody had asked for was returned")


async def _cancelled_request_counts_as_sent(transport: Transport, server: _Server) -> None:
    server.respond = _send_nothing
    request = _request(server)
    sending = asyncio.create_task(transport.send(request))
    await server.received.wait()
    sending.cancel()
    try:
        await sending
    except asyncio.CancelledError:
        pass
    else:
        raise AssertionError("a cancelled send returned")
    _expect(request.progress.sent is not False, request.progress)


async def _closing_ends_a_request(transport: Transport, server: _Server) -> None:
    server.respond = _send_nothing
    sending = asyncio.create_task(_failure(transport, _request(server)))
    await server.received.wait()
    await transport.aclose()
    _expect_kind(await sending, "closed", sent=True)


async def _closed_transport_sends_nothing(transport: Transport, server: _Server) -> None:
    await transport.aclose()
    _expect_kind(await _failure(transport, _request(server)), "closed", sent=False)
    _expect(not server.requests, server.requests)


def _expect(condition: object, actual: object) -> None:
    """Raise AssertionError with the actual value, also where Python leaves out assertions (``-O``)."""
    if not condition:
        raise AssertionError(actual)


def _expect_kind(failure: TransportFailure, kind: FailureKind, *, sent: bool) -> None:
    _expect((failure.kind, failure.sent) == (kind, sent), (failure.kind, failure.sent, failure.detail))
    _expect("secret-token" not in str(failure), "a secret is in the text of a failure")


Check = Callable[[Transport, _Server], Awaitable[None]]

CHECKS: Final[MappingProxyType[str, Check]] = MappingProxyType(
    {
        check.__name__.removeprefix("_"): check
        for check in (
            _sends_the_request_as_it_is,
            _returns_the_whole_response,
            _returns_any_status,
            _follows_no_redirect,
            _sends_once_even_if_the_connection_breaks,
            _refused_connection_is_a_connect_failure,
            _silence_is_a_timeout,
            _cut_body_is_a_failure,
            _response_that_is_not_http_is_invalid,
            _large_body_is_too_large,
            _reuses_connections,
            _fresh_connection_is_a_new_one,
            _never_reuses_a_connection_with_unread_bytes,
            _cancelled_request_counts_as_sent,
            _closing_ends_a_request,
            _closed_transport_sends_nothing,
        )
    }
)
"""The rules of the contract by name, such as ``follows_no_redirect``."""


async def check_transport(make: MakeTransport, *, rule: str) -> None:
    """Check that a transport keeps one rule of the contract.

    Args:
        make: makes the transport; it is opened, checked and closed.
        rule: one of `CHECKS`.

    Raises:
        AssertionError: it does not; the message has the actual value.
    """
    async with _serving() as server:
        transport = make(connect_timeout=_TIMEOUT, read_timeout=_TIMEOUT, max_body=_MAX_BODY)
        await transport.open()
        try:
            await CHECKS[rule](transport, server)
        finally:
            await transport.aclose()


@contextlib.asynccontextmanager
async def _serving() -> AsyncIterator[_Server]:
    server = _Server()
    handlers: set[asyncio.Task[None]] = set()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is not None:
            handlers.add(task)
        await server.handle(reader, writer)

    listening = await asyncio.start_server(handle, "127.0.0.1", 0)
    server.url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    try:
        yield server
    finally:
        listening.close()
        await asyncio.wait_for(asyncio.gather(*handlers, return_exceptions=True), 5.0)
