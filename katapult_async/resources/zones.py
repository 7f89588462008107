"""Zones. Core API v1: get:zones, get:zone."""

from typing import Final, Unpack

from katapult_async.core.pagination import Pages
from katapult_async.models.data_centers import Zone
from katapult_async.models.lookups import Permalink
from katapult_async.options import CallOptions
from katapult_async.resources.operations import Operations
from katapult_async.resources.references import ZONE
from katapult_async.resources.resource import Resource

_ZONES: Final = Operations(ZONE, Zone)


class Zones(Resource):
    """Zones: the parts of data centers. Reached as ``katapult.zones``."""

    @_ZONES.list("/zones", paginated=False)
    def list(self, **options: Unpack[CallOptions]) -> Pages[Zone]:
        """Return all zones. One request, not paginated."""

    @_ZONES.get()
    async def get(self, zone: str | Permalink, **options: Unpack[CallOptions]) -> Zone:
        """Return a zone with its data center and country.

        Args:
            zone: id of the zone, ``zone_...``, or ``Permalink("uk-lon-01-a")``.
        """
