"""The command `completion`: the script with which a shell completes commands, and the replies to that script."""

import os
import sys
from collections.abc import Mapping
from typing import Final

import click
from click.shell_completion import BashComplete, FishComplete, ShellComplete, ZshComplete

from katapult_async.cli import messages
from katapult_async.cli.exit_codes import ExitCode
from katapult_async.cli.lazy_group import Command
from katapult_async.cli.shared_options import examples

_VARIABLE: Final = "_KATAPULT_ASYNC_COMPLETE"  # the script of a shell says in it what it asks for
_SHELLS: Final[Mapping[str, type[ShellComplete]]] = {"bash": BashComplete, "zsh": ZshComplete, "fish": FishComplete}


def complete(root: click.Command, request: str) -> ExitCode:
    """Write what the script of a shell asks for, and return the exit code.

    click completes ``--option value``. This completes ``--option=value`` too.

    Args:
        root: the group of all commands.
        request: what is asked for, such as ``bash_complete``. The command line is in other variables.
    """
    shell, _, kind = request.partition("_")
    script = _SHELLS.get(shell, ShellComplete)(root, {}, "katapult-async", _VARIABLE)
    if shell in _SHELLS and kind == "source":
        # click's script for fish would cut a value at its first comma, such as `id,name` after --fields
        click.echo(script.source().replace('string split ","', 'string split --max 1 ","'))
    elif shell in _SHELLS and kind == "complete" and {"COMP_WORDS", "COMP_CWORD"} <= os.environ.keys():
        words, incomplete = script.get_completion_args()
        if words[-1:] == ["="]:  # bash makes three words of --option=value, and replaces only the last one
            del words[-1]
        option, equals, _ = incomplete.partition("=")
        before_value = f"{option}=" if equals and option.startswith("--") else ""
        for item in script.get_completions(words, incomplete):
            item.value = before_value + item.value
            click.echo(script.format_completion(item))
    else:
        messages.show_error(f"{_VARIABLE} is set, but not by a completion script: unset it")
        return ExitCode.FAILURE
    return ExitCode.OK


@click.command(cls=Command, epilog=examples("completion bash", "completion zsh > _katapult-async", "completion fish"))
@click.argument("shell", type=click.Choice(tuple(_SHELLS)), metavar="SHELL")
@click.pass_context
def completion(context: click.Context, *, shell: str) -> ExitCode:
    """Print the script with which a shell completes commands.

    SHELL is bash, zsh or fish. The script completes options, formats and the names of fields too.

    \b
    For bash, add to ~/.bashrc:  eval "$(katapult-async completion bash)"
    For zsh, add to ~/.zshrc:    eval "$(katapult-async completion zsh)"
    For fish, add to ~/.config/fish/config.fish:  katapult-async completion fish | source
    """  # noqa: D301 # \b is click's mark for a paragraph whose lines it must keep
    if sys.stdout is None:  # a shell has closed it with >&-, and click would print nothing
        raise click.ClickException("the output cannot be written: standard output is closed")
    return complete(context.find_root().command, f"{shell}_source")
