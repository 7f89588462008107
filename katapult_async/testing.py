"""The contract of a transport, as checks that every transport has to pass.

::

    from katapult_async.testing import CHECKS, check_transport

    @pytest.mark.parametrize("rule", CHECKS)
    async def test_my_transport_follows(rule: str) -> None:
        await check_transport(MyTransport, rule=rule)

Each check sends requests to a server of plain sockets on 127.0.0.1. For tests of code that uses the client, see
`katapult_async.sandbox`.
"""

import asyncio
import contextlib
import re
from collections.abc import Awaitable, Callable
from types import MappingProxyType
from typing import Final, Protocol

import attrs

from katapult_async.errors import FailureKind
from katapult_async.http.transport import Transport, TransportFailure, TransportRequest, TransportResponse

__all__ = ["CHECKS", "MakeTransport", "check_transport"]

_TIMEOUT: Final = 2.5  # seconds of connect_timeout and read_timeout; longer than the pauses of a busy machine
_CHECK_TIMEOUT: Final = 30.0  # seconds
_MAX_BODY: Final = 65536
_OK: Final = 200
_GOOD_RESPONSE: Final = b"HTTP/1.1 200 OK\r\nX-Request-Id: r-1\r\nContent-Length: 2\r\n\r\n{}"


class MakeTransport(Protocol):
    """A factory of the transport under test: its class, or a function."""

    def __call__(self, *, connect_timeout: float, read_timeout: float, max_body: int) -> Transport:
        """Return a transport, not open yet, with these limits."""
        ...


Respond = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
"""The function that the server calls after it has read a request."""


