"""Decode a large body in steps of a few milliseconds, so that it does not stall the event loop.

Measured without steps, for 4 MiB: 270 ms for real virtual machines, 2.5 s for the smallest ones. Steps keep every
event-loop iteration below 50 ms (``python -m tests.faults --costs``), without the garbage collections of Python. A
thread would not: it holds the interpreter while it parses and collects garbage (110 ms). It would also continue after
its call was cancelled, break event loops with virtual time, and make objects of the user's classes in a thread that
they do not expect.

The parts of a large value (items of lists, values of dicts, fields of attrs objects) are split without decoding
them, and then decoded one by one. A value whose type has no parts is decoded at once.
"""

import asyncio
import types
import typing
from collections.abc import Callable, Iterable
from typing import Any, Final, TypeVar

import attrs
import msgspec

from katapult_async.core.decoding import Decoded, decode, decoder, fields_decoder, response_format_of, run_decoder
from katapult_async.core.decoding_errors import TooManyValuesError, WrongShapeError
from katapult_async.core.endpoints import Endpoint
from katapult_async.core.msgspec_types import msgspec_decodes, names_self
from katapult_async.models.field_names import json_name

T = TypeVar("T")

STEP: Final = 16384
"""Bytes that are decoded in one step; a body of at most this size is one step: 15 ms in the worst measured case."""

_MSGSPEC_STEP: Final = 262144
"""Bytes that are decoded in one step if msgspec decodes them without cattrs. A list of 254 addresses has 130,000 to
170,000. The values of any body are counted in steps of this size."""

_PART_OVERHEAD: Final = 64
"""Bytes that are added to the size of each part, for the time that even the smallest part takes."""

_MOST_VALUES: Final = 262_144
"""Values that a body may have. The smallest virtual machine, ``{"id": "vm_1"}``, has two. With this many values, one
garbage collection takes 30 ms, and steps do not divide it. Recorded bodies have 21 bytes for each value, so 4 MiB of
them would have 200,000 values."""


def needs_steps(endpoint: Endpoint[Any], body: bytes) -> bool:
    """Return whether a body is so large that `decode` could stall the event loop."""
    kind: Any = endpoint.type
    return len(body) > (_MSGSPEC_STEP if msgspec_decodes(kind) else STEP) and kind is not str


async def decode_in_steps(endpoint: Endpoint[T], body: bytes) -> Decoded[T]:
    """Decode a body as `decode` does, and let the event loop run other callbacks between the steps.

    Raises:
        DecodingError: as from `decode`, or `TooManyValuesError`.
    """
    await _check_value_count(body)
    kind: Any = endpoint.type
    response_format = response_format_of(endpoint.answer, kind, endpoint.beside, paginated=endpoint.paginated)
    try:
        response = await _decode(response_format.type, body)
    except RecursionError:  # the values are nested more deeply than Python's functions may be
        return decode(endpoint, body)
    value = run_decoder(response_format.result, response)
    return Decoded(value, response.pagination) if endpoint.paginated else Decoded(value)


