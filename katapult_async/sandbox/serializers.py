"""Serializers: objects as JSON. A response has the names of its documented `Shape`.

`_reader` says where the value of each name comes from.
"""

from collections.abc import Callable, Mapping
from functools import cache
from types import FunctionType
from typing import Any

from .arguments import ABSENT
from .documented_operations import Shape, documented
from .json_files import read_json
from .kinds import Value, kind_name, plural
from .models import StoreReader

JSON = dict[str, Any]
_Reader = Callable[[StoreReader, Any], Any]
_NESTED = (Value, dict, list, tuple)
_CONSTANTS: Mapping[str, Mapping[str, object]] = read_json("constant_fields.json")
"""The values that all objects of a class have, by the names of the class and of the field."""


@cache
def _full_shape(model: type[Any]) -> Shape:
    """Return the shape of an object in the response about one object, such as that of ``GET /tags/tag``."""
    name = kind_name(model)
    return documented("GET", f"/{plural(model)}/{name}").response.inside[name]


def serialize(store: StoreReader, value: Any, shape: Shape | None = None) -> Any:
    """Return a value as JSON.

    Args:
        store: the store.
        value: an object, or a list or dictionary with objects inside; any other value is JSON already. Keys of a
            dictionary that are not in the shape are left out.
        shape: shape of the objects; None for the shape in a response about a single object of the class.
    """
    if isinstance(value, list | tuple):
        return [serialize(store, part, shape) for part in value]
    if isinstance(value, dict):
        shown = value if shape is None else {name: value[name] for name in shape.names if name in value}
        return {name: serialize(store, content, shape and shape.inside.get(name)) for name, content in shown.items()}
    if not isinstance(value, Value):
        return value
    model: Any = type(value)
    if shape is not None and {*shape.names} == {"type", "value"}:  # the class of the object can vary
        return {"type": model.__name__, "value": serialize(store, value, shape.inside.get("value"))}
    result: JSON = {}
    for name, read, inside in _readers(model, shape or _full_shape(model)):
        content = read(store, value)
        if content is not ABSENT:
            result[name] = serialize(store, content, inside) if isinstance(content, _NESTED) else content
    return result


@cache
def _readers(model: type[Any], shape: Shape) -> list[tuple[str, _Reader, Shape | None]]:
    return [(name, _reader(model, name, shape), shape.inside.get(name)) for name in shape.names]


def _reader(model: Any, name: str, shape: Shape) -> _Reader:
    """Return the function that reads the value of a name from an object of a class and the store.

    Raises:
        AttributeError: the class has nothing with this name, and the value must be neither null nor an empty list.
    """
    # A method, which computes the value from the store. It is called name_ where the name is a field or a keyword.
    member = getattr(model, f"{name}_", None) or getattr(model, name, None)
    if isinstance(member, FunctionType):
        return lambda store, obj: member(obj, store)
    # A field or a property.
    if isinstance(member, property) or name in model.fields:
        return lambda _, obj: getattr(obj, name)
    # The object, or the objects, that another field refers to: data_center by data_center_id, tags by tag_ids.
    id_field, ids_field = f"{name}_id", f"{name.removesuffix('s')}_ids"
    if id_field in model.fields:
        return lambda store, obj: store.get(getattr(obj, id_field))
    if ids_field in model.fields:
        return lambda store, obj: [*map(store.get, getattr(obj, ids_field))]
    # All objects of the class have the same value, or the sandbox does not have it.
    fixed = {**dict.fromkeys(shape.lists, ()), **dict.fromkeys(shape.nullable), **_CONSTANTS.get(model.__name__, {})}
    if name in fixed:
        return lambda *_: fixed[name]
    raise AttributeError(f"{model.__name__} has no {name}")
