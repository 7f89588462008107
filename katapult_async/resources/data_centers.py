"""Data centers. Core API v1: get:data_centers, get:data_center, get:data_center_default_network."""

from typing import Final, Unpack

from katapult_async.core.endpoints import Endpoint
from katapult_async.models.data_centers import DataCenter
from katapult_async.models.lookups import Permalink
from katapult_async.models.networks import Network
from katapult_async.options import CallOptions
from katapult_async.resources.pages import Pages
from katapult_async.resources.references import DATA_CENTER
from katapult_async.resources.resource import Resource, calls

_ONE: Final = "/data_centers/data_center"

LIST: Final = Endpoint(path="/data_centers", answer="data_centers", type=list[DataCenter])
GET: Final = Endpoint(path=_ONE, answer="data_center", type=DataCenter, refs=(DATA_CENTER,))
DEFAULT_NETWORK: Final = Endpoint(path=f"{_ONE}/default_network", answer="network", type=Network, refs=(DATA_CENTER,))


class DataCenters(Resource):
    """Data centers: the locations of virtual machines. Reached as ``katapult.data_centers``."""

    @calls(LIST)
    def list(self, **options: Unpack[CallOptions]) -> Pages[DataCenter]:
        """Return all data centers. One request, not paginated."""
        return self._list(LIST, **options)

    @calls(GET)
    async def get(self, data_center: str | Permalink, **options: Unpack[CallOptions]) -> DataCenter:
        """Return a data center.

        Args:
            data_center: id of the data center, or ``Permalink("uk-lon-01")``.
        """
        return await self._call(GET, data_center=data_center, **options)

    @calls(DEFAULT_NETWORK)
    async def default_network(self, data_center: str | Permalink, **options: Unpack[CallOptions]) -> Network:
        """Return the network that new virtual machines of a data center are connected to.

        Args:
            data_center: id of the data center, or ``Permalink("uk-lon-01")``.
        """
        return await self._call(DEFAULT_NETWORK, data_center=data_center, **options)
