"""How a command asks: the options that all of them have, and what runs them. Loads what is heavy when it is needed."""

import os
from collections.abc import AsyncGenerator, AsyncIterable, Awaitable, Callable, Mapping
from typing import Concatenate, Final, ParamSpec, TypeVar

import attrs
import click

from katapult_async.cli.answers import UnknownFieldError, check, fields_of
from katapult_async.cli.asking import FORMATS, Asking
from katapult_async.cli.exit_codes import ExitCode
from katapult_async.cli.names import ORGANIZATION
from katapult_async.cli.token_file import environment
from katapult_async.client import KatapultClient

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


@attrs.frozen
class FieldList:
    """Paths of fields of a model, with commas between them: what they are, and how they go on."""

    model: type

    def __call__(self, context: click.Context, parameter: click.Parameter, value: str | None) -> tuple[str, ...] | None:
        """Return the paths, each once."""
        if value is None:
            return None
        paths = tuple(dict.fromkeys(path.strip() for path in value.split(",")))
        try:
            for path in paths:
                check(self.model, path)
        except UnknownFieldError as error:
            raise click.BadParameter(str(error), ctx=context, param=parameter) from error
        return paths

    def completions(self, _context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[str]:
        """Return what the last path can go on with."""
        before, comma, path = incomplete.rpartition(",")
        *steps, begun = path.split(".")
        inside: type | None = self.model
        for step in steps:
            inside = None if inside is None else fields_of(inside).get(step)
        if inside is None:
            return []
        prefix = before + comma + "".join(f"{step}." for step in steps)
        return [prefix + name for name in fields_of(inside) if name.startswith(begun)]


def examples(*lines: str) -> str:
    """Return the end of a command's help: command lines that the tests run."""
    return "\b\nExamples:\n" + "\n".join(f"  katapult-async {line}" for line in lines)


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
        click.option(
            "-o",
            "--output-format",
            type=click.Choice(FORMATS),
            default="table",
            show_default=True,
            callback=keep,
            expose_value=False,
            help="How to write the answer; json, jsonl and yaml have all of it.",
        ),
        fields_option(model, such_as=",".join(columns[:2]), keep=keep),
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


def fields_option(model: type, *, such_as: str, keep: Keep | None = None) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Return the option for paths of fields: `fields`.

    Args:
        model: what the paths lead into.
        such_as: some of them, for the help.
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
        help=f"Paths of what to show, such as {such_as}; a dot leads into a field.",
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


def many(asking: Asking, *, things: Callable[[KatapultClient], AsyncIterable[object]]) -> ExitCode:
    """Ask for a list, write it, and return how it ended."""
    return _answered(asking, things, alone=False)


def one(asking: Asking, *, thing: Callable[[KatapultClient], Awaitable[object]]) -> ExitCode:
    """Ask for one thing, or do one thing; write what comes back, and return how it ended."""

    async def things(katapult: KatapultClient) -> AsyncGenerator[object]:
        yield await thing(katapult)

    return _answered(asking, things, alone=True)


def _answered(asking: Asking, things: Callable[[KatapultClient], AsyncIterable[object]], *, alone: bool) -> ExitCode:
    from katapult_async.cli.answering import answer  # noqa: PLC0415 # rich, yaml, the sandbox: --help needs none

    return answer(asking, things=things, alone=alone)
