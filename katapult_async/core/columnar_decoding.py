"""Lists of plain objects, made column by column instead of object by object.

msgspec makes structs in a third of the time that it needs for objects of an attrs class. So a list is read as structs
first, and then goes column by column into the slots of its objects. Objects inside them stay bytes meanwhile: where
one is the same as in the item before, as the network of addresses is, it is not made again but shared. So they must
be values, which nobody changes. Of a key that an object has twice, only the last is looked at here.
"""

import collections
import types
import typing
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

import attrs
import msgspec

from katapult_async.core.msgspec_decoding import is_native

T = TypeVar("T")

Decoder = Callable[[msgspec.Raw], Any]


@attrs.frozen(kw_only=True)
class _Column:
    """One field of the objects of a list."""

    put: Callable[[object, object], None]
    """Fills the field's slot, which does not know that its class is frozen."""

    decoder: Callable[[msgspec.Raw], Any] | None
    """What decodes a value that is an object; None where msgspec has decoded it."""


@attrs.frozen
class Columns:
    """How the objects of one plain class are made."""

    kind: Any
    """The class."""

    row: type[msgspec.Struct]
    """A struct with the same fields, in which objects are not decoded."""

    fields: Sequence[_Column]
    """What becomes of each field."""

    def objects(self, rows: Sequence[msgspec.Struct]) -> list[Any]:
        """Return rows as objects of the class. Raises what msgspec raises where an object inside cannot be decoded."""
        objects = [self.kind.__new__(self.kind) for _ in rows]
        for field, raw in zip(self.fields, zip(*map(msgspec.structs.astuple, rows), strict=True), strict=False):
            values = raw if field.decoder is None else _decoded_once(raw, field.decoder)
            collections.deque(map(field.put, objects, values), maxlen=0)
        return objects


def columns_of(kind: Any, *, decoder: Callable[[Any], Decoder]) -> Columns | None:
    """Return how objects of a type are made by columns, or None where that would leave something out.

    Args:
        kind: the type of the items of a list.
        decoder: gives what decodes an object inside them, by its type.
    """
    if not _is_plain(kind):
        return None
    return Columns(
        kind,
        _row(kind),
        [
            _Column(
                put=getattr(kind, field.name).__set__,
                decoder=decoder(field.type) if _holds_object(field.type) else None,
            )
            for field in attrs.fields(kind)
        ],
    )


def _is_plain(kind: Any) -> bool:
    """Return whether an object of a type is no more than its slots, so that filling them makes one."""
    if not (isinstance(kind, type) and attrs.has(kind) and is_native(kind)):
        return False
    if hasattr(kind, "__attrs_pre_init__") or hasattr(kind, "__attrs_post_init__"):
        return False
    return all(
        _is_value(field.type)
        and isinstance(getattr(kind, field.name, None), types.MemberDescriptorType)
        and field.default in (attrs.NOTHING, None)
        and (field.validator, field.converter, field.init) == (None, None, True)
        for field in attrs.fields(kind)
    )


def _is_value(kind: Any) -> bool:
    """Return whether objects of a native type can be shared: whether equal ones have equal hashes, all the way down."""
    if isinstance(kind, type) and attrs.has(kind):
        hashed = kind.__hash__ not in (None, object.__hash__)
        return hashed and all(_is_value(field.type) for field in attrs.fields(kind))
    return typing.get_origin(kind) is not list and all(_is_value(each) for each in typing.get_args(kind))


def _row(kind: type[Any]) -> type[msgspec.Struct]:
    """Return a struct with the fields of a plain class, in which objects are not decoded."""
    fields: list[Any] = []
    for field in attrs.fields(kind):
        column = msgspec.Raw if _holds_object(field.type) else field.type
        fields.append((field.name, column) if field.default is attrs.NOTHING else (field.name, column, None))
    return msgspec.defstruct("Row", fields, kw_only=True, gc=False)


def _holds_object(kind: Any) -> bool:
    return any(isinstance(each, type) and attrs.has(each) for each in (kind, *typing.get_args(kind)))


def _decoded_once(column: Iterable[msgspec.Raw | None], decoder: Callable[[msgspec.Raw], T]) -> list[T | None]:
    """Decode the values of a column, each that is the same as the one before only once; None is absent."""
    values: list[T | None] = []
    last, value = None, None
    for raw in column:
        if raw != last:
            last, value = raw, None if raw is None else decoder(raw)
        values.append(value)
    return values
