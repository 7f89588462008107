"""A batch of 100,000 queries: the memory that it keeps, and whether the last items cost the same as the first."""

import asyncio
import json
import resource
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import attrs

from katapult_async import KatapultClient
from tests.benchmarks.minimal_server import minimal_server
from tests.benchmarks.ratios import Figure

_PARTS = 10
_SMALL_BATCH = 100
_TICK_SECONDS = 0.002
_RESIDENT_MEMORY_FILE = Path("/proc/self/statm")


def measure(items: int) -> list[Figure]:
    """Return the figures of one batch, in parts between which small batches run.

    The batch has a process of its own: every import makes each full garbage collection longer, and the other
    benchmarks import twice as much as a program that uses this package.

    Args:
        items: how many queries it has.
    """
    command = (sys.executable, "-m", __name__, str(items))
    measured = subprocess.run(command, stdout=subprocess.PIPE, check=True)
    return [Figure(**figure) for figure in json.loads(measured.stdout)]


async def _measure(base_url: str, items: int) -> list[Figure]:
    async with KatapultClient("token", base_url=base_url) as katapult:
        await _run_batch(katapult, _SMALL_BATCH)
        part = items // _PARTS
        small: list[float] = []  # processor seconds of one item in the small batches
        large: list[float] = []  # and in the large batch; one number for each part
        batches = max(1, part // 10 // _SMALL_BATCH)
        nics = katapult.virtual_machine_network_interfaces
        began_at = time.perf_counter()
        async with nics.available_ips_many(_ids(items), address_versions=("ipv4",)) as outcomes:
            await anext(outcomes)
            first = time.perf_counter() - began_at
            await _receive(outcomes, part - 1)
            memory_after_first_part = resident_memory()
            ticking = asyncio.create_task(_longest_stall())
            for _ in range(1, _PARTS):
                part_began_at = time.process_time()
                for _ in range(batches):
                    await _run_batch(katapult, _SMALL_BATCH)
                small_ended_at = time.process_time()
                await _receive(outcomes, part)
                small.append((small_ended_at - part_began_at) / (batches * _SMALL_BATCH))
                large.append((time.process_time() - small_ended_at) / part)
            ticking.cancel()
            stall = await ticking
    growth = resident_memory() - memory_after_first_part
    ratios = sorted(of_part / of_small for of_part, of_small in zip(large, small, strict=True))
    return [
        Figure(name=f"batch of {items:,}: memory growth", value=growth / 2**20, unit="MiB", goal=20),
        Figure(name=f"batch of {items:,}: first outcome", value=first, unit="s", goal=0.5),
        Figure(name=f"batch of {items:,}: longest event-loop stall", value=1000 * stall, unit="ms", goal=50),
        Figure(
            name=f"an item of a batch of {items:,} / {_SMALL_BATCH}", value=ratios[len(ratios) // 2], unit="x", goal=1.1
        ),
        Figure(name=f"batch of {items:,}: last tenth / second tenth", value=large[-1] / large[0], unit="x"),
    ]


async def _run_batch(katapult: KatapultClient, items: int) -> None:
    nics = katapult.virtual_machine_network_interfaces
    async with nics.available_ips_many(_ids(items), address_versions=("ipv4",)) as outcomes:
        await _receive(outcomes, items)


async def _receive(outcomes: AsyncIterator[object], count: int) -> None:
    for _ in range(count):
        await anext(outcomes)


def _ids(items: int) -> Iterator[str]:
    return (f"vmnet_{number:016d}" for number in range(items))


def resident_memory() -> int:
    """Return the bytes that this process has in memory; without a file in /proc, the most that it ever had."""
    if _RESIDENT_MEMORY_FILE.exists():
        return int(_RESIDENT_MEMORY_FILE.read_text().split()[1]) * resource.getpagesize()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else 1024 * peak


async def _longest_stall() -> float:
    """Return, when cancelled, the most processor time that passed between two iterations of the event loop."""
    longest = 0.0
    last = time.thread_time()
    try:
        while True:
            await asyncio.sleep(_TICK_SECONDS)
            now = time.thread_time()
            longest = max(longest, now - last)
            last = now
    except asyncio.CancelledError:
        return longest


if __name__ == "__main__":
    with minimal_server(addresses=2) as server_url:
        measured = asyncio.run(_measure(server_url, int(sys.argv[1])))
    print(json.dumps([attrs.asdict(figure) for figure in measured]))  # noqa: T201 # read by `measure`
