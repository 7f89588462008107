"""The rate-limit window, with given times and responses."""

import math

import pytest

from katapult_async.rate_limit.headers import RateLimitHeaders
from katapult_async.rate_limit.permit import Permit
from katapult_async.rate_limit.wait_reasons import DenialReason, Denied

from .simulated_server import BATCH, MIDNIGHT, SINGLE, SimulatedServer, new_permit


def test_unknown_budget_allows_four_requests_in_flight() -> None:
    server = SimulatedServer()
    for _ in range(4):
        server.granted(0.0)
    assert server.denied(0.0) == Denied(math.inf, DenialReason.PROBING)
    assert not server.denied(0.0).waits_for_reset


def test_batch_sends_its_first_request_alone_and_the_next_when_the_first_is_overdue() -> None:
    server = SimulatedServer()
    server.granted(0.0, priority=BATCH)
    assert server.denied(0.5, priority=BATCH) == Denied(1.0, DenialReason.PROBING)
    server.granted(0.5)  # a single call does not wait
    for seconds in (1.0, 2.0, 3.0):
        server.granted(seconds, priority=BATCH)
        assert isinstance(server.acquire(seconds, priority=BATCH), Denied)
    assert server.denied(9.0, priority=BATCH).until == math.inf  # four without a response are enough


def test_batch_that_begins_when_nothing_is_left_is_refused_twice() -> None:
    """The second request tests whether the first refusal concerned its call alone."""
    server = SimulatedServer()
    sent = 0
    for tenth in range(100):
        permit = server.acquire(tenth / 10, priority=BATCH)
        while isinstance(permit, Permit):
            sent += 1
            server.respond(permit, tenth / 10 + 0.05, left=0, refused=True)
            permit = server.acquire(tenth / 10, priority=BATCH)
    assert sent == 2


@pytest.mark.parametrize(("responded_at", "windows"), [(0.5, 1), (31.0, 2)])
def test_counter_that_did_not_fall_opens_the_next_window_only_when_this_one_has_ended(
    responded_at: float, windows: int
) -> None:
    """Before the end, the server may have counted one of the two requests late."""
    server = SimulatedServer()
    server.exchange(0.0, left=99)
    permit = server.granted(0.5)
    server.respond(permit, responded_at, left=99)
    assert server.window.windows_opened == windows


def test_no_call_waits_for_a_response_that_is_overdue() -> None:
    server = SimulatedServer()
    server.exchange(0.0, left=99)
    server.exchange(0.1, left=90)
    denial = server.acquire(0.2, priority=BATCH)
    while isinstance(denial, Permit):
        denial = server.acquire(0.2, priority=BATCH)
    assert denial.until == pytest.approx(1.2)
    server.granted(1.2, priority=BATCH)


def test_on_a_slow_network_requests_are_overdue_later() -> None:
    server = SimulatedServer()
    server.respond(server.granted(0.0), 2.0, left=99)
    server.respond(server.granted(2.0), 4.0, left=50)
    server.granted(4.0, priority=BATCH)
    assert server.denied(4.0, priority=BATCH).until == pytest.approx(10.0)


def test_503_of_a_proxy_says_nothing_about_how_long_responses_take() -> None:
    server = SimulatedServer()
    server.respond(server.granted(0.0), 2.0, left=99)
    before = server.window.overdue_after
    permit = server.granted(3.0)
    server.window.responded(permit, RateLimitHeaders(from_katapult=False), now=3.05)
    assert server.window.overdue_after == before > 5.9


def test_first_window_adds_two_requests_in_flight_for_each_response() -> None:
    server = SimulatedServer()
    permits = [server.granted(0.0) for _ in range(4)]
    server.respond(permits[0], 0.05, left=99)
    assert [isinstance(server.acquire(0.05), Permit) for _ in range(5)] == [True, True, True, False, False]


