"""Calls that end early: cancelled, by the client's end, by the end of the caller's own session."""

import asyncio
import contextlib
import random
from collections.abc import Awaitable, Callable, Iterator

import aiohttp
import pytest

from katapult_async import ClientClosedError, KatapultClient, KatapultError, RateLimitPolicy, Timeouts
from katapult_async.http import aiohttp_transport

from .answers import head, raw, standard_headers
from .arena import LOOPS, TOKEN, Arena, arena, choose_good, is_right, run
from .server import Act, FaultServer

on_every_loop = pytest.mark.parametrize("loop", LOOPS)

SLOW: dict[str, Act] = {
    "no answer": raw(then="hush"),
    "half an answer": raw(head(headers=standard_headers(Content_Length="999")), then="hush"),
    "answers in bits": raw(*(bytes([each]) for each in head() + b'{"ip_addresses": []}'), pause=0.002, then="close"),
}


async def _cancelled_at_a_random_moment(seed: int) -> None:
    draw = random.Random(seed)
    async with arena(rate_limit=RateLimitPolicy(max_in_flight=3)) as stage:
        for act in SLOW.values():
            stage.breaks(act)
            tasks = [asyncio.create_task(stage.ask(f"vmnet_{number}")) for number in range(8)]
            await _turns(draw.randrange(60))
            if draw.random() < 0.5:
                await asyncio.sleep(0.02 * draw.random())
            for task in tasks:
                task.cancel()
            await _turns(3)  # one for the cancellation to arrive, one for the task to end, one for us
            assert all(task.done() for task in tasks)
            for task in tasks:
                assert task.cancelled() or isinstance(task.exception(), KatapultError) or task.result() == []
            stage.heals()
            assert stage.client.rate_limit.in_flight == 0
            assert stage.client.rate_limit.queued == 0
            assert is_right(await stage.ask())
            assert await stage.server.falls_to(1)


async def _turns(number: int) -> None:
    for _ in range(number):
        await asyncio.sleep(0)


@on_every_loop
@pytest.mark.parametrize("seed", range(10))
def test_a_cancelled_call_ends_at_once_and_leaves_nothing(loop: str, seed: int) -> None:
    run(loop, _cancelled_at_a_random_moment(seed))


@on_every_loop
@pytest.mark.parametrize("act", SLOW.values(), ids=SLOW)
@pytest.mark.parametrize("within_group", [False, True], ids=["tasks", "a task group"])
def test_closing_the_client_ends_every_call_with_its_own_error(loop: str, act: Act, *, within_group: bool) -> None:
    run(loop, _closed_under_way(act, close=lambda stage: stage.client.aclose(), within_group=within_group))


async def _closed_under_way(act: Act, *, close: Callable[[Arena], Awaitable[object]], within_group: bool) -> None:
    async with arena(rate_limit=RateLimitPolicy(max_in_flight=3)) as stage:
        stage.breaks(act)
        if within_group:
            with pytest.raises(ExceptionGroup) as group:
                await _in_a_group(stage, close)
            assert {type(each) for each in group.value.exceptions} == {ClientClosedError}
            return
        calls = [asyncio.create_task(stage.outcome(f"vmnet_{number}")) for number in range(8)]
        await asyncio.sleep(0.005)
        await close(stage)
        assert [type(await call) for call in calls] == [ClientClosedError] * 8


async def _in_a_group(stage: Arena, close: Callable[[Arena], Awaitable[object]]) -> None:
    async with asyncio.TaskGroup() as tasks:
        for number in range(8):
            tasks.create_task(stage.ask(f"vmnet_{number}"))
        await asyncio.sleep(0.005)
        await close(stage)


