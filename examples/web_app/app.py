"""The application: its routes, the one client that they share, and the headers of every answer."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Final

from aiohttp import web
from error_responses import as_json
from fleet_stream import CLIENT, answered, fleet

from katapult_async import AddressQuery, AddressVersion, KatapultClient, RateLimitPolicy

MAX_WAIT: Final = 2.0
"""Seconds that a visitor waits for the rate limit before the answer is 503, with the time to come back."""

RATE_LIMIT: Final = RateLimitPolicy(max_wait=MAX_WAIT, max_in_flight=8)
"""Few at once, however many people watch: it is enough to spend a thousand requests a minute, and more answers at a
time would keep this process from its visitors."""

_STATIC: Final = Path(__file__).parent / "static"
_HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


async def page(_: web.Request) -> web.FileResponse:
    """Answer with the page."""
    return web.FileResponse(_STATIC / "index.html")


async def organizations(request: web.Request) -> web.Response:
    """Answer with the organizations that the token can see."""
    listed = [
        {"id": each.id, "name": each.name or each.id, "suspended": bool(each.suspended)}
        async for each in request.app[CLIENT].organizations.list()
    ]
    return web.json_response({"organizations": listed})


async def available_ips(request: web.Request) -> web.Response:
    """Answer with the free addresses of one interface; ahead of every batch, since somebody waits for it."""
    interface_id = request.match_info["interface_id"]
    version = request.query.get("address_version", "")
    nics = request.app[CLIENT].virtual_machine_network_interfaces
    free = await nics.available_ips(interface_id, address_version=version, max_wait=MAX_WAIT)
    return web.json_response(answered(AddressQuery(interface_id, AddressVersion(version)), free, free=len(free)))


ROUTES: Final = (
    web.get("/", page),
    web.static("/static", _STATIC),
    web.get("/api/organizations", organizations),
    web.get("/api/organizations/{organization_id}/fleet", fleet),
    web.get("/api/interfaces/{interface_id}/available_ips", available_ips),
)


async def protect(request: web.Request, response: web.StreamResponse) -> None:
    """Set the headers that every answer has."""
    response.headers.update(_HEADERS)
    response.headers.setdefault("Cache-Control", "no-store" if request.path.startswith("/api/") else "no-cache")


async def end_walks(app: web.Application) -> None:
    """Close the client when the server is asked to end, which ends every stream; aiohttp would wait for them."""
    await app[CLIENT].aclose()


def make_app(connect: Callable[[], AbstractAsyncContextManager[KatapultClient]]) -> web.Application:
    """Return the application.

    Args:
        connect: opens the client when the application starts, and closes it when it ends.
    """

    async def client(app: web.Application) -> AsyncIterator[None]:
        async with connect() as app[CLIENT]:
            yield

    app = web.Application(middlewares=[as_json])
    app.cleanup_ctx.append(client)
    app.on_shutdown.append(end_walks)
    app.on_response_prepare.append(protect)
    app.add_routes(ROUTES)
    return app
