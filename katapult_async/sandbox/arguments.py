"""Arguments: one tree out of path, query and JSON body, and typed ways to read it."""

import enum
import json
import urllib.parse
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import attrs

from .errors import APIError, invalid_argument, missing_argument

_DEPTH = 32  # Rack's own bound on brackets in one name
_PER_PAGE, _PER_PAGE_MOST = 30, 200

_TRUTHS: Mapping[object, bool] = {
    **dict.fromkeys((True, 1, "true", "yes", "1"), True),
    **dict.fromkeys((False, 0, "false", "no", "0"), False),
}

Tree = dict[str, Any]


class Absent(enum.Enum):
    """What stands for an argument that is not there at all, which is something else than null."""

    ABSENT = enum.auto()


ABSENT = Absent.ABSENT


def _names(key: str) -> list[str]:
    head, bracket, rest = key.partition("[")
    if not bracket or not head or not rest.endswith("]"):
        return [key]
    return [head, *rest[:-1].split("][")]


def _wrong_form(key: str) -> APIError:
    return invalid_argument([key], issue="parse_error", why="The brackets in the name do not fit together.")


def _place(tree: Tree, names: Sequence[str], value: str, *, key: str) -> None:
    name, *inner = names
    if not inner:
        tree[name] = value
    elif inner[0]:
        branch = tree.setdefault(name, {})
        if not isinstance(branch, dict):
            raise _wrong_form(key)
        _place(branch, inner, value, key=key)
    else:
        items = tree.setdefault(name, [])
        if not isinstance(items, list):
            raise _wrong_form(key)
        if len(inner) == 1:
            items.append(value)
            return
        # A repeated name opens the next object of the list: annotations[][key]=a&annotations[][key]=b.
        if not items or not isinstance(items[-1], dict) or inner[1] in items[-1]:
            items.append({})
        _place(items[-1], inner[1:], value, key=key)


def parse_query(query: str) -> Tree:
    """Return the tree that a query string spells with brackets in its names.

    Raises:
        APIError: one name is used in two ways that exclude each other, or nests too deep.
    """
    tree: Tree = {}
    for key, value in urllib.parse.parse_qsl(query, keep_blank_values=True):
        names = _names(key)
        if len(names) > _DEPTH:
            raise _wrong_form(key)
        _place(tree, names, value, key=key)
    return tree


def parse_body(body: bytes | str) -> Tree:
    """Return the tree in a JSON body; anything but an object counts as an empty one.

    Raises:
        APIError: the body is not JSON.
    """
    if not body:
        return {}
    try:
        tree = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise APIError("invalid_json_body", detail={"details": str(error)}) from error
    return tree if isinstance(tree, dict) else {}


def merge(under: Tree, over: Mapping[str, Any]) -> Tree:
    """Return both trees as one; where both have a value the second wins, and objects merge into each other."""
    merged = dict(under)
    for name, value in over.items():
        below = merged.get(name)
        merged[name] = merge(below, value) if isinstance(below, dict) and isinstance(value, dict) else value
    return merged


@attrs.frozen
class Lookup:
    """How an object is pointed at."""

    by: str
    """The key, such as ``id`` or ``fqdn``."""
    value: str
    """What it must equal."""


@attrs.frozen
class Page:
    """Which part of a list is asked for."""

    number: int
    """Counted from 1."""
    size: int
    """Rows in one page."""


