"""When a proxy in front of Katapult accepts the next request, learned from its refusals."""

import math
from collections import deque
from collections.abc import Iterable

import pytest

from katapult_async.call_limits import BATCH
from katapult_async.rate_limit.max_in_flight import Slots
from katapult_async.rate_limit.permit import Permit
from katapult_async.rate_limit.proxy_limit import ACCEPTED_WITHIN, FEWEST_UNAVAILABLE, PACE_ENDS_AFTER, ProxyLimit


def sent(sent_at: float, *, in_flight: int = 50) -> Permit:
    return Permit(BATCH, 1, "", Slots(100), granted_at=sent_at, in_flight=in_flight)


def limit_after(
    *, accepted: int, unavailable: int, endpoint_accepted_sent_at: float = 10.0, later: Iterable[float] = ()
) -> ProxyLimit:
    """Return the limit of a proxy that accepted some requests and then sent some 503s, all within 100 ms.

    Args:
        accepted: how many requests it accepted.
        unavailable: how many 503s it sent.
        endpoint_accepted_sent_at: when the latest accepted request of the endpoint was sent.
        later: when further requests were sent that it accepted.
    """
    times = deque([10.0] * accepted)
    limit = ProxyLimit(times)
    for _ in range(unavailable):
        limit.unavailable(sent(10.0), 10.1, endpoint_accepted_sent_at=endpoint_accepted_sent_at)
    times.extend(later)
    return limit


@pytest.mark.parametrize(
    ("accepted", "unavailable", "paces"),
    [
        (20, 20, True),
        (20, 19, False),  # a server that fails for some of the requests
        (1, FEWEST_UNAVAILABLE, True),
        (1, FEWEST_UNAVAILABLE - 1, False),
    ],
)
def test_503_begins_a_pace_if_it_is_as_frequent_as_success(*, accepted: int, unavailable: int, paces: bool) -> None:
    limit = limit_after(accepted=accepted, unavailable=unavailable)
    assert (limit.next_at > 10.1) is paces


def test_only_one_request_may_be_in_flight_after_a_retry_after() -> None:
    limit = ProxyLimit(deque())
    limit.refused(sent(10.0), 10.1, retry_after=20.0)
    limit.accepted(sent(10.0), 10.0)  # sent together with the refused one
    assert limit.concurrency.most == 1.0
    limit.accepted(sent(30.2), 30.2)
    assert limit.concurrency.most == 2.0


def test_retry_after_of_0_seconds_begins_a_pace() -> None:
    limit = ProxyLimit(deque())
    limit.refused(sent(10.0), 10.1, retry_after=0.0)
    assert limit.concurrency.most == math.inf
    assert limit.next_at > 10.1


def test_rate_after_a_pause_in_use_is_measured_since_the_pause() -> None:
    limit = ProxyLimit(deque([1.0, *[10.0] * 20]))
    limit.refused(sent(10.0), 10.1, retry_after=None)
    assert limit.next_at == pytest.approx(10.1 + 1.0 / (0.7 * 80.0))  # 80 a second: 20 in the last 0.25 s


@pytest.mark.parametrize(
    ("seconds", "rate"), [(0.0, 0.7 * 80.0), (math.cbrt(60.0), 80.0), (math.cbrt(60.0) + 2.0, 80.0 + 0.4 * 2.0**3)]
)
def test_rate_grows_from_0_7_of_the_accepted_rate_back_to_it_and_then_past_it(seconds: float, rate: float) -> None:
    limit = limit_after(accepted=20, unavailable=20)  # 80 a second: 20 in the shorter of the measured times
    now = 10.1 + seconds
    while limit.next_at <= now:
        limit.sent(limit.next_at)
    due_at = limit.next_at
    limit.sent(now)
    assert limit.next_at - due_at == pytest.approx(1.0 / rate)


def test_rate_does_not_grow_while_no_request_waits_for_it() -> None:
    limit = limit_after(accepted=20, unavailable=20)
    limit.sent(50.0)
    assert limit.next_at - 50.0 == pytest.approx(1.0 / (0.7 * 80.0), rel=0.01)


def test_slowest_pace_is_a_request_in_two_seconds() -> None:
    limit = ProxyLimit(deque())
    limit.refused(sent(10.0), 10.1, retry_after=None)
    assert limit.next_at == pytest.approx(12.1)


