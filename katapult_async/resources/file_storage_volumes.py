"""File storage volumes.

Core API v1: get:organization_file_storage_volumes, post:organization_file_storage_volumes, get:file_storage_volume,
patch:file_storage_volume, delete:file_storage_volume.
"""

from collections.abc import Iterable, Mapping
from typing import Final, Unpack

from katapult_async.core import polling
from katapult_async.core.pagination import Pages
from katapult_async.errors import TaskState
from katapult_async.models.file_storage_volumes import FileStorageVolume, TrashedFileStorageVolume
from katapult_async.models.lookups import Permalink, SubDomain
from katapult_async.models.tasks import Task
from katapult_async.models.trash_objects import TrashObject
from katapult_async.models.unset_argument import UNSET, Unset
from katapult_async.options import CallOptions
from katapult_async.resources.operations import Operations
from katapult_async.resources.references import FILE_STORAGE_VOLUME
from katapult_async.resources.resource import EMPTY, Resource
from katapult_async.resources.trash_objects import TrashObjects, purge_from_trash, put_into_trash

_VOLUMES: Final = Operations(
    FILE_STORAGE_VOLUME, FileStorageVolume, write=("file_storage_volumes",), beside=("annotations",)
)


class FileStorageVolumes(Resource):
    """File storage volumes, which virtual machines mount over NFS. Reached as ``katapult.file_storage_volumes``."""

    @_VOLUMES.list("/organizations/organization/file_storage_volumes")
    def list(
        self, *, organization: str | SubDomain, annotations: Mapping[str, str] = EMPTY, **options: Unpack[CallOptions]
    ) -> Pages[FileStorageVolume]:
        """Return the file storage volumes of an organization, without their annotations.

        Args:
            organization: id of the organization, or ``SubDomain("acme")``.
            annotations: only volumes with these annotations, by key.
        """

    @_VOLUMES.create("/organizations/organization/file_storage_volumes")
    async def create(
        self,
        *,
        organization: str | SubDomain,
        name: str,
        data_center: str | Permalink,
        associations: Iterable[str] | None = None,
        annotations: Mapping[str, str] = EMPTY,
        **options: Unpack[CallOptions],
    ) -> FileStorageVolume:
        """Create a file storage volume and return it. It can be mounted when it is ready: see `wait`.

        Args:
            organization: id of the organization, or ``SubDomain("acme")``.
            name: display name, unique in the organization.
            data_center: id of the data center, or ``Permalink("uk-lon-01")``.
            associations: ids of the virtual machines that can mount the volume.
            annotations: keys and values to store with the object, for programs.

        Raises:
            UnprocessableError: a value is not valid; ``detail`` lists the problems.
        """

    @_VOLUMES.get()
    async def get(self, file_storage_volume: str, **options: Unpack[CallOptions]) -> FileStorageVolume:
        """Return a file storage volume with its annotations.

        Args:
            file_storage_volume: id of the volume, ``fsv_...``.

        Raises:
            NotAcceptableError: the volume is in the trash (``object_in_trash``).
        """

    @_VOLUMES.update()
    async def update(
        self,
        file_storage_volume: str,
        *,
        name: str | Unset = UNSET,
        data_center: str | Permalink | Unset = UNSET,
        associations: Iterable[str] | Unset = UNSET,
        annotations: Mapping[str, str] | Unset = UNSET,
        **options: Unpack[CallOptions],
    ) -> FileStorageVolume:
        """Change a file storage volume and return it. A field whose argument is omitted stays as it is.

        Args:
            file_storage_volume: id of the volume, ``fsv_...``.
            name: display name, unique in the organization.
            data_center: id of the data center, or ``Permalink("uk-lon-01")``.
            associations: ids of all virtual machines that can mount the volume; an empty list for none.
            annotations: keys and values to store with the object, for programs. Katapult does not document whether
                annotations with other keys are kept.

        Raises:
            NotAcceptableError: the volume is in the trash (``object_in_trash``).
            UnprocessableError: a value is not valid; ``detail`` lists the problems.
        """

    @_VOLUMES.returning(None, TrashedFileStorageVolume).delete()
    async def delete(self, file_storage_volume: str, **options: Unpack[CallOptions]) -> TrashedFileStorageVolume | None:
        """Put a file storage volume into the trash, from which ``trash_objects`` restores or purges it.

        Returns the volume and its trash object; None if the response was lost and a retry found it in the trash.

        Args:
            file_storage_volume: id of the volume, ``fsv_...``.

        Raises:
            NotAcceptableError: the volume is in the trash already (``object_in_trash``).
            UnprocessableError: the volume cannot be deleted; ``detail`` lists the problems.
        """

    async def trash(self, file_storage_volume: str, **options: Unpack[CallOptions]) -> TrashObject | None:
        """Put a file storage volume into the trash if it is not there, and return its trash object.

        Returns None if there is no such volume.

        Args:
            file_storage_volume: id of the volume, ``fsv_...``.

        Raises:
            UnprocessableError: the volume cannot be deleted; ``detail`` lists the problems.
        """
        with self._caller.shared_limits(options):
            return await put_into_trash(self, file_storage_volume, TrashObjects(self._caller))

    async def purge(
        self, file_storage_volume: str, *, wait: bool = False, **options: Unpack[CallOptions]
    ) -> Task | None:
        """Delete a file storage volume permanently, also if it is in the trash; returns the task that deletes it.

        Returns None if there is no such volume, or it was deleted meanwhile.

        Args:
            file_storage_volume: id of the volume, ``fsv_...``.
            wait: whether to return only when the task is completed. ``timeout`` covers the wait, as in ``tasks.wait``.

        Raises:
            NotAcceptableError: the task could not be queued (``task_queueing_error``).
            UnprocessableError: the volume cannot be deleted; ``detail`` lists the problems.
            TaskFailedError: the task has failed, and ``wait`` is true.
            TaskTimeoutError: the task was not completed in time, and ``wait`` is true.
        """
        with polling.wait_limits(self._caller, options, waits=wait):
            return await purge_from_trash(await self.trash(file_storage_volume), TrashObjects(self._caller), wait=wait)

    async def wait(self, file_storage_volume: str, **options: Unpack[CallOptions]) -> FileStorageVolume:
        """Return a file storage volume when it is ready, with its ``nfs_location``.

        Requests the volume at once and then at growing intervals, as ``tasks.wait`` does. The ``timeout`` covers the
        whole wait: by default 600 seconds.

        Args:
            file_storage_volume: id of the volume, ``fsv_...``.

        Raises:
            TaskFailedError: the state of the volume is ``failed``.
            TaskTimeoutError: the volume was not ready in time. ``error.task`` has its last state.
        """
        subject = TaskState(kind="file storage volume", id=file_storage_volume)
        return await polling.wait(self._caller, self.get, subject, done="ready", options=options)
