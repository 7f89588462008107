"""The commands of a resource: one for each of its methods, with the options and the help that these declare."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

import click

from katapult_async.cli.columns import columns_of
from katapult_async.cli.declarations import methods_of, reference_of
from katapult_async.cli.fields import secrets_of
from katapult_async.cli.groups import EXAMPLES, GROUPS
from katapult_async.cli.help_texts import description
from katapult_async.cli.lazy_group import Command, LazyGroup, handwritten_command
from katapult_async.cli.methods import Method
from katapult_async.cli.seconds import seconds
from katapult_async.cli.shared_options import examples, shared_options

if TYPE_CHECKING:
    from katapult_async.cli.given_options import Options

_CONFIRMATION: Final = "On a terminal, the command asks for confirmation; its exit code is 1 unless the answer is yes."
_EXIT_CODES: Final = "the exit code is 1 if the work fails, and 5 if it is not finished within --timeout."
_WORK_CONTINUES: Final = "the work continues at Katapult after that time. [default: 600]"


class ResourceCommands(LazyGroup):
    """The commands of one row of `GROUPS`. Each is loaded when it is needed.

    Args:
        name: name of the group.
    """

    def __init__(self, name: str) -> None:
        [group] = [row for row in GROUPS if row.name == name]
        self._group = group
        self._methods = group.derived(methods_of(group.attribute))
        self.names: Sequence[str] = sorted([*self._methods, *group.handwritten, *group.shared])
        super().__init__(name, help=group.help, no_args_is_help=False)

    def summary(self, name: str) -> str:
        """Return the help of a command, without its arguments and notes if it is derived."""
        return _summary(self._method(name)) if name in self._methods else self.load(name).help or ""

    def load(self, name: str) -> click.Command:
        """Return a command."""
        if name in self._methods:
            return _derived_command(self._method(name))
        if name in self._group.shared:
            return ResourceCommands(self._group.shared[name]).load(name)
        return handwritten_command(name)

    def _method(self, name: str) -> Method:
        return Method(self._group, self._methods[name])


def _derived_command(method: Method) -> click.Command:
    columns = columns_of(f"{method.group.name} {method.command}", method.fields, brief=method.is_list)

    def run(options: "Options", **given: Any) -> None:
        from katapult_async.cli.resource_runner import ResourceRunner  # noqa: PLC0415 # attrs, which --help does not need

        ResourceRunner(method=method, options=options).run(given)

    decorate = shared_options(method.fields, columns=columns, mutates=method.mutates, is_list=method.is_list)
    of_method = [option for parameter in method.parameters for option in parameter.click_parameters()]
    return click.command(
        cls=Command,
        name=method.command,
        params=[*of_method, *_options(method)],
        help="\n\n".join(_help(method, columns)),
        epilog=examples(*_examples(method)),
    )(decorate(run))


def _options(method: Method) -> Iterator[click.Parameter]:
    """Yield the options that only some commands have, and that are not parameters of their methods."""
    if method.destroys or method.detaches:
        yield click.Option(["--yes"], is_flag=True, help="Do not ask for confirmation.")
    limit = ""
    if method.starts:
        yield click.Option(["--wait"], is_flag=True, help="Wait until the work is completed.")
        limit = f"Seconds that --wait takes at most; {_WORK_CONTINUES}"
    elif method.only_waits:
        limit = f"Seconds to wait; {_WORK_CONTINUES}"
    elif method.has_timeout:
        limit = "Seconds for all requests and waits together. [default: 180, unless the text above names another]"
    if limit:
        yield click.Option(["--timeout"], type=seconds, help=limit)


def _summary(method: Method) -> str:
    """Return what the command of a method does."""
    if method.destroys:  # "Return an address" gives it back to Katapult: "Show" would be wrong
        return description(method.declaration.paragraphs, verb="")
    return description(method.declaration.paragraphs, verb="List" if method.is_list else "Show")


def _help(method: Method, columns: Sequence[str]) -> Iterator[str]:
    """Yield the paragraphs of the help."""
    yield _summary(method)
    for argument in method.arguments:
        yield f"{argument.metavar}: {argument.help}"
    hidden = [name for name in secrets_of(method.fields) if name not in columns]
    if hidden:
        yield f"A secret is written only if Katapult sends it and --fields names it: {', '.join(hidden)}."
    if method.starts:
        group = "tasks" if method.starts == "task" else method.group.name
        yield f"Without --wait, the work is only started; `{group} wait` waits for it. With --wait, {_EXIT_CODES}"
    if method.only_waits:
        yield _EXIT_CODES.capitalize()
    if method.destroys or method.detaches:
        yield _CONFIRMATION + (" Without a terminal, it needs --yes." if method.destroys else "")


def _examples(method: Method) -> list[str]:
    """Return the examples: the derived one, unless `EXAMPLES` replaces it, and those of `EXAMPLES`."""
    group = method.group
    names = [[name, method.command] for name in (group.name, group.alias)]
    handwritten = [line for line in EXAMPLES if line.split()[:2] in names]
    if any(line.split()[0] == group.name for line in handwritten):
        return handwritten
    required = [parameter for parameter in method.parameters if parameter.declaration.is_required]
    words = [parameter.example() for parameter in required]
    words += [change.example() for change in method.changes if change.example()][:1]
    if method.mutates:
        words.append("--dry-run")
    elif not any(reference_of(parameter.name).is_absent_in_sandbox for parameter in required):
        words.append("--sandbox")
    return [" ".join([group.name, method.command, *words]), *handwritten] if all(words) else handwritten
