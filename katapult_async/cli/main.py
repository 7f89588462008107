"""The group `katapult-async`: its subcommands, and how anything that they raise becomes a line and an exit code."""

from collections.abc import Sequence
from typing import Final

import click

from katapult_async.cli.aliases import AliasedGroup
from katapult_async.cli.available_ips import available_ips
from katapult_async.cli.completion import completion
from katapult_async.cli.exit_codes import HELP, ExitCode
from katapult_async.cli.ip_addresses import ip_addresses
from katapult_async.cli.network_interfaces import network_interfaces
from katapult_async.cli.networks import networks
from katapult_async.cli.organizations import organizations
from katapult_async.cli.rate_limit import rate_limit
from katapult_async.cli.sandbox import sandbox
from katapult_async.cli.signals import TerminatedError, terminable
from katapult_async.cli.tasks import tasks
from katapult_async.cli.terminal import say_error
from katapult_async.cli.virtual_machines import virtual_machines
from katapult_async.version import __version__

_NAME: Final = "katapult-async"


@click.group(
    name=_NAME,
    cls=AliasedGroup,
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


for _command in (
    organizations,
    virtual_machines,
    networks,
    network_interfaces,
    available_ips,
    ip_addresses,
    tasks,
    rate_limit,
    sandbox,
    completion,
):
    katapult_async.add_command(_command)


def run(arguments: Sequence[str]) -> int:
    """Run the command with these arguments, and return its exit code. Expected errors end in one line each."""
    try:
        with terminable():
            ended = katapult_async.main(list(arguments), prog_name=_NAME, standalone_mode=False)
    except click.UsageError as error:
        path = _NAME if error.ctx is None else error.ctx.command_path
        say_error(f"{error.format_message().rstrip('.')} (see {path} --help)")
        return ExitCode.USAGE
    except click.Abort as abort:  # what click makes of a KeyboardInterrupt
        return ExitCode.TERMINATED if isinstance(abort.__cause__, TerminatedError) else ExitCode.INTERRUPTED
    return int(ended or ExitCode.OK)
