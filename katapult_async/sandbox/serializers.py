"""Serializers: objects as JSON, in the shapes that the live API sends.

A shape is a string such as ``"id name data_center(id name)"``: the names in the order of the JSON, with the names of a
nested object in parentheses. A name is a field or property of the object, a reference (``data_center`` reads
``data_center_id``, ``tags`` reads ``tag_ids``) or one of `COMPUTED`.

Where the OpenAPI document and the recorded responses (2023-03 to 2026-08) differ, the shapes follow the recordings:
they omit what the live API never sends (``hypervisor``) and have what it sends undocumented (``subnet``, ``uuid``).
"""

import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Protocol, TypeVar

import attrs

from .arguments import ABSENT, Page
from .models import (
    DNS_CONTENTS,
    AddressList,
    AddressListEntry,
    APIToken,
    DiskBackupPolicy,
    DiskTemplate,
    DiskTemplateVersion,
    DNSRecord,
    FlexibleResources,
    IPAddress,
    LoadBalancer,
    Object,
    ObjectStorageAccessKey,
    ObjectStorageAccount,
    ObjectStorageBucket,
    Tag,
    VirtualMachine,
    VirtualMachineGroup,
    VirtualMachineNetworkInterface,
    VirtualMachinePackage,
)

JSON = dict[str, Any]
T = TypeVar("T", bound=Object)


class Objects(Protocol):
    """The part of the store that serializers use."""

    def get(self, object_id: str, /) -> Any:
        """Return the object with this id, or None."""

    def all(self, model: type[T], /, **where: object) -> tuple[T, ...]:
        """Return the objects of a class, such as those with ``organization_id="org_..."``."""


