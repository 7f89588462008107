"""The store of the sandbox, and the seed data: the objects that are in the store at the beginning."""

import ipaddress
import re
import tracemalloc
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from katapult_async import models
from katapult_async.sandbox.kinds import Object
from katapult_async.sandbox.models import (
    AccessControlList,
    AddressList,
    AddressListEntry,
    APIToken,
    DataCenter,
    Disk,
    FileStorageVolume,
    IPAddress,
    LoadBalancer,
    LoadBalancerWeight,
    Network,
    NetworkSpeedProfile,
    ObjectStorageAccessKey,
    ObjectStorageBucket,
    ObjectStorageCluster,
    SecurityGroup,
    SecurityGroupRule,
    Tag,
    VirtualMachine,
    VirtualMachineGroup,
    VirtualMachineNetworkInterface,
    VirtualNetwork,
)
from katapult_async.sandbox.seed_data import Scale, seeded
from katapult_async.sandbox.store import Store

from .samples import add_rare_objects, exhaust, interfaces_of, new_managed_organization, snapshot

EXPECTED_RANGES = [ipaddress.ip_network("10.0.0.0/8"), ipaddress.ip_network("2001:db8::/32")]
SCALES = [(0, 0), (1, 1), (1, 7), (7, 7), (60, 100), (90, 400)]

ADDRESS_VERSIONS = ("ipv4", "ipv6")


def available_by_interface(store: Store) -> dict[tuple[str, str], list[str]]:
    """Return the addresses that are available for every interface and version."""
    return {
        (interface.id, version): [obj["address"] for obj in store.available_ips(interface.id, version)]
        for interface in store.interfaces
        for version in ADDRESS_VERSIONS
    }


@pytest.mark.parametrize(("machines", "interfaces"), SCALES)
def test_counts_of_machines_and_interfaces_are_exact(machines: int, interfaces: int) -> None:
    store = seeded(Scale(machines=machines, interfaces=interfaces))
    assert (len(store.machines), len(store.interfaces)) == (machines, interfaces)
    assert all(interfaces_of(store, machine.id) for machine in store.machines)
    assert sum(len(interfaces_of(store, machine.id)) for machine in store.machines) == interfaces
    assert sum(len(store.all(VirtualMachine, organization_id=obj.id)) for obj in store.organizations) == machines


def test_equal_scales_give_equal_stores() -> None:
    one, two, other = seeded(Scale()), seeded(Scale()), seeded(Scale(seed=2))
    assert one.interfaces == two.interfaces
    assert available_by_interface(one) == available_by_interface(two)
    assert one.interfaces != other.interfaces


def test_ids_have_a_prefix_and_16_letters_or_digits() -> None:
    store = seeded(Scale())
    objects: list[Any] = [
        *store.organizations,
        *store.all(DataCenter),
        *store.all(Network),
        *store.all(VirtualNetwork),
        *store.machines,
        *store.interfaces,
        *(address for address in store.all(IPAddress) if address.interface_id),
        *(address for obj in store.interfaces for address in store.free_addresses(obj.id, "ipv4")),
    ]
    assert all(re.fullmatch(r"(org|loc|dc|netw|vnet|vm|vmnet|ip)_[A-Za-z0-9]{16}", obj.id) for obj in objects)
    assert {obj.id.partition("_")[0] for obj in store.all(DataCenter)} == {"loc", "dc"}


@pytest.mark.parametrize("free_addresses", [None, 254])
def test_addresses_are_unique_and_in_documentation_or_private_ranges(free_addresses: int | None) -> None:
    store = seeded(Scale(machines=6, interfaces=20, free_addresses=free_addresses))
    allocated = [address for address in store.all(IPAddress) if address.interface_id]
    spare = {
        address.id: address
        for obj in store.interfaces
        for version in ADDRESS_VERSIONS
        for address in store.free_addresses(obj.id, version)
    }
    everything = [*allocated, *spare.values()]
    assert len({address.address for address in everything}) == len(everything)
    for address in everything:
        parsed = ipaddress.ip_address(address.address)
        subnet = ipaddress.ip_network(f"{address.subnet.address}/{address.subnet.mask}")
        assert parsed in subnet
        assert str(parsed) not in (address.subnet.address, address.subnet.gateway)
        assert any(parsed in range_ for range_ in EXPECTED_RANGES if range_.version == parsed.version)


def test_machine_names_are_in_the_domain_of_their_organization() -> None:
    store = seeded(Scale())
    domains = {obj.id: f".{obj.sub_domain}.example" for obj in store.organizations}
    assert all(re.fullmatch(r"[a-z]+-\d+", obj.name) for obj in store.machines)
    assert all(obj.fqdn == obj.hostname + domains[obj.organization_id] for obj in store.machines)
    assert len({obj.fqdn for obj in store.machines}) == len(store.machines)


