"""What is known about one endpoint: a limit that no counter reports, and how many of its requests may be in flight."""

import math

import pytest

from katapult_async.rate_limit.adaptive_concurrency import AdaptiveConcurrency
from katapult_async.rate_limit.endpoint_state import EndpointLimit, EndpointState
from katapult_async.rate_limit.headers import RateLimitHeaders
from katapult_async.rate_limit.wait_reasons import DenialReason, Denied, DeniedCalls


def refusal(total: int | None = None) -> RateLimitHeaders:
    return RateLimitHeaders(refused=True, total_permitted=total)


def denial(limit: EndpointLimit, now: float) -> Denied | None:
    return EndpointState(limit=limit).denial(now, overdue_after=1.0)


def test_requests_wait_for_the_end_of_the_window_after_a_refusal() -> None:
    limit = EndpointLimit(60.0)
    assert denial(limit, 1.0) is None
    limit.refused(refusal(), None, 1.0)
    limit.room += 1  # as after a request that was never sent
    expected = Denied(60.0, DenialReason.ENDPOINT, DeniedCalls.OF_ENDPOINT, test_at=2.0)
    assert denial(limit, 1.0) == expected


def test_each_test_of_a_limit_doubles_the_wait_for_the_next_even_in_the_next_window() -> None:
    limit = EndpointLimit(60.0)
    limit.refused(refusal(), None, 1.0)
    assert denial(limit, 2.0) is None
    limit.grant(2.0)
    limit.refused(refusal(), None, 2.1)
    assert limit.test_at == 2.1 + 2.0
    following = limit.next(120.0)
    assert following is not None
    following.refused(refusal(), None, 61.0)
    assert following.test_at == 61.0 + 2.0


@pytest.mark.parametrize("is_sent", [True, False])
def test_limit_is_tested_again_if_a_test_gets_no_response_or_is_never_sent(*, is_sent: bool) -> None:
    limit = EndpointLimit(60.0)
    limit.refused(refusal(), None, 1.0)
    limit.grant(2.0)
    if not is_sent:
        limit.room += 1
    expected = Denied(60.0, DenialReason.ENDPOINT, DeniedCalls.OF_ENDPOINT, test_at=4.0)
    assert denial(limit, 3.9) == expected
    assert denial(limit, 4.0) is None


@pytest.mark.parametrize(("sent_at", "is_kept"), [(1.0, True), (1.1, False)])
def test_limit_ends_with_an_accepted_request_that_was_sent_after_a_refusal(sent_at: float, *, is_kept: bool) -> None:
    state = EndpointState(limit=EndpointLimit(60.0))
    assert state.limit is not None
    state.limit.refused(refusal(), None, 1.0)
    state.limit.refused(refusal(), None, 2.0)
    state.record_accepted(sent_at)
    assert (state.limit is not None) is is_kept


@pytest.mark.parametrize(
    ("total", "of_token", "permitted"), [(10, 1000, 10), (1000, 1000, math.inf), (10, None, 10), (None, 1000, math.inf)]
)
def test_next_window_permits_the_number_in_the_refusal_unless_it_is_the_limit_of_the_token(
    total: int | None, of_token: int | None, permitted: float
) -> None:
    limit = EndpointLimit(60.0)
    limit.refused(refusal(total), of_token, 1.0)
    following = limit.next(120.0)
    assert following is not None
    assert (following.ends_at, following.permitted, following.room) == (120.0, permitted, permitted)


def test_no_more_requests_than_permitted_are_sent_in_a_window() -> None:
    limit = EndpointLimit(60.0, 2)
    limit.room -= 1
    assert denial(limit, 1.0) is None
    limit.room -= 1
    denied = denial(limit, 1.0)
    assert denied is not None
    assert denied.reason is DenialReason.ENDPOINT


@pytest.mark.parametrize(("sent", "is_kept"), [(1, False), (2, True)])
def test_limit_is_kept_for_the_next_window_only_if_it_was_used_up(sent: int, *, is_kept: bool) -> None:
    limit = EndpointLimit(60.0, 2)
    limit.room -= sent
    assert (limit.next(120.0) is not None) is is_kept


@pytest.mark.parametrize(("most", "in_flight"), [(1.0, 1), (2.9, 2)])
def test_next_request_waits_while_as_many_are_in_flight_as_the_endpoint_permits(most: float, in_flight: int) -> None:
    state = EndpointState(concurrency=AdaptiveConcurrency(most))
    state.in_flight.update(dict.fromkeys(range(in_flight - 1), 3.0))
    assert state.denial(3.5, overdue_after=1.0) is None
    state.in_flight["another"] = 3.2
    until = 4.0 if in_flight > 1 else 4.2  # when the earliest of them is overdue
    assert state.denial(3.5, overdue_after=1.0) == Denied(until, DenialReason.PACED, DeniedCalls.OF_ENDPOINT)
    assert state.denial(until, overdue_after=1.0) is None


@pytest.mark.parametrize(("fastest", "overdue_after"), [(math.inf, 1.0), (0.05, 1.0), (2.0, 6.0)])
def test_request_is_overdue_after_a_multiple_of_the_fastest_response_of_its_endpoint(
    fastest: float, overdue_after: float
) -> None:
    assert EndpointState(fastest=fastest).overdue_after == overdue_after
