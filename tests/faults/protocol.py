"""Answers that are not HTTP, or HTTP at its edges."""

from functools import partial

import attrs

from katapult_async import BadResponseError, BadResponseReason, DisconnectedError

from .fault import ATTEMPTS, Fails, Family, Fault, Right, fault
from .responses import framed, good, head, raw, says, standard_headers, whole
from .server import Act

_fault = partial(fault, Family.PROTOCOL)

_UNREADABLE = Fails(kind=BadResponseError, reason=BadResponseReason.UNREADABLE, attempts=ATTEMPTS)
_NOT_HTTP = Fails(kind=BadResponseError, reason=BadResponseReason.UNREADABLE, attempts=ATTEMPTS, says="not HTTP")
_CUT = Fails(kind=BadResponseError, reason=BadResponseReason.TRUNCATED, attempts=ATTEMPTS)
_REDIRECT = Fails(kind=BadResponseError, reason=BadResponseReason.REDIRECT)
_GONE = Fails(kind=DisconnectedError, attempts=ATTEMPTS)
_CHUNKED = head(headers=standard_headers(Transfer_Encoding="chunked"))


def _chunk(data: bytes, extension: bytes = b"") -> bytes:
    return b"%x" % len(data) + extension + b"\r\n" + data + b"\r\n"


def _chunked(body: bytes, *, extension: bytes = b"", trailers: bytes = b"") -> bytes:
    half = len(body) // 2
    return _CHUNKED + _chunk(body[:half], extension) + _chunk(body[half:]) + b"0\r\n" + trailers + b"\r\n"


def _with(fields: bytes, *, status: bytes = b"HTTP/1.1 200 OK") -> Act:
    """Return an act whose answer has other header fields, in which ``%d`` stands for the body's length."""

    def frame(body: bytes) -> bytes:
        return status + b"\r\n" + fields.replace(b"%d", b"%d" % len(body)) + b"\r\n\r\n" + body

    return framed(frame, then="close")


def _moved(status: str, location: str) -> Act:
    return says(b"", status, {"Location": location})


