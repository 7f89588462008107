"""Types of users: checked before a request is sent, and decoded as cattrs or msgspec alone would decode them.

Exceptions of these types are errors of this library.
"""

import collections
import dataclasses
import datetime
import decimal
import enum
import ipaddress
import json
import pathlib
import sys
import typing
import uuid
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Generic, Literal, NamedTuple, NewType, NotRequired, TypedDict, TypeVar

import attrs
import msgspec
import pytest
import typing_extensions

from katapult_async import KatapultClient
from katapult_async.core.decoding import check_type, decode, run_decoder
from katapult_async.core.decoding_errors import UnreadableError, WrongShapeError
from katapult_async.core.endpoints import Endpoint, Request
from katapult_async.errors import BadResponseError, BadResponseReason, UsageError
from tests.scripted_transport import ScriptedTransport, gives, opened

from .test_stepwise_decoding import in_steps

T = TypeVar("T")
UTC = datetime.UTC


def decoded(kind: Any, value: object) -> Any:
    """Return a value decoded at once, after it was compared with the same in a body that is decoded in steps."""
    check_type(kind)
    endpoint: Endpoint[Any] = Endpoint(path="/a", answer="a", type=kind)
    at_once = decode(endpoint, json.dumps({"a": value}).encode()).value
    assert in_steps(endpoint, json.dumps({"a": value, "undocumented": "x" * 40_000}).encode()).value == at_once
    return at_once


def error_text(kind: Any, value: object) -> str:
    with pytest.raises(WrongShapeError) as caught:
        decoded(kind, value)
    return str(caught.value)


def test_objects_of_a_set_are_decoded_if_their_class_is_hashable_even_if_a_field_is_not() -> None:
    endpoint = Endpoint(path="/a", answer="a", type=set[Parcel[list[int]]])
    [parcel] = decode(endpoint, b'{"a": [{"parts": [1, 2]}]}').value
    assert parcel.parts == [1, 2]


@attrs.frozen(eq=False)
class Parcel(Generic[T]):
    parts: T


class Color(enum.StrEnum):
    RED = "red"
    BLUE = "blue"


class Level(enum.IntEnum):
    LOW = 1


class Plain(enum.Enum):
    A = "a"
    HALF = 0.5


class Id(str):
    __slots__ = ()


class Count(int):
    pass


Name = NewType("Name", str)


@attrs.frozen
class Cat:
    meows: int
    at: datetime.datetime | None = None


@attrs.frozen
class Dog:
    barks: int
    at: datetime.datetime | None = None


@attrs.frozen
class Box(Generic[T]):
    content: T
    at: datetime.datetime | None = None


@attrs.frozen
class Crate(Generic[T]):
    items: list[T]
    spare: T | None = None


@attrs.frozen
class DatedCrate(Crate[datetime.datetime]):
    pass


@dataclasses.dataclass(slots=True, frozen=True)
class Slotted(Generic[T]):
    content: T


class Entry(TypedDict, Generic[T]):
    content: T


class Couple(NamedTuple, Generic[T]):
    content: T


class GenericStruct(msgspec.Struct, Generic[T]):
    content: T


@attrs.frozen
class Relative:
    """Names itself by ``Self``."""

    name: str
    parent: typing.Self | None = None
    relatives: list[typing.Self] = attrs.field(factory=list)


relative: Any = Relative  # mypy takes no argument for a field of the type ``Self``


@dataclasses.dataclass
class Point:
    x: int
    at: datetime.datetime | None = None
    tags: list[str] = dataclasses.field(default_factory=list)
    serial: int = dataclasses.field(default=7, init=False)


class Annotating:
    """Its annotation makes no field, not even in a dataclass that inherits from it."""

    unused: complex


@dataclasses.dataclass
class Keywords(Annotating):
    level: int
    _: dataclasses.KW_ONLY
    note: str = ""
    scale: dataclasses.InitVar[complex] = 1
    derived: complex = dataclasses.field(default=1j, init=False)


class Movie(TypedDict):
    name: str
    at: NotRequired[datetime.datetime]


