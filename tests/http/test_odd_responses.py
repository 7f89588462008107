"""Odd responses, over sockets, that users of other clients have reported. The row of each says what it becomes here."""

import attrs
import pytest

from katapult_async import (
    BadResponseError,
    Endpoint,
    KatapultClient,
    KatapultError,
    NotFoundError,
    PermissionDeniedError,
    RetryPolicy,
    ServerError,
    ServiceUnavailableError,
    Timeouts,
)
from tests.one_response_server import http_response, serving


@attrs.frozen
class Item:
    """What the server responds with."""

    id: str


ITEM = Endpoint(path="/items", answer="item", type=Item)
BODY = b'{"item": {"id": "x"}}'
VALUE = Item("x")
UNAVAILABLE = b'{"error": {"code": "service_unavailable", "description": "d", "detail": {}}}'
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n"


def response(body: bytes = BODY, *, status: bytes = b"200 OK", headers: bytes = b"") -> bytes:
    return http_response(body, status=status, headers=headers)


def error(fields: bytes, *, status: bytes) -> bytes:
    return response(b'{"error": {%b}}' % fields, status=status)


RESPONSES: dict[str, tuple[bytes, Item | type[KatapultError]]] = {
    "a name twice": (response(b'{"item": {"id": "y"}, "item": {"id": "x"}}'), VALUE),
    "a chunk extension": (CHUNKED + b"\r\n15;a=b\r\n" + BODY + b"\r\n0\r\n\r\n", VALUE),
    "a content coding in capitals": (response(headers=b"Content-Encoding: IDENTITY\r\n"), VALUE),
    "an unknown charset": (response(headers=b"Content-Type: application/json; charset=nonsense-9\r\n"), VALUE),
    "a broken cookie": (response(headers=b"Set-Cookie: \xff=\x01;;;===\r\n"), VALUE),
    "a reason that is not ASCII": (response(status=b"200 \xe9\xff"), VALUE),
    "a budget of 0": (response(headers=b"X-Ratelimit-Permitted: 0\r\nX-Ratelimit-Remaining: 0\r\n"), VALUE),
    "more left than permitted": (response(headers=b"X-Ratelimit-Permitted: 1\r\nX-Ratelimit-Remaining: 5\r\n"), VALUE),
    "a date of 1970": (response(headers=b"Date: Thu, 01 Jan 1970 00:00:00 GMT\r\n"), VALUE),
    "a date of 9999": (response(headers=b"Date: Fri, 31 Dec 9999 23:59:59 GMT\r\n"), VALUE),
    "NaN": (response(b'{"item": {"id": "x", "n": NaN}}'), BadResponseError),
    "a trailer": (CHUNKED + b"\r\n15\r\n" + BODY + b"\r\n0\r\nX-Ratelimit-Remaining: 0\r\n\r\n", VALUE),
    "103 of 7 kB and 100 before the response": (
        b"HTTP/1.1 103 E\r\nLink: %b\r\n\r\nHTTP/1.1 100 C\r\n\r\n" % (b"x" * 7000) + response(),
        VALUE,
    ),
    "a byte order mark": (response(b"\xef\xbb\xbf" + BODY), BadResponseError),
    "UTF-16": (response(BODY.decode().encode("utf-16")), BadResponseError),
    "half a surrogate pair": (response(b'{"item": {"id": "\\ud800"}}'), BadResponseError),
    "100,000 brackets": (response(b'{"item":' + b"[" * 100_000), BadResponseError),
    "no body": (response(b""), BadResponseError),
    "null": (response(b"null"), BadResponseError),
    "a number of 5,000 digits": (response(b'{"item": {"id": %b}}' % (b"9" * 5000)), BadResponseError),
    "a server that speaks only HTTP/2": (
        bytes(3) + b"\x04" + bytes(5) + b"\x00\x00\x08\x07" + bytes(12) + b"\x01",
        BadResponseError,
    ),
    "205 without a length": (b"HTTP/1.1 205 Reset Content\r\n\r\n", BadResponseError),
    "304": (b"HTTP/1.1 304 N\r\n\r\n", BadResponseError),
    "a chunk of 0x15": (CHUNKED + b"\r\n0x15\r\n" + BODY + b"\r\n0\r\n\r\n", BadResponseError),
    "a chunk of 2**80": (CHUNKED + b"\r\nffffffffffffffffffff\r\n" + BODY, BadResponseError),
    "a length with a sign": (b"HTTP/1.1 200 OK\r\nContent-Length: +21\r\n\r\n" + BODY, BadResponseError),
    "two lengths in one": (b"HTTP/1.1 200 OK\r\nContent-Length: 21, 21\r\n\r\n" + BODY, BadResponseError),
    "an unknown content coding": (response(headers=b"Content-Encoding: zstd\r\n"), BadResponseError),
    "gzip without bytes": (response(b"", headers=b"Content-Encoding: gzip\r\n"), BadResponseError),
    "scopes that are an object": (
        error(b'"code": "scope_not_granted", "description": 5, "detail": {"scopes": {"a": 1}}', status=b"403 X"),
        PermissionDeniedError,
    ),
    "a code that is a number": (error(b'"code": 5, "description": "x"', status=b"404 X"), NotFoundError),
    "a code of 5,000 letters": (error(b'"code": "%b"' % (b"a" * 5000), status=b"404 X"), NotFoundError),
    "an error that is a list": (response(b'{"error": [1, 2]}', status=b"500 X"), ServerError),
    **{
        f"Retry-After: {value.decode()[:20]}": (
            response(UNAVAILABLE, status=b"503 X", headers=b"Retry-After: " + value + b"\r\n"),
            ServiceUnavailableError,
        )
        for value in (b"-1", b"inf", b"1e400", b"9" * 400, b"5, 6", b"Wed, 21 Oct 2015 07:28:00 GMT", b"")
    },
}


@pytest.mark.parametrize("name", RESPONSES)
async def test_odd_response_has_the_outcome_of_its_row(name: str) -> None:
    response_bytes, outcome = RESPONSES[name]
    retry = RetryPolicy(attempts=2, wait_initial=0.001, wait_max=0.001)
    async with (
        serving(response_bytes) as base_url,
        KatapultClient("token", base_url=base_url, retry=retry, timeouts=Timeouts(call=10.0)) as katapult,
    ):
        if isinstance(outcome, Item):
            assert await katapult.call(ITEM) == outcome
        else:
            with pytest.raises(KatapultError) as raised:
                await katapult.call(ITEM)
            assert type(raised.value) is outcome
            assert len(str(raised.value)) < 600
            assert str(raised.value).isprintable()
