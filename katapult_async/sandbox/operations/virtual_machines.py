"""What can be done with virtual machines."""

from katapult_async.sandbox import mutations, serializers
from katapult_async.sandbox.arguments import Arguments
from katapult_async.sandbox.errors import APIError
from katapult_async.sandbox.serializers import JSON
from katapult_async.sandbox.store import Store

from . import lookups
from .listing import paginated


def list_all(store: Store, arguments: Arguments) -> JSON:
    """Core API v1: get:organization_virtual_machines."""
    find, page = lookups.organization(store, arguments), arguments.page()
    return paginated(
        store,
        page,
        key="virtual_machines",
        things=store.machines_of(find().id),
        render=lambda it: serializers.machine_in_list(it, addresses=store.machine_addresses(it.id)),
    )


def get(store: Store, arguments: Arguments) -> JSON:
    """Core API v1: get:virtual_machine."""
    machine = lookups.machine(store, arguments)()
    owner = lookups.found(store.find_organization(by="id", value=machine.organization_id), "organization_not_found")
    addresses = store.machine_addresses(machine.id)
    return {
        "virtual_machine": serializers.machine(machine, owner=owner, addresses=addresses),
        "annotations": [],
    }


def allocate_ip(store: Store, arguments: Arguments) -> JSON:
    """Core API v1: post:virtual_machine_allocate_ip. The first interface that fits gets the address."""
    find_machine, find_address = lookups.machine(store, arguments), lookups.address(store, arguments)
    machine, address = find_machine(), find_address()
    if not address.free:
        raise APIError("ip_already_allocated")
    fitting = [it for it in store.interfaces_of(machine.id) if it.network.id == address.network.id]
    if not fitting or address.organization_id != machine.organization_id:
        raise APIError("no_interface_available")
    held = mutations.allocate(store, address=address, interface=fitting[0])
    return {"ip_address": serializers.ip_address(held)}
