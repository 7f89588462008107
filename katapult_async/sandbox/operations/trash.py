"""The trash: objects that were deleted and can be restored."""

from katapult_async.sandbox.models import Organization, Task, TrashObject
from katapult_async.sandbox.store import Store

from .operation import operation
from .tasks import begin_task

_PATH = "/trash_objects/:trash_object"


@operation("POST", f"{_PATH}/restore")
def restore(store: Store, entry: TrashObject) -> None:
    """Core API v1: post:trash_object_restore."""
    store.remove(entry)


@operation("DELETE", _PATH)
def purge(store: Store, entry: TrashObject) -> Task:
    """Core API v1: delete:trash_object. The object is removed when the task completes."""
    return begin_task(store, entry, "Purge object", removes=[entry.object_id])


@operation("POST", "/organizations/:organization/trash_objects/purge_all")
def purge_all(store: Store, organization: Organization) -> Task:
    """Core API v1: post:organization_trash_objects_purge_all. The objects are removed when the task completes."""
    removes = [entry.object_id for entry in store.all(TrashObject, organization)]
    return begin_task(store, organization, "Purge all objects", removes=removes)
