import aiohttp
import pytest

from katapult_async.sandbox import Faults, Sandbox

from .plain_client import Asker, HandClock
from .samples import NIC, Body, roomy

NEW = f"/{NIC}s/_/allocate_new_ip"


def request(sandbox: Sandbox) -> Body:
    return {NIC: {"id": roomy(sandbox.store).id}, "address_version": "ipv4"}


async def test_a_lost_answer_belongs_to_a_request_that_was_carried_out(ask: Asker, sandbox: Sandbox) -> None:
    body, before = request(sandbox), len(sandbox.store.addresses)
    sandbox.lose_next(matching="allocate_new_ip")
    assert (await ask("/data_centers")).status == 200
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await ask(NEW, method="POST", json=body)
    assert len(sandbox.store.addresses) == before + 1
    assert (await ask(NEW, method="POST", json=body)).status == 200
    rows = [(it.method, it.argument, it.status, it.lost, it.remaining) for it in sandbox.request_log]
    interface = body[NIC]["id"]
    assert rows == [
        ("GET", None, 200, None, 999),
        ("POST", interface, 0, 200, 998),
        ("POST", interface, 200, None, 997),
    ]


async def test_a_dropped_request_was_never_carried_out(ask: Asker, sandbox: Sandbox) -> None:
    body, revision = request(sandbox), sandbox.store.revision
    sandbox.drop_next()
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await ask(NEW, method="POST", json=body)
    assert sandbox.store.revision == revision
    assert [(it.status, it.lost, it.argument) for it in sandbox.request_log] == [(0, None, None)]


async def test_a_refusal_can_be_lost_as_well(ask: Asker, sandbox: Sandbox) -> None:
    sandbox.lose_next()
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await ask(f"/{NIC}s/none/attach", method="POST")
    assert [(it.status, it.lost) for it in sandbox.request_log] == [(0, 404)]


async def test_requests_are_told_apart_by_their_method_too(ask: Asker, sandbox: Sandbox) -> None:
    address = next(it for it in sandbox.store.addresses if it.free)
    path = f"/ip_addresses/{address.id}"
    sandbox.lose_next(matching="PATCH /core/v1/ip_addresses/")
    assert (await ask(path)).status == 200
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await ask(path, method="PATCH", json={"label": "mine"})
    assert (await ask(path)).json["ip_address"]["label"] == "mine"


async def test_a_share_of_answers_is_lost_alike_for_equal_seeds(
    session: aiohttp.ClientSession, clock: HandClock
) -> None:
    runs = []
    for _ in range(2):
        async with Sandbox(seed=4, clock=clock, faults=Faults(lost_answer=0.5)) as sandbox:
            ask, body = Asker(sandbox, session), request(sandbox)
            before = len(sandbox.store.addresses)
            for _ in range(12):
                try:
                    await ask(NEW, method="POST", json=body)
                except aiohttp.ServerDisconnectedError:
                    continue
            assert len(sandbox.store.addresses) == before + 12
            runs.append([it.lost for it in sandbox.request_log])
    assert runs[0] == runs[1]
    assert set(runs[0]) == {None, 200}


def test_no_answer_can_be_lost_less_than_once() -> None:
    with pytest.raises(ValueError, match="times"):
        Sandbox().lose_next(0)
    with pytest.raises(ValueError, match="lost_answer"):
        Faults(lost_answer=1.5)
