"""Waiting for a task, in virtual time, over a scripted transport."""

import asyncio
import contextlib
import itertools
import math
import pickle
from typing import Any

import pytest

from katapult_async.call_limits import CallLimits, Priority, SharedLimits, current_limits
from katapult_async.config import RetryPolicy
from katapult_async.core.redaction import Secret
from katapult_async.errors import (
    ClientClosedError,
    DisconnectedError,
    NotFoundError,
    RateLimitWaitError,
    RequestTimeoutError,
    ServiceUnavailableError,
    TaskFailedError,
    TaskTimeoutError,
)
from katapult_async.http.transport import TransportRequest, TransportResponse
from katapult_async.resources.tasks import Tasks
from tests.exchanges import TOKEN
from tests.scripted_transport import Step, after, breaks, gives, hangs, now, opened, refuses, requests_left

pytestmark = pytest.mark.looptime

NAMED = {"id": "task_1", "name": "Update speed profile"}


def task(status: str | None, **others: object) -> Step:
    """Return a response that shows the task in a status."""
    return gives({"task": {**NAMED, "status": status, **others}})


PENDING, RUNNING = task("pending", progress=0), task("running", progress=50)
COMPLETED, FAILED = task("completed", progress=100), task("failed")


async def opened_tasks(*steps: Step, **settings: Any) -> tuple[Tasks, list[float]]:
    """Return the resource of tasks, and the times at which its requests are sent."""
    sent_at: list[float] = []

    def timed(step: Step) -> Step:
        async def played(request: TransportRequest) -> TransportResponse:
            sent_at.append(now())
            return await step(request)

        return played

    caller, _ = await opened(*map(timed, steps), **settings)
    return Tasks(caller), sent_at


async def test_wait_for_a_completed_task_is_one_request_without_delay() -> None:
    tasks, sent_at = await opened_tasks(COMPLETED)
    began_at = now()
    completed = await tasks.wait("task_1")
    assert (completed.id, completed.status, completed.progress) == ("task_1", "completed", 100)
    assert sent_at == [began_at]


async def test_intervals_between_requests_grow_up_to_ten_seconds() -> None:
    tasks, sent_at = await opened_tasks(*[PENDING] * 5, *[RUNNING] * 8, COMPLETED)
    await tasks.wait("task_1")
    steps = [later - earlier for earlier, later in itertools.pairwise(sent_at)]
    assert steps == pytest.approx([min(10.0, 0.5 * 1.5**number) for number in range(13)])
    assert steps[-1] == pytest.approx(10.0)


@pytest.mark.parametrize("status", ["paused", None])
async def test_undocumented_status_does_not_end_the_wait(status: str | None) -> None:
    tasks, sent_at = await opened_tasks(task(status), task(status), COMPLETED)
    assert (await tasks.wait("task_1")).status == "completed"
    assert len(sent_at) == 3


async def test_error_of_a_failed_task_names_the_task_and_can_be_pickled() -> None:
    tasks, sent_at = await opened_tasks(RUNNING, FAILED)
    with pytest.raises(TaskFailedError) as caught:
        await tasks.wait("task_1")
    error = pickle.loads(pickle.dumps(caught.value))
    assert error.task == caught.value.task
    assert (error.task.id, error.task.name, error.task.status) == ("task_1", "Update speed profile", "failed")
    assert error.task.waited == pytest.approx(0.5)
    assert str(error).startswith("task task_1 (Update speed profile): its last status was 'failed', after 0.5 s; ")
    assert len(sent_at) == 2


async def test_task_that_takes_too_long_raises_task_timeout_error_with_the_last_status() -> None:
    tasks, sent_at = await opened_tasks(RUNNING)
    began_at = now()
    with pytest.raises(TaskTimeoutError) as caught:
        await tasks.wait("task_1", timeout=30.0)
    assert now() - began_at == pytest.approx(30.0)
    assert sent_at[-1] - began_at == pytest.approx(29.0), "the last request leaves time for its response"
    assert (caught.value.task.status, caught.value.task.progress) == ("running", 50)
    assert caught.value.task.waited == pytest.approx(30.0)


async def test_timeout_of_zero_ends_at_once() -> None:
    tasks, _ = await opened_tasks(RUNNING)
    began_at = now()
    with pytest.raises(TaskTimeoutError):
        await tasks.wait("task_1", timeout=0.0)
    assert now() == began_at


