"""Calls that wait while a circuit breaker is open, in virtual time."""

import asyncio

import pytest

from katapult_async.config import RetryPolicy
from katapult_async.core.breaker_queue import CircuitBreakers
from katapult_async.core.circuit_breaker import CircuitBreaker
from katapult_async.core.hooks import Outage
from katapult_async.errors import Problem, ServiceUnavailableError
from katapult_async.options import Priority

FAILURE = ServiceUnavailableError(Problem(method="GET", path="/organizations", description="down", status=503))
A, B = "GET /a", "GET /b"

pytestmark = pytest.mark.looptime


def breakers(reported: list[Outage] | None = None) -> CircuitBreakers:
    """Return breakers that open after 3 failures of an endpoint."""
    reports = [] if reported is None else reported
    return CircuitBreakers(RetryPolicy(failure_budget=15), on_outage=reports.append, unix_time=lambda: 1000.0)


def fail(circuit: CircuitBreakers, name: str, *, times: int = 1) -> None:
    for _ in range(times):
        circuit.failed(name, FAILURE)


def opened(*names: str) -> CircuitBreakers:
    circuit = breakers()
    for name in names or (A,):
        fail(circuit, name, times=3)
    return circuit


async def wait(
    circuit: CircuitBreakers,
    name: str = A,
    *,
    idempotent: bool = True,
    priority: Priority = Priority.BATCH,
    timeout: float = 60.0,
) -> CircuitBreaker | None:
    return await circuit.wait(name, idempotent=idempotent, priority=priority, timeout=timeout)


def tasks(circuit: CircuitBreakers, number: int) -> list[asyncio.Task[CircuitBreaker | None]]:
    return [asyncio.create_task(wait(circuit)) for _ in range(number)]


async def test_no_call_waits_while_requests_succeed() -> None:
    assert await wait(breakers()) is None


async def test_one_probe_is_in_flight_at_a_time_while_an_endpoint_fails() -> None:
    circuit = opened()
    waiting = tasks(circuit, 5)
    for last in (False, False, False, True):
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        await asyncio.sleep(4.0)  # nearly as long as the longest pause
        [done] = [task for task in waiting if task.done()]
        waiting.remove(done)
        assert done.result() is not None
        if last:
            circuit.succeeded(A)
        else:
            circuit.failed(A, FAILURE, probed=done.result())
    [remaining] = [await task for task in waiting]
    assert remaining is None


async def test_another_probe_is_sent_while_one_has_no_response() -> None:
    circuit = opened(A, B)
    waiting = [asyncio.create_task(wait(circuit, name)) for name in (A, B, A)]
    first, second = await waiting[0], await asyncio.wait_for(waiting[1], 5.001)  # at 5.0 either may be first
    assert first is not None
    assert second is not None
    circuit.succeeded(B)
    circuit.failed(A, FAILURE, probed=first)
    assert [outage.endpoint for outage in circuit.outages] == [A], "the first probe says nothing of the host any more"
    waiting[2].cancel()


async def test_outage_of_the_host_is_reported_with_the_last_failure_while_another_endpoint_is_probed() -> None:
    circuit = opened(A, B)
    assert await wait(circuit, "GET /c") is not None
    outage, _ = circuit.current_outage(A)
    assert outage.endpoint is None
    assert outage.last_error is FAILURE


async def test_failing_endpoint_stops_no_other() -> None:
    circuit = opened(A)
    assert circuit.is_open(A)
    assert not circuit.is_open(B)


async def test_two_failing_endpoints_stop_all() -> None:
    circuit = opened(A, B)
    assert circuit.is_open("GET /c")


async def test_success_releases_all_waiting_calls() -> None:
    circuit = opened()
    waiting = tasks(circuit, 5)
    assert await waiting[0] is not None
    circuit.succeeded(A)
    assert await asyncio.gather(*waiting[1:]) == [None] * 4


async def test_success_of_another_endpoint_ends_an_outage_of_the_host() -> None:
    circuit = opened(A, B)
    assert await wait(circuit, "GET /c") is not None
    circuit.succeeded("GET /c")
    assert not circuit.is_open("GET /c")
    assert circuit.is_open(A), "its own breaker waits for a success of its own"
    assert [outage.endpoint for outage in circuit.outages] == [A, B]


