"""Places: data centers, their zones and graphics processors, countries, their states and currencies."""

from katapult_async.sandbox import serializers
from katapult_async.sandbox.arguments import Page
from katapult_async.sandbox.models import (
    Country,
    CountryState,
    Currency,
    DataCenter,
    GPUType,
    Network,
    Zone,
)
from katapult_async.sandbox.serializers import JSON, serialize
from katapult_async.sandbox.store import Store

from .crud import Crud
from .operation import PAGE, operation, paginated


@operation("GET", "/data_centers/:data_center/default_network", DataCenter)
def get_default_network(store: Store, data_center: DataCenter) -> JSON:
    """Core API v1: get:data_center_default_network."""
    network, *_ = store.all(Network, data_center_id=data_center.id, default=True)
    return {"network": serialize(store, network, serializers.NETWORK)}


@operation("GET", "/data_centers/:data_center/gpu_types", DataCenter, PAGE)
def list_gpu_types_of_data_center(store: Store, data_center: DataCenter, page: Page) -> JSON:
    """Core API v1: get:data_center_gpu_types."""
    gpu_types = [gpu_type for gpu_type in store.all(GPUType) if data_center.id in gpu_type.data_center_ids]
    return paginated(store, page, "gpu_types", gpu_types, serializers.GPU_TYPE)


DATA_CENTERS = Crud(model=DataCenter, operations="list get", paginated=False, shape=serializers.DATA_CENTER)


ZONES = Crud(
    model=Zone, operations="list get", paginated=False, shape=serializers.ZONE_FULL, list_shape=serializers.ZONE
)


COUNTRIES = Crud(model=Country, operations="list get", list_shape="id name")


COUNTRY_STATES = Crud(
    model=CountryState,
    operations="list get",
    parent=Country,
    shape=serializers.COUNTRY_STATE,
    list_shape="id name",
)


GPU_TYPES = Crud(model=GPUType, operations="list get", shape=serializers.GPU_TYPE_FULL)


CURRENCIES = Crud(model=Currency, operations="list get", list_shape="id name")
