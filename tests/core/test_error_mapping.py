"""Errors that are made from responses and failures: their class, their text, and what no text may contain."""

from typing import Any

import attrs
import pytest
from hypothesis import example, given, settings, strategies as st

from katapult_async import errors
from katapult_async.core.decoding_errors import UnreadableError, WrongShapeError
from katapult_async.core.endpoints import Endpoint, Ref, Request
from katapult_async.core.error_mapping import RequestContext
from katapult_async.core.redaction import masking, printable
from katapult_async.errors import (
    APIError,
    AuthenticationError,
    BadRequestError,
    BadResponseError,
    BadResponseReason,
    ClientClosedError,
    ConflictError,
    ConnectError,
    DisconnectedError,
    KatapultError,
    NotAcceptableError,
    NotFoundError,
    PermissionDeniedError,
    RateLimitReachedError,
    RequestError,
    RequestTimeoutError,
    ServerError,
    ServiceUnavailableError,
    UnprocessableError,
)
from katapult_async.http.transport import TransportFailure, TransportResponse
from katapult_async.models import FQDN, DomainName, IPAddress, Permalink
from tests.bodies import encoded, error_body

TOKEN = "tok-5uQk2mVxW8rJz1Lp"
ENDPOINT = Endpoint(path="/network/available_ips", answer="ip_addresses", type=list[IPAddress])
CONTEXT = RequestContext(
    request=Request(endpoint=ENDPOINT, arguments=(("network[id]", "netw_1"),)),
    attempts=2,
    token=TOKEN,
    received_at=1_709_287_260.0,  # 1 March 2024, 10:01:00 UTC
)


def error_of_response(status: int, body: object, headers: dict[str, str] | None = None) -> APIError | BadResponseError:
    raw = body if isinstance(body, bytes) else encoded(body)
    return CONTEXT.error(TransportResponse(status=status, headers=headers or {}, body=raw))


def api_error(status: int, body: object, headers: dict[str, str] | None = None) -> APIError:
    error = error_of_response(status, body, headers)
    assert isinstance(error, APIError)
    return error


def not_found(code: str, *arguments: tuple[str, str], refs: tuple[Ref, ...] = ()) -> NotFoundError:
    """Return the error of a request with these arguments whose response is a 404 with this code."""
    request = Request(endpoint=attrs.evolve(ENDPOINT, refs=refs), arguments=arguments)
    response = TransportResponse(status=404, headers={}, body=encoded(error_body(code)))
    error = attrs.evolve(CONTEXT, request=request).error(response)
    assert isinstance(error, NotFoundError)
    return error


DOCUMENTED: list[tuple[int, str, type[APIError]]] = [
    # every code of available_ips, and of the recordings
    (400, "missing_api_token", AuthenticationError),
    (403, "invalid_api_token", AuthenticationError),
    (403, "invalid_capabilities_token", AuthenticationError),
    (403, "unauthorized_network_for_api_token", AuthenticationError),
    (403, "scope_not_granted", PermissionDeniedError),
    (404, "virtual_machine_network_interface_not_found", NotFoundError),
    (429, "rate_limit_reached", RateLimitReachedError),
    (503, "service_unavailable", ServiceUnavailableError),
    (404, "virtual_machine_not_found", NotFoundError),
    (404, "organization_not_found", NotFoundError),
    (404, "route_not_found", NotFoundError),
    (422, "object_storage_provisioning_error", UnprocessableError),
    (422, "validation_error", UnprocessableError),
    (422, "unassigned_disk", UnprocessableError),
    # of other operations
    (400, "invalid_argument", BadRequestError),
    (400, "missing_required_argument", BadRequestError),
    (403, "permission_denied", PermissionDeniedError),
    (403, "organization_suspended", PermissionDeniedError),
    (403, "organization_not_activated", PermissionDeniedError),
    (406, "object_in_trash", NotAcceptableError),
    (406, "task_queueing_error", NotAcceptableError),
    (409, "deletion_restricted", ConflictError),
    (500, "unhandled_exception", ServerError),
    (500, "deletion_failed", ServerError),
    (503, "no_available_addresses", ConflictError),
    (504, "network_error", ServerError),
]
UNDOCUMENTED: list[tuple[int, str | None, type[APIError]]] = [
    (400, "brand_new", BadRequestError),
    (401, "brand_new", AuthenticationError),
    (402, "brand_new", APIError),
    (418, None, APIError),
    (401, None, AuthenticationError),
    (403, None, PermissionDeniedError),
    (404, None, NotFoundError),
    (408, None, APIError),
    (429, None, RateLimitReachedError),
    (500, None, ServerError),
    (502, None, ServerError),
    (503, None, ServiceUnavailableError),
    (503, "brand_new", ServiceUnavailableError),
    (504, None, ServerError),
    (599, None, ServerError),
    (999, None, ServerError),
]


