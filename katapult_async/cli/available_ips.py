"""The command `available-ips`: its options, and which of them cannot be combined. `available_ips_runner` runs it."""
# ruff: noqa: PLC0415 # --help does not wait for aiohttp, attrs, pathlib and rich

import os
from typing import TYPE_CHECKING, Any, Final

import click

from katapult_async.cli.declarations import Declaration, Fields, fields_of
from katapult_async.cli.exit_codes import EXIT_CODES_HELP, ExitCode
from katapult_async.cli.field_paths import FieldPaths
from katapult_async.cli.format_names import FORMATS
from katapult_async.cli.lazy_group import Command
from katapult_async.cli.name_parsing import INTERFACE, ORGANIZATION, VERSIONS
from katapult_async.cli.server_options import server_options
from katapult_async.cli.shared_options import fields_option, format_option, seconds_option

if TYPE_CHECKING:
    from katapult_async.cli.available_ips_runner import Job

_BOTH: Final = "both"
_MOST_QUERIES: Final = 1000  # at once: as `batch` permits, which --help does not load


def _fields(context: click.Context | None) -> Fields:
    """Return what ``--fields`` can name: the fields of counts, or those of records and the columns of csv."""
    if context is not None and isinstance(context.params.get("by"), str):  # set if click has read --by already
        return fields_of("Count")
    from katapult_async.cli.available_ips_output import COLUMNS

    fields = fields_of("Record")
    return {**fields, **{name: Declaration(types=("str",)) for name in COLUMNS if name not in fields}}


@click.command(cls=Command, name="available-ips", epilog=EXIT_CODES_HELP)
@click.argument("ids", nargs=-1, type=INTERFACE, metavar="[ID]...")
@click.option(
    "--file",
    type=click.Path(exists=True, dir_okay=False, allow_dash=True),
    metavar="FILE",
    help="Read ids (no names) from FILE, one per line; - is standard input. Empty lines and # comments are skipped. A"
    " repeated id is queried once.",
)
@click.option("--all", "is_all", is_flag=True, help="Query every interface of every machine that the token can see.")
@click.option(
    "--organization",
    type=ORGANIZATION,
    metavar="ORG",
    help="Query every interface of one organization, by its id (org_...) or its sub domain. Implies --all.",
)
@click.option(
    "--address-version",
    type=click.Choice((*VERSIONS, _BOTH)),
    help="The version of the addresses; both means two queries for each interface. [default: both, but ipv4 with"
    " --exhausted]",
)
@click.option(
    "--by",
    type=click.Choice(("network", "data-center", "machine")),
    is_eager=True,  # --fields depends on it
    help="Write the number of different free addresses of each network, data center or machine, instead of the"
    " addresses. Those that have no free IPv4 address, or no free IPv6 address, come first. Needs --all or"
    " --organization.",
)
@click.option(
    "--exhausted",
    is_flag=True,
    help="Write only the interfaces without a free address; with --by, only the networks, data centers or machines"
    " without one. Those with a failed query are written too. Only IPv4 is queried, unless --address-version is given.",
)
@format_option(
    help="Output format. table has a row for each query, with the first addresses, and is written at the end,"
    " sorted by machine or interface. The other formats have all addresses, csv and tsv a row for each, and are"
    " written as the responses arrive. [default: table, but jsonl with --output]",
)
@fields_option(FieldPaths(_fields), example="virtual_machine,address", nested=True)
@click.option(
    "--output",
    type=click.Path(dir_okay=False),
    metavar="FILE",
    help="Write jsonl to FILE, one line for each query, with failed ones at the end. FILE must be new or empty, unless"
    " --resume continues a job that was stopped or killed. For another format, use > FILE.",
)
@click.option(
    "--resume",
    is_flag=True,
    help="Continue the FILE of --output: skip the queries that it answers, and repeat those that failed. If FILE does"
    " not exist, it is created.",
)
@click.option(
    "--concurrency", type=int, default=50, help=f"Number of queries that run at once, from 1 to {_MOST_QUERIES}."
)
@seconds_option("--timeout", help="Seconds for each query, with its wait for the rate limit. [default: no limit]")
@seconds_option("--outage-timeout", help="Seconds to wait for the end of an outage of the server. [default: 900]")
@server_options
def available_ips(*, is_all: bool, address_version: str | None, output_format: str | None, **options: Any) -> ExitCode:
    """List the addresses that can be allocated to network interfaces.

    Name the interfaces by their ids (vmnet_...), by MACHINE/NETWORK, or by MACHINE if it has one interface; or name a
    file of ids, or take all of them. The addresses are those of this moment: another client may take one before you do.

    \b
    Examples:
      katapult-async available-ips vmnet_U2BYXIqN9F0sScyK --address-version ipv4
      katapult-async available-ips build-4 'build-4.rowan.example/Public'
      katapult-async available-ips --all --by network
      katapult-async available-ips --all --by network --exhausted -o csv --fields name,data_center
      katapult-async available-ips --all -o jsonl > addresses.jsonl
      katapult-async available-ips --all -o csv --fields virtual_machine,address
      katapult-async nics list --virtual-machine mail-1.larch.example -o tsv --fields id > interfaces.txt
      katapult-async available-ips --file interfaces.txt -o csv
      katapult-async available-ips --all --output addresses.jsonl --resume
      katapult-async available-ips --all --sandbox

    \b
    A record of jsonl, json and yaml, and one of a failed query. --fields takes paths in a record, or columns of csv:
      {"interface_id": "vmnet_...", "address_version": "ipv4", "location": {"virtual_machine": {"id": ...,
       "name": ...}, "network": {...}, "data_center": {...}}, "ip_addresses": [...], "error": null}
      {..., "error": {"type": "NotFoundError", "code": ..., "status": 404, "description": ..., ...}}

    The exit code is 3 if the token was not accepted, or if nothing was answered and the only reason is that the token
    lacks permission. Otherwise it is 6 if a query failed or some interfaces could not be listed. But if the arguments
    name one interface, and all its queries failed for the same reason, the exit code is that of the reason.

    With --all, the first query is sent after all interfaces are listed, which takes one request for each machine. An
    interface that no longer exists when it is queried is not a failure: it is skipped and counted.

    Progress is shown in a bar on a terminal that can draw one, unless the records are written to a terminal. Otherwise
    it is shown in a line after 10 s without a message, and then after each minute without one.
    """  # noqa: D301 # \b is click's mark for a paragraph whose lines it must keep
    from katapult_async.cli.available_ips_runner import Job

    version = address_version or ("ipv4" if options["exhausted"] else _BOTH)
    job = Job(address_versions=VERSIONS if version == _BOTH else (version,), **options)
    _check(job, output_format, is_all=is_all or job.organization is not None)
    return job.run(output_format or ("table" if job.output is None else "jsonl"))


