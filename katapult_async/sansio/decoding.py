"""From bytes to models. The one place that knows cattrs and msgspec.

One converter decodes everything. Where every field of a class, all the way down, is of a type that msgspec reads
strictly by itself, the whole class is msgspec's, straight from the bytes; where a field needs a rule of ours (a
time, an enum that may grow), cattrs takes the class apart and hands down what is native. Either way nothing is
coerced, unknown fields are ignored, and an error names the place as ``$.ip_addresses[3].vip``.

An answer that is a list of native objects is read faster than object by object: see `columns`.
"""

import contextlib
import datetime
import enum
import functools
import types
import typing
from collections.abc import Callable, Generator
from typing import Any, Final, Generic, TypeVar

import attrs
import cattrs
import msgspec
from cattrs.cols import list_structure_factory
from cattrs.dispatch import StructureHook
from cattrs.gen import make_dict_structure_fn
from cattrs.preconf.msgspec import make_converter

from katapult_async.sansio.columns import columns_of
from katapult_async.sansio.endpoints import Endpoint
from katapult_async.sansio.native import SCALARS, is_native
from katapult_async.sansio.pagination import Pagination

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

_REFUSALS = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)
"""What msgspec raises at a body that it cannot decode."""


class UnreadableError(Exception):
    """The bytes are not JSON."""


class WrongShapeError(Exception):
    """The JSON is not what was documented; the message names the place."""


@attrs.frozen
class Decoded(Generic[T]):
    """The answer of an endpoint."""

    value: T
    """What the endpoint's field held."""

    pagination: Pagination
    """The object beside it; empty where the endpoint has no pages."""


_NO_PAGES = Pagination()


def decode(endpoint: Endpoint[T], body: bytes) -> Decoded[T]:
    """Return what an endpoint answered.

    Raises:
        UnreadableError: the body is not JSON: cut, not UTF-8, NaN, nested beyond reason.
        WrongShapeError: the body is JSON of another shape.
    """
    by_columns = _by_columns(endpoint) if len(body) > _SHORT else None
    if by_columns is not None:
        with contextlib.suppress(*_REFUSALS):  # read once more below, for an error that names the place
            return by_columns(body)
    return _opened(endpoint, _read(functools.partial(_decoder(_envelope(endpoint)), body)))


def decode_in_turns(endpoint: Endpoint[T], body: bytes) -> Generator[None, None, Decoded[T]]:
    """Decode as `decode` does, but pause every few milliseconds, so that a large body does not stall a loop.

    The parts of a large body (items of lists, fields of objects) are first told apart without being decoded, and
    then decoded one by one. What has no parts that are known by its type is decoded whole.
    """
    if len(body) <= _SLICE or (len(body) <= _WHOLE and body.count(b"{") <= _FEW_OBJECTS):
        return decode(endpoint, body)
    return _opened(endpoint, (yield from _turns(_envelope(endpoint), body, "$")))


def _opened(endpoint: Endpoint[T], envelope: Any) -> Decoded[T]:
    return Decoded(
        envelope if endpoint.answer is None else getattr(envelope, endpoint.answer),
        envelope.pagination if endpoint.paginated else _NO_PAGES,
    )


def _turns(kind: Any, body: bytes | msgspec.Raw, path: str) -> Generator[None, None, Any]:
    """Decode a value of some type by its parts, and yield between them."""
    kind = _stripped(kind, body)
    if len(body) > _SLICE and typing.get_origin(kind) is list:
        return (yield from _items_in_turns(kind, body, path))
    if len(body) > _SLICE and isinstance(kind, type) and attrs.has(kind):
        return (yield from _fields_in_turns(kind, body, path))
    yield
    return _read(functools.partial(_decoder(kind), body), path)


def _items_in_turns(kind: Any, body: bytes | msgspec.Raw, path: str) -> Generator[None, None, list[Any]]:
    items = _read(functools.partial(_decoder(list[msgspec.Raw]), body), path)
    yield
    (item_kind,) = typing.get_args(kind)
    decoder = _decoder(item_kind)
    values: list[Any] = []
    work = 0
    for item in items:
        place = functools.partial("{}[{}]".format, path, len(values))
        if len(item) > _SLICE:
            values.append((yield from _turns(item_kind, item, place())))
        else:
            values.append(_read(functools.partial(decoder, item), place))
        work += len(item) + _ITEM
        if work > _SLICE:
            work = 0
            yield
    return values


def _fields_in_turns(kind: Any, body: bytes | msgspec.Raw, path: str) -> Generator[None, None, Any]:
    undecoded: Any = _undecoded(kind)
    raw = _read(functools.partial(_decoder(undecoded), body), path)
    values: dict[str, Any] = {}
    for field in attrs.fields(attrs.resolve_types(kind)):
        part = getattr(raw, field.name)
        if part is not None:
            values[field.name] = yield from _turns(field.type, part, f"{path}.{field.name}")
    return kind(**values)


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
def _by_columns(endpoint: Endpoint[T]) -> Callable[[bytes], Decoded[T]] | None:
    """Return what decodes an answer that is a list of plain objects, or None where the answer is anything else."""
    kind: Any = endpoint.type
    columns = columns_of(*typing.get_args(kind), decoder=_decoder) if typing.get_origin(kind) is list else None
    if columns is None:
        return None
    rows_of_item: Any = list[columns.row]  # type: ignore[name-defined] # a class that is a value
    rows = attrs.evolve(endpoint, type=rows_of_item)
    read = msgspec.json.Decoder(_envelope(rows)).decode

    def decode_by_columns(body: bytes) -> Decoded[Any]:
        found: Decoded[Any] = _opened(rows, read(body))
        return Decoded(columns.objects(found.value), found.pagination)

    return decode_by_columns


