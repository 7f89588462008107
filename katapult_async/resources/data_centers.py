"""Data centers. Core API v1: get:data_centers, get:data_center, get:data_center_default_network."""

from typing import Final, Unpack

from katapult_async.core.pagination import Pages
from katapult_async.models.data_centers import DataCenter
from katapult_async.models.lookups import Permalink
from katapult_async.models.networks import Network
from katapult_async.options import CallOptions
from katapult_async.resources.operations import Operations
from katapult_async.resources.references import DATA_CENTER
from katapult_async.resources.resource import Resource

_DATA_CENTERS: Final = Operations(DATA_CENTER, DataCenter)


class DataCenters(Resource):
    """Data centers: the locations of virtual machines. Reached as ``katapult.data_centers``."""

    @_DATA_CENTERS.list("/data_centers", paginated=False)
    def list(self, **options: Unpack[CallOptions]) -> Pages[DataCenter]:
        """Return all data centers. One request, not paginated."""

    @_DATA_CENTERS.get()
    async def get(self, data_center: str | Permalink, **options: Unpack[CallOptions]) -> DataCenter:
        """Return a data center.

        Args:
            data_center: id of the data center, or ``Permalink("uk-lon-01")``.
        """

    @_DATA_CENTERS.returning("network", Network).get("/default_network")
    async def default_network(self, data_center: str | Permalink, **options: Unpack[CallOptions]) -> Network:
        """Return the network that new virtual machines of a data center are connected to.

        Args:
            data_center: id of the data center, or ``Permalink("uk-lon-01")``.
        """
