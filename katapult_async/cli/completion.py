"""The command `completion`: the script with which a shell completes commands. click replies to that script."""

import sys
from collections.abc import Mapping
from typing import Final

import click
from click.shell_completion import BashComplete, FishComplete, ShellComplete, ZshComplete

from katapult_async.cli.lazy_group import Command
from katapult_async.cli.shared_options import examples

_SHELLS: Final[Mapping[str, type[ShellComplete]]] = {"bash": BashComplete, "zsh": ZshComplete, "fish": FishComplete}


@click.command(cls=Command, epilog=examples("completion bash", "completion zsh > _katapult-async", "completion fish"))
@click.argument("shell", type=click.Choice(tuple(_SHELLS)), metavar="SHELL")
@click.pass_context
def completion(context: click.Context, *, shell: str) -> None:
    """Print the script with which a shell completes commands.

    SHELL is bash, zsh or fish. The script completes options, formats and the names of fields too.

    \b
    For bash, add to ~/.bashrc:  eval "$(katapult-async completion bash)"
    For zsh, add to ~/.zshrc:    eval "$(katapult-async completion zsh)"
    For fish, add to ~/.config/fish/config.fish:  katapult-async completion fish | source
    """  # noqa: D301 # \b is click's mark for a paragraph whose lines it must keep
    if sys.stdout is None:  # a shell has closed it with >&-, and click would print nothing
        raise click.ClickException("the output cannot be written: standard output is closed")
    script = _SHELLS[shell](context.find_root().command, {}, "katapult-async", "_KATAPULT_ASYNC_COMPLETE").source()
    # click's script for fish would cut a value at its first comma, such as `id,name` after --fields
    click.echo(script.replace('string split ","', 'string split --max 1 ","'))
