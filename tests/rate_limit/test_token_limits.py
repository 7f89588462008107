"""The limits of a token by endpoint: which of them a response concerns."""

import math
import weakref

import pytest

from katapult_async.call_limits import Priority
from katapult_async.rate_limit.headers import RateLimitHeaders
from katapult_async.rate_limit.max_in_flight import Slots
from katapult_async.rate_limit.permit import Permit
from katapult_async.rate_limit.requests_in_flight import OVERDUE
from katapult_async.rate_limit.token_limits import TokenLimits
from katapult_async.rate_limit.wait_reasons import DenialReason, Denied, DeniedCalls
from tests.freed_frames import without_garbage_collector

from .simulated_server import MIDNIGHT

LIMITED, ANOTHER = "POST /a", "GET /b"


def new_limits() -> TokenLimits:
    return TokenLimits(seconds=60.0, random=lambda: 0.5)


def new_permit(route: str) -> Permit:
    return Permit(Priority.SINGLE, 0, route, Slots(100))


def denial(limits: TokenLimits, permit: Permit, now: float) -> Denied:
    """Return why a permit is denied."""
    denied = limits.acquire(permit, now)
    assert denied is not None
    return denied


def send_all(limits: TokenLimits, route: str, slots: Slots, now: float) -> list[Permit]:
    """Send all requests of an endpoint that are permitted at a time, and return their permits."""
    permits: list[Permit] = []
    while True:
        permit = Permit(Priority.SINGLE, 0, route, slots)
        if limits.acquire(permit, now) is not None:
            return permits
        permits.append(permit)


def exchange(limits: TokenLimits, route: str, now: float, *, refused: bool = False) -> None:
    """Send a request at a time, and let it be accepted, or refused without a counter."""
    permit = new_permit(route)
    assert limits.acquire(permit, now) is None
    date = MIDNIGHT + 30.0 + int(now)
    headers = RateLimitHeaders(date=date, refused=True) if refused else RateLimitHeaders(1000, 900, date)
    limits.responded(permit, headers, now=now + 0.05)


def with_a_limited_endpoint() -> TokenLimits:
    """Return limits after three refusals of an endpoint, while another was accepted."""
    limits = new_limits()
    for seconds in range(3):
        exchange(limits, ANOTHER, seconds)
        exchange(limits, LIMITED, seconds + 0.1, refused=True)
        exchange(limits, ANOTHER, seconds + 0.2)
    return limits


def test_endpoint_with_a_limit_of_its_own_waits_for_the_reset_and_others_do_not() -> None:
    limits = with_a_limited_endpoint()
    denied = denial(limits, new_permit(LIMITED), 3.0)
    assert (denied.reason, denied.calls) == (DenialReason.ENDPOINT, DeniedCalls.OF_ENDPOINT)
    assert 30.0 <= denied.until <= 31.0
    assert limits.acquire(new_permit(ANOTHER), 3.0) is None


def test_another_probe_of_a_limited_endpoint_is_sent_when_the_first_is_overdue() -> None:
    limits = with_a_limited_endpoint()
    denied = denial(limits, new_permit(LIMITED), 3.0)
    assert limits.acquire(new_permit(LIMITED), denied.until) is None
    second = denial(limits, new_permit(LIMITED), denied.until)
    assert second.reason is DenialReason.PACED
    assert second.until == pytest.approx(denied.until + OVERDUE)
    assert limits.acquire(new_permit(LIMITED), second.until) is None


@pytest.mark.parametrize("left", [900, 0])
def test_own_refusals_in_a_row_show_a_limit_of_the_only_endpoint_in_use(left: int) -> None:
    limits = new_limits()
    exchange(limits, LIMITED, 0.0)
    for seconds in range(1, 13):
        permit = new_permit(LIMITED)
        permit.own_refusals = 1
        assert limits.acquire(permit, seconds) is None
        refusal = RateLimitHeaders(1000, left, MIDNIGHT + 30.0 + seconds, refused=True)
        limits.responded(permit, refusal, now=seconds + 0.05)
    denied = denial(limits, new_permit(LIMITED), 13.0)
    assert denied.reason is DenialReason.ENDPOINT
    assert limits.acquire(new_permit(ANOTHER), 13.0) is None