class Film(typing_extensions.TypedDict):
    """Made with another ``TypedDict``, as pydantic requires before Python 3.12."""

    name: str
    at: NotRequired[datetime.datetime]


class Pair(NamedTuple):
    x: int
    at: datetime.datetime | None = None


Anonymous = collections.namedtuple("Anonymous", ["x", "y"])  # noqa: PYI024 # people use it


class Partial(msgspec.Struct):
    name: str | msgspec.UnsetType = msgspec.UNSET
    at: datetime.datetime | msgspec.UnsetType = msgspec.UNSET
    address: ipaddress.IPv4Address | None = None


class Struct(msgspec.Struct):
    x: int


@attrs.frozen
class Inner:
    values: tuple[Id, ...]
    colors: dict[Color, Level]
    address: ipaddress.IPv4Address | None
    either: Cat | Dog | None


@attrs.frozen
class Private:
    _secret: int
    renamed: int = attrs.field(alias="other")
    derived: int = attrs.field(init=False, default=3)


def _positive(value: int) -> int:
    return abs(value)


@attrs.frozen
class Converted:
    level: int = attrs.field(converter=_positive)


@attrs.define
class OwnInit:
    level: int

    def __init__(self, level: int) -> None:
        self.__attrs_init__(level + 1)  # type: ignore[attr-defined] # attrs adds it


@attrs.define
class Untyped:
    level = attrs.field()  # type: ignore[var-annotated] # as the test needs it


