"""Every documented field of every answer, at every depth, has its place in the model that it decodes to."""

import datetime
import enum
import typing
from collections.abc import Iterator
from typing import Any, Final

import attrs
import pytest

from katapult_async import models
from katapult_async.core.endpoints import EmptyResponse
from katapult_async.core.pagination import Pagination

from .document import Shape
from .endpoints import ENDPOINTS, OPERATIONS, plain

CUT_OFF: Final = {
    # what holds an address, which comes as {"type": .., "value": {"id": .., "name": ..}}: 207 of 207 recorded answers
    ("GET /ip_addresses/ip_address", "allocation.id"),
    ("GET /ip_addresses/ip_address", "allocation.name"),
}
"""Documented fields that have no place."""

UNDOCUMENTED: Final = {
    "Allocation": {"type", "value"},  # recorded, see above
    "IPAddress": {"subnet", "allocation"},  # recorded since July 2026; put there from beside the address
    "VirtualMachineAddress": {"subnet"},
    "Organization": {"uuid"},
    "VirtualMachine": {"suspended", "suspended_at", "annotations"},  # recorded; put there from beside the machine
}
"""Fields of models that the document does not have."""

NEVER_DOCUMENTED: Final = {"Subnet", "AllocationTarget"}
"""Models of things that the document does not have at all."""

OPEN: Final = {"GPU.status", "GPU.pending_action", "Tag.color", "Package.privacy"}
"""Enums of the document that the library gives as plain text."""

Place = tuple[str, type[Any], str, Any, Any]


def classes_in(kind: Any) -> Iterator[Any]:
    """Return the classes in a type: of ``tuple[X, ...] | None``, X."""
    if arguments := typing.get_args(kind):
        for each in arguments:
            yield from classes_in(each)
    elif kind not in (None, type(None), Ellipsis):
        yield kind


def places(shape: Shape, kind: type[Any], path: str = "") -> Iterator[Place]:
    """Return where each documented field goes: its path, the class, the name, its type there, and its shape."""
    types = {field.name: field.type for field in attrs.fields(attrs.resolve_types(kind))}
    for marked, inner in shape.items():
        name = plain(marked)
        at = f"{path}.{name}".lstrip(".")
        yield at, kind, name, types.get(name), inner
        if isinstance(inner, dict) and name in types:
            [model] = [each for each in classes_in(types[name]) if attrs.has(each)]
            yield from places(inner, model, at)


def answered(name: str) -> Iterator[Place]:
    """Return the places of a whole answer."""
    endpoint, shape = ENDPOINTS[name], OPERATIONS[name].get("answer", {})
    if endpoint.answer is None:
        yield from places(shape, endpoint.type)
        return
    for marked, inner in shape.items():
        if plain(marked) == "pagination":
            yield from places(inner, Pagination, "pagination")
        else:
            assert plain(marked) == endpoint.answer, "a part of the answer that nobody reads"
            assert marked.endswith("[]*") is (typing.get_origin(endpoint.type) is list)
            [model] = classes_in(endpoint.type)
            yield from places(inner, model)


EVERY: Final = [(name, *place) for name in OPERATIONS for place in answered(name)]


def test_every_documented_field_has_its_place() -> None:
    homeless = {(name, path) for name, path, _, _, kind, _ in EVERY if kind is None}
    assert homeless == CUT_OFF


def test_a_field_is_of_its_documented_type() -> None:
    allowed: dict[str, set[Any]] = {"string": {str}, "integer": {int, datetime.datetime}, "boolean": {bool}}
    for name, path, _, _, kind, shape in EVERY:
        if isinstance(shape, str) and kind is not None:
            plain_kinds = {each for each in classes_in(kind) if not issubclass(each, enum.Enum)}
            assert plain_kinds <= allowed[shape.partition("=")[0]], (name, path)
            assert (datetime.datetime in plain_kinds) is path.endswith("_at"), (name, path)


def test_a_field_is_a_list_where_it_is_documented_as_one() -> None:
    listed = {
        (kind.__name__, plain(marked))
        for name in OPERATIONS
        for kind, shape in shapes(name)
        for marked in shape
        if "[" in marked
    }
    for name, path, owner, field, kind, _ in EVERY:
        if kind is not None:
            assert str(kind).startswith("tuple[") is ((owner.__name__, field) in listed), (name, path)


def shapes(name: str) -> Iterator[tuple[type[Any], Shape]]:
    """Return each class that an answer decodes to, with what is documented of it there."""
    for _, owner, field, kind, shape in answered(name):
        if isinstance(shape, dict) and kind is not None:
            assert field
            assert owner
            [model] = [each for each in classes_in(kind) if attrs.has(each)]
            yield model, shape
    endpoint, shape = ENDPOINTS[name], OPERATIONS[name].get("answer", {})
    if endpoint.answer is None:
        yield endpoint.type, shape
    else:
        [model] = classes_in(endpoint.type)
        yield model, next(inner for marked, inner in shape.items() if plain(marked) == endpoint.answer)


def test_every_documented_value_of_an_enum_is_a_member_and_every_member_is_documented() -> None:
    documented: dict[Any, set[str]] = {}
    as_text: set[str] = set()
    for _, _, owner, field, kind, shape in EVERY:
        if isinstance(shape, str) and "=" in shape:
            enums = [each for each in classes_in(kind) if issubclass(each, enum.Enum)]
            for each in enums:
                documented.setdefault(each, set()).update(shape.partition("=")[2].split("|"))
            if not enums:
                as_text.add(f"{owner.__name__}.{field}")
    assert {kind: set(kind) for kind in documented} == documented
    assert set(documented) == {models.VirtualMachineState, models.TaskStatus}
    assert as_text == OPEN


def test_the_fields_that_are_not_documented_are_known() -> None:
    documented: dict[type[Any], set[str]] = {}
    for _, _, owner, field, kind, _ in EVERY:
        if kind is not None:
            documented.setdefault(owner, set()).add(field)
        else:
            documented.setdefault(owner, set())
    public = {kind for kind in documented if kind.__name__ in models.__all__}
    undocumented = {kind.__name__: {field.name for field in attrs.fields(kind)} - documented[kind] for kind in public}
    assert {name: fields for name, fields in undocumented.items() if fields} == UNDOCUMENTED
    sent = {name for name in models.__all__ if attrs.has(getattr(models, name))}
    asked = {"AddressQuery", "FQDN", "Permalink", "SubDomain"}
    assert sent - asked - {kind.__name__ for kind in public} == NEVER_DOCUMENTED


@pytest.mark.parametrize("name", [name for name in OPERATIONS if "answer" not in OPERATIONS[name]])
def test_an_operation_without_an_answer_decodes_to_nothing(name: str) -> None:
    assert (ENDPOINTS[name].answer, ENDPOINTS[name].type) == (None, EmptyResponse)
