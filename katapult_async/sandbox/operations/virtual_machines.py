"""Virtual machines, and what they are made of: packages, groups, tags and SSH keys."""

from collections.abc import Iterable

from katapult_async.sandbox import mutations, serializers
from katapult_async.sandbox.arguments import Page
from katapult_async.sandbox.errors import APIError
from katapult_async.sandbox.models import (
    IPAddress,
    Organization,
    SSHKey,
    Tag,
    VirtualMachine,
    VirtualMachineGroup,
    VirtualMachineNetworkInterface,
    VirtualMachinePackage,
)
from katapult_async.sandbox.serializers import JSON, serialize
from katapult_async.sandbox.store import Store

from .crud import Crud
from .operation import PAGE, Operation, lookup, paginated
from .tasks import begin_task

_PATH = "/virtual_machines/:virtual_machine"
_POWER = "virtual_machines virtual_machines:power_actions"


def allocate_ip(store: Store, machine: VirtualMachine, address: IPAddress) -> JSON:
    """Core API v1: post:virtual_machine_allocate_ip. The first interface on the address's network gets it."""
    if not address.free:
        raise APIError("ip_already_allocated")
    interfaces = store.all(VirtualMachineNetworkInterface, virtual_machine_id=machine.id)
    fitting = [interface for interface in interfaces if interface.network_id == address.network_id]
    if not fitting or address.organization_id != machine.organization_id:
        raise APIError("no_interface_available")
    allocated = mutations.allocate(store, address, interface=fitting[0])
    return {"ip_address": serialize(store, allocated, serializers.IP_ADDRESS_FULL)}


def delete(store: Store, machine: VirtualMachine) -> JSON:
    """Core API v1: delete:virtual_machine. The machine is in the trash afterwards."""
    response = serialize(store, machine, serializers.MACHINE_FULL)
    entry = serialize(store, store.trash(machine), serializers.TRASH_OBJECT)
    return {"trash_object": entry, "virtual_machine": response}


def _power(action: str, *, state: str) -> Operation:
    def begin(store: Store, machine: VirtualMachine) -> JSON:
        name = f"{action.capitalize()} virtual machine"
        return begin_task(store, machine, name=name, shape=serializers.TASK, state=state)

    return Operation("POST", f"{_PATH}/{action}", begin, (VirtualMachine,), scopes=_POWER)


def list_packages(store: Store, _: Organization | None, page: Page) -> JSON:
    """Core API v1: get:virtual_machine_packages. All packages are public."""
    packages = store.all(VirtualMachinePackage)
    return paginated(store, page, "virtual_machine_packages", packages, serializers.PACKAGE)


def machines_in(store: Store, group: VirtualMachineGroup) -> Iterable[str]:
    """Return why a group cannot be deleted."""
    if store.with_trash(VirtualMachine, group_id=group.id):
        yield "Virtual machines are in this group"


OPERATIONS = (
    *Crud(
        model=VirtualMachine,
        operations="list get",
        parent=Organization,
        scope="virtual_machines",
        shape=serializers.MACHINE_FULL,
        list_shape=serializers.MACHINE,
        annotations=True,
    ),
    Operation("DELETE", _PATH, delete, (VirtualMachine,), scopes="virtual_machines"),
    Operation("POST", f"{_PATH}/allocate_ip", allocate_ip, (VirtualMachine, IPAddress), scopes="ip_addresses"),
    _power("start", state="started"),
    _power("stop", state="stopped"),
    _power("shutdown", state="stopped"),
    _power("reset", state="started"),
    Operation(
        "GET",
        "/virtual_machine_packages",
        list_packages,
        (lookup(Organization, optional=True), PAGE),
        scopes="virtual_machine_packages:read",
    ),
    *Crud(
        model=VirtualMachinePackage, operations="get", scope="virtual_machine_packages:read", shape=serializers.PACKAGE
    ),
    *Crud(
        model=VirtualMachineGroup,
        parent=Organization,
        scope="virtual_machine_groups",
        paginated=False,
        in_use=machines_in,
    ),
    *Crud(model=Tag, parent=Organization, scope="tags", list_shape="id name color"),
    *Crud(
        model=SSHKey,
        operations="list create delete",
        parent=Organization,
        shape="id name fingerprint",
        inside="ssh_key",
        created=201,
    ),
)
