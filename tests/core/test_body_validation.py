"""What callers hand in for the body of a request: each rule, what it says, and what is left out."""

import datetime
import ipaddress
from types import MappingProxyType

import pytest

from katapult_async.core import validation
from katapult_async.errors import UsageError
from katapult_async.models import UNSET, Permalink, SubDomain

NO_STRINGS = [None, 0, 1, True, 1.5, b"front", ["front"], object()]
V4, V6 = ipaddress.ip_address("198.51.100.7"), ipaddress.ip_address("2001:db8:0:0::7")


@pytest.mark.parametrize(
    ("value", "by", "named"),
    [
        ("ip_1", (), {"id": "ip_1"}),
        ("ip_1", validation.ADDRESS, {"id": "ip_1"}),
        (V4, validation.ADDRESS, {"address": "198.51.100.7"}),
        (V6, validation.ADDRESS, {"address": "2001:db8::7"}),
        (ipaddress.ip_interface("198.51.100.7/24"), validation.ADDRESS, {"address": "198.51.100.7"}),
        (Permalink("public"), (Permalink,), {"permalink": "public"}),
        (SubDomain("acme"), (Permalink, SubDomain), {"sub_domain": "acme"}),
    ],
)
def test_a_reference_names_in_a_body_what_a_lookup_names_in_a_query(
    value: object, by: tuple[type, ...], named: dict[str, str]
) -> None:
    assert validation.reference("ip_address", value, by=by) == {"ip_address": named}
    [(key, text)] = named.items()
    assert validation.lookup("ip_address", value, by=by) == (f"ip_address[{key}]", text)


@pytest.mark.parametrize("value", [None, 7, b"ip_1", ipaddress.ip_network("198.51.100.0/24"), SubDomain("acme")])
def test_what_a_reference_does_not_know_is_refused_with_what_it_does(value: object) -> None:
    with pytest.raises(UsageError, match=r"^ip_address must be an id or IPv4Address or IPv6Address, not "):
        validation.reference("ip_address", value, by=validation.ADDRESS)


@pytest.mark.parametrize("value", ["", "front", "\n"])
def test_a_text_is_any_string(value: str) -> None:
    assert validation.text("label", value) == value == validation.text_or_none("label", value)


@pytest.mark.parametrize("value", NO_STRINGS)
def test_a_text_is_nothing_else_but_it_may_be_none_where_none_clears_it(value: object) -> None:
    with pytest.raises(UsageError, match=r"^label must be a string, not "):
        validation.text("label", value)
    if value is None:
        assert validation.text_or_none("label", value) is None
    else:
        with pytest.raises(UsageError, match=r"^label must be a string, not "):
            validation.text_or_none("label", value)


@pytest.mark.parametrize("value", [None, 0, 1, "true", [], UNSET])
def test_a_flag_is_true_or_false(value: object) -> None:
    assert [validation.flag("vip", True), validation.flag("vip", False)] == [True, False]
    with pytest.raises(UsageError, match=r"^vip must be True or False, not "):
        validation.flag("vip", value)


def test_what_is_unset_is_left_out_and_what_is_none_is_not() -> None:
    assert validation.given("label", UNSET, validation.text) == {}
    assert validation.given("label", None, validation.text_or_none) == {"label": None}
    assert validation.given("label", "", validation.text_or_none) == {"label": ""}
    with pytest.raises(UsageError, match=r"^label must be a string, not None"):
        validation.given("label", None, validation.text)


def test_a_body_is_copied_so_that_a_later_change_of_it_is_not_sent() -> None:
    body: dict[str, object] = {"a": {"b": [1, None, True, 1.5, "c"]}}
    kept = validation.json_object(body)
    assert kept == body
    body.clear()
    assert kept
    assert validation.json_object(MappingProxyType({"a": 1})) == {"a": 1}


@pytest.mark.parametrize("body", [None, [], "{}", b"{}", 5, [("a", 1)]])
def test_a_body_is_an_object(body: dict[str, object]) -> None:
    with pytest.raises(UsageError, match=r"^body must be Mapping, not "):
        validation.json_object(body)


CIRCLE: dict[str, object] = {}
CIRCLE["self"] = CIRCLE


@pytest.mark.parametrize(
    "value", [{1, 2}, b"a", float("nan"), float("-inf"), object(), V4, CIRCLE, {("a", "b"): 1}, datetime.datetime.now]
)
def test_what_json_cannot_say_is_refused(value: object) -> None:
    with pytest.raises(UsageError, match=r"^body must be a JSON object of plain values: "):
        validation.json_object({"a": [value]})
