"""Routes: the operation of a method and path, and the values of the path's variable segments."""

import re
import urllib.parse
from collections.abc import Iterable
from typing import Any, Generic, TypeVar

from .errors import require

T = TypeVar("T")


class Routes(Generic[T]):
    """The paths of the API. A literal segment has precedence over a variable one, without backtracking.

    A variable segment, written ``:name``, matches any value, so real ids and the documentation's placeholders (the
    name of the argument, ``_``, ``:name``) all match.
    """

    def __init__(self, rows: Iterable[tuple[str, str, T]]) -> None:
        # A tree of path segments. A variable segment has the key ":". Where a path ends, there is a key for each
        # method, ("GET",), with the target and the names of the variable segments.
        self._tree: dict[Any, Any] = {}
        for method, path, target in rows:
            branch = self._tree
            for segment in re.sub(r":\w+", ":", path).split("/")[1:]:
                branch = branch.setdefault(segment, {})
            branch[method,] = target, re.findall(r":(\w+)", path)

    def find(self, method: str, path: str) -> tuple[T, dict[str, str]]:
        """Return the target of a request, and the values of the variable segments by name.

        Args:
            method: HTTP method.
            path: percent-encoded path; one trailing slash is allowed.

        Raises:
            APIError: there is no target.
        """
        branch = self._tree
        values = []
        for segment in path.removesuffix("/").split("/")[1:]:
            if segment in branch and segment != ":":
                branch = branch[segment]
            else:
                require(segment and ":" in branch, "route_not_found")
                branch = branch[":"]
                values.append(urllib.parse.unquote(segment))
        require((method,) in branch, "route_not_found")
        target, names = branch[method,]
        return target, dict(zip(names, values, strict=True))