def test_lists_of_available_addresses_have_many_lengths_and_some_are_empty() -> None:
    lengths = [len(addresses) for addresses in available_by_interface(seeded(Scale())).values()]
    assert min(lengths) == 0
    assert 30 < max(lengths) <= 40
    assert len(set(lengths)) > 15


def test_networks_have_one_or_both_versions_and_some_are_exhausted() -> None:
    store = seeded(Scale())
    versions = Counter(tuple(subnet.address_version for subnet in obj.subnets) for obj in store.all(Network))
    assert set(versions) == {("ipv4",), ("ipv6",), ("ipv4", "ipv6")}
    has_exhausted_version = False
    for interface in store.interfaces:
        present = [subnet.address_version for subnet in store.get(interface.network_id).subnets]
        lists = {version: store.available_ips(interface.id, version) for version in ADDRESS_VERSIONS}
        assert all(not lists[version] for version in ADDRESS_VERSIONS if version not in present)
        if any(not lists[version] for version in present):
            has_exhausted_version = True
    assert has_exhausted_version


@pytest.mark.parametrize("length", [0, 3, pytest.param(254, marks=pytest.mark.slow)])
def test_setting_free_addresses_is_the_length_of_every_list_of_available_addresses(length: int) -> None:
    store = seeded(Scale(machines=6, interfaces=20, free_addresses=length, organizations=3))
    assert {len(addresses) for addresses in available_by_interface(store).values()} == {length}


def test_interfaces_of_a_network_have_the_same_available_addresses_in_different_orders() -> None:
    store = seeded(Scale(machines=1, interfaces=40))
    by_network: dict[str, list[list[str]]] = {}
    everything = available_by_interface(store)
    for interface in store.interfaces:
        addresses = everything[interface.id, "ipv4"]
        if len(addresses) > 10:  # the random orders of fewer addresses could be equal
            by_network.setdefault(interface.network_id or "", []).append(addresses)
    lists = max(by_network.values(), key=len)
    assert len(lists) > 1
    assert len({frozenset(addresses) for addresses in lists}) == 1
    assert len({tuple(addresses) for addresses in lists}) == len(lists)


def test_organizations_on_one_network_have_different_available_addresses() -> None:
    store = seeded(Scale(machines=90, interfaces=400))
    owners = {machine.id: machine.organization_id for machine in store.machines}
    addresses_by_network: dict[str, dict[str, frozenset[str]]] = {}
    lists = available_by_interface(store)
    for interface in store.interfaces:
        network = store.get(interface.network_id)
        addresses = frozenset(lists[interface.id, "ipv4"]) if network.default else frozenset()
        if addresses:
            addresses_by_network.setdefault(network.id, {})[owners[interface.virtual_machine_id]] = addresses
    shared = next(by_owner for by_owner in addresses_by_network.values() if len(by_owner) == 2)
    first, second = shared.values()
    assert not first & second


@pytest.mark.parametrize(
    "settings",
    [
        {"machines": 0, "interfaces": 1},
        {"machines": 100_001},
        {"machines": "60"},
        {"interfaces": 0, "machines": 1},
        {"interfaces": 100_001},
        {"interfaces": 59},
        {"organizations": 0},
        {"organizations": 4},
        {"seed": -1},
        {"seed": 0.5},
        {"free_addresses": -1},
        {"free_addresses": 255},
    ],
)
def test_scale_rejects_invalid_settings(settings: dict[str, int]) -> None:
    with pytest.raises(ValueError, match=next(iter(settings))):
        Scale(**settings)


@pytest.mark.slow
def test_large_scale_has_room_for_all_addresses() -> None:
    store = seeded(Scale(machines=1, interfaces=2000, organizations=3, free_addresses=5))
    assert len({len(addresses) for addresses in available_by_interface(store).values()}) == 1


def test_trashed_machine_hides_its_interfaces() -> None:
    store = seeded(Scale())
    machine = store.machines[0]
    interface = interfaces_of(store, machine.id)[0]
    entry = store.trash(machine)
    assert (entry.object_id, entry.object_type) == (machine.id, "VirtualMachine")
    assert machine not in store.machines
    assert machine not in store.all(VirtualMachine, organization_id=machine.organization_id)
    assert interface not in store.interfaces
    assert store.find(VirtualMachineNetworkInterface, interface.id) is None


def test_removed_interface_leaves_its_addresses_free() -> None:
    store = seeded(Scale())
    interface = next(obj for obj in store.interfaces if store.all(IPAddress, interface_id=obj.id))
    addresses = store.all(IPAddress, interface_id=interface.id)
    store.remove(interface)
    assert [store.get(address.id) for address in addresses] == [
        address.changed(interface_id=None) for address in addresses
    ]
    assert store.find(VirtualMachineNetworkInterface, interface.id) is None


