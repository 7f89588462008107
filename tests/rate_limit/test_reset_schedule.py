"""When a window is reset, and when to send the probes that find a late reset."""

import math

import pytest

from katapult_async.rate_limit.reset_schedule import GRACE, URGENT_STEP, ResetEvidence, ResetSchedule

MINUTE = 1_767_225_600.0
"""A full minute of the server's clock, in Unix seconds; monotonic 0 is half a minute later."""


def schedule() -> ResetSchedule:
    """Return the schedule of a server whose clock is known to 0.02 s."""
    resets = ResetSchedule(seconds=60.0)
    for sent_at, date in ((0.98, MINUTE + 30.0), (1.0, MINUTE + 31.0)):
        resets.clock.update(date, sent_at, sent_at + 0.01)
    resets.set_index(MINUTE + 31.0, 1.0)
    resets.evidence = ResetEvidence.RISEN
    resets.plan(undated_end=math.inf)
    return resets


def test_next_window_begins_at_the_servers_minute() -> None:
    resets = schedule()
    assert resets.rollover_at == pytest.approx(30.0, abs=0.05)
    assert resets.roll_over(resets.rollover_at) == 1
    assert resets.evidence is ResetEvidence.NO_RESPONSE
    assert resets.rollover_at == pytest.approx(90.0, abs=0.05)


@pytest.mark.parametrize("after", [-0.005, 0.0, 0.005])
def test_reset_after_a_window_that_may_have_begun_is_a_window_later(after: float) -> None:
    resets = schedule()
    began_at = resets.reset_after(2.0)
    assert began_at == pytest.approx(30.0, abs=0.05)
    assert resets.reset_after(began_at + after) == pytest.approx(began_at + 60.0, abs=0.05)


def test_after_a_long_silence_several_windows_have_begun() -> None:
    assert schedule().roll_over(400.0) == 7


def test_window_that_is_not_reset_is_probed_soon_and_then_more_rarely() -> None:
    resets = schedule()
    sent_at, waits = resets.rollover_at, []
    resets.roll_over(sent_at)
    for _ in range(4):
        resets.evidence = ResetEvidence.NOT_RESET
        resets.spent(sent_at, sent_at + 0.01, permitted=100, draw=0.5)
        assert resets.is_late
        waits.append(resets.rollover_at - sent_at)
        sent_at = resets.rollover_at
        assert resets.roll_over(sent_at) == 0
    assert waits == sorted(waits)
    assert waits[0] < 0.1 < waits[-1]


def test_later_than_the_grace_another_process_has_spent_the_window() -> None:
    resets = schedule()
    sent_at = resets.rollover_at + GRACE + 1.0
    resets.roll_over(sent_at)
    resets.evidence = ResetEvidence.NOT_RESET
    resets.spent(sent_at, sent_at + 0.01, permitted=100, draw=0.5)
    assert not resets.is_late
    assert resets.rollover_at == pytest.approx(90.0, abs=0.05)
    assert sent_at < resets.urgent_at < 45.0


@pytest.mark.parametrize(
    ("evidence", "urgent"), [(ResetEvidence.MOST_LEFT, True), (ResetEvidence.RISEN, False)], ids=str
)
def test_single_calls_probe_a_spent_window_only_if_it_may_be_the_old_one(
    evidence: ResetEvidence,
    urgent: bool,  # noqa: FBT001 # a case
) -> None:
    resets = schedule()
    resets.roll_over(30.1)
    resets.evidence = evidence
    resets.spent(30.5, 30.6, permitted=100, draw=0.5)
    assert (resets.urgent_at < math.inf) is urgent


def test_single_calls_probe_a_spent_window_more_and_more_rarely_and_then_no_more() -> None:
    resets = schedule()
    now, waits = 30.2, []
    while now < math.inf:
        resets.roll_over(now)
        resets.evidence = ResetEvidence.MOST_LEFT
        resets.spent(now, now, permitted=100, draw=0.5)
        waits.append(resets.urgent_at - now)
        now = resets.urgent_at
    assert waits == pytest.approx([URGENT_STEP, URGENT_STEP, 2 * URGENT_STEP, 4 * URGENT_STEP, math.inf])


def test_window_that_was_reset_after_all_is_probed_no_more() -> None:
    resets = schedule()
    sent_at = resets.rollover_at
    resets.roll_over(sent_at)
    resets.evidence = ResetEvidence.NOT_RESET
    resets.spent(sent_at, sent_at + 0.01, permitted=100, draw=0.5)
    assert resets.is_late
    resets.opened(sent_at + 0.05)
    assert not resets.is_late
    assert resets.rollover_at == pytest.approx(90.0, abs=0.1)


@pytest.mark.parametrize(("now", "windows", "next_at"), [(2.0, 0, 30.0), (40.0, 1, 90.0)])
def test_restart_begins_the_window_of_the_clock(now: float, windows: int, next_at: float) -> None:
    resets = schedule()
    assert resets.restart(now) == windows
    assert resets.rollover_at == pytest.approx(next_at, abs=0.05)


def test_wait_doubles_with_each_refusal_in_a_row_while_the_clock_is_unknown() -> None:
    resets = ResetSchedule(seconds=60.0)
    now, waits = 0.0, []
    for _ in range(4):
        resets.spent(now, now, permitted=60, draw=1.0)
        waits.append(resets.rollover_at - now)
        now = resets.rollover_at
        resets.roll_over(now)
    resets.opened(now)
    resets.spent(now, now, permitted=60, draw=1.0)
    assert waits == [1.0, 2.0, 4.0, 8.0]
    assert resets.rollover_at - now == 1.0


def test_without_a_date_the_window_ends_a_window_after_the_last_report() -> None:
    resets = ResetSchedule(seconds=60.0)
    assert resets.next_window_at() == math.inf
    assert resets.next_reset(0.0) is None
    resets.plan(undated_end=75.0)
    assert (resets.rollover_at, resets.next_window_at()) == (75.0, 75.0)
