"""What a batch leaves of a window to foreground calls and other processes."""

import math

import pytest

from katapult_async.rate_limit.denials import DenialReason, Denied
from katapult_async.rate_limit.fair_share import Reserve

PERMITTED = 1000
ENDS_AT = 60.0
RATE = PERMITTED / 60.0


def window(reserve: Reserve, *, own: int, fast: int, quiet: int) -> None:
    """Let a window pass: others send ``fast`` requests in its first second, and ``quiet`` ones in its quiet part."""
    reserve.foreign.begin(0.0, in_flight=0)
    reserve.foreign.count_from(PERMITTED)
    left = PERMITTED - own - fast
    reserve.foreign.report(left, 1.0, granted=own, in_flight=0, full_rate=RATE)
    reserve.foreign.hold()
    reserve.foreign.quiet_from = 30.0
    reserve.foreign.report(left, 30.0, granted=own, in_flight=0, full_rate=RATE)
    reserve.foreign.report(left - quiet, 58.0, granted=own, in_flight=0, full_rate=RATE)
    reserve.end_window(own=own)
    reserve.age(1, elapsed=60.0)


def denial(reserve: Reserve, now: float, *, left: int, outstanding: int, reported_at: float) -> Denied | None:
    return reserve.denial(
        now,
        remaining=left,
        room=left,
        permitted=PERMITTED,
        in_flight=0,
        granted=PERMITTED - left,
        outstanding=outstanding,
        began_at=0.0,
        reported_at=reported_at,
        ends_at=ENDS_AT,
        rollover_at=ENDS_AT,
    )


def beside_batches(*, quiet: int) -> Reserve:
    """Return the reserve of one of four batches after two windows with ``quiet`` requests in each quiet part."""
    reserve = Reserve(seconds=60.0)
    for _ in range(2):
        window(reserve, own=230, fast=690, quiet=quiet)
    reserve.begin_window(0.0, in_flight=0)
    reserve.foreign.count_from(PERMITTED)
    reserve.foreign.report(30, 2.0, granted=240, in_flight=0, full_rate=RATE)
    return reserve


def test_batch_that_ends_beside_other_batches_keeps_requests_for_a_proven_slow_process() -> None:
    denied = denial(beside_batches(quiet=23), 2.0, left=30, outstanding=20, reported_at=2.0)
    assert denied is not None
    assert denied.reason is DenialReason.RESERVED


def test_request_of_each_other_batch_proves_no_slow_process() -> None:
    assert denial(beside_batches(quiet=3), 2.0, left=30, outstanding=20, reported_at=2.0) is None


def test_first_window_proves_no_slow_process() -> None:
    reserve = Reserve(seconds=60.0)
    window(reserve, own=230, fast=690, quiet=23)
    reserve.begin_window(0.0, in_flight=0)
    reserve.foreign.count_from(PERMITTED)
    reserve.foreign.report(30, 2.0, granted=240, in_flight=0, full_rate=RATE)
    assert denial(reserve, 2.0, left=30, outstanding=20, reported_at=2.0) is None


def test_batch_that_keeps_the_floor_sends_a_request_at_both_ends_of_the_quiet_part() -> None:
    reserve = Reserve(seconds=60.0)
    reserve.foreign.begin(0.0, in_flight=0)
    reserve.foreign.count_from(PERMITTED)
    reserve.foreign.report(30, 2.0, granted=970, in_flight=0, full_rate=RATE)
    reserve.foreign.may_be_fast = False
    middle = denial(reserve, 3.0, left=30, outstanding=5000, reported_at=2.0)
    assert middle == Denied(30.0, DenialReason.RESERVED)
    assert denial(reserve, 30.0, left=30, outstanding=5000, reported_at=2.0) is None
    late = denial(reserve, 30.1, left=29, outstanding=5000, reported_at=30.05)
    assert late is not None
    assert 57.0 < late.until < 59.0
    release = denial(reserve, late.until + 0.1, left=28, outstanding=5000, reported_at=late.until + 0.05)
    assert release is not None
    assert release.until == pytest.approx((late.until + ENDS_AT) / 2, abs=0.1)
    assert denial(reserve, release.until, left=28, outstanding=5000, reported_at=late.until + 0.05) is None


def beside_a_batch_that_goes_on(*, left: int, rate: int, draw: float) -> Reserve:
    """Return the reserve of one of four batches that has seen another spend ``rate`` a second at 1 s to 2 s."""
    reserve = Reserve(seconds=60.0)
    reserve.draw = draw
    reserve.foreign.begin(0.0, in_flight=0)
    reserve.foreign.count_from(PERMITTED)
    reserve.foreign.report(left + rate + 1, 1.0, granted=60, in_flight=0, full_rate=RATE)
    reserve.foreign.hold()
    reserve.foreign.report(left, 2.0, granted=61, in_flight=0, full_rate=RATE)
    return reserve


@pytest.mark.parametrize("now", [2.4, 30.0, 58.5, 59.5])
def test_process_that_is_not_drawn_sends_nothing_after_a_batch_may_have_spent_the_rest(now: float) -> None:
    reserve = beside_a_batch_that_goes_on(left=18, rate=60, draw=0.99)
    assert denial(reserve, now, left=18, outstanding=5000, reported_at=2.0) is not None


def test_process_that_is_drawn_finds_out_whether_a_batch_has_spent_the_rest() -> None:
    reserve = beside_a_batch_that_goes_on(left=18, rate=60, draw=0.01)
    probe = denial(reserve, 2.1, left=18, outstanding=5000, reported_at=2.0)
    assert probe is not None
    assert 2.5 < probe.until < 4.0
    assert denial(reserve, probe.until, left=18, outstanding=5000, reported_at=2.0) is None


def test_probe_comes_before_others_can_have_spent_more_than_the_floor() -> None:
    reserve = beside_a_batch_that_goes_on(left=300, rate=600, draw=0.99)
    probe = denial(reserve, 2.0, left=300, outstanding=5000, reported_at=2.0)
    assert probe is not None
    assert 2.45 < probe.until < 2.5 + 1e-6
    woken_late = probe.until + 0.1
    assert denial(reserve, woken_late, left=300, outstanding=5000, reported_at=2.0) is None


def test_unknown_end_of_the_window_keeps_no_reserve() -> None:
    reserve = Reserve(seconds=60.0)
    denied = reserve.denial(
        0.0,
        remaining=10,
        room=10,
        permitted=PERMITTED,
        in_flight=0,
        granted=990,
        outstanding=5000,
        began_at=0.0,
        reported_at=0.0,
        ends_at=None,
        rollover_at=math.inf,
    )
    assert denied is None
