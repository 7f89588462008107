"""The root group: it lists its commands without importing them, and knows aliases and what was probably meant."""

import click

from katapult_async.cli.commands import ALIASES, COMMANDS


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
    import difflib  # noqa: PLC0415 # needed after a mistake only

    alike = difflib.get_close_matches(called, [*COMMANDS, *ALIASES])
    return f" Did you mean {' or '.join(repr(each) for each in alike)}?" if alike else ""
