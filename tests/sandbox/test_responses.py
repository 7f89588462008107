"""Responses: headers, compression, and the order of the keys."""

import email.utils
import gzip
import hashlib
import uuid

import aiohttp
import pytest

from katapult_async.sandbox import Sandbox
from katapult_async.sandbox.responses import CONSTANT_HEADERS

from .plain_client import ManualClock, PlainClient


async def raw_response(
    session: aiohttp.ClientSession, sandbox: Sandbox, path: str, *, encoding: str
) -> tuple[bytes, dict[str, str]]:
    """Return the body of a response, and its headers with their names in lower case.

    Whether a compressed body is decompressed is a setting of the session.
    """
    headers = {"Authorization": f"Bearer {sandbox.token}", "Accept-Encoding": encoding}
    async with session.get(sandbox.base_url + path, headers=headers) as response:
        return await response.read(), {name.lower(): value for name, value in response.headers.items()}


@pytest.mark.parametrize("path", ["/organizations", "/organizations/_", "/nowhere"])
async def test_all_responses_have_the_constant_headers_and_a_request_id(send: PlainClient, path: str) -> None:
    headers = (await send(path)).headers
    assert {name: headers.get(name) for name in CONSTANT_HEADERS} == CONSTANT_HEADERS
    assert uuid.UUID(headers["X-Request-Id"]).version == 4


async def test_request_ids_are_unique(send: PlainClient) -> None:
    request_ids = {(await send("/organizations")).headers["X-Request-Id"] for _ in range(20)}
    assert len(request_ids) == 20


async def test_date_is_the_server_clock_rounded_down_to_a_second(
    clock: ManualClock, session: aiohttp.ClientSession
) -> None:
    async with Sandbox(clock=clock, clock_offset=-3600.25) as sandbox:
        send = PlainClient(sandbox, session)
        for now in (clock.now, clock.now + 0.3, clock.now + 1):
            clock.now = now
            date = email.utils.parsedate_to_datetime((await send("/data_centers")).headers["Date"])
            assert date.timestamp() == (now - 3600.25) // 1


async def test_successful_response_has_a_weak_etag_and_cache_control(
    sandbox: Sandbox, session: aiohttp.ClientSession
) -> None:
    body, headers = await raw_response(session, sandbox, "/organizations", encoding="identity")
    assert headers["etag"] == f'W/"{hashlib.sha256(body).hexdigest()[:32]}"'
    assert headers["cache-control"] == "max-age=0, private, must-revalidate"
    assert "x-api-schema" not in headers


async def test_error_is_nested_and_has_a_schema_header_and_no_etag(send: PlainClient) -> None:
    response = await send("/organizations/org_none")
    assert set(response.json) == {"error"}
    assert set(response.json["error"]) == {"code", "description", "detail"}
    assert response.headers["X-Api-Schema"] == "json-error"
    assert response.headers["Cache-Control"] == "no-cache"
    assert "Etag" not in response.headers


async def test_large_bodies_are_compressed_if_the_client_accepts_gzip() -> None:
    async with Sandbox(free_addresses=254) as sandbox, aiohttp.ClientSession(auto_decompress=False) as session:
        interface = sandbox.store.interfaces[0].id
        path = f"/virtual_machine_network_interfaces/{interface}/available_ips/ipv4"
        packed, packed_headers = await raw_response(session, sandbox, path, encoding="gzip, deflate")
        plain, plain_headers = await raw_response(session, sandbox, path, encoding="identity")
    assert packed_headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain_headers
    assert gzip.decompress(packed) == plain
    assert len(packed) < len(plain) / 4
    assert packed_headers["etag"] == plain_headers["etag"]


async def test_small_bodies_are_not_compressed(sandbox: Sandbox, session: aiohttp.ClientSession) -> None:
    body, headers = await raw_response(session, sandbox, "/organizations", encoding="gzip")
    assert len(body) < 1024
    assert "content-encoding" not in headers


async def test_keys_are_sorted_in_some_responses_and_not_in_others(send: PlainClient, sandbox: Sandbox) -> None:
    responses = [await send(f"/virtual_machines/{machine.id}") for machine in sandbox.store.machines[:12]]
    orders = [list(response.json["virtual_machine"]) for response in responses]
    assert {keys == sorted(keys) for keys in orders} == {True, False}


async def test_response_shows_changes_of_the_store(send: PlainClient, sandbox: Sandbox) -> None:
    machine = sandbox.store.machines[0]
    assert (await send(f"/virtual_machines/{machine.id}")).status == 200
    sandbox.store.trash(machine)
    assert (await send(f"/virtual_machines/{machine.id}")).status == 406
