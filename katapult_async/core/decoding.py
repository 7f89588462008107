"""From bytes to what an endpoint answers: whole and at once, or in turns, so that others come to theirs meanwhile.

How a value of one type is decoded, and how its errors name their place, is `conversion`'s. An answer that is a list
of native objects is read faster than object by object: see `columns`.
"""

import builtins
import contextlib
import functools
import types
import typing
from collections.abc import Callable, Generator, Iterable
from typing import Any, Final, Generic, TypeVar

import attrs
import msgspec

from katapult_async.core.columnar_decoding import columns_of
from katapult_async.core.converter import REFUSALS, decoder, read
from katapult_async.core.endpoints import Endpoint
from katapult_async.core.msgspec_decoding import is_native
from katapult_async.core.pagination import Pagination

T = TypeVar("T")

_SLICE: Final = 16384
"""Bytes that are decoded without a pause: 15 ms at the worst that was measured. No recorded answer is larger."""

_WHOLE: Final = 262144
"""Bytes that are decoded without a pause when they make few objects, for these are what costs time."""

_FEW_OBJECTS: Final = 2048
"""An answer of 254 whole addresses has 1,271 of them, and takes about 1 ms."""

_SHORT: Final = 4096
"""Bytes up to which an answer is decoded object by object: in 8 addresses there is nothing to win."""

_ITEM: Final = 64
"""Bytes that an item counts for beyond its own: what it costs to begin one."""


@attrs.frozen
class Decoded(Generic[T]):
    """The answer of an endpoint."""

    value: T
    """What the endpoint's field held."""

    pagination: Pagination
    """The object beside it; empty where the endpoint has no pages."""


_NO_PAGES = Pagination()
_ENTRIES = msgspec.json.Decoder(dict[str, msgspec.Raw])


def decode(endpoint: Endpoint[T], body: bytes) -> Decoded[T]:
    """Return what an endpoint answered.

    Raises:
        UnreadableError: the body is not JSON: cut, not UTF-8, NaN, nested beyond reason.
        WrongShapeError: the body is JSON of another shape.
    """
    if endpoint.text:
        return Decoded(read(functools.partial(_text, body)), _NO_PAGES)
    kind: Any = endpoint.type
    by_columns = _by_columns(endpoint.answer, kind, paginated=endpoint.paginated) if len(body) > _SHORT else None
    if by_columns is not None:
        with contextlib.suppress(*REFUSALS):  # read once more below, for an error that names the place
            return Decoded(*by_columns(body))
    envelope = _envelope(endpoint.answer, kind, paginated=endpoint.paginated)
    return _opened(endpoint, read(functools.partial(decoder(envelope), body)))


def decode_in_turns(endpoint: Endpoint[T], body: bytes) -> Generator[None, None, Decoded[T]]:
    """Decode as `decode` does, but pause every few milliseconds, so that a large body does not stall a loop.

    The parts of a large body (items of lists, fields of objects) are first told apart without being decoded, and
    then decoded one by one. What has no parts that are known by its type is decoded whole.
    """
    kind: Any = endpoint.type
    if (
        endpoint.text
        or len(body) <= _SLICE
        or (is_native(kind) and len(body) <= _WHOLE and body.count(b"{") <= _FEW_OBJECTS)
    ):
        return decode(endpoint, body)
    envelope = _envelope(endpoint.answer, kind, paginated=endpoint.paginated)
    return _opened(endpoint, (yield from _turns(envelope, body, "$")))


def _text(body: bytes) -> Any:
    return body.decode()


def _opened(endpoint: Endpoint[T], envelope: Any) -> Decoded[T]:
    return Decoded(
        envelope if endpoint.answer is None else getattr(envelope, endpoint.answer),
        envelope.pagination if endpoint.paginated else _NO_PAGES,
    )


def _turns(kind: Any, body: bytes | msgspec.Raw, path: str) -> Generator[None, None, Any]:
    """Decode a value of some type by its parts, and yield between them."""
    kind = _stripped(kind, body)
    if len(body) > _SLICE:
        match _shape(kind, body):
            case builtins.list | builtins.tuple as sequence:
                return sequence((yield from _items_in_turns(_inner(kind), body, path)))
            case builtins.dict:
                return (yield from _entries_in_turns(_inner(kind), body, path))
            case builtins.object:
                return (yield from _fields_in_turns(kind, body, path))
    yield
    return read(functools.partial(decoder(kind), body), path=path)


def _shape(kind: Any, body: bytes | msgspec.Raw) -> type | None:
    """Return what a value is made of: a list or tuple of items, a dict of entries, an object of fields, or no parts."""
    if kind in (object, Any):
        return {b"[": list, b"{": dict}.get(bytes(memoryview(body)[:1]))
    shape = typing.get_origin(kind) or kind
    if shape is tuple:
        return tuple if typing.get_args(kind)[1:] == (...,) else None
    if shape in (list, dict):
        return typing.cast("type", shape)
    return object if isinstance(kind, type) and attrs.has(kind) and _is_made_of_its_fields(kind) else None


