"""Changes: what the API can do to a world. Whether it may be done has been decided before; nothing here refuses."""

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
from .store import World


def allocate(world: World, *, address: Address, interface: Interface) -> Address:
    """Give an address to a network interface and return it as it is then."""
    held = attrs.evolve(address, interface_id=interface.id, machine_id=interface.machine_id)
    world.put(held)
    return held


def allocate_to_load_balancer(world: World, *, address: Address, name: str) -> Address:
    """Give an address to a load balancer, which the sandbox has no other use for, and return it as it is then."""
    balancer = LoadBalancer(id=identifier("lb", rng=world.rng), name=name)
    held = attrs.evolve(address, load_balancer=balancer)
    world.put(held)
    return held


def unallocate(world: World, *, address: Address) -> Address:
    """Take an address away from what holds it and return it as it is then."""
    free = attrs.evolve(address, interface_id=None, machine_id=None, load_balancer=None)
    world.put(free)
    return free


def create_address(
    world: World, *, organization_id: str, network: Network, version: str, vip: bool = False, label: str | None = None
) -> Address | None:
    """Create a free address, the lowest one that the subnet has left, and return it.

    Args:
        world: where.
        organization_id: whose it is.
        network: where it belongs.
        version: ``ipv4`` or ``ipv6``.
        vip: whether it is meant to move between machines.
        label: what it is called; None for nothing.

    Returns:
        The address, or None when the network has no subnet of the version or no address left in it.
    """
    subnet = next((it for it in network.subnets if it.version == version), None)
    host = None if subnet is None else _lowest_left(world, subnet)
    if subnet is None or host is None:
        return None
    address = Address(
        id=identifier("ip", rng=world.rng),
        address=host,
        reverse_dns=reverse_name(host),
        vip=vip,
        label=label,
        network=network,
        subnet=subnet,
        organization_id=organization_id,
    )
    world.put(address)
    return address


def _lowest_left(world: World, subnet: Subnet) -> str | None:
    if world.is_exhausted(subnet.id):
        return None
    cidr = ipaddress.ip_network(f"{subnet.address}/{subnet.mask}")
    # The first one is the network, the second the gateway and the last one the broadcast address.
    hosts = (str(cidr.network_address + number) for number in range(2, cidr.num_addresses - 1))
    return next((host for host in hosts if world.find_address(by="address", value=host) is None), None)


def create_interface(
    world: World, *, machine: Machine, network: Network | VirtualNetwork, speed_profile: SpeedProfile
) -> Interface:
    """Create a network interface, detached and without an address, and return it."""
    interface = Interface(
        id=identifier("vmnet", rng=world.rng),
        name=f"{network.name} on {machine.name}",
        machine_id=machine.id,
        network=network,
        mac_address=mac_address(rng=world.rng),
        state="detached",
        speed_profile=speed_profile,
    )
    world.put(interface)
    return interface


def delete_interface(world: World, *, interface: Interface) -> None:
    """Take a network interface out of the world; its addresses stay with the organization and are free."""
    for address in world.addresses_of(interface.id):
        unallocate(world, address=address)
    world.delete_interface(interface.id)


def change_state(world: World, *, interface: Interface, state: str) -> Task:
    """Begin to attach or detach a network interface and return the task that does it.

    Args:
        world: where.
        interface: what is attached or detached.
        state: ``attached`` or ``detached``.
    """
    names = {"attached": "Attach network interface", "detached": "Detach network interface"}
    return _begin(world, interface=interface, name=names[state], state=state)


def change_speed_profile(world: World, *, interface: Interface, speed_profile: SpeedProfile) -> Task:
    """Begin to give a network interface another speed profile and return the task that does it."""
    return _begin(world, interface=interface, name="Update network speed profile", speed_profile=speed_profile)


def _begin(
    world: World,
    *,
    interface: Interface,
    name: str,
    state: str | None = None,
    speed_profile: SpeedProfile | None = None,
) -> Task:
    task = Task(
        id=identifier("task", rng=world.rng),
        name=name,
        interface_id=interface.id,
        created_at=int(world.now),
        state=state,
        speed_profile=speed_profile,
    )
    world.begin(task)
    return task


def create_virtual_network(
    world: World, *, organization: Organization, data_center: DataCenter, name: str
) -> VirtualNetwork:
    """Create a virtual network and return it."""
    network = VirtualNetwork(
        id=identifier("vnet", rng=world.rng), name=name, data_center=data_center, organization_id=organization.id
    )
    world.put(network)
    return network


def rename_virtual_network(world: World, *, network: VirtualNetwork, name: str) -> VirtualNetwork:
    """Give a virtual network another name, which its interfaces tell from then on, and return it."""
    renamed = attrs.evolve(network, name=name)
    world.put(renamed)
    for interface in world.interfaces_on(network.id):
        world.put(attrs.evolve(interface, network=renamed))
    return renamed
