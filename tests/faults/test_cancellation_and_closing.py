"""Calls that end before their response: cancelled, or ended by closing the client or the user's session."""

import asyncio
import contextlib
import itertools
import random
from collections.abc import Callable, Coroutine, Iterator
from typing import Any

import aiohttp
import pytest

from katapult_async import ClientClosedError, KatapultClient, KatapultError, RateLimitPolicy, Timeouts
from katapult_async.http import aiohttp_transport
from tests.conditions import wait_until

from .harness import TOKEN, Harness, choose_correct_response, is_correct, on_every_loop, run, start_harness
from .responses import head, send_raw, standard_headers
from .server import FaultServer, Responder

SLOW_RESPONDERS: dict[str, Responder] = {
    "no response": send_raw(then="stay_silent"),
    "half a response": send_raw(head(headers=standard_headers(Content_Length="999")), then="stay_silent"),
    "a response byte by byte": send_raw(
        *(bytes([byte]) for byte in head() + b'{"ip_addresses": []}'), pause=0.002, then="close"
    ),
}


async def _cancel_at_random_moments(seed: int) -> None:
    draw = random.Random(seed)
    async with start_harness(rate_limit=RateLimitPolicy(max_in_flight=3)) as harness:
        for responder in SLOW_RESPONDERS.values():
            harness.respond_with(responder)
            tasks = [asyncio.create_task(harness.call(f"vmnet_{number}")) for number in range(8)]
            await _run_loop(draw.randrange(60))
            if draw.random() < 0.5:
                await asyncio.sleep(0.02 * draw.random())
            for task in tasks:
                task.cancel()
            await _run_loop(3)  # one to deliver the cancellation, one to end the task, one for this coroutine
            assert all(task.done() for task in tasks)
            for task in tasks:
                assert task.cancelled() or isinstance(task.exception(), KatapultError) or task.result() == []
            harness.respond_correctly()
            assert harness.client.rate_limit.in_flight == 0
            assert harness.client.rate_limit.queued == 0
            assert is_correct(await harness.call())
            assert await harness.server.wait_for_connections(at_most=1)


async def _run_loop(iterations: int) -> None:
    for _ in range(iterations):
        await asyncio.sleep(0)


@on_every_loop
@pytest.mark.parametrize("seed", range(10))
def test_cancelled_call_ends_within_three_loop_iterations_and_leaves_no_request_in_flight(loop: str, seed: int) -> None:
    run(loop, _cancel_at_random_moments(seed))


@on_every_loop
@pytest.mark.parametrize("responder", SLOW_RESPONDERS.values(), ids=SLOW_RESPONDERS)
@pytest.mark.parametrize("in_group", [False, True], ids=["tasks", "task group"])
def test_closing_the_client_ends_every_call_with_client_closed_error(
    loop: str, responder: Responder, *, in_group: bool
) -> None:
    run(loop, _close_client_during_calls(responder, in_group=in_group))


async def _close_client_during_calls(responder: Responder, *, in_group: bool) -> None:
    async with start_harness(rate_limit=RateLimitPolicy(max_in_flight=3)) as harness:
        harness.respond_with(responder)
        if in_group:
            with pytest.raises(ExceptionGroup) as group:
                await _close_client_during_task_group(harness)
            assert {type(error) for error in group.value.exceptions} == {ClientClosedError}
            return
        calls = [asyncio.create_task(harness.outcome(f"vmnet_{number}")) for number in range(8)]
        await wait_until(lambda: len(harness.server.request_log) > 0)
        await asyncio.sleep(0.005)  # a part of the response is received meanwhile
        await harness.client.aclose()
        assert [type(await call) for call in calls] == [ClientClosedError] * 8


async def _close_client_during_task_group(harness: Harness) -> None:
    async with asyncio.TaskGroup() as tasks:
        for number in range(8):
            tasks.create_task(harness.call(f"vmnet_{number}"))
        await wait_until(lambda: len(harness.server.request_log) > 0)
        await asyncio.sleep(0.005)  # a part of the response is received meanwhile
        await harness.client.aclose()


async def _close_session_during_calls(responder: Responder, seed: int) -> None:
    draw = random.Random(seed)
    async with FaultServer(choose_correct_response) as server:
        session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=3))
        client = KatapultClient(TOKEN, base_url=f"http://127.0.0.1:{server.port}/core/v1", session=session)
        async with client:
            harness = Harness(server, client)
            harness.respond_with(responder)
            calls = [asyncio.create_task(harness.outcome(f"vmnet_{number}")) for number in range(8)]
            await _run_loop(draw.randrange(30))
            await asyncio.sleep(0.004 * draw.random())
            await session.close()
            outcomes = [type(await call) for call in calls]
            assert set(outcomes) == {ClientClosedError}
        assert await server.wait_for_connections(at_most=0)


