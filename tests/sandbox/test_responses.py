import email.utils
import gzip
import hashlib
import json
import uuid

import aiohttp
import pytest

from katapult_async.sandbox import Sandbox

from .plain_client import Asker, HandClock


async def raw(
    session: aiohttp.ClientSession, sandbox: Sandbox, path: str, *, encoding: str
) -> tuple[bytes, dict[str, str]]:
    """Return a body as it is on the wire, and its headers with their names in lower case."""
    headers = {"Authorization": f"Bearer {sandbox.token}", "Accept-Encoding": encoding}
    async with session.get(sandbox.base_url + path, headers=headers) as answer:
        return await answer.read(), {name.lower(): value for name, value in answer.headers.items()}


@pytest.mark.parametrize("path", ["/organizations", "/organizations/_", "/nowhere"])
async def test_every_answer_has_the_same_standing_headers(ask: Asker, path: str) -> None:
    headers = (await ask(path)).headers
    assert headers["Content-Type"] == "application/json"
    assert headers["Vary"] == "Accept-Encoding"
    assert uuid.UUID(headers["X-Request-Id"]).version == 4


async def test_request_ids_never_repeat(ask: Asker) -> None:
    seen = {(await ask("/organizations")).headers["X-Request-Id"] for _ in range(20)}
    assert len(seen) == 20


async def test_the_date_is_that_of_the_servers_clock_rounded_down(
    clock: HandClock, session: aiohttp.ClientSession
) -> None:
    async with Sandbox(clock=clock, clock_offset=-3600.25) as sandbox:
        ask = Asker(sandbox, session)
        for now in (clock.now, clock.now + 0.3, clock.now + 1):
            clock.now = now
            date = email.utils.parsedate_to_datetime((await ask("/data_centers")).headers["Date"])
            assert date.timestamp() == (now - 3600.25) // 1


async def test_a_success_has_a_weak_etag_of_its_body_and_may_be_kept(
    sandbox: Sandbox, session: aiohttp.ClientSession
) -> None:
    body, headers = await raw(session, sandbox, "/organizations", encoding="identity")
    assert headers["etag"] == f'W/"{hashlib.sha256(body).hexdigest()[:32]}"'
    assert headers["cache-control"] == "max-age=0, private, must-revalidate"
    assert "x-api-schema" not in headers


async def test_an_error_is_nested_and_marked_and_has_no_etag(ask: Asker) -> None:
    answer = await ask("/organizations/org_none")
    assert set(answer.json) == {"error"}
    assert set(answer.json["error"]) == {"code", "description", "detail"}
    assert answer.headers["X-Api-Schema"] == "json-error"
    assert answer.headers["Cache-Control"] == "no-cache"
    assert "Etag" not in answer.headers


async def test_large_bodies_are_compressed_for_clients_that_accept_it() -> None:
    async with Sandbox(free_addresses=254) as sandbox, aiohttp.ClientSession(auto_decompress=False) as session:
        interface = sandbox.store.interfaces[0].id
        path = f"/virtual_machine_network_interfaces/{interface}/available_ips/ipv4"
        packed, packed_headers = await raw(session, sandbox, path, encoding="gzip, deflate")
        plain, plain_headers = await raw(session, sandbox, path, encoding="identity")
    assert packed_headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain_headers
    assert gzip.decompress(packed) == plain
    assert len(packed) < len(plain) / 4
    assert packed_headers["etag"] == plain_headers["etag"]


async def test_small_bodies_are_never_compressed(sandbox: Sandbox, session: aiohttp.ClientSession) -> None:
    body, headers = await raw(session, sandbox, "/organizations", encoding="gzip")
    assert len(body) < 1024
    assert "content-encoding" not in headers


async def test_names_come_in_alphabetical_order_in_some_answers_only(ask: Asker, sandbox: Sandbox) -> None:
    alphabetical = [
        list(answer.json["virtual_machine"]) == sorted(answer.json["virtual_machine"])
        for answer in [await ask(f"/virtual_machines/{each.id}") for each in sandbox.store.machines[:12]]
    ]
    assert set(alphabetical) == {True, False}


async def test_a_remembered_answer_is_equal_to_the_first(ask: Asker, sandbox: Sandbox) -> None:
    path = f"/virtual_machines/{sandbox.store.machines[0].id}"
    first, second = await ask(path), await ask(path)
    assert json.dumps(first.json) == json.dumps(second.json)
    assert first.headers["Etag"] == second.headers["Etag"]
    assert first.remaining == second.remaining + 1


async def test_a_change_of_the_world_is_seen_at_once(ask: Asker, sandbox: Sandbox) -> None:
    machine = sandbox.store.machines[0]
    assert (await ask(f"/virtual_machines/{machine.id}")).status == 200
    sandbox.store.trash_machine(machine.id)
    assert (await ask(f"/virtual_machines/{machine.id}")).status == 406


async def test_memory_does_not_grow_without_end(ask: Asker, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("katapult_async.sandbox.dispatcher._REMEMBERED", 3)
    for number in range(10):
        assert (await ask("/data_centers", params={"n": number})).status == 200
        assert len(sandbox._dispatcher._remembered) <= 3
