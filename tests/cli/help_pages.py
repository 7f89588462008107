"""Every command, and the help that it prints. Each page is printed once for all tests."""

import functools
from collections.abc import Iterator
from typing import Final

import click
from click.testing import CliRunner

from katapult_async.cli.main import katapult_async


def command_named(group: click.Group, name: str) -> click.Command:
    """Return a command of a group."""
    _, command, _ = group.resolve_command(click.Context(group), [name])
    assert command is not None
    return command


def _commands(group: click.Group, *path: str) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    for name in group.list_commands(click.Context(group)):
        command = command_named(group, name)
        if isinstance(command, click.Group):
            yield from _commands(command, *path, name)
        else:
            yield (*path, name), command


COMMANDS: Final = dict(_commands(katapult_async))
"""Every command that is not a group, by the words of its name, such as ``("tags", "list")``."""


@functools.cache
def help_page(*words: str) -> str:
    """Return what a command prints with ``--help``."""
    printed = CliRunner().invoke(katapult_async, [*words, "--help"])
    assert printed.exit_code == 0
    return printed.stdout


def examples(words: tuple[str, ...]) -> list[str]:
    """Return the examples in the help of a command."""
    return [line.strip() for line in help_page(*words).splitlines() if line.startswith("    katapult-async ")]
