"""Trash objects: objects in the trash."""

import datetime

import attrs

from katapult_async.models.model import Model


@attrs.frozen(kw_only=True, repr=False)
class TrashObject(Model):
    """An object in the trash, from which it can be restored until it is purged."""

    id: str
    """Katapult's id, ``trsh_...``."""

    keep_until: datetime.datetime | None = None
    """When Katapult purges the object."""

    object_id: str | None = None
    """Id of the object."""

    object_type: str | None = None
    """Type of the object, such as ``VirtualMachine`` or ``Disk``."""
