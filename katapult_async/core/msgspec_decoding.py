"""Which types msgspec decodes by itself as we mean it: strictly, and all the way down."""

import types
import typing

import attrs
import msgspec

SCALARS = frozenset({str, int, float, bool, type(None), msgspec.Raw})
"""Types that JSON has, and what is not decoded yet."""


def is_native(kind: object) -> bool:
    """Return whether msgspec alone decodes a type as we mean it, all the way down."""
    if kind in SCALARS:
        return True
    if isinstance(kind, type) and attrs.has(kind):
        return all(is_native(field.type) for field in attrs.fields(attrs.resolve_types(kind)))
    origin = typing.get_origin(kind)
    if origin in (list, tuple, types.UnionType, typing.Union):
        return all(argument is Ellipsis or is_native(argument) for argument in typing.get_args(kind))
    return False
