"""Decode JSON into the types of endpoints. The only module that uses cattrs.

A type that msgspec decodes correctly, with all its parts, is decoded by msgspec from the bytes. cattrs decodes the
others: classes that run code when they are made, times, open enums such as ``VirtualMachineState | str``, unions of
classes. Both are strict: no value is coerced, unknown fields are ignored.

An error names the place and the types (``Expected `bool`, got `int` - at `$.ip_addresses[3].vip```) and quotes no
value, because a body may hold a secret, such as ``initial_root_password``.
"""

import collections
import contextlib
import dataclasses
import datetime
import decimal
import enum
import functools
import ipaddress
import itertools
import re
import traceback
import types
import typing
import uuid
from collections.abc import (
    Callable,
    Iterable,
    Mapping,
    MutableMapping,
    MutableSequence,
    MutableSet,
    Sequence,
    Set as AbstractSet,
)
from typing import Any, ClassVar, Final, Generic, TypeVar

import attrs
import cattrs
import msgspec
from cattrs.dispatch import StructureHook
from cattrs.gen import make_dict_structure_fn, override, typeddicts
from cattrs.strategies import configure_union_passthrough

from katapult_async.core.columnar_decoding import columns_of
from katapult_async.core.endpoints import Endpoint
from katapult_async.core.pagination import Pagination
from katapult_async.errors import BadResponseReason, UsageError
from katapult_async.models.field_names import json_name

J = TypeVar("J")
T = TypeVar("T")

_SMALL: Final = 4096
"""Bytes up to which columnar decoding is slower: the size of 8 addresses."""


class DecodingError(Exception):
    """A body that cannot be decoded. The text names places and types, and quotes no value."""

    reason: ClassVar[BadResponseReason]

    def inside(self, place: str) -> "DecodingError":  # noqa: ARG002 # an error without a place stays so
        """Return the same error for a value that is itself at a place."""
        return self


class UnreadableError(DecodingError):
    """The body is not JSON: cut, not UTF-8, NaN, or nested too deeply."""

    reason = BadResponseReason.UNREADABLE


class WrongShapeError(DecodingError):
    """The body is JSON, but not of the endpoint's type."""

    reason = BadResponseReason.WRONG_SHAPE

    def __init__(self, problem: str, place: str = "") -> None:
        super().__init__(problem, place)
        self.problem = problem
        """The expected type and the actual one: ``Expected `bool`, got `int```."""
        self.place = place
        """Where, below the whole body: ``.ip_addresses[3].vip``; empty for the body itself."""

    def __str__(self) -> str:
        return f"{self.problem} - at `${self.place}`" if self.place else self.problem

    def inside(self, place: str) -> "WrongShapeError":
        """Return the same error for a value that is itself at a place."""
        return WrongShapeError(self.problem, place + self.place)


class TooManyValuesError(DecodingError):
    """The body has more values than are decoded without a stall of the event loop."""

    reason = BadResponseReason.TOO_LARGE


_NO_PAGES: Final = Pagination()


class Decoded(msgspec.Struct, Generic[T], frozen=True):
    """The decoded body of a response."""

    value: T
    """The value of the endpoint's field."""

    pagination: Pagination = _NO_PAGES
    """The object beside it; empty where the endpoint has no pages."""


def decode(endpoint: Endpoint[T], body: bytes) -> Decoded[T]:
    """Decode the body of a successful response.

    Raises:
        UnreadableError: the body is not JSON.
        WrongShapeError: the body is JSON, but not of the endpoint's type.
        UsageError: the endpoint's type cannot be decoded; see `check_type`.
    """
    if endpoint.beside:
        return joined(endpoint, decode(whole_response(endpoint), body))
    kind: Any = endpoint.type
    decoders = _body_decoders(endpoint.answer, kind, paginated=endpoint.paginated)
    if decoders.decode_columns is not None and len(body) > _SMALL:
        with contextlib.suppress(Exception):  # decoded again below, for an error that names the place
            return decoders.decode_columns(body)
    envelope = run_decoder(decoders.decode_envelope, body)
    value = envelope.value if decoders.convert is None else decoders.convert(envelope.value)
    return Decoded(value, envelope.pagination)


