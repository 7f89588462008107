"""A server that does as little as it can, in a process of its own, so that only the client's cost is measured."""

import asyncio
import contextlib
import email.utils
import json
import multiprocessing
import time
from collections.abc import Iterator
from multiprocessing.connection import Connection

_COUNTRY = {"id": "ctry_6Ab2kQvW0sNd4fGh", "name": "United Kingdom", "iso_code2": "GB", "iso_code3": "GBR", "eu": False}
_DATA_CENTER = {"id": "loc_8Rt3mYpLx1ZcVbNq", "name": "London", "permalink": "london", "country": _COUNTRY}
_NETWORK = {"id": "netw_4Kj7hGfDs2PoIuYt", "name": "Public", "permalink": "public", "data_center": _DATA_CENTER}


def answer_of(addresses: int) -> bytes:
    """Return the body of an answer with so many addresses, shaped as Katapult's are."""
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


class _Origin(asyncio.Protocol):
    def __init__(self, body: bytes) -> None:
        self._body = body
        self._seen = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        *requests, self._seen = (self._seen + data).split(b"\r\n\r\n")
        for _ in requests:
            date = email.utils.formatdate(time.time(), usegmt=True)
            head = (
                f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(self._body)}\r\n"
                f"Date: {date}\r\nX-Request-Id: 00000000-0000-4000-8000-000000000000\r\n"
                "X-Ratelimit-Permitted: 10000000\r\nX-Ratelimit-Remaining: 9999999\r\n\r\n"
            )
            self._transport.write(head.encode() + self._body)


def _serve(addresses: int, port: Connection) -> None:
    async def serve() -> None:
        body = answer_of(addresses)
        server = await asyncio.get_running_loop().create_server(lambda: _Origin(body), "127.0.0.1", 0)
        port.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(serve())


@contextlib.contextmanager
def origin(*, addresses: int) -> Iterator[str]:
    """Run the server, and yield the base URL to give to a client.

    Args:
        addresses: how many every answer has.
    """
    ours, theirs = multiprocessing.get_context("spawn").Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_serve, args=(addresses, theirs), daemon=True)
    process.start()
    theirs.close()  # so that a child that cannot start is noticed
    try:
        yield f"http://127.0.0.1:{ours.recv()}/core/v1"
    finally:
        process.kill()
        process.join()
        ours.close()
