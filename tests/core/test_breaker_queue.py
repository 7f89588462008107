"""Calls that wait while a circuit breaker is open, in virtual time."""

import asyncio

import pytest

from katapult_async.call_limits import Priority
from katapult_async.config import RetryPolicy
from katapult_async.core.breaker_queue import CircuitBreakers
from katapult_async.core.circuit_breaker import CircuitBreaker
from katapult_async.core.hooks import Outage
from katapult_async.errors import Problem, ServiceUnavailableError

FAILURE = ServiceUnavailableError(Problem(method="GET", path="/organizations", description="down", status=503))
A, B = "GET /a", "GET /b"

pytestmark = pytest.mark.looptime


def closed(reported: list[Outage] | None = None) -> CircuitBreakers:
    """Return breakers that open after 3 failures of an endpoint."""
    reports = [] if reported is None else reported
    return CircuitBreakers(RetryPolicy(failure_budget=15), on_outage=reports.append, unix_time=lambda: 1000.0)


def fail(breakers: CircuitBreakers, route: str, *, times: int = 1) -> None:
    for _ in range(times):
        breakers.failed(route, FAILURE)


def opened(*routes: str) -> CircuitBreakers:
    breakers = closed()
    for route in routes or (A,):
        fail(breakers, route, times=3)
    return breakers


async def wait(
    breakers: CircuitBreakers,
    route: str = A,
    *,
    idempotent: bool = True,
    priority: Priority = Priority.BATCH,
    timeout: float = 60.0,
) -> CircuitBreaker | None:
    return await breakers.wait(route, idempotent=idempotent, priority=priority, timeout=timeout)


def succeed(breakers: CircuitBreakers, route: str = A) -> None:
    breakers.succeeded(route, sent_at=asyncio.get_running_loop().time())


def waiting_tasks(breakers: CircuitBreakers, number: int) -> list[asyncio.Task[CircuitBreaker | None]]:
    return [asyncio.create_task(wait(breakers)) for _ in range(number)]


async def test_no_call_waits_while_requests_succeed() -> None:
    assert await wait(closed()) is None


async def test_one_probe_is_in_flight_at_a_time_while_an_endpoint_fails() -> None:
    breakers = opened()
    waiting = waiting_tasks(breakers, 5)
    for last in (False, False, False, True):
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        await asyncio.sleep(4.0)  # nearly as long as the longest pause
        [done] = [task for task in waiting if task.done()]
        waiting.remove(done)
        assert done.result() is not None
        if last:
            succeed(breakers)
        else:
            breakers.failed(A, FAILURE, probed=done.result())
    [remaining] = [await task for task in waiting]
    assert remaining is None


async def test_another_probe_is_sent_while_one_has_no_response() -> None:
    breakers = opened(A, B)
    waiting = [asyncio.create_task(wait(breakers, route)) for route in (A, B, A)]
    first, second = await waiting[0], await asyncio.wait_for(waiting[1], 5.001)  # the probe is due at 5.0
    assert first is not None
    assert second is not None
    succeed(breakers, B)
    breakers.failed(A, FAILURE, probed=first)
    assert [outage.endpoint for outage in breakers.outages] == [A], "the host works since B succeeded"
    waiting[2].cancel()


async def test_outage_of_the_host_has_the_last_failure_of_any_endpoint() -> None:
    breakers = opened(A, B)
    assert await wait(breakers, "GET /c") is not None
    outage, _ = breakers.current_outage(A)
    assert outage.endpoint is None
    assert outage.last_error is FAILURE


async def test_breaker_of_an_endpoint_affects_no_other_endpoint() -> None:
    breakers = opened(A)
    assert breakers.is_open(A)
    assert not breakers.is_open(B)


async def test_two_failing_endpoints_open_the_breaker_of_the_host() -> None:
    breakers = opened(A, B)
    assert breakers.is_open("GET /c")


async def test_success_releases_all_waiting_calls() -> None:
    breakers = opened()
    waiting = waiting_tasks(breakers, 5)
    assert await waiting[0] is not None
    succeed(breakers)
    assert await asyncio.gather(*waiting[1:]) == [None] * 4


async def test_success_of_another_endpoint_ends_an_outage_of_the_host() -> None:
    breakers = opened(A, B)
    assert await wait(breakers, "GET /c") is not None
    succeed(breakers, "GET /c")
    assert not breakers.is_open("GET /c")
    assert breakers.is_open(A), "the breaker of A waits for a success of A"
    assert [outage.endpoint for outage in breakers.outages] == [A, B]


