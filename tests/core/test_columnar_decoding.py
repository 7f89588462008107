"""Four ways from bytes to models, of which nobody may be able to tell which was gone.

msgspec alone object by object, or a whole list by columns; cattrs above it; and all of them by turns: the same
objects, and the same errors at the same places.
"""

from collections.abc import Callable
from typing import Any

import attrs
import pytest
from hypothesis import given, settings, strategies as st

from katapult_async.core.converter import UnreadableError, WrongShapeError
from katapult_async.core.decoding import Decoded, decode, decode_in_turns
from katapult_async.core.endpoints import Endpoint
from katapult_async.core.msgspec_decoding import is_native
from katapult_async.models import IPAddress, VirtualMachine, VirtualMachineNetworkInterface
from tests.bodies import INTERFACE, IP_ADDRESS, LISTED_MACHINE, NETWORK, SUBNET, Json, encoded, free, pagination

from .equivalent_classes import fields_of, twin
from .json_mutations import Place, places, put, without

ADDRESSES = Endpoint(path="/ips", answer="ip_addresses", type=list[IPAddress])
TAKEN_APART: Endpoint[Any] = attrs.evolve(ADDRESSES, type=twin(list[IPAddress]))
MACHINES = Endpoint(path="/vms", answer="virtual_machines", type=list[VirtualMachine], paginated=True)
INTERFACE_ALONE = Endpoint(path="/nic", answer="interface", type=VirtualMachineNetworkInterface)

TREE: Json = {"ip_addresses": [IP_ADDRESS, IP_ADDRESS]}
LARGE: Json = {"ip_addresses": [IP_ADDRESS] * 40}
LARGE_MACHINES: Json = {"virtual_machines": [LISTED_MACHINE] * 60, "pagination": pagination(1, total=60)}
LARGE_INTERFACE: Json = {"interface": INTERFACE | {"ip_addresses": [IP_ADDRESS] * 40}}

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**60), 2**60)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=5)
)
ONE_MISTAKE = SCALARS | st.lists(SCALARS, max_size=1) | st.dictionaries(st.just("id"), SCALARS)
"""Of several mistakes in one object, each way may meet another first."""


def crowded(body: object) -> object:
    """Return a body with so many objects that it is decoded by turns; nobody asked for the added ones."""
    return body | {"undocumented": [{}] * 2100} if isinstance(body, dict) else body


def in_turns(endpoint: Endpoint[Any], body: bytes) -> Decoded[Any]:
    turns = decode_in_turns(endpoint, body)
    while True:
        try:
            next(turns)
        except StopIteration as end:
            decoded: Decoded[Any] = end.value
            return decoded


def outcome(way: Callable[[Endpoint[Any], bytes], Decoded[Any]], endpoint: Endpoint[Any], body: object) -> object:
    try:
        return fields_of(way(endpoint, encoded(body)).value)
    except WrongShapeError as error:
        return str(error).replace(" | null", "")  # what else would do is not said by all


def test_the_classes_of_these_tests_do_take_two_ways() -> None:
    assert is_native(ADDRESSES.type)
    assert not is_native(TAKEN_APART.type)


@given(place=st.sampled_from(places(TREE)), value=ONE_MISTAKE)
def test_msgspec_and_cattrs_give_the_same_objects_and_errors(place: Place, value: object) -> None:
    body = put(TREE, place, value)
    assert outcome(decode, ADDRESSES, body) == outcome(decode, TAKEN_APART, body)


@given(place=st.sampled_from(places(LARGE)), value=ONE_MISTAKE)
def test_columns_and_cattrs_give_the_same_objects_and_errors(place: Place, value: object) -> None:
    body = put(LARGE, place, value)
    assert outcome(decode, ADDRESSES, body) == outcome(decode, TAKEN_APART, body)


INSIDE = st.fixed_dictionaries(
    {},
    optional={
        "network": st.sampled_from([None, NETWORK, NETWORK | {"name": "Other"}, {"id": "netw_1", "new": 1}]),
        "subnet": st.sampled_from([None, SUBNET, {"id": "sbnt_1"}]),
    },
)


@given(st.lists(INSIDE, min_size=12, max_size=20))
def test_columns_put_every_object_where_it_was(inside: list[Json]) -> None:
    body = {"ip_addresses": [{"id": str(at), "address": "::1" * 100} | each for at, each in enumerate(inside)]}
    assert outcome(decode, ADDRESSES, body) == outcome(decode, TAKEN_APART, body)


def test_equal_networks_of_one_answer_are_one_object() -> None:
    first, *_, last = decode(ADDRESSES, encoded(LARGE)).value
    assert first.network is last.network
    assert first is not last


