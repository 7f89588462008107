"""``max_wait`` and ``timeout`` bound whole methods and whole items of a batch, not each request. In virtual time."""

import asyncio
import contextvars
import math
from collections import Counter
from collections.abc import Awaitable, Callable

import msgspec
import pytest

from katapult_async.batch import Batch, Failed, Succeeded
from katapult_async.call_limits import CallLimits, Priority, SharedLimits, current_limits, current_shared_limits
from katapult_async.config import RetryPolicy
from katapult_async.core.caller import Caller
from katapult_async.errors import RateLimitWaitError, RequestTimeoutError, TaskTimeoutError, UsageError
from katapult_async.http.transport import TransportRequest, TransportResponse
from katapult_async.options import CallOptions
from katapult_async.resources.tasks import Tasks
from katapult_async.resources.virtual_machine_network_interfaces import VirtualMachineNetworkInterfaces
from katapult_async.resources.virtual_machines import VirtualMachines
from tests.bodies import available_ips_body, error_body, pagination
from tests.scripted_transport import Step, after, breaks, get_addresses, gives, now, opened, refuses

pytestmark = pytest.mark.looptime

ADDRESSES = available_ips_body(3)
INTERFACE = {"virtual_machine_network_interface": {"id": "vmnet_1", "ip_addresses": [ADDRESSES["ip_addresses"][0]]}}
RUNNING = {"task": {"id": "task_1", "status": "running"}}
COMPLETED = {"task": {"id": "task_1", "status": "completed"}}


def server_of_four_a_minute() -> tuple[Callable[[object], Step], float]:
    """Return a function that makes steps, and when the first minute began.

    Each step responds with the body that it was made with. All steps together permit four requests a minute.
    """
    began_at = now()
    used: Counter[int] = Counter()

    def step(body: object) -> Step:
        async def respond(request: TransportRequest) -> TransportResponse:
            minute, second = divmod(int(now() - began_at), 60)
            used[minute] += 1
            headers = {
                "X-Ratelimit-Permitted": "4",
                "X-Ratelimit-Remaining": str(max(0, 4 - used[minute])),
                "Date": f"Fri, 01 Mar 2024 10:{minute:02}:{second:02} GMT",
            }
            if used[minute] > 4:
                return await gives(error_body("rate_limit_reached"), status=429, headers=headers)(request)
            return await gives(body, headers=headers)(request)

        return respond

    return step, began_at


async def outcome(
    call: Callable[[Caller], Awaitable[object]],
    caller: Caller,
    *,
    max_wait: float = math.inf,
    timeout: float = math.inf,
) -> Succeeded[Caller, object] | Failed[Caller]:
    """Return the outcome of the one item of a batch."""
    limits = CallLimits(max_wait=max_wait, timeout=timeout)
    batch = Batch(call, [caller], concurrency=1, limits=limits, limiter=caller.limiter)
    async with batch:
        return await anext(batch)


async def make_four_calls(caller: Caller) -> None:
    for _ in range(4):
        await get_addresses(caller)


async def test_timeout_of_a_batch_bounds_an_item_of_four_calls() -> None:
    caller, transport = await opened(after(1.0, gives()))
    began_at = now()
    result = await outcome(make_four_calls, caller, timeout=2.5)
    assert isinstance(result, Failed)
    assert isinstance(result.error, RequestTimeoutError)
    assert "not done within 2.5 s" in str(result.error)
    assert now() - began_at == pytest.approx(2.5)
    assert len(transport.requests) == 3
    assert isinstance(await outcome(make_four_calls, caller, timeout=4.5), Succeeded)


async def test_call_ends_at_the_timeout_of_its_item_if_that_is_shorter() -> None:
    async def ask_for_long(caller: Caller) -> None:
        await get_addresses(caller, timeout=100.0)

    caller, _ = await opened(after(50.0, gives()))
    began_at = now()
    assert isinstance(await outcome(ask_for_long, caller, timeout=3.0), Failed)
    assert now() - began_at == pytest.approx(3.0)


async def test_timeout_of_a_call_ends_only_the_call_if_that_of_its_item_is_longer() -> None:
    async def give_up_soon(caller: Caller) -> None:
        began_at = now()
        with pytest.raises(RequestTimeoutError, match=r"not done within 3 s"):
            await get_addresses(caller, timeout=3.0)
        assert now() - began_at == pytest.approx(3.0)
        await get_addresses(caller)

    caller, _ = await opened(after(9.0, gives()))
    assert isinstance(await outcome(give_up_soon, caller, timeout=100.0), Succeeded)


async def test_calls_after_the_timeout_of_an_item_are_not_sent() -> None:
    async def ask_again(caller: Caller) -> None:
        with pytest.raises(RequestTimeoutError):
            await get_addresses(caller)
        await get_addresses(caller)

    caller, transport = await opened(after(9.0, gives()))
    assert isinstance(await outcome(ask_again, caller, timeout=3.0), Failed)
    assert len(transport.requests) == 1


