"""Tasks: background work that changes an object when it ends."""

from typing import Any

from katapult_async.sandbox.errors import require
from katapult_async.sandbox.kinds import Object
from katapult_async.sandbox.models import Task
from katapult_async.sandbox.store import Store


def begin_task(store: Store, obj: Object, name: str, **effects: Any) -> Task:
    """Begin a task and return it; arguments as of `Store.begin_task`.

    Raises:
        APIError: another task of the object has not ended.
    """
    require(not store.running_tasks(obj), "task_queueing_error", details="Another task of this object has not ended.")
    return store.begin_task(obj, name, **effects)
