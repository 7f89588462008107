"""Where the ids come from: a file or pipe, read as slowly as it is asked for, or a walk over the fleet."""

import asyncio
import contextlib
import sys
import threading
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from pathlib import Path
from typing import BinaryIO, Final, TextIO

from katapult_async.fleet import InterfaceWalk

_CHUNK: Final = 65536  # bytes; about 2,600 ids
_LONGEST_LINE: Final = 4096  # characters; an id has 64 at most


class InputError(Exception):
    """The file with the ids cannot be read."""


def opened(file: str) -> contextlib.AbstractContextManager[BinaryIO]:
    """Open a file with ids; ``-`` is standard input, which stays open.

    Raises:
        InputError: it cannot be opened.
    """
    stdin: TextIO | None = sys.stdin  # None under a shell's <&-
    if file != "-":
        try:
            return Path(file).open("rb")
        except OSError as error:
            raise InputError(f"{file} cannot be read: {error.strerror or error}") from error
    if stdin is None:
        raise InputError("the ids cannot be read: standard input is closed")
    return contextlib.nullcontext(stdin.buffer)


async def ids_in(stream: BinaryIO) -> AsyncGenerator[str]:
    """Yield the ids of a file, one a line; empty lines and those that start with # are skipped.

    Takes what a pipe has, however little, and holds one chunk in memory. Waiting for input stops nothing else.

    Raises:
        InputError: the file cannot be read, or is no text with one id a line.
    """
    rest = b""
    while chunk := await _read(stream):
        *lines, rest = (rest + chunk).split(b"\n")
        if len(rest) > _LONGEST_LINE:
            break
        for line in lines:
            if found := _id(line):
                yield found
    if len(rest) > _LONGEST_LINE:
        raise InputError(f"the ids cannot be read: a line of more than {_LONGEST_LINE} characters is no id")
    if found := _id(rest):
        yield found


async def ids_of(fleet: InterfaceWalk) -> AsyncIterator[str]:
    """Yield the ids of the interfaces that a walk finds."""
    async for interface in fleet:
        yield interface.id


def _id(line: bytes) -> str:
    text = line.decode("utf-8-sig", "backslashreplace").strip()
    return "" if text.startswith("#") else text


async def _read(stream: BinaryIO) -> bytes:
    """Return the next bytes of a stream, or b"" at its end."""
    # The raw file takes no lock that the interpreter would want at its end while a read still waits.
    raw: BinaryIO = getattr(stream, "raw", stream)
    try:
        return await _apart(lambda: raw.read(_CHUNK))
    except OSError as error:
        raise InputError(f"the ids cannot be read: {error.strerror or error}") from error


async def _apart(read: Callable[[], bytes]) -> bytes:
    """Return what a blocking call returns, from a thread that nobody waits for when the command ends first.

    The threads of asyncio.to_thread are joined at the end: after Ctrl-C the command would sit there until its
    standard input ends.
    """
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[bytes] = loop.create_future()

    def settle(settled: Callable[[], None]) -> None:
        if not answer.done():
            settled()

    def run() -> None:
        try:
            found = read()
        except (OSError, ValueError) as error:  # ValueError: the command has ended and closed the file
            failure = error
            outcome = lambda: answer.set_exception(failure)  # noqa: E731 # the same shape as its neighbour
        else:
            outcome = lambda: answer.set_result(found)  # noqa: E731 # the same shape as its neighbour
        with contextlib.suppress(RuntimeError):  # the loop is closed, so nobody waits
            loop.call_soon_threadsafe(settle, outcome)

    threading.Thread(target=run, daemon=True, name="katapult-async input").start()
    return await answer
