"""How long visitors of the web application wait, idle and while walks run in its process.

``python -m tests.examples.responsiveness`` prints it. The sandbox, the application and the visitor are three
processes; idle turns and busy turns take turns, so that noise falls on both alike.
"""

import asyncio
import contextlib
import os
import statistics
import sys
import time
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Final

import aiohttp
import attrs
import click

__all__ = ["Latencies", "Outcome", "measure", "measure_spent"]

_WEB_APP: Final = Path(__file__).parents[2] / "examples" / "web_app"
_LATENCY: Final = 0.02  # seconds: what the sandbox takes for each answer
_MACHINES: Final = 3000  # more than is walked while anybody measures
_AMPLE: Final = 1_000_000  # requests that a window permits


@attrs.frozen
class Latencies:
    """Seconds that answers took."""

    seconds: tuple[float, ...]

    @property
    def p50(self) -> float:
        return statistics.median(self.seconds)

    @property
    def p90(self) -> float:
        return statistics.quantiles(self.seconds, n=10)[-1]

    def __str__(self) -> str:
        return f"p50 {self.p50 * 1000:.1f} ms, p90 {self.p90 * 1000:.1f} ms"


@attrs.frozen(kw_only=True)
class Outcome:
    """What the visitor met."""

    idle: Latencies
    busy: Latencies
    walked: int
    """Requests of the walks that were answered while the visitor asked."""

    @property
    def ratio(self) -> float:
        return self.busy.p90 / self.idle.p90


@contextlib.asynccontextmanager
async def _started(*arguments: str, environ: Mapping[str, str]) -> AsyncIterator[asyncio.StreamReader]:
    """Start a Python program; give its output, and end it in the end."""
    program = await asyncio.create_subprocess_exec(
        sys.executable,
        *arguments,
        env={**os.environ, **environ},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    assert program.stdout is not None
    try:
        yield program.stdout
    finally:
        program.kill()
        await program.communicate()


@contextlib.asynccontextmanager
async def _application(*, permitted: int, machines: int = _MACHINES) -> AsyncIterator[aiohttp.ClientSession]:
    """Start a sandbox and the application that asks it; give a visitor."""
    world = ("--machines", str(machines), "--interfaces", str(2 * machines))
    limits = ("--permitted", str(permitted), "--latency", str(_LATENCY))
    async with _started("-m", "katapult_async", "sandbox", *world, *limits, environ={}) as sandbox:
        exports = [(await sandbox.readline()).decode().split()[1].split("=", 1) for _ in range(2)]
        async with _started(str(_WEB_APP), "--port", "0", environ=dict(exports)) as web_app:
            url = (await web_app.readline()).decode().strip()
            async with aiohttp.ClientSession(url) as visitor:
                yield visitor


async def _ask(visitor: aiohttp.ClientSession, path: str) -> int:
    async with visitor.get(path) as answer:
        await answer.read()
        return answer.status


async def _latencies(visitor: aiohttp.ClientSession, path: str, *, times: int) -> list[float]:
    found = []
    for _ in range(times):
        began_at = time.perf_counter()
        assert await _ask(visitor, path) == 200
        found.append(time.perf_counter() - began_at)
    return found


async def _view(
    visitor: aiohttp.ClientSession, organization_id: str, *, tally: list[bytes], begun: asyncio.Event
) -> None:
    """Watch a walk until cancelled."""
    async with visitor.get(f"api/organizations/{organization_id}/fleet") as stream:
        async for line in stream.content:
            if line.startswith(b"event: addresses"):
                tally.append(line)
                begun.set()


@contextlib.asynccontextmanager
async def _walks(visitor: aiohttp.ClientSession, *, viewers: int, tally: list[bytes]) -> AsyncIterator[None]:
    """Keep so many walks running, and begin when the first answers have come."""
    async with visitor.get("api/organizations") as answer:
        ids = [each["id"] for each in (await answer.json())["organizations"]]
    begun = [asyncio.Event() for _ in range(viewers)]
    views = [
        asyncio.create_task(_view(visitor, ids[number % len(ids)], tally=tally, begun=event))
        for number, event in enumerate(begun)
    ]
    try:
        for event in begun:
            await event.wait()
        yield
    finally:
        for view in views:
            view.cancel()
        await asyncio.gather(*views, return_exceptions=True)


async def _some_interface(visitor: aiohttp.ClientSession) -> str:
    """Return the path that asks for the addresses of some interface."""
    async with visitor.get("api/organizations") as answer:
        [first, *_] = (await answer.json())["organizations"]
    async with visitor.get(f"api/organizations/{first['id']}/fleet") as stream:
        async for line in stream.content:
            if line.startswith(b'data: {"id": "'):
                interface_id = line.decode().split('"')[3]
                break
    return f"api/interfaces/{interface_id}/available_ips?address_version=ipv4"


async def measure(*, viewers: int, rounds: int, times: int, machines: int = _MACHINES) -> Outcome:
    """Return how long a visitor waits.

    Args:
        viewers: walks that run at once in the busy turns.
        rounds: idle and busy turns, in turns.
        times: requests in one turn, one after the other.
        machines: how many there are to walk over.
    """
    idle: list[float] = []
    busy: list[float] = []
    tally: list[bytes] = []
    walked = 0
    async with _application(permitted=_AMPLE, machines=machines) as visitor:
        path = await _some_interface(visitor)
        await _latencies(visitor, path, times=times)
        for _ in range(rounds):
            idle += await _latencies(visitor, path, times=times)
            async with _walks(visitor, viewers=viewers, tally=tally):
                before = len(tally)
                busy += await _latencies(visitor, path, times=times)
                walked += len(tally) - before
    return Outcome(idle=Latencies(tuple(idle)), busy=Latencies(tuple(busy)), walked=walked)


async def measure_spent(*, permitted: int) -> list[tuple[int, float]]:
    """Return the status and the seconds of ten answers while a walk waits for a window that is spent."""
    found = []
    async with _application(permitted=permitted) as visitor:
        path = await _some_interface(visitor)
        async with _walks(visitor, viewers=1, tally=[]):
            for _ in range(permitted):
                await _ask(visitor, path)
            for _ in range(10):
                began_at = time.perf_counter()
                status = await _ask(visitor, path)
                found.append((status, time.perf_counter() - began_at))
    return found


async def _report(*, rounds: int, times: int) -> None:
    for viewers in (1, 2, 4):
        outcome = await measure(viewers=viewers, rounds=rounds, times=times)
        click.echo(
            f"{viewers} walks: idle {outcome.idle}; during them {outcome.busy};"
            f" p90 ratio {outcome.ratio:.2f} (goal 3); {outcome.walked} answers of the walks meanwhile"
        )
    spent = await measure_spent(permitted=60)
    refused = [seconds for status, seconds in spent if status == 503]
    slowest = f", in {1000 * max(refused):.1f} ms at most" if refused else ""
    click.echo(f"spent window: {len(refused)} of {len(spent)} answered 503{slowest}")


@click.command(name="responsiveness")
@click.option("--rounds", default=5, show_default=True, help="Idle and busy turns.")
@click.option("--times", default=40, show_default=True, help="Requests in a turn, one after the other.")
def main(*, rounds: int, times: int) -> None:
    """Measure how long a visitor waits, idle and during walks."""
    asyncio.run(_report(rounds=rounds, times=times))


if __name__ == "__main__":
    main(prog_name="python -m tests.examples.responsiveness")
