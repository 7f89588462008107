"""The command `api`: one request to any operation."""

import json
import sys
from pathlib import Path

import click
import pytest

from katapult_async import AiohttpTransport, TransportRequest, TransportResponse
from katapult_async.cli.api import api
from katapult_async.cli.connection import Connection
from katapult_async.cli.main import run
from katapult_async.core.endpoints import METHODS
from katapult_async.sandbox import Sandbox
from tests.cli.conftest import Command, Objects


def test_http_methods_of_the_command_are_those_of_endpoints() -> None:
    [method] = [parameter for parameter in api.params if parameter.name == "method"]
    assert isinstance(method.type, click.Choice)
    assert method.type.choices == tuple(sorted(METHODS))


def test_response_is_printed_completely(ids: list[str], sandbox: Sandbox, command: Command) -> None:
    result = command(
        "api",
        "get",
        "/virtual_machine_network_interfaces/virtual_machine_network_interface",
        "-f",
        f"virtual_machine_network_interface[id]={ids[0]}",
    )
    assert result.code == 0, result.err
    interface = json.loads(result.out)["virtual_machine_network_interface"]
    assert (interface["id"], interface["mac_address"]) == (ids[0], sandbox.store.interfaces[0].mac_address)


@pytest.mark.parametrize("path", ["organizations", "/core/v1/organizations", "core/v1/organizations"])
def test_path_needs_no_leading_slash_and_may_include_the_api_version(
    path: str, objects: Objects, command: Command
) -> None:
    result = command("api", "GET", path)
    assert (result.code, result.out) == (0, command("api", "GET", "/organizations").out)
    assert {request.path for request in objects.sandbox.request_log} == {"/core/v1/organizations"}


def test_secrets_are_printed_in_the_response_and_hidden_in_messages(sandbox: Sandbox, command: Command) -> None:
    sandbox.fail_next(status=200, body=b'{"api_token": {"secret": "hunter2"}}')
    result = command("api", "POST", "/api_tokens", "-f", "password=hunter3", "--debug")
    assert json.loads(result.out) == {"api_token": {"secret": "hunter2"}}
    assert "debug: POST /api_tokens: 200" in result.err
    assert "hunter" not in result.err


def test_arguments_of_get_go_into_the_query(objects: Objects, command: Command) -> None:
    arguments = ("-f", f"organization[id]={objects.sandbox.store.organizations[0].id}", "-f", "per_page=1")
    path = "/organizations/organization/virtual_machines"
    pages = [json.loads(command("api", "GET", path, *arguments, "-j", f"page={page}").out) for page in (1, 2)]
    assert [page["pagination"]["current_page"] for page in pages] == [1, 2]
    assert [len(page["virtual_machines"]) for page in pages] == [1, 1]
    assert pages[0]["virtual_machines"] != pages[1]["virtual_machines"]


def test_arguments_of_patch_are_the_body(objects: Objects, command: Command) -> None:
    address = ("api", "PATCH", "/ip_addresses/ip_address", "-f", f"ip_address[id]={objects.allocated}")
    labels = [
        json.loads(command(*address, *arguments).out)["ip_address"]["label"]
        for arguments in (("-f", "label=edge"), ("-j", "label=null"))
    ]
    assert labels == ["edge", None]


def test_body_comes_from_a_file(objects: Objects, command: Command, tmp_path: Path) -> None:
    body = tmp_path / "body.json"
    body.write_text(json.dumps({"ip_address": {"id": objects.allocated}, "label": "filed"}))
    result = command("api", "PATCH", "/ip_addresses/ip_address", "--body", str(body))
    assert json.loads(result.out)["ip_address"]["label"] == "filed"


def test_body_comes_from_standard_input(objects: Objects, command: Command) -> None:
    body = json.dumps({"ip_address": {"id": objects.allocated}, "label": "piped"}).encode()
    result = command("api", "PATCH", "/ip_addresses/ip_address", "--body", "-", stdin=body)
    assert json.loads(result.out)["ip_address"]["label"] == "piped"


def test_dry_run_sends_nothing(objects: Objects, command: Command) -> None:
    arguments = ("-f", "ip_address[id]=ip_1", "-j", "list=[1]", "--dry-run")
    result = command("api", "POST", "/ip_addresses/ip_address/unallocate", *arguments)
    assert json.loads(result.out) == {
        "method": "POST",
        "path": "/ip_addresses/ip_address/unallocate",
        "body": {"ip_address": {"id": "ip_1"}, "list": [1]},
    }
    assert list(objects.sandbox.request_log) == []


