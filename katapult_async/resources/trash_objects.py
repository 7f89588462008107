"""Trash objects.

Core API v1: get:organization_trash_objects, get:trash_object, post:trash_object_restore, delete:trash_object,
post:organization_trash_objects_purge_all.
"""

import contextlib
import json
from collections.abc import Awaitable
from typing import Any, Final, TypeVar, Unpack

from katapult_async.core.endpoints import Endpoint
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

_TRASH: Final = Operations(TRASH_OBJECT, TrashObject, write=("trash_objects:purge",), read=("trash_objects:read",))
_TASKS: Final = _TRASH.returning("task", Task)
_DETAIL: Final = Endpoint(path="/trash_objects/trash_object", answer="trash_object", type=TrashObject)


class TrashObjects(Resource):
    """Objects in the trash, until Katapult purges them. Reached as ``katapult.trash_objects``."""

    @_TRASH.list("/organizations/organization/trash_objects")
    def list(self, *, organization: str | SubDomain, **options: Unpack[CallOptions]) -> Pages[TrashObject]:
        """Return the objects in the trash of an organization.

        Args:
            organization: id of the organization, or ``SubDomain("acme")``.
        """

    @_TRASH.get()
    async def get(self, trash_object: str | ObjectID, **options: Unpack[CallOptions]) -> TrashObject:
        """Return an object in the trash.

        Args:
            trash_object: id of the trash object, or the id of the object itself: ``ObjectID("vm_...")``.
        """

    @_TRASH.action("POST", "/restore", scopes=("trash_objects:restore",))
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

        Returns None if the response was lost and a retry did not find it.

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


async def put_into_trash(resource: Any, obj: Any, trash_objects: TrashObjects) -> TrashObject | None:
    """Put an object into the trash, if it is not there, and return its trash object; None if there is no such object.

    Args:
        resource: its ``delete`` puts the object into the trash, and returns it with its trash object.
        obj: id of the object. Anything else, such as its domain name, does not find it in the trash.
        trash_objects: finds the object if it is in the trash already, and the error has no trash object, which Katapult
            documents as possible.
    """
    try:
        # Not `delete` itself: it would return None instead of an error that may have the trash object.
        trashed = await _unless_gone(resource.delete.operation.call(resource, obj))
    except NotAcceptableError as error:
        trash_object = _trash_object_in(error)
        if not is_gone(error) or (trash_object is None and not isinstance(obj, str)):
            raise
    else:
        return None if trashed is None else trashed.trash_object
    return trash_object or await _unless_gone(trash_objects.get(ObjectID(obj)))


def _trash_object_in(error: NotAcceptableError) -> TrashObject | None:
    """Return the trash object in the detail of an error (Core API v1: ``ObjectInTrash``); None without one."""
    # Loaded here, because they load the packages that only a request needs.
    from katapult_async.core.decoding import decode  # noqa: PLC0415 # see above
    from katapult_async.core.decoding_errors import DecodingError  # noqa: PLC0415 # see above

    with contextlib.suppress(DecodingError):
        return decode(_DETAIL, json.dumps(error.detail).encode()).value
    return None


async def purge_from_trash(trash_object: TrashObject | None, trash_objects: TrashObjects, *, wait: bool) -> Task | None:
    """Purge an object that is in the trash and return the task; None if there is nothing to purge.

    Args:
        trash_object: the trash object of the object; None if there is none.
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
