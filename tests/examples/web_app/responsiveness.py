"""How long visitors of the web application wait, without streams and while streams run in its process.

``python -m tests.examples.web_app.responsiveness`` prints it. The sandbox, the application and the visitor are three
processes. Idle and busy rounds alternate, so that noise affects both equally.
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

__all__ = ["Latencies", "Outcome", "measure", "measure_used_up"]

_WEB_APP: Final = Path(__file__).parents[3] / "examples" / "web_app"
_LATENCY: Final = 0.02  # seconds that the sandbox takes for each response
_MACHINES: Final = 3000  # more than a stream gets through during a measurement
_UNLIMITED: Final = 1_000_000  # requests that a window permits: more than are sent


@attrs.frozen
class Latencies:
    """Seconds that responses took."""

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
    """How long a visitor waited."""

    idle: Latencies
    busy: Latencies
    streamed: int
    """Results that the streams sent while the visitor waited."""

    @property
    def ratio(self) -> float:
        return self.busy.p90 / self.idle.p90


@contextlib.asynccontextmanager
async def _started(*arguments: str, environ: Mapping[str, str]) -> AsyncIterator[asyncio.StreamReader]:
    """Start a Python program, yield its output, and kill it at the end."""
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
    """Start a sandbox and the application that uses it; yield a visitor's session."""
    size = ("--machines", str(machines), "--interfaces", str(2 * machines))
    limits = ("--permitted", str(permitted), "--latency", str(_LATENCY))
    async with _started("-m", "katapult_async", "sandbox", *size, *limits, environ={}) as sandbox:
        exports = [(await sandbox.readline()).decode().split()[1].split("=", 1) for _ in range(2)]
        async with _started(str(_WEB_APP), "--port", "0", environ=dict(exports)) as web_app:
            url = (await web_app.readline()).decode().strip()
            async with aiohttp.ClientSession(url) as visitor:
                yield visitor


async def _get(visitor: aiohttp.ClientSession, path: str) -> int:
    async with visitor.get(path) as response:
        await response.read()
        return response.status


async def _latencies(visitor: aiohttp.ClientSession, path: str, *, times: int) -> list[float]:
    seconds = []
    for _ in range(times):
        began_at = time.perf_counter()
        assert await _get(visitor, path) == 200
        seconds.append(time.perf_counter() - began_at)
    return seconds


async def _read_stream(
    visitor: aiohttp.ClientSession, organization_id: str, *, results: list[bytes], begun: asyncio.Event
) -> None:
    """Read a stream until cancelled."""
    async with visitor.get(f"api/organizations/{organization_id}/fleet") as stream:
        async for line in stream.content:
            if line.startswith(b"event: addresses"):
                results.append(line)
                begun.set()


@contextlib.asynccontextmanager
async def _streams(visitor: aiohttp.ClientSession, *, viewers: int, results: list[bytes]) -> AsyncIterator[None]:
    """Run streams, and yield when each has sent its first result."""
    async with visitor.get("api/organizations") as response:
        ids = [organization["id"] for organization in (await response.json())["organizations"]]
    begun = [asyncio.Event() for _ in range(viewers)]
    readers = [
        asyncio.create_task(_read_stream(visitor, ids[number % len(ids)], results=results, begun=event))
        for number, event in enumerate(begun)
    ]
    try:
        for event in begun:
            await event.wait()
        yield
    finally:
        for reader in readers:
            reader.cancel()
        await asyncio.gather(*readers, return_exceptions=True)


async def _addresses_path(visitor: aiohttp.ClientSession) -> str:
    """Return the path of the free addresses of the first interface."""
    async with visitor.get("api/organizations") as response:
        [first, *_] = (await response.json())["organizations"]
    async with visitor.get(f"api/organizations/{first['id']}/fleet") as stream:
        async for line in stream.content:
            if line.startswith(b'data: {"id": "'):
                interface_id = line.decode().split('"')[3]
                break
    return f"api/interfaces/{interface_id}/available_ips?address_version=ipv4"


async def measure(*, viewers: int, rounds: int, times: int, machines: int = _MACHINES) -> Outcome:
    """Return how long a visitor waits.

    Args:
        viewers: streams that run at once in the busy rounds.
        rounds: idle rounds, each followed by a busy one.
        times: requests in one round, one after another.
        machines: number of machines in the sandbox.
    """
    idle: list[float] = []
    busy: list[float] = []
    results: list[bytes] = []
    streamed = 0
    async with _application(permitted=_UNLIMITED, machines=machines) as visitor:
        path = await _addresses_path(visitor)
        await _latencies(visitor, path, times=times)
        for _ in range(rounds):
            idle += await _latencies(visitor, path, times=times)
            async with _streams(visitor, viewers=viewers, results=results):
                before = len(results)
                busy += await _latencies(visitor, path, times=times)
                streamed += len(results) - before
    return Outcome(idle=Latencies(tuple(idle)), busy=Latencies(tuple(busy)), streamed=streamed)


async def measure_used_up(*, permitted: int) -> list[tuple[int, float]]:
    """Return the status and the seconds of ten responses while a stream waits for the next window."""
    responses = []
    async with _application(permitted=permitted) as visitor:
        path = await _addresses_path(visitor)
        async with _streams(visitor, viewers=1, results=[]):
            for _ in range(permitted):
                await _get(visitor, path)
            for _ in range(10):
                began_at = time.perf_counter()
                status = await _get(visitor, path)
                responses.append((status, time.perf_counter() - began_at))
    return responses


async def _report(*, rounds: int, times: int) -> None:
    for viewers in (1, 2, 4):
        outcome = await measure(viewers=viewers, rounds=rounds, times=times)
        click.echo(
            f"streams: {viewers}; idle {outcome.idle}; during them {outcome.busy};"
            f" p90 ratio {outcome.ratio:.2f} (goal 3); {outcome.streamed} results of the streams meanwhile"
        )
    responses = await measure_used_up(permitted=60)
    refused = [seconds for status, seconds in responses if status == 503]
    slowest = f", in {1000 * max(refused):.1f} ms at most" if refused else ""
    click.echo(f"used-up window: {len(refused)} of {len(responses)} responses were 503{slowest}")


@click.command(name="responsiveness")
@click.option("--rounds", default=5, show_default=True, help="Idle rounds, each followed by a busy one.")
@click.option("--times", default=40, show_default=True, help="Requests in a round, one after another.")
def main(*, rounds: int, times: int) -> None:
    """Measure how long a visitor waits, without streams and during streams."""
    asyncio.run(_report(rounds=rounds, times=times))


if __name__ == "__main__":
    main(prog_name="python -m tests.examples.web_app.responsiveness")
