"""Changes: what the API can do to a store. Whether it may be done has been decided before; nothing here refuses."""

import ipaddress

import attrs

from .identifiers import identifier, mac_address, reverse_name
from .models import (
    Address,
    DataCenter,
    Interface,
    LoadBalancer,
    Machine,
    Network,
    Organization,
    SpeedProfile,
    Subnet,
    Task,
    VirtualNetwork,
)
from .store import Store


def allocate(store: Store, *, address: Address, interface: Interface) -> Address:
    """Give an address to a network interface and return it as it is then."""
    held = attrs.evolve(address, interface_id=interface.id, machine_id=interface.machine_id)
    store.put(held)
    return held


def allocate_to_load_balancer(store: Store, *, address: Address, name: str) -> Address:
    """Give an address to a load balancer, which the sandbox has no other use for, and return it as it is then."""
    balancer = LoadBalancer(id=identifier("lb", rng=store.rng), name=name)
    held = attrs.evolve(address, load_balancer=balancer)
    store.put(held)
    return held


def unallocate(store: Store, *, address: Address) -> Address:
    """Take an address away from what holds it and return it as it is then."""
    free = attrs.evolve(address, interface_id=None, machine_id=None, load_balancer=None)
    store.put(free)
    return free


def create_address(
    store: Store, *, organization_id: str, network: Network, version: str, vip: bool = False, label: str | None = None
) -> Address | None:
    """Create a free address, the lowest one that the subnet has left, and return it.

    Args:
        store: where.
        organization_id: whose it is.
        network: where it belongs.
        version: ``ipv4`` or ``ipv6``.
        vip: whether it is meant to move between machines.
        label: what it is called; None for nothing.

    Returns:
        The address, or None when the network has no subnet of the version or no address left in it.
    """
    subnet = next((it for it in network.subnets if it.version == version), None)
    host = None if subnet is None else _lowest_left(store, subnet)
    if subnet is None or host is None:
        return None
    address = Address(
        id=identifier("ip", rng=store.rng),
        address=host,
        reverse_dns=reverse_name(host),
        vip=vip,
        label=label,
        network=network,
        subnet=subnet,
        organization_id=organization_id,
    )
    store.put(address)
    return address


def _lowest_left(store: Store, subnet: Subnet) -> str | None:
    if store.is_exhausted(subnet.id):
        return None
    cidr = ipaddress.ip_network(f"{subnet.address}/{subnet.mask}")
    # The first one is the network, the second the gateway and the last one the broadcast address.
    hosts = (str(cidr.network_address + number) for number in range(2, cidr.num_addresses - 1))
    return next((host for host in hosts if store.find_address(by="address", value=host) is None), None)


def create_interface(
    store: Store, *, machine: Machine, network: Network | VirtualNetwork, speed_profile: SpeedProfile
) -> Interface:
    """Create a network interface, detached and without an address, and return it."""
    interface = Interface(
        id=identifier("vmnet", rng=store.rng),
        name=f"{network.name} on {machine.name}",
        machine_id=machine.id,
        network=network,
        mac_address=mac_address(rng=store.rng),
        state="detached",
        speed_profile=speed_profile,
    )
    store.put(interface)
    return interface


def delete_interface(store: Store, *, interface: Interface) -> None:
    """Take a network interface out of the store; its addresses stay with the organization and are free."""
    for address in store.addresses_of(interface.id):
        unallocate(store, address=address)
    store.delete_interface(interface.id)


def change_state(store: Store, *, interface: Interface, state: str) -> Task:
    """Begin to attach or detach a network interface and return the task that does it.

    Args:
        store: where.
        interface: what is attached or detached.
        state: ``attached`` or ``detached``.
    """
    names = {"attached": "Attach network interface", "detached": "Detach network interface"}
    return _begin(store, interface=interface, name=names[state], state=state)


def change_speed_profile(store: Store, *, interface: Interface, speed_profile: SpeedProfile) -> Task:
    """Begin to give a network interface another speed profile and return the task that does it."""
    return _begin(store, interface=interface, name="Update network speed profile", speed_profile=speed_profile)


def _begin(
    store: Store,
    *,
    interface: Interface,
    name: str,
    state: str | None = None,
    speed_profile: SpeedProfile | None = None,
) -> Task:
    task = Task(
        id=identifier("task", rng=store.rng),
        name=name,
        interface_id=interface.id,
        created_at=int(store.now),
        state=state,
        speed_profile=speed_profile,
    )
    store.begin(task)
    return task


def create_virtual_network(
    store: Store, *, organization: Organization, data_center: DataCenter, name: str
) -> VirtualNetwork:
    """Create a virtual network and return it."""
    network = VirtualNetwork(
        id=identifier("vnet", rng=store.rng), name=name, data_center=data_center, organization_id=organization.id
    )
    store.put(network)
    return network


def rename_virtual_network(store: Store, *, network: VirtualNetwork, name: str) -> VirtualNetwork:
    """Give a virtual network another name, which its interfaces tell from then on, and return it."""
    renamed = attrs.evolve(network, name=name)
    store.put(renamed)
    for interface in store.interfaces_on(network.id):
        store.put(attrs.evolve(interface, network=renamed))
    return renamed
