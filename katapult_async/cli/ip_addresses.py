"""The group `ip-addresses`."""

from collections.abc import AsyncGenerator
from typing import TYPE_CHECKING, Final

import attrs
import click

from katapult_async.cli.asking import Asking
from katapult_async.cli.confirmation import confirmed
from katapult_async.cli.examples import examples
from katapult_async.cli.exit_codes import ExitCode
from katapult_async.cli.names import ADDRESS, NETWORK, VERSIONS, Address, one_organization
from katapult_async.cli.questions import OF_ORGANIZATION, asks, many, one
from katapult_async.errors import APIError, BadResponseError, KatapultError, NotFoundError, TransportError
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
class Done:
    """What was done to an address."""

    ip_address: str
    """The address or its id, as it was given."""

    status: str
    """What it is now."""


_DONE: Final = ("ip_address", "status")


class _Addresses(click.Group):
    """Knows where the opposite of `unallocate` is, for which that would be the closest name."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command that is called."""
        if args[0] == "allocate" and not ctx.resilient_parsing:
            raise click.UsageError("an address is allocated to an interface: katapult-async nics allocate", ctx)
        return super().resolve_command(ctx, args)


@click.group(name="ip-addresses", cls=_Addresses, no_args_is_help=False)
def ip_addresses() -> None:
    """IP addresses of organizations (alias: ips)."""


@ip_addresses.command(
    name="list",
    epilog=examples(
        "ip-addresses list --organization larch --allocated --sandbox",
        "ips list --organization larch -o csv --fields address,reverse_dns",
    ),
)
@OF_ORGANIZATION
@click.option(
    "--allocated/--unallocated", default=None, help="Only those that something holds, or only those that are free."
)
@asks(IPAddress, columns=_COLUMNS)
def list_(asking: Asking, *, organization: str | SubDomain | None, allocated: bool | None) -> ExitCode:
    """List the addresses of an organization. Label, mask and network of an address are only in `get`."""

    async def addresses(katapult: "KatapultClient") -> AsyncGenerator[IPAddress]:
        chosen = await one_organization(katapult, named=organization)
        async for address in katapult.ip_addresses.list(organization=chosen, allocated=allocated):
            yield address

    return many(asking, things=addresses)


@ip_addresses.command(
    epilog=examples("ip-addresses get 10.0.0.218 --sandbox", "ips get ip_tV0nWFG2bivVyjOV -o json --fields network")
)
@click.argument("address", callback=ADDRESS)
@asks(IPAddress, columns=(*_DETAILS, "allocation.value.name"))
def get(asking: Asking, *, address: Address) -> ExitCode:
    """Show one ADDRESS, by itself or its id, and what holds it."""
    return one(asking, thing=lambda katapult: katapult.ip_addresses.get(address))


@ip_addresses.command(
    epilog=examples(
        "ip-addresses create --organization larch --network gb-london-1/public-0 --address-version ipv4 --sandbox",
        "ips create --organization larch --network gb-london-1/public-0 --address-version ipv6 --vip --label web",
    )
)
@OF_ORGANIZATION
@click.option("--network", callback=NETWORK, required=True, help="Permalink or id of the network.")
@click.option("--address-version", type=click.Choice(VERSIONS), required=True, help="The address family.")
@click.option("--vip", is_flag=True, help="A virtual IP, which can move between machines; it needs a label.")
@click.option("--label", metavar="TEXT", help="A name for it.")
@asks(IPAddress, columns=_DETAILS, writes=True)
def create(
    asking: Asking,
    *,
    organization: str | SubDomain | None,
    network: str | Permalink,
    address_version: str,
    vip: bool,
    label: str | None,
) -> ExitCode:
    """Take a new address for an organization, allocated to nothing, and show it."""

    async def created(katapult: "KatapultClient") -> IPAddress:
        chosen = await one_organization(katapult, named=organization)
        return await katapult.ip_addresses.create(
            organization=chosen, network=network, version=AddressVersion(address_version), vip=vip, label=label
        )

    return one(asking, thing=created)


