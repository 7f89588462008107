"""Arguments: how a query and a body become a tree of names and values, and which values are refused."""

from typing import Any

import pytest

from katapult_async.sandbox.arguments import ABSENT, Arguments, parse_body, parse_query
from katapult_async.sandbox.errors import APIError

MACHINE = ("virtual_machine*", {"id": "string", "fqdn": "string"})


@pytest.mark.parametrize(
    ("query", "tree"),
    [
        ("", {}),
        ("page=2", {"page": "2"}),
        ("organization%5Bid%5D=org_1", {"organization": {"id": "org_1"}}),
        ("organization[id]=org_1", {"organization": {"id": "org_1"}}),
        ("a[b][c]=1&a[b][d]=2", {"a": {"b": {"c": "1", "d": "2"}}}),
        ("tags[]=a&tags[]=b", {"tags": ["a", "b"]}),
        ("n[][key]=a&n[][value]=1&n[][key]=b", {"n": [{"key": "a", "value": "1"}, {"key": "b"}]}),
        ("n[]=x&n[][key]=a", {"n": ["x", {"key": "a"}]}),
        ("label=", {"label": ""}),
        ("label=one+two%2Bthree", {"label": "one two+three"}),
        ("page=1&page=2", {"page": "2"}),
        ("odd]=1&odd[=2&[x]=3", {"odd]": "1", "odd[": "2", "[x]": "3"}),
    ],
)
def test_query_becomes_a_tree_by_the_brackets_in_its_keys(query: str, tree: dict[str, Any]) -> None:
    assert parse_query(query) == tree


@pytest.mark.parametrize("query", ["a=1&a[b]=2", "a[b]=1&a[]=2", "a[]=1&a[b]=2", "a" + "[b]" * 40 + "=1"])
def test_contradicting_brackets_are_rejected(query: str) -> None:
    with pytest.raises(APIError) as caught:
        parse_query(query)
    assert (caught.value.code, caught.value.detail["issue"]) == ("invalid_argument", "parse_error")


@pytest.mark.parametrize(
    ("body", "tree"), [(b"", {}), (b'{"a":null}', {"a": None}), (b"[1]", {}), (b'"x"', {}), (b"null", {})]
)
def test_json_object_in_a_body_is_a_tree_and_other_json_is_an_empty_tree(body: bytes, tree: dict[str, Any]) -> None:
    assert parse_body(body) == tree


@pytest.mark.parametrize("body", [b"{", b"\xff\xfe\xfd", b"[" * 100_000])
def test_body_that_is_not_json_is_rejected(body: bytes) -> None:
    with pytest.raises(APIError) as caught:
        parse_body(body)
    assert caught.value.code == "invalid_json_body"
    assert caught.value.detail["details"]


@pytest.mark.parametrize(
    ("tree", "number", "size"),
    [
        ({}, 1, 30),
        ({"page": "2", "per_page": "200"}, 2, 200),
        ({"page": 3, "per_page": 1}, 3, 1),
        ({"page": None}, 1, 30),
    ],
)
def test_page_accepts_integers_and_digit_strings(tree: dict[str, Any], number: int, size: int) -> None:
    assert Arguments(tree).page() == (number, size)


@pytest.mark.parametrize(
    ("tree", "issue"),
    [
        ({"page": "0"}, "validation_errors"),
        ({"page": -1}, "validation_errors"),
        ({"page": "-1"}, "validation_errors"),
        ({"per_page": "201"}, "validation_errors"),
        ({"per_page": "0"}, "validation_errors"),
        ({"page": "two"}, "parse_error"),
        ({"page": ""}, "parse_error"),
        ({"page": "²"}, "parse_error"),
        ({"page": "9" * 5000}, "parse_error"),
        ({"page": True}, "parse_error"),
        ({"page": 1.5}, "parse_error"),
        ({"page": {"x": "1"}}, "parse_error"),
    ],
)
def test_invalid_page_or_page_size_is_rejected(tree: dict[str, Any], issue: str) -> None:
    with pytest.raises(APIError) as caught:
        Arguments(tree).page()
    assert (caught.value.code, caught.value.detail["issue"]) == ("invalid_argument", issue)


@pytest.mark.parametrize(
    ("tree", "segments", "code"),
    [
        ({"version": None}, {}, "missing_required_argument"),
        ({}, {}, "missing_required_argument"),
        ({"version": "ipv5"}, {}, "invalid_argument"),
        ({"version": ["ipv4"]}, {}, "invalid_argument"),
        ({}, {"version": "_"}, "invalid_argument"),
    ],
)
def test_required_choice_rejects_missing_and_undocumented_values(
    tree: dict[str, Any], segments: dict[str, str], code: str
) -> None:
    with pytest.raises(APIError) as caught:
        Arguments(tree, segments).read("version*", "string=ipv4|ipv6")
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("tree", "code", "issue"),
    [
        ({"virtual_machine": {}}, "invalid_argument", "missing_lookup_value"),
        ({"virtual_machine": {"name": "x"}}, "invalid_argument", "missing_lookup_value"),
        ({"virtual_machine": {"id": None}}, "invalid_argument", "missing_lookup_value"),
        ({"virtual_machine": {"id": "a", "fqdn": "b"}}, "invalid_argument", "ambiguous_lookup_values"),
        ({"virtual_machine": "vm_1"}, "invalid_argument", "object_expected"),
        ({"virtual_machine": {"id": 5}}, "invalid_argument", "invalid_scalar"),
        ({"virtual_machine": None}, "missing_required_argument", None),
    ],
)
def test_lookup_needs_exactly_one_key_with_a_string(tree: dict[str, Any], code: str, issue: str | None) -> None:
    with pytest.raises(APIError) as caught:
        Arguments(tree, {"virtual_machine": "vm_2"}).read(*MACHINE)
    assert (caught.value.code, caught.value.detail.get("issue")) == (code, issue)