async def test_batch_inside_an_item_ends_with_the_item() -> None:
    async def inner(caller: Caller) -> list[object]:
        batch = Batch(make_four_calls, [caller] * 3, concurrency=3, limits=CallLimits(), limiter=caller.limiter)
        async with batch:
            return [type(item_outcome) async for item_outcome in batch]

    caller, _ = await opened(after(1.0, gives()))
    began_at = now()
    result = await outcome(inner, caller, timeout=2.5)
    assert isinstance(result, Succeeded)
    assert result.value == [Failed] * 3
    assert now() - began_at == pytest.approx(2.5)


async def test_item_that_is_taken_because_another_is_stuck_has_a_timeout_of_its_own() -> None:
    stuck, slow = after(30.0, breaks(RequestTimeoutError)), after(50.0, gives())
    caller, _ = await opened(stuck, stuck, slow)
    limits = CallLimits(timeout=100.0)
    items = range(2)
    async with Batch(
        lambda _: get_addresses(caller), items, concurrency=1, limits=limits, limiter=caller.limiter
    ) as outcomes:
        assert {item_outcome.key: type(item_outcome) async for item_outcome in outcomes} == {0: Failed, 1: Succeeded}


async def test_max_wait_of_a_batch_bounds_an_item_of_twelve_calls() -> None:
    async def make_twelve_calls(caller: Caller) -> None:
        for _ in range(12):
            await get_addresses(caller)

    step, began_at = server_of_four_a_minute()
    caller, transport = await opened(step(ADDRESSES))
    result = await outcome(make_twelve_calls, caller, max_wait=100.0)
    assert isinstance(result, Failed)
    assert isinstance(result.error, RateLimitWaitError)
    assert len(transport.requests) == 8  # the fifth waited 60 s
    assert now() - began_at < 70.0


async def test_waits_of_parallel_calls_are_counted_once() -> None:
    """Three calls that wait 60 s together use up 60 s, not 180."""

    async def parallel(caller: Caller) -> None:
        await get_addresses(caller)
        await asyncio.gather(*(get_addresses(caller) for _ in range(3)))

    began_at = now()

    async def respond(request: TransportRequest) -> TransportResponse:
        second = int(now() - began_at)
        headers = {
            "X-Ratelimit-Permitted": "100",
            "X-Ratelimit-Remaining": "0" if second < 60 else "99",
            "Date": f"Fri, 01 Mar 2024 10:{second // 60:02}:{second % 60:02} GMT",
        }
        return await gives(headers=headers)(request)

    caller, transport = await opened(respond)
    assert isinstance(await outcome(parallel, caller, max_wait=70.0), Succeeded)
    assert len(transport.requests) == 4


@pytest.mark.parametrize("inside_a_batch", [False, True])
async def test_max_wait_bounds_all_requests_of_an_allocation(*, inside_a_batch: bool) -> None:
    """Other clients allocate the ten listed addresses first, and the server permits four requests a minute."""
    step, began_at = server_of_four_a_minute()
    listing, taken = step(available_ips_body(10)), step(error_body("ip_already_allocated"))
    unchanged = step({"virtual_machine_network_interface": {"id": "vmnet_1", "ip_addresses": []}})

    async def respond(request: TransportRequest) -> TransportResponse:
        if request.method == "GET":
            step_of_get = listing if "available_ips" in request.url else unchanged
            return await step_of_get(request)
        response = await taken(request)
        return response if response.status == 429 else msgspec.structs.replace(response, status=422)

    async def allocate(caller: Caller) -> None:
        nics = VirtualMachineNetworkInterfaces(caller)
        await nics.allocate_first_available("vmnet_1", address_version="ipv4", max_wait=100.0)

    caller, _ = await opened(respond)
    if inside_a_batch:
        result = await outcome(allocate, caller)
        assert isinstance(result, Failed)
        assert isinstance(result.error, RateLimitWaitError)
    else:
        with pytest.raises(RateLimitWaitError):
            await allocate(caller)
    assert now() - began_at < 70.0


async def test_timeout_of_an_allocation_bounds_its_requests() -> None:
    caller, _ = await opened(after(1.0, gives(ADDRESSES)), after(9.0, gives(INTERFACE)))
    began_at = now()
    with pytest.raises(RequestTimeoutError):
        await VirtualMachineNetworkInterfaces(caller).allocate_first_available(
            "vmnet_1", address_version="ipv4", timeout=3.0
        )
    assert now() - began_at == pytest.approx(3.0)


async def test_requests_of_an_allocation_in_an_item_have_the_priority_of_the_batch() -> None:
    priorities: list[Priority] = []

    async def respond(request: TransportRequest) -> TransportResponse:
        limits = current_limits()
        assert limits is not None
        priorities.append(limits.priority)
        return await gives(ADDRESSES if request.method == "GET" else INTERFACE)(request)

    async def allocate(caller: Caller) -> None:
        await VirtualMachineNetworkInterfaces(caller).allocate_first_available("vmnet_1", address_version="ipv4")

    caller, _ = await opened(respond)
    assert isinstance(await outcome(allocate, caller), Succeeded)
    assert priorities == [Priority.BATCH] * 2


