"""The scheduler: the future steps of tasks. It reads no clock: the caller passes the time."""

import heapq
from collections.abc import Iterator
from itertools import count

from . import validation
from .models import Task

# Share of the duration, and the progress from then on. The live API shows 5 to 77 while a task runs.
_STEPS = ((0.1, 5), (0.4, 41), (0.7, 77))


class Scheduler:
    """The steps of tasks that are not due yet."""

    def __init__(self, *, duration: float) -> None:
        """Create a scheduler without tasks.

        Args:
            duration: seconds that a task takes.

        Raises:
            ValueError: the duration is not a finite number, or it is below 0.
        """
        self._duration = validation.number("task_duration", duration, minimum=0.0)
        self._serial = count()  # steps that are due at the same time have the order of their tasks
        self._steps: list[tuple[float, int, Task]] = []
        self.failing: int = 0
        """Number of tasks that will fail, counted from the next."""

    def begin(self, task: Task, *, now: float) -> None:
        """Schedule all steps of a task.

        Args:
            task: the pending task.
            now: server time in seconds since the Unix epoch.
        """
        failed, self.failing = self.failing > 0, max(0, self.failing - 1)
        started_at = int(now + _STEPS[0][0] * self._duration)
        for share, progress in _STEPS:
            task = task.changed(status="running", progress=progress, started_at=started_at)
            self._schedule(task, at=now + share * self._duration)
        ends_at = now + self._duration
        end = {"status": "failed"} if failed else {"status": "completed", "progress": 100}
        self._schedule(task.changed(finished_at=int(ends_at), **end), at=ends_at)

    def _schedule(self, task: Task, *, at: float) -> None:
        heapq.heappush(self._steps, (at, next(self._serial), task))

    def due(self, now: float) -> Iterator[Task]:
        """Remove all steps that are due, earliest first, and yield for each the task as it is after that step.

        Args:
            now: server time in seconds since the Unix epoch.
        """
        while self._steps and self._steps[0][0] <= now:
            yield heapq.heappop(self._steps)[2]
