"""The shared options that were given to one command. They decide which fields are written, and sort the records."""

import contextlib
import ipaddress
import math
from collections.abc import AsyncGenerator, AsyncIterable
from typing import cast

import attrs

from katapult_async.cli.column_titles import titles_of
from katapult_async.cli.connection import Connection
from katapult_async.cli.declarations import fields_of
from katapult_async.cli.format_names import FORMATS_OF_ROWS
from katapult_async.cli.output import cell
from katapult_async.cli.plain_values import is_absent, plain, value_at
from katapult_async.models.serialization import Plain


@attrs.frozen(kw_only=True)
class Options:
    """The shared options that were given to one command, and the columns that the command has."""

    columns: tuple[str, ...] = ()
    """Paths of the fields that rows show without ``--fields``."""

    output_format: str
    """One of `format_names.FORMATS`."""

    fields: tuple[str, ...] | None = None
    """Paths of the fields to write; None for the columns in a row, and for all fields elsewhere."""

    connection: Connection = attrs.field(factory=Connection)
    """The server."""

    dry_run: bool = False
    """Whether to show the first request that would change something, instead of sending it."""

    sort: str | None = None
    """Path of the field that a list is sorted by, with a ``-`` before it for the opposite order; None for no order."""

    header: bool = True
    """Whether a table or csv begins with its titles."""

    @property
    def paths(self) -> tuple[str, ...]:
        """Paths of the fields in a row."""
        return self.columns if self.fields is None else self.fields

    @property
    def titles(self) -> tuple[str, ...]:
        """Titles of the columns: in words for a table without ``--fields``, and the paths otherwise."""
        return titles_of(self.columns) if self.fields is None and self.output_format == "table" else self.paths

    def record(self, value: object) -> dict[str, Plain]:
        """Return the fields of a value that are written. A secret is among them if ``--fields`` or a column has it."""
        if self.fields is None and self.output_format not in FORMATS_OF_ROWS:
            all_fields = cast("dict[str, Plain]", plain(value))
            fields = fields_of(type(value).__name__).items()
            secrets = [name for name, field in fields if field.is_secret and name in self.columns]
            return all_fields | {name: value_at(value, name) for name in secrets}
        return {title: value_at(value, path) for title, path in zip(self.titles, self.paths, strict=True)}

    @property
    def sort_path(self) -> str:
        """Path of the field that a list is sorted by; empty for no order."""
        return (self.sort or "").removeprefix("-")

    async def sorted(self, records: AsyncIterable[object]) -> AsyncGenerator[object]:
        """Yield records in the order of ``--sort``, after the last one has come; those without a value come last."""
        path = self.sort_path
        known = [record async for record in records]
        known.sort(key=lambda record: _order(value_at(record, path)), reverse=self.sort == f"-{path}")
        for record in sorted(known, key=lambda record: is_absent(value_at(record, path))):
            yield record


def _order(value: Plain) -> tuple[float, str]:
    """Return the sort key of a value: numbers and IP addresses come first, in the order of their size."""
    match value:
        case int() | float():
            return value, ""
        case [first, *_]:
            return _order(first)
    with contextlib.suppress(ValueError):
        return int(ipaddress.ip_interface(str(value)).ip), ""
    return math.inf, cell(value)
