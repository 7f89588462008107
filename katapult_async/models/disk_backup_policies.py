"""Disk backup policies: when disks are backed up, and how many backups are kept."""

import datetime

import attrs

from katapult_async.models.model import Model
from katapult_async.models.typed_objects import TypedObject


@attrs.frozen(kw_only=True, repr=False)
class DiskBackupSchedule(Model):
    """When backups are made."""

    interval: str | None = None
    """``hourly``, ``daily``, ``weekly`` or ``monthly`` so far."""

    frequency: int | None = None
    """Intervals from one backup to the next; lists omit it."""

    minute: int | None = None
    """Minute of the hour; lists omit it."""

    time: int | None = None
    """Hour of the day; lists omit it. Katapult documents only that it is a whole number."""

    next_invocation_at: datetime.datetime | None = None
    """When the next backup is made."""


@attrs.frozen(kw_only=True, repr=False)
class DiskBackupPolicy(Model):
    """A disk backup policy of one disk, or of all disks of a virtual machine."""

    id: str
    """Katapult's id."""

    retention: int | None = None
    """How many backups are kept."""

    total_size: float | None = None
    """Size of the backups. Katapult does not document the unit."""

    target: TypedObject | None = None
    """What is backed up; its type is ``Disk`` or ``VirtualMachine`` so far."""

    schedule: DiskBackupSchedule | None = None
    """When backups are made."""

    auto_move_to_trash_at: datetime.datetime | None = None
    """When the policy is put into the trash; lists omit it. See ``disk_backup_policies.schedule_deletion``."""
