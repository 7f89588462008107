"""Tasks, and waiting for them. Core API v1: get:task."""

from typing import Final, Unpack

from katapult_async.config import check_seconds
from katapult_async.core.endpoints import Endpoint
from katapult_async.errors import KatapultError, RateLimitWaitError, TaskFailedError, TaskState, TaskTimeoutError
from katapult_async.models.tasks import Task, TaskStatus
from katapult_async.options import CallLimits, CallOptions, CallScope, scoped_limits
from katapult_async.resources.references import TASK
from katapult_async.resources.resource import Resource, calls

GET: Final = Endpoint(path="/tasks/task", answer="task", type=Task, refs=(TASK,), scopes=("tasks", "tasks:read"))

_DEFAULT_TIMEOUT: Final = 600.0  # seconds: twelve times the longest recorded wait
_FIRST_STEP: Final = 0.5  # seconds: recorded tasks took 3 s on average, from start to end
_GROWTH: Final = 1.5
_LONGEST_STEP: Final = 10.0
_LAST_REQUEST: Final = 1.0  # seconds before the deadline: later there would be no time for its response


class Tasks(Resource):
    """Tasks: background work that Katapult started for a request. Reached as ``katapult.tasks``."""

    @calls(GET)
    async def get(self, task_id: str, **options: Unpack[CallOptions]) -> Task:
        """Return a task as it is now.

        Args:
            task_id: id of the task, ``task_...``.
        """
        return await self._call(GET, task_id=task_id, **options)

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
        began_at = self._caller.time()
        ends_at = began_at + _timeout(options)
        task: Task | None = None
        obstacle: KatapultError | None = None
        step = _FIRST_STEP
        while (left := ends_at - self._caller.time()) > 0:
            outcome = await self._get_once(task_id, left, max_wait=options.get("max_wait"))
            task, obstacle = (outcome, None) if isinstance(outcome, Task) else (task, outcome)
            match outcome:
                case Task(status=TaskStatus.COMPLETED):
                    return outcome
                case Task(status=TaskStatus.FAILED):
                    raise TaskFailedError(self._state(task_id, task, waited=self._caller.time() - began_at))
                case RateLimitWaitError():
                    break
            left = ends_at - self._caller.time()
            if left > 0:
                await self._caller.pause(min(step, left - _LAST_REQUEST if left > _LAST_REQUEST else left))
            step = min(step * _GROWTH, _LONGEST_STEP)
        raise TaskTimeoutError(self._state(task_id, task, waited=self._caller.time() - began_at)) from obstacle

    async def _get_once(self, task_id: str, left: float, *, max_wait: float | None) -> Task | KatapultError:
        """Return the task, requested with the priority of a batch, or an error that does not end the wait.

        Args:
            task_id: id of the task.
            left: seconds to the deadline of the wait.
            max_wait: the caller's option.
        """
        own_limit = max_wait is not None and max_wait < left
        try:
            with CallScope(CallLimits(max_wait=left, timeout=left)):
                return await self.get(task_id, max_wait=max_wait if own_limit else left, timeout=left)
        except RateLimitWaitError as error:
            if own_limit:
                raise
            return error  # there is no room before the deadline
        except KatapultError as error:
            if not self._caller.is_passing(error):
                raise
            return error

    def _state(self, task_id: str, task: Task | None, *, waited: float) -> TaskState:
        return TaskState(
            id=task_id,
            name=None if task is None or task.name is None else self._caller.printable(task.name),
            status=None if task is None or task.status is None else self._caller.printable(str(task.status)),
            progress=None if task is None else task.progress,
            waited=waited,
        )


def _timeout(options: CallOptions) -> float:
    """Return the seconds for the whole wait."""
    timeout = options.get("timeout")
    if timeout is not None:
        return check_seconds("timeout", timeout)
    limits = scoped_limits()
    return _DEFAULT_TIMEOUT if limits is None else limits.timeout
