"""One viewer's walk over an organization: interfaces as they are found, their free addresses as they are answered.

Events: ``interface`` and ``unlisted`` (a machine whose interfaces cannot be listed), ``addresses`` (an answer or an
error, for one interface and family), ``budget`` a few times a second, and in the end ``done`` or ``failed``.
"""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Iterable
from typing import Final

from aiohttp import web
from error_responses import told
from event_stream import EventStream

from katapult_async import (
    AddressQuery,
    AuthenticationError,
    ClientClosedError,
    Failed,
    Fleet,
    IPAddress,
    KatapultClient,
    KatapultError,
    Succeeded,
    VirtualMachineNetworkInterface,
)

CLIENT: Final = web.AppKey("katapult", KatapultClient)
_SHOWN: Final = 3  # addresses of each answer: enough to look at
_PULSE: Final = 0.25  # seconds between two readings of the budget; they also tell when the viewer has left


async def fleet(request: web.Request) -> web.StreamResponse:
    """Stream the interfaces of an organization and their free addresses, until all are answered or nobody watches."""
    katapult = request.app[CLIENT]
    interfaces = katapult.fleet(organization=request.match_info["organization_id"])
    stream = await EventStream.open(request)
    try:
        async with asyncio.TaskGroup() as group:
            pulse = group.create_task(_tell_budget(katapult, stream))
            end, data = await _walk(katapult, interfaces, stream)
            pulse.cancel()
            await stream.send(end, data=data)
    except* ConnectionResetError:
        pass  # the viewer has left, which has ended the walk
    return stream.response


def answered(query: AddressQuery, addresses: Iterable[IPAddress], *, free: int) -> dict[str, object]:
    """Return the free addresses of one interface and family, as JSON."""
    return {
        "interface_id": query.interface_id,
        "address_version": query.address_version,
        "free": free,
        "addresses": [each.address for each in addresses],
    }


async def _walk(katapult: KatapultClient, interfaces: Fleet, stream: EventStream) -> tuple[str, dict[str, object]]:
    """Tell of everything that is found; return the last event."""
    nics = katapult.virtual_machine_network_interfaces
    ids = _interface_ids(interfaces, stream)
    try:
        async with nics.available_ips_many(ids, address_versions=("ipv4", "ipv6")) as outcomes:
            async for outcome in outcomes:
                match outcome:
                    case Succeeded(key=query, value=free):
                        await stream.send("addresses", data=answered(query, free[:_SHOWN], free=len(free)))
                    case Failed(error=AuthenticationError() as error):
                        raise error  # every other answer would be the same
                    case Failed(key=query, error=error):
                        where = {"interface_id": query.interface_id, "address_version": query.address_version}
                        await stream.send("addresses", data={**where, "error": told(error)})
        await stream.send("budget", data=_budget(katapult))
    except KatapultError as error:
        return "failed", {"error": told(error)}
    return "done", {}


async def _interface_ids(interfaces: Fleet, stream: EventStream) -> AsyncGenerator[str]:
    """Yield the ids of all interfaces, and tell of each."""
    async with interfaces:
        async for interface in interfaces:
            await stream.send("interface", data=_described(interface))
            yield interface.id
    for machine in interfaces.failures:
        await stream.send("unlisted", data={"machine": machine.key, "error": told(machine.error)})


def _described(interface: VirtualMachineNetworkInterface) -> dict[str, object]:
    network = interface.network or interface.virtual_network
    return {
        "id": interface.id,
        "name": interface.name,
        "network": network.name if network else None,
        "machine": interface.virtual_machine.name if interface.virtual_machine else None,
    }


async def _tell_budget(katapult: KatapultClient, stream: EventStream) -> None:
    with contextlib.suppress(ClientClosedError):  # the walk meets it too, and tells
        while True:
            await stream.send("budget", data=_budget(katapult))
            await asyncio.sleep(_PULSE)


def _budget(katapult: KatapultClient) -> dict[str, object]:
    now = katapult.rate_limit
    return {
        "permitted": now.permitted,
        "remaining": now.remaining,
        "resets_in": now.resets_in,
        "queued": now.queued,
        "in_flight": now.in_flight,
    }
