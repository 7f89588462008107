"""The batch that asks many interfaces for the addresses that they could be given."""

import contextlib
from collections.abc import AsyncGenerator, AsyncIterable, Awaitable, Callable, Iterable, Sized
from typing import Protocol

from katapult_async.batch import Batch, ExpectsRequests, asynchronous
from katapult_async.errors import UsageError
from katapult_async.models.ip_addresses import AddressVersion, IPAddress
from katapult_async.models.virtual_machine_network_interfaces import AddressQuery
from katapult_async.options import CallLimits


class AvailableIPs(Protocol):
    """What asks one interface."""

    def __call__(self, interface_id: str, *, address_version: AddressVersion) -> Awaitable[list[IPAddress]]:
        """Return its addresses of one family."""


def available_ips_many(
    available_ips: AvailableIPs,
    interface_ids: Iterable[str] | AsyncIterable[str],
    *,
    versions: tuple[AddressVersion, ...],
    concurrency: int,
    limits: CallLimits,
    limiter: Callable[[], ExpectsRequests],
) -> Batch[AddressQuery, list[IPAddress]]:
    """Return a batch of one call for every interface and family."""
    if isinstance(interface_ids, str | bytes) or not isinstance(interface_ids, Iterable | AsyncIterable):
        raise UsageError(f"interface_ids must be an iterable of ids, not {type(interface_ids).__name__}")
    return Batch(
        lambda query: available_ips(query.interface_id, address_version=query.address_version),
        _queries(interface_ids, versions),
        concurrency=concurrency,
        limits=limits,
        limiter=limiter,
        total=len(interface_ids) * len(versions) if isinstance(interface_ids, Sized) else None,
    )


async def _queries(
    interface_ids: Iterable[str] | AsyncIterable[str], versions: tuple[AddressVersion, ...]
) -> AsyncGenerator[AddressQuery]:
    async with contextlib.aclosing(asynchronous(interface_ids)) as ids:
        async for interface_id in ids:
            for version in versions:
                yield AddressQuery(interface_id, version)
