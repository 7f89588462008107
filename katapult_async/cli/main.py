"""The group `katapult-async`: its subcommands, and how anything that they raise becomes a line and an exit code."""

# ruff: noqa: PLC0415 # the help of the whole shall not wait for its parts, which load the models
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Final

import click

from katapult_async.cli.exit_codes import HELP, ExitCode
from katapult_async.cli.messages import say_error
from katapult_async.cli.signals import TerminatedError, terminable
from katapult_async.version import __version__

_NAME: Final = "katapult-async"


def _available_ips() -> click.Command:
    from katapult_async.cli.available_ips import available_ips

    return available_ips


def _completion() -> click.Command:
    from katapult_async.cli.completion import completion

    return completion


def _ip_addresses() -> click.Command:
    from katapult_async.cli.ip_addresses import ip_addresses

    return ip_addresses


def _network_interfaces() -> click.Command:
    from katapult_async.cli.network_interfaces import network_interfaces

    return network_interfaces


def _networks() -> click.Command:
    from katapult_async.cli.networks import networks

    return networks


def _organizations() -> click.Command:
    from katapult_async.cli.organizations import organizations

    return organizations


def _rate_limit() -> click.Command:
    from katapult_async.cli.rate_limit import rate_limit

    return rate_limit


def _sandbox() -> click.Command:
    from katapult_async.cli.sandbox import sandbox

    return sandbox


def _tasks() -> click.Command:
    from katapult_async.cli.tasks import tasks

    return tasks


def _virtual_machines() -> click.Command:
    from katapult_async.cli.virtual_machines import virtual_machines

    return virtual_machines


COMMANDS: Final[Mapping[str, tuple[str, Callable[[], click.Command]]]] = MappingProxyType(
    {
        "available-ips": ("List the addresses that could be given to network interfaces.", _available_ips),
        "completion": ("Print what makes a SHELL complete commands.", _completion),
        "ip-addresses": ("IP addresses of organizations (alias: ips).", _ip_addresses),
        "network-interfaces": ("Network interfaces of machines (alias: nics).", _network_interfaces),
        "networks": ("Networks (alias: nets).", _networks),
        "organizations": ("Organizations (alias: orgs).", _organizations),
        "rate-limit": ("Show what is left of the rate limit.", _rate_limit),
        "sandbox": ("Serve a made-up cloud that behaves like the Katapult API, until Ctrl-C or SIGTERM.", _sandbox),
        "tasks": ("What Katapult does after it has answered.", _tasks),
        "virtual-machines": ("Virtual machines (alias: vms).", _virtual_machines),
    }
)
"""Names; the first sentence of each command's help, which a test compares; and what imports the command."""

ALIASES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "ips": "ip-addresses",
        "nets": "networks",
        "nics": "network-interfaces",
        "orgs": "organizations",
        "vms": "virtual-machines",
    }
)
"""Short names of groups, listed only in their help. ``orgs``, ``vms``, ``nets`` are katapult-cli's, the others ours."""


class LazyGroup(click.Group):
    """A group of `COMMANDS`, which may also be called by `ALIASES`."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 # click's signature
        """Return the names."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 # click's signature
        """Return what help and completion show of a command: its name and what it does."""
        if cmd_name not in COMMANDS:
            return None
        help_text, _ = COMMANDS[cmd_name]
        return click.Command(cmd_name, help=help_text)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Import the command that is called."""
        called, *rest = args
        name = ALIASES.get(called, called)
        if name in COMMANDS:
            _, load = COMMANDS[name]
            return called, load(), rest
        if ctx.resilient_parsing:  # a shell asks how to go on: there is nobody to complain to
            return None, None, rest
        raise click.UsageError(f"No such command {called!r}.{_suggestion(called)}", ctx)


def _suggestion(called: str) -> str:
    """Return which names look like what was called; also aliases, for nothing else looks like ``vm``."""
    import difflib  # needed after a mistake only

    alike = difflib.get_close_matches(called, [*COMMANDS, *ALIASES])
    return f" Did you mean {' or '.join(repr(each) for each in alike)}?" if alike else ""


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
