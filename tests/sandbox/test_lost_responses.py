"""Requests that are executed and whose response is lost, and requests that are dropped without being executed."""

import aiohttp
import pytest

from katapult_async.sandbox import Faults, Sandbox
from katapult_async.sandbox.models import IPAddress

from .plain_client import ManualClock, PlainClient
from .samples import NIC, Body, interface_with_free_addresses, snapshot

ALLOCATE_NEW = f"/{NIC}s/_/allocate_new_ip"


def allocation_body(sandbox: Sandbox) -> Body:
    return {NIC: {"id": interface_with_free_addresses(sandbox.store).id}, "address_version": "ipv4"}


async def test_request_with_a_lost_response_is_executed(send: PlainClient, sandbox: Sandbox) -> None:
    body, before = allocation_body(sandbox), len(sandbox.store.all(IPAddress))
    sandbox.lose_next(matching="allocate_new_ip")
    assert (await send("/data_centers")).status == 200
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await send(ALLOCATE_NEW, method="POST", json=body)
    assert len(sandbox.store.all(IPAddress)) == before + 1
    assert (await send(ALLOCATE_NEW, method="POST", json=body)).status == 200
    rows = [(entry.method, entry.argument, entry.status, entry.lost, entry.remaining) for entry in sandbox.request_log]
    interface = body[NIC]["id"]
    assert rows == [
        ("GET", None, 200, None, 999),
        ("POST", interface, 0, 200, 998),
        ("POST", interface, 200, None, 997),
    ]


async def test_dropped_request_is_not_executed(send: PlainClient, sandbox: Sandbox) -> None:
    body, before = allocation_body(sandbox), snapshot(sandbox.store)
    sandbox.drop_next()
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await send(ALLOCATE_NEW, method="POST", json=body)
    assert snapshot(sandbox.store) == before
    assert [(entry.status, entry.lost, entry.argument) for entry in sandbox.request_log] == [(0, None, None)]


async def test_error_response_can_be_lost(send: PlainClient, sandbox: Sandbox) -> None:
    sandbox.lose_next()
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await send(f"/{NIC}s/none/attach", method="POST")
    assert [(entry.status, entry.lost) for entry in sandbox.request_log] == [(0, 404)]


async def test_lose_next_can_match_the_method(send: PlainClient, sandbox: Sandbox) -> None:
    address = next(obj for obj in sandbox.store.all(IPAddress) if obj.free)
    path = f"/ip_addresses/{address.id}"
    sandbox.lose_next(matching="PATCH /core/v1/ip_addresses/")
    assert (await send(path)).status == 200
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await send(path, method="PATCH", json={"label": "mine"})
    assert (await send(path)).json["ip_address"]["label"] == "mine"


async def test_equal_seeds_lose_equal_responses(session: aiohttp.ClientSession, clock: ManualClock) -> None:
    runs = []
    for _ in range(2):
        async with Sandbox(seed=4, clock=clock, faults=Faults(lost_response=0.5)) as sandbox:
            send, body = PlainClient(sandbox, session), allocation_body(sandbox)
            before = len(sandbox.store.all(IPAddress))
            for _ in range(12):
                try:
                    await send(ALLOCATE_NEW, method="POST", json=body)
                except aiohttp.ServerDisconnectedError:
                    continue
            assert len(sandbox.store.all(IPAddress)) == before + 12
            runs.append([entry.lost for entry in sandbox.request_log])
    assert runs[0] == runs[1]
    assert set(runs[0]) == {None, 200}


def test_lose_next_and_faults_reject_invalid_values() -> None:
    with pytest.raises(ValueError, match="times"):
        Sandbox().lose_next(0)
    with pytest.raises(ValueError, match="lost_response"):
        Faults(lost_response=1.5)
