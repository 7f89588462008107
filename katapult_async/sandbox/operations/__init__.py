"""The operations of the API: the `Crud` values and functions of each family, and the table of all.

Scopes, arguments, statuses and the shapes of responses are in ``documented_operations``. To add a resource, write its
class in ``models``, objects in ``seed_constants.json`` if lists should not be empty, and a row in
``tests/sandbox/test_resources.py``. Its documented operations are served by the rules of `Crud`; a `Crud` in a module
here says what differs. An operation that no rule covers is a function of the store and its arguments, decorated with
`operation`; what it returns becomes the response. Every `Crud` and operation of these modules is served.
"""

from collections.abc import Iterator
from importlib import import_module
from pkgutil import iter_modules

from katapult_async.sandbox.kinds import MODELS

from .crud import Crud, operations_by_rule
from .operation import Operation


def _operations() -> Iterator[Operation]:
    """Yield all operations. A `Crud` of a module replaces the default one of its class; a function overrides both."""
    modules = [import_module(f"{__name__}.{module.name}") for module in iter_modules(__path__)]
    members = [member for module in modules for member in vars(module).values()]
    default = {model: Crud(model=model) for model in MODELS}
    by_rule = operations_by_rule(default | {member.model: member for member in members if isinstance(member, Crud)})
    functions = [member for member in members if isinstance(member, Operation)]
    yield from {(operation.method, operation.path): operation for operation in (*by_rule, *functions)}.values()


OPERATIONS: tuple[Operation, ...] = tuple(_operations())
"""All operations that the sandbox serves."""

__all__ = ["OPERATIONS", "Operation"]
