"""The operations of the API: the rules and functions of each family, and the table of all.

To add a resource, write its class and its row of `KINDS` in ``models``, a `Crud` here, objects in ``seed`` if lists
should not be empty, and a row in ``tests/sandbox/test_resources.py``. An operation that does something of its own is
a function of the store and its arguments, and an `Operation` that names them.
"""

from . import (
    disks,
    dns,
    ip_addresses,
    network_interfaces,
    networks,
    organizations,
    security_groups,
    tasks,
    trash,
    virtual_machines,
)
from .operation import Operation

OPERATIONS: tuple[Operation, ...] = (
    *organizations.OPERATIONS,
    *networks.OPERATIONS,
    *virtual_machines.OPERATIONS,
    *network_interfaces.OPERATIONS,
    *ip_addresses.OPERATIONS,
    *disks.OPERATIONS,
    *security_groups.OPERATIONS,
    *dns.OPERATIONS,
    *trash.OPERATIONS,
    *tasks.OPERATIONS,
)
"""All operations that the sandbox serves."""

__all__ = ["OPERATIONS", "Operation"]
