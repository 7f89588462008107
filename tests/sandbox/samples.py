"""Objects of a store, and requests about them for every operation of the sandbox."""

from collections.abc import Callable
from typing import Any

from katapult_async.sandbox import Store, mutations
from katapult_async.sandbox.kinds import MODELS, Object, kind_name
from katapult_async.sandbox.models import (
    AddressList,
    AddressListEntry,
    APIToken,
    DataCenter,
    Disk,
    DiskBackupPolicy,
    DNSRecord,
    DNSZone,
    FileStorageVolume,
    IPAddress,
    LoadBalancer,
    LoadBalancerRule,
    Network,
    NetworkSpeedProfile,
    ObjectStorageAccessKey,
    ObjectStorageBucket,
    Organization,
    SecurityGroup,
    SecurityGroupRule,
    SSHKey,
    Tag,
    VirtualMachine,
    VirtualMachineBuild,
    VirtualMachineGroup,
    VirtualMachineNetworkInterface,
    VirtualNetwork,
)

NIC = "virtual_machine_network_interface"
NICS = f"/{NIC}s/{NIC}"
ACCOUNT = "/organizations/organization/object_storage/object_storage_cluster"
BUCKET = "/object_storage/object_storage_cluster/buckets/bucket"
KEY = "/object_storage/access_keys/access_key"

Body = dict[str, Any]

SPEC = """
<VirtualMachineSpec>
  <DataCenter by="permalink">gb-london-1</DataCenter>
  <Resources><Package by="permalink">small</Package></Resources>
  <DiskTemplate><DiskTemplate by="permalink">templates/ubuntu-24-04</DiskTemplate></DiskTemplate>
</VirtualMachineSpec>
"""


def interface_with_free_addresses(store: Store, version: str = "ipv4") -> VirtualMachineNetworkInterface:
    """Return an interface for which at least four addresses of a version are free."""
    return next(obj for obj in store.interfaces if len(store.free_addresses(obj.id, version)) > 3)


def interface_in_state(store: Store, state: str) -> VirtualMachineNetworkInterface:
    return next(obj for obj in store.interfaces if obj.state == state)


def machine_of(store: Store, interface: VirtualMachineNetworkInterface) -> VirtualMachine:
    machine = store.find(VirtualMachine, interface.virtual_machine_id)
    assert machine is not None
    return machine


def interfaces_of(store: Store, machine_id: str) -> tuple[VirtualMachineNetworkInterface, ...]:
    return store.all(VirtualMachineNetworkInterface, virtual_machine_id=machine_id)


def addresses_of(store: Store, interface_id: str) -> tuple[IPAddress, ...]:
    return store.all(IPAddress, interface_id=interface_id)


def snapshot(store: Store) -> list[Object]:
    """Return all objects, including those in the trash."""
    return [obj for model in MODELS for obj in store.with_trash(model)]


def exhaust(store: Store, network: Network) -> None:
    """Let the creation of an address in a network fail."""
    store.change(network, subnets=tuple(subnet.changed(exhausted=True) for subnet in network.subnets))


def allocated_address(store: Store) -> IPAddress:
    """Return an IPv4 address that is allocated to an interface."""
    return next(obj for obj in store.all(IPAddress) if obj.interface_id and obj.subnet.version == 4)


def _machine_with_address(store: Store) -> VirtualMachine:
    """Return a machine that has an IPv4 address."""
    return next(
        machine
        for machine in store.machines
        for interface in interfaces_of(store, machine.id)
        if any(address.subnet.version == 4 for address in addresses_of(store, interface.id))
    )


def unused_networks(store: Store, machine: VirtualMachine) -> list[Network]:
    """Return the networks on which a machine has no interface but can have one."""
    used = {obj.network_id for obj in interfaces_of(store, machine.id)}
    in_center = store.all(Network, data_center_id=store.get(machine.zone_id).data_center_id)
    return [obj for obj in in_center if obj.organization_id in (None, machine.organization_id) and obj.id not in used]


def new_virtual_interface(store: Store) -> VirtualMachineNetworkInterface:
    """Return a new interface on a virtual network."""
    machine = store.machines[0]
    network = store.all(VirtualNetwork, organization_id=machine.organization_id)[0]
    profile = store.all(NetworkSpeedProfile)[0]
    return mutations.create_interface(store, machine, network=network, speed_profile=profile)


