"""Virtual networks.

Core API v1: get:organization_virtual_networks, post:organization_virtual_networks, get:virtual_network,
patch:virtual_network, delete:virtual_network.
"""

from typing import Final, Unpack

from katapult_async.core.pagination import Pages
from katapult_async.models.lookups import Permalink, SubDomain
from katapult_async.models.networks import VirtualNetwork
from katapult_async.options import CallOptions
from katapult_async.resources.operations import Operations
from katapult_async.resources.references import VIRTUAL_NETWORK
from katapult_async.resources.resource import Resource

_VIRTUAL_NETWORKS: Final = Operations(VIRTUAL_NETWORK, VirtualNetwork, write=("virtual_networks",))


class VirtualNetworks(Resource):
    """Virtual networks: private networks of an organization. Reached as ``katapult.virtual_networks``."""

    @_VIRTUAL_NETWORKS.list("/organizations/organization/virtual_networks")
    def list(self, *, organization: str | SubDomain, **options: Unpack[CallOptions]) -> Pages[VirtualNetwork]:
        """Return the virtual networks of an organization.

        Args:
            organization: id of the organization, or ``SubDomain("acme")``.
        """

    @_VIRTUAL_NETWORKS.create("/organizations/organization/virtual_networks", outside=("data_center",))
    async def create(
        self, *, organization: str | SubDomain, data_center: str | Permalink, name: str, **options: Unpack[CallOptions]
    ) -> VirtualNetwork:
        """Create a virtual network and return it.

        Args:
            organization: id of the organization, or ``SubDomain("acme")``.
            data_center: id of the data center, or ``Permalink("uk-lon-01")``.
            name: display name.

        Raises:
            UnprocessableError: the name is not valid; ``detail`` lists the problems.
        """

    @_VIRTUAL_NETWORKS.get()
    async def get(self, virtual_network: str, **options: Unpack[CallOptions]) -> VirtualNetwork:
        """Return a virtual network.

        Args:
            virtual_network: id of the virtual network, ``vnet_...``.
        """

    @_VIRTUAL_NETWORKS.update()
    async def update(self, virtual_network: str, *, name: str, **options: Unpack[CallOptions]) -> VirtualNetwork:
        """Rename a virtual network and return it.

        Args:
            virtual_network: id of the virtual network, ``vnet_...``.
            name: new display name.

        Raises:
            UnprocessableError: the name is not valid; ``detail`` lists the problems.
        """

    @_VIRTUAL_NETWORKS.delete()
    async def delete(self, virtual_network: str, **options: Unpack[CallOptions]) -> VirtualNetwork | None:
        """Delete a virtual network and return it as it was; None if the response was lost and a retry did not find it.

        Args:
            virtual_network: id of the virtual network, ``vnet_...``.

        Raises:
            ConflictError: the virtual network must not be deleted (``deletion_restricted``), for example because a
                network interface is on it; ``detail`` lists the reasons.
        """
