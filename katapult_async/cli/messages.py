"""Messages on standard error: one line each, without control characters.

A message never changes the result of a command. It is dropped if standard error is closed, cannot be written, or is a
pipe that nobody reads.
"""

import contextlib
import io
import os
import sys
from typing import Final, Literal, TextIO

import click

from katapult_async.cli import file_descriptor

_WITHOUT_ESCAPES: Final = frozenset({"dumb", "unknown"})  # the values of TERM for which rich draws nothing
_TIMEOUT: Final = 1.0  # seconds for a reader of standard error to take a message

_UNREAD: Final[set[TextIO]] = set()
"""Standard error, if its reader did not take the last message in time. Later messages, except errors, do not wait."""


_HARMLESS: Final = frozenset(
    "\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000\u200c\u200d"
)
"""Spaces in names, and joiners in emoji and Persian words. Python calls them unprintable, but they control nothing."""


def printable(text: str) -> str:
    """Return a text whose unprintable characters are escaped, so that it cannot control a terminal."""
    if text.isprintable():
        return text
    return "".join(
        char if char.isprintable() or char in _HARMLESS else char.encode("unicode_escape").decode("ascii")
        for char in text
    )


def is_given(flag: Literal["debug", "quiet"]) -> bool:
    """Return whether ``--debug`` or ``--quiet`` was given to the command that runs."""
    context = click.get_current_context(silent=True)
    return context is not None and bool(context.meta.get(flag))


def show_log() -> None:
    """Show the log of the library while the command runs (``--debug``): requests, retries, waits, and no secret."""
    import logging  # noqa: PLC0415 # slow to load, and --help does not need it

    class Handler(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            show(f"debug: {record.getMessage()}")

    log = logging.getLogger("katapult_async")
    level = log.level
    handler = Handler()
    log.addHandler(handler)
    log.setLevel(logging.DEBUG)

    def end() -> None:
        log.removeHandler(handler)
        log.setLevel(level)

    click.get_current_context().call_on_close(end)


def show(message: str) -> None:
    """Write one line, unless ``--quiet`` was given."""
    if not is_given("quiet"):
        write(f"{printable(message)}\n")


def show_error(message: str) -> None:
    """Write one line about an error."""
    write(f"error: {printable(message)}\n", timeout=_TIMEOUT)


def write(text: str, *, timeout: float | None = None) -> None:
    """Write text as it is.

    Args:
        text: may be several lines, or a part of one.
        timeout: seconds in which the reader must take it; by default `_TIMEOUT`, but 0 if it did not take the last
            message in time.
    """
    stream: TextIO | None = sys.stderr  # None under a shell's 2>&-
    if stream is None:
        return
    with contextlib.suppress(OSError, ValueError):  # ValueError: Python has closed the stream
        if (descriptor := file_descriptor.descriptor_of(stream)) is None:
            stream.write(text)
            stream.flush()
        else:  # not through Python's buffer: if it cannot be written at exit, the exit code is 120
            data = text.encode(stream.encoding, "backslashreplace")
            if timeout is None:
                timeout = 0 if stream in _UNREAD else _TIMEOUT
            if file_descriptor.write(descriptor, data, timeout=timeout):
                _UNREAD.discard(stream)
            elif timeout:  # with 0, the reader had no time to take it
                _UNREAD.add(stream)


def understands_escapes(stream: TextIO | None) -> bool:
    """Return whether a stream is a terminal that understands escape sequences: on Windows, only Windows Terminal."""
    try:
        is_terminal = stream is not None and stream.isatty()
    except ValueError:  # Python has closed the stream
        return False
    is_old_console = sys.platform == "win32" and "WT_SESSION" not in os.environ
    return is_terminal and not is_old_console and os.environ.get("TERM", "").lower() not in _WITHOUT_ESCAPES


class Terminal(io.StringIO):
    """Standard error for a progress bar: what cannot be written at once is dropped."""

    encoding: str = "utf-8"
    """Encoding of standard error, which decides with which characters a bar is drawn."""

    def __init__(self) -> None:
        super().__init__()
        self.encoding = getattr(sys.stderr, "encoding", None) or self.encoding

    def write(self, text: str) -> int:
        """Write text as it is."""
        write(text, timeout=0)
        return len(text)
