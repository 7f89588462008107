"""A full outage while many calls wait for its end: how many requests it costs the server, and how the calls end."""

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Final

import attrs

from katapult_async import RateLimitPolicy, RetryPolicy, Timeouts

from .harness import Harness, is_correct, start_harness
from .responses import send_error, send_raw

CALLS: Final = 20_000
SECONDS: Final = 60.0


@attrs.frozen(kw_only=True)
class OutageResult:
    """How the calls ended, and how many requests the server received."""

    kind: str
    calls: int
    correct: int
    """Calls that returned the correct result."""

    extra_requests: int
    """Requests beyond one for each call."""

    seconds: float
    """From the end of the outage to the end of the last call."""

    errors: Counter[str]
    """Calls that failed, by the class of their error."""

    def __str__(self) -> str:
        errors = "".join(f", {count} {name}" for name, count in self.errors.items())
        return (
            f"{self.kind}: {self.calls} calls, {self.correct} correct{errors}; {self.extra_requests} extra requests, "
            f"last call done {self.seconds:.1f} s after the outage"
        )


async def _respond_503(harness: Harness) -> None:
    harness.respond_with(send_error("503 Service Unavailable", "service_unavailable"))


async def _reset_connections(harness: Harness) -> None:
    harness.respond_with(send_raw(then="reset"))


async def _refuse_connections(harness: Harness) -> None:
    await harness.server.stop_listening()


OUTAGES: Final[dict[str, Callable[[Harness], Awaitable[None]]]] = {
    "503 responses": _respond_503,
    "connections reset": _reset_connections,
    "connections refused": _refuse_connections,
}


async def run_outage(kind: str, *, calls: int, seconds: float) -> OutageResult:
    """Start an outage, make all calls at once, and end the outage after some seconds."""
    async with start_harness(timeouts=Timeouts(), retry=RetryPolicy(), rate_limit=RateLimitPolicy()) as harness:
        await harness.call()
        await OUTAGES[kind](harness)
        requests_before = len(harness.server.request_log)
        tasks = [asyncio.ensure_future(harness.outcome(f"vmnet_{number}")) for number in range(calls)]
        await asyncio.sleep(seconds)
        harness.respond_correctly()
        if not harness.server.is_listening:
            await harness.server.listen()
        ended_at = time.monotonic()
        outcomes = await asyncio.gather(*tasks)
        correct = [number for number, outcome in enumerate(outcomes) if is_correct(outcome, f"vmnet_{number}")]
        return OutageResult(
            kind=kind,
            calls=calls,
            correct=len(correct),
            extra_requests=len(harness.server.request_log) - requests_before - calls,
            seconds=time.monotonic() - ended_at,
            errors=Counter(type(outcome).__name__ for outcome in outcomes if not isinstance(outcome, list)),
        )
