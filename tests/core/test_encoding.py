"""Arguments: what identifies an object, JSON bodies, queries, and the conversion of a method's parameters."""

import datetime
import enum
import ipaddress
import itertools
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any, Literal

import pytest
from hypothesis import given, strategies as st

from katapult_async.core import validation
from katapult_async.core.encoding import converter, json_object, query, reference
from katapult_async.core.endpoints import Ref
from katapult_async.errors import UsageError
from katapult_async.models import FQDN, AddressVersion, Annotation, Permalink, SubDomain, Unset

from .frozen_datetime import FrozenDatetime

V4, V6 = ipaddress.ip_address("198.51.100.7"), ipaddress.ip_address("2001:db8:0:0::7")
ORGANIZATION = Ref("organization", by=(SubDomain,))
IP_ADDRESS = Ref("ip_address", by=(ipaddress.IPv4Address, ipaddress.IPv6Address))
INTERFACE = Ref("virtual_machine_network_interface", parameter="interface_id")
NOT_STRINGS = [None, 0, 1, True, 1.5, b"front", ["front"], object()]
MALFORMED_IDS = ["", " ", "a b", "vmnet_1\n", "vmnet/1", "..", "%2e%2e", "a?1", "a#1", "vmn\u00e9t", "a" * 65]
MALFORMED_IDS += ["\0", "\u0661"]  # the last is a digit outside of ASCII


@pytest.mark.parametrize(
    ("ref", "value", "named"),
    [
        (ORGANIZATION, "org_1", {"id": "org_1"}),
        (ORGANIZATION, SubDomain("acme"), {"sub_domain": "acme"}),
        (Ref("x", by=(SubDomain, FQDN)), FQDN("web-1.acme.example"), {"fqdn": "web-1.acme.example"}),
        (Ref("x", by=(Permalink,)), Permalink("templates/debian"), {"permalink": "templates/debian"}),
        (IP_ADDRESS, "ip_1", {"id": "ip_1"}),
        (IP_ADDRESS, V4, {"address": "198.51.100.7"}),
        (IP_ADDRESS, V6, {"address": "2001:db8::7"}),
        (IP_ADDRESS, ipaddress.ip_interface("198.51.100.7/24"), {"address": "198.51.100.7"}),
        (INTERFACE, "vmnet_1", {"id": "vmnet_1"}),
    ],
)
def test_reference_identifies_one_object_by_one_key(ref: Ref, value: object, named: dict[str, str]) -> None:
    assert reference(ref, ref.parameter, value) == named


@pytest.mark.parametrize("value", [*NOT_STRINGS, FQDN("web-1.acme.example"), SubDomain, V4])
def test_error_of_an_unsupported_lookup_names_the_supported_ones(value: object) -> None:
    with pytest.raises(UsageError, match=r"^organization must be an id or SubDomain\(\.\.\.\), not "):
        reference(ORGANIZATION, "organization", value)


@pytest.mark.parametrize("value", [7, ipaddress.ip_network("198.51.100.0/24"), SubDomain("acme")])
def test_ip_address_is_an_id_or_an_address_object(value: object) -> None:
    with pytest.raises(UsageError, match=r"^ip_address must be an id or IPv4Address.* or IPv6Address.*, not "):
        reference(IP_ADDRESS, "ip_address", value)


@pytest.mark.parametrize("value", [*NOT_STRINGS, SubDomain("acme")])
def test_reference_without_lookups_takes_an_id_only(value: object) -> None:
    with pytest.raises(UsageError, match=r"^interface_id must be an id, not "):
        reference(INTERFACE, "interface_id", value)


@pytest.mark.parametrize("value", ["vmnet_Pl0Ok9Ij8Uh7Yg6T", "a", "A-b_9", "a" * 64])
def test_id_of_letters_digits_underscores_and_hyphens_is_sent_as_it_is(value: str) -> None:
    assert reference(INTERFACE, "interface_id", value) == {"id": value}


