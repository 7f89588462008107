"""The stream of one viewer, over real sockets: what it tells, how it ends, and that it leaves nothing behind."""

import asyncio
from typing import Any

import aiohttp

from katapult_async.sandbox import Faults, Sandbox

from .app_server import MID_WINDOW, Event, events, served, until


async def watched(visitor: aiohttp.ClientSession, organization_id: str) -> list[Event]:
    async with visitor.get(f"/api/organizations/{organization_id}/fleet") as answer:
        return [event async for event in events(answer)]


def data_of(told: list[Event], name: str) -> list[dict[str, Any]]:
    return [data for event, data in told if event == name]


def interfaces_of(sandbox: Sandbox, organization_id: str) -> list[str]:
    machines = {each.id for each in sandbox.store.machines if each.organization_id == organization_id}
    return sorted(each.id for each in sandbox.store.interfaces if each.virtual_machine_id in machines)


def busy() -> set[asyncio.Task[Any]]:
    """Return the tasks that do something, other than to wait on a connection that is kept open."""
    return {task for task in asyncio.all_tasks() if "RequestHandler" not in repr(task.get_coro())}


async def test_every_interface_is_told_of_before_its_addresses_and_each_once() -> None:
    async with Sandbox() as sandbox, served(sandbox) as app, aiohttp.ClientSession(app.url) as visitor:
        organization = sandbox.store.organizations[1]
        told = await watched(visitor, organization.id)
        expected = interfaces_of(sandbox, organization.id)
        assert sorted(found["id"] for found in data_of(told, "interface")) == expected
        assert len(data_of(told, "addresses")) == 2 * len(expected)
        known = set()
        for event, data in told:
            if event == "interface":
                known.add(data["id"])
            elif event == "addresses":
                assert data["interface_id"] in known
                free = sandbox.store.available_ips(data["interface_id"], data["address_version"])
                assert data["free"] == len(free)
                assert data["addresses"] == [str(each["address"]) for each in free[:3]]
        assert told[-1] == ("done", {})


async def test_an_interface_comes_with_its_machine_and_network() -> None:
    async with Sandbox() as sandbox, served(sandbox) as app, aiohttp.ClientSession(app.url) as visitor:
        told = await watched(visitor, sandbox.store.organizations[0].id)
        for found in data_of(told, "interface"):
            interface = sandbox.store.get(found["id"])
            assert interface is not None
            machine = sandbox.store.get(interface.virtual_machine_id)
            assert machine is not None
            assert (found["name"], found["network"], found["machine"]) == (
                interface.name,
                sandbox.store.get(interface.network_id).name,
                machine.name,
            )


async def test_the_budget_is_told_all_along_and_shrinks() -> None:
    faults = Faults(latency=0.05)
    async with (
        Sandbox(faults=faults, clock=lambda: MID_WINDOW) as sandbox,
        served(sandbox) as app,
        aiohttp.ClientSession(app.url) as visitor,
    ):
        budget = data_of(await watched(visitor, sandbox.store.organizations[0].id), "budget")
        assert len(budget) >= 3
        assert budget[-1]["permitted"] == 1000
        assert budget[-1]["remaining"] == 1000 - sandbox.requests
        assert 45 <= budget[-1]["resets_in"] <= 55
        assert (budget[-1]["queued"], budget[-1]["in_flight"]) == (0, 0)


async def test_a_stream_is_neither_stored_nor_buffered_on_its_way() -> None:
    async with (
        Sandbox() as sandbox,
        served(sandbox) as app,
        aiohttp.ClientSession(app.url) as visitor,
        visitor.get(f"/api/organizations/{sandbox.store.organizations[0].id}/fleet") as answer,
    ):
        assert answer.content_type == "text/event-stream"
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Accel-Buffering"] == "no"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


async def test_several_viewers_watch_at_once_without_mixing() -> None:
    async with Sandbox() as sandbox, served(sandbox) as app, aiohttp.ClientSession(app.url) as visitor:
        ids = [each.id for each in sandbox.store.organizations] * 2
        walks = await asyncio.gather(*(watched(visitor, organization_id) for organization_id in ids))
        for organization_id, told in zip(ids, walks, strict=True):
            expected = interfaces_of(sandbox, organization_id)
            assert sorted(found["id"] for found in data_of(told, "interface")) == expected


