"""Paths of fields on the command line: the types of ``--fields`` and ``--sort``, and the fields inside of a field."""

from collections.abc import Callable, Sequence
from typing import Any

import click

from katapult_async.cli.declarations import Fields
from katapult_async.similar_names import did_you_mean


def fields_at(fields: Fields, names: Sequence[str]) -> Fields:
    """Return the fields inside of a field.

    Args:
        fields: those of the record.
        names: the names on the path to the field; empty for the record.

    Raises:
        click.BadParameter: one of them is not a field. The text names those that there are.
    """
    inside = fields
    for number, name in enumerate(names):
        before = ".".join(names[:number])
        if not inside:
            raise click.BadParameter(f"{before} has no fields")
        if name not in inside:
            where = f" in {before}" if before else ""
            known = f"{', '.join(inside)}{did_you_mean(name, inside)}"
            raise click.BadParameter(f"no field {name!r}{where}; the fields are {known}")
        inside = inside[name].fields
    return inside


class FieldPaths(click.ParamType[Any]):
    """The type of paths of fields, separated by commas.

    Args:
        fields: returns the fields of a record; called when paths are read or completed, not for the help.
    """

    name = "PATH,..."

    def __init__(self, fields: Callable[[click.Context | None], Fields]) -> None:
        self._fields = fields

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the paths in their order, each once."""
        del param
        paths = tuple(dict.fromkeys(path.strip() for path in value.split(",")))
        for path in paths:
            fields_at(self._fields(ctx), path.split("."))
        return paths

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[Any]:
        """Return the fields that can complete the last path."""
        from click.shell_completion import CompletionItem  # noqa: PLC0415 # only completion needs it

        del param
        before, comma, path = incomplete.rpartition(",")
        *parents, start = path.split(".")
        try:
            inside = fields_at(self._fields(ctx), parents)
        except click.BadParameter:
            return []
        prefix = before + comma + "".join(f"{parent}." for parent in parents)
        return [CompletionItem(prefix + name) for name in inside if name.startswith(start)]


class SortPath(FieldPaths):
    """The type of one path, with an optional ``-`` before it."""

    name = "PATH"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the text as it is."""
        del param
        fields_at(self._fields(ctx), value.removeprefix("-").split("."))
        return str(value)
