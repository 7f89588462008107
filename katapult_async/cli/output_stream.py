"""The stream that data is written to: what is put into it comes out whole, or as an error of its own kind."""

import contextlib
import errno
import io
import os
from typing import TextIO


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
