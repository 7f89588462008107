"""A token from a file, where the environment is not the place for it. It is never an argument, which `ps` shows."""

import errno
import os
import stat
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import click

from katapult_async.cli.terminal import say
from katapult_async.core import validation
from katapult_async.core.redaction import Secret
from katapult_async.errors import UsageError

_VARIABLE: Final = "KATAPULT_API_KEY"
_LONGEST: Final = 10_000  # bytes; a token has far fewer, and a file given by mistake may have any number
_OTHERS: Final = stat.S_IRGRP | stat.S_IROTH


def environment(file: str | None) -> Mapping[str, str]:
    """Return the environment with the token of a file in the place of its own.

    Args:
        file: path of the file, or ``-`` for standard input; None for the environment as it is.

    Raises:
        click.UsageError: the file cannot be read, or what is in it is no token.
    """
    return os.environ if file is None else {**os.environ, _VARIABLE: _token(file)}


def _token(file: str) -> Secret:
    named = "standard input" if file == "-" else file
    try:
        content = _standard_input() if file == "-" else _content(Path(file))
        return Secret(validation.token(Secret(content, "utf-8-sig")))  # some editors begin a file with a mark
    except UsageError as error:
        reason = str(error)
    except OSError as error:
        reason = f"the token cannot be read: {error.strerror}"
    except UnicodeDecodeError:
        reason = "the token cannot be read: it is no text"
    raise click.UsageError(f"{named}: {reason}")


def _standard_input() -> bytes:
    if sys.stdin is None:
        raise OSError(errno.EBADF, "it is closed")
    return sys.stdin.buffer.read(_LONGEST)


def _content(path: Path) -> bytes:
    """Return what a file holds, and warn when others can read it too."""
    with path.open("rb") as stream:
        mode = os.fstat(stream.fileno()).st_mode
        if stat.S_ISREG(mode) and mode & _OTHERS and sys.platform != "win32":
            say(f"warning: others can read the token in {path}: chmod 600 it")
        return stream.read(_LONGEST)
