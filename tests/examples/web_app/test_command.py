"""The command ``python examples/web_app``."""

import json
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from typing import Final

import pytest

from tests.examples.conftest import EXAMPLES

pytestmark = pytest.mark.slow

WEB_APP: Final = EXAMPLES / "web_app"


def command(*arguments: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-W", "error", str(WEB_APP), *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_sandbox_option_serves_the_page_and_ctrl_c_ends_it_during_a_stream() -> None:
    with command("--sandbox", "--port", "0") as server:
        try:
            assert server.stdout is not None
            url = server.stdout.readline().strip()
            assert url.startswith("http://127.0.0.1:")
            with urllib.request.urlopen(url) as page:
                assert b"<h1>Free addresses</h1>" in page.read()
            with urllib.request.urlopen(f"{url}api/organizations") as listed:
                organization_id = json.load(listed)["organizations"][0]["id"]
            with urllib.request.urlopen(f"{url}api/organizations/{organization_id}/fleet") as stream:
                assert stream.readline() == b"retry: 5000\n"
                began_at = time.monotonic()
                server.send_signal(signal.SIGINT)
                out, err = server.communicate(timeout=10)
            assert (server.returncode, out, err) == (0, "", "")
            assert time.monotonic() - began_at < 5
        finally:
            server.kill()


def test_missing_token_prints_which_variables_to_set() -> None:
    with command("--port", "0") as server:
        _, err = server.communicate(timeout=20)
    assert server.returncode == 2
    assert "set KATAPULT_API_KEY or KATAPULT_API_TOKEN" in err
    assert "Traceback" not in err


def test_port_in_use_prints_one_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with command("--sandbox", "--port", str(port)) as server:
            _, err = server.communicate(timeout=20)
    assert server.returncode == 1
    assert str(port) in err
    assert err.count("\n") == 1
