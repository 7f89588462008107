"""What can be asked about tasks."""

from katapult_async.sandbox import rendering
from katapult_async.sandbox.arguments import Arguments
from katapult_async.sandbox.rendering import JSON
from katapult_async.sandbox.world import World

from . import lookups


def get(world: World, arguments: Arguments) -> JSON:
    """Core API v1: get:task."""
    return {"task": rendering.task(lookups.task(world, arguments)())}