def test_id_of_a_str_subclass_is_sent_as_a_plain_string() -> None:
    class Id(str):
        __slots__ = ()

    assert type(reference(INTERFACE, "interface_id", Id("vmnet_1"))["id"]) is str


def test_error_quotes_only_the_start_of_a_long_value() -> None:
    with pytest.raises(UsageError) as caught:
        reference(INTERFACE, "interface_id", "x" * 10_000)
    assert len(str(caught.value)) < 250


@pytest.mark.parametrize("ref", [ORGANIZATION, INTERFACE])
@pytest.mark.parametrize("value", MALFORMED_IDS)
def test_string_that_is_no_valid_id_raises_usage_error(ref: Ref, value: str) -> None:
    with pytest.raises(UsageError, match=f"^{ref.parameter} must be .*a string of 1 to 64"):
        reference(ref, ref.parameter, value)


def test_later_change_of_a_body_is_not_sent() -> None:
    body: dict[str, object] = {"a": {"b": [1, None, True, 1.5, "c"]}}
    kept = json_object("body", body)
    assert kept == body
    body.clear()
    assert kept
    assert json_object("body", MappingProxyType({"a": MappingProxyType({"b": 1})})) == {"a": {"b": 1}}


def test_lookups_and_addresses_are_encoded_at_any_depth() -> None:
    values = {"organization": SubDomain("acme"), "properties": {"networks": (Permalink("public"), V6)}}
    assert json_object("body", values) == {
        "organization": {"sub_domain": "acme"},
        "properties": {"networks": [{"permalink": "public"}, {"address": "2001:db8::7"}]},
    }


def test_string_in_place_of_a_reference_is_sent_as_an_id() -> None:
    values = {"organization": "org_1", "name": "acme"}
    assert json_object("body", values, refs=(ORGANIZATION,)) == {"organization": {"id": "org_1"}, "name": "acme"}
    named = {"organization": {"sub_domain": "acme"}}
    assert json_object("body", named, refs=(ORGANIZATION,)) == named
    with pytest.raises(
        UsageError, match=r"^organization must be an id or SubDomain\(\.\.\.\), not .*; an id is a string of 1 to 64"
    ):
        json_object("arguments", {"organization": "a b"}, refs=(ORGANIZATION,))


@pytest.mark.parametrize("body", [None, [], "{}", b"{}", 5, [("a", 1)]])
def test_body_that_is_no_mapping_raises_usage_error(body: object) -> None:
    with pytest.raises(UsageError, match=r"^body must be a mapping of names to values, not "):
        json_object("body", body)


def test_field_names_of_a_body_must_be_strings() -> None:
    with pytest.raises(UsageError, match=r"^the names of body must be strings$"):
        json_object("body", {1: "a", "1": "b"})


CIRCLE: dict[str, object] = {}
CIRCLE["self"] = CIRCLE


@pytest.mark.parametrize(
    "value", [{1, 2}, b"a", float("nan"), float("-inf"), object(), CIRCLE, {("a", "b"): 1}, datetime.datetime.now]
)
def test_value_that_json_cannot_hold_raises_usage_error(value: object) -> None:
    with pytest.raises(UsageError, match=r"^body must be a JSON object of plain values: "):
        json_object("body", {"a": [value]})


@pytest.mark.parametrize(
    ("arguments", "pairs"),
    [
        ({}, ()),
        ({"b[id]": "2", "a": "", "c": "&=?#/\u00fc"}, (("b[id]", "2"), ("a", ""), ("c", "&=?#/\u00fc"))),
        ({"network": {"id": "netw_1"}}, (("network[id]", "netw_1"),)),
        ({"page": 2, "all": True, "none": False}, (("page", "2"), ("all", "true"), ("none", "false"))),
        ({"ids": ["a", "b"]}, (("ids[]", "a"), ("ids[]", "b"))),
        (
            {"annotations": [{"key": "role", "value": "web"}, {"key": "env", "value": "live"}]},
            (
                ("annotations[][key]", "role"),
                ("annotations[][value]", "web"),
                ("annotations[][key]", "env"),
                ("annotations[][value]", "live"),
            ),
        ),
    ],
)
def test_query_writes_objects_in_brackets_and_repeats_the_name_of_a_list(
    arguments: dict[str, object], pairs: tuple[tuple[str, str], ...]
) -> None:
    assert query(arguments) == pairs


