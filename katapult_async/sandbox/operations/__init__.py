"""The operations of the API: the rules and functions of each family, and the table of all."""

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
