"""The token from a file or from another program. A token is never an argument, because `ps` shows arguments."""

import os
import shlex
import stat
import subprocess
import sys
from collections.abc import Callable
from typing import IO, Final, cast

import click

from katapult_async.cli import file_descriptor
from katapult_async.cli.messages import show
from katapult_async.core import validation
from katapult_async.core.redaction import Secret
from katapult_async.errors import UsageError

_MOST_BYTES: Final = 10_000  # a token has far fewer; a file that is named by mistake may have any number
_COMMAND_TIMEOUT: Final = 120  # seconds; a password manager may wait for someone to type a password


def given_token(*, file: str | None, command: str | None) -> Secret | None:
    """Return the token of a file or command; None if neither is given.

    Args:
        file: path of a file, or ``-`` for standard input.
        command: a command line whose output is the token, such as ``pass show katapult``. No shell runs it.

    Raises:
        click.UsageError: the token cannot be read, or what was read is not a token.
    """
    if file is not None and command is not None:
        raise click.UsageError("give --token-file or --token-command, not both")
    if file is not None:
        return _token(lambda: _content(file), name=file_descriptor.input_name(file))
    if command is not None:
        try:
            words = shlex.split(command, posix=sys.platform != "win32")
        except ValueError as error:
            raise click.UsageError(f"--token-command: {error}") from error
        if not words:
            raise click.UsageError("--token-command is empty")
        # Windows itself divides a command line into words.
        return _token(lambda: _output_of(command if sys.platform == "win32" else words), name=words[0])
    return None


def _token(read: Callable[[], bytes], *, name: str) -> Secret:
    """Read a token and return it.

    Args:
        read: returns the bytes of the token.
        name: of the file or program, for the error.
    """
    try:
        content = read()
        if len(content) <= _MOST_BYTES:
            return validation.token(str(content, "utf-8-sig"))  # some editors write a byte order mark
        reason = f"the token cannot be read: it has more than {_MOST_BYTES} bytes"
    except UsageError as error:
        reason = str(error)
    except (TimeoutError, subprocess.TimeoutExpired):
        reason = f"the token cannot be read: the command did not end within {_COMMAND_TIMEOUT} s"
    except OSError as error:
        reason = f"the token cannot be read: {error.strerror or error}"
    except UnicodeDecodeError:
        reason = "the token cannot be read: it is not UTF-8"
    raise click.UsageError(f"{name}: {reason}")


def _output_of(command: str | list[str]) -> bytes:
    """Run a program, which may prompt on the terminal, and return what it writes. One that writes too much is ended."""
    with subprocess.Popen(command, stdout=subprocess.PIPE) as program:  # noqa: S603 # the user's own command
        try:
            output = cast("IO[bytes]", program.stdout).fileno()
            content = file_descriptor.read_all(output, limit=_MOST_BYTES, timeout=_COMMAND_TIMEOUT)
            if len(content) <= _MOST_BYTES and (code := program.wait(_COMMAND_TIMEOUT)):
                raise OSError(0, f"the command ended with exit code {code}")  # `_token` shows the text
        finally:
            program.kill()
    return content


def _content(file: str) -> bytes:
    """Return the content of a file, or only its first bytes if it is too long. Show a warning if others can read it."""
    if file != "-" and sys.platform != "win32":
        mode = os.stat(file).st_mode  # noqa: PTH116 # pathlib is slow to load
        if stat.S_ISREG(mode) and mode & (stat.S_IRGRP | stat.S_IROTH):
            show(f"warning: others can read the token in {file}: use chmod 600")
    return file_descriptor.read_input(file, limit=_MOST_BYTES)
