"""The trash: objects that were deleted and can be restored."""

from katapult_async.sandbox import serializers
from katapult_async.sandbox.models import Organization, TrashObject
from katapult_async.sandbox.serializers import JSON, serialize
from katapult_async.sandbox.store import Store

from .crud import Crud
from .operation import Operation
from .tasks import begin_task

_PATH = "/trash_objects/:trash_object"


def restore(store: Store, entry: TrashObject) -> JSON:
    """Core API v1: post:trash_object_restore."""
    store.remove(entry)
    return {"trash_object": serialize(store, entry, serializers.TRASH_OBJECT)}


def purge(store: Store, entry: TrashObject) -> JSON:
    """Core API v1: delete:trash_object. The object is removed when the task completes."""
    return begin_task(store, entry, name="Purge object", removes=[entry.object_id])


def purge_all(store: Store, organization: Organization) -> JSON:
    """Core API v1: post:organization_trash_objects_purge_all. The objects are removed when the task completes."""
    entries = store.all(TrashObject, organization_id=organization.id)
    removes = [entry.object_id for entry in entries]
    return begin_task(store, organization, name="Purge all objects", removes=removes)


OPERATIONS = (
    *Crud(
        model=TrashObject,
        operations="list get",
        parent=Organization,
        scope="trash_objects:read",
        shape=serializers.TRASH_OBJECT,
    ),
    Operation("POST", f"{_PATH}/restore", restore, (TrashObject,), scopes="trash_objects:restore"),
    Operation("DELETE", _PATH, purge, (TrashObject,), scopes="trash_objects:purge"),
    Operation(
        "POST",
        "/organizations/:organization/trash_objects/purge_all",
        purge_all,
        (Organization,),
        scopes="trash_objects:purge",
    ),
)
