"""The rate-limit window without any loop: time and answers go in, decisions come out."""

import math

import pytest

from katapult_async.rate_limit.headers import RateLimitHeaders
from katapult_async.rate_limit.status import DenialReason, Denied, Permit

from .counter import BATCH, FOREGROUND, MIDNIGHT, Talk


def test_a_cold_window_lets_a_handful_through() -> None:
    talk = Talk()
    for _ in range(4):
        talk.granted(0.0)
    assert talk.shut(0.0) == Denied(math.inf, DenialReason.PROBING)
    assert not talk.shut(0.0).closed


def test_the_first_window_opens_step_by_step() -> None:
    talk = Talk()
    cold = [talk.granted(0.0) for _ in range(4)]
    talk.hear(cold[0], 0.05, left=99)
    assert [isinstance(talk.ask(0.05), Permit) for _ in range(5)] == [True, True, True, False, False]


def test_what_is_under_way_counts_as_spent() -> None:
    talk = Talk()
    talk.exchange(0.0, left=2)
    permits = [talk.granted(0.1), talk.granted(0.1)]
    assert talk.shut(0.1).reason is DenialReason.DRAINING
    talk.hear(permits[0], 0.15, left=1)
    assert talk.shut(0.15).reason is DenialReason.DRAINING
    talk.window.unsent(permits[1])
    talk.granted(0.2)


def test_an_answer_out_of_order_does_not_raise_what_is_left() -> None:
    talk = Talk()
    talk.exchange(0.0, left=50)
    one, two = talk.granted(0.1), talk.granted(0.1)
    talk.hear(two, 0.2, left=48)
    talk.hear(one, 0.21, left=49)
    assert talk.left == 48


def test_no_more_than_the_policy_allows_are_under_way() -> None:
    talk = Talk()
    for left in range(99, 40, -1):
        talk.exchange(0.0, left=left)
    for _ in range(50 - 9):
        talk.granted(1.0)
    while isinstance(talk.ask(1.0), Permit):
        pass
    assert talk.shut(1.0).reason in {DenialReason.BUSY, DenialReason.DRAINING}


def test_a_spent_window_reopens_at_the_servers_minute() -> None:
    talk = Talk()
    talk.spend()
    shut = talk.shut(1.1)
    assert shut.reason is DenialReason.SPENT
    assert shut.closed
    assert 30.0 <= shut.until <= 30.2


def test_after_the_turn_one_request_goes_first_and_its_answer_opens_the_window() -> None:
    talk = Talk()
    talk.spend()
    opens_at = talk.shut(1.1).until
    first = talk.granted(opens_at)
    assert talk.shut(opens_at).reason is DenialReason.PROBING
    talk.hear(first, opens_at + 0.05, left=99)
    talk.granted(opens_at + 0.05)
    talk.granted(opens_at + 0.05)


def test_a_silent_first_request_is_joined_by_another() -> None:
    talk = Talk()
    talk.spend()
    opens_at = talk.shut(1.1).until
    talk.granted(opens_at)
    shut = talk.shut(opens_at)
    assert shut.until == pytest.approx(opens_at + 1.0)
    talk.granted(shut.until)
    assert talk.shut(shut.until).until == pytest.approx(opens_at + 2.0)


def test_a_lost_first_request_makes_room_for_the_next_at_once() -> None:
    talk = Talk()
    talk.spend()
    opens_at = talk.shut(1.1).until
    talk.window.lost(talk.granted(opens_at), now=opens_at + 0.1)
    talk.granted(opens_at + 0.1)


def test_a_late_window_is_looked_for_again_soon_and_the_lateness_remembered() -> None:
    talk = Talk()
    talk.spend()
    at = talk.shut(1.1).until
    waits = []
    for _ in range(3):
        talk.hear(talk.granted(at), at + 0.05, left=0, refused=True)
        shut = talk.shut(at + 0.05)
        assert shut.reason is DenialReason.LATE
        waits.append(shut.until - at - 0.05)
        at = shut.until
    assert waits == pytest.approx([0.05, 0.1, 0.2], abs=0.01)
    talk.hear(talk.granted(at), at + 0.05, left=99)
    talk.exchange(at + 0.1, left=0)
    assert talk.shut(at + 0.2).until > 90.1


def test_a_window_that_somebody_else_spent_is_given_up() -> None:
    talk = Talk()
    talk.spend()
    at = talk.shut(1.1).until + 10.0
    talk.hear(talk.granted(at), at + 0.05, left=0, refused=True)
    shut = talk.shut(at + 0.1)
    assert shut.reason is DenialReason.REFUSED
    assert 90.0 <= shut.until <= 90.2


def test_the_old_windows_last_count_after_the_minute_does_not_shut_the_new_one() -> None:
    talk = Talk()
    talk.exchange(0.0, left=99)
    talk.exchange(1.0, left=5)
    at = 30.96
    talk.exchange(at, left=4)  # counted in the old window, which ends late
    talk.exchange(at + 0.1, left=99)
    assert talk.window.snapshot(at + 0.2).remaining == 99


def test_a_refusal_without_headers_tells_the_budget_by_its_detail() -> None:
    talk = Talk()
    talk.hear(talk.granted(0.0), 0.05, left=None, permitted=None, refused=True, total=40)
    shut = talk.shut(0.1)
    assert shut.reason is DenialReason.REFUSED
    assert talk.window.permitted == 40
    assert 29.9 < shut.until < 31.1


