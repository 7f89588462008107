"""How a command asks: the options that all of them have, and what runs them. Loads what is heavy when it is needed."""

import math
import os
from collections.abc import Callable, Mapping
from typing import Concatenate, Final, ParamSpec, TypeVar

import attrs
import click

from katapult_async.cli.exit_codes import ExitCode
from katapult_async.cli.fields import Plain, UnknownFieldError, check, fields_of, picked, plain
from katapult_async.cli.lookups import ORGANIZATION
from katapult_async.cli.token_file import environment

P = ParamSpec("P")
T = TypeVar("T")

Keep = Callable[[click.Context, click.Parameter, object], None]
"""Takes the value of an option that is no parameter of the command."""

OF_ORGANIZATION: Final = click.option(
    "--organization",
    callback=ORGANIZATION,
    metavar="ORG",
    help="Sub domain or id of the organization. [default: the one that the token can see, if there is just one]",
)


FORMATS: Final = ("table", "json", "jsonl", "csv", "yaml")
"""The output formats."""

_ROWS: Final = frozenset({"table", "csv"})


@attrs.define(kw_only=True)
class Asking:
    """The options that commands share. Mutable, for click hands them over one by one."""

    columns: tuple[str, ...] = ()
    """Paths of what rows show when nobody says it."""

    output_format: str = "table"
    """One of `FORMATS`."""

    fields: tuple[str, ...] | None = None
    """Paths of what to show; None for the columns of a row, and for everything where there are no rows."""

    environ: Mapping[str, str] = attrs.field(factory=lambda: os.environ, repr=False)
    """Where token and URL come from."""

    sandboxed: bool = False
    """Whether to ask a made-up cloud in this process."""

    window: float | None = None
    """Seconds of the server's rate-limit window; None for what is usual there."""

    dry_run: bool = False
    """Whether to show what would be sent instead of sending it."""

    @property
    def titles(self) -> tuple[str, ...]:
        """Heads of the columns."""
        return self.columns if self.fields is None else self.fields

    def record(self, thing: object) -> dict[str, Plain]:
        """Return what is written of a thing."""
        if self.fields is None and self.output_format not in _ROWS:
            whole = plain(thing)
            return whole if isinstance(whole, dict) else {"value": whole}
        return {path: picked(thing, path) for path in self.titles}


def seconds(context: click.Context, parameter: click.Parameter, value: float | None) -> float | None:
    """Check a number of seconds. click's own range would let nan and inf pass."""
    if value is not None and not 0 < value < math.inf:
        raise click.BadParameter(f"{value:g} is not a number of seconds above 0", ctx=context, param=parameter)
    return value


def examples(*lines: str) -> str:
    """Return the end of a command's help: command lines that the tests run."""
    return "\b\nExamples:\n" + "\n".join(f"  katapult-async {line}" for line in lines)


