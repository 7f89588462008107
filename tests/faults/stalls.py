"""How long one answer can hold the event loop, and how much memory it can take.

A thread writes a prepared answer into a socket, so that the client's loop has no work but the client's. A turn of
the loop is measured in processor time of its thread: what other programs do to this machine does not count.
"""

import asyncio
import contextlib
import functools
import gc
import gzip
import json
import socket
import sys
import threading
import time
import tracemalloc
from collections.abc import Iterator
from typing import Final

import attrs

from katapult_async import Endpoint, KatapultClient, KatapultError, RetryPolicy, VirtualMachineNetworkInterface
from katapult_async.resources.virtual_machine_network_interfaces import AVAILABLE_IPS

from .harness import LOOPS, TOKEN
from .responses import full_response as whole, head, standard_headers

MOST_VALUES: Final = 1 << 17
"""Values that such a client takes at most."""

LARGEST: Final = 4 * 1024 * 1024
"""Bytes: the cap that a client has unless it is told otherwise."""


@contextlib.contextmanager
def answering(*parts: bytes, endless: bool = False) -> Iterator[str]:
    """Answer every request with the same bytes; give the base URL."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            with contextlib.suppress(OSError):
                while True:
                    connection, _ = listener.accept()
                    with connection, contextlib.suppress(OSError):
                        connection.recv(65536)
                        for part in parts:
                            connection.sendall(part)
                        while endless:
                            connection.sendall(parts[-1])

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/core/v1"
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()


@attrs.frozen(kw_only=True)
class Cost:
    """What one answer cost."""

    longest_turn: float
    """Seconds of processor time that one turn of the loop took at most."""

    memory: int
    """Bytes that were held at most, beyond what was held before; 0 if not measured."""

    outcome: str


async def _ask(url: str, endpoint: Endpoint[object], *, traced: bool) -> Cost:
    longest = 0.0

    async def watch() -> None:
        nonlocal longest
        before = time.thread_time()
        while True:
            await asyncio.sleep(0)
            now = time.thread_time()
            longest, before = max(longest, now - before), now

    async with KatapultClient(TOKEN, base_url=url, retry=RetryPolicy(attempts=1)) as client:
        gc.collect()
        held = tracemalloc.get_traced_memory()[0] if traced else 0
        tracemalloc.reset_peak()
        watcher = asyncio.create_task(watch())
        try:
            await client.call(endpoint)
            outcome = "answered"
        except KatapultError as error:
            outcome = str(error)
        await asyncio.sleep(0)  # the turn in which the call ended counts too
        await asyncio.sleep(0)
        watcher.cancel()
        peak = tracemalloc.get_traced_memory()[1] if traced else 0
    return Cost(longest_turn=longest, memory=peak - held, outcome=outcome)


def cost(loop: str, *parts: bytes, endpoint: Endpoint[object], endless: bool = False, traced: bool = False) -> Cost:
    """Measure what one answer costs the client."""
    gc.collect()
    gc.freeze()  # what this process holds besides does not count: a collection looks through all of it
    if traced:
        tracemalloc.start()
    try:
        with answering(*parts, endless=endless) as url, asyncio.Runner(loop_factory=LOOPS[loop]) as runner:
            return runner.run(_ask(url, endpoint, traced=traced))
    finally:
        tracemalloc.stop()
        gc.unfreeze()


def _anything(kind: object) -> Endpoint[object]:
    return Endpoint(path="/things", answer="things", type=kind)  # type: ignore[arg-type] # list[...] is what it gets


LINES: Final = _anything(list[str])
INTERFACES: Final = _anything(list[VirtualMachineNetworkInterface])


def _listed(item: bytes) -> bytes:
    """Return a list of as many of an item as the client takes."""
    count = min((LARGEST - 20) // (len(item) + 1), MOST_VALUES // (item.count(b",") + 1) - 1)
    return whole(b'{"things": [' + b",".join([item] * count) + b"]}")


def _packed(body: bytes, *, level: int = 6) -> bytes:
    return whole(gzip.compress(body, level), headers={"Content-Encoding": "gzip"})


@functools.cache
def heaviest() -> dict[str, tuple[Endpoint[object], tuple[bytes, ...], bool]]:
    """Return the answers that may cost most: by name, what is asked, what is sent, and whether it never ends."""
    addresses = _anything(AVAILABLE_IPS.type)
    unnamed = json.dumps({"id": "", "address": ""}, separators=(",", ":")).encode()
    named = json.dumps({"id": "", "state": "", "ip_addresses": [{"id": "", "address": ""}]}).encode()
    return {
        "many small objects": (addresses, (_listed(unnamed),), False),
        "many small objects, by cattrs": (INTERFACES, (_listed(b'{"id":""}'),), False),
        "many objects with objects, by cattrs": (INTERFACES, (_listed(named),), False),
        "many empty strings": (LINES, (_listed(b'""'),), False),
        "too many strings": (LINES, (whole(b'{"things": [' + b'"",' * 1_300_000 + b'""]}'),), False),
        "one long string": (LINES, (_listed(b'"' + b"x" * (LARGEST - 40) + b'"'),), False),
        "one long string of escapes": (LINES, (_listed(b'"' + b"\\u00e9" * (LARGEST // 6 - 40) + b'"'),), False),
        "unknown small objects": (
            LINES,
            (whole(b'{"u": [' + b",".join([b"{}"] * 130_000) + b'], "things": []}'),),
            False,
        ),
        "deep nesting": (LINES, (whole(b'{"u": ' + b"[" * 2_000_000 + b"]" * 2_000_000 + b"}"),), False),
        "not JSON": (LINES, (whole(b"<" * (LARGEST - 1)),), False),
        "a refusal of 4 MiB": (LINES, (whole(b"<" * (LARGEST - 1), "502 Bad Gateway"),), False),
        "a refusal of 60 kB, deep": (
            LINES,
            (
                whole(
                    b'{"error": {"code": "x", "detail": '
                    + b"[" * 500
                    + b"]" * 500
                    + b', "a": ['
                    + b"{}," * 19_000
                    + b"{}]}}",
                    "404 Not Found",
                ),
            ),
            False,
        ),
        "chunks of a byte": (
            LINES,
            (head(headers=standard_headers(Transfer_Encoding="chunked")), b"1\r\n \r\n" * 500_000, b"0\r\n\r\n"),
            False,
        ),
        "gzip of 4 MiB": (
            LINES,
            (_packed(_listed(b'"ab345678901234ab345678901234"').partition(b"\r\n\r\n")[2]),),
            False,
        ),
        "gzip bomb": (LINES, (_packed(b'{"things": [' + b" " * 40_000_000 + b"]}"),), False),
        "a body without an end": (LINES, (head(), b" " * 1_000_000), True),
        "headers without an end": (LINES, (b"HTTP/1.1 200 OK\r\n", b"X-Endless: 1\r\n" * 10_000), True),
        "interim answers without an end": (LINES, (head("100 Continue") * 20_000,), True),
    }


def main() -> None:
    """Print what each costs, on both loops."""
    for name, (endpoint, parts, endless) in heaviest().items():
        for loop in LOOPS:
            seen = cost(loop, *parts, endpoint=endpoint, endless=endless)
            held = cost(loop, *parts, endpoint=endpoint, endless=endless, traced=True).memory
            figures = f"{seen.longest_turn * 1000:7.1f} ms {held / LARGEST:6.2f} caps"
            sys.stdout.write(f"{name:40} {loop:8} {figures}   {seen.outcome[:60]}\n")


if __name__ == "__main__":
    main()
