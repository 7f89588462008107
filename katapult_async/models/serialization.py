"""Models as plain values that JSON can hold."""

import datetime
import enum
import typing

import attrs

from katapult_async.errors import UsageError, quoted
from katapult_async.models.secret_fields import is_secret

Plain = str | int | float | bool | list["Plain"] | dict[str, "Plain"] | None
"""A value that JSON can hold."""


def to_dict(model: object, *, secrets: bool = False) -> dict[str, Plain]:
    """Return a model as a dict that JSON can hold, with all its fields, also those that are None.

    Times become ISO 8601 strings in UTC, enums become their values, tuples become lists, errors become their texts.

    Args:
        model: an object that the library returned, such as a `Failed` of a batch.
        secrets: whether secrets are shown (root passwords, private keys, secrets of tokens); else they are ``"***"``.

    Raises:
        UsageError: the value is not a model, or ``secrets`` is not a boolean.
    """
    if not attrs.has(type(model)):
        raise UsageError(f"to_dict takes a model, such as a VirtualMachine, not {quoted(model)}")
    if not isinstance(secrets, bool):  # the string "no" would count as true, and show the secrets
        raise UsageError(f"secrets must be True or False, not {quoted(secrets)}")

    def plain(_: object, field: "attrs.Attribute[object] | None", value: object) -> object:
        if field is not None and is_secret(field) and not secrets and value is not None:
            return "***"
        match value:
            case enum.Enum():
                return value.value
            case datetime.datetime():
                return value.isoformat()
            case tuple():
                return list(value)
            case Exception():
                return str(value)
        return value

    return attrs.asdict(typing.cast("attrs.AttrsInstance", model), value_serializer=plain)
