"""Writers: one for each output format. Records go in as they come, whole lines come out."""

import contextlib
import csv
import errno
import io
import json
import os
from collections.abc import Callable, Mapping
from typing import Final, Protocol, TextIO

from katapult_async.cli.records import Record
from katapult_async.cli.table import Table
from katapult_async.cli.terminal import printable
from katapult_async.models.ip_addresses import IPAddress

COLUMNS: Final = (
    "interface_id",
    "address_version",
    "id",
    "address",
    "address_with_mask",
    "reverse_dns",
    "network_id",
    "network_name",
    "data_center_id",
    "data_center_name",
    "error_type",
    "error",
)
"""Columns of the csv. An interface without addresses has one row, in which only it and the error are filled in."""


class OutputError(Exception):
    """Standard output does not take what is written to it."""


class OutputGoneError(OutputError):
    """Whoever read standard output has gone away, as ``| head`` does: no reason to complain."""


class Writer(Protocol):
    """Takes records until it is closed."""

    def write(self, record: Record) -> None:
        """Write one record, or keep it for the end. Raises OutputError."""

    def close(self) -> None:
        """Write what is still missing. Raises OutputError."""


class Output:
    """A text stream whose failures are told apart from all others."""

    def __init__(self, stream: TextIO) -> None:
        self._descriptor: int | None = None
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a name must not end a run under LANG=en_US.ISO-8859-1
            with contextlib.suppress(OSError):  # io.UnsupportedOperation is one: a stream in memory has no descriptor
                self._descriptor = stream.fileno()
        self.stream = stream

    def put(self, text: str) -> None:
        """Write text, and see it off. Raises OutputError."""
        try:
            if self._descriptor is None:
                self.stream.write(text)
                self.stream.flush()
            else:
                self._put_whole(self._descriptor, text.encode(self.stream.encoding, "backslashreplace"))
        except OSError as error:
            if error.errno in {errno.EPIPE, errno.EINVAL}:  # Windows says EINVAL
                gone = OutputGoneError(str(error))
            else:
                raise OutputError(f"the output cannot be written: {error.strerror or error}") from error
        else:
            return
        raise gone

    @staticmethod
    def _put_whole(descriptor: int, data: bytes) -> None:
        """Write all of it. Python's buffered files lose the end of a long write into which a signal comes (3.11.7)."""
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(descriptor, rest) :]


class JSONLines:
    """One JSON object a line, in order of completion."""

    def __init__(self, output: Output) -> None:
        self._output = output

    def write(self, record: Record) -> None:
        """Write one line."""
        self._output.put(f"{_json(record)}\n")

    def close(self) -> None:
        """Do nothing: every line is out."""


class JSONArray:
    """One JSON array of the same objects, a line each, in order of completion."""

    def __init__(self, output: Output) -> None:
        self._output = output
        self._before = "["

    def write(self, record: Record) -> None:
        """Write one element."""
        self._output.put(f"{self._before}\n{_json(record)}")
        self._before = ","

    def close(self) -> None:
        """Write the end of the array."""
        self._output.put("[]\n" if self._before == "[" else "\n]\n")


class CSV:
    """One row an address, in order of completion; a header first."""

    def __init__(self, output: Output) -> None:
        self._output = output
        self._rows = io.StringIO()
        self._csv = csv.DictWriter(self._rows, COLUMNS, restval="", lineterminator="\n")
        self._csv.writeheader()

    def write(self, record: Record) -> None:
        """Write the rows of one record."""
        query = {"interface_id": record.interface_id, "address_version": record.address_version}
        if record.error is not None:
            self._row({**query, "error_type": record.error.type, "error": str(record.error)})
        elif not record.ip_addresses:
            self._row(query)
        for address in record.ip_addresses:
            self._row({**query, **_cells(address)})
        self._put()

    def close(self) -> None:
        """Write the header if nothing else was written."""
        self._put()

    def _row(self, cells: Mapping[str, str | None]) -> None:
        self._csv.writerow({name: printable(cell or "") for name, cell in cells.items()})

    def _put(self) -> None:
        """Hand over whole rows only."""
        self._output.put(self._rows.getvalue())
        self._rows.seek(0)
        self._rows.truncate()


class TableAtTheEnd:
    """A table for people, which can be laid out only when all of it is known."""

    def __init__(self, output: Output) -> None:
        self._output = output
        self._table = Table()

    def write(self, record: Record) -> None:
        """Keep what the table shows of one record."""
        self._table.add(record)

    def close(self) -> None:
        """Write the table."""
        if self._table.rows:
            self._output.put(self._table.render(self._output.stream))


_WRITERS: Final[Mapping[str, Callable[[Output], Writer]]] = {
    "table": TableAtTheEnd,
    "json": JSONArray,
    "jsonl": JSONLines,
    "csv": CSV,
}

STREAMING: Final = frozenset({"json", "jsonl", "csv"})
"""The formats that are written as the answers come."""


def writer(output_format: str, stream: TextIO) -> Writer:
    """Return the writer of a format: table, json, jsonl or csv."""
    return _WRITERS[output_format](Output(stream))


def _json(record: Record) -> str:
    """Return one line of ASCII: a name that a server sent moves no cursor and ends no line."""
    return json.dumps(record.as_json(), ensure_ascii=True)


def _cells(address: IPAddress) -> dict[str, str | None]:
    network = address.network
    place = network.data_center if network is not None else None
    return {
        "id": address.id,
        "address": address.address,
        "address_with_mask": address.address_with_mask,
        "reverse_dns": address.reverse_dns,
        "network_id": network.id if network is not None else None,
        "network_name": network.name if network is not None else None,
        "data_center_id": place.id if place is not None else None,
        "data_center_name": place.name if place is not None else None,
    }
