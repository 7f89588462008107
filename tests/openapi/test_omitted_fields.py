"""The texts below the fields of models say which fields lists omit."""

import ast
import inspect
import itertools
import re
import textwrap
from collections.abc import Iterator
from typing import Any, Final, get_args

import attrs
import pytest

from katapult_async.cli.groups import GROUPS
from katapult_async.cli.methods import Method
from katapult_async.models.field_names import json_name

from .comparison import fields_of_response
from .document import plain, table
from .library import METHODS, module_of

OPERATIONS: Final = table()
NEVER_SENT: Final = {"hypervisor"}
"""Fields that are documented for lists too, and that no response has had since February 2025."""

_OMITTED: Final = re.compile(r"\blists?\b[^.]*\bomits?\b|\bonly ``[^`]*`` returns it", re.IGNORECASE)


def _lists() -> Iterator[tuple[str, type[Any], set[str]]]:
    """Yield each operation that lists, the model of its items, and their documented fields."""
    for name, method in METHODS.items():
        if not inspect.iscoroutinefunction(method.function):
            [model] = get_args(method.endpoint.type)
            shape = {plain(marked): inner for marked, inner in OPERATIONS[name]["response"].items()}
            yield name, model, {plain(marked) for marked in shape[method.endpoint.answer or ""]}


def _documented_anywhere() -> dict[type[Any], set[str]]:
    """Return the documented fields of each model."""
    fields: dict[type[Any], set[str]] = {}
    for name, method in METHODS.items():
        shape = OPERATIONS[name].get("response")
        if isinstance(shape, dict):
            for field in fields_of_response(method.endpoint, shape):
                fields.setdefault(field.model, set()).add(plain(field.marked))
    return fields


LISTED: Final[dict[type[Any], list[set[str]]]] = {}
"""For each model, the fields of the items of each list that has it."""

for _, _model, _fields in _lists():
    LISTED.setdefault(_model, []).append(_fields)
DOCUMENTED: Final = _documented_anywhere()


def fields_that_texts_call_omitted(model: type[Any]) -> set[str]:
    """Return the fields that lists omit according to the texts.

    A text is about its own field, or about its own field and all fields below it, with exceptions.
    """
    [definition] = ast.parse(textwrap.dedent(inspect.getsource(model))).body
    assert isinstance(definition, ast.ClassDef)
    omitted: set[str] = set()
    exceptions: set[str] = set()
    is_rest = False
    for node, below in itertools.pairwise(definition.body):
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            text = " ".join(str(ast.literal_eval(below.value)).split()) if isinstance(below, ast.Expr) else ""
            if "omit this field and all that follow" in text:
                is_rest = True
                exceptions = set(re.findall(r"`(\w+)`", text.partition("all that follow")[2]))
            if _OMITTED.search(text) or (is_rest and node.target.id not in exceptions):
                omitted.add(node.target.id)
    return omitted


@pytest.mark.parametrize("model", LISTED, ids=lambda model: model.__name__)
def test_text_of_a_field_says_whether_lists_omit_the_field(model: type[Any]) -> None:
    names = {json_name(field): field.name for field in attrs.fields(model)}
    in_some, in_all = set.union(*LISTED[model]), set.intersection(*LISTED[model])
    known = names.keys() & DOCUMENTED.get(model, set())
    omitted = {names[name] for name in known - in_some}
    never_omitted = {names[name] for name in in_all & names.keys()}
    in_texts = fields_that_texts_call_omitted(model)
    assert omitted - in_texts == set()
    assert in_texts & never_omitted <= NEVER_SENT


def _deletions() -> Iterator[tuple[str, type[Any], set[str]]]:
    """Yield each operation that returns what it deletes, the model, and the documented fields."""
    for name, method in METHODS.items():
        shape = OPERATIONS[name].get("response")
        if (
            name.startswith("DELETE")
            and isinstance(shape, dict)
            and method.endpoint.type is not bool
            and method.endpoint.answer
        ):
            [fields] = [inner for marked, inner in shape.items() if plain(marked) == method.endpoint.answer]
            yield name, method.endpoint.type, {plain(marked) for marked in fields}


@pytest.mark.parametrize(("operation", "model", "documented"), [*_lists(), *_deletions()])
def test_printed_table_of_a_list_or_deletion_has_no_column_that_the_response_omits(
    operation: str, model: type[Any], documented: set[str]
) -> None:
    method = METHODS[operation]
    [group] = [group for group in GROUPS if group.attribute == module_of(method.resource)]
    command = Method(group, method.name)
    names = {field.name: json_name(field) for field in attrs.fields(model)}
    assert {names[column.partition(".")[0]] for column in command.declaration.columns} - documented == set()


@pytest.mark.parametrize(
    ("name", "model", "fields"), list(_lists()), ids=lambda value: value if isinstance(value, str) else ""
)
def test_summary_of_a_list_says_that_it_omits_fields(name: str, model: type[Any], fields: set[str]) -> None:
    summary, *_ = (inspect.getdoc(METHODS[name].function) or "").split("\n\n")
    if DOCUMENTED.get(model, set()) - fields:
        assert re.search(r"\bwithout\b|\bonly\b", summary), summary
