"""What `available-ips` writes of its records, in each of the formats: all that they have, or some fields."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Final

import attrs

from katapult_async.cli.available_ips_output import Record
from katapult_async.cli.available_ips_table import AddressTable
from katapult_async.cli.fields import picked
from katapult_async.cli.output import CSV, PlainRecord, Writer, list_writer
from katapult_async.cli.output_stream import Output

COLUMNS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "interface_id": "interface_id",
        "address_version": "address_version",
        "id": "ip_addresses.id",
        "address": "ip_addresses.address",
        "address_with_mask": "ip_addresses.address_with_mask",
        "reverse_dns": "ip_addresses.reverse_dns",
        "network_id": "ip_addresses.network.id",
        "network_name": "ip_addresses.network.name",
        "data_center_id": "ip_addresses.network.data_center.id",
        "data_center_name": "ip_addresses.network.data_center.name",
        "error_type": "error.type",
        "error": "error.sentence",
    }
)
"""Columns of the csv, and the paths of what is in them, unless `--fields` names others."""


class Report:
    """Gives a writer what is to be written of each record."""

    def __init__(self, writer: Writer[PlainRecord], *, made_of: Callable[[Record], Iterable[PlainRecord]]) -> None:
        self._writer = writer
        self._made_of = made_of

    def write(self, record: Record) -> None:
        """Write what is made of one record."""
        for each in self._made_of(record):
            self._writer.write(each)

    def close(self) -> None:
        """Write what is still missing."""
        self._writer.close()


class AnsweredOnly:
    """Leaves failures to whoever tells them elsewhere."""

    def __init__(self, records: Writer[Record]) -> None:
        self._records = records

    def write(self, record: Record) -> None:
        """Pass on a record with an answer."""
        if record.error is None:
            self._records.write(record)

    def close(self) -> None:
        """Write what is still missing."""
        self._records.close()


def report(output_format: str, output: Output, *, fields: Sequence[str] | None = None) -> Writer[Record]:
    """Return what writes records in a format.

    Args:
        output_format: one of `asking.FORMATS`; all but the table are written as the records come.
        output: where to.
        fields: paths of what to write; None for all of a record, and for what fits into rows.
    """
    if output_format == "table":
        return AddressTable(output, fields=fields)
    if output_format == "csv":
        columns = COLUMNS if fields is None else {path: path for path in fields}
        return Report(CSV(output, columns=tuple(columns)), made_of=lambda record: _rows(record, columns))
    writer = list_writer(output_format, output, columns=())
    if fields is None:
        return Report(writer, made_of=lambda record: [record.as_json()])
    return Report(writer, made_of=lambda record: [{path: picked(record, path) for path in fields}])


def _rows(record: Record, columns: Mapping[str, str]) -> Iterator[PlainRecord]:
    """Yield a row for each address if a column is about addresses; one for a record without any, or without such."""
    rows = [record]
    if any(path.partition(".")[0] == "ip_addresses" for path in columns.values()):
        rows = [attrs.evolve(record, ip_addresses=(each,)) for each in record.ip_addresses] or rows
    for row in rows:
        yield {title: picked(row, path) for title, path in columns.items()}
