"""Unsolicited responses: bytes that the server sends on idle connections, without a request for them."""

import asyncio
import random
from typing import Final

import attrs

from .harness import is_correct, start_harness
from .responses import addresses_body, full_response, send_correct_response
from .server import Connection, ReceivedRequest

CALLS: Final = 5000
SHARE: Final = 0.3
"""Fraction of the calls that an unsolicited response follows."""

PAUSE: Final = 0.005
"""Seconds between two calls."""

_UNSOLICITED: Final = (
    full_response(addresses_body("vmnet_of_another_call")),
    full_response(b"", "408 Request Timeout", {"Connection": "close"}),
    b"HTTP/1.1 2",
)


@attrs.define
class Counts:
    """How many calls, responses, connections and requests a run had."""

    calls: int = 0
    correct: int = 0
    """Calls that returned their own result."""

    unsolicited: int = 0
    """Unsolicited responses that were sent."""

    connections: int = 0
    requests: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(*(a + b for a, b in zip(attrs.astuple(self), attrs.astuple(other), strict=True)))

    def __str__(self) -> str:
        return (
            f"{self.calls} calls, {self.calls - self.correct} wrong; {self.unsolicited} unsolicited responses, "
            f"{self.connections} connections, {self.requests} requests"
        )


async def run_unsolicited_responses(*, seed: int, calls: int, clients: int = 1) -> Counts:
    """Make calls with a pause after each, and count those that return their own result."""
    runs = (_run_client(seed=seed + number, calls=calls // clients) for number in range(clients))
    return sum(await asyncio.gather(*runs), Counts())


async def _run_client(*, seed: int, calls: int) -> Counts:
    draw = random.Random(seed)
    counts = Counts(calls=calls)

    async def respond(connection: Connection, request: ReceivedRequest) -> None:
        await send_correct_response(connection, request)
        if draw.random() < SHARE:
            counts.unsolicited += 1
            await asyncio.sleep(PAUSE * 0.4 * draw.random())
            await connection.send(draw.choice(_UNSOLICITED))

    async with start_harness() as harness:
        harness.server.choose = lambda _: (None, respond)
        for number in range(calls):
            key = f"vmnet_{seed}x{number}"
            if is_correct(await harness.outcome(key), key):
                counts.correct += 1
            await asyncio.sleep(PAUSE)
        counts.connections, counts.requests = harness.server.connections, len(harness.server.request_log)
    return counts
