"""Data centers. Core API v1: get:data_centers, get:data_center, get:data_center_default_network."""

from typing import Final, Unpack

from katapult_async.models.data_centers import DataCenter
from katapult_async.models.lookups import Permalink
from katapult_async.models.networks import Network
from katapult_async.options import CallOptions
from katapult_async.resources.operations import Operations
from katapult_async.resources.pages import Pages
from katapult_async.resources.references import DATA_CENTER
from katapult_async.resources.resource import Resource, calls

_DATA_CENTERS: Final = Operations(DATA_CENTER, DataCenter)

LIST: Final = _DATA_CENTERS.list("/data_centers", paginated=False)
GET: Final = _DATA_CENTERS.get()
DEFAULT_NETWORK: Final = _DATA_CENTERS.returning("network", Network).get("/default_network")


class DataCenters(Resource):
    """Data centers: the locations of virtual machines. Reached as ``katapult.data_centers``."""

    @calls(LIST)
    def list(self, **options: Unpack[CallOptions]) -> Pages[DataCenter]:
        """Return all data centers. One request, not paginated."""
        return self._list(LIST, locals())

    @calls(GET)
    async def get(self, data_center: str | Permalink, **options: Unpack[CallOptions]) -> DataCenter:
        """Return a data center.

        Args:
            data_center: id of the data center, or ``Permalink("uk-lon-01")``.
        """
        return await self._call(GET, locals())

    @calls(DEFAULT_NETWORK)
    async def default_network(self, data_center: str | Permalink, **options: Unpack[CallOptions]) -> Network:
        """Return the network that new virtual machines of a data center are connected to.

        Args:
            data_center: id of the data center, or ``Permalink("uk-lon-01")``.
        """
        return await self._call(DEFAULT_NETWORK, locals())
