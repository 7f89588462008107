"""The confirmation before something is deleted: a question on the terminal, unless ``--yes`` is given."""

import sys

import click

from katapult_async.cli import file_descriptor, messages
from katapult_async.cli.exit_codes import ExitCode


def is_interactive() -> bool:
    """Return whether a person can be asked."""
    return sys.stdin is not None and sys.stdin.isatty()


def confirm(question: str) -> None:
    """Ask a question. No event loop may run: Ctrl-C does not interrupt a read inside a loop.

    Raises:
        click.exceptions.Exit: the answer is not yes.
    """
    messages.write(f"{messages.printable(question)} [y/N] ")
    try:
        descriptor = file_descriptor.descriptor_of(sys.stdin)
        if descriptor is not None:
            file_descriptor.wait_until_readable(descriptor)
        answer = sys.stdin.readline()
    except KeyboardInterrupt:
        messages.write("\n")
        raise
    if answer.strip().lower() not in {"y", "yes"}:
        messages.show("nothing was done")
        raise click.exceptions.Exit(ExitCode.FAILURE)
