"""IP addresses of organizations.

Core API v1: get:organization_ip_addresses, post:organization_ip_addresses, get:ip_address, patch:ip_address,
post:ip_address_unallocate, delete:ip_address.
"""

from ipaddress import IPv4Address, IPv6Address
from typing import Final

import attrs

from katapult_async.core.caller import Caller
from katapult_async.core.endpoints import EmptyResponse, Endpoint, Request
from katapult_async.core.validation import ADDRESS, address_version, flag, given, lookup, reference, text, text_or_none
from katapult_async.errors import UsageError
from katapult_async.models.ip_addresses import AddressVersion, Allocation, IPAddress
from katapult_async.models.lookups import Permalink, SubDomain
from katapult_async.models.unset import UNSET, Unset
from katapult_async.resources.pages import Pages


@attrs.frozen(kw_only=True)
class _Found:
    """The whole answer about one address."""

    ip_address: IPAddress
    allocation: Allocation | None = None


_OF_ORGANIZATION: Final = "/organizations/organization/ip_addresses"
_ONE: Final = "/ip_addresses/ip_address"

LIST: Final = Endpoint(path=_OF_ORGANIZATION, answer="ip_addresses", type=list[IPAddress], paginated=True)
CREATE: Final = Endpoint(method="POST", path=_OF_ORGANIZATION, answer="ip_address", type=IPAddress)
GET: Final = Endpoint(path=_ONE, answer=None, type=_Found)
UPDATE: Final = Endpoint(method="PATCH", path=_ONE, answer="ip_address", type=IPAddress)
UNALLOCATE: Final = Endpoint(method="POST", path=f"{_ONE}/unallocate", answer=None, type=EmptyResponse)
DELETE: Final = Endpoint(method="DELETE", path=_ONE, answer=None, type=EmptyResponse)


