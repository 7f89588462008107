"""The operations of the API: the rules and functions of each family, and the table of all.

To add a resource, write its class in ``models``, its row in ``kinds``, a `Crud` here, objects in ``seed`` if lists
should not be empty, and a row in ``tests/sandbox/test_resources.py``. An operation that does something of its own is
a function of the store and its arguments, decorated with `operation`. Every `Crud` and operation of these modules is
served.
"""

from collections.abc import Iterator
from itertools import chain
from types import ModuleType

from . import (
    address_lists,
    api_tokens,
    builds,
    certificates,
    disk_backup_policies,
    disk_templates,
    disks,
    dns,
    file_storage_volumes,
    ip_addresses,
    load_balancers,
    managed_organizations,
    network_interfaces,
    networks,
    object_storage,
    organization_policies,
    organizations,
    places,
    security_groups,
    tasks,
    trash,
    users,
    virtual_machines,
)
from .crud import Crud
from .operation import Operation


def _operations_of(module: ModuleType) -> Iterator[Operation]:
    for member in vars(module).values():
        if isinstance(member, Operation):
            yield member
        elif isinstance(member, Crud):
            yield from member


_MODULES = (
    address_lists,
    api_tokens,
    builds,
    certificates,
    disk_backup_policies,
    disk_templates,
    disks,
    dns,
    file_storage_volumes,
    ip_addresses,
    load_balancers,
    managed_organizations,
    network_interfaces,
    networks,
    object_storage,
    organization_policies,
    organizations,
    places,
    security_groups,
    tasks,
    trash,
    users,
    virtual_machines,
)

OPERATIONS: tuple[Operation, ...] = tuple(chain.from_iterable(map(_operations_of, _MODULES)))
"""All operations that the sandbox serves."""

__all__ = ["OPERATIONS", "Operation"]