@attrs.frozen
class FieldList:
    """Paths of fields of a model, with commas between them: what they are, and how they go on."""

    model: Callable[[], type]
    """Imports the model: not before somebody names a field."""

    def __call__(self, context: click.Context, parameter: click.Parameter, value: str | None) -> tuple[str, ...] | None:
        """Return the paths, each once."""
        if value is None:
            return None
        paths = tuple(dict.fromkeys(path.strip() for path in value.split(",")))
        try:
            for path in paths:
                check(self.model(), path)
        except UnknownFieldError as error:
            raise click.BadParameter(str(error), ctx=context, param=parameter) from error
        return paths

    def completions(self, _context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[str]:
        """Return what the last path can go on with."""
        before, comma, path = incomplete.rpartition(",")
        *steps, begun = path.split(".")
        inside: type | None = self.model()
        for step in steps:
            inside = None if inside is None else fields_of(inside).get(step)
        if inside is None:
            return []
        prefix = before + comma + "".join(f"{step}." for step in steps)
        return [prefix + name for name in fields_of(inside) if name.startswith(begun)]


def asks(
    model: type, *, columns: tuple[str, ...], writes: bool = False
) -> Callable[[Callable[Concatenate[Asking, P], ExitCode]], Callable[P, ExitCode]]:
    """Add what every command takes that asks a server, and hand it over as an `Asking`.

    Args:
        model: what the answer is made of.
        columns: paths of what rows show.
        writes: whether it changes something.
    """

    def keep(context: click.Context, parameter: click.Parameter, value: object) -> None:
        asking = context.ensure_object(Asking)
        asking.columns = columns
        setattr(asking, str(parameter.name), value)

    options: list[Callable[[Callable[..., ExitCode]], Callable[..., ExitCode]]] = [
        format_option(
            keep=keep,
            default="table",
            said="How to write the answer; json, jsonl and yaml have all of it.",
            to_a_file="to write a file, use > FILE",
        ),
        fields_option(lambda: model, such_as=",".join(columns[:2]), nested=any(fields_of(model).values()), keep=keep),
        token_file_option(keep=keep),
        click.option(
            "--sandbox",
            "sandboxed",
            is_flag=True,
            callback=keep,
            expose_value=False,
            help="Ask a made-up cloud, which lives as long as this process. Needs no token and no network.",
        ),
    ]
    if writes:
        options.append(
            click.option(
                "--dry-run",
                is_flag=True,
                callback=keep,
                expose_value=False,
                help="Show the request that would change something, and do not send it.",
            )
        )

    def decorate(function: Callable[Concatenate[Asking, P], ExitCode]) -> Callable[P, ExitCode]:
        command: Callable[..., ExitCode] = click.make_pass_decorator(Asking, ensure=True)(function)
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


def format_option(
    *, said: str, to_a_file: str, default: str | None = None, keep: Keep | None = None
) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Return the option for how to write: `output_format`.

    Args:
        said: its help.
        to_a_file: what to do instead, for who takes it for the file to write.
        default: one of `FORMATS`; None if the command decides.
        keep: takes the value; None for a parameter of the command.
    """

    def read(context: click.Context, parameter: click.Parameter, value: str | None) -> str | None:
        if value is not None and value not in FORMATS:
            known = ", ".join(repr(each) for each in FORMATS)
            hint = f"; -o is the format: {to_a_file}" if "." in value or "/" in value else ""
            raise click.BadParameter(f"{value!r} is not one of {known}{hint}", ctx=context, param=parameter)
        if keep is not None:
            keep(context, parameter, value)
        return value

    def completions(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[str]:
        return [each for each in FORMATS if each.startswith(incomplete)]

    return click.option(
        "-o",
        "--output-format",
        metavar=f"[{'|'.join(FORMATS)}]",
        default=default,
        show_default=default is not None,
        callback=read,
        shell_complete=completions,
        expose_value=keep is None,
        help=said,
    )


def fields_option(
    model: Callable[[], type], *, such_as: str, nested: bool, keep: Keep | None = None
) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Return the option for paths of fields: `fields`.

    Args:
        model: imports what the paths lead into.
        such_as: some of them, for the help.
        nested: whether a field has fields of its own.
        keep: takes the value; None for a parameter of the command.
    """
    fields = FieldList(model)

    def read(context: click.Context, parameter: click.Parameter, value: str | None) -> tuple[str, ...] | None:
        paths = fields(context, parameter, value)
        if keep is not None:
            keep(context, parameter, paths)
        return paths

    return click.option(
        "--fields",
        metavar="PATH,...",
        callback=read,
        shell_complete=fields.completions,
        expose_value=keep is None,
        help=f"Paths of what to show, such as {such_as}; a dot leads into a field."
        if nested
        else f"What to show, such as {such_as}.",
    )


def token_file_option(*, keep: Keep | None = None) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Return the option for a token that is not in the environment: `environ`, with the token in its place.

    Args:
        keep: takes the value; None for a parameter of the command.
    """

    def read(context: click.Context, parameter: click.Parameter, value: str | None) -> Mapping[str, str]:
        environ = os.environ if context.resilient_parsing else environment(value)
        if keep is not None:
            keep(context, parameter, environ)
        return environ

    return click.option(
        "--token-file",
        "environ",
        type=click.Path(exists=True, dir_okay=False, allow_dash=True),
        metavar="FILE",
        callback=read,
        expose_value=keep is None,
        help="Read the token from FILE; - is standard input. [default: KATAPULT_API_KEY or KATAPULT_API_TOKEN]",
    )
