"""The order in which waiting calls get their permits."""

import asyncio

import pytest

from katapult_async.call_limits import Priority
from katapult_async.rate_limit.max_in_flight import Slots
from katapult_async.rate_limit.permit import Permit
from katapult_async.rate_limit.queue_order import CallQueue, WaitingCall
from katapult_async.rate_limit.window_admission import Window

SLOTS = Slots(100)
SINGLE, BATCH = Priority.SINGLE, Priority.BATCH


def new_window() -> Window:
    return Window(seconds=60.0, random=lambda: 0.5)


def waiting(
    order: int,
    *,
    priority: Priority = SINGLE,
    route: str = "GET /a",
    slots: Slots = SLOTS,
    refusals: int = 0,
    refused_alone: bool = False,
) -> WaitingCall:
    own_refusals = 1 if refused_alone else 0
    permit = Permit(priority, order, route, slots, refusals=refusals, own_refusals=own_refusals)
    return WaitingCall(permit, 0.0, 1.0, asyncio.get_running_loop().create_future())


def none_overdue(_: str, __: float) -> int:
    return 0


def new_queue() -> CallQueue:
    """Return a queue of calls that use one window."""
    window = new_window()
    return CallQueue(lambda _: window, none_overdue)


def serve_all(queue: CallQueue, *, now: float = 0.0) -> list[int]:
    """Take every call that may be sent out of the queue, and return the `order` of each."""
    orders = []
    for call in queue.in_order(now):
        queue.end_wait(call)
        call.outcome.cancel()
        orders.append(call.permit.order)
    return orders


async def test_single_calls_come_before_batches_and_earlier_calls_before_later_ones() -> None:
    queue = new_queue()
    for order, priority in enumerate([BATCH, SINGLE, BATCH, SINGLE]):
        queue.add(waiting(order, priority=priority, route=f"GET /{order % 3}"))
    assert (queue.length, queue.waits(SINGLE), queue.waits(BATCH)) == (4, True, True)
    assert serve_all(queue) == [1, 3, 0, 2]
    assert (queue.length, queue.waits(SINGLE), queue.waits(BATCH)) == (0, False, False)
    queue.add(waiting(4, priority=BATCH))
    assert (queue.waits(SINGLE), queue.waits(BATCH)) == (False, True)


async def test_calls_of_many_clients_get_permits_in_order_and_each_is_compared_with_few_others() -> None:
    compared: list[str] = []

    def overdue(route: str, _: float) -> int:
        compared.append(route)  # the queue asks for this number when it compares a call with another
        return 0

    window, clients = new_window(), [Slots(100) for _ in range(100)]
    queue = CallQueue(lambda _: window, overdue)
    for order in range(300):
        queue.add(waiting(order, slots=clients[order * 7 % 100]))  # three calls of each client, far apart
    assert serve_all(queue) == [*range(300)]
    assert len(compared) < 300 * 10, "else the time grows with the square of the number of clients"


@pytest.mark.parametrize(
    ("refusals", "refused_alone", "expected"),
    [(1, False, [1, 2]), (2, False, [2, 1]), (1, True, [2, 1])],
    ids=["first refusal", "second refusal", "refused alone"],
)
async def test_refused_call_keeps_its_place_unless_it_goes_last(
    *, refusals: int, refused_alone: bool, expected: list[int]
) -> None:
    queue = new_queue()
    queue.add(waiting(2))
    queue.add(waiting(1, refusals=refusals, refused_alone=refused_alone))
    assert serve_all(queue) == expected


async def test_calls_to_an_endpoint_with_overdue_requests_come_after_others_of_their_priority() -> None:
    queue = CallQueue(lambda _: new_window(), lambda route, _: 1 if route == "GET /slow" else 0)
    queue.add(waiting(1, priority=BATCH, route="GET /slow"))
    queue.add(waiting(2, priority=BATCH, route="GET /"))
    queue.add(waiting(3, route="GET /slow"))
    assert serve_all(queue, now=1.0) == [3, 2, 1]


async def test_call_whose_wait_has_ended_is_skipped() -> None:
    queue = new_queue()
    first, second = waiting(1), waiting(2)
    for call in (first, second):
        queue.add(call)
    first.outcome.cancel()
    queue.end_wait(first)
    assert queue.calls() == [second]
    assert serve_all(queue) == [2]


async def test_counting_the_calls_ahead_examines_only_endpoints_of_waiting_calls() -> None:
    examined: list[str] = []
    window = new_window()

    def window_of(route: str) -> Window:
        examined.append(route)
        return window

    queue = CallQueue(window_of, none_overdue)
    for order, route in enumerate(["GET /a", "GET /b", "GET /c"]):
        queue.add(waiting(order, route=route))
    serve_all(queue)
    examined.clear()
    newcomer = waiting(3, route="GET /d")
    queue.add(newcomer)
    assert queue.ahead_of(newcomer) == 0
    assert set(examined) == {"GET /d"}