@pytest.mark.parametrize(("status", "code", "kind"), DOCUMENTED)
def test_documented_code_gives_its_error_class_in_a_nested_and_a_flat_body(
    status: int, code: str, kind: type[APIError]
) -> None:
    nested = error_body(code)
    for body in (nested, nested["error"]):
        error = api_error(status, body)
        assert type(error) is kind
        assert (error.status, error.code, error.description, error.detail) == (status, code, "As documented.", {})


@pytest.mark.parametrize(("status", "code", "kind"), UNDOCUMENTED)
def test_status_decides_the_class_of_an_error_without_a_known_code(
    status: int, code: str | None, kind: type[APIError]
) -> None:
    error = api_error(status, error_body(code) if code else b"")
    assert type(error) is kind
    assert error.code == code


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [(418, "invalid_api_token", AuthenticationError), (500, "rate_limit_reached", RateLimitReachedError)],
)
def test_known_code_decides_the_class_of_an_error_before_the_status(
    status: int, code: str, kind: type[APIError]
) -> None:
    assert type(api_error(status, error_body(code))) is kind


def test_error_states_the_fact_then_the_request_then_the_advice() -> None:
    error = api_error(404, error_body("network_not_found"), {"X-Request-Id": "4f1c"})
    assert (error.method, error.path, error.request_id, error.attempts) == ("GET", ENDPOINT.path, "4f1c", 2)
    assert str(error) == (
        "no such network: netw_1 (404 network_not_found, request 4f1c, 2 attempts): "
        "GET /network/available_ips?network[id]=netw_1; "
        "check the id, and that the token can see the object"
    )


WRONG_PATH = "check the base URL (Katapult's ends in /core/v1), and the method and path of an Endpoint"
MACHINE = Ref("virtual_machine", by=(FQDN,), id_prefix="vm_")
PACKAGE = Ref("virtual_machine_package", by=(Permalink,), id_prefix="vmpkg_")
ZONE = Ref("dns_zone", by=(DomainName,))


@pytest.mark.parametrize(
    ("ref", "argument", "code", "advice"),
    [
        (MACHINE, ("virtual_machine[id]", "web-1"), "virtual_machine", "name it by its id (vm_...) or FQDN(...)"),
        (MACHINE, ("virtual_machine[id]", "vmnet_1"), "virtual_machine", "name it by its id (vm_...) or FQDN(...)"),
        (
            MACHINE,
            ("virtual_machine[id]", "vm_1"),
            "virtual_machine",
            "check the id, and that the token can see the object",
        ),
        (
            MACHINE,
            ("virtual_machine[fqdn]", "a.b"),
            "virtual_machine",
            "check the name, and that the token can see the object",
        ),
        (PACKAGE, ("virtual_machine_package[id]", "xl"), "package", "name it by its id (vmpkg_...) or Permalink(...)"),
        (ZONE, ("dns_zone[id]", "a.example"), "dns_zone", "name it by its id or DomainName(...)"),
        (Ref("task"), ("task[id]", "1"), "task", "name it by its id"),
        (
            Ref("bucket", key="name"),
            ("bucket[name]", "a"),
            "object_storage_bucket",
            "check the name, and that the token can see the object",
        ),
        (
            Ref("ip_address"),
            ("ip_address[address]", "::1"),
            "ip_address",
            "check the address, and that the token can see the object",
        ),
        (MACHINE, ("virtual_machine[id]", "web-1"), "network", "check that the token can see the object"),
        (
            MACHINE,
            ("virtual_machine[id]", "web-1"),
            "route",
            WRONG_PATH,
        ),
    ],
)
def test_advice_names_what_identifies_the_missing_object(
    ref: Ref, argument: tuple[str, str], code: str, advice: str
) -> None:
    assert str(not_found(f"{code}_not_found", argument, refs=(ref,))).endswith(f"{argument[1]}; {advice}")


