"""The operations of the API: the `Crud` values and functions of each family, and the table of all.

Scopes, arguments, statuses and the shapes of responses are documented: see ``documentation``. To add a resource, write
its class in ``models``, a `Crud` here, objects in ``seed`` if lists should not be empty, and a row in
``tests/sandbox/test_resources.py``. An operation that no rule covers is a function of the store and its
arguments, decorated with `operation`; what it returns becomes the response. Every `Crud` and operation of these modules
is served.
"""

from collections.abc import Iterator
from importlib import import_module
from pkgutil import iter_modules

from .crud import Crud
from .operation import Operation


def _operations() -> Iterator[Operation]:
    """Yield the operations of all modules of this package. A function has precedence over the rule of a `Crud`."""
    modules = [import_module(f"{__name__}.{module.name}") for module in iter_modules(__path__)]
    members = [member for module in modules for member in vars(module).values()]
    by_rule = [operation for member in members if isinstance(member, Crud) for operation in member]
    functions = [member for member in members if isinstance(member, Operation)]
    yield from {(operation.method, operation.path): operation for operation in by_rule + functions}.values()


OPERATIONS: tuple[Operation, ...] = tuple(_operations())
"""All operations that the sandbox serves."""

__all__ = ["OPERATIONS", "Operation"]
