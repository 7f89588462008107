"""Tasks: what Katapult does after it has answered."""

import datetime
import enum

import attrs


class TaskStatus(enum.StrEnum):
    """How far a task is. An unknown status is given as its plain string."""

    PENDING = "pending"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"


@attrs.frozen(kw_only=True)
class Task:
    """Work that Katapult has queued. The answer that began it gives only id, name and status."""

    id: str
    """Katapult's id, ``task_...``."""

    name: str | None = None
    """What it does, for people."""

    status: TaskStatus | str | None = None
    """How far it is."""

    created_at: datetime.datetime | None = None
    """When it was queued."""

    started_at: datetime.datetime | None = None
    """When it began; None before that."""

    finished_at: datetime.datetime | None = None
    """When it ended; None before that."""

    progress: int | None = None
    """Percent."""
