"""A bundled stand-in for the Katapult API: real sockets, a made-up cloud, the real rate limit and real errors.

It shares no code with the client, since a shared mistake would agree with itself.
"""

from .faults import Faults
from .request_log import LoggedRequest
from .server import Sandbox
from .store import Store

__all__ = ["Faults", "LoggedRequest", "Sandbox", "Store"]
