"""The trash: objects that were deleted and can be restored."""

from collections.abc import Iterable

from katapult_async.sandbox.kinds import Object
from katapult_async.sandbox.models import Organization, Task, TrashObject
from katapult_async.sandbox.store import Store

from .operation import operation
from .state_changes import begin_exclusive_task


@operation("POST", "/trash_objects/:trash_object/restore")
def restore(store: Store, entry: TrashObject) -> None:
    """Core API v1: post:trash_object_restore."""
    store.remove(entry)


@operation("DELETE", "/trash_objects/:trash_object")
def purge(store: Store, entry: TrashObject) -> Task:
    """Core API v1: delete:trash_object. The object is removed when the task completes."""
    return _begin_purge(store, entry, "Purge object", [entry])


@operation("POST", "/organizations/:organization/trash_objects/purge_all")
def purge_all(store: Store, organization: Organization) -> Task:
    """Core API v1: post:organization_trash_objects_purge_all. The objects are removed when the task completes."""
    return _begin_purge(store, organization, "Purge all objects", store.all(TrashObject, organization))


def _begin_purge(store: Store, obj: Object, name: str, entries: Iterable[TrashObject]) -> Task:
    """Begin a task that removes these objects in the trash, except those that are restored before it completes."""

    def remove(store: Store, _: Object) -> None:
        for entry in entries:
            if store.get(entry.id) is not None:
                store.remove(store.get(entry.object_id))

    return begin_exclusive_task(store, obj, name, on_completion=remove)
