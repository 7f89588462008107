"""The settings of the sandbox, and how it is opened and closed while requests are in flight."""

import ast
import asyncio
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
import pytest

import katapult_async.sandbox
from katapult_async import KatapultClient
from katapult_async.sandbox import Faults, Sandbox
from tests.conditions import wait_until

from .plain_client import PlainClient, wait_until_handled, wait_until_received


@pytest.mark.parametrize(
    ("settings", "text"),
    [
        ({"machines": 0}, "machines"),
        ({"machines": 5, "interfaces": 4}, "interfaces"),
        ({"seed": "x"}, "seed"),
        ({"permitted": 0}, "permitted"),
        ({"window": 0}, "window"),
        ({"host": ""}, "host"),
        ({"host": 5}, "host"),
        ({"refused_counts": "no"}, "refused_counts must be True or False, not 'no'"),
        ({"headers_on_refusal": 0}, "headers_on_refusal must be True or False, not 0"),
        ({"large_sets": None}, "large_sets must be True or False, not None"),
        ({"port": -1}, "port"),
        ({"port": 65_536}, "port"),
        ({"faults": 1}, "faults"),
        ({"clock_offset": float("inf")}, "clock_offset"),
        ({"clock": 5.0}, "clock"),
        ({"reset_delay": -1}, "reset_delay"),
        ({"foreign_use": -1}, "foreign_use"),
        ({"organizations": 9}, "organizations"),
        ({"free_addresses": 300}, "free_addresses"),
        ({"request_log_size": -1}, "request_log_size"),
    ],
)
def test_sandbox_rejects_invalid_settings(settings: dict[str, object], text: str) -> None:
    with pytest.raises(ValueError, match=text):
        Sandbox(**settings)  # type: ignore[arg-type] # wrong types are among the cases


async def test_base_url_has_the_port_that_the_system_chose() -> None:
    async with Sandbox() as one, Sandbox() as two:
        assert one.base_url != two.base_url
        assert one.base_url.startswith("http://127.0.0.1:")
        assert one.base_url.endswith("/core/v1")


def test_base_url_needs_a_known_port() -> None:
    with pytest.raises(RuntimeError, match="open the sandbox first"):
        _ = Sandbox().base_url
    assert Sandbox(port=8080).base_url == "http://127.0.0.1:8080/core/v1"
    assert Sandbox(port=8080, host="::1").base_url == "http://[::1]:8080/core/v1"


@pytest.mark.parametrize(("host", "reached_at"), [("0.0.0.0", "127.0.0.1"), ("::", "[::1]")])
def test_sandbox_that_listens_on_all_addresses_has_a_url_that_the_client_accepts(host: str, reached_at: str) -> None:
    sandbox = Sandbox(port=8080, host=host)
    assert sandbox.base_url == f"http://{reached_at}:8080/core/v1"
    assert KatapultClient("token", base_url=sandbox.base_url).base_url == sandbox.base_url


async def test_sandbox_opens_and_closes_without_async_with(session: aiohttp.ClientSession) -> None:
    sandbox = await Sandbox().open()
    assert (await PlainClient(sandbox, session)("/data_centers")).status == 200
    await sandbox.aclose()


async def test_second_open_raises_runtime_error(sandbox: Sandbox) -> None:
    with pytest.raises(RuntimeError, match="already"):
        await sandbox.open()


async def test_second_open_raises_runtime_error_while_the_first_is_in_progress() -> None:
    sandbox = Sandbox()
    first, second = await asyncio.gather(sandbox.open(), sandbox.open(), return_exceptions=True)
    assert (first, type(second)) == (sandbox, RuntimeError)
    await sandbox.aclose()


def port_of(sandbox: Sandbox) -> int:
    port = urlsplit(sandbox.base_url).port
    assert port is not None
    return port


@pytest.mark.parametrize("iterations", range(8))  # of the event loop, before the cancellation
async def test_cancelled_open_does_not_listen(sandbox: Sandbox, iterations: int) -> None:
    port = port_of(sandbox)
    await sandbox.aclose()  # its port is free now
    other = Sandbox(port=port)
    opening = asyncio.create_task(other.open())
    for _ in range(iterations):
        await asyncio.sleep(0)
    opening.cancel()
    await asyncio.wait([opening])
    await other.aclose()
    await sandbox.open()  # raises if the port is in use


