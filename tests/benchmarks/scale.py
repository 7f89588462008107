"""Many tokens in one process: requests a second, memory while their clients are open, and after they were closed.

`scale.md` says what follows from the figures.
"""

import asyncio
import contextlib
import gc
import json
import resource
import subprocess
import sys
import time
import weakref

import attrs
import click

from katapult_async import KatapultClient, RateLimitPolicy
from katapult_async.rate_limit.limiter import RateLimiter
from tests.benchmarks.memory import resident_memory
from tests.benchmarks.minimal_server import minimal_server
from tests.benchmarks.results import machine

__all__ = ["Figures", "main", "measure", "table"]

_RATE = 1000 / 60
"""Requests a second that Katapult permits a token."""

_CYCLES = 3
_MIN_REQUESTS = 20  # requests of each token: the time to open its connection is divided among them
_WINDOW = RateLimitPolicy(window=1.0)  # short: a minute would pass until the limiters of closed clients are idle
_OTHER_TOKENS = 64  # tokens that are used before limiters without a client are dropped


@attrs.frozen(kw_only=True)
class Figures:
    """What a number of tokens cost. Each has a client of its own."""

    tokens: int
    requests: int
    """Requests of all tokens together in one cycle, in which the clients are opened, used and closed."""
    per_processor_second: float
    """Requests in a second of this process's processor time, in the best cycle."""
    open_mib: float
    """Memory that the process gained while all clients were open, in the first cycle."""
    growth_mib: float
    """Memory that it gained from the end of the first cycle to the end of the last."""
    limiters: int
    """Rate limiters of closed clients that still existed a window later, after requests with 64 other tokens."""


def measure(tokens: int, *, requests: int, addresses: int = 2, gc_threshold: int = 700) -> Figures:
    """Measure in a new process.

    Args:
        tokens: clients that are open at once.
        requests: requests of all of them together, at least; 20 for each token if that is more.
        addresses: number of addresses in every response.
        gc_threshold: new objects between two garbage collections; Python's default is 700.
    """
    requests_of_each = max(requests, _MIN_REQUESTS * tokens) // tokens
    command = (sys.executable, "-m", __name__, str(tokens), str(requests_of_each), str(addresses), str(gc_threshold))
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True)
    return Figures(**json.loads(done.stdout))


async def _measure(base_url: str, tokens: int, *, requests_of_each: int) -> Figures:
    await _open_and_close(base_url, "first", requests=100)  # makes the decoders
    gc.collect()
    before = resident_memory()
    peaks: list[int] = []
    ends: list[int] = []
    processor: list[float] = []
    for _ in range(_CYCLES):
        began_at = time.process_time()
        async with contextlib.AsyncExitStack() as stack:
            clients = [
                await stack.enter_async_context(
                    KatapultClient(f"token-{number}", base_url=base_url, rate_limit=_WINDOW)
                )
                for number in range(tokens)
            ]
            async with asyncio.TaskGroup() as group:
                for client in clients:
                    group.create_task(_request(client, requests=requests_of_each, at_once=max(1, 50 // tokens)))
            processor.append(time.process_time() - began_at)
            peaks.append(resident_memory())
        del clients, client
        gc.collect()
        ends.append(resident_memory())
    limiters = [weakref.ref(value) for value in gc.get_objects() if isinstance(value, RateLimiter)]
    await asyncio.sleep(_WINDOW.window)
    for number in range(_OTHER_TOKENS):
        await _open_and_close(base_url, f"other-{number}", requests=1)
    gc.collect()
    return Figures(
        tokens=tokens,
        requests=tokens * requests_of_each,
        per_processor_second=tokens * requests_of_each / min(processor),
        open_mib=(peaks[0] - before) / 2**20,
        growth_mib=(ends[-1] - ends[0]) / 2**20,
        limiters=len([limiter for limiter in limiters if limiter() is not None]),
    )


async def _open_and_close(base_url: str, token: str, *, requests: int) -> None:
    async with KatapultClient(token, base_url=base_url, rate_limit=_WINDOW) as client:
        await _request(client, requests=requests, at_once=10)


async def _request(katapult: KatapultClient, *, requests: int, at_once: int) -> None:
    ids = (f"vmnet_{number:016d}" for number in range(requests))
    nics = katapult.virtual_machine_network_interfaces
    async with nics.available_ips_many(ids, address_versions=("ipv4",), concurrency=at_once) as outcomes:
        async for _ in outcomes:
            pass


def table(rows: list[Figures]) -> str:
    """Return the figures as a Markdown table."""
    heads = [
        "tokens",
        "requests / processor second",
        "memory while open",
        "for each token",
        "growth in two more cycles",
        "limiters left",
        "tokens at full rate / processor",
    ]
    lines = [f"| {' | '.join(heads)} |", "|---" * len(heads) + "|"]
    lines += [
        f"| {row.tokens:,} | {row.per_processor_second:,.0f} | {row.open_mib:.1f} MiB"
        f" | {1024 * row.open_mib / row.tokens:,.0f} KiB | {row.growth_mib:.1f} MiB | {row.limiters}"
        f" | {row.per_processor_second / _RATE:,.0f} |"
        for row in rows
    ]
    return "\n".join(lines)


@click.command(name="scale")
@click.option("--tokens", type=int, multiple=True, default=(1, 100, 1000), show_default=True, help="Clients at once.")
@click.option("--requests", default=20_000, show_default=True, help="Requests of all tokens together, at least.")
@click.option("--addresses", default=2, show_default=True, help="Addresses in every response.")
@click.option("--gc-threshold", default=700, show_default=True, help="New objects between garbage collections.")
def main(*, tokens: tuple[int, ...], requests: int, addresses: int, gc_threshold: int) -> None:
    """Measure requests a second and memory for many tokens in one process."""
    rows = [measure(count, requests=requests, addresses=addresses, gc_threshold=gc_threshold) for count in tokens]
    click.echo(table(rows))
    click.echo(machine())


if __name__ == "__main__":
    token_count, requests_of_each, address_count, objects = map(int, sys.argv[1:])
    gc.set_threshold(objects)
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))  # each token has a connection
    with minimal_server(addresses=address_count) as server_url:
        figures = asyncio.run(_measure(server_url, token_count, requests_of_each=requests_of_each))
    click.echo(json.dumps(attrs.asdict(figures)))
