"""The operations that methods of resources are tied to."""

from collections.abc import Callable
from typing import Any

from katapult_async.core.endpoints import Endpoint


def endpoint_of(method: Callable[..., object]) -> Endpoint[Any] | None:
    """Return the operation that a method calls; None for a method that combines several."""
    operation = method.__dict__.get("operation")
    return None if operation is None else operation.endpoint
