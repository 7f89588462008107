"""Random types such as callers write, each with JSON of the type and the value that it stands for."""

import dataclasses
import datetime
import decimal
import enum
import functools
import ipaddress
import itertools
import operator
import types
import typing
import uuid
from collections.abc import Callable
from typing import Any

import attrs
import msgspec
from hypothesis import strategies as st

from katapult_async.models.field_names import json_name

T = typing.TypeVar("T")

Pair = tuple[Any, Any]
"""JSON, and the value that it stands for."""

CONTENT = "s3cr3t"
"""A part of every random string, which no error may quote."""

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=4).map(lambda text: f"{text}{CONTENT}")
_NUMBERS = itertools.count()


@attrs.frozen
class Kind:
    """A type, values of it and how to check them."""

    type: Any
    pairs: st.SearchStrategy[Pair]
    fits: Callable[[Any], bool]
    """Whether a value and everything inside it have the type."""

    by_msgspec: bool = True
    """Whether msgspec alone decodes it to the same value."""

    hashable: bool = True
    """Whether values can be members of a set."""


class Color(enum.StrEnum):
    RED = "red"
    BLUE = "blue"


class Level(enum.IntEnum):
    LOW = 1
    HIGH = 7


class Id(str):
    __slots__ = ()


class EvenLength(str):
    """Accepts strings of an even length, and raises an unusual exception for others."""

    __slots__ = ()

    def __new__(cls, value: str) -> typing.Self:
        if len(value) % 2:
            raise LookupError(value)
        return super().__new__(cls, value)


@attrs.frozen
class Node:
    """Refers to itself, and is decoded by msgspec alone."""

    name: str
    inner: "Node | None" = None
    nodes: "tuple[Node, ...]" = ()


@attrs.frozen
class Timed:
    """Refers to itself, and is decoded by cattrs."""

    at: datetime.datetime
    inner: "Timed | None" = None
    by_name: "dict[str, Timed]" = attrs.field(factory=dict, hash=False)


@attrs.frozen
class GenericAttrs(typing.Generic[T]):
    one: T
    many: "tuple[T, ...]" = ()


@dataclasses.dataclass(frozen=True)
class GenericData(typing.Generic[T]):
    one: T
    many: "tuple[T, ...]" = ()


class Struct(msgspec.Struct, frozen=True):
    """Raises an error that quotes the text if its length is odd."""

    text: str

    def __post_init__(self) -> None:
        if len(self.text) % 2:
            raise ValueError(self.text)


@attrs.frozen
class Checking:
    """Raises an unusual exception if the length of its text is odd."""

    text: str

    def __attrs_post_init__(self) -> None:
        if len(self.text) % 2:
            raise KeyError(self.text)


def _scalar(cls: Any, pairs: st.SearchStrategy[Pair], *, by_msgspec: bool = True) -> Kind:
    return Kind(cls, pairs, lambda value: type(value) is cls, by_msgspec=by_msgspec)


def _same(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Pair]:
    return values.map(lambda value: (value, value))


def _as_text(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Pair]:
    return values.map(lambda value: (str(value), value))


_EVEN = TEXT.map(lambda text: text + "x" * (len(text) % 2))
_TIMES = st.datetimes(timezones=st.just(datetime.UTC)).map(lambda at: at.replace(microsecond=0))


def _nodes(depth: int) -> st.SearchStrategy[Pair]:
    inner = _nodes(depth - 1) if depth else st.nothing()

    def node(parts: tuple[str, Pair | None, list[Pair]]) -> Pair:
        name, one, many = parts
        json: dict[str, Any] = {"name": name, "nodes": [inner_json for inner_json, _ in many]}
        if one is not None:
            json["inner"] = one[0]
        return json, Node(name, None if one is None else one[1], tuple(node for _, node in many))

    return st.tuples(TEXT, st.none() | inner, st.lists(inner, max_size=2 if depth else 0)).map(node)


