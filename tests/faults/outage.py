"""A full outage, with many calls waiting for its end: what they cost the server, and how they end."""

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Final

import attrs

from katapult_async import RateLimitPolicy, RetryPolicy, Timeouts

from .harness import Arena, arena, is_right
from .responses import raw, refuses

CALLS: Final = 20_000
SECONDS: Final = 60.0


@attrs.frozen(kw_only=True)
class Toll:
    """How the calls ended, and what the server got to see."""

    kind: str
    calls: int
    right: int
    extra: int
    """Requests beyond one for each call."""

    seconds: float
    """From the end of the outage to the end of the last call."""

    errors: Counter[str]

    def __str__(self) -> str:
        errors = "".join(f", {count} {name}" for name, count in self.errors.items())
        return (
            f"{self.kind}: {self.calls} calls, {self.right} right{errors}; {self.extra} extra requests, "
            f"done {self.seconds:.1f} s after the outage"
        )


async def _unavailable(stage: Arena) -> None:
    stage.breaks(refuses("503 Service Unavailable", "service_unavailable"))


async def _reset(stage: Arena) -> None:
    stage.breaks(raw(then="reset"))


async def _refused(stage: Arena) -> None:
    await stage.server.refuse()


KINDS: Final[dict[str, Callable[[Arena], Awaitable[None]]]] = {
    "service_unavailable": _unavailable,
    "connections reset": _reset,
    "connections refused": _refused,
}


async def run_outage(kind: str, *, calls: int, seconds: float) -> Toll:
    """Begin an outage, make all calls at once, and end it after so many seconds."""
    async with arena(timeouts=Timeouts(), retry=RetryPolicy(), rate_limit=RateLimitPolicy()) as stage:
        await stage.ask()
        await KINDS[kind](stage)
        before = len(stage.server.ledger)
        asked = [asyncio.ensure_future(stage.outcome(f"vmnet_{number}")) for number in range(calls)]
        await asyncio.sleep(seconds)
        stage.heals()
        if stage.server.port_is_closed:
            await stage.server.listen()
        ended_at = time.monotonic()
        outcomes = await asyncio.gather(*asked)
        right = sum(is_right(outcome, f"vmnet_{number}") for number, outcome in enumerate(outcomes))
        return Toll(
            kind=kind,
            calls=calls,
            right=right,
            extra=len(stage.server.ledger) - before - calls,
            seconds=time.monotonic() - ended_at,
            errors=Counter(type(outcome).__name__ for outcome in outcomes if not isinstance(outcome, list)),
        )
