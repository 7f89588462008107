"""Arguments: one tree from path, query and JSON body, and methods that read and check one argument."""

import enum
import json
import re
import urllib.parse
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import attrs

from .errors import APIError, invalid_argument, missing_argument

_MAXIMUM_DEPTH = 32  # Rack's limit of brackets in one name
_INTEGER_LIMIT = 2**63
_PER_PAGE, _PER_PAGE_MAXIMUM = 30, 200

_BOOLEANS: Mapping[object, bool] = {
    **dict.fromkeys((True, 1, "true", "yes", "1"), True),
    **dict.fromkeys((False, 0, "false", "no", "0"), False),
}

Tree = dict[str, Any]


class Absent(enum.Enum):
    """The value of an argument that was not sent, which is different from null."""

    ABSENT = enum.auto()


ABSENT = Absent.ABSENT


def _names(key: str) -> list[str]:
    first, bracket, rest = key.partition("[")
    if not bracket or not first or not rest.endswith("]"):
        return [key]
    return [first, *rest[:-1].split("][")]


def _invalid_key(key: str) -> APIError:
    return invalid_argument([key], issue="parse_error", why="The brackets in the name are not valid.")


def _insert(tree: Tree, names: Sequence[str], value: str, *, key: str) -> None:
    name, *inner = names
    if not inner:
        tree[name] = value
    elif inner[0]:
        branch = tree.setdefault(name, {})
        if not isinstance(branch, dict):
            raise _invalid_key(key)
        _insert(branch, inner, value, key=key)
    else:
        items = tree.setdefault(name, [])
        if not isinstance(items, list):
            raise _invalid_key(key)
        if len(inner) == 1:
            items.append(value)
            return
        # A repeated name starts the next object of the list: annotations[][key]=a&annotations[][key]=b.
        if not items or not isinstance(items[-1], dict) or inner[1] in items[-1]:
            items.append({})
        _insert(items[-1], inner[1:], value, key=key)


def parse_query(query: str) -> Tree:
    """Return the tree of a query string with brackets in its names.

    Raises:
        APIError: two uses of a name contradict each other, or a name has too many brackets.
    """
    tree: Tree = {}
    for key, value in urllib.parse.parse_qsl(query, keep_blank_values=True):
        names = _names(key)
        if len(names) > _MAXIMUM_DEPTH:
            raise _invalid_key(key)
        _insert(tree, names, value, key=key)
    return tree


def parse_body(body: bytes | str) -> Tree:
    """Return the tree of a JSON body; a body that is not an object is an empty tree.

    Raises:
        APIError: the body is not JSON.
    """
    if not body:
        return {}
    try:
        tree = json.loads(body)
        json.dumps(tree, ensure_ascii=False).encode()  # fails for half of a surrogate pair, which is no text
    except (ValueError, RecursionError) as error:
        raise APIError("invalid_json_body", detail={"details": str(error)}) from error
    return tree if isinstance(tree, dict) else {}


def merge(base: Tree, overrides: Mapping[str, Any]) -> Tree:
    """Return both trees as one. Values of ``overrides`` win; objects are merged recursively."""
    merged = dict(base)
    for name, value in overrides.items():
        current = merged.get(name)
        merged[name] = merge(current, value) if isinstance(current, dict) and isinstance(value, dict) else value
    return merged


@attrs.frozen
class Lookup:
    """A key and a value that identify one object."""

    by: str
    """Key, such as ``id`` or ``fqdn``."""
    value: str
    """Value of the key."""


@attrs.frozen
class Page:
    """The requested page of a list."""

    number: int
    """Number of the page, from 1."""
    size: int
    """Rows per page."""


