"""Index: objects of one kind in order, with fast access by some of their fields."""

from collections.abc import Iterator
from typing import Generic, TypeVar

from .kinds import Object

T = TypeVar("T", bound=Object)


class Index(Generic[T]):
    """Objects of one kind in the order in which they were added. Access by an indexed field takes constant time."""

    def __init__(self, *fields: str) -> None:
        """Create an empty index.

        Args:
            fields: the fields to index; None is not indexed.
        """
        self._fields = fields
        self._objects: dict[str, T] = {}
        self._groups: dict[tuple[str, object], dict[str, T]] = {}

    def copy(self) -> "Index[T]":
        """Return an index with the same objects."""
        other = Index[T](*self._fields)
        other._objects = self._objects.copy()
        other._groups = {value: group.copy() for value, group in self._groups.items()}
        return other

    def __iter__(self) -> Iterator[T]:
        return iter(self._objects.values())

    def __len__(self) -> int:
        return len(self._objects)

    def find(self, field: str, value: object) -> T | None:
        """Return the first object whose indexed field has this value, or None."""
        return next(iter(self._groups.get((field, value), {}).values()), None)

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
        self._objects[obj.id] = obj
        for field in self._fields:
            value = getattr(obj, field)
            if before is not None and getattr(before, field) != value:
                self._leave_group(before, field)
            if value is not None:
                self._groups.setdefault((field, value), {})[obj.id] = obj

    def remove(self, obj: T) -> None:
        """Remove an object.

        Raises:
            KeyError: the index does not have it.
        """
        del self._objects[obj.id]
        for field in self._fields:
            self._leave_group(obj, field)

    def _leave_group(self, obj: T, field: str) -> None:
        self._groups.get((field, getattr(obj, field)), {}).pop(obj.id, None)
