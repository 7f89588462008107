"""The group `katapult-async`: its subcommands, and how anything that they raise becomes a line and an exit code."""

from collections.abc import Sequence
from typing import Final

import click

from katapult_async.cli.exit_codes import HELP, ExitCode
from katapult_async.cli.lazy_group import LazyGroup
from katapult_async.cli.messages import say_error
from katapult_async.cli.signals import TerminatedError, terminable
from katapult_async.version import __version__

_NAME: Final = "katapult-async"


@click.group(
    name=_NAME,
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    invoke_without_command=True,
    epilog=HELP,
)
@click.version_option(__version__, "-V", "--version", message="%(prog)s %(version)s")
@click.pass_context
def katapult_async(context: click.Context) -> ExitCode | None:
    """Ask the Katapult cloud API, with the token in KATAPULT_API_KEY or KATAPULT_API_TOKEN.

    KATAPULT_API_URL names another server. Data goes to standard output; progress and messages go to standard error.

    \b
    Without a token, see it work on made-up machines:
      katapult-async available-ips --all --sandbox
    """  # noqa: D301 # \b is click's mark for a paragraph whose lines it shall keep
    if context.invoked_subcommand is not None:
        return None
    click.echo(context.get_help(), err=True)
    return ExitCode.USAGE


def run(arguments: Sequence[str]) -> int:
    """Run the command with these arguments, and return its exit code. Expected errors end in one line each."""
    try:
        with terminable():
            ended = katapult_async.main(list(arguments), prog_name=_NAME, standalone_mode=False)
    except click.UsageError as error:
        path = _NAME if error.ctx is None else error.ctx.command_path
        said = error.format_message().rstrip(".")
        if isinstance(error, click.NoSuchOption) and error.ctx is not None and not error.possibilities:
            said += ": put it after the command" if isinstance(error.ctx.command, click.Group) else ""
        say_error(f"{said} (see {path} --help)")
        return ExitCode.USAGE
    except click.Abort as abort:  # what click makes of a KeyboardInterrupt
        return ExitCode.TERMINATED if isinstance(abort.__cause__, TerminatedError) else ExitCode.INTERRUPTED
    return int(ended or ExitCode.OK)
