"""Things that a store holds, and requests about them for every operation of the sandbox."""

from collections.abc import Callable
from typing import Any

import attrs

from katapult_async.sandbox import Store, mutations
from katapult_async.sandbox.models import (
    KINDS,
    DataCenter,
    IPAddress,
    LoadBalancer,
    Network,
    NetworkSpeedProfile,
    Object,
    VirtualMachine,
    VirtualMachineNetworkInterface,
    VirtualNetwork,
    kind_name,
)

NIC = "virtual_machine_network_interface"
NICS = f"/{NIC}s/{NIC}"

Body = dict[str, Any]


def roomy(store: Store, version: str = "ipv4") -> VirtualMachineNetworkInterface:
    """Return an interface that could be given several addresses of a version."""
    return next(it for it in store.interfaces if len(store.free_addresses(it.id, version)) > 3)


def in_state(store: Store, state: str) -> VirtualMachineNetworkInterface:
    return next(it for it in store.interfaces if it.state == state)


def holder_of(store: Store, interface: VirtualMachineNetworkInterface) -> VirtualMachine:
    machine = store.find(VirtualMachine, interface.virtual_machine_id)
    assert machine is not None
    return machine


def interfaces_of(store: Store, machine_id: str) -> tuple[VirtualMachineNetworkInterface, ...]:
    return store.all(VirtualMachineNetworkInterface, virtual_machine_id=machine_id)


def addresses_of(store: Store, interface_id: str) -> tuple[IPAddress, ...]:
    return store.all(IPAddress, interface_id=interface_id)


def snapshot(store: Store) -> list[Object]:
    """Return all objects, also those in the trash."""
    return [each for model in KINDS for each in store.with_trash(model)]


def held(store: Store) -> IPAddress:
    """Return an IPv4 address that is allocated to an interface."""
    return next(it for it in store.addresses if it.interface_id and it.subnet.version == 4)


def untouched(store: Store, machine: VirtualMachine) -> Network:
    """Return a network on which a machine has no interface but can have one."""
    used = {it.network_id for it in interfaces_of(store, machine.id)}
    usable = (it for it in store.networks if it.organization_id in (None, machine.organization_id))
    return next(it for it in usable if it.id not in used)


def virtual_interface(store: Store) -> VirtualMachineNetworkInterface:
    """Return a new interface on a virtual network."""
    machine = store.machines[0]
    network = store.all(VirtualNetwork, organization_id=machine.organization_id)[0]
    profile = store.all(NetworkSpeedProfile)[0]
    return mutations.create_interface(store, machine, network=network, speed_profile=profile)


def allocate_to_load_balancer(store: Store, address: IPAddress, *, name: str) -> LoadBalancer:
    balancer = LoadBalancer(id=store.new_id(LoadBalancer), organization_id=address.organization_id, name=name)
    store.put(balancer)
    store.put(attrs.evolve(address, load_balancer_id=balancer.id))
    return balancer


def furnish(store: Store) -> None:
    """Add what the seed data does not have: a task, an interface on a virtual network, a load balancer's address."""
    virtual_interface(store)
    store.begin_task(store.interfaces[-1], name="Detach network interface", state="detached")
    allocate_to_load_balancer(store, next(it for it in store.addresses if it.free), name="front")


def _interface(choose: Callable[[Store], VirtualMachineNetworkInterface]) -> Callable[[Store], Body]:
    return lambda store: {NIC: {"id": choose(store).id}}


def _allocate(store: Store) -> Body:
    interface = roomy(store)
    address = store.free_addresses(interface.id, "ipv4")[0]
    return {NIC: {"id": interface.id}, "ip_address": {"id": address.id}}


def _allocate_to_machine(store: Store) -> Body:
    interface = roomy(store)
    address = store.free_addresses(interface.id, "ipv4")[0]
    return {"virtual_machine": {"id": interface.virtual_machine_id}, "ip_address": {"address": address.address}}


def _create_interface(store: Store) -> Body:
    machine = store.machines[0]
    return {
        "virtual_machine": {"fqdn": machine.fqdn},
        "network": {"permalink": untouched(store, machine).permalink},
        "speed_profile": {"permalink": store.all(NetworkSpeedProfile)[1].permalink},
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
        "data_center": {"id": store.all(DataCenter)[0].id},
        "properties": {"name": "Inside"},
    }


def _unused_virtual_network(store: Store) -> Body:
    return {"virtual_network": {"id": store.all(VirtualNetwork)[-1].id}}


WRITES: dict[tuple[str, str], Callable[[Store], Body]] = {
    ("POST", "/virtual_machines/virtual_machine/network_interfaces"): _create_interface,
    ("DELETE", NICS): _interface(lambda store: in_state(store, "detached")),
    ("POST", f"{NICS}/allocate_ip"): _allocate,
    ("POST", f"{NICS}/allocate_new_ip"): lambda store: {NIC: {"id": roomy(store).id}, "address_version": "ipv4"},
    ("POST", f"{NICS}/attach"): _interface(lambda store: in_state(store, "detached")),
    ("POST", f"{NICS}/detach"): _interface(lambda store: in_state(store, "attached")),
    ("PATCH", f"{NICS}/update_speed_profile"): lambda store: {
        NIC: {"id": store.interfaces[0].id},
        "speed_profile": {"id": store.all(NetworkSpeedProfile)[1].id},
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
    """Return a query for each object that a read operation can be called with."""
    if path.endswith("/interface"):
        public = [each for each in store.interfaces[:20] if each.network_id]
        return [{"virtual_machine[id]": it.virtual_machine_id, "network[id]": str(it.network_id)} for it in public]
    kinds = {kind_name(model): model for model in KINDS}
    segments = path.split("/")[1:]
    name = next((segment for segment in segments if segment in kinds), None)
    objects = [] if name is None else store.all(kinds[name])
    sample = [*objects[:200], *(each for each in objects[200:] if getattr(each, "load_balancer_id", None))]
    queries = [{}] if name is None else [{f"{name}[id]": each.id} for each in sample]
    if "address_version" not in segments:
        return queries
    return [{**query, "address_version": version} for query in queries for version in ("ipv4", "ipv6")]
