"""When a window is reset, and when to send the probes that find a late reset."""

import math

import pytest

from katapult_async.rate_limit.window_schedule import GRACE, URGENT_STEP, ResetEvidence, WindowSchedule

MINUTE = 1_767_225_600.0
"""A full minute of the server's clock, in Unix seconds. Monotonic 0 is half a minute later."""


def new_schedule() -> WindowSchedule:
    """Return the schedule of a server whose clock is known to 0.02 s."""
    schedule = WindowSchedule(seconds=60.0)
    for sent_at, date in ((0.98, MINUTE + 30.0), (1.0, MINUTE + 31.0)):
        schedule.clock.update(date, sent_at, sent_at + 0.01)
    schedule.set_index(MINUTE + 31.0, 1.0)
    schedule.evidence = ResetEvidence.RISEN
    schedule.plan(undated_end=math.inf)
    return schedule


def test_next_window_begins_at_the_servers_minute() -> None:
    schedule = new_schedule()
    assert schedule.rollover_at == pytest.approx(30.0, abs=0.05)
    assert schedule.roll_over(schedule.rollover_at) == 1
    assert schedule.evidence is ResetEvidence.NO_RESPONSE
    assert schedule.rollover_at == pytest.approx(90.0, abs=0.05)


@pytest.mark.parametrize("after", [-0.005, 0.0, 0.005])
def test_reset_that_may_have_happened_is_not_the_next_reset(after: float) -> None:
    schedule = new_schedule()
    began_at = schedule.reset_after(2.0)
    assert began_at == pytest.approx(30.0, abs=0.05)
    assert schedule.reset_after(began_at + after) == pytest.approx(began_at + 60.0, abs=0.05)


def test_after_a_long_silence_several_windows_have_begun() -> None:
    assert new_schedule().roll_over(400.0) == 7


def test_late_reset_is_probed_soon_and_then_more_rarely() -> None:
    schedule = new_schedule()
    sent_at, waits = schedule.rollover_at, []
    schedule.roll_over(sent_at)
    for _ in range(4):
        schedule.evidence = ResetEvidence.NOT_RESET
        schedule.spent(sent_at, sent_at + 0.01, permitted=100, draw=0.5)
        assert schedule.is_late
        waits.append(schedule.rollover_at - sent_at)
        sent_at = schedule.rollover_at
        assert schedule.roll_over(sent_at) == 0
    assert waits == sorted(waits)
    assert waits[0] < 0.1 < waits[-1]


def test_window_that_is_spent_after_the_grace_was_spent_by_another_process() -> None:
    schedule = new_schedule()
    sent_at = schedule.rollover_at + GRACE + 1.0
    schedule.roll_over(sent_at)
    schedule.evidence = ResetEvidence.NOT_RESET
    schedule.spent(sent_at, sent_at + 0.01, permitted=100, draw=0.5)
    assert not schedule.is_late
    assert schedule.rollover_at == pytest.approx(90.0, abs=0.05)
    assert sent_at < schedule.urgent_at < 45.0


@pytest.mark.parametrize(
    ("evidence", "urgent"), [(ResetEvidence.MOST_LEFT, True), (ResetEvidence.RISEN, False)], ids=str
)
def test_single_calls_probe_a_spent_window_only_if_it_may_be_the_old_one(
    evidence: ResetEvidence, *, urgent: bool
) -> None:
    schedule = new_schedule()
    schedule.roll_over(30.1)
    schedule.evidence = evidence
    schedule.spent(30.5, 30.6, permitted=100, draw=0.5)
    assert (schedule.urgent_at < math.inf) is urgent


def test_single_calls_probe_a_spent_window_ever_more_rarely_and_then_stop() -> None:
    schedule = new_schedule()
    now, waits = 30.2, []
    while now < math.inf:
        schedule.roll_over(now)
        schedule.evidence = ResetEvidence.MOST_LEFT
        schedule.spent(now, now, permitted=100, draw=0.5)
        waits.append(schedule.urgent_at - now)
        now = schedule.urgent_at
    assert waits == pytest.approx([URGENT_STEP, URGENT_STEP, 2 * URGENT_STEP, 4 * URGENT_STEP, math.inf])


