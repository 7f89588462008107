"""Arguments: what a request sends in its path, query and JSON body, and methods that read and check it."""

import json
import re
import urllib.parse
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import attrs

from .documented_operations import unmarked
from .errors import APIError, invalid_argument, missing_argument
from .kinds import Object, model_of

_MAXIMUM_NAMES = 32  # in one key: the limit of Rack, on which Katapult's web framework is built
_INTEGER_LIMIT = 2**63

_BOOLEANS: Mapping[object, bool] = {
    **dict.fromkeys((True, 1, "true", "yes", "1"), True),
    **dict.fromkeys((False, 0, "false", "no", "0"), False),
}

Tree = dict[str, Any]

ABSENT = attrs.NOTHING
"""The value of an argument that was not sent, which is different from null."""


def _parse_boolean(value: object) -> bool | None:
    return _BOOLEANS.get(value) if isinstance(value, bool | int | str) else None


def _parse_integer(value: object) -> int | None:
    """Return an integer of 64 bits, from a number or a string of digits."""
    if isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,19}", value):
        value = int(value)
    return value if type(value) is int and abs(value) < _INTEGER_LIMIT else None


def _parse_time(value: object) -> int | None:
    """Return a Unix timestamp. It must be sent as a number that is not negative, not as a string."""
    return None if isinstance(value, str) or (isinstance(value, int) and value < 0) else _parse_integer(value)


def _parse_strings(value: object) -> tuple[str, ...] | None:
    return tuple(value) if isinstance(value, list) and all(isinstance(item, str) for item in value) else None


_PARSERS: Mapping[str, tuple[Callable[[object], Any], str, str]] = {
    "string": (lambda value: value if isinstance(value, str) else None, "invalid_scalar", "This must be a string."),
    "boolean": (_parse_boolean, "parse_error", "This must be true or false."),
    "integer": (_parse_integer, "parse_error", "This must be a whole number."),
    "list": (_parse_strings, "array_expected", "This must be a list of strings."),
    "time": (_parse_time, "parse_error", "This must be a Unix timestamp."),
}
"""For each type: the function that returns the value or None, the code of the problem, and a sentence about it."""


def _names(key: str) -> list[str]:
    """Return the names in a key of a query, from the outermost: ``a``, ``b`` and an empty one for ``a[b][]``."""
    first, bracket, rest = key.partition("[")
    if not bracket or not first or not rest.endswith("]"):
        return [key]
    return [first, *rest[:-1].split("][")]


def _invalid_key(key: str) -> APIError:
    return invalid_argument([key], issue="parse_error", description="The brackets in the name are not valid.")


def _insert(tree: Tree, names: Sequence[str], value: str, *, key: str) -> None:
    """Put a value into a tree, below the names in its key. An empty name is an item of a list.

    ``a[b]=1`` makes ``{"a": {"b": "1"}}``, ``a[]=1`` makes ``{"a": ["1"]}``, and ``a[][b]=1`` makes
    ``{"a": [{"b": "1"}]}``.
    """
    name, *inner = names
    if not inner:
        tree[name] = value
        return
    expected: type[Any] = dict if inner[0] else list
    branch: Any = tree.setdefault(name, expected())
    if type(branch) is not expected:
        raise _invalid_key(key)
    if inner[0]:
        _insert(branch, inner, value, key=key)
    elif len(inner) == 1:
        branch.append(value)
    else:
        # A repeated name starts the next object of the list: annotations[][key]=a&annotations[][key]=b.
        if not branch or not isinstance(branch[-1], dict) or inner[1] in branch[-1]:
            branch.append({})
        _insert(branch[-1], inner[1:], value, key=key)


def parse_query(query: str) -> Tree:
    """Return the tree of a query string with brackets in its keys.

    Raises:
        APIError: two keys contradict each other, such as ``a=1`` and ``a[b]=1``, or a key has too many names.
    """
    tree: Tree = {}
    for key, value in urllib.parse.parse_qsl(query, keep_blank_values=True):
        names = _names(key)
        if len(names) > _MAXIMUM_NAMES:
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
        json.dumps(tree, ensure_ascii=False).encode()  # fails for a lone surrogate
    except (ValueError, RecursionError) as error:
        raise APIError("invalid_json_body", detail={"details": str(error)}) from error
    return tree if isinstance(tree, dict) else {}


def parse(query: str, *, content_type: str, body: bytes) -> Tree:
    """Return the tree of the query and the body, which overrides the query.

    Args:
        query: raw query string.
        content_type: media type of the body; a body of any type but JSON is ignored.
        body: raw body.

    Raises:
        APIError: the query or the body is not valid.
    """
    tree = parse_query(query)
    if content_type != "application/json":
        # Without a JSON body, Katapult's web framework (Apia) reads the JSON from this parameter of the query.
        parameter = tree.pop("_arguments", "")
        body = parameter.encode() if isinstance(parameter, str) else b""
    return tree | parse_body(body)