async def test_a_viewer_who_leaves_ends_the_walk_though_the_window_is_spent() -> None:
    async with (
        Sandbox(permitted=40, clock=lambda: MID_WINDOW) as sandbox,
        served(sandbox) as app,
        aiohttp.ClientSession(app.url) as visitor,
    ):
        before = busy()
        async with visitor.get(f"/api/organizations/{sandbox.store.organizations[0].id}/fleet") as answer:
            async for event, data in events(answer):
                if event == "budget" and data["queued"] and not data["in_flight"]:
                    break
            assert len(busy() - before) > 10
        await until(lambda: not busy() - before)
        assert (app.katapult.rate_limit.queued, app.katapult.rate_limit.in_flight) == (0, 0)


async def test_an_answer_that_cannot_be_had_is_told_and_the_rest_goes_on() -> None:
    async with Sandbox() as sandbox, served(sandbox) as app, aiohttp.ClientSession(app.url) as visitor:
        sandbox.fail_next(code="unhandled_exception", status=500, matching="available_ips")
        told = await watched(visitor, sandbox.store.organizations[0].id)
        [failed] = [data for data in data_of(told, "addresses") if "error" in data]
        assert failed["error"]["message"] == "Katapult failed to answer"
        assert told[-1] == ("done", {})


async def test_a_machine_that_cannot_be_asked_is_told_and_one_that_vanished_is_left_out() -> None:
    async with Sandbox() as sandbox, served(sandbox) as app, aiohttp.ClientSession(app.url) as visitor:
        organization = sandbox.store.organizations[0]
        suspended, thrown_away, *_ = (
            each for each in sandbox.store.machines if each.organization_id == organization.id
        )
        sandbox.fail_next(code="permission_denied", status=403, matching=suspended.id)
        sandbox.fail_next(code="virtual_machine_not_found", matching=thrown_away.id)
        told = await watched(visitor, organization.id)
        [unlisted] = data_of(told, "unlisted")
        assert (unlisted["machine"], unlisted["error"]["kind"]) == (suspended.id, "PermissionDeniedError")
        unlisted_ids = (suspended.id, thrown_away.id)
        missed = {each.id for each in sandbox.store.interfaces if each.virtual_machine_id in unlisted_ids}
        found = {data["id"] for data in data_of(told, "interface")}
        assert found == set(interfaces_of(sandbox, organization.id)) - missed


async def test_an_organization_that_is_not_there_ends_the_stream_with_the_reason() -> None:
    async with Sandbox() as sandbox, served(sandbox) as app, aiohttp.ClientSession(app.url) as visitor:
        told = await watched(visitor, "org_nobody")
        assert told[-1][0] == "failed"
        assert told[-1][1]["error"]["kind"] == "NotFoundError"


async def test_a_token_that_is_refused_on_the_way_ends_the_stream_once() -> None:
    for matching in ("available_ips", "network_interfaces?", "virtual_machines?"):
        async with Sandbox() as sandbox, served(sandbox) as app, aiohttp.ClientSession(app.url) as visitor:
            sandbox.fail_next(1000, code="invalid_api_token", status=403, matching=matching)
            told = await watched(visitor, sandbox.store.organizations[0].id)
            assert told[-1][0] == "failed"
            assert told[-1][1]["error"]["kind"] == "AuthenticationError"
            assert data_of(told, "addresses") == []
            assert sandbox.requests < 60, "it went on asking"


async def test_a_server_that_ends_says_so_to_its_viewers_and_does_not_wait_for_them() -> None:
    async with (
        Sandbox(permitted=40, clock=lambda: MID_WINDOW) as sandbox,
        served(sandbox) as app,
        aiohttp.ClientSession(app.url) as visitor,
        visitor.get(f"/api/organizations/{sandbox.store.organizations[0].id}/fleet") as answer,
    ):
        told = events(answer)
        async for event, _ in told:
            if event == "addresses":
                break
        await app.runner.cleanup()
        *_, (event, data) = [each async for each in told]
        assert (event, data["error"]["message"]) == ("failed", "This server is shutting down")
