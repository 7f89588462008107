"""What is known about one endpoint: a limit that no counter reports, and the share of its own refusals."""

import math

import pytest

from katapult_async.rate_limit.denials import DenialReason, Denied, DeniedCalls
from katapult_async.rate_limit.endpoint_state import LEAST_IN_FLIGHT, SMOOTHING, EndpointLimit, EndpointState
from katapult_async.rate_limit.headers import RateLimitHeaders
from katapult_async.rate_limit.requests_in_flight import RequestsInFlight

NONE = RequestsInFlight()


def refusal(total: int | None = None) -> RateLimitHeaders:
    return RateLimitHeaders(refused=True, total_permitted=total)


def test_requests_wait_for_the_end_of_the_window_after_a_refusal() -> None:
    limit = EndpointLimit(60.0)
    assert limit.denial(1.0, NONE, overdue_after=1.0) is None
    limit.refused(refusal(), None, 1.0)
    limit.room += 1  # a request was never sent
    waits = Denied(60.0, DenialReason.ENDPOINT, DeniedCalls.OF_ENDPOINT, test_at=2.0)
    assert limit.denial(1.0, NONE, overdue_after=1.0) == waits


def test_each_test_of_a_limit_doubles_the_wait_for_the_next_even_in_the_next_window() -> None:
    limit = EndpointLimit(60.0)
    limit.refused(refusal(), None, 1.0)
    assert limit.denial(2.0, NONE, overdue_after=1.0) is None
    limit.grant(2.0)
    limit.refused(refusal(), None, 2.1)
    assert limit.test_at == 2.1 + 2.0
    following = limit.next(120.0)
    assert following is not None
    following.refused(refusal(), None, 61.0)
    assert following.test_at == 61.0 + 2.0


@pytest.mark.parametrize("is_sent", [True, False])
def test_another_test_follows_one_that_gets_no_response_or_is_never_sent(*, is_sent: bool) -> None:
    limit = EndpointLimit(60.0)
    limit.refused(refusal(), None, 1.0)
    limit.grant(2.0)
    if not is_sent:
        limit.room += 1
    waits = Denied(60.0, DenialReason.ENDPOINT, DeniedCalls.OF_ENDPOINT, test_at=4.0)
    assert limit.denial(3.9, NONE, overdue_after=1.0) == waits
    assert limit.denial(4.0, NONE, overdue_after=1.0) is None


@pytest.mark.parametrize(("sent_at", "is_kept"), [(1.0, True), (1.1, False)])
def test_limit_ends_with_an_accepted_request_that_was_sent_after_a_refusal(sent_at: float, *, is_kept: bool) -> None:
    state = EndpointState(limit=EndpointLimit(60.0))
    assert state.limit is not None
    state.limit.refused(refusal(), None, 1.0)
    state.limit.refused(refusal(), None, 2.0)
    state.record_accepted(sent_at)
    assert (state.limit is not None) is is_kept


def test_first_request_of_a_window_is_a_probe() -> None:
    limit, probe = EndpointLimit(60.0), RequestsInFlight({"probe": 1.0})
    assert limit.denial(1.5, probe, overdue_after=1.0) == Denied(2.0, DenialReason.PROBING, DeniedCalls.OF_ENDPOINT)
    assert limit.denial(2.0, probe, overdue_after=1.0) is None
    limit.has_accepted = True
    assert limit.denial(1.5, probe, overdue_after=1.0) is None


@pytest.mark.parametrize(
    ("total", "of_token", "permitted"), [(10, 1000, 10), (1000, 1000, math.inf), (10, None, 10), (None, 1000, math.inf)]
)
def test_next_window_has_the_number_that_a_refusal_named_unless_it_is_the_tokens(
    total: int | None, of_token: int | None, permitted: float
) -> None:
    limit = EndpointLimit(60.0)
    limit.refused(refusal(total), of_token, 1.0)
    following = limit.next(120.0)
    assert following is not None
    assert (following.ends_at, following.permitted, following.room) == (120.0, permitted, permitted)
    assert not following.has_accepted


def test_no_more_requests_than_permitted_are_sent_in_a_window() -> None:
    limit = EndpointLimit(60.0, 2)
    limit.room -= 1
    assert limit.denial(1.0, NONE, overdue_after=1.0) is None
    limit.room -= 1
    denied = limit.denial(1.0, NONE, overdue_after=1.0)
    assert denied is not None
    assert denied.reason is DenialReason.ENDPOINT


@pytest.mark.parametrize(("sent", "is_kept"), [(1, False), (2, True)])
def test_limit_is_kept_as_long_as_it_is_used_up(sent: int, *, is_kept: bool) -> None:
    limit = EndpointLimit(60.0, 2)
    limit.room -= sent
    assert (limit.next(120.0) is not None) is is_kept


def test_share_of_own_refusals_grows_and_fades() -> None:
    state = EndpointState()
    assert not state.has_own_limit
    state.record_own_refusal()
    assert state.own_refusal_share == SMOOTHING
    assert state.has_own_limit
    state.record_accepted(1.0)
    assert state.own_refusal_share == pytest.approx(SMOOTHING * (1 - SMOOTHING))
    for _ in range(200):
        state.record_accepted(1.0)
    assert state.own_refusal_share == 0.0
    assert not state.has_own_limit


def test_limited_endpoint_has_its_own_limit_which_records_an_accepted_request() -> None:
    state = EndpointState(limit=EndpointLimit(60.0))
    assert state.has_own_limit
    assert state.limit is not None
    state.record_accepted(1.0)
    assert state.limit.has_accepted


@pytest.mark.parametrize(("share", "in_flight", "is_full"), [(0.0, 9, False), (1.0, 1, False), (1.0, 2, True)])
def test_fewer_requests_are_in_flight_the_more_are_refused_alone(
    share: float, in_flight: int, *, is_full: bool
) -> None:
    state = EndpointState(own_refusal_share=share)
    state.in_flight.update(dict.fromkeys(range(in_flight), 0.0))
    assert 1 < LEAST_IN_FLIGHT < 2
    assert state.is_full is is_full
