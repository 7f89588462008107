"""The rules of a circuit breaker, with given times: failure budgets, probes, and the two levels."""

import math

import pytest
from hypothesis import given, strategies as st

from katapult_async.core.circuit_breaker import CircuitBreaker

BUDGET = 25
"""The failure budget of the host. A fifth of it, 5, is the budget of an endpoint, and the most failures in a row."""


def fail(breaker: CircuitBreaker, *, times: int = 1, at: float = 0.0, probe: bool = False) -> None:
    for _ in range(times):
        breaker.failed(at, probe=probe, draw=1.0)


def opened(*, at: float = 100.0) -> CircuitBreaker:
    breaker = CircuitBreaker(BUDGET)
    fail(breaker, times=5, at=at)
    return breaker


def test_failures_within_the_budget_open_nothing() -> None:
    breaker = CircuitBreaker(BUDGET)
    fail(breaker, times=4)
    assert not breaker.is_open


def test_empty_budget_opens_the_breaker() -> None:
    breaker = opened(at=100.0)
    assert breaker.is_open
    assert breaker.opened_at == 100.0


@given(st.lists(st.booleans(), max_size=300))
def test_server_that_succeeds_after_each_failure_never_opens_the_breaker(failures: list[bool]) -> None:
    breaker = CircuitBreaker(BUDGET)
    for fails in failures:
        if fails:
            fail(breaker)
        breaker.succeeded(0.0, 0.0)
        assert not breaker.is_open


def test_each_failed_probe_doubles_the_pause_up_to_a_bound() -> None:
    breaker = opened(at=0.0)
    pauses = [breaker.probe_at]
    for _ in range(7):
        fail(breaker, at=1000.0, probe=True)
        pauses.append(breaker.probe_at - 1000.0)
    assert pauses == [0.25, 0.5, 1.0, 2.0, 4.0, 5.0, 5.0, 5.0]


def test_failures_sent_before_the_breaker_opened_delay_no_probe() -> None:
    breaker = opened(at=0.0)
    fail(breaker, times=50, at=0.1)
    assert breaker.probe_at == 0.25


@given(st.floats(0, 1))
def test_pause_is_random_between_half_and_all_of_its_bound(draw: float) -> None:
    breaker = CircuitBreaker(1)
    breaker.failed(0.0, probe=False, draw=draw)
    assert 0.125 <= breaker.probe_at <= 0.25


def test_success_closes_the_breaker_and_returns_a_fifth_of_the_budget() -> None:
    breaker = CircuitBreaker(75)  # 15 for an endpoint
    fail(breaker, times=15)
    breaker.succeeded(0.0, 0.0)
    fail(breaker, times=2)
    assert not breaker.is_open
    fail(breaker)
    assert breaker.is_open


@pytest.mark.parametrize("budget", [1, 10])
def test_smallest_budget_is_one_failure(budget: int) -> None:
    breaker = CircuitBreaker(budget)
    fail(breaker, times=2)
    assert breaker.is_open
    breaker.succeeded(0.0, 0.0)
    assert not breaker.is_open
    fail(breaker)
    assert breaker.is_open


def test_pauses_between_probes_are_short_again_in_the_next_outage() -> None:
    breaker = opened()
    fail(breaker, times=5, probe=True)
    breaker.succeeded(0.0, 0.0)
    fail(breaker, at=1000.0)
    assert breaker.probe_at == 1000.25


def test_method_allow_probe_does_not_delay_a_probe_that_is_due() -> None:
    breaker = opened(at=0.0)
    breaker.allow_probe(1000.0)
    assert breaker.probe_at == 0.25


def test_failing_since_is_the_time_of_the_first_failure_after_the_last_success() -> None:
    breaker = CircuitBreaker(BUDGET)
    assert breaker.failing_since == math.inf
    fail(breaker, at=3.0)
    fail(breaker, at=4.0)
    assert breaker.failing_since == 3.0
    breaker.succeeded(0.0, 0.0)
    assert breaker.failing_since == math.inf


def test_success_of_a_request_sent_after_the_last_failure_shows_recovery() -> None:
    breaker = CircuitBreaker(BUDGET)
    assert breaker.has_recovered
    fail(breaker, at=3.0)
    breaker.succeeded(2.9, 2.9)
    assert not breaker.has_recovered
    breaker.succeeded(3.1, 3.1)
    breaker.succeeded(2.9, 2.9)
    assert breaker.has_recovered


def fail_host(host: CircuitBreaker, *endpoints: str) -> None:
    for endpoint in endpoints:
        host.failed(7.0, probe=False, draw=1.0, source=endpoint)


def test_one_failing_endpoint_never_opens_the_hosts_breaker() -> None:
    host = CircuitBreaker(BUDGET, of_host=True)
    fail_host(host, *["a"] * 1000)
    assert not host.is_open
    fail_host(host, "b")
    assert host.is_open


def test_success_of_any_endpoint_keeps_the_hosts_breaker_closed() -> None:
    host = CircuitBreaker(BUDGET, of_host=True)
    fail_host(host, *["a"] * 1000)
    host.succeeded(0.0, 0.0)
    fail_host(host, "b")
    assert not host.is_open


@pytest.mark.parametrize(("failures", "opens"), [(4, False), (5, True)])
def test_failures_of_two_endpoints_in_a_row_open_the_hosts_breaker(failures: int, *, opens: bool) -> None:
    host = CircuitBreaker(BUDGET, of_host=True)
    fail_host(host, *["a"] * (failures - 1), "b")
    assert host.is_open is opens


def test_endpoint_fails_for_several_calls_until_one_succeeds() -> None:
    breaker = CircuitBreaker(BUDGET)
    one, two = object(), object()
    breaker.failed(0.0, probe=False, draw=1.0, source=one)
    breaker.failed(1.0, probe=False, draw=1.0, source=one)
    assert not breaker.fails_for_several
    breaker.failed(2.0, probe=False, draw=1.0, source=two)
    assert breaker.fails_for_several
    breaker.succeeded(0.0, 0.0)
    assert not breaker.fails_for_several


def test_failures_of_suspect_calls_show_nothing_about_the_endpoint() -> None:
    breaker = CircuitBreaker(BUDGET)
    fail(breaker, times=4)  # failures without a source, as those of suspect calls
    assert not breaker.fails_for_several
