"""Giving an interface the first address that it can have, without ever giving it two.

Katapult has no idempotency keys. But an allocation names its address, so whether a lost one happened can be seen on
the interface. The rule: while it is unknown whether an address was given, no other is asked for. Such a doubt ends
when the interface shows the address, or when the address turns out to be somebody else's; otherwise it is raised.
"""

from collections.abc import Awaitable, Callable
from typing import Final, Protocol

import attrs

from katapult_async.errors import (
    APIError,
    BadResponseError,
    ConflictError,
    KatapultError,
    Problem,
    TransportError,
)
from katapult_async.models.ip_addresses import AddressVersion, IPAddress
from katapult_async.models.virtual_machine_network_interfaces import VirtualMachineNetworkInterface
from katapult_async.resources.interface_endpoints import AVAILABLE_IPS

_WAITS: Final = (0.5, 1.0, 2.0, 4.0)
"""Seconds before an address in doubt is asked for once more: long enough for a request that is only late."""

_GONE: Final = frozenset({"ip_already_allocated", "ip_address_not_found"})
"""Codes that say of an address that it cannot be given to anybody now."""


class Interfaces(Protocol):
    """What is asked of interfaces here."""

    def available_ips(
        self, interface_id: str, *, address_version: AddressVersion | str, max_wait: float | None, timeout: float
    ) -> Awaitable[list[IPAddress]]:
        """Return the addresses that it could be given."""

    def allocate_ip(
        self, interface_id: str, *, ip_address: str, max_wait: float | None, timeout: float
    ) -> Awaitable[VirtualMachineNetworkInterface]:
        """Give it one."""

    def get(
        self, interface_id: str, *, max_wait: float | None, timeout: float
    ) -> Awaitable[VirtualMachineNetworkInterface]:
        """Return it as it is now."""


@attrs.frozen(kw_only=True)
class Receiver:
    """The interface that is given an address, and how long that may take."""

    interfaces: Interfaces
    """Where it is one of."""

    interface_id: str
    """Katapult's id of it."""

    max_wait: float | None
    """Seconds that each request may wait for the rate limit; None for the client's setting."""

    time_left: Callable[[], float]
    """Returns the seconds that are left for all of it."""

    pause: Callable[[float], Awaitable[None]]
    """Waits for some seconds."""

    async def available(self, version: AddressVersion | str) -> list[IPAddress]:
        """Return the addresses that it could be given."""
        return await self.interfaces.available_ips(
            self.interface_id, address_version=version, max_wait=self.max_wait, timeout=self.time_left()
        )

    async def allocate(self, address: IPAddress) -> None:
        """Ask that it be given an address."""
        await self.interfaces.allocate_ip(
            self.interface_id, ip_address=address.id, max_wait=self.max_wait, timeout=self.time_left()
        )

    async def holds(self, address: IPAddress) -> bool:
        """Return whether it has an address."""
        interface = await self.interfaces.get(self.interface_id, max_wait=self.max_wait, timeout=self.time_left())
        return any(each.id == address.id for each in interface.ip_addresses)


async def allocate_first_available(receiver: Receiver, *, address_version: AddressVersion | str) -> IPAddress:
    """Return the address that the interface was given.

    Raises:
        ConflictError: there is none to give.
        KatapultError: what ended a call; or, once an address is in doubt, what brought it there: its arguments name
            that address.
    """
    addresses = await receiver.available(address_version)
    for address in addresses:
        if await _allocated(receiver, address):
            return address
    said = "somebody was faster at every one" if addresses else "the interface's network has none left"
    raise ConflictError(
        Problem(
            method="GET",
            path=AVAILABLE_IPS.path,
            arguments=(
                ("virtual_machine_network_interface[id]", receiver.interface_id),
                ("address_version", str(address_version)),
            ),
            description=f"no address could be allocated: {said}; take the other family, or allocate_new_ip",
            status=200,
            code="no_available_addresses",
        )
    )


async def _allocated(receiver: Receiver, address: IPAddress) -> bool:
    """Return True when the interface has the address now, and False when it is surely somebody else's."""
    try:
        await receiver.allocate(address)
    except (TransportError, BadResponseError, APIError) as error:
        if _is_gone(error) and not error.earlier:
            return False
        if not _is_gone(error) and not error.may_have_happened:
            raise
        doubt = error
    else:
        return True
    cause: KatapultError | None = None
    try:
        settled = await (receiver.holds(address) if _is_gone(doubt) else _settled(receiver, address))
    except KatapultError as error:
        settled, cause = None, error
    if settled is None:
        raise doubt from cause  # whatever came after it says nothing of the address
    return settled


async def _settled(receiver: Receiver, address: IPAddress) -> bool | None:
    """Return whether the interface has an address whose allocation was lost; None when that stays unknown."""
    for wait in _WAITS:
        if await receiver.holds(address):
            return True
        if wait >= receiver.time_left():
            return None
        await receiver.pause(wait)
        try:
            await receiver.allocate(address)
        except (TransportError, BadResponseError, APIError) as error:
            if _is_gone(error):
                return await receiver.holds(address)
            if not error.may_have_happened:
                raise
        else:
            return True
    return True if await receiver.holds(address) else None


def _is_gone(error: KatapultError) -> bool:
    return isinstance(error, APIError) and error.code in _GONE
