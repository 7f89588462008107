"""What can be done with virtual networks."""

from katapult_async.sandbox import mutations, serializers
from katapult_async.sandbox.arguments import Arguments
from katapult_async.sandbox.errors import deletion_restricted, validation_error
from katapult_async.sandbox.serializers import JSON
from katapult_async.sandbox.store import World

from . import lookups
from .listing import paginated


def _check_name(name: str) -> None:
    if not name.strip():
        raise validation_error("Name can't be blank")


def list_all(world: World, arguments: Arguments) -> JSON:
    """Core API v1: get:organization_virtual_networks."""
    find, page = lookups.organization(world, arguments), arguments.page()
    return paginated(
        world,
        page,
        key="virtual_networks",
        things=world.virtual_networks_of(find().id),
        render=serializers.virtual_network,
    )


def create(world: World, arguments: Arguments) -> JSON:
    """Core API v1: post:organization_virtual_networks."""
    find_organization, find_data_center = (
        lookups.organization(world, arguments),
        lookups.data_center(world, arguments),
    )
    name = arguments.inside("properties").required_text("name")
    organization, data_center = find_organization(), find_data_center()
    _check_name(name)
    created = mutations.create_virtual_network(world, organization=organization, data_center=data_center, name=name)
    return {"virtual_network": serializers.virtual_network(created)}


def get(world: World, arguments: Arguments) -> JSON:
    """Core API v1: get:virtual_network."""
    return {"virtual_network": serializers.virtual_network(lookups.virtual_network(world, arguments)())}


def update(world: World, arguments: Arguments) -> JSON:
    """Core API v1: patch:virtual_network."""
    find = lookups.virtual_network(world, arguments)
    name = arguments.inside("properties").required_text("name")
    network = find()
    _check_name(name)
    renamed = mutations.rename_virtual_network(world, network=network, name=name)
    return {"virtual_network": serializers.virtual_network(renamed)}


def delete(world: World, arguments: Arguments) -> JSON:
    """Core API v1: delete:virtual_network."""
    network = lookups.virtual_network(world, arguments)()
    if world.interfaces_on(network.id):
        raise deletion_restricted("Network interfaces use this virtual network")
    world.remove(network)
    return {"virtual_network": serializers.virtual_network(network)}
