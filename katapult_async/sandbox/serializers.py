"""Serializers: objects as JSON, in the shapes that the live API sends.

A shape is a string such as ``"id name data_center(id name)"``: the names in the order of the JSON, with the names of a
nested object in parentheses. Without parentheses a nested object has its id, its name and, if it has one, its
permalink; ``*`` stands for the shape of its class.

A name is a field or property of the object, a reference (``data_center`` reads ``data_center_id``, ``tags`` reads
``tag_ids``), or a method that computes a value from the store. ``name_`` has precedence over ``name``.
"""

import re
from collections.abc import Callable
from functools import cache
from types import FunctionType
from typing import Any

from .arguments import ABSENT, Page
from .kinds import Object, Value
from .models import Objects

JSON = dict[str, Any]
_Reader = Callable[[Objects, Any], Any]
_Shape = tuple[tuple[str, Any], ...]
"""Names, each with the shape of its nested object or None."""
_NESTED = (Value, list, tuple)


@cache
def _parse(shape: str) -> _Shape:
    stack: list[list[tuple[str, Any]]] = [[]]
    for token in re.findall(r"[\w*]+|[()]", shape):
        match token:
            case "(":
                stack.append([])
            case ")":
                inner = tuple(stack.pop())
                stack[-1][-1] = (stack[-1][-1][0], inner)
            case name:
                stack[-1].append((name, None))
    return tuple(stack[0])


def serialize(objects: Objects, obj: Value, shape: str = "*") -> JSON:
    """Return an object as JSON.

    Args:
        objects: the store.
        obj: the object.
        shape: names to include.
    """
    result: JSON = _serialize(objects, obj, _parse(shape))
    return result


def _serialize(objects: Objects, value: Any, shape: _Shape | None) -> Any:
    if isinstance(value, list | tuple):
        return [_serialize(objects, part, shape) for part in value]
    if not isinstance(value, Value):
        return value
    if shape is None:
        shape = _parse("id name permalink" if "permalink" in value.fields else "id name")
    model: Any = type(value)
    result: JSON = {}
    for name, read, inner in _readers(model, shape):
        content = read(objects, value)
        if content is not ABSENT:
            nested = isinstance(content, _NESTED)
            result[name] = _serialize(objects, content, inner) if nested else content
    return result


@cache
def _readers(model: type[Value], shape: _Shape) -> list[tuple[str, _Reader, _Shape | None]]:
    names: dict[str, _Shape | None] = {}
    for name, inner in shape:
        names |= dict(_parse(model.shape())) if name == "*" else {name: inner}
    return [(name, _reader(model, name), inner) for name, inner in names.items()]


def _reader(model: type[Value], name: str) -> _Reader:
    """Return the function that reads a name of a shape from an object of a class."""
    member = getattr(model, f"{name}_", None) or getattr(model, name, None)
    if isinstance(member, FunctionType):
        return lambda objects, obj: member(obj, objects)
    if isinstance(member, property):
        return lambda _, obj: member.__get__(obj)
    if name in model.fields:
        return lambda _, obj: getattr(obj, name)
    if issubclass(model, Object) and name in model.kind.null:
        return lambda *_: None
    if f"{name}_id" in model.fields:
        return lambda objects, obj: objects.get(getattr(obj, f"{name}_id") or "")
    ids = f"{name.removesuffix('s')}_ids"
    return lambda objects, obj: [part for part in map(objects.get, getattr(obj, ids)) if part is not None]


def pagination(page: Page, *, total: int, large_set: bool) -> JSON:
    """Return the ``pagination`` of a list; a large set has no totals."""
    return {
        "current_page": page.number,
        "total_pages": None if large_set else -(-total // page.size),
        "total": None if large_set else total,
        "per_page": page.size,
        "large_set": large_set,
    }
