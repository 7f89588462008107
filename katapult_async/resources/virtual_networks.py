"""Networks that organizations make for themselves.

Core API v1: get:organization_virtual_networks, post:organization_virtual_networks, get:virtual_network,
patch:virtual_network, delete:virtual_network.
"""

from typing import Final

from katapult_async.core.caller import Caller
from katapult_async.core.endpoints import Endpoint, Request
from katapult_async.core.validation import lookup, reference, text
from katapult_async.models.lookups import Permalink, SubDomain
from katapult_async.models.networks import VirtualNetwork
from katapult_async.resources.pages import Pages

_OF_ORGANIZATION: Final = "/organizations/organization/virtual_networks"
_ONE: Final = "/virtual_networks/virtual_network"

LIST: Final = Endpoint(path=_OF_ORGANIZATION, answer="virtual_networks", type=list[VirtualNetwork], paginated=True)
CREATE: Final = Endpoint(method="POST", path=_OF_ORGANIZATION, answer="virtual_network", type=VirtualNetwork)
GET: Final = Endpoint(path=_ONE, answer="virtual_network", type=VirtualNetwork)
UPDATE: Final = Endpoint(method="PATCH", path=_ONE, answer="virtual_network", type=VirtualNetwork)
DELETE: Final = Endpoint(method="DELETE", path=_ONE, answer="virtual_network", type=VirtualNetwork)


class VirtualNetworks:
    """Networks of an organization's own. Reached as ``katapult.virtual_networks``."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    def list(
        self,
        *,
        organization: str | SubDomain,
    ) -> Pages[VirtualNetwork]:
        """Return the virtual networks of one organization: ``async for virtual_network in ...``.

        In no promised order; one request for every 200. Scope ``virtual_networks:read``.

        Args:
            organization: its id, or ``SubDomain("acme")``.

        Raises:
            UsageError: an argument is no such thing.
            NotFoundError: this token sees no such organization.
            PermissionDeniedError: the scope is missing, or the organization is suspended or not activated.
        """
        arguments = (lookup("organization", organization, by=(SubDomain,)),)
        return Pages(self._caller, Request(endpoint=LIST, arguments=arguments))

    async def create(
        self,
        *,
        organization: str | SubDomain,
        data_center: str | Permalink,
        name: str,
        max_wait: float | None = None,
        timeout: float | None = None,
    ) -> VirtualNetwork:
        """Make a virtual network, and return it. Scope ``virtual_networks``.

        Sent again only while nothing can have happened: after a lost answer, look whether it is there.

        Args:
            organization: its id, or ``SubDomain("acme")``.
            data_center: its id, or ``Permalink("uk-lon-01")``.
            name: a name for people.
            max_wait: seconds to wait for the rate limit at most; None for ``RateLimitPolicy.max_wait``.
            timeout: seconds for the whole call; None for ``Timeouts.call``.

        Raises:
            UsageError: an argument is no such thing.
            NotFoundError: no such organization or data center.
            UnprocessableError: the name will not do.
            PermissionDeniedError: the scope is missing, or the organization is suspended or not activated.
            TransportError: the network or the server failed every attempt.
        """
        request = Request(
            endpoint=CREATE,
            body={
                **reference("organization", organization, by=(SubDomain,)),
                **reference("data_center", data_center, by=(Permalink,)),
                "properties": {"name": text("name", name)},
            },
        )
        return (await self._caller.call(request, max_wait=max_wait, timeout=timeout)).value

    async def get(
        self,
        virtual_network_id: str,
        *,
        max_wait: float | None = None,
        timeout: float | None = None,
    ) -> VirtualNetwork:
        """Return one virtual network. Scope ``virtual_networks:read``.

        Args:
            virtual_network_id: Katapult's id, ``vnet_...``.
            max_wait: seconds to wait for the rate limit at most; None for ``RateLimitPolicy.max_wait``.
            timeout: seconds for the whole call; None for ``Timeouts.call``.

        Raises:
            UsageError: an argument is no such thing.
            NotFoundError: this token sees no virtual network of that id.
            PermissionDeniedError: the scope is missing.
        """
        request = Request(endpoint=GET, arguments=(lookup("virtual_network", virtual_network_id),))
        return (await self._caller.call(request, max_wait=max_wait, timeout=timeout)).value

    async def update(
        self,
        virtual_network_id: str,
        *,
        name: str,
        max_wait: float | None = None,
        timeout: float | None = None,
    ) -> VirtualNetwork:
        """Rename a virtual network, and return it as it is then. Scope ``virtual_networks``.

        Args:
            virtual_network_id: Katapult's id, ``vnet_...``.
            name: the new name.
            max_wait: seconds to wait for the rate limit at most; None for ``RateLimitPolicy.max_wait``.
            timeout: seconds for the whole call; None for ``Timeouts.call``.

        Raises:
            UsageError: an argument is no such thing.
            NotFoundError: this token sees no virtual network of that id.
            UnprocessableError: the name will not do.
            PermissionDeniedError: the scope is missing.
            TransportError: the network or the server failed every attempt.
        """
        request = Request(
            endpoint=UPDATE,
            body={
                **reference("virtual_network", virtual_network_id),
                "properties": {"name": text("name", name)},
            },
        )
        return (await self._caller.call(request, max_wait=max_wait, timeout=timeout)).value

    async def delete(
        self,
        virtual_network_id: str,
        *,
        max_wait: float | None = None,
        timeout: float | None = None,
    ) -> VirtualNetwork:
        """Delete a virtual network, and return it as it was. Scope ``virtual_networks``.

        Sent again after a lost answer; a `NotFoundError` with an ``earlier`` error then means that it is gone.

        Args:
            virtual_network_id: Katapult's id, ``vnet_...``.
            max_wait: seconds to wait for the rate limit at most; None for ``RateLimitPolicy.max_wait``.
            timeout: seconds for the whole call; None for ``Timeouts.call``.

        Raises:
            UsageError: an argument is no such thing.
            NotFoundError: this token sees no virtual network of that id.
            ConflictError: an interface is still on it.
            PermissionDeniedError: the scope is missing.
            TransportError: the network or the server failed every attempt.
        """
        request = Request(endpoint=DELETE, arguments=(lookup("virtual_network", virtual_network_id),))
        return (await self._caller.call(request, max_wait=max_wait, timeout=timeout)).value