@functools.cache
def whole_response(endpoint: Endpoint[Any]) -> Endpoint[Any]:
    """Return an endpoint whose result is the whole response: the result of another endpoint, and the fields beside it.

    See `Endpoint.beside`.
    """
    kind = endpoint.type
    own = {field.name: field for field in attrs.fields(attrs.resolve_types(kind))}
    result = {str(endpoint.answer): attrs.field(type=kind)}
    beside = {name: attrs.field(default=own[name].default, type=own[name].type) for name in endpoint.beside}
    whole = attrs.make_class(f"{kind.__name__}Response", result | beside, frozen=True, kw_only=True)
    return attrs.evolve(endpoint, answer=None, type=whole, beside=())


def joined(endpoint: Endpoint[T], response: Decoded[Any]) -> Decoded[T]:
    """Return the result of an endpoint with the fields that are beside it in a whole response."""
    beside = {name: getattr(response.value, name) for name in endpoint.beside}
    result: Any = getattr(response.value, str(endpoint.answer))
    return Decoded(attrs.evolve(result, **beside))


def check_type(kind: Any) -> None:
    """Check that a type can be decoded, before a request is sent. The result is cached.

    Raises:
        UsageError: neither cattrs nor msgspec can decode the type.
    """
    try:
        decoder(kind)
    except TypeError:  # of the cache
        problem = f"the type {kind!r} of an endpoint cannot be decoded: it has no hash"
    else:
        return
    raise UsageError(problem)


def decode_json(body: bytes) -> object:
    """Decode any JSON to plain objects.

    Raises:
        UnreadableError: the body is not JSON.
    """
    return run_decoder(msgspec.json.decode, body)


def run_decoder(decode_one: Callable[[J], T], json: J, place: str = "") -> T:
    """Call a decoder for the value at a place, and raise its errors as a `DecodingError`.

    It is raised outside of the handler, so that it has no context: the errors of msgspec and cattrs quote values.
    """
    try:
        return decode_one(json)
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001 # a class of the caller's may raise anything
        wrong = _explained(error).inside(place)
    raise wrong


@functools.cache
def decoder(kind: Any) -> Callable[[bytes | msgspec.Raw], Any]:
    """Return the function that decodes a JSON value of a type.

    Raises:
        UsageError: the type cannot be decoded.
    """
    try:
        if msgspec_decodes(kind):
            return msgspec.json.Decoder(kind).decode
        parts = (part for part in _reachable(kind) if not names_self(part))
        hooks = [_CONVERTER.get_structure_hook(part) for part in (kind, *parts)]
    except Exception as error:  # noqa: BLE001 # annotations are the caller's code
        problem = f"the type {_name(kind)} of an endpoint cannot be decoded: {error}"
    else:
        return lambda json: hooks[0](msgspec.json.decode(json), kind)
    raise UsageError(problem)


@functools.cache
def envelope_decoder(answer: str | None, kind: Any, *, paginated: bool) -> Callable[[bytes], Any]:
    """Return the function that decodes a whole body to an object with ``value`` and perhaps ``pagination``.

    Args:
        answer: name of the field that holds the value; None where the whole body is the value.
        kind: type of the value, one that msgspec decodes.
        paginated: whether there is a pagination beside it.
    """
    if answer is None:
        decode_value = msgspec.json.Decoder(kind).decode
        return lambda body: Decoded(decode_value(body))
    fields: list[Any] = [("value", kind)]
    if paginated:
        fields.append(("pagination", Pagination))
    no_pages = {} if paginated else {"pagination": _NO_PAGES}
    envelope = msgspec.defstruct("Envelope", fields, rename={"value": answer}, namespace=no_pages, gc=False)
    return msgspec.json.Decoder(envelope).decode


