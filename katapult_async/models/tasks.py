"""Tasks: background work that Katapult started for a request."""

import datetime
import enum

import attrs

from katapult_async.models.model import Model


class TaskStatus(enum.StrEnum):
    """The status of a task. Katapult may add others, which are plain strings."""

    PENDING = "pending"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"


@attrs.frozen(kw_only=True, repr=False)
class Task(Model):
    """A task. Power actions of a virtual machine, and builds, return a task with only id, name and status."""

    id: str
    """Katapult's id, ``task_...``."""

    name: str | None = None
    """Display name: what the task does."""

    status: TaskStatus | str | None = None
    """Status; a plain string if it is not one of `TaskStatus`."""

    created_at: datetime.datetime | None = None
    """When the task was queued."""

    started_at: datetime.datetime | None = None
    """When the task started; None before that."""

    finished_at: datetime.datetime | None = None
    """When the task ended; None before that."""

    progress: int | None = None
    """Progress in percent."""
