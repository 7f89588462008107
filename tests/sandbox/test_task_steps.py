"""The steps of tasks: the store executes them at given times."""

import pytest

from katapult_async.sandbox import Store
from katapult_async.sandbox.models import Organization, Task
from katapult_async.sandbox.seed_data import Scale, seeded


@pytest.fixture
def store() -> Store:
    """Return a store whose tasks take 10 seconds."""
    store = seeded(Scale(machines=0, interfaces=0))
    store.task_duration = 10.0
    return store


def begin(store: Store, *, now: float) -> Task:
    store.advance(now)
    return store.begin_task(store.organizations[0], "Test")


def progress_at(store: Store, times: tuple[float, ...], *tasks: Task) -> list[tuple[int, ...]]:
    """Return the progress of the tasks at each of the times."""
    progress = []
    for now in times:
        store.advance(now)
        progress.append(tuple(store.get(task.id).progress for task in tasks))
    return progress


def test_task_progresses_and_completes(store: Store) -> None:
    task = begin(store, now=100.5)
    states = []
    for now in (101.4, 101.5, 104.5, 107.5, 110.4, 110.5, 1000.0):
        store.advance(now)
        after = store.get(task.id)
        states.append((after.status, after.progress, after.started_at, after.finished_at))
    assert states == [
        ("pending", 0, None, None),
        ("running", 5, 101, None),
        ("running", 41, 101, None),
        ("running", 77, 101, None),
        ("running", 77, 101, None),
        ("completed", 100, 101, 110),
        ("completed", 100, 101, 110),
    ]


def test_failing_applies_only_to_the_next_task(store: Store) -> None:
    store.failing_tasks = 1
    tasks = begin(store, now=0.0), begin(store, now=0.0)
    store.advance(10.0)
    assert [store.get(task.id).status for task in tasks] == ["failed", "completed"]
    assert [store.get(task.id).progress for task in tasks] == [77, 100]
    assert store.failing_tasks == 0


def test_steps_of_several_tasks_are_executed_by_time(store: Store) -> None:
    first, second = begin(store, now=0.0), begin(store, now=5.0)
    assert progress_at(store, (5.0, 6.0, 7.0, 9.0, 10.0), first, second) == [
        (41, 0),
        (41, 5),
        (77, 5),
        (77, 41),
        (100, 41),
    ]


def test_steps_that_are_due_at_once_are_executed_in_the_order_of_their_tasks(store: Store) -> None:
    ended: list[str] = []
    store.advance(0.0)
    for name in ("first", "second"):
        store.begin_task(store.organizations[0], name, on_completion=lambda *_, name=name: ended.append(name))
    store.advance(1000.0)
    assert ended == ["first", "second"]


def test_task_without_duration_ends_at_once(store: Store) -> None:
    store.task_duration = 0.0
    task = begin(store, now=7.0)
    store.advance(7.0)
    assert (store.get(task.id).status, store.get(task.id).started_at) == ("completed", 7)


def test_task_keeps_its_start_when_the_clock_begins_at_zero(store: Store) -> None:
    store.task_duration = 5.0
    task = begin(store, now=0.0)
    store.advance(5.0)
    assert store.get(task.id).started_at == 0


def test_task_that_another_task_begins_starts_when_the_other_ends(store: Store) -> None:
    begun: list[Task] = []

    def begin_second(store: Store, obj: Organization) -> None:
        begun.append(store.begin_task(obj, "Second"))

    store.advance(100.0)
    store.begin_task(store.organizations[0], "First", on_completion=begin_second)
    store.advance(1000.0)
    second = store.get(begun[0].id)
    assert (second.created_at, second.started_at, second.finished_at) == (110, 111, 120)
    assert store.now == 1000.0


def test_task_that_was_removed_does_not_return(store: Store) -> None:
    task = begin(store, now=0.0)
    store.remove(task)
    store.advance(10.0)
    assert store.get(task.id) is None
