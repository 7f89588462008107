"""What can be done with virtual networks."""

from katapult_async.sandbox import mutations, serializers
from katapult_async.sandbox.arguments import Arguments
from katapult_async.sandbox.errors import deletion_restricted, validation_error
from katapult_async.sandbox.serializers import JSON
from katapult_async.sandbox.store import Store

from . import lookups
from .listing import paginated


def _check_name(name: str) -> None:
    if not name.strip():
        raise validation_error("Name can't be blank")


def list_all(store: Store, arguments: Arguments) -> JSON:
    """Core API v1: get:organization_virtual_networks."""
    find, page = lookups.organization(store, arguments), arguments.page()
    return paginated(
        store,
        page,
        key="virtual_networks",
        things=store.virtual_networks_of(find().id),
        render=serializers.virtual_network,
    )


def create(store: Store, arguments: Arguments) -> JSON:
    """Core API v1: post:organization_virtual_networks."""
    find_organization, find_data_center = (
        lookups.organization(store, arguments),
        lookups.data_center(store, arguments),
    )
    properties = arguments.inside("properties")
    properties.require("name")
    name = str(properties.string("name"))
    organization, data_center = find_organization(), find_data_center()
    _check_name(name)
    created = mutations.create_virtual_network(store, organization=organization, data_center=data_center, name=name)
    return {"virtual_network": serializers.virtual_network(created)}


def get(store: Store, arguments: Arguments) -> JSON:
    """Core API v1: get:virtual_network."""
    return {"virtual_network": serializers.virtual_network(lookups.virtual_network(store, arguments)())}


def update(store: Store, arguments: Arguments) -> JSON:
    """Core API v1: patch:virtual_network."""
    find = lookups.virtual_network(store, arguments)
    properties = arguments.inside("properties")
    properties.require("name")
    name = str(properties.string("name"))
    network = find()
    _check_name(name)
    renamed = mutations.rename_virtual_network(store, network=network, name=name)
    return {"virtual_network": serializers.virtual_network(renamed)}


def delete(store: Store, arguments: Arguments) -> JSON:
    """Core API v1: delete:virtual_network."""
    network = lookups.virtual_network(store, arguments)()
    if store.interfaces_on(network.id):
        raise deletion_restricted("Network interfaces use this virtual network")
    store.remove(network)
    return {"virtual_network": serializers.virtual_network(network)}
