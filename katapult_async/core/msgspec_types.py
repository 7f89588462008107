"""The types that JSON is decoded to: their parts, and which of them msgspec decodes correctly alone."""

import collections
import dataclasses
import datetime
import decimal
import enum
import functools
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
from typing import Any, ClassVar, Final

import attrs
import msgspec

from katapult_async.models.field_names import json_name

_SETS: Final = (set, MutableSet, frozenset, AbstractSet)
ARRAYS: Final[Mapping[Any, Callable[[Iterable[Any]], object]]] = {
    **dict.fromkeys((list, Sequence, MutableSequence), list),
    **dict.fromkeys(_SETS[:2], set),
    **dict.fromkeys(_SETS[2:], frozenset),
    tuple: tuple,
    collections.deque: collections.deque,
}
"""Types that are made from a JSON array, and how."""

_PLAIN: Final = frozenset({str, int, float, bool, type(None)})
UNIONS: Final = (types.UnionType, typing.Union)
MAPPINGS: Final = (dict, Mapping, MutableMapping)
_MSGSPEC_ORIGINS: Final = frozenset(
    {bytes, object, Any, uuid.UUID, decimal.Decimal, msgspec.Raw, msgspec.UnsetType}
    | {datetime.date, datetime.time, datetime.timedelta, typing.Literal}
    | {*_PLAIN, *UNIONS, *MAPPINGS, *ARRAYS, typing.Annotated} - {collections.deque}
)


def origin_of(kind: Any) -> Any:
    """Return ``list`` for ``list[int]``, and a class for itself."""
    return typing.get_origin(kind) or kind


@functools.cache
def msgspec_decodes(kind: Any) -> bool:
    """Return whether msgspec alone decodes a type correctly, with all its parts."""
    try:
        if not all(map(_msgspec_decodes_part, reachable(kind))):
            return False  # before msgspec looks at it: ``type Loop = Loop`` ends the process there
        msgspec.json.Decoder(kind)
    except Exception:  # noqa: BLE001 # msgspec does not support the type, or an annotation of the user raised
        return False
    return True


def _msgspec_decodes_part(kind: Any) -> bool:
    """Return whether msgspec decodes a type correctly, if it decodes its parts correctly."""
    if origin_of(kind) in _MSGSPEC_ORIGINS:
        return not (is_unpacked(kind) or has_unhashable_items(kind))
    if attrs.has(kind):
        return not _runs_code(kind)
    if is_a(kind, msgspec.Struct):
        return not hasattr(kind, "__post_init__")
    if is_typed_dict(kind):
        return all(map(str.isascii, kind.__annotations__))  # msgspec does not find other names in JSON
    return is_a(kind, enum.Enum) or is_named_tuple(kind)


def _runs_code(kind: Any) -> bool:
    """Return whether making an object of an attrs class runs code of the class, some of which msgspec would skip.

    A field with another name in JSON counts as such code, and one whose name is not ASCII: msgspec does not find them.
    """
    hooks = ("__attrs_pre_init__", "__attrs_post_init__", "__attrs_init__")
    return any(hasattr(kind, hook) for hook in hooks) or any(
        field.validator is not None
        or field.converter is not None
        or not field.init
        or json_name(field) != field.name
        or not field.name.isascii()
        for field in attrs.fields(kind)
    )


def names_self(kind: Any) -> bool:
    """Return whether a type is ``Self``, or has it inside. Its meaning depends on the class that has the field."""
    return kind is typing.Self or any(map(names_self, typing.get_args(kind)))


def is_unpacked(kind: Any) -> bool:
    """Return whether a type is ``*tuple[str, ...]`` inside of another tuple's type, which nothing decodes."""
    return bool(getattr(kind, "__unpacked__", False))


def has_unhashable_items(kind: Any) -> bool:
    """Return whether a type is a set of items that are not hashable, or a dict with such keys."""
    hashed = typing.get_args(kind)[:1] if origin_of(kind) in (*_SETS, *MAPPINGS) else ()
    return not all(map(_is_hashable, hashed))


def _is_hashable(kind: Any) -> bool:
    """Return whether objects of a type are hashable, as far as their classes show."""
    parts = typing.get_args(kind) if origin_of(kind) in (*UNIONS, tuple, typing.Annotated) else ()
    return getattr(origin_of(kind), "__hash__", None) is not None and all(map(_is_hashable, parts))


def is_class(kind: Any) -> bool:
    """Return whether a type is a class of attrs or a dataclass."""
    return attrs.has(kind) or dataclasses.is_dataclass(origin_of(kind))


def is_named_tuple(kind: Any) -> bool:
    """Return whether a type is a class of named tuples."""
    return is_a(kind, tuple) and hasattr(kind, "_fields")


def is_a(kind: Any, base: type) -> bool:
    """Return whether a type is the class ``base`` or a subclass of it."""
    return isinstance(kind, type) and issubclass(kind, base)


def is_typed_dict(kind: Any) -> bool:
    """Return whether a type is a class that was made with a ``TypedDict``, that of `typing` or another."""
    return is_a(kind, dict) and hasattr(kind, "__required_keys__")


def reachable(kind: Any) -> set[Any]:
    """Return a type and all the types that it consists of, directly or not."""
    reached, waiting = set[Any](), [kind]
    while waiting:
        part = waiting.pop()
        if part not in reached:
            reached.add(part)
            waiting += _parts_of(part)
    return reached


def _parts_of(kind: Any) -> list[Any]:
    """Return the types that a type directly consists of: its arguments, and the types of its fields."""
    base, arguments = origin_of(kind), typing.get_args(kind)
    if base is typing.Literal:  # its arguments are values
        return []
    if base is typing.Annotated:  # its other arguments are not types
        return list(arguments[:1])
    parts = [part for part in arguments if part is not ...]
    if base in UNIONS:  # cattrs decodes the members that are not plain values as a union of their own
        others = tuple(part for part in parts if part not in _PLAIN and origin_of(part) is not typing.Literal)
        if 1 < len(others) < len(parts):
            parts.append(typing.Union[others])  # noqa: UP007 # of a tuple
    elif type(base).__name__ == "TypeAliasType":  # ``type Name = ...`` of Python 3.12 and later
        parts.append(base.__value__)
    elif attrs.has(base):
        fields = attrs.fields(attrs.resolve_types(base))
        parts += [field.type for field in fields if field.init and field.converter is None]
    elif dataclasses.is_dataclass(base):
        parts += _types_of_arguments(base)
    elif is_typed_dict(base) or is_named_tuple(base) or is_a(base, msgspec.Struct):
        parts += [hint for hint in typing.get_type_hints(base).values() if typing.get_origin(hint) is not ClassVar]
    return parts


def _types_of_arguments(dataclass: Any) -> list[Any]:
    """Return the types of the arguments with which an object of a dataclass is made. Resolves those of its fields."""
    hints = typing.get_type_hints(dataclass, include_extras=True)
    fields = dataclasses.fields(dataclass)
    for field in fields:
        field.type = hints[field.name]  # like `attrs.resolve_types`: cattrs resolves no name inside of a type
    # Nothing decodes an ``InitVar``. As a part it shows that the class cannot be decoded, unless it has a default.
    init_vars = [name for name, hint in hints.items() if isinstance(hint, dataclasses.InitVar)]
    return [
        *(field.type for field in fields if field.init),
        *(hints[name] for name in init_vars if not hasattr(dataclass, name)),
    ]


def type_name(kind: Any) -> str:
    """Return the name of a type as the errors of msgspec write it."""
    return f"`{kind.__name__ if isinstance(kind, type) else kind}`"
