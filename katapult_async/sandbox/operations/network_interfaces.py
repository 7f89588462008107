"""What can be done with the network interfaces of virtual machines, but for their addresses."""

from katapult_async.sandbox import mutations, serializers
from katapult_async.sandbox.arguments import Arguments
from katapult_async.sandbox.errors import APIError, deletion_restricted, validation_error
from katapult_async.sandbox.models import Interface, Machine, Network, VirtualNetwork
from katapult_async.sandbox.serializers import JSON
from katapult_async.sandbox.store import Store

from . import lookups
from .listing import paginated


def holder(store: Store, interface: Interface) -> Machine:
    """Return the virtual machine that an interface is of."""
    return lookups.found(store.find_machine(by="id", value=interface.machine_id), "virtual_machine_not_found")


def _rendered(store: Store, interface: Interface) -> JSON:
    addresses = store.addresses_of(interface.id)
    return {
        "virtual_machine_network_interface": serializers.interface(
            interface, holder=holder(store, interface), addresses=addresses
        )
    }


def list_all(store: Store, arguments: Arguments) -> JSON:
    """Core API v1: get:virtual_machine_network_interfaces."""
    find, page = lookups.machine(store, arguments), arguments.page()
    return paginated(
        store,
        page,
        key="virtual_machine_network_interfaces",
        things=store.interfaces_of(find().id),
        render=lambda it: serializers.interface_in_list(it, addresses=store.addresses_of(it.id)),
    )


def get(store: Store, arguments: Arguments) -> JSON:
    """Core API v1: get:v_m_n_i__v_m_n_i."""
    return _rendered(store, lookups.interface(store, arguments)())


def get_on_network(store: Store, arguments: Arguments) -> JSON:
    """Core API v1: get:virtual_machine_network_interface."""
    find_machine, find_network = lookups.machine(store, arguments), lookups.network(store, arguments)
    machine, network = find_machine(), find_network()
    on_network = (it for it in store.interfaces_of(machine.id) if it.network.id == network.id)
    interface = lookups.found(next(on_network, None), "interface_not_found")
    addresses = store.addresses_of(interface.id)
    return {
        "virtual_machine_network_interface": serializers.interface_without_speed(
            interface, holder=machine, addresses=addresses
        )
    }


def create(store: Store, arguments: Arguments) -> JSON:
    """Core API v1: post:virtual_machine_network_interfaces."""
    find_machine = lookups.machine(store, arguments)
    find_network = lookups.network(store, arguments) if arguments.has("network") else None
    find_virtual = lookups.virtual_network(store, arguments) if arguments.has("virtual_network") else None
    find_profile = lookups.speed_profile(store, arguments)
    machine = find_machine()
    found: list[Network | VirtualNetwork] = []
    if find_network is not None:
        found.append(_visible(find_network(), machine, code="network_not_found"))
    if find_virtual is not None:
        found.append(_visible(find_virtual(), machine, code="virtual_network_not_found"))
    profile = find_profile()
    if len(found) != 1:
        raise validation_error("Exactly one of network and virtual network must be given")
    if any(it.network.id == found[0].id for it in store.interfaces_of(machine.id)):
        raise validation_error("The virtual machine has an interface on this network already")
    return _rendered(store, mutations.create_interface(store, machine=machine, network=found[0], speed_profile=profile))


def _visible(network: Network | VirtualNetwork, machine: Machine, *, code: str) -> Network | VirtualNetwork:
    if network.organization_id not in (None, machine.organization_id):
        raise APIError(code)
    return network


def delete(store: Store, arguments: Arguments) -> JSON:
    """Core API v1: delete:virtual_machine_network_interface."""
    interface = lookups.interface(store, arguments)()
    if interface.state == "attached":
        raise deletion_restricted("The network interface is attached; detach it first")
    if store.running_tasks(interface.id):
        raise deletion_restricted("A task of the network interface has not ended")
    rendered = _rendered(store, interface)
    mutations.delete_interface(store, interface=interface)
    return rendered


def attach(store: Store, arguments: Arguments) -> JSON:
    """Core API v1: post:virtual_machine_network_interface_attach."""
    return _change_state(store, lookups.interface(store, arguments)(), state="attached")


def detach(store: Store, arguments: Arguments) -> JSON:
    """Core API v1: post:virtual_machine_network_interface_detach."""
    return _change_state(store, lookups.interface(store, arguments)(), state="detached")


def _change_state(store: Store, interface: Interface, *, state: str) -> JSON:
    if interface.state == state:
        raise APIError(f"virtual_machine_network_interface_already_{state}")
    _check_queue(store, interface)
    task = mutations.change_state(store, interface=interface, state=state)
    return {**_rendered(store, interface), "task": serializers.task_in_answer(task)}


def update_speed_profile(store: Store, arguments: Arguments) -> JSON:
    """Core API v1: patch:virtual_machine_network_interface_update_speed_profile."""
    find_interface, find_profile = lookups.interface(store, arguments), lookups.speed_profile(store, arguments)
    interface, profile = find_interface(), find_profile()
    if interface.speed_profile.id == profile.id:
        raise APIError("speed_profile_already_assigned")
    _check_queue(store, interface)
    task = mutations.change_speed_profile(store, interface=interface, speed_profile=profile)
    return {"task": serializers.task_in_answer(task)}


def _check_queue(store: Store, interface: Interface) -> None:
    if store.running_tasks(interface.id):
        text = "Another task of this network interface has not ended."
        raise APIError("task_queueing_error", detail={"details": text})
