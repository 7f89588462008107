"""Kinds: the base class of all objects of the store, and the properties of each class of objects.

A *model* is a class of objects of the store; its `Kind` has the properties of the class.
"""

import re
import types
import typing
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any, ClassVar, Self

import attrs


def _split(names: str) -> tuple[str, ...]:
    """Return the names in a string that has spaces between them."""
    return tuple(names.split())


@attrs.frozen
class Kind:
    """The properties of one class of objects: its ids, its keys, its error code, its indexes.

    Several names are given as one string with spaces.
    """

    prefix: str
    """Prefix of the ids."""
    keys: tuple[str, ...] = attrs.field(default="id", converter=_split)
    """Fields that a lookup argument can have. Their values are unique."""
    unique: tuple[str, ...] = attrs.field(default="", converter=_split)
    """Fields whose values are unique among the parts of one whole, or in the organization. Objects in the trash count,
    because they can be restored."""
    part_of: "type[Object] | None" = None
    """Class of the whole that this object is a part of. When the whole is hidden or removed, so is the part."""
    found_in_trash: bool = False
    """Whether a lookup finds the part while its whole is in the trash. Then a request for the part gets the error
    ``object_in_trash``, otherwise the error ``not_found``."""
    kept_in_trash: bool = False
    """Whether a deletion by the rules of `Crud` puts the object in the trash."""
    not_found: str | None = None
    """Error code of a lookup without a result; None for the name of the class followed by ``_not_found``."""
    argument: str | None = None
    """Short name of an argument for such an object, such as ``package``. The name of the class is also allowed."""
    indexes: tuple[str, ...] = attrs.field(default="", converter=_split)
    """Fields and properties, besides the keys, by which objects are often selected."""
    indexed: tuple[str, ...] = attrs.field(init=False)
    """All fields and properties that the store indexes: the keys except ``id``, ``indexes``, the id of the whole."""

    @indexed.default
    def _keys_indexes_and_whole(self) -> tuple[str, ...]:
        whole = () if self.part_of is None else (reference(self.part_of),)
        return tuple(name for name in (*self.keys, *self.indexes, *whole) if name != "id")


def types_of(field: "attrs.Attribute[Any]") -> tuple[Any, ...]:
    """Return the types that a field can have: ``str`` and the type of None for ``str | None``."""
    hint: Any = field.type
    return typing.get_args(hint) if isinstance(hint, types.UnionType) else (hint,)


@typing.dataclass_transform(kw_only_default=True, frozen_default=True, field_specifiers=(attrs.field,))
class Value:
    """A frozen value. Each subclass becomes an attrs class without a decorator."""

    fields: ClassVar[Mapping[str, Any]]
    """The fields by their names, as attrs describes them."""

    def __init_subclass__(cls) -> None:
        frozen: Any = attrs.frozen(cls, kw_only=True, slots=False)  # without slots this is the class itself
        cls.fields = attrs.fields_dict(frozen)

    def changed(self, **changes: Any) -> Self:
        """Return a copy with some fields changed."""
        return type(self)(**{**vars(self), **changes})


class Object(Value):
    """An object of the store. A subclass with keywords is a model: the keywords are the properties of its `Kind`."""

    kind: ClassVar[Kind]
    id: str
    """Unique among all objects."""

    def __init_subclass__(cls, **kind: Any) -> None:
        super().__init_subclass__()
        if kind:
            cls.kind = Kind(**kind)
            MODELS.append(cls)


MODELS: list[type[Object]] = []
"""All classes of objects that the store has."""


def model_of(argument: str, expected: Any) -> type[Object] | None:
    """Return the class of the object that an argument names, or None if it names no object.

    Args:
        argument: name of the argument, such as ``tag``.
        expected: the documented type of the argument, or the documented names inside it. An argument names an object if
            all names inside it are keys of the class: see `Kind.keys`.
    """
    model = _model_named(argument) if isinstance(expected, Mapping) else None
    return model if model is not None and expected.keys() <= {*model.kind.keys} else None


@cache
def _model_named(name: str) -> type[Object] | None:
    return next((model for model in MODELS if name in (kind_name(model), model.kind.argument)), None)


def kind_name(model: type[Any]) -> str:
    """Return the name of a class in arguments and responses, such as ``ip_address`` for `IPAddress`."""
    return _snake_case(model.__name__)


@cache
def _snake_case(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()


def plural(model: type[Any]) -> str:
    """Return the plural of the name of a class, such as ``ip_addresses``."""
    name = re.sub(r"(?<![aeiou])y$", "ie", kind_name(model))  # ``policie`` for ``policy``
    return f"{name}es" if name.endswith("s") else f"{name}s"


def reference(model: type[Any]) -> str:
    """Return the name of the field that refers to an object of a class, such as ``ip_address_id``."""
    return f"{kind_name(model)}_id"


def references(objects: Iterable[Object]) -> dict[str, str]:
    """Return the fields that refer to objects, with their values, such as ``ip_address_id`` with the id."""
    return {reference(type(obj)): obj.id for obj in objects}
