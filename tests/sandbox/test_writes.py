"""Rules that all write operations share. A write operation is one with a method other than GET."""

import aiohttp
import pytest

from katapult_async.sandbox import Sandbox, Store
from katapult_async.sandbox.documented_operations import SCOPES
from katapult_async.sandbox.models import IPAddress
from katapult_async.sandbox.operations import OPERATIONS

from .plain_client import TASK_DURATION, ManualClock, PlainClient
from .samples import NICS, WRITES, snapshot

SCOPED = [operation for operation in OPERATIONS if operation.documented.scopes]


def snapshot_with_available_addresses(store: Store) -> tuple[object, ...]:
    lists = [store.available_ips(obj.id, version) for obj in store.interfaces for version in ("ipv4", "ipv6")]
    return (snapshot(store), lists)


def test_every_write_operation_has_a_sample_body() -> None:
    writes = {(obj.method, obj.path.replace("/:", "/")) for obj in OPERATIONS if obj.method != "GET"}
    assert set(WRITES) == writes
    assert len(OPERATIONS) == len({(obj.method, obj.path) for obj in OPERATIONS})


async def test_equal_requests_give_equal_stores(session: aiohttp.ClientSession, clock: ManualClock) -> None:
    started_at = clock.now
    stores = []
    for _ in range(2):
        clock.now = started_at
        async with Sandbox(seed=3, clock=clock) as sandbox:
            for (method, path), body in WRITES.items():
                response = await PlainClient(sandbox, session)(path, method=method, json=body(sandbox.store))
                assert response.status in (200, 201)
                clock.now += TASK_DURATION
            stores.append(snapshot_with_available_addresses(sandbox.store))
    assert stores[0] == stores[1]


@pytest.mark.parametrize(("method", "path"), list(WRITES))
async def test_write_changes_the_store_only_when_it_is_executed(
    send: PlainClient, sandbox: Sandbox, method: str, path: str
) -> None:
    body, before = WRITES[method, path](sandbox.store), snapshot(sandbox.store)
    sandbox.fail_next(matching=f"{method} /core/v1{path}")
    assert (await send(path, method=method, json=body)).status == 503
    assert snapshot(sandbox.store) == before
    assert (await send(path, method=method, json=body)).status in (200, 201)
    assert snapshot(sandbox.store) != before


async def test_scope_error_precedes_argument_errors(send: PlainClient, sandbox: Sandbox) -> None:
    for operation in SCOPED:
        token = sandbox.issue_token(scopes=SCOPES - set(operation.documented.scopes))
        response = await send(operation.path, method=operation.method, token=token)
        assert (response.status, response.code) == (403, "scope_not_granted")
        assert response.detail == {"scopes": list(operation.documented.scopes)}


async def test_one_scope_of_several_is_enough(send: PlainClient, sandbox: Sandbox) -> None:
    path = f"{NICS}/attach"
    body = WRITES["POST", path](sandbox.store)
    reading = sandbox.issue_token(scopes=["virtual_machines:read"])
    changing = sandbox.issue_token(scopes=["virtual_machines:network_interfaces"])
    assert (await send(path, method="POST", token=reading, json=body)).code == "scope_not_granted"
    assert (await send(path, method="POST", token=changing, json=body)).status == 200


async def test_write_accepts_a_lookup_in_the_query(send: PlainClient, sandbox: Sandbox) -> None:
    address = next(obj for obj in sandbox.store.all(IPAddress) if obj.interface_id)
    response = await send("/ip_addresses/_/unallocate", method="POST", params={"ip_address[id]": address.id})
    assert response.status == 200
    assert (sandbox.request_log[-1].method, sandbox.request_log[-1].argument) == ("POST", address.id)
