"""Objects as JSON, in the shapes that the live API sends; several shapes for some.

Where the OpenAPI document and the recorded answers (2023-03 to 2026-08) disagree, the recordings win: fields that
never come are not here (``hypervisor``, the country in the zones of the machine list), and fields that come
without being documented are (``subnet``, ``suspended``, ``uuid``, the reverse DNS in interface lists).
"""

from collections.abc import Iterable
from typing import Any

from .arguments import Page
from .models import (
    Address,
    Country,
    DataCenter,
    Interface,
    Machine,
    Network,
    Organization,
    Package,
    SpeedProfile,
    Task,
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


def virtual_network(it: VirtualNetwork) -> JSON:
    """Render a virtual network in full."""
    return {**virtual_network_in_list(it), "data_center": data_center_within(it.data_center)}


def speed_profile(it: SpeedProfile) -> JSON:
    """Render a network speed profile in full; a speed without a bound is null."""
    return {
        "id": it.id,
        "name": it.name,
        "upload_speed_in_mbit": it.upload_speed_in_mbit,
        "download_speed_in_mbit": it.download_speed_in_mbit,
        "permalink": it.permalink,
    }


def _allocation(it: Address) -> JSON:
    """Render which object an address belongs to: the virtual machine of its interface, or a load balancer."""
    if it.load_balancer is not None:
        return {"allocation_id": it.load_balancer.id, "allocation_type": "LoadBalancer"}
    return {"allocation_id": it.machine_id, "allocation_type": None if it.machine_id is None else "VirtualMachine"}


def allocation(it: Address, *, holder: Machine | None) -> JSON | None:
    """Render what holds an address, as it stands beside the address: its type and the object; None when it is free.

    Args:
        it: the address.
        holder: the machine whose interface holds it, if any.
    """
    found = it.load_balancer or holder
    if found is None:
        return None
    return {"type": _allocation(it)["allocation_type"], "value": {"id": found.id, "name": found.name}}


def ip_address_in_list(it: Address) -> JSON:
    """Render an IP address as the list of its organization does: no network, no label."""
    return {"id": it.id, "address": it.address, "reverse_dns": it.reverse_dns, "vip": it.vip, **_allocation(it)}


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
        **_allocation(it),
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


def _networks(it: Network | VirtualNetwork) -> JSON:
    """Render the network of an interface under its kind; the other kind is null."""
    found = {"id": it.id, "name": it.name}
    if isinstance(it, Network):
        return {"network": found, "virtual_network": None}
    return {"network": None, "virtual_network": found}


def interface_in_list(it: Interface, *, addresses: Iterable[Address]) -> JSON:
    """Render a network interface as the list of its machine does: no state, no speed, no MAC address."""
    return {
        "id": it.id,
        "name": it.name,
        **_networks(it.network),
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


def interface_without_speed(it: Interface, *, holder: Machine, addresses: Iterable[Address]) -> JSON:
    """Render a network interface as its network and the allocation of an address tell it: no speed profile."""
    return {
        "id": it.id,
        "virtual_machine": {"id": holder.id, "name": holder.name},
        "name": it.name,
        **_networks(it.network),
        "mac_address": it.mac_address,
        "state": it.state,
        "ip_addresses": [{"id": each.id, "address": each.address} for each in addresses],
    }


def interface(it: Interface, *, holder: Machine, addresses: Iterable[Address]) -> JSON:
    """Render a network interface in full."""
    profile = it.speed_profile
    return {
        **interface_without_speed(it, holder=holder, addresses=addresses),
        "speed_profile": {"id": profile.id, "name": profile.name, "permalink": profile.permalink},
    }


def task_in_answer(it: Task) -> JSON:
    """Render a task in the answer to the request that began it."""
    return {"id": it.id, "name": it.name, "status": it.status}


def task(it: Task) -> JSON:
    """Render a task in full; a failed one does not say why."""
    return {
        **task_in_answer(it),
        "created_at": it.created_at,
        "started_at": it.started_at,
        "finished_at": it.finished_at,
        "progress": it.progress,
    }


def trash_object(it: TrashObject) -> JSON:
    """Render the mark of something in the trash."""
    return {
        "id": it.id,
        "keep_until": it.keep_until,
        "object_id": it.object_id,
        "object_type": it.object_type,
    }
