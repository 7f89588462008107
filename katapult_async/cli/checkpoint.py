"""The file from which a job resumes (``--output FILE --resume``): one record on each line.

Each answer is appended when it comes, as a whole line. The records of failed queries are appended at the end of the
job. So a process that was killed leaves whole lines with answers, and at most one incomplete line after them; a power
cut may leave NUL bytes there. Resuming cuts off everything after the last answer and appends again. It never changes a
line with an answer.
"""

import contextlib
import io
import os
import stat
import sys
from collections.abc import Iterator
from typing import BinaryIO, ClassVar, Final, TextIO

import attrs
import click

from katapult_async.cli.available_ips_output import LINE_START, answered_query
from katapult_async.cli.exit_codes import ExitCode
from katapult_async.cli.output import OutputError
from katapult_async.models.virtual_machine_network_interfaces import AddressQuery

_LONGEST_LINE: Final = 64 * 1024 * 1024  # bytes; a response has at most 4 MiB, and a record also names absent fields
_CHUNK: Final = 1024 * 1024  # bytes


class CheckpointError(click.ClickException):
    """The file is not one that this job may write. It was not changed."""

    exit_code: ClassVar[int] = ExitCode.USAGE


@attrs.frozen(kw_only=True)
class Contents:
    """What the file of a job holds."""

    answered: set[AddressQuery]
    """Queries with an answer."""

    failed: int
    """Failed queries whose records are after the last answer. They are repeated."""

    end: int
    """Bytes from the start of the file to the end of the last answer."""

    ends_in_newline: bool
    """Whether the line of the last answer ends with a newline."""


def read(stream: BinaryIO) -> Contents:
    """Read a file from its start, with one line in memory.

    Raises:
        CheckpointError: a line is neither a record nor the beginning of one at the end of the file.
    """
    answered: set[AddressQuery] = set()
    failed = end = position = 0
    ends_in_newline = True
    for number, line in enumerate(iter(lambda: stream.readline(_LONGEST_LINE), b""), start=1):
        position += len(line)
        try:
            query = answered_query(line)
        except ValueError:
            if _is_incomplete(line, stream):
                break
            problem = f"line {number} is not a record of such a job"
            raise CheckpointError(f"cannot be resumed and was not changed: {problem}") from None
        if query is None:
            failed += 1
        else:
            answered.add(query)
            failed, end, ends_in_newline = 0, position, line.endswith(b"\n")
    return Contents(answered=answered, failed=failed, end=end, ends_in_newline=ends_in_newline)


@contextlib.contextmanager
def open_checkpoint(file: str, *, resume: bool) -> Iterator[tuple[TextIO, Contents]]:
    """Open the file of a job for this process only, and flush it to the disk at the end.

    Yields the stream to which records are appended, and what the file holds.

    A file that is missing or empty begins a new job, also with ``resume``, so that one command line can be repeated.

    Args:
        file: its path.
        resume: whether it may hold records.

    Raises:
        CheckpointError: the file is not empty and ``resume`` is False, or it holds anything other than records.
        OutputError: the file cannot be read or written, or another process writes it. What was written before stays.
    """
    with contextlib.ExitStack() as stack:
        with _named_errors(file):
            descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o666)
            stack.callback(os.close, descriptor)
            _lock(descriptor)
            size = os.fstat(descriptor).st_size
            if size and not resume:
                raise CheckpointError("is not empty: add --resume to continue it, or choose another file")
            with io.BufferedReader(io.FileIO(descriptor, closefd=False), _CHUNK) as source:
                contents = read(source)
            if contents.end < size:
                os.ftruncate(descriptor, contents.end)
            if not contents.ends_in_newline:
                os.write(descriptor, b"\n")
        stream = stack.enter_context(open(descriptor, "a", encoding="utf-8", closefd=False))
        try:
            yield stream, contents
        except OutputError as error:
            raise OutputError(f"{file}: {error.message}; it has the answers so far: --resume continues it") from error
        with _named_errors(file):
            os.fsync(descriptor)


def _is_incomplete(line: bytes, stream: BinaryIO) -> bool:
    """Return whether a line is the last one and incomplete: the beginning of a record, then at most NUL bytes."""
    text = line.rstrip(b"\0")
    is_beginning = text.startswith(LINE_START) or LINE_START.startswith(text)
    if line.endswith(b"\n") or not is_beginning:
        return False
    return not any(chunk.strip(b"\0") for chunk in iter(lambda: stream.read(_CHUNK), b""))


def _lock(descriptor: int) -> None:
    """Lock a file until its descriptor is closed, or the process ends, also when it is killed.

    Raises:
        BlockingIOError: another process has locked it.
        CheckpointError: it is a pipe or a device.
    """
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        raise CheckpointError("is not a regular file: to write to a pipe or a device, use -o jsonl and redirect it")
    if sys.platform != "win32":
        import fcntl  # noqa: PLC0415 # Windows has none

        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


@contextlib.contextmanager
def _named_errors(file: str) -> Iterator[None]:
    """Name the file in every error."""
    try:
        yield
    except CheckpointError as error:
        raise CheckpointError(f"{file} {error}") from error
    except OSError as error:
        reason = "another job writes it" if isinstance(error, BlockingIOError) else error.strerror or error
        raise OutputError(f"{file} cannot be written: {reason}") from error
