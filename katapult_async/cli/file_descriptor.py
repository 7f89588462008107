"""Reads and writes of a file descriptor, blocking or not. A signal ends every wait that has no timeout.

A shell and all that it starts share one terminal, and any of these programs can make it non-blocking for the others.
Python's buffered files then lose data: a read returns None, and a write fails after some of its bytes.
"""

import contextlib
import errno
import io
import os
import select
import sys
from typing import Final, TextIO

from katapult_async.cli import signals

_CHECK_INTERVAL: Final = 0.1  # seconds between two checks for a signal
_GRACE: Final = 1.0  # seconds without progress after a signal: a slow reader can still take the rest of a record
_READ_SIZE: Final = 65536  # bytes: what a pipe of Linux holds
_CHUNK: Final = 4096  # bytes: what a pipe takes without waiting once it is writable (PIPE_BUF of Linux)


def descriptor_of(stream: TextIO) -> int | None:
    """Return the descriptor of a stream; None for a stream in memory, and for a console of Windows.

    Such a console reads the bytes of a descriptor in a code page of Windows; only Python's stream writes Unicode to it.
    """
    try:
        is_console = sys.platform == "win32" and stream.isatty()
        return stream.fileno() if isinstance(stream, io.TextIOWrapper) and not is_console else None
    except (OSError, ValueError):  # a stream in memory, or a closed one
        return None


def read(descriptor: int, size: int, *, timeout: float | None = None) -> bytes:
    """Return some bytes, at most ``size``, as soon as there are any; b"" at the end of the file.

    Args:
        descriptor: of the file.
        size: the most bytes.
        timeout: seconds to wait for the first byte; None for no limit.

    Raises:
        TimeoutError: there were no bytes in time.
        OSError: the file cannot be read.
    """
    while _wait_for(descriptor, "POLLIN", timeout=timeout):
        with contextlib.suppress(BlockingIOError):  # another program was faster
            return os.read(descriptor, size)
    raise TimeoutError


def read_all(descriptor: int, *, limit: int, timeout: float | None = None) -> bytes:
    """Return the bytes up to the end of the file. If there are more than ``limit``, the rest is not read.

    Args:
        descriptor: of the file.
        limit: the most bytes.
        timeout: seconds to wait for more bytes each time; None for no limit.

    Raises:
        TimeoutError: there were no bytes in time.
        OSError: the file cannot be read.
    """
    content = bytearray()
    while len(content) <= limit and (more := read(descriptor, _READ_SIZE, timeout=timeout)):
        content += more
    return bytes(content)


def read_input(file: str, *, limit: int) -> bytes:
    """Return the bytes of a file, or those of standard input for ``-``, as `read_all` does without a timeout.

    Raises:
        OSError: it cannot be read, or standard input is closed.
    """
    if file != "-":
        with io.FileIO(file) as stream:
            return read_all(stream.fileno(), limit=limit)
    if sys.stdin is None:  # under a shell's <&-
        raise OSError(errno.EBADF, "it is closed", input_name(file))
    descriptor = descriptor_of(sys.stdin)
    return sys.stdin.buffer.read() if descriptor is None else read_all(descriptor, limit=limit)


def input_name(file: str) -> str:
    """Return the name of an input in messages."""
    return "standard input" if file == "-" else file


def write(descriptor: int, data: bytes, *, timeout: float | None = None) -> bool:
    """Write all bytes, however long the reader takes. With a timeout, drop those that it does not take in time.

    Returns whether all of them were written.

    Args:
        descriptor: where to write.
        data: the bytes.
        timeout: seconds without progress after which the rest is dropped; None for no limit.

    Raises:
        OSError: the file cannot be written.
        KeyboardInterrupt: a signal came, and the reader takes nothing; some of the bytes may be written.
    """
    rest = memoryview(data)
    size = len(data) if timeout is None else _CHUNK
    while rest and _wait_for(descriptor, "POLLOUT", timeout=timeout):
        with contextlib.suppress(BlockingIOError):  # another program was faster
            rest = rest[os.write(descriptor, rest[:size]) :]
    return not rest


def discard_unwritten(stream: TextIO | None) -> None:
    """Drop what a stream could not write. Otherwise Python would try again at exit, fail, and return exit code 120."""
    if stream is None:
        return
    try:
        stream.flush()
    except (OSError, ValueError):  # ValueError: Python has closed it
        if (descriptor := descriptor_of(stream)) is not None:
            os.dup2(os.open(os.devnull, os.O_WRONLY), descriptor)


def _wait_for(descriptor: int, event: str, *, timeout: float | None) -> bool:
    """Wait until a read or write would not block; return False if the timeout ends the wait."""
    if sys.platform == "win32":  # which has neither poll nor non-blocking standard streams
        return True
    poll = select.poll()
    poll.register(descriptor, getattr(select, event))
    if timeout is not None:
        return bool(poll.poll(timeout * 1000))
    waited = 0.0
    while not poll.poll(_CHECK_INTERVAL * 1000):
        if (error := signals.received()) is not None:
            waited += _CHECK_INTERVAL
            if waited >= _GRACE:
                raise error
    return True