def _timed(depth: int) -> st.SearchStrategy[Pair]:
    inner = _timed(depth - 1) if depth else st.nothing()

    def timed(parts: tuple[datetime.datetime, Pair | None, dict[str, Pair]]) -> Pair:
        at, one, many = parts
        json: dict[str, Any] = {
            "at": int(at.timestamp()),
            "by_name": {name: inner_json for name, (inner_json, _) in many.items()},
        }
        if one is not None:
            json["inner"] = one[0]
        value = Timed(at, None if one is None else one[1], {name: timed for name, (_, timed) in many.items()})
        return json, value

    return st.tuples(_TIMES, st.none() | inner, st.dictionaries(TEXT, inner, max_size=2 if depth else 0)).map(timed)


def open_enum(members: Any, annotation: Any) -> Kind:
    """Return the kind of an enum of strings that also accepts unknown strings."""

    def fits(value: Any) -> bool:
        expected = members if value in list(members) else str
        return type(value) is expected

    known = st.sampled_from(members).map(lambda member: (member.value, member))
    return Kind(annotation, known | _same(TEXT), fits, by_msgspec=False)


SCALARS = (
    _scalar(str, _same(TEXT)),
    _scalar(int, _same(st.integers(-(2**63), 2**63 - 1))),
    _scalar(float, _same(st.floats(allow_nan=False, allow_infinity=False))),
    _scalar(bool, _same(st.booleans())),
    _scalar(type(None), st.just((None, None))),
    _scalar(Color, st.sampled_from(Color).map(lambda member: (member.value, member))),
    _scalar(Level, st.sampled_from(Level).map(lambda member: (member.value, member))),
    _scalar(uuid.UUID, _as_text(st.uuids())),
    _scalar(decimal.Decimal, _as_text(st.decimals(allow_nan=False, allow_infinity=False, places=3))),
    _scalar(datetime.date, _as_text(st.dates())),
    _scalar(ipaddress.IPv4Address, _as_text(st.ip_addresses(v=4)), by_msgspec=False),
    _scalar(ipaddress.IPv6Address, _as_text(st.ip_addresses(v=6)), by_msgspec=False),
    _scalar(datetime.datetime, _TIMES.map(lambda at: (int(at.timestamp()), at)), by_msgspec=False),
    _scalar(datetime.datetime, _TIMES.map(lambda at: (at.isoformat(), at)), by_msgspec=False),
    _scalar(Id, TEXT.map(lambda text: (text, Id(text))), by_msgspec=False),
    _scalar(EvenLength, _EVEN.map(lambda text: (text, EvenLength(text))), by_msgspec=False),
    Kind(typing.Literal["a", 5], _same(st.sampled_from(["a", 5])), lambda value: value in ("a", 5)),
    open_enum(Color, Color | str),
    _scalar(Node, _nodes(2)),
    Kind(Timed, _timed(2), lambda value: type(value) is Timed, by_msgspec=False, hashable=False),
    _scalar(Struct, _EVEN.map(lambda text: ({"text": text}, Struct(text)))),
    _scalar(Checking, _EVEN.map(lambda text: ({"text": text}, Checking(text))), by_msgspec=False),
    Kind(object, _same(st.lists(TEXT | st.none(), max_size=2)), lambda _: True, hashable=False),
)


def optional(inner: Kind) -> Kind:
    """Return the kind of a type or None."""
    return attrs.evolve(
        inner,
        type=inner.type | None,
        pairs=st.just((None, None)) | inner.pairs,
        fits=lambda value: value is None or inner.fits(value),
    )


def array(make: Any, inner: Kind) -> Kind:
    """Return the kind of a list, tuple or set of items of one type."""

    def pair(items: list[Pair]) -> Pair:
        return [json for json, _ in items], make(value for _, value in items)

    return Kind(
        types.GenericAlias(make, (inner.type, ...) if make is tuple else (inner.type,)),
        st.lists(inner.pairs, max_size=3).map(pair),
        lambda value: type(value) is make and all(map(inner.fits, value)),
        inner.by_msgspec,
        hashable=make in (tuple, frozenset) and inner.hashable,
    )


def mapping(inner: Kind) -> Kind:
    """Return the kind of a dictionary from strings to values of one type."""

    def pair(entries: dict[str, Pair]) -> Pair:
        return {key: json for key, (json, _) in entries.items()}, {key: value for key, (_, value) in entries.items()}

    annotation: Any = types.GenericAlias(dict, (str, inner.type))
    return Kind(
        annotation,
        st.dictionaries(TEXT, inner.pairs, max_size=3).map(pair),
        lambda value: type(value) is dict and all(map(inner.fits, value.values())),
        inner.by_msgspec,
        hashable=False,
    )


