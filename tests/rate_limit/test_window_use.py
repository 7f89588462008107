"""Who used the requests of a window, this process or others, computed from the fall of the counter."""

import pytest

from katapult_async.rate_limit.window_use import WindowUse

FULL_RATE = 10.0


def report(use: WindowUse, remaining: int, now: float, *, own: int = 0, in_flight: int = 0) -> None:
    use.own, use.in_flight = own, in_flight
    use.report(remaining, now, full_rate=FULL_RATE)


def new_use() -> WindowUse:
    return WindowUse(0.0, counter_at_reset=100)


def test_requests_of_others_are_the_fall_of_the_counter_minus_own_requests() -> None:
    use = new_use()
    report(use, 90, 1.0, own=4)
    assert use.others_at_least == use.others_at_most == 6


def test_requests_of_others_are_an_interval_while_own_requests_are_in_flight() -> None:
    use = new_use()
    report(use, 90, 1.0, own=4, in_flight=3)
    assert (use.others_at_least, use.others_at_most) == (6, 9)


def test_requests_in_flight_at_the_reset_are_not_certainly_those_of_others() -> None:
    use = WindowUse(0.0, in_flight_at_start=5, counter_at_reset=100)
    report(use, 90, 1.0, own=4)
    assert use.others_at_least == 1


def test_all_requests_count_as_fast_until_one_is_held_back() -> None:
    use = new_use()
    report(use, 99, 10.0)
    assert (use.fast, use.fast_seconds) == (1, 10.0)


def test_requests_below_the_full_rate_count_as_slow_while_requests_are_held_back() -> None:
    use = new_use()
    report(use, 80, 1.0)
    use.hold()
    assert use.may_be_fast
    report(use, 60, 2.0)  # 20 a second
    assert use.may_be_fast
    assert use.slow == 0
    report(use, 50, 12.0)  # 1 a second
    assert not use.may_be_fast
    assert (use.slow, use.slow_seconds) == (10, 10.0)
    assert (use.fast, use.fast_seconds) == (40, 2.0)


def test_requests_between_two_responses_in_the_quiet_part_count_as_quiet() -> None:
    use = new_use()
    report(use, 80, 1.0)
    use.hold()
    use.quiet_from = 20.0
    report(use, 60, 20.0)  # most of these are of batches that stop later than this one
    assert (use.quiet, use.quiet_seconds) == (0, 0.0)
    report(use, 55, 40.0)
    assert (use.quiet, use.quiet_seconds) == (5, 20.0)
    report(use, 45, 41.0)  # less than QUIET_INTERVAL later: these may be of batches that send again
    assert (use.quiet, use.quiet_seconds) == (5, 20.0)


def test_responses_in_quick_succession_are_measured_together() -> None:
    use = new_use()
    use.hold()
    for number in range(1, 10):
        report(use, 100 - number, number * 0.05)  # 20 a second
    assert use.slow == 0


def test_responses_without_requests_of_others_are_counted() -> None:
    use = new_use()
    report(use, 99, 0.1, own=1)
    report(use, 98, 0.2, own=2)
    assert use.own_in_a_row == 2
    report(use, 96, 0.3, own=3)
    assert use.own_in_a_row == 0


def test_holding_a_request_back_resets_the_count_of_responses() -> None:
    use = new_use()
    report(use, 99, 0.1, own=1)
    use.hold()
    assert use.own_in_a_row == 0
    report(use, 98, 0.2, own=2)
    assert use.own_in_a_row == 1


def test_use_is_measured_from_the_first_request_that_was_held_back() -> None:
    use = new_use()
    report(use, 100, 1.0)
    use.hold()
    report(use, 99, 1.05)
    use.hold()
    report(use, 98, 1.1)
    assert use.rate == pytest.approx(20.0)


@pytest.mark.parametrize(("seconds", "is_fast"), [(9.9, True), (10.0, True), (10.1, False)])
def test_others_may_be_fast_if_they_reach_the_full_rate(seconds: float, *, is_fast: bool) -> None:
    use = WindowUse(50.0, counter_at_reset=200)
    use.hold()
    report(use, 100, 50.0 + seconds)
    assert use.may_be_fast is is_fast
    assert use.fast_seconds == pytest.approx(seconds if is_fast else 0.0)