@attrs.frozen
class _BodyDecoders:
    """How the bodies of an endpoint are decoded."""

    decode_envelope: Callable[[bytes], Any]
    """Decodes a body to an object with ``value`` and ``pagination``."""

    convert: Callable[[Any], Any] | None = None
    """Converts the value to the endpoint's type; None if it has that type already."""

    decode_columns: Callable[[bytes], Decoded[Any]] | None = None
    """Decodes a body by columns; None where it is no list of flat objects."""


@functools.cache  # by the parts of an endpoint: callers may make endpoints in a loop
def _body_decoders(answer: str | None, kind: Any, *, paginated: bool) -> _BodyDecoders:
    decode_value = decoder(kind)
    if answer is None and kind is str:
        return _BodyDecoders(lambda body: Decoded(body.decode()))  # text/plain: GET /virtual_machine/authorized_keys
    envelopes_of = functools.partial(envelope_decoder, answer, paginated=paginated)
    if not msgspec_decodes(kind):
        place = "" if answer is None else f".{answer}"
        return _BodyDecoders(envelopes_of(msgspec.Raw), lambda raw: run_decoder(decode_value, raw, place))
    columns = columns_of(*typing.get_args(kind), decoder=decoder) if typing.get_origin(kind) is list else None
    if columns is None:
        return _BodyDecoders(envelopes_of(kind))
    make_objects, decode_rows = columns.objects, envelopes_of(columns.rows)

    def decode_columns(body: bytes) -> Decoded[Any]:
        envelope = decode_rows(body)
        return Decoded(make_objects(envelope.value), envelope.pagination)

    return _BodyDecoders(envelopes_of(kind), decode_columns=decode_columns)


# Which types msgspec decodes alone.

_ARRAYS: Final[Mapping[Any, Callable[[Iterable[Any]], object]]] = {
    **dict.fromkeys((list, Sequence, MutableSequence), list),
    **dict.fromkeys((set, MutableSet), set),
    **dict.fromkeys((frozenset, AbstractSet), frozenset),
    tuple: tuple,
    collections.deque: collections.deque,
}
"""Types that are made from a JSON array, and how."""

_PLAIN: Final = frozenset({str, int, float, bool, type(None)})
_UNIONS: Final = (types.UnionType, typing.Union)
_MAPPINGS: Final = (dict, Mapping, MutableMapping)
_MSGSPEC_ORIGINS: Final = frozenset(
    {bytes, object, Any, uuid.UUID, decimal.Decimal, msgspec.Raw}
    | {datetime.date, datetime.time, datetime.timedelta, typing.Literal}
    | {*_PLAIN, *_UNIONS, *_MAPPINGS, *_ARRAYS, typing.Annotated} - {collections.deque}
)


def _origin(kind: Any) -> Any:
    return typing.get_origin(kind) or kind


@functools.cache
def msgspec_decodes(kind: Any) -> bool:
    """Return whether msgspec alone decodes a type correctly, with all its parts."""
    try:
        if not all(map(_msgspec_decodes_part, _reachable(kind))):
            return False  # before msgspec looks at it: ``type Loop = Loop`` ends the process there
        msgspec.json.Decoder(kind)
    except Exception:  # noqa: BLE001 # msgspec does not support the type, or an annotation of the caller's raised
        return False
    return True


def _msgspec_decodes_part(kind: Any) -> bool:
    """Return whether msgspec decodes a type correctly, apart from its parts."""
    if _origin(kind) in _MSGSPEC_ORIGINS:
        return not _is_unpacked(kind)
    if attrs.has(kind):
        return not _runs_code(kind)
    if _is_a(kind, msgspec.Struct):
        return not hasattr(kind, "__post_init__")
    return _is_a(kind, enum.Enum) or typing.is_typeddict(kind) or _is_named_tuple(kind)


