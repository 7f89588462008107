"""Networks of Katapult. Core API v1: get:network, get:organization_available_networks."""

from typing import Final, Unpack

from katapult_async.core.endpoints import Endpoint
from katapult_async.models.lookups import Permalink, SubDomain
from katapult_async.models.networks import AvailableNetworks, Network
from katapult_async.options import CallOptions
from katapult_async.resources.operations import Operations
from katapult_async.resources.references import NETWORK
from katapult_async.resources.resource import Resource, calls

_NETWORKS: Final = Operations(NETWORK, Network)


class Networks(Resource):
    """Networks that Katapult provides. Reached as ``katapult.networks``."""

    @_NETWORKS.get()
    async def get(self, network: str | Permalink, **options: Unpack[CallOptions]) -> Network:
        """Return a network.

        Args:
            network: id of the network, or its ``Permalink``.
        """

    @calls(Endpoint(path="/organizations/organization/available_networks", answer=None, type=AvailableNetworks))
    async def available(self, *, organization: str | SubDomain, **options: Unpack[CallOptions]) -> AvailableNetworks:
        """Return the networks and virtual networks on which an organization can have network interfaces.

        Args:
            organization: id of the organization, or ``SubDomain("acme")``.
        """
