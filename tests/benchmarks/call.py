"""Calls one after another, against the same requests written by hand with aiohttp and json."""

import asyncio
import functools
import json
from collections.abc import Awaitable, Callable, Mapping

import aiohttp
import uvloop

from katapult_async import KatapultClient
from tests.benchmarks.minimal_server import AVAILABLE_IPS, minimal_server
from tests.benchmarks.ratios import Candidate, Ratio, compare_async

_ID = "vmnet_7Hn4bVcXz9QwErTy"
_QUERY = {"virtual_machine_network_interface[id]": _ID, "address_version": "ipv4"}
LOOPS: dict[str, Callable[[], asyncio.AbstractEventLoop]] = {
    "asyncio": asyncio.new_event_loop,
    "uvloop": uvloop.new_event_loop,
}


def measure(rounds: int) -> list[Ratio]:
    """Return the ratios for a long response on asyncio, and a short one on asyncio and uvloop."""
    ratios = []
    for addresses, loop, goal, repeat in (
        (254, "asyncio", 0.97, 10),
        (2, "asyncio", 1.25, 40),
        (2, "uvloop", 1.32, 40),
    ):
        with minimal_server(addresses=addresses) as base_url, asyncio.Runner(loop_factory=LOOPS[loop]) as runner:
            name = f"call, {addresses} addresses, {loop} / aiohttp + json.loads"
            ratios += runner.run(_compare(name, base_url, goal=goal, rounds=2 * rounds, repeat=repeat))
    return ratios


async def _compare(name: str, base_url: str, *, goal: float, rounds: int, repeat: int) -> list[Ratio]:
    from tests.benchmarks import peers  # noqa: PLC0415 # its imports make garbage collections longer

    url = base_url + AVAILABLE_IPS.path
    async with (
        KatapultClient("token", base_url=base_url) as katapult,
        session() as by_hand,
        peers.clients(by_hand) as others,
    ):
        nics = katapult.virtual_machine_network_interfaces
        candidates: list[Candidate[Callable[[], Awaitable[object]]]] = [
            Candidate(name, lambda: nics.available_ips(_ID, address_version="ipv4"), goal)
        ]
        for peer, call_peer in others.items():
            candidates.append(Candidate(f"{peer}: {name}", functools.partial(call_peer, url, _QUERY)))
        return await compare_async(
            candidates, by_hand=lambda: request(by_hand, url, _QUERY), rounds=rounds, repeat=repeat
        )


def session() -> aiohttp.ClientSession:
    """Return a session with the settings of the client's: timeouts, no cookies, headers for every request."""
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=75),
        cookie_jar=aiohttp.DummyCookieJar(),
        headers={"Authorization": "Bearer token", "Accept": "application/json", "User-Agent": "by-hand"},
        timeout=aiohttp.ClientTimeout(total=60, sock_connect=10, sock_read=30),
    )


async def request(by_hand: aiohttp.ClientSession, url: str, query: Mapping[str, str]) -> object:
    """Send a request, and return the decoded JSON."""
    async with by_hand.get(url, params=query, allow_redirects=False) as response:
        response.raise_for_status()
        return json.loads(await response.read())
