"""A shelf: things in an order, found by any of their keys and by their group; knows nothing of what they are."""

from collections.abc import Callable, Hashable, Iterable, Iterator
from typing import Generic, Protocol, TypeVar


class Identified(Protocol):
    """Anything with an id."""

    @property
    def id(self) -> str:
        """What no other thing on the shelf is called."""


T = TypeVar("T", bound=Identified)


class Index(Generic[T]):
    """Things of one kind. Putting and taking cost the same however many there are."""

    def __init__(
        self, things: Iterable[T] = (), *, keys: tuple[str, ...] = ("id",), group: Callable[[T], Hashable] | None = None
    ) -> None:
        """Fill a shelf.

        Args:
            things: what stands on it, in order.
            keys: the attributes by which a thing is found, ``id`` among them; no two things share a value.
            group: what says which things belong together; None when that is never asked.
        """
        self._keys = keys
        self._group = group
        self._things: dict[str, T] = {}
        self._found: dict[tuple[str, str], T] = {}
        self._groups: dict[Hashable, dict[str, T]] = {}
        for thing in things:
            self.put(thing)

    def __iter__(self) -> Iterator[T]:
        return iter(self._things.values())

    def get(self, thing_id: str) -> T:
        """Return the thing with this id.

        Raises:
            KeyError: there is none.
        """
        return self._things[thing_id]

    def find(self, *, by: str, value: str) -> T | None:
        """Return the thing whose key has this value, or None."""
        return self._found.get((by, value))

    def of(self, group: Hashable) -> list[T]:
        """Return the things of one group, the one that came into it first at the front."""
        return list(self._groups.get(group, {}).values())

    def put(self, thing: T) -> None:
        """Add a thing at the end, or put it where the one with its id is.

        It keeps its place in its group too, unless the group is another now: then it comes last there.
        """
        before = self._things.get(thing.id)
        if before is not None:
            self._forget(before, moved=self._group is not None and self._group(before) != self._group(thing))
        self._things[thing.id] = thing
        for key in self._keys:
            self._found[key, getattr(thing, key)] = thing
        if self._group is not None:
            self._groups.setdefault(self._group(thing), {})[thing.id] = thing

    def take(self, thing_id: str) -> T:
        """Remove the thing with this id and return it.

        Raises:
            KeyError: there is none.
        """
        thing = self._things.pop(thing_id)
        self._forget(thing, moved=self._group is not None)
        return thing

    def _forget(self, thing: T, *, moved: bool) -> None:
        for key in self._keys:
            del self._found[key, getattr(thing, key)]
        if moved and self._group is not None:
            del self._groups[self._group(thing)][thing.id]
