"""Endpoints and requests: which are valid, and how their arguments are encoded."""

import json
from typing import Any, Generic, TypeVar
from urllib.parse import parse_qsl, urlsplit

import attrs
import pytest
from hypothesis import given, strategies as st

from katapult_async.core.decoding import decode
from katapult_async.core.decoding_errors import UnreadableError, WrongShapeError
from katapult_async.core.endpoints import EmptyResponse, Endpoint, Ref, Request
from katapult_async.errors import UsageError
from katapult_async.models import Permalink, VirtualMachine

T = TypeVar("T")

MACHINES = Endpoint(path="/organizations/organization/virtual_machines", answer="virtual_machines", type=list[str])
ARGUMENTS = st.lists(st.tuples(st.text(min_size=1), st.text(min_size=1)), min_size=1, max_size=5)
BODIES = st.dictionaries(
    st.text(),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
        max_leaves=8,
    ),
    max_size=4,
)


def test_brackets_in_a_query_are_percent_encoded() -> None:
    request = Request(endpoint=MACHINES, arguments=(("organization[id]", "org_1"), ("page", "2")))
    assert request.target == "/organizations/organization/virtual_machines?organization%5Bid%5D=org_1&page=2"


def test_request_without_arguments_has_no_question_mark() -> None:
    assert Request(endpoint=MACHINES).target == MACHINES.path


def test_arguments_of_a_page_follow_the_others() -> None:
    request = Request(endpoint=MACHINES, arguments=(("organization[id]", "org_1"),)).page(3, per_page=200)
    assert request.arguments == (("organization[id]", "org_1"), ("page", "3"), ("per_page", "200"))


@given(ARGUMENTS)
def test_any_argument_is_unchanged_after_parsing_and_never_reaches_the_path(
    arguments: list[tuple[str, str]],
) -> None:
    target = Request(endpoint=MACHINES, arguments=tuple(arguments)).target
    parts = urlsplit(f"https://api.katapult.io/core/v1{target}")
    assert target.isascii()
    assert target.isprintable()
    assert (parts.netloc, parts.path, parts.fragment) == ("api.katapult.io", f"/core/v1{MACHINES.path}", "")
    assert parse_qsl(parts.query, keep_blank_values=True, strict_parsing=True) == arguments


@pytest.mark.parametrize("path", ["/organizations", "/virtual_machines/_/start", "/a/:id", "/a/b.c-d"])
def test_path_of_plain_segments_is_accepted(path: str) -> None:
    assert Endpoint(path=path, answer="x", type=str).path == path


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/",
        "organizations",
        "//evil.example/x",
        "/a/../b",
        "/..",
        "/a//b",
        "/a/",
        "/a?b=c",
        "/a#b",
        "/a b",
        "/%2e%2e",
        "/ä",
        "/a\n",
        None,
        5,
    ],
)
def test_path_that_is_not_plain_segments_raises_usage_error(path: str) -> None:
    with pytest.raises(UsageError, match=r"^path must be like '/organizations'"):
        Endpoint(path=path, answer="x", type=str)


@pytest.mark.parametrize("answer", ["", "ip addresses", "1st", "a-b", "class", "__class__", "größe", 5])
def test_answer_must_be_a_possible_field_name(answer: str) -> None:
    with pytest.raises(UsageError, match=r"^answer must be the name of a field, like 'ip_addresses', or None, not "):
        Endpoint(path="/a", answer=answer, type=str)


def test_answer_may_be_none() -> None:
    assert Endpoint(path="/a", answer=None, type=EmptyResponse).answer is None


@pytest.mark.parametrize("answer", [None, "pagination"])
def test_paginated_endpoint_needs_the_field_of_its_list(answer: str | None) -> None:
    with pytest.raises(
        UsageError, match=r"^a paginated endpoint needs `answer`, the field of its list, and a type like"
    ):
        Endpoint(path="/a", answer=answer, type=list[str], paginated=True)


@pytest.mark.parametrize("fields", [{"answer": None, "type": EmptyResponse}, {"answer": "a", "type": list[str]}])
def test_endpoint_with_fields_beside_its_result_needs_one_named_object(fields: Any) -> None:
    with pytest.raises(
        UsageError, match=r"^an endpoint with `beside` needs `answer`, an attrs class as `type`, and no pages$"
    ):
        Endpoint(path="/a", beside=("annotations",), **fields)


def test_field_beside_the_result_that_its_type_lacks_raises_usage_error() -> None:
    with pytest.raises(UsageError, match=r"^`beside` names 'notes', but the type of the result takes no such field$"):
        Endpoint(path="/a", answer="a", type=VirtualMachine, beside=("annotations", "notes"))


