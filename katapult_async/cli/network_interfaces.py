"""The command group `network-interfaces`. `allocate` is in a file of its own."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Final

import attrs
import click

from katapult_async.cli.allocate import allocate
from katapult_async.cli.available_ips import available_ips
from katapult_async.cli.exit_codes import ExitCode
from katapult_async.cli.ip_addresses import unallocate
from katapult_async.cli.lookups import INTERFACE, MACHINE
from katapult_async.cli.messages import show
from katapult_async.cli.options import Options, examples, seconds_option, shared_options
from katapult_async.cli.runner import run_list, run_single
from katapult_async.models.lookups import FQDN
from katapult_async.models.virtual_machine_network_interfaces import InterfaceTask, VirtualMachineNetworkInterface

if TYPE_CHECKING:
    from katapult_async.client import KatapultClient
    from katapult_async.resources.virtual_machine_network_interfaces import VirtualMachineNetworkInterfaces

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
    """Network interfaces of virtual machines (alias: nics)."""


network_interfaces.add_command(allocate)
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
@shared_options(VirtualMachineNetworkInterface, columns=_COLUMNS)
def list_(options: Options, *, machine: str | FQDN) -> ExitCode:
    """List the network interfaces of a virtual machine."""
    return run_list(
        options, records=lambda katapult: katapult.virtual_machine_network_interfaces.list(virtual_machine=machine)
    )


@network_interfaces.command(
    epilog=examples(
        "network-interfaces get vmnet_6qfrTqnrDTs28Yet", "nics get vmnet_6qfrTqnrDTs28Yet -o yaml --fields mac_address"
    )
)
@click.argument("interface_id", callback=INTERFACE)
@shared_options(
    VirtualMachineNetworkInterface,
    columns=(*_COLUMNS, "virtual_machine.name", "mac_address", "state", "speed_profile.name"),
)
def get(options: Options, *, interface_id: str) -> ExitCode:
    """Show one network interface, by its id (vmnet_...)."""
    return run_single(options, record=lambda katapult: katapult.virtual_machine_network_interfaces.get(interface_id))


def _wait_options(command: Callable[..., ExitCode]) -> Callable[..., ExitCode]:
    """Add the options with which a command waits for its task."""
    for option in (
        seconds_option(
            "--timeout",
            help_text="Seconds that --wait takes at most; the task itself goes on after them. [default: 600]",
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
@_wait_options
@shared_options(InterfaceTask, columns=_TASK_COLUMNS, mutates=True)
def attach(options: Options, *, interface_id: str, wait: bool, timeout: float | None) -> ExitCode:
    """Attach an interface to its virtual machine, and show the task that does it.

    Without --wait, the task has only begun: `tasks wait` waits for it. With --wait, the exit code is 1 if the task
    fails, and 5 if it is not finished in time.
    """
    return _start_task(options, lambda nics: nics.attach(interface_id), wait=wait, timeout=timeout)


@network_interfaces.command(
    epilog=examples(
        "network-interfaces detach vmnet_7d62bsUXKI9eLXwy --wait --timeout 60",
        "nics detach vmnet_7d62bsUXKI9eLXwy --dry-run",
    )
)
@click.argument("interface_id", callback=INTERFACE)
@_wait_options
@shared_options(InterfaceTask, columns=_TASK_COLUMNS, mutates=True)
def detach(options: Options, *, interface_id: str, wait: bool, timeout: float | None) -> ExitCode:
    """Detach an interface from its virtual machine, and show the task that does it.

    Without --wait, the task has only begun: `tasks wait` waits for it. With --wait, the exit code is 1 if the task
    fails, and 5 if it is not finished in time.
    """
    return _start_task(options, lambda nics: nics.detach(interface_id), wait=wait, timeout=timeout)


def _start_task(
    options: Options,
    start: Callable[["VirtualMachineNetworkInterfaces"], Awaitable[InterfaceTask]],
    *,
    wait: bool,
    timeout: float | None,
) -> ExitCode:
    """Start a task, wait for it if that is asked for, and show it with its interface."""
    if timeout is not None and not wait:
        raise click.UsageError("--timeout limits the wait: add --wait")

    async def task(katapult: "KatapultClient") -> InterfaceTask:
        started = await start(katapult.virtual_machine_network_interfaces)
        if not wait:
            return started
        show(f"waiting for {started.task.id}")  # after an interruption, `tasks wait` can wait for it
        return attrs.evolve(started, task=await katapult.tasks.wait(started.task.id, timeout=timeout))

    return run_single(options, record=task)
