"""The options of every command that sends requests: which server, which token, and which messages are shown."""

import functools
import os
from collections.abc import Callable, Sequence
from typing import Any, Final

import click
from click.core import ParameterSource

from katapult_async.cli import messages
from katapult_async.cli.seconds import seconds

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]
"""Adds options to the function of a command."""

WINDOW_VARIABLE: Final = "KATAPULT_RATE_LIMIT_WINDOW"
"""The environment variable for the rate-limit window, which the command `sandbox` writes."""

_OPTIONS: Final = (
    click.option(
        "--token-file",
        type=click.Path(exists=True, dir_okay=False, allow_dash=True),
        metavar="FILE",
        help="Read the token from FILE instead of KATAPULT_API_KEY or KATAPULT_API_TOKEN; - is standard input.",
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
        help="Use a simulated cloud, which exists as long as this process. Needs no token and no network."
        " The variables KATAPULT_... are not used.",
    ),
    click.option(
        "--rate-limit-window",
        "window",
        type=seconds,
        envvar=WINDOW_VARIABLE,
        show_envvar=True,
        help="Seconds of the window in which the server counts requests, for a server other than Katapult's."
        " [default: 60, or 5 with --sandbox]",
    ),
    click.option("--debug", is_flag=True, help="Show every request, retry and wait. Secrets are left out."),
    click.option("-q", "--quiet", is_flag=True, help="Show only errors."),
)


def server_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options. The function gets one `Connection`, made of them and of other options that name its fields."""

    @functools.wraps(function)
    def command(*, debug: bool, quiet: bool, token_file: str | None, token_command: str | None, **given: Any) -> Any:
        import attrs  # noqa: PLC0415 # --help does not need it

        from katapult_async.cli.connection import Connection  # noqa: PLC0415 # aiohttp, which --help does not need
        from katapult_async.cli.token_input import given_token  # noqa: PLC0415 # likewise

        context = click.get_current_context()
        context.meta.update(debug=debug, quiet=quiet)  # `messages` reads them
        if debug:
            messages.show_log()
        if given["use_sandbox"]:
            if context.get_parameter_source("window") is ParameterSource.ENVIRONMENT:  # for another server
                given["window"] = None
            messages.show("sandbox: all objects are simulated, and exist as long as this command runs")
        for option, file in (("--body", given.get("body_file")), ("--file", given.get("file"))):
            if file and token_file and _real_path(file) == _real_path(token_file):  # it would send the token as an id
                problem = f"{option} and --token-file read the same input"
                raise click.UsageError(f"{problem}: give the token in the environment")
        settings = {name: given.pop(name) for name in attrs.fields_dict(Connection) if name in given}
        token = given_token(file=token_file, command=token_command)
        return function(connection=Connection(token=token, **settings), **given)

    return with_options(command, _OPTIONS)


def _real_path(file: str) -> str:
    """Return the path of an input, which is the same for ``-`` and ``/dev/stdin``."""
    return os.path.realpath("/dev/stdin" if file == "-" else file)


def with_options(function: Callable[..., Any], options: Sequence[Decorator]) -> Callable[..., Any]:
    """Add click's options to the function of a command. The help shows them in this order."""
    for option in reversed(options):
        function = option(function)
    return function