def without_nulls(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values that are not null."""
    return {name: value for name, value in values.items() if value is not None}


@attrs.frozen
class Lookup:
    """A key and a value that identify one object."""

    model: type[Object]
    """Class of the object."""
    by: str
    """Key, such as ``id`` or ``fqdn``."""
    value: str
    """Value of the key."""


@attrs.define
class Arguments:
    """The arguments of one request.

    `read` returns one argument, `values` all that were sent, and `page` the page that they request. Each raises the
    API's error if an argument is not valid.
    """

    tree: Mapping[str, Any] = attrs.field(factory=dict)
    """Arguments in the query and the body. They override those in the path."""
    segments: Mapping[str, str] = attrs.field(factory=dict)
    """Arguments in the path."""
    outer: tuple[str, ...] = ()
    """Names of the arguments that contain these, outermost first."""
    first_lookup: str | None = attrs.field(default=None, init=False)
    """Value of the first lookup that was read, except lookups inside other arguments; for the request log."""

    def values(self, expected: Mapping[str, Any]) -> dict[str, Any]:
        """Return the arguments that were sent, by name; see `read`.

        A lookup inside another argument has the name of the field for its object: ``zone_id`` for ``zone``.

        Args:
            expected: marked names and types; see `DocumentedOperation.arguments`.
        """
        values = {}
        for marked, expected_type in expected.items():
            name, value = unmarked(marked), self.read(marked, expected_type)
            if value is not ABSENT:
                values[f"{name}_id" if self.outer and model_of(name, expected_type) else name] = value
        return values

    def read(self, marked: str, expected: Any) -> Any:
        """Return the value of an argument, null or `ABSENT`.

        A blank string is returned as null, even if the argument is required. Null for a list is an empty list.

        Args:
            marked: name of the argument; with ``*`` it is required, and with ``[]`` it is a list.
            expected: the documented type of the argument, or the documented names inside it. If the argument names an
                object (see `model_of`), the value is a `Lookup`; otherwise it is a dictionary of the arguments inside
                that were sent.

        Raises:
            APIError: a required argument is absent or null, or an argument has another type.
        """
        name, is_list = unmarked(marked), "[]" in marked
        model = model_of(name, expected)
        value = self.tree.get(name, ABSENT)
        if value is ABSENT and name in self.segments:
            value = self.segments[name] if model is None else {model.kind.keys[0]: self.segments[name]}
        if value is ABSENT or value is None:
            if "*" in marked:
                raise missing_argument([*self.outer, name])
            return () if value is None and is_list else value
        if not isinstance(expected, Mapping):
            return self._parsed(name, "list" if is_list else expected, value)
        if is_list:
            if not isinstance(value, list) or not all(isinstance(item, Mapping) for item in value):
                raise self._invalid(name, issue="array_expected", description="This must be a list of objects.")
            return [self._inside(name, item, expected) for item in value]
        if not isinstance(value, Mapping):
            raise self._invalid(name, issue="object_expected", description="This must be an object.")
        return self._inside(name, value, expected) if model is None else self._lookup(name, value, model)

    def _inside(self, name: str, tree: Mapping[str, Any], expected: Mapping[str, Any]) -> dict[str, Any]:
        return Arguments(tree, outer=(*self.outer, name)).values(expected)

    def _lookup(self, name: str, tree: Mapping[str, Any], model: type[Object]) -> Lookup:
        keys = model.kind.keys
        given = [key for key in keys if tree.get(key) is not None]
        if not given:
            raise self._invalid(name, issue="missing_lookup_value", description=f"Give one of: {', '.join(keys)}.")
        if len(given) > 1:
            description = f"Give only one of: {', '.join(given)}."
            raise self._invalid(name, issue="ambiguous_lookup_values", description=description)
        value = tree[given[0]]
        if not isinstance(value, str):
            raise self._invalid(name, given[0], issue="invalid_scalar", description="This must be a string.")
        self.first_lookup = self.first_lookup or value
        return Lookup(model, given[0], value)

    def _parsed(self, name: str, expected: str, value: object) -> Any:
        expected, _, choices = expected.partition("=")
        if choices and value not in choices.split("|"):
            description = f"This must be one of: {choices.replace('|', ', ')}."
            raise self._invalid(name, issue="invalid_enum_value", description=description)
        is_time = expected == "integer" and (name == "timestamp" or name.endswith("_at"))
        parse, issue, description = _PARSERS["time" if is_time else expected]
        if (parsed := parse(value)) is None:
            raise self._invalid(name, issue=issue, description=description)
        return None if isinstance(parsed, str) and not parsed.strip() else parsed

    def page(self) -> tuple[int, int]:
        """Return the number of the requested page, from 1, and its rows; the first page with 30 rows by default.

        Raises:
            APIError: a value is not an integer, is below 1, or asks for more than 200 rows.
        """
        return self._bounded("page", 1, maximum=_INTEGER_LIMIT), self._bounded("per_page", 30, maximum=200)

    def _bounded(self, name: str, default: int, *, maximum: int) -> int:
        value = self.read(name, "integer")
        if not isinstance(value, int):
            return default
        if not 1 <= value <= maximum:
            description = f"{value} is not in the allowed range."
            # These names are Apia's. The second one is also sent where the maximum is 200.
            rule = "greater_than_zero" if value < 1 else "less_than_or_equal_to_one_hundred"
            raise self._invalid(name, issue="validation_errors", description=description, errors=[rule])
        return value

    def _invalid(self, *names: str, issue: str, description: str, errors: Sequence[str] = ()) -> APIError:
        return invalid_argument([*self.outer, *names], issue=issue, description=description, errors=errors)
