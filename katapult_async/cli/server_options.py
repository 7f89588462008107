"""The options of every command that asks a server: which server, which token, and which messages are shown."""

import functools
from collections.abc import Callable, Sequence
from typing import Any, Final, TypeVar

import click

from katapult_async.cli import messages

R = TypeVar("R")


def _debug(context: click.Context, _: click.Parameter, value: bool) -> None:  # noqa: FBT001 # click calls it so
    if value and not context.resilient_parsing:
        messages.show_log(context)


def _quiet(context: click.Context, _: click.Parameter, value: bool) -> None:  # noqa: FBT001 # likewise
    if value:
        messages.be_quiet(context)


_OPTIONS: Final = (
    click.option(
        "--token-file",
        type=click.Path(exists=True, dir_okay=False, allow_dash=True),
        metavar="FILE",
        help="Read the token from FILE; - is standard input. [default: KATAPULT_API_KEY or KATAPULT_API_TOKEN]",
    ),
    click.option(
        "--token-command",
        metavar="COMMAND",
        help="Take the token from the output of COMMAND, such as 'pass show katapult'. No shell runs it.",
    ),
    click.option(
        "--sandbox",
        "use_sandbox",
        is_flag=True,
        help="Ask a simulated cloud, which exists as long as this process. Needs no token and no network.",
    ),
    click.option(
        "--debug",
        is_flag=True,
        expose_value=False,
        callback=_debug,
        help="Show every request, retry and wait. Secrets are left out.",
    ),
    click.option(
        "-q", "--quiet", is_flag=True, expose_value=False, callback=_quiet, help="Show no messages but errors."
    ),
)


def server_options(function: Callable[..., R]) -> Callable[..., R]:
    """Add the options. The function gets ``token``, a `TokenInput`, and ``use_sandbox``."""

    @functools.wraps(function)
    def command(*, token_file: str | None, token_command: str | None, **arguments: Any) -> R:
        from katapult_async.cli.token_input import TokenInput  # noqa: PLC0415 # attrs, which --help does not need

        return function(token=TokenInput(file=token_file, command=token_command), **arguments)

    return with_options(command, _OPTIONS)


def with_options(
    function: Callable[..., R], options: Sequence[Callable[[Callable[..., R]], Callable[..., R]]]
) -> Callable[..., R]:
    """Add click's options to the function of a command, which shows them in this order."""
    for option in reversed(options):
        function = option(function)
    return function
