"""The rows of this folder: each call is one request and returns the whole response; a wrong argument sends nothing."""

import importlib
from pathlib import Path

import pytest

from tests.resources.calls import Checker, Mistake, Row

MODULES = [
    importlib.import_module(f"tests.resources.{path.stem}")
    for path in sorted(Path(__file__).parent.glob("*.py"))
    if path != Path(__file__)
]
CALLS = {f"{module.__name__}, {name}": row for module in MODULES for name, row in getattr(module, "CALLS", {}).items()}
MISTAKES = [mistake for module in MODULES for mistake in getattr(module, "MISTAKES", ())]


@pytest.mark.parametrize("row", CALLS.values(), ids=CALLS)
async def test_call_is_one_request_and_returns_the_whole_response(check: Checker, row: Row) -> None:
    await check.call(row)


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.error)
async def test_wrong_argument_raises_usage_error_before_anything_is_sent(check: Checker, mistake: Mistake) -> None:
    await check.usage_error(mistake)
