"""Decoding of types that msgspec does not support, such as open enums; imported on first use."""

import contextlib
import datetime
import enum
import ipaddress
import itertools
import math
import types
import typing
from collections.abc import Callable, Sequence
from typing import Annotated, Any, Final, TypeVar

import attrs
import cattrs
import msgspec
from cattrs.dispatch import StructureHook
from cattrs.gen import make_dict_structure_fn, override, typeddicts
from cattrs.strategies import configure_union_passthrough

from katapult_async.core.msgspec_types import (
    ARRAYS,
    MAPPINGS,
    UNIONS,
    has_unhashable_items,
    is_a,
    is_class,
    is_named_tuple,
    is_typed_dict,
    is_unpacked,
    msgspec_decodes,
    origin_of,
    type_name,
)
from katapult_async.core.validation import is_datetime
from katapult_async.models.field_names import json_name

_DATETIME: Final[Any] = next(base for base in datetime.datetime.__mro__ if base.__module__ == "datetime")
"""The real class: in tests that freeze the clock, `datetime.datetime` may be a subclass."""

_TIME: Final = Annotated[_DATETIME, msgspec.Meta(tz=True)]
"""An RFC 3339 string, which has a time zone, or Unix seconds, as in every recorded response. msgspec takes numbers only
if it is not strict."""


def _scalar_hook(plain: type) -> StructureHook:
    """Return the hook for a plain type, and for the classes whose one argument is a value of that type."""

    def structure(value: object, kind: Any) -> object:
        if msgspec_decodes(kind):  # the plain type, or an enum
            return msgspec.convert(value, kind)
        argument: object = msgspec.convert(value, plain)
        with contextlib.suppress(Exception):
            return kind(argument)
        raise msgspec.ValidationError(f"Invalid {type_name(kind)}")

    return structure


def _is_open_enum(kind: Any) -> bool:
    """Return whether a type is an enum that may get new values: ``State | str``, with or without ``| None``."""
    parts = set(typing.get_args(kind)) if typing.get_origin(kind) in UNIONS else set()
    others = parts - {str, type(None)}
    return str in parts and len(others) == 1 and is_a(others.pop(), enum.StrEnum)


def _open_enum_hook(kind: Any) -> StructureHook:
    """Return the hook that returns the member for a known string, and any other string as it is."""
    parts = typing.get_args(kind)
    members = {member.value: member for part in parts if is_a(part, enum.StrEnum) for member in part}
    plain: Any = str | None if type(None) in parts else str

    def structure(value: object, _: object) -> object:
        text = msgspec.convert(value, plain)
        return members.get(text, text)

    return structure


def _structure_time(value: object, _: object) -> object:
    return msgspec.convert(value, _TIME, strict=type(value) is not int)


def _may_be_unset_hook(kind: Any, converter: cattrs.BaseConverter) -> StructureHook:
    """Return the hook for ``Type | msgspec.UnsetType``: a field that is unset is not in JSON."""
    types_in_json = tuple(part for part in typing.get_args(kind) if part is not msgspec.UnsetType)
    kind_in_json: Any = typing.Union[types_in_json]  # noqa: UP007 # of a tuple
    hook = _hook_of(kind_in_json, converter)
    return lambda value, _: hook(value, kind_in_json)


def _is_one_or_list(kind: Any) -> bool:
    """Return whether a type is ``Model | list[Model]``: Katapult may send one object where it documents a list.

    In ``Model | tuple[Model]``, the list has exactly one item.
    """
    match typing.get_args(kind):
        case [one, many] if typing.get_origin(kind) in UNIONS and is_class(one):
            return many in (types.GenericAlias(list, (one,)), types.GenericAlias(tuple, (one,)))
    return False


def _one_or_list_hook(kind: Any, converter: cattrs.BaseConverter) -> StructureHook:
    one, many = ((part, _hook_of(part, converter)) for part in typing.get_args(kind))

    def structure(value: object, _: object) -> object:
        part, hook = many if type(value) is list else one
        return hook(value, part)

    return structure


def _class_hook(kind: Any, converter: cattrs.BaseConverter) -> StructureHook:
    fields = attrs.fields(origin_of(kind)) if attrs.has(origin_of(kind)) else ()
    names = {field.name: override(rename=name) for field in fields if (name := json_name(field)) != field.name}
    structure = make_dict_structure_fn(kind, converter, **names)  # type: ignore[arg-type] # its flags are keywords too
    return lambda value, _: structure(_expect(dict, value), kind)


def _struct_hook(kind: Any, converter: cattrs.BaseConverter) -> StructureHook:
    """Return the hook of a class of msgspec, whose fields may have types that msgspec does not know."""
    return lambda value, _: msgspec.convert(value, kind, dec_hook=lambda part, json: converter.structure(json, part))


def _typed_dict_hook(kind: Any, converter: cattrs.BaseConverter) -> StructureHook:
    structure = typeddicts.make_dict_structure_fn(kind, converter)
    names = typing.get_type_hints(origin_of(kind)).keys()
    # cattrs would keep unknown fields
    return lambda value, _: structure({name: value[name] for name in _expect(dict, value) if name in names}, kind)


