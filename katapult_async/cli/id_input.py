"""The input of ids (``--file``): a file, a pipe or standard input, read only as fast as ids are used."""

import asyncio
import codecs
import concurrent.futures
import contextlib
import io
import sys
import threading
from collections.abc import AsyncGenerator, Callable
from typing import BinaryIO, Final, TypeVar, cast

from katapult_async.cli import file_descriptor
from katapult_async.errors import KatapultError

T = TypeVar("T")

_CHUNK: Final = 65536  # bytes; about 2,800 ids of interfaces
_BYTE_ORDER_MARK: Final = "\ufeff"  # some editors write one, and joined files have several
_LONGEST_LINE: Final = 4096  # characters; an id has 64 at most
_MARKS_OF_UTF_16: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)  # ``>`` of Windows PowerShell writes one


class InputError(KatapultError):
    """The ids cannot be read."""


@contextlib.asynccontextmanager
async def open_input(file: str) -> AsyncGenerator[BinaryIO]:
    """Open a file with ids; ``-`` is standard input, which stays open. Waits for the writer of a pipe.

    Raises:
        InputError: the file cannot be opened.
    """
    if file != "-":
        with await _in_thread(lambda: io.FileIO(file), subject=file) as stream:
            yield stream
    elif sys.stdin is None:  # under a shell's <&-
        raise InputError("the ids cannot be read: standard input is closed")
    else:
        buffer = sys.stdin.buffer
        yield getattr(buffer, "raw", buffer)  # at exit, the interpreter would wait for the lock of the buffer


async def read_ids(stream: BinaryIO) -> AsyncGenerator[str]:
    """Yield the ids of a file, one a line. Empty lines, and what follows a #, are skipped.

    A line ends in LF, CR LF or CR. The file is in UTF-8, or in UTF-16 if it begins with a byte order mark of UTF-16.

    Ids that are in a pipe are yielded at once, without waiting for a full chunk, and only one chunk is in memory. While
    this waits for the next ids, the event loop runs other tasks.

    Raises:
        InputError: the file cannot be read, or a line is too long for an id.
    """

    def read() -> bytes:
        chunk = cast("bytes | None", stream.read(_CHUNK))  # None: a non-blocking stream without data
        return file_descriptor.read(stream.fileno(), _CHUNK) if chunk is None else chunk

    chunk = await _in_thread(read, subject="the ids")
    encoding = "utf-16" if chunk.startswith(_MARKS_OF_UTF_16) else "utf-8"
    decoder = io.IncrementalNewlineDecoder(codecs.getincrementaldecoder(encoding)("backslashreplace"), translate=True)
    rest = ""
    while chunk:
        lines = (rest + decoder.decode(chunk)).split("\n")
        if max(map(len, lines)) > _LONGEST_LINE:
            raise InputError(f"the ids cannot be read: a line has more than {_LONGEST_LINE} characters")
        *lines, rest = lines
        for line in lines:
            if identifier := _id(line):
                yield identifier
        chunk = await _in_thread(read, subject="the ids")
    if identifier := _id(rest + decoder.decode(b"", final=True)):
        yield identifier


def _id(line: str) -> str:
    """Return the id in a line; "" for an empty line or a comment."""
    return line.replace(_BYTE_ORDER_MARK, "").partition("#")[0].strip()


async def _in_thread(call: Callable[[], T], *, subject: str) -> T:
    """Return what a blocking call returns. The command can end before the call does.

    asyncio.to_thread would keep a command alive after Ctrl-C until its standard input ends, and an event loop can
    watch pipes, but not files.

    Args:
        call: opens or reads a file.
        subject: what cannot be read, for the error.

    Raises:
        InputError: the call raised an OSError, or no thread can be started.
    """
    future: concurrent.futures.Future[T] = concurrent.futures.Future()
    future.set_running_or_notify_cancel()  # from now on, cancelling the wait does not cancel the future

    def run() -> None:
        try:
            future.set_result(call())
        except (OSError, ValueError, KeyboardInterrupt) as error:
            # ValueError, KeyboardInterrupt: the command has ended
            future.set_exception(error)

    try:
        threading.Thread(target=run, daemon=True, name="katapult-async input").start()
        return await asyncio.wrap_future(future)
    except (OSError, RuntimeError) as error:  # RuntimeError: this machine allows no more threads
        raise InputError(f"{subject} cannot be read: {getattr(error, 'strerror', None) or error}") from error
