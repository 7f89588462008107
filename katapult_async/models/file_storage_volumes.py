"""File storage volumes: disk space that virtual machines mount over NFS."""

import attrs

from katapult_async.models.annotations import Annotation
from katapult_async.models.data_centers import DataCenter
from katapult_async.models.model import Model
from katapult_async.models.trash_objects import TrashObject


@attrs.frozen(kw_only=True, repr=False)
class FileStorageVolume(Model):
    """A file storage volume."""

    id: str
    """Katapult's id, ``fsv_...``."""

    name: str | None = None
    """Display name."""

    data_center: DataCenter | None = None
    """The data center of the volume."""

    associations: tuple[str, ...] = ()
    """Ids of the virtual machines that can mount the volume."""

    state: str | None = None
    """``pending``, ``configuring``, ``ready`` or ``failed`` so far."""

    nfs_location: str | None = None
    """Where to mount the volume from; None until the volume is ready for the first time."""

    size: int | None = None
    """Size in bytes."""

    technology_generation: int | None = None
    """Sent since August 2026, and not documented. Lists omit it."""

    annotations: tuple[Annotation, ...] = ()
    """Annotations. Lists omit them."""


@attrs.frozen(kw_only=True, repr=False)
class TrashedFileStorageVolume(Model):
    """A file storage volume that was put into the trash."""

    file_storage_volume: FileStorageVolume
    """The file storage volume."""

    trash_object: TrashObject
    """The object in the trash: see ``katapult.trash_objects``."""