@ip_addresses.command(
    epilog=examples(
        "ip-addresses update 10.0.0.218 --reverse-dns mail.example.com --sandbox",
        "ips update ip_tV0nWFG2bivVyjOV --no-reverse-dns --dry-run",
    )
)
@click.argument("address", callback=ADDRESS)
@click.option("--vip/--no-vip", default=None, help="Whether it is a virtual IP, which can move between machines.")
@click.option("--label", metavar="TEXT", help="A name for it.")
@click.option("--no-label", is_flag=True, help="No name.")
@click.option("--reverse-dns", metavar="NAME", help="The name that it resolves back to.")
@click.option("--no-reverse-dns", is_flag=True, help="The name that Katapult gives it.")
@asks(IPAddress, columns=_DETAILS, writes=True)
def update(
    asking: Asking,
    *,
    address: Address,
    vip: bool | None,
    label: str | None,
    no_label: bool,
    reverse_dns: str | None,
    no_reverse_dns: bool,
) -> ExitCode:
    """Change an ADDRESS, and show it as it is then. What no option names stays as it is."""
    new_label = _change("label", label, cleared=no_label)
    new_reverse_dns = _change("reverse-dns", reverse_dns, cleared=no_reverse_dns)
    if vip is None and new_label is UNSET and new_reverse_dns is UNSET:
        raise click.UsageError("there is nothing to change: give at least one of the options that say what")
    return one(
        asking,
        thing=lambda katapult: katapult.ip_addresses.update(
            address, vip=UNSET if vip is None else vip, label=new_label, reverse_dns=new_reverse_dns
        ),
    )


@click.command(
    epilog=examples(
        "ip-addresses unallocate 10.0.0.218 --sandbox", "ips unallocate ip_tV0nWFG2bivVyjOV --dry-run -o json"
    )
)
@click.argument("address", callback=ADDRESS)
@asks(Done, columns=_DONE, writes=True)
def unallocate(asking: Asking, *, address: Address) -> ExitCode:
    """Take an ADDRESS away from what holds it. It stays the organization's."""

    async def unallocated(katapult: "KatapultClient") -> Done:
        await katapult.ip_addresses.unallocate(address)
        return Done(ip_address=str(address), status="unallocated")

    return one(asking, thing=unallocated)


ip_addresses.add_command(unallocate)


@ip_addresses.command(
    epilog=examples(
        "ip-addresses delete 10.0.0.218 --yes --sandbox",
        "ips delete ip_tV0nWFG2bivVyjOV --dry-run",
    )
)
@click.argument("address", callback=ADDRESS)
@click.option("--yes", is_flag=True, help="Do not ask whether to do it.")
@asks(Done, columns=_DONE, writes=True)
def delete(asking: Asking, *, address: Address, yes: bool) -> ExitCode:
    """Give an ADDRESS back to Katapult: somebody else may get it.

    Asks on a terminal whether to do it, and ends with exit code 1 unless the answer is yes. Elsewhere it needs --yes.
    """

    async def deleted(katapult: "KatapultClient") -> Done:
        try:
            await katapult.ip_addresses.delete(address)
        except NotFoundError as error:
            if not any(_may_have_happened(each) for each in error.earlier):
                raise
            # An attempt whose answer was lost has deleted it: that is why the next one did not find it.
        return Done(ip_address=str(address), status="deleted")

    if not yes and not asking.dry_run:
        answer = confirmed(
            asking,
            thing=lambda katapult: katapult.ip_addresses.get(address),
            question=lambda found: f"Delete IP address {found.address} ({found.id})?",
        )
        if answer is not ExitCode.OK:
            return answer
    return one(asking, thing=deleted)


def _may_have_happened(error: KatapultError) -> bool:
    return isinstance(error, TransportError | BadResponseError | APIError) and error.may_have_happened


def _change(name: str, value: str | None, *, cleared: bool) -> str | Unset | None:
    """Return what an option and the one that clears it say together."""
    if cleared and value is not None:
        raise click.UsageError(f"give --{name} or --no-{name}, not both")
    return None if cleared else UNSET if value is None else value