FAULTS: tuple[Fault, ...] = (
    _fault("garbage", "Bytes that are no HTTP", raw(b"\x00\xff\x16\x03garbage\r\n\r\n", then="close"), _NOT_HTTP),
    _fault(
        "another_protocol",
        "The greeting of a mail server",
        raw(b"220 mail.example ESMTP\r\n\r\n", then="close"),
        _NOT_HTTP,
    ),
    _fault(
        "bare_body", "A body without a status line", framed(lambda body: body + b"\r\n\r\n", then="close"), _NOT_HTTP
    ),
    _fault(
        "http_2", "An answer in HTTP/2", raw(b"\x00\x00\x12\x04\x00\x00\x00\x00\x00\r\n\r\n", then="close"), _NOT_HTTP
    ),
    _fault(
        "impossible_status",
        "A status of four digits",
        _with(b"Content-Length: %d", status=b"HTTP/1.1 2000 OK"),
        _NOT_HTTP,
    ),
    _fault("negative_status", "A negative status", _with(b"Content-Length: %d", status=b"HTTP/1.1 -200 OK"), _NOT_HTTP),
    _fault(
        "no_reason_phrase", "A status without its words", _with(b"Content-Length: %d", status=b"HTTP/1.1 200"), Right()
    ),
    _fault("http_1_0", "HTTP/1.0, with a length", _with(b"Content-Length: %d", status=b"HTTP/1.0 200 OK"), Right()),
    _fault(
        "http_1_0_until_close",
        "HTTP/1.0, the body ends with the connection",
        _with(b"X-Old: yes", status=b"HTTP/1.0 200 OK"),
        Right(),
    ),
    _fault("no_length", "No length: the body ends with the connection", _with(b"X-Length: none"), Right()),
    _fault(
        "no_length_cut",
        "No length, and the connection ends inside the body",
        raw(head() + b'{"ip_addresses": [{"id', then="close"),
        _UNREADABLE,
    ),
    _fault(
        "connection_close",
        "The connection is announced to end, and stays",
        framed(lambda body: whole(body, headers={"Connection": "close"}), then="hush"),
        Right(),
    ),
    _fault(
        "early_hints",
        "103 Early Hints and 100 Continue before the answer",
        framed(lambda body: head("103 Early Hints", {"Link": "</x>"}) + head("100 Continue") + whole(body)),
        Right(),
    ),
    _fault(
        "switching_protocols",
        "101 Switching Protocols",
        raw(head("101 Switching Protocols", {"Upgrade": "h2c", "Connection": "Upgrade"}), then="close"),
        Fails(kind=BadResponseError, reason=BadResponseReason.UNREADABLE, attempts=ATTEMPTS, status=101),
    ),
    _fault("chunks", "A body in chunks", framed(_chunked), Right()),
    _fault(
        "chunk_extensions",
        "Chunks with extensions",
        framed(lambda body: _chunked(body, extension=b";name=value")),
        Right(),
    ),
    _fault(
        "trailers",
        "Chunks and trailing headers",
        framed(lambda body: _chunked(body, trailers=b"X-Sum: 1\r\n")),
        Right(),
    ),
    _fault(
        "length_in_trailers",
        "Chunks and a trailing header that gives a length",
        framed(lambda body: _chunked(body, trailers=b"Content-Length: 3\r\n")),
        _NOT_HTTP,
    ),
    _fault(
        "many_trailers",
        "10,000 trailing headers",
        framed(lambda body: _chunked(body, trailers=b"X-Sum: 1\r\n" * 10_000)),
        _NOT_HTTP,
    ),
    _fault(
        "chunk_size_garbage",
        "A chunk whose size is no number",
        raw(_CHUNKED + b"zz\r\n{}\r\n0\r\n\r\n", then="close"),
        _NOT_HTTP,
    ),
    _fault(
        "chunk_size_negative",
        "A chunk of a negative size",
        raw(_CHUNKED + b"-2\r\n{}\r\n0\r\n\r\n", then="close"),
        _NOT_HTTP,
    ),
    _fault(
        "chunk_size_overflow",
        "A chunk of 2^64 bytes and one",
        raw(_CHUNKED + b"10000000000000001\r\n{}\r\n0\r\n\r\n", then="close"),
        _NOT_HTTP,
    ),
    _fault(
        "chunk_longer_than_said",
        "A chunk longer than its size",
        raw(_CHUNKED + b"1\r\n{}}}\r\n0\r\n\r\n", then="close"),
        _NOT_HTTP,
    ),
    _fault(
        "chunk_extension_huge",
        "A chunk extension of a megabyte",
        framed(lambda body: _chunked(body, extension=b";" + b"x" * 1_000_000), then="close"),
        Right(),
    ),
    _fault("two_lengths", "Two different lengths", _with(b"Content-Length: %d\r\nContent-Length: 3"), _NOT_HTTP),
    _fault(
        "length_and_chunks",
        "A length and chunks",
        framed(lambda body: _chunked(body).replace(b"\r\n", b"\r\nContent-Length: 5\r\n", 1), then="close"),
        _NOT_HTTP,
    ),
    _fault("length_negative", "A negative length", _with(b"Content-Length: -5"), _NOT_HTTP),
    _fault("length_text", "A length that is no number", _with(b"Content-Length: five"), _NOT_HTTP),
    _fault("length_plus", "A length with a sign", _with(b"Content-Length: +%d"), _NOT_HTTP),
    _fault(
        "length_too_small",
        "A body longer than its length",
        framed(lambda body: head(headers={"Content-Length": "9"}) + body, then="close"),
        _UNREADABLE,
    ),
    _fault(
        "length_too_large",
        "A body shorter than its length",
        framed(lambda body: whole(body, headers={"Content-Length": "9999"}), then="close"),
        _CUT,
    ),
    _fault(
        "trailing_garbage",
        "Garbage behind a good answer",
        framed(lambda body: whole(body) + b"garbage\r\n\r\n"),
        _NOT_HTTP,
    ),
    _fault(
        "unknown_transfer_encoding",
        "A transfer encoding that nobody knows",
        _with(b"Transfer-Encoding: rot13"),
        Right(),
    ),
    _fault("header_huge", "A header of 64 KiB", _with(b"X-Huge: " + b"x" * 65536), _NOT_HTTP),
    _fault("headers_many", "10,000 headers", _with(b"X-Many: 1\r\n" * 10_000 + b"Content-Length: %d"), _NOT_HTTP),
    _fault("header_without_colon", "A header without a colon", _with(b"Nonsense\r\nContent-Length: %d"), _NOT_HTTP),
    _fault("header_with_nul", "A header with a NUL inside", _with(b"X-Nul: a\x00b\r\nContent-Length: %d"), _NOT_HTTP),
    _fault(
        "header_with_cr",
        "A header with a bare CR, to smuggle in another",
        _with(b"X-Cr: a\rContent-Length: 1\r\nContent-Length: %d"),
        _NOT_HTTP,
    ),
    _fault(
        "header_folded",
        "A header over two lines",
        _with(b"X-Folded: a\r\n  Content-Length: 1\r\nContent-Length: %d"),
        Right(),
    ),
    _fault("header_space_before_colon", "A space before a header's colon", _with(b"Content-Length : %d"), Right()),
    _fault("bare_lf", "Lines that end without CR", _with(b"X-Lf: 1\nContent-Length: %d"), Right()),
    _fault(
        "set_cookie",
        "A cookie to keep",
        framed(lambda body: whole(body, headers={"Set-Cookie": "session=1; Path=/; HttpOnly"})),
        Right(),
    ),
    _fault(
        "set_cookie_garbage",
        "A cookie that is none",
        framed(lambda body: whole(body, headers={"Set-Cookie": "\x7f;;=;,\xff" * 50})),
        Right(),
    ),
    _fault(
        "redirect_elsewhere",
        "A redirect to another host",
        _moved("302 Found", "https://evil.example/steal?x=1"),
        attrs.evolve(_REDIRECT, says="a redirect to evil.example,"),
    ),
    _fault(
        "redirect_with_user",
        "A redirect whose URL has a user and password",
        _moved("307 Temporary Redirect", "https://user:pass@evil.example/"),
        attrs.evolve(_REDIRECT, says="a redirect to evil.example,"),
    ),
    _fault("redirect_to_itself", "A redirect to the same URL", _moved("301 Moved Permanently", "/core/v1"), _REDIRECT),
    _fault(
        "redirect_to_a_file", "A redirect to a file", _moved("308 Permanent Redirect", "file:///etc/passwd"), _REDIRECT
    ),
    _fault("redirect_to_nowhere", "A redirect without a location", says(b"", "302 Found"), _REDIRECT),
    _fault("redirect_broken", "A redirect to something that is no URL", _moved("302 Found", "http://[::1"), _REDIRECT),
    _fault("not_modified", "304, though nothing was asked conditionally", says(b"", "304 Not Modified"), _REDIRECT),
    _fault(
        "post_garbage",
        "Garbage in answer to a POST",
        raw(b"garbage\r\n\r\n", then="close"),
        Fails(kind=BadResponseError, reason=BadResponseReason.UNREADABLE),
        method="POST",
    ),
    _fault(
        "post_closed",
        "The connection ends in place of the answer to a POST",
        raw(then="close"),
        Fails(kind=DisconnectedError),
        method="POST",
    ),
    _fault("post_good", "Nothing at all, to a POST", good, Right(), method="POST"),
)
