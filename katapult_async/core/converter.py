"""From JSON to a value of one type. The one place that knows cattrs.

One converter decodes everything. Where every field of a class, all the way down, is of a type that msgspec reads
strictly by itself, the whole class is msgspec's, straight from the bytes; where a field needs a rule of ours (a
time, an enum that may grow), cattrs takes the class apart and hands down what is native. Either way nothing is
coerced, unknown fields are ignored, and an error names the place as ``$.ip_addresses[3].vip``.
"""

import datetime
import enum
import functools
import typing
from collections.abc import Callable
from typing import Any, TypeVar

import attrs
import cattrs
import msgspec
from cattrs.cols import mapping_structure_factory
from cattrs.dispatch import StructureHook
from cattrs.gen import make_dict_structure_fn
from cattrs.preconf.msgspec import make_converter

from katapult_async.core.msgspec_decoding import SCALARS, is_native
from katapult_async.errors import UsageError

T = TypeVar("T")


REFUSALS = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)
"""What msgspec raises at a body that it cannot decode."""


class UnreadableError(Exception):
    """The bytes are not JSON."""


class WrongShapeError(Exception):
    """The JSON is not what was documented; the message names the place."""


def decode_json(body: bytes) -> object:
    """Return any JSON as plain objects.

    Raises:
        UnreadableError: the body is not JSON.
    """
    return read(functools.partial(msgspec.json.decode, body))


def read(decode: Callable[[], T], *, path: str | Callable[[], str] = "$") -> T:
    """Return what a decoder gives, or raise an error that names the place below ``path``."""
    try:
        return decode()
    except (msgspec.ValidationError, cattrs.BaseValidationError) as error:
        wrong: Exception = WrongShapeError(_first_place(error, path if isinstance(path, str) else path()))
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        wrong = UnreadableError(str(error) or "not JSON")
    except RecursionError:
        wrong = UnreadableError("nested too deeply")
    except cattrs.StructureHandlerNotFoundError as error:
        wrong = UsageError(f"the type of an endpoint cannot be decoded: {error}")
    except (TypeError, ValueError, AttributeError) as error:  # of a class that checks itself
        wrong = WrongShapeError(_placed(str(error), path if isinstance(path, str) else path()))
    raise wrong


@functools.cache
def decoder(kind: Any) -> Callable[[bytes | msgspec.Raw], Any]:
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
        placed, unplaced = error.group_exceptions()
        if not placed:
            return _placed(str(unplaced[0]), path)  # what a class that checks itself said
        inner, note = placed[0]
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


def _is_sequence(kind: object) -> bool:
    return typing.get_origin(kind) is list or (typing.get_origin(kind) is tuple and typing.get_args(kind)[1:] == (...,))


def _sequence_hook(kind: type[object], converter: cattrs.BaseConverter) -> StructureHook:
    """Return what takes a list or tuple apart, from an array and nothing else, up to the first wrong item.

    cattrs keeps an error for each item: an array of 100,000 zeros in place of objects held the loop for seconds.
    """
    (item, *_) = typing.get_args(kind)
    hook = converter.get_structure_hook(item)
    make: Callable[[list[object]], object] = tuple if typing.get_origin(kind) is tuple else list

    def structure(value: object, _: object) -> object:
        items: list[object] = []
        for index, each in enumerate(msgspec.convert(value, list)):
            try:
                items.append(hook(each, item))
            except Exception as error:
                error.add_note(cattrs.IterableValidationNote("", index, item))
                raise cattrs.IterableValidationError("", [error], kind) from error
        return make(items)

    return structure


def _is_mapping(kind: object) -> bool:
    return typing.get_origin(kind) is dict


def _mapping_hook(kind: type[object], converter: cattrs.BaseConverter) -> StructureHook:
    """Return what takes a dict apart by cattrs, from an object and nothing else."""
    structure = mapping_structure_factory(kind, converter)
    return lambda value, _: structure(msgspec.convert(value, dict), kind)


def _is_builtin(kind: object) -> bool:
    """Return whether a type says no more than JSON does, or names its values."""
    return kind in (dict, list, tuple, set, frozenset) or typing.get_origin(kind) in (set, frozenset, typing.Literal)


def _make_converter() -> cattrs.Converter:
    converter = make_converter()
    converter.register_structure_hook_factory(attrs.has, _class_hook)
    converter.register_structure_hook_factory(_is_sequence, _sequence_hook)
    converter.register_structure_hook_factory(_is_mapping, _mapping_hook)
    converter.register_structure_hook_factory(_is_builtin, _native_hook)
    converter.register_structure_hook_factory(is_native, _native_hook)
    converter.register_structure_hook_factory(_is_open_enum, _open_enum_hook)
    converter.register_structure_hook_func(lambda kind: kind in (object, Any), lambda value, _: value)
    for scalar in SCALARS:  # cattrs has hooks of its own for these, which coerce and go before any factory's
        converter.register_structure_hook(scalar, _native_hook(scalar))
    converter.register_structure_hook(datetime.datetime, _datetime)
    return converter


_CONVERTER = _make_converter()