@pytest.mark.parametrize(
    ("argument", "code", "description"),
    [
        (("dns_zone[name]", "x"), "dns_zone_not_found", "no such DNS zone: x"),
        (("io_profile[id]", "x"), "disk_io_profile_not_found", "no such disk IO profile: x"),
        (("tag[id]", ""), "tag_not_found", "no such tag: ''"),
        (("properties[data_center][permalink]", "x"), "data_center_not_found", "no such data center: x"),
        (("properties[network]", "x"), "network_not_found", "As documented."),
        (("country[id]", "x"), "country_state_not_found", "As documented."),
    ],
)
def test_missing_object_is_named_in_plain_words(argument: tuple[str, str], code: str, description: str) -> None:
    assert not_found(code, argument).description == description


def test_missing_network_is_named_by_the_argument_network_and_not_by_virtual_network() -> None:
    arguments = (("virtual_network[id]", "vnet_1"), ("network[permalink]", "public"), ("zone_network", "zone_1"))
    missing = not_found("network_not_found", *arguments).problem.missing
    assert missing is not None
    assert (missing.key, missing.value) == ("permalink", "public")


def test_error_names_no_missing_object_where_several_objects_of_its_kind_were_named() -> None:
    arguments = (("interfaces[0][network][id]", "netw_1"), ("interfaces[1][network][id]", "netw_2"))
    assert not_found("network_not_found", *arguments).description == "As documented."


def test_key_of_a_missing_object_that_a_plain_argument_names_is_the_key_of_its_ref() -> None:
    ref = Ref("ip_address", by=(Permalink,))
    missing = not_found("ip_address_not_found", ("ip_address", "x"), refs=(ref,)).problem.missing
    assert missing is not None
    assert missing.key == "id"


def test_404_without_a_code_names_no_missing_object() -> None:
    assert str(api_error(404, b"")).endswith(f"; {WRONG_PATH}")


@pytest.mark.parametrize("code", ["route_not_found", "network_gone", "gone_network", "_not_found"])
def test_description_of_katapult_is_kept_if_the_request_does_not_name_the_missing_object(code: str) -> None:
    assert api_error(404, error_body(code)).description == "As documented."


def test_error_of_an_object_in_the_trash_says_how_to_restore_it() -> None:
    trash_object = {"id": "trsh_1", "keep_until": 1_900_000_000, "object_id": "vm_1", "object_type": "VirtualMachine"}
    error = api_error(406, error_body("object_in_trash", detail={"trash_object": trash_object}))
    assert isinstance(error, NotAcceptableError)
    assert error.description == "virtual machine vm_1 is in the trash"
    assert str(error).endswith("; trash_objects.restore('trsh_1') brings it back")
    assert error.trash_object_id == "trsh_1"


@pytest.mark.parametrize("detail", [{}, {"trash_object": None}, {"trash_object": {"id": 5}}, []])
def test_unnamed_object_in_the_trash_keeps_the_description_of_katapult(detail: object) -> None:
    error = api_error(406, error_body("object_in_trash", detail=detail))
    assert isinstance(error, NotAcceptableError)
    assert (error.description, error.trash_object_id) == ("As documented.", None)


def test_trash_object_in_the_detail_of_another_error_does_not_change_its_description() -> None:
    trash_object = {"id": "trsh_1", "object_id": "vm_1", "object_type": "VirtualMachine"}
    error = api_error(406, error_body("task_queueing_error", detail={"trash_object": trash_object}))
    assert error.description == "As documented."


MISTAKES: dict[str, tuple[object, str]] = {
    "rejected values": ({"errors": ["Label can't be blank", "Name is taken."]}, "Label can't be blank; Name is taken"),
    # the description of `invalid_spec_xml` is always the same
    "specification": ({"errors": "Package does not name a package: smal"}, "Package does not name a package: smal"),
    "details": ({"details": "Another task has not ended."}, "Another task has not ended"),
    "argument": ({"issue_description": "This must be one of: red.", "errors": []}, "This must be one of: red"),
}


