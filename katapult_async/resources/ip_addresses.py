"""IP addresses of organizations.

Core API v1: get:organization_ip_addresses, post:organization_ip_addresses, get:ip_address, patch:ip_address,
post:ip_address_unallocate, delete:ip_address.
"""

from ipaddress import IPv4Address, IPv6Address
from typing import Final, Literal, Unpack

import attrs

from katapult_async.core.endpoints import EmptyResponse, Endpoint
from katapult_async.models.ip_addresses import AddressVersion, Allocation, IPAddress
from katapult_async.models.lookups import Permalink, SubDomain
from katapult_async.models.unset import UNSET, Unset
from katapult_async.options import CallOptions
from katapult_async.resources.pages import Pages
from katapult_async.resources.references import IP_ADDRESS, NETWORK, ORGANIZATION
from katapult_async.resources.resource import Resource, calls


@attrs.frozen(kw_only=True)
class _IPAddressResponse:
    """The whole response of `IPAddresses.get`."""

    ip_address: IPAddress
    allocation: Allocation | None = None


_OF: Final = "/organizations/organization/ip_addresses"
_ONE: Final = "/ip_addresses/ip_address"
_REFS: Final = (IP_ADDRESS,)
_WRITE: Final = ("ip_addresses",)
_READ: Final = (*_WRITE, "ip_addresses:read")

LIST: Final = Endpoint(
    path=_OF, answer="ip_addresses", type=list[IPAddress], paginated=True, refs=(ORGANIZATION,), scopes=_READ
)
CREATE: Final = Endpoint(
    method="POST", path=_OF, answer="ip_address", type=IPAddress, refs=(ORGANIZATION, NETWORK), scopes=_WRITE
)
GET: Final = Endpoint(path=_ONE, answer=None, type=_IPAddressResponse, refs=_REFS, scopes=_READ)
# Safe to repeat: it sets values, and a second request sets the same ones.
UPDATE: Final = Endpoint(
    method="PATCH", path=_ONE, answer="ip_address", type=IPAddress, refs=_REFS, scopes=_WRITE, idempotent=True
)
UNALLOCATE: Final = Endpoint(
    method="POST", path=f"{_ONE}/unallocate", answer=None, type=EmptyResponse, refs=_REFS, scopes=_WRITE
)
DELETE: Final = Endpoint(method="DELETE", path=_ONE, answer=None, type=EmptyResponse, refs=_REFS, scopes=_WRITE)


class IPAddresses(Resource):
    """IP addresses: the addresses that an organization owns. Reached as ``katapult.ip_addresses``.

    The addresses that a network interface could be given are `VirtualMachineNetworkInterfaces.available_ips`.
    """

    @calls(LIST)
    def list(
        self, *, organization: str | SubDomain, allocated: bool | None = None, **options: Unpack[CallOptions]
    ) -> Pages[IPAddress]:
        """Return the IP addresses of an organization, without label, network and mask, which `get` returns.

        The order is not documented.

        Args:
            organization: id of the organization, or ``SubDomain("acme")``.
            allocated: only the allocated ones (True), or only the free ones (False); None for all.
        """
        return self._list(LIST, organization=organization, allocated=allocated, **options)

    @calls(CREATE)
    async def create(
        self,
        *,
        organization: str | SubDomain,
        network: str | Permalink,
        version: Literal["ipv4", "ipv6"] | AddressVersion,
        vip: bool = False,
        label: str | None = None,
        **options: Unpack[CallOptions],
    ) -> IPAddress:
        """Reserve a new IP address for an organization and return it. It is not allocated to anything yet.

        Args:
            organization: id of the organization, or ``SubDomain("acme")``.
            network: id of the network, or its ``Permalink``.
            version: address family; Katapult has no value for both.
            vip: whether the address can move between virtual machines (a virtual IP).
            label: name of a virtual IP, which needs one.

        Raises:
            UnprocessableError: the arguments do not fit together: a virtual IP without a label, for example.
            ConflictError: the network has no free address (``no_available_addresses``).
        """
        return await self._call(
            CREATE, organization=organization, network=network, version=version, vip=vip, label=label, **options
        )

    @calls(GET)
    async def get(self, ip_address: str | IPv4Address | IPv6Address, **options: Unpack[CallOptions]) -> IPAddress:
        """Return an IP address, with the object that it is allocated to.

        Args:
            ip_address: id of the address, or ``ipaddress.ip_address("203.0.113.7")``.
        """
        response = await self._call(GET, ip_address=ip_address, **options)
        return attrs.evolve(response.ip_address, allocation=response.allocation)

    @calls(UPDATE)
    async def update(
        self,
        ip_address: str | IPv4Address | IPv6Address,
        *,
        vip: bool | Unset = UNSET,
        label: str | Unset | None = UNSET,
        reverse_dns: str | Unset | None = UNSET,
        **options: Unpack[CallOptions],
    ) -> IPAddress:
        """Change an IP address and return it. An argument that is left out stays as it is.

        Args:
            ip_address: id of the address, or ``ipaddress.ip_address("203.0.113.7")``.
            vip: whether the address can move between virtual machines (a virtual IP).
            label: name of a virtual IP; None or ``""`` removes it.
            reverse_dns: domain name that the address resolves to; Katapult may refuse None.

        Raises:
            UnprocessableError: a value is not valid; ``detail`` lists the problems.
        """
        return await self._call(UPDATE, ip_address=ip_address, vip=vip, label=label, reverse_dns=reverse_dns, **options)

    @calls(UNALLOCATE)
    async def unallocate(self, ip_address: str | IPv4Address | IPv6Address, **options: Unpack[CallOptions]) -> None:
        """Remove an IP address from the object that it is allocated to; the organization keeps it.

        Args:
            ip_address: id of the address, or ``ipaddress.ip_address("203.0.113.7")``.

        Raises:
            ConflictError: the object cannot release its address.
            UnprocessableError: the address is not allocated (``no_allocation``).
        """
        await self._call(UNALLOCATE, ip_address=ip_address, **options)

    @calls(DELETE)
    async def delete(self, ip_address: str | IPv4Address | IPv6Address, **options: Unpack[CallOptions]) -> None:
        """Return an IP address to Katapult, which may give it to another organization.

        Args:
            ip_address: id of the address, or ``ipaddress.ip_address("203.0.113.7")``.

        Raises:
            ConflictError: the object that the address is allocated to cannot release it.
        """
        await self._delete(DELETE, ip_address=ip_address, **options)