async def fail_probes(breakers: CircuitBreakers, *, times: int) -> None:
    """Let one probe fail several times; each failure doubles the pause before the next."""
    probed = await wait(breakers)
    for _ in range(times):
        breakers.failed(A, FAILURE, probed=probed)


async def test_failing_endpoint_is_probed_at_once_after_an_outage_of_the_host_ends() -> None:
    breakers = opened(A)
    await fail_probes(breakers, times=6)
    fail(breakers, B, times=3)
    waiting = asyncio.create_task(wait(breakers))
    assert await wait(breakers, "GET /c", priority=Priority.SINGLE) is not None
    succeed(breakers, "GET /c")
    ended_at = asyncio.get_running_loop().time()
    assert await waiting is not None
    assert asyncio.get_running_loop().time() == pytest.approx(ended_at)


async def test_success_of_another_endpoint_makes_no_probe_due_while_the_host_works() -> None:
    breakers = opened(A)
    waiting = asyncio.create_task(wait(breakers))
    await asyncio.sleep(0)
    succeed(breakers, B)
    await asyncio.sleep(0.1)
    assert not waiting.done()
    assert await waiting is not None


async def test_probes_of_an_endpoint_that_fails_too_delay_no_probe_of_the_host() -> None:
    breakers = opened(A, B)
    await fail_probes(breakers, times=6)
    await asyncio.sleep(0.25)  # the first probe of the host is due
    assert await wait(breakers, "GET /c", timeout=0.0) is not None
    succeed(breakers, "GET /c")
    assert [outage.endpoint for outage in breakers.outages] == [A, B]


async def test_outages_are_listed_with_the_host_first() -> None:
    assert [outage.endpoint for outage in opened(B, A).outages] == [None, A, B]


async def test_failures_count_until_as_many_successes_follow() -> None:
    breakers = closed()
    fail(breakers, A, times=2)
    succeed(breakers)
    assert breakers.has_failures
    succeed(breakers)
    assert not breakers.has_failures, "as many successes as failures: nothing has to be recorded"


async def test_first_request_to_an_endpoint_leaves_the_failures_of_others_as_they_are() -> None:
    breakers = closed()
    fail(breakers, A, times=2)
    breakers.of_endpoint(B)
    fail(breakers, A)
    assert breakers.is_open(A)


async def test_waiting_calls_time_out_together_and_later_calls_at_once() -> None:
    breakers = opened()
    waiting = waiting_tasks(breakers, 20)
    assert await waiting[0] is not None
    began_at = asyncio.get_running_loop().time()
    ends = await asyncio.gather(*waiting[-7:], return_exceptions=True)
    assert [type(end) for end in ends] == [TimeoutError] * 7, "twelve probes got no response"
    assert 59.0 < asyncio.get_running_loop().time() - began_at <= 60.0
    with pytest.raises(TimeoutError):
        await wait(breakers)


async def test_call_times_out_between_two_probes() -> None:
    breakers = opened()
    assert await wait(breakers) is not None  # a probe without a response: the next is due after 5 s
    with pytest.raises(TimeoutError):
        await wait(breakers, timeout=2.0)
    assert asyncio.get_running_loop().time() - breakers.of_endpoint(A).opened_at == pytest.approx(2.0)


async def test_each_call_has_its_own_outage_timeout() -> None:
    breakers = opened()
    probes = [asyncio.create_task(wait(breakers, timeout=900.0)) for _ in range(20)]
    single, batch = [asyncio.create_task(wait(breakers, timeout=seconds)) for seconds in (75.0, 900.0)]
    await asyncio.sleep(80.0)
    assert not all(probe.done() for probe in probes), "so neither `single` nor `batch` became a probe"
    assert isinstance(single.exception(), TimeoutError)
    assert not batch.done()
    for task in (*probes, batch):
        task.cancel()


async def test_outage_over_its_timeout_still_gets_probes_so_that_it_can_end() -> None:
    breakers = opened()
    await asyncio.sleep(100.0)
    probed = await wait(breakers)
    assert probed is not None
    breakers.failed(A, FAILURE, probed=probed)
    with pytest.raises(TimeoutError):
        await wait(breakers)
    await asyncio.sleep(1.0)
    assert await wait(breakers) is not None
    succeed(breakers)
    assert not breakers.is_open(A)