AT = datetime.datetime(2024, 4, 5, 19, 34, 38, tzinfo=UTC)
SECONDS = 1_712_345_678


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        (Color, "red", Color.RED),
        (Color | None, "red", Color.RED),
        (Color | str, "green", "green"),
        (Level, 1, Level.LOW),
        (Plain, "a", Plain.A),
        (Plain, 0.5, Plain.HALF),
        (Literal["a", 5], 5, 5),
        (Id, "x", Id("x")),
        (list[Id], ["x"], [Id("x")]),
        (Count, 5, Count(5)),
        (Name, "x", "x"),
        (Annotated[int, msgspec.Meta(gt=1)], 5, 5),
        (uuid.UUID, "7f9c24e8-3b12-4fef-91e0-5b0c7a0c2f11", uuid.UUID("7f9c24e8-3b12-4fef-91e0-5b0c7a0c2f11")),
        (decimal.Decimal, "1.50", decimal.Decimal("1.50")),
        (ipaddress.IPv4Address, "198.51.100.7", ipaddress.IPv4Address("198.51.100.7")),
        (ipaddress.IPv6Address, "2001:db8::1", ipaddress.IPv6Address("2001:db8::1")),
        (ipaddress.IPv4Network, "198.51.100.0/24", ipaddress.IPv4Network("198.51.100.0/24")),
        (ipaddress.IPv6Network, "2001:db8::/64", ipaddress.IPv6Network("2001:db8::/64")),
        (ipaddress.IPv4Interface, "198.51.100.7/24", ipaddress.IPv4Interface("198.51.100.7/24")),
        (pathlib.Path, "/a", pathlib.Path("/a")),
        (datetime.datetime, SECONDS, AT),
        (datetime.datetime, "2024-04-05T19:34:38Z", AT),
        (datetime.date, "2024-04-05", AT.date()),
        (datetime.timedelta, "P1D", datetime.timedelta(days=1)),
        (bytes, "aGk=", b"hi"),
        (Cat | Dog, {"meows": 1}, Cat(1)),
        (Cat | Dog | None, {"barks": 1, "at": SECONDS}, Dog(1, AT)),
        (list[Cat | Dog], [{"meows": 1}, {"barks": 2}], [Cat(1), Dog(2)]),
        (Cat | list[Cat], {"meows": 1}, Cat(1)),
        (Cat | list[Cat], [{"meows": 1}, {"meows": 2}], [Cat(1), Cat(2)]),
        (Cat | str, "none", "none"),
        (Cat | str | None, {"meows": 1}, Cat(1)),
        (Box[int], {"content": 5, "at": SECONDS}, Box(5, AT)),
        (list[Box[str]], [{"content": "x"}], [Box("x")]),
        (Box[Box[int]], {"content": {"content": 5}}, Box(Box(5))),
        (DatedCrate, {"items": [SECONDS]}, DatedCrate([AT])),
        (Slotted[datetime.datetime], {"content": SECONDS}, Slotted(AT)),
        (Entry[datetime.datetime], {"content": SECONDS, "new": 1}, {"content": AT}),
        (GenericStruct[int], {"content": 5}, GenericStruct(5)),
        (list[GenericStruct[int]], [{"content": 5}], [GenericStruct(5)]),
        (Relative, {"name": "a", "parent": {"name": "b"}}, relative("a", parent=relative("b"))),
        (list[Relative], [{"name": "a", "relatives": [{"name": "b"}]}], [relative("a", relatives=[relative("b")])]),
        (Point, {"x": 1, "at": SECONDS, "serial": 9, "new": 1}, Point(1, AT)),
        (Keywords, {"level": 1, "note": "x", "derived": 9}, Keywords(1, note="x")),
        (list[Keywords], [{"level": 1}], [Keywords(1)]),
        (Movie, {"name": "x", "at": SECONDS, "new": 1}, {"name": "x", "at": AT}),
        (Film, {"name": "x", "at": SECONDS, "new": 1}, {"name": "x", "at": AT}),
        (list[Annotated[Movie, "a film"]], [{"name": "x", "at": SECONDS, "new": 1}], [{"name": "x", "at": AT}]),
        (Pair, [1], Pair(1)),
        (Pair, [1, SECONDS], Pair(1, AT)),
        (Anonymous, [1, "x"], Anonymous(1, "x")),
        (Struct, {"x": 1}, Struct(1)),
        (Partial, {}, Partial()),
        (Partial | None, {"at": "2024-04-05T19:34:38Z"}, Partial(at=AT)),
        (list[Partial], [{"name": "x"}], [Partial("x")]),
        (Partial, {"address": "198.51.100.7"}, Partial(address=ipaddress.IPv4Address("198.51.100.7"))),
        (list[Struct | None], [{"x": 1}, None], [Struct(1), None]),
        (tuple[datetime.datetime, int], [SECONDS, 5], (AT, 5)),
        (set[datetime.datetime], [SECONDS], {AT}),
        (frozenset[Id], ["x"], frozenset({Id("x")})),
        (collections.deque[int], [1, 2], collections.deque([1, 2])),
        (Sequence[Id], ["x"], [Id("x")]),
        (Mapping[str, datetime.datetime], {"a": SECONDS}, {"a": AT}),
        (dict[int, datetime.datetime], {"5": SECONDS}, {5: AT}),
        (dict[Id, int], {"a": 5}, {Id("a"): 5}),
        (tuple[dict[str, Color], datetime.datetime], [{"a": "red"}, SECONDS], ({"a": Color.RED}, AT)),
        (tuple[tuple[str, Color], datetime.datetime], [["a", "red"], SECONDS], (("a", Color.RED), AT)),
        (dict[ipaddress.IPv4Address, int], {"198.51.100.7": 5}, {ipaddress.IPv4Address("198.51.100.7"): 5}),
        (
            Inner,
            {"values": ["x"], "colors": {"red": 1}, "address": "198.51.100.7", "either": {"barks": 1}},
            Inner((Id("x"),), {Color.RED: Level.LOW}, ipaddress.IPv4Address("198.51.100.7"), Dog(1)),
        ),
        (Private, {"_secret": 1, "renamed": 2, "derived": 9}, Private(secret=1, other=2)),
        (Converted, {"level": -2}, Converted(2)),
        (OwnInit, {"level": 2}, OwnInit(2)),
        (Untyped, {"level": [2]}, Untyped([2])),
    ],
)
def test_type_is_decoded_as_cattrs_or_msgspec_alone_would(kind: Any, value: object, expected: object) -> None:
    result = decoded(kind, value)
    assert result == expected
    assert type(result) is type(expected)
    if isinstance(result, list | tuple | set | frozenset):
        assert set(map(type, result)) == set(map(type, typing.cast("list[object]", expected)))


