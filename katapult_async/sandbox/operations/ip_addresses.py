"""IP addresses of organizations."""

from collections.abc import Sequence
from typing import Any

from katapult_async.sandbox import mutations
from katapult_async.sandbox.arguments import without_nulls
from katapult_async.sandbox.errors import Problems, require
from katapult_async.sandbox.models import IPAddress, Network, Organization
from katapult_async.sandbox.serializers import JSON
from katapult_async.sandbox.store import Store

from .crud import Crud
from .dns import is_valid
from .operation import operation

_NO_LABEL = "Label can't be blank"  # recorded for a VIP without a label


@operation("GET", "/organizations/:organization/ip_addresses")
def list_owned(store: Store, owner: Organization, *, allocated: bool | None = None) -> Sequence[IPAddress]:
    """Core API v1: get:organization_ip_addresses."""
    return [address for address in store.all(IPAddress, owner) if allocated in (None, not address.free)]


@operation("POST", "/organizations/:organization/ip_addresses")
def create(store: Store, owner: Organization, network: Network, *, version: str, **sent: Any) -> IPAddress:
    """Core API v1: post:organization_ip_addresses."""
    new = without_nulls(sent)
    require("label" in new or not new.get("vip"), "validation_error", _NO_LABEL)
    return mutations.create_address(store, owner.id, network=network, version=version, **new)


@operation("GET", "/ip_addresses/:ip_address")
def get(store: Store, address: IPAddress) -> JSON:
    """Core API v1: get:ip_address."""
    return {"allocation": address.allocation(store)}


def _problems(_: Store, address: IPAddress) -> Problems:
    invalid = address.reverse_dns and not is_valid("hostname", address.reverse_dns)
    return {_NO_LABEL: address.vip and address.label is None, "Reverse dns is invalid": invalid}


@operation("POST", "/ip_addresses/:ip_address/unallocate")
def unallocate(store: Store, address: IPAddress) -> None:
    """Core API v1: post:ip_address_unallocate."""
    require(not address.free, "no_allocation")
    _check_allocation(store, address)
    store.change(address, interface_id=None)


def _check_allocation(_: Store, address: IPAddress) -> None:
    """Check that an address can be unallocated or deleted.

    Raises:
        APIError: it is allocated to a load balancer.
    """
    require(address.load_balancer_id is None, "resource_does_not_support_unallocation")


IP_ADDRESSES = Crud(model=IPAddress, check=_problems, in_use=_check_allocation)
