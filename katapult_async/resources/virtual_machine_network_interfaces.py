"""Network interfaces of virtual machines, and the addresses that are or could be given to them."""

import builtins
import math
from collections.abc import AsyncIterable, Iterable
from ipaddress import IPv4Address, IPv6Address

from katapult_async.batch import Batch
from katapult_async.core import validation
from katapult_async.core.caller import Caller
from katapult_async.core.endpoints import Request
from katapult_async.errors import UsageError
from katapult_async.models.ip_addresses import AddressVersion, IPAddress
from katapult_async.models.lookups import FQDN, Permalink
from katapult_async.models.tasks import Task
from katapult_async.models.virtual_machine_network_interfaces import (
    AddressQuery,
    InterfaceTask,
    VirtualMachineNetworkInterface,
)
from katapult_async.options import CallLimits
from katapult_async.resources import interface_endpoints as endpoints
from katapult_async.resources.address_queries import available_ips_many
from katapult_async.resources.allocation import Receiver, allocate_first_available
from katapult_async.resources.pages import Pages


class VirtualMachineNetworkInterfaces:
    """Interfaces of machines. Reached as ``katapult.virtual_machine_network_interfaces``.

    Every awaited method raises `TransportError` when the network or the server failed every attempt, and
    `RateLimitWaitError` when the rate limit has no room within ``max_wait``.
    """

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    def list(self, *, virtual_machine: str | FQDN) -> Pages[VirtualMachineNetworkInterface]:
        """Return the interfaces of one machine: ``async for interface in ...``.

        In no promised order; one request for every 200 interfaces. Lists leave out the machine, the state and the
        speed of an interface: `get` has them. Scope ``virtual_machines:read``.

        Args:
            virtual_machine: its id, or ``FQDN("web-1.acme.example")``.

        Raises:
            UsageError: the machine is neither.
            NotFoundError: this token sees no such machine.
            NotAcceptableError: the machine is in the trash.
            PermissionDeniedError: the scope is missing.
        """
        machine = validation.lookup("virtual_machine", virtual_machine, by=(FQDN,))
        return Pages(self._caller, Request(endpoint=endpoints.LIST, arguments=(machine,)))

    async def find(
        self,
        *,
        virtual_machine: str | FQDN,
        network: str | Permalink,
        max_wait: float | None = None,
        timeout: float | None = None,
    ) -> VirtualMachineNetworkInterface:
        """Return the interface of a machine on a network. Scope ``virtual_machines:read``.

        Args:
            virtual_machine: its id, or ``FQDN("web-1.acme.example")``.
            network: its id, or its ``Permalink``.
            max_wait: seconds to wait for the rate limit at most; None for ``RateLimitPolicy.max_wait``.
            timeout: seconds for the whole call; None for ``Timeouts.call``.

        Raises:
            UsageError: an argument is no such thing.
            NotFoundError: no such machine or network, or no interface of the one on the other.
            NotAcceptableError: the machine is in the trash.
            PermissionDeniedError: the scope is missing.
        """
        machine = validation.lookup("virtual_machine", virtual_machine, by=(FQDN,))
        on = validation.lookup("network", network, by=(Permalink,))
        request = Request(endpoint=endpoints.FIND, arguments=(machine, on))
        return (await self._caller.call(request, max_wait=max_wait, timeout=timeout)).value

    async def create(
        self,
        *,
        virtual_machine: str | FQDN,
        speed_profile: str | Permalink,
        network: str | Permalink | None = None,
        virtual_network: str | None = None,
        max_wait: float | None = None,
        timeout: float | None = None,
    ) -> VirtualMachineNetworkInterface:
        """Give a machine an interface on a network or on a virtual network, and return it.

        It has to be attached before it works: `attach`. Sent again only while nothing can have happened: after a
        lost answer, `list` tells. Scope ``virtual_machines:network_interfaces``.

        Args:
            virtual_machine: its id, or ``FQDN("web-1.acme.example")``.
            speed_profile: how fast it may be, by id or ``Permalink``; see ``network_speed_profiles.list``.
            network: a network of Katapult's, by id or ``Permalink``.
            virtual_network: or a network of the organization's own, by id.
            max_wait: seconds to wait for the rate limit at most; None for ``RateLimitPolicy.max_wait``.
            timeout: seconds for the whole call; None for ``Timeouts.call``.

        Raises:
            UsageError: an argument is no such thing, or not exactly one network is given.
            NotFoundError: no such machine, network or speed profile.
            NotAcceptableError: the machine is in the trash.
            UnprocessableError: the machine cannot have it; ``detail`` has the sentences.
            PermissionDeniedError: the scope is missing.
        """
        if (network is None) == (virtual_network is None):
            raise UsageError("give either network or virtual_network")
        body = {
            **validation.reference("virtual_machine", virtual_machine, by=(FQDN,)),
            **({} if network is None else validation.reference("network", network, by=(Permalink,))),
            **({} if virtual_network is None else validation.reference("virtual_network", virtual_network)),
            **validation.reference("speed_profile", speed_profile, by=(Permalink,)),
        }
        request = Request(endpoint=endpoints.CREATE, body=body)
        return (await self._caller.call(request, max_wait=max_wait, timeout=timeout)).value

    async def get(
        self, interface_id: str, *, max_wait: float | None = None, timeout: float | None = None
    ) -> VirtualMachineNetworkInterface:
        """Return one interface. Scope ``virtual_machines:read``.

        Args:
            interface_id: Katapult's id, ``vmnet_...``.
            max_wait: seconds to wait for the rate limit at most; None for ``RateLimitPolicy.max_wait``.
            timeout: seconds for the whole call; None for ``Timeouts.call``.

        Raises:
            UsageError: the id is none.
            NotFoundError: this token sees no interface of that id.
            PermissionDeniedError: the scope is missing.
        """
        request = Request(endpoint=endpoints.GET, arguments=(endpoints.named(interface_id),))
        return (await self._caller.call(request, max_wait=max_wait, timeout=timeout)).value

    async def delete(
        self, interface_id: str, *, max_wait: float | None = None, timeout: float | None = None
    ) -> VirtualMachineNetworkInterface:
        """Delete an interface, and return it as it was. Scope ``virtual_machines:network_interfaces``.

        Sent again after a lost answer; a `NotFoundError` with an ``earlier`` error then means that it is gone.

        Args:
            interface_id: Katapult's id, ``vmnet_...``.
            max_wait: seconds to wait for the rate limit at most; None for ``RateLimitPolicy.max_wait``.
            timeout: seconds for the whole call; None for ``Timeouts.call``.

        Raises:
            UsageError: an argument is no such thing.
            NotFoundError: this token sees no interface of that id.
            ConflictError: it may not be deleted; `detach` it before.
            UnprocessableError: it cannot be deleted; ``detail`` has the sentences.
            PermissionDeniedError: the scope is missing.
        """
        request = Request(endpoint=endpoints.DELETE, arguments=(endpoints.named(interface_id),))
        return (await self._caller.call(request, max_wait=max_wait, timeout=timeout)).value

    async def available_ips(
        self,
        interface_id: str,
        *,
        address_version: AddressVersion | str,
        max_wait: float | None = None,
        timeout: float | None = None,
    ) -> builtins.list[IPAddress]:
        """Return the addresses of one family that could be allocated to an interface.

        Empty when its network has none left. A snapshot, in Katapult's order: somebody else may take any of them
        before you do. Scope ``ip_addresses:read``.

        Args:
            interface_id: Katapult's id, ``vmnet_...``.
            address_version: the family; Katapult has no value for both.
            max_wait: seconds to wait for the rate limit at most; None for ``RateLimitPolicy.max_wait``.
            timeout: seconds for the whole call; None for ``Timeouts.call``.

        Raises:
            UsageError: the id or the family is none.
            NotFoundError: this token sees no interface of that id.
            AuthenticationError: the token is not accepted.
            PermissionDeniedError: the scope is missing.
        """
        version = validation.address_version(address_version)
        request = Request(
            endpoint=endpoints.AVAILABLE_IPS,
            arguments=(endpoints.named(interface_id), ("address_version", version.value)),
        )
        return (await self._caller.call(request, max_wait=max_wait, timeout=timeout)).value

    def available_ips_many(
        self,
        interface_ids: Iterable[str] | AsyncIterable[str],
        *,
        address_versions: Iterable[AddressVersion | str],
        concurrency: int = 50,
        max_wait: float = math.inf,
        timeout: float = math.inf,
    ) -> Batch[AddressQuery, builtins.list[IPAddress]]:
        """Return a batch that asks for the available addresses of many interfaces.

        ::

            async with nics.available_ips_many(ids, address_versions=("ipv4", "ipv6")) as outcomes:
                async for outcome in outcomes: ...

        Every interface is asked once for each family. Calls of a batch let calls that are awaited on their own go
        first, and wait for the rate limit as long as it takes.

        Args:
            interface_ids: the interfaces; read only as fast as they are asked, so it may be endless.
            address_versions: the families, such as ``("ipv4", "ipv6")``.
            concurrency: calls under way at once, and items held in memory.
            max_wait: seconds that each call may wait for the rate limit.
            timeout: seconds for each call as a whole.

        Raises:
            UsageError: an argument is no such thing. A bad id among many is a `Failed` of its own.
        """
        return available_ips_many(
            self.available_ips,
            interface_ids,
            versions=validation.address_versions(address_versions),
            concurrency=validation.concurrency(concurrency),
            limits=CallLimits(max_wait=max_wait, timeout=timeout),
            limiter=self._caller.limiter,
        )

    async def allocate_first_available(
        self,
        interface_id: str,
        *,
        address_version: AddressVersion | str,
        max_wait: float | None = None,
        timeout: float | None = None,
    ) -> IPAddress:
        """Give an interface the first available address of a family, and return it as it was listed.

        Takes the next address when somebody was faster. When an answer is lost it looks at the interface before it
        asks again, and it turns to another address only when the one before is surely not the interface's: so it
        never takes two. If you cancel it, look what it took. Scopes ``ip_addresses`` and ``virtual_machines:read``.

        Args:
            interface_id: Katapult's id, ``vmnet_...``.
            address_version: the family.
            max_wait: seconds to wait for the rate limit at most; None for ``RateLimitPolicy.max_wait``.
            timeout: seconds for the whole call; None for ``Timeouts.call``.

        Raises:
            UsageError: an argument is no such thing.
            NotFoundError: this token sees no interface of that id.
            ConflictError: none is available, or somebody was faster each time (``no_available_addresses``).
            PermissionDeniedError: the scope is missing.
            TransportError: the network failed every attempt, or an answer was lost; `ServiceUnavailableError`,
                `ServerError` and `BadResponseError` alike. The address in ``problem.arguments`` may be allocated.
        """
        ends_at = self._caller.ends_at(timeout)
        receiver = Receiver(
            interfaces=self,
            interface_id=interface_id,
            max_wait=max_wait,
            time_left=lambda: max(0.0, ends_at - self._caller.time()),
            pause=self._caller.pause,
        )
        return await allocate_first_available(receiver, address_version=address_version)

    async def allocate_ip(
        self,
        interface_id: str,
        *,
        ip_address: str | IPv4Address | IPv6Address,
        max_wait: float | None = None,
        timeout: float | None = None,
    ) -> VirtualMachineNetworkInterface:
        """Give an interface one of its available addresses, and return the interface. Scope ``ip_addresses``.

        Sent again only while nothing can have happened: after a lost answer, `get` tells.
        `allocate_first_available` does that by itself.

        Args:
            interface_id: Katapult's id, ``vmnet_...``.
            ip_address: its id, or ``ipaddress.ip_address("203.0.113.7")``.
            max_wait: seconds to wait for the rate limit at most; None for ``RateLimitPolicy.max_wait``.
            timeout: seconds for the whole call; None for ``Timeouts.call``.

        Raises:
            UsageError: an argument is no such thing.
            NotFoundError: no such interface or address.
            UnprocessableError: somebody holds the address (``ip_already_allocated``), or it is of another network
                (``invalid_ip``).
            PermissionDeniedError: the scope is missing.
        """
        body = endpoints.referred(interface_id) | validation.reference("ip_address", ip_address, by=validation.ADDRESS)
        request = Request(endpoint=endpoints.ALLOCATE_IP, body=body)
        return (await self._caller.call(request, max_wait=max_wait, timeout=timeout)).value

    async def allocate_new_ip(
        self,
        interface_id: str,
        *,
        address_version: AddressVersion | str,
        max_wait: float | None = None,
        timeout: float | None = None,
    ) -> IPAddress:
        """Take a new address for the organization, give it to an interface, and return it. Scope ``ip_addresses``.

        Sent again only while nothing can have happened: after a lost answer, `get` tells.

        Args:
            interface_id: Katapult's id, ``vmnet_...``.
            address_version: the family.
            max_wait: seconds to wait for the rate limit at most; None for ``RateLimitPolicy.max_wait``.
            timeout: seconds for the whole call; None for ``Timeouts.call``.

        Raises:
            UsageError: an argument is no such thing.
            NotFoundError: this token sees no interface of that id.
            ConflictError: the network has no address left (``no_available_addresses``).
            PermissionDeniedError: the scope is missing, or the organization may not have more.
        """
        body = endpoints.referred(interface_id) | {"address_version": validation.address_version(address_version).value}
        request = Request(endpoint=endpoints.ALLOCATE_NEW_IP, body=body)
        return (await self._caller.call(request, max_wait=max_wait, timeout=timeout)).value

    async def attach(
        self, interface_id: str, *, max_wait: float | None = None, timeout: float | None = None
    ) -> InterfaceTask:
        """Attach an interface to its machine; the answer has the task that does it.

        Sent again only while nothing can have happened. Scope ``virtual_machines:network_interfaces``.

        Args:
            interface_id: Katapult's id, ``vmnet_...``.
            max_wait: seconds to wait for the rate limit at most; None for ``RateLimitPolicy.max_wait``.
            timeout: seconds for the whole call; None for ``Timeouts.call``.

        Raises:
            UsageError: an argument is no such thing.
            NotFoundError: this token sees no interface of that id.
            UnprocessableError: it is attached already.
            NotAcceptableError: the task could not be queued (``task_queueing_error``).
            PermissionDeniedError: the scope is missing.
        """
        request = Request(endpoint=endpoints.ATTACH, body=endpoints.referred(interface_id))
        return (await self._caller.call(request, max_wait=max_wait, timeout=timeout)).value

    async def detach(
        self, interface_id: str, *, max_wait: float | None = None, timeout: float | None = None
    ) -> InterfaceTask:
        """Detach an interface from its machine; the answer has the task that does it.

        Sent again only while nothing can have happened. Scope ``virtual_machines:network_interfaces``.

        Args:
            interface_id: Katapult's id, ``vmnet_...``.
            max_wait: seconds to wait for the rate limit at most; None for ``RateLimitPolicy.max_wait``.
            timeout: seconds for the whole call; None for ``Timeouts.call``.

        Raises:
            UsageError: an argument is no such thing.
            NotFoundError: this token sees no interface of that id.
            UnprocessableError: it is detached already.
            NotAcceptableError: the task could not be queued (``task_queueing_error``).
            PermissionDeniedError: the scope is missing.
        """
        request = Request(endpoint=endpoints.DETACH, body=endpoints.referred(interface_id))
        return (await self._caller.call(request, max_wait=max_wait, timeout=timeout)).value

    async def update_speed_profile(
        self,
        interface_id: str,
        *,
        speed_profile: str | Permalink,
        max_wait: float | None = None,
        timeout: float | None = None,
    ) -> Task:
        """Change how fast an interface may be; returns the task that does it. Scope ``virtual_machines``.

        Sent again only while nothing can have happened.

        Args:
            interface_id: Katapult's id, ``vmnet_...``.
            speed_profile: its id, or its ``Permalink``.
            max_wait: seconds to wait for the rate limit at most; None for ``RateLimitPolicy.max_wait``.
            timeout: seconds for the whole call; None for ``Timeouts.call``.

        Raises:
            UsageError: an argument is no such thing.
            NotFoundError: no such interface or speed profile.
            UnprocessableError: it has that profile already (``speed_profile_already_assigned``).
            NotAcceptableError: the task could not be queued (``task_queueing_error``).
            PermissionDeniedError: the scope is missing.
        """
        body = endpoints.referred(interface_id) | validation.reference("speed_profile", speed_profile, by=(Permalink,))
        request = Request(endpoint=endpoints.UPDATE_SPEED_PROFILE, body=body)
        return (await self._caller.call(request, max_wait=max_wait, timeout=timeout)).value
