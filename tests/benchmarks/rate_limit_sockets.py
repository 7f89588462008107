"""The limiter in real time over real sockets: uncoordinated processes that share a token of the sandbox."""

import asyncio
import json
import math
import sys
import time

import aiohttp
import attrs
import click
import msgspec

from katapult_async.call_limits import Priority
from katapult_async.config import RateLimitPolicy
from katapult_async.rate_limit.headers import RateLimitHeaders
from katapult_async.rate_limit.limiter import RateLimiter
from katapult_async.rate_limit.permit import Permit
from katapult_async.sandbox import Sandbox

__all__ = ["Outcome", "main", "share_token", "spend"]


@attrs.frozen(kw_only=True)
class Outcome:
    """The result of a run over sockets."""

    processes: int
    requests: int
    good: int
    """Requests whose last response was a 200."""
    refused: int
    seconds: float
    """From the first request to the last response."""
    shortest: float
    """Seconds from the first request to the start of the window in which the last one fits."""

    @property
    def refused_share(self) -> float:
        return self.refused / (self.requests + self.refused)


async def spend(url: str, token: str, *, requests: int, window: float, concurrency: int = 10) -> dict[str, float]:
    """Send a batch of requests through a limiter of its own; return counts and wall-clock times."""
    limiter = RateLimiter(RateLimitPolicy(window=window), clock=asyncio.get_running_loop().time)
    limiter.expect(requests)
    left = iter(range(requests))
    good = refused = 0
    headers = {"Authorization": f"Bearer {token}"}

    async def work(session: aiohttp.ClientSession) -> None:
        nonlocal good, refused
        for _ in left:
            refused_permit: Permit | None = None
            while True:
                permit = await limiter.acquire(priority=Priority.BATCH, max_wait=None, refused_permit=refused_permit)
                async with session.get(url, headers=headers) as response:
                    await response.read()
                report = RateLimitHeaders.read(response.headers)
                if response.status != 429:
                    limiter.responded(permit, report)
                    break
                limiter.responded(permit, msgspec.structs.replace(report, refused=True))
                refused += 1
                refused_permit = permit
            if response.status == 200:
                good += 1
            limiter.expect(-1)

    async with aiohttp.ClientSession() as session:
        began_at = time.time()
        async with asyncio.TaskGroup() as group:
            for _ in range(concurrency):
                group.create_task(work(session))
    return {"good": good, "refused": refused, "began_at": began_at, "ended_at": time.time()}


async def _process(url: str, token: str, *, requests: int, window: float) -> dict[str, float]:
    arguments = [url, token, str(requests), str(window)]
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.benchmarks.rate_limit_sockets", *arguments, stdout=asyncio.subprocess.PIPE
    )
    output, _ = await child.communicate()
    figures: dict[str, float] = json.loads(output)
    return figures


async def share_token(*, processes: int, requests: int, permitted: int, window: float, phase: float = 0.3) -> Outcome:
    """Let processes share a token; each sends ``requests`` requests. If there is only one, it is this process.

    They begin when the fraction ``phase`` of a window has passed.
    """
    async with Sandbox(permitted=permitted, window=window) as sandbox:
        url = f"{sandbox.base_url}/data_centers"
        send = spend if processes == 1 else _process
        await asyncio.sleep((phase * window - time.time()) % window)
        runs = await asyncio.gather(
            *(send(url, sandbox.token, requests=requests, window=window) for _ in range(processes))
        )
    began_at = min(run["began_at"] for run in runs)
    windows = math.ceil(processes * requests / permitted) - 1
    return Outcome(
        processes=processes,
        requests=processes * requests,
        good=int(sum(run["good"] for run in runs)),
        refused=int(sum(run["refused"] for run in runs)),
        seconds=max(run["ended_at"] for run in runs) - began_at,
        shortest=(math.floor(began_at / window) + windows) * window - began_at,
    )


@click.command(name="rate_limit_sockets")
@click.option("--window", default=6.0, show_default=True, help="Seconds in one window of the sandbox.")
@click.option("--permitted", default=200, show_default=True, help="Requests in one window.")
def main(*, window: float, permitted: int) -> None:
    """Share a token of the sandbox among 1 and 4 processes, in real time."""
    for processes in (1, 4):
        requests = int(permitted * 3.5) // processes
        run = share_token(processes=processes, requests=requests, permitted=permitted, window=window)
        outcome = asyncio.run(run)
        click.echo(
            f"{processes} processes, {outcome.requests} requests: {outcome.good} good, "
            f"{outcome.refused} refused ({100 * outcome.refused_share:.2f} %), {outcome.seconds:.2f} s, "
            f"shortest possible {outcome.shortest:.2f} s and the network ({outcome.seconds / outcome.shortest:.3f} x)"
        )


if __name__ == "__main__":
    url, token, requests, window = sys.argv[1:]
    click.echo(json.dumps(asyncio.run(spend(url, token, requests=int(requests), window=float(window)))))
