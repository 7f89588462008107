"""One operation of the API, as a row of the table."""

from collections.abc import Callable

import attrs

from katapult_async.sandbox.arguments import Arguments
from katapult_async.sandbox.serializers import JSON
from katapult_async.sandbox.store import Store


@attrs.frozen
class Operation:
    """One thing that the API can do."""

    method: str
    path: str
    """Path below the API's root, its arguments written as ``:name``."""
    scopes: tuple[str, ...]
    """Any one of these must be granted; empty when every token will do."""
    perform: Callable[[Store, Arguments], JSON]
    status: int = 200
    """HTTP status when it goes well."""
