"""Disks.

Core API v1: get:organization_disks, get:virtual_machine_disks, post:organization_disks, get:disk, patch:disk,
delete:disk, put:disk_resize, put:disk_io_profile, post:disk_assign, post:disk_unassign, post:disk_attach,
post:disk_detach.
"""

from collections.abc import Mapping
from typing import Final, Literal, Unpack

import attrs

from katapult_async.core.pagination import Pages
from katapult_async.core.polling import wait_limits
from katapult_async.models.annotations import Annotation
from katapult_async.models.disks import Disk, DiskTask, TrashedDisk, VirtualMachineDisk
from katapult_async.models.lookups import FQDN, Permalink, SubDomain
from katapult_async.models.tasks import Task
from katapult_async.models.trash_objects import TrashObject
from katapult_async.models.unset_argument import UNSET, Unset
from katapult_async.options import CallOptions
from katapult_async.resources.operations import Operations
from katapult_async.resources.references import DISK
from katapult_async.resources.resource import EMPTY, Resource
from katapult_async.resources.trash_objects import TrashObjects, purge_from_trash, put_into_trash


@attrs.frozen(kw_only=True)
class _CreatedDiskResponse:
    """The whole response of `Disks.create`."""

    disk: Disk
    annotations: tuple[Annotation, ...] = ()
    task: Task


_DISKS: Final = Operations(DISK, Disk, write=("disks",), beside=("annotations",))

_OBJECTS: Final = {"virtual_machine_disk": ("virtual_machine", "attach", "attach_on_boot", "boot")}


def _disk_and_task(response: _CreatedDiskResponse) -> DiskTask:
    return DiskTask(disk=attrs.evolve(response.disk, annotations=response.annotations), task=response.task)


