"""Waiting for a task: asks again and again, in growing steps, until it has ended."""

from typing import Final

from katapult_async.core.caller import Caller
from katapult_async.core.endpoints import Request
from katapult_async.core.retry import is_passing
from katapult_async.errors import (
    KatapultError,
    RateLimitWaitError,
    RequestError,
    TaskFailedError,
    TaskState,
    TaskTimeoutError,
)
from katapult_async.models.tasks import Task, TaskStatus
from katapult_async.options import CallLimits, CallScope, scoped_limits

_USUAL_TIMEOUT: Final = 600.0  # seconds: twelve times the longest recorded wait
_FIRST_STEP: Final = 0.5  # seconds: recorded tasks took 3 s on average, from start to end
_GROWTH: Final = 1.5
_LONGEST_STEP: Final = 10.0
_LAST_QUESTION: Final = 1.0  # seconds before the end: later there would be no time for its answer


async def wait_for(caller: Caller, request: Request[Task], *, timeout: float | None) -> Task:
    """Return a task when it is completed.

    Args:
        caller: asks for it.
        request: what gives the task.
        timeout: seconds for all of it; None for the usual time, or the batch's.

    Raises:
        TaskFailedError: the task has failed.
        TaskTimeoutError: the task was not finished in time.
        KatapultError: what asking again would not cure.
    """
    if timeout is None:
        limits = scoped_limits()
        timeout = _USUAL_TIMEOUT if limits is None else limits.timeout
    began_at = caller.time()
    ends_at = began_at + timeout
    task: Task | None = None
    obstacle: KatapultError | None = None
    step = _FIRST_STEP
    while caller.time() < ends_at:
        try:
            task = await _ask(caller, request, ends_at - caller.time())
        except RateLimitWaitError as error:
            obstacle = error  # there is no room before the deadline
            break
        except KatapultError as error:
            if not (isinstance(error, RequestError) and is_passing(error)):
                raise
            obstacle = error
        else:
            obstacle = None
            if task.status == TaskStatus.COMPLETED:
                return task
            if task.status == TaskStatus.FAILED:
                raise TaskFailedError(_state(caller, request, task, waited=caller.time() - began_at))
        left = ends_at - caller.time()
        if left > 0:
            await caller.pause(min(step, left - _LAST_QUESTION if left > _LAST_QUESTION else left))
        step = min(step * _GROWTH, _LONGEST_STEP)
    raise TaskTimeoutError(_state(caller, request, task, waited=caller.time() - began_at)) from obstacle


async def _ask(caller: Caller, request: Request[Task], left: float) -> Task:
    """Ask once, with the priority of a batch."""
    with CallScope(CallLimits(max_wait=left, timeout=left)):
        return (await caller.call(request, max_wait=left, timeout=left)).value


def _state(caller: Caller, request: Request[Task], task: Task | None, *, waited: float) -> TaskState:
    [(_, task_id)] = request.arguments
    return TaskState(
        id=task_id,
        name=None if task is None or task.name is None else caller.printable(task.name),
        status=None if task is None or task.status is None else caller.printable(str(task.status)),
        progress=None if task is None else task.progress,
        waited=waited,
    )
