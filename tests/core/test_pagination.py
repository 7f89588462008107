"""A paginated list: iterated page by page, or awaited as a whole."""

import asyncio
import contextlib
import itertools
import math
import weakref
from collections.abc import Callable
from typing import Any

import pytest

from katapult_async import (
    BadRequestError,
    BadResponseError,
    Endpoint,
    KatapultClient,
    NotFoundError,
    ServerError,
    Succeeded,
    TransportRequest,
    TransportResponse,
    UsageError,
    VirtualMachine,
)
from katapult_async.core.pagination import Pages
from tests.bodies import error_body, pagination
from tests.exchanges import Exchanges
from tests.freed_frames import without_garbage_collector
from tests.scripted_transport import ScriptedTransport, Step, after, gives, hangs, refuses


def machines(katapult: KatapultClient) -> Pages[VirtualMachine]:
    return katapult.virtual_machines.list(organization="org_1")


def target(page: int, *, per_page: int = 200) -> str:
    return f"/organizations/organization/virtual_machines?organization%5Bid%5D=org_1&page={page}&per_page={per_page}"


def prepare(exchanges: Exchanges, total: int, *, counted: bool = True, repeat: bool = False) -> None:
    """Prepare pages of 200, and an empty one after a full last page."""
    for page in range(1, total // 200 + 2):
        objects = [{"id": f"vm_{number}"} for number in range((page - 1) * 200, min(page * 200, total))]
        beside = pagination(page, total=total if counted else None)
        exchanges.respond(target(page), {"virtual_machines": objects, "pagination": beside}, repeat=repeat)


@pytest.mark.parametrize(
    ("total", "counted", "requests"),
    [
        (0, True, 1),
        (1, True, 1),
        (199, True, 1),
        (200, True, 1),
        (201, True, 2),
        (600, True, 3),
        (0, False, 1),
        (199, False, 1),
        (200, False, 2),
        (1001, False, 6),
    ],
)
async def test_every_object_comes_once_in_order_without_a_needless_request(
    katapult: KatapultClient, exchanges: Exchanges, total: int, requests: int, *, counted: bool
) -> None:
    prepare(exchanges, total, counted=counted)
    ids = [machine.id async for machine in machines(katapult)]
    assert ids == [f"vm_{number}" for number in range(total)]
    assert len(exchanges.sent) == requests


async def test_page_is_requested_when_the_iteration_reaches_it(katapult: KatapultClient, exchanges: Exchanges) -> None:
    prepare(exchanges, 600)
    seen = 0
    async for _ in machines(katapult):
        seen += 1
        assert len(exchanges.sent) == math.ceil(seen / 200)
        if seen == 201:
            break
    assert len(exchanges.sent) == 2


async def test_iterating_again_sends_the_requests_again(katapult: KatapultClient, exchanges: Exchanges) -> None:
    prepare(exchanges, 3, repeat=True)
    pages = machines(katapult)
    assert [machine async for machine in pages] == [machine async for machine in pages]
    assert len(exchanges.sent) == 2


async def test_each_iteration_has_its_own_position(katapult: KatapultClient, exchanges: Exchanges) -> None:
    prepare(exchanges, 3, repeat=True)
    pages = machines(katapult)
    first, second = aiter(pages), aiter(pages)
    assert (await anext(first)).id == (await anext(second)).id == "vm_0"
    assert [machine.id async for machine in first] == ["vm_1", "vm_2"]
    assert (await anext(second)).id == "vm_1"


def page_of(ids: range, number: int, *, total: int) -> Step:
    """Respond after a second with a page of a list."""
    objects = [{"id": f"vm_{object_id}"} for object_id in ids]
    return after(1.0, gives({"virtual_machines": objects, "pagination": pagination(number, total=total)}))


@pytest.mark.looptime
async def test_tasks_that_share_an_iteration_receive_each_object_once() -> None:
    transport = ScriptedTransport((page_of(range(200), 1, total=203), page_of(range(200, 203), 2, total=203)))
    async with KatapultClient("token", transport=transport) as katapult:
        shared = aiter(machines(katapult))

        async def received() -> list[str]:
            return [machine.id async for machine in shared]

        shares = await asyncio.gather(received(), received(), received())
    assert sorted(itertools.chain(*shares)) == sorted(f"vm_{number}" for number in range(203))
    assert len(transport.requests) == 2


@pytest.mark.looptime
async def test_task_that_fails_or_is_cancelled_leaves_the_page_to_the_others() -> None:
    steps = (after(1.0, refuses(404, "organization_not_found")), hangs, page_of(range(2), 1, total=2))
    async with KatapultClient("token", transport=ScriptedTransport(steps)) as katapult:
        shared = aiter(machines(katapult))
        tasks = [asyncio.create_task(anext(shared)) for _ in range(4)]
        with pytest.raises(NotFoundError):
            await tasks[0]
        await asyncio.sleep(1)
        tasks[1].cancel()
        assert [(await task).id for task in tasks[2:]] == ["vm_0", "vm_1"]


@pytest.mark.looptime
async def test_several_tasks_can_await_one_list_at_once() -> None:
    transport = ScriptedTransport((page_of(range(2), 1, total=2),))
    async with KatapultClient("token", transport=transport) as katapult:
        pages = machines(katapult)
        tasks = [asyncio.create_task(pages) for _ in range(3)]
        await asyncio.sleep(0.5)
        tasks[1].cancel()
        results = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(result) for result in results] == [list, asyncio.CancelledError, list]