def couple(one: Kind, two: Kind) -> Kind:
    """Return the kind of a tuple of two types."""

    def pair(items: tuple[Pair, Pair]) -> Pair:
        return [json for json, _ in items], tuple(value for _, value in items)

    def fits(value: Any) -> bool:
        return type(value) is tuple and len(value) == 2 and one.fits(value[0]) and two.fits(value[1])

    annotation: Any = types.GenericAlias(tuple, (one.type, two.type))
    return Kind(
        annotation,
        st.tuples(one.pairs, two.pairs).map(pair),
        fits,
        one.by_msgspec and two.by_msgspec,
        one.hashable and two.hashable,
    )


Field = tuple[Kind, bool]
"""The kind of a field, and whether it is required. An absent field that is not required is None."""


def of_class(cls: Any, fields: dict[str, Field], *, positional: bool = False) -> Kind:
    """Return the kind of an attrs class, dataclass or named tuple.

    Args:
        cls: the class.
        fields: its fields.
        positional: whether its JSON is a list of all fields in order, as that of a named tuple.
    """
    present_fields = st.fixed_dictionaries(
        {name: kind.pairs for name, (kind, is_required) in fields.items() if is_required},
        optional={name: kind.pairs for name, (kind, is_required) in fields.items() if not is_required},
    )

    renamed = {field.name: json_name(field) for field in attrs.fields(cls)} if attrs.has(cls) else {}

    def pair(present: dict[str, Pair]) -> Pair:
        json = {renamed.get(name, name): json for name, (json, _) in present.items()}
        return json, cls(**{name: value for name, (_, value) in present.items()})

    def fits(value: Any) -> bool:
        if type(value) is not cls:
            return False
        return all(
            kind.fits(getattr(value, name)) or (not is_required and getattr(value, name) is None)
            for name, (kind, is_required) in fields.items()
        )

    kinds = [kind for kind, _ in fields.values()]
    if positional:
        pairs = st.tuples(*(kind.pairs for kind in kinds)).map(
            lambda items: ([json for json, _ in items], cls(*(value for _, value in items)))
        )
    else:
        pairs = present_fields.map(pair)
    # msgspec does not know the names that our fields have in JSON
    by_msgspec = all(kind.by_msgspec for kind in kinds) and all(name == renamed[name] for name in renamed)
    return Kind(cls, pairs, fits, by_msgspec, hashable=all(kind.hashable for kind in kinds))


def attrs_class(fields: dict[str, Field]) -> Kind:
    cls = attrs.make_class(
        f"Attrs{next(_NUMBERS)}",
        {
            name: attrs.field(type=kind.type) if required else attrs.field(type=optional(kind).type, default=None)
            for name, (kind, required) in fields.items()
        },
        frozen=True,
        kw_only=True,
    )
    return of_class(
        cls, {name: (kind if required else optional(kind), required) for name, (kind, required) in fields.items()}
    )


def data_class(fields: dict[str, Field]) -> Kind:
    columns = [(name, kind.type) for name, (kind, _) in fields.items()]
    cls = dataclasses.make_dataclass(f"Data{next(_NUMBERS)}", columns, frozen=True)
    return of_class(cls, {name: (kind, True) for name, (kind, _) in fields.items()})


def named_tuple(fields: dict[str, Field]) -> Kind:
    cls: Any = typing.NamedTuple(f"Named{next(_NUMBERS)}", [(name, kind.type) for name, (kind, _) in fields.items()])  # type: ignore[misc] # made at random
    return of_class(cls, {name: (kind, True) for name, (kind, _) in fields.items()}, positional=True)


