"""When a window is reset, and when to send the probes that find a late reset."""

import math

import pytest

from katapult_async.rate_limit.window_times import GRACE, URGENT_STEP, ResetEvidence, WindowTimes

MINUTE = 1_767_225_600.0
"""A full minute of the server's clock, in Unix seconds. Monotonic 0 is half a minute later."""


def new_times() -> WindowTimes:
    """Return the window times of a server whose clock is known to 0.02 s."""
    times = WindowTimes(seconds=60.0)
    for sent_at, date in ((0.98, MINUTE + 30.0), (1.0, MINUTE + 31.0)):
        times.clock.update(date, sent_at, sent_at + 0.01)
    times.set_index(MINUTE + 31.0, 1.0)
    times.evidence = ResetEvidence.RISEN
    times.plan(undated_end=math.inf)
    return times


def test_next_window_begins_at_the_servers_minute() -> None:
    times = new_times()
    assert times.rollover_at == pytest.approx(30.0, abs=0.05)
    assert times.roll_over(times.rollover_at) == 1
    assert times.evidence is ResetEvidence.NO_RESPONSE
    assert times.rollover_at == pytest.approx(90.0, abs=0.05)


@pytest.mark.parametrize("after", [-0.005, 0.0, 0.005])
def test_reset_that_may_have_happened_is_not_the_next_reset(after: float) -> None:
    times = new_times()
    began_at = times.reset_after(2.0)
    assert began_at == pytest.approx(30.0, abs=0.05)
    assert times.reset_after(began_at + after) == pytest.approx(began_at + 60.0, abs=0.05)


def test_after_a_long_silence_several_windows_have_begun() -> None:
    assert new_times().roll_over(400.0) == 7


def test_late_reset_is_probed_soon_and_then_more_rarely() -> None:
    times = new_times()
    sent_at = times.rollover_at
    waits = []
    times.roll_over(sent_at)
    for _ in range(4):
        times.evidence = ResetEvidence.NOT_RESET
        times.spent(sent_at, sent_at + 0.01, permitted=100, draw=0.5)
        assert times.is_late
        waits.append(times.rollover_at - sent_at)
        sent_at = times.rollover_at
        assert times.roll_over(sent_at) == 0
    assert waits == sorted(waits)
    assert waits[0] < 0.1 < waits[-1]


def test_window_that_is_spent_after_the_grace_was_spent_by_another_process() -> None:
    times = new_times()
    sent_at = times.rollover_at + GRACE + 1.0
    times.roll_over(sent_at)
    times.evidence = ResetEvidence.NOT_RESET
    times.spent(sent_at, sent_at + 0.01, permitted=100, draw=0.5)
    assert not times.is_late
    assert times.rollover_at == pytest.approx(90.0, abs=0.05)
    assert sent_at < times.urgent_at < 45.0


@pytest.mark.parametrize(
    ("evidence", "urgent"), [(ResetEvidence.MOST_LEFT, True), (ResetEvidence.RISEN, False)], ids=str
)
def test_single_calls_probe_a_spent_window_only_if_it_may_be_the_old_one(
    evidence: ResetEvidence, *, urgent: bool
) -> None:
    times = new_times()
    times.roll_over(30.1)
    times.evidence = evidence
    times.spent(30.5, 30.6, permitted=100, draw=0.5)
    assert (times.urgent_at < math.inf) is urgent


def test_single_calls_probe_a_spent_window_ever_more_rarely_and_then_stop() -> None:
    times = new_times()
    now = 30.2
    waits = []
    while now < math.inf:
        times.roll_over(now)
        times.evidence = ResetEvidence.MOST_LEFT
        times.spent(now, now, permitted=100, draw=0.5)
        waits.append(times.urgent_at - now)
        now = times.urgent_at
    assert waits == pytest.approx([URGENT_STEP, URGENT_STEP, 2 * URGENT_STEP, 4 * URGENT_STEP, math.inf])


def test_probes_of_a_late_reset_end_when_the_window_is_reset() -> None:
    times = new_times()
    sent_at = times.rollover_at
    times.roll_over(sent_at)
    times.evidence = ResetEvidence.NOT_RESET
    times.spent(sent_at, sent_at + 0.01, permitted=100, draw=0.5)
    assert times.is_late
    times.opened(sent_at + 0.05, sent_at + 0.1, not_before=0.0)
    assert not times.is_late
    assert times.rollover_at == pytest.approx(90.0, abs=0.1)


