"""How many requests may be in flight, learned from refusals."""

import math

import pytest

from katapult_async.call_limits import BATCH
from katapult_async.rate_limit.adaptive_concurrency import ASSUMED_IN_FLIGHT, DECREASE, GROWTH, AdaptiveConcurrency
from katapult_async.rate_limit.max_in_flight import Slots
from katapult_async.rate_limit.permit import Permit
from katapult_async.rate_limit.requests_in_flight import RequestsInFlight


def sent(sent_at: float, *, in_flight: int) -> Permit:
    return Permit(BATCH, 1, "", Slots(100), granted_at=sent_at, in_flight=in_flight)


def test_refusal_reduces_the_requests_in_flight_once_for_all_that_were_sent_before() -> None:
    limit = AdaptiveConcurrency()
    limit.refused(sent(1.0, in_flight=50), 2.0)
    limit.refused(sent(1.9, in_flight=50), 2.1)
    assert limit.most == math.floor(DECREASE * 50)
    limit.refused(sent(2.0, in_flight=20), 2.2)
    assert limit.most == math.floor(DECREASE * 20)
    limit.refused(sent(2.2, in_flight=1), 2.3)
    assert limit.most == math.floor(DECREASE * ASSUMED_IN_FLIGHT)


@pytest.mark.parametrize("most", [1.0, 1.2, 2.0])
def test_one_request_may_always_be_in_flight(most: float) -> None:
    limit = AdaptiveConcurrency(most)
    limit.refused(sent(1.0, in_flight=1), 2.0)
    assert limit.most == 1.0
    assert limit.wait_ends_at([], 3.0) is None


def test_accepted_requests_end_the_limit() -> None:
    limit = AdaptiveConcurrency(1.0)
    accepted = 0
    while limit.most < math.inf:
        limit.accepted(3.0)
        accepted += 1
    assert 300 < accepted < 400


def test_accepted_requests_that_were_sent_after_a_refusal_permit_more_in_flight() -> None:
    limit = AdaptiveConcurrency(2.0, reduced_at=5.0)
    limit.accepted(4.9)
    assert limit.most == 2.0
    limit.accepted(5.0)
    assert limit.most == 2.0 * (1.0 + GROWTH)


def test_requests_of_all_endpoints_count_until_they_are_overdue() -> None:
    in_flight = [(RequestsInFlight({"a": 1.0, "b": 1.5}), 1.0), (RequestsInFlight({"c": 1.2}), 0.9)]
    assert AdaptiveConcurrency(4.0).wait_ends_at(in_flight, 1.6) is None
    limit = AdaptiveConcurrency(3.9)
    assert limit.wait_ends_at(in_flight, 1.6) == 2.0
    assert limit.wait_ends_at(in_flight, 2.0) is None


def in_flight_since(*sent_at: float) -> list[tuple[RequestsInFlight, float]]:
    """Return requests in flight that were sent at these times, and are overdue after 9 s."""
    return [(RequestsInFlight(dict(enumerate(sent_at))), 9.0)]


@pytest.mark.parametrize(
    ("in_flight", "most"), [([1.0] * 19, 19), ([1.0] * 15, 15), ([1.0] * 14, 15), ([3.0] * 19, 15)]
)
def test_refusal_reduces_the_number_to_no_less_than_the_requests_that_were_let_through_before(
    in_flight: list[float], most: int
) -> None:
    limit = AdaptiveConcurrency(20.0)
    limit.refused(sent(3.0, in_flight=20), 3.1, in_flight_since(*in_flight))
    assert limit.most == most


def test_overdue_requests_do_not_count_as_let_through() -> None:
    limit = AdaptiveConcurrency(20.0)
    limit.refused(sent(10.0, in_flight=20), 10.1, in_flight_since(*[1.0] * 19))
    assert limit.most == 15


@pytest.mark.parametrize(("let_through", "most"), [(19, 19 * (1.0 + GROWTH)), (14, 15)])
def test_slow_response_counts_after_a_refusal_that_left_the_requests_in_flight_as_they_were(
    let_through: int, most: float
) -> None:
    limit = AdaptiveConcurrency(20.0)
    limit.refused(sent(3.0, in_flight=20), 3.1, in_flight_since(*[1.0] * let_through))
    limit.accepted(1.0)
    assert limit.most == most


def test_requests_sent_before_an_outage_do_not_end_its_refusals_in_a_row() -> None:
    limit = AdaptiveConcurrency(20.0)
    for sent_at, let_through in ((1.0, 19), (2.0, 5), (3.0, 0), (4.0, 0)):
        limit.refused(sent(sent_at, in_flight=20), sent_at + 0.1, in_flight_since(*[0.5] * let_through))
        limit.accepted(0.5)
    most = limit.most
    limit.accepted(4.2)
    assert limit.most == most + 1.0


def test_each_accepted_request_after_a_probe_permits_one_more_in_flight_until_a_refusal() -> None:
    limit = AdaptiveConcurrency(1.0, 5.0, slow_start_threshold=math.inf)
    for sent_at in (4.9, 5.0, 5.1):
        limit.accepted(sent_at)
    assert limit.most == 3.0
    limit.refused(sent(5.2, in_flight=3), 5.3)
    limit.accepted(5.3)
    assert limit.most == 2.0 * (1.0 + GROWTH)


def test_requests_in_flight_grow_quickly_after_refusals_in_a_row_up_to_the_number_after_the_first() -> None:
    limit = AdaptiveConcurrency()
    for sent_at in (1.0, 2.1, 3.1, 4.1):
        limit.refused(sent(sent_at, in_flight=5), sent_at + 0.1)
    assert limit.most == 2.0
    limit.accepted(4.0)  # sent before the last refusal
    limit.refused(sent(4.2, in_flight=3), 4.3)
    assert limit.most == 1.0
    for _ in range(6):
        limit.accepted(5.0)
    assert limit.most == math.floor(DECREASE * ASSUMED_IN_FLIGHT)
    limit.accepted(5.0)
    assert limit.most == pytest.approx(math.floor(DECREASE * ASSUMED_IN_FLIGHT) * (1.0 + GROWTH))


def test_refusal_after_an_accepted_request_ends_the_fast_growth() -> None:
    limit = AdaptiveConcurrency()
    for sent_at in (1.0, 2.0, 3.0, 4.0, 5.0):
        limit.refused(sent(sent_at, in_flight=5), sent_at)
    limit.accepted(5.1)
    limit.refused(sent(5.2, in_flight=2), 5.3)  # as behind a limit of one request in flight
    limit.accepted(5.4)
    assert limit.most == 1.0 + GROWTH