def test_requests_in_flight_count_as_spent() -> None:
    server = SimulatedServer()
    server.exchange(0.0, left=2)
    permits = [server.granted(0.1), server.granted(0.1)]
    assert server.denied(0.1).reason is DenialReason.DRAINING
    server.respond(permits[0], 0.15, left=1)
    assert server.denied(0.15).reason is DenialReason.DRAINING
    server.window.unsent(permits[1])
    server.granted(0.2)


def test_response_out_of_order_does_not_raise_remaining() -> None:
    server = SimulatedServer()
    server.exchange(0.0, left=50)
    one, two = server.granted(0.1), server.granted(0.1)
    server.respond(two, 0.2, left=48)
    server.respond(one, 0.21, left=49)
    assert server.left == 48


def test_spent_window_reopens_at_the_servers_minute() -> None:
    server = SimulatedServer()
    server.spend()
    denial = server.denied(1.1)
    assert denial.reason is DenialReason.SPENT
    assert denial.waits_for_reset
    assert 30.0 <= denial.until <= 30.2


def test_after_the_reset_one_probe_opens_the_window() -> None:
    server = SimulatedServer()
    server.spend()
    opens_at = server.denied(1.1).until
    first = server.granted(opens_at)
    assert server.denied(opens_at).reason is DenialReason.PROBING
    server.respond(first, opens_at + 0.05, left=99)
    server.granted(opens_at + 0.05)
    server.granted(opens_at + 0.05)


def test_another_probe_is_sent_each_second_while_none_has_a_response() -> None:
    server = SimulatedServer()
    server.spend()
    opens_at = at = server.denied(1.1).until
    for seconds in range(1, 20):
        server.granted(at)
        at = server.denied(at).until
        assert at == pytest.approx(opens_at + seconds)


def test_lost_probe_is_replaced_at_once() -> None:
    server = SimulatedServer()
    server.spend()
    opens_at = server.denied(1.1).until
    server.window.lost(server.granted(opens_at), now=opens_at + 0.1)
    server.granted(opens_at + 0.1)


def test_late_reset_is_probed_again_soon_and_its_delay_remembered() -> None:
    server = SimulatedServer()
    server.spend()
    at = server.denied(1.1).until
    waits = []
    for _ in range(3):
        server.respond(server.granted(at), at + 0.05, left=0, refused=True)
        denial = server.denied(at + 0.05)
        assert denial.reason is DenialReason.LATE
        waits.append(denial.until - at - 0.05)
        at = denial.until
    assert waits == pytest.approx([0.05, 0.1, 0.2], abs=0.01)
    server.respond(server.granted(at), at + 0.05, left=99)
    server.exchange(at + 0.1, left=0)
    assert server.denied(at + 0.2).until > 90.1


def test_window_spent_by_another_process_is_not_probed_again() -> None:
    server = SimulatedServer()
    server.spend()
    at = server.denied(1.1).until + 10.0
    server.respond(server.granted(at), at + 0.05, left=0, refused=True)
    denial = server.denied(at + 0.1)
    assert denial.reason is DenialReason.REFUSED
    assert 90.0 <= denial.until <= 90.2


def test_spent_window_whose_counter_did_not_rise_may_be_the_previous_window() -> None:
    server = SimulatedServer()
    server.exchange(29.5, left=90)
    server.exchange(31.0, left=60)
    server.exchange(32.0, left=0)
    assert server.denied(32.1).until < 35.0
    assert server.denied(32.1, priority=BATCH).until > 90.0


def test_window_whose_counter_rose_is_not_probed_after_it_is_spent() -> None:
    server = SimulatedServer()
    server.spend()
    server.exchange(server.denied(1.1).until, left=60)
    server.exchange(32.0, left=0)
    assert server.denied(32.1).until > 90.0


def test_accepted_request_after_a_spent_window_shows_the_reset_also_if_it_was_the_last() -> None:
    """Another process has used the others: probes for a late reset would only be refused."""
    server = SimulatedServer()
    server.exchange(0.0, left=1, permitted=3)
    server.exchange(1.0, left=0, permitted=3)
    at = server.denied(1.1).until
    server.exchange(at, left=0, permitted=3)
    assert server.denied(at + 0.1).reason is DenialReason.SPENT
    assert server.denied(at + 0.1).until > 90.0


