"""Operations that begin a task, which changes the state of an object: `Store.begin_task` has the steps of a task."""

from typing import Any

from katapult_async.sandbox.errors import require
from katapult_async.sandbox.kinds import Object, kind_name, plural
from katapult_async.sandbox.models import Task
from katapult_async.sandbox.store import Store

from .operation import Operation


def begin_exclusive_task(store: Store, obj: Object, name: str, **effects: Any) -> Task:
    """Begin a task of an object that has no other running task, and return the task.

    The arguments are those of `Store.begin_task`.

    Raises:
        APIError: another task of the object has not ended.
    """
    require(not store.running_tasks(obj), "task_queueing_error", details="Another task of this object has not ended.")
    return store.begin_task(obj, name, **effects)


def state_change(
    model: type[Object], name: str, state: str, *, running: str = "", must_differ: bool = False, **others: Any
) -> Operation:
    """Return the operation that begins a task after which an object has another state.

    Args:
        model: class of the object.
        name: name of the task, such as ``Start virtual machine``. Its first word ends the path of the operation.
        state: the state when the task has completed.
        running: the state while the task is running; empty if the object keeps its state until the task ends. After a
            failed task the object has its previous state.
        must_differ: whether an object that has the state already gets an error, such as ``disk_already_attached``.
        others: further effects of the task, as of `Store.begin_task`.
    """

    def begin(store: Store, obj: Any) -> Task:
        require(not must_differ or obj.state != state, f"{kind_name(model)}_already_{state}")
        return begin_exclusive_task(store, obj, name, states=(running or obj.state, obj.state, state), **others)

    return Operation("POST", f"/{plural(model)}/:{kind_name(model)}/{name.split(maxsplit=1)[0].lower()}", begin)
