"""What an organization may have and do, what it pays, and what its deletion needs."""

from katapult_async.sandbox.errors import APIError
from katapult_async.sandbox.kinds import MODELS, plural
from katapult_async.sandbox.models import (
    Disk,
    IPAddress,
    ObjectStorageAccount,
    Organization,
    TrashObject,
    VirtualMachine,
    VirtualMachinePackage,
)
from katapult_async.sandbox.serializers import JSON
from katapult_async.sandbox.store import Store

from .operation import operation

_PATH = "/organizations/:organization"
LIMIT = 1000
"""How many objects of one kind an organization may have. Only that of managed organizations is enforced."""

_FEATURES = (
    "disk_bus_configuration zone_selection restricted_traffic_types suspension flexible_virtual_machine_resources"
)
_DELETED = (
    "virtual_machines disks file_storage_volumes disk_backup_policies isos disk_templates load_balancers dns_zones"
    " empty_trash virtual_networks ip_addresses object_storage"
)
"""What must be gone before an organization is deleted."""

_LIMITED = (
    "virtual_machines virtual_machine_memory managed_organizations unallocated_ip_addresses disk_space security_groups"
    " virtual_networks load_balancers dns_zones certificates file_storage_volumes isos"
)
"""What an organization has a limited number of."""

_MODELS = {plural(model): model for model in MODELS} | {
    "empty_trash": TrashObject,
    "object_storage": ObjectStorageAccount,
}


def _counts(store: Store, organization: Organization, names: str) -> dict[str, int]:
    """Return how many objects of some classes an organization has; 0 for what the sandbox does not have."""
    models = {name: _MODELS.get(name) for name in names.split()}
    owner = {"organization_id": organization.id}
    return {name: 0 if model is None else len(store.all(model, **owner)) for name, model in models.items()}


def deletion_steps(store: Store, organization: Organization) -> dict[str, JSON]:
    """Return the steps of the deletion of an organization by their names."""
    left = {
        "managed_organizations": len(store.all(Organization, manager_id=organization.id)),
        **_counts(store, organization, _DELETED),
        "ensure_zero_balance": 0,
        "ensure_no_outstanding_invoices": 0,
    }
    return {
        name: {"satisfied": number == 0, "description": f"{name.replace('_', ' ').capitalize()}: {number} left."}
        for name, number in left.items()
    }


@operation("GET", f"{_PATH}/deletion_steps")
def get_deletion_steps(store: Store, organization: Organization) -> JSON:
    """Core API v1: get:organization_deletion_steps."""
    return {"steps": deletion_steps(store, organization)}


@operation("GET", f"{_PATH}/policy")
def get_policy(store: Store, organization: Organization) -> JSON:
    """Core API v1: get:organization_policy."""
    if organization.managed:
        raise APIError("policy_not_available_for_managed_organizations")
    machines = store.all(VirtualMachine, organization_id=organization.id)
    addresses = store.all(IPAddress, organization_id=organization.id)
    current = _counts(store, organization, _LIMITED) | {
        "virtual_machine_memory": sum(machine.memory_in_gb(store) for machine in machines),
        "managed_organizations": len(store.all(Organization, manager_id=organization.id)),
        "unallocated_ip_addresses": sum(address.free for address in addresses),
        "disk_space": sum(disk.size_in_gb for disk in store.all(Disk, organization_id=organization.id)),
    }
    units = {"virtual_machine_memory": "GB", "disk_space": "GB"}
    currency = store.get(organization.currency_id)
    limits: JSON = {"uninvoiced_balance": {"limit": 500.0, "current": 12.5, "currency": currency}}
    limits.update(
        (name, {"limit": LIMIT, "current": number, "unit": units.get(name)}) for name, number in current.items()
    )
    limits["disk_iops"] = {"limit": 100_000, "unit": "IOPS"}
    limits["network_speed"] = {"limit": 10_000, "unit": "Mbps"}
    return {
        "policy_type": "auto",
        "policy_name": "Sandbox",
        "limits": limits,
        "features": {name: {"permitted": True} for name in _FEATURES.split()},
        "reasons_for_disallowing_resource_creation": [],
    }


@operation("GET", f"{_PATH}/policy_limits")
def get_policy_limits(_: Store, __: Organization) -> JSON:
    """Core API v1: get:organization_policy_limits."""
    limits: JSON = {f"maximum_{name}": {"value": LIMIT, "unlimited": False} for name in _LIMITED.split()}
    return {
        "policy_limits": {
            "maximum_uninvoiced_balance": {"value": 500.0, "unlimited": False},
            **limits,
            "maximum_disk_size": {"value": None, "unlimited": True},
            "minimum_disk_size": {"value": 10},
            "flexible_virtual_machine_resources": True,
            "allow_suspension": True,
            "allow_restricted_traffic_types": True,
        }
    }


@operation("GET", f"{_PATH}/prices")
def get_prices(store: Store, organization: Organization) -> JSON:
    """Core API v1: get:organization_prices. Packages cost what their memory costs."""
    if organization.managed:
        raise APIError("prices_not_available_for_managed_organizations")
    variants = [
        {"id": package.id, "description": package.name, "price": 5.25 * package.memory_in_gb}
        for package in store.all(VirtualMachinePackage)
    ]
    packages = {"resource": "virtual_machine_package", "category": "compute", "description": "Virtual machines"}
    address = {"resource": "ipv4_address", "category": "network", "description": "IPv4 addresses"}
    return {
        "currency": store.get(organization.currency_id),
        "prices": [{**packages, "price": 5.25, "variants": variants}, {**address, "price": 2.5, "variants": []}],
    }
