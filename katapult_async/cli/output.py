"""The output of commands: standard output or a file, and the formats table, json, jsonl, csv, tsv and yaml.

All formats except the table are written as the records come.
"""

import codecs
import csv
import errno
import functools
import io
import json
import re
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final, Generic, TextIO, TypeVar

import attrs
import click

from katapult_async.cli import file_descriptor
from katapult_async.cli.messages import printable
from katapult_async.cli.plain_values import is_absent
from katapult_async.cli.table import Row, Screen, block, table
from katapult_async.models.serialization import Plain

_BETWEEN_TABS_AND_LINE_ENDS: Final = re.compile(r"[^\n\t]+")
_NUMBER: Final = re.compile(r"(?:[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][-+]?\d+)?|0o[0-7]+)\Z", re.ASCII)
"""A number in YAML 1.2 (section 10.3.2). PyYAML knows only those of YAML 1.1."""

PlainRecord = Mapping[str, Plain]
"""A record as it is written: its values by the titles of their columns, in the order of the columns."""

R = TypeVar("R")
T = TypeVar("T")


class OutputError(click.ClickException):
    """The output cannot be written. The command ends with this message, and with exit code 1."""


class OutputGoneError(OutputError):
    """The reader of a pipe has exited, as ``| head`` does, or an earlier write failed. No message is shown."""


class Output:
    """A text stream that writes each text completely, or raises `OutputError`.

    Args:
        stream: where to write.
        block: characters to write at once. Fewer are kept for the next write, or for `flush`.
    """

    def __init__(self, stream: TextIO, *, block: int = 0) -> None:
        self.stream = stream
        self._block = block
        self._kept = ""
        self._encoding = stream.encoding or "utf-8"
        self._encoder = codecs.getincrementalencoder(self._encoding)("backslashreplace")
        self._descriptor = file_descriptor.descriptor_of(stream)
        self.is_cut_off: bool = False
        """Whether a text was written only in part. Then nothing more is written."""

    def write(self, text: str) -> None:
        """Write a text, or keep it until there is a block.

        Raises:
            OutputError: as in `flush`.
        """
        self._kept += text
        if len(self._kept) >= self._block:
            self.flush()

    def flush(self) -> None:
        """Write what was kept. Nothing of it stays in a buffer.

        Raises:
            OutputGoneError: the reader has exited, or an earlier write failed.
            OutputError: it cannot be written.
            KeyboardInterrupt: a signal came, and the reader takes nothing.
        """
        text, self._kept = self._kept, ""
        if not text:
            return
        if self.is_cut_off:
            raise OutputGoneError("an earlier write was not completed")
        self.is_cut_off = True  # until all of it is written
        try:
            if self._descriptor is None:
                self.stream.write(text.encode(self._encoding, "backslashreplace").decode(self._encoding))
                self.stream.flush()
            else:  # not through Python's buffer: a signal during a long write loses the end of the text (3.11.7)
                file_descriptor.write(self._descriptor, self._encoder.encode(text))
        except OSError as error:
            if error.errno in {errno.EPIPE, errno.EINVAL}:  # EINVAL on Windows
                raise OutputGoneError("the reader of the output has exited") from error
            raise OutputError(f"the output cannot be written: {error.strerror or error}") from error
        self.is_cut_off = False


def standard_output(*, block: int = 0) -> Output:
    """Return standard output.

    Args:
        block: characters to write at once.

    Raises:
        OutputError: it is closed.
    """
    if sys.stdout is None:  # under a shell's >&-
        raise OutputError("the output cannot be written: standard output is closed")
    return Output(sys.stdout, block=block)


@attrs.frozen
class Writer(Generic[R]):
    """Writes records, until it is closed."""

    write: Callable[[R], None]
    """Writes one record, or keeps it for the end. Raises OutputError."""

    close: Callable[[], None]
    """Writes what was kept for the end. Raises OutputError."""


def converted(writer: Writer[T], convert: Callable[[R], Iterable[T]]) -> Writer[R]:
    """Return a writer that converts each record to any number of records and passes these to another writer."""

    def write(record: R) -> None:
        for result in convert(record):
            writer.write(result)

    return Writer(write, writer.close)


