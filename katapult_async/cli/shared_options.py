"""The options that commands share: ``-o``, ``--fields``, ``--dry-run``, seconds, and those of `server_options`."""

import contextlib
import functools
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import click

from katapult_async.cli.declarations import Fields
from katapult_async.cli.exit_codes import ExitCode
from katapult_async.cli.fields import UnknownFieldError, fields_at
from katapult_async.cli.formats import FORMATS, FORMATS_WITH_TITLES
from katapult_async.cli.server_options import server_options, with_options

if TYPE_CHECKING:
    from katapult_async.cli.token_input import TokenInput

Decorator = Callable[[Callable[..., ExitCode]], Callable[..., ExitCode]]
"""Adds options to the function of a command."""

_LEAST_SECONDS: Final = 0.001
_MOST_SECONDS: Final = 1e10  # 317 years


def shared_options(
    fields: Fields, *, columns: tuple[str, ...], mutates: bool = False, is_list: bool = False
) -> Decorator:
    """Add the options of every command that asks a server. The function gets them as one `Options`, its first argument.

    Args:
        fields: those of a record.
        columns: paths of the fields that rows show.
        mutates: whether the command changes something, and so has ``--dry-run``.
        is_list: whether the command writes a list, and so has ``--sort`` and ``--no-header``.
    """
    paths = FieldPaths(lambda _: fields)
    options: list[Decorator] = [
        format_option(
            default="table",
            help_text="Output format; json, jsonl and yaml have all fields, and tsv has values only, for scripts."
            " Several values of a field are one cell of csv and tsv: a, b.",
            to_a_file="use > FILE",
        ),
        fields_option(paths, example=",".join(columns[:2]), nested=any(field.model for field in fields.values())),
        *([sort_option(paths, example=columns[-1]), NO_HEADER] if is_list else []),
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
            token: "TokenInput",
            use_sandbox: bool,
            dry_run: bool = False,
            sort: str | None = None,
            no_header: bool = False,
            **arguments: Any,
        ) -> ExitCode:
            if no_header and output_format not in FORMATS_WITH_TITLES:
                raise click.UsageError(f"--no-header: {output_format} has no header")
            from katapult_async.cli.connection import Connection  # noqa: PLC0415 # aiohttp, which --help does not need
            from katapult_async.cli.given_options import Options  # noqa: PLC0415 # likewise

            shared = Options(
                columns=columns,
                output_format=output_format,
                fields=fields,
                connection=Connection(use_sandbox=use_sandbox, environ=token.environment()),
                dry_run=dry_run,
                mutates=mutates,
                sort=sort,
                header=not no_header,
            )
            return function(shared, **arguments)

        return with_options(command, options)

    return decorate


def format_option(*, help_text: str, to_a_file: str, default: str | None = None) -> Decorator:
    """Return the option ``-o``, which gives `output_format`.

    Args:
        help_text: its help.
        to_a_file: how to write a file, for a user who takes ``-o`` for that.
        default: one of `FORMATS`; None if the command decides.
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


class FieldPaths(NamedTuple):
    """Reads paths of fields, separated by commas, and completes them."""

    fields: Callable[[click.Context], Fields]
    """Returns the fields of a record. The help of some commands does not need them."""

    names: Callable[[click.Context], Mapping[str, str]] = lambda _: {}
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
                    fields_at(self.fields(context), path.split("."))
        except UnknownFieldError as error:
            columns = f", and the columns of csv: {', '.join(names)}" if names else ""
            raise click.BadParameter(f"{error}{columns}", ctx=context, param=parameter) from error
        return paths

    def read_one(self, context: click.Context, parameter: click.Parameter, value: str | None) -> str | None:
        """Return one path, with the ``-`` that may stand before it."""
        self.read(context, parameter, None if value is None else value.removeprefix("-"))
        return value

    def complete(self, context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[str]:
        """Return the fields with which the last path can go on."""
        before, comma, path = incomplete.rpartition(",")
        *parents, start = path.split(".")
        try:
            inside = fields_at(self.fields(context), parents)
        except UnknownFieldError:
            return []
        prefix = before + comma + "".join(f"{parent}." for parent in parents)
        names = [*inside, *([] if parents else self.names(context))]
        return [prefix + name for name in names if name.startswith(start)]


def fields_option(paths: FieldPaths, *, example: str, nested: bool) -> Decorator:
    """Return the option ``--fields``, which gives `fields`.

    Args:
        paths: reads the paths.
        example: some paths, for the help.
        nested: whether a field has fields of its own.
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
    return click.option(
        "--sort",
        metavar="PATH",
        callback=paths.read_one,
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
        with contextlib.suppress(ValueError):
            if _LEAST_SECONDS <= (seconds := float(value)) <= _MOST_SECONDS:
                return seconds
        rule = f"a number of seconds from {_LEAST_SECONDS:g} to {_MOST_SECONDS:g}"
        return self.fail(f"{value} is not {rule}", param, ctx)


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
