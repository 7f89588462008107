"""A group of commands, each created when it is called. Help and completion show the first sentence of each command."""

from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from types import MappingProxyType
from typing import Any, Final

import click

_NONE: Final[Mapping[str, str]] = MappingProxyType({})

_MOST_SHOWN: Final = 3  # suggestions for an unknown name
_OTHER_WORDS: Final[Mapping[str, tuple[str, ...]]] = {
    "create": ("build",),
    "describe": ("get",),
    "destroy": ("purge",),
    "edit": ("update",),
    "ls": ("list",),
    "new": ("create", "build"),
    "reboot": ("reset",),
    "remove": ("delete",),
    "restart": ("reset",),
    "rm": ("delete",),
    "show": ("get",),
}
"""Names of commands in other tools, and the commands here that do the same."""


class LazyGroup(click.Group):
    """A group of commands. The error of an unknown name suggests others.

    Args:
        name: name of the group.
        names: of the commands, in their order.
        summary: returns the beginning of the help of a command, by its name.
        make: returns a command by its name.
        aliases: short names of commands.
        elsewhere: names that users try in this group, and the message that names the command of another group.
        attributes: what click's groups have.
    """

    def __init__(
        self,
        name: str,
        *,
        names: Sequence[str],
        summary: Callable[[str], str],
        make: Callable[[str], click.Command],
        aliases: Mapping[str, str] = _NONE,
        elsewhere: Mapping[str, str] = _NONE,
        **attributes: Any,
    ) -> None:
        super().__init__(name, **attributes)
        self._names, self._summary, self._make = names, summary, make
        self._aliases, self._elsewhere = aliases, elsewhere

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names."""
        del ctx
        return list(self._names)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return what help and completion show of a command: its name and the beginning of its help."""
        del ctx
        return click.Command(cmd_name, help=self._summary(cmd_name)) if cmd_name in self._names else None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command that is called."""
        called, *rest = args
        name = self._aliases.get(called, called)
        if name in self._names:
            return called, self._make(name), rest
        if ctx.resilient_parsing:  # a shell completes the line
            return None, None, rest
        if called in self._elsewhere:
            raise click.UsageError(self._elsewhere[called], ctx)
        known = [*self._names, *self._aliases]
        suggestions = [
            name for name in known if (called and name.startswith(called)) or name in _OTHER_WORDS.get(called, ())
        ]
        if suggestions:
            names = " or ".join(map(repr, sorted(suggestions, key=len)[:_MOST_SHOWN]))
            raise click.UsageError(f"No such command {called!r}. Did you mean {names}?", ctx)
        raise click.NoSuchCommand(called, possibilities=known, ctx=ctx)


def written_command(module: str) -> click.Command:
    """Import a command that is not derived: a function that has the name of its module."""
    command: click.Command = getattr(import_module(f"katapult_async.cli.{module}"), module)
    return command
