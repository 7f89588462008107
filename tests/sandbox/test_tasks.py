import aiohttp
import pytest

from katapult_async.sandbox import Sandbox

from .plain_client import Asker, HandClock
from .samples import NIC, in_state


async def begin(ask: Asker, interface_id: str, verb: str = "attach") -> str:
    answer = await ask(f"/{NIC}s/{interface_id}/{verb}", method="POST")
    assert answer.status == 200
    return str(answer.json["task"]["id"])


async def test_a_task_waits_runs_and_is_completed_by_the_sandboxs_clock(
    clock: HandClock, session: aiohttp.ClientSession
) -> None:
    async with Sandbox(clock=clock, clock_offset=5.0, task_duration=100.0) as sandbox:
        ask = Asker(sandbox, session)
        task_id, began = await begin(ask, in_state(sandbox.store, "detached").id), int(clock.now) + 5
        seen = []
        for seconds in (0, 10, 30, 30, 29, 1):
            clock.now += seconds
            task = (await ask(f"/tasks/{task_id}")).json["task"]
            seen.append((task["status"], task["progress"], task["started_at"], task["finished_at"]))
            assert task["created_at"] == began
    started = began + 10
    assert seen == [
        ("pending", 0, None, None),
        ("running", 5, started, None),
        ("running", 41, started, None),
        ("running", 77, started, None),
        ("running", 77, started, None),
        ("completed", 100, started, began + 100),
    ]


async def test_a_task_that_fails_changes_nothing(ask: Asker, sandbox: Sandbox, clock: HandClock) -> None:
    interface = in_state(sandbox.store, "detached")
    sandbox.fail_next_task()
    task_id = await begin(ask, interface.id)
    clock.now += 1.0
    task = (await ask(f"/tasks/{task_id}")).json["task"]
    assert (task["status"], task["progress"], task["finished_at"]) == ("failed", 77, int(clock.now))
    assert sandbox.store.find_interface(by="id", value=interface.id) == interface
    task_id = await begin(ask, interface.id)
    clock.now += 1.0
    assert (await ask(f"/tasks/{task_id}")).json["task"]["status"] == "completed"
    assert [it.status for it in sandbox.store.tasks] == ["failed", "completed"]


async def test_a_task_ends_although_its_interface_is_gone(ask: Asker, sandbox: Sandbox, clock: HandClock) -> None:
    interface = in_state(sandbox.store, "detached")
    task_id = await begin(ask, interface.id)
    sandbox.store.delete_interface(interface.id)
    clock.now += 1.0
    assert (await ask(f"/tasks/{task_id}")).json["task"]["status"] == "completed"
    assert sandbox.store.find_interface(by="id", value=interface.id) is None


async def test_what_did_not_change_meanwhile_is_kept_when_a_task_ends(
    ask: Asker, sandbox: Sandbox, clock: HandClock
) -> None:
    interface = in_state(sandbox.store, "attached")
    await begin(ask, interface.id, "detach")
    clock.now += 1.0
    shown = (await ask(f"/{NIC}s/{interface.id}")).json[NIC]
    assert (shown["state"], shown["speed_profile"]["id"]) == ("detached", interface.speed_profile.id)


async def test_a_task_that_is_not_there_is_404(ask: Asker) -> None:
    answer = await ask("/tasks/task_0123456789abcdef")
    assert (answer.status, answer.code) == (404, "task_not_found")


@pytest.mark.parametrize("times", [0, -1, True, "1"])
def test_tasks_to_fail_are_a_number_from_1_on(times: int) -> None:
    with pytest.raises(ValueError, match="times"):
        Sandbox().fail_next_task(times)


@pytest.mark.parametrize("duration", [-1.0, float("inf"), "1"])
def test_the_duration_of_tasks_is_checked(duration: float) -> None:
    with pytest.raises(ValueError, match="task_duration"):
        Sandbox(task_duration=duration)
