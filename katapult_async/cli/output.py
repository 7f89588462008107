"""The output of commands: standard output or a file, and the formats table, json, jsonl, csv, tsv and yaml.

All formats except the table are written record by record, as the records come.
"""

import codecs
import csv
import errno
import io
import json
from collections.abc import Mapping, Sequence
from typing import Protocol, TextIO, TypeVar

from katapult_async.cli import file_descriptor
from katapult_async.cli.messages import printable
from katapult_async.cli.table import Row, Screen, block, table
from katapult_async.cli.values import Plain

PlainRecord = Mapping[str, Plain]
"""A record ready to be written: its values by their titles, in the order of the columns."""

R_contra = TypeVar("R_contra", contravariant=True)


class OutputError(Exception):
    """The output cannot be written."""


class OutputGoneError(OutputError):
    """The reader of standard output has ended, as ``| head`` does. That is no error of the command."""


class Output:
    """A text stream that takes every text whole, or raises an error of its own."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream
        self._encoding = stream.encoding or "utf-8"
        self._encoder = codecs.getincrementalencoder(self._encoding)("backslashreplace")
        self._descriptor = file_descriptor.descriptor_of(stream)
        self.is_torn = False
        """Whether a text was written only in part. Then nothing more is written."""

    def write(self, text: str) -> None:
        """Write a text. Nothing of it stays in a buffer.

        Raises:
            OutputGoneError: nobody reads it any more.
            OutputError: it cannot be written.
            KeyboardInterrupt: a signal came, and the reader takes nothing.
        """
        if self.is_torn:
            raise OutputGoneError("the output broke off before")
        self.is_torn = True
        try:
            if self._descriptor is None:
                self.stream.write(text.encode(self._encoding, "backslashreplace").decode(self._encoding))
                self.stream.flush()
            else:  # not through Python's buffer: a signal during a long write loses its end (3.11.7)
                file_descriptor.write(self._descriptor, self._encoder.encode(text))
        except OSError as error:
            if error.errno in {errno.EPIPE, errno.EINVAL}:  # EINVAL on Windows
                gone = OutputGoneError("nobody reads the output any more")
            else:
                raise OutputError(f"the output cannot be written: {error.strerror or error}") from error
        else:
            self.is_torn = False
            return
        raise gone


class Writer(Protocol[R_contra]):
    """Takes records until it is closed."""

    def write(self, record: R_contra) -> None:
        """Write one record, or keep it for the end. Raises OutputError."""

    def close(self) -> None:
        """Write what is missing. Raises OutputError."""


class JSONLines:
    """One JSON object a line, in ASCII, so that no value of the server moves a cursor or ends a line."""

    def __init__(self, output: Output) -> None:
        self._output = output

    def write(self, record: PlainRecord) -> None:
        """Write one line."""
        self._output.write(f"{json.dumps(record)}\n")

    def close(self) -> None:
        """Do nothing: every line is written."""


class JSONArray:
    """One JSON array with an object a line."""

    def __init__(self, output: Output) -> None:
        self._output = output
        self._before = "["

    def write(self, record: PlainRecord) -> None:
        """Write one element."""
        self._output.write(f"{self._before}\n{json.dumps(record)}")
        self._before = ","

    def close(self) -> None:
        """Write the end of the array."""
        self._output.write("[]\n" if self._before == "[" else "\n]\n")


class JSONObject:
    """One JSON object on several lines."""

    def __init__(self, output: Output) -> None:
        self._output = output

    def write(self, record: PlainRecord) -> None:
        """Write the object."""
        self._output.write(f"{json.dumps(record, indent=2)}\n")

    def close(self) -> None:
        """Do nothing: the object is written."""


class YAMLSequence:
    """One YAML sequence."""

    def __init__(self, output: Output) -> None:
        self._output = output
        self._empty = True

    def write(self, record: PlainRecord) -> None:
        """Write one element, as a sequence of one, which continues the sequence before it."""
        self._output.write(_yaml([record]))
        self._empty = False

    def close(self) -> None:
        """Write an empty sequence if there was no record."""
        if self._empty:
            self._output.write("[]\n")


class YAMLMapping:
    """One YAML mapping."""

    def __init__(self, output: Output) -> None:
        self._output = output

    def write(self, record: PlainRecord) -> None:
        """Write the mapping."""
        self._output.write(_yaml(record))

    def close(self) -> None:
        """Do nothing: the mapping is written."""


class CSV:
    """A header, and one row for each record."""

    def __init__(self, output: Output, *, columns: Sequence[str], header: bool = True) -> None:
        self._output = output
        self._columns = columns
        self._has_header = not header

    def write(self, record: PlainRecord) -> None:
        """Write one row, and the header before the first one."""
        row = [printable(cell(value)) for value in record.values()]
        self._write_rows([row] if self._has_header else [self._columns, row])

    def close(self) -> None:
        """Write the header if there was no record."""
        if not self._has_header:
            self._write_rows([self._columns])

    def _write_rows(self, rows: Sequence[Sequence[str]]) -> None:
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows(rows)
        self._output.write(text.getvalue())
        self._has_header = True


class TSV:
    """One line for each record: its values, with tabs between them. For scripts, so there are no titles."""

    def __init__(self, output: Output) -> None:
        self._output = output

    def write(self, record: PlainRecord) -> None:
        """Write one line."""
        self._output.write("\t".join(printable(cell(value)) for value in record.values()) + "\n")

    def close(self) -> None:
        """Do nothing: every line is written."""


class Table:
    """A table of all records, which is laid out at the end, when its widest values are known."""

    def __init__(self, output: Output, *, columns: Sequence[str], header: bool = True) -> None:
        self._output = output
        self._columns = columns
        self._header = header
        self._rows: list[Row] = []

    def write(self, record: PlainRecord) -> None:
        """Keep one row."""
        self._rows.append(Row(cells=tuple(cell(value) for value in record.values())))

    def close(self) -> None:
        """Write the table, if it has rows."""
        if self._rows:
            self._output.write(
                table(self._rows, titles=self._columns, screen=Screen.of(self._output.stream), header=self._header)
            )


class Block:
    """One record as lines of text, a field on each."""

    def __init__(self, output: Output) -> None:
        self._output = output

    def write(self, record: PlainRecord) -> None:
        """Write the lines."""
        row = Row(cells=tuple(cell(value) for value in record.values()))
        self._output.write(block(row, titles=tuple(record), screen=Screen.of(self._output.stream)))

    def close(self) -> None:
        """Do nothing: the lines are written."""


def list_writer(
    output_format: str, output: Output, *, columns: Sequence[str], header: bool = True
) -> Writer[PlainRecord]:
    """Return the writer of a list in one of the formats.

    Args:
        output_format: the format.
        output: where to.
        columns: titles of the columns of a table or csv.
        header: whether these are written.
    """
    match output_format:
        case "json":
            return JSONArray(output)
        case "jsonl":
            return JSONLines(output)
        case "csv":
            return CSV(output, columns=columns, header=header)
        case "tsv":
            return TSV(output)
        case "yaml":
            return YAMLSequence(output)
    return Table(output, columns=columns, header=header)


def single_writer(output_format: str, output: Output, *, columns: Sequence[str]) -> Writer[PlainRecord]:
    """Return the writer of one record in one of the formats."""
    match output_format:
        case "json":
            return JSONObject(output)
        case "yaml":
            return YAMLMapping(output)
        case "table":
            return Block(output)
    return list_writer(output_format, output, columns=columns)


def cell(value: Plain) -> str:
    """Return a value as one cell of a row: a list as its items with commas, an object as JSON."""
    match value:
        case None:
            return ""
        case str():
            return value
        case list():
            return ", ".join(cell(item) for item in value)
    return json.dumps(value)


def _yaml(value: object) -> str:
    """Return YAML in ASCII, with the keys in the order of the record."""
    import yaml  # noqa: PLC0415 # slow to load, and the other formats do not need it

    dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)  # in C, if PyYAML was built with it: a third of the time
    text: str = yaml.dump(_encodable(value), Dumper=dumper, sort_keys=False, width=10_000)
    return text


def _encodable(value: object) -> object:
    """Return a value in which halves of characters (surrogates) are escaped: YAML cannot hold them, unlike JSON."""
    match value:
        case str():
            return value.encode("utf-8", "backslashreplace").decode()
        case list():
            return [_encodable(item) for item in value]
        case Mapping():
            return {key: _encodable(item) for key, item in value.items()}
    return value
