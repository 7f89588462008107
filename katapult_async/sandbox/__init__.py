"""A bundled stand-in for the Katapult API: real sockets, a made-up cloud, the real rate limit and real errors.

It shares no code with the client, since a shared mistake would agree with itself.
"""

from .app import Sandbox
from .faults import Faults
from .ledger import Record
from .world import World

__all__ = ["Faults", "Record", "Sandbox", "World"]
