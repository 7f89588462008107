"""The scheduler: the steps of tasks at given times."""

import pytest

from katapult_async.sandbox.models import Task
from katapult_async.sandbox.scheduler import Scheduler

TASK = Task(id="task_1", name="Attach", object_id="vmnet_1", organization_id="org_1", created_at=100)
OTHER = Task(id="task_2", name="Detach", object_id="vmnet_2", organization_id="org_1", created_at=100)


def test_task_progresses_and_completes() -> None:
    scheduler = Scheduler(duration=10.0)
    scheduler.begin(TASK, now=100.5)
    assert list(scheduler.due(101.4)) == []
    steps = [(task.status, task.progress, task.started_at, task.finished_at) for task in scheduler.due(1000.0)]
    assert steps == [
        ("running", 5, 101, None),
        ("running", 41, 101, None),
        ("running", 77, 101, None),
        ("completed", 100, 101, 110),
    ]
    assert list(scheduler.due(1000.0)) == []


def test_failing_applies_only_to_the_next_task() -> None:
    scheduler = Scheduler(duration=10.0)
    scheduler.failing = 1
    scheduler.begin(TASK, now=0.0)
    scheduler.begin(OTHER, now=0.0)
    ends = {task.id: (task.status, task.progress) for task in scheduler.due(10.0)}
    assert ends == {"task_1": ("failed", 77), "task_2": ("completed", 100)}
    assert scheduler.failing == 0


def test_steps_of_several_tasks_are_ordered_by_time() -> None:
    scheduler = Scheduler(duration=10.0)
    scheduler.begin(TASK, now=0.0)
    scheduler.begin(OTHER, now=5.0)
    assert [(task.id, task.progress) for task in scheduler.due(7.0)] == [
        ("task_1", 5),
        ("task_1", 41),
        ("task_2", 5),
        ("task_1", 77),
    ]


def test_task_without_duration_ends_at_once() -> None:
    scheduler = Scheduler(duration=0.0)
    scheduler.begin(TASK, now=7.0)
    assert [task.status for task in scheduler.due(7.0)] == ["running", "running", "running", "completed"]


@pytest.mark.parametrize("duration", [-1.0, float("inf"), float("nan"), "1"])
def test_scheduler_rejects_an_invalid_duration(duration: float) -> None:
    with pytest.raises(ValueError, match="task_duration"):
        Scheduler(duration=duration)


def test_task_keeps_its_start_when_the_clock_begins_at_zero() -> None:
    scheduler = Scheduler(duration=5.0)
    scheduler.begin(TASK, now=0.0)
    assert {task.started_at for task in scheduler.due(5.0)} == {0}