def test_fields_of_a_typed_dict_keep_their_order() -> None:
    kind: Any = TypedDict("Wide", {f"at_{number}": datetime.datetime for number in range(20)})  # type: ignore[misc] # mypy wants a literal
    assert list(decoded(kind, {f"at_{number}": SECONDS for number in range(20)})) == [*kind.__annotations__]


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (Color, "green"),
        (Level, 2),
        (Level, "1"),
        (Id, 5),
        (Count, "5"),
        (Count, 5.0),
        (ipaddress.IPv4Address, 5),
        (ipaddress.IPv4Address, "2001:db8::1"),
        (ipaddress.IPv4Network, "198.51.100.7/24"),
        (pathlib.Path, 5),
        (datetime.datetime, "yesterday"),
        (datetime.datetime, 10**30),
        (Cat | Dog, {}),
        (Cat | Dog, "x"),
        (Cat | list[Cat], 5),
        (Cat | list[Cat], [5]),
        (Cat | str, 5),
        (Cat, []),
        (Point, [1]),
        (Movie, [["name", "x"]]),
        (Movie, {}),
        (Box[int], {"content": "5"}),
        (DatedCrate, {"items": ["x"]}),
        (GenericStruct[int], {"content": "5"}),
        (Partial, {"name": None}),
        (Partial, {"address": "198.51.100"}),
        (Relative, {"name": "a", "parent": 5}),
        (Pair, {"x": 1}),
        (Pair, []),
        (Pair, [1, None, 3]),
        (tuple[datetime.datetime, int], [SECONDS]),
        (tuple[datetime.datetime, ...], "x"),
        (set[datetime.datetime], {"2024-04-05T19:34:38Z": 1}),
        (collections.deque[str], "abc"),
        (dict[int, datetime.datetime], {"x": SECONDS}),
        (dict[str, datetime.datetime], [["a", SECONDS]]),
        (set, [{}]),
        (set[DatedCrate], [{"items": []}]),
    ],
)
def test_value_of_another_type_has_the_wrong_shape(kind: Any, value: object) -> None:
    assert error_text(kind, value)


@pytest.mark.parametrize("kind", [dict, dict[str, object], dict[str, str], list, set[str], tuple[str, ...]])
@pytest.mark.parametrize("body", [b"null", b"5", b"true", b'"ab"', b'{"a": 5}', b'["ab", 5]', b"[]", b"{}"])
def test_builtin_type_is_decoded_strictly(kind: type[object], body: bytes) -> None:
    endpoint = Endpoint(path="/a", answer=None, type=kind)
    try:
        value = decode(endpoint, body).value
    except WrongShapeError:
        return
    is_object = body.startswith(b"{")
    assert isinstance(value, dict) is is_object
    assert body[:1] in b"[{"


@attrs.frozen
class Node:
    """Decoded by msgspec."""

    name: str = ""
    inner: "Node | None" = None
    nodes: "list[Node]" = attrs.field(factory=list)


@attrs.frozen
class Link:
    """Decoded by msgspec, a list of it by columns."""

    name: str
    next: "Link | None" = None
    pair: "tuple[Link, Chain] | None" = None


@attrs.frozen
class Chain:
    first: Link


@attrs.frozen
class Timed:
    """Decoded by cattrs."""

    at: datetime.datetime | None = None
    inner: "Timed | None" = None
    nodes: "list[Timed]" = attrs.field(factory=list)
    by_name: "dict[str, Timed]" = attrs.field(factory=dict)


class Folder(TypedDict):
    at: datetime.datetime
    folders: "list[Folder]"


@dataclasses.dataclass
class Branch:
    branches: "tuple[Branch, ...]" = ()


@dataclasses.dataclass
class Tree:
    """Names itself inside of a type: python-attrs/cattrs#675. msgspec decodes it."""

    trees: list["Tree"] = dataclasses.field(default_factory=list)
    by_name: dict[str, "Tree"] | None = None
    depth: Annotated[int, msgspec.Meta(ge=0)] = 0


