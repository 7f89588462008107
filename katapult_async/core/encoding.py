"""Convert arguments to the JSON of a body, or to the query of a URL.

`Endpoint.arguments_in` in `endpoints` says which of the two: unless an operation sets it, the body of a POST, PUT or
PATCH, and the query of other requests. The checks of values are in `validation`.
"""

import functools
import json
import re
import types
import typing
from collections.abc import Callable, Iterable, Mapping, Sequence
from ipaddress import IPv4Address, IPv6Address
from typing import Any, Final

import attrs

from katapult_async.config import whole_number
from katapult_async.core import validation
from katapult_async.core.endpoints import Ref
from katapult_async.core.redaction import Secret, is_secret_name
from katapult_async.errors import UsageError, quoted
from katapult_async.models.lookups import Lookup
from katapult_async.models.unset_argument import Unset

Argument = str | int | Lookup | IPv4Address | IPv6Address | Sequence["Argument"] | Mapping[str, "Argument"]
"""A value of a query argument: text, a number, a boolean, what identifies an object, or lists and mappings of these."""

Convert = Callable[[str, object], object]
"""Takes the name of a parameter, for the error, and its value. Checks the value and returns it as JSON."""


_MAX_LEVELS: Final = 100  # of an argument; the deepest documented one has 4
_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
_ID_RULE: Final = "a string of 1 to 64 letters, digits, '_' or '-'"


def reference(ref: Ref, name: str, value: object) -> dict[str, str]:
    """Return what identifies an object: ``{"id": "vm_1"}``, or ``{"fqdn": "web-1.acme.example"}``.

    An id is checked here, because Katapult would not name the mistake: if an id is missing, Katapult takes the end of
    the path, such as ``virtual_machine`` in ``/virtual_machines/virtual_machine``, for the id and responds with 404.

    Args:
        ref: the object, and what identifies it.
        name: of the parameter, for the error.
        value: what the caller passed.
    """
    if isinstance(value, str) and _ID.fullmatch(value):
        return {ref.key: str.__str__(value)}  # of an enum too: its own str() may differ from the text that was checked
    if ref.by and isinstance(value, ref.by):
        return _identifier(value)
    if isinstance(value, str) and not ref.by:
        raise UsageError(f"{name} must be {_ID_RULE}, not {quoted(value)}")
    alternatives = " or ".join(["an id", *(f"{kind.__name__}(...)" for kind in ref.by)])
    advice = f"; an id is {_ID_RULE}" if isinstance(value, str) else ""
    if hasattr(value, "id"):  # an object, which a caller may pass in place of its id
        advice = "; give its id"
    raise UsageError(f"{name} must be {alternatives}, not {quoted(value)}{advice}")


def _identifier(value: object) -> dict[str, str]:
    """Return the key and the text of a lookup or an IP address."""
    if isinstance(value, IPv4Address | IPv6Address):
        return {"address": str(value).partition("/")[0]}  # an IPv4Interface is an IPv4Address, with its mask
    [(key, text)] = attrs.asdict(value).items()  # type: ignore[arg-type] # all others are attrs classes
    return {key: str.__str__(text)}


def json_object(name: str, values: object, *, refs: tuple[Ref, ...] = ()) -> dict[str, Any]:
    """Return a copy of arguments as JSON. Lookups and IP addresses become the names and values that identify objects.

    Args:
        name: of the parameter that takes them, for errors.
        values: the arguments, by Katapult's names.
        refs: the objects that the operation names. A string for one of them is an id.
    """
    arguments = validation.mapping(name, values)
    for ref in refs:
        if isinstance(value := arguments.get(ref.name), (str, *ref.by)):
            arguments[ref.name] = reference(ref, ref.name, value)
    try:
        text = json.dumps(arguments, allow_nan=False, ensure_ascii=False, default=_json)
        copied: dict[str, Any] = json.loads(text.encode())
        _check_levels(copied, _MAX_LEVELS)
    except (TypeError, ValueError, RecursionError) as error:
        problem = str(error)  # raised below, so that the error has no context
    else:
        return copied
    raise UsageError(f"{name} must be a JSON object of plain values: {problem}")


def _check_levels(value: object, levels: int) -> None:
    """Raise ValueError if JSON has too many levels for the functions that hide secrets, which are recursive."""
    if not levels:
        raise ValueError(f"more than {_MAX_LEVELS} levels")
    if isinstance(value, dict):
        value = [*value.values()]
    if isinstance(value, list):
        for inner in value:
            _check_levels(inner, levels - 1)


def _json(value: object) -> object:
    """Return the JSON of a value that the json module does not know."""
    if isinstance(value, Lookup | IPv4Address | IPv6Address):
        return _identifier(value)
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} is not one of them")


