"""Every example is named in a test."""

import pytest

from .conftest import EXAMPLES

TESTS = EXAMPLES.parent / "tests"
NAMES = sorted(
    path.stem for path in EXAMPLES.iterdir() if path.suffix in {".py", ".sh"} or (path / "__main__.py").exists()
)


@pytest.mark.parametrize("name", NAMES)
def test_every_example_is_named_in_a_test(name: str) -> None:
    assert any(name in path.read_text(encoding="utf-8") for path in TESTS.rglob("test_*.py"))