def _runs_code(kind: Any) -> bool:
    """Return whether making an object of an attrs class runs code of its author, which msgspec would skip in part.

    A field with another name in JSON counts as such: msgspec does not know it.
    """
    hooks = ("__attrs_pre_init__", "__attrs_post_init__", "__attrs_init__")
    return any(hasattr(kind, hook) for hook in hooks) or any(
        field.validator is not None or field.converter is not None or not field.init or json_name(field) != field.name
        for field in attrs.fields(kind)
    )


def names_self(kind: Any) -> bool:
    """Return whether a type is ``Self``, or has it inside. Its meaning depends on the class that has the field."""
    return kind is typing.Self or any(map(names_self, typing.get_args(kind)))


def _is_unpacked(kind: Any) -> bool:
    """Return whether a type is ``*tuple[str, ...]`` inside of another tuple's type, which nothing decodes."""
    return bool(getattr(kind, "__unpacked__", False))


def _is_named_tuple(kind: Any) -> bool:
    return _is_a(kind, tuple) and hasattr(kind, "_fields")


def _is_a(kind: Any, base: type) -> bool:
    return isinstance(kind, type) and issubclass(kind, base)


def _reachable(kind: Any) -> set[Any]:
    """Return a type and all the types that it consists of, directly or not."""
    reached, waiting = set[Any](), [kind]
    while waiting:
        part = waiting.pop()
        if part not in reached:
            reached.add(part)
            waiting += _parts_of(part)
    return reached


def _is_alias(kind: Any) -> bool:
    """Return whether a type is declared by ``type Name = ...``, as Python 3.12 and later allow."""
    return type(kind).__name__ == "TypeAliasType"


def _parts_of(kind: Any) -> list[Any]:
    """Return the types that a type directly consists of: its arguments, and the types of its fields."""
    base, arguments = _origin(kind), typing.get_args(kind)
    most = {typing.Literal: 0, typing.Annotated: 1}.get(base, len(arguments))
    parts = [part for part in arguments[:most] if part is not ...]
    if base in _UNIONS:  # cattrs decodes what is no plain value as a union of its own
        others = tuple(part for part in parts if part not in _PLAIN and _origin(part) is not typing.Literal)
        parts += [typing.Union[others]] if 1 < len(others) < len(parts) else []  # noqa: UP007 # of a tuple
    elif _is_alias(base):
        parts.append(base.__value__)
    elif attrs.has(base):
        fields = attrs.fields(attrs.resolve_types(base))
        parts += [field.type for field in fields if field.init and field.converter is None]
    elif _is_class(base) or typing.is_typeddict(base) or _is_named_tuple(base) or _is_a(base, msgspec.Struct):
        parts += [hint for hint in typing.get_type_hints(base).values() if typing.get_origin(hint) is not ClassVar]
    return parts


# How cattrs decodes the others.


def _msgspec_hook(kind: Any) -> StructureHook:
    return lambda value, _: msgspec.convert(value, kind)


def _scalar_hook(plain: type) -> StructureHook:
    """Return the hook for a plain type and for the classes that are made from one value of it."""

    def structure(value: object, kind: Any) -> object:
        if msgspec_decodes(kind):  # the plain type, or an enum
            return msgspec.convert(value, kind)
        argument: object = msgspec.convert(value, plain)
        with contextlib.suppress(Exception):
            return kind(argument)
        raise msgspec.ValidationError(f"Invalid {_name(kind)}")

    return structure


def _datetime(value: object, _: object) -> datetime.datetime:
    """Return the time of Unix seconds, which Katapult sends (5,619 recorded times), or of an RFC 3339 string."""
    if isinstance(value, str):
        return msgspec.convert(value, datetime.datetime)
    seconds = msgspec.convert(value, int)
    with contextlib.suppress(ValueError, OverflowError, OSError):
        return datetime.datetime.fromtimestamp(seconds, tz=datetime.UTC)
    raise msgspec.ValidationError("Expected Unix seconds of the years 1 to 9999")