class IPAddresses:
    """Addresses that organizations have. Reached as ``katapult.ip_addresses``.

    The addresses that an interface could be given are `VirtualMachineNetworkInterfaces.available_ips`.
    """

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    def list(
        self,
        *,
        organization: str | SubDomain,
        allocated: bool | None = None,
    ) -> Pages[IPAddress]:
        """Return the addresses of one organization: ``async for address in ...``.

        In no promised order; one request for every 200. Lists leave out label, network and mask: `get` has them.
        Scope ``ip_addresses:read``.

        Args:
            organization: its id, or ``SubDomain("acme")``.
            allocated: only those that something holds (True), or only those that are free (False); None for all.

        Raises:
            UsageError: an argument is no such thing.
            NotFoundError: this token sees no such organization.
            PermissionDeniedError: the scope is missing, or the organization is suspended or not activated.
        """
        arguments = [lookup("organization", organization, by=(SubDomain,))]
        if allocated is not None:
            arguments.append(("allocated", "true" if flag("allocated", allocated) else "false"))
        return Pages(self._caller, Request(endpoint=LIST, arguments=tuple(arguments)))

    async def create(
        self,
        *,
        organization: str | SubDomain,
        network: str | Permalink,
        version: AddressVersion | str,
        vip: bool = False,
        label: str | None = None,
        max_wait: float | None = None,
        timeout: float | None = None,
    ) -> IPAddress:
        """Take a new address for an organization, allocated to nothing, and return it. Scope ``ip_addresses``.

        Sent again only while nothing can have happened: after a lost answer, look whether it is there.

        Args:
            organization: its id, or ``SubDomain("acme")``.
            network: its id, or its ``Permalink``.
            version: the family; Katapult has no value for both.
            vip: whether it can move between machines (a virtual IP).
            label: a name; a virtual IP needs one.
            max_wait: seconds to wait for the rate limit at most; None for ``RateLimitPolicy.max_wait``.
            timeout: seconds for the whole call; None for ``Timeouts.call``.

        Raises:
            UsageError: an argument is no such thing.
            NotFoundError: no such organization or network.
            UnprocessableError: a virtual IP without a label, for example.
            ConflictError: the network has no address left (``no_available_addresses``).
            PermissionDeniedError: the scope is missing, or the organization is suspended or not activated.
            TransportError: the network or the server failed every attempt.
        """
        request = Request(
            endpoint=CREATE,
            body={
                **reference("organization", organization, by=(SubDomain,)),
                **reference("network", network, by=(Permalink,)),
                "version": address_version(version).value,
                **({"vip": True} if flag("vip", vip) else {}),
                **({} if label is None else {"label": text("label", label)}),
            },
        )
        return (await self._caller.call(request, max_wait=max_wait, timeout=timeout)).value

    async def get(
        self,
        ip_address: str | IPv4Address | IPv6Address,
        *,
        max_wait: float | None = None,
        timeout: float | None = None,
    ) -> IPAddress:
        """Return one address, and what holds it. Scope ``ip_addresses:read``.

        Args:
            ip_address: its id, or ``ipaddress.ip_address("203.0.113.7")``.
            max_wait: seconds to wait for the rate limit at most; None for ``RateLimitPolicy.max_wait``.
            timeout: seconds for the whole call; None for ``Timeouts.call``.

        Raises:
            UsageError: an argument is no such thing.
            NotFoundError: this token sees no such address.
            PermissionDeniedError: the scope is missing.
        """
        request = Request(endpoint=GET, arguments=(lookup("ip_address", ip_address, by=ADDRESS),))
        found = (await self._caller.call(request, max_wait=max_wait, timeout=timeout)).value
        return attrs.evolve(found.ip_address, allocation=found.allocation)

    async def update(
        self,
        ip_address: str | IPv4Address | IPv6Address,
        *,
        vip: bool | Unset = UNSET,
        label: str | Unset | None = UNSET,
        reverse_dns: str | Unset | None = UNSET,
        max_wait: float | None = None,
        timeout: float | None = None,
    ) -> IPAddress:
        """Change an address, and return it as it is then. Scope ``ip_addresses``.

        What is not given stays as it is.

        Args:
            ip_address: its id, or ``ipaddress.ip_address("203.0.113.7")``.
            vip: whether it can move between machines (a virtual IP).
            label: a name; None or ``""`` for none.
            reverse_dns: the name that it resolves back to; Katapult may refuse None.
            max_wait: seconds to wait for the rate limit at most; None for ``RateLimitPolicy.max_wait``.
            timeout: seconds for the whole call; None for ``Timeouts.call``.

        Raises:
            UsageError: an argument is no such thing, or nothing is to be changed.
            NotFoundError: this token sees no such address.
            UnprocessableError: a value will not do; ``detail`` has the sentences.
            PermissionDeniedError: the scope is missing.
            TransportError: the network or the server failed every attempt.
        """
        changes = {
            **given("vip", vip, flag),
            **given("label", label, text_or_none),
            **given("reverse_dns", reverse_dns, text_or_none),
        }
        if not changes:
            raise UsageError("give vip, label or reverse_dns: there is nothing to change")
        request = Request(endpoint=UPDATE, body=reference("ip_address", ip_address, by=ADDRESS) | changes)
        return (await self._caller.call(request, max_wait=max_wait, timeout=timeout)).value

    async def unallocate(
        self,
        ip_address: str | IPv4Address | IPv6Address,
        *,
        max_wait: float | None = None,
        timeout: float | None = None,
    ) -> None:
        """Take an address away from what holds it; it stays the organization's. Scope ``ip_addresses``.

        Sent again only while nothing can have happened: after a lost answer, `get` tells.

        Args:
            ip_address: its id, or ``ipaddress.ip_address("203.0.113.7")``.
            max_wait: seconds to wait for the rate limit at most; None for ``RateLimitPolicy.max_wait``.
            timeout: seconds for the whole call; None for ``Timeouts.call``.

        Raises:
            UsageError: an argument is no such thing.
            NotFoundError: this token sees no such address.
            ConflictError: what holds it cannot give it back.
            UnprocessableError: nothing holds it (``no_allocation``).
            PermissionDeniedError: the scope is missing.
            TransportError: the network or the server failed every attempt.
        """
        request = Request(
            endpoint=UNALLOCATE,
            body={
                **reference("ip_address", ip_address, by=ADDRESS),
            },
        )
        await self._caller.call(request, max_wait=max_wait, timeout=timeout)

    async def delete(
        self,
        ip_address: str | IPv4Address | IPv6Address,
        *,
        max_wait: float | None = None,
        timeout: float | None = None,
    ) -> None:
        """Give an address back to Katapult: somebody else may get it. Scope ``ip_addresses``.

        Sent again after a lost answer; a `NotFoundError` with an ``earlier`` error then means that it is gone.

        Args:
            ip_address: its id, or ``ipaddress.ip_address("203.0.113.7")``.
            max_wait: seconds to wait for the rate limit at most; None for ``RateLimitPolicy.max_wait``.
            timeout: seconds for the whole call; None for ``Timeouts.call``.

        Raises:
            UsageError: an argument is no such thing.
            NotFoundError: this token sees no such address.
            ConflictError: what holds it cannot give it back.
            PermissionDeniedError: the scope is missing.
            TransportError: the network or the server failed every attempt.
        """
        request = Request(endpoint=DELETE, arguments=(lookup("ip_address", ip_address, by=ADDRESS),))
        await self._caller.call(request, max_wait=max_wait, timeout=timeout)
