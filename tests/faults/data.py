"""Bodies that are not the JSON that was asked for."""

import gzip
import json
import zlib
from collections.abc import Callable
from functools import partial

import attrs

from katapult_async import BadResponseError, BadResponseReason, RequestTimeoutError

from .answers import CAP, addresses, drips, head, says, standard_headers
from .outcomes import ATTEMPTS, HASTY, Fails, Family, Fault, Right, fault
from .server import Act, Received

_fault = partial(fault, Family.DATA)

_UNREADABLE = Fails(kind=BadResponseError, reason=BadResponseReason.UNREADABLE, status=200, attempts=ATTEMPTS)
_TOO_LARGE = Fails(kind=BadResponseError, reason=BadResponseReason.TOO_LARGE, status=200, says=f"more than {CAP} bytes")
_CHUNKED = head(headers=standard_headers(Transfer_Encoding="chunked", Content_Encoding="gzip"))


def _shape(place: str) -> Fails:
    return Fails(kind=BadResponseError, reason=BadResponseReason.WRONG_SHAPE, status=200, says=place)


def _made(change: Callable[[bytes], bytes], **headers: str) -> Act:
    """Return an act that sends the good body, changed."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return says(lambda request: change(addresses(request.key)), headers=named)


def _listed(*items: object) -> Act:
    return says(json.dumps({"ip_addresses": items}).encode())


def _beside(extra: bytes) -> Act:
    """Return an act that sends the good body with an unknown field."""
    return _made(lambda body: body[:-1] + b', "unknown": ' + extra + b"}")


def _bomb(size: int) -> bytes:
    return gzip.compress(b'{"ip_addresses": [' + b" " * size + b"]}")


def _raw_deflate(body: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(body) + packer.flush()


def _padded(size: int) -> Callable[[Received], bytes]:
    return lambda request: addresses(request.key).ljust(size)


_NO_OUTPUT = b"\x00\x00\x00\xff\xff" * 10  # empty stored blocks: they unpack to nothing
_GOOD = {"id": "ip_1", "address": "192.0.2.1"}

FAULTS: tuple[Fault, ...] = (
    _fault("empty", "200 with an empty body", says(b""), _UNREADABLE),
    _fault(
        "no_content",
        "204 No Content",
        says(b"", "204 No Content"),
        Fails(kind=BadResponseError, reason=BadResponseReason.UNREADABLE, status=204, attempts=ATTEMPTS),
    ),
    _fault(
        "html",
        "200 with a page of HTML",
        says(b"<!DOCTYPE html><p>Log in\x1b[2J"),
        Fails(
            kind=BadResponseError,
            reason=BadResponseReason.UNREADABLE,
            status=200,
            attempts=ATTEMPTS,
            says="the body is not JSON",
        ),
    ),
    _fault("json_cut", "JSON that is cut", _made(lambda body: body[:-9]), _UNREADABLE),
    _fault("json_twice", "JSON with more JSON behind it", _made(lambda body: body + body), _UNREADABLE),
    _fault("json_and_nul", "JSON with a NUL behind it", _made(lambda body: body + b"\x00"), _UNREADABLE),
    _fault(
        "error_with_200",
        "200 with an error object",
        says(b'{"error": {"code": "x", "description": "y", "detail": {}}}'),
        _shape("`ip_addresses`"),
    ),
    _fault("null", "null", says(b"null"), _shape("Expected `object`, got `null`")),
    _fault("a_list", "A list in place of an object", says(b"[]"), _shape("got `array`")),
    _fault("a_string", "A string in place of an object", says(b'"ip_addresses"'), _shape("got `str`")),
    _fault("nan", "NaN", says(b'{"ip_addresses": [NaN]}'), _UNREADABLE),
    _fault("infinity", "-Infinity in an unknown field", _beside(b"-Infinity"), _UNREADABLE),
    _fault("number_beyond_floats", "1e999 in an unknown field", _beside(b"1e999"), Right()),
    _fault("long_number", "A number of 10,000 digits in an unknown field", _beside(b"9" * 10_000), Right()),
    _fault(
        "invalid_utf_8",
        "Bytes that are no UTF-8, in a string",
        _made(lambda body: body.replace(b"ip_of", b"ip\xff\xfeof")),
        _UNREADABLE,
    ),
    _fault(
        "lone_surrogate",
        "Half of a surrogate pair, escaped",
        _made(lambda body: body.replace(b"ip_of", b"ip\\ud800of")),
        _UNREADABLE,
    ),
    _fault("utf_16", "JSON in UTF-16", _made(lambda body: body.decode().encode("utf-16")), _UNREADABLE),
    _fault("byte_order_mark", "JSON after a byte order mark", _made(lambda body: b"\xef\xbb\xbf" + body), _UNREADABLE),
    _fault(
        "deep_list",
        "Lists nested 30,000 levels deep",
        says(b'{"ip_addresses": ' + b"[" * 30_000 + b"]" * 30_000 + b"}"),
        _shape("got `array`"),
    ),
    _fault(
        "deep_unknown_list",
        "Lists nested 30,000 levels deep in an unknown field",
        _beside(b"[" * 30_000 + b"]" * 30_000),
        _UNREADABLE,
    ),
    _fault(
        "deep_unknown_object",
        "Objects nested 10,000 levels deep in an unknown field",
        _beside(b'{"a":' * 10_000 + b"1" + b"}" * 10_000),
        _UNREADABLE,
    ),
    _fault("field_missing", "The field that was asked for is missing", says(b"{}"), _shape("`ip_addresses`")),
    _fault(
        "field_null", "The field that was asked for is null", says(b'{"ip_addresses": null}'), _shape("$.ip_addresses")
    ),
    _fault("field_object", "An object in place of the list", says(b'{"ip_addresses": {}}'), _shape("$.ip_addresses")),
    _fault("item_null", "An item is null", _listed(_GOOD, None), _shape("$.ip_addresses[1]")),
    _fault("item_text", "An item is a string", _listed(_GOOD, _GOOD, "192.0.2.1"), _shape("$.ip_addresses[2]")),
    _fault("id_number", "An id is a number", _listed({**_GOOD, "id": 5}), _shape("$.ip_addresses[0].id")),
    _fault("id_null", "An id is null", _listed({**_GOOD, "id": None}), _shape("$.ip_addresses[0].id")),
    _fault("id_missing", "An id is missing", _listed({"address": "192.0.2.1"}), _shape("`id`")),
    _fault(
        "flag_text", 'A flag is "false", a string', _listed({**_GOOD, "vip": "false"}), _shape("$.ip_addresses[0].vip")
    ),
    _fault(
        "inner_wrong",
        "A wrong type three levels deep",
        _listed({**_GOOD, "network": {"id": "netw_1", "data_center": {"id": 1}}}),
        _shape("$.ip_addresses[0].network.data_center.id"),
    ),
    _fault("unknown_fields", "Fields that nobody documented", _beside(b'{"a": [1, 2, {"b": null}]}'), Right()),
    _fault(
        "same_field_twice",
        "A field twice: the last one counts",
        _made(lambda body: b'{"ip_addresses": [], ' + body[1:]),
        Right(),
    ),
    _fault("text_plain", "The right JSON, announced as text", _made(bytes, Content_Type="text/plain"), Right()),
    _fault("white_space", "The right JSON with much white space, as large as allowed", says(_padded(CAP)), Right()),
    _fault("one_byte_too_large", "One byte more than allowed", says(_padded(CAP + 1)), _TOO_LARGE),
    _fault(
        "length_of_a_terabyte",
        "A length of a terabyte",
        says(b"{", headers={"Content-Length": str(1 << 40)}),
        _TOO_LARGE,
    ),
    _fault("endless", "A body without an end", drips(head(), b" " * 65536, every=0.0), _TOO_LARGE),
    _fault("gzip", "The right JSON, packed by gzip", _made(gzip.compress, Content_Encoding="gzip"), Right()),
    _fault(
        "gzip_uppercase",
        "The right JSON, packed, and announced in upper case",
        _made(gzip.compress, Content_Encoding="GZIP"),
        Right(),
    ),
    _fault("deflate", "The right JSON, packed by zlib", _made(zlib.compress, Content_Encoding="deflate"), Right()),
    _fault(
        "deflate_raw",
        "The right JSON, deflated without zlib's frame",
        _made(_raw_deflate, Content_Encoding="deflate"),
        Right(),
    ),
    _fault(
        "identity", "The right JSON, with an encoding that is none", _made(bytes, Content_Encoding="identity"), Right()
    ),
    _fault(
        "gzip_bomb",
        "40 kB of gzip that unpack to 40 MB",
        says(_bomb(40_000_000), headers={"Content-Encoding": "gzip"}),
        _TOO_LARGE,
    ),
    _fault(
        "gzip_at_the_cap",
        "Gzip that unpacks to one byte more than allowed",
        says(lambda request: gzip.compress(_padded(CAP + 1)(request)), headers={"Content-Encoding": "gzip"}),
        _TOO_LARGE,
    ),
    _fault(
        "gzip_cut",
        "Gzip that is cut, with a length that fits",
        _made(lambda body: gzip.compress(body)[:-20], Content_Encoding="gzip"),
        _UNREADABLE,
    ),
    _fault(
        "gzip_wrong_sum",
        "Gzip with a wrong check sum",
        _made(lambda body: gzip.compress(body)[:-8] + b"\x00" * 8, Content_Encoding="gzip"),
        _UNREADABLE,
    ),
    _fault("gzip_that_is_none", "Plain JSON, announced as gzip", _made(bytes, Content_Encoding="gzip"), _UNREADABLE),
    _fault("gzip_unannounced", "Gzip, not announced", _made(gzip.compress), _UNREADABLE),
    _fault(
        "gzip_in_two_members",
        "Gzip in two members",
        _made(lambda body: gzip.compress(body[:9]) + gzip.compress(body[9:]), Content_Encoding="gzip"),
        Right(),
    ),
    _fault(
        "gzip_and_garbage",
        "Gzip with garbage behind it",
        _made(lambda body: gzip.compress(body) + b"garbage", Content_Encoding="gzip"),
        _UNREADABLE,
    ),
    _fault(
        "gzip_twice",
        "Gzip inside gzip",
        _made(lambda body: gzip.compress(gzip.compress(body)), Content_Encoding="gzip, gzip"),
        _UNREADABLE,
    ),
    _fault(
        "gzip_without_output",
        "Gzip without an end that unpacks to nothing",
        drips(
            _CHUNKED + b"a\r\n\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\r\n",
            b"32\r\n" + _NO_OUTPUT + b"\r\n",
            every=0.01,
        ),
        Fails(kind=RequestTimeoutError, phase="attempt", attempts=ATTEMPTS),
        timeouts=HASTY,
    ),
    _fault(
        "brotli",
        "An encoding that nobody asked for",
        _made(bytes, Content_Encoding="br"),
        attrs.evolve(_UNREADABLE, status=None, says="cannot be decompressed"),
    ),
    _fault(
        "unknown_encoding", "An encoding that nobody knows", _made(gzip.compress, Content_Encoding="rot13"), _UNREADABLE
    ),
)
