"""Routes: which operation a method and path lead to, and what stands in the path's variable places."""

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
    """Where a request leads."""

    target: T
    segments: dict[str, str]
    """What stands in the path for each named argument; a placeholder such as ``_`` is a value like any other."""


class Routes(Generic[T]):
    """A tree of path segments in which a literal beats a variable, without coming back.

    A variable segment, written ``:name``, accepts anything, so the placeholder forms of the documentation
    (the argument's name, ``_``, ``:name``) and real ids all match it.
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
        """Return where a request leads, or None.

        Args:
            method: the HTTP method.
            path: the percent-encoded path below the API's root; one slash at its end is tolerated.
        """
        node, values = self._root, []
        for segment in path.removeprefix("/").removesuffix("/").split("/"):
            following = node.literals.get(segment)
            if following is None:
                following = node.wildcard
                if following is None or not segment:
                    return None
                values.append(urllib.parse.unquote(segment))
            node = following
        target = node.targets.get(method)
        if target is None:
            return None
        return Match(target, dict(zip(node.names, values, strict=True)))
