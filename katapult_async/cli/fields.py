"""Fields of a record: all of them as plain values, or some by their dotted paths (``--fields``). Pure."""

import datetime
import enum
import typing
from collections.abc import Mapping, Sequence
from typing import Final

import attrs

Plain = str | int | float | bool | list["Plain"] | dict[str, "Plain"] | None
"""A value as JSON and YAML have it."""


_MOST_COLUMNS: Final = 5
_NAMING: Final = frozenset({"address", "name"})  # fields that identify an object in a table
_ACRONYMS: Final[Mapping[str, str]] = {
    **{
        word: word.upper()
        for word in (
            "cpu",
            "dns",
            "fqdn",
            "gb",
            "gpu",
            "id",
            "io",
            "ip",
            "iso",
            "mac",
            "ssh",
            "ttl",
            "url",
            "uuid",
            "vip",
        )
    },
    "ipv4": "IPv4",
    "ipv6": "IPv6",
}


class UnknownFieldError(ValueError):
    """A path that leads to no field. The text names the fields that there are."""


def plain(value: object, *, is_inside: bool = False) -> Plain:
    """Return a value as JSON and YAML have it: an object with its fields, without secrets and what is None.

    Katapult may have omitted a field that is None, and a null in its place would be wrong. For the same reason an empty
    list is left out of an object that is inside another.
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
    fields = {field.name: getattr(value, field.name) for field in _fields(type(value)) if field.repr}
    absent = (None, ()) if is_inside else (None,)
    return {name: plain(inner, is_inside=True) for name, inner in fields.items() if inner not in absent}


def value_at(record: object, path: str) -> Plain:
    """Return the value at a path such as ``zone.data_center.name``; None where a part of the path is absent.

    A path through a list gives the list of the values in its items. A secret is shown when its path is given.
    """
    if isinstance(record, tuple):
        return [value_at(item, path) for item in record]
    name, _, rest = path.partition(".")
    value = getattr(record, name, None)
    return value_at(value, rest) if rest else plain(value)


def titles_of(paths: Sequence[str]) -> tuple[str, ...]:
    """Return titles of columns for people: ``zone.data_center.name`` is ``Data center``."""
    titles = [_title(path.split(".")) for path in paths]
    return tuple(
        title if titles.count(title) == 1 else _words(path.replace(".", "_"))
        for path, title in zip(paths, titles, strict=True)
    )


def _title(names: Sequence[str]) -> str:
    *parents, last = names
    return _words(parents[-1]) if parents and last in _NAMING else _words(last)


def _words(name: str) -> str:
    words = [_ACRONYMS.get(word, word) for word in name.split("_")]
    return " ".join([words[0][:1].upper() + words[0][1:], *words[1:]])


def fields_of(model: type) -> dict[str, type | None]:
    """Return the fields of a model in their order: their names, and the model inside each, if there is one."""
    hints = typing.get_type_hints(model)
    return {field.name: _model_in(hints[field.name]) for field in _fields(model)}


def check_path(model: type, path: str) -> None:
    """Raise an error if a path leads to no field of a model.

    Raises:
        UnknownFieldError: a part of the path is no field.
    """
    inside: type | None = model
    before: list[str] = []
    for name in path.split("."):
        if inside is None:
            raise UnknownFieldError(f"{'.'.join(before)} has no fields")
        known = fields_of(inside)
        if name not in known:
            where = f" in {'.'.join(before)}" if before else ""
            raise UnknownFieldError(f"no field {name!r}{where}; the fields are {', '.join(known)}")
        before.append(name)
        inside = known[name]


def _fields(model: type) -> tuple["attrs.Attribute[object]", ...]:
    fields: tuple[attrs.Attribute[object], ...] = attrs.fields(model)
    return fields


def _model_in(hint: object) -> type | None:
    """Return the model in a type such as ``Zone | None`` or ``tuple[IPAddress, ...]``."""
    parts = (hint, *typing.get_args(hint))
    return next((part for part in parts if isinstance(part, type) and attrs.has(part)), None)


def secrets_of(model: type) -> list[str]:
    """Return the names of the fields that are secrets."""
    return [field.name for field in _fields(model) if not field.repr]


def default_columns(model: type, *, brief: bool) -> tuple[str, ...]:
    """Return the paths of the fields that say most about a model: those with plain values, and the names of objects.

    A model without an id, such as a report, also has columns for the objects in it.

    Args:
        model: the model.
        brief: whether only the first few are returned, for the columns of a list.
    """
    hints = typing.get_type_hints(model)
    has_id = "id" in hints
    columns: list[str] = []
    for field in _fields(model):
        inside = _model_in(hints[field.name])
        is_list = typing.get_origin(hints[field.name]) is tuple
        if inside is None:
            columns += [field.name] if field.repr and not (brief and is_list) else []
        elif not has_id:
            names = [name for name in ("id", "name", "status") if name in fields_of(inside)]
            columns += [f"{field.name}.{name}" for name in names] or [field.name]
        elif not is_list and not brief and "name" in fields_of(inside):
            columns.append(f"{field.name}.name")
    return tuple(columns[:_MOST_COLUMNS] if brief else columns)