def typed_dict(fields: dict[str, Field]) -> Kind:
    annotations = {
        name: kind.type if required else typing.NotRequired[kind.type] for name, (kind, required) in fields.items()
    }
    cls: Any = types.new_class(
        f"Typed{next(_NUMBERS)}", (typing.TypedDict,), exec_body=lambda space: space.update(__annotations__=annotations)
    )

    def pair(present: dict[str, Pair]) -> Pair:
        json = {name: json_of_field for name, (json_of_field, _) in present.items()}
        return json, {name: value for name, (_, value) in present.items()}

    def fits(value: Any) -> bool:
        return (
            type(value) is dict
            and all(fields[name][0].fits(item) for name, item in value.items())
            and all(name in value for name, (_, required) in fields.items() if required)
        )

    pairs = st.fixed_dictionaries(
        {name: kind.pairs for name, (kind, required) in fields.items() if required},
        optional={name: kind.pairs for name, (kind, required) in fields.items() if not required},
    )
    return Kind(cls, pairs.map(pair), fits, all(kind.by_msgspec for kind, _ in fields.values()), hashable=False)


def either(one: dict[str, Field], two: dict[str, Field]) -> Kind:
    """Return the kind of the union of two attrs classes, each of which has a required field of its own."""
    first = attrs_class({"first": (SCALARS[0], True)} | one)
    second = attrs_class({"second": (SCALARS[0], True)} | two)
    return Kind(
        first.type | second.type,
        first.pairs | second.pairs,
        lambda value: first.fits(value) or second.fits(value),
        by_msgspec=False,
        hashable=first.hashable and second.hashable,
    )


def generic(cls: Any, inner: Kind) -> Kind:
    """Return the kind of a generic class with a type in the place of its type variable."""

    def pair(items: list[Pair]) -> Pair:
        (json, value), *others = items
        return {"one": json, "many": [json for json, _ in others]}, cls(value, tuple(value for _, value in others))

    return Kind(
        cls[inner.type],
        st.lists(inner.pairs, min_size=1, max_size=3).map(pair),
        lambda value: type(value) is cls and inner.fits(value.one) and all(map(inner.fits, value.many)),
        by_msgspec=False,
        hashable=inner.hashable,
    )


def kinds(depth: int = 2) -> st.SearchStrategy[Kind]:
    """Return random kinds of types that are nested up to `depth` levels deep."""
    scalars = st.sampled_from(SCALARS)
    if not depth:
        return scalars
    inner = kinds(depth - 1)
    fields = st.dictionaries(st.sampled_from("abcd"), st.tuples(inner, st.booleans()), min_size=1, max_size=3)
    return st.one_of(
        scalars,
        inner.map(optional),
        inner.map(mapping),
        st.builds(couple, inner, inner),
        st.builds(array, st.sampled_from([list, tuple]), inner),
        st.builds(array, st.sampled_from([set, frozenset]), inner.filter(lambda kind: kind.hashable)),
        fields.map(attrs_class),
        fields.map(data_class),
        fields.map(named_tuple),
        fields.map(typed_dict),
        st.builds(either, fields, fields),
        st.builds(generic, st.sampled_from([GenericAttrs, GenericData]), inner),
    )


def _is_one_or_tuple_of_one(arguments: tuple[Any, ...]) -> bool:
    """Return whether the type is ``Model | tuple[Model]``: one object, alone or in a list."""
    return arguments[1:] == (types.GenericAlias(tuple, arguments[:1]),)


_BY_TYPE = {kind.type: kind for kind in SCALARS}


@functools.cache
def kind_of(annotation: Any) -> Kind:
    """Return the kind of a type of one of our models."""
    if annotation in _BY_TYPE:
        return _BY_TYPE[annotation]
    arguments = typing.get_args(annotation)
    if attrs.has(annotation):
        fields = attrs.fields(attrs.resolve_types(annotation))
        return of_class(
            annotation, {field.name: (kind_of(field.type), field.default is attrs.NOTHING) for field in fields}
        )
    if typing.get_origin(annotation) in (list, tuple):
        return array(typing.get_origin(annotation), kind_of(arguments[0]))
    if _is_one_or_tuple_of_one(arguments):
        one = kind_of(arguments[0])
        return Kind(
            annotation,
            one.pairs,
            lambda value: all(map(one.fits, value)) if isinstance(value, tuple) else one.fits(value),
            by_msgspec=False,
            hashable=one.hashable,
        )
    others = [part for part in arguments if part is not type(None)]
    if len(others) < len(arguments):
        return optional(kind_of(functools.reduce(operator.or_, others)))
    # ``Enum | str``: an enum that also accepts unknown strings
    [members] = [part for part in arguments if part is not str]
    return open_enum(members, annotation)
