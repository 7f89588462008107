"""IP addresses of organizations."""

from collections.abc import Iterable

import attrs

from katapult_async.sandbox import mutations, serializers
from katapult_async.sandbox.arguments import Arguments, Page
from katapult_async.sandbox.errors import APIError, validation_error
from katapult_async.sandbox.models import IPAddress, Network, Organization
from katapult_async.sandbox.serializers import JSON, serialize
from katapult_async.sandbox.store import ADDRESS_VERSIONS, Store

from .crud import Crud
from .operation import PAGE, boolean, lookup, operation, paginated, value

_LIST = "/organizations/:organization/ip_addresses"
_PATH = "/ip_addresses/:ip_address"
_READ = "ip_addresses ip_addresses:read"
_WRITE = "ip_addresses"
_ALLOCATED = boolean("allocated")
_NO_LABEL = "Label can't be blank"  # recorded for a VIP without a label


@operation("GET", _LIST, Organization, PAGE, _ALLOCATED, scopes=_READ)
def list_of_organization(store: Store, organization: Organization, page: Page, allocated: object) -> JSON:
    """Core API v1: get:organization_ip_addresses."""
    addresses = store.all(IPAddress, organization_id=organization.id)
    if isinstance(allocated, bool):
        addresses = tuple(address for address in addresses if address.free != allocated)
    return paginated(store, page, "ip_addresses", addresses, serializers.IP_ADDRESS)


@attrs.frozen
class _NewAddress:
    """The plain arguments of create."""

    version: str
    vip: bool
    label: str | None

    @classmethod
    def read(cls, arguments: Arguments) -> "_NewAddress":
        version = arguments.required_choice("version", ADDRESS_VERSIONS)
        vip, label = arguments.boolean("vip"), arguments.string("label")
        return cls(version, vip is True, label if isinstance(label, str) and label.strip() else None)


@operation("POST", _LIST, Organization, lookup(Network, own=True), value(_NewAddress.read), scopes=_WRITE)
def create(store: Store, organization: Organization, network: Network, new: _NewAddress) -> JSON:
    """Core API v1: post:organization_ip_addresses."""
    if new.vip and new.label is None:
        raise validation_error(_NO_LABEL)
    address = mutations.create_address(
        store, organization.id, network_id=network.id, version=new.version, vip=new.vip, label=new.label
    )
    if address is None:
        raise APIError("no_available_addresses")
    return {"ip_address": serialize(store, address, serializers.IP_ADDRESS_FULL)}


@operation("GET", _PATH, IPAddress, scopes=_READ)
def get(store: Store, address: IPAddress) -> JSON:
    """Core API v1: get:ip_address."""
    shape = f"{serializers.IP_ADDRESS_FULL} allocation"
    response = serialize(store, address, shape)
    return {"allocation": response.pop("allocation"), "ip_address": response}


def label_of_vip(_: Store, address: IPAddress, changed: Iterable[str]) -> Iterable[str]:
    """Return the problem of a VIP without a label, if its label or VIP is changed."""
    if address.vip and address.label is None and {"vip", "label"} & {*changed}:
        yield _NO_LABEL


@operation("POST", f"{_PATH}/unallocate", IPAddress, scopes=_WRITE)
def unallocate(store: Store, address: IPAddress) -> JSON:
    """Core API v1: post:ip_address_unallocate."""
    if address.free:
        raise APIError("no_allocation")
    _check_allocation(address)
    mutations.unallocate(store, address)
    return {}


@operation("DELETE", _PATH, IPAddress, scopes=_WRITE)
def delete(store: Store, address: IPAddress) -> JSON:
    """Core API v1: delete:ip_address. An address of an interface is unallocated, too."""
    _check_allocation(address)
    store.remove(address)
    return {}


def _check_allocation(address: IPAddress) -> None:
    if address.load_balancer_id is not None:
        raise APIError("resource_does_not_support_unallocation")


IP_ADDRESSES = Crud(
    model=IPAddress,
    operations="update",
    scope="ip_addresses",
    shape=serializers.IP_ADDRESS_FULL,
    writable=("vip", "label", "reverse_dns"),
    inside=None,
    check=label_of_vip,
)