def _inner(kind: Any) -> Any:
    """Return the type of the items of a list or tuple, or of the values of a dict."""
    arguments = [each for each in typing.get_args(kind) if each is not ...]
    return arguments[-1] if arguments else object


def _is_made_of_its_fields(kind: Any) -> bool:
    """Return whether a class is made from one argument for each field, under the field's name."""
    return all(field.init and field.alias == field.name and field.converter is None for field in attrs.fields(kind))


def _items_in_turns(kind: Any, body: bytes | msgspec.Raw, path: str) -> Generator[None, None, list[Any]]:
    items = read(functools.partial(decoder(list[msgspec.Raw]), body), path=path)
    yield
    return (yield from _parts_in_turns(kind, ((functools.partial("{}[{}]".format, path), each) for each in items)))


def _entries_in_turns(kind: Any, body: bytes | msgspec.Raw, path: str) -> Generator[None, None, dict[str, Any]]:
    entries = read(functools.partial(_ENTRIES.decode, body), path=path)
    yield
    place = functools.partial("{}[...]".format, path)  # as msgspec names the values of a dict
    values = yield from _parts_in_turns(kind, ((lambda _: place(), each) for each in entries.values()))
    return dict(zip(entries, values, strict=True))


def _parts_in_turns(
    kind: Any, parts: Iterable[tuple[Callable[[int], str], msgspec.Raw]]
) -> Generator[None, None, list[Any]]:
    """Decode values of one type, each with what names its place by its number, and yield between some of them."""
    decode_one = decoder(kind)
    values: list[Any] = []
    work = 0
    for name, part in parts:
        place = functools.partial(name, len(values))
        if len(part) > _SLICE:
            values.append((yield from _turns(kind, part, place())))
        else:
            values.append(read(functools.partial(decode_one, part), path=place))
        work += len(part) + _ITEM
        if work > _SLICE:
            work = 0
            yield
    return values


def _fields_in_turns(kind: Any, body: bytes | msgspec.Raw, path: str) -> Generator[None, None, Any]:
    undecoded: Any = _undecoded(kind)
    raw = read(functools.partial(decoder(undecoded), body), path=path)
    values: dict[str, Any] = {}
    for field in attrs.fields(attrs.resolve_types(kind)):
        part = getattr(raw, field.name)
        if part is not None:
            values[field.name] = yield from _turns(field.type, part, f"{path}.{field.name}")
    return read(functools.partial(kind, **values), path=path)


@functools.cache
def _undecoded(kind: Any) -> Any:
    """Return a class with the fields of another, none of them decoded; None stands for what is absent."""
    fields = {
        field.name: attrs.field(type=msgspec.Raw, default=attrs.NOTHING if field.default is attrs.NOTHING else None)
        for field in attrs.fields(kind)
    }
    return attrs.make_class("Undecoded", fields, frozen=True, slots=True, kw_only=True)


def _stripped(kind: Any, body: bytes | msgspec.Raw) -> Any:
    """Return the type of a value that may be null and is not."""
    if typing.get_origin(kind) in (types.UnionType, typing.Union) and bytes(memoryview(body)[:1]) != b"n":
        rest = [each for each in typing.get_args(kind) if each is not type(None)]
        if len(rest) == 1:
            return rest[0]
    return kind


@functools.cache
def _by_columns(answer: str | None, kind: Any, *, paginated: bool) -> Callable[[bytes], tuple[Any, Pagination]] | None:
    """Return what decodes an answer that is a list of plain objects, or None where the answer is anything else."""
    columns = columns_of(*typing.get_args(kind), decoder=decoder) if typing.get_origin(kind) is list else None
    if columns is None:
        return None
    rows: Any = list[columns.row]  # type: ignore[name-defined] # a class that is a value
    decode_rows = msgspec.json.Decoder(_envelope(answer, rows, paginated=paginated)).decode

    def decode_by_columns(body: bytes) -> tuple[Any, Pagination]:
        envelope: Any = decode_rows(body)
        found = envelope if answer is None else getattr(envelope, answer)
        return columns.objects(found), envelope.pagination if paginated else _NO_PAGES

    return decode_by_columns


@functools.cache  # by what an answer is, not by whole endpoints: a caller may make those in a loop
def _envelope(answer: str | None, kind: Any, *, paginated: bool) -> Any:
    """Return the type of a whole answer, made for it where it only wraps a field."""
    if answer is None:
        return kind
    fields = {answer: attrs.field(type=kind)}
    if paginated:
        fields["pagination"] = attrs.field(type=Pagination)
    return attrs.make_class("Response", fields, frozen=True, slots=True, kw_only=True)
