"""Things that a store holds, and requests about them for every operation of the sandbox."""

from collections.abc import Callable
from typing import Any

from katapult_async.sandbox import Store, mutations
from katapult_async.sandbox.models import Address, Interface, Machine, Network

NIC = "virtual_machine_network_interface"
NICS = f"/{NIC}s/{NIC}"

Body = dict[str, Any]


def roomy(store: Store, version: str = "ipv4") -> Interface:
    """Return an interface that could be given several addresses of a version."""
    return next(it for it in store.interfaces if len(store.free_addresses(it.id, version)) > 3)


def in_state(store: Store, state: str) -> Interface:
    return next(it for it in store.interfaces if it.state == state)


def holder_of(store: Store, interface: Interface) -> Machine:
    machine = store.find_machine(by="id", value=interface.machine_id)
    assert machine is not None
    return machine


def held(store: Store) -> Address:
    """Return an address of version 4 that an interface holds."""
    return next(it for it in store.addresses if it.interface_id and it.subnet.version == "ipv4")


def untouched(store: Store, machine: Machine) -> Network:
    """Return a network that a machine has no interface on but could have."""
    used = {it.network.id for it in store.interfaces_of(machine.id)}
    return next(it for it in store.networks_of(machine.organization_id) if it.id not in used)


def virtual_interface(store: Store) -> Interface:
    """Return a new interface on a virtual network."""
    machine = store.machines[0]
    network = store.virtual_networks_of(machine.organization_id)[0]
    return mutations.create_interface(store, machine=machine, network=network, speed_profile=store.speed_profiles[0])


def furnish(store: Store) -> None:
    """Add what a new store has none of: a task, an interface on a virtual network, a load balancer's address."""
    virtual_interface(store)
    mutations.change_state(store, interface=store.interfaces[-1], state="detached")
    free = next(it for it in store.addresses if it.free)
    mutations.allocate_to_load_balancer(store, address=free, name="front")


def _interface(choose: Callable[[Store], Interface]) -> Callable[[Store], Body]:
    return lambda store: {NIC: {"id": choose(store).id}}


def _allocate(store: Store) -> Body:
    interface = roomy(store)
    address = store.free_addresses(interface.id, "ipv4")[0]
    return {NIC: {"id": interface.id}, "ip_address": {"id": address.id}}


def _allocate_to_machine(store: Store) -> Body:
    interface = roomy(store)
    address = store.free_addresses(interface.id, "ipv4")[0]
    return {"virtual_machine": {"id": interface.machine_id}, "ip_address": {"address": address.address}}


def _create_interface(store: Store) -> Body:
    machine = store.machines[0]
    return {
        "virtual_machine": {"fqdn": machine.fqdn},
        "network": {"permalink": untouched(store, machine).permalink},
        "speed_profile": {"permalink": store.speed_profiles[1].permalink},
    }


def _create_address(store: Store) -> Body:
    network = next(it for it in store.networks if it.default)
    return {
        "organization": {"id": store.organizations[0].id},
        "network": {"id": network.id},
        "version": "ipv4",
    }


def _create_virtual_network(store: Store) -> Body:
    return {
        "organization": {"sub_domain": store.organizations[0].sub_domain},
        "data_center": {"id": store.data_centers[0].id},
        "properties": {"name": "Inside"},
    }


def _unused_virtual_network(store: Store) -> Body:
    return {"virtual_network": {"id": store.virtual_networks[-1].id}}


WRITES: dict[tuple[str, str], Callable[[Store], Body]] = {
    ("POST", "/virtual_machines/virtual_machine/network_interfaces"): _create_interface,
    ("DELETE", NICS): _interface(lambda store: in_state(store, "detached")),
    ("POST", f"{NICS}/allocate_ip"): _allocate,
    ("POST", f"{NICS}/allocate_new_ip"): lambda store: {NIC: {"id": roomy(store).id}, "address_version": "ipv4"},
    ("POST", f"{NICS}/attach"): _interface(lambda store: in_state(store, "detached")),
    ("POST", f"{NICS}/detach"): _interface(lambda store: in_state(store, "attached")),
    ("PATCH", f"{NICS}/update_speed_profile"): lambda store: {
        NIC: {"id": store.interfaces[0].id},
        "speed_profile": {"id": store.speed_profiles[1].id},
    },
    ("POST", "/virtual_machines/virtual_machine/allocate_ip"): _allocate_to_machine,
    ("POST", "/organizations/organization/ip_addresses"): _create_address,
    ("PATCH", "/ip_addresses/ip_address"): lambda store: {"ip_address": {"id": held(store).id}, "label": "mine"},
    ("DELETE", "/ip_addresses/ip_address"): lambda store: {"ip_address": {"address": held(store).address}},
    ("POST", "/ip_addresses/ip_address/unallocate"): lambda store: {"ip_address": {"id": held(store).id}},
    ("POST", "/organizations/organization/virtual_networks"): _create_virtual_network,
    ("PATCH", "/virtual_networks/virtual_network"): lambda store: {
        **_unused_virtual_network(store),
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


def reads(store: Store, path: str) -> list[dict[str, str]]:
    """Return queries for everything that a reading operation can be asked about."""
    if path.endswith("/interface"):
        return [{"virtual_machine[id]": it.machine_id, "network[id]": it.network.id} for it in store.interfaces[:20]]
    choices: dict[str, list[str]] = {
        "organization": [it.id for it in store.organizations],
        "virtual_machine": [it.id for it in store.machines],
        NIC: [it.id for it in store.interfaces],
        "data_center": [it.id for it in store.data_centers],
        "network": [it.id for it in store.networks],
        "virtual_network": [it.id for it in store.virtual_networks],
        "ip_address": [it.id for it in store.addresses[::50]] + [it.id for it in store.addresses if it.load_balancer],
        "task": [it.id for it in store.tasks],
    }
    steps = path.split("/")[1:]
    name = next((each for each in steps if each in choices), None)
    queries = [{}] if name is None else [{f"{name}[id]": value} for value in choices[name]]
    if "address_version" not in steps:
        return queries
    return [{**query, "address_version": version} for query in queries for version in ("ipv4", "ipv6")]