async def test_exhausted_iteration_stays_exhausted(katapult: KatapultClient, exchanges: Exchanges) -> None:
    prepare(exchanges, 1)
    iteration = aiter(machines(katapult))
    assert [machine.id async for machine in iteration] == ["vm_0"]
    assert [machine.id async for machine in iteration] == []


async def test_failed_page_can_be_requested_again(katapult: KatapultClient, exchanges: Exchanges) -> None:
    exchanges.respond(target(1), error_body("organization_not_found"), status=404)
    iteration = aiter(machines(katapult))
    with pytest.raises(NotFoundError):
        await anext(iteration)
    prepare(exchanges, 1)
    assert (await anext(iteration)).id == "vm_0"


async def test_transport_that_raises_stop_async_iteration_does_not_end_a_list_silently() -> None:
    async def replay(_: TransportRequest) -> TransportResponse:
        raise StopAsyncIteration  # as the `anext` of exhausted recordings does

    async with KatapultClient("token", transport=ScriptedTransport((replay,))) as katapult:
        with pytest.raises(
            RuntimeError, match="the transport, the token function or a retry strategy raised StopAsyncIteration"
        ):
            [machine async for machine in machines(katapult)]


async def test_token_function_that_raises_stop_async_iteration_does_not_end_a_list_silently() -> None:
    tokens = ["token"]

    def token() -> str:
        if not tokens:
            raise StopAsyncIteration
        return tokens[0]

    async with KatapultClient(token, transport=ScriptedTransport(())) as katapult:
        tokens.clear()
        with pytest.raises(RuntimeError, match="raised StopAsyncIteration"):
            [machine async for machine in machines(katapult)]


async def test_list_without_its_pagination_object_is_a_bad_response(
    katapult: KatapultClient, exchanges: Exchanges
) -> None:
    exchanges.respond(target(1), {"virtual_machines": []})
    with pytest.raises(BadResponseError, match="missing required field `pagination`"):
        await anext(aiter(machines(katapult)))


@pytest.mark.parametrize("total", [0, 1, 200, 401])
async def test_awaiting_returns_the_whole_list(katapult: KatapultClient, exchanges: Exchanges, total: int) -> None:
    prepare(exchanges, total)
    assert [machine.id for machine in await machines(katapult)] == [f"vm_{number}" for number in range(total)]


async def test_awaiting_a_list_raises_the_error_of_the_page_that_failed(
    katapult: KatapultClient, exchanges: Exchanges
) -> None:
    objects = [{"id": f"vm_{number}"} for number in range(200)]
    exchanges.respond(target(1), {"virtual_machines": objects, "pagination": pagination(1, total=None)})
    exchanges.respond(target(2), error_body("unhandled_exception"), status=500)
    pages = machines(katapult)
    with pytest.raises(ServerError):
        await pages
    prepare(exchanges, 3)
    assert len(await pages) == 3


