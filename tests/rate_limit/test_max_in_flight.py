"""Requests in flight of one client: the limit, and the slots that are kept for single calls."""

import pytest

from katapult_async.options import Priority
from katapult_async.rate_limit.max_in_flight import Slots

SINGLE, BATCH = Priority.SINGLE, Priority.BATCH
NOW = 1000.0


def fill(slots: Slots, priority: Priority, *, now: float = NOW) -> int:
    """Send requests until there is no room, and return how many were sent."""
    count = 0
    while slots.take(object(), priority, now):
        count += 1
    return count


@pytest.mark.parametrize("priority", list(Priority))
@pytest.mark.parametrize("limit", [1, 2, 64])
def test_no_more_requests_than_the_limit(limit: int, priority: Priority) -> None:
    slots = Slots(limit)
    assert fill(slots, priority) == limit
    assert slots.in_flight == limit


def test_release_makes_room_for_one() -> None:
    slots = Slots(1)
    slots.take("first", BATCH, NOW)
    slots.release("first")
    assert slots.in_flight == 0
    assert fill(slots, BATCH) == 1


@pytest.mark.parametrize(("limit", "for_batches"), [(2, 1), (10, 9), (64, 58)])
def test_batch_leaves_slots_after_a_single_call(limit: int, for_batches: int) -> None:
    slots = Slots(limit)
    slots.take("single", SINGLE, NOW)
    slots.release("single")
    assert fill(slots, BATCH, now=NOW + 60.0) == for_batches
    assert fill(slots, SINGLE, now=NOW + 60.0) == limit - for_batches


def test_batch_has_all_slots_again_a_minute_after_the_last_single_call() -> None:
    slots = Slots(10)
    slots.take("single", SINGLE, NOW)
    slots.release("single")
    assert fill(slots, BATCH, now=NOW + 60.1) == 10


def test_batch_whose_requests_hang_leaves_slots() -> None:
    slots = Slots(10)
    slots.take("hangs", BATCH, NOW)
    assert fill(slots, BATCH, now=NOW + 1.0) == 8
    slots.release("hangs")
    assert fill(slots, BATCH, now=NOW + 1.5) == 2


def test_one_slot_is_never_withheld_from_batches() -> None:
    slots = Slots(1)
    slots.take("single", SINGLE, NOW)
    slots.release("single")
    assert fill(slots, BATCH) == 1
