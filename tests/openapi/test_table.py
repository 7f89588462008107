"""The table of the covered operations, held against the document that it is made of."""

import runpy
import sys
from pathlib import Path

import pytest

from . import document
from .endpoints import ENDPOINTS, OPERATIONS
from .uses import USES

there = pytest.mark.skipif(not document.DOCUMENT.exists(), reason="the OpenAPI document is not part of the repository")


@there
def test_the_table_is_what_the_document_says() -> None:
    names = [name for name in document.table() if " " in name]
    assert document.TABLE.read_text(encoding="utf-8") == document.text(document.made(names))


@there
def test_the_command_shows_the_table(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "argv", ["tests.openapi"])
    runpy.run_module("tests.openapi", run_name="__main__")
    assert capsys.readouterr().out == document.TABLE.read_text(encoding="utf-8")


@there
def test_the_command_fills_in_an_operation_that_was_only_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    written = tmp_path / "operations.json"
    written.write_text('{"everywhere": {}, "GET /tasks/task": {}}', encoding="utf-8")
    monkeypatch.setattr(document, "TABLE", written)
    monkeypatch.setattr(sys, "argv", ["tests.openapi", "--write"])
    runpy.run_module("tests.openapi", run_name="__main__")
    assert document.table()["GET /tasks/task"]["query"] == {"task[id]": "string"}


def test_the_library_covers_what_is_in_the_table_and_nothing_else() -> None:
    assert set(ENDPOINTS) == set(OPERATIONS) == set(USES)


def test_each_part_of_an_operation_is_there_or_not_by_its_method() -> None:
    for name, facts in OPERATIONS.items():
        assert set(facts) <= {"scopes", "query", "body", "answer", "errors"}
        assert ("body" in facts) is not name.startswith("GET ")