async def test_list_is_an_awaitable_that_a_batch_can_call(katapult: KatapultClient, exchanges: Exchanges) -> None:
    prepare(exchanges, 3)
    list_machines = katapult.virtual_machines.list
    async with katapult.many(lambda organization: list_machines(organization=organization), ["org_1"]) as outcomes:
        [outcome] = [outcome async for outcome in outcomes]
    assert isinstance(outcome, Succeeded)
    assert [machine.id for machine in outcome.value] == ["vm_0", "vm_1", "vm_2"]


async def test_list_can_be_a_task(katapult: KatapultClient, exchanges: Exchanges) -> None:
    prepare(exchanges, 401, repeat=True)
    pages = machines(katapult)
    async with asyncio.TaskGroup() as tasks:
        task = tasks.create_task(pages)
        another = tasks.create_task(machines(katapult))
    assert len(task.result()) == len(another.result()) == 401
    assert len(await asyncio.wait_for(pages, 5)) == 401
    assert len(exchanges.sent) == 9
    assert "Pages" in repr(task)  # from Python 3.12, the repr of a task calls bool() on what it runs
    assert bool(pages)


async def test_task_of_a_list_can_be_cancelled_before_and_after_it_begins() -> None:
    whole = gives({"virtual_machines": [{"id": "vm_1"}], "pagination": pagination(1, total=1)})
    async with KatapultClient("token", transport=ScriptedTransport((hangs, whole))) as katapult:
        pages = machines(katapult)
        for steps in (0, 1):
            task = asyncio.create_task(pages)
            for _ in range(steps):
                await asyncio.sleep(0)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
        assert await asyncio.create_task(pages) == [VirtualMachine(id="vm_1")]


async def test_cancelled_task_of_a_list_leaves_no_reference_cycle() -> None:
    async with KatapultClient("token", transport=ScriptedTransport((hangs,))) as katapult:
        pages = machines(katapult)
        reference, task = weakref.ref(pages), asyncio.create_task(pages)
        await asyncio.sleep(0)
        with without_garbage_collector():
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
            del pages, task
            await asyncio.sleep(0)  # a task keeps its CancelledError until the next step of the task that awaits it
            assert reference() is None


async def test_list_that_was_closed_before_its_task_began_can_be_awaited(
    katapult: KatapultClient, exchanges: Exchanges
) -> None:
    prepare(exchanges, 1)
    pages = machines(katapult)
    pages.close()
    assert [machine.id for machine in await pages] == ["vm_0"]


async def test_closing_a_list_ends_the_request_of_a_task_that_has_begun() -> None:
    async with KatapultClient("token", transport=ScriptedTransport((hangs,))) as katapult:
        pages = machines(katapult)
        task = asyncio.create_task(pages)
        await asyncio.sleep(0)
        assert katapult.rate_limit.in_flight == 1
        pages.close()
        assert katapult.rate_limit.in_flight == 0
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


@pytest.mark.parametrize("use", [list, tuple, sorted, iter, enumerate])
def test_error_of_a_plain_for_loop_names_async_for(use: Any) -> None:
    with pytest.raises(UsageError, match="`async for`, or awaited"):
        use(machines(KatapultClient("token")))


@pytest.mark.parametrize("option", ["max_wait", "timeout"])
async def test_options_of_a_list_are_checked_at_once(katapult: KatapultClient, option: str) -> None:
    options: Any = {option: -1.0}
    with pytest.raises(UsageError, match=f"^{option} must be 0 seconds or more"):
        katapult.virtual_machines.list(organization="org_1", **options)


FULL_PAGE = [{"id": f"vm_{number}"} for number in range(200)]


