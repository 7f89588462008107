"""Requests in flight of one client: the limit, and the slots that are kept for single calls."""

import pytest

from katapult_async.call_limits import Priority
from katapult_async.rate_limit.max_in_flight import Slots

SINGLE, BATCH = Priority.SINGLE, Priority.BATCH
NOW = 1000.0


def fill(slots: Slots, priority: Priority, *, now: float = NOW, may_hang: bool = False) -> int:
    """Send requests until there is no room, and return how many were sent."""
    count = 0
    while slots.take(priority, now, may_hang=may_hang):
        count += 1
    return count


@pytest.mark.parametrize("priority", list(Priority))
@pytest.mark.parametrize("limit", [1, 2, 64])
def test_no_more_requests_than_the_limit_are_in_flight(limit: int, priority: Priority) -> None:
    slots = Slots(limit)
    assert fill(slots, priority) == limit
    assert slots.in_flight == limit


def test_release_makes_room_for_one_request() -> None:
    slots = Slots(1)
    slots.take(BATCH, NOW)
    slots.release(BATCH)
    assert slots.in_flight == 0
    assert fill(slots, BATCH) == 1


@pytest.mark.parametrize(("limit", "for_batches"), [(2, 1), (10, 9), (64, 58)])  # a tenth is kept, but at least 1
def test_batch_leaves_slots_after_a_single_call(limit: int, for_batches: int) -> None:
    slots = Slots(limit)
    slots.take(SINGLE, NOW)
    slots.release(SINGLE)
    assert fill(slots, BATCH, now=NOW + 60.0) == for_batches
    assert fill(slots, SINGLE, now=NOW + 60.0) == limit - for_batches


def test_batch_has_all_slots_again_a_minute_after_the_last_single_call() -> None:
    slots = Slots(10)
    slots.take(SINGLE, NOW)
    slots.release(SINGLE)
    assert fill(slots, BATCH, now=NOW + 60.1) == 10


@pytest.mark.parametrize("priority", list(Priority))
def test_calls_to_an_endpoint_that_hangs_leave_slots_to_other_endpoints(priority: Priority) -> None:
    slots = Slots(10)
    assert fill(slots, priority, may_hang=True) == 9
    assert fill(slots, SINGLE) == 1  # the kept slot
    slots.release(priority)
    assert fill(slots, priority, may_hang=True) == 0


def test_endpoint_that_hangs_may_take_the_only_slot() -> None:
    assert fill(Slots(1), SINGLE, may_hang=True) == 1


def test_batch_may_take_the_only_slot_after_a_single_call() -> None:
    slots = Slots(1)
    slots.take(SINGLE, NOW)
    slots.release(SINGLE)
    assert fill(slots, BATCH) == 1
