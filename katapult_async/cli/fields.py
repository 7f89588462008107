"""Fields of a model by their paths: which there are, which of them are columns, and the titles of columns. Pure."""

from collections.abc import Mapping, Sequence
from typing import Final

from katapult_async.cli.declarations import Fields

_MOST_COLUMNS: Final = 5
_NAMING: Final = frozenset({"address", "name"})  # fields that identify an object in a table
_UPPER: Final = ("cpu", "dns", "fqdn", "gb", "gpu", "id", "io", "ip", "iso", "mac", "ssh", "ttl", "url", "uuid", "vip")
_ACRONYMS: Final[Mapping[str, str]] = {"ipv4": "IPv4", "ipv6": "IPv6", **{word: word.upper() for word in _UPPER}}


class UnknownFieldError(ValueError):
    """A path that leads to no field. The text names the fields that there are."""


def fields_at(fields: Fields, names: Sequence[str]) -> Fields:
    """Return the fields inside of a field.

    Args:
        fields: those of the record.
        names: the names on the path to the field; empty for the record.

    Raises:
        UnknownFieldError: one of them is no field.
    """
    inside = fields
    for number, name in enumerate(names):
        before = ".".join(names[:number])
        if not inside:
            raise UnknownFieldError(f"{before} has no fields")
        if name not in inside:
            where = f" in {before}" if before else ""
            raise UnknownFieldError(
                f"no field {name!r}{where}{_suggestion(name, inside)}; the fields are {', '.join(inside)}"
            )
        inside = inside[name].fields
    return inside


def _suggestion(name: str, fields: Fields) -> str:
    """Return which field has a name like an unknown one."""
    import difflib  # noqa: PLC0415 # slow to load, and only errors need it

    similar = difflib.get_close_matches(name, fields, n=1)
    return f" (did you mean {similar[0]}?)" if similar else ""


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


def secrets_of(fields: Fields) -> list[str]:
    """Return the names of the fields that are secrets."""
    return [name for name, field in fields.items() if field.is_secret]


def default_columns(fields: Fields, *, brief: bool) -> tuple[str, ...]:
    """Return the paths of the fields that describe a record best: those with plain values, and the names of objects.

    A record without an id, such as a report, also has columns for the objects in it.

    Args:
        fields: those of the record.
        brief: whether only the first few are returned, for the columns of a list.
    """
    columns: list[str] = []
    for name, field in fields.items():
        is_list = field.container == "list"
        if not field.fields:
            if not field.is_secret and not (brief and is_list):
                columns.append(name)
        elif "id" not in fields:
            columns += [f"{name}.{inner}" for inner in ("id", "name", "status") if inner in field.fields] or [name]
        elif not is_list and not brief and "name" in field.fields:
            columns.append(f"{name}.name")
    return tuple(columns[:_MOST_COLUMNS] if brief else columns)