@pytest.mark.parametrize(("detail", "mistakes"), MISTAKES.values(), ids=list(MISTAKES))
def test_error_begins_with_the_mistakes_that_katapult_names_in_the_detail(detail: object, mistakes: str) -> None:
    error = api_error(422, error_body("validation_error", detail=detail, description="Validation error"))
    assert error.description == f"{mistakes}: Validation error"
    assert str(error).startswith(f"{mistakes}: Validation error (422 validation_error, 2 attempts)")
    assert error.detail == detail


@pytest.mark.parametrize("errors", ["a" * 60_000, ["a" * 60_000], ["a"] * 30_000], ids=["text", "item", "items"])
def test_long_mistakes_are_shortened_in_the_text(errors: object) -> None:
    error = api_error(422, error_body("validation_error", detail={"errors": errors}))
    assert len(str(error)) < 2_500


def test_secret_is_masked_where_katapult_quotes_it_in_a_mistake() -> None:
    error = api_error(422, error_body("validation_error", detail={"errors": [f"Name {TOKEN} is taken"]}))
    assert error.description.startswith("Name *** is taken: ")


def test_error_holds_the_errors_of_earlier_attempts() -> None:
    first = api_error(503, error_body("service_unavailable"))
    last = attrs.evolve(CONTEXT, earlier=(first,)).error(TransportResponse(status=404, headers={}, body=b""))
    assert last.earlier == (first,)


def test_sufficient_scopes_are_a_tuple() -> None:
    detail = {"scopes": ["ip_addresses", "ip_addresses:read"]}
    error = error_of_response(403, error_body("scope_not_granted", detail=detail))
    assert isinstance(error, PermissionDeniedError)
    assert error.scopes == ("ip_addresses", "ip_addresses:read")


@pytest.mark.parametrize("detail", [{}, [], "ip_addresses", None, {"scopes": None}, {"scopes": "ip_addresses"}, 5])
def test_scopes_that_are_not_a_list_are_an_empty_tuple(detail: object) -> None:
    error = error_of_response(403, {"error": {"code": "scope_not_granted", "detail": detail}})
    assert isinstance(error, PermissionDeniedError)
    assert error.scopes == ()


@pytest.mark.parametrize(
    ("detail", "total"),
    [
        ({"total_permitted": 1000}, 1000),
        ({"total_permitted": "1000"}, None),
        ({"total_permitted": True}, None),
        ({}, None),
        ([1000], None),
        (None, None),
    ],
)
def test_total_permitted_is_a_whole_number_or_unknown(detail: object, total: int | None) -> None:
    error = error_of_response(429, {"error": {"code": "rate_limit_reached", "detail": detail}})
    assert isinstance(error, RateLimitReachedError)
    assert error.total_permitted == total


@pytest.mark.parametrize("description", [None, "", "  ", 5, [], {"en": "no"}])
@pytest.mark.parametrize(
    ("status", "default"),
    [(404, "not found"), (500, "the server failed"), (422, "refused with status 422")],
)
def test_error_without_a_description_has_a_default_one(status: int, default: str, description: object) -> None:
    error = api_error(status, {"error": {"code": "brand_new", "description": description, "detail": {}}})
    assert (error.description, error.code) == (default, "brand_new")


@pytest.mark.parametrize("detail", [None, True, 0, 1.5, "text", [], [1, [2]], {"errors": ["Label can't be blank"]}])
def test_detail_is_any_json(detail: object) -> None:
    assert api_error(422, {"error": {"code": "x", "description": "d", "detail": detail}}).detail == detail


def test_detail_has_16_levels_at_most() -> None:
    deep: Any = "bottom"
    for _ in range(100):
        deep = [deep]
    kept: Any = api_error(422, {"error": {"code": "x", "detail": deep}}).detail
    levels = 0
    while isinstance(kept, list):
        [kept] = kept
        levels += 1
    assert (levels, kept) == (16, None)


@pytest.mark.parametrize("code", [None, 5, "", [], {}, True])
def test_code_that_is_not_a_string_is_none(code: object) -> None:
    error = api_error(404, {"error": {"code": code, "description": "Gone.", "detail": {}}})
    assert (type(error), error.code, error.description) == (NotFoundError, None, "Gone.")