async def test_next_call_becomes_the_probe_after_a_probe_is_released() -> None:
    breakers = opened()
    first, second = waiting_tasks(breakers, 2)
    breakers.release_probe(await first)
    assert await second is not None


@pytest.mark.parametrize("early", [False, True])
async def test_next_call_becomes_the_probe_if_the_first_is_cancelled(*, early: bool) -> None:
    breakers = opened()
    first, second = waiting_tasks(breakers, 2)
    await asyncio.sleep(0)
    assert breakers._timer is not None
    probes_at = breakers._timer.when()
    if early:  # before the timer
        asyncio.get_running_loop().call_at(probes_at - 1e-9, first.cancel)
    else:  # after the timer, before the task wakes
        asyncio.get_running_loop().call_at(probes_at, first.cancel)
    assert await second is not None
    assert first.cancelled()
    assert asyncio.get_running_loop().time() - probes_at < 1.0


async def test_cancelled_waiter_is_skipped() -> None:
    breakers = opened()
    first, second = waiting_tasks(breakers, 2)
    await asyncio.sleep(0)
    first.cancel()
    began_at = asyncio.get_running_loop().time()
    assert await second is not None
    assert asyncio.get_running_loop().time() - began_at <= 0.25


async def test_success_at_the_time_of_a_cancellation_releases_the_other_calls() -> None:
    breakers = opened()
    first, second = waiting_tasks(breakers, 2)
    await asyncio.sleep(0)
    first.cancel()
    succeed(breakers)
    assert await second is None


async def test_call_whose_timeout_coincides_with_the_success_is_sent() -> None:
    breakers = opened()
    probes = [asyncio.create_task(wait(breakers, timeout=900.0)) for _ in range(20)]
    late = asyncio.create_task(wait(breakers, timeout=60.0))
    await asyncio.sleep(0)
    timeout_at = breakers.of_endpoint(A).opened_at + 60.0
    asyncio.get_running_loop().call_at(timeout_at + 5e-10, succeed, breakers)  # before the waiting task goes on
    assert await late is None
    await asyncio.gather(*probes)


async def test_failures_of_requests_sent_before_the_breaker_opened_delay_no_probe() -> None:
    breakers = opened()
    fail(breakers, A, times=50)
    began_at = asyncio.get_running_loop().time()
    assert await wait(breakers) is not None
    assert asyncio.get_running_loop().time() - began_at <= 0.25


async def test_first_probe_is_the_single_call_among_the_idempotent_ones() -> None:
    breakers = opened()
    batch = asyncio.create_task(wait(breakers))
    post = asyncio.create_task(wait(breakers, idempotent=False, priority=Priority.SINGLE))
    web = asyncio.create_task(wait(breakers, priority=Priority.SINGLE))
    done, waiting = await asyncio.wait([batch, post, web], return_when=asyncio.FIRST_COMPLETED)
    assert done == {web}
    for task in waiting:
        task.cancel()


async def test_probes_of_a_failing_host_alternate_between_endpoints() -> None:
    breakers = opened(A, B)
    first, same, other = [asyncio.create_task(wait(breakers, route)) for route in (A, A, B)]
    breakers.failed(A, FAILURE, probed=await first)
    assert await other is not None
    assert not same.done()
    same.cancel()


async def test_outages_are_reported_when_they_begin_and_end() -> None:
    reported: list[Outage] = []
    breakers = closed(reported)
    fail(breakers, A, times=4)  # the last one while the breaker is open
    [outage] = reported
    assert list(breakers.outages) == reported
    assert (outage.endpoint, outage.since, outage.until, outage.last_error) == (A, 1000.0, None, FAILURE)
    assert await wait(breakers) is not None
    succeed(breakers)
    assert not breakers.outages
    assert [report.until for report in reported] == [None, 1000.0]


async def test_two_failed_calls_show_a_failing_endpoint_and_two_endpoints_a_failing_host() -> None:
    breakers = closed()
    breakers.failed(A, FAILURE, call="one")
    breakers.failed(A, FAILURE, call="one")
    assert not breakers.fails_for_several(A)
    breakers.failed(A, FAILURE, call="another")
    assert [breakers.fails_for_several(route) for route in (A, B)] == [True, False]
    breakers.failed(B, FAILURE)
    assert breakers.fails_for_several("GET /c")
