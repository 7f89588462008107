"""Requests that told nothing, or that were sent before the window turned: spent, until a later one reports."""

import pytest

from katapult_async.rate_limit.headers import RateLimitHeaders
from katapult_async.rate_limit.status import DenialReason, Permit

from .counter import BATCH, MIDNIGHT, Talk


@pytest.mark.parametrize("lost", [False, True])
def test_a_request_from_before_the_turn_counts_as_spent_until_a_later_one_reports(lost: bool) -> None:  # noqa: FBT001  # a case
    talk = Talk()
    talk.exchange(0.0, left=50)
    slow = talk.granted(29.0)
    talk.exchange(31.5, left=99)
    talk.window.lost(slow, now=31.6) if lost else talk.hear(slow, 31.6, left=3)
    assert talk.window.snapshot(31.6).remaining == 98
    talk.exchange(31.7, left=98)
    assert talk.window.snapshot(31.8).remaining == 98


def test_an_answer_written_before_the_turn_was_counted_before_it() -> None:
    talk = Talk()
    talk.exchange(0.0, left=50)
    slow = talk.granted(29.0)
    talk.exchange(31.5, left=99)
    talk.window.feed(slow, RateLimitHeaders(100, 3, MIDNIGHT + 59.0, False), now=31.6, jitter=0.5)
    assert talk.window.snapshot(31.6).remaining == 99


def test_an_answer_without_a_count_tells_nothing_of_the_requests_before_it() -> None:
    talk = Talk()
    talk.exchange(0.0, left=50)
    talk.window.lost(talk.granted(1.0), now=1.1)
    talk.hear(talk.granted(1.2), 1.3, left=None, permitted=None)
    assert talk.window.snapshot(1.4).remaining == 48  # that one, and the lost one


@pytest.mark.parametrize("old", [False, True])
def test_the_next_window_owes_nothing_to_the_requests_of_this_one(old: bool) -> None:  # noqa: FBT001  # a case
    talk = Talk()
    talk.exchange(0.0, left=50)
    slow = talk.granted(29.0) if old else None
    talk.exchange(31.5, left=99)
    talk.window.lost(slow or talk.granted(32.0), now=32.5)
    assert talk.window.snapshot(32.5).remaining == 98
    assert talk.window.snapshot(95.0).remaining == 100
    assert talk.window.estimate(100, 95.0).windows == 1
    talk.exchange(95.0, left=99)
    assert talk.window.snapshot(95.1).remaining == 99


def turned(*, left: int) -> tuple[Talk, list[Permit]]:
    """A window that has turned, in which so many are left, and two requests from before that are on their way."""
    talk = Talk(seconds=10.0)
    talk.exchange(0.0, left=2, permitted=3)
    slow = [talk.granted(9.9), talk.granted(9.9)]
    talk.hear(talk.granted(11.5), 11.55, left=left, permitted=3)
    return talk, slow


@pytest.mark.parametrize("lost", [False, True])
def test_where_only_such_requests_stand_in_the_way_one_asks(lost: bool) -> None:  # noqa: FBT001  # a case
    talk, slow = turned(left=2)
    for permit in slow:
        talk.window.lost(permit, now=11.6) if lost else talk.hear(permit, 11.6, left=0, permitted=3)
    context = talk.granted(11.7, priority=BATCH, outstanding=9)
    assert talk.shut(11.7, priority=BATCH, outstanding=9).reason is DenialReason.DRAINING
    talk.hear(context, 11.75, left=1, permitted=3)
    talk.granted(11.8)


def test_one_asks_while_others_of_them_are_still_on_their_way() -> None:
    talk, slow = turned(left=2)
    talk.hear(slow[0], 11.6, left=0, permitted=3)
    talk.granted(11.7)


@pytest.mark.parametrize("lost", [False, True])
def test_nobody_asks_with_a_request_that_is_spent_or_may_be(lost: bool) -> None:  # noqa: FBT001  # a case
    talk, slow = turned(left=1)
    talk.hear(slow[0], 11.6, left=0, permitted=3)
    context = talk.granted(11.7)
    talk.window.lost(context, now=11.8) if lost else talk.hear(context, 11.8, left=0, permitted=3)
    talk.hear(slow[1], 11.8, left=0, permitted=3)
    assert talk.shut(11.8).closed


@pytest.mark.parametrize("answered_later", [False, True])
def test_a_lost_request_counts_until_a_later_one_reports(answered_later: bool) -> None:  # noqa: FBT001  # a case
    talk = Talk()
    talk.exchange(0.0, left=2)
    early = talk.granted(0.1)
    talk.window.lost(talk.granted(0.1), now=0.2)
    talk.window.lost(early, now=0.2) if not answered_later else talk.hear(early, 0.3, left=1)
    assert talk.shut(0.4).reason is DenialReason.SPENT if not answered_later else DenialReason.DRAINING
    assert talk.left == 0


def test_a_later_answer_clears_a_ghost() -> None:
    talk = Talk()
    talk.exchange(0.0, left=10)
    talk.window.lost(talk.granted(0.1), now=0.2)
    assert talk.left == 9
    talk.exchange(0.3, left=9)  # the lost one never arrived there
    assert talk.left == 9
    assert talk.window.in_flight == 0
