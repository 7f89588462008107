"""Empty lists, empty mappings and nulls in updates: they are sent, because they clear a field."""

import inspect
import types
import typing
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

import pytest

from .comparison import flat
from .library import METHODS, request_of
from .uses import USES

UPDATES: Final = [name for name in METHODS if name.startswith("PATCH ")]


def parameters(name: str, *kinds: Any) -> Iterator[inspect.Parameter]:
    """Yield the parameters of a method that can have a value of one of the types."""
    for parameter in METHODS[name].parameters:
        annotation = parameter.annotation
        members = typing.get_args(annotation) if isinstance(annotation, types.UnionType) else []
        if any(member in kinds or typing.get_origin(member) in kinds for member in members):
            yield parameter


ROWS: Final[list[tuple[str, str, Any]]] = [
    (name, parameter.name, value)
    for name in UPDATES
    for value, kinds in (([], (Iterable,)), ({}, (Mapping,)), (None, (types.NoneType,)))
    for parameter in parameters(name, *kinds)
]


@pytest.mark.parametrize(("name", "parameter", "value"), ROWS)
def test_empty_value_is_sent(name: str, parameter: str, value: Any) -> None:
    arguments = USES[name][0] | {parameter: value}
    body = request_of(METHODS[name], arguments).body
    assert body is not None
    refs = {ref.parameter: ref.name for ref in METHODS[name].endpoint.refs}
    field = refs.get(parameter, parameter)
    sent = [content for key, content in _items(body) if key == field]
    expected = [] if value == {} else value  # a mapping is sent as a list of keys and values
    assert sent == [expected], list(flat(body))


def _items(body: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield the names and values of a body at every depth."""
    for key, value in body.items():
        yield key, value
        if isinstance(value, Mapping):
            yield from _items(value)


def test_rows_contain_empty_lists_of_several_resources() -> None:
    names = {(name.partition(" ")[2].split("/")[1], parameter) for name, parameter, value in ROWS if value == []}
    assert {("virtual_machines", "tag_names"), ("load_balancers", "resource_ids")} <= names
    assert {("load_balancers", "certificates"), ("security_groups", "associations")} <= names
