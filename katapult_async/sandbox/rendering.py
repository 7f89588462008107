"""Objects as JSON, in the shapes that the live API sends; several shapes for some.

Where the OpenAPI document and the recorded answers (2023-03 to 2026-08) disagree, the recordings win: fields that
never come are not here (``hypervisor``, the country in the zones of the machine list), and fields that come
without being documented are (``subnet``, ``suspended``, ``uuid``, the reverse DNS in interface lists).
"""

from collections.abc import Iterable
from typing import Any

from .arguments import Page
from .objects import (
    Address,
    Country,
    DataCenter,
    Interface,
    Machine,
    Network,
    Organization,
    Package,
    TrashObject,
    VirtualNetwork,
)

JSON = dict[str, Any]


def pagination(page: Page, *, total: int, large_set: bool) -> JSON:
    """Render where a page stands in its list; a large set does not tell its totals."""
    return {
        "current_page": page.number,
        "total_pages": None if large_set else -(-total // page.size),
        "total": None if large_set else total,
        "per_page": page.size,
        "large_set": large_set,
    }


def country(it: Country) -> JSON:
    """Render a country in full."""
    return {
        "id": it.id,
        "name": it.name,
        "iso_code2": it.iso_code2,
        "iso_code3": it.iso_code3,
        "time_zone": it.time_zone,
        "eu": it.eu,
    }


def data_center_brief(it: DataCenter) -> JSON:
    """Render a data center without its country, as lists do."""
    return {"id": it.id, "name": it.name, "permalink": it.permalink}


def data_center_within(it: DataCenter) -> JSON:
    """Render a data center as a part of something else."""
    return {**data_center_brief(it), "country": country(it.country)}


def data_center(it: DataCenter) -> JSON:
    """Render a data center that was asked for itself: only the name of its country."""
    return {**data_center_brief(it), "country": {"id": it.country.id, "name": it.country.name}}


def network_in_list(it: Network) -> JSON:
    """Render a network that is available to an organization."""
    return {
        "id": it.id,
        "name": it.name,
        "permalink": it.permalink,
        "default": it.default,
        "data_center": data_center_brief(it.data_center),
    }


def network(it: Network) -> JSON:
    """Render a network in full."""
    return {**network_in_list(it), "data_center": data_center_within(it.data_center)}


def virtual_network_in_list(it: VirtualNetwork) -> JSON:
    """Render a virtual network that is available to an organization."""
    return {"id": it.id, "name": it.name, "data_center": data_center_brief(it.data_center)}


def ip_address(it: Address) -> JSON:
    """Render an IP address in full; only version 4 comes with its subnet."""
    rendered = {
        "id": it.id,
        "address": it.address,
        "reverse_dns": it.reverse_dns,
        "vip": it.vip,
        "label": it.label,
        "address_with_mask": f"{it.address}/{it.subnet.mask}",
        "network": network(it.network),
        "allocation_id": it.machine_id,
        "allocation_type": None if it.machine_id is None else "VirtualMachine",
    }
    if it.subnet.version == "ipv4":
        rendered["subnet"] = {
            "id": it.subnet.id,
            "address": it.subnet.address,
            "gateway": it.subnet.gateway,
            "mask": it.subnet.mask,
            "billable": True,
            "version": 4,
        }
    return rendered


def organization_in_list(it: Organization) -> JSON:
    """Render an organization as the list does."""
    return {
        "id": it.id,
        "name": it.name,
        "sub_domain": it.sub_domain,
        "infrastructure_domain": it.infrastructure_domain,
        "created_at": it.created_at,
        "activated_at": it.created_at + 60,
        "suspended": it.suspended,
        "managed": False,
    }


def organization(it: Organization) -> JSON:
    """Render an organization in full."""
    return {
        **organization_in_list(it),
        "billing_name": it.name,
        "address1": "1 Example Street",
        "address2": "Exampleton",
        "address3": None,
        "address4": None,
        "postcode": "EX1 2MP",
        "vat_number": None,
        "phone_number": None,
        "currency": {"id": it.currency_id, "name": "Pound Sterling", "iso_code": "GBP", "symbol": "£"},
        "country": country(it.country),
        "country_state": None,
    }


def package(it: Package) -> JSON:
    """Render a package in full."""
    return {
        "id": it.id,
        "name": it.name,
        "permalink": it.permalink,
        "cpu_cores": it.cpu_cores,
        "ipv4_addresses": 1,
        "memory_in_gb": it.memory_in_gb,
        "storage_in_gb": it.storage_in_gb,
        "monthly_bandwidth_allowance_in_gb": None,
        "privacy": "public",
        "icon": None,
        "use_dedicated_cpus": False,
        "group": {"id": it.group_id, "name": "Sandbox"},
    }


def machine_in_list(it: Machine, *, addresses: Iterable[Address]) -> JSON:
    """Render a virtual machine as the list does: no state, and addresses without ids."""
    return {
        "id": it.id,
        "name": it.name,
        "hostname": it.hostname,
        "fqdn": it.fqdn,
        "created_at": it.created_at,
        "zone": {
            "id": it.zone.id,
            "name": it.zone.name,
            "permalink": it.zone.permalink,
            "data_center": data_center_brief(it.zone.data_center),
        },
        "package": {"name": it.package.name},
        "gpu_type": None,
        "ip_addresses": [{"address": each.address} for each in addresses],
    }


def machine(it: Machine, *, owner: Organization, addresses: Iterable[Address]) -> JSON:
    """Render a virtual machine in full."""
    return {
        "id": it.id,
        "name": it.name,
        "hostname": it.hostname,
        "fqdn": it.fqdn,
        "description": it.description,
        "created_at": it.created_at,
        "initial_root_password": it.initial_root_password,
        "state": it.state,
        "suspended": owner.suspended,
        "suspended_at": None,
        "zone": {
            "id": it.zone.id,
            "name": it.zone.name,
            "permalink": it.zone.permalink,
            "data_center": data_center_within(it.zone.data_center),
        },
        "organization": {**organization(owner), "uuid": owner.uuid},
        "group": None
        if it.group is None
        else {
            "id": it.group.id,
            "name": it.group.name,
            "segregate": True,
            "auto_segregate": False,
            "created_at": it.group.created_at,
        },
        "package": package(it.package),
        "attached_iso": None,
        "memory_in_gb": it.package.memory_in_gb,
        "cpu_cores": it.package.cpu_cores,
        "use_dedicated_cpus": False,
        "gpu_type": None,
        "gpus": [],
        "tags": [{"id": tag.id, "name": tag.name, "color": tag.color, "created_at": tag.created_at} for tag in it.tags],
        "tag_names": [tag.name for tag in it.tags],
        "ip_addresses": [ip_address(each) for each in addresses],
    }


def interface_in_list(it: Interface, *, addresses: Iterable[Address]) -> JSON:
    """Render a network interface as the list of its machine does: no state, no speed, no MAC address."""
    return {
        "id": it.id,
        "name": it.name,
        "network": {"id": it.network.id, "name": it.network.name},
        "virtual_network": None,
        "ip_addresses": [
            {
                "id": each.id,
                "address": each.address,
                "reverse_dns": each.reverse_dns,
                "address_with_mask": f"{each.address}/{each.subnet.mask}",
            }
            for each in addresses
        ],
    }


def interface(it: Interface, *, holder: Machine, addresses: Iterable[Address]) -> JSON:
    """Render a network interface in full."""
    return {
        "id": it.id,
        "virtual_machine": {"id": holder.id, "name": holder.name},
        "name": it.name,
        "network": {"id": it.network.id, "name": it.network.name},
        "virtual_network": None,
        "mac_address": it.mac_address,
        "state": it.state,
        "ip_addresses": [{"id": each.id, "address": each.address} for each in addresses],
        "speed_profile": {
            "id": it.speed_profile.id,
            "name": it.speed_profile.name,
            "permalink": it.speed_profile.permalink,
        },
    }


def trash_object(it: TrashObject) -> JSON:
    """Render the mark of something in the trash."""
    return {
        "id": it.id,
        "keep_until": it.keep_until,
        "object_id": it.object_id,
        "object_type": it.object_type,
    }
