"""The JSON responses of the web application, over real sockets."""

import asyncio
import time
from typing import Any

import aiohttp
import pytest

from katapult_async import RetryPolicy
from katapult_async.sandbox import Faults, Sandbox

from .app_server import MID_WINDOW, served


async def test_organizations_are_those_of_the_token() -> None:
    async with Sandbox(organizations=3) as sandbox, served(sandbox) as app, aiohttp.ClientSession(app.url) as visitor:
        sandbox.store.change(sandbox.store.organizations[1], suspended=True)
        async with visitor.get("/api/organizations") as response:
            listed = (await response.json())["organizations"]
        assert listed == [
            {"id": organization.id, "name": organization.name, "suspended": organization.suspended}
            for organization in sandbox.store.organizations
        ]


@pytest.mark.parametrize("version", ["ipv4", "ipv6"])
async def test_available_ips_returns_every_free_address_of_the_interface(version: str) -> None:
    async with Sandbox() as sandbox, served(sandbox) as app, aiohttp.ClientSession(app.url) as visitor:
        interface_id = sandbox.store.interfaces[5].id
        async with visitor.get(f"/api/interfaces/{interface_id}/available_ips?address_version={version}") as response:
            body = await response.json()
        expected = [str(address["address"]) for address in sandbox.store.available_ips(interface_id, version)]
        assert body == {
            "interface_id": interface_id,
            "address_version": version,
            "free": len(expected),
            "addresses": expected,
        }


@pytest.mark.parametrize(
    ("path", "status", "kind"),
    [
        ("/api/interfaces/vmnet_1/available_ips", 400, "UsageError"),
        ("/api/interfaces/vmnet_1/available_ips?address_version=ipv5", 400, "UsageError"),
        ("/api/interfaces/%0a/available_ips?address_version=ipv4", 400, "UsageError"),
        ("/api/interfaces/vmnet_1/available_ips?address_version=ipv4", 404, "NotFoundError"),
        ("/api/organizations/%20/fleet", 400, "UsageError"),
    ],
)
async def test_invalid_request_returns_its_status_and_a_json_error(path: str, status: int, kind: str) -> None:
    async with Sandbox() as sandbox, served(sandbox) as app, aiohttp.ClientSession(app.url) as visitor:
        async with visitor.get(path) as response:
            error = (await response.json())["error"]
        assert (response.status, error["kind"], error["retry_after"]) == (status, kind, None)
        assert "Retry-After" not in response.headers


async def test_used_up_window_returns_503_with_retry_after() -> None:
    async with (
        Sandbox(permitted=2, clock=lambda: MID_WINDOW) as sandbox,
        served(sandbox) as app,
        aiohttp.ClientSession(app.url) as visitor,
    ):
        paths = (
            f"/api/interfaces/{sandbox.store.interfaces[0].id}/available_ips?address_version=ipv4",
            "/api/organizations",
        )
        for path in paths:
            async with visitor.get(path) as response:
                assert response.status == 200
        for path in paths:
            async with visitor.get(path) as response:
                body = await response.json()
            assert response.status == 503
            assert 45 <= int(response.headers["Retry-After"]) <= 55
            assert body["error"]["retry_after"] == int(response.headers["Retry-After"])


async def test_status_returns_the_budget_without_a_request_to_katapult() -> None:
    async with (
        Sandbox(permitted=1000, clock=lambda: MID_WINDOW) as sandbox,
        served(sandbox) as app,
        aiohttp.ClientSession(app.url) as visitor,
    ):
        async with visitor.get("/api/organizations") as response:
            assert response.status == 200
        async with visitor.get("/api/status") as response:
            status = await response.json()
        assert status["budget"]["remaining"] == 999
        assert status["outage"] is None
        assert sandbox.requests == 1


async def test_status_reports_an_outage_while_a_visitor_waits() -> None:
    retry = RetryPolicy(attempts=50, wait_initial=0.01, wait_max=0.05, failure_budget=2, outage_timeout=30.0)
    faults = Faults(service_unavailable=1.0)
    async with (
        Sandbox(faults=faults) as sandbox,
        served(sandbox, retry=retry) as app,
        aiohttp.ClientSession(app.url) as visitor,
    ):
        began_at = time.time()
        waiting = asyncio.create_task(_json(visitor, "/api/organizations"))
        status = await _json(visitor, "/api/status")
        while status["outage"] is None:
            assert not waiting.done()
            await asyncio.sleep(0.1)
            status = await _json(visitor, "/api/status")
        assert began_at <= status["outage"]["since"] <= time.time()
        assert status["outage"]["until"] == status["outage"]["since"] + 30
        sandbox.faults = Faults()
        assert (await waiting)["organizations"]
        assert (await _json(visitor, "/api/status"))["outage"] is None


async def _json(visitor: aiohttp.ClientSession, path: str) -> dict[str, Any]:
    async with visitor.get(path) as response:
        body: dict[str, Any] = await response.json()
        return body


async def test_rejected_token_returns_502_and_is_not_shown(caplog: pytest.LogCaptureFixture) -> None:
    async with Sandbox() as sandbox, served(sandbox) as app, aiohttp.ClientSession(app.url) as visitor:
        sandbox.revoke_token(sandbox.token)
        async with visitor.get("/api/organizations") as response:
            body = await response.text()
        assert response.status == 502
        assert "AuthenticationError" in body
        assert "GET /api/organizations: " in caplog.text
        assert sandbox.token not in body + caplog.text + str(response.headers)


@pytest.mark.parametrize(
    ("path", "kind", "cache"),
    [
        ("/", "text/html", "no-cache"),
        ("/api/status", "application/json", "no-store"),
        ("/static/app.js", "/javascript", "no-cache"),
        ("/static/style.css", "text/css", "no-cache"),
        ("/static/icon.svg", "image/svg+xml", "no-cache"),
        ("/api/organizations", "application/json", "no-store"),
        ("/nothing", "text/plain", "no-cache"),
    ],
)
async def test_every_response_has_the_security_headers(path: str, kind: str, cache: str) -> None:
    async with (
        Sandbox() as sandbox,
        served(sandbox) as app,
        aiohttp.ClientSession(app.url) as visitor,
        visitor.get(path) as response,
    ):
        policy = response.headers["Content-Security-Policy"]
        assert response.content_type.endswith(kind)  # text/javascript was application/javascript before Python 3.12
        assert response.headers["Cache-Control"] == cache
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