@on_every_loop
@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("responder", list(SLOW_RESPONDERS.values())[:2], ids=list(SLOW_RESPONDERS)[:2])
def test_closing_the_users_session_ends_every_call_with_client_closed_error(
    loop: str, responder: Responder, seed: int
) -> None:
    run(loop, _close_session_during_calls(responder, seed))


def test_without_the_check_of_cancellations_a_closed_session_raises_cancelled_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(aiohttp_transport, "_cancellations", itertools.count().__next__)
    with pytest.raises(asyncio.CancelledError):
        run("asyncio", _close_session_while_a_call_waits_for_a_connection())


async def _close_session_while_a_call_waits_for_a_connection(
    outcome: Callable[[Harness], Coroutine[Any, Any, object]] = Harness.outcome,
) -> None:
    async with FaultServer(choose_correct_response) as server:
        connector = aiohttp.TCPConnector(limit=1)
        session = aiohttp.ClientSession(connector=connector)
        first = await session.get(f"http://127.0.0.1:{server.port}/?first[id]=1")
        server.choose = lambda _: ("silence", send_raw(then="stay_silent"))
        first.release()
        blocker = asyncio.create_task(_get_ignoring_errors(session, server.port))
        await wait_until(lambda: len(server.request_log) == 2)
        client = KatapultClient(TOKEN, base_url=f"http://127.0.0.1:{server.port}/core/v1", session=session)
        async with client:
            call = asyncio.create_task(outcome(Harness(server, client)))
            await wait_until(lambda: bool(connector._waiters))  # for the only connection, which the blocker uses
            await session.close()
            await blocker
            assert isinstance(await call, ClientClosedError)


async def _get_ignoring_errors(session: aiohttp.ClientSession, port: int) -> None:
    with contextlib.suppress(aiohttp.ClientError):
        await session.get(f"http://127.0.0.1:{port}/?blocker[id]=1")


@on_every_loop
def test_call_that_waits_for_a_connection_of_a_closed_session_raises_client_closed_error(loop: str) -> None:
    run(loop, _close_session_while_a_call_waits_for_a_connection())


@on_every_loop
def test_closed_session_ends_a_call_with_client_closed_error_even_if_its_task_was_cancelled_before(loop: str) -> None:
    """In Python 3.11, a failed `asyncio.TaskGroup` cancels the task that waits for it, and does not take that back."""

    async def outcome_after_a_cancellation(harness: Harness) -> object:
        current = asyncio.current_task()
        assert current is not None
        current.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.sleep(0)
        return await harness.outcome()

    run(loop, _close_session_while_a_call_waits_for_a_connection(outcome_after_a_cancellation))


@on_every_loop
def test_call_timeout_names_what_the_call_waited_for(loop: str) -> None:
    async def time_out() -> None:
        async with start_harness(timeouts=Timeouts(call=0.5)) as harness:
            harness.respond_with(send_raw(then="stay_silent"))
            error = await harness.outcome()
            assert "not done within 0.5 s, while waiting for Katapult's response" in str(error)

    run(loop, time_out())


def workers() -> list[asyncio.Task[Any]]:
    """Return the tasks in which a batch makes its calls."""
    return [task for task in asyncio.all_tasks() if "Batch._work" in repr(task.get_coro())]


@on_every_loop
def test_leaving_a_batch_stops_its_workers_at_once(loop: str) -> None:
    async def leave() -> None:
        async with start_harness() as harness:
            nics = harness.client.virtual_machine_network_interfaces
            endless = (f"vmnet_{number}" for number in iter(int, 1))
            async with nics.available_ips_many(endless, address_versions=["ipv4"], concurrency=20) as outcomes:
                async for _ in outcomes:
                    assert workers()
                    harness.respond_with(send_raw(then="stay_silent"))
                    break
            assert not workers()  # not all tasks: some of the server may still accept connections
            requests = len(harness.server.request_log)
            await asyncio.sleep(0.01)
            assert len(harness.server.request_log) == requests
            assert await harness.server.wait_for_connections(at_most=20)

    run(loop, leave())


@on_every_loop
def test_exception_in_the_input_of_a_batch_is_raised_by_the_batch(loop: str) -> None:
    def items() -> Iterator[str]:
        yield "vmnet_1"
        raise LookupError("raised by the input")

    async def iterate() -> None:
        async with start_harness() as harness:
            nics = harness.client.virtual_machine_network_interfaces
            async with nics.available_ips_many(items(), address_versions=["ipv4"]) as outcomes:
                assert len([outcome async for outcome in outcomes]) <= 1

    with pytest.raises(LookupError, match="raised by the input"):
        run(loop, iterate())
