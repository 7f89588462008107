"""The confirmation before something is deleted: a question on the terminal, unless ``--yes`` is given."""

import sys
from collections.abc import Awaitable, Callable
from typing import TypeVar

import click

from katapult_async.cli import file_descriptor, messages
from katapult_async.cli.exit_codes import ExitCode
from katapult_async.cli.given_options import Options
from katapult_async.cli.runner import fetch
from katapult_async.client import KatapultClient

T = TypeVar("T")


def is_interactive() -> bool:
    """Return whether a person can be asked."""
    return sys.stdin is not None and sys.stdin.isatty()


def confirm(
    options: Options, *, value: Callable[[KatapultClient], Awaitable[T]], question: Callable[[T], str]
) -> ExitCode:
    """Ask the question. Return OK if the answer is yes, and otherwise the exit code of the command.

    The client and its event loop are closed before the question, since Ctrl-C does not interrupt a read inside a loop.

    Args:
        options: the command's options.
        value: fetches what the question is about.
        question: makes the question.

    Raises:
        click.UsageError: standard input is no terminal.
    """
    if not is_interactive():
        raise click.UsageError("standard input is no terminal, so no confirmation is possible: use --yes")
    subject = fetch(options, value=value)
    if isinstance(subject, ExitCode):
        return subject
    messages.write(f"{messages.printable(question(subject))} [y/N] ")
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
