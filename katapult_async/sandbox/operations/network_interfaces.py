"""What can be done with the network interfaces of virtual machines, but for their addresses."""

from katapult_async.sandbox import mutations, serializers
from katapult_async.sandbox.arguments import Arguments
from katapult_async.sandbox.errors import RefusalError, deletion_restricted, validation_error
from katapult_async.sandbox.models import Interface, Machine, Network, VirtualNetwork
from katapult_async.sandbox.serializers import JSON
from katapult_async.sandbox.store import World

from . import lookups
from .listing import paginated


def holder(world: World, interface: Interface) -> Machine:
    """Return the virtual machine that an interface is of."""
    return lookups.found(world.find_machine(by="id", value=interface.machine_id), "virtual_machine_not_found")


def _rendered(world: World, interface: Interface) -> JSON:
    addresses = world.addresses_of(interface.id)
    return {
        "virtual_machine_network_interface": serializers.interface(
            interface, holder=holder(world, interface), addresses=addresses
        )
    }


def list_all(world: World, arguments: Arguments) -> JSON:
    """Core API v1: get:virtual_machine_network_interfaces."""
    find, page = lookups.machine(world, arguments), arguments.page()
    return paginated(
        world,
        page,
        key="virtual_machine_network_interfaces",
        things=world.interfaces_of(find().id),
        render=lambda it: serializers.interface_in_list(it, addresses=world.addresses_of(it.id)),
    )


def get(world: World, arguments: Arguments) -> JSON:
    """Core API v1: get:v_m_n_i__v_m_n_i."""
    return _rendered(world, lookups.interface(world, arguments)())


def get_on_network(world: World, arguments: Arguments) -> JSON:
    """Core API v1: get:virtual_machine_network_interface."""
    find_machine, find_network = lookups.machine(world, arguments), lookups.network(world, arguments)
    machine, network = find_machine(), find_network()
    on_network = (it for it in world.interfaces_of(machine.id) if it.network.id == network.id)
    interface = lookups.found(next(on_network, None), "interface_not_found")
    addresses = world.addresses_of(interface.id)
    return {
        "virtual_machine_network_interface": serializers.interface_without_speed(
            interface, holder=machine, addresses=addresses
        )
    }


def create(world: World, arguments: Arguments) -> JSON:
    """Core API v1: post:virtual_machine_network_interfaces."""
    find_machine = lookups.machine(world, arguments)
    find_network = lookups.network(world, arguments) if arguments.given("network") else None
    find_virtual = lookups.virtual_network(world, arguments) if arguments.given("virtual_network") else None
    find_profile = lookups.speed_profile(world, arguments)
    machine = find_machine()
    found: list[Network | VirtualNetwork] = []
    if find_network is not None:
        found.append(_visible(find_network(), machine, code="network_not_found"))
    if find_virtual is not None:
        found.append(_visible(find_virtual(), machine, code="virtual_network_not_found"))
    profile = find_profile()
    if len(found) != 1:
        raise validation_error("Exactly one of network and virtual network must be given")
    if any(it.network.id == found[0].id for it in world.interfaces_of(machine.id)):
        raise validation_error("The virtual machine has an interface on this network already")
    return _rendered(world, mutations.create_interface(world, machine=machine, network=found[0], speed_profile=profile))


def _visible(network: Network | VirtualNetwork, machine: Machine, *, code: str) -> Network | VirtualNetwork:
    if network.organization_id not in (None, machine.organization_id):
        raise RefusalError(code)
    return network


def delete(world: World, arguments: Arguments) -> JSON:
    """Core API v1: delete:virtual_machine_network_interface."""
    interface = lookups.interface(world, arguments)()
    if interface.state == "attached":
        raise deletion_restricted("The network interface is attached; detach it first")
    if world.running_tasks(interface.id):
        raise deletion_restricted("A task of the network interface has not ended")
    rendered = _rendered(world, interface)
    mutations.delete_interface(world, interface=interface)
    return rendered


def attach(world: World, arguments: Arguments) -> JSON:
    """Core API v1: post:virtual_machine_network_interface_attach."""
    return _change_state(world, lookups.interface(world, arguments)(), state="attached")


def detach(world: World, arguments: Arguments) -> JSON:
    """Core API v1: post:virtual_machine_network_interface_detach."""
    return _change_state(world, lookups.interface(world, arguments)(), state="detached")


def _change_state(world: World, interface: Interface, *, state: str) -> JSON:
    if interface.state == state:
        raise RefusalError(f"virtual_machine_network_interface_already_{state}")
    _check_queue(world, interface)
    task = mutations.change_state(world, interface=interface, state=state)
    return {**_rendered(world, interface), "task": serializers.task_in_answer(task)}


def update_speed_profile(world: World, arguments: Arguments) -> JSON:
    """Core API v1: patch:virtual_machine_network_interface_update_speed_profile."""
    find_interface, find_profile = lookups.interface(world, arguments), lookups.speed_profile(world, arguments)
    interface, profile = find_interface(), find_profile()
    if interface.speed_profile.id == profile.id:
        raise RefusalError("speed_profile_already_assigned")
    _check_queue(world, interface)
    task = mutations.change_speed_profile(world, interface=interface, speed_profile=profile)
    return {"task": serializers.task_in_answer(task)}


def _check_queue(world: World, interface: Interface) -> None:
    if world.running_tasks(interface.id):
        text = "Another task of this network interface has not ended."
        raise RefusalError("task_queueing_error", detail={"details": text})