COUNTRY = "id name iso_code2 iso_code3 time_zone eu"
COUNTRY_STATE = f"id name code country({COUNTRY})"
CURRENCY = "id name iso_code symbol"
NAMED = "id name permalink"
DATA_CENTER = "id name permalink country(id name)"
DATA_CENTER_FULL = f"id name permalink country({COUNTRY})"
ZONE = f"id name permalink data_center({NAMED})"
ZONE_FULL = f"id name permalink data_center({DATA_CENTER_FULL})"
GPU_TYPE = "id name manufacturer memory_in_gb memory_type permalink"
GPU_TYPE_FULL = f"{GPU_TYPE} data_centers({NAMED})"
ORGANIZATION = "id name sub_domain infrastructure_domain created_at activated_at suspended managed"
ORGANIZATION_FULL = (
    f"{ORGANIZATION} billing_name address1 address2 address3 address4 postcode vat_number phone_number"
    f" currency({CURRENCY}) country({COUNTRY}) country_state"
)
NETWORK = f"id name permalink default data_center({NAMED})"
NETWORK_FULL = f"id name permalink default data_center({DATA_CENTER_FULL})"
VIRTUAL_NETWORK = f"id name data_center({NAMED})"
VIRTUAL_NETWORK_FULL = f"id name data_center({DATA_CENTER_FULL})"
PACKAGE = (
    "id name permalink cpu_cores ipv4_addresses memory_in_gb storage_in_gb monthly_bandwidth_allowance_in_gb privacy"
    " icon use_dedicated_cpus group(id name)"
)
IP_ADDRESS = "id address reverse_dns vip allocation_id allocation_type"
IP_ADDRESS_FULL = (
    f"id address reverse_dns vip label address_with_mask network({NETWORK_FULL}) allocation_id allocation_type"
    " subnet(id address gateway mask billable version)"
)
GROUP = "id name segregate auto_segregate created_at"
TAG = "id name color created_at"
MACHINE = f"id name hostname fqdn created_at zone({ZONE}) package(name) gpu_type ip_addresses(address)"
MACHINE_FULL = (
    "id name hostname fqdn description created_at initial_root_password state suspended suspended_at"
    f" zone({ZONE_FULL}) organization({ORGANIZATION_FULL} uuid) group({GROUP}) package({PACKAGE}) attached_iso"
    f" memory_in_gb cpu_cores use_dedicated_cpus gpu_type gpus tags({TAG}) tag_names ip_addresses({IP_ADDRESS_FULL})"
)
_NETWORKS = "network(id name) virtual_network(id name)"
INTERFACE = f"id name {_NETWORKS} ip_addresses(id address reverse_dns address_with_mask)"
INTERFACE_WITHOUT_SPEED = f"id virtual_machine(id name) name {_NETWORKS} mac_address state ip_addresses(id address)"
INTERFACE_FULL = f"{INTERFACE_WITHOUT_SPEED} speed_profile({NAMED})"
BUILD = "id spec_xml state virtual_machine(id name hostname fqdn state) created_at"
CONSOLE_SESSION = "id url expires_at virtual_machine(id name hostname fqdn state)"
TASK = "id name status"
TASK_FULL = "id name status created_at started_at finished_at progress"
TARGETS: Mapping[type[Any], str] = {VirtualMachine: MACHINE_FULL, VirtualMachineGroup: GROUP, Tag: TAG}
"""What a load balancer can send traffic to."""
_LOAD_BALANCER = "id name api_reference resource_type resources resource_ids"
LOAD_BALANCER = f"{_LOAD_BALANCER} ip_address(address) data_center(id name)"
LOAD_BALANCER_FULL = (
    f"{_LOAD_BALANCER} ip_address(id address) https_redirect backend_certificate backend_certificate_key"
    f" data_center({NAMED}) enable_weighting weights(virtual_machine_id weight) standby_vms"
)
LOAD_BALANCER_RULE = "id algorithm destination_port listen_port protocol certificates check_enabled"
LOAD_BALANCER_RULE_FULL = (
    "id algorithm destination_port listen_port protocol proxy_protocol certificates backend_ssl passthrough_ssl"
    " check_enabled check_fall check_interval check_path check_protocol check_rise check_timeout check_http_statuses"
    " load_balancer(id name)"
)
SECURITY_GROUP_RULE = "id direction protocol action ports targets notes"
SECURITY_GROUP_RULE_FULL = f"{SECURITY_GROUP_RULE} security_group(id name)"
ADDRESS_LIST = "id name global"
ADDRESS_LIST_ENTRY = "id address name"
ADDRESS_LIST_FULL = f"{ADDRESS_LIST} entries({ADDRESS_LIST_ENTRY})"
CERTIFICATE = "id name issuer state expires_at last_issued_at"
DNS_ZONE = "id name default_ttl verified"
DNS_RECORD = "id name full_name ttl type priority content content_attributes"
OPERATING_SYSTEM = "id name badge(url file_name file_type file_size digest token)"
TEMPLATE = "id name description permalink universal size_in_gb latest_version(id number) operating_system(id name)"
TEMPLATE_FULL = (
    f"id name description permalink universal size_in_gb latest_version(id) operating_system({OPERATING_SYSTEM})"
)
TEMPLATE_VERSION = "id number stable size_in_gb"
TEMPLATE_VERSION_FULL = f"{TEMPLATE_VERSION} disk_template({NAMED})"
IO_PROFILE = "id name permalink speed_in_mb iops"
DISK = "id name size_in_gb wwn state virtual_machine_disk(virtual_machine(id fqdn))"
DISK_FULL = (
    f"id name size_in_gb wwn state created_at storage_speed io_profile({IO_PROFILE}) bus_type data_center({NAMED})"
    " virtual_machine_disk(virtual_machine(id fqdn) attach_on_boot boot state)"
    " installation(id disk_template_version(number stable disk_template(id name permalink operating_system(id name)))"
    " attributes(key label value description protect))"
)
DISK_OF_MACHINE = "id name size_in_gb wwn state created_at"
BACKUP_POLICY = "id retention total_size target schedule(interval next_invocation_at)"
BACKUP_POLICY_FULL = (
    "id retention total_size target schedule(frequency interval minute next_invocation_at time) auto_move_to_trash_at"
)
BACKUP_POLICY_CHANGED = "id retention target schedule()"
BACKUP_POLICY_SCHEDULED = "id target auto_move_to_trash_at"
TRASH_OBJECT = "id keep_until object_id object_type"
VOLUME = f"id name data_center({NAMED}) associations state nfs_location size"
VOLUME_FULL = f"{VOLUME} technology_generation atime_update nfs_root_squash nfs_all_squash nfs_anon_uid nfs_anon_gid"
ACCOUNT = f"region created_at provisioning_state size bucket_count data_center({DATA_CENTER_FULL})"
BUCKET = (
    "name label created_at state custom_domains object_count size serve_static_site static_site_index static_site_error"
    " cors_origins public_url access_control_list(public_read public_list all_keys_read all_keys_write read_key_ids"
    " write_key_ids)"
)
ACCESS_KEY = (
    "id name created_at region state all_buckets_read all_objects_read all_objects_write read_buckets write_buckets"
    " server_url s3_access_key_id s3_secret_access_key"
)
USER = "id first_name last_name avatar_url"


def _addresses_of_machine(objects: Objects, obj: VirtualMachine) -> list[IPAddress]:
    interfaces = objects.all(VirtualMachineNetworkInterface, virtual_machine_id=obj.id)
    return [address for interface in interfaces for address in objects.all(IPAddress, interface_id=interface.id)]


def _allocation(objects: Objects, obj: IPAddress) -> VirtualMachine | LoadBalancer | None:
    """Return what the address is allocated to: the virtual machine of its interface, or a load balancer."""
    interface = objects.get(obj.interface_id or "")
    holder: VirtualMachine | LoadBalancer | None
    holder = objects.get(obj.load_balancer_id or "" if interface is None else interface.virtual_machine_id)
    return holder