def test_without_any_date_refusals_back_off_and_stay_below_a_window() -> None:
    talk = Talk(dated=False)
    at, waits = 0.0, []
    for _ in range(14):
        talk.hear(talk.granted(at), at, left=None, permitted=None, refused=True, total=1000)
        until = talk.shut(at).until
        waits.append(until - at)
        at = until
    assert waits[:3] == pytest.approx([0.06 * 0.75, 0.12 * 0.75, 0.24 * 0.75])
    assert max(waits) <= 60.0


def test_without_any_header_nothing_is_held_back() -> None:
    talk = Talk(dated=False)
    talk.exchange(0.0, left=None, permitted=None)
    for _ in range(50):
        talk.granted(0.1)
    assert talk.window.estimate(10**6, 0.1).seconds == 0.0
    assert talk.window.snapshot(0.1).resets_at is None


def test_without_any_header_a_refusal_is_forgotten_after_a_good_answer() -> None:
    talk = Talk(dated=False)
    talk.hear(talk.granted(0.0), 0.05, left=None, permitted=None, refused=True)
    again = talk.shut(0.06).until
    talk.exchange(again, left=None, permitted=None)
    talk.granted(again + 0.1)
    talk.granted(again + 0.1)


def test_where_counts_stop_coming_they_are_kept_by_ourselves() -> None:
    talk = Talk()
    talk.exchange(0.0, left=3)
    talk.exchange(0.1, left=None, permitted=None)
    assert talk.left == 2


def test_a_window_without_dates_turns_a_whole_length_after_the_last_count() -> None:
    talk = Talk(dated=False)
    talk.exchange(0.0, left=1)
    permit = talk.granted(1.0)
    assert talk.shut(1.0).until == pytest.approx(60.05)
    talk.window.lost(permit, now=2.0)
    assert talk.shut(2.0).reason is DenialReason.SPENT
    talk.granted(60.05)


def test_another_budget_in_the_headers_is_another_counter() -> None:
    talk = Talk()
    talk.exchange(0.0, left=999, permitted=1000)
    talk.exchange(0.1, left=150, permitted=200)
    assert (talk.window.permitted, talk.left) == (200, 150)
    talk.exchange(0.2, left=998, permitted=1000)
    assert (talk.window.permitted, talk.left) == (1000, 998)


def test_a_server_clock_that_is_set_back_is_believed() -> None:
    talk = Talk()
    talk.exchange(0.0, left=99)
    permit = talk.granted(1.0)
    talk.window.feed(permit, RateLimitHeaders(100, 0, MIDNIGHT + 1.0), now=1.05, jitter=0.5)
    assert 60.0 < talk.shut(1.1).until <= 60.1


def test_after_a_long_silence_the_present_window_is_found() -> None:
    talk = Talk()
    talk.spend()
    seen = talk.window.snapshot(400.0)
    assert seen.remaining == 100
    assert seen.resets_at == MIDNIGHT + 480.0
    assert talk.window.estimate(50, 400.0).seconds == 0.0
    talk.exchange(400.0, left=99)
    assert talk.window.snapshot(400.1).resets_at == MIDNIGHT + 480.0


def test_a_batch_beside_a_process_that_spends_as_fast_stops_where_its_share_ends() -> None:
    talk = Talk()
    talk.exchange(0.0, left=99)
    for left in range(97, 0, -2):
        talk.exchange(0.1, left=left)
    assert talk.shut(0.3, priority=BATCH, outstanding=500).reason is DenialReason.SHARED
    talk.granted(0.3)


def test_beside_others_only_part_of_what_is_left_is_under_way() -> None:
    talk = Talk()
    talk.exchange(0.0, left=99)
    talk.exchange(0.1, left=50)
    granted = 0
    while isinstance(shut := talk.ask(0.2, priority=BATCH), Permit):
        granted += 1
    assert shut == Denied(math.inf, DenialReason.SHARED)
    assert granted == 1
    talk.granted(0.2)  # a foreground call is not held back


def test_a_batch_that_outlasts_the_window_leaves_a_reserve_that_melts() -> None:
    talk = Talk()
    talk.exchange(0.0, left=99)
    for left in range(98, 29, -1):
        talk.exchange(1.0, left=left)
    shut = talk.shut(1.1, priority=BATCH, outstanding=1000)
    assert shut.reason is DenialReason.RESERVED
    assert 1.1 < shut.until < 30.0
    assert isinstance(talk.ask(shut.until, priority=BATCH, outstanding=1000), Permit)
    assert isinstance(talk.ask(1.1, priority=FOREGROUND), Permit)
    assert isinstance(talk.ask(29.99, priority=BATCH, outstanding=1000), Permit)


def test_a_batch_that_ends_in_this_window_spends_it_all() -> None:
    talk = Talk()
    talk.exchange(0.0, left=99)
    for left in range(98, -1, -1):
        talk.hear(talk.granted(0.1, priority=BATCH, outstanding=left + 1), 0.15, left=left)
    assert talk.left == 0


def test_a_second_outcome_changes_nothing() -> None:
    talk = Talk()
    permit = talk.granted(0.0)
    talk.hear(permit, 0.05, left=50)
    talk.hear(permit, 0.06, left=5)
    talk.window.lost(permit, now=0.07)
    talk.window.unsent(permit)
    assert (talk.window.in_flight, talk.left) == (0, 50)


def test_the_estimate_counts_windows_and_seconds() -> None:
    talk = Talk()
    assert talk.window.estimate(5000, 0.0).windows == 1
    talk.spend()
    ahead = talk.window.estimate(250, 1.1)
    assert (ahead.requests, ahead.windows) == (250, 3)
    assert ahead.seconds == pytest.approx(149.0, abs=0.2)
    assert talk.window.estimate(0, 1.1).windows == 0
