"""Responses over sockets, made of valid and invalid parts, with random changes of their bytes.

Checked: no foreign exception, no hang, no response to another request, and no content of a body in an error.
"""

import asyncio
import functools
import gc
import itertools
import json
import logging
import math
import re
import sys
import time
import zlib
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any, Final, TypeVar

import attrs
from hypothesis import strategies as st

from katapult_async import (
    Endpoint,
    KatapultClient,
    KatapultError,
    RateLimitPolicy,
    RetryPolicy,
    Timeouts,
)

from .kinds import CONTENT
from .properties import Property

T = TypeVar("T")

_SECONDS: Final = 1.0  # for a call
_SLACK: Final = 30.0  # seconds that a busy machine may add; only a hang takes longer
_TOKENS: Final = itertools.count()
_REQUESTS: Final = itertools.count()


@attrs.frozen
class Item:
    """What the server responds with: the id of the request, and content that no error may quote."""

    id: str
    text: str = ""


ITEM: Final = Endpoint(path="/items", answer="item", type=Item)


@attrs.frozen(kw_only=True)
class Response:
    """The bytes that a server sends for one request."""

    start: bytes = b"HTTP/1.1 200 OK"
    headers: tuple[bytes, ...] = ()
    body: Callable[[bytes], bytes] = attrs.field(repr=lambda body: getattr(body, "__name__", "body"))
    coding: str = "none"
    framing: str = "length"
    before: bytes = b""
    """Sent before the response: interim responses, empty lines."""

    extra: bytes = b""
    """Sent after the response."""

    changes: tuple[tuple[str, float, bytes], ...] = ()
    """Changes of the bytes: the kind, the place as a share of the length, and the bytes that are inserted. ``delete``
    removes as many bytes as these."""

    pieces: int = 1
    """In how many pieces the bytes are sent."""

    ends: str = "keep"
    """What the server does with the connection after the response: ``keep``, ``close`` or ``reset``."""

    def rendered(self, request_id: bytes) -> bytes:
        """Return the bytes for a request."""
        body = _coded(self.body(request_id), self.coding)
        fields, framed = _framed(body, self.framing)
        head = b"\r\n".join((self.start, *self.headers, *fields, b"", b""))
        data = self.before + head + framed + self.extra.replace(b"@ID@", request_id)
        for change, part, inserted in self.changes:
            at = int(part * len(data))
            match change:
                case "insert":
                    data = data[:at] + inserted + data[at:]
                case "replace":
                    data = data[:at] + inserted + data[at + len(inserted) :]
                case "delete":
                    data = data[:at] + data[at + len(inserted) :]
                case "repeat":
                    data = data[:at] + data[max(0, at - 40) : at] + data[at:]
                case "cut":
                    data = data[:at]
        return data


def item(request_id: bytes) -> bytes:
    return json.dumps({"item": {"id": request_id.decode(), "text": CONTENT}}).encode()


def large_item(request_id: bytes) -> bytes:
    return json.dumps({"item": {"id": request_id.decode(), "text": CONTENT * 20_000}}).encode()


def other_shape(_: bytes) -> bytes:
    return json.dumps({"item": {"text": [CONTENT]}}).encode()


def error(_: bytes) -> bytes:
    return b'{"error": {"code": "service_unavailable", "description": "no", "detail": {}}}'


def empty_body(_: bytes) -> bytes:
    return b""


def html(_: bytes) -> bytes:
    return b"<html>" + CONTENT.encode() + b"</html>"


def deeply_nested(_: bytes) -> bytes:
    return b'{"item": ' + b"[" * 3000 + CONTENT.encode()


VALID: Final = Response(body=item)


def _coded(body: bytes, coding: str) -> bytes:
    if coding == "none":
        return body
    compressor = zlib.compressobj(wbits={"gzip": 31, "deflate": 15, "raw deflate": -15}[coding])
    return compressor.compress(body) + compressor.flush()


