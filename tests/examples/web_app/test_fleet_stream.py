"""The stream of one viewer, over real sockets: its events, its end, and that nothing keeps running after it."""

import asyncio
from typing import Any

import aiohttp
import pytest

from katapult_async.sandbox import Faults, Sandbox, models
from tests.conditions import wait_until

from .app_server import MID_WINDOW, Event, data_center_of, events, served


async def stream_fleet(visitor: aiohttp.ClientSession, organization_id: str) -> list[Event]:
    async with visitor.get(f"/api/organizations/{organization_id}/fleet") as response:
        return [event async for event in events(response)]


async def stream_retry(
    visitor: aiohttp.ClientSession, *, queries: list[tuple[str, str]], machines: list[str]
) -> list[Event]:
    async with visitor.post("/api/retry", json={"queries": queries, "machines": machines}) as response:
        return [event async for event in events(response)]


def data_of(received: list[Event], name: str) -> list[dict[str, Any]]:
    return [data for event, data in received if event == name]


def interfaces_of(sandbox: Sandbox, organization_id: str) -> list[str]:
    machines = {machine.id for machine in sandbox.store.machines if machine.organization_id == organization_id}
    return sorted(interface.id for interface in sandbox.store.interfaces if interface.virtual_machine_id in machines)


def running_tasks() -> set[asyncio.Task[Any]]:
    """Return the tasks that run, except for those of open connections."""
    return {task for task in asyncio.all_tasks() if "RequestHandler" not in repr(task.get_coro())}


async def test_every_interface_is_sent_once_and_before_its_addresses() -> None:
    async with Sandbox() as sandbox, served(sandbox) as app, aiohttp.ClientSession(app.url) as visitor:
        organization = sandbox.store.organizations[1]
        received = await stream_fleet(visitor, organization.id)
        expected = interfaces_of(sandbox, organization.id)
        assert sorted(interface["id"] for interface in data_of(received, "interface")) == expected
        assert len(data_of(received, "addresses")) == 2 * len(expected)
        known = set()
        for event, data in received:
            if event == "interface":
                known.add(data["id"])
            elif event == "addresses":
                assert data["interface_id"] in known
                free = sandbox.store.available_ips(data["interface_id"], data["address_version"])
                assert data["free"] == len(free)
                assert data["addresses"] == [str(address["address"]) for address in free[:3]]
        assert received[-1] == ("done", {})


async def test_interface_event_has_its_machine_network_and_data_center() -> None:
    async with Sandbox() as sandbox, served(sandbox) as app, aiohttp.ClientSession(app.url) as visitor:
        received = await stream_fleet(visitor, sandbox.store.organizations[0].id)
        events = data_of(received, "interface")
        assert len(events) > 1
        for event in events:
            interface = sandbox.store.get(event["id"])
            assert interface is not None
            machine = sandbox.store.get(interface.virtual_machine_id)
            assert machine is not None
            assert event == {
                "id": interface.id,
                "name": interface.name,
                "machine": machine.name,
                "data_center": data_center_of(sandbox, machine),
                "network": {
                    "id": interface.network_id,
                    "name": sandbox.store.get(interface.network_id).name,
                    "virtual": False,
                },
            }


async def test_status_events_show_the_budget_throughout_the_stream() -> None:
    faults = Faults(latency=0.05)
    async with (
        Sandbox(faults=faults, clock=lambda: MID_WINDOW) as sandbox,
        served(sandbox) as app,
        aiohttp.ClientSession(app.url) as visitor,
    ):
        statuses = data_of(await stream_fleet(visitor, sandbox.store.organizations[0].id), "status")
        assert len(statuses) >= 3
        assert [status["outage"] for status in statuses] == [None] * len(statuses)
        budget = statuses[-1]["budget"]
        assert budget["permitted"] == 1000
        assert budget["remaining"] == 1000 - sandbox.requests
        assert 45 <= budget["resets_in"] <= 55
        assert (budget["queued"], budget["in_flight"]) == (0, 0)


