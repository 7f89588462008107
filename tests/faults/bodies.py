"""Faults of response bodies: JSON, types, sizes and content encodings that are not as requested."""

import gzip
import json
import zlib
from collections.abc import Callable
from functools import partial

import attrs

from katapult_async import BadResponseError, BadResponseReason, RequestTimeoutError

from .fault import MAX_ATTEMPTS, SHORT_TIMEOUTS, Fails, Family, Fault, Succeeds
from .responses import MAX_BODY, addresses_body, head, send, send_endlessly, standard_headers
from .server import ReceivedRequest, Responder

_fault = partial(Fault, Family.BODIES)

_UNREADABLE = Fails(error=BadResponseError, reason=BadResponseReason.UNREADABLE, status=200, attempts=MAX_ATTEMPTS)
_TOO_LARGE = Fails(
    error=BadResponseError, reason=BadResponseReason.TOO_LARGE, status=200, text=f"more than {MAX_BODY} bytes"
)
_CHUNKED = head(headers=standard_headers(Transfer_Encoding="chunked", Content_Encoding="gzip"))


def _wrong_shape(text: str) -> Fails:
    return Fails(error=BadResponseError, reason=BadResponseReason.WRONG_SHAPE, status=200, text=text)


def _send_changed(change: Callable[[bytes], bytes], **headers: str) -> Responder:
    """Return a responder that sends the correct body, changed."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return send(lambda request: change(addresses_body(request.key)), headers=named)


def _send_unchanged(**headers: str) -> Responder:
    """Return a responder that sends the correct body with these headers."""
    return _send_changed(bytes, **headers)


def _send_items(*items: object) -> Responder:
    return send(json.dumps({"ip_addresses": items}).encode())


def _send_with_unknown(extra: bytes) -> Responder:
    """Return a responder that sends the correct body with an unknown field of this value."""
    return _send_changed(lambda body: body[:-1] + b', "unknown": ' + extra + b"}")


def _gzip_bomb(size: int) -> bytes:
    return gzip.compress(b'{"ip_addresses": [' + b" " * size + b"]}")


def _raw_deflate(body: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(body) + packer.flush()


def _padded_body(size: int) -> Callable[[ReceivedRequest], bytes]:
    return lambda request: addresses_body(request.key).ljust(size)


_EMPTY_DEFLATE_BLOCKS = b"\x00\x00\x00\xff\xff" * 10  # they expand to nothing
_ADDRESS = {"id": "ip_1", "address": "192.0.2.1"}

FAULTS: tuple[Fault, ...] = (
    _fault("empty", "200 with an empty body", send(b""), _UNREADABLE),
    _fault(
        "no_content",
        "204 No Content",
        send(b"", "204 No Content"),
        Fails(error=BadResponseError, reason=BadResponseReason.UNREADABLE, status=204, attempts=MAX_ATTEMPTS),
    ),
    _fault(
        "html",
        "200 with an HTML body",
        send(b"<!DOCTYPE html><p>Log in\x1b[2J"),
        Fails(
            error=BadResponseError,
            reason=BadResponseReason.UNREADABLE,
            status=200,
            attempts=MAX_ATTEMPTS,
            text="the body is not JSON",
        ),
    ),
    _fault("json_truncated", "Truncated JSON", _send_changed(lambda body: body[:-9]), _UNREADABLE),
    _fault("json_twice", "Two JSON documents", _send_changed(lambda body: body + body), _UNREADABLE),
    _fault("json_and_nul", "JSON followed by a NUL byte", _send_changed(lambda body: body + b"\x00"), _UNREADABLE),
    _fault(
        "error_with_200",
        "200 with an error object",
        send(b'{"error": {"code": "x", "description": "y", "detail": {}}}'),
        _wrong_shape("`ip_addresses`"),
    ),
    _fault("null", "null", send(b"null"), _wrong_shape("Expected `object`, got `null`")),
    _fault("list_for_object", "A list in place of an object", send(b"[]"), _wrong_shape("got `array`")),
    _fault("string_for_object", "A string in place of an object", send(b'"ip_addresses"'), _wrong_shape("got `str`")),
    _fault("nan", "NaN", send(b'{"ip_addresses": [NaN]}'), _UNREADABLE),
    _fault("infinity", "-Infinity in an unknown field", _send_with_unknown(b"-Infinity"), _UNREADABLE),
    _fault("number_beyond_floats", "1e999 in an unknown field", _send_with_unknown(b"1e999"), Succeeds()),
    _fault(
        "long_number", "A number of 10,000 digits in an unknown field", _send_with_unknown(b"9" * 10_000), Succeeds()
    ),
    _fault(
        "invalid_utf_8",
        "Invalid UTF-8 in a string",
        _send_changed(lambda body: body.replace(b"ip_of", b"ip\xff\xfeof")),
        _UNREADABLE,
    ),
    _fault(
        "lone_surrogate",
        "An escaped lone surrogate in a string",
        _send_changed(lambda body: body.replace(b"ip_of", b"ip\\ud800of")),
        _UNREADABLE,
    ),
    _fault("utf_16", "JSON in UTF-16", _send_changed(lambda body: body.decode().encode("utf-16")), _UNREADABLE),
    _fault(
        "byte_order_mark",
        "JSON after a byte order mark",
        _send_changed(lambda body: b"\xef\xbb\xbf" + body),
        _UNREADABLE,
    ),
    _fault(
        "deep_list",
        "Lists nested 30,000 levels deep",
        send(b'{"ip_addresses": ' + b"[" * 30_000 + b"]" * 30_000 + b"}"),
        _wrong_shape("got `array`"),
    ),
    _fault(
        "deep_unknown_list",
        "Lists nested 30,000 levels deep in an unknown field",
        _send_with_unknown(b"[" * 30_000 + b"]" * 30_000),
        _UNREADABLE,
    ),
    _fault(
        "deep_unknown_object",
        "Objects nested 10,000 levels deep in an unknown field",
        _send_with_unknown(b'{"a":' * 10_000 + b"1" + b"}" * 10_000),
        _UNREADABLE,
    ),
    _fault("field_missing", "The field of the result is missing", send(b"{}"), _wrong_shape("`ip_addresses`")),
    _fault(
        "field_null",
        "The field of the result is null",
        send(b'{"ip_addresses": null}'),
        _wrong_shape("$.ip_addresses"),
    ),
    _fault(
        "field_object", "An object in place of a list", send(b'{"ip_addresses": {}}'), _wrong_shape("$.ip_addresses")
    ),
    _fault("item_null", "An item of the list is null", _send_items(_ADDRESS, None), _wrong_shape("$.ip_addresses[1]")),
    _fault(
        "item_string",
        "An item of the list is a string",
        _send_items(_ADDRESS, _ADDRESS, "192.0.2.1"),
        _wrong_shape("$.ip_addresses[2]"),
    ),
    _fault("id_number", "An id is a number", _send_items({**_ADDRESS, "id": 5}), _wrong_shape("$.ip_addresses[0].id")),
    _fault("id_null", "An id is null", _send_items({**_ADDRESS, "id": None}), _wrong_shape("$.ip_addresses[0].id")),
    _fault("id_missing", "An id is missing", _send_items({"address": "192.0.2.1"}), _wrong_shape("`id`")),
    _fault(
        "boolean_string",
        'A boolean is the string "false"',
        _send_items({**_ADDRESS, "vip": "false"}),
        _wrong_shape("$.ip_addresses[0].vip"),
    ),
    _fault(
        "nested_wrong_type",
        "A wrong type three levels deep",
        _send_items({**_ADDRESS, "network": {"id": "netw_1", "data_center": {"id": 1}}}),
        _wrong_shape("$.ip_addresses[0].network.data_center.id"),
    ),
    _fault("unknown_fields", "Undocumented fields", _send_with_unknown(b'{"a": [1, 2, {"b": null}]}'), Succeeds()),
    _fault(
        "duplicate_field",
        "A duplicate field: the last value counts",
        _send_changed(lambda body: b'{"ip_addresses": [], ' + body[1:]),
        Succeeds(),
    ),
    _fault(
        "text_plain",
        "Correct JSON with Content-Type: text/plain",
        _send_unchanged(Content_Type="text/plain"),
        Succeeds(),
    ),
    _fault(
        "padded_to_size_limit",
        "Correct JSON, padded with spaces to the size limit",
        send(_padded_body(MAX_BODY)),
        Succeeds(),
    ),
    _fault("one_byte_above_size_limit", "One byte above the size limit", send(_padded_body(MAX_BODY + 1)), _TOO_LARGE),
    _fault(
        "length_of_a_terabyte",
        "A Content-Length of a terabyte",
        send(b"{", headers={"Content-Length": str(1 << 40)}),
        _TOO_LARGE,
    ),
    _fault("body_without_end", "A body without an end", send_endlessly(head(), b" " * 65536, every=0.0), _TOO_LARGE),
    _fault("gzip", "Correct JSON in gzip", _send_changed(gzip.compress, Content_Encoding="gzip"), Succeeds()),
    _fault(
        "gzip_uppercase",
        "Correct JSON in gzip, with Content-Encoding: GZIP",
        _send_changed(gzip.compress, Content_Encoding="GZIP"),
        Succeeds(),
    ),
    _fault("deflate", "Correct JSON in deflate", _send_changed(zlib.compress, Content_Encoding="deflate"), Succeeds()),
    _fault(
        "deflate_raw",
        "Correct JSON in deflate without the zlib header",
        _send_changed(_raw_deflate, Content_Encoding="deflate"),
        Succeeds(),
    ),
    _fault(
        "identity",
        "Correct JSON with Content-Encoding: identity",
        _send_unchanged(Content_Encoding="identity"),
        Succeeds(),
    ),
    _fault(
        "gzip_bomb",
        "40 kB of gzip that expand to 40 MB",
        send(_gzip_bomb(40_000_000), headers={"Content-Encoding": "gzip"}),
        _TOO_LARGE,
    ),
    _fault(
        "gzip_above_size_limit",
        "Gzip that expands to one byte above the size limit",
        send(lambda request: gzip.compress(_padded_body(MAX_BODY + 1)(request)), headers={"Content-Encoding": "gzip"}),
        _TOO_LARGE,
    ),
    _fault(
        "gzip_truncated",
        "Truncated gzip with a matching Content-Length",
        _send_changed(lambda body: gzip.compress(body)[:-20], Content_Encoding="gzip"),
        _UNREADABLE,
    ),
    _fault(
        "gzip_wrong_checksum",
        "Gzip with a wrong checksum",
        _send_changed(lambda body: gzip.compress(body)[:-8] + b"\x00" * 8, Content_Encoding="gzip"),
        _UNREADABLE,
    ),
    _fault(
        "json_declared_as_gzip",
        "Plain JSON with Content-Encoding: gzip",
        _send_unchanged(Content_Encoding="gzip"),
        _UNREADABLE,
    ),
    _fault("gzip_not_declared", "Gzip without Content-Encoding", _send_changed(gzip.compress), _UNREADABLE),
    _fault(
        "gzip_two_members",
        "Gzip in two members",
        _send_changed(lambda body: gzip.compress(body[:9]) + gzip.compress(body[9:]), Content_Encoding="gzip"),
        Succeeds(),
    ),
    _fault(
        "gzip_and_random_bytes",
        "Gzip followed by random bytes",
        _send_changed(lambda body: gzip.compress(body) + b"garbage", Content_Encoding="gzip"),
        _UNREADABLE,
    ),
    _fault(
        "gzip_twice",
        "Gzip inside gzip",
        _send_changed(lambda body: gzip.compress(gzip.compress(body)), Content_Encoding="gzip, gzip"),
        _UNREADABLE,
    ),
    _fault(
        "gzip_without_output",
        "Gzip without an end that expands to nothing",
        send_endlessly(
            _CHUNKED + b"a\r\n\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\r\n",
            b"32\r\n" + _EMPTY_DEFLATE_BLOCKS + b"\r\n",
            every=0.01,
        ),
        Fails(error=RequestTimeoutError, phase="attempt", attempts=MAX_ATTEMPTS),
        timeouts=SHORT_TIMEOUTS,
    ),
    _fault(
        "encoding_not_requested",
        "A Content-Encoding that was not requested",
        _send_unchanged(Content_Encoding="br"),
        attrs.evolve(_UNREADABLE, status=None, text="cannot be decompressed"),
    ),
    _fault(
        "unknown_encoding",
        "An unknown Content-Encoding",
        _send_changed(gzip.compress, Content_Encoding="rot13"),
        _UNREADABLE,
    ),
)
