"""The confirmation before something is deleted: a question on the terminal, unless ``--yes`` is given."""

import sys

import click

from katapult_async.cli import file_descriptor, messages
from katapult_async.cli.exit_codes import ExitCode


def is_interactive() -> bool:
    """Return whether a person can be asked."""
    return sys.stdin is not None and sys.stdin.isatty()


def check_interactive() -> None:
    """Check that a person can be asked.

    Raises:
        click.UsageError: standard input is no terminal.
    """
    if not is_interactive():
        raise click.UsageError("standard input is no terminal, so no confirmation is possible: use --yes")


def confirm(question: str) -> ExitCode:
    """Ask a question. Return OK if the answer is yes, and otherwise the exit code of the command.

    No event loop may run: Ctrl-C does not interrupt a read inside a loop.
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
    if answer.strip().lower() in {"y", "yes"}:
        return ExitCode.OK
    messages.show("nothing was done")
    return ExitCode.FAILURE
