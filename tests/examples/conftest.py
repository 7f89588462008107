"""Puts the directories of the examples on ``sys.path``, as Python does when it runs an example."""

import asyncio
import os
import sys
from pathlib import Path
from typing import Final

import pytest

from katapult_async.sandbox import Sandbox

EXAMPLES: Final = Path(__file__).parents[2] / "examples"

for directory in (EXAMPLES, EXAMPLES / "web_app"):
    sys.path.append(str(directory))


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("KATAPULT_API_KEY", "KATAPULT_API_TOKEN", "KATAPULT_API_URL", "KATAPULT_SANDBOX"):
        monkeypatch.delenv(name, raising=False)


async def start(*command: str | Path, sandbox: Sandbox, token: str) -> asyncio.subprocess.Process:
    """Start an example in a process of its own, with a sandbox as its server.

    Args:
        command: the path of the example, and its arguments.
        sandbox: the server.
        token: the token in the environment of the process.
    """
    # Dask warns if the machine takes a second to make its directory.
    warnings = ("-W", "error", "-W", "ignore:Creating scratch directories")
    return await asyncio.create_subprocess_exec(
        *(sys.executable, *warnings, *command),
        env={**os.environ, "KATAPULT_API_URL": sandbox.base_url, "KATAPULT_API_KEY": token},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
