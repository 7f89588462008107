"""IP addresses of organizations.

Core API v1: get:organization_ip_addresses, post:organization_ip_addresses, get:ip_address, patch:ip_address,
post:ip_address_unallocate, delete:ip_address.
"""

from ipaddress import IPv4Address, IPv6Address
from typing import Final, Unpack

from katapult_async.core.endpoints import EmptyResponse
from katapult_async.core.pagination import Pages
from katapult_async.models.ip_addresses import IPAddress, IPVersion
from katapult_async.models.lookups import Permalink, SubDomain
from katapult_async.models.unset_argument import UNSET, Unset
from katapult_async.options import CallOptions
from katapult_async.resources.operations import Operations
from katapult_async.resources.references import IP_ADDRESS
from katapult_async.resources.resource import Resource

_IP_ADDRESSES: Final = Operations(IP_ADDRESS, IPAddress, write=("ip_addresses",), beside=("allocation",))


class IPAddresses(Resource):
    """IP addresses: the addresses that an organization owns. Reached as ``katapult.ip_addresses``.

    `VirtualMachineNetworkInterfaces.available_ips` returns the addresses that could be allocated to an interface.
    """

    @_IP_ADDRESSES.list("/organizations/organization/ip_addresses")
    def list(
        self, *, organization: str | SubDomain, allocated: bool | None = None, **options: Unpack[CallOptions]
    ) -> Pages[IPAddress]:
        """Return the IP addresses of an organization, without label, network and mask, which `get` returns.

        Args:
            organization: id of the organization, or ``SubDomain("acme")``.
            allocated: only allocated addresses (True), or only free addresses (False); None for all.
        """

    @_IP_ADDRESSES.create("/organizations/organization/ip_addresses", inside=None)
    async def create(
        self,
        *,
        organization: str | SubDomain,
        network: str | Permalink,
        version: IPVersion,
        vip: bool = False,
        label: str | None = None,
        **options: Unpack[CallOptions],
    ) -> IPAddress:
        """Reserve a new IP address for an organization and return it. It is not allocated to anything yet.

        Args:
            organization: id of the organization, or ``SubDomain("acme")``.
            network: id of the network, or its ``Permalink``.
            version: version of the address, ``ipv4`` or ``ipv6``; Katapult has no value for both.
            vip: whether the address can move between virtual machines (a virtual IP).
            label: name of a virtual IP; required if ``vip`` is true.

        Raises:
            UnprocessableError: a value is not valid, for example because a virtual IP has no label; ``detail`` lists
                the problems.
            ConflictError: Katapult has no address of this version left (``no_available_addresses``).
        """

    @_IP_ADDRESSES.get()
    async def get(self, ip_address: str | IPv4Address | IPv6Address, **options: Unpack[CallOptions]) -> IPAddress:
        """Return an IP address, with the object that it is allocated to.

        Args:
            ip_address: id of the address, or ``ipaddress.ip_address("203.0.113.7")``.
        """

    @_IP_ADDRESSES.update(inside=None)
    async def update(
        self,
        ip_address: str | IPv4Address | IPv6Address,
        *,
        vip: bool | Unset = UNSET,
        label: str | Unset | None = UNSET,
        reverse_dns: str | Unset | None = UNSET,
        **options: Unpack[CallOptions],
    ) -> IPAddress:
        """Change an IP address and return it. A field whose argument is omitted stays as it is.

        Args:
            ip_address: id of the address, or ``ipaddress.ip_address("203.0.113.7")``.
            vip: whether the address can move between virtual machines (a virtual IP).
            label: name of a virtual IP; None or ``""`` removes it.
            reverse_dns: domain name that the address resolves to; Katapult may refuse None.

        Raises:
            UnprocessableError: a value is not valid; ``detail`` lists the problems.
        """

    @_IP_ADDRESSES.returning(None, EmptyResponse).delete()
    async def delete(self, ip_address: str | IPv4Address | IPv6Address, **options: Unpack[CallOptions]) -> None:
        """Give an IP address back to Katapult, which may then give it to another organization.

        Args:
            ip_address: id of the address, or ``ipaddress.ip_address("203.0.113.7")``.

        Raises:
            ConflictError: the object that has the address cannot release it
                (``resource_does_not_support_unallocation``).
        """

    @_IP_ADDRESSES.returning(None, EmptyResponse).action("POST", "/unallocate")
    async def unallocate(self, ip_address: str | IPv4Address | IPv6Address, **options: Unpack[CallOptions]) -> None:
        """Remove an IP address from the object that it is allocated to; the organization keeps it.

        Args:
            ip_address: id of the address, or ``ipaddress.ip_address("203.0.113.7")``.

        Raises:
            ConflictError: the object cannot release its address (``resource_does_not_support_unallocation``).
            UnprocessableError: the address is not allocated (``no_allocation``).
        """
