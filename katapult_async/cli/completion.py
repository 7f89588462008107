"""The command `completion`: what a shell needs to complete the others."""

from collections.abc import Mapping
from typing import Final

import click
from click.shell_completion import BashComplete, FishComplete, ShellComplete, ZshComplete

from katapult_async.cli.exit_codes import ExitCode

_SHELLS: Final[Mapping[str, type[ShellComplete]]] = {"bash": BashComplete, "zsh": ZshComplete, "fish": FishComplete}


_EXAMPLES: Final = """\b
Examples:
  katapult-async completion bash
  katapult-async completion zsh > _katapult-async
  katapult-async completion fish"""


@click.command(epilog=_EXAMPLES)
@click.argument("shell", type=click.Choice(tuple(_SHELLS)))
@click.pass_context
def completion(context: click.Context, *, shell: str) -> ExitCode:
    """Print what makes a SHELL complete commands.

    Options, formats and the names of fields are completed too.

    \b
    Put into ~/.bashrc:  eval "$(katapult-async completion bash)"
    or into ~/.zshrc:    eval "$(katapult-async completion zsh)"
    or into ~/.config/fish/config.fish:  katapult-async completion fish | source
    """  # noqa: D301 # \b is click's mark for a paragraph whose lines it shall keep
    group = context.find_root()
    name = group.info_name or ""
    variable = f"_{name}_COMPLETE".replace("-", "_").upper()
    click.echo(_SHELLS[shell](group.command, {}, name, variable).source())
    return ExitCode.OK
