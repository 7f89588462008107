"""How many requests running batches still have to send."""

from katapult_async.rate_limit.requests_to_send import RequestsToSend


def test_batch_has_its_own_requests_and_those_of_shorter_batches_before_it() -> None:
    batches = RequestsToSend()
    batches.expect("long", 100)
    batches.expect("short", 10)
    assert (batches.to_send("short"), batches.to_send("long")) == (10, 110)


def test_request_with_a_permit_is_not_outstanding() -> None:
    batches = RequestsToSend()
    batches.expect("one", 2)
    batches.count_granted("one")
    assert batches.to_send("one") == 1
    batches.expect("one", -1)  # the item of that request has ended
    assert batches.to_send("one") == 1


def test_items_that_make_several_requests_have_as_many_outstanding_as_calls_wait() -> None:
    batches = RequestsToSend()
    batches.expect("one", 2)
    for _ in range(6):
        batches.count_granted("one")
    assert batches.to_send("one") == 0
    for _ in range(3):
        batches.count_waiting("one", 1)
    assert batches.to_send("one") == 3


def test_batch_that_has_ended_is_forgotten() -> None:
    batches = RequestsToSend()
    batches.expect("one", 2)
    batches.count_waiting("one", 1)
    batches.expect("one", -2)
    assert batches.to_send("one") == 1
    batches.count_waiting("one", -1)
    batches.count_granted("one")
    assert batches.to_send("one") == 0
    assert batches._batches == {}
