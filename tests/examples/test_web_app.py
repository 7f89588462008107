"""The answers of the web application, over real sockets."""

import aiohttp
import pytest

from katapult_async.sandbox import Sandbox

from .app_server import MID_WINDOW, served


async def test_organizations_are_those_of_the_token() -> None:
    async with Sandbox(organizations=3) as sandbox, served(sandbox) as app, aiohttp.ClientSession(app.url) as visitor:
        sandbox.store.suspend_organization(sandbox.store.organizations[1].id)
        async with visitor.get("/api/organizations") as answer:
            listed = (await answer.json())["organizations"]
        assert listed == [
            {"id": each.id, "name": each.name, "suspended": each.suspended} for each in sandbox.store.organizations
        ]


@pytest.mark.parametrize("version", ["ipv4", "ipv6"])
async def test_free_addresses_are_those_of_the_interface(version: str) -> None:
    async with Sandbox() as sandbox, served(sandbox) as app, aiohttp.ClientSession(app.url) as visitor:
        interface_id = sandbox.store.interfaces[5].id
        async with visitor.get(f"/api/interfaces/{interface_id}/available_ips?address_version={version}") as answer:
            found = await answer.json()
        expected = [str(each["address"]) for each in sandbox.store.available_ips(interface_id, version)]
        assert found == {
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
async def test_a_wrong_question_is_answered_with_its_status_and_one_json_body(
    path: str, status: int, kind: str
) -> None:
    async with Sandbox() as sandbox, served(sandbox) as app, aiohttp.ClientSession(app.url) as visitor:
        async with visitor.get(path) as answer:
            error = (await answer.json())["error"]
        assert (answer.status, error["kind"], error["retry_after"]) == (status, kind, None)
        assert "Retry-After" not in answer.headers


async def test_a_spent_window_is_answered_at_once_with_the_time_to_come_back() -> None:
    async with (
        Sandbox(permitted=2, clock=lambda: MID_WINDOW) as sandbox,
        served(sandbox) as app,
        aiohttp.ClientSession(app.url) as visitor,
    ):
        path = f"/api/interfaces/{sandbox.store.interfaces[0].id}/available_ips?address_version=ipv4"
        for _ in range(2):
            async with visitor.get(path) as answer:
                assert answer.status == 200
        for spent in (path, "/api/organizations"):
            async with visitor.get(spent) as answer:
                body = await answer.json()
            assert answer.status == 503
            assert 45 <= int(answer.headers["Retry-After"]) <= 55
            assert body["error"]["retry_after"] == int(answer.headers["Retry-After"])


async def test_a_refused_token_is_the_servers_affair_and_is_never_shown(caplog: pytest.LogCaptureFixture) -> None:
    async with Sandbox() as sandbox, served(sandbox) as app, aiohttp.ClientSession(app.url) as visitor:
        sandbox.revoke_token(sandbox.token)
        async with visitor.get("/api/organizations") as answer:
            body = await answer.text()
        assert answer.status == 502
        assert "AuthenticationError" in body
        assert "GET /api/organizations: This API token is not known" in caplog.text
        assert sandbox.token not in body + caplog.text + str(answer.headers)


@pytest.mark.parametrize(
    ("path", "kind", "cache"),
    [
        ("/", "text/html", "no-cache"),
        ("/static/app.js", "/javascript", "no-cache"),
        ("/static/style.css", "text/css", "no-cache"),
        ("/static/icon.svg", "image/svg+xml", "no-cache"),
        ("/api/organizations", "application/json", "no-store"),
        ("/nothing", "text/plain", "no-cache"),
    ],
)
async def test_no_answer_may_be_sniffed_framed_or_scripted_by_others(path: str, kind: str, cache: str) -> None:
    async with (
        Sandbox() as sandbox,
        served(sandbox) as app,
        aiohttp.ClientSession(app.url) as visitor,
        visitor.get(path) as answer,
    ):
        policy = answer.headers["Content-Security-Policy"]
        assert answer.content_type.endswith(kind)  # text/javascript was application/javascript before Python 3.12
        assert answer.headers["Cache-Control"] == cache
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