def _check(job: "Job", output_format: str | None, *, is_all: bool) -> None:
    """Raise UsageError for options that cannot be combined, or that need another one."""
    to_file = job.output is not None
    ways = [bool(job.ids), job.file is not None, is_all].count(True)
    suffix = os.path.splitext(job.output or "")[1].lower()  # noqa: PTH122 # pathlib is slow to load
    by_suffix = {f".{name}": name for name in FORMATS} | {".yml": "yaml"}
    wanted = next((name for name in (output_format, by_suffix.get(suffix)) if name not in {None, "jsonl"}), "jsonl")
    mistakes = {
        "name the interfaces in one way: by ids, by --file, or by --all (which --organization implies)": ways != 1,
        "--by counts the addresses of all interfaces: add --all or --organization": bool(job.by) and not is_all,
        "--output cannot be used with --by or --exhausted: leave it out, and redirect standard output": (
            to_file and (job.by is not None or job.exhausted)
        ),
        f"--output writes jsonl, and its file is named .jsonl; for {wanted}, leave it out: -o {wanted} > FILE": (
            to_file and wanted != "jsonl"
        ),
        "--output cannot be used with --fields: --resume needs whole records": to_file and bool(job.fields),
        "--output needs a file; without it, records go to standard output": job.output in {"", "-"},
        "--resume needs the file to continue: --output FILE": job.resume and not to_file,
        f"--concurrency must be from 1 to {_MOST_QUERIES}, not {job.concurrency}": (
            not 1 <= job.concurrency <= _MOST_QUERIES
        ),
    }
    for message, is_mistake in mistakes.items():
        if is_mistake:
            raise click.UsageError(message)