@pytest.mark.usefixtures("sandbox")
def test_error_has_its_exit_code_and_names_the_request(command: Command) -> None:
    result = command("api", "GET", "/organizations/organization", "-f", "organization[id]=org_none")
    assert result.code == 4
    assert "GET /organizations/organization" in result.err
    assert "org_none" in result.err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("FETCH", "/organizations"), "'FETCH' is not one of"),
        (("GET", "org anizations"), "PATH must be like '/organizations'"),
        (("GET", "/organizations?page=2"), "PATH cannot have a query: give each argument with -f KEY=TEXT"),
        (("GET", "/organizations", "-f", "page"), "'-f' / '--field': 'page' is not KEY=VALUE"),
        (("GET", "/organizations", "-j", "=1"), "'-j' / '--json-field': '=1' is not KEY=VALUE"),
        (
            ("GET", "/organizations", "-j", "page=hunter2"),
            "the value of page is not valid JSON: Expecting value: line 1",
        ),
        (("GET", "/organizations", "-j", "page=NaN"), "the value of page is not valid JSON: it has the value NaN (see"),
        (("GET", "/organizations", "-j", "page=null"), "in a query, not null (see katapult-async api --help)"),
        (("GET", "/organizations", "-f", "page=hunter2\udcff"), "'-f' / '--field': the text is not UTF-8"),
        (("GET", "/organizations", "-f", "a[=1"), "'a[' is not the name of an argument"),
        *(
            (("GET", "/organizations", "-f", f"{name}=1"), f"{name!r} is not the name of an argument")
            for name in (
                "[a]",
                "a]",
                "a]]",
                "a[]",
                "a[b",
                "a[b]c",
                "a[b]]",
                "a[[b]]",
                "a b",
                "a[b c]",
                "a\n",
                "a[0]",
                "-",
            )
        ),
        (("GET", "/organizations", "-f", "a=1", "-f", "a=2"), "'a' is given twice: a list is -j 'a=[...]'"),
        (("GET", "/organizations", "-f", "a=1", "-f", "a[b]=2"), "'a[b]' and 'a' cannot both be given"),
        (("GET", "/organizations", "-j", 'a={"b": [{"c": 1, "c": 2}]}'), "not valid JSON: the key 'c' is given twice"),
        (("POST", "/organizations", "--body", "missing.json"), "'missing.json' does not exist"),
        (("POST", "/organizations", "--body", "-"), "the body in standard input is not valid JSON"),
        (("POST", "/organizations", "--body", "/dev/zero"), "the body in /dev/zero has more than 16777216 bytes"),
        (("POST", "/organizations", "--body", "-", "--token-file", "-"), "--body and --token-file read the same input"),
    ],
)
def test_wrong_arguments_are_named_before_anything_is_sent(
    arguments: tuple[str, ...], message: str, objects: Objects, command: Command
) -> None:
    result = command("api", *arguments)
    assert (result.code, result.out) == (2, "")
    assert message in result.err
    assert "hunter2" not in result.err
    assert list(objects.sandbox.request_log) == []


def test_closed_standard_input_is_named_as_the_body(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "stdin", None)
        assert run(["api", "POST", "/ip_addresses", "--body", "-", "--sandbox", "--quiet"]) == 1
    assert capsys.readouterr() == ("", "error: standard input: it is closed\n")


def test_body_that_is_not_an_object_is_refused(objects: Objects, command: Command) -> None:
    result = command("api", "POST", "/ip_addresses", "--body", "-", stdin=b"[1]")
    assert (result.code, result.out) == (2, "")
    assert "the body in standard input is not a JSON object" in result.err
    assert objects.mutations() == []


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b'{"label": "a", "label": "b"}', "the key 'label' is given twice"),
        (b'{"label": "\xff"}', "it is not UTF-8"),
        (b"[" * 100_000, "it is nested too deeply"),
    ],
    ids=["twice", "bytes", "deep"],
)
def test_body_that_is_not_valid_json_is_refused(body: bytes, reason: str, objects: Objects, command: Command) -> None:
    result = command("api", "POST", "/ip_addresses", "--body", "-", stdin=body)
    assert (result.code, result.out) == (2, "")
    assert f"the body in standard input is not valid JSON: {reason} (see" in result.err
    assert objects.mutations() == []


def test_response_that_is_nested_too_deeply_is_an_error_in_one_line(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    levels = 1_200 if sys.version_info >= (3, 12) else 480  # can be decoded, but not written

    class Deep(AiohttpTransport):
        async def send(self, _: TransportRequest) -> TransportResponse:
            return TransportResponse(status=200, headers={}, body=b'{"a": ' + b"[" * levels + b"]" * levels + b"}")

    monkeypatch.setenv("KATAPULT_API_KEY", "tok-1")
    monkeypatch.setattr(Connection, "http_transport", lambda _: Deep())
    result = command("api", "GET", "/zones")
    assert (result.code, result.out) == (1, "")
    assert result.err == "error: the response is nested too deeply to be written\n"
