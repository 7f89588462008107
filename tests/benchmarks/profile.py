"""Where the time of a batch goes: processor time a query by layer, ours and by hand, as cProfile sees it."""

import asyncio
import cProfile
import pstats
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any, Final

import click

from katapult_async import KatapultClient
from katapult_async.resources.virtual_machine_network_interfaces import AVAILABLE_IPS
from tests.benchmarks.batch import by_workers, with_client
from tests.benchmarks.call import session
from tests.benchmarks.origin import origin

_LAYERS: Final = ("katapult_async", "tests", "aiohttp", "yarl", "asyncio", "json")
_QUERIES: Final = 3000


@click.command("profile")
def main() -> None:
    """Show where the time of a batch goes. A profile makes many small calls look dearer than they are."""
    with origin(addresses=2) as base_url:
        asyncio.run(_compare(base_url))


async def _compare(base_url: str) -> None:
    ids = [f"vmnet_{number:016d}" for number in range(_QUERIES)]
    async with KatapultClient("token", base_url=base_url) as katapult, session() as by_hand:
        click.echo(await _told("ours", lambda: with_client(katapult, ids)))
        click.echo(await _told("by hand", lambda: by_workers(by_hand, base_url + AVAILABLE_IPS.path, ids)))


async def _told(name: str, work: Callable[[], Awaitable[None]]) -> str:
    await work()
    profile = cProfile.Profile()
    profile.enable()
    await work()
    profile.disable()
    seconds: Counter[str] = Counter()
    rows: Any = pstats.Stats(profile).stats  # type: ignore[attr-defined] # typeshed leaves it out
    for (path, _, _), (_, _, own, _, _) in rows.items():
        seconds[next((layer for layer in _LAYERS if f"/{layer}/" in path), "built in")] += own
    each = ", ".join(f"{layer} {own / _QUERIES * 1e6:.0f} us" for layer, own in seconds.most_common() if own > 0)
    return f"{name}: {seconds.total() / _QUERIES * 1e6:.0f} us a query; {each}"