def _writes(response: bytes, *, close: bool = False) -> Respond:
    async def respond(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(response)
        if close:
            await writer.drain()
            raise ConnectionResetError  # `serve` closes the connection

    return respond


_respond_ok: Final = _writes(_GOOD_RESPONSE)


async def _send_nothing(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
    await reader.read()
    raise ConnectionResetError


@attrs.define
class _Contract:
    """A transport under test, and the server that it sends requests to. Each ``check_`` method checks one rule."""

    transport: Transport
    url: str = ""
    respond: Respond = _respond_ok

    requests: list[tuple[asyncio.StreamWriter, bytes]] = attrs.Factory(list)
    """What the server received, each with its connection."""

    received: asyncio.Event = attrs.Factory(asyncio.Event)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Respond to the requests of one connection."""
        with contextlib.closing(writer), contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = re.search(rb"(?i)\ncontent-length: *(\d+)", head)
                body = await reader.readexactly(int(length[1]) if length else 0)
                self.requests.append((writer, head + body))
                self.received.set()
                await self.respond(reader, writer)
                await writer.drain()

    def request(self, *, fresh_connection: bool = False, method: str = "GET") -> TransportRequest:
        return TransportRequest(
            method=method,
            url=f"{self.url}/networks?network%5Bid%5D=a%2Fb",
            headers={"Authorization": "Bearer secret-token", "Accept": "application/json", "Content-Type": "x/y"},
            body=b'{"a": 1}' if method == "POST" else None,
            fresh_connection=fresh_connection,
        )

    async def send(self) -> TransportResponse:
        return await self.transport.send(self.request())

    async def failure(self, request: TransportRequest, *kinds: FailureKind, sent: bool) -> TransportFailure:
        """Send a request and return its failure. Check that the failure is of one of these kinds."""
        try:
            response = await self.transport.send(request)
        except TransportFailure as failure:
            _expect(failure.kind in kinds and failure.sent is sent, (failure.kind, failure.sent, failure.detail))
            _expect("secret-token" not in str(failure), "a secret is in the text of a failure")
            return failure
        raise AssertionError(f"expected a TransportFailure, not {response!r}")

    async def check_sends_the_request_unchanged(self) -> None:
        request = self.request(method="POST")
        response = await self.transport.send(request)
        [(_, received)] = self.requests
        head, _, body = received.decode().partition("\r\n\r\n")
        line, *lines = head.split("\r\n")
        _expect((line, body) == ("POST /networks?network%5Bid%5D=a%2Fb HTTP/1.1", '{"a": 1}'), received)
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
        for name, value in request.headers.items():
            _expect(headers.get(name.lower()) == value, (name, headers))
        _expect(response.status == _OK, response)

    async def check_returns_the_whole_response(self) -> None:
        response = await self.send()
        _expect((response.status, response.body) == (_OK, b"{}"), response)
        _expect(response.headers.get("X-Request-Id") == "r-1", dict(response.headers))

    async def check_returns_any_status(self) -> None:
        for status in (b"201 Created", b"404 Not Found", b"429 Too Many Requests", b"503 Service Unavailable"):
            self.respond = _writes(_GOOD_RESPONSE.replace(b"200 OK", status))
            response = await self.send()
            _expect(response.status == int(status[:3]), (status, response))

    async def check_follows_no_redirect(self) -> None:
        location = f"302 Found\r\nLocation: {self.url}/elsewhere".encode()
        self.respond = _writes(_GOOD_RESPONSE.replace(b"200 OK", location))
        response = await self.send()
        _expect((response.status, len(self.requests)) == (302, 1), (response, self.requests))

    async def check_sends_once_even_if_the_connection_breaks(self) -> None:
        await self.send()
        self.requests.clear()
        self.respond = _writes(b"", close=True)
        request = self.request()
        await self.failure(request, "disconnect", sent=True)
        _expect(len(self.requests) == 1, self.requests)
        _expect(request.progress.sent is not False, request.progress)

    async def check_refused_connection_is_a_connect_failure(self) -> None:
        async with await asyncio.start_server(self.serve, "127.0.0.1", 0) as server:
            url = _url(server)  # nothing listens on its port after the block
        request = TransportRequest(method="GET", url=url, headers={})
        await self.failure(request, "connect", sent=False)
        _expect(request.progress.sent is False, request.progress)

    async def check_missing_response_is_a_timeout(self) -> None:
        self.respond = _send_nothing
        failure = await self.failure(self.request(), "timeout", sent=True)
        _expect(failure.phase == "read", failure.phase)

    async def check_truncated_body_is_a_failure(self) -> None:
        self.respond = _writes(_GOOD_RESPONSE.replace(b"Length: 2", b"Length: 9"), close=True)
        await self.failure(self.request(), "truncated", "disconnect", sent=True)

    async def check_response_that_is_not_http_is_invalid(self) -> None:
        self.respond = _writes(b"SSH-2.0-OpenSSH_9.2\r\n\r\n", close=True)
        await self.failure(self.request(), "invalid", sent=True)

    async def check_large_body_is_too_large(self) -> None:
        self.respond = _writes(_GOOD_RESPONSE.replace(b"Length: 2", b"Length: 100000") + b"x" * 99_998)
        failure = await self.failure(self.request(), "too_large", sent=True)
        _expect(failure.partial is None or failure.partial.status == _OK, failure.partial)

    async def check_reuses_connections(self) -> None:
        for _ in range(3):
            await self.send()
        _expect(len(dict(self.requests)) == 1, self.requests)

    async def check_fresh_connection_opens_a_new_connection(self) -> None:
        await self.send()
        await self.transport.send(self.request(fresh_connection=True))
        await self.send()
        connections = [connection for connection, _ in self.requests]
        _expect(connections[1] != connections[0], connections)

    async def check_never_reuses_a_connection_with_unread_bytes(self) -> None:
        idle, unread = asyncio.Event(), asyncio.Event()

        async def respond(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            self.respond = _respond_ok
            writer.write(_GOOD_RESPONSE)
            await idle.wait()
            writer.write(_GOOD_RESPONSE.replace(b"{}", b"[]"))  # this response belongs to no request
            unread.set()

        self.respond = respond
        await self.send()
        idle.set()
        await unread.wait()
        response = await self.send()
        _expect(response.body == b"{}", "the response that belongs to no request was returned")

    async def check_cancelled_request_counts_as_sent(self) -> None:
        self.respond = _send_nothing
        request = self.request()
        sending = asyncio.create_task(self.transport.send(request))
        await self.received.wait()
        sending.cancel()
        await asyncio.wait([sending])
        _expect(sending.cancelled(), "a cancelled send returned")
        _expect(request.progress.sent is not False, request.progress)

    async def check_closing_ends_a_request(self) -> None:
        self.respond = _send_nothing
        sending = asyncio.create_task(self.failure(self.request(), "closed", sent=True))
        await self.received.wait()
        await self.transport.aclose()
        await sending

    async def check_closed_transport_sends_nothing(self) -> None:
        await self.transport.aclose()
        await self.failure(self.request(), "closed", sent=False)
        _expect(not self.requests, self.requests)


def _expect(condition: object, actual: object) -> None:
    """Raise AssertionError with the actual value, also where Python removes assert statements (``-O``)."""
    if not condition:
        raise AssertionError(actual)


def _url(server: asyncio.Server) -> str:
    return f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


CHECKS: Final[MappingProxyType[str, Callable[[_Contract], Awaitable[None]]]] = MappingProxyType(
    {name.removeprefix("check_"): check for name, check in vars(_Contract).items() if name.startswith("check_")}
)
"""The rules of the contract by name, such as ``follows_no_redirect``."""


async def check_transport(make: MakeTransport, *, rule: str) -> None:
    """Check that a transport follows one rule of the contract.

    Args:
        make: makes the transport; it is opened, checked and closed.
        rule: one of `CHECKS`.

    Raises:
        AssertionError: the transport does not follow the rule, the check did not end within 30 s, or `aclose` did not
            close a connection. Other errors of the transport are raised unchanged.
    """
    transport = make(connect_timeout=_TIMEOUT, read_timeout=_TIMEOUT, max_body=_MAX_BODY)
    contract = _Contract(transport)
    handlers: list[asyncio.Task[None]] = []

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        handlers.append(asyncio.create_task(contract.serve(reader, writer)))

    async with await asyncio.start_server(accept, "127.0.0.1", 0) as server:
        contract.url = _url(server)
        await transport.open()
        try:
            async with asyncio.timeout(_CHECK_TIMEOUT) as limit:
                await CHECKS[rule](contract)
        except TimeoutError:
            _expect(not limit.expired(), f"the check did not end within {_CHECK_TIMEOUT:g} s")
            raise
        finally:
            await transport.aclose()
            try:
                await asyncio.wait_for(asyncio.gather(*handlers, return_exceptions=True), 5.0)
            except TimeoutError as error:
                raise AssertionError("aclose did not close a connection") from error