def test_batch_sends_probes_while_the_counter_of_the_old_window_is_reported_after_its_end() -> None:
    server = SimulatedServer()
    server.exchange(0.0, left=99)
    server.exchange(0.94, left=98)
    server.exchange(1.0, left=4)
    at = server.window.times.rollover_at
    server.respond(server.granted(at, priority=BATCH, to_send=1000), at + 0.05, left=3)
    assert server.denied(at + 0.05, priority=BATCH, to_send=1000).until < at + 0.2
    server.respond(server.granted(at + 0.2, priority=BATCH, to_send=1000), at + 0.25, left=99)
    server.granted(at + 0.25, priority=BATCH, to_send=1000)


def test_late_response_with_a_rest_of_the_old_window_does_not_close_one_that_was_reset_late() -> None:
    server = SimulatedServer()
    server.exchange(0.0, left=99)
    server.exchange(0.94, left=98)
    server.exchange(1.0, left=5)
    server.exchange(server.window.times.rollover_at, left=4)
    at = server.window.times.rollover_at
    counted_before_reset = server.granted(at)
    counted_after_reset = server.granted(at + 0.01)
    server.respond(counted_after_reset, at + 0.05, left=98)
    server.respond(counted_before_reset, at + 0.5, left=3)
    assert server.window.remaining == 98


def test_node_whose_clock_is_behind_closes_the_new_window_only_until_its_own_reset() -> None:
    """It counts in the window of its own clock, as Rack::Attack does."""
    server = SimulatedServer()
    server.spend()
    at = server.window.times.rollover_at
    server.exchange(at, left=99)
    server.respond(server.granted(at + 0.1), at + 0.15, left=0, refused=True, ahead=-1.0)
    server.respond(server.granted(at + 0.2), at + 0.25, left=0, refused=True, ahead=-1.0)  # the test of the first
    assert server.denied(at + 0.3).until < at + 1.5


def test_counter_of_a_node_whose_clock_is_behind_is_not_that_of_the_new_window() -> None:
    server = SimulatedServer()
    server.spend()
    at = server.window.times.rollover_at
    server.exchange(at, left=99)
    server.respond(server.granted(at + 0.1), at + 0.15, left=5, ahead=-1.0)
    assert server.window.remaining == 98
    server.respond(server.granted(at + 0.2), at + 0.25, left=0, ahead=-1.0)
    assert server.denied(at + 0.3).until < at + 1.5


def test_date_of_a_node_whose_clock_is_behind_does_not_close_the_new_window() -> None:
    server = SimulatedServer()
    server.spend()
    at = server.window.times.rollover_at
    server.exchange(at, left=99)
    server.respond(server.granted(at + 0.1), at + 0.15, left=98, ahead=-1.0)
    assert server.window.times.rollover_at > at + 59.0


def test_last_counter_of_the_old_window_does_not_close_the_new_one() -> None:
    server = SimulatedServer()
    server.exchange(0.0, left=99)
    server.exchange(1.0, left=5)
    at = 30.96
    server.exchange(at, left=4)  # counted in the old window, which ends late
    server.exchange(at + 0.1, left=99)
    assert server.window.snapshot(at + 0.2).remaining == 99


def test_second_refusal_without_headers_sets_the_budget_from_its_detail() -> None:
    server = SimulatedServer()
    permit = server.granted(0.0)
    server.respond(permit, 0.05, left=None, permitted=None, refused=True, total=40)
    denial = server.denied(0.1, refused_permit=permit)
    assert denial.reason is DenialReason.REFUSED
    assert 29.9 < denial.until < 31.1
    server.respond(server.granted(0.1), 0.15, left=None, permitted=None, refused=True, total=40)
    assert server.window.permitted == 40


