"""The shortest example: with the sandbox, and with an account that has no interfaces."""

import re
import subprocess
import sys

import pytest
import quickstart

from katapult_async.sandbox import Sandbox

from .conftest import EXAMPLES


@pytest.mark.slow
def test_example_prints_the_number_of_free_addresses() -> None:
    program = [sys.executable, "-W", "error", str(EXAMPLES / "quickstart.py")]
    done = subprocess.run(program, capture_output=True, text=True, timeout=30, check=True)
    assert re.search(r"^8 interfaces, [1-9]\d* free addresses, 0 failures$", done.stdout, re.MULTILINE)
    assert done.stderr == ""


async def test_account_without_interfaces_gets_a_count_of_zero(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async with Sandbox(machines=0, interfaces=0) as sandbox:
        monkeypatch.setenv("KATAPULT_API_URL", sandbox.base_url)
        monkeypatch.setenv("KATAPULT_API_KEY", sandbox.token)
        await quickstart.main()
    assert capsys.readouterr().out == "0 interfaces, 0 free addresses, 0 failures\n"