def text_writer(
    output: Output,
    encode: Callable[[PlainRecord], str],
    *,
    before: str = "",
    between: str = "",
    after: str = "",
    empty: str = "",
) -> Writer[PlainRecord]:
    """Return a writer that writes each record when it comes.

    JSON and YAML are in ASCII, so that no value of the server moves a cursor or ends a line.

    Args:
        output: where to write.
        encode: returns the text of a record.
        before: text before the first record.
        between: text before each later record.
        after: text after the last record.
        empty: the whole text if there are no records.
    """
    start, end = before, empty

    def write(record: PlainRecord) -> None:
        nonlocal start, end
        output.write(start + encode(record))
        start, end = between, after

    def close() -> None:
        output.write(end)
        output.flush()

    return Writer(write, close)


def table_writer(output: Output, *, columns: Sequence[str], header: bool = True) -> Writer[Row]:
    """Return a writer of a table. It is laid out at the end, when its widest values are known."""
    rows: list[Row] = []

    def close() -> None:
        if rows:
            screen = Screen.of(output.stream)
            output.write(table(sorted(rows, key=lambda row: row.key), titles=columns, screen=screen, header=header))
            output.flush()

    return Writer(rows.append, close)


def list_writer(
    output_format: str, output: Output, *, columns: Sequence[str], header: bool = True
) -> Writer[PlainRecord]:
    """Return a writer of a list in one of `format_names.FORMATS`.

    Args:
        output_format: the format.
        output: where to write.
        columns: titles of the columns of a table or csv.
        header: whether these are written.
    """
    match output_format:
        case "json":
            return text_writer(output, json.dumps, before="[\n", between=",\n", after="\n]\n", empty="[]\n")
        case "jsonl":
            return text_writer(output, lambda record: f"{json.dumps(record)}\n")
        case "csv":
            titles = _csv(columns) if header else ""
            return text_writer(output, lambda record: _csv(_cells(record)), before=titles, empty=titles)
        case "tsv":
            return text_writer(output, lambda record: "\t".join(map(printable, _cells(record))) + "\n")
        case "yaml":  # sequences of one record each, one after the other, are one sequence
            return text_writer(output, lambda record: _yaml([record]), empty="[]\n")
    return converted(table_writer(output, columns=columns, header=header), lambda record: [Row(cells=_cells(record))])


def single_writer(output_format: str, output: Output, *, columns: Sequence[str]) -> Writer[PlainRecord]:
    """Return a writer of one record in one of `format_names.FORMATS`."""
    match output_format:
        case "json":
            return text_writer(output, lambda record: f"{json.dumps(record, indent=2)}\n")
        case "yaml":
            return text_writer(output, _yaml)
        case "table":
            screen = Screen.of(output.stream)
            return text_writer(
                output, lambda record: block(Row(cells=_cells(record)), titles=tuple(record), screen=screen)
            )
    return list_writer(output_format, output, columns=columns)


def _cells(record: PlainRecord) -> tuple[str, ...]:
    return tuple(map(cell, record.values()))


def _csv(cells: Iterable[str]) -> str:
    """Return a row of CSV, which can hold lines and tabs. Other control characters are escaped."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(cells)
    return _BETWEEN_TABS_AND_LINE_ENDS.sub(lambda part: printable(part[0]), text.getvalue())


def cell(value: Plain) -> str:
    """Return a value as one cell of a row: a list as its items with commas, an object as JSON, and nothing as ""."""
    match value:
        case None:
            return ""
        case str():
            return value
        case list():
            return "" if is_absent(value) else ", ".join(cell(item) for item in value)
    return json.dumps(value)


def _yaml(value: object) -> str:
    """Return YAML in ASCII, with the keys in the order of the record."""
    import yaml  # noqa: PLC0415 # slow to load, and the other formats do not need it

    dumper = _yaml_1_2(getattr(yaml, "CSafeDumper", yaml.SafeDumper))  # the one in C takes a third of the time
    return str(yaml.dump(value, Dumper=dumper, sort_keys=False, width=10_000))


@functools.cache
def _yaml_1_2(base: Any) -> Any:
    """Return a dumper of PyYAML that also quotes the texts that only YAML 1.2 reads as numbers, such as ``1e5``."""
    dumper: Any = type("Dumper", (base,), {})
    dumper.add_implicit_resolver("tag:yaml.org,2002:float", _NUMBER, list("+-.0123456789"))
    return dumper
