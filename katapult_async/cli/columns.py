"""Columns: the fields that some commands show without ``--fields``, chosen by hand, and the titles of all."""

from collections.abc import Mapping, Sequence
from typing import Final

_IDENTIFYING: Final = frozenset({"address", "name"})  # fields whose column has the title of the object
_UPPER: Final = "api cpu dns eu fqdn gb gpu http https id io iops ip iso mac mb nfs ssh ssl ttl url uuid vat vip wwn"
_MIXED_CASE: Final = {"cpus": "CPUs", "ids": "IDs", "ipv4": "IPv4", "ipv6": "IPv6", "isos": "ISOs", "vms": "VMs"}
_ACRONYMS: Final[Mapping[str, str]] = {**_MIXED_CASE, **{word: word.upper() for word in _UPPER.split()}}

_ADDRESS_DETAILS: Final = (
    "id address address_with_mask reverse_dns vip label network.name network.data_center.name allocation_type "
    "allocation_id allocation.value.name"
)
_BACKUP_POLICY: Final = "id retention target.type target.value.name schedule.interval"
_BACKUP_SCHEDULE: Final = "id retention total_size schedule.interval schedule.next_invocation_at"
_CREDENTIALS: Final = "id name s3_access_key_id s3_secret_access_key"
_INTERFACE: Final = "id name network.name virtual_network.name ip_addresses.address"
_MACHINE_DETAILS: Final = (
    "id fqdn description state organization.name zone.name zone.data_center.name package.name cpu_cores "
    "memory_in_gb ip_addresses.address_with_mask tag_names created_at"
)
_BILLING: Final = "suspended managed created_at billing_name postcode country.name currency.iso_code"
_ORGANIZATION: Final = "id name sub_domain infrastructure_domain"

COLUMNS: Final[Mapping[str, str]] = {
    **dict.fromkeys(("api-tokens create", "api-tokens regenerate-secret"), "id name secret scopes expires_at"),
    "certificates list": "id name state expires_at",
    "data-centers list": "id name permalink country.name",
    "disk-backup-policies list": _BACKUP_POLICY,
    "disk-backup-policies list-of-disk": _BACKUP_SCHEDULE,
    "disk-backup-policies list-of-virtual-machine": _BACKUP_SCHEDULE,
    "disk-backup-policies get": f"{_BACKUP_POLICY} schedule.next_invocation_at",
    "disk-backup-policies schedule-deletion": "id target.type target.value.name auto_move_to_trash_at",
    "disks list": "id name size_in_gb",
    "dns-records list": "id full_name type ttl content",
    "ip-addresses list": "id address reverse_dns allocation_id",
    "ip-addresses get": _ADDRESS_DETAILS,
    "load-balancers list": "id name ip_address.address data_center.name",
    "network-interfaces list": _INTERFACE,
    "network-interfaces get": f"{_INTERFACE} virtual_machine.name mac_address state speed_profile.name",
    "networks list": "id name permalink data_center.name default",
    "object-storage-access-keys generate-credentials": _CREDENTIALS,
    "object-storage-access-keys wait-for-credentials": _CREDENTIALS,
    "object-storage-buckets create-presigned-url": "url",
    "organizations list": _ORGANIZATION,
    "organizations get": f"{_ORGANIZATION} {_BILLING}",
    "organizations users-with-access": "user.id user.first_name user.last_name",
    "security-group-rules list": "id direction protocol ports targets action",
    "tags list": "id name color",
    "users current": "user.id user.first_name user.last_name organizations.name",
    "virtual-machine-packages list": "id name permalink cpu_cores memory_in_gb storage_in_gb",
    "virtual-machines list": "id fqdn zone.data_center.name ip_addresses.address",
    "virtual-machines get": _MACHINE_DETAILS,
    "virtual-machines update": _MACHINE_DETAILS,
    "virtual-machines delete": "virtual_machine.id virtual_machine.fqdn trash_object.id trash_object.keep_until",
    "virtual-machines create-console-session": "url expires_at",
    # these return no other fields
    **dict.fromkeys(("countries list", "country-states list", "currencies list"), "id name"),
    **dict.fromkeys(("api-tokens delete", "load-balancers delete", "security-groups delete"), "id name"),
    **dict.fromkeys(("disk-backup-policies delete", "load-balancer-rules delete", "security-group-rules delete"), "id"),
}
"""Paths of the fields that rows show without ``--fields``, by command. `declarations` has those of all others."""


def titles_of(paths: Sequence[str]) -> tuple[str, ...]:
    """Return titles of columns for people: ``zone.data_center.name`` is ``Data center``."""
    titles = [_title(path) for path in paths]
    return tuple(
        title if titles.count(title) == 1 else _words(path.replace(".", "_"))
        for path, title in zip(paths, titles, strict=True)
    )


def _title(path: str) -> str:
    # `value` holds an object of one of several types
    *parents, last = [name for name in path.split(".") if name != "value"]
    return _words(parents[-1]) if parents and last in _IDENTIFYING else _words(last)


def _words(name: str) -> str:
    words = [_ACRONYMS.get(word, word) for word in name.split("_")]
    return " ".join([words[0][:1].upper() + words[0][1:], *words[1:]])