async def test_stream_has_headers_against_caching_and_buffering() -> None:
    async with (
        Sandbox() as sandbox,
        served(sandbox) as app,
        aiohttp.ClientSession(app.url) as visitor,
        visitor.get(f"/api/organizations/{sandbox.store.organizations[0].id}/fleet") as response,
    ):
        assert response.content_type == "text/event-stream"
        assert response.headers["Cache-Control"] == "no-store"
        assert response.headers["X-Accel-Buffering"] == "no"
        assert response.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.slow
async def test_concurrent_viewers_get_only_their_own_organization() -> None:
    async with Sandbox() as sandbox, served(sandbox) as app, aiohttp.ClientSession(app.url) as visitor:
        ids = [organization.id for organization in sandbox.store.organizations] * 2
        streams = await asyncio.gather(*(stream_fleet(visitor, organization_id) for organization_id in ids))
        for organization_id, received in zip(ids, streams, strict=True):
            expected = interfaces_of(sandbox, organization_id)
            assert sorted(interface["id"] for interface in data_of(received, "interface")) == expected


async def test_requests_stop_when_the_viewer_leaves_while_the_window_is_used_up() -> None:
    async with (
        Sandbox(permitted=40, clock=lambda: MID_WINDOW) as sandbox,
        served(sandbox) as app,
        aiohttp.ClientSession(app.url) as visitor,
    ):
        before = running_tasks()
        async with visitor.get(f"/api/organizations/{sandbox.store.organizations[0].id}/fleet") as response:
            async for event, data in events(response):
                if event == "status" and data["budget"]["queued"] and not data["budget"]["in_flight"]:
                    break
            assert len(running_tasks() - before) > 10
        await wait_until(lambda: not running_tasks() - before)
        assert (app.katapult.rate_limit.queued, app.katapult.rate_limit.in_flight) == (0, 0)


async def test_failed_request_is_sent_as_an_error_and_the_others_continue() -> None:
    async with Sandbox() as sandbox, served(sandbox) as app, aiohttp.ClientSession(app.url) as visitor:
        sandbox.fail_next(code="unhandled_exception", status=500, matching="available_ips")
        received = await stream_fleet(visitor, sandbox.store.organizations[0].id)
        [failed] = [data for data in data_of(received, "addresses") if "error" in data]
        assert failed["error"]["message"] == "The request to Katapult failed"
        assert received[-1] == ("done", {})


async def test_machine_that_cannot_be_listed_is_sent_and_a_deleted_one_is_left_out() -> None:
    async with Sandbox() as sandbox, served(sandbox) as app, aiohttp.ClientSession(app.url) as visitor:
        organization = sandbox.store.organizations[0]
        denied, deleted, *_ = sandbox.store.all(models.VirtualMachine, organization_id=organization.id)
        sandbox.fail_next(code="permission_denied", status=403, matching=denied.id)
        sandbox.fail_next(code="virtual_machine_not_found", matching=deleted.id)
        received = await stream_fleet(visitor, organization.id)
        [unlisted] = data_of(received, "unlisted")
        assert (unlisted["machine"], unlisted["error"]["kind"]) == (denied.id, "PermissionDeniedError")
        missing = {
            interface.id
            for machine in (denied, deleted)
            for interface in sandbox.store.all(models.VirtualMachineNetworkInterface, virtual_machine_id=machine.id)
        }
        sent = {data["id"] for data in data_of(received, "interface")}
        assert sent == set(interfaces_of(sandbox, organization.id)) - missing


async def test_retry_streams_the_failed_queries_again() -> None:
    async with Sandbox() as sandbox, served(sandbox) as app, aiohttp.ClientSession(app.url) as visitor:
        [first, second] = [interface.id for interface in sandbox.store.interfaces[:2]]
        received = await stream_retry(visitor, queries=[(first, "ipv6"), (second, "ipv4")], machines=[])
        results = data_of(received, "addresses")
        assert sorted((data["interface_id"], data["address_version"]) for data in results) == sorted(
            [(first, "ipv6"), (second, "ipv4")]
        )
        for data in results:
            assert data["free"] == len(sandbox.store.available_ips(data["interface_id"], data["address_version"]))
        assert received[-1] == ("done", {})
        assert sandbox.requests == 2