@pytest.mark.parametrize("field", ["id", "address"])
def test_columns_know_which_fields_may_not_be_missing(field: str) -> None:
    body = without(LARGE, ("ip_addresses", 39, field))
    said = f"Object missing required field `{field}` - at `$.ip_addresses[39]`"
    assert outcome(decode, ADDRESSES, body) == said


@attrs.frozen(kw_only=True)
class Checked:
    id: str = attrs.field(validator=attrs.validators.min_len(2))


@attrs.frozen(kw_only=True, slots=False)
class Roomy:
    id: str


@attrs.frozen(kw_only=True)
class Counted:
    id: str
    count: int = 5


@attrs.frozen(kw_only=True)
class Announced:
    id: str

    def __attrs_post_init__(self) -> None:
        if self.id == "x":
            raise ValueError("an x")


@pytest.mark.parametrize("kind", [Checked, Roomy, Counted, Announced])
def test_a_class_of_which_an_object_is_more_than_its_slots_is_made_object_by_object(kind: Any) -> None:
    things: Endpoint[list[Any]] = Endpoint(path="/things", answer="things", type=list[kind])
    found = decode(things, encoded({"things": [{"id": "ab"}] * 500})).value
    assert found == [kind(id="ab")] * 500
    if kind in (Checked, Announced):
        with pytest.raises(WrongShapeError, match=r"at `\$.things\[499\]`$"):
            decode(things, encoded({"things": [{"id": "ab"}] * 499 + [{"id": "x"}]}))


@given(st.sampled_from([place for place in places(TREE) if place and isinstance(place[-1], str)]))
def test_msgspec_and_cattrs_agree_on_what_may_be_missing(place: Place) -> None:
    body = without(TREE, place)
    assert outcome(decode, ADDRESSES, body) == outcome(decode, TAKEN_APART, body)


@pytest.mark.parametrize(
    ("endpoint", "tree"),
    [(ADDRESSES, LARGE), (TAKEN_APART, LARGE), (MACHINES, LARGE_MACHINES), (INTERFACE_ALONE, LARGE_INTERFACE)],
)
@settings(max_examples=30)
@given(data=st.data())
def test_decoding_by_turns_gives_the_same_objects_and_errors(
    endpoint: Endpoint[Any], tree: Json, data: st.DataObject
) -> None:
    place = data.draw(st.sampled_from(places(tree)))
    if data.draw(st.booleans()) and place and isinstance(place[-1], str):
        body = without(tree, place)
    else:
        body = put(tree, place, data.draw(ONE_MISTAKE))
    assert outcome(in_turns, endpoint, crowded(body)) == outcome(decode, endpoint, crowded(body))


@pytest.mark.parametrize("count", [0, 1, 12, 13, 254, 2000])
def test_decoding_by_turns_keeps_every_item_in_order(count: int) -> None:
    body = encoded(crowded(free(count)))
    assert in_turns(ADDRESSES, body) == decode(ADDRESSES, body)


def test_a_pagination_comes_along_by_turns() -> None:
    body = encoded(crowded(LARGE_MACHINES))
    assert in_turns(MACHINES, body) == decode(MACHINES, body)


@pytest.mark.parametrize(("count", "least", "most"), [(0, 0, 0), (5, 0, 0), (254, 0, 0), (2000, 40, 400)])
def test_an_answer_takes_turns_only_when_it_is_larger_than_any_network_gives(count: int, least: int, most: int) -> None:
    turns = sum(1 for _ in decode_in_turns(ADDRESSES, encoded(free(count))))
    assert least <= turns <= most


@pytest.mark.parametrize("pad", [b" " * 150_000, b"\n\t " * 70_000])
@pytest.mark.parametrize(
    "body",
    [
        b'{"ip_addresses": [{"id": "a", "address": "::1", "network": PAD null}]PAD}',
        b'{"ip_addresses": PAD [ ]}PAD',
        b'{"ip_addresses": [{"id": "PADPAD", "address": "::1"}]}',
        b'{"ip_addresses": [{"address": "::1", "label": "PADPAD"}]}',
        b'{"x": "PADPAD", "ip_addresses": [{"id": "a", "address": "::1", "vip" PAD : PAD true PAD}]}',
        b'{"ip_addresses": [{"id": "a", "address": "::1"}] PAD,}',
        b'{"ip_addresses": PAD null}',
        b'{"ip_addresses": [PAD]} x',
        b'PAD{"ip_addresses": [5 PAD, 6]}',
        b"[PAD]",
        b'"PADPAD"',
    ],
)
def test_white_space_and_garbage_make_no_difference_either(body: bytes, pad: bytes) -> None:
    def told(way: Callable[[Endpoint[Any], bytes], Decoded[Any]]) -> object:
        try:
            return way(ADDRESSES, body.replace(b"PAD", pad)).value
        except (UnreadableError, WrongShapeError) as error:
            return type(error)

    assert told(in_turns) == told(decode)