def _framed(body: bytes, framing: str) -> tuple[tuple[bytes, ...], bytes]:
    length = b"Content-Length: %d"
    half = len(body) // 2
    chunks = b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in (body[:half], body[half:]) if part)
    chunked = b"Transfer-Encoding: chunked"
    framings: dict[str, tuple[tuple[bytes, ...], bytes]] = {
        "length": ((length % len(body),), body),
        "longer": ((length % (len(body) + 5),), body),
        "shorter": ((length % max(0, len(body) - 5),), body),
        "two lengths": ((length % len(body), length % (len(body) + 1)), body),
        "equal lengths": ((length % len(body), length % len(body)), body),
        "chunked": ((chunked,), chunks + b"0\r\n\r\n"),
        "chunked with trailer": ((chunked,), chunks + b"0\r\nX-Trailer: y\r\n\r\n"),
        "chunked with trailers": ((chunked,), chunks + b"0\r\nX-Trailer: y\r\nContent-Length: 5\r\n\r\n"),
        "chunked without end": ((chunked,), chunks),
        "both": ((chunked, length % len(body)), chunks + b"0\r\n\r\n"),
        "until closed": ((b"Connection: close",), body),
    }
    return framings[framing]


_FRAMINGS: Final = (
    *["length"] * 4,
    *["chunked"] * 3,
    "longer",
    "shorter",
    "two lengths",
    "equal lengths",
    "chunked with trailers",
    "chunked without end",
    "both",
    "until closed",
)
_HEADERS: Final = (
    b"Content-Type: application/json",
    b"Content-Encoding: gzip",
    b"Content-Encoding: identity",
    b"Content-Encoding: br, gzip",
    b"Connection: close",
    b"Connection: keep-alive, upgrade",
    b"Upgrade: websocket",
    b"Location: http://127.0.0.1:1/",
    b"Retry-After: 0",
    b"Retry-After: 99999999999999999999",
    b"Retry-After: Fri, 31 Dec 9999 23:59:59 GMT",
    b"Date: Fri, 01 Mar 2024 10:00:20 GMT",
    b"Date: Mon, 99 Foo 0000 25:61:61 +9999",
    b"X-Ratelimit-Permitted: 1000",
    b"X-Ratelimit-Remaining: 0",
    b"X-Ratelimit-Remaining: -5",
    b"X-Ratelimit-Remaining: " + b"9" * 400,
    b"X-Ratelimit-Remaining: \xd9\xa3",
    b"X-Request-Id: \x1b[31m\xff\x00",
    b"Set-Cookie: a=b; Domain=.example",
    b"X: " + b"y" * 9000,
    b" folded: line",
    b"No colon",
    b": no name",
    b"Trailer: X",
)
_STARTS: Final = (
    *[b"HTTP/1.1 200 OK"] * 6,
    b"HTTP/1.0 200 OK",
    b"HTTP/1.1 200",
    b"HTTP/1.1 201 Created",
    b"HTTP/1.1 204 No Content",
    b"HTTP/1.1 206 Partial Content",
    b"HTTP/1.1 302 Found",
    b"HTTP/1.1 304 Not Modified",
    b"HTTP/1.1 404 Not Found",
    b"HTTP/1.1 429 Too Many Requests",
    b"HTTP/1.1 503 Service Unavailable",
    b"HTTP/1.1 520 Unknown",
    b"HTTP/1.1 101 Switching Protocols",
    b"HTTP/1.1 999 What",
    b"HTTP/2 200",
    b"ICY 200 OK",
    b"HTTP/1.1 20 OK",
)
_BEFORE: Final = (
    *[b""] * 6,
    b"\r\n",
    b"HTTP/1.1 100 Continue\r\n\r\n",
    b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" * 3,
    b"\n\n\n",
)
_OTHER_RESPONSE: Final = b'HTTP/1.1 200 OK\r\nContent-Length: 54\r\n\r\n{"item": {"id": "@ID@", "text": ""}}      '
_EXTRA: Final = (
    *[b""] * 6,
    b"\r\n",
    b"garbage",
    b"0\r\n\r\n",
    _OTHER_RESPONSE,
    _OTHER_RESPONSE * 2,
    b"HTTP/1.1 200 OK\r\n",
)
_BYTES: Final = st.binary(max_size=12) | st.sampled_from([b"\r", b"\n", b"\r\n", b"\0", b"\r\n\r\n", b"-1"])
_CHANGES: Final = st.tuples(
    st.sampled_from(["insert", "replace", "delete", "repeat", "cut"]), st.floats(0.0, 1.0), _BYTES
)

