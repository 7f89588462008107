"""Processor time of a batch by layer, with the client and by hand, measured by cProfile."""

import asyncio
import cProfile
import pstats
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any, Final

import click

from katapult_async import KatapultClient
from tests.benchmarks.batch import run_with_client, run_with_workers
from tests.benchmarks.call import session
from tests.benchmarks.minimal_server import AVAILABLE_IPS, minimal_server

_LAYERS: Final = ("katapult_async", "tests", "aiohttp", "yarl", "asyncio", "json")
_QUERIES: Final = 3000


@click.command("profile")
def main() -> None:
    """Print the processor time of a batch by layer. Profiling overstates the cost of many small calls."""
    with minimal_server(addresses=2) as base_url:
        asyncio.run(_compare(base_url))


async def _compare(base_url: str) -> None:
    ids = [f"vmnet_{number:016d}" for number in range(_QUERIES)]
    async with KatapultClient("token", base_url=base_url) as katapult, session() as by_hand:
        click.echo(await _profiled("client", lambda: run_with_client(katapult, ids)))
        click.echo(await _profiled("by hand", lambda: run_with_workers(by_hand, base_url + AVAILABLE_IPS.path, ids)))


async def _profiled(name: str, work: Callable[[], Awaitable[None]]) -> str:
    """Return a line with the microseconds that each layer took for one query."""
    await work()
    profile = cProfile.Profile()
    profile.enable()
    await work()
    profile.disable()
    seconds: Counter[str] = Counter()
    rows: Any = pstats.Stats(profile).stats  # type: ignore[attr-defined] # typeshed leaves it out
    for (path, _, _), (_, _, own, _, _) in rows.items():
        layer_of_path = next((layer for layer in _LAYERS if f"/{layer}/" in path), "built in")
        seconds[layer_of_path] += own
    layers = ", ".join(f"{layer} {own / _QUERIES * 1e6:.0f} us" for layer, own in seconds.most_common() if own > 0)
    return f"{name}: {seconds.total() / _QUERIES * 1e6:.0f} us per query; {layers}"
