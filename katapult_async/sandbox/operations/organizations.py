"""What can be asked about organizations."""

from katapult_async.sandbox import serializers
from katapult_async.sandbox.arguments import Arguments
from katapult_async.sandbox.serializers import JSON
from katapult_async.sandbox.store import Store

from . import lookups


def list_all(store: Store, _: Arguments) -> JSON:
    """Core API v1: get:organizations."""
    return {"organizations": [serializers.organization_in_list(it) for it in store.organizations]}


def get(store: Store, arguments: Arguments) -> JSON:
    """Core API v1: get:organization."""
    return {"organization": serializers.organization(lookups.organization(store, arguments)())}