ANY_RESPONSE: Final = st.builds(
    Response,
    start=st.sampled_from(_STARTS) | st.binary(max_size=30),
    headers=st.lists(st.sampled_from(_HEADERS) | st.binary(max_size=20), max_size=3).map(tuple),
    body=st.sampled_from([item, item, item, large_item, other_shape, error, empty_body, html, deeply_nested]),
    coding=st.sampled_from(["none", "none", "none", "gzip", "deflate", "raw deflate"]),
    framing=st.sampled_from(_FRAMINGS),
    before=st.sampled_from(_BEFORE),
    extra=st.sampled_from(_EXTRA),
    changes=st.lists(_CHANGES, max_size=2).map(tuple),
    ends=st.sampled_from(["keep", "keep", "close", "close", "reset"]),
) | st.builds(
    Response,
    headers=st.just(()),
    body=st.just(item),
    framing=st.sampled_from(["length", "chunked", "until closed"]),
    pieces=st.integers(1, 9),
    changes=st.lists(_CHANGES, max_size=1).map(tuple),
    ends=st.sampled_from(["keep", "close", "reset"]),
)


class Server:
    """Sends the responses of a list to the first requests, and correct ones to all later requests."""

    def __init__(self) -> None:
        self.responses: list[Response] = []
        self.url = ""

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[None]:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        async with server:
            yield

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            while await self._respond(reader, writer):
                pass
        writer.close()

    async def _respond(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Respond to a request; return whether the connection is kept."""
        request = await reader.readuntil(b"\r\n\r\n")
        [request_id] = re.findall(rb"item=(\w+)", request)
        response = self.responses.pop(0) if self.responses else VALID
        data = response.rendered(request_id)
        size = max(1, math.ceil(len(data) / response.pieces))
        for start in range(0, len(data), size):
            writer.write(data[start : start + size])
            await writer.drain()
            await asyncio.sleep(0)
        if response.ends == "reset":
            writer.transport.abort()
        return response.ends == "keep" and response.framing != "until closed"


@functools.cache
def _runner() -> asyncio.Runner:
    return asyncio.Runner()


@attrs.define
class Outcome:
    """How one call ended."""

    request_id: str
    seconds: float
    value: Item | None = None
    error: BaseException | None = None


_SHORT_TIMEOUTS: Final = Timeouts(connect=0.3, read=0.1, attempt=0.4, call=_SECONDS)
_LONG_TIMEOUTS: Final = Timeouts(connect=_SLACK, read=_SLACK, attempt=_SLACK, call=_SLACK)


async def _outcome(katapult: KatapultClient) -> Outcome:
    """Make a call, and return how it ended."""
    outcome = Outcome(f"{next(_REQUESTS):016x}", 0.0)
    began_at = time.monotonic()
    try:
        async with asyncio.timeout(_SECONDS + _SLACK):
            outcome.value = await katapult.call(ITEM, arguments={"item": outcome.request_id})
    except Exception as error:  # noqa: BLE001 # `_check` fails for a foreign one
        outcome.error = error
    outcome.seconds = time.monotonic() - began_at
    return outcome


async def _outcomes(
    responses: Sequence[Response], calls: int, *, timeouts: Timeouts = _SHORT_TIMEOUTS, attempts: int = 2
) -> tuple[list[Outcome], list[str]]:
    """Return the outcomes of calls one after the other on one client, and what the event loop reports."""
    reports: list[str] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: reports.append(repr(context)))
    server = Server()
    async with server.listening():
        server.responses = list(responses)
        client = KatapultClient(
            f"token-{next(_TOKENS)}",
            base_url=server.url,
            timeouts=timeouts,
            retry=RetryPolicy(attempts=attempts, refusals=2, wait_initial=0.001, wait_max=0.001, retry_after_max=0.01),
            rate_limit=RateLimitPolicy(window=0.2, max_wait=0.05),
        )
        async with client as katapult:
            outcomes = [await _outcome(katapult) for _ in range(calls)]
    return outcomes, reports


class _Log(logging.Handler):
    """Keeps the messages of warnings and errors."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.messages: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.messages.append(record.getMessage())


def run(main: Coroutine[Any, Any, T]) -> T:
    """Return what a coroutine returns, in the loop that all inputs share."""
    return _runner().run(main)


def _check(responses: Sequence[Response]) -> None:
    log, unraisable = _Log(), list[object]()
    before, sys.unraisablehook = sys.unraisablehook, unraisable.append
    logging.getLogger().addHandler(log)
    try:
        outcomes, reports = run(_outcomes(responses, calls=3))
    finally:
        logging.getLogger().removeHandler(log)
        sys.unraisablehook = before
    assert not reports, reports
    assert not log.messages, log.messages
    assert not unraisable, unraisable
    ids = {outcome.request_id for outcome in outcomes}
    for outcome in outcomes:
        assert outcome.seconds < _SECONDS + _SLACK, outcome
        if outcome.error is not None:
            assert isinstance(outcome.error, KatapultError), repr(outcome.error)
            assert CONTENT not in str(outcome.error) + repr(outcome.error)
            assert str(outcome.error).isprintable()
        else:
            assert isinstance(outcome.value, Item)
            assert outcome.value.id not in ids - {outcome.request_id}, "the response to another request"


def _check_recovery(responses: Sequence[Response]) -> None:
    """After a response of any kind, a call with a correct response succeeds on the same client."""
    # A busy machine may stop the process for longer than an attempt may take, but not in each of five.
    outcomes, _ = run(
        _outcomes(responses[:1], calls=3, timeouts=attrs.evolve(_SHORT_TIMEOUTS, call=_SLACK), attempts=5)
    )
    last = outcomes[-1]
    if last.error is None:
        assert last.value == Item(last.request_id, CONTENT)
    else:  # the rate limit that the server reported holds for the next call too
        assert type(last.error).__name__ == "RateLimitWaitError", repr(last.error)


def _check_valid(response: Response) -> None:
    """A valid response is decoded, however it is framed, compressed and cut into pieces, at the first attempt."""
    outcomes, _ = run(_outcomes([response], calls=1, timeouts=_LONG_TIMEOUTS, attempts=1))
    assert outcomes[0].value == Item(outcomes[0].request_id, CONTENT), outcomes


def _with_coding_header(response: Response) -> Response:
    """Return a response with the header that names its coding."""
    if response.coding == "none":
        return response
    return attrs.evolve(response, headers=(*response.headers, f"Content-Encoding: {response.coding}".encode()))


_RESPONSES: Final = st.lists(ANY_RESPONSE, min_size=1, max_size=4)
_VALID_RESPONSES: Final = st.builds(
    Response,
    start=st.sampled_from([b"HTTP/1.1 200 OK", b"HTTP/1.1 200", b"HTTP/1.1 201 Created"]),
    headers=st.lists(
        st.sampled_from([b"Content-Type: application/json", b"Date: Fri, 01 Mar 2024 10:00:20 GMT", b"X: y"]),
        max_size=3,
    ).map(tuple),
    body=st.just(item),
    framing=st.sampled_from(["length", "chunked", "chunked with trailer", "until closed"]),
    coding=st.sampled_from(["none", "gzip", "deflate"]),
    before=st.sampled_from([b"", b"HTTP/1.1 100 Continue\r\n\r\n"]),
    pieces=st.integers(1, 9),
    ends=st.sampled_from(["keep", "close"]),
).map(_with_coding_header)

PROPERTIES: Final = (
    Property(
        "a call ends without a foreign exception, a hang or the response to another request",
        _RESPONSES,
        _check,
        gc.collect,
    ),
    Property("a call after a bad response succeeds", _RESPONSES, _check_recovery, gc.collect),
    Property("a valid response is decoded in any framing", _VALID_RESPONSES, _check_valid, gc.collect),
)
