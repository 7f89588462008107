"""Network interfaces of virtual machines, and the IP addresses that they have or could have."""

from katapult_async.sandbox import mutations, serializers
from katapult_async.sandbox.errors import APIError, deletion_restricted, validation_error
from katapult_async.sandbox.kinds import reference
from katapult_async.sandbox.models import (
    IPAddress,
    Network,
    NetworkSpeedProfile,
    VirtualMachine,
    VirtualMachineNetworkInterface,
    VirtualNetwork,
)
from katapult_async.sandbox.serializers import JSON, serialize
from katapult_async.sandbox.store import ADDRESS_VERSIONS, Store

from .crud import Crud
from .operation import choice, lookup, operation
from .tasks import begin_task

_NAME = "virtual_machine_network_interface"
_PATH = f"/{_NAME}s/:{_NAME}"
_MACHINE = "/virtual_machines/:virtual_machine"
_READ_IPS = "ip_addresses ip_addresses:read"
_SCOPES = "virtual_machines virtual_machines:network_interfaces"
_SPEED_PROFILE = lookup(NetworkSpeedProfile, "speed_profile")
_INTERFACE = lookup(VirtualMachineNetworkInterface)
_SPEED = (_INTERFACE, _SPEED_PROFILE)
_BY_VERSION = (_INTERFACE, choice("address_version", ADDRESS_VERSIONS))
_NEW = (lookup(Network, optional=True, own=True), lookup(VirtualNetwork, optional=True, own=True), _SPEED_PROFILE)


@operation(
    "GET",
    f"{_MACHINE}/networks/:network/interface",
    VirtualMachine,
    Network,
    scopes="virtual_machines virtual_machines:read",
)
def get_on_network(store: Store, machine: VirtualMachine, network: Network) -> JSON:
    """Core API v1: get:virtual_machine_network_interface."""
    interfaces = store.all(VirtualMachineNetworkInterface, virtual_machine_id=machine.id, network_id=network.id)
    if not interfaces:
        raise APIError("interface_not_found")
    return {_NAME: serialize(store, interfaces[0], serializers.INTERFACE_WITHOUT_SPEED)}


@operation("POST", f"{_MACHINE}/network_interfaces", VirtualMachine, *_NEW, scopes=_SCOPES)
def create(
    store: Store,
    machine: VirtualMachine,
    public: Network | None,
    virtual: VirtualNetwork | None,
    speed_profile: NetworkSpeedProfile,
) -> JSON:
    """Core API v1: post:virtual_machine_network_interfaces."""
    networks = [network for network in (public, virtual) if network is not None]
    if len(networks) != 1:
        raise validation_error("Exactly one of network and virtual network must be given")
    where = {reference(type(networks[0])): networks[0].id, "virtual_machine_id": machine.id}
    if store.all(VirtualMachineNetworkInterface, **where):
        raise validation_error("The virtual machine has an interface on this network already")
    return _respond(store, mutations.create_interface(store, machine, network=networks[0], speed_profile=speed_profile))


def _respond(store: Store, interface: VirtualMachineNetworkInterface) -> JSON:
    return {_NAME: serialize(store, interface, serializers.INTERFACE_FULL)}


@operation("DELETE", _PATH, _INTERFACE, scopes=_SCOPES)
def delete(store: Store, interface: VirtualMachineNetworkInterface) -> JSON:
    """Core API v1: delete:virtual_machine_network_interface. Its addresses stay with the organization."""
    if interface.state == "attached":
        raise deletion_restricted("The network interface is attached; detach it first")
    if store.running_tasks(interface):
        raise deletion_restricted("A task of the network interface has not ended")
    response = _respond(store, interface)
    store.remove(interface)
    return response


@operation("POST", f"{_PATH}/attach", _INTERFACE, scopes=_SCOPES)
def attach(store: Store, interface: VirtualMachineNetworkInterface) -> JSON:
    """Core API v1: post:virtual_machine_network_interface_attach."""
    return _change_state(store, interface, name="Attach network interface", state="attached")


@operation("POST", f"{_PATH}/detach", _INTERFACE, scopes=_SCOPES)
def detach(store: Store, interface: VirtualMachineNetworkInterface) -> JSON:
    """Core API v1: post:virtual_machine_network_interface_detach."""
    return _change_state(store, interface, name="Detach network interface", state="detached")


def _change_state(store: Store, interface: VirtualMachineNetworkInterface, *, name: str, state: str) -> JSON:
    if interface.state == state:
        raise APIError(f"{_NAME}_already_{state}")
    return {**_respond(store, interface), **begin_task(store, interface, name=name, state=state)}


@operation("PATCH", f"{_PATH}/update_speed_profile", *_SPEED, scopes="virtual_machines")
def update_speed_profile(
    store: Store, interface: VirtualMachineNetworkInterface, speed_profile: NetworkSpeedProfile
) -> JSON:
    """Core API v1: patch:virtual_machine_network_interface_update_speed_profile."""
    if interface.speed_profile_id == speed_profile.id:
        raise APIError("speed_profile_already_assigned")
    return begin_task(store, interface, name="Update network speed profile", speed_profile_id=speed_profile.id)


@operation("GET", f"{_PATH}/available_ips/:address_version", *_BY_VERSION, scopes=_READ_IPS)
def list_available_ips(store: Store, interface: VirtualMachineNetworkInterface, version: str) -> JSON:
    """Core API v1: get:virtual_machine_network_interface_available_ips_address_version."""
    return {"ip_addresses": store.available_ips(interface.id, version)}


@operation("POST", f"{_PATH}/allocate_ip", _INTERFACE, IPAddress, scopes="ip_addresses")
def allocate_ip(store: Store, interface: VirtualMachineNetworkInterface, address: IPAddress) -> JSON:
    """Core API v1: post:virtual_machine_network_interface_allocate_ip."""
    if not address.free:
        raise APIError("ip_already_allocated")
    owner = store.get(interface.virtual_machine_id).organization_id
    if address.network_id != interface.network_id or address.organization_id != owner:
        raise APIError("invalid_ip")
    mutations.allocate(store, address, interface=interface)
    return {_NAME: serialize(store, interface, serializers.INTERFACE_WITHOUT_SPEED)}


@operation("POST", f"{_PATH}/allocate_new_ip", *_BY_VERSION, scopes="ip_addresses")
def allocate_new_ip(store: Store, interface: VirtualMachineNetworkInterface, version: str) -> JSON:
    """Core API v1: post:virtual_machine_network_interface_allocate_new_ip."""
    if interface.network_id is None:
        raise APIError("no_available_addresses")
    owner = store.get(interface.virtual_machine_id).organization_id
    address = mutations.create_address(store, owner, network_id=interface.network_id, version=version)
    if address is None:
        raise APIError("no_available_addresses")
    allocated = mutations.allocate(store, address, interface=interface)
    return {"ip_address": serialize(store, allocated, serializers.IP_ADDRESS_FULL)}


VIRTUAL_MACHINE_NETWORK_INTERFACES = Crud(
    model=VirtualMachineNetworkInterface,
    parent=VirtualMachine,
    segment="network_interfaces",
    operations="list get",
    scope="virtual_machines",
    shape=serializers.INTERFACE_FULL,
    list_shape=serializers.INTERFACE,
)