def page(number: int, *, pages: int = 4) -> Step:
    machines = [{"id": f"vm_{number}_{index}"} for index in range(200)]
    body = {"virtual_machines": machines, "pagination": pagination(number, total=200 * pages)}
    return after(1.0, gives(body))


async def test_timeout_bounds_an_awaited_list_as_a_whole() -> None:
    caller, transport = await opened(*(page(number) for number in range(1, 5)))
    began_at = now()
    with pytest.raises(RequestTimeoutError, match=r"not done within 2\.5 s"):
        await VirtualMachines(caller).list(organization="org_1", timeout=2.5)
    assert now() - began_at == pytest.approx(2.5)
    assert len(transport.requests) == 3


async def test_timeout_bounds_each_page_of_an_iterated_list() -> None:
    caller, _ = await opened(*(page(number) for number in range(1, 5)))
    machines = [machine async for machine in VirtualMachines(caller).list(organization="org_1", timeout=2.5)]
    assert len(machines) == 800


async def test_max_wait_of_a_wait_for_a_task_bounds_all_its_requests() -> None:
    step, began_at = server_of_four_a_minute()
    caller, _ = await opened(step(RUNNING))
    with pytest.raises(RateLimitWaitError):
        await Tasks(caller).wait("task_1", timeout=1000.0, max_wait=100.0)
    assert 60.0 <= now() - began_at < 200.0


async def test_wait_for_a_task_ends_with_the_item_of_a_batch() -> None:
    async def wait(caller: Caller) -> None:
        await get_addresses(caller)
        await Tasks(caller).wait("task_1", timeout=1000.0)

    caller, _ = await opened(after(2.0, gives()), gives(RUNNING))
    began_at = now()
    result = await outcome(wait, caller, timeout=10.0)
    assert isinstance(result, Failed)
    assert isinstance(result.error, TaskTimeoutError)
    assert now() - began_at == pytest.approx(10.0)


async def test_batch_of_waits_checks_a_rejected_token_on_a_connection_of_its_own() -> None:
    shared_connection_is_broken = True

    async def respond(request: TransportRequest) -> TransportResponse:
        nonlocal shared_connection_is_broken
        if request.fresh_connection:
            shared_connection_is_broken = False
        step = refuses(403, "invalid_api_token") if shared_connection_is_broken else gives(COMPLETED)
        return await step(request)

    caller, _ = await opened(respond)
    tasks = ["task_1", "task_2", "task_3"]
    async with Batch(Tasks(caller).wait, tasks, concurrency=1, limits=CallLimits(), limiter=caller.limiter) as outcomes:
        assert [type(item_outcome) async for item_outcome in outcomes] == [Failed, Succeeded, Succeeded]


@pytest.mark.parametrize("options", [CallOptions(max_wait=-1.0), CallOptions(timeout=math.nan)])
async def test_options_of_a_method_of_several_requests_are_checked(options: CallOptions) -> None:
    caller, transport = await opened(gives())
    with pytest.raises(UsageError, match=r"^(max_wait|timeout) must be 0 seconds or more"):
        await VirtualMachineNetworkInterfaces(caller).allocate_first_available(
            "vmnet_1", address_version="ipv4", **options
        )
    assert transport.requests == []


async def test_wait_inside_an_inner_block_uses_up_the_max_wait_of_the_outer_one() -> None:
    with SharedLimits(CallLimits(max_wait=10.0)) as outer, SharedLimits(CallLimits()) as inner:
        for began_at in (0.0, 20.0):
            inner.count_waiting(began_at, 1)
            inner.count_waiting(began_at + 3.0, -1)
        assert inner.wait_left(30.0) == outer.wait_left(30.0) == 4.0
        inner.count_waiting(30.0, 1)
        assert inner.wait_left(31.0) == outer.wait_left(31.0) == 3.0


async def test_block_without_limits_changes_nothing() -> None:
    caller, _ = await opened(gives(), retry=RetryPolicy(attempts=1))
    with SharedLimits(CallLimits()) as shared:
        await get_addresses(caller)
        assert shared.ends_at == shared.wait_left(now()) == math.inf


async def test_task_that_outlives_an_inner_block_has_the_limits_of_the_outer_one() -> None:
    ended = asyncio.Event()

    async def limits_afterwards() -> SharedLimits | None:
        await ended.wait()
        return current_shared_limits()

    with SharedLimits(CallLimits()) as outer:
        with SharedLimits(CallLimits()):
            task = asyncio.create_task(limits_afterwards())
        ended.set()
        assert await task is outer


async def test_block_that_ends_in_another_context_leaves_the_limits_of_that_context() -> None:
    """The block of `other` begins in the context `elsewhere` and ends in this one, where the block of `current` runs.

    The garbage collector does that when it ends a coroutine of another task. A block is a ``with SharedLimits(...)``.
    """
    other, elsewhere = SharedLimits(CallLimits()), contextvars.copy_context()
    elsewhere.run(other.__enter__)
    with SharedLimits(CallLimits()) as current:
        other.__exit__(None, None, None)
        assert current_shared_limits() is current
    assert elsewhere.run(current_shared_limits) is None
    assert current_shared_limits() is None
