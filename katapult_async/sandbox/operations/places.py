"""Places: data centers with their networks and graphics processors."""

from collections.abc import Sequence

from katapult_async.sandbox.models import DataCenter, GPUType, Network
from katapult_async.sandbox.store import Store

from .operation import operation


@operation("GET", "/data_centers/:data_center/default_network")
def get_default_network(store: Store, data_center: DataCenter) -> Network:
    """Core API v1: get:data_center_default_network."""
    return store.all(Network, data_center_id=data_center.id, default=True)[0]


@operation("GET", "/data_centers/:data_center/gpu_types")
def list_gpu_types_of_data_center(store: Store, data_center: DataCenter) -> Sequence[GPUType]:
    """Core API v1: get:data_center_gpu_types."""
    return [gpu_type for gpu_type in store.all(GPUType) if data_center.id in gpu_type.data_center_ids]
