"""A minimal HTTP server in a process of its own, so that a benchmark measures the cost of the client only."""

import asyncio
import contextlib
import email.utils
import json
import multiprocessing
import time
from collections.abc import Iterator
from multiprocessing.connection import Connection
from typing import Final

from katapult_async.resources.virtual_machine_network_interfaces import VirtualMachineNetworkInterfaces
from tests.tied_methods import endpoint_of

_ENDPOINT = endpoint_of(VirtualMachineNetworkInterfaces.available_ips)
assert _ENDPOINT is not None

AVAILABLE_IPS: Final = _ENDPOINT
"""The operation whose responses the benchmarks measure."""

_COUNTRY = {"id": "ctry_6Ab2kQvW0sNd4fGh", "name": "United Kingdom", "iso_code2": "GB", "iso_code3": "GBR", "eu": False}
_DATA_CENTER = {"id": "loc_8Rt3mYpLx1ZcVbNq", "name": "London", "permalink": "london", "country": _COUNTRY}
_NETWORK = {"id": "netw_4Kj7hGfDs2PoIuYt", "name": "Public", "permalink": "public", "data_center": _DATA_CENTER}


def addresses_body(addresses: int) -> bytes:
    """Return a response body with a number of addresses, with the fields that Katapult sends."""
    return json.dumps(
        {
            "ip_addresses": [
                {
                    "id": f"ip_{number:016d}",
                    "address": f"198.51.100.{number}",
                    "reverse_dns": f"host-{number}.acme.example",
                    "vip": False,
                    "label": None,
                    "address_with_mask": f"198.51.100.{number}/24",
                    "network": _NETWORK,
                    "allocation_id": None,
                    "allocation_type": None,
                }
                for number in range(addresses)
            ]
        }
    ).encode()


class _MinimalServer(asyncio.Protocol):
    def __init__(self, body: bytes) -> None:
        self._body = body
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        *requests, self._received = (self._received + data).split(b"\r\n\r\n")
        for _ in requests:
            date = email.utils.formatdate(time.time(), usegmt=True)
            head = (
                f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(self._body)}\r\n"
                f"Date: {date}\r\nX-Request-Id: 00000000-0000-4000-8000-000000000000\r\n"
                "X-Ratelimit-Permitted: 10000000\r\nX-Ratelimit-Remaining: 9999999\r\n\r\n"
            )
            self._transport.write(head.encode() + self._body)


def _serve(addresses: int, parent: Connection) -> None:
    async def serve() -> None:
        body = addresses_body(addresses)
        server = await asyncio.get_running_loop().create_server(lambda: _MinimalServer(body), "127.0.0.1", 0)
        _, port = server.sockets[0].getsockname()
        parent.send(port)
        await server.serve_forever()

    asyncio.run(serve())


@contextlib.contextmanager
def minimal_server(*, addresses: int) -> Iterator[str]:
    """Run the server, and yield the base URL for a client.

    Args:
        addresses: number of addresses in every response.
    """
    parent_end, child_end = multiprocessing.get_context("spawn").Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_serve, args=(addresses, child_end), daemon=True)
    process.start()
    child_end.close()  # so that `recv` raises if the child process cannot start
    try:
        yield f"http://127.0.0.1:{parent_end.recv()}/core/v1"
    finally:
        process.kill()
        process.join()
        parent_end.close()