def _allocation_id(objects: Objects, obj: IPAddress) -> str | None:
    holder = _allocation(objects, obj)
    return None if holder is None else holder.id


def _allocation_type(objects: Objects, obj: IPAddress) -> str | None:
    holder = _allocation(objects, obj)
    return None if holder is None else type(holder).__name__


def _allocation_object(objects: Objects, obj: IPAddress) -> JSON | None:
    holder = _allocation(objects, obj)
    return None if holder is None else {"type": type(holder).__name__, "value": {"id": holder.id, "name": holder.name}}


def _backup_target(objects: Objects, obj: DiskBackupPolicy) -> JSON:
    target = objects.get(obj.target_id)
    return {"type": type(target).__name__, "value": {"id": target.id, "name": target.name}}


def _content_of_record(_: Objects, obj: DNSRecord) -> str:
    return " ".join(obj.content.get(obj.type, {}).values())


def _content_attributes(_: Objects, obj: DNSRecord) -> JSON:
    contents: JSON = dict.fromkeys(DNS_CONTENTS)
    contents[obj.type] = {name: obj.content.get(obj.type, {}).get(name) for name in DNS_CONTENTS[obj.type].split()}
    return contents


def _full_name(objects: Objects, obj: DNSRecord) -> str:
    zone = objects.get(obj.dns_zone_id).name
    return str(zone if obj.name is None else f"{obj.name}.{zone}")


def _resources(objects: Objects, obj: VirtualMachine) -> FlexibleResources | VirtualMachinePackage:
    package: VirtualMachinePackage = objects.get(obj.package_id)
    return obj.flexible or package


def _resources_of_load_balancer(objects: Objects, obj: LoadBalancer) -> list[JSON]:
    targets = [target for target in map(objects.get, obj.resource_ids) if target is not None]
    return [
        {"type": type(target).__name__, "value": serialize(objects, target, TARGETS[type(target)])}
        for target in targets
    ]


def _address_of_load_balancer(objects: Objects, obj: LoadBalancer) -> IPAddress | None:
    return next(iter(objects.all(IPAddress, load_balancer_id=obj.id)), None)


def _latest_version(objects: Objects, obj: DiskTemplate) -> DiskTemplateVersion:
    return max(objects.all(DiskTemplateVersion, disk_template_id=obj.id), key=lambda version: version.number)


def _buckets(objects: Objects, account_id: str) -> tuple[ObjectStorageBucket, ...]:
    return objects.all(ObjectStorageBucket, object_storage_account_id=account_id)


def _cluster(objects: Objects, obj: ObjectStorageAccount) -> Any:
    return objects.get(obj.object_storage_cluster_id)


def _region(objects: Objects, obj: ObjectStorageBucket | ObjectStorageAccessKey) -> str:
    return str(_cluster(objects, objects.get(obj.object_storage_account_id)).region)


def public_url(objects: Objects, obj: ObjectStorageBucket) -> str:
    """Return the URL of a bucket."""
    return f"https://{obj.name}.{_region(objects, obj)}.objects.example/"


def _server_url(objects: Objects, obj: ObjectStorageAccessKey) -> str | None:
    return None if obj.s3_access_key_id is None else f"{_region(objects, obj)}.objects.example:443"


def _buckets_that_it_may_read(objects: Objects, obj: ObjectStorageAccessKey) -> list[str]:
    buckets = () if obj.all_objects_read else _buckets(objects, obj.object_storage_account_id)
    return [bucket.name for bucket in buckets if obj.id in bucket.access_control_list.read_key_ids]


def _buckets_that_it_may_write(objects: Objects, obj: ObjectStorageAccessKey) -> list[str]:
    buckets = () if obj.all_objects_write else _buckets(objects, obj.object_storage_account_id)
    return [bucket.name for bucket in buckets if obj.id in bucket.access_control_list.write_key_ids]


