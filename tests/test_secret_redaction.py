"""Secrets that Katapult documents are in no text, repr or log, unless the caller asks for them. Over real sockets."""

import asyncio
import json
import logging
from collections.abc import Callable
from typing import Any

import attrs
import pytest
from rich.pretty import pretty_repr

import katapult_async.models
from katapult_async import (
    AiohttpTransport,
    APIError,
    BadResponseError,
    DisconnectedError,
    Endpoint,
    KatapultClient,
    NotFoundError,
    RetryNotice,
    RetryPolicy,
    Succeeded,
    UsageError,
    VirtualMachine,
    to_dict,
)
from katapult_async.cli.dry_run import DryRunTransport, UnsentRequestError
from katapult_async.core.encoding import query
from katapult_async.core.endpoints import Request
from katapult_async.core.redaction import Secret
from katapult_async.http.transport import TransportRequest, TransportResponse
from katapult_async.models.secret_fields import is_secret
from katapult_async.sandbox import Sandbox
from tests.public_names import MODEL_NAMES

from .bodies import encoded, error_body
from .error_texts import texts_of
from .one_response_server import http_response, serving

SECRET = "s3cr3t/hunter2-Passphrase"
MACHINE = Endpoint(path="/virtual_machines/virtual_machine", answer="virtual_machine", type=VirtualMachine)
CREATE = Endpoint(path="/organizations/organization/ssh_keys", answer=None, type=dict[str, Any], method="POST")
LIST = Endpoint(path="/organizations", answer="organizations", type=list[Any], paginated=True)
FIND = Endpoint(path="/api_tokens/api_token", answer=None, type=dict[str, Any])

SECRET_FIELDS = [
    (model, field.name)
    for model in (getattr(katapult_async.models, name) for name in MODEL_NAMES)
    if isinstance(model, type) and attrs.has(model)
    for field in attrs.fields(model)
    if is_secret(field)
]


@pytest.fixture(autouse=True)
def _log_at_debug(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)


def undecodable_bodies() -> dict[str, bytes]:
    """Return bodies with a root password that cannot be decoded."""
    whole = encoded({"virtual_machine": {"id": "vm_1", "name": "web", "initial_root_password": SECRET}})
    return {
        "a field of another type": whole.replace(b'"web"', b"[5]"),
        "the secret of another type": whole.replace(json.dumps(SECRET).encode(), json.dumps([SECRET]).encode()),
        "no id": whole.replace(b'"id"', b'"di"'),
        "another name around it": whole.replace(b'"virtual_machine"', b'"machine"'),
        "a list in place of the object": b"[" + whole + b"]",
        "cut JSON": whole[:-1],
        "two documents": whole * 2,
        "bytes that are not UTF-8": whole.replace(b'"web"', b'"\xff"'),
        "a number that is too long": whole.replace(b'"web"', b"1" * 5000),
    }


def responses() -> dict[str, bytes]:
    """Return responses with the `undecodable_bodies`, and other responses that fail."""
    whole = encoded({"virtual_machine": {"id": "vm_1", "initial_root_password": SECRET}})
    return {
        **{name: http_response(body) for name, body in undecodable_bodies().items()},
        "truncated": b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n" + whole,
        "not gzip": http_response(whole, headers=b"Content-Encoding: gzip\r\n"),
        "500 with the object": http_response(whole, status=b"500 No"),
        "404 with the object": http_response(whole, status=b"404 No"),
        "302 to a presigned URL": http_response(
            b"", status=b"302 Go", headers=b"Location: https://x/" + SECRET.encode() + b"\r\n"
        ),
        "not HTTP": SECRET.encode() + b"\r\n\r\n",
        "a broken header": b"HTTP/1.1 200 OK\r\nX " + SECRET.encode() + b"\r\n\r\n",
    }


def client(base_url: str, **settings: Any) -> KatapultClient:
    retry = RetryPolicy(attempts=2, wait_initial=0.001, wait_max=0.001)
    return KatapultClient("tok-123456789", base_url=base_url, retry=retry, **settings)


