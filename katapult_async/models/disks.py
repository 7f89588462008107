"""Disks: their assignment to a virtual machine, and the template that they were built from."""

import datetime

import attrs

from katapult_async.models.annotations import Annotation
from katapult_async.models.data_centers import DataCenter
from katapult_async.models.disk_io_profiles import DiskIOProfile
from katapult_async.models.disk_templates import DiskTemplateVersion
from katapult_async.models.model import Model
from katapult_async.models.secret_fields import SECRET
from katapult_async.models.tasks import Task
from katapult_async.models.trash_objects import TrashObject
from katapult_async.models.virtual_machines import VirtualMachine


@attrs.frozen(kw_only=True, repr=False)
class DiskInstallationAttribute(Model):
    """A value that was set when a disk was built from a template."""

    key: str
    """Name of the value."""

    label: str | None = None
    """Display name."""

    value: str | None = attrs.field(default=None, repr=False, metadata=SECRET)
    """The value: a secret, because it can be a password."""

    description: str | None = None
    """Description."""

    protect: bool | None = None
    """Whether Katapult treats the value as a secret."""


@attrs.frozen(kw_only=True, repr=False)
class DiskInstallation(Model):
    """The template that a disk was built from, and the values of that build."""

    id: str | None = None
    """Katapult's id, ``dinst_...``."""

    disk_template_version: DiskTemplateVersion | None = None
    """The version of the template."""

    attributes: tuple[DiskInstallationAttribute, ...] = ()
    """The values that were set when the disk was built."""


@attrs.frozen(kw_only=True, repr=False)
class DiskAssignment(Model):
    """The assignment of a disk to a virtual machine."""

    virtual_machine: VirtualMachine | None = None
    """The virtual machine."""

    attach_on_boot: bool | None = None
    """Whether the disk is attached when the virtual machine starts; lists omit it."""

    boot: bool | None = None
    """Whether the virtual machine boots from the disk; lists omit it."""

    state: str | None = None
    """``detached``, ``failed``, ``attached``, ``attaching`` or ``detaching`` so far; lists omit it."""


@attrs.frozen(kw_only=True, repr=False)
class Disk(Model):
    """A disk."""

    id: str
    """Katapult's id, ``disk_...``."""

    name: str | None = None
    """Display name."""

    size_in_gb: int | None = None
    """Size in GB."""

    wwn: str | None = None
    """World wide name: what the operating system identifies the disk by."""

    state: str | None = None
    """``not_built``, ``building``, ``built``, ``failed``, ``installing``, ``restoring``, ``formatting``, ``resizing``,
    ``configuring`` or ``importing`` so far."""

    created_at: datetime.datetime | None = None
    """When the disk was created; the list of an organization omits it."""

    storage_speed: str | None = None
    """``nvme`` or ``ssd`` so far. Lists omit this field and all that follow, except `virtual_machine_disk`."""

    io_profile: DiskIOProfile | None = None
    """Speed limits."""

    bus_type: str | None = None
    """``scsi`` or ``virtio`` so far."""

    data_center: DataCenter | None = None
    """The data center that the disk is in."""

    virtual_machine_disk: DiskAssignment | None = None
    """The virtual machine that the disk is assigned to; None while it is unassigned, and in the list of a virtual
    machine."""

    installation: DiskInstallation | None = None
    """The template that the disk was built from; None for a disk without one."""

    annotations: tuple[Annotation, ...] = ()
    """Annotations. Lists omit them."""


@attrs.frozen(kw_only=True, repr=False)
class VirtualMachineDisk(Model):
    """A disk of a virtual machine, as the list of the virtual machine's disks has it."""

    disk: Disk
    """The disk."""

    attach_on_boot: bool | None = None
    """Whether the disk is attached when the virtual machine starts."""

    boot: bool | None = None
    """Whether the virtual machine boots from the disk."""

    state: str | None = None
    """``detached``, ``failed``, ``attached``, ``attaching`` or ``detaching`` so far."""


@attrs.frozen(kw_only=True, repr=False)
class DiskTask(Model):
    """A disk, and the task that changes it."""

    disk: Disk
    """The disk as it was when the task was queued; with ``wait``, as it was after the task."""

    task: Task
    """The task: see ``katapult.tasks.wait``."""


@attrs.frozen(kw_only=True, repr=False)
class TrashedDisk(Model):
    """A disk that was put into the trash."""

    disk: Disk
    """The disk."""

    trash_object: TrashObject
    """The object in the trash: see ``katapult.trash_objects``."""