class DatedTree(TypedDict):
    """Names itself inside of a type, and has a part that msgspec does not decode."""

    at: datetime.datetime
    trees: list["DatedTree"]


@attrs.frozen
class Even:
    odds: "list[Odd]" = attrs.field(factory=list)


@attrs.frozen
class Odd:
    at: datetime.datetime | None = None
    even: "Even | None" = None


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        (
            Tree,
            {"trees": [{"trees": [{}]}], "by_name": {"a": {"depth": 1}}},
            Tree([Tree([Tree()])], by_name={"a": Tree(depth=1)}),
        ),
        (
            DatedTree,
            {"at": SECONDS, "trees": [{"at": SECONDS, "trees": []}]},
            {"at": AT, "trees": [{"at": AT, "trees": []}]},
        ),
        (Node, {"inner": {"nodes": [{"name": "a"}]}}, Node(inner=Node(nodes=[Node("a")]))),
        (
            list[Link],
            [{"name": "a", "next": {"name": "b", "next": {"name": "c"}}}, {"name": "d"}],
            [Link("a", Link("b", Link("c"))), Link("d")],
        ),
        (
            list[Chain],
            [{"first": {"name": "a", "pair": [{"name": "b"}, {"first": {"name": "c"}}]}}],
            [Chain(Link("a", pair=(Link("b"), Chain(Link("c")))))],
        ),
        (Timed, {"nodes": [{"inner": {"at": SECONDS}}]}, Timed(nodes=[Timed(inner=Timed(AT))])),
        (Timed, {"by_name": {"a": {"by_name": {"b": {}}}}}, Timed(by_name={"a": Timed(by_name={"b": Timed()})})),
        (
            Folder,
            {"at": SECONDS, "folders": [{"at": SECONDS, "folders": []}]},
            {"at": AT, "folders": [{"at": AT, "folders": []}]},
        ),
        (Branch, {"branches": [{}, {"branches": [{}]}]}, Branch((Branch(), Branch((Branch(),))))),
        (Even, {"odds": [{"even": {"odds": [{"at": SECONDS}]}}]}, Even([Odd(even=Even([Odd(AT)]))])),
    ],
)
def test_class_that_refers_to_itself_is_decoded(kind: Any, value: object, expected: object) -> None:
    assert decoded(kind, value) == expected


@pytest.mark.parametrize("kind", [Node, Timed])
def test_error_deep_inside_a_class_that_refers_to_itself_names_its_place(kind: Any) -> None:
    value: object = {"inner": 5}
    for _ in range(50):
        value = {"inner": value}
    assert error_text(kind, value).endswith(f" - at `$.a{'.inner' * 51}`")


@pytest.mark.parametrize("kind", [Node, Timed, list[Timed], Branch])
@pytest.mark.parametrize("levels", [500, 900, 5_000, 100_000])
@pytest.mark.parametrize("nested", [(b'{"inner": ', b"{}", b"}"), (b'{"nodes": [', b"", b"]}"), (b"[", b"", b"]")])
def test_deep_nesting_is_decoded_or_is_an_error_with_a_short_text(
    kind: Any, levels: int, nested: tuple[bytes, bytes, bytes]
) -> None:
    opening, middle, closing = nested
    body = opening * levels + middle + closing * levels
    for decode_body in (decode, in_steps):
        try:
            decode_body(Endpoint(path="/a", answer=None, type=kind), body)
        except (UnreadableError, WrongShapeError) as error:
            text = str(error)
            assert len(text) < 10_000  # no error at all is correct too


class NoAnnotations:
    def __init__(self, x: object) -> None:
        self.x = x


@attrs.frozen
class UnknownReference:
    inner: "Nowhere"  # type: ignore[name-defined] # noqa: F821 # as the test needs it


@dataclasses.dataclass
class UnknownReferenceInList:
    inner: "list[Nowhere]"  # type: ignore[name-defined] # noqa: F821 # likewise


@attrs.frozen
class HoldsNoAnnotations:
    inner: NoAnnotations | None = None


@attrs.frozen
class Similar:
    meows: int