@attrs.define
class Arguments:
    """The arguments of one request. Each method reads one and raises the API's error if it is not valid."""

    tree: Mapping[str, Any]
    segments: Mapping[str, str] = attrs.field(factory=dict)
    outer: tuple[str, ...] = ()
    """Names of the arguments that these are inside of, outermost first."""
    api_token_id: str | None = None
    """Id of the token of the request, if it was created through the API."""
    virtual_machine_id: str | None = None
    """Id of the virtual machine that the token of the request belongs to."""
    first_lookup: str | None = attrs.field(default=None, init=False)
    """Value of the first lookup that was read, for the request log."""

    @classmethod
    def parse(
        cls,
        *,
        query: str,
        content_type: str,
        body: bytes,
        segments: Mapping[str, str],
        api_token_id: str | None = None,
        virtual_machine_id: str | None = None,
    ) -> "Arguments":
        """Return the arguments of a request. The body overrides the query, which overrides the path.

        Args:
            query: raw query string.
            content_type: media type of the body; a body that is not JSON is ignored.
            body: raw body.
            segments: values of the path's variable segments by name.
            api_token_id: id of the token of the request, if it was created through the API.
            virtual_machine_id: id of the virtual machine that the token of the request belongs to.

        Raises:
            APIError: the query or the body is not valid.
        """
        tree = parse_query(query)
        if content_type != "application/json":
            escape = tree.pop("_arguments", "")  # Apia takes the JSON body from here when the content type is another
            body = escape.encode() if isinstance(escape, str) else b""
        tree = merge(tree, parse_body(body))
        return cls(tree, segments, api_token_id=api_token_id, virtual_machine_id=virtual_machine_id)

    def has(self, name: str) -> bool:
        """Return whether the query or the body has the argument, and not as null."""
        return self.tree.get(name) is not None

    def require(self, name: str) -> None:
        """Check that the query or the body has the argument, and not as null.

        Raises:
            APIError: it does not.
        """
        if not self.has(name):
            raise missing_argument([*self.outer, name])

    def lookup(self, name: str, keys: Sequence[str]) -> Lookup:
        """Return a lookup argument.

        Args:
            name: name of the argument.
            keys: allowed keys; a value in the path is a value of the first.

        Raises:
            APIError: the argument has none or several of the keys, or the value is not a string.
        """
        in_path = name in self.segments and name not in self.tree
        values = {keys[0]: self.segments[name]} if in_path else self._object(name)
        present = [key for key in keys if values.get(key) is not None]
        if not present:
            raise self._invalid(name, issue="missing_lookup_value", why=f"Give one of: {', '.join(keys)}.")
        if len(present) > 1:
            raise self._invalid(name, issue="ambiguous_lookup_values", why=f"Give only one of: {', '.join(present)}.")
        value = values[present[0]]
        if not isinstance(value, str):
            raise self._invalid(name, present[0], issue="invalid_scalar", why="This must be a string.")
        self.first_lookup = self.first_lookup or value
        return Lookup(present[0], value)

    def choice(self, name: str, values: Sequence[str]) -> str | Absent | None:
        """Return an argument that must be one of the values, null or absent. It may be in the path.

        Raises:
            APIError: it has another value.
        """
        value = self.tree[name] if name in self.tree else self.segments.get(name, ABSENT)
        if value is not None and value is not ABSENT and value not in values:
            raise self._invalid(name, issue="invalid_enum_value", why=f"This must be one of: {', '.join(values)}.")
        return value

    def required_choice(self, name: str, values: Sequence[str]) -> str:
        """Return an argument that must be one of the values. It may be in the path.

        Raises:
            APIError: it is absent, null or has another value.
        """
        value = self.choice(name, values)
        if value is None or value is ABSENT:
            raise missing_argument([*self.outer, name])
        return value

    def inside(self, name: str) -> "Arguments":
        """Return the arguments inside a required argument, which must be an object.

        Raises:
            APIError: it is absent, null or not an object.
        """
        return Arguments(self._object(name), outer=(*self.outer, name))

    def string(self, name: str) -> str | Absent | None:
        """Return an argument that must be a string, null or absent.

        Raises:
            APIError: it has another type.
        """
        value = self.tree.get(name, ABSENT)
        if value is None or value is ABSENT or isinstance(value, str):
            return value
        raise self._invalid(name, issue="invalid_scalar", why="This must be a string.")

    def required_string(self, name: str) -> str:
        """Return an argument that must be a string.

        Raises:
            APIError: it is absent, null or has another type.
        """
        self.require(name)
        return str(self.string(name))

    def text(self, name: str) -> str | None:
        """Return an argument that must be a string, null or absent; None unless it has a text.

        Raises:
            APIError: it has another type.
        """
        value = self.string(name)
        return value if isinstance(value, str) and value.strip() else None

    def strings(self, name: str) -> tuple[str, ...] | Absent | None:
        """Return an argument that must be a list of strings, null or absent.

        Raises:
            APIError: it has another type.
        """
        value = self.tree.get(name, ABSENT)
        if value is None or value is ABSENT:
            return value
        if isinstance(value, list) and all(isinstance(item, str) for item in value):
            return tuple(value)
        raise self._invalid(name, issue="array_expected", why="This must be a list of strings.")

    def boolean(self, name: str) -> bool | Absent | None:
        """Return an argument that must be a boolean, null or absent.

        Raises:
            APIError: it has another type.
        """
        value = self.tree.get(name, ABSENT)
        if value is None or value is ABSENT:
            return value
        if isinstance(value, bool | int | str) and value in _BOOLEANS:
            return _BOOLEANS[value]
        raise self._invalid(name, issue="parse_error", why="This must be true or false.")

    def integer(self, name: str) -> int | Absent | None:
        """Return an argument that must be an integer of 64 bits or a string of its digits, null or absent.

        Raises:
            APIError: it has another type or is too large.
        """
        value = self.tree.get(name, ABSENT)
        if value is None or value is ABSENT:
            return value
        if isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,19}", value):
            value = int(value)
        if type(value) is int and abs(value) < _INTEGER_LIMIT:
            return value
        raise self._invalid(name, issue="parse_error", why="This must be a whole number.")

    def objects(self, name: str) -> Mapping[str, Mapping[str, str]] | Absent | None:
        """Return an argument that must be an object of objects of strings, null or absent. Null strings are left out.

        Raises:
            APIError: it has another type.
        """
        if not self.has(name):
            return ABSENT if name not in self.tree else None
        outer, result = self.inside(name), {}
        for key in outer.tree:
            inner = outer.inside(key)
            strings = {attribute: inner.string(attribute) for attribute in inner.tree}
            result[key] = {attribute: text for attribute, text in strings.items() if isinstance(text, str)}
        return result

    def items(self, name: str) -> "list[Arguments]":
        """Return the objects of an argument that must be a list, null or absent, each as arguments.

        Raises:
            APIError: it has another type.
        """
        value = self.tree.get(name) or []
        if not isinstance(value, list) or not all(isinstance(item, Mapping) for item in value):
            raise self._invalid(name, issue="array_expected", why="This must be a list of objects.")
        return [Arguments(item, outer=(*self.outer, name)) for item in value]

    def page(self) -> Page:
        """Return the requested page; the first with 30 rows by default.

        Raises:
            APIError: a value is not an integer, is below 1, or asks for more than 200 rows.
        """
        return Page(
            self._bounded("page", default=1, valid=lambda number: number >= 1),
            self._bounded("per_page", default=_PER_PAGE, valid=lambda number: 1 <= number <= _PER_PAGE_MAXIMUM),
        )

    def _bounded(self, name: str, *, default: int, valid: Callable[[int], bool]) -> int:
        value = self.integer(name)
        if value is None or value is ABSENT:
            return default
        if not valid(value):
            why = f"{value} is not in the allowed range."
            raise self._invalid(name, issue="validation_errors", why=why, errors=[why])
        return value

    def _object(self, name: str) -> Mapping[str, Any]:
        value = self.tree.get(name)
        if value is None:
            raise missing_argument([*self.outer, name])
        if not isinstance(value, Mapping):
            raise self._invalid(name, issue="object_expected", why="This must be an object.")
        return value

    def _invalid(self, *names: str, issue: str, why: str, errors: Sequence[str] = ()) -> APIError:
        return invalid_argument([*self.outer, *names], issue=issue, why=why, errors=errors)
