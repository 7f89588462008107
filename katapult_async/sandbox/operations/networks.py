"""Networks and virtual networks."""

from katapult_async.sandbox.errors import Problems
from katapult_async.sandbox.models import Network, Organization, VirtualMachineNetworkInterface, VirtualNetwork
from katapult_async.sandbox.serializers import JSON
from katapult_async.sandbox.store import Store

from .crud import Crud
from .operation import operation


@operation("GET", "/organizations/:organization/available_networks")
def list_available(store: Store, organization: Organization) -> JSON:
    """Core API v1: get:organization_available_networks."""
    networks = [obj for obj in store.all(Network) if obj.organization_id in (None, organization.id)]
    virtual = store.all(VirtualNetwork, organization_id=organization.id)
    return {"networks": networks, "virtual_networks": virtual}


def _uses_of_network(store: Store, network: VirtualNetwork) -> Problems:
    interfaces = store.with_trash(VirtualMachineNetworkInterface, virtual_network_id=network.id)
    return {"Network interfaces use this virtual network": interfaces}


VIRTUAL_NETWORKS = Crud(model=VirtualNetwork, in_use=_uses_of_network)
