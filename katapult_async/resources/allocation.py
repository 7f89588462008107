"""Allocates the first available address to an interface, and never two addresses.

Katapult has no idempotency keys. But an allocation names its address, so the interface shows whether a request whose
response was lost was carried out. The rule: while it is unknown whether an address was allocated, no other is tried.
The doubt ends when the interface has the address, or when the address is allocated to something else; otherwise the
error that caused the doubt is raised.
"""

from collections.abc import Awaitable, Callable
from typing import Final, Literal, Protocol

import attrs

from katapult_async.errors import APIError, BadResponseError, ConflictError, KatapultError, Problem, TransportError
from katapult_async.models.ip_addresses import AddressVersion, IPAddress
from katapult_async.models.virtual_machine_network_interfaces import VirtualMachineNetworkInterface

_WAITS: Final = (0.5, 1.0, 2.0, 4.0)
"""Seconds before an allocation in doubt is repeated: long enough for a request that is only late."""

_UNAVAILABLE: Final = frozenset({"ip_already_allocated", "ip_address_not_found"})
"""Codes of an address that cannot be allocated any more."""


Version = Literal["ipv4", "ipv6"] | AddressVersion


class Interfaces(Protocol):
    """The operations on interfaces that an allocation needs."""

    def available_ips(self, interface_id: str, *, address_version: Version) -> Awaitable[list[IPAddress]]:
        """Return the available addresses."""

    def allocate_ip(self, interface_id: str, *, ip_address: str) -> Awaitable[VirtualMachineNetworkInterface]:
        """Allocate an address."""

    def get(self, interface_id: str) -> Awaitable[VirtualMachineNetworkInterface]:
        """Return the interface as it is now."""


@attrs.frozen(kw_only=True)
class Receiver:
    """The interface that receives an address, and the time that is left for the allocation."""

    interfaces: Interfaces
    """The operations."""

    interface_id: str
    """Id of the interface."""

    path: str
    """Path of the operation that lists the available addresses, for errors."""

    time_left: Callable[[], float]
    """Returns the seconds that are left for the whole allocation."""

    pause: Callable[[float], Awaitable[None]]
    """Waits for some seconds."""

    async def available(self, version: Version) -> list[IPAddress]:
        """Return the available addresses."""
        return await self.interfaces.available_ips(self.interface_id, address_version=version)

    async def allocate(self, address: IPAddress) -> None:
        """Allocate an address."""
        await self.interfaces.allocate_ip(self.interface_id, ip_address=address.id)

    async def holds(self, address: IPAddress) -> bool:
        """Return whether the interface has an address."""
        interface = await self.interfaces.get(self.interface_id)
        return any(allocated.id == address.id for allocated in interface.ip_addresses)


async def allocate_first_available(receiver: Receiver, *, address_version: Version) -> IPAddress:
    """Return the address that was allocated to the interface.

    Raises:
        ConflictError: no address is available.
        KatapultError: the error that ended a call. After an allocation is in doubt: the error that caused the doubt,
            whose arguments name the address.
    """
    addresses = await receiver.available(address_version)
    for address in addresses:
        if await _allocated(receiver, address):
            return address
    reason = "other clients allocated each of them first" if addresses else "the interface's network has none left"
    raise ConflictError(
        Problem(
            method="GET",
            path=receiver.path,
            arguments=(
                ("virtual_machine_network_interface[id]", receiver.interface_id),
                ("address_version", str(address_version)),
            ),
            description=f"no address could be allocated: {reason}",
            status=200,
            code="no_available_addresses",
        )
    )


async def _allocated(receiver: Receiver, address: IPAddress) -> bool:
    """Allocate an address. Return True if the interface has it now, and False if something else certainly has it."""
    try:
        await receiver.allocate(address)
    except (TransportError, BadResponseError, APIError) as error:
        if _is_unavailable(error) and not error.earlier:
            return False
        if not _is_unavailable(error) and not error.may_have_happened:
            raise
        doubt = error
    else:
        return True
    cause: KatapultError | None = None
    try:
        settled = await (receiver.holds(address) if _is_unavailable(doubt) else _settled(receiver, address))
    except KatapultError as error:
        settled, cause = None, error
    if settled is None:
        raise doubt from cause  # later errors show nothing about the address
    return settled


async def _settled(receiver: Receiver, address: IPAddress) -> bool | None:
    """Return whether the interface has an address whose allocation is in doubt; None while that stays unknown."""
    for wait in _WAITS:
        if await receiver.holds(address):
            return True
        if wait >= receiver.time_left():
            return None
        await receiver.pause(wait)
        try:
            await receiver.allocate(address)
        except (TransportError, BadResponseError, APIError) as error:
            if _is_unavailable(error):
                return await receiver.holds(address)
            if not error.may_have_happened:
                raise
        else:
            return True
    return True if await receiver.holds(address) else None


def _is_unavailable(error: KatapultError) -> bool:
    return isinstance(error, APIError) and error.code in _UNAVAILABLE
