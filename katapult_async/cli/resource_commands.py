"""The commands of a resource: one for each of its methods, with the options and the help that these declare."""

from collections.abc import Iterator
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import click

from katapult_async.cli.declarations import methods_of
from katapult_async.cli.exit_codes import ExitCode
from katapult_async.cli.fields import default_columns, secrets_of
from katapult_async.cli.groups import GROUPS, Group
from katapult_async.cli.help_texts import description
from katapult_async.cli.lazy_group import LazyGroup
from katapult_async.cli.methods import Method
from katapult_async.cli.shared_options import SECONDS, examples, shared_options

if TYPE_CHECKING:
    from katapult_async.cli.given_options import Options

_CODES: Final = "The exit code is 1 if the work fails, and 5 if it is not finished in time."
_ASKS: Final = (
    "On a terminal it asks for confirmation, and the exit code is 1 unless the answer is yes. Elsewhere it needs --yes."
)
_ASKS_ON_A_TERMINAL: Final = "On a terminal it asks for confirmation, and the exit code is 1 unless the answer is yes."


class ResourceCommands(LazyGroup):
    """The commands of one row of `GROUPS`. Each is derived when it is called.

    Args:
        group: the row.
    """

    def __init__(self, group: Group) -> None:
        self._row = group
        self._methods = {
            group.renamed.get(name, name.replace("_", "-")): name
            for name in methods_of(group.attribute)
            if name not in group.without
        }
        super().__init__(
            group.name,
            names=sorted([*self._methods, *group.added]),
            summary=self._summary_of,
            make=self._command,
            help=group.help,
            no_args_is_help=False,
        )

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command that is called."""
        if args[0] in self._row.elsewhere and not ctx.resilient_parsing:
            raise click.UsageError(self._row.elsewhere[args[0]], ctx)
        return super().resolve_command(ctx, args)

    def _summary_of(self, name: str) -> str:
        return self._derived(name).summary if name in self._methods else self._command(name).help or ""

    def _command(self, name: str) -> click.Command:
        if name in self._methods:
            return self._derived(name).command()
        group, _, command = self._row.added[name].partition(" ")
        if command:
            other = ResourceCommands(next(row for row in GROUPS if row.name == group))
            return other._command(command)  # of this class
        module, _, command = group.partition(".")
        written: click.Command = getattr(import_module(f"katapult_async.cli.{module}"), command)
        return written

    def _derived(self, name: str) -> "DerivedCommand":
        method = Method(self._row.attribute, self._methods[name])
        return DerivedCommand(group=self._row, name=name, method=method)


def _timeout(help_text: str) -> click.Option:
    return click.Option(["--timeout"], type=SECONDS, metavar=SECONDS.name, help=help_text)


class DerivedCommand(NamedTuple):
    """The command of one method."""

    group: Group
    """The group of the command."""

    name: str
    """Name of the command."""

    method: Method
    """The method."""

    def command(self) -> click.Command:
        """Return the command."""
        decorate = shared_options(
            self.method.fields, columns=self._columns, mutates=self.method.mutates, is_list=self.method.is_list
        )
        own = [option for parameter in self.method.parameters for option in parameter.click_parameters()]
        return click.command(
            name=self.name,
            params=[*own, *self._options()],
            help="\n\n".join(self._help()),
            epilog=examples(*self._examples()),
        )(decorate(self._run))

    @property
    def _columns(self) -> tuple[str, ...]:
        named = self.group.columns.get(self.method.name, "").split()
        return tuple(named) or default_columns(self.method.fields, brief=self.method.is_list)

    def _options(self) -> Iterator[click.Parameter]:
        if self.method.destroys or self.method.detaches:
            yield click.Option(["--yes"], is_flag=True, help="Do not ask for confirmation.")
        if self.method.starts:
            yield click.Option(["--wait"], is_flag=True, help="Wait until it is completed.")
            yield _timeout("Seconds that --wait takes at most; the work itself goes on after them. [default: 600]")
        elif self.method.only_waits:
            yield _timeout("Seconds to wait; the work itself goes on after them. [default: 600]")
        elif self.method.has_timeout:
            yield _timeout("Seconds that all requests and waits take at most.")

    @property
    def summary(self) -> str:
        """What the command does."""
        verb = "" if self.method.destroys else "List" if self.method.is_list else "Show"
        return description(self.method.paragraphs, verb=verb)

    def _help(self) -> Iterator[str]:
        """Yield the paragraphs of the help."""
        yield self.summary
        for argument in self.method.arguments:
            yield f"{argument.metavar}: {argument.help}"
        hidden = [name for name in secrets_of(self.method.fields) if name not in self._columns]
        if hidden:
            yield f"Secrets are written only if --fields names them: {', '.join(hidden)}."
        if self.method.starts:
            group = "tasks" if self.method.starts == "task" else self.group.name
            yield f"Without --wait, the work has only begun: `{group} wait` waits for it. {_CODES}"
        if self.method.only_waits:
            yield _CODES
        if self.method.destroys:
            yield _ASKS
        elif self.method.detaches:
            yield _ASKS_ON_A_TERMINAL

    def _examples(self) -> list[str]:
        """Return the examples of the group for this command, or one that is made of ids in a new sandbox."""
        lines = [
            example for example in self.group.examples if example.split()[0] == self.name
        ] or self._derived_examples()
        names = (self.group.name, self.group.alias or self.group.name)
        return [f"{names[min(number, 1)]} {line}" for number, line in enumerate(lines)]

    def _derived_examples(self) -> list[str]:
        words = [parameter.example() for parameter in self.method.parameters if parameter.is_required]
        words += [word for word in (change.example() for change in self.method.changes) if word is not None][:1]
        line = [self.name, *words, *(["--dry-run"] if self.method.mutates else [])]
        return [" ".join(filter(None, line))] if all(line) else []

    def _run(self, options: "Options", **given: Any) -> ExitCode:
        from katapult_async.cli.resource_runner import ResourceRunner  # noqa: PLC0415 # attrs, which --help does not need

        return ResourceRunner(group=self.group, name=self.name, method=self.method, options=options).run(given)
