"""Puts the directories of the examples on ``sys.path``, as Python does when it runs an example."""

import sys
from pathlib import Path
from typing import Final

import pytest

EXAMPLES: Final = Path(__file__).parents[2] / "examples"

for directory in (EXAMPLES, EXAMPLES / "web_app"):
    sys.path.append(str(directory))


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("KATAPULT_API_KEY", "KATAPULT_API_TOKEN", "KATAPULT_API_URL", "KATAPULT_SANDBOX"):
        monkeypatch.delenv(name, raising=False)