def _is_open_enum(kind: Any) -> bool:
    """Return whether a type is an enum of strings that may grow: ``State | str``, perhaps ``| None``."""
    if typing.get_origin(kind) not in _UNIONS or str not in typing.get_args(kind):
        return False
    others = set(typing.get_args(kind)) - {str, type(None)}
    return len(others) == 1 and _is_a(others.pop(), enum.StrEnum)


def _open_enum_hook(kind: Any) -> StructureHook:
    """Return the hook that returns the member for a known string, and any other string as it is."""
    parts = typing.get_args(kind)
    members = {member.value: member for part in parts if _is_a(part, enum.StrEnum) for member in part}
    plain: Any = str | None if type(None) in parts else str

    def structure(value: object, _: object) -> object:
        text = msgspec.convert(value, plain)
        return members.get(text, text)

    return structure


def _is_one_or_list(kind: Any) -> bool:
    """Return whether a type is ``Model | list[Model]``: what the document calls a list may be sent as one object.

    ``Model | tuple[Model]`` is a list with exactly one item.
    """
    match typing.get_args(kind):
        case (one, many) if typing.get_origin(kind) in _UNIONS:
            return bool(
                _is_class(one) and many in [types.GenericAlias(container, (one,)) for container in (list, tuple)]
            )
    return False


def _one_or_list_hook(kind: Any, converter: cattrs.BaseConverter) -> StructureHook:
    one, many = ((part, _late_hook(part, converter)) for part in typing.get_args(kind))

    def structure(value: object, _: object) -> object:
        part, hook = many if type(value) is list else one
        return hook(value, part)

    return structure


def _is_class(kind: Any) -> bool:
    return attrs.has(kind) or dataclasses.is_dataclass(_origin(kind))


def _class_hook(kind: Any, converter: cattrs.BaseConverter) -> StructureHook:
    fields = attrs.fields(_origin(kind)) if attrs.has(_origin(kind)) else ()
    names = {field.name: override(rename=name) for field in fields if (name := json_name(field)) != field.name}
    structure = make_dict_structure_fn(kind, converter, **names)  # type: ignore[arg-type] # its flags are keywords too
    return lambda value, _: structure(_expect(dict, value), kind)


def _typed_dict_hook(kind: Any, converter: cattrs.BaseConverter) -> StructureHook:
    structure = typeddicts.make_dict_structure_fn(kind, converter)
    names = typing.get_type_hints(kind).keys()
    # cattrs would keep unknown fields
    return lambda value, _: structure({name: value[name] for name in _expect(dict, value).keys() & names}, kind)


def _array_hook(kind: Any, converter: cattrs.BaseConverter) -> StructureHook:
    """Return the hook of a list, set or tuple, which ends at the first wrong item.

    cattrs collects the errors of all items: an array of 100,000 zeros in the place of objects took seconds.
    """
    make = _ARRAYS[_origin(kind)]
    item, *_ = typing.get_args(kind) or (object,)
    hooks = itertools.repeat((_late_hook(item, converter), item))
    return lambda value, _: make(_structured(_expect(list, value), hooks, kind))


def _fixed_array_hook(kind: Any, converter: cattrs.BaseConverter) -> StructureHook:
    """Return the hook of a tuple of fixed length, perhaps a named one."""
    items: Sequence[Any] = typing.get_args(kind)
    make: Callable[[list[Any]], object] = tuple
    optional = 0
    if _is_named_tuple(kind):
        hints = typing.get_type_hints(kind)
        items = [hints.get(name, object) for name in kind._fields]
        make = lambda values: kind(*values)  # noqa: E731 # as for a tuple above
        optional = len(kind._field_defaults)
    hooks = [(_late_hook(item, converter), item) for item in items]
    most = len(items)

    def structure(value: Any, _: object) -> object:
        if not most - optional <= len(_expect(list, value)) <= most:
            length = f"{most - optional} to {most}" if optional else f"{most}"
            raise msgspec.ValidationError(f"Expected `array` of length {length}, got {len(value)}")
        return make(_structured(value, hooks, kind))

    return structure


