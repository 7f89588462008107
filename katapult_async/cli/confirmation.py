"""The confirmation before an object is deleted or detached: a question on the terminal. ``--yes`` skips it."""

import sys
from typing import Final

import click

from katapult_async.cli import file_descriptor, messages
from katapult_async.cli.exit_codes import ExitCode

_LONGEST_LINE: Final = 4096  # bytes: what a terminal of Linux passes on as one line


def is_interactive() -> bool:
    """Return whether standard input is a terminal, so that someone can answer."""
    return sys.stdin is not None and sys.stdin.isatty()


def confirm(question: str) -> None:
    """Show a question and wait for yes. No event loop may run: Ctrl-C does not interrupt a read inside a loop.

    Raises:
        click.exceptions.Exit: the answer is not yes.
    """
    messages.write(f"{messages.printable(question)} [y/N] ")
    answer = ""
    try:
        descriptor = file_descriptor.descriptor_of(sys.stdin)
        if descriptor is None:
            answer = sys.stdin.readline()
        else:  # as bytes: the input may not be text in the encoding of the locale
            answer = file_descriptor.read(descriptor, _LONGEST_LINE).decode("ascii", "replace")
    finally:
        if not answer.endswith("\n"):  # after Ctrl-C, and at the end of the input
            messages.write("\n")
    if answer.strip().lower() not in {"y", "yes"}:
        messages.show("nothing was done")
        raise click.exceptions.Exit(ExitCode.FAILURE)
