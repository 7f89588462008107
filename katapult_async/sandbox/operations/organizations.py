"""What can be asked about organizations."""

from katapult_async.sandbox import rendering
from katapult_async.sandbox.arguments import Arguments
from katapult_async.sandbox.rendering import JSON
from katapult_async.sandbox.world import World

from . import lookups


def list_all(world: World, _: Arguments) -> JSON:
    """Core API v1: get:organizations."""
    return {"organizations": [rendering.organization_in_list(it) for it in world.organizations]}


def get(world: World, arguments: Arguments) -> JSON:
    """Core API v1: get:organization."""
    return {"organization": rendering.organization(lookups.organization(world, arguments)())}