def _is_fixed_array(kind: Any) -> bool:
    return _is_named_tuple(kind) or (typing.get_origin(kind) is tuple and typing.get_args(kind)[1:] != (...,))


def _structured(values: list[Any], hooks: Iterable[tuple[StructureHook, Any]], kind: Any) -> list[Any]:
    items = []
    for index, (value, (hook, item)) in enumerate(zip(values, hooks, strict=False)):
        try:
            items.append(hook(value, item))
        except Exception as error:
            raise _placed(error, index, item, kind) from error
    return items


def _mapping_hook(kind: Any, converter: cattrs.BaseConverter) -> StructureHook:
    """Return the hook of a dict. Its keys, which are strings in JSON, may be numbers."""
    key, item = typing.get_args(kind)
    keys = types.GenericAlias(list, (key,))
    structure_key = None if msgspec_decodes(key) else _late_hook(key, converter)
    structure_item = _late_hook(item, converter)

    def structure(value: Any, _: object) -> object:
        try:
            items = [structure_item(entry, item) for entry in _expect(dict, value).values()]
            names = [structure_key(name, key) for name in value] if structure_key else convert_keys(value)
        except Exception as error:
            raise _placed(error, "...", item, kind) from error  # not by the key, which is content
        return dict(zip(names, items, strict=True))

    def convert_keys(value: Any) -> Any:
        return msgspec.convert(list(value), keys, strict=False)

    return structure


def _placed(error: Exception, index: int | str, item: Any, kind: Any) -> cattrs.IterableValidationError:
    """Return the error that cattrs raises for an item."""
    error.add_note(cattrs.IterableValidationNote("", index, item))
    return cattrs.IterableValidationError("", [error], kind)


def _late_hook(kind: Any, converter: cattrs.BaseConverter) -> StructureHook:
    """Return the hook of a type; it is looked up later where the type refers to itself."""
    try:
        return converter.get_structure_hook(kind)
    except RecursionError:
        return converter.structure


_JSON_NAMES: Final[Mapping[type, str]] = {dict: "object", list: "array", type(None): "null"}


def _expect(container: type, value: Any) -> Any:
    """Return a JSON object or array, and nothing else."""
    if type(value) is container:
        return value
    name = _JSON_NAMES.get(type(value), type(value).__name__)
    raise msgspec.ValidationError(f"Expected `{_JSON_NAMES[container]}`, got `{name}`")


def _unsupported(kind: Any) -> StructureHook:
    raise cattrs.StructureHandlerNotFoundError(f"{_name(kind)} is no type that JSON is decoded to", kind)


def _make_converter() -> cattrs.Converter:
    """Return the converter. cattrs tries hooks of classes before hooks of functions, and later hooks before earlier."""
    converter = cattrs.Converter(structure_fallback_factory=_unsupported)
    configure_union_passthrough(str | bool | int | float | None, converter)  # ``Class | str``
    converter.register_structure_hook_factory(_is_class, _class_hook)
    converter.register_structure_hook_factory(typing.is_typeddict, _typed_dict_hook)
    converter.register_structure_hook_factory(lambda kind: _origin(kind) in _ARRAYS, _array_hook)
    converter.register_structure_hook_factory(_is_fixed_array, _fixed_array_hook)
    converter.register_structure_hook_factory(lambda kind: _origin(kind) in _MAPPINGS, _mapping_hook)
    converter.register_structure_hook_factory(msgspec_decodes, _msgspec_hook)
    converter.register_structure_hook_factory(_is_open_enum, _open_enum_hook)
    converter.register_structure_hook_factory(_is_one_or_list, _one_or_list_hook)
    converter.register_structure_hook_func(lambda kind: kind is datetime.datetime, _datetime)
    converter.register_structure_hook_func(
        lambda kind: kind in (object, Any) or isinstance(kind, TypeVar), lambda value, _: value
    )
    converter.register_structure_hook_func(lambda kind: _is_a(_origin(kind), msgspec.Struct), msgspec.convert)
    converter.register_structure_hook_factory(_is_unpacked, _unsupported)
    converter.register_structure_hook_factory(  # cattrs would make a plain tuple
        lambda kind: _is_named_tuple(typing.get_origin(kind)), _unsupported
    )
    for plain in (str, bytes, int, float):
        converter.register_structure_hook(plain, _scalar_hook(plain))
    for text in (ipaddress.IPv4Address, ipaddress.IPv6Address, ipaddress.IPv4Network, ipaddress.IPv6Network):
        converter.register_structure_hook(text, _scalar_hook(str))
    return converter


