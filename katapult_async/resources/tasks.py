"""Tasks, and waiting for them. Core API v1: get:task."""

from typing import Final

from katapult_async.config import check_seconds
from katapult_async.core.caller import Caller
from katapult_async.core.endpoints import Endpoint, Request
from katapult_async.core.validation import identifier
from katapult_async.models.tasks import Task
from katapult_async.resources.task_waiting import wait_for

GET: Final = Endpoint(path="/tasks/task", answer="task", type=Task)


class Tasks:
    """What Katapult does after it has answered. Reached as ``katapult.tasks``."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    async def get(self, task_id: str, *, max_wait: float | None = None, timeout: float | None = None) -> Task:
        """Return one task as it is now. Scope ``tasks:read``.

        Args:
            task_id: Katapult's id, ``task_...``.
            max_wait: seconds to wait for the rate limit at most; None for ``RateLimitPolicy.max_wait``.
            timeout: seconds for the whole call; None for ``Timeouts.call``.

        Raises:
            UsageError: the id is none.
            NotFoundError: this token sees no task of that id.
            PermissionDeniedError: the scope is missing.
        """
        return (await self._caller.call(_request(task_id), max_wait=max_wait, timeout=timeout)).value

    async def wait(self, task_id: str, *, timeout: float | None = None) -> Task:
        """Return a task when it is completed. Scope ``tasks:read``.

        Asks at once, then after half a second and in growing steps of at most ten; like a batch, it lets calls
        awaited on their own go first, and waits for the rate limit as long as the timeout allows. A failing server or
        network does not end it: it asks again, until the timeout.

        Args:
            task_id: Katapult's id, ``task_...``.
            timeout: seconds for all of it, ``math.inf`` for as long as it takes; None for 600, or in a batch for the
                batch's.

        Raises:
            UsageError: an argument is no such thing.
            TaskFailedError: the task has failed; Katapult does not say why.
            TaskTimeoutError: it was not finished in time, or the rate limit leaves no room to ask again before that;
                ``.task`` has the last status, ``__cause__`` what stood in the way. It goes on at Katapult's.
            NotFoundError: this token sees no task of that id.
            PermissionDeniedError: the scope is missing.
        """
        return await wait_for(
            self._caller, _request(task_id), timeout=None if timeout is None else check_seconds("timeout", timeout)
        )


def _request(task_id: object) -> Request[Task]:
    return Request(endpoint=GET, arguments=(("task[id]", identifier("task_id", task_id)),))
