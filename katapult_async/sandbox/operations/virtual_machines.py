"""What can be done with virtual machines."""

from katapult_async.sandbox import mutations, serializers
from katapult_async.sandbox.arguments import Arguments
from katapult_async.sandbox.errors import RefusalError
from katapult_async.sandbox.serializers import JSON
from katapult_async.sandbox.store import World

from . import lookups
from .listing import paginated


def list_all(world: World, arguments: Arguments) -> JSON:
    """Core API v1: get:organization_virtual_machines."""
    find, page = lookups.organization(world, arguments), arguments.page()
    return paginated(
        world,
        page,
        key="virtual_machines",
        things=world.machines_of(find().id),
        render=lambda it: serializers.machine_in_list(it, addresses=world.machine_addresses(it.id)),
    )


def get(world: World, arguments: Arguments) -> JSON:
    """Core API v1: get:virtual_machine."""
    machine = lookups.machine(world, arguments)()
    owner = lookups.found(world.find_organization(by="id", value=machine.organization_id), "organization_not_found")
    addresses = world.machine_addresses(machine.id)
    return {
        "virtual_machine": serializers.machine(machine, owner=owner, addresses=addresses),
        "annotations": [],
    }


def allocate_ip(world: World, arguments: Arguments) -> JSON:
    """Core API v1: post:virtual_machine_allocate_ip. The first interface that fits gets the address."""
    find_machine, find_address = lookups.machine(world, arguments), lookups.address(world, arguments)
    machine, address = find_machine(), find_address()
    if not address.free:
        raise RefusalError("ip_already_allocated")
    fitting = [it for it in world.interfaces_of(machine.id) if it.network.id == address.network.id]
    if not fitting or address.organization_id != machine.organization_id:
        raise RefusalError("no_interface_available")
    held = mutations.allocate(world, address=address, interface=fitting[0])
    return {"ip_address": serializers.ip_address(held)}
