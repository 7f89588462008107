"""Tasks, and waiting for them. Core API v1: get:task."""

import functools
from typing import Unpack

from katapult_async.core.endpoints import Endpoint
from katapult_async.errors import TaskState
from katapult_async.models.tasks import Task, TaskStatus
from katapult_async.options import CallOptions
from katapult_async.resources.resource import Resource, calls
from katapult_async.resources.resource_caller import ResourceCaller
from katapult_async.resources.waiting import wait


class Tasks(Resource):
    """Tasks: background work that Katapult started for a request. Reached as ``katapult.tasks``."""

    @calls(Endpoint(path="/tasks/task", answer="task", type=Task, scopes=("tasks", "tasks:read")))
    async def get(self, task_id: str, **options: Unpack[CallOptions]) -> Task:
        """Return a task as it is now.

        Args:
            task_id: id of the task, ``task_...``.
        """
        return await self._call(self.get, locals())

    async def wait(self, task_id: str, **options: Unpack[CallOptions]) -> Task:
        """Return a task when it is completed.

        Requests the task at once, then after half a second, then in growing steps of at most 10 seconds. The requests
        have the priority of a batch. A failing server or network does not end the wait. The ``timeout`` covers all of
        it: by default 600 seconds, or the batch's timeout inside a batch, and ``math.inf`` for no limit.

        Args:
            task_id: id of the task, ``task_...``.

        Raises:
            TaskFailedError: the task has failed; Katapult does not say why.
            TaskTimeoutError: the task was not completed in time, or the rate limit has no room for another request
                before the timeout. ``error.task`` has the last status, and the task continues at Katapult.
        """
        return await wait(
            self._caller,
            functools.partial(self.get, task_id),
            TaskState(id=task_id),
            status=lambda task: task.status,
            done=TaskStatus.COMPLETED,
            failed=TaskStatus.FAILED,
            options=options,
        )


async def end_of(caller: ResourceCaller, task: Task, *, wait: bool) -> Task:
    """Return a task that a method has started: immediately, or if ``wait`` is true, when it is completed."""
    return await Tasks(caller).wait(task.id) if wait else task
