"""The subcommand `available-ips`: its options, and which of them go together. The work is the inquiry's."""

import math
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import click

from katapult_async.cli.exit_codes import HELP, ExitCode
from katapult_async.cli.lookups import ORGANIZATION
from katapult_async.cli.options import fields_option, format_option, seconds, token_file_option
from katapult_async.models.lookups import SubDomain

_VERSIONS: Final = {"ipv4": ("ipv4",), "ipv6": ("ipv6",), "both": ("ipv4", "ipv6")}
_MOST_AT_ONCE: Final = 1000
_NOT_LINES: Final = {".csv": "csv", ".json": "json", ".yaml": "yaml", ".yml": "yaml"}


def _record() -> type:
    from katapult_async.cli.available_ips_output import Record  # noqa: PLC0415 # asyncio, msgspec: --help needs none

    return Record


@click.command(name="available-ips", epilog=HELP)
@click.argument("ids", nargs=-1, metavar="[ID]...")
@click.option(
    "--file",
    "file",
    type=click.Path(exists=True, dir_okay=False, readable=True, allow_dash=True),
    metavar="FILE",
    help="Read the ids from FILE, one a line; - is standard input. Empty lines and # comments are skipped. An id that"
    " comes again, here or among the arguments, is asked once.",
)
@click.option("--all", "everything", is_flag=True, help="Ask for every interface of every machine of the token.")
@click.option(
    "--organization",
    callback=ORGANIZATION,
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
@format_option(
    said="table has a row for each query, sorted, at the end, with the first few addresses; the others have all of them"
    " and are written as the answers come, csv with a row for each address. [default: table, but jsonl with --output]",
    to_a_file="to write a file, use > FILE or --output FILE",
)
@fields_option(_record, such_as="interface_id,ip_addresses.address", nested=True)
@click.option(
    "--output",
    type=click.Path(dir_okay=False),
    metavar="FILE",
    help="Write jsonl to FILE, one line for each query, and refuse a FILE that is not empty. A job that is stopped"
    " or killed leaves a FILE to --resume from. For another format, use > FILE.",
)
@click.option(
    "--resume",
    is_flag=True,
    help="Go on with the FILE of --output: skip what it has answers to, ask again what failed. Without such a FILE,"
    " begin it.",
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
    callback=seconds,
    metavar="SECONDS",
    help="Seconds for each query, its wait for the rate limit included. [default: as long as it takes]",
)
@click.option(
    "--patience",
    type=float,
    callback=seconds,
    metavar="SECONDS",
    help="Seconds to wait for a server that has stopped answering. [default: 75]",
)
@click.option(
    "--rate-limit-window",
    "window",
    type=float,
    callback=seconds,
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
@token_file_option()
def available_ips(
    *,
    ids: tuple[str, ...],
    file: str | None,
    everything: bool,
    organization: str | SubDomain | None,
    address_version: str,
    output_format: str | None,
    fields: tuple[str, ...] | None,
    output: str | None,
    resume: bool,
    concurrency: int,
    timeout: float | None,
    patience: float | None,
    window: float | None,
    sandboxed: bool,
    environ: Mapping[str, str],
) -> ExitCode:
    """List the addresses that could be given to network interfaces.

    Name the interfaces by their ids (vmnet_...), or in a file, or take all of them. Addresses are a snapshot:
    somebody else may take one before you do.

    \b
    Examples:
      katapult-async available-ips vmnet_6qfrTqnrDTs28Yet --address-version ipv4
      katapult-async available-ips --all -o jsonl > addresses.jsonl
      katapult-async available-ips --all -o csv --fields interface_id,ip_addresses.address
      katapult-async nics list --virtual-machine mail-1.larch.example -o csv --fields id > interfaces.csv
      tail -n +2 interfaces.csv | katapult-async available-ips --file - -o csv
      katapult-async available-ips --all --output addresses.jsonl --resume
      katapult-async available-ips --all --sandbox

    \b
    A record of jsonl, json and yaml; --fields leads into it. A failed query has no addresses, but an error:
      {"interface_id": "vmnet_...", "address_version": "ipv4", "ip_addresses": [...], "error": null}
      {..., "error": {"type": "NotFoundError", "code": ..., "status": 404, "description": ..., ...}}

    The exit code for one ID is that of its error; for more of them it is 6 if any failed, but 3 if the token
    was the reason. An interface that --all found and that is gone when it is asked is skipped and counted.

    Progress is shown when standard error is a terminal, unless records are written to a terminal too.
    """  # noqa: D301 # \b is click's mark for a paragraph whose lines it shall keep
    walk = everything or organization is not None
    if bool(ids) + (file is not None) + walk != 1:
        raise click.UsageError("name the interfaces in one way: ids, --file, or --all (which --organization implies)")
    if output is not None and output_format not in {None, "jsonl"}:
        raise click.UsageError("--output writes jsonl; for another format, leave it out and redirect standard output")
    if output is not None and fields is not None:
        raise click.UsageError("--output writes whole records, which --resume can read; leave out --fields")
    if output is not None and (meant := _NOT_LINES.get(Path(output).suffix.lower())):
        raise click.UsageError(
            f"--output writes JSON lines, so name the file .jsonl; for {meant}, leave it out: -o {meant} > {output}"
        )
    if output == "-":
        raise click.UsageError("--output needs a file; without it, records go to standard output")
    if resume and output is None:
        raise click.UsageError("--resume needs the file to go on with: --output FILE")
    from katapult_async.cli.available_ips_runner import Inquiry  # noqa: PLC0415 # likewise
    from katapult_async.cli.connection import Connection  # noqa: PLC0415 # aiohttp, attrs, rich: --help needs none

    return Inquiry(
        ids=ids,
        file=file,
        organization=organization,
        address_versions=_VERSIONS[address_version],
        concurrency=concurrency,
        timeout=math.inf if timeout is None else timeout,
        connection=Connection(window=window, patience=patience, sandboxed=sandboxed, environ=environ),
        fields=fields,
        output=output,
        resume=resume,
    ).run(output_format or ("table" if output is None else "jsonl"), stdout=sys.stdout, stderr=sys.stderr)