async def _session_closed_under_way(act: Act, seed: int) -> None:
    draw = random.Random(seed)
    async with FaultServer(choose_good) as server:
        session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=3))
        client = KatapultClient(TOKEN, base_url=f"http://127.0.0.1:{server.port}/core/v1", session=session)
        async with client:
            stage = Arena(server, client)
            stage.breaks(act)
            calls = [asyncio.create_task(stage.outcome(f"vmnet_{number}")) for number in range(8)]
            await _turns(draw.randrange(30))
            await asyncio.sleep(0.004 * draw.random())
            await session.close()
            ended = [type(await call) for call in calls]
            assert set(ended) == {ClientClosedError}
        assert await server.emptied()


@on_every_loop
@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("act", list(SLOW.values())[:2], ids=list(SLOW)[:2])
def test_closing_the_callers_session_ends_every_call_with_its_own_error(loop: str, act: Act, seed: int) -> None:
    run(loop, _session_closed_under_way(act, seed))


def test_without_the_conversion_a_closed_session_looks_like_a_cancellation(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aiohttp_transport, "_is_cancelled", lambda: True)
    with pytest.raises(asyncio.CancelledError):
        run("asyncio", _connecting_when_the_session_is_closed())


async def _connecting_when_the_session_is_closed() -> None:
    async with FaultServer(choose_good) as server:
        session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=1))
        held = await session.get(f"http://127.0.0.1:{server.port}/?held[id]=1")
        server.choose = lambda _: ("hush", raw(then="hush"))
        held.release()
        blocker = asyncio.create_task(_ignoring(session, server.port))
        await asyncio.sleep(0.01)
        client = KatapultClient(TOKEN, base_url=f"http://127.0.0.1:{server.port}/core/v1", session=session)
        async with client:
            call = asyncio.create_task(Arena(server, client).outcome())
            await asyncio.sleep(0.01)  # it waits for the connection that somebody else of this session holds
            await session.close()
            await blocker
            assert isinstance(await call, ClientClosedError)


async def _ignoring(session: aiohttp.ClientSession, port: int) -> None:
    with contextlib.suppress(aiohttp.ClientError):
        await session.get(f"http://127.0.0.1:{port}/?blocker[id]=1")


@on_every_loop
def test_a_call_in_the_queue_of_a_closed_session_is_not_lost(loop: str) -> None:
    run(loop, _connecting_when_the_session_is_closed())


@on_every_loop
def test_the_deadline_of_a_call_ends_it_and_says_what_it_waited_for(loop: str) -> None:
    async def late() -> None:
        async with arena(timeouts=Timeouts(call=0.05)) as stage:
            stage.breaks(raw(then="hush"))
            error = await stage.outcome()
            assert "not done within 0.05 s, while waiting for Katapult's response" in str(error)

    run(loop, late())


@on_every_loop
def test_leaving_a_batch_stops_its_workers_at_once(loop: str) -> None:
    async def leave() -> None:
        async with arena() as stage:
            nics = stage.client.virtual_machine_network_interfaces
            endless = (f"vmnet_{number}" for number in iter(int, 1))
            async with nics.available_ips_many(endless, address_versions=["ipv4"], concurrency=20) as outcomes:
                async for _ in outcomes:
                    stage.breaks(raw(then="hush"))
                    break
            assert len(asyncio.all_tasks()) - 1 <= 1 + stage.server.open_connections
            sent = len(stage.server.ledger)
            await asyncio.sleep(0.01)
            assert len(stage.server.ledger) == sent
            assert await stage.server.falls_to(20)

    run(loop, leave())


@on_every_loop
def test_an_input_that_raises_ends_the_batch_with_its_error(loop: str) -> None:
    def items() -> Iterator[str]:
        yield "vmnet_1"
        raise LookupError("the caller's own")

    async def broken() -> None:
        async with arena() as stage:
            nics = stage.client.virtual_machine_network_interfaces
            async with nics.available_ips_many(items(), address_versions=["ipv4"]) as outcomes:
                assert len([outcome async for outcome in outcomes]) <= 1

    with pytest.raises(LookupError, match="the caller's own"):
        run(loop, broken())
