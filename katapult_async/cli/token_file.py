"""The token from a file (``--token-file``). A token is never an argument, because `ps` shows those."""

import os
import stat
import sys
from collections.abc import Mapping
from typing import Final

import click

from katapult_async.cli import file_descriptor
from katapult_async.cli.messages import show
from katapult_async.core import validation
from katapult_async.core.redaction import Secret
from katapult_async.errors import UsageError

_VARIABLE: Final = "KATAPULT_API_KEY"
_MOST_BYTES: Final = 10_000  # a token has far fewer, and a file that is given by mistake may have any number
_READABLE_BY_OTHERS: Final = stat.S_IRGRP | stat.S_IROTH


def environment_with_token(file: str | None) -> Mapping[str, str]:
    """Return the environment, with the token of a file in place of its own.

    Args:
        file: path of the file, or ``-`` for standard input; None for the environment as it is.

    Raises:
        click.UsageError: the file cannot be read, or its content is no token.
    """
    return os.environ if file is None else {**os.environ, _VARIABLE: _token(file)}


def _token(file: str) -> Secret:
    try:
        content = file_descriptor.read_standard_input(limit=_MOST_BYTES) if file == "-" else _content(file)
        if len(content) <= _MOST_BYTES:
            return Secret(validation.token(Secret(content, "utf-8-sig")))  # some editors write a mark at the start
        reason = f"the token cannot be read: the file has more than {_MOST_BYTES} bytes"
    except UsageError as error:
        reason = str(error)
    except OSError as error:
        reason = f"the token cannot be read: {error.strerror or error}"
    except UnicodeDecodeError:
        reason = "the token cannot be read: it is no text"
    raise click.UsageError(f"{'standard input' if file == '-' else file}: {reason}")


def _content(file: str) -> bytes:
    """Return the content of a file, or its first bytes if it is too long. Warns if others can read it."""
    descriptor = os.open(file, os.O_RDONLY)
    try:
        mode = os.fstat(descriptor).st_mode
        if stat.S_ISREG(mode) and mode & _READABLE_BY_OTHERS and sys.platform != "win32":
            show(f"warning: others can read the token in {file}: use chmod 600")
        return file_descriptor.read_all(descriptor, limit=_MOST_BYTES)
    finally:
        os.close(descriptor)