@attrs.frozen
class Page(Generic[T]):
    notes: T
    title: str = attrs.field(default="", init=False)


@pytest.mark.parametrize(
    ("kind", "text"),
    [(Page[str], "^an endpoint with `beside` needs `answer`, an attrs class"), (Page, "^`beside` names 'title'")],
)
def test_endpoint_whose_fields_beside_the_result_cannot_be_decoded_raises_usage_error(kind: Any, text: str) -> None:
    with pytest.raises(UsageError, match=text):
        Endpoint(path="/a", answer="a", type=kind, beside=("title",))


def test_none_as_the_type_of_an_endpoint_raises_usage_error() -> None:
    nothing: Any = None
    with pytest.raises(UsageError, match=r"^the type of an endpoint must not be None; use EmptyResponse"):
        Endpoint(path="/a", answer=None, type=nothing)


@pytest.mark.parametrize("field", ["beside", "scopes"])
@pytest.mark.parametrize("names", [["annotations"], "annotations", (5,), None])
def test_beside_and_scopes_must_be_tuples_of_names(field: str, names: Any) -> None:
    with pytest.raises(UsageError, match=f"^{field} must be a tuple of names, not "):
        Endpoint(path="/a", answer="a", type=VirtualMachine, **{field: names})


@pytest.mark.parametrize("refs", ["ab", ("network",), Ref("network"), None])
def test_refs_must_be_a_tuple_of_ref(refs: Any) -> None:
    with pytest.raises(UsageError, match=r"^refs must be a tuple of Ref, not "):
        Endpoint(path="/a", answer="a", type=str, refs=refs)


@pytest.mark.parametrize("by", [Permalink, "permalink", ("permalink",), None])
def test_lookups_of_a_ref_must_be_a_tuple_of_classes(by: Any) -> None:
    with pytest.raises(UsageError, match=r"^by must be a tuple of classes, like \(Permalink,\), not "):
        Ref("network", by=by)


@pytest.mark.parametrize("name", [None, "", 5, b"network", ["network"]])
def test_names_of_a_ref_must_be_strings_that_are_not_empty(name: Any) -> None:
    for names in ({"name": name}, {"name": "network", "key": name}, {"name": "network", "parameter": name}):
        with pytest.raises(UsageError, match=r"^(name|key|parameter) must be a name, not "):
            Ref(**names)


def test_prefix_of_ids_must_be_a_string() -> None:
    with pytest.raises(UsageError, match=r"^id_prefix must be a string, not None$"):
        Ref("network", id_prefix=None)  # type: ignore[arg-type] # wrong


@pytest.mark.parametrize("paginated", ["no", 1, None])
def test_paginated_must_be_a_boolean(paginated: Any) -> None:
    with pytest.raises(UsageError, match=r"^paginated must be True or False, not "):
        Endpoint(path="/a", answer="a", type=list[str], paginated=paginated)


@pytest.mark.parametrize("kind", [dict, str, tuple[str, ...], EmptyResponse])
def test_paginated_endpoint_whose_type_is_not_a_list_raises_usage_error(kind: Any) -> None:
    with pytest.raises(UsageError, match="and a type like list"):
        Endpoint(path="/a", answer="a", type=kind, paginated=True)


@pytest.mark.parametrize("body", [b"{}", b'{"task": null, "more": [1]}'])
def test_empty_response_ignores_the_fields_of_an_object(body: bytes) -> None:
    assert decode(Endpoint(path="/a", answer=None, type=EmptyResponse), body).value == EmptyResponse()


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b'"done"'])
def test_body_of_an_empty_response_must_be_an_object(body: bytes) -> None:
    with pytest.raises((UnreadableError, WrongShapeError)):
        decode(Endpoint(path="/a", answer=None, type=EmptyResponse), body)


def test_request_without_a_body_has_no_content_and_an_empty_body_is_an_empty_object() -> None:
    assert Request(endpoint=MACHINES).content is None
    assert Request(endpoint=MACHINES, body={}).content == b"{}"


