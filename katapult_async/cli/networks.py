"""The group `networks`."""

from collections.abc import AsyncGenerator
from typing import TYPE_CHECKING, Final

import click

from katapult_async.cli.exit_codes import ExitCode
from katapult_async.cli.lookups import NETWORK, one_organization
from katapult_async.cli.options import OF_ORGANIZATION, Asking, asks, examples
from katapult_async.cli.runner import many, one
from katapult_async.models.lookups import Permalink, SubDomain
from katapult_async.models.networks import Network, VirtualNetwork

if TYPE_CHECKING:
    from katapult_async.client import KatapultClient

_COLUMNS: Final = ("id", "name", "permalink", "data_center.name", "default")


@click.group(name="networks", no_args_is_help=False)
def networks() -> None:
    """Networks (alias: nets)."""


@networks.command(
    name="list",
    epilog=examples(
        "networks list --organization larch --sandbox", "nets list --organization larch -o jsonl --fields permalink"
    ),
)
@OF_ORGANIZATION
@asks(Network, columns=_COLUMNS)
def list_(asking: Asking, *, organization: str | SubDomain | None) -> ExitCode:
    """List the networks that an organization can use: Katapult's, then its own virtual ones (vnet_...)."""

    async def available(katapult: "KatapultClient") -> AsyncGenerator[Network | VirtualNetwork]:
        chosen = await one_organization(katapult, named=organization)
        answer = await katapult.networks.available(organization=chosen)
        for network in answer.networks:
            yield network
        for virtual_network in answer.virtual_networks:
            yield virtual_network

    return many(asking, things=available)


@networks.command(
    epilog=examples("networks get gb-london-1/public-0 --sandbox", "nets get netw_gPsEu23bmu9WvnPZ -o yaml")
)
@click.argument("network", callback=NETWORK)
@asks(Network, columns=_COLUMNS)
def get(asking: Asking, *, network: str | Permalink) -> ExitCode:
    """Show one NETWORK of Katapult's, by its permalink or id."""
    return one(asking, thing=lambda katapult: katapult.networks.get(network))
