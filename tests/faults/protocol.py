"""Faults of the HTTP protocol: responses that are not HTTP, or that use rare or invalid parts of it."""

from functools import partial

import attrs

from katapult_async import BadResponseError, BadResponseReason, DisconnectedError

from .fault import MAX_ATTEMPTS, Fails, Family, Fault, Succeeds
from .responses import full_response, head, send, send_correct_response, send_framed, send_raw, standard_headers
from .server import Responder

_fault = partial(Fault, Family.PROTOCOL)

_UNREADABLE = Fails(error=BadResponseError, reason=BadResponseReason.UNREADABLE, attempts=MAX_ATTEMPTS)
_NOT_HTTP = Fails(error=BadResponseError, reason=BadResponseReason.UNREADABLE, attempts=MAX_ATTEMPTS, text="not HTTP")
_TRUNCATED = Fails(error=BadResponseError, reason=BadResponseReason.TRUNCATED, attempts=MAX_ATTEMPTS)
_REDIRECT = Fails(error=BadResponseError, reason=BadResponseReason.REDIRECT)
_DISCONNECTED = Fails(error=DisconnectedError, attempts=MAX_ATTEMPTS)
_CHUNKED = head(headers=standard_headers(Transfer_Encoding="chunked"))


def _chunk(data: bytes, extension: bytes = b"") -> bytes:
    return b"%x" % len(data) + extension + b"\r\n" + data + b"\r\n"


def _chunked(body: bytes, *, extension: bytes = b"", trailers: bytes = b"") -> bytes:
    half = len(body) // 2
    return _CHUNKED + _chunk(body[:half], extension) + _chunk(body[half:]) + b"0\r\n" + trailers + b"\r\n"


def _send_head(fields: bytes, *, status: bytes = b"HTTP/1.1 200 OK") -> Responder:
    """Return a responder that sends these headers and the correct body, whose length replaces ``%d`` in them."""

    def frame(body: bytes) -> bytes:
        return status + b"\r\n" + fields.replace(b"%d", b"%d" % len(body)) + b"\r\n\r\n" + body

    return send_framed(frame, then="close")


def _send_redirect(status: str, location: str) -> Responder:
    return send(b"", status, {"Location": location})


