"""What can be asked about tasks."""

from katapult_async.sandbox import serializers
from katapult_async.sandbox.arguments import Arguments
from katapult_async.sandbox.serializers import JSON
from katapult_async.sandbox.store import Store

from . import lookups


def get(store: Store, arguments: Arguments) -> JSON:
    """Core API v1: get:task."""
    return {"task": serializers.task(lookups.task(store, arguments)())}
