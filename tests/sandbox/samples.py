"""Things that a world holds, and requests about them for every operation of the sandbox."""

from collections.abc import Callable
from typing import Any

from katapult_async.sandbox import World, mutations
from katapult_async.sandbox.models import Address, Interface, Machine, Network

NIC = "virtual_machine_network_interface"
NICS = f"/{NIC}s/{NIC}"

Body = dict[str, Any]


def roomy(world: World, version: str = "ipv4") -> Interface:
    """Return an interface that could be given several addresses of a version."""
    return next(it for it in world.interfaces if len(world.free_addresses(it.id, version)) > 3)


def in_state(world: World, state: str) -> Interface:
    return next(it for it in world.interfaces if it.state == state)


def holder_of(world: World, interface: Interface) -> Machine:
    machine = world.find_machine(by="id", value=interface.machine_id)
    assert machine is not None
    return machine


def held(world: World) -> Address:
    """Return an address of version 4 that an interface holds."""
    return next(it for it in world.addresses if it.interface_id and it.subnet.version == "ipv4")


def untouched(world: World, machine: Machine) -> Network:
    """Return a network that a machine has no interface on but could have."""
    used = {it.network.id for it in world.interfaces_of(machine.id)}
    return next(it for it in world.networks_of(machine.organization_id) if it.id not in used)


def virtual_interface(world: World) -> Interface:
    """Return a new interface on a virtual network."""
    machine = world.machines[0]
    network = world.virtual_networks_of(machine.organization_id)[0]
    return mutations.create_interface(world, machine=machine, network=network, speed_profile=world.speed_profiles[0])


def furnish(world: World) -> None:
    """Add what a new world has none of: a task, an interface on a virtual network, a load balancer's address."""
    virtual_interface(world)
    mutations.change_state(world, interface=world.interfaces[-1], state="detached")
    free = next(it for it in world.addresses if it.free)
    mutations.allocate_to_load_balancer(world, address=free, name="front")


def _interface(choose: Callable[[World], Interface]) -> Callable[[World], Body]:
    return lambda world: {NIC: {"id": choose(world).id}}


def _allocate(world: World) -> Body:
    interface = roomy(world)
    address = world.free_addresses(interface.id, "ipv4")[0]
    return {NIC: {"id": interface.id}, "ip_address": {"id": address.id}}


def _allocate_to_machine(world: World) -> Body:
    interface = roomy(world)
    address = world.free_addresses(interface.id, "ipv4")[0]
    return {"virtual_machine": {"id": interface.machine_id}, "ip_address": {"address": address.address}}


def _create_interface(world: World) -> Body:
    machine = world.machines[0]
    return {
        "virtual_machine": {"fqdn": machine.fqdn},
        "network": {"permalink": untouched(world, machine).permalink},
        "speed_profile": {"permalink": world.speed_profiles[1].permalink},
    }


def _create_address(world: World) -> Body:
    network = next(it for it in world.networks if it.default)
    return {
        "organization": {"id": world.organizations[0].id},
        "network": {"id": network.id},
        "version": "ipv4",
    }


def _create_virtual_network(world: World) -> Body:
    return {
        "organization": {"sub_domain": world.organizations[0].sub_domain},
        "data_center": {"id": world.data_centers[0].id},
        "properties": {"name": "Inside"},
    }


def _unused_virtual_network(world: World) -> Body:
    return {"virtual_network": {"id": world.virtual_networks[-1].id}}


WRITES: dict[tuple[str, str], Callable[[World], Body]] = {
    ("POST", "/virtual_machines/virtual_machine/network_interfaces"): _create_interface,
    ("DELETE", NICS): _interface(lambda world: in_state(world, "detached")),
    ("POST", f"{NICS}/allocate_ip"): _allocate,
    ("POST", f"{NICS}/allocate_new_ip"): lambda world: {NIC: {"id": roomy(world).id}, "address_version": "ipv4"},
    ("POST", f"{NICS}/attach"): _interface(lambda world: in_state(world, "detached")),
    ("POST", f"{NICS}/detach"): _interface(lambda world: in_state(world, "attached")),
    ("PATCH", f"{NICS}/update_speed_profile"): lambda world: {
        NIC: {"id": world.interfaces[0].id},
        "speed_profile": {"id": world.speed_profiles[1].id},
    },
    ("POST", "/virtual_machines/virtual_machine/allocate_ip"): _allocate_to_machine,
    ("POST", "/organizations/organization/ip_addresses"): _create_address,
    ("PATCH", "/ip_addresses/ip_address"): lambda world: {"ip_address": {"id": held(world).id}, "label": "mine"},
    ("DELETE", "/ip_addresses/ip_address"): lambda world: {"ip_address": {"address": held(world).address}},
    ("POST", "/ip_addresses/ip_address/unallocate"): lambda world: {"ip_address": {"id": held(world).id}},
    ("POST", "/organizations/organization/virtual_networks"): _create_virtual_network,
    ("PATCH", "/virtual_networks/virtual_network"): lambda world: {
        **_unused_virtual_network(world),
        "properties": {"name": "Deep inside"},
    },
    ("DELETE", "/virtual_networks/virtual_network"): _unused_virtual_network,
}
"""For every operation that changes something, the body of a request that goes well."""


def made_up(body: Body) -> Body:
    """Return a body whose lookups find nothing."""
    lookups = {"id", "address", "fqdn", "permalink", "sub_domain"}
    return {
        name: dict.fromkeys(value, "none") if isinstance(value, dict) and value.keys() <= lookups else value
        for name, value in body.items()
    }


def reads(world: World, path: str) -> list[dict[str, str]]:
    """Return queries for everything that a reading operation can be asked about."""
    if path.endswith("/interface"):
        return [{"virtual_machine[id]": it.machine_id, "network[id]": it.network.id} for it in world.interfaces[:20]]
    choices: dict[str, list[str]] = {
        "organization": [it.id for it in world.organizations],
        "virtual_machine": [it.id for it in world.machines],
        NIC: [it.id for it in world.interfaces],
        "data_center": [it.id for it in world.data_centers],
        "network": [it.id for it in world.networks],
        "virtual_network": [it.id for it in world.virtual_networks],
        "ip_address": [it.id for it in world.addresses[::50]] + [it.id for it in world.addresses if it.load_balancer],
        "task": [it.id for it in world.tasks],
    }
    steps = path.split("/")[1:]
    name = next((each for each in steps if each in choices), None)
    queries = [{}] if name is None else [{f"{name}[id]": value} for value in choices[name]]
    if "address_version" not in steps:
        return queries
    return [{**query, "address_version": version} for query in queries for version in ("ipv4", "ipv6")]
