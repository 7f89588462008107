"""Network interfaces of virtual machines, and the allocation of IP addresses to them."""

from typing import Any

from katapult_async.sandbox import mutations
from katapult_async.sandbox.errors import Problems, require
from katapult_async.sandbox.models import (
    IPAddress,
    Network,
    NetworkSpeedProfile,
    Task,
    VirtualMachine,
    VirtualMachineNetworkInterface as Interface,
)
from katapult_async.sandbox.store import Store

from .crud import Crud
from .operation import operation
from .state_changes import begin_exclusive_task, state_change


@operation("GET", "/virtual_machines/:virtual_machine/networks/:network/interface")
def get_on_network(store: Store, machine: VirtualMachine, network: Network) -> Interface:
    """Core API v1: get:virtual_machine_network_interface."""
    interfaces = store.all(Interface, machine, network)
    require(interfaces, "interface_not_found")
    return interfaces[0]


@operation("POST", "/virtual_machines/:virtual_machine/network_interfaces")
def create(store: Store, machine: VirtualMachine, *objects: Any) -> Interface:
    """Core API v1: post:virtual_machine_network_interfaces."""
    network, virtual_network, speed_profile = objects
    networks = [given for given in (network, virtual_network) if given is not None]
    require(len(networks) == 1, "validation_error", "Exactly one of network and virtual network must be given")
    same_place = networks[0].data_center_id == machine.data_center_id(store)
    require(same_place, "validation_error", "The network and the virtual machine are in different data centers")
    existing = store.all(Interface, machine, *networks)
    require(not existing, "validation_error", "The virtual machine has an interface on this network already")
    return mutations.create_interface(store, machine, network=networks[0], speed_profile=speed_profile)


ATTACH = state_change(Interface, "Attach network interface", "attached", must_differ=True)
DETACH = state_change(Interface, "Detach network interface", "detached", must_differ=True)


@operation("PATCH", "/virtual_machine_network_interfaces/:virtual_machine_network_interface/update_speed_profile")
def update_speed_profile(store: Store, interface: Interface, speed_profile: NetworkSpeedProfile) -> Task:
    """Core API v1: patch:virtual_machine_network_interface_update_speed_profile."""
    require(interface.speed_profile_id != speed_profile.id, "speed_profile_already_assigned")
    return begin_exclusive_task(store, interface, "Update network speed profile", speed_profile_id=speed_profile.id)


@operation(
    "GET", "/virtual_machine_network_interfaces/:virtual_machine_network_interface/available_ips/:address_version"
)
def list_available_ips(store: Store, interface: Interface, *, address_version: str) -> list[IPAddress]:
    """Core API v1: get:virtual_machine_network_interface_available_ips_address_version."""
    return store.free_addresses(interface.id, address_version)


@operation("POST", "/virtual_machine_network_interfaces/:virtual_machine_network_interface/allocate_ip", any_owner=True)
def allocate_ip(store: Store, interface: Interface, address: IPAddress) -> None:
    """Core API v1: post:virtual_machine_network_interface_allocate_ip."""
    require(address.free, "ip_already_allocated")
    owner = store.get(interface.virtual_machine_id).organization_id
    require(address.network_id == interface.network_id and address.organization_id == owner, "invalid_ip")
    store.change(address, interface_id=interface.id)


@operation("POST", "/virtual_machine_network_interfaces/:virtual_machine_network_interface/allocate_new_ip")
def allocate_new_ip(store: Store, interface: Interface, *, address_version: str) -> IPAddress:
    """Core API v1: post:virtual_machine_network_interface_allocate_new_ip."""
    owner, network = store.get(interface.virtual_machine_id).organization_id, store.get(interface.network_id)
    return mutations.create_address(store, owner, network=network, version=address_version, interface_id=interface.id)


def _uses(store: Store, interface: Interface) -> Problems:
    """Return the possible reasons why an interface cannot be deleted. Its addresses stay with the organization."""
    return {
        "The network interface is attached; detach it first": interface.state == "attached",
        "A task of the network interface has not ended": store.running_tasks(interface),
    }


VIRTUAL_MACHINE_NETWORK_INTERFACES = Crud(model=Interface, in_use=_uses)
