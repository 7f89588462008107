"""Models as plain values that JSON can hold."""

import datetime
import enum
import functools
from typing import Any, Final

import attrs

from katapult_async.errors import UsageError, quoted
from katapult_async.models.secret_fields import is_secret

Plain = str | int | float | bool | list["Plain"] | dict[str, "Plain"] | None
"""A value that JSON can hold."""

_MASK: Final = "***"


def to_dict(model: object, *, secrets: bool = False) -> dict[str, Plain]:
    """Return a model as a dict that JSON can hold, with all its fields, also those that are None.

    Times are ISO 8601 strings in UTC, enums their values, and tuples lists.

    Args:
        model: an object that the library returned.
        secrets: whether secrets are shown (root passwords, private keys, secrets of tokens); else they are ``"***"``.

    Raises:
        UsageError: the value is not a model.
    """
    if isinstance(model, type) or not attrs.has(type(model)):
        raise UsageError(f"to_dict takes a model, such as a VirtualMachine, not {quoted(model)}")
    return _dict(model, secrets=secrets)


def _dict(model: Any, *, secrets: bool) -> dict[str, Plain]:
    plain: dict[str, Plain] = {}
    for name, secret in _fields(model.__class__):
        value = getattr(model, name)
        masked = secret and not secrets and value is not None
        plain[name] = _MASK if masked else _plain(value, secrets=secrets)
    return plain


@functools.cache
def _fields(kind: type) -> tuple[tuple[str, bool], ...]:
    """Return the names of the fields of a model, and which of them are secrets."""
    return tuple((field.name, is_secret(field)) for field in attrs.fields(kind))


def _plain(value: object, *, secrets: bool) -> Plain:
    match value:
        case enum.Enum():
            return _plain(value.value, secrets=secrets)
        case None | str() | bool() | int() | float():
            return value
        case datetime.datetime():
            return value.isoformat()
        case tuple() | list():
            return [_plain(item, secrets=secrets) for item in value]
        case dict():
            return {str(name): _plain(item, secrets=secrets) for name, item in value.items()}
    return _dict(value, secrets=secrets)