FOREIGN_BODIES = {
    "HTML": b"<html><head><title>502 Bad Gateway</title></head></html>",
    "plain text": b"upstream connect error",
    "a JSON string": b'"no"',
    "a JSON list": b'[{"code": "invalid_api_token"}]',
    "an empty object": b"{}",
    "an error that is a string": b'{"error": "invalid_api_token"}',
    "an error without a code": b'{"error": {"message": "no"}}',
    "cut JSON": b'{"error": {"code": "invalid_api_tok',
    "invalid UTF-8": b'{"error": {"code": "invalid_api_token\xff"}}',
    "60,000 levels of lists": b"[" * 60_000,
    "a number that no float holds": b'{"error": {"code": "invalid_api_token", "detail": 1e400}}',
    "the first 65,536 bytes": b'{"error": {"code": "invalid_api_token"}, "x": "' + b"x" * 65_489,
}


@pytest.mark.parametrize("body", FOREIGN_BODIES.values(), ids=list(FOREIGN_BODIES))
def test_error_of_a_foreign_body_depends_on_its_status_and_quotes_nothing(body: bytes) -> None:
    error = api_error(502, body)
    assert type(error) is ServerError
    assert (error.code, error.detail) == (None, None)
    assert error.description == f"the server failed; the response is not Katapult's (no media type, {len(body)} bytes)"
    assert len(str(error)) < 700
    assert str(error).isprintable()


@pytest.mark.parametrize(
    ("body", "reason", "text"),
    [
        (b'{"error": {"code": "x', BadResponseReason.UNREADABLE, "unreadable (application/json, 21 bytes)"),
        (b"{" * 65_536, BadResponseReason.TOO_LARGE, "too large (application/json, 65536 bytes)"),
    ],
)
def test_error_whose_body_was_cut_says_why(body: bytes, reason: BadResponseReason, text: str) -> None:
    error = api_error(404, body, {"Content-Type": "application/json"})
    assert (error.problem.reason, error.description) == (reason, f"not found; the response is {text}")


@pytest.mark.parametrize("body", [b"", b" \r\n"])
def test_error_of_an_empty_body_depends_on_its_status(body: bytes) -> None:
    error = api_error(503, body)
    assert (type(error), error.description) == (ServiceUnavailableError, "the service is not available at present")


@pytest.mark.parametrize(
    ("location", "shown_as"),
    [
        ("https://evil.example/steal?token=S3CRET#S3CRET", " to evil.example,"),
        ("https://me:S3CRET@evil.example/", " to evil.example,"),
        ("//evil.example:8443?S3CRET", " to evil.example:8443,"),
        ("https://evil.example#S3CRET", " to evil.example,"),
        ("https://evil.example?x=@S3CRET", " to evil.example,"),
        ("https://evil.example\\S3CRET@x", " to x,"),
        ("/elsewhere/S3CRET", "a redirect,"),
        ("", "a redirect,"),
        ("https://", "a redirect,"),
    ],
)
@pytest.mark.parametrize("status", [300, 301, 302, 303, 304, 307, 308, 399])
def test_redirect_names_the_host_and_nothing_else(status: int, location: str, shown_as: str) -> None:
    error = error_of_response(status, b"<html>moved</html>", {"Location": location})
    assert isinstance(error, BadResponseError)
    assert (error.reason, error.status) == (BadResponseReason.REDIRECT, status)
    assert shown_as in error.description
    assert "S3CRET" not in str(error)


@pytest.mark.parametrize("status", [100, 101, 199])
def test_change_of_protocol_is_a_bad_response(status: int) -> None:
    error = error_of_response(status, b"", {"Location": "https://evil.example/"})
    assert isinstance(error, BadResponseError)
    assert (error.reason, error.status) == (BadResponseReason.UNREADABLE, status)


def test_error_has_the_seconds_of_retry_after() -> None:
    headers = {"Retry-After": "Fri, 01 Mar 2024 10:01:30 GMT"}
    assert api_error(503, b"", headers).problem.retry_after == 30.0  # since the response was received


