"""The command group `networks`."""

from collections.abc import AsyncGenerator
from typing import TYPE_CHECKING, Final

import click

from katapult_async.cli.exit_codes import ExitCode
from katapult_async.cli.lookups import NETWORK, organization_or_only_one
from katapult_async.cli.options import IN_ORGANIZATION, Options, examples, shared_options
from katapult_async.cli.runner import run_list, run_single
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
@IN_ORGANIZATION
@shared_options(Network, columns=_COLUMNS)
def list_(options: Options, *, organization: str | SubDomain | None) -> ExitCode:
    """List the networks that an organization can use: Katapult's, then its own virtual networks (vnet_...)."""

    async def records(katapult: "KatapultClient") -> AsyncGenerator[Network | VirtualNetwork]:
        chosen = await organization_or_only_one(katapult, organization)
        available = await katapult.networks.available(organization=chosen)
        for network in available.networks:
            yield network
        for virtual_network in available.virtual_networks:
            yield virtual_network

    return run_list(options, records=records)


@networks.command(
    epilog=examples("networks get gb-london-1/public-0 --sandbox", "nets get netw_gPsEu23bmu9WvnPZ -o yaml")
)
@click.argument("network", callback=NETWORK)
@shared_options(Network, columns=_COLUMNS)
def get(options: Options, *, network: str | Permalink) -> ExitCode:
    """Show one of Katapult's networks, by its permalink or id."""
    return run_single(options, record=lambda katapult: katapult.networks.get(network))