def new_balancer_with_address(store: Store, address: IPAddress, *, name: str) -> LoadBalancer:
    """Return a new load balancer to which the address is allocated."""
    center_id = store.get(address.network_id).data_center_id
    balancer = LoadBalancer(
        id=store.new_id(LoadBalancer), organization_id=address.organization_id, name=name, data_center_id=center_id
    )
    store.put(balancer)
    store.put(address.changed(load_balancer_id=balancer.id))
    return balancer


def new_balancer_rule(store: Store) -> LoadBalancerRule:
    """Return a new rule of a new load balancer, which has an address and a target."""
    balancer = new_balancer_with_address(store, next(obj for obj in store.all(IPAddress) if obj.free), name="front")
    store.put(balancer.changed(resource_ids=(_machine_with_address(store).id,)))
    rule = LoadBalancerRule(
        id=store.new_id(LoadBalancerRule),
        load_balancer_id=balancer.id,
        destination_port=8080,
        listen_port=80,
        protocol="HTTP",
    )
    store.put(rule)
    return rule


def new_complete_build(store: Store) -> VirtualMachineBuild:
    """Return a new build in the state ``complete`` whose machine is the first one."""
    machine = store.machines[0]
    build = VirtualMachineBuild(
        id=store.new_id(VirtualMachineBuild),
        organization_id=machine.organization_id,
        hostname=machine.hostname,
        spec_xml=SPEC,
        state="complete",
        virtual_machine_id=machine.id,
        created_at=0,
    )
    store.put(build)
    return build


def add_rare_objects(store: Store) -> None:
    """Add objects that the seed data does not have: a task, a load balancer, a build, an object in the trash."""
    new_virtual_interface(store)
    store.begin_task(store.interfaces[-1], name="Detach network interface", state="detached")
    new_balancer_rule(store)
    new_complete_build(store)
    store.trash(store.all(Disk)[0])


# The values of WRITES: functions that take the store and return a body, and functions that make such a function.


def _interface(choose: Callable[[Store], VirtualMachineNetworkInterface]) -> Callable[[Store], Body]:
    return lambda store: {NIC: {"id": choose(store).id}}


def _allocate(store: Store) -> Body:
    interface = interface_with_free_addresses(store)
    address = store.free_addresses(interface.id, "ipv4")[0]
    return {NIC: {"id": interface.id}, "ip_address": {"id": address.id}}


def _allocate_to_machine(store: Store) -> Body:
    interface = interface_with_free_addresses(store)
    address = store.free_addresses(interface.id, "ipv4")[0]
    return {"virtual_machine": {"id": interface.virtual_machine_id}, "ip_address": {"address": address.address}}


def _create_interface(store: Store) -> Body:
    machine = next(obj for obj in store.machines if unused_networks(store, obj))
    return {
        "virtual_machine": {"fqdn": machine.fqdn},
        "network": {"permalink": unused_networks(store, machine)[0].permalink},
        "speed_profile": {"permalink": store.all(NetworkSpeedProfile)[1].permalink},
    }


def _create_address(store: Store) -> Body:
    network = next(obj for obj in store.all(Network) if obj.default)
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


def _of(model: type[Any], **others: object) -> Callable[[Store], Body]:
    """Return a function that returns the body for the first object of a class."""
    return lambda store: {kind_name(model): {"id": store.all(model)[0].id}, **others}


def _for_owner(**others: object) -> Callable[[Store], Body]:
    """Return a function that returns the body for the first organization."""
    return lambda store: {"organization": {"id": store.organizations[0].id}, **others}


def new_unassigned_disk(store: Store) -> Disk:
    """Return a new disk that is not assigned."""
    disk = store.all(Disk)[0].changed(id=store.new_id(Disk), virtual_machine_disk=None, installation=None)
    store.put(disk)
    return disk


def _assigned(state: str | None = None, **others: object) -> Callable[[Store], Body]:
    """Return a function that returns the body for the first assigned disk, or the first one in the given state."""

    def body(store: Store) -> Body:
        assigned = {obj.id: obj.virtual_machine_disk for obj in store.all(Disk) if obj.virtual_machine_disk}
        disk_id = next(key for key, assignment in assigned.items() if state in (None, assignment.state))
        return {"disk": {"id": disk_id}, **others}

    return body


