"""Organizations, data centers and zones, countries and currencies."""

from katapult_async.sandbox import serializers
from katapult_async.sandbox.models import Country, Currency, DataCenter, Network, Organization, Zone
from katapult_async.sandbox.serializers import JSON, serialize
from katapult_async.sandbox.store import Store

from .crud import Crud
from .operation import Operation


def get_default_network(store: Store, data_center: DataCenter) -> JSON:
    """Core API v1: get:data_center_default_network."""
    network, *_ = store.all(Network, data_center_id=data_center.id, default=True)
    return {"network": serialize(store, network, serializers.NETWORK)}


OPERATIONS = (
    *Crud(
        model=Organization,
        operations="list get",
        scope="organizations:read",
        paginated=False,
        shape=serializers.ORGANIZATION_FULL,
        list_shape=serializers.ORGANIZATION,
    ),
    *Crud(model=DataCenter, operations="list get", paginated=False, shape=serializers.DATA_CENTER),
    Operation("GET", "/data_centers/:data_center/default_network", get_default_network, (DataCenter,)),
    *Crud(model=Zone, operations="list get", paginated=False, shape=serializers.ZONE_FULL, list_shape=serializers.ZONE),
    *Crud(model=Country, operations="list get", list_shape="id name"),
    *Crud(model=Currency, operations="list get", list_shape="id name"),
)
