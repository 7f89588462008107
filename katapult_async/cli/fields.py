"""From an answer to what is written of it: plain values, whole or by dotted paths of its fields; pure."""

import datetime
import enum
import typing

import attrs

Plain = str | int | float | bool | list["Plain"] | dict[str, "Plain"] | None


class UnknownFieldError(ValueError):
    """A path that leads to no field; the text says which fields there are."""


def plain(value: object) -> Plain:
    """Return a value as JSON and YAML have it. Every field of an object is there, but for secrets."""
    match value:
        case enum.Enum():
            return plain(value.value)
        case datetime.datetime():
            return value.isoformat()
        case None | str() | bool() | int() | float():
            return value
        case tuple() | list():
            return [plain(each) for each in value]
        case dict():
            return {str(name): plain(each) for name, each in value.items()}
    return {field.name: plain(getattr(value, field.name)) for field in _fields(type(value)) if field.repr}


def picked(thing: object, path: str) -> Plain:
    """Return what a path leads to, such as ``zone.data_center.name``; None where something on the way is absent.

    Through a list it leads to the list of what it finds in each. A secret is shown to who asks for it by its name.
    """
    if isinstance(thing, tuple):
        return [picked(each, path) for each in thing]
    head, _, rest = path.partition(".")
    value = getattr(thing, head, None)
    return picked(value, rest) if rest else plain(value)


def fields_of(model: type) -> dict[str, type | None]:
    """Return the names of the fields of a model, in their order, each with the model that is inside it."""
    hints = typing.get_type_hints(model)
    return {field.name: _model_in(hints[field.name]) for field in _fields(model)}


def check(model: type, path: str) -> None:
    """Refuse a path that leads nowhere.

    Raises:
        UnknownFieldError: one of its steps is no field.
    """
    inside: type | None = model
    before: list[str] = []
    for step in path.split("."):
        if inside is None:
            raise UnknownFieldError(f"{'.'.join(before)} has no fields")
        known = fields_of(inside)
        if step not in known:
            where = f" of {'.'.join(before)}" if before else ""
            raise UnknownFieldError(f"no field {step!r}{where}; there are {', '.join(known)}")
        before.append(step)
        inside = known[step]


def _fields(model: type) -> tuple["attrs.Attribute[object]", ...]:
    fields: tuple[attrs.Attribute[object], ...] = attrs.fields(model)
    return fields


def _model_in(hint: object) -> type | None:
    """Return the model in a type such as ``Zone | None`` or ``tuple[IPAddress, ...]``."""
    return next((each for each in (hint, *typing.get_args(hint)) if isinstance(each, type) and attrs.has(each)), None)