def test_number_in_the_refusal_of_one_call_is_not_the_budget_of_the_window() -> None:
    server = SimulatedServer()
    permit = server.granted(0.0)
    server.respond(permit, 0.05, left=None, permitted=None, refused=True, total=10)
    server.respond(server.granted(0.1), 0.15, left=None, permitted=None)
    assert server.refused_alone == [permit]
    for number in range(20):
        server.respond(server.granted(1.0 + number / 10), 1.05 + number / 10, left=None, permitted=None)


def test_without_a_date_the_wait_doubles_with_each_refusal_up_to_2_s() -> None:
    server = SimulatedServer(dated=False)
    at, waits, permit = 0.0, [], server.granted(0.0)
    for _ in range(14):
        server.respond(permit, at, left=None, permitted=None, refused=True, total=1000)
        until = server.denied(at, refused_permit=permit).until
        waits.append(until - at)
        at = until
        permit = server.granted(at)
    assert waits[:3] == pytest.approx([0.06 * 0.75, 0.12 * 0.75, 0.24 * 0.75])
    assert max(waits) <= 2.0


def test_number_in_a_refusal_in_doubt_sets_the_pace_of_the_probes() -> None:
    server = SimulatedServer(dated=False)
    at, permit = 0.0, server.granted(0.0)
    for _ in range(3):
        server.respond(permit, at, left=None, permitted=None, refused=True, total=20)
        until = server.denied(at, refused_permit=permit).until
        assert until - at == pytest.approx(3.0 * 0.75), "else the attempts of the call end before the window"
        at = until
        permit = server.granted(at)


def test_refusal_without_counter_lets_one_other_call_test_the_window() -> None:
    server = SimulatedServer()
    server.exchange(0.0, left=50)
    refused = server.granted(0.1)
    server.respond(refused, 0.15, left=None, permitted=None, refused=True)
    assert server.denied(0.2, refused_permit=refused).waits_for_reset
    test = server.granted(0.2)
    assert server.denied(0.2) == Denied(1.2, DenialReason.PROBING)
    server.respond(test, 0.25, left=48)
    server.granted(0.3)
    assert server.refused_alone == [refused]


def test_window_is_spent_if_the_test_is_refused_too() -> None:
    server = SimulatedServer()
    server.exchange(0.0, left=50)
    server.respond(server.granted(0.1), 0.15, left=None, permitted=None, refused=True)
    server.respond(server.granted(0.2), 0.25, left=None, permitted=None, refused=True)
    assert server.denied(0.3).reason is DenialReason.REFUSED


@pytest.mark.parametrize(
    ("permitted", "left", "is_doubted"),
    [(1000, 50, True), (1000, 49, False), (40, 10, True), (40, 9, False), (4, 2, True), (4, 1, False)],
)
def test_refusal_with_the_counter_0_is_doubted_if_50_requests_or_a_quarter_were_left(
    permitted: int, left: int, *, is_doubted: bool
) -> None:
    server = SimulatedServer()
    server.exchange(0.0, left=left, permitted=permitted)
    server.respond(server.granted(0.1), 0.15, left=0, permitted=permitted, refused=True)
    assert isinstance(server.acquire(0.2), Permit) is is_doubted


def test_doubtful_refusal_is_tested_when_no_other_request_is_in_flight() -> None:
    server = SimulatedServer()
    server.exchange(0.0, left=60)
    first, second = server.granted(0.1), server.granted(0.1)
    server.respond(first, 0.15, left=None, refused=True)
    assert server.denied(0.15).reason is DenialReason.PROBING
    server.respond(second, 0.2, left=59)
    server.granted(0.2)
    assert server.denied(0.2).reason is DenialReason.PROBING


def test_overdue_refusal_is_not_doubted_again_after_a_test_that_was_sent_later() -> None:
    server = SimulatedServer()
    server.exchange(0.0, left=90)
    early, late = server.granted(0.1), server.granted(0.1)
    server.respond(early, 0.2, left=None, refused=True)
    server.respond(server.granted(1.2), 1.3, left=89)
    server.respond(late, 1.4, left=None, refused=True)
    server.granted(1.5)
    server.granted(1.5)
    assert server.refused_alone == [early, late]