@given(BODIES)
def test_body_is_sent_as_equal_json_in_ascii(body: dict[str, object]) -> None:
    content = Request(endpoint=MACHINES, body=body).content
    assert content is not None
    assert content.isascii()
    assert json.loads(content) == body


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_number_without_json_form_is_never_sent(number: float) -> None:
    with pytest.raises(ValueError, match="Out of range"):
        _ = Request(endpoint=MACHINES, body={"size": number}).content


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        ({"a": {"b": {"c": "d"}}}, (("a[b][c]", "d"),)),
        ({"a\nb": 1}, (("a\\nb", "1"),)),
        (None, ()),
        ({}, ()),
        ({"ip_address": {"id": "ip_1"}}, (("ip_address[id]", "ip_1"),)),
        ({"a": {"b": "c", "d": 1}, "e": "f"}, (("a[b]", "c"), ("a[d]", "1"), ("e", "f"))),
        ({"label": None, "vip": True, "size": 5}, (("label", "null"), ("vip", "true"), ("size", "5"))),
        ({"tags": ["a", {"b": 1}], "none": {}}, (("tags", '["a", {"b": 1}]'),)),
        ({"label": 'two\nlines, "\u00fc"\x1b'}, (("label", r"two\nlines, \"\u00fc\"\u001b"),)),
    ],
)
def test_arguments_of_the_body_are_shown_after_those_of_the_query(
    body: dict[str, object] | None, shown: tuple[tuple[str, str], ...]
) -> None:
    assert Request(endpoint=MACHINES, body=body).shown_arguments == shown
    arguments = (("page", "2"),)
    assert Request(endpoint=MACHINES, arguments=arguments, body=body).shown_arguments == arguments + shown


@given(BODIES)
def test_no_value_of_a_body_can_end_a_line_of_a_log(body: dict[str, object]) -> None:
    for _, value in Request(endpoint=MACHINES, body=body).shown_arguments:
        assert value.isascii()
        assert value.isprintable()


@pytest.mark.parametrize("method", ["get", "HEAD", "", "GET\r\nX: 1", None, ["GET"]])
def test_method_that_the_api_does_not_have_raises_usage_error(method: Any) -> None:
    with pytest.raises(UsageError, match=r"^method must be one of DELETE, GET, PATCH, POST, PUT, not "):
        Endpoint(path="/a", answer="x", type=str, method=method)


@pytest.mark.parametrize(
    ("method", "idempotent"), [("GET", True), ("PUT", True), ("DELETE", True), ("POST", False), ("PATCH", False)]
)
def test_get_put_and_delete_are_idempotent_by_default(method: str, *, idempotent: bool) -> None:
    assert Endpoint(path="/a", answer="x", type=str, method=method).idempotent is idempotent
    assert attrs.evolve(MACHINES, method=method).idempotent is idempotent
    other = not idempotent
    assert Endpoint(path="/a", answer="x", type=str, method=method, idempotent=other).idempotent is other


@pytest.mark.parametrize("idempotent", [0, 1, "yes"])
def test_idempotent_must_be_a_boolean_or_none(idempotent: bool) -> None:  # noqa: FBT001 # a mistake that is tested
    with pytest.raises(UsageError, match=r"^idempotent must be True, False or None, not "):
        Endpoint(path="/a", answer="x", type=str, idempotent=idempotent)


@pytest.mark.parametrize("place", ["head", "", None, ["query"]])
def test_place_of_arguments_must_be_query_or_body(place: Any) -> None:
    with pytest.raises(UsageError, match=r"^arguments_in must be 'query' or 'body', not "):
        Endpoint(path="/a", answer=None, type=EmptyResponse, arguments_in=place)


@pytest.mark.parametrize(
    ("method", "place"), [("GET", "query"), ("DELETE", "query"), ("POST", "body"), ("PUT", "body"), ("PATCH", "body")]
)
def test_arguments_go_into_the_body_of_post_put_and_patch(method: str, place: str) -> None:
    assert Endpoint(path="/a", answer="x", type=str, method=method).arguments_in == place


def test_text_endpoint_decodes_to_the_whole_text() -> None:
    keys = Endpoint(path="/virtual_machine/authorized_keys", answer=None, type=str)
    for text in ("", "ssh-ed25519 AAAA \u00fc\n", '{"not": "decoded"}'):
        assert decode(keys, text.encode()).value == text
    with pytest.raises(UnreadableError, match="not UTF-8"):
        decode(keys, b"\xff")


def test_parameter_of_a_ref_is_its_name_by_default() -> None:
    assert Ref("network").parameter == "network"
    assert Ref("virtual_machine_network_interface", parameter="interface_id").parameter == "interface_id"


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("password", "***"),
        ("initial_root_password", "***"),
        ("api_secret", "***"),
        ("certificate[private_key]", "***"),
        ("tokens[token]", "***"),
        ("password[]", "***"),
        ("api_token[id]", "value"),
        ("password_policy", "value"),
        ("label", "value"),
    ],
)
def test_value_of_an_argument_that_is_named_like_a_secret_is_not_shown(name: str, shown: str) -> None:
    by_query = Request(endpoint=MACHINES, arguments=((name, "value"),))
    by_body = Request(endpoint=MACHINES, body={"server": {"password": "value", "name": "value"}})
    assert by_query.shown_arguments == ((name, shown),)
    assert by_body.shown_arguments == (("server[password]", "***"), ("server[name]", "value"))
    assert b'"password": "value"' in (by_body.content or b"")
