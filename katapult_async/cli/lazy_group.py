"""A group of commands, each created when it is called. Help and completion show the first sentence of each command."""

import abc
import itertools
import re
from collections.abc import Mapping, Sequence
from importlib import import_module
from types import MappingProxyType
from typing import Final

import click

from katapult_async.cli.groups import GROUPS
from katapult_async.similar_names import did_you_mean

_NEVER_CUT: Final = 1000  # characters; no first sentence is longer


class Command(click.Command):
    """A command whose options with one value can be given only once. click would drop the first value.

    The name of an option is not a value either: click would take ``--dry-run`` after ``--content`` as the content.
    """

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read the arguments of a command line."""
        if ctx.resilient_parsing:  # a shell completes the line
            return super().parse_args(ctx, args)
        with click.core.augment_usage_errors(ctx):  # click's own error about an option without its value has no context
            _, _, given = self.make_parser(ctx).parse_args(args.copy())
        options = [option for option in self.get_params(ctx) if isinstance(option, click.Option)]
        named = {name: option for option in options for name in (*option.opts, *option.secondary_opts)}
        for word, following in itertools.pairwise(itertools.takewhile(lambda word: word != "--", args)):
            name = following.partition("=")[0]  # that of --ttl=5
            if word in named and not named[word].is_flag and name in named:
                raise click.UsageError(f"Option '{word}' requires an argument, and {name} is an option", ctx)
        for option in options:
            if given.count(option) > 1 and not option.multiple and not (option.is_flag and not option.secondary_opts):
                names = "/".join([*option.opts, *option.secondary_opts])
                raise click.UsageError(f"{names} can be given only once", ctx)
        return super().parse_args(ctx, args)


class LazyGroup(click.Group):
    """A group of commands. The error of an unknown name suggests others."""

    names: Sequence[str]
    """Names of the commands, in their order."""

    aliases: Mapping[str, str] = MappingProxyType({})
    """Short names of commands."""

    @abc.abstractmethod
    def summary(self, name: str) -> str:
        """Return the help of a command, or its beginning: a list of commands shows only the first sentence."""

    @abc.abstractmethod
    def load(self, name: str) -> click.Command:
        """Return a command."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names."""
        del ctx
        return list(self.names)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command for lists in help and completion: its name, and its first sentence up to a semicolon."""
        del ctx
        if cmd_name not in self.names:
            return None
        command = click.Command(cmd_name, help=re.sub(r";[^.]*", "", self.summary(cmd_name)))
        return click.Command(cmd_name, short_help=command.get_short_help_str(_NEVER_CUT))  # click cuts `help`

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command that is called, and the arguments after its name."""
        called, *rest = args
        name = self.aliases.get(called, called)
        if name in self.names:
            return called, self.load(name), rest
        if ctx.resilient_parsing:  # a shell completes the line
            return None, None, rest
        from katapult_async.cli.declarations import methods_of  # noqa: PLC0415 # the help of the root needs no json

        elsewhere = [
            f"{group.alias or group.name} {called}"
            for group in GROUPS
            if called in (*group.handwritten, *group.derived(methods_of(group.attribute)))
        ]
        suggestion = did_you_mean(called, [*self.names, *self.aliases])
        if len(elsewhere) in (1, 2):  # more would not help
            suggestion = f"; did you mean {' or '.join(elsewhere)}?"
        raise click.UsageError(f"No such command {called!r}{suggestion}", ctx)


def handwritten_command(name: str) -> click.Command:
    """Import a command that is not derived from a method: a function in a module of the same name."""
    module = name.replace("-", "_")
    command: click.Command = getattr(import_module(f"katapult_async.cli.{module}"), module)
    return command
