"""The file that a job is resumed from: one record a line. What is read back, what is repeated, who may write it.

Every line is written whole, behind the others, before the next one is begun. So a process that was killed leaves
whole lines, and at most one torn line at the end. Resuming takes out the torn line and those of failed queries, and
goes on behind the rest; lines with answers stay byte for byte. It does not know what the records are about.
"""

import contextlib
import io
import os
import shutil
import stat
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO, Final, Generic, TextIO, TypeVar

import attrs

from katapult_async.cli.output import OutputError

K = TypeVar("K")

_LONGEST_LINE: Final = 64 * 1024 * 1024  # bytes; an answer has 4 MiB at most, and its record also names what it lacks
_CHUNK: Final = 1024 * 1024  # bytes


class JournalError(Exception):
    """The file is none that this job may write; it was not changed."""


@attrs.frozen(kw_only=True)
class RecordLines(Generic[K]):
    """How the lines of one kind of job are read back."""

    head: bytes
    """What each of them begins with: it tells a torn line from somebody else's text."""

    answered: Callable[[bytes], K | None]
    """Returns which query a line answers, or None if the query failed. Raises ValueError: it is no record."""


@attrs.frozen(kw_only=True)
class Survey(Generic[K]):
    """What a file holds, and which parts of it stay."""

    answered: set[K]
    """Queries with an answer."""

    failed: int
    """Lines that say why a query has none."""

    kept: tuple[tuple[int, int], ...]
    """Where the lines with answers are, in bytes from the start: first, and one after the last."""

    size: int
    """Bytes of the file."""

    unended: bool
    """Whether the last line that stays lacks nothing but its line end."""

    @property
    def clean(self) -> bool:
        """Whether all of it stays as it is."""
        return not self.unended and sum(stop - start for start, stop in self.kept) == self.size


@attrs.frozen(kw_only=True)
class Journal(Generic[K]):
    """The file of a job that is under way."""

    stream: TextIO
    """Where lines are added. Its descriptor writes at the end of the file, wherever anything else has been."""

    answered: set[K]
    """Queries that it had an answer to."""

    failed: int
    """Failed queries that were taken out of it."""


def survey(stream: BinaryIO, *, lines: RecordLines[K]) -> Survey[K]:
    """Read a file from its start, holding one line at a time. Of several answers to one query the first stays.

    Raises:
        JournalError: it has a line that no such job wrote, or began to write.
    """
    answered: set[K] = set()
    kept: list[tuple[int, int]] = []
    failed = end = 0
    unended = False
    for number, line in enumerate(iter(lambda: stream.readline(_LONGEST_LINE), b""), start=1):
        start, end = end, end + len(line)
        try:
            query = lines.answered(line)
        except ValueError:
            if _is_torn(line, lines.head) and not stream.read(1):
                break
            raise JournalError(
                f"cannot be resumed and was not changed: line {number} is no record of such a job"
            ) from None
        if query is None:
            failed += 1
        elif query not in answered:
            answered.add(query)
            unended = not line.endswith(b"\n")
            first = kept.pop()[0] if kept and kept[-1][1] == start else start
            kept.append((first, end))
    return Survey(answered=answered, failed=failed, kept=tuple(kept), size=end, unended=unended)


@contextlib.contextmanager
def journal(file: str, *, resume: bool, lines: RecordLines[K]) -> Iterator[Journal[K]]:
    """Open the file of a job for this process alone; at the end, see it onto the disk.

    A file that is missing or empty is that of a new job, also with ``resume``, so that one command line can be
    repeated. Answers to queries that this job does not ask stay where they are.

    Args:
        file: its path; a symbolic link is followed.
        resume: whether it may hold records already.
        lines: how they are read back.

    Raises:
        JournalError: it holds something and is not to be resumed, or something that is no record.
        OutputError: it cannot be read or written, or another process writes it.
    """
    path = Path(file).resolve()
    with contextlib.ExitStack() as stack:
        with _failures(file):
            old = os.open(file, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o666)
            stack.callback(os.close, old)
            _claim(old, path)
            if os.fstat(old).st_size and not resume:
                raise JournalError("is not empty: add --resume to go on with it, or name another file")
            with _reader(old) as source:
                found = survey(source, lines=lines)
            new = old if found.clean else _rewritten(old, path, found)
            if new != old:  # which stays open, and locked, as long as somebody may have found it under this name
                stack.callback(os.close, new)
        stream = stack.enter_context(open(new, "a", encoding="utf-8", closefd=False))
        yield Journal(stream=stream, answered=found.answered, failed=found.failed)
        with _failures(file):
            os.fsync(new)


def _is_torn(line: bytes, head: bytes) -> bool:
    return not line.endswith(b"\n") and (line.startswith(head) or head.startswith(line))


@contextlib.contextmanager
def _failures(file: str) -> Iterator[None]:
    """Name the file in whatever goes wrong with it."""
    try:
        yield
    except JournalError as error:
        raise JournalError(f"{file} {error}") from error
    except BlockingIOError as error:
        raise OutputError(f"{file} cannot be written: another job writes it") from error
    except OSError as error:
        raise OutputError(f"{file} cannot be written: {error.strerror or error}") from error


def _claim(descriptor: int, path: Path) -> None:
    """Lock a file until its descriptor is closed, or the process ends in any way.

    Raises:
        BlockingIOError: another process has locked it.
        JournalError: it is a pipe or a device.
    """
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        raise JournalError("is no regular file: to write to a pipe or a device, use -o jsonl and redirect it")
    if sys.platform != "win32":
        import fcntl  # noqa: PLC0415 # there is none on Windows

        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    if not os.path.samestat(os.fstat(descriptor), path.stat()):
        raise BlockingIOError  # who had it replaced it before it could be locked here, and goes on with the other


def _reader(descriptor: int) -> BinaryIO:
    return io.BufferedReader(io.FileIO(descriptor, closefd=False), _CHUNK)


def _rewritten(old: int, path: Path, found: Survey[K]) -> int:
    """Put a file with only the lines that stay in the place of another, at once, and return its descriptor.

    Whoever opens the path finds the old file or the whole new one, also after a crash.
    """
    beside = path.with_name(f".{path.name}.resumed")
    beside.unlink(missing_ok=True)  # of a process that was killed here
    new = os.open(beside, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600)
    try:
        _claim(new, beside)
        shutil.copymode(path, beside)
        with _reader(old) as source, open(new, "ab", closefd=False) as target:
            for start, stop in found.kept:
                source.seek(start)
                target.writelines(source.read(min(_CHUNK, left)) for left in range(stop - start, 0, -_CHUNK))
            if found.unended:
                target.write(b"\n")
        os.fsync(new)
        beside.replace(path)
    except BaseException:
        os.close(new)
        beside.unlink(missing_ok=True)
        raise
    if sys.platform != "win32":  # where a folder cannot be opened
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    return new
