"""The commands of a resource: one for each of its methods, derived from signature, docstring and operation."""

import contextlib
from collections.abc import AsyncGenerator, AsyncIterable, Iterator, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

import attrs
import click

from katapult_async.cli.confirmation import confirm, is_interactive
from katapult_async.cli.exit_codes import ExitCode
from katapult_async.cli.fields import default_columns, secrets_of
from katapult_async.cli.groups import GROUPS, Group
from katapult_async.cli.help_texts import description
from katapult_async.cli.messages import show
from katapult_async.cli.methods import Method, Text, methods_of
from katapult_async.cli.names import organization_or_only_one
from katapult_async.cli.options import SECONDS, Options, examples, shared_options
from katapult_async.cli.parameters import ABSENT
from katapult_async.cli.runner import run_list, run_single
from katapult_async.resources.resource import Resource

if TYPE_CHECKING:
    from katapult_async.client import KatapultClient

_CODES: Final = "The exit code is 1 if the work fails, and 5 if it is not finished in time."
_ASKS: Final = (
    "On a terminal it asks for confirmation, and the exit code is 1 unless the answer is yes. Elsewhere it needs --yes."
)
_ASKS_ON_A_TERMINAL: Final = "On a terminal it asks for confirmation, and the exit code is 1 unless the answer is yes."


