"""The command group `ip-addresses`."""

from collections.abc import AsyncGenerator
from typing import TYPE_CHECKING, Final

import attrs
import click

from katapult_async.cli.confirmation import confirm
from katapult_async.cli.exit_codes import ExitCode
from katapult_async.cli.lookups import ADDRESS, NETWORK, VERSIONS, Address, organization_or_only_one
from katapult_async.cli.options import IN_ORGANIZATION, Options, examples, shared_options
from katapult_async.cli.runner import run_list, run_single
from katapult_async.errors import NotFoundError, RequestError
from katapult_async.models.ip_addresses import AddressVersion, IPAddress
from katapult_async.models.lookups import Permalink, SubDomain
from katapult_async.models.unset import UNSET, Unset

if TYPE_CHECKING:
    from katapult_async.client import KatapultClient

_COLUMNS: Final = ("id", "address", "reverse_dns", "allocation_id")
_DETAILS: Final = (
    "id",
    "address",
    "address_with_mask",
    "reverse_dns",
    "vip",
    "label",
    "network.name",
    "network.data_center.name",
    "allocation_type",
    "allocation_id",
)


@attrs.frozen(kw_only=True)
class Change:
    """A change of an address after which Katapult does not return it."""

    ip_address: str
    """The address or its id, as it was given."""

    status: str
    """What the address is now: ``unallocated`` or ``deleted``."""


_CHANGE: Final = ("ip_address", "status")


class _Group(click.Group):
    """The group. Its error for `allocate` names the group that has this command."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command that is called."""
        if args[0] == "allocate" and not ctx.resilient_parsing:
            raise click.UsageError("an address is allocated to an interface: katapult-async nics allocate", ctx)
        return super().resolve_command(ctx, args)


@click.group(name="ip-addresses", cls=_Group, no_args_is_help=False)
def ip_addresses() -> None:
    """IP addresses of organizations (alias: ips)."""


@ip_addresses.command(
    name="list",
    epilog=examples(
        "ip-addresses list --organization larch --allocated --sandbox",
        "ips list --organization larch -o csv --fields address,reverse_dns",
    ),
)
@IN_ORGANIZATION
@click.option("--allocated/--unallocated", default=None, help="Only allocated addresses, or only the others.")
@shared_options(IPAddress, columns=_COLUMNS)
def list_(options: Options, *, organization: str | SubDomain | None, allocated: bool | None) -> ExitCode:
    """List the IP addresses of an organization. `get` shows the label, mask and network of each."""

    async def records(katapult: "KatapultClient") -> AsyncGenerator[IPAddress]:
        chosen = await organization_or_only_one(katapult, organization)
        async for address in katapult.ip_addresses.list(organization=chosen, allocated=allocated):
            yield address

    return run_list(options, records=records)


@ip_addresses.command(
    epilog=examples("ip-addresses get 10.0.0.218 --sandbox", "ips get ip_tV0nWFG2bivVyjOV -o json --fields network")
)
@click.argument("address", callback=ADDRESS)
@shared_options(IPAddress, columns=(*_DETAILS, "allocation.value.name"))
def get(options: Options, *, address: Address) -> ExitCode:
    """Show one ADDRESS, by itself or by its id, and what it is allocated to."""
    return run_single(options, record=lambda katapult: katapult.ip_addresses.get(address))


@ip_addresses.command(
    epilog=examples(
        "ip-addresses create --organization larch --network gb-london-1/public-0 --address-version ipv4 --sandbox",
        "ips create --organization larch --network gb-london-1/public-0 --address-version ipv6 --vip --label web",
    )
)
@IN_ORGANIZATION
@click.option("--network", callback=NETWORK, metavar="NETWORK", required=True, help="Permalink or id of the network.")
@click.option("--address-version", type=click.Choice(VERSIONS), required=True, help="The address family.")
@click.option("--vip", is_flag=True, help="A virtual IP, which can move between machines; it needs a label.")
@click.option("--label", metavar="TEXT", help="A name for it.")
@shared_options(IPAddress, columns=_DETAILS, mutates=True)
def create(
    options: Options,
    *,
    organization: str | SubDomain | None,
    network: str | Permalink,
    address_version: str,
    vip: bool,
    label: str | None,
) -> ExitCode:
    """Get a new IP address for an organization, allocated to nothing, and show it."""

    async def created(katapult: "KatapultClient") -> IPAddress:
        chosen = await organization_or_only_one(katapult, organization)
        return await katapult.ip_addresses.create(
            organization=chosen, network=network, version=AddressVersion(address_version), vip=vip, label=label
        )

    return run_single(options, record=created)


