"""The budget of failures, the probes and the patience, as arithmetic on given times."""

import pytest
from hypothesis import given, strategies as st

from katapult_async.config import RetryPolicy
from katapult_async.core.breaker_state import BreakerState

POLICY = RetryPolicy(failure_budget=5, outage_timeout=10.0)


def narrowed(policy: RetryPolicy = POLICY, *, at: float = 100.0) -> BreakerState:
    outage = BreakerState(policy)
    for _ in range(policy.failure_budget):
        outage.failed(at, draw=1.0)
    return outage


def test_failures_up_to_the_budget_change_nothing() -> None:
    outage = BreakerState(POLICY)
    for _ in range(4):
        outage.failed(0.0, draw=0.5)
    assert not outage.narrow
    assert outage.lasted(50.0) == 0.0


def test_an_empty_budget_narrows_to_probes() -> None:
    outage = narrowed(at=100.0)
    assert outage.narrow
    assert outage.lasted(103.0) == 3.0


@given(st.lists(st.booleans(), max_size=300))
def test_a_server_that_mostly_answers_never_narrows(failures: list[bool]) -> None:
    outage = BreakerState(POLICY)
    for fails in failures:
        if fails:
            outage.failed(0.0, draw=0.5)
        outage.succeeded()
        assert not outage.narrow


def test_each_failed_probe_doubles_the_pause_up_to_a_bound() -> None:
    outage = narrowed(at=0.0)
    pauses = [outage.probe_at]
    for _ in range(7):
        outage.failed(1000.0, draw=1.0)
        pauses.append(outage.probe_at - 1000.0)
    assert pauses == [0.25, 0.5, 1.0, 2.0, 4.0, 5.0, 5.0, 5.0]


@given(st.floats(0, 1))
def test_the_pause_is_drawn_from_its_upper_half(draw: float) -> None:
    outage = BreakerState(RetryPolicy(failure_budget=1))
    outage.failed(0.0, draw=draw)
    assert 0.125 <= outage.probe_at <= 0.25


def test_one_answer_ends_it_and_gives_part_of_the_budget_back() -> None:
    outage = narrowed()
    outage.succeeded()
    assert not outage.narrow
    outage.failed(200.0, draw=0.5)
    assert outage.narrow, "a fifth of a budget of 5 is one failure"


@pytest.mark.parametrize(("now", "hopeless"), [(100.0, False), (109.9, False), (110.0, True), (500.0, True)])
def test_patience_ends_after_its_seconds(now: float, *, hopeless: bool) -> None:
    outage = narrowed(at=100.0)
    assert outage.is_hopeless(now) is hopeless
    assert outage.hopeless_at == 110.0
