import aiohttp
import pytest

from katapult_async.sandbox import Sandbox, Store
from katapult_async.sandbox.operations import OPERATIONS

from .plain_client import Asker, HandClock
from .samples import NICS, WRITES

SCOPED = [operation for operation in OPERATIONS if operation.scopes]


def everything(store: Store) -> tuple[object, ...]:
    lists = [store.available_ips(it.id, version) for it in store.interfaces for version in ("ipv4", "ipv6")]
    return (store.interfaces, store.addresses, store.virtual_networks, store.tasks, store.revision, lists)


def test_there_is_a_sample_of_every_operation_that_changes_something() -> None:
    writes = {(it.method, it.path.replace("/:", "/")) for it in OPERATIONS if it.method != "GET"}
    assert set(WRITES) == writes
    assert len(OPERATIONS) == 34


async def test_equal_requests_make_equal_worlds(session: aiohttp.ClientSession, clock: HandClock) -> None:
    begun, stores = clock.now, []
    for _ in range(2):
        clock.now = begun
        async with Sandbox(seed=3, clock=clock) as sandbox:
            for (method, path), body in WRITES.items():
                answer = await Asker(sandbox, session)(path, method=method, json=body(sandbox.store))
                assert answer.status == 200
                clock.now += 1.0
            stores.append(everything(sandbox.store))
    assert stores[0] == stores[1]


@pytest.mark.parametrize(("method", "path"), list(WRITES))
async def test_every_write_grows_the_revision_once_it_is_carried_out(
    ask: Asker, sandbox: Sandbox, method: str, path: str
) -> None:
    body = WRITES[method, path](sandbox.store)
    sandbox.fail_next(matching=f"{method} /core/v1{path}")
    assert (await ask(path, method=method, json=body)).status == 503
    assert sandbox.store.revision == 0
    assert (await ask(path, method=method, json=body)).status == 200
    assert sandbox.store.revision > 0


async def test_the_scope_is_checked_before_the_arguments(ask: Asker, sandbox: Sandbox) -> None:
    token = sandbox.issue_token(scopes=["dns"])
    for operation in SCOPED:
        answer = await ask(operation.path, method=operation.method, token=token)
        assert (answer.status, answer.code) == (403, "scope_not_granted")
        assert answer.detail == {"scopes": list(operation.scopes)}


async def test_one_of_the_scopes_is_enough(ask: Asker, sandbox: Sandbox) -> None:
    path = f"{NICS}/attach"
    body = WRITES["POST", path](sandbox.store)
    reading = sandbox.issue_token(scopes=["virtual_machines:read"])
    changing = sandbox.issue_token(scopes=["virtual_machines:network_interfaces"])
    assert (await ask(path, method="POST", token=reading, json=body)).code == "scope_not_granted"
    assert (await ask(path, method="POST", token=changing, json=body)).status == 200


async def test_the_lookup_of_a_write_may_stand_in_the_query(ask: Asker, sandbox: Sandbox) -> None:
    address = next(it for it in sandbox.store.addresses if it.interface_id)
    answer = await ask("/ip_addresses/_/unallocate", method="POST", params={"ip_address[id]": address.id})
    assert answer.status == 200
    assert (sandbox.request_log[-1].method, sandbox.request_log[-1].argument) == ("POST", address.id)
