"""The application: its routes, the client that they share, and the headers of every response."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Final

from aiohttp import web
from error_responses import respond_to_errors
from fleet_stream import addresses_json, fleet, retry
from outages import OUTAGE_TIMEOUT, OutageMonitor
from status import CLIENT, OUTAGES, status_json

from katapult_async import AddressQuery, AddressVersion, KatapultClient, RateLimitPolicy, RetryPolicy, UsageError

MAX_WAIT: Final = 2.0
"""Seconds that a visitor waits for the rate limit before the response is 503 with the time to come back."""

RATE_LIMIT: Final = RateLimitPolicy(max_wait=MAX_WAIT, max_in_flight=8)
"""Eight requests in flight are enough for a thousand requests a minute if a response takes less than 0.4 s, however
many people watch. More would keep the event loop from responding to visitors."""

RETRY: Final = RetryPolicy(outage_timeout=OUTAGE_TIMEOUT)
"""The same time for visitors and for streams, so that the page can say when requests are no longer retried."""

_MAX_BODY: Final = 8 * 1024**2  # bytes of a request: `retry` receives all failed queries of a fleet
_STATIC: Final = Path(__file__).parent / "static"
_HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


async def page(_: web.Request) -> web.FileResponse:
    """Respond with the page."""
    return web.FileResponse(_STATIC / "index.html")


async def organizations(request: web.Request) -> web.Response:
    """Respond with the organizations that the token can see."""
    with request.app[OUTAGES].calling():
        listed = [
            {
                "id": organization.id,
                "name": organization.name or organization.id,
                "suspended": bool(organization.suspended),
            }
            async for organization in request.app[CLIENT].organizations.list()
        ]
    return web.json_response({"organizations": listed})


async def available_ips(request: web.Request) -> web.Response:
    """Respond with the free addresses of one interface. The call has priority over every batch."""
    interface_id = request.match_info["interface_id"]
    version = request.query.get("address_version")
    if version not in tuple(AddressVersion):
        raise UsageError(f"address_version must be 'ipv4' or 'ipv6', not {version!r}")
    nics = request.app[CLIENT].virtual_machine_network_interfaces
    with request.app[OUTAGES].calling():
        free = await nics.available_ips(interface_id, address_version=AddressVersion(version), max_wait=MAX_WAIT)
    query = AddressQuery(interface_id, AddressVersion(version))
    return web.json_response(addresses_json(query, free, free=len(free)))


async def status(request: web.Request) -> web.Response:
    """Respond with the request budget and the outage. This sends nothing to Katapult."""
    return web.json_response(status_json(request.app))


ROUTES: Final = (
    web.get("/", page),
    web.static("/static", _STATIC),
    web.get("/api/organizations", organizations),
    web.get("/api/organizations/{organization_id}/fleet", fleet),
    web.post("/api/retry", retry),
    web.get("/api/interfaces/{interface_id}/available_ips", available_ips),
    web.get("/api/status", status),
)


async def set_headers(request: web.Request, response: web.StreamResponse) -> None:
    """Set the headers that every response has."""
    response.headers.update(_HEADERS)
    response.headers.setdefault("Cache-Control", "no-store" if request.path.startswith("/api/") else "no-cache")


async def end_streams(app: web.Application) -> None:
    """Close the client on shutdown, which ends every stream; aiohttp would otherwise wait for them."""
    await app[CLIENT].aclose()


def make_app(
    connect: Callable[[], AbstractAsyncContextManager[KatapultClient]], outages: OutageMonitor
) -> web.Application:
    """Return the application.

    Args:
        connect: opens the client when the application starts, and closes it when it ends.
        outages: the monitor that the client reports its retries to.
    """

    async def client(app: web.Application) -> AsyncIterator[None]:
        async with connect() as app[CLIENT]:
            yield

    app = web.Application(middlewares=[respond_to_errors], client_max_size=_MAX_BODY)
    app[OUTAGES] = outages
    app.cleanup_ctx.append(client)
    app.on_shutdown.append(end_streams)
    app.on_response_prepare.append(set_headers)
    app.add_routes(ROUTES)
    return app