@pytest.mark.parametrize(
    ("beside", "objects", "problem"),
    [
        (pagination(1, total=600), FULL_PAGE, "it sent page 1 in place of page 2"),
        (pagination(1, total=None), FULL_PAGE, "it sent page 1 in place of page 2"),
        ({"total_pages": 3}, FULL_PAGE, "page 2 has the objects of page 1"),
        ({}, FULL_PAGE, "page 2 has the objects of page 1"),
        ({"per_page": 1}, FULL_PAGE[:1], "page 2 has the objects of page 1"),
    ],
)
async def test_server_that_ignores_the_argument_page_causes_bad_response_error_after_the_first_page(
    katapult: KatapultClient,
    exchanges: Exchanges,
    beside: dict[str, object],
    objects: list[dict[str, str]],
    problem: str,
) -> None:
    for page in (1, 2):
        exchanges.respond(target(page), {"virtual_machines": objects, "pagination": beside}, repeat=True)
    iteration = aiter(machines(katapult))
    assert [(await anext(iteration)).id for _ in objects] == [shown["id"] for shown in objects]
    with pytest.raises(BadResponseError, match=f"^the server ignores the argument page: {problem}") as raised:
        await anext(iteration)
    assert raised.value.reason == "wrong_shape"
    assert ("page", "2") in raised.value.problem.arguments
    with pytest.raises(BadResponseError, match=problem):
        await machines(katapult)


async def test_server_that_sends_the_first_page_under_the_next_number_causes_bad_response_error(
    katapult: KatapultClient, exchanges: Exchanges
) -> None:
    for page in (1, 2):
        machines_of_page = [{**fields, "name": f"seen {page} times"} for fields in FULL_PAGE]
        body = {"virtual_machines": machines_of_page, "pagination": {"current_page": page}}
        exchanges.respond(target(page), body, headers={"X-Request-Id": f"request-{page}"})
    with pytest.raises(BadResponseError, match="page 2 has the objects of page 1") as raised:
        await machines(katapult)
    assert raised.value.request_id == "request-2"


async def test_equal_pages_are_kept_if_the_server_counts_its_pages(
    katapult: KatapultClient, exchanges: Exchanges
) -> None:
    for page in (1, 2):
        body = {"zones": ["same"] * 200, "pagination": {"current_page": page, "total_pages": 2}}
        exchanges.respond(f"/zones?page={page}&per_page=200", body)
    zones = Endpoint(path="/zones", answer="zones", type=list[str], paginated=True)
    assert await katapult.pages(zones) == ["same"] * 400


@pytest.mark.parametrize(
    ("counts", "sizes"),
    [
        ([3, 3, 3], [200, 0, 7]),  # an empty page before the last
        ([3, 3, 3], [0, 0, 7]),
        ([9, 2], [200, 0]),  # objects are deleted meanwhile
        ([2, 3, 4, 4], [200, 200, 200, 7]),  # objects are added meanwhile
        ([3, 4, 5], [200, 0, 0]),  # the count grows with each page, but no objects come: the list ends
    ],
)
async def test_list_has_as_many_pages_as_the_server_counts(
    katapult: KatapultClient, exchanges: Exchanges, counts: list[int], sizes: list[int]
) -> None:
    for page, (count, size) in enumerate(zip(counts, sizes, strict=True), 1):
        objects = [{"id": f"vm_{page}_{number}"} for number in range(size)]
        beside = {"current_page": page, "total_pages": count}
        exchanges.respond(target(page), {"virtual_machines": objects, "pagination": beside})
    assert len(await machines(katapult)) == sum(sizes)
    assert len(exchanges.sent) == len(sizes)


async def test_more_than_50_pages_in_a_row_without_objects_raise_bad_response_error() -> None:
    nothing = {"virtual_machines": [], "pagination": {"total_pages": 10**9}}
    objects = {"virtual_machines": [{"id": "vm_1"}], "pagination": {"total_pages": 10**9}}
    transport = ScriptedTransport((*[gives(nothing)] * 50, gives(objects), gives(nothing)))
    async with KatapultClient("token", transport=transport) as katapult:
        with pytest.raises(
            BadResponseError, match=r"^the server sent 51 pages without objects, but counts 1000000000 "
        ):
            await machines(katapult)
    assert len(transport.requests) == 50 + 1 + 51


