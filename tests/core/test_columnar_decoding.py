"""A list that is decoded by columns gives the same objects and errors as one that is decoded object by object.

msgspec and cattrs, which decode object by object, give the same objects and errors too.
"""

from collections.abc import Callable
from typing import Any

import attrs
import pytest
from hypothesis import given, strategies as st

from katapult_async.core.columnar_decoding import columnar_decoder
from katapult_async.core.decoding import Decoded, decode
from katapult_async.core.decoding_errors import WrongShapeError
from katapult_async.core.endpoints import Endpoint
from katapult_async.core.msgspec_types import msgspec_decodes
from katapult_async.models import IPAddress
from tests.bodies import IP_ADDRESS, NETWORK, SUBNET, Json, encoded

from .equivalent_classes import copy_for_cattrs, fields_of
from .json_mutations import Place, places, with_value, without_field

ADDRESSES = Endpoint(path="/ips", answer="ip_addresses", type=list[IPAddress])
BY_CATTRS: Endpoint[Any] = attrs.evolve(ADDRESSES, type=copy_for_cattrs(list[IPAddress]))

TWO_ADDRESSES: Json = {"ip_addresses": [IP_ADDRESS, IP_ADDRESS]}
FORTY_ADDRESSES: Json = {"ip_addresses": [IP_ADDRESS] * 40}

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**60), 2**60)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=5)
)
ONE_MISTAKE = SCALARS | st.lists(SCALARS, max_size=1) | st.dictionaries(st.just("id"), SCALARS)
"""A wrong value with at most one mistake: of several mistakes, msgspec and cattrs may each report another one."""


def outcome(
    endpoint: Endpoint[Any], body: object, decode_body: Callable[[Endpoint[Any], bytes], Decoded[Any]] = decode
) -> object:
    """Return the fields of the objects in a body, or the text of the error."""
    try:
        return fields_of(decode_body(endpoint, encoded(body)).value)
    except WrongShapeError as error:
        return str(error).replace(" | null", "")  # cattrs does not name the other allowed type


def has_columns(endpoint: Endpoint[Any]) -> bool:
    kind: Any = endpoint.type
    return columnar_decoder(kind) is not None


def test_endpoints_of_these_tests_are_decoded_in_different_ways() -> None:
    by_msgspec: Any = ADDRESSES.type
    by_cattrs: Any = BY_CATTRS.type
    assert msgspec_decodes(by_msgspec)
    assert has_columns(ADDRESSES)
    assert not msgspec_decodes(by_cattrs)
    assert not has_columns(BY_CATTRS)


@pytest.mark.slow
@given(place=st.sampled_from(places(TWO_ADDRESSES)), value=ONE_MISTAKE)
def test_msgspec_and_cattrs_give_the_same_objects_and_errors(place: Place, value: object) -> None:
    body = with_value(TWO_ADDRESSES, place, value)
    assert outcome(ADDRESSES, body) == outcome(BY_CATTRS, body)


@given(place=st.sampled_from(places(FORTY_ADDRESSES)), value=ONE_MISTAKE)
def test_columns_and_cattrs_give_the_same_objects_and_errors(place: Place, value: object) -> None:
    body = with_value(FORTY_ADDRESSES, place, value)
    assert outcome(ADDRESSES, body) == outcome(BY_CATTRS, body)


@given(st.sampled_from([place for place in places(TWO_ADDRESSES) if place and isinstance(place[-1], str)]))
def test_msgspec_and_cattrs_agree_on_missing_fields(place: Place) -> None:
    body = without_field(TWO_ADDRESSES, place)
    assert outcome(ADDRESSES, body) == outcome(BY_CATTRS, body)


INNER_OBJECTS = st.fixed_dictionaries(
    {},
    optional={
        "network": st.sampled_from([None, NETWORK, NETWORK | {"name": "Other"}, {"id": "netw_1", "new": 1}]),
        "subnet": st.sampled_from([None, SUBNET, {"id": "sbnt_1"}]),
    },
)


@given(st.lists(INNER_OBJECTS, min_size=12, max_size=20))
def test_columns_keep_every_inner_object_in_its_item(inner: list[Json]) -> None:
    body = {"ip_addresses": [{"id": str(at), "address": "::1" * 100} | fields for at, fields in enumerate(inner)]}
    assert outcome(ADDRESSES, body) == outcome(BY_CATTRS, body)


def test_equal_networks_of_adjacent_addresses_are_one_object() -> None:
    first, *_, last = decode(ADDRESSES, encoded(FORTY_ADDRESSES)).value
    assert first.network is last.network
    assert first is not last


@pytest.mark.parametrize("field", ["id", "address"])
def test_missing_required_field_is_an_error_in_columns(field: str) -> None:
    body = without_field(FORTY_ADDRESSES, ("ip_addresses", 39, field))
    text = f"Object missing required field `{field}` - at `$.ip_addresses[39]`"
    assert outcome(ADDRESSES, body) == text


@attrs.frozen(kw_only=True)
class Validated:
    id: str = attrs.field(validator=attrs.validators.min_len(2))


@attrs.frozen(kw_only=True, slots=False)
class WithoutSlots:
    id: str


@attrs.frozen(kw_only=True)
class WithDefault:
    id: str
    count: int = 5


@attrs.frozen(kw_only=True)
class Initialized:
    id: str

    def __attrs_post_init__(self) -> None:
        if self.id == "x":
            raise ValueError("the id is x")


@attrs.define
class Mutable:
    id: str


@attrs.frozen(kw_only=True)
class HoldsMutable:
    id: str
    inner: Mutable | None = None


@pytest.mark.parametrize("kind", [Validated, WithoutSlots, WithDefault, Initialized, HoldsMutable])
def test_class_that_needs_more_than_values_in_immutable_slots_is_not_decoded_by_columns(kind: Any) -> None:
    objects: Endpoint[list[Any]] = Endpoint(path="/objects", answer="objects", type=list[kind])
    assert not has_columns(objects)
    assert decode(objects, encoded({"objects": [{"id": "ab"}] * 500})).value == [kind(id="ab")] * 500


@pytest.mark.parametrize("kind", [Validated, Initialized])
def test_error_names_the_item_of_a_large_list_for_which_its_class_raises(kind: Any) -> None:
    objects: Endpoint[list[Any]] = Endpoint(path="/objects", answer="objects", type=list[kind])
    with pytest.raises(WrongShapeError, match=r"at `\$\.objects\[499\]`$"):
        decode(objects, encoded({"objects": [{"id": "ab"}] * 499 + [{"id": "x"}]}))


def test_mutable_objects_are_not_shared() -> None:
    item = {"id": "x" * 100, "inner": {"id": "i"}}
    first, second, *_ = decode(
        Endpoint(path="/a", answer="a", type=list[HoldsMutable]), encoded({"a": [item] * 100})
    ).value
    assert first.inner == second.inner
    assert first.inner is not second.inner
