"""Operations as data: which may be made, and how their arguments are written."""

from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given, strategies as st

from katapult_async.errors import UsageError
from katapult_async.sansio.endpoints import Endpoint, Request

MACHINES = Endpoint(path="/organizations/organization/virtual_machines", answer="virtual_machines", type=list[str])
ARGUMENTS = st.lists(st.tuples(st.text(min_size=1), st.text(min_size=1)), min_size=1, max_size=5)


def test_brackets_are_encoded_as_every_recorded_request_has_them() -> None:
    request = Request(endpoint=MACHINES, arguments=(("organization[id]", "org_1"), ("page", "2")))
    assert request.target == "/organizations/organization/virtual_machines?organization%5Bid%5D=org_1&page=2"


def test_a_request_without_arguments_has_no_question_mark() -> None:
    assert Request(endpoint=MACHINES).target == MACHINES.path


def test_a_page_is_asked_for_beside_the_arguments() -> None:
    request = Request(endpoint=MACHINES, arguments=(("organization[id]", "org_1"),)).page(3, per_page=200)
    assert request.arguments == (("organization[id]", "org_1"), ("page", "3"), ("per_page", "200"))


@given(ARGUMENTS)
def test_any_argument_comes_out_of_a_parser_as_it_went_in_and_never_reaches_the_path(
    arguments: list[tuple[str, str]],
) -> None:
    target = Request(endpoint=MACHINES, arguments=tuple(arguments)).target
    parts = urlsplit(f"https://api.katapult.io/core/v1{target}")
    assert target.isascii()
    assert target.isprintable()
    assert (parts.netloc, parts.path, parts.fragment) == ("api.katapult.io", f"/core/v1{MACHINES.path}", "")
    assert parse_qsl(parts.query, keep_blank_values=True, strict_parsing=True) == arguments


@pytest.mark.parametrize("path", ["/organizations", "/virtual_machines/_/start", "/a/:id", "/a/b.c-d"])
def test_a_path_is_made_of_plain_segments(path: str) -> None:
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
def test_a_path_that_could_lead_elsewhere_is_refused(path: str) -> None:
    with pytest.raises(UsageError, match=r"^path must be like '/organizations'"):
        Endpoint(path=path, answer="x", type=str)


@pytest.mark.parametrize("answer", ["", "ip addresses", "1st", "a-b", "class", None, 5])
def test_an_answer_that_no_field_could_be_named_is_refused(answer: str) -> None:
    with pytest.raises(UsageError, match=r"^answer must be the name of a field, like 'ip_addresses', not "):
        Endpoint(path="/a", answer=answer, type=str)


@pytest.mark.parametrize("method", ["get", "HEAD", "", "GET\r\nX: 1", None])
def test_a_method_that_the_api_does_not_know_is_refused(method: str) -> None:
    with pytest.raises(UsageError, match=r"^method must be one of DELETE, GET, PATCH, POST, PUT, not "):
        Endpoint(path="/a", answer="x", type=str, method=method)


@pytest.mark.parametrize(
    ("method", "idempotent"), [("GET", True), ("PUT", True), ("DELETE", True), ("POST", False), ("PATCH", False)]
)
def test_only_methods_that_may_be_repeated_are_idempotent(method: str, *, idempotent: bool) -> None:
    assert Endpoint(path="/a", answer="x", type=str, method=method).idempotent is idempotent
