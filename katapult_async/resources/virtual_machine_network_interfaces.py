"""Network interfaces of virtual machines, and the addresses that are or could be allocated to them.

Core API v1: get:virtual_machine_network_interfaces, post:virtual_machine_network_interfaces,
get:virtual_machine_network_interface, get:v_m_n_i__v_m_n_i, delete:virtual_machine_network_interface, and
get:virtual_machine_network_interface_available_ips_address_version, post:..._allocate_ip, post:..._allocate_new_ip,
post:..._attach, post:..._detach, patch:..._update_speed_profile.
"""

import builtins
import functools
import math
from collections.abc import AsyncGenerator, AsyncIterable, Iterable
from ipaddress import IPv4Address, IPv6Address
from typing import Any, Final, Unpack

from katapult_async.batch import Batch, iterating, length_of
from katapult_async.call_limits import CallLimits
from katapult_async.core import validation
from katapult_async.core.pagination import Pages
from katapult_async.errors import UsageError
from katapult_async.models.ip_addresses import AddressVersion, IPAddress, IPVersion
from katapult_async.models.lookups import FQDN, Permalink
from katapult_async.models.tasks import Task
from katapult_async.models.virtual_machine_network_interfaces import (
    AddressQuery,
    InterfaceTask,
    VirtualMachineNetworkInterface,
)
from katapult_async.options import CallOptions
from katapult_async.resources.allocation import Receiver, allocate_first_available
from katapult_async.resources.operations import Operations
from katapult_async.resources.references import INTERFACE
from katapult_async.resources.resource import Resource

_INTERFACES: Final = Operations(
    INTERFACE,
    VirtualMachineNetworkInterface,
    write=("virtual_machines", "virtual_machines:network_interfaces"),
    read=("virtual_machines", "virtual_machines:read"),
)
_AVAILABLE_IPS: Final = "/available_ips/address_version"


def _check_network(arguments: dict[str, Any]) -> None:
    """Check that a new interface has either a network or a virtual network."""
    if ("network" in arguments) == ("virtual_network" in arguments):
        raise UsageError("give either network or virtual_network")


