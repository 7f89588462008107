"""Tasks: how they progress, complete and fail by the server's clock."""

import aiohttp
import pytest

from katapult_async.sandbox import Sandbox
from katapult_async.sandbox.models import Task

from .plain_client import TASK_DURATION, ManualClock, PlainClient
from .samples import NIC, interface_in_state


async def begin_task(send: PlainClient, interface_id: str, verb: str = "attach") -> str:
    response = await send(f"/{NIC}s/{interface_id}/{verb}", method="POST")
    assert response.status == 200
    return str(response.json["task"]["id"])


async def test_task_progresses_with_the_server_clock(clock: ManualClock, session: aiohttp.ClientSession) -> None:
    async with Sandbox(clock=clock, clock_offset=5.0, task_duration=100.0) as sandbox:
        send = PlainClient(sandbox, session)
        task_id = await begin_task(send, interface_in_state(sandbox.store, "detached").id)
        created_at = int(clock.now) + 5
        steps = []
        for seconds in (0, 10, 30, 30, 29, 1):
            clock.now += seconds
            task = (await send(f"/tasks/{task_id}")).json["task"]
            steps.append((task["status"], task["progress"], task["started_at"], task["finished_at"]))
            assert task["created_at"] == created_at
    started = created_at + 10
    assert steps == [
        ("pending", 0, None, None),
        ("running", 5, started, None),
        ("running", 41, started, None),
        ("running", 77, started, None),
        ("running", 77, started, None),
        ("completed", 100, started, created_at + 100),
    ]


async def test_failed_task_has_no_effect(send: PlainClient, sandbox: Sandbox, clock: ManualClock) -> None:
    interface = interface_in_state(sandbox.store, "detached")
    sandbox.fail_next_task()
    task_id = await begin_task(send, interface.id)
    clock.now += TASK_DURATION
    task = (await send(f"/tasks/{task_id}")).json["task"]
    assert (task["status"], task["progress"], task["finished_at"]) == ("failed", 77, int(clock.now))
    assert sandbox.store.get(interface.id) == interface
    task_id = await begin_task(send, interface.id)
    clock.now += TASK_DURATION
    assert (await send(f"/tasks/{task_id}")).json["task"]["status"] == "completed"
    assert [obj.status for obj in sandbox.store.all(Task)] == ["failed", "completed"]


async def test_task_ends_even_if_its_interface_is_deleted(
    send: PlainClient, sandbox: Sandbox, clock: ManualClock
) -> None:
    interface = interface_in_state(sandbox.store, "detached")
    task_id = await begin_task(send, interface.id)
    sandbox.store.remove(sandbox.store.get(interface.id))
    clock.now += TASK_DURATION
    assert (await send(f"/tasks/{task_id}")).json["task"]["status"] == "completed"
    assert sandbox.store.get(interface.id) is None


async def test_completed_task_keeps_the_other_fields_of_its_interface(
    send: PlainClient, sandbox: Sandbox, clock: ManualClock
) -> None:
    interface = interface_in_state(sandbox.store, "attached")
    await begin_task(send, interface.id, "detach")
    clock.now += TASK_DURATION
    shown = (await send(f"/{NIC}s/{interface.id}")).json[NIC]
    assert (shown["state"], shown["speed_profile"]["id"]) == ("detached", interface.speed_profile_id)


async def test_missing_task_gets_404(send: PlainClient) -> None:
    response = await send("/tasks/task_0123456789abcdef")
    assert (response.status, response.code) == (404, "task_not_found")


@pytest.mark.parametrize("times", [0, -1, True, "1"])
def test_fail_next_task_rejects_invalid_times(times: int) -> None:
    with pytest.raises(ValueError, match="times"):
        Sandbox().fail_next_task(times)


@pytest.mark.parametrize("duration", [-1.0, float("inf"), "1"])
def test_sandbox_rejects_an_invalid_task_duration(duration: float) -> None:
    with pytest.raises(ValueError, match="task_duration"):
        Sandbox(task_duration=duration)
