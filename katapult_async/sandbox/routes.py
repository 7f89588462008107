"""Routes: the operation of a method and path, and the values of the path's variable segments."""

import urllib.parse
from collections.abc import Iterable
from typing import Generic, TypeVar

import attrs

T = TypeVar("T")


@attrs.define
class _Node(Generic[T]):
    literals: "dict[str, _Node[T]]" = attrs.field(factory=dict)
    wildcard: "_Node[T] | None" = None
    names: tuple[str, ...] = ()
    targets: dict[str, T] = attrs.field(factory=dict)


@attrs.frozen
class Match(Generic[T]):
    """The target of a method and path."""

    target: T
    segments: dict[str, str]
    """Values of the variable segments by name. A placeholder such as ``_`` is a value like any other."""


class Routes(Generic[T]):
    """A tree of path segments. A literal segment has precedence over a variable one, without backtracking.

    A variable segment, written ``:name``, matches any value, so real ids and the documentation's placeholders (the
    name of the argument, ``_``, ``:name``) all match.
    """

    def __init__(self, rows: Iterable[tuple[str, str, T]]) -> None:
        self._root: _Node[T] = _Node()
        for method, path, target in rows:
            node, names = self._root, []
            for segment in path.strip("/").split("/"):
                if segment.startswith(":"):
                    names.append(segment[1:])
                    node.wildcard = node.wildcard or _Node()
                    node = node.wildcard
                else:
                    node = node.literals.setdefault(segment, _Node())
            node.names = tuple(names)
            node.targets[method] = target

    def find(self, method: str, path: str) -> Match[T] | None:
        """Return the match of a request, or None.

        Args:
            method: HTTP method.
            path: percent-encoded path below the API's root; one trailing slash is allowed.
        """
        node, values = self._root, []
        for segment in path.removeprefix("/").removesuffix("/").split("/"):
            child = node.literals.get(segment)
            if child is None:
                child = node.wildcard
                if child is None or not segment:
                    return None
                values.append(urllib.parse.unquote(segment))
            node = child
        target = node.targets.get(method)
        if target is None:
            return None
        return Match(target, dict(zip(node.names, values, strict=True)))
