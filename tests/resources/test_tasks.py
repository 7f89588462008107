"""Tasks: requests and results. Waiting for them is in ``test_wait_for_tasks.py``."""

import math

import pytest

from katapult_async import KatapultClient, TaskFailedError, TaskStatus
from tests.exchanges import BASE_URL, Exchanges
from tests.resources.calls import Checker, Mistake, Row
from tests.resources.responses import BRIEF_TASK, TASK

ONE = "/tasks/task"
MISTAKES = [
    Mistake(lambda katapult: katapult.tasks.get(""), "task_id must be a string"),
    Mistake(lambda katapult: katapult.tasks.get("task_1", max_wait=-1), "max_wait must be"),
    Mistake(lambda katapult: katapult.tasks.wait("a b"), "task_id must be a string"),
    Mistake(lambda katapult: katapult.tasks.wait("task_1", timeout=-1), "timeout must be"),
    Mistake(lambda katapult: katapult.tasks.wait("task_1", timeout=math.nan), "timeout must be"),
]


@pytest.mark.parametrize("task", [TASK, BRIEF_TASK])
async def test_get_is_one_request(check: Checker, task: dict[str, object]) -> None:
    row = Row(
        call=lambda katapult: katapult.tasks.get("task_1"),
        path=ONE,
        query=[("task[id]", "task_1")],
        response={"task": task},
        result=task,
    )
    await check.call(row)


@pytest.mark.parametrize(("sent", "status"), [("failed", TaskStatus.FAILED), ("paused", "paused"), (None, None)])
async def test_status_is_a_member_of_the_enumeration_or_else_its_text(
    katapult: KatapultClient, exchanges: Exchanges, sent: str | None, status: TaskStatus | str | None
) -> None:
    exchanges.respond(f"{ONE}?task%5Bid%5D=task_1", {"task": TASK | {"status": sent}})
    task = await katapult.tasks.get("task_1")
    assert (type(task.status), task.status) == (type(status), status)


async def test_wait_returns_a_completed_task_and_raises_for_a_failed_one(
    katapult: KatapultClient, exchanges: Exchanges
) -> None:
    target = f"{ONE}?task%5Bid%5D=task_1"
    exchanges.respond(target, {"task": TASK | {"status": "completed", "progress": 100}})
    assert (await katapult.tasks.wait("task_1")).progress == 100
    exchanges.respond(target, {"task": TASK | {"status": "failed"}})
    with pytest.raises(TaskFailedError):
        await katapult.tasks.wait("task_1")
    assert [sent.url for sent in exchanges.sent] == [BASE_URL + target] * 2