def test_control_characters_and_terminal_colors_are_escaped() -> None:
    nasty = "\x1b[31mred\x1b[0m\r\nforged log line\x00\u202e\u2028"
    error = api_error(404, error_body(f"code{nasty}", description=f"text{nasty}"), {"X-Request-Id": f"id{nasty}"})
    for text in (error.description, error.code, error.request_id, str(error)):
        assert text
        assert text.isprintable()
    assert "\\x1b[31mred\\x1b[0m\\r\\nforged log line\\x00\\u202e\\u2028" in error.description


def test_long_description_is_shortened() -> None:
    error = api_error(404, error_body("x" * 5000, description="y" * 5000), {"X-Request-Id": "z" * 5000})
    assert len(str(error)) < 1000


@pytest.mark.parametrize(
    ("status", "body", "headers"),
    [
        (404, error_body("x", description=f"no {TOKEN} here"), {}),
        (404, error_body(f"no_{TOKEN}"), {}),
        (404, error_body("x"), {"X-Request-Id": f"r{TOKEN}"}),
        (302, b"", {"Location": f"https://{TOKEN}.evil.example/"}),
    ],
    ids=["description", "code", "request id", "location"],
)
def test_token_is_masked_in_every_text_of_the_server(status: int, body: object, headers: dict[str, str]) -> None:
    error = error_of_response(status, body, headers)
    assert TOKEN not in repr(error)
    assert TOKEN not in str(error)
    assert "***" in str(error)


@pytest.mark.parametrize("code", ["object_in_trash", "object_storage_provisioning_error", "route_not_found"])
@pytest.mark.parametrize("token", ["object_in_trash", "object_storage", "not_found", "_in_trash", "provisioning"])
def test_code_that_the_library_acts_on_stays_whole_if_the_token_is_a_part_of_it(code: str, token: str) -> None:
    context = attrs.evolve(CONTEXT, token=token)
    error = context.error(TransportResponse(status=404, headers={}, body=encoded(error_body(code))))
    assert isinstance(error, APIError)
    assert error.code == code


def test_token_is_masked_in_every_part_of_a_detail() -> None:
    detail = {f"key {TOKEN}": [{"deep": f"{TOKEN}{TOKEN}"}], "details": TOKEN, "count": 5}
    error = api_error(403, error_body("invalid_api_token", detail=detail))
    assert error.detail == {"key ***": [{"deep": "******"}], "details": "***", "count": 5}


def test_token_at_the_end_of_a_shortened_text_is_not_shown_in_part() -> None:
    for before in range(150, 1000, 7):
        body = b"<" * before + TOKEN.encode() + b">" * 1000
        assert TOKEN[:8] not in str(api_error(500, body))
        assert TOKEN[:8] not in str(api_error(404, error_body("x", description=body.decode())))


@pytest.mark.parametrize(
    ("error", "reason", "text"),
    [
        (
            UnreadableError("cut at byte 5"),
            BadResponseReason.UNREADABLE,
            "the body is not JSON (text/html, 36 bytes): cut at byte 5",
        ),
        (
            WrongShapeError("Expected x - at `$.y`"),
            BadResponseReason.WRONG_SHAPE,
            "the body is JSON that is not of the endpoint's type (text/html, 36 bytes): Expected x - at `$.y`",
        ),
    ],
)
def test_invalid_body_names_its_type_its_size_and_the_place_and_is_not_quoted(
    error: UnreadableError | WrongShapeError, reason: BadResponseReason, text: str
) -> None:
    response = TransportResponse(
        status=200,
        headers={"X-Request-Id": "4f1c", "Content-Type": "text/html; charset=utf-8"},
        body=b'{"initial_root_password": "hunter2"}',
    )
    invalid = CONTEXT.invalid_body(response, error)
    assert (invalid.reason, invalid.status, invalid.request_id) == (reason, 200, "4f1c")
    assert invalid.description == text
    assert "hunter2" not in str(invalid)