def test_path_segment_is_the_first_key_of_a_lookup_unless_the_tree_has_the_argument() -> None:
    assert Arguments({}, {"virtual_machine": "x"}).read(*MACHINE).by == "id"
    assert Arguments({"virtual_machine": {"fqdn": "y"}}, {"virtual_machine": "x"}).read(*MACHINE).by == "fqdn"


@pytest.mark.parametrize(
    ("tree", "values"),
    [
        ({}, (ABSENT, ABSENT)),
        ({"label": None, "vip": None}, (None, None)),
        ({"label": "", "vip": True}, (None, True)),
        ({"label": "x", "vip": "no"}, ("x", False)),
        ({"label": "x", "vip": "1"}, ("x", True)),
        ({"label": "x", "vip": 0}, ("x", False)),
    ],
)
def test_absent_argument_differs_from_null(tree: dict[str, Any], values: tuple[object, object]) -> None:
    arguments = Arguments(tree)
    assert (arguments.read("label", "string"), arguments.read("vip", "boolean")) == values


@pytest.mark.parametrize("value", ["perhaps", "TRUE", "", 2, 1.0, [], {}])
def test_value_that_is_not_a_boolean_is_rejected(value: object) -> None:
    with pytest.raises(APIError) as caught:
        Arguments({"vip": value}).read("vip", "boolean")
    assert (caught.value.code, caught.value.detail["issue"]) == ("invalid_argument", "parse_error")


def test_error_inside_an_argument_has_the_full_path() -> None:
    with pytest.raises(APIError) as caught:
        Arguments({"properties": {"name": 5}}).read("properties", {"name": "string"})
    assert caught.value.detail["path"] == ["properties", "name"]
    assert caught.value.detail["argument"]["id"] == "properties/name"
    assert caught.value.description == "The 'properties.name' argument is invalid"


def test_error_for_a_missing_argument_has_its_full_name() -> None:
    with pytest.raises(APIError) as caught:
        Arguments({"properties": {}}).read("properties", {"name*": "string"})
    assert caught.value.description == "The 'properties.name' argument is required but has not been provided"


@pytest.mark.parametrize(
    ("page", "rule"), [({"page": 0}, "greater_than_zero"), ({"per_page": 201}, "less_than_or_equal_to_one_hundred")]
)
def test_page_error_names_the_broken_rule(page: dict[str, Any], rule: str) -> None:
    with pytest.raises(APIError) as caught:
        Arguments(page).page()
    assert caught.value.detail["errors"] == [rule]


def test_absent_lookup_is_a_missing_argument() -> None:
    with pytest.raises(APIError) as caught:
        Arguments({}).read(*MACHINE)
    assert caught.value.code == "missing_required_argument"


@pytest.mark.parametrize("value", ["4000000000", True, 1.5, -1])
def test_timestamp_is_a_whole_number_that_is_not_negative(value: object) -> None:
    assert Arguments({"expires_at": 4_000_000_000}).read("expires_at", "integer") == 4_000_000_000
    with pytest.raises(APIError) as caught:
        Arguments({"expires_at": value}).read("expires_at", "integer")
    assert caught.value.detail["issue"] == "parse_error"


PROPERTIES = {"name": "string", "network?": {"id": "string", "permalink": "string"}, "parts[]": {"size*": "integer"}}


def test_lookup_inside_an_argument_has_the_name_of_the_field_for_its_object() -> None:
    tree = {"properties": {"network": {"permalink": "a/b"}, "parts": [{"size": "5"}]}}
    read = Arguments(tree).read("properties*", PROPERTIES)
    assert (read["network_id"].by, read["parts"]) == ("permalink", [{"size": 5}])


def test_null_inside_an_argument_is_null_for_a_lookup_and_empty_for_a_list() -> None:
    tree = {"properties": {"network": None, "parts": None}}
    assert Arguments(tree).read("properties", PROPERTIES) == {"network_id": None, "parts": ()}


def test_argument_that_is_missing_in_an_object_of_a_list_has_its_full_path() -> None:
    with pytest.raises(APIError) as caught:
        Arguments({"properties": {"parts": [{}]}}).read("properties", PROPERTIES)
    assert (caught.value.code, caught.value.detail["path"]) == (
        "missing_required_argument",
        ["properties", "parts", "size"],
    )
