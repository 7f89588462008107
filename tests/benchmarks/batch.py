"""A batch of 20,000 queries, against workers over a queue, written by hand."""

import asyncio

import aiohttp

from katapult_async import KatapultClient, Succeeded
from tests.benchmarks.call import request, session
from tests.benchmarks.minimal_server import AVAILABLE_IPS, minimal_server
from tests.benchmarks.ratios import Candidate, Ratio, compare_async

_WORKERS = 50


def measure(rounds: int, *, queries: int = 20_000) -> list[Ratio]:
    """Return the ratio for a batch. Each round runs a part of it, so that noise affects both sides equally."""
    with minimal_server(addresses=2) as base_url:
        return asyncio.run(_compare(base_url, rounds=rounds, queries=queries))


async def _compare(base_url: str, *, rounds: int, queries: int) -> list[Ratio]:
    ids = [f"vmnet_{number:016d}" for number in range(queries // rounds)]
    async with KatapultClient("token", base_url=base_url) as katapult, session() as by_hand:
        name = f"batch of {queries:,} queries, 2 addresses / workers over a queue"
        return await compare_async(
            [Candidate(name, lambda: run_with_client(katapult, ids), 1.25)],
            by_hand=lambda: run_with_workers(by_hand, base_url + AVAILABLE_IPS.path, ids),
            rounds=rounds,
            repeat=1,
        )


async def run_with_client(katapult: KatapultClient, ids: list[str]) -> None:
    """Request the addresses of every id with a batch of the client."""
    succeeded = 0
    nics = katapult.virtual_machine_network_interfaces
    async with nics.available_ips_many(ids, address_versions=("ipv4",), concurrency=_WORKERS) as outcomes:
        async for outcome in outcomes:
            if isinstance(outcome, Succeeded):
                succeeded += 1
    assert succeeded == len(ids)


async def run_with_workers(by_hand: aiohttp.ClientSession, url: str, ids: list[str]) -> None:
    """Request the addresses of every id with workers over a queue."""
    queue: asyncio.Queue[str] = asyncio.Queue()
    for interface_id in ids:
        queue.put_nowait(interface_id)
    results: list[tuple[str, object]] = []

    async def work() -> None:
        while not queue.empty():
            interface_id = queue.get_nowait()
            query = {"virtual_machine_network_interface[id]": interface_id, "address_version": "ipv4"}
            results.append((interface_id, await request(by_hand, url, query)))

    async with asyncio.TaskGroup() as workers:
        for _ in range(_WORKERS):
            workers.create_task(work())
    assert len(results) == len(ids)
