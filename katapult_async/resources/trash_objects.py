"""Trash objects.

Core API v1: get:organization_trash_objects, get:trash_object, post:trash_object_restore, delete:trash_object,
post:organization_trash_objects_purge_all.
"""

from collections.abc import Awaitable
from typing import Any, Final, TypeVar, Unpack

from katapult_async.core.pagination import Pages
from katapult_async.errors import NotAcceptableError, NotFoundError
from katapult_async.models.lookups import ObjectID, SubDomain
from katapult_async.models.tasks import Task
from katapult_async.models.trash_objects import TrashObject
from katapult_async.options import CallOptions
from katapult_async.resources.operations import Operations
from katapult_async.resources.references import TRASH_OBJECT
from katapult_async.resources.resource import Resource, is_gone

T = TypeVar("T")

_TRASH_OBJECTS: Final = Operations(
    TRASH_OBJECT, TrashObject, write=("trash_objects:purge",), read=("trash_objects:read",)
)
_TASKS: Final = _TRASH_OBJECTS.returning("task", Task)


class TrashObjects(Resource):
    """Objects in the trash, until Katapult purges them. Reached as ``katapult.trash_objects``."""

    @_TRASH_OBJECTS.list("/organizations/organization/trash_objects")
    def list(self, *, organization: str | SubDomain, **options: Unpack[CallOptions]) -> Pages[TrashObject]:
        """Return the objects in the trash of an organization.

        Args:
            organization: id of the organization, or ``SubDomain("acme")``.
        """

    @_TRASH_OBJECTS.get()
    async def get(self, trash_object: str | ObjectID, **options: Unpack[CallOptions]) -> TrashObject:
        """Return an object in the trash.

        Args:
            trash_object: id of the trash object, or the id of the object itself: ``ObjectID("vm_...")``.
        """

    @_TRASH_OBJECTS.action("POST", "/restore", scopes=("trash_objects:restore",))
    async def restore(self, trash_object: str | ObjectID, **options: Unpack[CallOptions]) -> TrashObject:
        """Restore an object from the trash; returns the trash object, which then no longer exists.

        Args:
            trash_object: id of the trash object, or the id of the object itself: ``ObjectID("vm_...")``.
        """

    @_TASKS.delete()
    async def purge(
        self, trash_object: str | ObjectID, *, wait: bool = False, **options: Unpack[CallOptions]
    ) -> Task | None:
        """Delete an object from the trash permanently; returns the task that deletes it.

        Returns None if the response was lost and a retry found it gone.

        Args:
            trash_object: id of the trash object, or the id of the object itself: ``ObjectID("vm_...")``.
            wait: whether to return only when the task is completed. ``timeout`` covers the wait, as in ``tasks.wait``.

        Raises:
            NotAcceptableError: the task could not be queued (``task_queueing_error``).
            TaskFailedError: the task has failed, and ``wait`` is true.
            TaskTimeoutError: the task was not completed in time, and ``wait`` is true.
        """

    @_TASKS.create("/organizations/organization/trash_objects/purge_all", inside=None)
    async def purge_all(
        self, *, organization: str | SubDomain, wait: bool = False, **options: Unpack[CallOptions]
    ) -> Task:
        """Delete all objects from the trash of an organization permanently; returns the task that deletes them.

        Args:
            organization: id of the organization, or ``SubDomain("acme")``.
            wait: whether to return only when the task is completed. ``timeout`` covers the wait, as in ``tasks.wait``.

        Raises:
            NotAcceptableError: the task could not be queued (``task_queueing_error``).
            TaskFailedError: the task has failed, and ``wait`` is true.
            TaskTimeoutError: the task was not completed in time, and ``wait`` is true.
        """


async def put_into_trash(deletion: Awaitable[Any], trash_objects: TrashObjects) -> TrashObject | None:
    """Put an object into the trash, if it is not there, and return its trash object; None if there is no such object.

    Args:
        deletion: the call that puts it there, and returns it with its trash object.
        trash_objects: finds the trash object if the object is in the trash already.
    """
    try:
        trashed = await _unless_gone(deletion)
    except NotAcceptableError as error:
        if not is_gone(error) or error.trash_object_id is None:  # it is not in the trash, or cannot be found there
            raise
        trash_id = error.trash_object_id
    else:
        return None if trashed is None else trashed.trash_object
    # Requested here, so that an error of this request does not have the error above as its context.
    return await _unless_gone(trash_objects.get(trash_id))


async def purge_from_trash(trash_object: TrashObject | None, trash_objects: TrashObjects, *, wait: bool) -> Task | None:
    """Purge an object that is in the trash and return the task; None if there is nothing to purge.

    Args:
        trash_object: its trash object; None if it has none.
        trash_objects: purges it.
        wait: whether to return only when the task is completed.
    """
    return None if trash_object is None else await _unless_gone(trash_objects.purge(trash_object.id, wait=wait))


async def _unless_gone(call: Awaitable[T]) -> T | None:
    """Return what a call returns; None if its object does not exist."""
    try:
        return await call
    except NotFoundError as error:
        if not is_gone(error):
            raise
    return None
