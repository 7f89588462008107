"""Short names of groups, as katapult-cli has them: understood everywhere, listed nowhere but in the groups' help."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import click

ALIASES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "ips": "ip-addresses",
        "nets": "networks",
        "nics": "network-interfaces",
        "orgs": "organizations",
        "vms": "virtual-machines",
    }
)
"""Aliases, and what they stand for. ``orgs``, ``vms`` and ``nets`` are katapult-cli's, the others are ours."""


class AliasedGroup(click.Group):
    """A group whose commands may be called by `ALIASES`."""

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command by its name or its alias."""
        return super().get_command(ctx, ALIASES.get(cmd_name, cmd_name))
