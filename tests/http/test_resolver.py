"""Name lookups: their results, their errors, and that a silent name server keeps no process alive."""

import asyncio
import signal
import socket
import subprocess
import sys
import threading

import aiohttp
import pytest

from katapult_async.http.aiohttp_transport import AiohttpTransport
from katapult_async.http.resolver import DaemonThreadLookups
from katapult_async.http.transport import TransportFailure, TransportRequest

PROGRAM_WITH_A_SILENT_NAME_SERVER = """
import asyncio, socket, sys, threading
from katapult_async import KatapultClient

def getaddrinfo(*_args, **_settings):
    print("looking up", flush=True)
    threading.Event().wait(60)

socket.getaddrinfo = getaddrinfo

async def main():
    async with KatapultClient("a-token", base_url="https://silent.example") as katapult:
        await katapult.tasks.get("task_1")

asyncio.run(main())
"""


def resolver() -> aiohttp.ThreadedResolver:
    """Return a resolver as the connection pool has one."""
    return aiohttp.ThreadedResolver(DaemonThreadLookups())  # type: ignore[arg-type] # it uses two methods of a loop


async def test_lookup_of_a_name_returns_its_addresses() -> None:
    results = await resolver().resolve("localhost", 80, socket.AF_INET)
    assert [(result["host"], result["port"], result["hostname"]) for result in results] == [
        ("127.0.0.1", 80, "localhost")
    ]


async def test_scope_of_a_link_local_address_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    info = (socket.AF_INET6, socket.SOCK_STREAM, 6, "", ("fe80::1", 80, 0, 99_999))  # no interface has this index
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [info])
    [result] = await resolver().resolve("router", 80, socket.AF_INET6)
    assert result["host"] == "fe80::1%99999"


@pytest.mark.parametrize("error", [socket.gaierror(-2, "Name or service not known"), UnicodeError("label too long")])
async def test_failed_lookup_raises_os_error(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    with pytest.raises(OSError, match=r"Name or service not known|not a host name"):
        await resolver().resolve("nowhere.example")


async def test_lookup_without_a_thread_is_an_error_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a container that limits the number of its threads."""

    def fail(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    transport = AiohttpTransport()
    await transport.open()
    monkeypatch.setattr(threading.Thread, "start", fail)
    with pytest.raises(
        TransportFailure, match=r"^no connection to nowhere\.example \(can't start new thread\)$"
    ) as caught:
        await transport.send(TransportRequest(method="GET", url="https://nowhere.example/", headers={}))
    await transport.aclose()
    assert caught.value.kind == "local"


async def test_error_of_a_host_with_two_addresses_that_refuse_connections_has_no_address(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]  # nothing listens on it after the block
    infos = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (f"127.0.0.{host}", port)) for host in (1, 2)]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: infos)
    transport = AiohttpTransport()
    await transport.open()
    with pytest.raises(TransportFailure, match=r"^no connection to api\.example:\d+ \(Connection refused\)$"):
        await transport.send(TransportRequest(method="GET", url=f"http://api.example:{port}/", headers={}))
    await transport.aclose()


async def test_exception_of_a_replaced_getaddrinfo_ends_the_lookup(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("tests use no network")

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    async with asyncio.timeout(5):
        with pytest.raises(RuntimeError, match="tests use no network"):
            await resolver().resolve("api.example")


async def test_result_of_a_cancelled_lookup_is_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    looked_up, resume = asyncio.Event(), threading.Event()
    loop = asyncio.get_running_loop()

    def wait(*_: object, **__: object) -> list[object]:
        loop.call_soon_threadsafe(looked_up.set)
        resume.wait()
        return []

    monkeypatch.setattr(socket, "getaddrinfo", wait)
    lookup = asyncio.create_task(resolver().resolve("slow.example"))
    await looked_up.wait()
    lookup.cancel()
    with pytest.raises(asyncio.CancelledError):
        await lookup
    [thread] = (running for running in threading.enumerate() if running.name == "resolve slow.example")
    resume.set()
    await asyncio.to_thread(thread.join)
    await asyncio.sleep(0)  # the callback of the thread runs, and no task waits for it


@pytest.mark.slow
def test_silent_name_server_keeps_no_process_alive_after_ctrl_c() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM_WITH_A_SILENT_NAME_SERVER], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"looking up\n"
        process.send_signal(signal.SIGINT)
        process.wait(timeout=20)  # the name server is silent for 60 s
