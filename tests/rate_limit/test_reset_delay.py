"""Servers that reset their counter late."""

import pytest

from katapult_async.rate_limit.reset_delay import MARGIN, MARGIN_FRACTION, STEP, ResetDelay


def probe(delay: ResetDelay, late: float) -> tuple[float, int]:
    """Send probes until one finds a reset that is ``late`` seconds late.

    Return how many seconds after the minute that probe was sent, and how many probes were too early.
    """
    at, failures = delay.first_probe(), 0
    while at < late:
        delay.too_early(at)
        failures += 1
        at = delay.next_probe(at + 0.05)
    delay.started(at)
    return at, failures


def test_punctual_server_is_probed_at_the_minute() -> None:
    delay = ResetDelay()
    assert probe(delay, 0.0) == (0.0, 0)
    assert delay.first_probe() == 0.0


@pytest.mark.parametrize("late", [0.1, 0.3, 0.7, 1.0, 1.5])
def test_second_late_reset_costs_fewer_failed_probes(late: float) -> None:
    delay = ResetDelay()
    _, first = probe(delay, late)
    at, second = probe(delay, late)
    assert first <= 5
    assert second <= 2
    assert at - late <= 0.2 * late + 0.1  # the goal that tests/benchmarks/README.md states


def test_delay_of_a_recovered_server_shrinks() -> None:
    delay = ResetDelay()
    probe(delay, 1.0)
    for _ in range(20):
        at, _ = probe(delay, 0.0)
    assert at < 0.2


def test_unknown_delay_is_forgotten_at_the_end_of_the_window() -> None:
    delay = ResetDelay()
    delay.too_early(0.0)
    delay.end_window()
    assert delay.first_probe() == 0.0


def test_delay_that_the_network_causes_is_forgotten() -> None:
    delay = ResetDelay()
    delay.too_early(0.01)
    delay.started(0.03)
    assert delay.first_probe() == 0.0


def test_known_delay_is_kept_at_the_end_of_the_window_and_the_failed_probes_are_not() -> None:
    delay = ResetDelay()
    probe(delay, 1.0)
    delay.too_early(0.9)
    delay.end_window()
    assert delay.first_probe() >= 1.0
    delay.too_early(2.0)
    assert delay.first_probe() == 2.0
    assert delay.next_probe(2.05) == pytest.approx(2.05 + STEP)


def test_delay_shrinks_only_if_no_probe_was_too_early() -> None:
    delay = ResetDelay()
    for _ in range(5):
        delay.too_early(1.0)
        delay.started(1.5)
    assert delay.first_probe() == pytest.approx(1.0 * (1 + MARGIN_FRACTION) + MARGIN)
    delay.started(1.5)
    assert delay.first_probe() < 1.0
