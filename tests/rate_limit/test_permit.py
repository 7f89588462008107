"""The refusals of a call, as its permit records them; own refusals concern this call alone."""

import pytest

from katapult_async.call_limits import Priority
from katapult_async.rate_limit.max_in_flight import Slots
from katapult_async.rate_limit.permit import MAX_OWN_REFUSALS, Permit


def permit(priority: Priority = Priority.BATCH) -> Permit:
    return Permit(priority, 0, "GET /a", Slots(1))


def test_wait_after_own_refusals_doubles_up_to_a_bound() -> None:
    call = permit()
    waits = []
    for _ in range(6):
        call.add_own_refusal(10.0, 1.0, reset_at=60.0)
        waits.append(call.retry_at - 10.0)
    assert waits == [0.5, 1.0, 2.0, 4.0, 4.0, 4.0]


def test_wait_is_at_least_half_of_its_bound() -> None:
    call = permit()
    call.add_own_refusal(10.0, 0.0, reset_at=60.0)
    assert call.retry_at == 10.25


@pytest.mark.parametrize(("priority", "last_at"), [(Priority.BATCH, 60.0), (Priority.SINGLE, 14.0)], ids=str)
def test_only_a_batch_item_waits_for_the_reset_before_its_last_attempt(priority: Priority, last_at: float) -> None:
    call = permit(priority)
    times = []
    for _ in range(MAX_OWN_REFUSALS):
        call.add_own_refusal(10.0, 1.0, reset_at=60.0)
        times.append(call.retry_at)
    assert times[MAX_OWN_REFUSALS - 2] == last_at, "the refusal before the last permits the last attempt"
    assert times[MAX_OWN_REFUSALS - 1] == 14.0


@pytest.mark.parametrize(
    ("refusals", "own_refusals", "goes_last"), [(0, 0, False), (1, 0, False), (2, 0, True), (1, 1, True)]
)
def test_call_goes_last_after_two_refusals_or_one_own_refusal(
    *, refusals: int, own_refusals: int, goes_last: bool
) -> None:
    call = permit()
    call.refusals = refusals
    call.own_refusals = own_refusals
    assert call.goes_last is goes_last