@pytest.mark.parametrize(("now", "windows", "next_at"), [(2.0, 0, 30.0), (40.0, 1, 90.0)])
def test_restart_begins_the_window_that_the_clock_shows(now: float, windows: int, next_at: float) -> None:
    times = new_times()
    assert times.restart(now) == windows
    assert times.rollover_at == pytest.approx(next_at, abs=0.05)


def test_wait_doubles_with_each_refusal_in_a_row_while_the_clock_is_unknown() -> None:
    times = WindowTimes(seconds=60.0)
    now = 0.0
    waits = []
    for _ in range(6):
        times.spent(now, now, permitted=600, draw=1.0)
        waits.append(times.rollover_at - now)
        now = times.rollover_at
        times.roll_over(now)
    times.opened(now, now, not_before=now)
    times.spent(now, now, permitted=600, draw=1.0)
    assert waits == pytest.approx([0.1, 0.2, 0.4, 0.8, 1.6, 2.0])
    assert times.rollover_at - now == pytest.approx(0.1)


def test_wait_for_a_probe_is_at_least_the_time_of_a_request_at_the_permitted_rate() -> None:
    times = WindowTimes(seconds=60.0)
    times.spent(0.0, 0.0, permitted=10, draw=1.0)
    assert times.rollover_at == 6.0


def undated(*, reset_at: float) -> WindowTimes:
    """Return the window times of a server without ``Date``, after a reset whose time is known to half a second."""
    times = WindowTimes(seconds=60.0)
    times.evidence = ResetEvidence.RISEN
    times.opened(reset_at + 0.2, reset_at + 0.25, not_before=reset_at - 0.25)
    return times


def test_without_a_date_windows_begin_where_the_first_reset_was_seen() -> None:
    times = undated(reset_at=10.0)
    assert times.rollover_at == pytest.approx(70.25, abs=0.05)
    assert times.ends_at() == pytest.approx(69.75, abs=0.05)
    assert times.roll_over(130.5) == 2
    assert times.rollover_at == pytest.approx(190.25, abs=0.05)
    assert times.next_reset(130.5) is None


def test_without_a_date_a_reset_at_another_time_moves_the_windows() -> None:
    times = undated(reset_at=10.0)
    times.restart(40.0)
    times.evidence = ResetEvidence.RISEN
    times.opened(40.0, 40.1, not_before=39.5)
    assert times.rollover_at == pytest.approx(100.1, abs=0.05)


@pytest.mark.parametrize(
    ("evidence", "not_before"), [(ResetEvidence.RISEN, -50.0), (ResetEvidence.MOST_LEFT, 9.0)], ids=str
)
def test_without_a_date_windows_are_unknown_unless_a_reset_was_seen(evidence: ResetEvidence, not_before: float) -> None:
    times = WindowTimes(seconds=60.0)
    times.evidence = evidence
    times.opened(10.0, 10.1, not_before=not_before)
    assert times.next_window_at() == math.inf


@pytest.mark.parametrize(("is_spent", "ends_at"), [(False, 91.1), (True, 31.1)])
def test_clock_of_another_node_that_is_behind_undoes_a_rollover_only_if_nothing_is_left(
    *, is_spent: bool, ends_at: float
) -> None:
    times = new_times()
    assert times.clock.update(MINUTE + 60.0, 29.5, 29.55)  # a node that is ahead, half a second before the reset
    times.set_index(MINUTE + 60.0, 29.5)
    times.plan(undated_end=math.inf)
    assert times.rollover_at < 29.6
    assert times.roll_over(29.6) == 1
    assert times.clock.update(MINUTE + 59.0, 30.1, 30.15)
    times.set_index(MINUTE + 59.0, 30.1, is_spent=is_spent)
    times.plan(undated_end=math.inf)
    assert ends_at < times.rollover_at < ends_at + 0.1


def test_date_replaces_the_times_that_were_inferred_without_one() -> None:
    times = undated(reset_at=10.0)
    assert times.clock.update(MINUTE + 45.0, 15.0, 15.1)
    times.set_index(MINUTE + 45.0, 15.0)
    times.plan(undated_end=math.inf)
    assert times.rollover_at == pytest.approx(30.1, abs=0.05)
    reset = times.next_reset(15.1)
    assert reset is not None
    assert reset[0] == MINUTE + 60.0


def test_without_a_date_the_window_ends_a_window_after_the_last_report() -> None:
    times = WindowTimes(seconds=60.0)
    assert times.next_window_at() == math.inf
    assert times.next_reset(0.0) is None
    times.plan(undated_end=75.0)
    assert (times.rollover_at, times.next_window_at()) == (75.0, 75.0)
