"""Trash objects.

Core API v1: get:organization_trash_objects, get:trash_object, post:trash_object_restore, delete:trash_object,
post:organization_trash_objects_purge_all.
"""

from typing import Final, Unpack

from katapult_async.core.endpoints import Endpoint
from katapult_async.models.lookups import ObjectID, SubDomain
from katapult_async.models.tasks import Task
from katapult_async.models.trash_objects import TrashObject
from katapult_async.options import CallOptions
from katapult_async.resources.pages import Pages
from katapult_async.resources.references import ORGANIZATION, TRASH_OBJECT
from katapult_async.resources.resource import Resource, calls

_OF: Final = "/organizations/organization/trash_objects"
_ONE: Final = "/trash_objects/trash_object"
_FIELD: Final = "trash_object"
_REFS: Final = (TRASH_OBJECT,)
_READ: Final = ("trash_objects:read",)
_PURGE: Final = ("trash_objects:purge",)

LIST: Final = Endpoint(
    path=_OF, answer="trash_objects", type=list[TrashObject], paginated=True, refs=(ORGANIZATION,), scopes=_READ
)
GET: Final = Endpoint(path=_ONE, answer=_FIELD, type=TrashObject, refs=_REFS, scopes=_READ)
RESTORE: Final = Endpoint(
    method="POST",
    path=f"{_ONE}/restore",
    answer=_FIELD,
    type=TrashObject,
    refs=_REFS,
    scopes=("trash_objects:restore",),
)
PURGE: Final = Endpoint(method="DELETE", path=_ONE, answer="task", type=Task, refs=_REFS, scopes=_PURGE)
PURGE_ALL: Final = Endpoint(
    method="POST", path=f"{_OF}/purge_all", answer="task", type=Task, refs=(ORGANIZATION,), scopes=_PURGE
)


class TrashObjects(Resource):
    """Objects in the trash, until Katapult purges them. Reached as ``katapult.trash_objects``."""

    @calls(LIST)
    def list(self, *, organization: str | SubDomain, **options: Unpack[CallOptions]) -> Pages[TrashObject]:
        """Return the objects in the trash of an organization.

        Args:
            organization: id of the organization, or ``SubDomain("acme")``.
        """
        return self._list(LIST, organization=organization, **options)

    @calls(GET)
    async def get(self, trash_object: str | ObjectID, **options: Unpack[CallOptions]) -> TrashObject:
        """Return an object in the trash.

        Args:
            trash_object: id of the trash object, or the id of the object itself: ``ObjectID("vm_...")``.
        """
        return await self._call(GET, trash_object=trash_object, **options)

    @calls(RESTORE)
    async def restore(self, trash_object: str | ObjectID, **options: Unpack[CallOptions]) -> TrashObject:
        """Restore an object from the trash; returns the trash object, which then no longer exists.

        Args:
            trash_object: id of the trash object, or the id of the object itself: ``ObjectID("vm_...")``.
        """
        return await self._call(RESTORE, trash_object=trash_object, **options)

    @calls(PURGE)
    async def purge(self, trash_object: str | ObjectID, **options: Unpack[CallOptions]) -> Task | None:
        """Delete an object from the trash for good; returns the task that deletes it.

        None if an attempt whose response was lost has purged it already.

        Args:
            trash_object: id of the trash object, or the id of the object itself: ``ObjectID("vm_...")``.

        Raises:
            NotAcceptableError: the task could not be queued (``task_queueing_error``).
        """
        return await self._delete(PURGE, trash_object=trash_object, **options)

    @calls(PURGE_ALL)
    async def purge_all(self, *, organization: str | SubDomain, **options: Unpack[CallOptions]) -> Task:
        """Delete all objects from the trash of an organization for good; returns the task that deletes them.

        Args:
            organization: id of the organization, or ``SubDomain("acme")``.

        Raises:
            NotAcceptableError: the task could not be queued (``task_queueing_error``).
        """
        return await self._call(PURGE_ALL, organization=organization, **options)