def test_no_object_has_the_id_none() -> None:
    interface = seeded(Scale()).interfaces[0]
    store = seeded(Scale())
    assert interface.virtual_network_id is None
    assert store.get(interface.virtual_network_id) is None
    assert store.get(interface.id) == interface


def test_remove_given_an_earlier_version_of_an_object_removes_the_object() -> None:
    store = seeded(Scale())
    free = next(address for address in store.all(IPAddress) if address.free)
    store.change(free, interface_id=store.interfaces[0].id)
    store.remove(free)
    assert store.get(free.id) is None
    assert free.id not in [obj.id for obj in store.all(IPAddress, interface_id=store.interfaces[0].id)]


def test_parts_and_trash_entry_are_removed_with_an_object() -> None:
    store = seeded(Scale())
    machine = store.machines[0]
    interfaces = store.all(VirtualMachineNetworkInterface, virtual_machine_id=machine.id)
    [system], entry = store.all(Disk, virtual_machine_id=machine.id), store.trash(machine)
    assert system.virtual_machine_disk is not None
    assignment = system.virtual_machine_disk.changed(boot=False)
    store.put(system.changed(id="disk_data", virtual_machine_disk=assignment))
    store.remove(machine)
    removed = [machine.id, entry.id, system.id, *(interface.id for interface in interfaces)]
    assert [store.get(object_id) for object_id in removed] == [None] * len(removed)
    assert store.get("disk_data").virtual_machine_disk is None


def referring(store: Store, obj: Object) -> set[str]:
    """Return the classes of the objects that have the id of an object in a field, except tasks and builds."""
    others = [other for other in snapshot(store) if other.id != obj.id and obj.id in repr(other)]
    return {type(other).__name__ for other in others} - {"Task", "VirtualMachineBuild"}


def test_no_object_refers_to_a_removed_object() -> None:
    store = seeded(Scale())
    add_rare_objects(store)
    machine, tag, owner = store.machines[0], store.all(Tag)[0], store.organizations[0]
    group = store.add(VirtualMachineGroup, owner, name="New")
    key, targets = store.all(ObjectStorageAccessKey)[0], (machine.id, group.id, tag.id, "other")
    addresses = store.all(AddressList)[0]
    store.change(machine, tag_ids=(tag.id, store.all(Tag)[1].id))
    store.change(store.all(SecurityGroup)[0], associations=targets)
    store.change(store.all(SecurityGroupRule)[0], targets=(*targets, addresses.id))
    store.change(store.all(FileStorageVolume)[0], associations=(machine.id,))
    weights = (LoadBalancerWeight(virtual_machine_id=machine.id), LoadBalancerWeight(virtual_machine_id="other"))
    store.change(store.all(LoadBalancer)[0], resource_ids=targets, standby_vms=targets, weights=weights)
    control = AccessControlList(read_key_ids=(key.id, "other"), write_key_ids=(key.id,))
    store.change(store.all(ObjectStorageBucket)[0], access_control_list=control)

    for obj in (machine, group, tag, key, addresses):
        before = referring(store, obj)
        store.remove(store.get(obj.id))
        assert before
        assert referring(store, obj) == set()

    # Other references in the same fields stay.
    balancer = store.all(LoadBalancer)[0]
    assert (balancer.resource_ids, balancer.weights) == (("other",), weights[1:])
    assert store.all(ObjectStorageBucket)[0].access_control_list == AccessControlList(read_key_ids=("other",))


def test_objects_of_an_organization_are_removed_with_it() -> None:
    store = seeded(Scale())
    before = snapshot(store)
    managed = new_managed_organization(store)
    store.add(Tag, managed, name="New", color="red")
    store.add(APIToken, managed, name="New")
    store.add(AddressListEntry, store.add(AddressList, managed, name="New"), name="New", address="203.0.113.9")
    store.remove(managed)
    assert snapshot(store) == before


@pytest.mark.parametrize(
    "use",
    [
        lambda store: store.all(models.DNSZone),
        lambda store: store.find(models.DNSZone, "a"),
        lambda store: store.add(models.DNSZone, name="a.example"),
    ],
)
def test_error_names_a_class_of_the_client_that_is_passed_in_place_of_the_sandbox_class(
    use: Callable[[Store], object],
) -> None:
    with pytest.raises(
        ValueError, match=r"must be of katapult_async\.sandbox\.models, not <class 'katapult_async\.models"
    ):
        use(seeded(Scale(machines=0, interfaces=0)))


