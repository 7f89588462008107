"""The command group `organizations`."""

from typing import Final

import click

from katapult_async.cli.exit_codes import ExitCode
from katapult_async.cli.lookups import ORGANIZATION
from katapult_async.cli.options import Options, examples, shared_options
from katapult_async.cli.runner import run_list, run_single
from katapult_async.models.lookups import SubDomain
from katapult_async.models.organizations import Organization

_COLUMNS: Final = ("id", "name", "sub_domain", "infrastructure_domain")


@click.group(name="organizations", no_args_is_help=False)
def organizations() -> None:
    """Organizations (alias: orgs)."""


@organizations.command(
    name="list", epilog=examples("organizations list --sandbox", "orgs list -o jsonl --fields id,sub_domain")
)
@shared_options(Organization, columns=_COLUMNS)
def list_(options: Options) -> ExitCode:
    """List the organizations that the token can see."""
    return run_list(options, records=lambda katapult: katapult.organizations.list())


@organizations.command(epilog=examples("organizations get larch --sandbox", "orgs get org_gMvejGkqSCtDbxAl -o yaml"))
@click.argument("organization", callback=ORGANIZATION)
@shared_options(
    Organization,
    columns=(
        *_COLUMNS,
        "suspended",
        "managed",
        "created_at",
        "billing_name",
        "postcode",
        "country.name",
        "currency.iso_code",
    ),
)
def get(options: Options, *, organization: str | SubDomain) -> ExitCode:
    """Show one ORGANIZATION, by its sub domain or id, with its billing details."""
    return run_single(options, record=lambda katapult: katapult.organizations.get(organization))
