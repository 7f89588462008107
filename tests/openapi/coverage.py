"""Where each operation is: its method, its command, and what serves it in the sandbox. The table is in coverage.tsv."""

import inspect
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from katapult_async.cli.groups import GROUPS, Group
from katapult_async.sandbox.operations import OPERATIONS
from katapult_async.sandbox.operations.crud import Crud

from .library import METHODS, Method, module_of

TABLE: Final = Path(__file__).with_name("coverage.tsv")
HEAD: Final = "operation\tmethod\tcommand\tsandbox\n"

_GROUPS: Final[dict[str, Group]] = {group.attribute: group for group in GROUPS}
_SERVED: Final[dict[str, Any]] = {
    f"{operation.method} {operation.path.replace(':', '')}": operation.action for operation in OPERATIONS
}


def text() -> str:
    """Return the table, with one line for each operation, as tab-separated values."""
    return HEAD + "".join("\t".join(row) + "\n" for row in _rows())


def _rows() -> Iterator[tuple[str, str, str, str]]:
    for name, method in sorted(METHODS.items()):
        attribute = module_of(method.resource)
        yield (
            name,
            f"katapult.{attribute}.{method.name}",
            _command(_GROUPS[attribute], method),
            _rule(_SERVED.get(name)),
        )


HANDWRITTEN: Final[Mapping[str, str]] = {
    "allocate_first_available": "nics allocate",
    "allocate_ip": "nics allocate --address",
    "allocate_new_ip": "nics allocate --new",
    "available_ips": "available-ips",
    "available_ips_many": "available-ips",
}
"""The commands that are written by hand, by the methods that they call."""


def _command(group: Group, method: Method) -> str:
    """Return the command of a method, or the one that calls it."""
    if not group.derived([method.name]):
        return HANDWRITTEN[method.name]
    return f"{group.alias or group.name} {group.command_of(method.name)}"


def _rule(action: Any) -> str:
    """Return the name of the rule, or of the function, that serves an operation; empty if nothing serves it."""
    owner = getattr(action, "__self__", None)
    if isinstance(owner, Crud):
        return f"Crud({owner.model.__name__})"
    if action is None:
        return ""
    function = inspect.unwrap(action)
    return f"{function.__module__.rpartition('.')[2]}.{function.__qualname__}"