def test_store_rejects_unknown_ids_keys_and_versions() -> None:
    store = seeded(Scale())
    with pytest.raises(KeyError):
        store.remove(store.machines[0].changed(id="none"))
    with pytest.raises(KeyError):
        store.available_ips("none", "ipv4")
    with pytest.raises(ValueError, match="a key of VirtualMachine"):
        store.find(VirtualMachine, store.machines[0].name, by="name")
    with pytest.raises(ValueError, match="ipv4, ipv6"):
        store.available_ips(store.interfaces[0].id, "ipv5")


def test_interfaces_of_the_seed_data_have_the_first_speed_profile() -> None:
    store = seeded(Scale())
    assert {obj.speed_profile_id for obj in store.interfaces} == {store.all(NetworkSpeedProfile)[0].id}
    assert store.find(NetworkSpeedProfile, "1gbps", by="permalink") == store.all(NetworkSpeedProfile)[0]


def test_interfaces_and_disks_of_stopped_machines_are_detached_in_the_seed_data() -> None:
    store = seeded(Scale())
    attached = {obj.virtual_machine_id for obj in store.interfaces if obj.state == "attached"}
    attached |= {obj.virtual_machine_id for obj in store.all(Disk) if obj.attached and obj.virtual_machine_id}
    stopped = {machine.id for machine in store.machines if machine.state == "stopped"}
    assert stopped
    assert attached
    assert attached.isdisjoint(stopped)


def test_object_without_id_among_its_keys_is_found_by_its_id() -> None:
    store = seeded(Scale())
    [cluster, *_] = store.all(ObjectStorageCluster)
    assert store.find(ObjectStorageCluster, cluster.id) == cluster


def test_lookups_of_objects_that_do_not_exist_take_no_memory() -> None:
    store = seeded(Scale())
    tracemalloc.start()
    try:
        for number in range(1000):
            absent = f"{number}".zfill(1000)
            assert store.find(VirtualMachine, absent, by="fqdn") is None
            assert store.all(APIToken, value=absent) == ()
        taken, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert taken < 100_000  # bytes; the values have two million


def test_stores_of_one_scale_are_independent() -> None:
    one, two = seeded(Scale()), seeded(Scale())
    exhaust(one, one.all(Network)[0])
    one.remove(one.interfaces[0])
    assert [store.all(Network)[0].subnets[0].exhausted for store in (one, two)] == [True, False]
    assert len(one.interfaces) == len(two.interfaces) - 1


def test_changed_object_keeps_its_place_and_is_found_by_its_new_key() -> None:
    store = seeded(Scale())
    first, *others = store.machines
    renamed = store.change(first, fqdn="renamed.example")
    assert store.machines == (renamed, *others)
    assert store.find(VirtualMachine, "renamed.example", by="fqdn") == renamed
    assert store.find(VirtualMachine, first.fqdn, by="fqdn") is None


@pytest.mark.parametrize("field", ["virtual_machine_id", "state"])
def test_objects_are_selected_by_any_field(field: str) -> None:
    store = seeded(Scale())
    value = getattr(store.interfaces[5], field)
    expected = tuple(obj for obj in store.interfaces if getattr(obj, field) == value)
    assert store.all(VirtualMachineNetworkInterface, **{field: value}) == expected
    [disk] = store.all(Disk, virtual_machine_id=None, organization_id=store.organizations[0].id)
    assert disk.virtual_machine_disk is None


def test_address_that_returns_to_an_interface_is_last_in_its_list() -> None:
    store = seeded(Scale())
    interface = next(obj for obj in store.interfaces if store.all(IPAddress, interface_id=obj.id))
    before = store.all(IPAddress, interface_id=interface.id)
    moved = store.change(store.all(IPAddress)[0], interface_id=None)
    moved = store.change(moved, interface_id=interface.id)
    assert store.all(IPAddress, interface_id=interface.id) == (*(obj for obj in before if obj.id != moved.id), moved)
    assert store.all(IPAddress)[0] == moved


def test_objects_given_to_add_become_the_reference_fields_of_the_new_object() -> None:
    store = seeded(Scale())
    owner, center = store.organizations[0], store.all(DataCenter)[0]
    network = store.add(VirtualNetwork, owner, center, name="New")
    assert (network.organization_id, network.data_center_id) == (owner.id, center.id)
    assert store.all(VirtualNetwork, owner, name="New") == (network,)
    assert store.all(VirtualNetwork, store.organizations[1], name="New") == ()


def test_disks_are_attached_to_machines_that_run() -> None:
    store = seeded(Scale())
    machines = {machine.id: machine for machine in store.machines}
    assigned = [disk for disk in store.all(Disk) if disk.virtual_machine_id is not None]
    states = {(machines[str(disk.virtual_machine_id)].runs, disk.attached) for disk in assigned}
    assert states == {(True, True), (False, False)}
