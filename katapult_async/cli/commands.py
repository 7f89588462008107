"""The commands: their names, what the root's help says of each, and where it is. One is imported when it is called."""
# ruff: noqa: PLC0415 # the help of the whole shall not wait for its parts, which load the models

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

import click


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
