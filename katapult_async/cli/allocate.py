"""The command `network-interfaces allocate`: gives an interface an address."""

from typing import TYPE_CHECKING

import click

from katapult_async.cli.exit_codes import ExitCode
from katapult_async.cli.lookups import ADDRESS, INTERFACE, VERSIONS, Address
from katapult_async.cli.options import Asking, asks, examples
from katapult_async.cli.runner import one
from katapult_async.models.ip_addresses import IPAddress

if TYPE_CHECKING:
    from katapult_async.client import KatapultClient


@click.command(
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

    async def allocated(katapult: "KatapultClient") -> IPAddress:
        nics = katapult.virtual_machine_network_interfaces
        if address is not None:
            await nics.allocate_ip(interface_id, ip_address=address)
            return await katapult.ip_addresses.get(address)  # the interface that was answered tells less of it
        version = address_version or ""
        if new:
            return await nics.allocate_new_ip(interface_id, address_version=version)
        return await nics.allocate_first_available(interface_id, address_version=version)

    return one(asking, thing=allocated)
