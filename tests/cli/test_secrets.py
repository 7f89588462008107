"""The command prints no secret that was not asked for: no token, and no root password."""

import http.server
import json
import threading
from collections.abc import Iterator

import pytest

from tests.cli.conftest import Command

TOKEN = "tok-s3cr3t-7Yq2Lm"
PASSWORD = "hunter2-Passphrase"


class Handler(http.server.BaseHTTPRequestHandler):
    """Responds with a virtual machine. A request for organizations gets an error that quotes the token."""

    def do_GET(self) -> None:
        if self.path.startswith("/organizations"):
            self.respond(403, {"error": {"code": "invalid_api_token", "description": f"{TOKEN} is none", "detail": {}}})
        elif "broken" in self.path:
            self.respond(200, {"virtual_machine": {"id": [PASSWORD], "initial_root_password": PASSWORD}})
        else:
            machine = {"id": "vm_1", "name": "web-1", "initial_root_password": PASSWORD}
            self.respond(200, {"virtual_machine": machine})

    def respond(self, status: int, body: object) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 # the name of the standard library
        pass


@pytest.fixture(autouse=True)
def _server(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        monkeypatch.setenv("KATAPULT_API_URL", f"http://127.0.0.1:{server.server_port}")
        monkeypatch.setenv("KATAPULT_API_KEY", TOKEN)
        yield
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("output_format", ["table", "json", "jsonl", "csv", "tsv", "yaml"])
def test_root_password_is_printed_only_when_its_field_is_named(output_format: str, command: Command) -> None:
    result = command("vms", "get", "vm_1", "-o", output_format)
    assert result.code == 0, result.err
    assert "vm_1" in result.out
    assert PASSWORD not in result.out + result.err
    named = command("vms", "get", "vm_1", "-o", output_format, "--fields", "name,initial_root_password")
    assert PASSWORD in named.out


def test_root_password_of_a_response_that_cannot_be_read_is_not_printed(command: Command) -> None:
    result = command("vms", "get", "vm_broken")
    assert result.code == 1
    assert PASSWORD not in result.out + result.err


def test_token_that_the_server_quotes_is_not_printed(command: Command) -> None:
    result = command("orgs", "list")
    assert result.code == 3
    assert "*** is none" in result.err
    assert TOKEN not in result.out + result.err


def test_password_of_a_dry_run_is_not_printed(command: Command) -> None:
    arguments = ("-f", f"user[password]={PASSWORD}", "-f", "name=x")
    result = command("api", "POST", "/organizations/organization/managed", *arguments, "--dry-run")
    assert json.loads(result.out)["body"] == {"user": {"password": "***"}, "name": "x"}
    assert PASSWORD not in result.out + result.err


def test_password_in_the_query_of_a_dry_run_is_not_printed(command: Command) -> None:
    arguments = ("-f", "name=x", "-f", f"user[password]={PASSWORD}")
    result = command("api", "DELETE", "/ssh_keys/ssh_key", *arguments, "--dry-run")
    assert json.loads(result.out)["path"] == "/ssh_keys/ssh_key?name=x&user%5Bpassword%5D=***"
    assert PASSWORD not in result.out + result.err


def test_password_is_not_printed_by_an_error(command: Command) -> None:
    result = command("api", "POST", "/organizations/organization/managed", "-f", f"password={PASSWORD}")
    assert result.code == 1
    assert "password=***" in result.err
    assert PASSWORD not in result.out + result.err


def test_argument_that_is_not_json_is_not_quoted(command: Command) -> None:
    result = command("api", "POST", "/organizations/organization/managed", "-j", f"password={{{PASSWORD}")
    assert result.code == 2
    assert PASSWORD not in result.out + result.err
