"""The command `api`: sends one request to any operation of the API, and prints the response."""
# ruff: noqa: PLC0415 # --help needs neither attrs nor the client

import re
from typing import TYPE_CHECKING, Any, Final

import click

from katapult_async.cli import file_descriptor
from katapult_async.cli.lazy_group import Command
from katapult_async.cli.parameters import PAIR, json_value
from katapult_async.cli.server_options import server_options
from katapult_async.cli.shared_options import DRY_RUN, AnyCaseChoice, examples, seconds_option
from katapult_async.cli.usage_errors import usage_error

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from katapult_async.cli.connection import Connection
    from katapult_async.client import KatapultClient

_NAME: Final = re.compile(r"[a-z_]\w*(\[[a-z_]\w*\])*", re.IGNORECASE)
_MOST_BYTES: Final = 16 * 1024 * 1024  # of a body; a file that is given by mistake may have no end


@click.command(
    cls=Command,
    epilog=examples(
        "api GET /organizations --sandbox",
        "api GET /organizations/organization/available_networks -f 'organization[sub_domain]=larch'",
        "api PATCH /ip_addresses/ip_address -f 'ip_address[id]=ip_sh1gJRZh1rlguYQE' -j label=null --dry-run",
    ),
)
@click.argument("method", type=AnyCaseChoice(("DELETE", "GET", "PATCH", "POST", "PUT")), metavar="METHOD")
@click.argument("path")
@click.option(
    "-f",
    "--field",
    "texts",
    type=PAIR,
    multiple=True,
    metavar="KEY=TEXT",
    help="An argument with a text as its value. KEY is Katapult's name, such as label or network[permalink]."
    " Can be given more than once.",
)
@click.option(
    "-j",
    "--json-field",
    "json_texts",
    type=PAIR,
    multiple=True,
    metavar="KEY=JSON",
    help="An argument with a JSON value, such as true, 5, null or a list. Can be given more than once.",
)
@click.option(
    "--body",
    "body_file",
    type=click.Path(exists=True, dir_okay=False, allow_dash=True),
    metavar="FILE",
    help="Send the JSON object in FILE as the body; - is standard input. The arguments then go into the query.",
)
@seconds_option("--timeout", help="Seconds for all attempts and waits together. [default: 180]")
@server_options
@DRY_RUN
def api(
    *,
    method: str,
    path: str,
    texts: tuple[tuple[str, str], ...],
    json_texts: tuple[tuple[str, str], ...],
    body_file: str | None,
    timeout: float | None,
    connection: "Connection",
    dry_run: bool,
) -> None:
    """Send one request to any operation of the API. The response is printed as JSON.

    METHOD is GET, POST, PUT, PATCH or DELETE. PATH is the documented path, such as /organizations, with or without
    /core/v1 before it. The arguments of GET and DELETE go into the query, those of POST, PUT and PATCH into the body.
    Retries, the rate limit and the exit codes are those of every command. One page of a list is printed: choose it with
    -f page=2 -f per_page=200.

    The response is printed as Katapult sent it, with the secrets in it. The messages of --debug hide them.
    """
    from katapult_async.cli.given_options import Options
    from katapult_async.cli.runner import run_single
    from katapult_async.core.endpoints import Endpoint
    from katapult_async.errors import UsageError

    if "?" in path:
        raise click.UsageError("PATH cannot have a query: give each argument with -f KEY=TEXT")
    try:
        path = f"/{path.removeprefix('/')}".removeprefix("/core/v1")
        endpoint = Endpoint(path=path, answer=None, type=dict[str, object], method=method)
    except UsageError as error:
        raise usage_error(error) from error
    arguments = _arguments(texts, json_texts)
    body = None if body_file is None else _body(body_file)
    if body is None and endpoint.arguments_in == "body":
        arguments, body = {}, arguments
    options = Options(output_format="json", connection=connection, dry_run=dry_run)

    async def send(katapult: "KatapultClient") -> "AsyncGenerator[object]":
        try:
            yield await katapult.call(endpoint, arguments=arguments, body=body, timeout=timeout) or {}
        except UsageError as error:
            raise click.UsageError(str(error).replace(", not None", ", not null")) from error

    try:
        run_single(options, fetch=send)
    except RecursionError as error:
        raise click.ClickException("the response is nested too deeply to be written") from error


def _arguments(texts: tuple[tuple[str, str], ...], json_texts: tuple[tuple[str, str], ...]) -> dict[str, Any]:
    """Return the arguments as nested objects: ``network[id]=netw_1`` becomes ``{"network": {"id": "netw_1"}}``."""
    arguments: dict[str, Any] = {}
    for name, value in [*texts, *((name, _json(text, f"the value of {name}")) for name, text in json_texts)]:
        if not _NAME.fullmatch(name):
            rule = "such as label or network[id]; a list is -j 'label=[...]'"
            raise click.UsageError(f"{name!r} is not the name of an argument, {rule}")
        *parents, last = name.replace("]", "").split("[")
        target = arguments
        for parent in parents:
            target = target.setdefault(parent, {})
            if not isinstance(target, dict):
                raise click.UsageError(f"{name!r} and {parent!r} cannot both be given")
        if last in target:
            raise click.UsageError(f"{name!r} is given twice: a list is -j '{name}=[...]'")
        target[last] = value
    return arguments


def _body(file: str) -> dict[str, object]:
    """Return the JSON object in a file, or in standard input for ``-``."""
    where = file_descriptor.input_name(file)
    content = file_descriptor.read_input(file, limit=_MOST_BYTES)
    if len(content) > _MOST_BYTES:
        raise click.UsageError(f"the body in {where} has more than {_MOST_BYTES} bytes")
    body = _json(content, f"the body in {where}")
    if not isinstance(body, dict):
        raise click.UsageError(f"the body in {where} is not a JSON object")
    return body


def _json(text: str | bytes, subject: str) -> object:
    """Return a JSON value. An error does not quote it, because it may hold a password."""
    try:
        return json_value(text)
    except ValueError as error:
        raise click.UsageError(f"{subject} is not valid JSON: {error}") from error
