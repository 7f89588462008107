"""The shortest example: the free addresses of a sandbox's interfaces."""

import re
import subprocess
import sys

import pytest

from .conftest import EXAMPLES


@pytest.mark.slow
def test_it_prints_the_number_of_free_addresses() -> None:
    program = [sys.executable, "-W", "error", str(EXAMPLES / "quickstart.py")]
    done = subprocess.run(program, capture_output=True, text=True, timeout=30, check=True)
    assert re.search(r"^8 interfaces, [1-9]\d* free addresses, 0 failures$", done.stdout, re.MULTILINE)
    assert done.stderr == ""