@ip_addresses.command(
    epilog=examples(
        "ip-addresses update 10.0.0.218 --reverse-dns mail.example.com --sandbox",
        "ips update ip_tV0nWFG2bivVyjOV --no-reverse-dns --dry-run",
    )
)
@click.argument("address", callback=ADDRESS)
@click.option("--vip/--no-vip", default=None, help="Whether it is a virtual IP, which can move between machines.")
@click.option("--label", metavar="TEXT", help="A name for it.")
@click.option("--no-label", is_flag=True, help="Remove the name.")
@click.option("--reverse-dns", metavar="NAME", help="The domain name that the address resolves to.")
@click.option("--no-reverse-dns", is_flag=True, help="Go back to the domain name that Katapult chooses.")
@shared_options(IPAddress, columns=_DETAILS, mutates=True)
def update(
    options: Options,
    *,
    address: Address,
    vip: bool | None,
    label: str | None,
    no_label: bool,
    reverse_dns: str | None,
    no_reverse_dns: bool,
) -> ExitCode:
    """Change an ADDRESS, and show it after the change. Only what an option names is changed."""
    new_label = _value("label", label, cleared=no_label)
    new_reverse_dns = _value("reverse-dns", reverse_dns, cleared=no_reverse_dns)
    if vip is None and new_label is UNSET and new_reverse_dns is UNSET:
        raise click.UsageError("there is nothing to change: give at least one option that names a change")
    return run_single(
        options,
        record=lambda katapult: katapult.ip_addresses.update(
            address, vip=UNSET if vip is None else vip, label=new_label, reverse_dns=new_reverse_dns
        ),
    )


@click.command(
    epilog=examples(
        "ip-addresses unallocate 10.0.0.218 --sandbox", "ips unallocate ip_tV0nWFG2bivVyjOV --dry-run -o json"
    )
)
@click.argument("address", callback=ADDRESS)
@shared_options(Change, columns=_CHANGE, mutates=True)
def unallocate(options: Options, *, address: Address) -> ExitCode:
    """Take an ADDRESS from what it is allocated to. The organization keeps it."""

    async def unallocated(katapult: "KatapultClient") -> Change:
        await katapult.ip_addresses.unallocate(address)
        return Change(ip_address=str(address), status="unallocated")

    return run_single(options, record=unallocated)


ip_addresses.add_command(unallocate)


@ip_addresses.command(
    epilog=examples("ip-addresses delete 10.0.0.218 --yes --sandbox", "ips delete ip_tV0nWFG2bivVyjOV --dry-run")
)
@click.argument("address", callback=ADDRESS)
@click.option("--yes", is_flag=True, help="Do not ask for confirmation.")
@shared_options(Change, columns=_CHANGE, mutates=True)
def delete(options: Options, *, address: Address, yes: bool) -> ExitCode:
    """Give an ADDRESS back to Katapult, which may give it to another organization.

    On a terminal it asks for confirmation, and the exit code is 1 unless the answer is yes. Elsewhere it needs --yes.
    """

    async def deleted(katapult: "KatapultClient") -> Change:
        try:
            await katapult.ip_addresses.delete(address)
        except NotFoundError as error:
            # An earlier attempt whose response was lost may have deleted it.
            if not any(isinstance(each, RequestError) and each.may_have_happened for each in error.earlier):
                raise
        return Change(ip_address=str(address), status="deleted")

    if not yes and not options.dry_run:
        code = confirm(
            options,
            value=lambda katapult: katapult.ip_addresses.get(address),
            question=lambda ip_address: f"Delete IP address {ip_address.address} ({ip_address.id})?",
        )
        if code is not ExitCode.OK:
            return code
    return run_single(options, record=deleted)


def _value(name: str, value: str | None, *, cleared: bool) -> str | Unset | None:
    """Return the new value of a field that one option sets and another clears; UNSET if neither is given."""
    if cleared and value is not None:
        raise click.UsageError(f"give --{name} or --no-{name}, not both")
    return None if cleared else UNSET if value is None else value
