"""How long one response can stall the event loop, and how much memory it can take.

A thread writes a prepared response to a socket, so that the event loop does nothing but the client's work. An
event-loop iteration is measured in processor time of its thread: other programs on this machine do not count. Nor do
Python's garbage collections: a full one traverses all objects of a response at once, 30 to 80 ms for the heaviest,
depending on the machine.
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
from collections.abc import Callable, Iterator
from typing import Any, Final

import attrs

from katapult_async import (
    Endpoint,
    IPAddress,
    KatapultClient,
    KatapultError,
    RetryPolicy,
    VirtualMachine,
    VirtualMachineNetworkInterface,
    models,
)
from tests.bodies import INTERFACE, IP_ADDRESS, LISTED_MACHINE
from tests.public_names import MODEL_NAMES

from .harness import LOOPS, TOKEN
from .responses import full_response, head, standard_headers

LARGEST: Final = 4 * 1024 * 1024
"""Bytes of a body that a client accepts by default."""

MOST_VALUES: Final = 262_144
"""JSON values in a body that a client accepts."""


@contextlib.contextmanager
def serving(*parts: bytes, endless: bool = False) -> Iterator[str]:
    """Send the same bytes in response to every request; yield the base URL."""
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
    """What one response cost the client."""

    longest_iteration: float
    """Seconds of processor time that one event-loop iteration took at most, without garbage collections."""

    memory: int
    """Bytes that were held at most, beyond what was held before; 0 if not measured."""

    outcome: str
    """``decoded``, or the text of the error."""


@attrs.frozen
class HeavyResponse:
    """A response that may cost the client much."""

    endpoint: Endpoint[object]
    """The endpoint that is called."""

    parts: tuple[bytes, ...]
    """What the server sends."""

    endless: bool = attrs.field(default=False, kw_only=True)
    """Whether the last part is repeated without an end."""


@contextlib.contextmanager
def _clock_without_collections() -> Iterator[Callable[[], float]]:
    """Yield a clock of this thread's processor time, without that of garbage collections."""
    collected = began_at = 0.0

    def count(phase: str, _: object) -> None:
        nonlocal collected, began_at
        if phase == "start":
            began_at = time.thread_time()
        else:
            collected += time.thread_time() - began_at

    gc.callbacks.append(count)
    try:
        yield lambda: time.thread_time() - collected
    finally:
        gc.callbacks.remove(count)


async def _measure(url: str, endpoint: Endpoint[object], *, traced: bool, clock: Callable[[], float]) -> Cost:
    longest = 0.0

    async def watch() -> None:
        nonlocal longest
        before = clock()
        while True:
            await asyncio.sleep(0)
            now = clock()
            longest, before = max(longest, now - before), now

    async with KatapultClient(TOKEN, base_url=url, retry=RetryPolicy(attempts=1)) as client:
        gc.collect()
        held = tracemalloc.get_traced_memory()[0] if traced else 0
        tracemalloc.reset_peak()
        watcher = asyncio.create_task(watch())
        try:
            await client.call(endpoint)
            outcome = "decoded"
        except KatapultError as error:
            outcome = str(error)
        await asyncio.sleep(0)  # the iteration in which the call ended counts too
        await asyncio.sleep(0)
        watcher.cancel()
        peak = tracemalloc.get_traced_memory()[1] if traced else 0
    return Cost(longest_iteration=longest, memory=peak - held, outcome=outcome)


def cost(loop: str, response: HeavyResponse, *, traced: bool = False) -> Cost:
    """Measure what one response costs the client."""
    gc.collect()
    gc.freeze()  # other objects of this process do not count: a collection traverses all of them
    if traced:
        tracemalloc.start()
    try:
        with (
            serving(*response.parts, endless=response.endless) as url,
            asyncio.Runner(loop_factory=LOOPS[loop]) as runner,
            _clock_without_collections() as clock,
        ):
            return runner.run(_measure(url, response.endpoint, traced=traced, clock=clock))
    finally:
        tracemalloc.stop()
        gc.unfreeze()


def _listed(kind: object) -> Endpoint[object]:
    return Endpoint(path="/items", answer="items", type=list[kind])  # type: ignore[valid-type] # a type that is a value


STRINGS_ENDPOINT: Final = _listed(str)


def _value_count(value: object) -> int:
    match value:
        case dict():
            return 1 + sum(map(_value_count, value.values()))
        case list():
            return 1 + sum(map(_value_count, value))
    return 1


