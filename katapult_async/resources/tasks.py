"""Tasks, and waiting for them. Core API v1: get:task."""

import functools
import inspect
import operator
import typing
from collections.abc import Callable
from typing import Any, TypeVar, Unpack

import attrs

from katapult_async.core import polling
from katapult_async.core.endpoints import Endpoint
from katapult_async.errors import TaskFailedError, TaskState, TaskTimeoutError
from katapult_async.models.tasks import Task
from katapult_async.options import CallOptions
from katapult_async.resources.resource import Resource, calls

M = TypeVar("M", bound=Callable[..., object])


class Tasks(Resource):
    """Tasks: background work that Katapult started for a request. Reached as ``katapult.tasks``."""

    @calls(Endpoint(path="/tasks/task", answer="task", type=Task, scopes=("tasks", "tasks:read")))
    async def get(self, task_id: str, **options: Unpack[CallOptions]) -> Task:
        """Return a task as it is now.

        Args:
            task_id: id of the task, ``task_...``.
        """

    async def wait(self, task_id: str, **options: Unpack[CallOptions]) -> Task:
        """Return a task when it is completed.

        Requests the task at once, then after half a second, then at growing intervals of at most 10 seconds. A failing
        server or network does not end the wait. The ``timeout`` covers the whole wait: by default 600 seconds.

        The requests have the priority of a batch. Inside a batch, ``timeout`` is by default that of the batch.
        ``math.inf`` means no limit.

        Args:
            task_id: id of the task, ``task_...``.

        Raises:
            TaskFailedError: the task has failed, or has ended with an unknown status; Katapult does not say why.
            TaskTimeoutError: the task was not completed in time, or the rate limit has no room for another request
                before the timeout. ``error.task`` has the last status, and the task continues at Katapult.
        """
        subject = TaskState(id=task_id)
        status = operator.attrgetter("status")
        return await polling.wait(self._caller, self.get, subject, status=status, done="completed", options=options)


async def completed(started: Any, *, tasks: Tasks, resource: Any) -> Any:
    """Wait until a task is completed. Return the task, and the object that it changed, as they are then.

    Args:
        started: what a method returned: a task, or a value with a task and the object that it changes.
        tasks: waits for the task.
        resource: the resource that has the method; its ``get`` reads the object.
    """
    if isinstance(started, Task):
        return await tasks.wait(started.id)
    [name] = {field.name for field in attrs.fields(type(started))} - {"task"}  # the field of the object
    object_id = getattr(started, name).id
    try:
        task = await tasks.wait(started.task.id)
    except (TaskFailedError, TaskTimeoutError) as error:  # of a new object, the caller does not know the id
        raise type(error)(attrs.evolve(error.task, object_id=object_id)) from error.__cause__
    return attrs.evolve(started, task=task, **{name: await resource.get(object_id)})


def waits(method: M, *, state_after: str | None = None) -> M:
    """Return a method that starts a task as ``method`` does, and also waits for it if its argument ``wait`` is true.

    It returns what ``method`` returns: the task, or the task together with the object that it changes; after a wait,
    their state at the end of the wait. If ``method`` returns None, it does not wait. A method without a parameter
    ``wait`` is returned unchanged.

    Args:
        method: starts the task.
        state_after: a state of the object to wait for after the task; the object can reach it later than the task ends.
    """
    if "wait" not in inspect.signature(method).parameters:
        return method
    start: Any = method

    @functools.wraps(method)
    async def call(self: Any, *subject: object, wait: bool = False, **arguments: Any) -> Any:
        options = {name: value for name, value in arguments.items() if name in CallOptions.__annotations__}
        with polling.wait_limits(self._caller, typing.cast("CallOptions", options), waits=wait):
            started = await start(self, *subject, **arguments)
            if not wait or started is None:
                return started
            ended = await completed(started, tasks=Tasks(self._caller), resource=self)
            if state_after is not None:
                await self.wait(*subject, **arguments, state=state_after)
            return ended

    waiting: Any = call
    waiting.state_after = state_after  # for the command, which waits in a step of its own
    return typing.cast("M", waiting)