def machines_for(store: Store, disk: Disk) -> list[VirtualMachine]:
    """Return the machines of the organization and data center of a disk, without the machine that has the disk."""
    return [
        obj
        for obj in store.all(VirtualMachine, organization_id=disk.organization_id)
        if obj.data_center_id(store) == disk.data_center_id and obj.id != disk.virtual_machine_id
    ]


def _assign(store: Store) -> Body:
    disk = new_unassigned_disk(store)
    return {"disk": {"id": disk.id}, "virtual_machine": {"fqdn": machines_for(store, disk)[0].fqdn}}


def _trashed(store: Store) -> Body:
    """Put a disk in the trash and return the body for its entry."""
    return {"trash_object": {"object_id": store.trash(new_unassigned_disk(store)).object_id}}


def _purge_all(store: Store) -> Body:
    disk = new_unassigned_disk(store)
    store.trash(disk)
    return {"organization": {"id": disk.organization_id}}


def _unused_group(store: Store) -> Body:
    group = VirtualMachineGroup(
        id="vmgrp_unused", organization_id=store.organizations[0].id, name="Unused", created_at=0
    )
    store.put(group)
    return {"virtual_machine_group": {"id": group.id}}


def new_zone(store: Store) -> DNSZone:
    zone = DNSZone(id="dnszone_new", organization_id=store.organizations[0].id, name="new.example")
    store.put(zone)
    content = {"TXT": {"content": "verification"}}
    store.put(DNSRecord(id="dnsrec_new", dns_zone_id=zone.id, type="TXT", content=content))
    return zone


def _in_region(region: str, **others: object) -> Callable[[Store], Body]:
    return _for_owner(object_storage_cluster={"region": region}, **others)


def _of_bucket(**others: object) -> Callable[[Store], Body]:
    return lambda store: {
        "object_storage_cluster": {"region": "uk-lon-1"},
        "bucket": {"name": store.all(ObjectStorageBucket)[0].name},
        **others,
    }


def _revoke(store: Store) -> Body:
    bucket = store.all(ObjectStorageBucket)[0]
    store.put(bucket.changed(presigned_urls=("https://files.example/photos/cat.jpg",)))
    return _of_bucket()(store)


def _of_key(**others: object) -> Callable[[Store], Body]:
    return lambda store: {"access_key": {"id": store.all(ObjectStorageAccessKey)[0].id}, **others}


def new_empty_bucket(store: Store) -> ObjectStorageBucket:
    """Return a new bucket without objects."""
    seeded = store.all(ObjectStorageBucket)[0]
    bucket = seeded.changed(id=store.new_id(ObjectStorageBucket), name="empty", contents={})
    store.put(bucket)
    return bucket


def new_managed_organization(store: Store) -> Organization:
    """Return a new organization that the first one manages."""
    first = store.organizations[0]
    managed = first.changed(id=store.new_id(Organization), sub_domain="managed", manager_id=first.id)
    store.put(managed)
    return managed


def _balancer(**others: object) -> Callable[[Store], Body]:
    return lambda store: {"load_balancer": {"id": new_balancer_rule(store).load_balancer_id}, **others}


def _balancer_rule(**others: object) -> Callable[[Store], Body]:
    return lambda store: {"load_balancer_rule": {"id": new_balancer_rule(store).id}, **others}


def _started(store: Store) -> Body:
    return {"virtual_machine": {"id": next(obj.id for obj in store.machines if obj.state == "started")}}


def _create_balancer(store: Store) -> Body:
    center = store.all(DataCenter)[0].permalink
    properties = {"name": "back", "data_center": {"permalink": center}, "resource_type": "tags"}
    return {"organization": {"id": store.organizations[0].id}, "properties": properties}


def _create_disk(store: Store) -> Body:
    center = store.all(DataCenter)[0].id
    properties = {"name": "data", "size_in_gb": 20, "data_center": {"id": center}, "bus_type": "virtio"}
    return {"organization": {"id": store.organizations[0].id}, "properties": properties}


_RULE = {"direction": "inbound", "protocol": "TCP", "ports": "443", "targets": ["198.51.100.30"]}
_A_RECORD = {"name": "web", "type": "A", "ttl": 60, "content": {"A": {"ip_address": "203.0.113.11"}}}

_POLICIES = "/disk_backup_policies/disk_backup_policy"
_POLICY = {"retention": 5, "schedule": {"interval": "hourly", "frequency": 6, "minute": 15, "time": 0}}

