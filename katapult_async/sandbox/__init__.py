"""A bundled server that behaves like the Katapult API: real sockets, generated data, rate limit and errors.

It shares no code with the client: a shared mistake would pass every test. The arguments and responses of its operations
come from the OpenAPI document and from recorded responses.
"""

from .faults import Faults
from .request_log import LoggedRequest
from .server import Sandbox
from .store import Store

__all__ = ["Faults", "LoggedRequest", "Sandbox", "Store"]
