"""The proxy of the environment, which the command uses as curl and git do."""

import contextlib
import socket
import threading
from collections.abc import Iterator

import pytest

from tests.cli.conftest import Command


@pytest.fixture
def proxy(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, list[str]]]:
    """The host and port of a proxy that refuses every request, and the first lines of the requests."""
    monkeypatch.setenv("KATAPULT_API_KEY", "t-0k3n-of-nobody")
    monkeypatch.setenv("KATAPULT_API_URL", "https://api.invalid/core/v1")
    for name in ("HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    lines: list[str] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            with contextlib.suppress(OSError):  # the test is over
                while True:
                    connection, _ = server.accept()
                    with connection:
                        lines.append(connection.recv(65536).decode().splitlines()[0])
                        connection.sendall(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")

        thread = threading.Thread(target=serve)
        thread.start()
        yield f"127.0.0.1:{server.getsockname()[1]}", lines
        server.shutdown(socket.SHUT_RDWR)
        thread.join()


@pytest.mark.parametrize("words", [("rate-limit",), ("available-ips", "vmnet_1")])
@pytest.mark.parametrize("prefix", ["http://", "http://user:pa55word@", ""])
def test_requests_go_through_the_proxy_that_the_environment_names(
    prefix: str, words: tuple[str, ...], proxy: tuple[str, list[str]], command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By default aiohttp ignores these variables: zytedata/python-zyte-api#96, MoonshotAI/kimi-cli#1465."""
    address, lines = proxy
    monkeypatch.setenv("HTTPS_PROXY", prefix + address)
    result = command(*words)
    assert (result.code, set(lines)) == (1, {"CONNECT api.invalid:443 HTTP/1.1"})
    assert "the proxy refused to connect to api.invalid (status 407)" in result.err
    assert "pa55word" not in result.err


@pytest.mark.parametrize("names", ["api.invalid", ".invalid,other.example", "*"])
def test_host_in_the_variable_no_proxy_is_connected_to_directly(
    names: str, proxy: tuple[str, list[str]], command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    address, lines = proxy
    monkeypatch.setenv("HTTPS_PROXY", f"http://{address}")
    monkeypatch.setenv("NO_PROXY", names)
    result = command("available-ips", "vmnet_1", "--timeout", "0.2")
    assert "no connection to api.invalid" in result.err
    assert not lines


def test_url_in_capital_letters_is_requested_through_the_proxy(
    proxy: tuple[str, list[str]], command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KATAPULT_API_URL", "HTTPS://API.INVALID/core/v1")
    monkeypatch.setenv("HTTPS_PROXY", f"http://{proxy[0]}")
    command("rate-limit")
    assert {line.lower() for line in proxy[1]} == {"connect api.invalid:443 http/1.1"}


def test_request_without_tls_is_sent_to_no_proxy(
    proxy: tuple[str, list[str]], command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", f"http://{proxy[0]}")
    monkeypatch.setenv("HTTPS_PROXY", f"http://{proxy[0]}")
    assert command("orgs", "list", "--sandbox").code == 0
    assert not proxy[1]


def test_socks_proxy_is_a_usage_error_that_names_the_variable(
    proxy: tuple[str, list[str]], command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", f"socks5://{proxy[0]}")
    result = command("rate-limit")
    assert result.code == 2
    message = "HTTPS_PROXY: proxy must be a URL such as http://proxy.example:3128, without a colon in its user name"
    assert result.err == f"error: {message} (see katapult-async rate-limit --help)\n"
