"""What a batch leaves of a window to single calls and other processes."""

import math

import pytest

from katapult_async.rate_limit.fair_share import FairShare
from katapult_async.rate_limit.wait_reasons import DenialReason, Denied
from katapult_async.rate_limit.window_times import WindowTimes
from katapult_async.rate_limit.window_use import WindowUse

PERMITTED = 1000
RATE = PERMITTED / 60.0


def new_times() -> WindowTimes:
    """Return the times of a window that ends at `ENDS_AT`, with a server's clock that is known to the microsecond."""
    times = WindowTimes(seconds=60.0)
    times.clock.update(0.0, 0.999999, 0.0)
    times.plan(undated_end=math.inf)
    return times


ENDS_AT = new_times().ends_at()


class Process:
    """One process and its fair share of a token."""

    def __init__(self, *, draw: float = 0.0) -> None:
        self.fair_share = FairShare(seconds=60.0)
        self.fair_share.draw = draw
        self.times = new_times()
        self.begin_window()

    def begin_window(self) -> None:
        self.use = WindowUse(0.0, counter_at_reset=PERMITTED)

    def report(self, left: int, now: float, *, own: int) -> None:
        self.use.own = own
        self.use.report(left, now, full_rate=RATE)

    def pass_window(self, *, own: int, fast: int, quiet: int) -> None:
        """Let a window pass: others send ``fast`` requests in its first second, and ``quiet`` in its quiet part."""
        left = PERMITTED - own - fast
        self.report(left, 1.0, own=own)
        self.use.hold()
        self.use.quiet_from = 30.0
        self.report(left, 30.0, own=own)
        self.report(left - quiet, 58.0, own=own)
        self.fair_share.record(self.use)
        self.fair_share.age(1, elapsed=60.0)
        self.begin_window()

    def hold_back(self, now: float, *, left: int, to_send: int, in_flight: int = 0) -> Denied | None:
        return self.fair_share.hold_back(
            now, self.use, self.times, permitted=PERMITTED, room=left, in_flight=in_flight, to_send=to_send
        )


def beside_batches(*, quiet: int) -> Process:
    """Return one of four batches after two windows with ``quiet`` requests in each quiet part.

    In the third window, 30 requests are left after 2 s.
    """
    process = Process()
    for _ in range(2):
        process.pass_window(own=230, fast=690, quiet=quiet)
    process.report(30, 2.0, own=240)
    return process


def test_batch_that_fits_beside_other_batches_keeps_requests_for_a_proven_slow_process() -> None:
    denied = beside_batches(quiet=23).hold_back(2.0, left=30, to_send=20)
    assert denied is not None
    assert denied.reason is DenialReason.RESERVED


def test_one_request_of_each_other_batch_proves_no_slow_process() -> None:
    assert beside_batches(quiet=3).hold_back(2.0, left=30, to_send=20) is None


def test_first_window_proves_no_slow_process() -> None:
    process = Process()
    process.pass_window(own=230, fast=690, quiet=23)
    process.report(30, 2.0, own=240)
    assert process.hold_back(2.0, left=30, to_send=20) is None


def test_batch_that_keeps_the_floor_sends_a_request_at_both_ends_of_the_quiet_part() -> None:
    process = Process()
    process.report(30, 2.0, own=970)  # fewer than the floor of 40
    process.use.may_be_fast = False
    # the quiet part begins in the middle of the window
    assert process.hold_back(3.0, left=30, to_send=5000) == Denied(ENDS_AT - 30.0, DenialReason.RESERVED)
    assert process.hold_back(30.0, left=30, to_send=5000) is None
    process.report(29, 30.05, own=971)
    # it ends shortly before the floor is released
    second = process.hold_back(30.1, left=29, to_send=5000)
    assert second is not None
    assert 57.0 < second.until < 59.0
    process.report(28, second.until + 0.05, own=972)
    release = process.hold_back(second.until + 0.1, left=28, to_send=5000)
    assert release is not None
    assert release.until == pytest.approx((second.until + ENDS_AT) / 2, abs=0.1)
    assert process.hold_back(release.until, left=28, to_send=5000) is None


def beside_a_batch_that_goes_on(*, left: int, rate: int, draw: float) -> Process:
    """Return a batch that has seen another spend ``rate`` requests between 1 s and 2 s."""
    process = Process(draw=draw)
    process.report(left + rate + 1, 1.0, own=60)
    process.use.hold()
    process.report(left, 2.0, own=61)
    return process


@pytest.mark.parametrize("now", [2.4, 30.0, 58.5, 59.5])
def test_process_that_is_not_drawn_sends_no_probe_if_a_batch_may_have_spent_the_rest(now: float) -> None:
    process = beside_a_batch_that_goes_on(left=18, rate=60, draw=0.99)
    assert process.hold_back(now, left=18, to_send=5000) is not None


def test_process_that_is_drawn_probes_whether_a_batch_has_spent_the_rest() -> None:
    process = beside_a_batch_that_goes_on(left=18, rate=60, draw=0.01)
    probe = process.hold_back(2.1, left=18, to_send=5000)
    assert probe is not None
    assert 2.5 < probe.until < 4.0
    assert process.hold_back(probe.until, left=18, to_send=5000) is None


def test_probe_comes_before_others_can_have_spent_more_than_the_floor() -> None:
    process = beside_a_batch_that_goes_on(left=300, rate=600, draw=0.99)
    probe = process.hold_back(2.0, left=300, to_send=5000)
    assert probe is not None
    assert 2.45 < probe.until < 2.5 + 1e-6
    assert process.hold_back(probe.until + 0.1, left=300, to_send=5000) is None


def test_while_the_end_of_the_window_is_unknown_a_probe_is_sent_every_two_seconds() -> None:
    process = Process()
    process.report(10, 10.0, own=990)
    process.times = WindowTimes(seconds=60.0)
    assert process.hold_back(10.0, left=10, to_send=5000) == Denied(12.0, DenialReason.RESERVED)
    assert process.hold_back(12.0, left=10, to_send=5000) is None


@pytest.mark.parametrize(("single_calls", "left", "is_held"), [(300, 290, True), (300, 300, False), (1, 1, False)])
def test_batch_that_fits_keeps_requests_for_as_many_single_calls_as_in_the_last_window(
    single_calls: int, left: int, *, is_held: bool
) -> None:
    process = Process()
    process.report(PERMITTED, 1.0, own=0)
    process.fair_share.single_calls = single_calls
    process.fair_share.age(1, elapsed=60.0)
    process.begin_window()
    process.report(left, 0.1, own=PERMITTED - left)
    assert (process.hold_back(0.1, left=left, to_send=1) is not None) is is_held


@pytest.mark.parametrize(("outdated", "most_in_flight"), [(0.0, 100), (0.3, 90), (0.6, 1)])
def test_outdated_counter_is_reduced_by_what_others_have_probably_sent_since(
    outdated: float, most_in_flight: int
) -> None:
    process = Process()
    process.report(600, 1.0, own=200)  # the others have sent 200 in a second
    process.use.current_until = 1.0

    def is_held_back(in_flight: int) -> bool:
        denied = process.hold_back(1.0 + outdated, left=600 - in_flight, to_send=5000, in_flight=in_flight)
        return denied == Denied(math.inf, DenialReason.SHARED)

    assert not is_held_back(most_in_flight - 1)
    assert is_held_back(most_in_flight)
