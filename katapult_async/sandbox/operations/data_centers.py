"""What can be asked about data centers."""

from katapult_async.sandbox import serializers
from katapult_async.sandbox.arguments import Arguments
from katapult_async.sandbox.serializers import JSON
from katapult_async.sandbox.store import Store

from . import lookups


def list_all(store: Store, _: Arguments) -> JSON:
    """Core API v1: get:data_centers."""
    return {"data_centers": [serializers.data_center(it) for it in store.data_centers]}


def get(store: Store, arguments: Arguments) -> JSON:
    """Core API v1: get:data_center."""
    return {"data_center": serializers.data_center(lookups.data_center(store, arguments)())}


def get_default_network(store: Store, arguments: Arguments) -> JSON:
    """Core API v1: get:data_center_default_network."""
    data_center = lookups.data_center(store, arguments)()
    network = next(it for it in store.networks if it.default and it.data_center == data_center)
    return {"network": serializers.network_in_list(network)}
