"""The commands of a resource: one for each of its methods, with the options and the help that these declare."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

import click

from katapult_async.cli.declarations import methods_of
from katapult_async.cli.groups import GROUPS
from katapult_async.cli.lazy_group import Command, LazyGroup, handwritten_command
from katapult_async.cli.methods import Method
from katapult_async.cli.seconds import seconds
from katapult_async.cli.shared_options import examples, shared_options

if TYPE_CHECKING:
    from katapult_async.cli.given_options import Options

_WORK_CONTINUES: Final = "the work continues at Katapult after that time. [default: 600]"


class ResourceCommands(LazyGroup):
    """The commands of one row of `GROUPS`. Each is loaded when it is needed.

    Args:
        name: name of the group.
    """

    def __init__(self, name: str) -> None:
        [self._group] = [row for row in GROUPS if row.name == name]
        self._methods = self._group.derived(methods_of(self._group.attribute))
        self.names: Sequence[str] = sorted([*self._methods, *self._group.handwritten, *self._group.shared])
        super().__init__(name, help=self._group.help, no_args_is_help=False)

    def summary(self, name: str) -> str:
        """Return the help of a command."""
        if name in self._methods:
            return methods_of(self._group.attribute)[self._methods[name]].help
        return self.load(name).help or ""

    def load(self, name: str) -> click.Command:
        """Return a command."""
        if name in self._methods:
            return _derived_command(Method(self._group, self._methods[name]))
        if name in self._group.shared:
            return ResourceCommands(self._group.shared[name]).load(name)
        return handwritten_command(name)


def _derived_command(method: Method) -> click.Command:
    def run(options: "Options", **given: Any) -> None:
        from katapult_async.cli.resource_runner import ResourceRunner  # noqa: PLC0415 # attrs, which --help does not need

        ResourceRunner(method=method, options=options, given=given).run()

    columns = tuple(method.declaration.columns)
    decorate = shared_options(method.fields, columns=columns, mutates=method.mutates, is_list=method.is_list)
    of_method = [option for parameter in method.parameters for option in parameter.click_parameters()]
    return click.command(
        cls=Command,
        name=method.command,
        params=[*of_method, *_options(method)],
        help=method.declaration.help,
        epilog=examples(*method.declaration.examples),
    )(decorate(run))


def _options(method: Method) -> Iterator[click.Parameter]:
    """Yield the options that only some commands have, and that are not parameters of their methods."""
    if method.destroys or method.detaches:
        yield click.Option(["--yes"], is_flag=True, help="Do not ask for confirmation.")
    limited = "each page of the list" if method.is_list else "all requests and waits together"
    default = "" if "--timeout" in method.declaration.help else " [default: 180]"  # a help can name another default
    limit = f"Seconds for {limited}, without the search for a name.{default}"
    if method.starts:
        yield click.Option(["--wait"], is_flag=True, help="Wait until the work is completed.")
        limit = f"Seconds that --wait takes at most; {_WORK_CONTINUES}"
    elif method.only_waits:
        limit = f"Seconds to wait; {_WORK_CONTINUES}"
    yield click.Option(["--timeout"], type=seconds, help=limit)
