"""The table of all operations, compared with the document and the library."""

import types
import typing
from pathlib import Path

import pytest

from katapult_async.core.pagination import Pages

from . import __main__ as command, coverage, document, sandbox_table
from .document import Document, plain
from .library import ENDPOINTS, METHODS, Method
from .uses import USES

OPERATIONS = {name: facts for name, facts in document.table().items() if name != "everywhere"}
needs_document = pytest.mark.skipif(
    not document.DOCUMENT.exists(), reason="the OpenAPI document is not part of the repository"
)


@needs_document
def test_table_agrees_with_the_document() -> None:
    api = Document.read(document.DOCUMENT)
    assert document.TABLE.read_text(encoding="utf-8") == document.text(api.table(OPERATIONS))
    assert set(api.names) == set(OPERATIONS)


def test_table_of_the_sandbox_agrees_with_the_table_of_the_document() -> None:
    expected = document.text(sandbox_table.sandbox_table(document.table()))
    assert sandbox_table.TABLE.read_text(encoding="utf-8") == expected, "write it: python -m tests.openapi --write"


def test_every_operation_of_the_table_has_an_endpoint_a_method_and_a_row_of_uses() -> None:
    assert set(OPERATIONS) == set(ENDPOINTS) == set(METHODS) == set(USES)
    assert len(OPERATIONS) == 189  # the operations of version 2.68.0


def test_every_method_but_two_returns_the_type_of_its_endpoint() -> None:
    converted = {"GET /certificates/certificate", "POST /organizations/organization/disks"}
    assert {name for name, method in METHODS.items() if method.endpoint.type not in returned_by(method)} == converted


def returned_by(method: Method) -> set[object]:
    """Return the types that a method can return. A method that returns None stands for the type of its endpoint."""
    annotation = typing.get_type_hints(method.function)["return"]
    if annotation is types.NoneType:
        return {method.endpoint.type}
    if typing.get_origin(annotation) is Pages:
        return {types.GenericAlias(list, typing.get_args(annotation))}
    return {annotation, *(typing.get_args(annotation) if isinstance(annotation, types.UnionType) else ())}


def test_every_operation_has_a_method_a_command_and_a_rule_of_the_sandbox() -> None:
    lines = coverage.TABLE.read_text(encoding="utf-8").removeprefix(coverage.HEAD).splitlines()
    rows = [line.split("\t") for line in lines]
    assert len(rows) == 189
    assert all(len(row) == 4 and "" not in row for row in rows)
    assert coverage.text() == coverage.TABLE.read_text(encoding="utf-8"), "write it: python -m tests.openapi --write"


def test_operation_has_only_known_parts_and_a_body_unless_its_method_is_get() -> None:
    for name, facts in OPERATIONS.items():
        assert set(facts) <= {"scopes", "status", "query", "body", "response", "errors"}
        assert "body" in facts or name.startswith("GET ") or name == "POST /invalidate_linked_web_session"
        assert all(plain(part) == part for part in facts)


@needs_document
def test_command_finds_no_difference_from_the_document(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["tests.openapi", str(document.DOCUMENT)])
    assert command.main() == 0
    assert capsys.readouterr().out == f"{len(ENDPOINTS)} operations compared with version 2.68.0: 0 differences\n"


@needs_document
def test_command_writes_the_tables(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    written = document.TABLE.read_text(encoding="utf-8")
    monkeypatch.setattr(document, "TABLE", tmp_path / "operations.json")
    monkeypatch.setattr(sandbox_table, "TABLE", tmp_path / "documented_operations.json")
    monkeypatch.setattr(coverage, "TABLE", tmp_path / "coverage.tsv")
    monkeypatch.setattr("sys.argv", ["tests.openapi", "--write"])
    assert command.main() == 0
    assert document.TABLE.read_text(encoding="utf-8") == written
    assert coverage.TABLE.read_text(encoding="utf-8") == coverage.text()
