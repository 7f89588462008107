"""The scheduler: what every task will be, and from when on; reads no clock and knows nothing of what a task is for."""

import heapq
from collections.abc import Iterator
from itertools import count

import attrs

from . import validation
from .models import Task

# Shares of the whole time and the progress shown from then on; the live API shows 5 to 77 while a task runs.
_STEPS = ((0.1, 5), (0.4, 41), (0.7, 77))


class Scheduler:
    """The steps of tasks that lie ahead."""

    def __init__(self, *, duration: float) -> None:
        """Make an scheduler without a task.

        Args:
            duration: seconds from the beginning of a task to its end.

        Raises:
            ValueError: the duration is no finite number or below 0.
        """
        self._duration = validation.number("task_duration", duration, minimum=0.0)
        self._serial = count()  # steps of one moment come in the order in which their tasks began
        self._ahead: list[tuple[float, int, Task]] = []
        self.failing = 0
        """How many of the tasks that begin from now on will fail."""

    def begin(self, task: Task, *, now: float) -> None:
        """Plan every step of a task.

        Args:
            task: the task as it is while it waits.
            now: the server's time, in seconds since the Unix epoch.
        """
        failed, self.failing = self.failing > 0, max(0, self.failing - 1)
        for share, progress in _STEPS:
            at = now + share * self._duration
            task = attrs.evolve(task, status="running", progress=progress, started_at=task.started_at or int(at))
            self._plan(task, at=at)
        at = now + self._duration
        ended = {"status": "failed"} if failed else {"status": "completed", "progress": 100}
        self._plan(attrs.evolve(task, finished_at=int(at), **ended), at=at)

    def _plan(self, task: Task, *, at: float) -> None:
        heapq.heappush(self._ahead, (at, next(self._serial), task))

    def due(self, now: float) -> Iterator[Task]:
        """Take out every step whose time has come, earliest first, as the task that it makes.

        Args:
            now: the server's time, in seconds since the Unix epoch.
        """
        while self._ahead and self._ahead[0][0] <= now:
            yield heapq.heappop(self._ahead)[2]