@pytest.mark.parametrize(("seconds", "paces"), [(59.9, True), (60.1, False)])
def test_pace_ends_a_minute_after_the_last_refusal(seconds: float, *, paces: bool) -> None:
    limit = limit_after(accepted=20, unavailable=20)
    limit.sent(10.1 + seconds)
    assert (limit.next_at > 10.1 + seconds) is paces


@pytest.mark.parametrize("last", [-math.inf, 8.9])
def test_503_of_an_endpoint_that_accepts_nothing_begins_no_pace(last: float) -> None:
    assert limit_after(accepted=5, unavailable=100, endpoint_accepted_sent_at=last).next_at < 10.1


def test_503s_of_earlier_seconds_do_not_count() -> None:
    limit = ProxyLimit(deque([13.0] * 5))
    for now in (10.0, 11.0, 12.5, 12.9, 13.0):
        for _ in range(FEWEST_UNAVAILABLE // 4):
            limit.unavailable(sent(now), now, endpoint_accepted_sent_at=now)
    assert limit.next_at < 13.0


def test_503_of_a_paced_request_lowers_the_pace() -> None:
    limit = limit_after(accepted=20, unavailable=20, later=[100.0] * 10)
    for at in range(11, 100):
        limit.accepted(sent(float(at)), float(at))
    before = limit.next_at
    limit.unavailable(sent(100.0), 100.1, endpoint_accepted_sent_at=100.0)
    assert limit.next_at > max(before, 100.1)


def test_503_of_requests_sent_before_the_last_reduction_do_not_end_the_pace() -> None:
    limit = limit_after(accepted=20, unavailable=20)
    for _ in range(20):
        limit.unavailable(sent(10.15), 10.2, endpoint_accepted_sent_at=10.0)
    assert limit.next_at > 10.2


@pytest.mark.parametrize(("accepted", "ends"), [(4, True), (6, False)])
def test_pace_ends_when_it_falls_to_a_small_part_of_the_rate_before(*, accepted: int, ends: bool) -> None:
    limit = limit_after(accepted=20, unavailable=20, later=[15.0] * accepted)
    limit.unavailable(sent(15.0), 15.1, endpoint_accepted_sent_at=15.0)
    assert (limit.next_at == 15.1) is ends


@pytest.mark.parametrize(("accepted", "ends"), [(9, True), (11, False)])
def test_pace_of_few_requests_ends_when_their_rate_falls_far_below_it(*, accepted: int, ends: bool) -> None:
    times = deque([10.0])
    limit = ProxyLimit(times)
    for _ in range(FEWEST_UNAVAILABLE):
        limit.unavailable(sent(10.0), 10.1, endpoint_accepted_sent_at=10.0)
    for at, count in ((15.0, 40), (20.0, accepted)):
        times.extend([at] * count)
        limit.unavailable(sent(at), at, endpoint_accepted_sent_at=at)
    assert (limit.next_at == 20.0) is ends


def test_pace_that_does_not_help_ends_and_does_not_begin_again_for_a_minute() -> None:
    limit = limit_after(accepted=20, unavailable=20, later=[15.0] * 10)
    for at in (11.0, 12.0, 13.0, 14.0, 15.0):
        limit.unavailable(sent(at), at, endpoint_accepted_sent_at=at)
    limit.sent(15.0)
    assert limit.next_at == 15.0
    for _ in range(100):
        limit.unavailable(sent(16.0), 16.0, endpoint_accepted_sent_at=16.0)
    assert limit.next_at == 15.0


@pytest.mark.parametrize(("seconds", "is_reduced"), [(ACCEPTED_WITHIN, True), (ACCEPTED_WITHIN + 0.1, False)])
def test_503_reduces_the_requests_in_flight_if_its_endpoint_accepted_another(
    seconds: float, *, is_reduced: bool
) -> None:
    limit = ProxyLimit(deque())
    limit.unavailable(sent(10.0), 10.1, endpoint_accepted_sent_at=10.0 - seconds)
    assert (limit.concurrency.most < 50) is is_reduced


def limit_after_503s_of_one_call(
    count: int, *, accepted_sent_at: float = 10.0, recovered_at: float = -50.0
) -> ProxyLimit:
    """Return the limit after one call got 503 some times, 2 s apart, and another call succeeded after a 503."""
    limit, permit, recovered = ProxyLimit(deque()), sent(9.0), sent(-60.0)
    recovered.unavailable_at = (-60.0,)
    limit.accepted(recovered, recovered_at)
    for number in range(count):
        permit.granted_at = 9.0 + 2 * number
        limit.unavailable(permit, permit.granted_at + 0.1, endpoint_accepted_sent_at=accepted_sent_at)
    return limit


@pytest.mark.parametrize(
    ("count", "accepted_sent_at", "recovered_at", "is_reduced"),
    [
        (2, 10.0, -50.0, True),
        (3, 10.0, -50.0, False),
        (3, 9.0, -50.0, True),  # no request had time to be accepted since the first 503
        (3, 10.0, -40.0, True),  # another call recovered, as behind a limit of requests in flight
    ],
)
def test_third_503_of_a_call_ends_the_limit_of_requests_in_flight_if_no_call_recovers(
    count: int, accepted_sent_at: float, recovered_at: float, *, is_reduced: bool
) -> None:
    limit = limit_after_503s_of_one_call(count, accepted_sent_at=accepted_sent_at, recovered_at=recovered_at)
    assert (limit.concurrency.most < math.inf) is is_reduced


def test_503s_of_the_next_minute_do_not_reduce_the_requests_in_flight_either() -> None:
    limit = limit_after_503s_of_one_call(3)  # the last was received at 13.1 s
    limit.unavailable(sent(13.0 + PACE_ENDS_AFTER), 74.0, endpoint_accepted_sent_at=73.0)
    assert limit.concurrency.most == math.inf
    limit.unavailable(sent(13.2 + PACE_ENDS_AFTER), 74.0, endpoint_accepted_sent_at=73.0)
    assert limit.concurrency.most < 50


def limit_of_one_request_in_flight() -> ProxyLimit:
    """Return the limit after ten 503s in ten seconds, in which other requests were accepted."""
    limit = ProxyLimit(deque())
    for now in range(10):
        limit.unavailable(sent(float(now), in_flight=10), now + 0.1, endpoint_accepted_sent_at=now)
    assert limit.concurrency.most == 1.0
    return limit


def test_503_of_a_request_sent_alone_ends_the_limit_long_after_the_last_accepted_request() -> None:
    limit = limit_of_one_request_in_flight()
    limit.unavailable(sent(30.0, in_flight=1), 30.1, endpoint_accepted_sent_at=10.0)
    assert limit.concurrency.most == math.inf


def test_success_after_a_503_lets_503s_reduce_the_requests_in_flight_again() -> None:
    limit, recovered = limit_after_503s_of_one_call(3), sent(13.0)  # the last was received at 13.1 s
    limit.unavailable(sent(13.2), 13.3, endpoint_accepted_sent_at=13.1)
    assert limit.concurrency.most == math.inf
    recovered.unavailable_at = (13.1,)
    limit.accepted(recovered, 13.4)
    limit.unavailable(sent(13.5), 13.6, endpoint_accepted_sent_at=13.4)
    assert limit.concurrency.most < 50


@pytest.mark.parametrize("is_shared", [False, True])
def test_503_of_the_only_request_in_flight_ends_the_limit_unless_others_use_the_token(*, is_shared: bool) -> None:
    limit = limit_of_one_request_in_flight()
    recovered = sent(9.0)
    recovered.unavailable_at = (9.1,)
    limit.accepted(recovered, 9.3)
    limit.unavailable(sent(10.0, in_flight=1), 10.1, endpoint_accepted_sent_at=10.0, is_shared=is_shared)
    assert (limit.concurrency.most < math.inf) is is_shared


def test_503s_of_requests_sent_alone_do_not_reduce_the_requests_in_flight_for_a_minute() -> None:
    limit = limit_of_one_request_in_flight()
    limit.unavailable(sent(10.0, in_flight=1), 10.1, endpoint_accepted_sent_at=10.0)
    assert limit.concurrency.most == math.inf
    limit.unavailable(sent(10.0 + PACE_ENDS_AFTER), 71.0, endpoint_accepted_sent_at=70.0)
    assert limit.concurrency.most == math.inf
    limit.unavailable(sent(10.2 + PACE_ENDS_AFTER), 71.0, endpoint_accepted_sent_at=70.0)
    assert limit.concurrency.most < 50