def test_refusals_of_a_call_in_two_windows_are_no_own_refusals() -> None:
    limits = new_limits()

    def respond(permit: Permit, now: float, *, left: int, refused: bool = False) -> None:
        assert limits.acquire(permit, now) is None
        headers = RateLimitHeaders(2, left, MIDNIGHT + 30.0 + int(now), refused)
        limits.responded(permit, headers, now=now + 0.05)

    refused = new_permit(LIMITED)
    respond(new_permit(LIMITED), 0.0, left=1)
    respond(refused, 1.0, left=0, refused=True)
    # the next window has begun at 30.0
    respond(new_permit(LIMITED), 32.0, left=1)
    respond(refused, 33.0, left=0, refused=True)
    denied = denial(limits, refused, 34.0)
    assert denied.reason is DenialReason.REFUSED
    assert refused.own_refusals == 0


@pytest.mark.parametrize(("max_in_flight", "most"), [(1, 1), (2, 1), (3, 2), (4, 3)])
def test_endpoint_that_hangs_leaves_a_slot_to_others_in_use(max_in_flight: int, most: int) -> None:
    limits, slots = new_limits(), Slots(max_in_flight)
    exchange(limits, LIMITED, 0.0)
    exchange(limits, ANOTHER, 0.1)
    hanging = [*send_all(limits, LIMITED, Slots(1), 0.2), *send_all(limits, LIMITED, slots, 0.2 + OVERDUE)]
    assert len(hanging) == 1 + most
    assert len(send_all(limits, ANOTHER, slots, 0.2 + OVERDUE)) == max_in_flight - most


@pytest.mark.parametrize("has_hung", [False, True], ids=["not yet", "after it hung"])
def test_endpoint_without_a_response_yet_leaves_a_slot_to_others_in_use(*, has_hung: bool) -> None:
    limits, slots = new_limits(), Slots(2)
    exchange(limits, ANOTHER, 0.0)
    if has_hung:
        exchange(limits, LIMITED, 0.1)
        [hung] = send_all(limits, LIMITED, Slots(1), 0.2)
        limits.lost(hung, now=20.0)
    [hanging] = send_all(limits, LIMITED, slots, 20.0)
    limits.responded(hanging, RateLimitHeaders(1000, 900, MIDNIGHT + 50.0), now=20.05)
    assert len(send_all(limits, LIMITED, slots, 20.1)) == 2


def test_endpoint_that_hangs_gets_both_of_two_slots_if_no_other_is_in_use() -> None:
    limits = new_limits()
    assert len(send_all(limits, LIMITED, Slots(2), 0.0)) == 2


@pytest.mark.parametrize(("ended_at", "overdue"), [(0.5, 0), (60.0, 1)], ids=["cancelled", "timed out"])
def test_endpoint_that_hung_counts_as_overdue_until_it_responds(ended_at: float, overdue: int) -> None:
    limits = new_limits()
    [hanging] = send_all(limits, LIMITED, Slots(1), 0.0)
    limits.lost(hanging, now=ended_at)
    assert limits.overdue(LIMITED, ended_at) == overdue
    exchange(limits, LIMITED, 61.0)
    assert limits.overdue(LIMITED, 61.1) == 0


def test_request_that_was_never_sent_does_not_count_for_the_limit_of_its_endpoint() -> None:
    limits = with_a_limited_endpoint()
    permit = new_permit(LIMITED)
    refusal = RateLimitHeaders(date=MIDNIGHT + 91.0, refused=True, total_permitted=2)
    denied = denial(limits, permit, 3.0)
    # the probe of the next window is refused: the endpoint permits two requests in a window
    assert limits.acquire(permit, denied.until) is None
    limits.responded(permit, refusal, now=denied.until + 0.05)
    denied = denial(limits, permit, denied.until + 1.0)
    begins_at = denied.until
    # in the window after that, one request is not sent and two are accepted
    unsent = new_permit(LIMITED)
    assert limits.acquire(unsent, begins_at) is None
    limits.unsent(unsent)
    for number in range(2):
        accepted = new_permit(LIMITED)
        assert limits.acquire(accepted, begins_at + number) is None
        limits.responded(
            accepted, RateLimitHeaders(1000, 900, MIDNIGHT + 150.0 + number), now=begins_at + number + 0.05
        )
    denied = denial(limits, new_permit(LIMITED), begins_at + 3.0)
    assert denied.reason is DenialReason.ENDPOINT


