"""The operations of the API: the rules and functions of each family, and the table of all."""

from . import ip_addresses, network_interfaces, networks, organizations, tasks, virtual_machines
from .operation import Operation

OPERATIONS: tuple[Operation, ...] = (
    *organizations.OPERATIONS,
    *networks.OPERATIONS,
    *virtual_machines.OPERATIONS,
    *network_interfaces.OPERATIONS,
    *ip_addresses.OPERATIONS,
    *tasks.OPERATIONS,
)
"""All operations that the sandbox serves."""

__all__ = ["OPERATIONS", "Operation"]
