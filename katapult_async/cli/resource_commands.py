"""The commands of a resource: one for each of its methods, with the options and the help that these declare."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import click

from katapult_async.cli.columns import columns_of
from katapult_async.cli.declarations import methods_of, reference_of
from katapult_async.cli.fields import secrets_of
from katapult_async.cli.groups import EXAMPLES, GROUPS, Group
from katapult_async.cli.help_texts import description
from katapult_async.cli.lazy_group import LazyGroup, written_command
from katapult_async.cli.methods import Method
from katapult_async.cli.shared_options import SECONDS, examples, shared_options

if TYPE_CHECKING:
    from katapult_async.cli.given_options import Options

_CONFIRMATION: Final = "On a terminal, the command asks for confirmation; its exit code is 1 unless the answer is yes."
_EXIT_CODES: Final = "the exit code is 1 if the work fails, and 5 if it is not finished within --timeout."
_WORK_CONTINUES: Final = "the work continues at Katapult after that time. [default: 600]"


def _timeout(help_text: str) -> click.Option:
    return click.Option(["--timeout"], type=SECONDS, help=help_text)


class ResourceCommands(LazyGroup):
    """The commands of one row of `GROUPS`. Each is derived when it is called.

    Args:
        name: name of the group.
    """

    def __init__(self, name: str) -> None:
        [group] = [row for row in GROUPS if row.name == name]
        self._group = group
        self._methods = {
            group.renamed.get(method, method.replace("_", "-")): method
            for method in methods_of(group.attribute)
            if method not in group.without
        }
        self.names, self.elsewhere = sorted([*self._methods, *group.added]), group.elsewhere
        super().__init__(name, help=group.help, no_args_is_help=False)

    def summary(self, name: str) -> str:
        """Return the help of a command, without its arguments and notes if it is derived."""
        return self._derived(name).summary if name in self._methods else self.load(name).help or ""

    def load(self, name: str) -> click.Command:
        """Return a command."""
        if name in self._methods:
            return self._derived(name).command()
        module_or_group, _, command = self._group.added[name].partition(" ")
        if command:
            return ResourceCommands(module_or_group).load(command)
        return written_command(module_or_group)

    def _derived(self, name: str) -> "DerivedCommand":
        return DerivedCommand(group=self._group, name=name, method=Method(self._group.attribute, self._methods[name]))


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
        return columns_of(f"{self.group.name} {self.name}", self.method.fields, brief=self.method.is_list)

    def _options(self) -> Iterator[click.Parameter]:
        method = self.method
        if method.destroys or method.detaches:
            yield click.Option(["--yes"], is_flag=True, help="Do not ask for confirmation.")
        if method.starts:
            yield click.Option(["--wait"], is_flag=True, help="Wait until it is completed.")
            yield _timeout(f"Seconds that --wait takes at most; {_WORK_CONTINUES}")
        elif method.only_waits:
            yield _timeout(f"Seconds to wait; {_WORK_CONTINUES}")
        elif method.has_timeout:
            yield _timeout("Seconds that all requests and waits take at most.")

    @property
    def summary(self) -> str:
        """What the command does."""
        if self.method.destroys:  # "Return an address" gives it back to Katapult: "Show" would be wrong
            return description(self.method.declaration.paragraphs, verb="")
        return description(self.method.declaration.paragraphs, verb="List" if self.method.is_list else "Show")

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
            yield f"Without --wait, the work is only started; `{group} wait` waits for it. With --wait, {_EXIT_CODES}"
        if self.method.only_waits:
            yield _EXIT_CODES.capitalize()
        if self.method.destroys:
            yield f"{_CONFIRMATION} Without a terminal, it needs --yes."
        elif self.method.detaches:
            yield _CONFIRMATION

    def _examples(self) -> list[str]:
        """Return the examples: the derived one, unless `EXAMPLES` replaces it, and those of `EXAMPLES`."""
        names = [[group, self.name] for group in (self.group.name, self.group.alias)]
        written = [line for line in EXAMPLES if line.split()[:2] in names]
        if any(line.split()[0] == self.group.name for line in written):
            return written
        required = [parameter for parameter in self.method.parameters if parameter.declaration.is_required]
        words = [parameter.example() for parameter in required]
        words += [change.example() for change in self.method.changes if change.example()][:1]
        if self.method.mutates:
            words.append("--dry-run")
        elif not any(reference_of(parameter.name).is_absent_in_sandbox for parameter in required):
            words.append("--sandbox")
        return [" ".join([self.group.name, self.name, *words]), *written] if all(words) else written

    def _run(self, options: "Options", **given: Any) -> None:
        from katapult_async.cli.resource_runner import ResourceRunner  # noqa: PLC0415 # attrs, which --help does not need

        ResourceRunner(group=self.group, name=self.name, method=self.method, options=options).run(given)
