"""A record as plain values, which JSON and YAML can hold: all of it, or what is at the path of a field. Pure."""

import datetime
import enum
from typing import Any

import attrs

from katapult_async.models.secret_fields import is_secret
from katapult_async.models.serialization import Plain


def plain(value: Any, *, is_inside: bool = False) -> Plain:
    """Return a value as JSON and YAML have it: an object as its fields, without secrets and without None.

    Katapult may have omitted a field that is None, and a null in its place would be wrong. For the same reason, the
    empty lists of an object inside another object are left out.
    """
    match value:
        case enum.Enum():
            return plain(value.value)
        case datetime.datetime():
            return value.isoformat()
        case None | str() | bool() | int() | float():
            return value
        case tuple() | list():
            return [plain(item, is_inside=is_inside) for item in value]
        case dict():
            return {str(key): plain(item) for key, item in value.items()}
    fields = {field.name: getattr(value, field.name) for field in attrs.fields(type(value)) if not is_secret(field)}
    absent = (None, ()) if is_inside else (None,)
    return {name: plain(inner, is_inside=True) for name, inner in fields.items() if inner not in absent}


def value_at(record: object, path: str) -> Plain:
    """Return the value at a path such as ``zone.data_center.name``; None where a part of the path is absent.

    A path through a list gives the list of the values in its items. A secret is shown when its path is given.
    """
    if isinstance(record, tuple):
        return [value_at(item, path) for item in record]
    name, _, rest = path.partition(".")
    value = record.get(name) if isinstance(record, dict) else getattr(record, name, None)
    return value_at(value, rest) if rest else plain(value)


def is_absent(value: Plain) -> bool:
    """Return whether a value is None, or a list that holds nothing else."""
    return value is None or (isinstance(value, list) and all(map(is_absent, value)))