async def _check_value_count(body: bytes) -> None:
    """Check that a body has at most 262,144 values, or one for each 16 bytes where it has more than 4 MiB.

    Raises:
        TooManyValuesError: the body has more.
    """
    most = max(_MOST_VALUES, len(body) // 16)
    # A body with fewer of these characters has fewer values: one of them comes before each item of a list or object.
    if len(body) - len(body.translate(None, b",[{")) < most:
        return
    without_escapes = body.replace(rb"\\", b"").replace(rb"\"", b"")
    outside = list[bytes]()  # the parts of the body that are outside of strings
    in_string = 0  # 1 where the next part begins inside a string
    for start in range(0, len(without_escapes), _MSGSPEC_STEP):
        await asyncio.sleep(0)
        # Each quote begins or ends a string, so every second piece is outside of strings. If this part of the body
        # begins inside a string, an empty piece is put before it.
        pieces = [b""] * in_string + without_escapes[start : start + _MSGSPEC_STEP].split(b'"')
        outside.append(b'"'.join(pieces[::2]))
        in_string = (len(pieces) - 1) % 2
    await asyncio.sleep(0)
    structure = b"".join(outside)  # the JSON without its strings
    empty = structure.count(b"[]") + structure.count(b"{}")
    if structure.count(b",") + structure.count(b"[") + structure.count(b"{") - empty >= most:
        raise TooManyValuesError(f"more than {most} values")


async def _decode(kind: Any, raw: bytes | msgspec.Raw) -> Any:
    """Decode a value of any size."""
    kind = _type_of_value(kind, raw)
    await asyncio.sleep(0)
    split = _split(kind, raw) if len(raw) > STEP else None
    if split is None:
        return run_decoder(decoder(kind), raw)
    parts, make = split
    values: list[Any] = []
    size = 0  # of the parts that were decoded since the last pause
    for place, part_kind, part in parts:
        try:
            value = await _decode(part_kind, part) if len(part) > STEP else run_decoder(decoder(part_kind), part)
        except WrongShapeError as error:
            raise error.inside(place) from None
        values.append(value)
        size += len(part) + _PART_OVERHEAD
        if size > STEP:
            size = 0
            await asyncio.sleep(0)
    return run_decoder(make, values)


def _type_of_value(kind: Any, raw: bytes | msgspec.Raw) -> Any:
    """Return the type of a value. ``X | None`` becomes X unless the value is null; ``Any`` becomes list or dict."""
    first = bytes(memoryview(raw)[:64]).lstrip()[:1]  # a body may begin with a line end
    if kind in (object, Any):
        return {b"[": list, b"{": dict}.get(first, object)
    if typing.get_origin(kind) in (types.UnionType, typing.Union) and first != b"n":
        others = [part for part in typing.get_args(kind) if part is not type(None)]
        if len(others) == 1:
            return others[0]
    return kind


_Parts = Iterable[tuple[str, Any, msgspec.Raw]]
"""Place, type and JSON of each part of a value."""

_LIST_DECODER: Final = msgspec.json.Decoder(list[msgspec.Raw])
_DICT_DECODER: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])


def _split(kind: Any, raw: bytes | msgspec.Raw) -> tuple[_Parts, Callable[[list[Any]], Any]] | None:
    """Return the parts of a value, and what joins the decoded parts; None for a value that is decoded at once."""
    origin, arguments = typing.get_origin(kind) or kind, typing.get_args(kind)
    if origin is list or (origin is tuple and arguments[1:] == (...,)):
        item = arguments[0] if arguments else object
        return ((f"[{index}]", item, part) for index, part in enumerate(run_decoder(_LIST_DECODER.decode, raw))), origin
    if origin is dict and arguments[:1] in ((), (str,)):
        item = arguments[1] if arguments else object
        entries = run_decoder(_DICT_DECODER.decode, raw)
        parts = (("[...]", item, part) for part in entries.values())
        return parts, lambda values: dict(zip(entries, values, strict=True))
    if attrs.has(kind) and all(map(_is_set_by_argument, attrs.fields(kind))):
        entries = run_decoder(fields_decoder(kind, msgspec.Raw), raw)
        fields = [field for field in attrs.fields(kind) if json_name(field) in entries]
        for field in attrs.fields(kind):
            if field.default is attrs.NOTHING and field not in fields:
                raise WrongShapeError(f"Object missing required field `{json_name(field)}`")
        parts = ((f".{field.name}", field.type, entries[json_name(field)]) for field in fields)
        return parts, lambda values: kind(**{field.alias: value for field, value in zip(fields, values, strict=True)})
    return None


def _is_set_by_argument(field: "attrs.Attribute[Any]") -> bool:
    """Return whether a decoded value can be passed as the argument of a field, and the field's type is complete.

    A type is not complete if it is ``Self`` or has a type variable.
    """
    kind: Any = field.type
    needs_class = isinstance(kind, TypeVar) or bool(getattr(kind, "__parameters__", ())) or names_self(kind)
    return field.init and field.converter is None and not needs_class
