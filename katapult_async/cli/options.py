"""The options that commands share: ``-o``, ``--fields``, ``--dry-run``, seconds, and those of `server_options`."""

import contextlib
import functools
import ipaddress
import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

import attrs
import click

from katapult_async.cli.exit_codes import ExitCode
from katapult_async.cli.fields import (
    Plain,
    UnknownFieldError,
    check_path,
    fields_of,
    plain,
    secrets_of,
    titles_of,
    value_at,
)
from katapult_async.cli.names import default_organization
from katapult_async.cli.output import FORMATS, ROWS, cell
from katapult_async.cli.server_options import server_options
from katapult_async.cli.token_input import TokenInput
from katapult_async.models.lookups import SubDomain

Decorator = Callable[[Callable[..., ExitCode]], Callable[..., ExitCode]]
"""Adds options to the function of a command."""

_LEAST_SECONDS: Final = 0.001
_MOST_SECONDS: Final = 1e10  # 317 years


@attrs.frozen(kw_only=True)
class Options:
    """The shared options of one command, as they were given."""

    columns: tuple[str, ...]
    """Paths of the fields that rows show without ``--fields``."""

    output_format: str
    """One of `output.FORMATS`."""

    fields: tuple[str, ...] | None
    """Paths of the fields to write; None for the columns in a row, and for all fields elsewhere."""

    environ: Mapping[str, str] = attrs.field(repr=False)
    """Environment with token and URL."""

    use_sandbox: bool
    """Whether to ask a sandbox in this process."""

    window: float | None = None
    """Seconds of the server's rate-limit window; None for the default."""

    dry_run: bool = False
    """Whether to show the first request that would change something, instead of sending it."""

    mutates: bool = False
    """Whether the command changes something at Katapult."""

    sort: str | None = None
    """Path of the field that a list is sorted by, with a ``-`` before it for the opposite order; None for no order."""

    header: bool = True
    """Whether a table or csv begins with its titles."""

    @property
    def paths(self) -> tuple[str, ...]:
        """Paths of the fields in a row."""
        return self.columns if self.fields is None else self.fields

    @property
    def titles(self) -> tuple[str, ...]:
        """Titles of the columns: for people in a table without ``--fields``, and otherwise the paths."""
        return titles_of(self.columns) if self.fields is None and self.output_format == "table" else self.paths

    @property
    def default_organization(self) -> str | SubDomain | None:
        """The organization that the environment names; None without one, and for a sandbox."""
        return default_organization(self.environ, use_sandbox=self.use_sandbox)

    def record(self, value: object) -> dict[str, Plain]:
        """Return the fields of a value that are written."""
        if self.fields is None and self.output_format not in ROWS:
            whole = plain(value)
            if not isinstance(whole, dict):
                return {"value": whole}
            secrets = [name for name in self.columns if name in secrets_of(type(value))]
            return whole | {name: value_at(value, name) for name in secrets}
        return {title: value_at(value, path) for title, path in zip(self.titles, self.paths, strict=True)}

    def sorted(self, records: Iterable[object]) -> list[object]:
        """Return records in the order of ``--sort``; those without a value come last."""
        path = (self.sort or "").removeprefix("-")
        values = [(value_at(record, path), record) for record in records]
        known = [pair for pair in values if pair[0] is not None]
        known.sort(key=lambda pair: _order(pair[0]), reverse=(self.sort or "").startswith("-"))
        return [record for _, record in (*known, *(pair for pair in values if pair[0] is None))]


def _order(value: Plain) -> tuple[float, str]:
    """Return what a value is sorted by: numbers and IP addresses as such, before all other texts."""
    match value:
        case int() | float():
            return value, ""
        case [first, *_]:
            return _order(first)
    with contextlib.suppress(ValueError):
        return int(ipaddress.ip_interface(str(value)).ip), ""
    return math.inf, cell(value)


def shared_options(model: type, *, columns: tuple[str, ...], mutates: bool = False, many: bool = False) -> Decorator:
    """Add the options of every command that asks a server. The function gets them as one `Options`, its first argument.

    Args:
        model: class of the records that are written.
        columns: paths of the fields that rows show.
        mutates: whether the command changes something, and so has ``--dry-run``.
        many: whether the command writes a list, and so has ``--sort`` and ``--no-header``.
    """
    paths = FieldPaths(lambda _: model)
    options: list[Decorator] = [
        format_option(
            default="table",
            help_text="Output format; json, jsonl and yaml have all fields, and tsv has values only, for scripts."
            " Several values of a field are one cell of csv and tsv: a, b.",
            to_a_file="use > FILE",
        ),
        fields_option(paths, example=",".join(columns[:2]), nested=any(fields_of(model).values())),
        *([sort_option(paths, example=columns[-1]), NO_HEADER] if many else []),
        server_options,
    ]
    if mutates:
        options.append(DRY_RUN)

    def decorate(function: Callable[..., ExitCode]) -> Callable[..., ExitCode]:
        @functools.wraps(function)
        def command(
            *,
            output_format: str,
            fields: tuple[str, ...] | None,
            token: TokenInput,
            use_sandbox: bool,
            dry_run: bool = False,
            sort: str | None = None,
            no_header: bool = False,
            **arguments: Any,
        ) -> ExitCode:
            if no_header and output_format not in {"table", "csv"}:
                raise click.UsageError(f"--no-header: {output_format} has no header")
            shared = Options(
                columns=columns,
                output_format=output_format,
                fields=fields,
                environ=token.environment(),
                use_sandbox=use_sandbox,
                dry_run=dry_run,
                mutates=mutates,
                sort=sort,
                header=not no_header,
            )
            return function(shared, **arguments)

        decorated: Callable[..., ExitCode] = command
        for option in reversed(options):
            decorated = option(decorated)
        return decorated

    return decorate


