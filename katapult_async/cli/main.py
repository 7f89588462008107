"""The root command `katapult-async`: its commands and aliases, and how errors become one line and an exit code."""
# ruff: noqa: PLC0415 # the help of the root must not wait for the commands, which load the models

import sys
from collections.abc import Mapping, Sequence
from typing import Final

import click

from katapult_async.cli import file_descriptor, messages
from katapult_async.cli.exit_codes import EXIT_CODES_HELP, ExitCode
from katapult_async.cli.groups import GROUPS
from katapult_async.cli.lazy_group import LazyGroup, handwritten_command
from katapult_async.cli.signals import SignalError, signals_as_errors
from katapult_async.similar_names import did_you_mean
from katapult_async.version import __version__

_NAME: Final = "katapult-async"

_UNGROUPED: Final = {
    "api": "Send one request to any operation of the API.",
    "available-ips": "List the addresses that can be allocated to network interfaces.",
    "completion": "Print the script with which a shell completes commands.",
    "rate-limit": "Show how many requests of the rate limit are left.",
    "sandbox": "Serve a simulated cloud that behaves like Katapult.",
}
"""Commands that are not groups, each with the first sentence of its help."""

COMMANDS: Final[Mapping[str, str]] = dict(sorted({**_UNGROUPED, **{row.name: row.help for row in GROUPS}}.items()))
"""All commands, each with its text in the help of the root."""

ALIASES: Final[Mapping[str, str]] = {group.alias: group.name for group in GROUPS if group.alias}
"""Short names of commands."""


class RootGroup(LazyGroup):
    """The group of `COMMANDS` and `ALIASES`."""

    names: Sequence[str] = tuple(COMMANDS)
    aliases: Mapping[str, str] = ALIASES

    def summary(self, name: str) -> str:
        """Return the first sentence of the help of a command."""
        return COMMANDS[name]

    def load(self, name: str) -> click.Command:
        """Import a command."""
        if name in _UNGROUPED:
            return handwritten_command(name)
        from katapult_async.cli.resource_commands import ResourceCommands

        return ResourceCommands(name)

    def invoke(self, ctx: click.Context) -> object:
        """Run the command that is called. A signal becomes an exit code here, before click writes a line."""
        try:
            return super().invoke(ctx)
        except SignalError as error:
            messages.show(str(error))
            return error.code


@click.group(
    name=_NAME,
    cls=RootGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100, "show_default": True},
    epilog=EXIT_CODES_HELP,
)
@click.version_option(__version__, "-V", "--version", message="%(prog)s %(version)s")
def katapult_async() -> None:
    """Use the Katapult cloud API, with the token in KATAPULT_API_KEY or KATAPULT_API_TOKEN.

    KATAPULT_API_URL names another server, and HTTPS_PROXY a proxy. Data goes to standard output; progress and messages
    go to standard error.

    \b
    To try it without a token, with simulated machines:
      katapult-async available-ips --all --sandbox
    """  # noqa: D301 # \b is click's mark for a paragraph whose lines it must keep


def run(arguments: Sequence[str]) -> int:
    """Run the command with these arguments, and return its exit code. An expected error is shown in one line."""
    streams = sys.stdout, sys.stderr
    try:
        with signals_as_errors():
            code: int = katapult_async.main(list(arguments), prog_name=_NAME, standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as error:
        messages.write(f"{error.message}\n")
        code = ExitCode.USAGE
    except click.UsageError as error:
        messages.show_error(_usage_message(error))
        code = ExitCode.USAGE
    except click.ClickException as error:
        from katapult_async.cli.output import OutputGoneError

        if not isinstance(error, OutputGoneError):
            messages.show_error(error.message)
        code = error.exit_code
    except SystemExit as end:  # click's, after a reply to a shell, or when the reader of its output has exited
        code = int(end.code or ExitCode.OK)
    except click.Abort as abort:  # click raises it for a KeyboardInterrupt
        code = abort.__cause__.code if isinstance(abort.__cause__, SignalError) else ExitCode.INTERRUPTED
    except OSError as error:  # a full disk under `--help`, an input that is closed, or no file descriptor left
        reason = error.strerror or str(error)
        messages.show_error(f"{error.filename}: {reason}" if error.filename else reason)
        code = ExitCode.FAILURE
    finally:
        # click replaces both when the reader of a pipe has exited, even if they are None
        sys.stdout, sys.stderr = streams
        for stream in streams:
            file_descriptor.discard_unwritten(stream)
    return int(code or ExitCode.OK)


def _usage_message(error: click.UsageError) -> str:
    """Return what is wrong with the command line, and whose help to read."""
    message = error.format_message().rstrip(".").replace("\n\t", " ")  # click puts each choice on its own line
    if error.ctx is None:  # an option of a group has a value, and click does not say of which group
        return message
    command = error.ctx.command
    subjects = [parameter.human_readable_name for parameter in command.params if isinstance(parameter, click.Argument)]
    if isinstance(command, click.Group) and message == "Missing command":
        message += f": {', '.join(command.list_commands(error.ctx))}"
    elif message.startswith("Got unexpected extra") and subjects:
        message += f": the command takes one {' and one '.join(subjects)}; xargs -n {len(subjects)} runs it for several"
    elif isinstance(error, click.NoSuchOption):
        known = [name for option in command.get_params(error.ctx) for name in option.opts if name.startswith("-")]
        text = error.option_name.lstrip("-")
        # --limit shortens a list in other programs: --rate-limit-window is not what the user means
        advice = "" if text == "limit" else did_you_mean(text, known, key=lambda name: name.lstrip("-"))
        if isinstance(command, click.Group):
            advice = advice or ": put it after the command"
        elif (subject := text.replace("-", "_").upper()) in subjects:
            advice = f": give {subject} without an option"
        message = error.message.rstrip(".") + advice
    return f"{message} (see {error.ctx.command_path} --help)"
