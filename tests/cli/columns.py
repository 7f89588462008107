"""The columns of the commands for which none are chosen by hand. ``python -m tests.cli`` writes them."""

from typing import Final

from katapult_async.cli.declarations import Fields

_MOST_COLUMNS: Final = 5


def derived_columns(fields: Fields, *, brief: bool) -> list[str]:
    """Return the paths of the fields that describe a record best.

    These are the fields with plain values, and the names of objects. A record without an id, such as a report, also has
    columns for the objects in it.

    Args:
        fields: those of the record.
        brief: whether only the first few are derived, for the rows of a list.
    """
    columns: list[str] = []
    for name, field in fields.items():
        is_list = field.container == "list"
        if field.fields and "id" not in fields:
            columns += [f"{name}.{inner}" for inner in ("id", "name", "status") if inner in field.fields] or [name]
        elif "name" in field.fields and not brief and not is_list:
            columns.append(f"{name}.name")
        elif not field.fields and not field.is_secret and not (brief and is_list):
            columns.append(name)
    return columns[:_MOST_COLUMNS] if brief else columns