@attrs.define
class Arguments:
    """What one request says, each argument read when it is asked for."""

    tree: Mapping[str, Any]
    segments: Mapping[str, str] = attrs.field(factory=dict)
    within: tuple[str, ...] = ()
    """The names that lead to these arguments when they are the inside of another, outermost first."""
    subject: str | None = attrs.field(default=None, init=False)
    """The first lookup value that was read; for the ledger."""

    @classmethod
    def gather(cls, *, query: str, content_type: str, body: bytes, segments: Mapping[str, str]) -> "Arguments":
        """Collect the arguments of a request: body before query before path.

        Args:
            query: the raw query string.
            content_type: the media type; a body of any other type than JSON is not looked at.
            body: the raw body.
            segments: what stands in the path for each named argument.

        Raises:
            APIError: query or body cannot be read.
        """
        tree = parse_query(query)
        if content_type == "application/json":
            return cls(merge(tree, parse_body(body)), segments)
        escape = tree.pop("_arguments", "")
        return cls(merge(tree, parse_body(escape)) if isinstance(escape, str) else tree, segments)

    def lookup(self, name: str, keys: Sequence[str]) -> Lookup:
        """Return how the argument points at its object.

        Args:
            name: the argument.
            keys: the keys it may be pointed at with; a value in the path means the first.

        Raises:
            APIError: not exactly one key is given, or its value is no string.
        """
        in_path = name in self.segments and name not in self.tree
        given = {keys[0]: self.segments[name]} if in_path else self._object(name)
        found = [key for key in keys if given.get(key) is not None]
        if not found:
            why = f"Give one of: {', '.join(keys)}."
            raise invalid_argument(self._way(name), issue="missing_lookup_value", why=why)
        if len(found) > 1:
            why = f"Give only one of: {', '.join(found)}."
            raise invalid_argument(self._way(name), issue="ambiguous_lookup_values", why=why)
        value = given[found[0]]
        if not isinstance(value, str):
            raise self._no_text(name, found[0])
        self.subject = self.subject or value
        return Lookup(found[0], value)

    def choice(self, name: str, values: Sequence[str]) -> str:
        """Return a required argument that must be one of the values.

        Raises:
            APIError: it is not given, or is none of them.
        """
        given = self.tree[name] if name in self.tree else self.segments.get(name)
        if given is None:
            raise missing_argument(self._way(name))
        if given not in values:
            why = f"This must be one of: {', '.join(values)}."
            raise invalid_argument(self._way(name), issue="invalid_enum_value", why=why)
        return str(given)

    def given(self, name: str) -> bool:
        """Return whether query or body say anything but null for the argument."""
        return self.tree.get(name) is not None

    def inside(self, name: str) -> "Arguments":
        """Return the arguments in a required argument that is an object.

        Raises:
            APIError: it is not given, or is no object.
        """
        return Arguments(self._object(name), within=(*self.within, name))

    def text(self, name: str) -> str | Absent | None:
        """Return an argument that may be a string or null, or not be there.

        Raises:
            APIError: it is something else.
        """
        given = self.tree.get(name, ABSENT)
        if given is None or given is ABSENT or isinstance(given, str):
            return given
        raise self._no_text(name)

    def required_text(self, name: str) -> str:
        """Return an argument that must be a string.

        Raises:
            APIError: it is not given, is null, or is something else.
        """
        given = self.text(name)
        if given is None or given is ABSENT:
            raise missing_argument(self._way(name))
        return given

    def truth(self, name: str) -> bool | Absent | None:
        """Return an argument that may be true, false or null, or not be there.

        Raises:
            APIError: it is something else.
        """
        given = self.tree.get(name, ABSENT)
        if given is None or given is ABSENT:
            return given
        found = _TRUTHS.get(given) if isinstance(given, bool | int | str) else None
        if found is None:
            why = "This must be true or false."
            raise invalid_argument(self._way(name), issue="parse_error", why=why)
        return found

    def page(self) -> Page:
        """Return which page is asked for; the first, of 30 rows, when nothing is said.

        Raises:
            APIError: a number below 1, a page of more than 200 rows, or no number at all.
        """
        return Page(
            self._integer("page", default=1, rule=lambda number: number >= 1),
            self._integer("per_page", default=_PER_PAGE, rule=lambda number: 1 <= number <= _PER_PAGE_MOST),
        )

    def _integer(self, name: str, *, default: int, rule: Callable[[int], bool]) -> int:
        given = self.tree.get(name)
        if given is None:
            return default
        digits = given.removeprefix("-") if isinstance(given, str) else ""
        if digits.isascii() and digits.isdigit() and len(digits) < _DEPTH:
            given = int(given)
        if isinstance(given, bool) or not isinstance(given, int):
            raise invalid_argument(self._way(name), issue="parse_error", why="This must be a whole number.")
        if not rule(given):
            why = f"{given} is outside of what is allowed."
            raise invalid_argument(self._way(name), issue="validation_errors", why=why, errors=[why])
        return given

    def _object(self, name: str) -> Mapping[str, Any]:
        given = self.tree.get(name)
        if given is None:
            raise missing_argument(self._way(name))
        if not isinstance(given, Mapping):
            why = "This argument must be an object."
            raise invalid_argument(self._way(name), issue="object_expected", why=why)
        return given

    def _way(self, *names: str) -> list[str]:
        return [*self.within, *names]

    def _no_text(self, *names: str) -> APIError:
        return invalid_argument(self._way(*names), issue="invalid_scalar", why="This must be a string.")
