"""Requests without a response, or sent before the reset, count as spent until a later report."""

import pytest

from katapult_async.rate_limit.headers import RateLimitHeaders
from katapult_async.rate_limit.permit import Permit
from katapult_async.rate_limit.wait_reasons import DenialReason

from .simulated_server import BATCH, MIDNIGHT, SimulatedServer


def end(server: SimulatedServer, permit: Permit, now: float, *, lost: bool, left: int, permitted: int = 100) -> None:
    """Lose a request, or respond to it."""
    if lost:
        server.window.lost(permit, now=now)
    else:
        server.respond(permit, now, left=left, permitted=permitted)


@pytest.mark.parametrize("lost", [False, True])
def test_request_sent_before_the_reset_counts_as_spent_until_a_later_report(*, lost: bool) -> None:
    server = SimulatedServer()
    server.exchange(0.0, left=50)
    slow = server.granted(29.0)
    server.exchange(31.5, left=99)
    end(server, slow, 31.6, lost=lost, left=3)
    assert server.window.snapshot(31.6).remaining == 98
    server.exchange(31.7, left=98)
    assert server.window.snapshot(31.8).remaining == 98


def test_response_written_before_the_reset_counts_in_the_old_window() -> None:
    server = SimulatedServer()
    server.exchange(0.0, left=50)
    slow = server.granted(29.0)
    server.exchange(31.5, left=99)
    server.window.responded(slow, RateLimitHeaders(100, 3, MIDNIGHT + 59.0, False), now=31.6)
    assert server.window.snapshot(31.6).remaining == 99


def test_response_without_a_counter_leaves_lost_requests_uncounted() -> None:
    server = SimulatedServer()
    server.exchange(0.0, left=50)
    server.window.lost(server.granted(1.0), now=1.1)
    server.respond(server.granted(1.2), 1.3, left=None, permitted=None)
    assert server.window.snapshot(1.4).remaining == 48  # 50 less the lost request and the one without a counter


@pytest.mark.parametrize("sent_before_reset", [False, True])
def test_next_window_does_not_count_requests_of_this_one(*, sent_before_reset: bool) -> None:
    server = SimulatedServer()
    server.exchange(0.0, left=50)
    before = server.granted(29.0) if sent_before_reset else None
    server.exchange(31.5, left=99)
    lost = server.granted(32.0) if before is None else before
    server.window.lost(lost, now=32.5)
    assert server.window.snapshot(32.5).remaining == 98
    assert server.window.snapshot(95.0).remaining == 100
    assert server.window.estimate(100, 95.0).windows == 1
    server.exchange(95.0, left=99)
    assert server.window.snapshot(95.1).remaining == 99


def rolled_over(*, left: int) -> tuple[SimulatedServer, list[Permit]]:
    """Return a server with ``left`` requests left after the reset, and the permits of two requests sent before it."""
    server = SimulatedServer(seconds=10.0)
    server.exchange(0.0, left=2, permitted=3)
    slow = [server.granted(9.9), server.granted(9.9)]
    server.respond(server.granted(11.5), 11.55, left=left, permitted=3)
    return server, slow


@pytest.mark.parametrize("lost", [False, True])
def test_requests_sent_before_the_reset_allow_one_probe(*, lost: bool) -> None:
    server, slow = rolled_over(left=2)
    for permit in slow:
        end(server, permit, 11.6, lost=lost, left=0, permitted=3)
    probe = server.granted(11.7, priority=BATCH, to_send=9)
    assert server.denied(11.7, priority=BATCH, to_send=9).reason is DenialReason.DRAINING
    server.respond(probe, 11.75, left=1, permitted=3)
    server.granted(11.8)


def test_probe_is_allowed_while_other_requests_are_in_flight() -> None:
    server, slow = rolled_over(left=2)
    server.respond(slow[0], 11.6, left=0, permitted=3)
    server.granted(11.7)


@pytest.mark.parametrize("lost", [False, True])
def test_no_probe_uses_a_request_that_may_be_spent(*, lost: bool) -> None:
    server, slow = rolled_over(left=1)
    server.respond(slow[0], 11.6, left=0, permitted=3)
    probe = server.granted(11.7)
    end(server, probe, 11.8, lost=lost, left=0, permitted=3)
    server.respond(slow[1], 11.8, left=0, permitted=3)
    assert server.denied(11.8).waits_for_reset


@pytest.mark.parametrize("lost", [False, True])
def test_lost_request_counts_as_spent_until_a_request_sent_later_reports_the_counter(*, lost: bool) -> None:
    server = SimulatedServer()
    server.exchange(0.0, left=2)
    early = server.granted(0.1)
    server.window.lost(server.granted(0.1), now=0.2)
    end(server, early, 0.3, lost=lost, left=1)
    assert server.denied(0.4).reason is DenialReason.SPENT
    assert server.left == 0


def test_later_response_clears_a_lost_request() -> None:
    server = SimulatedServer()
    server.exchange(0.0, left=10)
    server.window.lost(server.granted(0.1), now=0.2)
    assert server.left == 9
    server.exchange(0.3, left=9)  # the lost one never arrived at the server
    assert server.left == 9
    assert server.window.in_flight == 0