COMPUTED: Mapping[tuple[type[Any], str], Callable[[Objects, Any], Any]] = {
    (AddressList, "entries"): lambda objects, obj: objects.all(AddressListEntry, address_list_id=obj.id),
    (AddressList, "global"): lambda _, obj: obj.organization_id is None,
    (DNSRecord, "content"): _content_of_record,
    (DNSRecord, "content_attributes"): _content_attributes,
    (DNSRecord, "full_name"): _full_name,
    (DiskBackupPolicy, "target"): _backup_target,
    (DiskTemplate, "latest_version"): _latest_version,
    (IPAddress, "allocation"): _allocation_object,
    (IPAddress, "allocation_id"): _allocation_id,
    (IPAddress, "allocation_type"): _allocation_type,
    (IPAddress, "subnet"): lambda _, obj: obj.subnet if obj.subnet.version == 4 else ABSENT,  # noqa: PLR2004 - of IPv4 only
    (ObjectStorageAccount, "bucket_count"): lambda objects, obj: len(_buckets(objects, obj.id)),
    (ObjectStorageAccount, "data_center"): lambda objects, obj: objects.get(_cluster(objects, obj).data_center_id),
    (ObjectStorageAccount, "region"): lambda objects, obj: _cluster(objects, obj).region,
    (ObjectStorageAccount, "size"): lambda objects, obj: sum(bucket.size for bucket in _buckets(objects, obj.id)),
    (ObjectStorageBucket, "public_url"): public_url,
    (ObjectStorageAccessKey, "read_buckets"): _buckets_that_it_may_read,
    (ObjectStorageAccessKey, "region"): _region,
    (ObjectStorageAccessKey, "server_url"): _server_url,
    (ObjectStorageAccessKey, "write_buckets"): _buckets_that_it_may_write,
    (APIToken, "secret"): lambda _, __: None,
    (LoadBalancer, "ip_address"): _address_of_load_balancer,
    (LoadBalancer, "resources"): _resources_of_load_balancer,
    (VirtualMachine, "cpu_cores"): lambda objects, obj: _resources(objects, obj).cpu_cores,
    (VirtualMachine, "ip_addresses"): _addresses_of_machine,
    (VirtualMachine, "memory_in_gb"): lambda objects, obj: _resources(objects, obj).memory_in_gb,
    (VirtualMachine, "suspended"): lambda objects, obj: objects.get(obj.organization_id).suspended,
    (VirtualMachine, "tag_names"): lambda objects, obj: [
        tag.name for tag in map(objects.get, obj.tag_ids) if tag is not None
    ],
    (VirtualMachine, "use_dedicated_cpus"): lambda objects, obj: _resources(objects, obj).use_dedicated_cpus,
    (VirtualMachineNetworkInterface, "ip_addresses"): lambda objects, obj: objects.all(IPAddress, interface_id=obj.id),
}
"""Names of shapes that are neither fields nor references. ABSENT omits the name."""

_Reader = Callable[[Objects, Any], Any]


@attrs.frozen(eq=False)
class _Shape:
    """A parsed shape: its names, each with the shape of its nested object or None."""

    names: tuple[tuple[str, "_Shape | None"], ...]
    _readers: dict[type[Any], list[tuple[str, _Reader, "_Shape | None"]]] = attrs.field(factory=dict, init=False)

    def serialize(self, objects: Objects, obj: object) -> JSON:
        readers = self._readers.get(type(obj))
        if readers is None:
            readers = [(name, _reader(type(obj), name), inner) for name, inner in self.names]
            self._readers[type(obj)] = readers
        result: JSON = {}
        for name, read, inner in readers:
            value = read(objects, obj)
            if value is None or value is ABSENT or inner is None:
                if value is not ABSENT:
                    result[name] = list(value) if isinstance(value, tuple) else value
            elif isinstance(value, list | tuple):
                result[name] = [inner.serialize(objects, part) for part in value]
            else:
                result[name] = inner.serialize(objects, value)
        return result


@cache
def _parse(shape: str) -> _Shape:
    stack: list[list[tuple[str, _Shape | None]]] = [[]]
    for token in re.findall(r"\w+|[()]", shape):
        match token:
            case "(":
                stack.append([])
            case ")":
                inner = _Shape(tuple(stack.pop()))
                stack[-1][-1] = (stack[-1][-1][0], inner)
            case name:
                stack[-1].append((name, None))
    return _Shape(tuple(stack[0]))


def _reader(model: type[Any], name: str) -> _Reader:
    """Return the function that reads a name of a shape from an object of a class."""
    if (model, name) in COMPUTED:
        return COMPUTED[model, name]
    if hasattr(model, name):
        return lambda _, obj: getattr(obj, name)
    if hasattr(model, f"{name}_id"):
        return lambda objects, obj: objects.get(getattr(obj, f"{name}_id") or "")
    ids = f"{name.removesuffix('s')}_ids"
    return lambda objects, obj: [part for part in map(objects.get, getattr(obj, ids)) if part is not None]


def serialize(objects: Objects, obj: Object, shape: str) -> JSON:
    """Return an object as JSON.

    Args:
        objects: the store.
        obj: the object.
        shape: names to include.
    """
    return _parse(shape).serialize(objects, obj)


def pagination(page: Page, *, total: int, large_set: bool) -> JSON:
    """Return the ``pagination`` of a list; a large set has no totals."""
    return {
        "current_page": page.number,
        "total_pages": None if large_set else -(-total // page.size),
        "total": None if large_set else total,
        "per_page": page.size,
        "large_set": large_set,
    }
