"""Routes: the operation of a method and path, and the values of the path's variable segments."""

import re
import urllib.parse
from collections.abc import Iterable
from itertools import accumulate
from typing import Generic, TypeVar

T = TypeVar("T")


class Routes(Generic[T]):
    """The paths of the API. A literal segment has precedence over a variable one, without backtracking.

    A variable segment, written ``:name``, matches any value, so real ids and the documentation's placeholders (the
    name of the argument, ``_``, ``:name``) all match.
    """

    def __init__(self, rows: Iterable[tuple[str, str, T]]) -> None:
        self._prefixes = {""}  # all paths and their beginnings; a variable segment is ":"
        self._targets: dict[tuple[str, str], tuple[T, list[str]]] = {}
        for method, path, target in rows:
            pattern = re.sub(r":\w+", ":", path)
            self._prefixes.update(accumulate(pattern.split("/"), "{}/{}".format))
            self._targets[method, pattern] = target, re.findall(r":(\w+)", path)

    def find(self, method: str, path: str) -> tuple[T, dict[str, str]] | None:
        """Return the target of a request, and the values of the variable segments by name; None if there is none.

        Args:
            method: HTTP method.
            path: percent-encoded path below the API's root; one trailing slash is allowed.
        """
        pattern, values = "", []
        for segment in path.removesuffix("/").split("/")[1:]:
            literal, variable = f"{pattern}/{segment}", f"{pattern}/:"
            if segment not in {"", ":"} and literal in self._prefixes:
                pattern = literal
            elif segment and variable in self._prefixes:
                pattern = variable
                values.append(urllib.parse.unquote(segment))
            else:
                return None
        if (method, pattern) not in self._targets:
            return None
        target, names = self._targets[method, pattern]
        return target, dict(zip(names, values, strict=True))
