"""An object in words, for a confirmation: its kind, its name, its id, and the object to which it belongs. Pure."""

import re
from typing import Any, Final

from katapult_async.models.disks import Disk, DiskAssignment
from katapult_async.models.ip_addresses import IPAddress
from katapult_async.models.typed_objects import AnyObject, TypedObject
from katapult_async.models.virtual_machine_network_interfaces import VirtualMachineNetworkInterface
from katapult_async.models.virtual_machines import VirtualMachine

_WORD: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z][a-z]+")  # in the name of a class


def describe(value: Any) -> str:
    """Return an object in words, such as ``virtual machine web-1 (vm_...)``, with the object to which it belongs."""
    words = _named(value)
    match value:
        case IPAddress(allocation=TypedObject(type=kind, value=AnyObject() as target)):
            return f"{words}, which is allocated to {_named(target, kind=kind or 'Object')}"
        case Disk(virtual_machine_disk=DiskAssignment(virtual_machine=VirtualMachine() as machine)):
            return f"{words}, which is assigned to {_named(machine)}"
        case VirtualMachineNetworkInterface(virtual_machine=VirtualMachine() as machine):
            return f"{words} of {_named(machine)}"
    return words


def _named(value: Any, *, kind: str = "") -> str:
    """Return the kind, the name and the id of an object. The kind is the name of a class, by default the object's."""
    words = [word if word.isupper() else word.lower() for word in _WORD.findall(kind or type(value).__name__)]
    names = [getattr(value, name, None) for name in ("address", "fqdn", "name", "object_id", "region")]
    words += [name for name in names if name][:1]
    if identifier := getattr(value, "id", None):
        words.append(f"({identifier})" if any(names) else identifier)
    return " ".join(words)