def _largest_list(item: object) -> bytes:
    """Return a response with a list that repeats an item as often as the client accepts."""
    text = json.dumps(item, separators=(",", ":")).encode()
    count = min((LARGEST - 20) // (len(text) + 1), (MOST_VALUES - 2) // _value_count(item))
    return full_response(b'{"items":[' + b",".join([text] * count) + b"]}")


def smallest(model: type[Any]) -> dict[str, object]:
    """Return the smallest JSON of a model: its required fields, as short as they can be."""
    required = [field for field in attrs.fields(attrs.resolve_types(model)) if field.default is attrs.NOTHING]
    return {field.name: smallest(field.type) if attrs.has(field.type) else "" for field in required}


MODELS: Final = sorted(
    filter(attrs.has, (getattr(models, name) for name in MODEL_NAMES)), key=lambda model: len(attrs.fields(model))
)
"""The models of the library, those with the most fields last."""


def _gzip_response(body: bytes) -> bytes:
    return full_response(gzip.compress(body, 6), headers={"Content-Encoding": "gzip"})


@functools.cache
def heaviest() -> dict[str, HeavyResponse]:
    """Return the responses that may cost most, by name."""
    list_of_machines = _listed(VirtualMachine)
    one_machine = Endpoint[object](path="/items", answer="items", type=VirtualMachine)
    addresses = b",".join([b'{"address":""}'] * (MOST_VALUES // 2 - 10))
    of_model = {
        f"{model.__name__}, as small as can be": HeavyResponse(_listed(model), (_largest_list(smallest(model)),))
        for model in MODELS[-3:]
    }
    return of_model | {
        "addresses": HeavyResponse(_listed(IPAddress), (_largest_list(IP_ADDRESS),)),
        "virtual machines": HeavyResponse(list_of_machines, (_largest_list(LISTED_MACHINE),)),
        "interfaces": HeavyResponse(_listed(VirtualMachineNetworkInterface), (_largest_list(INTERFACE),)),
        "one machine with many addresses": HeavyResponse(
            one_machine,
            (full_response(b'{"items":{"id":"","ip_addresses":[' + addresses + b"]}}"),),
        ),
        "zeros in the place of machines": HeavyResponse(list_of_machines, (_largest_list(0),)),
        "empty lists of any type": HeavyResponse(_listed(object), (_largest_list([]),)),
        "nested lists of any type": HeavyResponse(_listed(object), (_largest_list([[[]]]),)),
        "many empty strings": HeavyResponse(STRINGS_ENDPOINT, (_largest_list(""),)),
        "too many strings": HeavyResponse(
            STRINGS_ENDPOINT, (full_response(b'{"items": [' + b'"",' * 1_300_000 + b'""]}'),)
        ),
        "too many escapes": HeavyResponse(
            STRINGS_ENDPOINT,
            (full_response(b'{"items": ["' + b'\\"' * 1_000_000 + b'",' + b"[]," * 600_000 + b"0]}"),),
        ),
        "one string of commas": HeavyResponse(
            STRINGS_ENDPOINT,
            (full_response(b'{"items": ["' + b"," * (LARGEST - 40) + b'"]}'),),
        ),
        "one long string": HeavyResponse(STRINGS_ENDPOINT, (_largest_list("x" * (LARGEST - 40)),)),
        "one long string of escapes": HeavyResponse(STRINGS_ENDPOINT, (_largest_list("é" * (LARGEST // 6 - 40)),)),
        "unknown small objects": HeavyResponse(
            STRINGS_ENDPOINT,
            (full_response(b'{"u": [' + b",".join([b"{}"] * (MOST_VALUES - 10)) + b'], "items": []}'),),
        ),
        "unknown fields beside the result": HeavyResponse(
            STRINGS_ENDPOINT,
            (full_response(b'{"items": [], ' + b",".join(b'"%d": 1' % n for n in range(MOST_VALUES - 10)) + b"}"),),
        ),
        "deep nesting": HeavyResponse(
            STRINGS_ENDPOINT,
            (full_response(b'{"u": ' + b"[" * 2_000_000 + b"]" * 2_000_000 + b"}"),),
        ),
        "not JSON": HeavyResponse(STRINGS_ENDPOINT, (full_response(b"<" * (LARGEST - 1)),)),
        "an error of 4 MiB": HeavyResponse(STRINGS_ENDPOINT, (full_response(b"<" * (LARGEST - 1), "502 Bad Gateway"),)),
        "an error of 60 kB, deep": HeavyResponse(
            STRINGS_ENDPOINT,
            (
                full_response(
                    b'{"error": {"code": "x", "detail": '
                    + b"[" * 500
                    + b"]" * 500
                    + b', "a": ['
                    + b"{}," * 19_000
                    + b"{}]}}",
                    "404 Not Found",
                ),
            ),
        ),
        "an error of 60 kB, many strings in its detail": HeavyResponse(
            STRINGS_ENDPOINT,
            (full_response(b'{"error": {"code": "x", "detail": [' + b'"",' * 20_000 + b'""]}}', "404 Not Found"),),
        ),
        "chunks of a byte": HeavyResponse(
            STRINGS_ENDPOINT,
            (head(headers=standard_headers(Transfer_Encoding="chunked")), b"1\r\n \r\n" * 500_000, b"0\r\n\r\n"),
        ),
        "gzip of 4 MiB": HeavyResponse(
            STRINGS_ENDPOINT,
            (_gzip_response(_largest_list("ab345678901234ab345678901234").partition(b"\r\n\r\n")[2]),),
        ),
        "gzip bomb": HeavyResponse(STRINGS_ENDPOINT, (_gzip_response(b'{"items": [' + b" " * 40_000_000 + b"]}"),)),
        "a body without an end": HeavyResponse(STRINGS_ENDPOINT, (head(), b" " * 1_000_000), endless=True),
        "headers without an end": HeavyResponse(
            STRINGS_ENDPOINT, (b"HTTP/1.1 200 OK\r\n", b"X-Endless: 1\r\n" * 10_000), endless=True
        ),
        "interim responses without an end": HeavyResponse(
            STRINGS_ENDPOINT, (head("100 Continue") * 20_000,), endless=True
        ),
    }


def main() -> None:
    """Print what each of the heaviest responses costs the client, on both loops."""
    for name, response in heaviest().items():
        for loop in LOOPS:
            measured = cost(loop, response)
            held = cost(loop, response, traced=True).memory
            figures = f"{measured.longest_iteration * 1000:7.1f} ms {held / LARGEST:6.2f} x 4 MiB"
            sys.stdout.write(f"{name:40} {loop:8} {figures}   {measured.outcome[:60]}\n")


if __name__ == "__main__":
    main()