@pytest.mark.parametrize("total", [45, None])
async def test_endpoint_that_refuses_pages_of_200_objects_is_asked_for_pages_of_30(
    katapult: KatapultClient, exchanges: Exchanges, total: int | None
) -> None:
    too_large = {"path": ["per_page"], "issue": "invalid_scalar", "errors": ["must be less than or equal to 100"]}
    exchanges.respond(target(1), error_body("invalid_argument", detail=too_large), status=400)
    for page, ids in enumerate((range(30), range(30, 45)), 1):
        objects = [{"id": f"vm_{number}"} for number in ids]
        beside = pagination(page, total=total, per_page=30)
        exchanges.respond(target(page, per_page=30), {"virtual_machines": objects, "pagination": beside})
    assert [machine.id for machine in await machines(katapult)] == [f"vm_{number}" for number in range(45)]
    assert len(exchanges.sent) == 3


@pytest.mark.parametrize(
    "detail",
    [
        {"path": ["organization", "id"], "issue": "invalid_scalar"},
        {"path": ["per_page"], "issue": "invalid_scalar"},  # also in pages of 30
        ["per_page"],
        None,
    ],
)
async def test_other_errors_of_a_page_are_raised(
    katapult: KatapultClient, exchanges: Exchanges, detail: object
) -> None:
    for per_page in (200, 30):
        body = error_body("invalid_argument", detail=detail)
        exchanges.respond(target(1, per_page=per_page), body, status=400, repeat=True)
    with pytest.raises(BadRequestError):
        await machines(katapult)


async def test_list_without_pages_is_requested_once_even_if_its_size_is_refused(
    katapult: KatapultClient, exchanges: Exchanges
) -> None:
    zones = Endpoint(path="/zones", answer="zones", type=list[str])
    body = error_body("invalid_argument", detail={"path": ["per_page"]})
    exchanges.respond("/zones?per_page=500", body, status=400, repeat=True)
    with pytest.raises(BadRequestError):
        await katapult.pages(zones, arguments={"per_page": 500})
    assert len(exchanges.sent) == 1


async def test_size_of_the_pages_is_not_changed_after_the_first_page(
    katapult: KatapultClient, exchanges: Exchanges
) -> None:
    exchanges.respond(target(1), {"virtual_machines": FULL_PAGE, "pagination": pagination(1, total=400)})
    exchanges.respond(target(2), error_body("invalid_argument", detail={"path": ["per_page"]}), status=400)
    with pytest.raises(BadRequestError):
        await machines(katapult)
    assert len(exchanges.sent) == 2


@pytest.mark.parametrize(
    ("change", "missed", "twice"),
    [
        (lambda ids: ids[1:], ["vm_200"], []),  # the first object is deleted: all others move up
        (lambda ids: ["vm_new", *ids], [], ["vm_199"]),  # an object is added at the front: all others move down
        (lambda ids: [*ids, "vm_new"], [], []),
    ],
    ids=["deleted before", "added before", "added after"],
)
async def test_object_that_moves_to_another_page_is_missed_or_returned_twice(
    katapult: KatapultClient,
    exchanges: Exchanges,
    change: Callable[[list[str]], list[str]],
    missed: list[str],
    twice: list[str],
) -> None:
    before = [f"vm_{number}" for number in range(300)]
    prepare_page(exchanges, 1, before)
    pages = aiter(machines(katapult))
    received = [(await anext(pages)).id for _ in range(200)]
    prepare_page(exchanges, 2, change(before))
    received += [machine.id async for machine in pages]
    assert [object_id for object_id in before if object_id not in received] == missed
    assert [object_id for object_id in before if received.count(object_id) == 2] == twice


def prepare_page(exchanges: Exchanges, page: int, ids: list[str]) -> None:
    """Prepare one page of a list of these ids."""
    shown = [{"id": object_id} for object_id in ids[200 * (page - 1) : 200 * page]]
    exchanges.respond(target(page), {"virtual_machines": shown, "pagination": pagination(page, total=len(ids))})
