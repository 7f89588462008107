"""What can be asked about public networks and how fast interfaces may be on them."""

from katapult_async.sandbox import serializers
from katapult_async.sandbox.arguments import Arguments
from katapult_async.sandbox.serializers import JSON
from katapult_async.sandbox.store import Store

from . import lookups
from .listing import paginated


def get(store: Store, arguments: Arguments) -> JSON:
    """Core API v1: get:network."""
    return {"network": serializers.network(lookups.network(store, arguments)())}


def list_available(store: Store, arguments: Arguments) -> JSON:
    """Core API v1: get:organization_available_networks."""
    organization = lookups.organization(store, arguments)()
    return {
        "networks": [serializers.network_in_list(it) for it in store.networks_of(organization.id)],
        "virtual_networks": [
            serializers.virtual_network_in_list(it) for it in store.virtual_networks_of(organization.id)
        ],
    }


def list_speed_profiles(store: Store, arguments: Arguments) -> JSON:
    """Core API v1: get:organization_network_speed_profiles."""
    find, page = lookups.organization(store, arguments), arguments.page()
    find()
    profiles = store.speed_profiles
    return paginated(store, page, key="network_speed_profiles", things=profiles, render=serializers.speed_profile)