_CONVERTER: Final = _make_converter()


# The texts of errors.


def _explained(error: Exception) -> DecodingError:
    """Return the first mistake in a body, with its place, in the words of msgspec."""
    place = ""
    kind: Any = None
    while isinstance(error, cattrs.ClassValidationError | cattrs.IterableValidationError):
        placed, unplaced = error.group_exceptions()
        if not placed:
            error = class_error(error.cl, unplaced[0])
            break
        inner, note = placed[0]
        if isinstance(note, cattrs.IterableValidationNote):
            place += f"[{note.index}]"
        elif isinstance(inner, KeyError) and inner.args == (note.name,):
            error = WrongShapeError(f"Object missing required field `{note.name}`")
            break
        else:
            place += f".{note.name}"
        kind, error = note.type, inner
    return _mistake(error, kind).inside(place)


def _mistake(error: Exception, kind: Any) -> DecodingError:
    """Return what is wrong with one value of a type."""
    match error:
        case DecodingError() if not _is_foreign(error):
            return error
        case msgspec.ValidationError():
            return _of_msgspec(error)
        case msgspec.DecodeError() if not _is_foreign(error):
            return UnreadableError(str(error) or "not JSON")
        case UnicodeDecodeError():
            return UnreadableError("not UTF-8")
        case RecursionError():
            return UnreadableError("nested too deeply")
    return WrongShapeError(f"Invalid {'value' if kind is None else _name(kind)}: `{type(error).__name__}`")


def _is_foreign(error: BaseException) -> bool:
    """Return whether code of a caller's class raised an error, whose text may then quote anything."""
    frames = [frame for frame, _ in traceback.walk_tb(error.__traceback__)]
    return bool(frames) and not frames[-1].f_globals.get("__name__", "").startswith(__name__.partition(".")[0])


def class_error(kind: Any, error: Exception) -> WrongShapeError:
    """Return the error for an exception that a class raised about itself. Its text may quote values: it is left out."""
    return WrongShapeError(f"{_name(kind)} raised `{type(error).__name__}`")


_PLACE: Final = re.compile(r"(?P<problem>.*?)(?: - at (?P<key>`key` in )?`\$(?P<place>[^`]*)`)?", re.DOTALL)
_QUOTING: Final = re.compile(r"(Invalid (?:enum )?value|Object contains unknown field) .*", re.DOTALL)


def _of_msgspec(error: msgspec.ValidationError) -> WrongShapeError:
    """Return an error of msgspec without the value that it may quote."""
    match = typing.cast("re.Match[str]", _PLACE.fullmatch(str(error)))  # matches any text
    problem = _QUOTING.sub(r"\1", match["problem"])
    if error.__cause__ is not None or _is_foreign(error):  # of a struct that checks itself
        problem = f"The class raised `{type(error.__cause__ or error).__name__}`"
    return WrongShapeError(problem + (" as a key" if match["key"] else ""), match["place"] or "")


def _name(kind: Any) -> str:
    return f"`{kind.__name__ if isinstance(kind, type) else kind}`"
