"""Whether somebody really wants it: asked on a terminal, of the thing that was looked up before."""

import sys
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar

import click

from katapult_async.cli.exit_codes import ExitCode
from katapult_async.cli.messages import printable, say
from katapult_async.cli.options import Asking
from katapult_async.cli.runner import found

if TYPE_CHECKING:
    from katapult_async.client import KatapultClient

T = TypeVar("T")


def confirmed(
    asking: Asking, *, thing: Callable[["KatapultClient"], Awaitable[T]], question: Callable[[T], str]
) -> ExitCode:
    """Return OK when it is wanted; otherwise, how the command ends.

    The client is closed while the question stands: an event loop would keep Ctrl-C to itself.

    Args:
        asking: whom to ask for the thing.
        thing: looks it up.
        question: what to ask of it.

    Raises:
        click.UsageError: there is nobody to ask.
    """
    if sys.stdin is None or not sys.stdin.isatty():
        raise click.UsageError("there is no terminal to ask whether to do it: add --yes")

    known = found(asking, thing=thing)
    if isinstance(known, ExitCode):
        return known
    click.echo(f"{printable(question(known))} [y/N] ", err=True, nl=False)
    if sys.stdin.readline().strip().lower() in {"y", "yes"}:
        return ExitCode.OK
    say("nothing was done")
    return ExitCode.FAILURE
