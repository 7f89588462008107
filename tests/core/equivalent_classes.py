"""Equivalent classes: copies of classes with one more field that msgspec cannot decode alone, so that cattrs does.

msgspec decodes a class and cattrs its copy, from the same JSON: tests compare the results. The classes of the fields
are copied too.
"""

import datetime
import functools
import operator
import types
import typing

import attrs

EXTRA = "only_cattrs_decodes_this"


@functools.cache
def copy_for_cattrs(kind: typing.Any) -> typing.Any:
    """Return a type that equals another, but is decoded by cattrs."""
    if isinstance(kind, type) and attrs.has(kind):
        fields: dict[str, typing.Any] = {
            field.name: attrs.field(default=field.default, type=copy_for_cattrs(field.type))
            for field in attrs.fields(attrs.resolve_types(kind))
        }
        time: typing.Any = datetime.datetime | None
        fields[EXTRA] = attrs.field(default=None, type=time)
        return attrs.make_class(kind.__name__, fields, frozen=True, kw_only=True)
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin in (types.UnionType, typing.Union):
        return functools.reduce(operator.or_, map(copy_for_cattrs, arguments))
    return origin[tuple(map(copy_for_cattrs, arguments))] if origin else kind


def fields_of(value: typing.Any) -> object:
    """Return objects as plain dicts without the field that only a copy has."""
    match value:
        case list() | tuple():
            return [fields_of(item) for item in value]
        case _ if attrs.has(type(value)):
            names = [field.name for field in attrs.fields(type(value)) if field.name != EXTRA]
            return {name: fields_of(getattr(value, name)) for name in names}
    return value
