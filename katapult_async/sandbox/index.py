"""Index: objects of one kind in order, with fast access by their keys and by other fields."""

from collections.abc import Iterator
from typing import Generic, TypeVar

from .kinds import Object

T = TypeVar("T", bound=Object)


class Index(Generic[T]):
    """Objects of one kind in the order in which they were added. All operations take constant time."""

    def __init__(self, *, keys: tuple[str, ...] = ("id",), fields: tuple[str, ...] = ()) -> None:
        """Create an empty index.

        Args:
            keys: fields with unique values, ``id`` among them; None is not a value.
            fields: other fields to index; None is not indexed.
        """
        self._keys = keys
        self._fields = fields
        self._objects: dict[str, T] = {}
        self._unique: dict[tuple[str, object], T] = {}
        self._groups: dict[tuple[str, object], dict[str, T]] = {}

    def copy(self) -> "Index[T]":
        """Return an index with the same objects."""
        other = Index[T](keys=self._keys, fields=self._fields)
        other._objects = self._objects.copy()
        other._unique = self._unique.copy()
        other._groups = {value: group.copy() for value, group in self._groups.items()}
        return other

    def __iter__(self) -> Iterator[T]:
        return iter(self._objects.values())

    def __len__(self) -> int:
        return len(self._objects)

    def find(self, key: str, value: str) -> T | None:
        """Return the object whose key has this value, or None."""
        return self._unique.get((key, value))

    def where(self, field: str, value: object) -> list[T]:
        """Return the objects whose field has this value, in the order in which they got it.

        A field that is not indexed is compared for every object.
        """
        if field in self._fields:
            return list(self._groups.get((field, value), {}).values())
        return [obj for obj in self if getattr(obj, field) == value]

    def put(self, obj: T) -> None:
        """Add an object at the end, or replace the one with its id in its place."""
        before = self._objects.get(obj.id)
        if before is not None:
            self._remove_keys(before)
        for key in self._keys:
            if (unique := getattr(obj, key)) is not None:
                self._unique[key, unique] = obj
        for field in self._fields:
            value = getattr(obj, field)
            if before is not None and (previous := getattr(before, field)) != value and previous is not None:
                del self._groups[field, previous][obj.id]
            if value is not None:
                self._groups.setdefault((field, value), {})[obj.id] = obj
        self._objects[obj.id] = obj

    def remove(self, obj: T) -> None:
        """Remove an object.

        Raises:
            KeyError: the index does not have it.
        """
        del self._objects[obj.id]
        self._remove_keys(obj)
        for field in self._fields:
            if (value := getattr(obj, field)) is not None:
                del self._groups[field, value][obj.id]

    def _remove_keys(self, obj: T) -> None:
        for key in self._keys:
            self._unique.pop((key, getattr(obj, key)), None)