@pytest.mark.parametrize("value", [None, 1.5, b"x", {"y"}])
def test_query_argument_of_another_type_raises_usage_error(value: object) -> None:
    with pytest.raises(
        UsageError, match=r"^sizes\[min\] must be a string, a whole number or a boolean in a query, not "
    ):
        query({"sizes": {"min": value}})


@pytest.mark.parametrize("value", [[], {}])
def test_empty_list_or_object_in_a_query_raises_usage_error(value: object) -> None:
    with pytest.raises(UsageError, match=r"^sizes\[min\] is empty: a query cannot express that"):
        query({"sizes": {"min": value}})


@pytest.mark.parametrize("arguments", [{"page": "\ud800"}, {"\udfff": "1"}])
def test_half_a_surrogate_pair_in_a_query_raises_usage_error(arguments: dict[str, object]) -> None:
    with pytest.raises(UsageError, match="half a character"):
        query(arguments)


def of_levels(levels: int, wrap: Callable[[object], object]) -> dict[str, object]:
    """Return a body of nested objects or lists; the text that they hold is the last level."""
    value: object = "x"
    for _ in range(levels - 2):
        value = wrap(value)
    return {"a": value}


WRAPS = pytest.mark.parametrize("wrap", [lambda value: {"a": value}, lambda value: [value]], ids=["objects", "lists"])


@WRAPS
def test_json_of_100_levels_is_accepted(wrap: Callable[[object], object]) -> None:
    body = of_levels(100, wrap)
    assert json_object("body", body) == body


@WRAPS
@pytest.mark.parametrize("levels", [101, 500, 1_000, 3_000])
def test_json_of_more_than_100_levels_raises_usage_error(levels: int, wrap: Callable[[object], object]) -> None:
    """Without this limit, ``json`` raises RecursionError from 500 levels."""
    with pytest.raises(
        UsageError, match=r"^body must be a JSON object of plain values: (more than 100 levels|maximum)"
    ):
        json_object("body", of_levels(levels, wrap))


def test_half_a_surrogate_pair_in_a_body_raises_usage_error() -> None:
    with pytest.raises(UsageError, match=r"^'name' contains half a character"):
        converter(str)("name", "a\ud83d")
    with pytest.raises(UsageError, match=r"^'an item of names' contains half a character"):
        converter(Iterable[str])("names", ["\u00fc", "\udfff"])
    with pytest.raises(UsageError, match=r"^arguments must be a JSON object of plain values: .*surrogates"):
        json_object("arguments", {"name": {"\ud800": 1}})


@given(st.dictionaries(st.text(min_size=1), st.text()))
def test_any_text_in_a_query_stays_as_it_is(arguments: dict[str, str]) -> None:
    assert dict(query(arguments)) == arguments


NOT_INTEGERS = [None, "1", 1.5, True, [], object()]
NOT_BOOLEANS = [None, 0, 1, "true", [], object()]
MALFORMED: dict[Any, tuple[str, list[Any]]] = {
    str: ("a string", NOT_STRINGS),
    int: ("a whole number", NOT_INTEGERS),
    bool: ("True or False", NOT_BOOLEANS),
    Literal["a", "b"]: ("'a' or 'b'", [*NOT_STRINGS, "c", "A"]),
    Iterable[str]: ("a list", [None, "front", b"front", 5]),
    Mapping[str, str]: ("a mapping of names to values", [None, "role", 5, [("a", "b")]]),
}


@pytest.mark.parametrize(
    ("annotation", "value"), [(kind, value) for kind, row in MALFORMED.items() for value in row[1]]
)
def test_error_of_a_value_that_does_not_fit_the_annotation_states_the_rule(annotation: Any, value: object) -> None:
    for wider in (annotation, annotation | Unset):
        with pytest.raises(UsageError, match=f"^size must be {MALFORMED[annotation][0]}, not "):
            converter(wider)("size", value)