WRITES: dict[tuple[str, str], Callable[[Store], Body]] = {
    ("POST", "/virtual_machines/virtual_machine/network_interfaces"): _create_interface,
    ("DELETE", NICS): _interface(lambda store: interface_in_state(store, "detached")),
    ("POST", f"{NICS}/allocate_ip"): _allocate,
    ("POST", f"{NICS}/allocate_new_ip"): lambda store: {
        NIC: {"id": interface_with_free_addresses(store).id},
        "address_version": "ipv4",
    },
    ("POST", f"{NICS}/attach"): _interface(lambda store: interface_in_state(store, "detached")),
    ("POST", f"{NICS}/detach"): _interface(lambda store: interface_in_state(store, "attached")),
    ("PATCH", f"{NICS}/update_speed_profile"): lambda store: {
        NIC: {"id": store.interfaces[0].id},
        "speed_profile": {"id": store.all(NetworkSpeedProfile)[1].id},
    },
    ("POST", "/virtual_machines/virtual_machine/allocate_ip"): _allocate_to_machine,
    ("POST", "/organizations/organization/ip_addresses"): _create_address,
    ("PATCH", "/ip_addresses/ip_address"): lambda store: {
        "ip_address": {"id": allocated_address(store).id},
        "label": "mine",
    },
    ("DELETE", "/ip_addresses/ip_address"): lambda store: {"ip_address": {"address": allocated_address(store).address}},
    ("POST", "/ip_addresses/ip_address/unallocate"): lambda store: {"ip_address": {"id": allocated_address(store).id}},
    ("POST", "/organizations/organization/virtual_networks"): _create_virtual_network,
    ("PATCH", "/virtual_networks/virtual_network"): lambda store: {
        **_unused_virtual_network(store),
        "properties": {"name": "Deep inside"},
    },
    ("DELETE", "/virtual_networks/virtual_network"): _unused_virtual_network,
    ("DELETE", "/virtual_machines/virtual_machine"): lambda store: {
        "virtual_machine": {"id": _machine_with_address(store).id}
    },
    ("PATCH", "/virtual_machines/virtual_machine"): lambda store: {
        "virtual_machine": {"id": _machine_with_address(store).id},
        "properties": {"hostname": "Renamed", "group": None, "tag_names": ["red", "new"]},
    },
    ("PUT", "/virtual_machines/virtual_machine/package"): _of(
        VirtualMachine, virtual_machine_package={"permalink": "large"}
    ),
    ("PUT", "/virtual_machines/virtual_machine/flexible_resources"): _of(
        VirtualMachine, resources={"cpu_cores": 3, "memory_in_gb": 5}
    ),
    ("POST", "/virtual_machines/virtual_machine/console_sessions"): _started,
    ("POST", "/organizations/organization/virtual_machines/build"): _for_owner(
        package={"permalink": "small"},
        data_center={"permalink": "gb-london-1"},
        disk_template={"permalink": "templates/ubuntu-24-04"},
    ),
    ("POST", "/organizations/organization/virtual_machines/build_from_spec"): _for_owner(xml=SPEC),
    ("POST", "/organizations/organization/load_balancers"): _create_balancer,
    ("PATCH", "/load_balancers/load_balancer"): _balancer(properties={"resource_ids": []}),
    ("DELETE", "/load_balancers/load_balancer"): _balancer(),
    ("POST", "/load_balancers/load_balancer/rules"): _balancer(
        properties={"destination_port": 8443, "listen_port": 443, "protocol": "TCP"}
    ),
    ("PATCH", "/load_balancers/rules/load_balancer_rule"): _balancer_rule(properties={"check_enabled": True}),
    ("DELETE", "/load_balancers/rules/load_balancer_rule"): _balancer_rule(),
    ("POST", "/organizations/organization/disks"): _create_disk,
    ("PATCH", "/disks/disk"): lambda store: {
        "disk": {"id": new_unassigned_disk(store).id},
        "properties": {"name": "renamed"},
    },
    **{
        ("POST", f"/virtual_machines/virtual_machine/{action}"): _of(VirtualMachine)
        for action in ("start", "stop", "shutdown", "reset")
    },
    ("POST", "/organizations/organization/virtual_machine_groups"): _for_owner(properties={"name": "New"}),
    ("PATCH", "/virtual_machine_groups/virtual_machine_group"): _of(
        VirtualMachineGroup, properties={"segregate": False}
    ),
    ("DELETE", "/virtual_machine_groups/virtual_machine_group"): _unused_group,
    ("POST", "/organizations/organization/tags"): _for_owner(properties={"name": "New", "color": "aqua"}),
    ("PATCH", "/tags/tag"): _of(Tag, properties={"color": "black"}),
    ("DELETE", "/tags/tag"): _of(Tag),
    ("POST", "/organizations/organization/ssh_keys"): _for_owner(ssh_key={"name": "New", "key": "ssh-ed25519 AAAA"}),
    ("DELETE", "/ssh_keys/ssh_key"): _of(SSHKey),
    ("POST", "/disks/disk/assign"): _assign,
    ("POST", "/disks/disk/unassign"): _assigned("detached"),
    ("POST", "/disks/disk/attach"): _assigned(),
    ("POST", "/disks/disk/detach"): _assigned(),
    ("PUT", "/disks/disk/resize"): _assigned(size_in_gb=20, resize_method="offline"),
    ("PUT", "/disks/disk/io_profile"): _assigned(io_profile={"permalink": "unrestricted"}),
    ("DELETE", "/disks/disk"): lambda store: {"disk": {"id": new_unassigned_disk(store).id}},
    ("POST", "/organizations/organization/security_groups"): _for_owner(properties={"name": "New"}),
    ("PATCH", "/security_groups/security_group"): _of(SecurityGroup, properties={"allow_all_inbound": True}),
    ("DELETE", "/security_groups/security_group"): _of(SecurityGroup),
    ("POST", "/security_groups/security_group/rules"): _of(SecurityGroup, properties=_RULE),
    ("PATCH", "/security_groups/rules/security_group_rule"): _of(SecurityGroupRule, properties={"notes": "New"}),
    ("DELETE", "/security_groups/rules/security_group_rule"): _of(SecurityGroupRule),
    ("POST", "/organizations/organization/address_lists"): _for_owner(properties={"name": "New"}),
    ("PATCH", "/address_lists/address_list"): _of(AddressList, properties={"name": "New"}),
    ("DELETE", "/address_lists/address_list"): _of(AddressList),
    ("POST", "/address_lists/address_list/entries"): _of(
        AddressList, properties={"address": "203.0.113.0/24", "name": "New"}
    ),
    ("POST", "/address_lists/address_list/entries/bulk"): _of(AddressList, add=[{"address": "203.0.113.9"}]),
    ("PATCH", "/address_list_entries/address_list_entry"): _of(AddressListEntry, properties={"name": "New"}),
    ("DELETE", "/address_list_entries/address_list_entry"): _of(AddressListEntry),
    ("POST", "/organizations/organization/dns_zones"): _for_owner(properties={"name": "new.example"}, verified=True),
    ("POST", "/dns_zones/dns_zone/verify"): lambda store: {"dns_zone": {"name": new_zone(store).name}},
    ("PATCH", "/dns_zones/dns_zone"): _of(DNSZone, properties={"default_ttl": 60}),
    ("DELETE", "/dns_zones/dns_zone"): _of(DNSZone),
    ("POST", "/dns_zones/dns_zone/records"): _of(DNSZone, properties=_A_RECORD),
    ("PATCH", "/dns_records/dns_record"): _of(DNSRecord, properties={"ttl": 60}),
    ("DELETE", "/dns_records/dns_record"): _of(DNSRecord),
    ("POST", "/disks/disk/disk_backup_policies"): lambda store: {
        "disk": {"id": new_unassigned_disk(store).id},
        "properties": _POLICY,
    },
    ("POST", "/virtual_machines/virtual_machine/disk_backup_policies"): _of(VirtualMachine, properties=_POLICY),
    ("PATCH", _POLICIES): _of(DiskBackupPolicy, properties={"retention": 3, "schedule": {"interval": "monthly"}}),
    ("DELETE", _POLICIES): _of(DiskBackupPolicy),
    ("DELETE", f"{_POLICIES}/schedule"): _of(DiskBackupPolicy, timestamp=4_000_000_000),
    ("POST", "/trash_objects/trash_object/restore"): _trashed,
    ("DELETE", "/trash_objects/trash_object"): _trashed,
    ("POST", "/organizations/organization/trash_objects/purge_all"): _purge_all,
    ("POST", "/organizations/organization/file_storage_volumes"): lambda store: {
        "organization": {"id": store.organizations[0].id},
        "properties": {"name": "New", "data_center": {"id": store.all(DataCenter)[0].id}},
    },
    ("PATCH", "/file_storage_volumes/file_storage_volume"): _of(FileStorageVolume, properties={"associations": []}),
    ("DELETE", "/file_storage_volumes/file_storage_volume"): _of(FileStorageVolume),
    ("POST", ACCOUNT): _in_region("nl-ams-1"),
    ("POST", f"{ACCOUNT}/buckets"): _in_region("uk-lon-1", properties={"name": "new"}),
    ("PATCH", BUCKET): _of_bucket(properties={"label": "New"}),
    ("DELETE", BUCKET): lambda store: {**_of_bucket()(store), "bucket": {"name": new_empty_bucket(store).name}},
    ("POST", f"{BUCKET}/presigned_url"): _of_bucket(path="index.html", properties={"expiry_seconds": 60}),
    ("POST", f"{BUCKET}/revoke_presigned_urls"): _revoke,
    ("POST", f"{ACCOUNT}/access_keys"): _in_region("uk-lon-1", properties={"name": "new"}),
    ("PATCH", KEY): _of_key(properties={"name": "New"}),
    ("POST", f"{KEY}/generate_credentials"): _of_key(),
    ("DELETE", KEY): _of_key(),
    ("DELETE", ACCOUNT): _in_region("uk-lon-1"),
    ("POST", "/organizations/organization/api_tokens"): _for_owner(properties={"name": "New", "scopes": ["tags"]}),
    ("PATCH", "/api_tokens/api_token"): _of(APIToken, properties={"expires_at": 2_000_000_000}),
    ("DELETE", "/api_tokens/api_token"): _of(APIToken),
    ("POST", "/api_tokens/api_token/regenerate_secret"): _of(APIToken),
    ("POST", "/organizations/organization/managed"): _for_owner(name="New", sub_domain="new"),
    ("DELETE", "/managed_organizations/organization"): lambda store: {
        "organization": {"id": new_managed_organization(store).id}
    },
    ("POST", "/invalidate_linked_web_session"): lambda _: {},
}
"""For every operation whose method is not GET, a function that returns the body of a request that succeeds."""