def format_option(*, help_text: str, to_a_file: str, default: str | None = None) -> Decorator:
    """Return the option ``-o``, which gives `output_format`.

    Args:
        help_text: its help.
        to_a_file: how to write a file, for a user who takes ``-o`` for that.
        default: one of `output.FORMATS`; None if the command decides.
    """

    def check(context: click.Context, parameter: click.Parameter, value: str | None) -> str | None:
        if value is None or value in FORMATS:
            return value
        hint = f"; -o is the format: to write a file, {to_a_file}" if "." in value or "/" in value else ""
        known = ", ".join(map(repr, FORMATS))
        raise click.BadParameter(f"{value!r} is not one of {known}{hint}", ctx=context, param=parameter)

    def complete(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[str]:
        return [name for name in FORMATS if name.startswith(incomplete)]

    return click.option(
        "-o",
        "--output-format",
        metavar=f"[{'|'.join(FORMATS)}]",
        default=default,
        show_default=default is not None,
        callback=check,
        shell_complete=complete,
        help=help_text,
    )


@attrs.frozen
class FieldPaths:
    """Reads paths of fields of a model, separated by commas, and completes them."""

    model: Callable[[click.Context], type]
    """Imports the model, which a help text does not need."""

    names: Callable[[click.Context], Mapping[str, str]] = attrs.field(default=lambda _: {}, kw_only=True)
    """Returns the names of columns that stand for a path, and their paths."""

    def read(self, context: click.Context, parameter: click.Parameter, value: str | None) -> tuple[str, ...] | None:
        """Return the paths in their order, each once."""
        if value is None:
            return None
        paths = tuple(dict.fromkeys(path.strip() for path in value.split(",")))
        names = self.names(context)
        try:
            for path in paths:
                if path not in names:
                    check_path(self.model(context), path)
        except UnknownFieldError as error:
            columns = f", and the columns of csv: {', '.join(names)}" if names else ""
            raise click.BadParameter(f"{error}{columns}", ctx=context, param=parameter) from error
        return paths

    def complete(self, context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[str]:
        """Return the fields with which the last path can go on."""
        before, comma, path = incomplete.rpartition(",")
        *parents, start = path.split(".")
        inside: type | None = self.model(context)
        for parent in parents:
            inside = None if inside is None else fields_of(inside).get(parent)
        if inside is None:
            return []
        prefix = before + comma + "".join(f"{parent}." for parent in parents)
        names = fields_of(inside) if parents else {**fields_of(inside), **self.names(context)}
        return [prefix + name for name in names if name.startswith(start)]


def fields_option(paths: FieldPaths, *, example: str, nested: bool) -> Decorator:
    """Return the option ``--fields``, which gives `fields`.

    Args:
        paths: reads the paths.
        example: some paths, for the help.
        nested: whether a field of the model has fields of its own.
    """
    help_text = f"Fields to write, such as {example}"
    return click.option(
        "--fields",
        metavar="PATH,...",
        callback=paths.read,
        shell_complete=paths.complete,
        help=f"{help_text}; a dot leads into a field." if nested else f"{help_text}.",
    )


def sort_option(paths: FieldPaths, *, example: str) -> Decorator:
    """Return the option ``--sort``.

    Args:
        paths: reads the path.
        example: a path, for the help.
    """

    def check(context: click.Context, parameter: click.Parameter, value: str | None) -> str | None:
        if value is not None:
            paths.read(context, parameter, value.removeprefix("-"))
        return value

    return click.option(
        "--sort",
        metavar="PATH",
        callback=check,
        shell_complete=paths.complete,
        help=f"Sort by a field, such as {example}; -{example} is the opposite order. The list is written at its end.",
    )


NO_HEADER: Final[Decorator] = click.option("--no-header", is_flag=True, help="Leave out the titles of a table or csv.")
"""The option for a table or csv without titles."""


class Seconds(click.ParamType[float]):
    """The type of seconds with which clocks can compute. click's own range accepts nan and inf."""

    name = "SECONDS"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Return the number."""
        seconds: float = click.FLOAT.convert(value, param, ctx)
        if not _LEAST_SECONDS <= seconds <= _MOST_SECONDS:
            rule = f"a number of seconds from {_LEAST_SECONDS:g} to {_MOST_SECONDS:g}"
            self.fail(f"{seconds:g} is not {rule}", param, ctx)
        return seconds


SECONDS: Final = Seconds()


def seconds_option(*names: str, help_text: str, default: float | None = None) -> Decorator:
    """Return an option that takes `SECONDS`."""
    return click.option(
        *names,
        type=SECONDS,
        default=default,
        show_default=default is not None,
        metavar=SECONDS.name,
        help=help_text,
    )


DRY_RUN: Final[Decorator] = click.option(
    "--dry-run", is_flag=True, help="Show the request that would change something, and do not send it."
)
"""The option to send no request that changes something."""

WINDOW: Final[Decorator] = seconds_option(
    "--rate-limit-window",
    "window",
    help_text="Seconds of the window in which the server counts requests, for a server other than Katapult's."
    " [default: 60, and 5 with --sandbox]",
)
"""The option for the window of another server."""


def examples(*lines: str) -> str:
    """Return the end of a command's help: command lines, which the tests run."""
    return "\b\nExamples:\n" + "\n".join(f"  katapult-async {line}" for line in lines)