FAILURES: list[tuple[TransportFailure, type[KatapultError], dict[str, object]]] = [
    (TransportFailure("connect", sent=False), ConnectError, {"sent": False, "failure": "connect"}),
    (TransportFailure("proxy", sent=False), ConnectError, {"sent": False, "failure": "proxy"}),
    (TransportFailure("local", sent=False), ConnectError, {"sent": False, "failure": "local"}),
    (TransportFailure("certificate", sent=False), ConnectError, {"sent": False, "failure": "certificate"}),
    (TransportFailure("timeout", sent=False, phase="connect"), RequestTimeoutError, {"phase": "connect"}),
    (TransportFailure("timeout", sent=True, phase="read"), RequestTimeoutError, {"phase": "read", "sent": True}),
    (TransportFailure("disconnect", sent=True), DisconnectedError, {"sent": True}),
    (TransportFailure("truncated", sent=True), BadResponseError, {"reason": BadResponseReason.TRUNCATED}),
    (TransportFailure("invalid", sent=True), BadResponseError, {"reason": BadResponseReason.UNREADABLE}),
    (
        TransportFailure("too_large", sent=True, partial=TransportResponse(status=200, headers={}, body=b"")),
        BadResponseError,
        {"reason": BadResponseReason.TOO_LARGE, "status": 200},
    ),
]


@pytest.mark.parametrize(("failure", "kind", "facts"), FAILURES, ids=str)
def test_each_failure_of_a_transport_has_its_error_class(
    failure: TransportFailure, kind: type[KatapultError], facts: dict[str, object]
) -> None:
    error = CONTEXT.transport_error(failure)
    assert type(error) is kind
    assert isinstance(error, RequestError)
    assert error.description == failure.kind
    assert {name: getattr(error.problem, name) for name in facts} == facts


def test_failure_of_a_closed_transport_is_client_closed_error() -> None:
    error = CONTEXT.transport_error(TransportFailure("closed", sent=True, detail=f"closed with {TOKEN}"))
    assert (type(error), str(error)) == (ClientClosedError, "closed with ***")


def test_body_of_a_response_is_not_in_its_repr() -> None:
    assert "password" not in repr(TransportResponse(status=200, headers={}, body=b"password"))
    assert TOKEN not in repr(CONTEXT)


@pytest.mark.parametrize(
    "written", ["a/b+<c>&'d'", "a/b+&lt;c&gt;&amp;&#x27;d&#x27;", "a%2Fb%2B%3Cc%3E%26%27d%27", "a\\/b+<c>&'d'"]
)
def test_token_is_masked_in_the_encodings_of_html_urls_and_json(written: str) -> None:
    token = "a/b+<c>&'d'"
    assert printable(f"[{written}]", masked=masking(token)) == "[***]"


@pytest.mark.parametrize("token", ["", "a", "ab", "abcde"])
def test_token_of_a_few_characters_is_not_masked_in_texts(token: str) -> None:
    assert printable("a cab for abcde", masked=masking(token)) == "a cab for abcde"


def test_arguments_are_shown_in_one_line_shortened_and_without_the_token() -> None:
    request = Request(endpoint=ENDPOINT, arguments=(("n\r\n", f"a\nb\x1b[31m{TOKEN}{'y' * 3000}"),))
    [(name, value)] = attrs.evolve(CONTEXT, request=request).problem("no").arguments
    assert name == "n\\r\\n"
    assert value.startswith("a\\nb\\x1b[31m***yyy")
    assert value.isprintable()
    assert len(value) < 300


def test_nothing_is_masked_without_a_token() -> None:
    assert printable("text", masked=masking("")) == "text"
    context = attrs.evolve(CONTEXT, token="")
    error = context.error(TransportResponse(status=404, headers={}, body=encoded(error_body("x", detail={"a": "b"}))))
    assert isinstance(error, APIError)
    assert error.detail == {"a": "b"}


@settings(max_examples=200)
@given(
    status=st.integers(100, 199) | st.integers(300, 999),
    body=st.binary(max_size=300) | st.text(max_size=100).map(lambda text: encoded(error_body(text, description=text))),
    headers=st.dictionaries(st.sampled_from(["X-Request-Id", "Location", "Retry-After", "Date"]), st.text(max_size=40)),
)
@example(status=503, body=b"", headers={"Retry-After": "Fri, 01 Mar 2024 10:01:30 -9999", "Date": "0"})
@example(status=503, body=b'{"code": "\\ud800"}', headers={})
def test_any_response_but_2xx_gives_a_typed_error_whose_text_is_one_printable_line(
    status: int, body: bytes, headers: dict[str, str]
) -> None:
    error = error_of_response(status, body, headers)
    assert isinstance(error, errors.RequestError)
    assert str(error).isprintable()