class VirtualMachineNetworkInterfaces(Resource):
    """Network interfaces of virtual machines. Reached as ``katapult.virtual_machine_network_interfaces``."""

    @_INTERFACES.list("/virtual_machines/virtual_machine/network_interfaces")
    def list(
        self, *, virtual_machine: str | FQDN, **options: Unpack[CallOptions]
    ) -> Pages[VirtualMachineNetworkInterface]:
        """Return the interfaces of a virtual machine, without the fields that only `get` returns.

        Args:
            virtual_machine: id of the virtual machine, or ``FQDN("web-1.acme.example")``.

        Raises:
            NotAcceptableError: the virtual machine is in the trash (``object_in_trash``).
        """

    @_INTERFACES.create("/virtual_machines/virtual_machine/network_interfaces", inside=None, adjust=_check_network)
    async def create(
        self,
        *,
        virtual_machine: str | FQDN,
        speed_profile: str | Permalink,
        network: str | Permalink | None = None,
        virtual_network: str | None = None,
        **options: Unpack[CallOptions],
    ) -> VirtualMachineNetworkInterface:
        """Create an interface of a virtual machine on a network or a virtual network, and return it.

        It can be used when it is attached: see `attach`.

        Args:
            virtual_machine: id of the virtual machine, or ``FQDN("web-1.acme.example")``.
            speed_profile: id of the speed profile, or its ``Permalink``; see ``network_speed_profiles.list``.
            network: id of the network, or its ``Permalink``.
            virtual_network: id of the virtual network, in place of a network.

        Raises:
            UsageError: both or neither of ``network`` and ``virtual_network`` are given.
            NotAcceptableError: the virtual machine is in the trash (``object_in_trash``).
            UnprocessableError: the virtual machine cannot have this interface; ``detail`` lists the problems.
        """

    @_INTERFACES.get()
    async def get(self, interface_id: str, **options: Unpack[CallOptions]) -> VirtualMachineNetworkInterface:
        """Return an interface.

        Args:
            interface_id: id of the interface, ``vmnet_...``.
        """

    @_INTERFACES.delete()
    async def delete(self, interface_id: str, **options: Unpack[CallOptions]) -> VirtualMachineNetworkInterface | None:
        """Delete an interface and return it as it was; None if the response was lost and a retry did not find it.

        Args:
            interface_id: id of the interface, ``vmnet_...``.

        Raises:
            ConflictError: the interface must not be deleted (``deletion_restricted``), for example because it is
                attached: `detach` it first.
            UnprocessableError: the interface cannot be deleted; ``detail`` lists the problems.
        """

    @_INTERFACES.at("/virtual_machines/virtual_machine/networks/network/interface").get()
    async def find(
        self, *, virtual_machine: str | FQDN, network: str | Permalink, **options: Unpack[CallOptions]
    ) -> VirtualMachineNetworkInterface:
        """Return the interface of a virtual machine on a network.

        Args:
            virtual_machine: id of the virtual machine, or ``FQDN("web-1.acme.example")``.
            network: id of the network, or its ``Permalink``.

        Raises:
            NotFoundError: the virtual machine has no interface on the network (``interface_not_found``).
            NotAcceptableError: the virtual machine is in the trash (``object_in_trash``).
        """

    @_INTERFACES.returning("ip_addresses", builtins.list[IPAddress]).get(
        _AVAILABLE_IPS, scopes=("ip_addresses", "ip_addresses:read")
    )
    async def available_ips(
        self, interface_id: str, *, address_version: IPVersion, **options: Unpack[CallOptions]
    ) -> builtins.list[IPAddress]:
        """Return the addresses of one version that could be allocated to an interface, in the order of the response.

        The list is empty if there are none. Another client can allocate any of them before you do.

        Args:
            interface_id: id of the interface, ``vmnet_...``.
            address_version: version of the addresses, ``ipv4`` or ``ipv6``; Katapult has no value for both.
        """

    def available_ips_many(
        self,
        interface_ids: Iterable[str] | AsyncIterable[str],
        *,
        address_versions: Iterable[IPVersion],
        concurrency: int = 50,
        max_wait: float = math.inf,
        timeout: float = math.inf,
    ) -> Batch[AddressQuery, builtins.list[IPAddress]]:
        """Return a batch that requests the available addresses of many interfaces, each once for each version.

        ::

            async with nics.available_ips_many(ids, address_versions=("ipv4", "ipv6")) as outcomes:
                async for outcome in outcomes: ...

        Single calls have priority over the calls of a batch. By default, the calls of the batch wait for the rate limit
        as long as necessary.

        Args:
            interface_ids: ids of the interfaces. Each is read only when it is needed, so the iterable may be endless.
            address_versions: address versions, such as ``("ipv4", "ipv6")``.
            concurrency: calls made at a time, and items held in memory, from 1 to 1,000; up to three more while calls
                keep failing.
            max_wait: seconds that each query may wait for the rate limit.
            timeout: seconds for each query as a whole.

        Raises:
            UsageError: an argument is of the wrong type or value. A malformed id is a `Failed` outcome instead.
        """
        if isinstance(interface_ids, str | bytes) or not isinstance(interface_ids, Iterable | AsyncIterable):
            raise UsageError(f"interface_ids must be an iterable of ids, not {type(interface_ids).__name__}")
        versions = tuple(map(AddressVersion, validation.address_versions(address_versions)))
        queries: Iterable[AddressQuery] | AsyncIterable[AddressQuery]
        length = length_of(interface_ids)
        if isinstance(interface_ids, AsyncIterable):
            queries = _queries(interface_ids, versions)
        else:  # an asynchronous generator costs 3 us for each query
            queries = (AddressQuery(interface_id, version) for interface_id in interface_ids for version in versions)
        return Batch(
            lambda query: self.available_ips(query.interface_id, address_version=query.address_version),
            queries,
            concurrency=concurrency,
            limits=CallLimits(max_wait=max_wait, timeout=timeout),
            limiter=self._caller.limiter,
            total=None if length is None else length * len(versions),
        )

    async def allocate_first_available(
        self, interface_id: str, *, address_version: IPVersion, **options: Unpack[CallOptions]
    ) -> IPAddress:
        """Allocate the first available address of a version to an interface, and return it as it was listed.

        If another client has taken the first address, it tries the next one. If a response is lost, it checks the
        interface before it sends the request again. It tries another address only if the interface certainly does not
        have the previous one, so it never allocates two. After a cancellation, check which addresses the interface has.

        Args:
            interface_id: id of the interface, ``vmnet_...``.
            address_version: version of the address, ``ipv4`` or ``ipv6``.

        Raises:
            ConflictError: no address is available, or other clients took each of them (``no_available_addresses``).
            TransportError: a response was lost, and the interface could not be checked. The address in
                ``error.problem.arguments`` may be allocated. `ServerError`, `ServiceUnavailableError` and
                `BadResponseError` are raised for the same reason.
        """
        with self._caller.shared_limits(options) as shared:
            receiver = Receiver(
                available=functools.partial(self.available_ips, interface_id, address_version=address_version),
                allocate=lambda address_id: self.allocate_ip(interface_id, ip_address=address_id),
                get=functools.partial(self.get, interface_id),
                time_left=lambda: shared.ends_at - self._caller.time(),
                pause=self._caller.pause,
            )
            arguments = ((f"{INTERFACE.name}[id]", interface_id), ("address_version", str(address_version)))
            return await allocate_first_available(receiver, path=_INTERFACES.path + _AVAILABLE_IPS, arguments=arguments)

    @_INTERFACES.action("POST", "/allocate_ip", scopes=("ip_addresses",))
    async def allocate_ip(
        self, interface_id: str, *, ip_address: str | IPv4Address | IPv6Address, **options: Unpack[CallOptions]
    ) -> VirtualMachineNetworkInterface:
        """Allocate one of the available addresses to an interface, and return the interface.

        `allocate_first_available` chooses the address, and handles lost responses.

        Args:
            interface_id: id of the interface, ``vmnet_...``.
            ip_address: id of the address, or ``ipaddress.ip_address("203.0.113.7")``.

        Raises:
            UnprocessableError: the address is allocated already (``ip_already_allocated``), or it is not valid for the
                interface (``invalid_ip``): it is of another network, for example.
        """

    @_INTERFACES.returning("ip_address", IPAddress).action("POST", "/allocate_new_ip", scopes=("ip_addresses",))
    async def allocate_new_ip(
        self, interface_id: str, *, address_version: IPVersion, **options: Unpack[CallOptions]
    ) -> IPAddress:
        """Reserve a new address for the organization, allocate it to an interface, and return it.

        Args:
            interface_id: id of the interface, ``vmnet_...``.
            address_version: version of the address, ``ipv4`` or ``ipv6``.

        Raises:
            ConflictError: Katapult has no address of this version left (``no_available_addresses``).
        """

    @_INTERFACES.returning(None, InterfaceTask).action("POST", "/attach")
    async def attach(self, interface_id: str, *, wait: bool = False, **options: Unpack[CallOptions]) -> InterfaceTask:
        """Attach an interface to its virtual machine; returns the interface and the task that attaches it.

        Args:
            interface_id: id of the interface, ``vmnet_...``.
            wait: whether to return only when the task is completed, with the interface as it is then. ``timeout``
                covers the wait, as in ``tasks.wait``.

        Raises:
            UnprocessableError: the interface is attached already
                (``virtual_machine_network_interface_already_attached``).
            NotAcceptableError: the task could not be queued (``task_queueing_error``).
            TaskFailedError: the task has failed, and ``wait`` is true.
            TaskTimeoutError: the task was not completed in time, and ``wait`` is true.
        """

    @_INTERFACES.returning(None, InterfaceTask).action("POST", "/detach")
    async def detach(self, interface_id: str, *, wait: bool = False, **options: Unpack[CallOptions]) -> InterfaceTask:
        """Detach an interface from its virtual machine; returns the interface and the task that detaches it.

        Args:
            interface_id: id of the interface, ``vmnet_...``.
            wait: whether to return only when the task is completed, with the interface as it is then. ``timeout``
                covers the wait, as in ``tasks.wait``.

        Raises:
            UnprocessableError: the interface is detached already
                (``virtual_machine_network_interface_already_detached``).
            NotAcceptableError: the task could not be queued (``task_queueing_error``).
            TaskFailedError: the task has failed, and ``wait`` is true.
            TaskTimeoutError: the task was not completed in time, and ``wait`` is true.
        """

    @_INTERFACES.returning("task", Task).action("PATCH", "/update_speed_profile", scopes=("virtual_machines",))
    async def update_speed_profile(
        self, interface_id: str, *, speed_profile: str | Permalink, wait: bool = False, **options: Unpack[CallOptions]
    ) -> Task:
        """Change the speed profile of an interface; returns the task that changes it.

        Args:
            interface_id: id of the interface, ``vmnet_...``.
            speed_profile: id of the speed profile, or its ``Permalink``.
            wait: whether to return only when the task is completed. ``timeout`` covers the wait, as in ``tasks.wait``.

        Raises:
            UnprocessableError: the interface has this profile already (``speed_profile_already_assigned``).
            NotAcceptableError: the task could not be queued (``task_queueing_error``).
            TaskFailedError: the task has failed, and ``wait`` is true.
            TaskTimeoutError: the task was not completed in time, and ``wait`` is true.
        """


async def _queries(
    interface_ids: AsyncIterable[str], versions: tuple[AddressVersion, ...]
) -> AsyncGenerator[AddressQuery]:
    async with iterating(interface_ids) as ids:
        async for interface_id in ids:
            for version in versions:
                yield AddressQuery(interface_id, version)
