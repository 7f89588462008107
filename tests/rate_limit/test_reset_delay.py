"""Servers that start their windows late."""

import pytest

from katapult_async.rate_limit.reset_delay import ResetDelay


def look(lateness: ResetDelay, late: float) -> tuple[float, int]:
    """Look for a window that starts ``late`` after ``:00``; return when it was found, and after how many failures."""
    at, failures = lateness.first_look(), 0
    while at < late:
        lateness.too_early(at)
        failures += 1
        at = lateness.next_look(at + 0.05)
    lateness.started(at)
    return at, failures


def test_a_punctual_server_is_looked_for_at_the_minute() -> None:
    lateness = ResetDelay()
    assert look(lateness, 0.0) == (0.0, 0)
    assert lateness.first_look() == 0.0


@pytest.mark.parametrize("late", [0.1, 0.3, 0.7, 1.0, 1.5])
def test_the_second_window_is_found_soon_and_with_fewer_failures(late: float) -> None:
    lateness = ResetDelay()
    _, first = look(lateness, late)
    at, second = look(lateness, late)
    assert first <= 5
    assert second <= 2
    assert at - late <= 0.2 * late + 0.1


def test_a_server_that_recovers_is_trusted_again() -> None:
    lateness = ResetDelay()
    look(lateness, 1.0)
    for _ in range(20):
        at, _ = look(lateness, 0.0)
    assert at < 0.2


def test_what_was_not_found_is_forgotten() -> None:
    lateness = ResetDelay()
    lateness.too_early(0.0)
    lateness.give_up()
    assert lateness.first_look() == 0.0
