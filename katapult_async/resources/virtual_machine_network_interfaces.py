"""Network interfaces of virtual machines, and the addresses that could be given to them.

Core API v1: get:virtual_machine_network_interfaces, get:v_m_n_i__v_m_n_i,
get:virtual_machine_network_interface_available_ips_address_version.
"""

import builtins
import contextlib
import math
from collections.abc import AsyncGenerator, AsyncIterable, Iterable, Sized
from typing import Final

from katapult_async._caller import Caller
from katapult_async.batch import Batch, CallSettings, asynchronous
from katapult_async.errors import UsageError
from katapult_async.models.ip_addresses import AddressVersion, IPAddress
from katapult_async.models.lookups import FQDN
from katapult_async.models.virtual_machine_network_interfaces import AddressQuery, VirtualMachineNetworkInterface
from katapult_async.resources.pages import Pages
from katapult_async.sansio import arguments
from katapult_async.sansio.endpoints import Endpoint, Request

_NAME: Final = "virtual_machine_network_interface"

LIST: Final = Endpoint(
    path="/virtual_machines/virtual_machine/network_interfaces",
    answer="virtual_machine_network_interfaces",
    type=list[VirtualMachineNetworkInterface],
    paginated=True,
)
GET: Final = Endpoint(
    path=f"/virtual_machine_network_interfaces/{_NAME}", answer=_NAME, type=VirtualMachineNetworkInterface
)
AVAILABLE_IPS: Final = Endpoint(
    path=f"/virtual_machine_network_interfaces/{_NAME}/available_ips/address_version",
    answer="ip_addresses",
    type=list[IPAddress],
)


class VirtualMachineNetworkInterfaces:
    """Interfaces of machines. Reached as ``katapult.virtual_machine_network_interfaces``."""

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
        machine = arguments.lookup("virtual_machine", virtual_machine, by=(FQDN,))
        return Pages(self._caller, Request(endpoint=LIST, arguments=(machine,)))

    async def get(
        self,
        interface_id: str,
        *,
        max_wait: float | None = None,
        timeout: float | None = None,
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
            RateLimitWaitError: the rate limit has no room within ``max_wait``.
            TransportError: the network or the server failed every attempt.
        """
        request = Request(endpoint=GET, arguments=(_named(interface_id),))
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
            RateLimitWaitError: the rate limit has no room within ``max_wait``.
            TransportError: the network or the server failed every attempt.
        """
        version = arguments.address_version(address_version)
        request = Request(endpoint=AVAILABLE_IPS, arguments=(_named(interface_id), ("address_version", version.value)))
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
        versions = arguments.address_versions(address_versions)
        if isinstance(interface_ids, str | bytes) or not isinstance(interface_ids, Iterable | AsyncIterable):
            raise UsageError(f"interface_ids must be an iterable of ids, not {type(interface_ids).__name__}")
        return Batch(
            lambda query: self.available_ips(query.interface_id, address_version=query.address_version),
            _queries(interface_ids, versions),
            concurrency=arguments.concurrency(concurrency),
            settings=CallSettings(
                max_wait=arguments.seconds("max_wait", max_wait), timeout=arguments.seconds("timeout", timeout)
            ),
            outlook=self._caller.outlook,
            total=len(interface_ids) * len(versions) if isinstance(interface_ids, Sized) else None,
        )


def _named(interface_id: object) -> tuple[str, str]:
    return f"{_NAME}[id]", arguments.identifier("interface_id", interface_id)


async def _queries(
    interface_ids: Iterable[str] | AsyncIterable[str], versions: tuple[AddressVersion, ...]
) -> AsyncGenerator[AddressQuery]:
    async with contextlib.aclosing(asynchronous(interface_ids)) as ids:
        async for interface_id in ids:
            for version in versions:
                yield AddressQuery(interface_id, version)