@pytest.mark.parametrize("name", responses())
async def test_secret_of_a_response_that_fails_is_not_shown(name: str, caplog: pytest.LogCaptureFixture) -> None:
    asyncio.get_running_loop().set_debug(True)
    notices: list[RetryNotice] = []
    async with serving(responses()[name]) as base_url, client(base_url, on_retry=notices.append) as katapult:
        with pytest.raises((BadResponseError, APIError, DisconnectedError)) as raised:
            await katapult.call(MACHINE)
    assert SECRET not in texts_of(raised.value) + caplog.text + repr(notices)
    assert not [record for record in caplog.records if SECRET in repr(vars(record))]


@pytest.mark.parametrize(("model", "name"), SECRET_FIELDS, ids=lambda value: getattr(value, "__name__", value))
def test_secret_of_a_model_is_in_no_repr_and_masked_in_plain_values(model: Any, name: str) -> None:
    required = {field.alias: "x" for field in attrs.fields(model) if field.init and field.default is attrs.NOTHING}
    value = model(**{**required, name: SECRET})
    assert getattr(value, name) == SECRET
    for shown in (
        repr(value),
        str(value),
        f"{value}",
        repr(Succeeded("key", value)),
        repr([value]),
        repr(to_dict(value)),
    ):
        assert SECRET not in shown
    assert to_dict(value)[name] == "***"
    assert to_dict(value, secrets=True)[name] == SECRET


REQUEST_BODIES: dict[str, dict[str, Any]] = {
    "a field": {"password": SECRET},
    "a field of an object": {"user": {"properties": {"initial_root_password": SECRET}}},
    "a field of an item of a list": {"keys": [{"private_key": SECRET}]},
    "an item of a list": {"passwords": ["x", SECRET]},
    "a list of lists": {"a": [[{"secret": SECRET}]]},
    "an object that is a secret": {"secret": {"value": SECRET}},
    "a pair of key and value": {"options": [{"key": "root_password", "value": SECRET}]},
    "options of a disk template": {"disk_template_options": [{"key": "anything", "value": SECRET}]},
    "the XML of a build": {"xml": f"<VirtualMachine><Password>{SECRET}</Password></VirtualMachine>"},
    "other spellings": {
        "s3SecretAccessKey": SECRET,
        "api-key": SECRET,
        "Authorization": SECRET,
        "client_secret": SECRET,
    },
}


QUERY: dict[str, Any] = {"token": SECRET, "filter": {"password": [SECRET]}}


def quoting_response() -> bytes:
    """Return a response that quotes the secret in its description, its detail and its request id."""
    body = encoded(error_body("validation_error", description=f"{SECRET} is too short", detail={SECRET: [SECRET]}))
    return http_response(body, status=b"422 No", headers=b"X-Request-Id: " + SECRET.encode() + b"\r\n")


def test_without_the_rule_for_names_the_secret_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("katapult_async.core.redaction.is_secret_name", lambda _: False)
    assert SECRET in repr(Request(endpoint=CREATE, body=REQUEST_BODIES["a field"]))


@pytest.mark.parametrize("name", REQUEST_BODIES)
def test_secret_argument_of_a_body_is_in_no_text_of_a_request(name: str) -> None:
    request = Request(endpoint=CREATE, body=REQUEST_BODIES[name])
    assert SECRET not in repr(request) + repr(request.shown_arguments)
    assert any(SECRET in secret for secret in request.secrets)
    assert SECRET in json.dumps(json.loads(request.content or b""), ensure_ascii=False)


# all of the XML of a build is one secret, and the server quotes a part of it
@pytest.mark.parametrize("name", [name for name in REQUEST_BODIES if name != "the XML of a build"])
async def test_secret_argument_that_the_server_quotes_is_not_shown(name: str, caplog: pytest.LogCaptureFixture) -> None:
    async with serving(quoting_response()) as base_url, client(base_url) as katapult:
        with pytest.raises(APIError) as raised:
            await katapult.call(CREATE, body=REQUEST_BODIES[name])
    assert SECRET not in texts_of(raised.value)
    assert SECRET not in caplog.text
    assert "***" in raised.value.description