async def test_status_is_unknown_if_the_server_never_responds() -> None:
    tasks, _ = await opened_tasks(hangs)
    began_at = now()
    with pytest.raises(TaskTimeoutError, match=r"^task task_1: its status is unknown, after 20.0 s; ") as caught:
        await tasks.wait("task_1", timeout=20.0)
    assert now() - began_at == pytest.approx(20.0)
    assert (caught.value.task.status, caught.value.task.name) == (None, None)


async def test_response_after_the_timeout_does_not_change_the_last_status() -> None:
    tasks, _ = await opened_tasks(PENDING, after(100.0, COMPLETED))
    with pytest.raises(TaskTimeoutError, match=r"its last status was 'pending' at 0 %, after 5\.0 s"):
        await tasks.wait("task_1", timeout=5.0)


async def test_infinite_timeout_has_no_deadline() -> None:
    tasks, sent_at = await opened_tasks(*[RUNNING] * 1000, COMPLETED)
    assert (await tasks.wait("task_1", timeout=math.inf)).status == "completed"
    assert sent_at[-1] - sent_at[0] > 9000.0


async def test_requests_of_a_wait_have_the_priority_of_a_batch_and_later_calls_do_not() -> None:
    limits_of_requests: list[CallLimits | None] = []

    async def record_limits(request: TransportRequest) -> TransportResponse:
        limits_of_requests.append(current_limits())
        step = RUNNING if len(limits_of_requests) < 3 else COMPLETED
        return await step(request)

    for outer in (None, CallLimits(priority=Priority.SINGLE, max_wait=50.0, timeout=50.0)):
        tasks, _ = await opened_tasks(record_limits)
        with SharedLimits(outer) if outer else contextlib.nullcontext():
            await tasks.wait("task_1", timeout=30.0)
            assert current_limits() is outer
    assert limits_of_requests
    assert all(limits is not None and limits.priority is Priority.BATCH for limits in limits_of_requests)


async def test_calls_after_a_failed_wait_do_not_have_the_priority_of_a_batch() -> None:
    tasks, _ = await opened_tasks(refuses(404, "task_not_found"))
    with pytest.raises(NotFoundError):
        await tasks.wait("task_1")
    assert current_limits() is None


async def test_single_calls_precede_the_requests_of_a_wait() -> None:
    order: list[str] = []

    async def record_id(request: TransportRequest) -> TransportResponse:
        order.append(request.url.rpartition("=")[2])
        return await gives({"task": {**NAMED, "status": "completed"}}, headers=requests_left(0))(request)

    tasks, _ = await opened_tasks(record_id)
    await tasks.get("task_first")  # its response reports that the window has no budget left
    waiter = asyncio.create_task(tasks.wait("task_waited"))
    await asyncio.sleep(1.0)
    await asyncio.gather(waiter, *(tasks.get(f"task_{number}", max_wait=600.0) for number in range(3)))
    assert order == ["task_first", "task_0", "task_1", "task_2", "task_waited"]


async def test_rate_limit_without_room_before_the_deadline_ends_the_wait_at_once() -> None:
    tasks, sent_at = await opened_tasks(gives({"task": {**NAMED, "status": "running"}}, headers=requests_left(0)))
    began_at = now()
    with pytest.raises(TaskTimeoutError, match=r"its last status was") as caught:
        await tasks.wait("task_1", timeout=20.0)
    assert now() - began_at == pytest.approx(0.5)
    assert isinstance(caught.value.__cause__, RateLimitWaitError)
    assert caught.value.__cause__.retry_after > 20.0
    assert len(sent_at) == 1


async def test_wait_ends_with_an_error_if_the_rate_limit_requires_more_than_max_wait() -> None:
    tasks, _ = await opened_tasks(gives({"task": {**NAMED, "status": "running"}}, headers=requests_left(0)))
    with pytest.raises(RateLimitWaitError) as caught:
        await tasks.wait("task_1", max_wait=5.0)
    assert caught.value.wait.max_wait == 5.0


async def test_rate_limit_that_is_reset_before_the_timeout_is_waited_for() -> None:
    tasks, sent_at = await opened_tasks(
        gives({"task": {**NAMED, "status": "running"}}, headers=requests_left(0)), COMPLETED
    )
    await tasks.wait("task_1", timeout=60.0)
    assert 39.0 < sent_at[1] - sent_at[0] < 45.0  # the window ends 40 s after the first response