@pytest.mark.parametrize(
    "kind",
    [
        complex,
        NoAnnotations,
        list[NoAnnotations],
        dict[str, NoAnnotations | None],
        tuple[int, NoAnnotations],
        HoldsNoAnnotations,
        list[HoldsNoAnnotations],
        UnknownReference,
        list[UnknownReference],
        UnknownReferenceInList,
        list["Nowhere"],  # type: ignore[name-defined] # noqa: F821 # likewise
        "str",
        5,
        Cat | Similar,
        Cat | list[Dog] | dict[str, Dog],
        typing.Callable[[int], str],
        Annotated[int, []],
        Box,
        typing.Self,
        tuple[int, *tuple[str, ...]],
        Couple[int],
        list[Couple[datetime.datetime]],
        list[Cat] | dict[str, Cat] | datetime.datetime | str,
        dataclasses.make_dataclass("Initialized", [("x", dataclasses.InitVar[int])]),
        set[Point],
        Sequence[frozenset[list[int]]],
        set[dict[str, datetime.datetime]],
        set[tuple[list[int], ...]],
        set[Color | Movie],
        dict[Point, int],
    ],
)
def test_type_that_cannot_be_decoded_raises_usage_error(kind: Any) -> None:
    with pytest.raises(UsageError, match=r"^the type .* of an endpoint cannot be decoded: "):
        check_type(kind)
    with pytest.raises(UsageError, match=r"^the type .* of an endpoint cannot be decoded: "):
        check_type(kind)  # an error is not cached as a success


NEW_SYNTAX = """
type At = datetime.datetime | None
type Optional[T] = T | None
type Tree = dict[str, Tree]

@attrs.frozen
class Holder[T]:
    content: T
    at: At = None
"""


@pytest.fixture
def new_syntax() -> Mapping[str, Any]:
    """The types that are declared by the syntax of Python 3.12."""
    if sys.version_info < (3, 12):
        pytest.skip("needs the syntax of Python 3.12")
    names: dict[str, Any] = {"datetime": datetime, "attrs": attrs, "__name__": "new_syntax"}
    exec(NEW_SYNTAX, names)
    return names


@pytest.mark.parametrize(
    ("written", "value", "expected"),
    [
        ("At", SECONDS, AT),
        ("list[At]", [SECONDS, None], [AT, None]),
        ("Optional[int]", 5, 5),
        ("Optional[datetime.datetime]", SECONDS, AT),
        ("Tree", {"a": {"b": {}}}, {"a": {"b": {}}}),
    ],
)
def test_alias_of_python_3_12_is_decoded(
    written: str, value: object, expected: object, new_syntax: Mapping[str, Any]
) -> None:
    assert decoded(eval(written, dict(new_syntax)), value) == expected


def test_class_of_python_3_12_is_decoded(new_syntax: Mapping[str, Any]) -> None:
    holder: Any = new_syntax["Holder"]
    assert decoded(holder[int], {"content": 5, "at": SECONDS}) == holder(5, AT)
    assert "at `$.a.content`" in error_text(holder[int], {"content": "5"})
    assert "at `$.a[0].at`" in error_text(tuple[holder[int], ...], [{"content": 5, "at": "x"}])


@pytest.mark.parametrize(
    "written",
    [
        "type Loop = Loop",
        "type Json = None | bool | str | list[Json] | dict[str, Json]",
        "type Unknown = list[Nowhere]",
        "type Plain = complex",
    ],
)
def test_alias_that_cannot_be_decoded_raises_usage_error(written: str, new_syntax: Mapping[str, Any]) -> None:
    del new_syntax  # the fixture skips the test before Python 3.12
    names: dict[str, Any] = {}
    exec(written, names)
    with pytest.raises(UsageError, match=r"^the type .* of an endpoint cannot be decoded: "):
        check_type(names[written.split()[1]])


class Price(msgspec.Struct):
    amount: decimal.Decimal


def test_number_of_a_struct_keeps_all_its_digits() -> None:
    price = decode(Endpoint(path="/a", answer="a", type=Price), b'{"a": {"amount": 0.10000000000000000001}}').value
    assert price.amount == decimal.Decimal("0.10000000000000000001")