def _array_hook(kind: Any, converter: cattrs.BaseConverter) -> StructureHook:
    """Return the hook of a list, set or tuple, which ends at the first wrong item.

    cattrs collects the errors of all items: an array of 100,000 zeros in the place of objects took seconds.
    """
    arguments: Sequence[Any] = typing.get_args(kind) or (object,)
    make: Callable[[list[Any]], object] = ARRAYS.get(origin_of(kind), tuple)
    least, most = 0, math.inf
    if typing.get_origin(kind) is tuple and arguments[1:] != (...,):
        least = most = len(arguments)
    elif is_named_tuple(kind):
        hints = typing.get_type_hints(kind)
        arguments = [hints.get(name, object) for name in kind._fields]
        make = lambda values: kind(*values)  # noqa: E731 # a class in the other cases
        most = len(arguments)
        least = most - len(kind._field_defaults)
    # One hook for each place, or one that all items have.
    hooks = [(_hook_of(item, converter), item) for item in arguments if item is not ...]

    def structure(value: Any, _: object) -> object:
        if not least <= len(_expect(list, value)) <= most:
            length = f"{least} to {most}" if least < most else f"{most}"
            raise msgspec.ValidationError(f"Expected `array` of length {length}, got {len(value)}")
        items = []
        for index, (entry, (hook, item)) in enumerate(zip(value, itertools.cycle(hooks), strict=False)):
            try:
                items.append(hook(entry, item))
            except Exception as error:
                raise _item_error(error, index, item, kind) from error
        return make(items)

    return structure


def _mapping_hook(kind: Any, converter: cattrs.BaseConverter) -> StructureHook:
    """Return the hook of a dict. Its keys, which are strings in JSON, may be numbers."""
    key, item = typing.get_args(kind)
    structure_key, structure_item = _hook_of(key, converter), _hook_of(item, converter)
    if msgspec_decodes(key):
        structure_key = lambda name, _: msgspec.convert(name, key, strict=False)  # noqa: E731 # a hook of cattrs in the other cases

    def structure(value: Any, _: object) -> object:
        entries = _expect(dict, value).items()
        try:
            return {structure_key(name, key): structure_item(entry, item) for name, entry in entries}
        except Exception as error:
            raise _item_error(error, "...", item, kind) from error  # without the key, which is content

    return structure


def _item_error(error: Exception, index: int | str, item: Any, kind: Any) -> cattrs.IterableValidationError:
    """Return the error that cattrs would raise for an item: it says where the item is."""
    error.add_note(cattrs.IterableValidationNote("", index, item))
    return cattrs.IterableValidationError("", [error], kind)


def _hook_of(kind: Any, converter: cattrs.BaseConverter) -> StructureHook:
    """Return the hook of a type. If the type refers to itself, the hook is looked up when a value is decoded."""
    try:
        return converter.get_structure_hook(kind)
    except RecursionError:
        return converter.structure


def _expect(container: type, value: Any) -> Any:
    """Return a value that must be a JSON object (``dict``) or array (``list``), as ``container`` says."""
    return value if type(value) is container else msgspec.convert(value, container)  # which raises an error


def _unsupported(kind: Any) -> StructureHook:
    raise cattrs.StructureHandlerNotFoundError(f"{type_name(kind)} is not a type that JSON is decoded to", kind)


def _unhashable(kind: Any) -> StructureHook:
    raise cattrs.StructureHandlerNotFoundError(f"the items or keys of {type_name(kind)} are not hashable", kind)


def _make_converter() -> cattrs.Converter:
    """Return the converter.

    cattrs tries the hooks of one class before the hooks with a predicate, and of these the last registered first.
    """
    converter = cattrs.Converter(structure_fallback_factory=_unsupported)
    configure_union_passthrough(str | bool | int | float | None, converter)  # ``Class | str``
    hooks: list[tuple[Callable[[Any], bool], Callable[..., StructureHook]]] = [
        (is_class, _class_hook),
        (lambda kind: is_typed_dict(origin_of(kind)), _typed_dict_hook),
        (lambda kind: origin_of(kind) is Annotated, converter.gen_structure_annotated),
        (lambda kind: origin_of(kind) in ARRAYS or is_named_tuple(kind), _array_hook),
        (lambda kind: origin_of(kind) in MAPPINGS, _mapping_hook),
        (msgspec_decodes, lambda kind: lambda value, _: msgspec.convert(value, kind)),
        (_is_open_enum, _open_enum_hook),
        (lambda kind: origin_of(kind) in UNIONS and msgspec.UnsetType in typing.get_args(kind), _may_be_unset_hook),
        (_is_one_or_list, _one_or_list_hook),
        (is_datetime, lambda _: _structure_time),
        (lambda kind: kind in (object, Any) or isinstance(kind, TypeVar), lambda _: lambda value, _: value),
        (lambda kind: is_a(origin_of(kind), msgspec.Struct), _struct_hook),
        (is_unpacked, _unsupported),
        (has_unhashable_items, _unhashable),
        (lambda kind: is_named_tuple(typing.get_origin(kind)), _unsupported),  # cattrs would make a plain tuple
    ]
    for matches, hook_of in hooks:
        converter.register_structure_hook_factory(matches, hook_of)
    for plain in (str, bytes, int, float):
        converter.register_structure_hook(plain, _scalar_hook(plain))
    for address in (ipaddress.IPv4Address, ipaddress.IPv6Address, ipaddress.IPv4Network, ipaddress.IPv6Network):
        converter.register_structure_hook(address, _scalar_hook(str))
    return converter


structure_hook: Final = _make_converter().get_structure_hook
"""Returns the function that makes a value of a type from JSON, and takes the type as its second argument. Raises any
exception for a type that cattrs cannot decode."""