@pytest.mark.parametrize(
    ("annotation", "value", "sent"),
    [
        (str, "", ""),
        (str, AddressVersion.IPV4, "ipv4"),
        (int, 0, 0),
        (bool, False, False),
        (Literal["ipv4", "ipv6"] | AddressVersion, AddressVersion.IPV6, "ipv6"),
        (Iterable[str], iter(("a", "b")), ["a", "b"]),
        (Iterable[Literal["a", "b"]], ["b"], ["b"]),
        (Mapping[str, str], {"role": "web"}, [{"key": "role", "value": "web"}]),
        (str | Unset | None, None, None),
        (str | Unset | None, "front", "front"),
        (Iterable[str] | None, [], []),
    ],
)
def test_value_is_sent_in_the_form_of_its_annotation(annotation: Any, value: object, sent: object) -> None:
    assert converter(annotation)("label", value) == sent


def test_time_is_sent_if_datetime_was_replaced_while_the_resource_was_loaded() -> None:
    time = datetime.datetime(2030, 1, 1, tzinfo=datetime.UTC)
    assert converter(FrozenDatetime | None)("expires_at", time) == time.timestamp()


def test_annotation_whose_key_is_an_enum_has_its_value_as_key() -> None:
    class Key(str, enum.Enum):  # noqa: UP042 # the str() of a StrEnum is its value
        ROLE = "role"

    assert converter(Mapping[str, str])("annotations", {Key.ROLE: "web"}) == [{"key": "role", "value": "web"}]


def test_list_items_and_annotations_must_be_strings() -> None:
    with pytest.raises(UsageError, match=r"^an item of names must be a string, not 5"):
        converter(Iterable[str])("names", ["a", 5])
    with pytest.raises(UsageError, match=r"^annotations\[role\] must be a string, not 5"):
        converter(Mapping[str, str])("annotations", {"role": 5})
    with pytest.raises(UsageError, match=r"^the names of annotations must be strings"):
        converter(Mapping[str, str])("annotations", {5: "role"})


def test_each_item_of_a_list_is_checked_before_the_next_is_read() -> None:
    endless = itertools.count()
    with pytest.raises(UsageError, match=r"^an item of names must be a string, not 0$"):
        converter(Iterable[str])("names", endless)
    assert next(endless) == 1


def test_none_in_place_of_a_reference_needs_an_annotation_that_allows_it() -> None:
    assert converter(str | Unset | None, ref=ORGANIZATION)("organization", None) is None
    with pytest.raises(UsageError, match=r"^organization must be an id or SubDomain\(\.\.\.\), not None"):
        converter(str | SubDomain, ref=ORGANIZATION)("organization", None)


def test_lists_of_ids_and_lists_of_models_are_converted() -> None:
    certificates = converter(Iterable[str] | Unset, ref=Ref("certificates"))
    assert certificates("certificates", ["cert_1"]) == [{"id": "cert_1"}]
    with pytest.raises(UsageError, match=r"^certificates must be a list, not 'cert_1'"):
        certificates("certificates", "cert_1")
    annotations = converter(Iterable[Annotation])
    assert annotations("a", [Annotation(key="k", value="v"), Annotation(key="k")]) == [
        {"key": "k", "value": "v"},
        {"key": "k"},
    ]
    with pytest.raises(UsageError, match=r"^an item of a must be Annotation, not 5"):
        annotations("a", [5])


@pytest.mark.parametrize("annotation", [float, str | int, bytes, object, dict[str, str], str | FQDN])
def test_parameter_of_a_type_without_a_rule_raises_type_error(annotation: Any) -> None:
    with pytest.raises(TypeError, match=r"^no rule converts a parameter of the type "):
        converter(annotation)


def test_characters_outside_of_the_basic_multilingual_plane_are_accepted() -> None:
    assert validation.whole_characters("name", "\u00fc\U0001f600") == "\u00fc\U0001f600"