def test_server_without_headers_is_not_limited() -> None:
    server = SimulatedServer(dated=False)
    server.exchange(0.0, left=None, permitted=None)
    for _ in range(50):
        server.granted(0.1)
    assert server.window.estimate(10**6, 0.1).seconds == 0.0
    assert server.window.snapshot(0.1).resets_at is None


def test_server_without_headers_reopens_after_a_success() -> None:
    server = SimulatedServer(dated=False)
    permit = server.granted(0.0)
    server.respond(permit, 0.05, left=None, permitted=None, refused=True)
    retry_at = server.denied(0.06, refused_permit=permit).until
    server.exchange(retry_at, left=None, permitted=None)
    server.granted(retry_at + 0.1)
    server.granted(retry_at + 0.1)


def test_missing_counter_is_counted_locally() -> None:
    server = SimulatedServer()
    server.exchange(0.0, left=3)
    server.exchange(0.1, left=None, permitted=None)
    assert server.left == 2


def test_window_without_dates_ends_one_length_after_the_last_counter() -> None:
    server = SimulatedServer(dated=False)
    server.exchange(0.0, left=1)
    permit = server.granted(1.0)
    assert server.denied(1.0).until == pytest.approx(60.05)
    server.window.lost(permit, now=2.0)
    assert server.denied(2.0).reason is DenialReason.SPENT
    server.granted(60.05)


def test_changed_permitted_starts_another_counter() -> None:
    server = SimulatedServer()
    server.exchange(0.0, left=999, permitted=1000)
    server.exchange(0.1, left=150, permitted=200)
    assert (server.window.permitted, server.left) == (200, 150)
    server.exchange(0.2, left=998, permitted=1000)
    assert (server.window.permitted, server.left) == (1000, 998)


def test_server_clock_that_is_set_back_is_followed() -> None:
    server = SimulatedServer()
    server.exchange(0.0, left=99)
    permit = server.granted(1.0)
    server.window.responded(permit, RateLimitHeaders(100, 0, MIDNIGHT + 1.0), now=1.05)
    assert 60.0 < server.denied(1.1, priority=BATCH).until <= 60.1


def test_after_a_long_silence_the_current_window_is_used() -> None:
    server = SimulatedServer()
    server.spend()
    status = server.window.snapshot(400.0)
    assert status.remaining == 100
    assert status.resets_at == MIDNIGHT + 480.0
    assert server.window.estimate(50, 400.0).seconds == 0.0
    server.exchange(400.0, left=99)
    assert server.window.snapshot(400.1).resets_at == MIDNIGHT + 480.0


def test_requests_of_all_batches_are_counted_only_if_one_may_be_held_back() -> None:
    counted: list[object] = []

    def count(batch: object) -> int:
        counted.append(batch)
        return 500

    server = SimulatedServer()
    server.exchange(0.0, left=99)
    assert server.window.check(new_permit(BATCH), 0.1, to_send=count) is None
    for left in range(97, 0, -2):
        server.exchange(0.1, left=left)
    assert counted == [], "nobody else had used the token"
    denied = server.window.check(new_permit(BATCH), 0.3, to_send=count)
    assert denied is not None
    assert (denied.reason, len(counted)) == (DenialReason.SHARED, 1)


def test_batch_beside_an_equal_process_stops_at_its_share() -> None:
    server = SimulatedServer()
    server.exchange(0.0, left=99)
    for left in range(97, 0, -2):
        server.exchange(0.1, left=left)
    assert server.denied(0.3, priority=BATCH, to_send=500).reason is DenialReason.SHARED
    server.granted(0.3)


