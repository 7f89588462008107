"""Operating systems. Core API v1: get:operating_systems, get:operating_system."""

from typing import Final, Unpack

from katapult_async.core.pagination import Pages
from katapult_async.models.operating_systems import OperatingSystem
from katapult_async.options import CallOptions
from katapult_async.resources.operations import Operations
from katapult_async.resources.references import OPERATING_SYSTEM
from katapult_async.resources.resource import Resource

_OPERATING_SYSTEMS: Final = Operations(OPERATING_SYSTEM, OperatingSystem)


class OperatingSystems(Resource):
    """Operating systems that disk templates install. Reached as ``katapult.operating_systems``."""

    @_OPERATING_SYSTEMS.list("/operating_systems")
    def list(self, **options: Unpack[CallOptions]) -> Pages[OperatingSystem]:
        """Return all operating systems, without their logos, which `get` returns."""

    @_OPERATING_SYSTEMS.get()
    async def get(self, operating_system: str, **options: Unpack[CallOptions]) -> OperatingSystem:
        """Return an operating system.

        Args:
            operating_system: id of the operating system, ``os_...``.
        """