def test_endpoint_without_a_counter_waits_for_the_window_that_another_endpoint_reports() -> None:
    limits = new_limits()

    def accept(route: str, now: float, *, left: int | None) -> None:
        permit = new_permit(route)
        assert limits.acquire(permit, now) is None
        headers = RateLimitHeaders(None if left is None else 1000, left, MIDNIGHT + 30.0 + int(now))
        limits.responded(permit, headers, now=now + 0.05)

    accept(LIMITED, 0.0, left=None)
    accept(ANOTHER, 1.0, left=0)
    denied = denial(limits, new_permit(LIMITED), 2.0)
    assert denied.reason is DenialReason.SPENT


def test_refusals_of_overtaken_calls_prove_no_limit_of_their_endpoint() -> None:
    limits = new_limits()
    calls = [new_permit(LIMITED) for _ in range(3)]

    def refuse_all(now: float) -> None:
        for number, permit in enumerate(calls):
            assert limits.acquire(permit, now + number / 10) is None
            refusal = RateLimitHeaders(1000, 900, MIDNIGHT + 30.0 + int(now), refused=True)
            limits.responded(permit, refusal, now=now + number / 10 + 0.05)

    exchange(limits, ANOTHER, 0.0)
    refuse_all(1.0)
    exchange(limits, LIMITED, 2.0)
    for seconds in (3, 5, 8, 13, 18, 23):  # each call waits up to 4 s after a refusal
        refuse_all(seconds)
        exchange(limits, ANOTHER, seconds + 0.5)
    assert limits.acquire(new_permit(LIMITED), 24.0) is None


def test_call_that_was_refused_alone_waits_until_it_may_be_sent_again() -> None:
    limits = new_limits()
    permit = new_permit(LIMITED)
    permit.add_own_refusal(0.0, 1.0, reset_at=30.0)
    assert denial(limits, permit, 0.49).until == 0.5
    assert limits.acquire(permit, 0.5) is None


def test_each_accepted_request_permits_two_more_at_a_limited_endpoint() -> None:
    limits = with_a_limited_endpoint()
    denied = denial(limits, new_permit(LIMITED), 3.0)
    exchange(limits, LIMITED, denied.until)
    for _ in range(2):
        assert limits.acquire(new_permit(LIMITED), denied.until + 0.1) is None
    assert limits.acquire(new_permit(LIMITED), denied.until + 0.1) is not None


def test_endpoints_that_are_not_in_use_are_forgotten() -> None:
    limits = new_limits()
    exchange(limits, LIMITED, 0.0)
    for number in range(2000):
        exchange(limits, f"GET /{number}", 1.0 + number)
    kept = limits.accepted_sent_at
    assert kept("GET /1999") == 2000.0
    assert kept("GET /0") == kept(LIMITED) == -math.inf


def test_endpoint_with_a_limit_of_its_own_is_not_forgotten() -> None:
    limits = new_limits()
    exchange(limits, LIMITED, 0.0)
    for seconds in range(1, 4):
        exchange(limits, ANOTHER, seconds)
        exchange(limits, LIMITED, seconds + 0.1, refused=True)
        exchange(limits, ANOTHER, seconds + 0.2)
    for number in range(2000):
        exchange(limits, f"GET /{number}", 5.0 + number)
    assert limits.accepted_sent_at(LIMITED) == 0.0


def test_limits_of_a_token_are_freed_without_the_garbage_collector() -> None:
    limits = new_limits()
    exchange(limits, ANOTHER, 0.0)
    exchange(limits, LIMITED, 1.0, refused=True)
    freed = weakref.ref(limits)
    with without_garbage_collector():
        del limits
        assert freed() is None
