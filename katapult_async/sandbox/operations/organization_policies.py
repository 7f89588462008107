"""Policy of an organization: its limits, features and prices, and the steps before its deletion."""

from collections.abc import Callable, Mapping

from katapult_async.sandbox.documented_operations import Shape, documented
from katapult_async.sandbox.errors import require
from katapult_async.sandbox.json_files import read_json
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

LIMIT = 1000
"""How many objects of one kind an organization may have. Only the limit of managed organizations is enforced."""

_DATA: JSON = read_json("organization_policies.json")
"""The units of limits, the limits that are not `LIMIT`, and the prices."""
_OTHER_NAMES = {"empty_trash": TrashObject, "object_storage": ObjectStorageAccount}
_MODELS = {plural(model): model for model in MODELS} | _OTHER_NAMES
"""The classes of limited resources, by the names of the resources in the responses."""
_COUNTS: Mapping[str, Callable[[Store, Organization], int]] = {
    "disk_space": lambda store, owner: sum(obj.size_in_gb for obj in store.all(Disk, owner)),
    "managed_organizations": lambda store, owner: len(store.all(Organization, manager_id=owner.id)),
    "unallocated_ip_addresses": lambda store, owner: sum(obj.free for obj in store.all(IPAddress, owner)),
    "virtual_machine_memory": lambda store, owner: sum(obj.memory_in_gb for obj in store.all(VirtualMachine, owner)),
}
"""How much of a limited resource an organization has, where that is not the number of its objects."""


def _count(store: Store, owner: Organization, name: str) -> int:
    """Return how much of a limited resource an organization has; 0 for a resource that the sandbox does not have."""
    if name in _COUNTS:
        return _COUNTS[name](store, owner)
    return len(store.all(_MODELS[name], owner)) if name in _MODELS else 0


def _shape(name: str) -> Shape:
    """Return the documented shape of a response about an organization, such as that of ``policy``."""
    return documented("GET", f"/organizations/:organization/{name}").response


@operation("GET", "/organizations/:organization/deletion_steps")
def deletion_steps(store: Store, organization: Organization) -> JSON:
    """Core API v1: get:organization_deletion_steps."""
    left = {name: _count(store, organization, name) for name in _shape("deletion_steps").inside["steps"].names}
    steps = {
        name: {"satisfied": number == 0, "description": f"{name.replace('_', ' ').capitalize()}: {number} left."}
        for name, number in left.items()
    }
    return {"steps": steps}


@operation("GET", "/organizations/:organization/policy")
def get_policy(store: Store, organization: Organization) -> JSON:
    """Core API v1: get:organization_policy."""
    require(organization.manager_id is None, "policy_not_available_for_managed_organizations")
    shape, currency = _shape("policy"), store.get(organization.currency_id)
    limits: JSON = {
        name: {"limit": LIMIT, "current": _count(store, organization, name), "unit": _DATA["units"].get(name)}
        for name in shape.inside["limits"].names
    }
    return {
        **_DATA["policy"],
        "limits": limits | {"uninvoiced_balance": {"limit": 500.0, "current": 12.5, "currency": currency}},
        "features": {name: {"permitted": True} for name in shape.inside["features"].names},
    }


@operation("GET", "/organizations/:organization/policy_limits")
def get_policy_limits(_: Store, __: Organization) -> JSON:
    """Core API v1: get:organization_policy_limits."""
    shape = _shape("policy_limits").inside["policy_limits"]
    limits = {name: {"value": LIMIT, "unlimited": False} for name in shape.inside}
    return {"policy_limits": {**limits, **_DATA["policy_limits"], **dict.fromkeys(shape.flags, True)}}


@operation("GET", "/organizations/:organization/prices")
def get_prices(store: Store, organization: Organization) -> JSON:
    """Core API v1: get:organization_prices. The price of a package depends only on its memory."""
    require(organization.manager_id is None, "prices_not_available_for_managed_organizations")
    of_packages, *others = _DATA["prices"]
    variants = [
        {"id": package.id, "description": package.name, "price": of_packages["price"] * package.memory_in_gb}
        for package in store.all(VirtualMachinePackage)
    ]
    return {"currency": store.get(organization.currency_id), "prices": [{**of_packages, "variants": variants}, *others]}
