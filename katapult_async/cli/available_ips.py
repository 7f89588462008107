"""The subcommand `available-ips`: its options, and which of them go together. The work is the inquiry's."""

import math
import sys
from typing import Final

import click

from katapult_async.cli.exit_codes import HELP, ExitCode

_VERSIONS: Final = {"ipv4": ("ipv4",), "ipv6": ("ipv6",), "both": ("ipv4", "ipv6")}
_MOST_AT_ONCE: Final = 1000


def _seconds(context: click.Context, parameter: click.Parameter, value: float | None) -> float | None:
    """Check a number of seconds. click's own range would let nan and inf pass."""
    if value is not None and not 0 < value < math.inf:
        raise click.BadParameter(f"{value:g} is not a number of seconds above 0", ctx=context, param=parameter)
    return value


@click.command(name="available-ips", epilog=HELP)
@click.argument("ids", nargs=-1, metavar="[ID]...")
@click.option(
    "--file",
    "file",
    type=click.Path(exists=True, dir_okay=False, readable=True, allow_dash=True),
    metavar="FILE",
    help="Read the ids from FILE, one a line; - is standard input. Empty lines and # comments are skipped.",
)
@click.option("--all", "everything", is_flag=True, help="Ask for every interface of every machine of the token.")
@click.option(
    "--organization",
    metavar="ORG",
    help="Ask for every interface of one organization, by its id (org_...) or its sub domain. Implies --all.",
)
@click.option(
    "--address-version",
    type=click.Choice(tuple(_VERSIONS)),
    default="both",
    show_default=True,
    help="The address family; both is two queries for each interface.",
)
@click.option(
    "-o",
    "--output-format",
    type=click.Choice(("table", "json", "jsonl", "csv")),
    default="table",
    show_default=True,
    help="table shows the first few addresses of each interface, sorted, at the end; jsonl and csv have all of"
    " them and are written as the answers come; json is one array.",
)
@click.option(
    "--concurrency",
    type=click.IntRange(1, _MOST_AT_ONCE),
    default=50,
    show_default=True,
    help="Queries under way at once.",
)
@click.option(
    "--timeout",
    type=float,
    callback=_seconds,
    metavar="SECONDS",
    help="Seconds for each query, its wait for the rate limit included. [default: as long as it takes]",
)
@click.option(
    "--patience",
    type=float,
    callback=_seconds,
    metavar="SECONDS",
    help="Seconds to wait for a server that has stopped answering. [default: 75]",
)
@click.option(
    "--rate-limit-window",
    "window",
    type=float,
    callback=_seconds,
    metavar="SECONDS",
    help="Seconds in which the server counts requests, for one that is not Katapult's."
    " [default: 60, and 5 with --sandbox]",
)
@click.option(
    "--sandbox",
    "sandboxed",
    is_flag=True,
    help="Ask a made-up cloud of 60 machines inside this process. Needs no token and no network.",
)
def available_ips(
    *,
    ids: tuple[str, ...],
    file: str | None,
    everything: bool,
    organization: str | None,
    address_version: str,
    output_format: str,
    concurrency: int,
    timeout: float | None,
    patience: float | None,
    window: float | None,
    sandboxed: bool,
) -> ExitCode:
    """List the addresses that could be given to network interfaces.

    Name the interfaces by their ids (vmnet_...), or in a file, or take all of them. Addresses are a snapshot:
    somebody else may take one before you do.

    \b
    Examples:
      katapult-async available-ips vmnet_Jh0j5cwOMnZl3SrG --address-version ipv4
      katapult-async available-ips --all -o jsonl > addresses.jsonl
      cut -d, -f1 interfaces.csv | katapult-async available-ips --file - -o csv
      katapult-async available-ips --all --sandbox

    \b
    A record of jsonl or json; failed queries have no addresses and an error:
      {"interface_id": "vmnet_...", "address_version": "ipv4", "ip_addresses": [...], "error": null}
      {..., "error": {"type": "NotFoundError", "code": ..., "status": 404, "description": ..., ...}}

    The exit code for one ID is that of its error; for more of them it is 6 if any failed, but 3 if the token
    was the reason. An interface that --all found and that is gone when it is asked is skipped and counted.

    Progress is shown when standard error is a terminal, unless records are written to a terminal too.
    """  # noqa: D301 # \b is click's mark for a paragraph whose lines it shall keep
    walk = everything or organization is not None
    if bool(ids) + (file is not None) + walk != 1:
        raise click.UsageError("name the interfaces in one way: ids, --file, or --all (which --organization implies)")
    from katapult_async.cli.inquiry import Inquiry  # noqa: PLC0415 # aiohttp, attrs and rich: --help needs none of them

    return Inquiry(
        ids=ids,
        file=file,
        organization=organization,
        address_versions=_VERSIONS[address_version],
        concurrency=concurrency,
        timeout=math.inf if timeout is None else timeout,
        patience=patience,
        window=window,
        sandboxed=sandboxed,
    ).run(output_format, stdout=sys.stdout, stderr=sys.stderr)