FAULTS: tuple[Fault, ...] = (
    _fault(
        "random_bytes",
        "Random bytes in place of HTTP",
        send_raw(b"\x00\xff\x16\x03garbage\r\n\r\n", then="close"),
        _NOT_HTTP,
    ),
    _fault(
        "smtp",
        "The greeting of a mail server",
        send_raw(b"220 mail.example ESMTP\r\n\r\n", then="close"),
        _NOT_HTTP,
    ),
    _fault(
        "no_status_line",
        "A body without a status line",
        send_framed(lambda body: body + b"\r\n\r\n", then="close"),
        _NOT_HTTP,
    ),
    _fault(
        "http_2",
        "A response in HTTP/2",
        send_raw(b"\x00\x00\x12\x04\x00\x00\x00\x00\x00\r\n\r\n", then="close"),
        _NOT_HTTP,
    ),
    _fault(
        "four_digit_status",
        "A status of four digits",
        _send_head(b"Content-Length: %d", status=b"HTTP/1.1 2000 OK"),
        _NOT_HTTP,
    ),
    _fault(
        "negative_status",
        "A negative status",
        _send_head(b"Content-Length: %d", status=b"HTTP/1.1 -200 OK"),
        _NOT_HTTP,
    ),
    _fault(
        "no_reason_phrase",
        "A status without a reason phrase",
        _send_head(b"Content-Length: %d", status=b"HTTP/1.1 200"),
        Succeeds(),
    ),
    _fault(
        "http_1_0",
        "HTTP/1.0 with a Content-Length",
        _send_head(b"Content-Length: %d", status=b"HTTP/1.0 200 OK"),
        Succeeds(),
    ),
    _fault(
        "http_1_0_until_close",
        "HTTP/1.0 whose body ends with the connection",
        _send_head(b"X-Old: yes", status=b"HTTP/1.0 200 OK"),
        Succeeds(),
    ),
    _fault(
        "no_length", "No Content-Length: the body ends with the connection", _send_head(b"X-Length: none"), Succeeds()
    ),
    _fault(
        "no_length_truncated",
        "No Content-Length, and the connection is closed inside the body",
        send_raw(head() + b'{"ip_addresses": [{"id', then="close"),
        _UNREADABLE,
    ),
    _fault(
        "connection_close",
        "Connection: close, and the server keeps the connection open",
        send_framed(lambda body: full_response(body, headers={"Connection": "close"}), then="stay_silent"),
        Succeeds(),
    ),
    _fault(
        "early_hints",
        "103 Early Hints and 100 Continue before the response",
        send_framed(
            lambda body: head("103 Early Hints", {"Link": "</x>"}) + head("100 Continue") + full_response(body)
        ),
        Succeeds(),
    ),
    _fault(
        "switching_protocols",
        "101 Switching Protocols",
        send_raw(head("101 Switching Protocols", {"Upgrade": "h2c", "Connection": "Upgrade"}), then="close"),
        Fails(error=BadResponseError, reason=BadResponseReason.UNREADABLE, attempts=MAX_ATTEMPTS, status=101),
    ),
    _fault("chunks", "A chunked body", send_framed(_chunked), Succeeds()),
    _fault(
        "chunk_extensions",
        "Chunk extensions",
        send_framed(lambda body: _chunked(body, extension=b";name=value")),
        Succeeds(),
    ),
    _fault(
        "trailers",
        "Trailers after the last chunk",
        send_framed(lambda body: _chunked(body, trailers=b"X-Sum: 1\r\n")),
        Succeeds(),
    ),
    _fault(
        "length_in_trailers",
        "Content-Length in a trailer",
        send_framed(lambda body: _chunked(body, trailers=b"Content-Length: 3\r\n")),
        _NOT_HTTP,
    ),
    _fault(
        "many_trailers",
        "10,000 trailers",
        send_framed(lambda body: _chunked(body, trailers=b"X-Sum: 1\r\n" * 10_000)),
        _NOT_HTTP,
    ),
    _fault(
        "chunk_size_not_a_number",
        "A chunk size that is not a number",
        send_raw(_CHUNKED + b"zz\r\n{}\r\n0\r\n\r\n", then="close"),
        _NOT_HTTP,
    ),
    _fault(
        "chunk_size_negative",
        "A negative chunk size",
        send_raw(_CHUNKED + b"-2\r\n{}\r\n0\r\n\r\n", then="close"),
        _NOT_HTTP,
    ),
    _fault(
        "chunk_size_overflow",
        "A chunk size of 2^64 + 1",
        send_raw(_CHUNKED + b"10000000000000001\r\n{}\r\n0\r\n\r\n", then="close"),
        _NOT_HTTP,
    ),
    _fault(
        "chunk_longer_than_size",
        "A chunk longer than its size",
        send_raw(_CHUNKED + b"1\r\n{}}}\r\n0\r\n\r\n", then="close"),
        _NOT_HTTP,
    ),
    _fault(
        "chunk_extension_huge",
        "A chunk extension of a megabyte",
        send_framed(lambda body: _chunked(body, extension=b";" + b"x" * 1_000_000), then="close"),
        Succeeds(),
    ),
    _fault(
        "two_lengths",
        "Two different Content-Length headers",
        _send_head(b"Content-Length: %d\r\nContent-Length: 3"),
        attrs.evolve(_NOT_HTTP, text="not HTTP (Duplicate"),
    ),
    _fault(
        "length_and_chunks",
        "Content-Length and Transfer-Encoding: chunked",
        send_framed(lambda body: _chunked(body).replace(b"\r\n", b"\r\nContent-Length: 5\r\n", 1), then="close"),
        attrs.evolve(_NOT_HTTP, text="not HTTP (Transfer-Encoding can't be present with Content-Length)"),
    ),
    _fault("length_negative", "A negative Content-Length", _send_head(b"Content-Length: -5"), _NOT_HTTP),
    _fault(
        "length_not_a_number", "A Content-Length that is not a number", _send_head(b"Content-Length: five"), _NOT_HTTP
    ),
    _fault("length_with_sign", "A Content-Length with a plus sign", _send_head(b"Content-Length: +%d"), _NOT_HTTP),
    _fault(
        "length_too_small",
        "A body longer than its Content-Length",
        send_framed(lambda body: head(headers={"Content-Length": "9"}) + body, then="close"),
        _UNREADABLE,
    ),
    _fault(
        "length_too_large",
        "A body shorter than its Content-Length",
        send_framed(lambda body: full_response(body, headers={"Content-Length": "9999"}), then="close"),
        _TRUNCATED,
    ),
    _fault(
        "bytes_after_response",
        "Random bytes after a correct response",
        send_framed(lambda body: full_response(body) + b"garbage\r\n\r\n"),
        _NOT_HTTP,
    ),
    _fault(
        "unknown_transfer_encoding",
        "An unknown Transfer-Encoding",
        _send_head(b"Transfer-Encoding: rot13"),
        Succeeds(),
    ),
    _fault(
        "header_huge",
        "A header of 64 KiB",
        _send_head(b"X-Huge: " + b"x" * 65536),
        attrs.evolve(_NOT_HTTP, text="a response that is not HTTP (Got more than 8190 bytes"),
    ),
    _fault("headers_many", "10,000 headers", _send_head(b"X-Many: 1\r\n" * 10_000 + b"Content-Length: %d"), _NOT_HTTP),
    _fault(
        "header_without_colon", "A header without a colon", _send_head(b"Nonsense\r\nContent-Length: %d"), _NOT_HTTP
    ),
    _fault("header_with_nul", "A NUL byte in a header", _send_head(b"X-Nul: a\x00b\r\nContent-Length: %d"), _NOT_HTTP),
    _fault(
        "header_with_cr",
        "A bare CR in a header, to inject another header",
        _send_head(b"X-Cr: a\rContent-Length: 1\r\nContent-Length: %d"),
        _NOT_HTTP,
    ),
    _fault(
        "header_folded",
        "A header folded over two lines",
        _send_head(b"X-Folded: a\r\n  Content-Length: 1\r\nContent-Length: %d"),
        Succeeds(),
    ),
    _fault(
        "header_space_before_colon",
        "A space before the colon of a header",
        _send_head(b"Content-Length : %d"),
        Succeeds(),
    ),
    _fault("bare_lf", "Header lines that end with LF only", _send_head(b"X-Lf: 1\nContent-Length: %d"), Succeeds()),
    _fault(
        "set_cookie",
        "Set-Cookie",
        send_framed(lambda body: full_response(body, headers={"Set-Cookie": "session=1; Path=/; HttpOnly"})),
        Succeeds(),
    ),
    _fault(
        "set_cookie_malformed",
        "A malformed Set-Cookie",
        send_framed(lambda body: full_response(body, headers={"Set-Cookie": "\x7f;;=;,\xff" * 50})),
        Succeeds(),
    ),
    _fault(
        "redirect_to_another_host",
        "A redirect to another host",
        _send_redirect("302 Found", "https://evil.example/steal?x=1"),
        attrs.evolve(_REDIRECT, text="a redirect to evil.example,"),
    ),
    _fault(
        "redirect_with_password",
        "A redirect to a URL with a user and a password",
        _send_redirect("307 Temporary Redirect", "https://user:pass@evil.example/"),
        attrs.evolve(_REDIRECT, text="a redirect to evil.example,"),
    ),
    _fault(
        "redirect_to_same_url",
        "A redirect to the same URL",
        _send_redirect("301 Moved Permanently", "/core/v1"),
        _REDIRECT,
    ),
    _fault(
        "redirect_to_file",
        "A redirect to a file: URL",
        _send_redirect("308 Permanent Redirect", "file:///etc/passwd"),
        _REDIRECT,
    ),
    _fault("redirect_without_location", "A redirect without a Location", send(b"", "302 Found"), _REDIRECT),
    _fault(
        "redirect_to_invalid_url", "A redirect to an invalid URL", _send_redirect("302 Found", "http://[::1"), _REDIRECT
    ),
    _fault(
        "not_modified",
        "304 Not Modified, though the request was not conditional",
        send(b"", "304 Not Modified"),
        _REDIRECT,
    ),
    _fault(
        "post_random_bytes",
        "Random bytes in response to a POST",
        send_raw(b"garbage\r\n\r\n", then="close"),
        Fails(error=BadResponseError, reason=BadResponseReason.UNREADABLE),
        method="POST",
    ),
    _fault(
        "post_closed",
        "The connection is closed before the response to a POST",
        send_raw(then="close"),
        Fails(error=DisconnectedError),
        method="POST",
    ),
    _fault("post_correct", "A correct response to a POST", send_correct_response, Succeeds(), method="POST"),
)
