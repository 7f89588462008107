"""What is known about one endpoint: a limit that no counter reports, and how many of its requests may be in flight."""

import math

import pytest

from katapult_async.call_limits import BATCH
from katapult_async.rate_limit.denials import DenialReason, Denied, DeniedCalls
from katapult_async.rate_limit.endpoint_state import ASSUMED, DECREASE, GROWTH, EndpointLimit, EndpointState
from katapult_async.rate_limit.headers import RateLimitHeaders
from katapult_async.rate_limit.max_in_flight import Slots
from katapult_async.rate_limit.permit import Permit


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


def permit_of_refused_request(*, sent_at: float, in_flight: int) -> Permit:
    return Permit(BATCH, 1, "", Slots(100), granted_at=sent_at, in_flight=in_flight)


def test_own_refusals_of_one_round_trip_reduce_requests_in_flight_once() -> None:
    state = EndpointState()
    state.record_own_refusal(permit_of_refused_request(sent_at=1.0, in_flight=50), 2.0)
    state.record_own_refusal(permit_of_refused_request(sent_at=1.9, in_flight=50), 2.1)
    assert state.most_in_flight == DECREASE * 50
    state.record_own_refusal(permit_of_refused_request(sent_at=2.0, in_flight=20), 2.2)
    assert state.most_in_flight == DECREASE * 20
    state.record_own_refusal(permit_of_refused_request(sent_at=2.2, in_flight=1), 2.3)
    assert state.most_in_flight == DECREASE * ASSUMED


def test_one_request_may_always_be_in_flight() -> None:
    state = EndpointState(most_in_flight=1.1)
    state.record_own_refusal(permit_of_refused_request(sent_at=1.0, in_flight=1), 2.0)
    assert state.most_in_flight == 1.0
    assert state.denial(3.0, overdue_after=1.0) is None


def test_accepted_requests_end_the_limit_of_requests_in_flight() -> None:
    state = EndpointState()
    state.record_own_refusal(permit_of_refused_request(sent_at=1.0, in_flight=1), 2.0)
    accepted = 0
    while state.most_in_flight < math.inf:
        state.record_accepted(3.0)
        accepted += 1
    assert 100 < accepted < 200


def test_accepted_requests_that_were_sent_after_a_refusal_permit_more_in_flight() -> None:
    state = EndpointState(most_in_flight=2.0, reduced_at=5.0)
    state.record_accepted(4.9)
    assert state.most_in_flight == 2.0
    state.record_accepted(5.0)
    assert state.most_in_flight == 2.0 * (1.0 + GROWTH)


@pytest.mark.parametrize(("most", "in_flight"), [(1.0, 1), (2.9, 2)])
def test_next_request_waits_while_as_many_are_in_flight_as_the_endpoint_permits(most: float, in_flight: int) -> None:
    state = EndpointState(most_in_flight=most)
    state.in_flight.update(dict.fromkeys(range(in_flight - 1), 3.0))
    assert state.denial(3.5, overdue_after=1.0) is None
    state.in_flight["another"] = 3.2
    until = 4.0 if in_flight > 1 else 4.2  # when the earliest of them is overdue
    assert state.denial(3.5, overdue_after=1.0) == Denied(until, DenialReason.PACED, DeniedCalls.OF_ENDPOINT)
    assert state.denial(until, overdue_after=1.0) is None
