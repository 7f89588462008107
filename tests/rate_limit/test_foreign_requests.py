"""The requests of other processes, read from the fall of the counter."""

from katapult_async.rate_limit.foreign_requests import ForeignRequests

FULL_RATE = 10.0


def report(foreign: ForeignRequests, remaining: int, now: float, *, granted: int = 0, in_flight: int = 0) -> None:
    foreign.report(remaining, now, granted=granted, in_flight=in_flight, full_rate=FULL_RATE)


def of_window() -> ForeignRequests:
    foreign = ForeignRequests()
    foreign.begin(0.0, in_flight=0)
    foreign.count_from(100)
    return foreign


def test_fall_of_the_counter_less_the_own_requests_is_that_of_others() -> None:
    foreign = of_window()
    report(foreign, 90, 1.0, granted=4)
    assert foreign.at_least == foreign.at_most == 6


def test_own_requests_in_flight_make_an_interval_of_the_count() -> None:
    foreign = of_window()
    report(foreign, 90, 1.0, granted=4, in_flight=3)
    assert (foreign.at_least, foreign.at_most) == (6, 9)


def test_requests_that_were_in_flight_at_the_reset_may_be_in_the_count() -> None:
    foreign = ForeignRequests()
    foreign.begin(0.0, in_flight=5)
    foreign.count_from(100)
    report(foreign, 90, 1.0, granted=4)
    assert foreign.at_least == 1


def test_all_requests_are_fast_until_one_is_held_back() -> None:
    foreign = of_window()
    report(foreign, 99, 10.0)
    assert (foreign.fast, foreign.fast_seconds) == (1, 10.0)


def test_times_below_the_full_rate_are_slow_while_requests_are_held_back() -> None:
    foreign = of_window()
    report(foreign, 80, 1.0)
    foreign.hold()
    assert foreign.may_be_fast
    report(foreign, 60, 2.0)  # 20 a second
    assert foreign.may_be_fast
    assert foreign.slow == 0
    report(foreign, 50, 12.0)  # 1 a second
    assert not foreign.may_be_fast
    assert (foreign.slow, foreign.slow_seconds) == (10, 10.0)
    assert (foreign.fast, foreign.fast_seconds) == (40, 2.0)


def test_requests_between_two_late_responses_are_those_of_the_quiet_part() -> None:
    foreign = of_window()
    report(foreign, 80, 1.0)
    foreign.hold()
    foreign.quiet_from = 20.0
    report(foreign, 60, 20.0)  # most of these are of batches that stop later than this one
    assert (foreign.quiet, foreign.quiet_seconds) == (0, 0.0)
    report(foreign, 55, 40.0)
    assert (foreign.quiet, foreign.quiet_seconds) == (5, 20.0)
    report(foreign, 45, 41.0)  # batches release what they kept
    assert (foreign.quiet, foreign.quiet_seconds) == (5, 20.0)


def test_responses_in_quick_succession_are_measured_together() -> None:
    foreign = of_window()
    foreign.hold()
    for number in range(1, 10):
        report(foreign, 100 - number, number * 0.05)  # 20 a second
    assert foreign.slow == 0


def test_responses_without_requests_of_others_are_counted() -> None:
    foreign = of_window()
    report(foreign, 99, 0.1, granted=1)
    report(foreign, 98, 0.2, granted=2)
    assert foreign.unshared == 2
    report(foreign, 96, 0.3, granted=3)
    assert foreign.unshared == 0
