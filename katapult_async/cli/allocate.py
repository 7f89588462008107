"""The command `network-interfaces allocate`: gives an interface an IP address."""
# ruff: noqa: PLC0415 # --help needs neither attrs nor models

from typing import TYPE_CHECKING, Final

import click

from katapult_async.cli.declarations import fields_of
from katapult_async.cli.lazy_group import Command
from katapult_async.cli.messages import show
from katapult_async.cli.name_parsing import ADDRESS, INTERFACE, VERSIONS, Address
from katapult_async.cli.shared_options import examples, seconds_option, shared_options

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from katapult_async.cli.given_options import Options
    from katapult_async.cli.machine_names import InterfaceName
    from katapult_async.client import KatapultClient
    from katapult_async.models.ip_addresses import IPAddress
    from katapult_async.models.virtual_machine_network_interfaces import VirtualMachineNetworkInterface as Interface

_FIELDS: Final = fields_of("IPAddress")


@click.command(
    cls=Command,
    epilog=examples(
        "network-interfaces allocate vmnet_U2BYXIqN9F0sScyK --address-version ipv6",
        "nics allocate vmnet_U2BYXIqN9F0sScyK --address-version ipv4 --new --dry-run",
        "nics allocate mail-1/gb-reading-1/network-2-18 --address-version ipv6 --dry-run",
        "nics allocate vmnet_U2BYXIqN9F0sScyK --address ip_sh1gJRZh1rlguYQE -o jsonl --fields address",
    ),
)
@click.argument("interface_id", type=INTERFACE)
@click.option("--address", type=ADDRESS, metavar="ADDRESS", help="The address to allocate, or its id.")
@click.option("--new", is_flag=True, help="Reserve a new address for the organization, and allocate it.")
@click.option(
    "--address-version", type=click.Choice(VERSIONS), help="The version of the address. Give either this or --address."
)
@seconds_option("--timeout", help="Seconds for the allocation, without the search for a name. [default: 180]")
@shared_options(_FIELDS, columns=("id", "address", "address_with_mask", "reverse_dns", "network.name"), mutates=True)
def allocate(
    options: "Options",
    *,
    interface_id: "str | InterfaceName",
    address: Address | None,
    new: bool,
    address_version: str | None,
    timeout: float | None,
) -> None:
    """Give an interface an address, and show it: the first available one, unless --address or --new is given.

    INTERFACE_ID: Id of the interface, vmnet_..., or MACHINE/NETWORK by their names or ids, or MACHINE if it has one
    interface.

    If another client takes the first available address, the interface gets the next one. It never gets two addresses,
    even if a response is lost.
    """
    if new and address is not None:
        raise click.UsageError("give --address or --new, not both")
    if (address is None) == (address_version is None):
        raise click.UsageError("give --address-version, or --address, which has a version already")

    from katapult_async.cli.name_search import NameSearch
    from katapult_async.cli.runner import run_single
    from katapult_async.models.ip_addresses import AddressVersion

    async def allocate_to_interface(katapult: "KatapultClient") -> "AsyncGenerator[IPAddress]":
        nic_id = await NameSearch(katapult, organization=options.connection.default_organization).id_of(interface_id)
        nics = katapult.virtual_machine_network_interfaces
        if address is not None:
            interface = await nics.allocate_ip(nic_id, ip_address=address, timeout=timeout)
            yield await _allocated_address(katapult, interface, address)
        else:
            allocate_any = nics.allocate_new_ip if new else nics.allocate_first_available
            yield await allocate_any(nic_id, address_version=AddressVersion(str(address_version)), timeout=timeout)

    run_single(options, fetch=allocate_to_interface)


async def _allocated_address(katapult: "KatapultClient", interface: "Interface", address: Address) -> "IPAddress":
    """Return an address that an interface has now. If reading it fails, it has only the fields that interfaces show."""
    from katapult_async.cli.error_messages import message_of
    from katapult_async.errors import KatapultError
    from katapult_async.models.ip_addresses import IPAddress

    try:
        return await katapult.ip_addresses.get(address)
    except KatapultError as error:
        show(f"the address is allocated, but not all of its fields could be read: {message_of(error, token_source='')}")
    as_given = IPAddress(id=address, address="") if isinstance(address, str) else IPAddress(id="", address=str(address))
    return next((listed for listed in interface.ip_addresses if address in (listed.id, listed.ip)), as_given)
