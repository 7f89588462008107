"""Answers that nobody asked for, on connections that lie idle."""

import asyncio
import random
from typing import Final

import attrs

from .harness import arena, is_right
from .responses import addresses, good, whole
from .server import Received, Wire

CALLS: Final = 5000
SHARE: Final = 0.3
IDLE: Final = 0.005
"""Seconds between two calls."""

_SOMEBODY_ELSES = whole(addresses("vmnet_of_somebody_else"))
_PARTING = whole(b"", "408 Request Timeout", {"Connection": "close"})


@attrs.define
class Tally:
    calls: int = 0
    right: int = 0
    unasked: int = 0
    connections: int = 0
    sends: int = 0

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(*(a + b for a, b in zip(attrs.astuple(self), attrs.astuple(other), strict=True)))

    def __str__(self) -> str:
        return (
            f"{self.calls} calls, {self.calls - self.right} wrong; {self.unasked} unasked answers, "
            f"{self.connections} connections, {self.sends} requests"
        )


async def run_unasked(*, seed: int, calls: int, clients: int = 1) -> Tally:
    """Make calls with a pause after each, and count those that got an answer which is not their own."""
    tallies = await asyncio.gather(*(_one(seed=seed + each, calls=calls // clients) for each in range(clients)))
    return sum(tallies, Tally())


async def _one(*, seed: int, calls: int) -> Tally:
    draw = random.Random(seed)
    tally = Tally(calls=calls)

    async def act(wire: Wire, request: Received) -> None:
        await good(wire, request)
        if draw.random() < SHARE:
            tally.unasked += 1
            await asyncio.sleep(IDLE * 0.4 * draw.random())
            await wire.send(draw.choice((_SOMEBODY_ELSES, _PARTING, b"HTTP/1.1 2")))

    async with arena() as stage:
        stage.server.choose = lambda _: (None, act)
        for number in range(calls):
            key = f"vmnet_{seed}x{number}"
            tally.right += is_right(await stage.outcome(key), key)
            await asyncio.sleep(IDLE)
        tally.connections, tally.sends = stage.server.connections, len(stage.server.ledger)
    return tally
