"""Requests that no client of Katapult sends. Each gets a response, and none makes the server fail."""

import asyncio
import copy
from collections.abc import Iterator
from typing import Any

import pytest
from yarl import URL

from katapult_async.sandbox import Sandbox
from katapult_async.sandbox.operations import OPERATIONS, Operation

from .plain_client import PlainClient, wait_until_handled, wait_until_received
from .samples import WRITES, Body, add_rare_objects, read_queries

STRANGE: list[Any] = [None, "\x00é", 2**63, [None], {"x": {"": [1]}}, "\ud800"]


def places(body: Body) -> Iterator[tuple[str, ...]]:
    """Yield the path of every argument of a body, also inside an object, but not inside a list."""
    for name, value in body.items():
        yield (name,)
        if isinstance(value, dict):
            yield from ((name, *place) for place in places(value))


def replaced(body: Body, place: tuple[str, ...], value: Any) -> Body:
    changed = copy.deepcopy(body)
    *outer, last = place
    inside = changed
    for name in outer:
        inside = inside[name]
    inside[last] = value
    return changed


@pytest.mark.slow
@pytest.mark.parametrize(
    "operation", OPERATIONS, ids=[f"{operation.method} {operation.path}" for operation in OPERATIONS]
)
async def test_strange_arguments_never_make_the_server_fail(
    send: PlainClient, sandbox: Sandbox, operation: Operation
) -> None:
    path = operation.path.replace("/:", "/")
    add_rare_objects(sandbox.store)
    if operation.method == "GET":
        body: Body = {"page": 1, "per_page": 2, "path": "x", "include_universal": True, "include_disks": True}
        for name, value in read_queries(sandbox.store, path)[0].items():
            argument, bracket, key = name.removesuffix("]").partition("[")
            body[argument] = {key: value} if bracket else value
    else:
        body = WRITES[operation.method, path](sandbox.store)
    for place in places(body):
        for value in STRANGE:
            response = await send(path, method=operation.method, json=replaced(body, place, value))
            # A 429 would mean that the request was not read; one code of 503 is a valid response.
            assert response.status < 429 or response.code == "no_available_addresses"
    for query in ("a=1&a[b]=2", "organization[]=1", "properties[]=1", "%ff=%ff", "[]=&=&a[][][]=", "_arguments=["):
        assert (await send(f"{path}?{query}", method=operation.method)).status < 429


JSON_TYPE = b"Content-Type: application/json\r\n"
BODY = b"Content-Length: 2\r\n\r\n{}"


async def exchange(sandbox: Sandbox, head: bytes) -> bytes:
    """Send a request, with a token added after its first line, and return the start of the response."""
    reader, writer = await asyncio.open_connection("127.0.0.1", URL(sandbox.base_url).port)
    try:
        line, _, rest = head.partition(b"\r\n")
        writer.write(line + b"\r\nHost: x\r\nAuthorization: Bearer " + sandbox.token.encode() + b"\r\n" + rest)
        async with asyncio.timeout(5):
            first = await reader.readuntil(b"\r\n\r\n")
            if b"100 Continue" in first:
                writer.write(b"{}")
                first += await reader.readuntil(b"\r\n\r\n")
            return first + await reader.read(200)
    finally:
        writer.close()


@pytest.mark.parametrize(
    ("head", "status", "content"),
    [
        (b"PUT /core/v1/organizations HTTP/1.1\r\n\r\n", 404, b"route_not_found"),
        (b"OPTIONS * HTTP/1.1\r\n\r\n", 404, b"route_not_found"),
        (b"GET //[bad HTTP/1.1\r\n\r\n", 404, b"route_not_found"),
        (b"GET /core/v1" + b"/_" * 3000 + b" HTTP/1.1\r\n\r\n", 404, b"route_not_found"),
        (b"GET /core/v1/organizations/%ff%00%zz HTTP/1.1\r\n\r\n", 404, b"organization_not_found"),
        (b"GET /core/v1/tags/%ed%a0%80%2F HTTP/1.1\r\n\r\n", 404, b"tag_not_found"),
        (b"PATCH /core/v1/tags/_ HTTP/1.1\r\n" + JSON_TYPE + BODY, 400, b"missing_required_argument"),
        (b"PATCH /core/v1/tags/_ HTTP/1.1\r\nContent-Type: \xff;;=\r\n" + BODY, 400, b"missing_required_argument"),
        (
            b"PATCH /core/v1/tags/_ HTTP/1.1\r\n" + JSON_TYPE + b"Content-Encoding: gzip\r\nContent-Length: 1\r\n\r\n{",
            400,
            b"invalid_json_body",
        ),
        (
            b"PATCH /core/v1/tags/_ HTTP/1.1\r\n" + JSON_TYPE + b"Expect: 100-continue\r\nContent-Length: 2\r\n\r\n",
            400,
            b"missing_required_argument",
        ),
        (
            b"PATCH /core/v1/tags/_ HTTP/1.1\r\n" + JSON_TYPE + b"Content-Length: 2000000\r\n\r\n" + b" " * 2_000_000,
            413,
            b"",
        ),
        (b"GET /core/v1/tags/_ HTTP/1.1\r\nContent-Length: x\r\n\r\n", 400, b""),
        (b"BREW /core/v1/tags/_ HTTP/1.1\r\n\r\n", 400, b""),
    ],
    ids=lambda value: repr(value)[:60],
)
async def test_request_of_strange_bytes_gets_a_response(
    sandbox: Sandbox, head: bytes, status: int, content: bytes
) -> None:
    response = await exchange(sandbox, head)
    assert response.removeprefix(b"HTTP/1.1 100 Continue\r\n\r\n").split(b" ")[1] == str(status).encode()
    assert content in response


async def test_disconnect_in_the_middle_of_a_body_logs_no_error(
    sandbox: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    _, writer = await asyncio.open_connection("127.0.0.1", URL(sandbox.base_url).port)
    writer.write(b"PATCH /core/v1/tags/_ HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{")
    await writer.drain()
    await wait_until_received(sandbox, requests=1)
    writer.transport.abort()
    await wait_until_handled(sandbox)
    assert caplog.records == []
