"""Calls that wait for the end of an outage, in virtual time."""

import asyncio

import pytest

from katapult_async.config import RetryPolicy
from katapult_async.core.circuit_breaker import CircuitBreaker, Turn
from katapult_async.errors import Problem, ServiceUnavailableError

FAILURE = ServiceUnavailableError(Problem(method="GET", path="/organizations", description="down", status=503))
POLICY = RetryPolicy(failure_budget=3, outage_timeout=60.0)

pytestmark = pytest.mark.looptime


def narrowed(policy: RetryPolicy = POLICY) -> CircuitBreaker:
    circuit = CircuitBreaker(policy)
    for _ in range(policy.failure_budget):
        circuit.failed(Turn(probe=False), FAILURE)
    return circuit


async def test_nobody_waits_while_the_server_answers() -> None:
    assert await CircuitBreaker(POLICY).turn() == Turn(probe=False)


async def test_while_everything_fails_one_probe_is_under_way_at_a_time() -> None:
    circuit = narrowed()
    turns = [asyncio.create_task(circuit.turn()) for _ in range(5)]
    for last in (False, False, False, True):
        await asyncio.wait(turns, return_when=asyncio.FIRST_COMPLETED)
        await asyncio.sleep(6.0)  # longer than the longest pause
        [probe] = [task for task in turns if task.done()]
        turns.remove(probe)
        turn = probe.result()
        assert turn == Turn(probe=True)
        if last:
            circuit.succeeded()
        else:
            circuit.failed(turn, FAILURE)
    assert [await task for task in turns] == [Turn(probe=False)]


async def test_an_answer_lets_everybody_go() -> None:
    circuit = narrowed()
    turns = [asyncio.create_task(circuit.turn()) for _ in range(5)]
    await asyncio.sleep(0)
    circuit.succeeded()
    assert await asyncio.gather(*turns) == [Turn(probe=False)] * 5


async def test_waiting_calls_lose_patience_together_and_later_ones_at_once() -> None:
    circuit = narrowed()
    turns = [asyncio.create_task(circuit.turn()) for _ in range(3)]
    probe = await turns[0]
    assert probe is not None
    began_at = asyncio.get_running_loop().time()
    assert await asyncio.gather(*turns[1:]) == [None, None], "the probe never ended"
    assert 59.0 < asyncio.get_running_loop().time() - began_at <= 60.0
    assert await circuit.turn() is None


async def test_a_hopeless_outage_still_gets_its_probes_so_it_can_end() -> None:
    circuit = narrowed()
    await asyncio.sleep(100.0)
    turn = await circuit.turn()
    assert turn == Turn(probe=True)
    circuit.failed(turn, FAILURE)
    assert await circuit.turn() is None
    await asyncio.sleep(1.0)
    assert await circuit.turn() == Turn(probe=True)
    circuit.succeeded()
    assert await circuit.turn() == Turn(probe=False)


async def test_a_probe_that_is_dropped_makes_way_for_the_next() -> None:
    circuit = narrowed()
    first, second = asyncio.create_task(circuit.turn()), asyncio.create_task(circuit.turn())
    turn = await first
    assert turn is not None
    circuit.dropped(turn)
    assert await second == Turn(probe=True)


async def test_a_call_cancelled_with_its_turn_in_hand_gives_it_back() -> None:
    circuit = narrowed()
    first, second = asyncio.create_task(circuit.turn()), asyncio.create_task(circuit.turn())
    await asyncio.sleep(0)
    assert circuit._timer is not None
    asyncio.get_running_loop().call_at(circuit._timer.when(), first.cancel)  # after the timer, before the task wakes
    assert await second == Turn(probe=True)
    assert first.cancelled()


async def test_a_cancelled_waiter_is_passed_over() -> None:
    circuit = narrowed()
    first, second = asyncio.create_task(circuit.turn()), asyncio.create_task(circuit.turn())
    await asyncio.sleep(0)
    first.cancel()
    assert await second == Turn(probe=True)


async def test_failures_of_requests_sent_before_it_narrowed_do_not_slow_the_probes() -> None:
    circuit = narrowed()
    for _ in range(50):
        circuit.failed(Turn(probe=False), FAILURE)
    began_at = asyncio.get_running_loop().time()
    assert await circuit.turn() == Turn(probe=True)
    assert asyncio.get_running_loop().time() - began_at <= 0.25