async def test_sandbox_can_be_opened_after_its_clock_has_failed() -> None:
    times = iter([None, 1_800_000_000.0])
    sandbox = Sandbox(clock=lambda: next(times))  # type: ignore[arg-type,return-value] # the mistake under test
    with pytest.raises(TypeError):
        await sandbox.open()
    await sandbox.open()
    await sandbox.aclose()


async def test_used_port_raises_os_error(sandbox: Sandbox) -> None:
    with pytest.raises(OSError, match="address already in use"):
        await Sandbox(port=port_of(sandbox)).open()


async def test_closing_is_idempotent() -> None:
    sandbox = Sandbox()
    await sandbox.aclose()
    await sandbox.open()
    await sandbox.aclose()
    await sandbox.aclose()


async def test_closed_sandbox_does_not_listen(session: aiohttp.ClientSession) -> None:
    async with Sandbox() as sandbox:
        send = PlainClient(sandbox, session)
        assert (await send("/data_centers")).status == 200
        await sandbox.aclose()
        with pytest.raises(aiohttp.ClientConnectionError):
            await send("/data_centers")


async def test_reopened_sandbox_keeps_its_port_and_counters(sandbox: Sandbox, session: aiohttp.ClientSession) -> None:
    send = PlainClient(sandbox, session)
    url = sandbox.base_url
    assert (await send("/data_centers")).remaining == 999
    await sandbox.aclose()
    await sandbox.open()
    assert sandbox.base_url == url
    assert (await send("/data_centers")).remaining == 998


async def test_closing_closes_connections_of_pending_requests(sandbox: Sandbox, session: aiohttp.ClientSession) -> None:
    sandbox.faults = Faults(latency=30.0)
    send = PlainClient(sandbox, session)
    waiting = [asyncio.create_task(send("/data_centers", method="POST")) for _ in range(20)]
    await wait_until_received(sandbox, requests=20)
    started_at = time.monotonic()
    await sandbox.aclose()
    outcomes = await asyncio.gather(*waiting, return_exceptions=True)
    assert time.monotonic() - started_at < 15  # half of the latency
    assert all(isinstance(outcome, aiohttp.ClientConnectionError) for outcome in outcomes)


async def test_cancelled_closing_is_completed_by_the_next_call(
    sandbox: Sandbox, session: aiohttp.ClientSession
) -> None:
    sandbox.faults = Faults(latency=30.0)
    waiting = asyncio.create_task(PlainClient(sandbox, session)("/data_centers", method="POST"))
    await wait_until_received(sandbox, requests=1)
    closing = asyncio.create_task(sandbox.aclose())
    await asyncio.sleep(0)
    closing.cancel()
    await asyncio.wait([closing])
    assert closing.cancelled()
    await sandbox.aclose()
    await asyncio.wait([waiting], timeout=15)
    assert isinstance(waiting.exception(), aiohttp.ClientConnectionError)


async def test_closing_leaves_no_tasks(session: aiohttp.ClientSession) -> None:
    before = asyncio.all_tasks()
    sandbox = Sandbox(faults=Faults(latency=0.01))
    await sandbox.open()
    send = PlainClient(sandbox, session)
    await asyncio.gather(*(send("/data_centers") for _ in range(30)))
    # Connections in every state: idle, without a request yet, in the middle of a request's head, with half a body.
    writers = []
    listener = sandbox._listener
    assert listener is not None
    idle = len(listener._connections.connections)
    for sent in (b"", b"GET /core", b"POST /core/v1/x HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nhalf"):
        _, writer = await asyncio.open_connection("127.0.0.1", port_of(sandbox))
        writer.write(sent)
        writers.append(writer)
    await wait_until_received(sandbox, requests=31)  # the request with half a body is the last one
    await wait_until(lambda: len(listener._connections.connections) == idle + len(writers))
    await sandbox.aclose()
    assert asyncio.all_tasks() == before
    for writer in writers:
        writer.close()


@pytest.mark.parametrize("iterations", range(0, 40, 3))  # of the event loop, before the sandbox is closed
async def test_closing_closes_connections_that_are_just_accepted(iterations: int) -> None:
    before = asyncio.all_tasks()
    sandbox = Sandbox(machines=1, interfaces=1, faults=Faults(latency=30.0))
    await sandbox.open()
    async with aiohttp.ClientSession() as session:
        send = PlainClient(sandbox, session)
        waiting = [asyncio.create_task(send("/data_centers", method="POST")) for _ in range(20)]
        for _ in range(iterations):
            await asyncio.sleep(0)
        started_at = time.monotonic()
        await sandbox.aclose()
        outcomes = await asyncio.gather(*waiting, return_exceptions=True)
    assert time.monotonic() - started_at < 15  # half of the latency
    assert all(isinstance(outcome, aiohttp.ClientConnectionError) for outcome in outcomes)
    assert asyncio.all_tasks() == before


