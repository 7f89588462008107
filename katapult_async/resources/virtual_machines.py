"""Virtual machines.

Core API v1: get:organization_virtual_machines, get:virtual_machine, post:virtual_machine_allocate_ip.
"""

from collections.abc import Mapping
from ipaddress import IPv4Address, IPv6Address
from types import MappingProxyType
from typing import Final

import attrs

from katapult_async.core.caller import Caller
from katapult_async.core.endpoints import Endpoint, Request
from katapult_async.core.validation import ADDRESS, lookup, query, reference
from katapult_async.models.ip_addresses import IPAddress
from katapult_async.models.lookups import FQDN, SubDomain
from katapult_async.models.virtual_machines import Annotation, VirtualMachine
from katapult_async.resources.pages import Pages


@attrs.frozen(kw_only=True)
class _Found:
    """The whole answer about one machine."""

    virtual_machine: VirtualMachine
    annotations: tuple[Annotation, ...] = ()


LIST: Final = Endpoint(
    path="/organizations/organization/virtual_machines",
    answer="virtual_machines",
    type=list[VirtualMachine],
    paginated=True,
)
GET: Final = Endpoint(path="/virtual_machines/virtual_machine", answer=None, type=_Found)
ALLOCATE_IP: Final = Endpoint(
    method="POST", path="/virtual_machines/virtual_machine/allocate_ip", answer="ip_address", type=IPAddress
)


class VirtualMachines:
    """Machines. Reached as ``katapult.virtual_machines``."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    def list(
        self,
        *,
        organization: str | SubDomain,
        annotations: Mapping[str, str] = MappingProxyType({}),
    ) -> Pages[VirtualMachine]:
        """Return the machines of one organization: ``async for machine in ...``.

        In Katapult's order, which it does not promise; one request for every 200 machines, sent as the iteration
        comes to them. Lists leave out much of a machine: `get` has it. Scope ``virtual_machines:read``.

        Args:
            organization: its id, or ``SubDomain("acme")``.
            annotations: only machines with these notes.

        Raises:
            UsageError: an argument is no such thing.
            NotFoundError: this token sees no such organization.
            PermissionDeniedError: the scope is missing, or the organization is suspended or not activated.
        """
        arguments = [lookup("organization", organization, by=(SubDomain,))]
        for key, value in query(annotations, name="annotations"):
            arguments += [("annotations[][key]", key), ("annotations[][value]", value)]
        return Pages(self._caller, Request(endpoint=LIST, arguments=tuple(arguments)))

    async def get(
        self,
        virtual_machine: str | FQDN,
        *,
        max_wait: float | None = None,
        timeout: float | None = None,
    ) -> VirtualMachine:
        """Return one machine, with its annotations. Scope ``virtual_machines:read``.

        Its initial root password is in it: a secret, which its repr leaves out.

        Args:
            virtual_machine: its id, or ``FQDN("web-1.acme.example")``.
            max_wait: seconds to wait for the rate limit at most; None for ``RateLimitPolicy.max_wait``.
            timeout: seconds for the whole call; None for ``Timeouts.call``.

        Raises:
            UsageError: an argument is no such thing.
            NotFoundError: this token sees no such machine.
            NotAcceptableError: the machine is in the trash.
            PermissionDeniedError: the scope is missing.
        """
        request = Request(endpoint=GET, arguments=(lookup("virtual_machine", virtual_machine, by=(FQDN,)),))
        found = (await self._caller.call(request, max_wait=max_wait, timeout=timeout)).value
        return attrs.evolve(found.virtual_machine, annotations=found.annotations)

    async def allocate_ip(
        self,
        virtual_machine: str | FQDN,
        *,
        ip_address: str | IPv4Address | IPv6Address,
        max_wait: float | None = None,
        timeout: float | None = None,
    ) -> IPAddress:
        """Give an address to a machine, on the interface that Katapult finds for it, and return it.

        Sent again only while nothing can have happened: after a lost answer, `IPAddresses.get` tells. Scope
        ``ip_addresses``.

        Args:
            virtual_machine: its id, or ``FQDN("web-1.acme.example")``.
            ip_address: its id, or ``ipaddress.ip_address("203.0.113.7")``.
            max_wait: seconds to wait for the rate limit at most; None for ``RateLimitPolicy.max_wait``.
            timeout: seconds for the whole call; None for ``Timeouts.call``.

        Raises:
            UsageError: an argument is no such thing.
            NotFoundError: no such machine or address.
            NotAcceptableError: the machine is in the trash.
            UnprocessableError: somebody holds it (``ip_already_allocated``), or no interface of the machine is on its
                network (``no_interface_available``).
            PermissionDeniedError: the scope is missing.
            TransportError: the network or the server failed every attempt.
        """
        request = Request(
            endpoint=ALLOCATE_IP,
            body={
                **reference("virtual_machine", virtual_machine, by=(FQDN,)),
                **reference("ip_address", ip_address, by=ADDRESS),
            },
        )
        return (await self._caller.call(request, max_wait=max_wait, timeout=timeout)).value