def decode_json(body: bytes) -> object:
    """Return any JSON as plain objects.

    Raises:
        UnreadableError: the body is not JSON.
    """
    return _read(functools.partial(msgspec.json.decode, body))


def _read(decoder: Callable[[], T], path: str | Callable[[], str] = "$") -> T:
    """Return what a decoder gives, or raise an error that names the place below ``path``."""
    try:
        return decoder()
    except (msgspec.ValidationError, cattrs.BaseValidationError) as error:
        wrong: Exception = WrongShapeError(_first_place(error, path if isinstance(path, str) else path()))
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        wrong = UnreadableError(str(error) or "not JSON")
    except RecursionError:
        wrong = UnreadableError("nested too deeply")
    raise wrong


@functools.cache
def _envelope(endpoint: Endpoint[T]) -> Any:
    """Return the type of an endpoint's whole answer, made for it where it only wraps a field."""
    if endpoint.answer is None:
        return endpoint.type
    fields = {endpoint.answer: attrs.field(type=endpoint.type)}
    if endpoint.paginated:
        fields["pagination"] = attrs.field(type=Pagination)
    return attrs.make_class("Answer", fields, frozen=True, slots=True, kw_only=True)


@functools.cache
def _decoder(kind: Any) -> Callable[[bytes | msgspec.Raw], Any]:
    """Return what decodes a whole body of one type."""
    if is_native(kind):
        return msgspec.json.Decoder(kind).decode
    return lambda body: _CONVERTER.structure(msgspec.json.decode(body), kind)


def _is_open_enum(kind: object) -> bool:
    """Return whether a type is an enum of strings that may grow: ``State | str``, perhaps ``| None``."""
    return _enum_of(kind) is not None and str in typing.get_args(kind)


def _enum_of(kind: object) -> type[enum.StrEnum] | None:
    for argument in typing.get_args(kind):
        if isinstance(argument, type) and issubclass(argument, enum.StrEnum):
            return argument
    return None


def _open_enum_hook(kind: object) -> StructureHook:
    """Return what gives the member for a known string, and any other string as it is."""
    members = {member.value: member for member in _enum_of(kind) or ()}
    plain: object = str | None if type(None) in typing.get_args(kind) else str

    def structure(value: object, _: object) -> object:
        text = msgspec.convert(value, plain)
        return members.get(text, text)

    return structure


def _native_hook(kind: object) -> StructureHook:
    return lambda value, _: msgspec.convert(value, kind)


def _datetime(value: object, _: object) -> datetime.datetime:
    """Return an aware time. The wire has Unix seconds as whole numbers: 5,619 recorded times and no exception."""
    seconds = msgspec.convert(value, int)
    try:
        return datetime.datetime.fromtimestamp(seconds, tz=datetime.UTC)
    except (ValueError, OverflowError, OSError):
        pass
    raise msgspec.ValidationError(f"Expected Unix seconds, got `{seconds:.30g}`")


def _first_place(error: BaseException, path: str = "$") -> str:
    """Return the first thing that cattrs found wrong, worded and placed as msgspec does it."""
    if isinstance(error, cattrs.ClassValidationError | cattrs.IterableValidationError):
        (inner, note), *_ = error.group_exceptions()[0]
        if isinstance(inner, KeyError):
            return _placed(f"Object missing required field `{note.name}`", path)  # type: ignore[union-attr] # a class's note
        step = f".{note.name}" if isinstance(note, cattrs.AttributeValidationNote) else f"[{note.index}]"
        return _first_place(inner, path + step)
    said, _, place = str(error).partition(" - at `$")
    return _placed(said, path + place.removesuffix("`"))


def _placed(said: str, path: str) -> str:
    return said if path == "$" else f"{said} - at `{path}`"


def _class_hook(kind: type[object], converter: cattrs.BaseConverter) -> StructureHook:
    """Return what takes a class apart by cattrs, from an object and nothing else."""
    structure = make_dict_structure_fn(kind, converter)
    return lambda value, _: structure(msgspec.convert(value, dict), kind)


def _is_list(kind: object) -> bool:
    return typing.get_origin(kind) is list


def _sequence_hook(kind: type[object], converter: cattrs.BaseConverter) -> StructureHook:
    """Return what takes a list or tuple apart by cattrs, from an array and nothing else."""
    structure = list_structure_factory(kind, converter)
    return lambda value, _: structure(msgspec.convert(value, list), kind)


def _make_converter() -> cattrs.Converter:
    converter = make_converter()
    converter.register_structure_hook_factory(attrs.has, _class_hook)
    converter.register_structure_hook_factory(_is_list, _sequence_hook)
    converter.register_structure_hook_factory(is_native, _native_hook)
    converter.register_structure_hook_factory(_is_open_enum, _open_enum_hook)
    converter.register_structure_hook_func(lambda kind: kind is object, lambda value, _: value)
    for scalar in SCALARS:  # cattrs has hooks of its own for these, which coerce and go before any factory's
        converter.register_structure_hook(scalar, _native_hook(scalar))
    converter.register_structure_hook(datetime.datetime, _datetime)
    return converter


_CONVERTER = _make_converter()
