"""The options that commands share: ``-o``, ``--fields``, ``--dry-run``, times, and those of `server_options`."""

import functools
from collections.abc import Callable, Iterable
from typing import Any, Final

import click

from katapult_async.cli.declarations import Fields
from katapult_async.cli.field_paths import FieldPaths, SortPath
from katapult_async.cli.format_names import FORMATS, FORMATS_WITH_TITLES
from katapult_async.cli.seconds import seconds
from katapult_async.cli.server_options import Decorator, server_options, with_options

_LONGEST_OF_TWO: Final = 20  # characters of a path in the help of --fields


def shared_options(
    fields: Fields, *, columns: tuple[str, ...], mutates: bool = False, is_list: bool = False
) -> Decorator:
    """Add `server_options` and the options for the output. The function gets one `Options` as its first argument.

    Args:
        fields: those of a record.
        columns: paths of the fields that rows show.
        mutates: whether the command changes something, and so has ``--dry-run``.
        is_list: whether the command writes a list, and so has ``--sort`` and ``--no-header``.
    """

    def decorate(function: Callable[..., None]) -> Callable[..., None]:
        @functools.wraps(function)
        def command(*, no_header: bool = False, **given: Any) -> None:
            import attrs  # noqa: PLC0415 # --help does not need it

            from katapult_async.cli.given_options import Options  # noqa: PLC0415 # likewise

            if no_header and given["output_format"] not in FORMATS_WITH_TITLES:
                raise click.UsageError(f"--no-header: {given['output_format']} has no header")
            shared = {name: given.pop(name) for name in attrs.fields_dict(Options) if name in given}
            function(Options(columns=columns, header=not no_header, **shared), **given)

        return with_options(
            command,
            [
                format_option(
                    default="table",
                    help="Output format. json, jsonl and yaml have all fields; tsv has no titles and no quotes."
                    " In table, csv and tsv, several values of a field are one cell: a, b.",
                ),
                fields_option(
                    FieldPaths(lambda _: fields),
                    # two long paths do not fit on one line of the help
                    example=",".join(columns[: 1 if len(columns[0]) > _LONGEST_OF_TWO else 2]),
                    nested=any(field.fields for field in fields.values()),
                ),
                *([_sort_option(fields, example=columns[-1]), _NO_HEADER] if is_list else []),
                server_options,
                *([DRY_RUN] if mutates else []),
            ],
        )

    return decorate


class AnyCaseChoice(click.Choice[str]):
    """The type of a choice in upper or lower case. click would list the choices in lower case."""

    def __init__(self, choices: Iterable[str]) -> None:
        super().__init__(choices, case_sensitive=False)

    def normalize_choice(self, choice: object, ctx: click.Context | None) -> str:
        """Return the listed choice that equals a text in upper or lower case; without one, the text itself."""
        del ctx
        return next((known for known in self.choices if known.casefold() == str(choice).casefold()), str(choice))


format_option: Final = functools.partial(click.option, "-o", "--output-format", type=click.Choice(FORMATS))
"""Returns the option ``-o``, the parameter `output_format`. Without ``default``, the command chooses the format."""


def fields_option(paths: FieldPaths, *, example: str, nested: bool) -> Decorator:
    """Return the option ``--fields``, the parameter `fields`.

    Args:
        paths: type of its value.
        example: some paths, for the help.
        nested: whether a field has fields of its own.
    """
    ending = "; a dot selects a field of a field." if nested else "."
    return click.option("--fields", type=paths, help=f"Fields to write, such as {example}{ending}")


def _sort_option(fields: Fields, *, example: str) -> Decorator:
    """Return the option ``--sort``."""
    return click.option(
        "--sort",
        type=SortPath(lambda _: fields),
        help=f"Sort by a field, such as {example}; -{example} is the opposite order. Nothing is written before the"
        " whole list is read.",
    )


_NO_HEADER: Final[Decorator] = click.option("--no-header", is_flag=True, help="Leave out the titles of a table or csv.")


seconds_option: Final = functools.partial(click.option, type=seconds)
"""Returns an option that takes `seconds`."""


DRY_RUN: Final[Decorator] = click.option(
    "--dry-run", is_flag=True, help="Show the request that would change something, and do not send it."
)
"""The option to send no request that changes something."""


def examples(*lines: str) -> str:
    """Return the end of a command's help: command lines, which the tests run."""
    return "\b\nExamples:\n" + "\n".join(f"  katapult-async {line}" for line in lines)