class ResourceCommands(click.Group):
    """The commands of one row of `GROUPS`. Each is derived when click needs it.

    Args:
        group: the row.
    """

    def __init__(self, group: Group) -> None:
        super().__init__(group.name, help=group.help, no_args_is_help=False)
        self._row = group
        self._resource = resource_class(group)
        self._methods = {
            group.renamed.get(name, name.replace("_", "-")): name
            for name in methods_of(self._resource)
            if name not in group.without
        }

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names."""
        del ctx
        return sorted([*self._methods, *self._row.by_hand])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command."""
        by_hand = self._row.by_hand.get(cmd_name)
        if by_hand is not None:
            return _written(by_hand, ctx)
        if cmd_name not in self._methods:
            return None
        method = Method.of(self._resource, self._methods[cmd_name])
        return DerivedCommand(group=self._row, name=cmd_name, method=method).command()

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command that is called."""
        if args[0] in self._row.elsewhere and not ctx.resilient_parsing:
            raise click.UsageError(self._row.elsewhere[args[0]], ctx)
        return super().resolve_command(ctx, args)


def resource_class(group: Group) -> type[Resource]:
    """Import the resource of a group, and return its class."""
    module = import_module(f"katapult_async.resources.{group.attribute}")
    [resource] = [
        member
        for member in vars(module).values()
        if isinstance(member, type) and issubclass(member, Resource) and member.__module__ == module.__name__
    ]
    return resource


def _written(where: str, ctx: click.Context) -> click.Command | None:
    """Return a command that is written by hand (``module.command``), or that another group has (``group command``)."""
    name, _, command = where.partition(" ")
    if command:
        return ResourceCommands(next(group for group in GROUPS if group.name == name)).get_command(ctx, command)
    module, _, command = where.partition(".")
    written: click.Command = getattr(import_module(f"katapult_async.cli.{module}"), command)
    return written


def _timeout(help_text: str) -> click.Option:
    return click.Option(["--timeout"], type=SECONDS, metavar=SECONDS.name, help=help_text)


@attrs.frozen(kw_only=True)
class DerivedCommand:
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
            self.method.result.model, columns=self._columns, mutates=self.method.mutates, many=self.method.result.many
        )
        own = [option for parameter in self.method.parameters for option in parameter.in_command()]
        return click.command(
            name=self.name,
            params=[*own, *self._options()],
            help="\n\n".join(self._help()),
            epilog=examples(*self._examples()),
        )(decorate(self._run))

    @property
    def _columns(self) -> tuple[str, ...]:
        result = self.method.result
        columns = tuple(self.group.columns.get(self.method.name, "").split())
        return columns or default_columns(result.model, brief=result.many)

    @property
    def _records_in_words(self) -> str:
        """What a list has, such as ``virtual machines``."""
        if not self.name.startswith("list"):
            return self.name.replace("-", " ")
        words = self.group.summary.partition(":")[0]
        return words if words[1].isupper() else words[:1].lower() + words[1:]

    @property
    def _waits(self) -> bool:
        """Whether the command can wait for what the method starts."""
        return self.method.starts != "nothing"

    @property
    def _has_timeout(self) -> bool:
        """Whether ``--timeout`` limits all that the method does."""
        return self.method.http_method is None and not self._waits

    def _options(self) -> Iterator[click.Parameter]:
        if self.method.destroys or self.method.takes_away:
            yield click.Option(["--yes"], is_flag=True, help="Do not ask for confirmation.")
        if self._waits:
            yield click.Option(["--wait"], is_flag=True, help="Wait until it is completed.")
            yield _timeout("Seconds that --wait takes at most; the work itself goes on after them. [default: 600]")
        elif self.method.only_waits:
            yield _timeout("Seconds to wait; the work itself goes on after them. [default: 600]")
        elif self._has_timeout:
            yield _timeout("Seconds that all requests and waits take at most.")

    def _help(self) -> Iterator[str]:
        """Yield the paragraphs of the help."""
        verb = "" if self.method.destroys else "List" if self.method.result.many else "Show"
        yield description(self.method.documentation, verb=verb)
        for parameter in self.method.parameters:
            if parameter.is_argument:
                yield f"{parameter.metavar}: {parameter.help}"
        hidden = [name for name in secrets_of(self.method.result.model) if name not in self._columns]
        if hidden:
            yield f"Secrets are written only if --fields names them: {', '.join(hidden)}."
        if self._waits:
            group = "tasks" if self.method.starts == "task" else self.group.name
            yield f"Without --wait, the work has only begun: `{group} wait` waits for it. {_CODES}"
        if self.method.only_waits:
            yield _CODES
        if self.method.destroys:
            yield _ASKS
        elif self.method.takes_away:
            yield _ASKS_ON_A_TERMINAL

    def _examples(self) -> list[str]:
        """Return the examples of the group for this command, or one that is made of ids in a new sandbox."""
        lines = [
            example for example in self.group.examples if example.split()[0] == self.name
        ] or self._derived_examples()
        names = (self.group.name, self.group.alias or self.group.name)
        return [f"{names[min(number, 1)]} {line}" for number, line in enumerate(lines)]

    def _derived_examples(self) -> list[str]:
        words = [parameter.example() for parameter in self.method.parameters if parameter.required]
        words += [word for word in (change.example() for change in self.method.changes) if word is not None][:1]
        line = [self.name, *words, *(["--dry-run"] if self.method.mutates else [])]
        return [" ".join(filter(None, line))] if all(line) else []

    def _run(self, options: Options, **given: Any) -> ExitCode:
        """Run the command."""
        arguments = self._arguments(given)
        timeout = given.get("timeout")
        waits = self._waits and given["wait"]
        if self._waits and timeout is not None and not waits:
            raise click.UsageError("--timeout limits the wait: add --wait")
        asks = self.method.destroys or (self.method.takes_away and is_interactive())
        if asks and not given["yes"] and not options.dry_run:
            code, arguments = self._confirm(options, arguments)
            if code is not ExitCode.OK:
                return code

        async def record(katapult: "KatapultClient") -> object:
            async with self._call(katapult, arguments, options) as complete:
                result = self._record(await self._bound(katapult, self.method.name)(**complete), complete)
            if not waits or result is None:
                return result
            return await self._completed(katapult, result, complete, timeout=timeout)

        async def records(katapult: "KatapultClient") -> AsyncGenerator[object]:
            async with self._call(katapult, arguments, options) as complete:
                result = self._bound(katapult, self.method.name)(**complete)
                if isinstance(result, AsyncIterable):
                    async for item in result:
                        yield item
                    return
                whole = await result
            for item in whole if isinstance(whole, list) else _listed(whole):
                yield Text(text=item) if isinstance(item, str) else item

        return (
            run_list(options, records=records, words=self._records_in_words)
            if self.method.result.many
            else run_single(options, record=record)
        )

    def _arguments(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Return the arguments of the method, from the values of the command's parameters."""
        method = self.method
        arguments = {
            parameter.name: value for parameter in method.parameters if (value := parameter.value(given)) is not ABSENT
        }
        if method.changes and not any(parameter.name in arguments for parameter in method.changes):
            raise click.UsageError("there is nothing to change: give at least one option that names a change")
        return arguments | ({"timeout": given["timeout"]} if self._has_timeout else {})

    def _bound(self, katapult: "KatapultClient", name: str) -> Any:
        """Return a method of the resource of a client."""
        return getattr(getattr(katapult, self.group.attribute), name)

    @contextlib.asynccontextmanager
    async def _call(
        self, katapult: "KatapultClient", arguments: Mapping[str, Any], options: Options
    ) -> AsyncGenerator[dict[str, Any]]:
        """Make the arguments complete: with the organization, if the method needs one, and ids in place of names.

        A name that the call then does not find is an error that says what may be meant.
        """
        from katapult_async.cli.name_search import NameSearch  # noqa: PLC0415 # asyncio, which --help does not need

        complete, organization = dict(arguments), arguments.get("organization", options.default_organization)
        if any(parameter.is_default_organization for parameter in self.method.parameters):
            complete["organization"] = organization = await organization_or_only_one(katapult, organization)
        search = NameSearch(katapult, organization=organization)
        complete = await search.ids_of(complete)
        async with search.suggestions(complete):
            yield complete

    def _record(self, result: object, arguments: Mapping[str, Any]) -> object:
        """Return the record to write for the result of a method; None for nothing."""
        if isinstance(result, str):
            return Text(text=result)
        if result is None and self.method.result.is_nothing:
            subjects = {
                parameter.name: str(arguments[parameter.name])
                for parameter in self.method.parameters
                if parameter.is_argument
            }
            return self.method.result.model(**subjects, status=f"{self.name}d" if self.name.endswith("e") else "done")
        if result is None:
            show("there is no such object: nothing is left to do")
        return result

    async def _completed(
        self, katapult: "KatapultClient", started: Any, arguments: Mapping[str, Any], *, timeout: float | None
    ) -> object:
        """Wait for what the method started, and return its last state."""
        if self.method.starts == "own":
            subject = getattr(started, "id", None) or getattr(started, "name", "")
            show(f"waiting for {subject or self.group.summary.lower()}")
            parameters = Method.of(self.method.resource, "wait").parameters
            identity = {
                parameter.name: subject if parameter.is_argument else arguments[parameter.name]
                for parameter in parameters
            }
            return await self._bound(katapult, "wait")(**identity, timeout=timeout)
        task = getattr(started, "task", started)
        show(f"waiting for {task.id}")  # after an interruption, `tasks wait` can wait for it
        task = await katapult.tasks.wait(task.id, timeout=timeout)
        return attrs.evolve(started, task=task) if hasattr(started, "task") else task

    def _confirm(self, options: Options, arguments: dict[str, Any]) -> tuple[ExitCode, dict[str, Any]]:
        """Ask whether to go on. Return the answer as an exit code, and the arguments that the question is about."""
        words = self.name.replace("-", " ")

        async def subject(katapult: "KatapultClient") -> object:
            nonlocal arguments
            async with self._call(katapult, arguments, options) as arguments:
                return await self._bound(katapult, "get")(**arguments) if self.method.has_getter else None

        def question(value: object) -> str:
            if value is None:
                given = [
                    str(arguments[parameter.name]) for parameter in self.method.parameters if parameter.is_argument
                ]
                return f"{self.group.name}: {' '.join([words, *given])}?"
            from katapult_async.cli.object_description import describe  # noqa: PLC0415 # models, which --help does not need

            return f"{words.capitalize()} {describe(value)}?"

        return confirm(options, value=subject, question=question), arguments


def _listed(whole: object) -> Iterator[object]:
    """Yield the objects in the lists of an object, one list after the other."""
    for objects in attrs.astuple(whole, recurse=False):  # type: ignore[arg-type] # an attrs class: see `Result`
        yield from objects
