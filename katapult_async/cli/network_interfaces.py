"""The group `network-interfaces`."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Final, ParamSpec, TypeVar

import attrs
import click

from katapult_async.cli.asking import Asking
from katapult_async.cli.available_ips import available_ips
from katapult_async.cli.examples import examples
from katapult_async.cli.exit_codes import ExitCode
from katapult_async.cli.ip_addresses import unallocate
from katapult_async.cli.names import ADDRESS, INTERFACE, MACHINE, VERSIONS, Address
from katapult_async.cli.questions import asks, many, one
from katapult_async.cli.seconds import seconds
from katapult_async.cli.terminal import say
from katapult_async.models.ip_addresses import AddressVersion, IPAddress
from katapult_async.models.lookups import FQDN
from katapult_async.models.virtual_machine_network_interfaces import InterfaceTask, VirtualMachineNetworkInterface

if TYPE_CHECKING:
    from katapult_async.client import KatapultClient
    from katapult_async.resources.virtual_machine_network_interfaces import VirtualMachineNetworkInterfaces

P = ParamSpec("P")
T = TypeVar("T")

_COLUMNS: Final = ("id", "name", "network.name", "virtual_network.name", "ip_addresses.address")
_TASK_COLUMNS: Final = (
    "task.id",
    "task.name",
    "task.status",
    "virtual_machine_network_interface.id",
    "virtual_machine_network_interface.name",
)


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

    async def allocated(katapult: "KatapultClient") -> IPAddress:
        nics = katapult.virtual_machine_network_interfaces
        if address is not None:
            await nics.allocate_ip(interface_id, ip_address=address)
            return await katapult.ip_addresses.get(address)  # the interface that was answered tells less of it
        version = AddressVersion(address_version or "")
        if new:
            return await nics.allocate_new_ip(interface_id, address_version=version)
        return await nics.allocate_first_available(interface_id, address_version=version)

    return one(asking, thing=allocated)


def _may_wait(command: Callable[P, T]) -> Callable[P, T]:
    """Add the options for who wants to see a task completed."""
    for option in (
        click.option(
            "--timeout",
            type=float,
            callback=seconds,
            metavar="SECONDS",
            help="Seconds until --wait is given up; the task goes on. [default: 600]",
        ),
        click.option("--wait", is_flag=True, help="Wait until the task is completed."),
    ):
        command = option(command)
    return command


@network_interfaces.command(
    epilog=examples(
        "network-interfaces attach vmnet_MSsSwSQBkj9BvXE6 --wait",
        "nics attach vmnet_MSsSwSQBkj9BvXE6 --dry-run -o json",
    )
)
@click.argument("interface_id", callback=INTERFACE)
@_may_wait
@asks(InterfaceTask, columns=_TASK_COLUMNS, writes=True)
def attach(asking: Asking, *, interface_id: str, wait: bool, timeout: float | None) -> ExitCode:
    """Attach an interface to its machine, and show the task that does it.

    Without --wait, the task has only begun: `tasks wait` waits for it. With --wait, the exit code is 1 if the task
    fails, and 5 if it is not finished in time.
    """
    return _changed(asking, lambda nics: nics.attach(interface_id), wait=wait, timeout=timeout)


@network_interfaces.command(
    epilog=examples(
        "network-interfaces detach vmnet_7d62bsUXKI9eLXwy --wait --timeout 60",
        "nics detach vmnet_7d62bsUXKI9eLXwy --dry-run",
    )
)
@click.argument("interface_id", callback=INTERFACE)
@_may_wait
@asks(InterfaceTask, columns=_TASK_COLUMNS, writes=True)
def detach(asking: Asking, *, interface_id: str, wait: bool, timeout: float | None) -> ExitCode:
    """Detach an interface from its machine, and show the task that does it.

    Without --wait, the task has only begun: `tasks wait` waits for it. With --wait, the exit code is 1 if the task
    fails, and 5 if it is not finished in time.
    """
    return _changed(asking, lambda nics: nics.detach(interface_id), wait=wait, timeout=timeout)


def _changed(
    asking: Asking,
    change: Callable[["VirtualMachineNetworkInterfaces"], Awaitable[InterfaceTask]],
    *,
    wait: bool,
    timeout: float | None,
) -> ExitCode:
    """Begin a task, see it completed if that is wanted, and show it with its interface."""
    if timeout is not None and not wait:
        raise click.UsageError("--timeout is about the wait: add --wait")

    async def changed(katapult: "KatapultClient") -> InterfaceTask:
        begun = await change(katapult.virtual_machine_network_interfaces)
        if not wait:
            return begun
        say(f"waiting for {begun.task.id}")  # who interrupts it can wait for the task again
        return attrs.evolve(begun, task=await katapult.tasks.wait(begun.task.id, timeout=timeout))

    return one(asking, thing=changed)