def query(arguments: Mapping[str, object]) -> tuple[tuple[str, str], ...]:
    """Return the pairs of a query: ``{"network": {"id": "netw_1"}}`` becomes ``network[id]=netw_1``.

    An item of a list is written as ``name[]``, and the booleans as ``true`` and ``false``. A value that is named like a
    secret is a `Secret`.

    Args:
        arguments: by name; objects and lists are nested.
    """
    pairs: list[tuple[str, str]] = []
    for name, value in arguments.items():
        _add_pairs(pairs, name, value)
    return tuple(pairs)


def _add_pairs(pairs: list[tuple[str, str]], name: str, value: object) -> None:
    """Add the pairs of one argument to those of a query."""
    if isinstance(value, str):
        if not (name + value).isascii():  # most are ASCII, and need no further check
            validation.whole_characters(name, value)
        pairs.append((name, Secret(value) if is_secret_name(name) else value))
    elif isinstance(value, dict | list) and not value:
        raise UsageError(f"{name} is empty: a query cannot express that, so it would not be sent")
    elif isinstance(value, dict):
        for key, inner in value.items():
            _add_pairs(pairs, f"{name}[{key}]", inner)
    elif isinstance(value, list):
        for item in value:
            _add_pairs(pairs, f"{name}[]", item)
    elif isinstance(value, int):
        _add_pairs(pairs, name, str(value).lower())  # true and false for booleans
    else:
        raise UsageError(f"{name} must be a string, a whole number or a boolean in a query, not {quoted(value)}")


def converter(annotation: object, *, ref: Ref | None = None, refs: tuple[Ref, ...] = ()) -> Convert:
    """Return the function that checks and converts the values of a parameter, by the type of its annotation.

    There are rules for ``str``, ``int``, ``bool``, ``datetime``, a ``Literal`` (perhaps with the enum of the same
    values), a model, ``Iterable`` of these, and ``Mapping[str, str]``, which Katapult takes as a list of keys and
    values. A None that the type allows is sent as null; in a model its field is left out.

    Args:
        annotation: the type.
        ref: the object that the parameter names, if it names one.
        refs: the objects that the operation names, for the fields of a model.

    Raises:
        TypeError: no rule covers the type.
    """
    is_union = typing.get_origin(annotation) in (types.UnionType, typing.Union)
    members = typing.get_args(annotation) if is_union else (annotation,)
    kinds = [member for member in members if member not in (types.NoneType, Unset)]
    convert = _converter_by_type(*kinds, ref=ref, refs=refs)
    if types.NoneType not in members:
        return convert
    return lambda name, value: None if value is None else convert(name, value)


_SIMPLE_CONVERTERS: dict[object, Convert] = {str: validation.text, int: whole_number, bool: validation.flag}


def _converter_by_type(kind: Any, *others: Any, ref: Ref | None, refs: tuple[Ref, ...]) -> Convert:
    """Return the function for values of one of these types, or with ``ref`` for what identifies an object."""
    origin, inner = typing.get_origin(kind), typing.get_args(kind)
    if not others and origin is Iterable:
        return _list_converter(converter(inner[0], ref=ref, refs=refs))
    if ref is not None:
        return functools.partial(reference, ref)
    if origin is typing.Literal:
        return validation.choice(inner)  # an enum beside it has the same values
    if not others:
        if kind in _SIMPLE_CONVERTERS or validation.is_datetime(kind):
            return _SIMPLE_CONVERTERS.get(kind, validation.unix_time)
        if origin is Mapping:
            return _keys_and_values
        if isinstance(kind, type) and attrs.has(kind):
            return _model_converter(kind, refs)
    raise TypeError(f"no rule converts a parameter of the type {kind}{''.join(f' | {other}' for other in others)}")


def _model_converter(model: type, refs: tuple[Ref, ...]) -> Convert:
    refs_by_name = {ref.name: ref for ref in refs}
    converters = {
        field: converter(kind, ref=refs_by_name.get(field), refs=refs)
        for field, kind in typing.get_type_hints(model).items()
    }

    def converted(name: str, value: object) -> object:
        validation.instance(name, value, model)
        values = {field: getattr(value, field) for field in converters}
        return {field: converters[field](field, inner) for field, inner in values.items() if inner is not None}

    return converted


def _list_converter(convert: Convert) -> Convert:
    return lambda name, value: [convert(f"an item of {name}", item) for item in validation.items(name, value)]


def _keys_and_values(name: str, value: object) -> object:
    pairs = validation.mapping(name, value).items()
    return [{"key": str.__str__(key), "value": validation.text(f"{name}[{key}]", text)} for key, text in pairs]
