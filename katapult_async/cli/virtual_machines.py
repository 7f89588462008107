"""The command group `virtual-machines`."""

from collections.abc import AsyncGenerator
from typing import TYPE_CHECKING

import click

from katapult_async.cli.exit_codes import ExitCode
from katapult_async.cli.lookups import MACHINE, organization_or_only_one
from katapult_async.cli.options import IN_ORGANIZATION, Options, examples, shared_options
from katapult_async.cli.runner import run_list, run_single
from katapult_async.models.lookups import FQDN, SubDomain
from katapult_async.models.virtual_machines import VirtualMachine

if TYPE_CHECKING:
    from katapult_async.client import KatapultClient


@click.group(name="virtual-machines", no_args_is_help=False)
def virtual_machines() -> None:
    """Virtual machines (alias: vms)."""


@virtual_machines.command(
    name="list",
    epilog=examples(
        "virtual-machines list --organization larch --sandbox",
        "vms list --organization larch -o csv --fields fqdn,ip_addresses.address",
    ),
)
@IN_ORGANIZATION
@shared_options(VirtualMachine, columns=("id", "fqdn", "zone.data_center.name", "ip_addresses.address"))
def list_(options: Options, *, organization: str | SubDomain | None) -> ExitCode:
    """List the virtual machines of an organization. `get` shows more of each."""

    async def records(katapult: "KatapultClient") -> AsyncGenerator[VirtualMachine]:
        chosen = await organization_or_only_one(katapult, organization)
        async for machine in katapult.virtual_machines.list(organization=chosen):
            yield machine

    return run_list(options, records=records)


@virtual_machines.command(
    epilog=examples(
        "virtual-machines get mail-1.larch.example --sandbox",
        "vms get vm_SSY9IPHockPIozqP -o json --fields state,package.name",
    )
)
@click.argument("machine", callback=MACHINE)
@shared_options(
    VirtualMachine,
    columns=(
        "id",
        "fqdn",
        "description",
        "state",
        "organization.name",
        "zone.name",
        "zone.data_center.name",
        "package.name",
        "cpu_cores",
        "memory_in_gb",
        "ip_addresses.address_with_mask",
        "tag_names",
        "created_at",
    ),
)
def get(options: Options, *, machine: str | FQDN) -> ExitCode:
    """Show one virtual MACHINE, by its full domain name or id.

    Its initial root password is shown only with --fields initial_root_password.
    """
    return run_single(options, record=lambda katapult: katapult.virtual_machines.get(machine))
