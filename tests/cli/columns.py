"""The columns of commands: some are chosen by hand, all others are derived. ``python -m tests.cli`` writes them."""

from collections.abc import Mapping
from typing import Final

from katapult_async.cli.declarations import Fields

_MOST_COLUMNS: Final = 5

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
"""Paths of the fields that rows show without ``--fields``, by command. Those of all others are derived."""


def derived_columns(fields: Fields, *, brief: bool) -> list[str]:
    """Return the paths of the fields that describe a record best.

    These are the fields with plain values, and the names of objects. A record without an id, such as a report, also has
    columns for the objects in it.

    Args:
        fields: those of the record.
        brief: whether only the first few are derived, for the rows of a list.
    """
    columns: list[str] = []
    for name, field in fields.items():
        is_list = field.container == "list"
        if field.fields and "id" not in fields:
            columns += [f"{name}.{inner}" for inner in ("id", "name", "status") if inner in field.fields] or [name]
        elif "name" in field.fields and not brief and not is_list:
            columns.append(f"{name}.name")
        elif not field.fields and not field.is_secret and not (brief and is_list):
            columns.append(name)
    return columns[:_MOST_COLUMNS] if brief else columns
