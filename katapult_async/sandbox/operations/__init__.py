"""The operations of the API: the `Crud` values and functions of each family, and the table of all.

Scopes, arguments, statuses and the shapes of responses are documented: see ``documentation``. To add a resource, write
its class in ``models``, a `Crud` here, objects in ``seed`` if lists should not be empty, and a row in
``tests/sandbox/test_resources.py``. An operation that does something of its own is a function of the store and its
arguments, decorated with `operation`; what it returns becomes the response. Every `Crud` and operation of these modules
is served.
"""

from collections.abc import Iterator
from importlib import import_module
from pkgutil import iter_modules

from .crud import Crud
from .operation import Operation


def _operations() -> Iterator[Operation]:
    """Yield the operations of all modules of this package."""
    for module in iter_modules(__path__):
        for member in vars(import_module(f"{__name__}.{module.name}")).values():
            if isinstance(member, Operation):
                yield member
            elif isinstance(member, Crud):
                yield from member


OPERATIONS: tuple[Operation, ...] = tuple(_operations())
"""All operations that the sandbox serves."""

__all__ = ["OPERATIONS", "Operation"]