def test_closing_leaves_no_tasks_on_uvloop() -> None:
    async def tasks_after_close() -> int:
        async with Sandbox(faults=Faults(latency=30.0)) as sandbox, aiohttp.ClientSession() as session:
            send = PlainClient(sandbox, session)
            waiting = [asyncio.create_task(send("/data_centers", method="POST")) for _ in range(20)]
            await wait_until_received(sandbox, requests=20)
            await sandbox.aclose()
            outcomes = await asyncio.gather(*waiting, return_exceptions=True)
            assert all(isinstance(outcome, aiohttp.ClientConnectionError) for outcome in outcomes)
        return len(asyncio.all_tasks())

    uvloop = pytest.importorskip("uvloop", reason="uvloop is not installed")
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        assert runner.run(tasks_after_close()) == 1  # the task that counts


async def test_request_is_counted_even_if_the_client_disconnects(
    sandbox: Sandbox, session: aiohttp.ClientSession
) -> None:
    sandbox.faults = Faults(latency=0.04)
    send = PlainClient(sandbox, session)
    request = asyncio.create_task(send("/data_centers"))
    await wait_until_received(sandbox, requests=1)
    request.cancel()
    await wait_until_handled(sandbox)
    assert request.cancelled()
    sandbox.faults = Faults()
    assert (await send("/data_centers")).remaining == 998


@pytest.mark.parametrize("fault", [Faults(latency=0.04, drop=1.0), Faults(latency=0.04, truncate=1.0)])
async def test_fault_for_a_disconnected_client_logs_no_error(
    sandbox: Sandbox, session: aiohttp.ClientSession, caplog: pytest.LogCaptureFixture, fault: Faults
) -> None:
    sandbox.faults = fault
    send = PlainClient(sandbox, session)
    request = asyncio.create_task(send("/data_centers"))
    await wait_until_received(sandbox, requests=1)
    request.cancel()
    await wait_until_handled(sandbox)
    assert (len(sandbox.request_log), caplog.records) == (1, [])


async def test_request_log_has_requests_and_statuses(send: PlainClient, sandbox: Sandbox) -> None:
    interface = sandbox.store.interfaces[0].id
    other = sandbox.issue_token()
    await send(f"/virtual_machine_network_interfaces/{interface}/available_ips/ipv4", token=other)
    await send("/virtual_machines/_", params={"virtual_machine[fqdn]": "none.example"})
    await send("/nowhere", method="POST", token="")
    rows = [(entry.method, entry.argument, entry.status, entry.remaining, entry.token) for entry in sandbox.request_log]
    assert rows == [
        ("GET", interface, 200, 999, other),
        ("GET", "none.example", 404, 999, sandbox.token),
        ("POST", None, 404, 999, ""),
    ]
    assert sandbox.request_log[0].path.endswith(f"{interface}/available_ips/ipv4")
    assert sandbox.request_log[0].at == 1_800_000_000.0


@pytest.mark.parametrize(("size", "kept"), [(3, 3), (0, 0), (None, 5)])
async def test_request_log_keeps_the_latest_requests(
    session: aiohttp.ClientSession, size: int | None, kept: int
) -> None:
    async with Sandbox(request_log_size=size) as sandbox:
        for _ in range(5):
            await PlainClient(sandbox, session)("/data_centers")
        assert (len(sandbox.request_log), sandbox.requests) == (kept, 5)


def imported_modules(node: ast.AST) -> list[str]:
    """Return the modules that a statement imports, except modules of its own package."""
    match node:
        case ast.Import(names=names):
            return [alias.name for alias in names]
        case ast.ImportFrom(module=module, level=0):
            return [module or ""]
        case ast.ImportFrom(level=level) if level > 1:
            return ["a relative import from a parent package"]
        case _:
            return []


def test_sandbox_imports_nothing_from_the_client() -> None:
    package = Path(katapult_async.sandbox.__file__).parent
    nodes = (node for file in package.rglob("*.py") for node in ast.walk(ast.parse(file.read_text())))
    names = {name for node in nodes for name in imported_modules(node) if not name.startswith("katapult_async.sandbox")}
    assert {name.partition(".")[0] for name in names} - sys.stdlib_module_names == {"aiohttp", "attrs"}
