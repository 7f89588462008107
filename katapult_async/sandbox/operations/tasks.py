"""Tasks: background work that changes an object when it ends."""

from typing import Any

from katapult_async.sandbox import serializers
from katapult_async.sandbox.errors import APIError
from katapult_async.sandbox.models import Object, Task
from katapult_async.sandbox.serializers import JSON, serialize
from katapult_async.sandbox.store import Store

from .crud import Crud


def begin_task(
    store: Store,
    obj: Object,
    *,
    name: str,
    shape: str = serializers.TASK_FULL,
    **effects: Any,
) -> JSON:
    """Begin a task, and return the part of the response that names it; arguments as of `Store.begin_task`.

    Raises:
        APIError: another task of the object has not ended.
    """
    if store.running_tasks(obj):
        raise APIError("task_queueing_error", detail={"details": "Another task of this object has not ended."})
    return {"task": serialize(store, store.begin_task(obj, name=name, **effects), shape)}


TASKS = Crud(model=Task, operations="get", scope="tasks", shape=serializers.TASK_FULL)