@pytest.mark.parametrize("kind", [Crate[datetime.datetime], DatedCrate])
def test_type_variable_of_a_large_object_is_decoded_as_in_a_small_one(kind: Any) -> None:
    assert decoded(kind, {"items": [SECONDS] * 20_000}) == kind([AT] * 20_000)
    assert error_text(kind, {"items": [*[SECONDS] * 20_000, "x"]}).endswith(" - at `$.a.items[20000]`")


def test_self_in_a_large_object_is_decoded_as_in_a_small_one() -> None:
    relatives = [{"name": "x" * 50} for _ in range(1_000)]
    assert decoded(Relative, {"name": "a", "relatives": relatives}).relatives == [Relative("x" * 50)] * 1_000


@attrs.frozen
class Order:
    """Raises exceptions of any class, with the content in their text."""

    id: str
    at: datetime.datetime | None = None

    def __attrs_post_init__(self) -> None:
        if self.id in FOREIGN:
            raise FOREIGN[self.id](self.id)


@dataclasses.dataclass
class OrderData:
    id: str

    def __post_init__(self) -> None:
        if self.id in FOREIGN:
            raise FOREIGN[self.id](self.id)


class OrderStruct(msgspec.Struct):
    id: str

    def __post_init__(self) -> None:
        if self.id in FOREIGN:
            raise FOREIGN[self.id](self.id)


def _check(_: object, __: object, value: str) -> None:
    if value in FOREIGN:
        raise FOREIGN[value](value)


@attrs.frozen
class OrderValidated:
    id: str = attrs.field(validator=_check)


class OrderText(str):
    __slots__ = ()

    def __new__(cls, value: str) -> typing.Self:
        if value in FOREIGN:
            raise FOREIGN[value](value)
        return super().__new__(cls, value)


FOREIGN: dict[str, type[Exception]] = {
    f"s3cr3t {kind.__name__}": kind
    for kind in (
        *(KeyError, ValueError, TypeError, AttributeError, RuntimeError, StopIteration, ZeroDivisionError),
        *(msgspec.ValidationError, msgspec.DecodeError, UnreadableError, WrongShapeError),
    )
}


@pytest.mark.parametrize("content", FOREIGN)
@pytest.mark.parametrize("kind", [Order, OrderData, OrderStruct, OrderValidated, OrderText])
@pytest.mark.parametrize("large", [False, True])
def test_exception_of_a_class_names_the_place_and_quotes_nothing(kind: Any, content: str, *, large: bool) -> None:
    def item(text: str) -> object:
        return text if kind is OrderText else {"id": text}

    values = [item("x" * (20_000 if large else 1)), item("fine"), item(content)]
    text = error_text(list[kind], values)
    assert text.endswith(" - at `$.a[2]`")
    assert "s3cr3t" not in text
    assert f"`{kind.__name__}`" in text or f"`{FOREIGN[content].__name__}`" in text


def test_key_error_of_a_class_inside_is_not_taken_for_a_missing_field() -> None:
    holding = attrs.make_class("Holding", {"order": attrs.field(type=Order)})
    text = error_text(holding, {"order": {"id": "s3cr3t KeyError"}})
    assert text == "`Order` raised `KeyError` - at `$.a.order`"
    assert error_text(holding, {}) == "Object missing required field `order` - at `$.a`"


def test_memory_error_is_not_reported_as_a_bad_response() -> None:
    def exhaust(_: bytes) -> None:
        raise MemoryError

    with pytest.raises(MemoryError):
        run_decoder(exhaust, b"{}")