async def test_retry_lists_the_interfaces_of_a_machine_and_streams_their_addresses() -> None:
    async with Sandbox() as sandbox, served(sandbox) as app, aiohttp.ClientSession(app.url) as visitor:
        machine = sandbox.store.all(models.VirtualMachine, organization_id=sandbox.store.organizations[0].id)[0]
        expected = sorted(
            interface.id
            for interface in sandbox.store.all(models.VirtualMachineNetworkInterface, virtual_machine_id=machine.id)
        )
        received = await stream_retry(visitor, queries=[], machines=[machine.id, "vm_deleted"])
        listed = data_of(received, "interface")
        assert sorted(data["id"] for data in listed) == expected
        assert {(data["machine"], data["data_center"]) for data in listed} == {
            (machine.name, data_center_of(sandbox, machine))
        }
        assert len(data_of(received, "addresses")) == 2 * len(expected)
        assert data_of(received, "unlisted") == []
        assert received[-1] == ("done", {})


async def test_retry_sends_a_machine_that_fails_again() -> None:
    async with Sandbox() as sandbox, served(sandbox) as app, aiohttp.ClientSession(app.url) as visitor:
        machine = sandbox.store.all(models.VirtualMachine, organization_id=sandbox.store.organizations[0].id)[0]
        sandbox.fail_next(code="permission_denied", status=403, matching=machine.id)
        received = await stream_retry(visitor, queries=[], machines=[machine.id])
        [unlisted] = data_of(received, "unlisted")
        assert (unlisted["machine"], unlisted["error"]["kind"]) == (machine.id, "PermissionDeniedError")


@pytest.mark.parametrize(
    "body",
    [b"", b"not JSON", b"[]", b"null", b'{"queries": []}', b'{"queries": [["vmnet_1"]], "machines": []}', b"\xff"],
)
async def test_retry_without_queries_and_machines_returns_400(body: bytes) -> None:
    async with Sandbox() as sandbox, served(sandbox) as app, aiohttp.ClientSession(app.url) as visitor:
        async with visitor.post("/api/retry", data=body) as response:
            error = (await response.json())["error"]
        assert (response.status, error["kind"]) == (400, "UsageError")
        assert sandbox.requests == 0


async def test_unknown_organization_ends_the_stream_with_an_error() -> None:
    async with Sandbox() as sandbox, served(sandbox) as app, aiohttp.ClientSession(app.url) as visitor:
        received = await stream_fleet(visitor, "org_unknown")
        assert received[-1][0] == "failed"
        assert received[-1][1]["error"]["kind"] == "NotFoundError"


async def test_token_that_is_rejected_during_the_stream_ends_it_with_one_error() -> None:
    for matching in ("available_ips", "network_interfaces?", "virtual_machines?"):
        async with Sandbox() as sandbox, served(sandbox) as app, aiohttp.ClientSession(app.url) as visitor:
            sandbox.fail_next(times=1000, code="invalid_api_token", status=403, matching=matching)
            received = await stream_fleet(visitor, sandbox.store.organizations[0].id)
            assert received[-1][0] == "failed"
            assert received[-1][1]["error"]["kind"] == "AuthenticationError"
            assert data_of(received, "addresses") == []
            assert sandbox.requests < 60, "it continued to send requests"


async def test_shutdown_ends_streams_with_an_error_and_does_not_wait_for_viewers() -> None:
    async with (
        Sandbox(permitted=40, clock=lambda: MID_WINDOW) as sandbox,
        served(sandbox) as app,
        aiohttp.ClientSession(app.url) as visitor,
        visitor.get(f"/api/organizations/{sandbox.store.organizations[0].id}/fleet") as response,
    ):
        received = events(response)
        async for event, _ in received:
            if event == "addresses":
                break
        await app.runner.cleanup()
        *_, (event, data) = [event async for event in received]
        assert (event, data["error"]["message"]) == ("failed", "This server is shutting down")
