"""Every promise of the README and of the public docstrings names the tests that check it, and those tests exist."""

import ast
import functools

import pytest

from .sentences import ROOT, docstring_promises, readme_promises
from .table import DOCSTRINGS, NO_PROMISES, README

WHAT_TO_DO = (
    "add a line to {table} in tests/promises/table.py: the beginning of the sentence, and the tests that check it "
    "(write one if there is none, and mend the code or the sentence if it fails); a sentence that promises nothing "
    "goes to NO_PROMISES, with the reason"
)


def without_a_test(sentences: list[str], table: dict[str, tuple[str, ...]]) -> list[str]:
    """Return the sentences that have no line in a table."""
    known = (*table, *NO_PROMISES)
    return [sentence for sentence in sentences if not sentence.startswith(known)]


def test_every_promise_of_the_readme_names_its_tests() -> None:
    assert without_a_test(readme_promises(), README) == [], WHAT_TO_DO.format(table="README")


def test_every_promise_of_the_docstrings_names_its_tests() -> None:
    assert without_a_test(docstring_promises(), DOCSTRINGS) == [], WHAT_TO_DO.format(table="DOCSTRINGS")


def test_every_line_of_the_table_is_the_beginning_of_a_sentence() -> None:
    written = [*readme_promises(), *docstring_promises()]
    stale = [
        start
        for start in (*README, *DOCSTRINGS, *NO_PROMISES)
        if not any(sentence.startswith(start) for sentence in written)
    ]
    assert stale == [], "no sentence begins like this: correct or remove these lines of tests/promises/table.py"


@functools.cache
def names_in(file: str) -> frozenset[str]:
    """Return the names of the tests in a file."""
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


@pytest.mark.parametrize("test", sorted({test for tests in (README | DOCSTRINGS).values() for test in tests}))
def test_named_test_exists(test: str) -> None:
    file, _, name = test.partition("::")
    assert name.startswith("test_")
    assert name in names_in(file), (
        f"there is no test {test}: name the test that checks the promise in tests/promises/table.py"
    )


def test_promise_without_a_test_is_found() -> None:
    sentences = ["It never fails.", "A batch holds at most `concurrency` items."]
    assert without_a_test(sentences, README) == ["It never fails."]