def with_unknown_lookups(body: Body) -> Body:
    """Return the body with other values in its lookups, so that none of them finds an object."""
    others = {"io_profile", "package", "speed_profile", "bucket", "access_key"}
    lookups = {kind_name(model) for model in MODELS} | others
    keys = {key for model in MODELS for key in model.kind.keys}
    return {
        name: dict.fromkeys(value, "none") if name in lookups and value.keys() <= keys else value
        for name, value in body.items()
    }


def read_queries(store: Store, path: str) -> list[dict[str, str]]:
    """Return the queries of a GET operation, one for each object that it can show.

    These are the first 200 objects of the class in the path, and all addresses of load balancers. The operation that
    finds the interface of a virtual machine on a network has queries for 20 interfaces.
    """
    if path.endswith("/interface"):
        public = [obj for obj in store.interfaces if obj.network_id][:20]
        return [{"virtual_machine[id]": obj.virtual_machine_id, "network[id]": str(obj.network_id)} for obj in public]
    if path.startswith(BUCKET):
        query = {"object_storage_cluster[region]": "uk-lon-1", "path": "photos/cat.jpg"}
        return [{**query, "bucket[name]": obj.name} for obj in store.all(ObjectStorageBucket)]
    models = {kind_name(model): model for model in MODELS} | {"access_key": ObjectStorageAccessKey}
    segments = path.split("/")[1:]
    name = next((segment for segment in segments if segment in models), None)
    queries: list[dict[str, str]] = [{}]
    if name is not None:
        objects = store.all(models[name])
        sample = [*objects[:200], *(obj for obj in objects[200:] if getattr(obj, "load_balancer_id", None))]
        queries = [{f"{name}[id]": obj.id} for obj in sample]
    if path == ACCOUNT:
        return [{**query, "object_storage_cluster[region]": "uk-lon-1"} for query in queries]
    if path.endswith("/disk_templates"):
        return [{**query, "include_universal": "true"} for query in queries]
    if "address_version" not in segments:
        return queries
    return [{**query, "address_version": version} for query in queries for version in ("ipv4", "ipv6")]