def test_batch_with_a_small_share_has_one_request_in_flight() -> None:
    server = SimulatedServer()
    server.exchange(0.0, left=99)
    server.exchange(0.1, left=50)
    server.granted(0.2, priority=BATCH)
    assert server.acquire(0.2, priority=BATCH) == Denied(1.2, DenialReason.SHARED)
    server.granted(0.2)  # a single call is not held back


def test_batch_that_outlasts_the_window_keeps_a_shrinking_reserve() -> None:
    server = SimulatedServer()
    server.exchange(0.0, left=99)
    for left in range(98, 29, -1):
        server.exchange(1.0, left=left)
    denial = server.denied(1.1, priority=BATCH, to_send=1000)
    assert denial.reason is DenialReason.RESERVED
    assert 1.1 < denial.until < 30.0
    assert isinstance(server.acquire(denial.until, priority=BATCH, to_send=1000), Permit)
    assert isinstance(server.acquire(1.1, priority=SINGLE), Permit)
    assert isinstance(server.acquire(29.99, priority=BATCH, to_send=1000), Permit)


def test_counter_of_the_old_window_reserves_nothing_while_the_probe_has_no_response() -> None:
    server = SimulatedServer()
    for left in range(99, 29, -1):
        server.exchange(1.0, left=left)
    resets_at = server.window.times.reset_after(1.1)
    server.granted(resets_at, priority=BATCH, to_send=1000)
    denial = server.denied(resets_at + 0.1, priority=BATCH, to_send=1000)
    assert denial.reason is DenialReason.PROBING
    assert denial.until == pytest.approx(resets_at + 1.0)
    server.granted(denial.until, priority=BATCH, to_send=1000)


def test_floor_is_kept_until_shortly_before_the_end_of_the_window_after_one_probe() -> None:
    server = SimulatedServer()
    for left in range(99, 3, -1):
        server.exchange(0.1, left=left)
    denial = server.denied(0.2, priority=BATCH, to_send=1000)
    assert denial.reason is DenialReason.RESERVED
    assert denial.until < 2.0
    probe = server.granted(denial.until, priority=BATCH, to_send=1000)
    server.respond(probe, denial.until + 0.05, left=3)
    denial = server.denied(2.0, priority=BATCH, to_send=1000)
    assert denial.reason is DenialReason.RESERVED
    assert 27.0 < denial.until < 30.0


def test_requests_that_were_left_at_a_refusal_do_not_count_as_those_of_others() -> None:
    server = SimulatedServer()
    for left in range(99, 19, -1):
        at = 0.25 * (99 - left)
        server.respond(server.granted(at, priority=BATCH), at + 0.05, left=left)
    server.respond(server.granted(20.1), 20.15, left=0, refused=True)
    resets_at = server.denied(20.2).until
    for left in range(99, 49, -1):
        server.respond(server.granted(resets_at, priority=BATCH), resets_at + 0.05, left=left)
    for _ in range(3):
        server.granted(resets_at + 0.1, priority=BATCH, to_send=20)


def test_batch_that_fits_into_the_window_spends_all_of_it() -> None:
    server = SimulatedServer()
    server.exchange(0.0, left=99)
    for left in range(98, -1, -1):
        server.respond(server.granted(0.1, priority=BATCH, to_send=left + 1), 0.15, left=left)
    assert server.left == 0


def test_second_outcome_of_a_permit_is_ignored() -> None:
    server = SimulatedServer()
    permit = server.granted(0.0)
    server.respond(permit, 0.05, left=50)
    server.respond(permit, 0.06, left=5)
    server.window.lost(permit, now=0.07)
    server.window.unsent(permit)
    assert (server.window.in_flight, server.left) == (0, 50)


def test_estimate_counts_windows_and_seconds() -> None:
    server = SimulatedServer()
    assert server.window.estimate(5000, 0.0).windows == 1
    server.spend()
    estimate = server.window.estimate(250, 1.1)
    assert (estimate.requests, estimate.windows) == (250, 3)
    assert estimate.seconds == pytest.approx(149.0, abs=0.2)
    assert server.window.estimate(0, 1.1).windows == 0
