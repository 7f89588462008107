"""Allocates the first available address to an interface, and never two addresses.

Katapult has no idempotency keys. But an allocation names its address, so the interface shows whether a request whose
response was lost was carried out. The rule: while it is unknown whether an address was allocated, no other is tried.
It is known as soon as the interface has the address, or the address is allocated to something else. If neither is seen
in time, the error that left the allocation unknown is raised.
"""

import math
from collections.abc import Awaitable, Callable
from typing import Final

import attrs

from katapult_async.errors import APIError, ConflictError, KatapultError, Problem, RequestError
from katapult_async.models.ip_addresses import IPAddress
from katapult_async.models.virtual_machine_network_interfaces import VirtualMachineNetworkInterface

_WAITS: Final = (0.5, 1.0, 2.0, 4.0)
"""Seconds before an allocation that may have happened is repeated: long enough for a request that is only late."""

_UNAVAILABLE: Final = frozenset({"ip_already_allocated", "ip_address_not_found"})
"""Codes of the errors for an address that can no longer be allocated."""


@attrs.frozen(kw_only=True)
class Receiver:
    """The interface that receives an address, and the time that is left for the allocation."""

    available: Callable[[], Awaitable[list[IPAddress]]]
    """Returns the available addresses."""

    allocate: Callable[[str], Awaitable[object]]
    """Allocates the address with an id."""

    get: Callable[[], Awaitable[VirtualMachineNetworkInterface]]
    """Returns the interface as it is now."""

    time_left: Callable[[], float]
    """Returns the seconds that are left for the whole allocation."""

    pause: Callable[[float], Awaitable[None]]
    """Waits for some seconds."""

    async def holds(self, address: IPAddress) -> bool:
        """Return whether the interface has an address."""
        interface = await self.get()
        return any(allocated.id == address.id for allocated in interface.ip_addresses)


async def allocate_first_available(
    receiver: Receiver, *, path: str, arguments: tuple[tuple[str, str], ...]
) -> IPAddress:
    """Return the address that was allocated to the interface.

    Args:
        receiver: the interface.
        path: path of the request for the available addresses, which the error names if none is available.
        arguments: arguments of the same request.

    Raises:
        ConflictError: no address is available.
        KatapultError: the error that ended a call. If an allocation may have happened: the error of that allocation,
            whose arguments name the address.
    """
    addresses = await receiver.available()
    for address in addresses:
        if await _allocate(receiver, address):
            return address
    reason = "others allocated each of them first" if addresses else "none is available to the interface"
    description = f"no address could be allocated: {reason}"
    code = "no_available_addresses"
    problem = Problem(method="GET", path=path, arguments=arguments, description=description, status=200, code=code)
    raise ConflictError(problem)


async def _allocate(receiver: Receiver, address: IPAddress) -> bool:
    """Allocate an address. Return True if the interface has it now, and False if the interface certainly cannot get it.

    Raises:
        RequestError: the allocation failed for another reason, or it stays unknown whether the interface has the
            address.
    """
    first_error = await _request_allocation(receiver, address)
    if first_error is None:
        return True
    is_unavailable = _is_unavailable(first_error)
    if is_unavailable and not first_error.earlier:  # no earlier attempt can have allocated it
        return False
    try:
        try:
            is_allocated = await _repeat_until_known(receiver, address, is_unavailable=is_unavailable)
        except KatapultError as error:
            raise first_error from error  # later errors show nothing about the address
        if is_allocated is None:
            raise first_error from None
    finally:
        del first_error  # its traceback refers to this frame: the cycle would keep the frames of the callers
    return is_allocated


async def _repeat_until_known(receiver: Receiver, address: IPAddress, *, is_unavailable: bool) -> bool | None:
    """Repeat a failed allocation until it is known whether the interface has the address, and return whether it has.

    Checks the interface before each repetition. Returns None if the outcome stays unknown.

    Args:
        receiver: the interface.
        address: the address.
        is_unavailable: whether the error says that the address can no longer be allocated.
    """
    waits = iter(_WAITS)
    while not await receiver.holds(address):
        if is_unavailable:
            return False
        wait = next(waits, math.inf)
        if wait >= receiver.time_left():
            return None
        await receiver.pause(wait)
        error = await _request_allocation(receiver, address)
        if error is None:
            return True
        is_unavailable = _is_unavailable(error)
        del error  # as in `_allocate`: from Python 3.13 on, the frames in its traceback refer to this frame
    return True


async def _request_allocation(receiver: Receiver, address: IPAddress) -> RequestError | None:
    """Request the allocation of an address.

    Returns None after success, and an error after which the interface may have the address, or cannot get it.

    Raises:
        KatapultError: nothing was allocated, and the address may still be available.
    """
    try:
        await receiver.allocate(address.id)
    except RequestError as error:
        if not (error.may_have_happened or _is_unavailable(error)):
            raise
        return error
    return None


def _is_unavailable(error: KatapultError) -> bool:
    return isinstance(error, APIError) and error.code in _UNAVAILABLE