async def test_calls_time_out_together_and_later_ones_at_once() -> None:
    circuit = opened()
    waiting = tasks(circuit, 20)
    assert await waiting[0] is not None
    began_at = asyncio.get_running_loop().time()
    ends = await asyncio.gather(*waiting[-7:], return_exceptions=True)
    assert [type(end) for end in ends] == [TimeoutError] * 7, "twelve probes got no response"
    assert 59.0 < asyncio.get_running_loop().time() - began_at <= 60.0
    with pytest.raises(TimeoutError):
        await wait(circuit)


async def test_each_call_has_its_own_outage_timeout() -> None:
    circuit = opened()
    probes = [asyncio.create_task(wait(circuit, timeout=900.0)) for _ in range(20)]
    single, batch = [asyncio.create_task(wait(circuit, timeout=seconds)) for seconds in (75.0, 900.0)]
    await asyncio.sleep(80.0)
    assert sum(probe.done() for probe in probes) < 20, "so neither call below became a probe"
    assert isinstance(single.exception(), TimeoutError)
    assert not batch.done()
    for task in (*probes, batch):
        task.cancel()


async def test_outage_over_its_timeout_still_gets_probes_so_that_it_can_end() -> None:
    circuit = opened()
    await asyncio.sleep(100.0)
    probed = await wait(circuit)
    assert probed is not None
    circuit.failed(A, FAILURE, probed=probed)
    with pytest.raises(TimeoutError):
        await wait(circuit)
    await asyncio.sleep(1.0)
    assert await wait(circuit) is not None
    circuit.succeeded(A)
    assert not circuit.is_open(A)


async def test_dropped_probe_makes_way_for_the_next() -> None:
    circuit = opened()
    first, second = tasks(circuit, 2)
    circuit.dropped(await first)
    assert await second is not None


@pytest.mark.parametrize("early", [False, True])
async def test_call_cancelled_when_it_becomes_a_probe_makes_way_for_the_next(*, early: bool) -> None:
    circuit = opened()
    first, second = tasks(circuit, 2)
    await asyncio.sleep(0)
    assert circuit._timer is not None
    probes_at = circuit._timer.when()
    if early:  # before the timer
        asyncio.get_running_loop().call_at(probes_at - 1e-9, first.cancel)
    else:  # after the timer, before the task wakes
        asyncio.get_running_loop().call_at(probes_at, first.cancel)
    assert await second is not None
    assert first.cancelled()
    assert asyncio.get_running_loop().time() - probes_at < 1.0


async def test_cancelled_waiter_is_skipped() -> None:
    circuit = opened()
    first, second = tasks(circuit, 2)
    await asyncio.sleep(0)
    first.cancel()
    assert await second is not None


async def test_failures_of_requests_sent_before_it_opened_delay_no_probe() -> None:
    circuit = opened()
    fail(circuit, A, times=50)
    began_at = asyncio.get_running_loop().time()
    assert await wait(circuit) is not None
    assert asyncio.get_running_loop().time() - began_at <= 0.25


async def test_first_probe_is_idempotent_and_then_single_calls() -> None:
    circuit = opened()
    batch = asyncio.create_task(wait(circuit))
    post = asyncio.create_task(wait(circuit, idempotent=False, priority=Priority.SINGLE))
    web = asyncio.create_task(wait(circuit, priority=Priority.SINGLE))
    done, waiting = await asyncio.wait([batch, post, web], return_when=asyncio.FIRST_COMPLETED)
    assert done == {web}
    for task in waiting:
        task.cancel()


async def test_probes_of_a_failing_host_alternate_between_endpoints() -> None:
    circuit = opened(A, B)
    waiting = {name: asyncio.create_task(wait(circuit, name)) for name in (A, A + "2", B)}
    first = await waiting[A]
    assert first is not None
    again = asyncio.create_task(wait(circuit, A))
    circuit.failed(A, FAILURE, probed=first)
    second = await waiting[A + "2"]
    assert second is not None
    assert not again.done()
    for task in (again, waiting[B]):
        task.cancel()


async def test_outages_are_reported_when_they_begin_and_end() -> None:
    reported: list[Outage] = []
    circuit = breakers(reported)
    fail(circuit, A, times=3)
    assert circuit.outages == tuple(reported)
    [outage] = reported
    assert (outage.endpoint, outage.since, outage.until, outage.last_error) == (A, 1000.0, None, FAILURE)
    assert await wait(circuit) is not None
    circuit.succeeded(A)
    assert circuit.outages == ()
    assert [report.until for report in reported] == [None, 1000.0]