class Disks(Resource):
    """Disks. Reached as ``katapult.disks``."""

    # Katapult names this list `disk`, not `disks`: Core API v1, v2.68.0
    @_DISKS.list("/organizations/organization/disks", answer="disk")
    def list(
        self, *, organization: str | SubDomain, annotations: Mapping[str, str] = EMPTY, **options: Unpack[CallOptions]
    ) -> Pages[Disk]:
        """Return the disks of an organization, without the many fields that only `get` returns.

        Args:
            organization: id of the organization, or ``SubDomain("acme")``.
            annotations: only disks with these annotations, by key.
        """

    @_DISKS.returning("disk", VirtualMachineDisk).list("/virtual_machines/virtual_machine/disks")
    def list_of_virtual_machine(
        self, virtual_machine: str | FQDN, **options: Unpack[CallOptions]
    ) -> Pages[VirtualMachineDisk]:
        """Return the disks that are assigned to a virtual machine, without the many fields that only `get` returns.

        Args:
            virtual_machine: id of the virtual machine, or ``FQDN("web-1.acme.example")``.

        Raises:
            NotAcceptableError: the virtual machine is in the trash (``object_in_trash``).
        """

    @_DISKS.returning(None, _CreatedDiskResponse).create(
        "/organizations/organization/disks", objects=_OBJECTS, result=_disk_and_task
    )
    async def create(
        self,
        *,
        organization: str | SubDomain,
        name: str,
        size_in_gb: int,
        data_center: str | Permalink,
        bus_type: Literal["scsi", "virtio"] | None = None,
        io_profile: str | Permalink | None = None,
        initial_file_system: Literal["ext4", "xfs"] | None = None,
        storage_speed: Literal["nvme", "ssd"] | None = None,
        virtual_machine: str | FQDN | None = None,
        attach: bool | None = None,
        attach_on_boot: bool | None = None,
        boot: bool | None = None,
        annotations: Mapping[str, str] = EMPTY,
        wait: bool = False,
        **options: Unpack[CallOptions],
    ) -> DiskTask:
        """Create a disk; returns the disk and the task that builds it.

        Args:
            organization: id of the organization, or ``SubDomain("acme")``.
            name: display name.
            size_in_gb: size in GB.
            data_center: id of the data center, or ``Permalink("uk-lon-01")``.
            bus_type: type of the bus; None for Katapult's default.
            io_profile: id of the IO profile, or its ``Permalink``; see ``disk_io_profiles.list``.
            initial_file_system: file system to format the disk with; None for no file system.
            storage_speed: type of storage; None for Katapult's default.
            virtual_machine: id of the virtual machine to assign the disk to, or its ``FQDN``.
            attach: whether the disk is attached as soon as it is built and its virtual machine is started; None for
                Katapult's default.
            attach_on_boot: whether the disk is attached whenever the virtual machine starts; None for the default,
                which is true.
            boot: whether the virtual machine boots from the disk; None for Katapult's default.
            annotations: keys and values to store with the object, for programs.
            wait: whether to return only when the task is completed, with the disk as it is then. ``timeout`` covers the
                wait, as in ``tasks.wait``.

        Raises:
            NotAcceptableError: the task could not be queued (``task_queueing_error``).
            UnprocessableError: a value is not valid; ``detail`` lists the problems.
            TaskFailedError: the task has failed, and ``wait`` is true; ``error.task.object_id`` is the id of the disk.
            TaskTimeoutError: the task was not completed in time, and ``wait`` is true; the error has the same id.
        """

    @_DISKS.get()
    async def get(self, disk: str, **options: Unpack[CallOptions]) -> Disk:
        """Return a disk with its annotations.

        Args:
            disk: id of the disk, ``disk_...``.

        Raises:
            NotAcceptableError: the disk is in the trash (``object_in_trash``).
        """

    # Not safe to repeat, unlike other updates: it can assign the disk, which is refused if it is assigned already.
    @_DISKS.update(idempotent=False, objects=_OBJECTS)
    async def update(
        self,
        disk: str,
        *,
        name: str | Unset = UNSET,
        bus_type: Literal["scsi", "virtio"] | Unset = UNSET,
        size_in_gb: int | Unset = UNSET,
        data_center: str | Permalink | Unset = UNSET,
        io_profile: str | Permalink | Unset = UNSET,
        initial_file_system: Literal["ext4", "xfs"] | Unset = UNSET,
        storage_speed: Literal["nvme", "ssd"] | Unset = UNSET,
        virtual_machine: str | FQDN | Unset = UNSET,
        attach: bool | Unset = UNSET,
        attach_on_boot: bool | Unset = UNSET,
        boot: bool | Unset = UNSET,
        annotations: Mapping[str, str] | Unset = UNSET,
        **options: Unpack[CallOptions],
    ) -> Disk:
        """Change a disk and return it. A field whose argument is omitted stays as it is.

        Other changes are made by `resize`, `change_io_profile`, `assign` and `attach`.

        Args:
            disk: id of the disk, ``disk_...``.
            name: display name.
            bus_type: type of the bus.
            size_in_gb: size in GB. Katapult documents that it can only be set on creation.
            data_center: id of the data center, or ``Permalink("uk-lon-01")``.
            io_profile: id of the IO profile, or its ``Permalink``.
            initial_file_system: file system to format the disk with.
            storage_speed: type of storage.
            virtual_machine: id of the virtual machine to assign the disk to, or its ``FQDN``.
            attach: whether the disk is attached. Katapult documents that this can only be set on creation.
            attach_on_boot: whether the disk is attached whenever the virtual machine starts.
            boot: whether the virtual machine boots from the disk.
            annotations: keys and values to store with the object, for programs. Katapult does not document whether
                annotations with other keys are kept.

        Raises:
            NotAcceptableError: the disk is in the trash (``object_in_trash``).
            UnprocessableError: the disk is not assigned to a virtual machine (``unassigned_disk``), or a value is not
                valid; ``detail`` lists the problems.
        """

    @_DISKS.returning(None, TrashedDisk).delete()
    async def delete(self, disk: str, **options: Unpack[CallOptions]) -> TrashedDisk | None:
        """Put a disk into the trash, from which ``trash_objects`` restores or purges it.

        Returns the disk and its trash object; None if the response was lost and a retry found it in the trash.

        Args:
            disk: id of the disk, ``disk_...``.

        Raises:
            NotAcceptableError: the disk is in the trash already (``object_in_trash``).
            UnprocessableError: the disk cannot be deleted; ``detail`` lists the problems.
        """

    @_DISKS.returning(None, DiskTask).action("PUT", "/resize")
    async def resize(
        self,
        disk: str,
        *,
        size_in_gb: int,
        resize_method: Literal["offline", "online"] | None = None,
        wait: bool = False,
        **options: Unpack[CallOptions],
    ) -> DiskTask:
        """Change the size of a disk; returns the disk and the task that resizes it.

        An attached disk can only grow, and its partitions and file systems stay as they are. It can shrink when it is
        detached or its virtual machine is stopped, if its file system can (XFS cannot). The task can be completed
        although the size stayed the same: check with `get`.

        Args:
            disk: id of the disk, ``disk_...``.
            size_in_gb: new size in GB.
            resize_method: whether the virtual machine runs meanwhile (``online``) or not (``offline``); None for
                Katapult's default.
            wait: whether to return only when the task is completed, with the disk as it is then. ``timeout`` covers the
                wait, as in ``tasks.wait``.

        Raises:
            NotAcceptableError: the disk is in the trash (``object_in_trash``), or the task could not be queued
                (``task_queueing_error``).
            UnprocessableError: the size is not valid; ``detail`` lists the problems.
            TaskFailedError: the task has failed, and ``wait`` is true.
            TaskTimeoutError: the task was not completed in time, and ``wait`` is true.
        """

    @_DISKS.returning(None, DiskTask).action("PUT", "/io_profile")
    async def change_io_profile(
        self, disk: str, *, io_profile: str | Permalink, wait: bool = False, **options: Unpack[CallOptions]
    ) -> DiskTask:
        """Change the IO profile of a disk; returns the disk and the task that changes it.

        Args:
            disk: id of the disk, ``disk_...``.
            io_profile: id of the IO profile, or its ``Permalink``; see ``disk_io_profiles.list``.
            wait: whether to return only when the task is completed, with the disk as it is then. ``timeout`` covers the
                wait, as in ``tasks.wait``.

        Raises:
            NotAcceptableError: the disk is in the trash (``object_in_trash``), or the task could not be queued
                (``task_queueing_error``).
            TaskFailedError: the task has failed, and ``wait`` is true.
            TaskTimeoutError: the task was not completed in time, and ``wait`` is true.
        """

    @_DISKS.action("POST", "/assign")
    async def assign(self, disk: str, *, virtual_machine: str | FQDN, **options: Unpack[CallOptions]) -> Disk:
        """Assign a disk to a virtual machine and return the disk. It can be used when it is attached: see `attach`.

        Args:
            disk: id of the disk, ``disk_...``.
            virtual_machine: id of the virtual machine, or ``FQDN("web-1.acme.example")``.

        Raises:
            NotAcceptableError: the disk or the virtual machine is in the trash (``object_in_trash``).
            UnprocessableError: the disk cannot be assigned (``unable_to_assign``); ``detail`` lists the problems.
        """

    @_DISKS.action("POST", "/unassign")
    async def unassign(self, disk: str, **options: Unpack[CallOptions]) -> Disk:
        """Remove a disk from the virtual machine that it is assigned to, and return the disk.

        Args:
            disk: id of the disk, ``disk_...``.

        Raises:
            NotAcceptableError: the disk is in the trash (``object_in_trash``).
            UnprocessableError: the disk cannot be unassigned (``unable_to_unassign``), for example because it is
                attached: `detach` it first.
        """

    # Safe to repeat, as detach is: a second request leads to the same state.
    @_DISKS.returning(None, DiskTask).action("POST", "/attach", idempotent=True)
    async def attach(self, disk: str, *, wait: bool = False, **options: Unpack[CallOptions]) -> DiskTask:
        """Attach a disk to the virtual machine that it is assigned to; returns the disk and the task.

        Args:
            disk: id of the disk, ``disk_...``.
            wait: whether to return only when the task is completed, with the disk as it is then. ``timeout`` covers the
                wait, as in ``tasks.wait``.

        Raises:
            NotAcceptableError: the disk is in the trash (``object_in_trash``), or the task could not be queued
                (``task_queueing_error``).
            UnprocessableError: the disk is not assigned to a virtual machine (``unassigned_disk``).
            TaskFailedError: the task has failed, and ``wait`` is true.
            TaskTimeoutError: the task was not completed in time, and ``wait`` is true.
        """

    @_DISKS.returning(None, DiskTask).action("POST", "/detach", idempotent=True)
    async def detach(self, disk: str, *, wait: bool = False, **options: Unpack[CallOptions]) -> DiskTask:
        """Detach a disk from the virtual machine that it is assigned to; returns the disk and the task.

        Args:
            disk: id of the disk, ``disk_...``.
            wait: whether to return only when the task is completed, with the disk as it is then. ``timeout`` covers the
                wait, as in ``tasks.wait``.

        Raises:
            NotAcceptableError: the disk is in the trash (``object_in_trash``), or the task could not be queued
                (``task_queueing_error``).
            UnprocessableError: the disk is not assigned to a virtual machine (``unassigned_disk``).
            TaskFailedError: the task has failed, and ``wait`` is true.
            TaskTimeoutError: the task was not completed in time, and ``wait`` is true.
        """

    async def trash(self, disk: str, **options: Unpack[CallOptions]) -> TrashObject | None:
        """Put a disk into the trash if it is not there, and return its trash object.

        Returns None if there is no such disk.

        Args:
            disk: id of the disk, ``disk_...``.

        Raises:
            UnprocessableError: the disk cannot be deleted; ``detail`` lists the problems.
        """
        with self._caller.shared_limits(options):
            return await put_into_trash(self, disk, TrashObjects(self._caller))

    async def purge(self, disk: str, *, wait: bool = False, **options: Unpack[CallOptions]) -> Task | None:
        """Delete a disk permanently, also if it is in the trash; returns the task that deletes it.

        Returns None if there is no such disk, or it was deleted meanwhile.

        Args:
            disk: id of the disk, ``disk_...``.
            wait: whether to return only when the task is completed. ``timeout`` covers the wait, as in ``tasks.wait``.

        Raises:
            NotAcceptableError: the task could not be queued (``task_queueing_error``).
            UnprocessableError: the disk cannot be deleted; ``detail`` lists the problems.
            TaskFailedError: the task has failed, and ``wait`` is true.
            TaskTimeoutError: the task was not completed in time, and ``wait`` is true.
        """
        with wait_limits(self._caller, options, waits=wait):
            return await purge_from_trash(await self.trash(disk), TrashObjects(self._caller), wait=wait)
