"""The group `network-interfaces`."""

from typing import Final

import click

from katapult_async.cli.asking import Asking
from katapult_async.cli.available_ips import available_ips
from katapult_async.cli.exit_codes import ExitCode
from katapult_async.cli.ip_addresses import unallocate
from katapult_async.cli.names import ADDRESS, INTERFACE, MACHINE, VERSIONS, Address
from katapult_async.cli.questions import asks, examples, many, one
from katapult_async.client import KatapultClient
from katapult_async.models.ip_addresses import IPAddress
from katapult_async.models.lookups import FQDN
from katapult_async.models.virtual_machine_network_interfaces import VirtualMachineNetworkInterface

_COLUMNS: Final = ("id", "name", "network.name", "virtual_network.name", "ip_addresses.address")


@click.group(name="network-interfaces", no_args_is_help=False)
def network_interfaces() -> None:
    """Network interfaces of machines (alias: nics)."""


network_interfaces.add_command(available_ips)
network_interfaces.add_command(unallocate)


@network_interfaces.command(
    name="list",
    epilog=examples(
        "network-interfaces list --virtual-machine mail-1.larch.example --sandbox",
        "nics list --virtual-machine vm_SSY9IPHockPIozqP -o jsonl --fields id,network.name",
    ),
)
@click.option(
    "--virtual-machine", "machine", callback=MACHINE, metavar="VM", required=True, help="Its full domain name or id."
)
@asks(VirtualMachineNetworkInterface, columns=_COLUMNS)
def list_(asking: Asking, *, machine: str | FQDN) -> ExitCode:
    """List the interfaces of a machine."""
    return many(
        asking, things=lambda katapult: katapult.virtual_machine_network_interfaces.list(virtual_machine=machine)
    )


@network_interfaces.command(
    epilog=examples(
        "network-interfaces get vmnet_6qfrTqnrDTs28Yet", "nics get vmnet_6qfrTqnrDTs28Yet -o yaml --fields mac_address"
    )
)
@click.argument("interface_id", callback=INTERFACE)
@asks(
    VirtualMachineNetworkInterface,
    columns=(*_COLUMNS, "virtual_machine.name", "mac_address", "state", "speed_profile.name"),
)
def get(asking: Asking, *, interface_id: str) -> ExitCode:
    """Show one interface, by its id (vmnet_...)."""
    return one(asking, thing=lambda katapult: katapult.virtual_machine_network_interfaces.get(interface_id))


@network_interfaces.command(
    epilog=examples(
        "network-interfaces allocate vmnet_6qfrTqnrDTs28Yet --address-version ipv6",
        "nics allocate vmnet_6qfrTqnrDTs28Yet --address-version ipv4 --new --dry-run",
        "nics allocate vmnet_6qfrTqnrDTs28Yet --address ip_eb597DzOmI1vIkkP -o jsonl --fields address",
    )
)
@click.argument("interface_id", callback=INTERFACE)
@click.option("--address", callback=ADDRESS, help="This one of the available addresses, by itself or its id.")
@click.option("--new", is_flag=True, help="A new address, taken for the organization.")
@click.option(
    "--address-version",
    type=click.Choice(VERSIONS),
    help="The address family, unless --address names the address.",
)
@asks(IPAddress, columns=("id", "address", "address_with_mask", "reverse_dns", "network.name"), writes=True)
def allocate(
    asking: Asking, *, interface_id: str, address: Address | None, new: bool, address_version: str | None
) -> ExitCode:
    """Give an interface an address, and show it: the first available one, unless an option says which.

    Of the available ones it takes the next when somebody else is faster, and never two when an answer is lost.
    """
    if new and address is not None:
        raise click.UsageError("give --address or --new, not both")
    if (address is None) == (address_version is None):
        raise click.UsageError("give --address-version, or --address, which has a family already")

    async def allocated(katapult: KatapultClient) -> IPAddress:
        nics = katapult.virtual_machine_network_interfaces
        if address is not None:
            await nics.allocate_ip(interface_id, ip_address=address)
            return await katapult.ip_addresses.get(address)  # the interface that was answered tells less of it
        version = address_version or ""
        if new:
            return await nics.allocate_new_ip(interface_id, address_version=version)
        return await nics.allocate_first_available(interface_id, address_version=version)

    return one(asking, thing=allocated)