@pytest.mark.parametrize(
    "secret_request",
    [
        Request(endpoint=CREATE, body={"password": SECRET}),
        Request(endpoint=FIND, arguments=query({"password": SECRET})),
    ],
    ids=["body", "query"],
)
async def test_secret_argument_is_in_no_frame_of_a_call_that_is_cancelled(secret_request: Request[Any]) -> None:
    received = asyncio.Event()

    async def receive(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        received.set()
        await reader.read()  # until the client closes the connection
        writer.close()

    server = await asyncio.start_server(receive, "127.0.0.1", 0)
    async with server, client(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}") as katapult:
        call = asyncio.create_task(katapult._caller.call(secret_request))
        await received.wait()
        call.cancel()
        with pytest.raises(asyncio.CancelledError) as raised:
            await call
    texts = texts_of(raised.value)
    assert "aiohttp_transport.py" in texts
    assert not [secret for secret in (SECRET, "s3cr3t%2Fhunter2") if secret in texts]


async def test_secret_argument_is_in_no_frame_of_a_call_whose_transport_fails() -> None:
    class Failing(AiohttpTransport):
        async def send(self, request: TransportRequest) -> TransportResponse:
            raise LookupError(request.method)

    async with client("https://api.katapult.io", transport=Failing()) as katapult:
        with pytest.raises(LookupError) as of_body:
            await katapult.call(CREATE, body={"password": SECRET})
        with pytest.raises(LookupError) as of_query:
            await katapult.call(FIND, arguments={"password": SECRET})
    texts = texts_of(of_body.value) + texts_of(of_query.value)
    assert "POST" in texts
    assert not [secret for secret in (SECRET, "s3cr3t%2Fhunter2") if secret in texts]


async def test_secret_argument_of_a_query_is_not_shown(caplog: pytest.LogCaptureFixture) -> None:
    async with serving(quoting_response()) as base_url, client(base_url) as katapult:
        with pytest.raises(APIError) as raised:
            await katapult.call(FIND, arguments=QUERY)
    texts = texts_of(raised.value) + caplog.text
    assert SECRET not in texts
    assert "s3cr3t%2Fhunter2" not in texts
    assert "/api_tokens/api_token?token=***" in caplog.text


def test_secret_argument_of_a_query_is_in_no_repr() -> None:
    request = Request(endpoint=FIND, arguments=query({"token": SECRET, "page": "1"}))
    assert SECRET not in repr(request)
    assert "page" in repr(request)
    assert isinstance(request.target, Secret)
    assert not isinstance(Request(endpoint=FIND, arguments=query({"api_token[id]": "apitok_1"})).target, Secret)


@pytest.mark.parametrize(
    ("name", "is_shown"),
    [
        ("api_token[id]", True),
        ("password_policy", True),
        ("access_key[id]", True),
        ("keys[0][name]", True),
        ("keyboard", True),
        ("label", True),
        ("tokens[]", False),
        ("secret[value]", False),
        ("spec_xml", False),
        ("certificate[private_key]", False),
        ("passwords[3]", False),
    ],
)
def test_argument_with_the_name_of_a_secret_is_hidden(name: str, *, is_shown: bool) -> None:
    [(_, shown)] = Request(endpoint=FIND, arguments=((name, "value"),)).shown_arguments
    assert shown == ("value" if is_shown else "***")


@pytest.mark.parametrize(
    "call",
    [
        lambda katapult: katapult.virtual_machine_builds.create_from_spec(organization="org_1", xml=123456789),
        lambda katapult: katapult.virtual_machine_builds.create(
            organization="org_1",
            package="p",
            data_center="d",
            disk_template="t",
            disk_template_options={"admin": 123456789},
        ),
        lambda katapult: katapult.call(CREATE, body={"password": {123456789}}),
        lambda katapult: katapult.call(CREATE, body={"password": float("inf"), "other": "123456789"}),
    ],
)
async def test_mistake_in_a_secret_argument_does_not_quote_it(call: Any) -> None:
    async with client("https://api.katapult.io") as katapult:
        with pytest.raises((UsageError, TypeError)) as raised:
            await call(katapult)
    assert "123456789" not in str(raised.value)


@pytest.mark.parametrize("mistake", [{"hostname": 5}, {"annotations": 5}, {"timeout": "x"}, {"unknown": 5}])
async def test_secret_argument_is_in_no_frame_of_a_mistake_in_another_argument(mistake: dict[str, Any]) -> None:
    needed: dict[str, Any] = {
        "organization": "org_1",
        "package": "rock-3",
        "data_center": "dc_1",
        "disk_template": "dtpl_1",
    }
    async with client("https://api.katapult.io") as katapult:
        with pytest.raises((UsageError, TypeError)) as raised:
            await katapult.virtual_machine_builds.create(**needed, disk_template_options={"admin": SECRET}, **mistake)
    texts = texts_of(raised.value)
    assert "disk_template_options" in texts
    assert SECRET not in texts


_BUILD: dict[str, Any] = {"package": "rock-3", "data_center": "dc_1", "disk_template": "dtpl_1"}


@pytest.mark.parametrize(
    "call",
    [
        lambda katapult: katapult.call(CREATE, body={"password": SECRET, "other": object()}),
        lambda katapult: katapult.call(CREATE, body={"password": SECRET}, arguments={"other": object()}),
        lambda katapult: katapult.pages(LIST, arguments={"password": SECRET, "other": object()}),
        lambda katapult: katapult.pages(LIST, arguments={"password": SECRET, "page": 1}),
        lambda katapult: katapult.virtual_machine_builds.create(
            organization="org 1", disk_template_options={"admin": SECRET}, **_BUILD
        ),
        lambda katapult: katapult.virtual_machine_builds.create(
            organization="org_1", disk_template_options={"admin": SECRET, "other": 5}, **_BUILD
        ),
        lambda katapult: katapult.virtual_machine_builds.create_from_spec(organization="org 1", xml=SECRET),
        lambda katapult: katapult.virtual_machines.build(
            organization="org 1", disk_template_options={"admin": SECRET}, user_data=SECRET, **_BUILD
        ),
        lambda katapult: katapult.virtual_machines.build(
            organization="org_1", disk_template_options={"admin": SECRET}, hostname=5, **_BUILD
        ),
        lambda katapult: katapult.call("/organizations", body={"password": SECRET}),
        lambda katapult: katapult.call(LIST, arguments={"password": SECRET}),
        lambda katapult: katapult.pages(FIND, arguments={"password": SECRET}),
        lambda katapult: katapult.virtual_machine_builds.create(
            organization="org_1", disk_template_options={"admin": SECRET}
        ),
        lambda katapult: katapult.virtual_machine_builds.create_from_spec("org_1", SECRET),
        lambda katapult: katapult.virtual_machine_builds.create(
            organization="org_1", package="rock-3", passwort=SECRET
        ),
        lambda katapult: katapult.virtual_machines.build(
            organization="org_1", disk_template_option={"admin": SECRET}, **_BUILD
        ),
        lambda katapult: katapult.call(FIND, password=SECRET),
    ],
)
async def test_secret_argument_is_in_no_frame_of_a_mistake_beside_or_inside_it(call: Any) -> None:
    async with client("https://api.katapult.io") as katapult:
        with pytest.raises((UsageError, TypeError)) as raised:
            await call(katapult)
    assert SECRET not in texts_of(raised.value)


async def test_secret_argument_of_a_build_is_in_no_frame_of_an_error_of_the_server() -> None:
    async with Sandbox() as sandbox, KatapultClient(sandbox.token, base_url=sandbox.base_url) as katapult:
        with pytest.raises(NotFoundError) as raised:
            await katapult.virtual_machines.build(
                organization="org_1", disk_template_options={"admin": SECRET}, user_data=SECRET, **_BUILD
            )
    texts = texts_of(raised.value)
    assert "virtual_machines.py" in texts
    assert SECRET not in texts


async def test_dry_run_does_not_print_a_secret() -> None:
    body = json.dumps({"password": SECRET, "keys": [{"private_key": SECRET}], "label": "x"}).encode()
    url = "https://api.katapult.io/core/v1/organizations/organization/ssh_keys"
    request = TransportRequest(method="POST", url=url, headers={}, body=body)
    with pytest.raises(UnsentRequestError) as raised:
        await DryRunTransport(AiohttpTransport()).send(request)
    assert raised.value.body == {"password": "***", "keys": [{"private_key": "***"}], "label": "x"}


@pytest.mark.parametrize("show", [repr, pretty_repr])
def test_request_and_response_of_a_transport_show_no_headers_and_no_body(show: Callable[[object], str]) -> None:
    headers = {"Authorization": f"Bearer {SECRET}"}
    body = SECRET.encode()
    request = TransportRequest(method="GET", url="https://api.katapult.io/core/v1/zones", headers=headers, body=body)
    response = TransportResponse(status=201, headers=headers, body=body)
    assert SECRET not in show(request) + show(response)
    assert "/core/v1/zones" in show(request)
    assert "201" in show(response)
