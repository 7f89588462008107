"""The operations of the API: the rules and functions of each family, and the table of all.

To add a resource, write its class and its row of `KINDS` in ``models``, a `Crud` here, objects in ``seed`` if lists
should not be empty, and a row in ``tests/sandbox/test_resources.py``. An operation that does something of its own is
a function of the store and its arguments, and an `Operation` that names them.
"""

from . import (
    api_tokens,
    builds,
    disk_backup_policies,
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
    security_groups,
    tasks,
    trash,
    users,
    virtual_machines,
)
from .operation import Operation

OPERATIONS: tuple[Operation, ...] = (
    *organizations.OPERATIONS,
    *organization_policies.OPERATIONS,
    *managed_organizations.OPERATIONS,
    *users.OPERATIONS,
    *api_tokens.OPERATIONS,
    *networks.OPERATIONS,
    *virtual_machines.OPERATIONS,
    *builds.OPERATIONS,
    *load_balancers.OPERATIONS,
    *network_interfaces.OPERATIONS,
    *ip_addresses.OPERATIONS,
    *disks.OPERATIONS,
    *file_storage_volumes.OPERATIONS,
    *object_storage.OPERATIONS,
    *disk_backup_policies.OPERATIONS,
    *security_groups.OPERATIONS,
    *dns.OPERATIONS,
    *trash.OPERATIONS,
    *tasks.OPERATIONS,
)
"""All operations that the sandbox serves."""

__all__ = ["OPERATIONS", "Operation"]
