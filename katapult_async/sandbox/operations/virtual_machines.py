"""Virtual machines."""

from katapult_async.sandbox import mutations, serializers
from katapult_async.sandbox.errors import APIError
from katapult_async.sandbox.models import IPAddress, Organization, VirtualMachine, VirtualMachineNetworkInterface
from katapult_async.sandbox.serializers import JSON, serialize
from katapult_async.sandbox.store import Store

from .crud import Crud
from .operation import Operation

_ALLOCATE_IP = "/virtual_machines/:virtual_machine/allocate_ip"


def allocate_ip(store: Store, machine: VirtualMachine, address: IPAddress) -> JSON:
    """Core API v1: post:virtual_machine_allocate_ip. The first interface on the address's network gets it."""
    if not address.free:
        raise APIError("ip_already_allocated")
    interfaces = store.all(VirtualMachineNetworkInterface, virtual_machine_id=machine.id)
    fitting = [obj for obj in interfaces if obj.network_id == address.network_id]
    if not fitting or address.organization_id != machine.organization_id:
        raise APIError("no_interface_available")
    allocated = mutations.allocate(store, address, interface=fitting[0])
    return {"ip_address": serialize(store, allocated, serializers.IP_ADDRESS_FULL)}


OPERATIONS = (
    *Crud(
        VirtualMachine,
        operations="list get",
        parent=Organization,
        scope="virtual_machines",
        shape=serializers.MACHINE_FULL,
        list_shape=serializers.MACHINE,
        annotations=True,
    ),
    Operation("POST", _ALLOCATE_IP, allocate_ip, (VirtualMachine, IPAddress), scopes="ip_addresses"),
)