@pytest.mark.parametrize(
    ("kind", "value", "text"),
    [
        (Color, "s3cr3t", "Invalid enum value - at `$.a`"),
        (list[Color], ["s3cr3t - at `$.b`"], "Invalid enum value - at `$.a[0]`"),
        (Literal["a"], "s3cr3t", "Invalid enum value - at `$.a`"),
        (Id, 5, "Expected `str`, got `int` - at `$.a`"),
        (OrderText, "s3cr3t KeyError", "Invalid `OrderText` - at `$.a`"),
        (dict[str, int], {"s3cr3t": "s3cr3t"}, "Expected `int`, got `str` - at `$.a[...]`"),
        (dict[int, int], {"s3cr3t": 5}, "Expected `int`, got `str` as a key - at `$.a`"),
        (dict[str, datetime.datetime], {"s3cr3t": []}, "Expected `datetime`, got `array` - at `$.a[...]`"),
        (datetime.datetime, "s3cr3t", "Invalid RFC3339 encoded datetime - at `$.a`"),
        (ipaddress.IPv4Address, "s3cr3t", "Invalid `IPv4Address` - at `$.a`"),
        (Pair, ["s3cr3t"], "Expected `int`, got `str` - at `$.a[0]`"),
        (Pair, [], "Expected `array` of length 1 to 2, got 0 - at `$.a`"),
        (tuple[datetime.datetime, int], [5], "Expected `array` of length 2, got 1 - at `$.a`"),
        (msgspec.defstruct("Closed", [], forbid_unknown_fields=True), {"s3cr3t": 1}, "Object contains unknown field"),
    ],
)
def test_error_names_place_and_types_and_quotes_no_value(kind: Any, value: object, text: str) -> None:
    assert error_text(kind, value).startswith(text)
    assert "s3cr3t" not in error_text(kind, value)


VALIDATED: list[object] = []


def _note(_: object, __: object, value: object) -> None:
    VALIDATED.append(value)
    raise ValueError("no")


@attrs.frozen
class Noting:
    id: object = attrs.field(validator=_note)
    created_at: datetime.datetime | None = None


@pytest.mark.parametrize("kind", [list[Noting], tuple[Noting, ...]])
def test_decoding_ends_at_the_first_wrong_item(kind: type[object]) -> None:
    VALIDATED.clear()
    with pytest.raises(WrongShapeError, match=r"^`Noting` raised `ValueError` - at `\$\.a\[0\]`$"):
        decode(Endpoint(path="/a", answer="a", type=kind), b'{"a": [' + b'{"id": 5},' * 5000 + b'{"id": 6}]}')
    assert VALIDATED == [5]


@pytest.mark.parametrize("kind", [NoAnnotations, UnknownReference, complex])
async def test_call_with_a_type_that_cannot_be_decoded_sends_nothing(kind: Any) -> None:
    transport = ScriptedTransport((gives({"a": {}}),))
    async with KatapultClient("a-token", transport=transport) as katapult:
        with pytest.raises(UsageError, match="cannot be decoded"):
            await katapult.call(Endpoint(method="POST", path="/a", answer="a", type=kind), body={})
        with pytest.raises(UsageError, match="cannot be decoded"):
            await katapult.pages(Endpoint(path="/a", answer="a", type=list[kind], paginated=True))
    assert transport.requests == []


@pytest.mark.parametrize("padding", [0, 40_000])
async def test_exception_of_a_class_is_a_bad_response_that_names_the_place(padding: int) -> None:
    caller, transport = await opened(gives({"a": [{"id": "s3cr3t KeyError"}], "undocumented": "x" * padding}))
    with pytest.raises(BadResponseError) as caught:
        await caller.call(Request(endpoint=Endpoint(path="/a", answer="a", type=list[Order])))
    assert caught.value.reason is BadResponseReason.WRONG_SHAPE
    assert "`Order` raised `KeyError` - at `$.a[0]`" in str(caught.value)
    assert "s3cr3t" not in str(caught.value)
    assert len(transport.requests) == 1
    await caller.close()


async def test_too_many_values_are_a_bad_response_that_is_too_large() -> None:
    caller, _ = await opened(gives({"a": [0] * 300_000}))
    with pytest.raises(BadResponseError, match=r"the body is too large \(.*\): more than 262144 values") as caught:
        await caller.call(Request(endpoint=Endpoint(path="/a", answer="a", type=list[int])))
    assert caught.value.reason is BadResponseReason.TOO_LARGE
    await caller.close()
