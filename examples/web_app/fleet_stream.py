"""The stream of one viewer: interfaces as they are listed, and their free addresses as Katapult responds.

Events: ``interface``; ``unlisted``, a machine whose interfaces could not be listed; ``addresses``, the result or the
error for one interface and address version; ``status``, four times a second; at the end ``done`` or ``failed``.
"""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Coroutine, Iterable
from typing import Any, Final

import attrs
from aiohttp import web
from error_responses import error_json
from event_stream import EventStream
from status import CLIENT, OUTAGES, status_json

from katapult_async import (
    AddressQuery,
    AddressVersion,
    AuthenticationError,
    Batch,
    ClientClosedError,
    Failed,
    IncompleteListError,
    IPAddress,
    KatapultClient,
    KatapultError,
    NotFoundError,
    Succeeded,
    UsageError,
    VirtualMachineNetworkInterface,
)

_SHOWN: Final = 3  # addresses in an event; the page requests the others when a person wants them
_STATUS_EVERY: Final = 0.25  # seconds; these events also reveal that the viewer has left


async def fleet(request: web.Request) -> web.StreamResponse:
    """Stream every interface of an organization and its free addresses."""
    katapult = request.app[CLIENT]
    interfaces = katapult.fleet(organization=request.match_info["organization_id"])

    async def stream_fleet(stream: EventStream) -> None:
        async def ids() -> AsyncGenerator[str]:
            async with interfaces:
                with contextlib.suppress(IncompleteListError):  # the failures are sent below
                    async for interface in interfaces:
                        request.app[OUTAGES].responded()
                        await stream.send("interface", data=_interface_json(interface))
                        yield interface.id
            for machine in interfaces.failures:
                await stream.send("unlisted", data={"machine": machine.key, "error": error_json(machine.error)})

        nics = katapult.virtual_machine_network_interfaces
        await _stream_addresses(request.app, stream, nics.available_ips_many(ids(), address_versions=AddressVersion))

    return await _respond(request, stream_fleet)


async def retry(request: web.Request) -> web.StreamResponse:
    """Stream again what failed before.

    The request's body is JSON: ``queries``, a list of interface ids and address versions, and ``machines``, a list of
    ids of machines whose interfaces could not be listed.
    """
    katapult = request.app[CLIENT]
    try:
        body = await request.json()
        queries = [AddressQuery(str(interface), AddressVersion(version)) for interface, version in body["queries"]]
        machines = [str(machine) for machine in body["machines"]]
    except (KeyError, TypeError, ValueError):
        raise UsageError("the body must have queries and machines") from None

    async def request_addresses(query: AddressQuery) -> list[IPAddress]:
        nics = katapult.virtual_machine_network_interfaces
        return await nics.available_ips(query.interface_id, address_version=query.address_version)

    async def stream_retry(stream: EventStream) -> None:
        async def all_queries() -> AsyncGenerator[AddressQuery]:
            for query in queries:
                yield query
            async for interface in _interfaces_of(katapult, machines, stream):
                request.app[OUTAGES].responded()
                await stream.send("interface", data=_interface_json(interface))
                for version in AddressVersion:
                    yield AddressQuery(interface.id, version)

        await _stream_addresses(request.app, stream, katapult.many(request_addresses, all_queries()))

    return await _respond(request, stream_retry)


def addresses_json(query: AddressQuery, addresses: Iterable[IPAddress], *, free: int) -> dict[str, object]:
    """Return the free addresses of one interface and address version, as JSON.

    Args:
        query: the interface and the address version.
        addresses: the addresses to include.
        free: number of all free addresses.
    """
    return {
        "interface_id": query.interface_id,
        "address_version": query.address_version,
        "free": free,
        "addresses": [address.address for address in addresses],
    }


async def _respond(
    request: web.Request, send_results: Callable[[EventStream], Coroutine[Any, Any, None]]
) -> web.StreamResponse:
    """Open a stream, and send the results and the status until all results are sent or the viewer leaves."""
    stream = await EventStream.open(request)
    with request.app[OUTAGES].calling():
        try:
            async with asyncio.TaskGroup() as group:
                sending_status = group.create_task(_send_status(request.app, stream))
                try:
                    await send_results(stream)
                    await stream.send("status", data=status_json(request.app))
                    last_event: tuple[str, dict[str, object]] = ("done", {})
                except KatapultError as error:
                    last_event = ("failed", {"error": error_json(error)})
                sending_status.cancel()
                name, data = last_event
                await stream.send(name, data=data)
        except* ConnectionResetError:
            pass  # the viewer has left
    return stream.response


async def _stream_addresses(
    app: web.Application, stream: EventStream, batch: Batch[AddressQuery, list[IPAddress]]
) -> None:
    async with batch as outcomes:
        async for outcome in outcomes:
            match outcome:
                case Succeeded(key=query, value=addresses):
                    app[OUTAGES].responded()
                    await stream.send("addresses", data=addresses_json(query, addresses[:_SHOWN], free=len(addresses)))
                case Failed(error=AuthenticationError() as error):
                    raise error  # every other request would fail with it too
                case Failed(key=query, error=error):
                    failed = {"interface_id": query.interface_id, "address_version": query.address_version}
                    await stream.send("addresses", data={**failed, "error": error_json(error)})


async def _interfaces_of(
    katapult: KatapultClient, machines: list[str], stream: EventStream
) -> AsyncIterator[VirtualMachineNetworkInterface]:
    """Yield the interfaces of machines, each with its machine; send the machines that could not be listed."""

    async def list_interfaces(machine_id: str) -> list[VirtualMachineNetworkInterface]:
        machine = await katapult.virtual_machines.get(machine_id)
        interfaces = katapult.virtual_machine_network_interfaces.list(virtual_machine=machine_id)
        return [attrs.evolve(interface, virtual_machine=machine) async for interface in interfaces]

    async with katapult.many(list_interfaces, machines) as outcomes:
        async for outcome in outcomes:
            match outcome:
                case Succeeded(value=interfaces):
                    for interface in interfaces:
                        yield interface
                case Failed(error=NotFoundError()):
                    pass  # it was deleted meanwhile
                case Failed(key=machine_id, error=error):
                    await stream.send("unlisted", data={"machine": machine_id, "error": error_json(error)})


def _interface_json(interface: VirtualMachineNetworkInterface) -> dict[str, object]:
    network = interface.network or interface.virtual_network
    machine = interface.virtual_machine
    zone = machine.zone if machine else None
    return {
        "id": interface.id,
        "name": interface.name,
        "machine": machine.name if machine else None,
        "data_center": zone.data_center.name if zone and zone.data_center else None,
        "network": {
            "id": network.id if network else None,
            "name": network.name if network else None,
            "virtual": interface.virtual_network is not None,
        },
    }


async def _send_status(app: web.Application, stream: EventStream) -> None:
    with contextlib.suppress(ClientClosedError):  # `send_results` raises it too
        while True:
            await stream.send("status", data=status_json(app))
            await asyncio.sleep(_STATUS_EVERY)
