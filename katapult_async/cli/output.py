"""Writers of any record: table, json, jsonl, csv and yaml. All but the table are written as the records come."""

import contextlib
import csv
import errno
import io
import json
import os
from collections.abc import Mapping, Sequence
from typing import Final, Protocol, TextIO, TypeVar

import yaml
from rich.text import Text

from katapult_async.cli.fields import Plain
from katapult_async.cli.messages import printable
from katapult_async.cli.table import literal, rendered


class OutputError(Exception):
    """What is written does not get to where it should."""


class OutputGoneError(OutputError):
    """Whoever read standard output has gone away, as ``| head`` does: no reason to complain."""


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


PlainRecord = Mapping[str, Plain]
"""What is written of one thing, in the order of the columns."""

R_contra = TypeVar("R_contra", contravariant=True)

_DUMPER: Final = getattr(yaml, "CSafeDumper", yaml.SafeDumper)  # in C where PyYAML was built so: a third of the time


class Writer(Protocol[R_contra]):
    """Takes records until it is closed."""

    def write(self, record: R_contra) -> None:
        """Write one record, or keep it for the end. Raises OutputError."""

    def close(self) -> None:
        """Write what is still missing. Raises OutputError."""


class JSONLines:
    """One JSON object a line, in ASCII: a name that a server sent moves no cursor and ends no line."""

    def __init__(self, output: Output) -> None:
        self._output = output

    def write(self, record: PlainRecord) -> None:
        """Write one line."""
        self._output.put(f"{json.dumps(record)}\n")

    def close(self) -> None:
        """Do nothing: every line is out."""


class JSONArray:
    """One JSON array, an object a line."""

    def __init__(self, output: Output) -> None:
        self._output = output
        self._before = "["

    def write(self, record: PlainRecord) -> None:
        """Write one element."""
        self._output.put(f"{self._before}\n{json.dumps(record)}")
        self._before = ","

    def close(self) -> None:
        """Write the end of the array."""
        self._output.put("[]\n" if self._before == "[" else "\n]\n")


class JSONObject:
    """One JSON object, on lines for people."""

    def __init__(self, output: Output) -> None:
        self._output = output

    def write(self, record: PlainRecord) -> None:
        """Write the object."""
        self._output.put(f"{json.dumps(record, indent=2)}\n")

    def close(self) -> None:
        """Do nothing: it is out."""


class YAMLSequence:
    """One YAML sequence."""

    def __init__(self, output: Output) -> None:
        self._output = output
        self._empty = True

    def write(self, record: PlainRecord) -> None:
        """Write one element: a sequence of one, which continues the one before."""
        self._output.put(_yaml([record]))
        self._empty = False

    def close(self) -> None:
        """Write an empty sequence if nothing else was written."""
        if self._empty:
            self._output.put("[]\n")


class YAMLMapping:
    """One YAML mapping."""

    def __init__(self, output: Output) -> None:
        self._output = output

    def write(self, record: PlainRecord) -> None:
        """Write the mapping."""
        self._output.put(_yaml(record))

    def close(self) -> None:
        """Do nothing: it is out."""


class CSV:
    """A header, and one row a record."""

    def __init__(self, output: Output, *, columns: Sequence[str]) -> None:
        self._output = output
        self._columns = columns
        self._begun = False

    def write(self, record: PlainRecord) -> None:
        """Write one row, and the header before the first one."""
        rows = [[printable(cell(value)) for value in record.values()]]
        self._put(rows if self._begun else [self._columns, *rows])

    def close(self) -> None:
        """Write the header if nothing else was written."""
        if not self._begun:
            self._put([self._columns])

    def _put(self, rows: Sequence[Sequence[str]]) -> None:
        """Hand over whole rows only."""
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows(rows)
        self._output.put(text.getvalue())
        self._begun = True


class Table:
    """A table for people, which can be laid out only when all of it is known."""

    def __init__(self, output: Output, *, columns: Sequence[str]) -> None:
        self._output = output
        self._columns = columns
        self._rows: list[list[Text]] = []

    def write(self, record: PlainRecord) -> None:
        """Keep one row."""
        self._rows.append([literal(cell(value)) for value in record.values()])

    def close(self) -> None:
        """Write the table, if there is anything in it."""
        if self._rows:
            self._output.put(rendered(self._rows, titles=self._columns, stream=self._output.stream))


class Sheet:
    """What is known about one thing, a field a line."""

    def __init__(self, output: Output) -> None:
        self._output = output

    def write(self, record: PlainRecord) -> None:
        """Write the lines."""
        rows = [(literal(name), literal(cell(value))) for name, value in record.items()]
        self._output.put(rendered(rows, titles=None, stream=self._output.stream))

    def close(self) -> None:
        """Do nothing: they are out."""


def list_writer(output_format: str, output: Output, *, columns: Sequence[str]) -> Writer[PlainRecord]:
    """Return the writer of a list, in one of the formats of `asking.FORMATS`."""
    match output_format:
        case "json":
            return JSONArray(output)
        case "jsonl":
            return JSONLines(output)
        case "csv":
            return CSV(output, columns=columns)
        case "yaml":
            return YAMLSequence(output)
    return Table(output, columns=columns)


def single_writer(output_format: str, output: Output, *, columns: Sequence[str]) -> Writer[PlainRecord]:
    """Return the writer of one record, in one of the formats of `asking.FORMATS`."""
    match output_format:
        case "json":
            return JSONObject(output)
        case "yaml":
            return YAMLMapping(output)
        case "table":
            return Sheet(output)
    return list_writer(output_format, output, columns=columns)


def cell(value: Plain) -> str:
    """Return a value as one cell of a row: a list as its parts, what has parts of its own as JSON."""
    match value:
        case None:
            return ""
        case str():
            return value
        case list():
            return ", ".join(cell(each) for each in value)
    return json.dumps(value)


def _yaml(value: object) -> str:
    """Return YAML in ASCII, its keys in the order of the record."""
    text: str = yaml.dump(value, Dumper=_DUMPER, sort_keys=False, width=10_000)
    return text