def test_probes_of_a_late_reset_end_when_the_window_is_reset() -> None:
    schedule = new_schedule()
    sent_at = schedule.rollover_at
    schedule.roll_over(sent_at)
    schedule.evidence = ResetEvidence.NOT_RESET
    schedule.spent(sent_at, sent_at + 0.01, permitted=100, draw=0.5)
    assert schedule.is_late
    schedule.opened(sent_at + 0.05, sent_at + 0.1, not_before=0.0)
    assert not schedule.is_late
    assert schedule.rollover_at == pytest.approx(90.0, abs=0.1)


@pytest.mark.parametrize(("now", "windows", "next_at"), [(2.0, 0, 30.0), (40.0, 1, 90.0)])
def test_restart_begins_the_window_that_the_clock_shows(now: float, windows: int, next_at: float) -> None:
    schedule = new_schedule()
    assert schedule.restart(now) == windows
    assert schedule.rollover_at == pytest.approx(next_at, abs=0.05)


def test_wait_doubles_with_each_refusal_in_a_row_while_the_clock_is_unknown() -> None:
    schedule = WindowSchedule(seconds=60.0)
    now, waits = 0.0, []
    for _ in range(6):
        schedule.spent(now, now, permitted=600, draw=1.0)
        waits.append(schedule.rollover_at - now)
        now = schedule.rollover_at
        schedule.roll_over(now)
    schedule.opened(now, now, not_before=now)
    schedule.spent(now, now, permitted=600, draw=1.0)
    assert waits == pytest.approx([0.1, 0.2, 0.4, 0.8, 1.6, 2.0])
    assert schedule.rollover_at - now == pytest.approx(0.1)


def test_wait_for_a_probe_is_at_least_the_time_of_a_request_at_the_permitted_rate() -> None:
    schedule = WindowSchedule(seconds=60.0)
    schedule.spent(0.0, 0.0, permitted=10, draw=1.0)
    assert schedule.rollover_at == 6.0


def undated(*, reset_at: float) -> WindowSchedule:
    """Return the schedule of a server without ``Date``, after a reset whose time is known to half a second."""
    schedule = WindowSchedule(seconds=60.0)
    schedule.evidence = ResetEvidence.RISEN
    schedule.opened(reset_at + 0.2, reset_at + 0.25, not_before=reset_at - 0.25)
    return schedule


def test_without_a_date_windows_begin_where_the_first_reset_was_seen() -> None:
    schedule = undated(reset_at=10.0)
    assert schedule.rollover_at == pytest.approx(70.25, abs=0.05)
    assert schedule.ends_at() == pytest.approx(69.75, abs=0.05)
    assert schedule.roll_over(130.5) == 2
    assert schedule.rollover_at == pytest.approx(190.25, abs=0.05)
    assert schedule.next_reset(130.5) is None


def test_without_a_date_a_reset_at_another_time_moves_the_windows() -> None:
    schedule = undated(reset_at=10.0)
    schedule.restart(40.0)
    schedule.evidence = ResetEvidence.RISEN
    schedule.opened(40.0, 40.1, not_before=39.5)
    assert schedule.rollover_at == pytest.approx(100.1, abs=0.05)


@pytest.mark.parametrize(
    ("evidence", "not_before"), [(ResetEvidence.RISEN, -50.0), (ResetEvidence.MOST_LEFT, 9.0)], ids=str
)
def test_without_a_date_windows_are_unknown_unless_a_reset_was_seen(evidence: ResetEvidence, not_before: float) -> None:
    schedule = WindowSchedule(seconds=60.0)
    schedule.evidence = evidence
    schedule.opened(10.0, 10.1, not_before=not_before)
    assert schedule.next_window_at() == math.inf


def test_date_replaces_the_schedule_that_was_inferred_without_one() -> None:
    schedule = undated(reset_at=10.0)
    assert schedule.clock.update(MINUTE + 45.0, 15.0, 15.1)
    schedule.set_index(MINUTE + 45.0, 15.0)
    schedule.plan(undated_end=math.inf)
    assert schedule.rollover_at == pytest.approx(30.1, abs=0.05)
    reset = schedule.next_reset(15.1)
    assert reset is not None
    assert reset[0] == MINUTE + 60.0


def test_without_a_date_the_window_ends_a_window_after_the_last_report() -> None:
    schedule = WindowSchedule(seconds=60.0)
    assert schedule.next_window_at() == math.inf
    assert schedule.next_reset(0.0) is None
    schedule.plan(undated_end=75.0)
    assert (schedule.rollover_at, schedule.next_window_at()) == (75.0, 75.0)
