"""A real nginx in front of the sandbox: short idle timeouts, few requests on a connection, reloads, its limits."""

import asyncio
import contextlib
import os
import shutil
import signal
import socket
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

import pytest

from katapult_async import KatapultClient, KatapultError, Succeeded
from katapult_async.sandbox import Faults, Sandbox

NGINX: Final = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")

pytestmark = [pytest.mark.slow, pytest.mark.skipif(NGINX is None, reason="nginx is not installed")]

CONFIGURATION: Final = """
daemon off;
worker_processes 1;
pid {directory}/nginx.pid;
error_log {directory}/error.log;
events {{ worker_connections 512; }}
http {{
    access_log {directory}/access.log;
    client_body_temp_path {directory}/body;
    proxy_temp_path {directory}/proxy;
    fastcgi_temp_path {directory}/fastcgi;
    uwsgi_temp_path {directory}/uwsgi;
    scgi_temp_path {directory}/scgi;
    {http}
    server {{
        listen 127.0.0.1:{port};
        {server}
        location / {{ proxy_pass http://127.0.0.1:{upstream}; proxy_http_version 1.1; }}
    }}
}}
"""

LIMIT: Final = "limit_req_zone $binary_remote_addr zone=all:1m rate=20r/s;"
CONNECTIONS: Final = "limit_conn_zone $binary_remote_addr zone=all:1m;"


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def has_started(process: asyncio.subprocess.Process, directory: Path) -> bool:
    """Nginx writes its pid file after it has begun to listen and to handle signals: before, SIGHUP ends it."""
    assert process.returncode is None, (directory / "error.log").read_text()
    pid_file = directory / "nginx.pid"
    return pid_file.exists() and pid_file.read_text() == f"{process.pid}\n"


@contextlib.asynccontextmanager
async def nginx(
    sandbox: Sandbox, directory: Path, *, http: str = "", server: str = ""
) -> AsyncIterator[tuple[int, int]]:
    """Run nginx in front of a sandbox; yield its port and its process id."""
    assert NGINX is not None
    port = free_port()
    upstream = int(sandbox.base_url.rpartition(":")[2].partition("/")[0])
    configuration = directory / "nginx.conf"
    configuration.write_text(
        CONFIGURATION.format(directory=directory, http=http, server=server, port=port, upstream=upstream)
    )
    process = await asyncio.create_subprocess_exec(
        NGINX, "-p", str(directory), "-c", str(configuration), stderr=asyncio.subprocess.DEVNULL
    )
    try:
        async with asyncio.timeout(20.0):
            while not has_started(process, directory):  # noqa: ASYNC110 # another process sets no event
                await asyncio.sleep(0.02)
        yield port, process.pid
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(signal.SIGTERM)
        await process.wait()


def refusals_in(directory: Path) -> int:
    log = (directory / "access.log").read_text()
    return log.count('" 429 ') + log.count('" 503 ')


async def request_all(
    katapult: KatapultClient, sandbox: Sandbox, requests: int, *, concurrency: int = 50
) -> list[KatapultError]:
    """Request the addresses of interfaces, and return the errors."""
    ids = [interface.id for interface in sandbox.store.interfaces]

    async def request(number: int) -> None:
        interface_id = ids[number % len(ids)]
        addresses = await katapult.virtual_machine_network_interfaces.available_ips(
            interface_id, address_version="ipv4"
        )
        expected = sandbox.store.available_ips(interface_id, "ipv4")
        assert [address.id for address in addresses] == [address["id"] for address in expected]

    async with katapult.many(request, range(requests), concurrency=concurrency) as outcomes:
        return [outcome.error async for outcome in outcomes if not isinstance(outcome, Succeeded)]


def client(sandbox: Sandbox, port: int) -> KatapultClient:
    path = sandbox.base_url.partition("//")[2].partition("/")[2]
    return KatapultClient(sandbox.token, base_url=f"http://127.0.0.1:{port}/{path}")


async def test_short_connections_and_reloads_in_the_middle_of_a_batch_lose_nothing(tmp_path: Path) -> None:
    async with (
        Sandbox(machines=20, interfaces=40, permitted=100_000) as sandbox,
        nginx(sandbox, tmp_path, server="keepalive_timeout 1s; keepalive_requests 3;") as (port, process_id),
        client(sandbox, port) as katapult,
    ):
        reloads_left = 4

        async def reload() -> None:
            nonlocal reloads_left
            while reloads_left:
                reloads_left -= 1
                os.kill(process_id, signal.SIGHUP)
                await asyncio.sleep(0.3)

        async with asyncio.TaskGroup() as group:
            group.create_task(reload())
            errors: list[KatapultError] = []
            while reloads_left:
                errors += await request_all(katapult, sandbox, 300)
        await asyncio.sleep(1.5)  # until nginx has closed the idle connections
        errors += await request_all(katapult, sandbox, 20)
    assert errors == []


async def batch_behind_limit_req(directory: Path, status: str) -> tuple[float, int]:
    """Make a batch of 100 requests, none of which is lost; return its seconds and the number of refusals."""
    server = f"limit_req zone=all burst=10; {status}"
    async with (
        Sandbox(machines=20, interfaces=40, permitted=100_000) as sandbox,
        nginx(sandbox, directory, http=LIMIT, server=server) as (port, _),
        client(sandbox, port) as katapult,
    ):
        began_at = asyncio.get_running_loop().time()
        assert await request_all(katapult, sandbox, 100) == []
        seconds = asyncio.get_running_loop().time() - began_at
    return seconds, refusals_in(directory)


@pytest.mark.parametrize("status", ["limit_req_status 429;", ""])  # nginx's default is 503
async def test_batch_behind_limit_req_takes_at_most_twice_the_time_that_it_allows(
    tmp_path_factory: pytest.TempPathFactory, status: str
) -> None:
    measured = []
    for _ in range(3):  # other load on this machine does not last for three measurements
        seconds, refusals = await batch_behind_limit_req(tmp_path_factory.mktemp("nginx"), status)
        if seconds <= 2 * 100 / 20 and refusals <= 50:  # 100 requests at 20 a second, and a refusal for two requests
            return
        measured.append((seconds, refusals))
    pytest.fail(f"{measured}")


async def test_batch_behind_limit_conn_loses_nothing(tmp_path: Path) -> None:
    async with (
        Sandbox(machines=20, interfaces=40, permitted=100_000, faults=Faults(latency=0.01)) as sandbox,
        nginx(sandbox, tmp_path, http=CONNECTIONS, server="limit_conn all 1;") as (port, _),
        client(sandbox, port) as katapult,
    ):
        errors = await request_all(katapult, sandbox, 200, concurrency=5)
    assert errors == []
    assert 0 < refusals_in(tmp_path) <= 100


async def test_single_calls_behind_limit_req_succeed_beside_a_batch(tmp_path: Path) -> None:
    server = "limit_req zone=all burst=10 nodelay; limit_req_status 429;"
    async with (
        Sandbox(machines=20, interfaces=40, permitted=100_000) as sandbox,
        nginx(sandbox, tmp_path, http=LIMIT, server=server) as (port, _),
        client(sandbox, port) as katapult,
    ):
        batch = asyncio.create_task(request_all(katapult, sandbox, 60))
        interface_id = sandbox.store.interfaces[0].id
        while not batch.done():
            await katapult.virtual_machine_network_interfaces.available_ips(interface_id, address_version="ipv4")
            await asyncio.sleep(0.5)
        assert await batch == []