@pytest.mark.parametrize(
    ("status", "code"),
    [
        *((status, "unknown_code") for status in (408, 425, 500, 501, 502, 503, 504, 505, 507, 520, 522, 524, 530)),
        (503, "service_unavailable"),
        (500, "unhandled_exception"),
        (429, "rate_limit_reached"),
    ],
)
async def test_failure_of_the_server_does_not_end_the_wait(status: int, code: str) -> None:
    tasks, sent_at = await opened_tasks(RUNNING, *[refuses(status, code)] * 8, COMPLETED)
    assert (await tasks.wait("task_1", timeout=300.0)).status == "completed"
    assert len(sent_at) == 10


async def test_temporary_failure_is_retried_within_the_wait() -> None:
    tasks, sent_at = await opened_tasks(
        RUNNING, breaks(DisconnectedError), refuses(503, "service_unavailable"), COMPLETED
    )
    assert (await tasks.wait("task_1")).status == "completed"
    assert len(sent_at) == 4


async def test_network_failure_is_retried_until_the_timeout_and_is_the_cause_of_the_error() -> None:
    tasks, sent_at = await opened_tasks(breaks(RequestTimeoutError), retry=RetryPolicy(attempts=2))
    with pytest.raises(TaskTimeoutError, match=r"its status is unknown, after 600\.0 s") as caught:
        await tasks.wait("task_1")
    assert isinstance(caught.value.__cause__, RequestTimeoutError)
    assert len(sent_at) > 20


async def test_latest_failure_before_the_timeout_is_the_cause_of_the_error() -> None:
    steps = (breaks(DisconnectedError), refuses(503, "service_unavailable"))
    tasks, _ = await opened_tasks(*steps, retry=RetryPolicy(attempts=1))
    with pytest.raises(TaskTimeoutError) as caught:
        await tasks.wait("task_1", timeout=20.0)
    assert isinstance(caught.value.__cause__, ServiceUnavailableError)


async def test_task_that_completes_during_an_outage_is_returned_after_it() -> None:
    down = breaks(RequestTimeoutError)
    tasks, _ = await opened_tasks(RUNNING, *[down] * 40, COMPLETED)
    assert (await tasks.wait("task_1")).status == "completed"


async def test_api_error_ends_the_wait() -> None:
    tasks, sent_at = await opened_tasks(RUNNING, refuses(404, "task_not_found"))
    with pytest.raises(NotFoundError):
        await tasks.wait("task_1")
    assert len(sent_at) == 2


async def test_default_timeout_in_a_batch_is_the_timeout_of_the_batch() -> None:
    tasks, _ = await opened_tasks(RUNNING)
    began_at = now()
    with SharedLimits(CallLimits(timeout=7.0)), pytest.raises(TaskTimeoutError):
        await tasks.wait("task_1")
    assert now() - began_at == pytest.approx(7.0)


async def test_texts_of_the_server_are_truncated_escaped_and_without_the_token() -> None:
    hostile = f"\x1b[31m\r\n{TOKEN}" + "x" * 5000
    response = gives({"task": {"id": "task_1", "name": hostile, "status": "failed"}})
    tasks, _ = await opened_tasks(response, token=lambda: Secret(TOKEN))
    with pytest.raises(TaskFailedError) as caught:
        await tasks.wait("task_1")
    for text in (str(caught.value), repr(caught.value.task)):
        assert text.isprintable()
        assert TOKEN not in text
        assert len(text) < 600


@pytest.mark.parametrize("step", [RUNNING, hangs])
async def test_closing_the_client_ends_the_wait_at_once(step: Step) -> None:
    caller, _ = await opened(step)
    waiter = asyncio.create_task(Tasks(caller).wait("task_1", timeout=math.inf))
    await asyncio.sleep(100.1)  # between two requests, or during one
    closed_at = now()
    await caller.close()
    with pytest.raises(ClientClosedError, match="the client was closed"):
        await waiter
    assert now() == closed_at


@pytest.mark.parametrize("step", [RUNNING, hangs])
async def test_cancelled_wait_sends_no_more_requests(step: Step) -> None:
    caller, transport = await opened(step)
    waiter = asyncio.create_task(Tasks(caller).wait("task_1", timeout=math.inf))
    await asyncio.sleep(20.1)
    waiter.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiter
    sent = len(transport.requests)
    await asyncio.sleep(100.0)
    assert len(transport.requests) == sent
    await caller.close()
