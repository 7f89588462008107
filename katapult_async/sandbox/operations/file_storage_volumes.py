"""File storage volumes."""

from collections.abc import Iterable

from katapult_async.sandbox import serializers
from katapult_async.sandbox.arguments import Arguments
from katapult_async.sandbox.errors import validation_error
from katapult_async.sandbox.models import DataCenter, FileStorageVolume, Organization, VirtualMachine
from katapult_async.sandbox.serializers import JSON, serialize
from katapult_async.sandbox.store import Store

from .crud import Crud
from .operation import Find, Operation, lookup, value

_PATH = "/file_storage_volumes/:file_storage_volume"
_SCOPE = "file_storage_volumes"


def _problems(store: Store, volume: FileStorageVolume, _: Iterable[str]) -> Iterable[str]:
    names = {
        obj.name for obj in store.all(FileStorageVolume, organization_id=volume.organization_id) if obj.id != volume.id
    }
    machines = {obj.id for obj in store.all(VirtualMachine, organization_id=volume.organization_id)}
    if volume.name in names:
        yield "Name has already been taken"
    if not machines.issuperset(volume.associations):
        yield "Associations must be virtual machines of the organization"


def _data_center(arguments: Arguments) -> Find:
    return lookup(DataCenter)(arguments.inside("properties"))


def _name(arguments: Arguments) -> str:
    content = arguments.inside("properties").string("name")
    return content if isinstance(content, str) else ""


def _ids(arguments: Arguments) -> tuple[str, ...]:
    content = arguments.inside("properties").strings("associations")
    return content if isinstance(content, tuple) else ()


def create(
    store: Store, organization: Organization, data_center: DataCenter, name: str, associations: tuple[str, ...]
) -> JSON:
    """Core API v1: post:organization_file_storage_volumes. The volume becomes ready in time."""
    volume = FileStorageVolume(
        id=store.new_id(FileStorageVolume),
        organization_id=organization.id,
        data_center_id=data_center.id,
        name=name,
        associations=associations,
    )
    problems = [*_problems(store, volume, ()), *([] if name.strip() else ["Name can't be blank"])]
    if problems:
        raise validation_error(*problems)
    store.put(volume)
    store.begin_task(
        volume,
        name="Provision file storage volume",
        changes_by_status={"running": {"state": "configuring"}, "failed": {"state": "failed"}},
        state="ready",
        nfs_location=f"{volume.id.lower().replace('_', '-')}.files.example:/volume",
    )
    return {"file_storage_volume": serialize(store, volume, serializers.VOLUME_FULL), "annotations": []}


def delete(store: Store, volume: FileStorageVolume) -> JSON:
    """Core API v1: delete:file_storage_volume. The volume is in the trash afterwards."""
    return {
        "trash_object": serialize(store, store.trash(volume), serializers.TRASH_OBJECT),
        "file_storage_volume": serialize(store, volume, serializers.VOLUME_FULL),
    }


OPERATIONS = (
    *Crud(
        model=FileStorageVolume,
        operations="list get update",
        parent=Organization,
        scope=_SCOPE,
        shape=serializers.VOLUME_FULL,
        list_shape=serializers.VOLUME,
        writable=("name", "associations"),
        annotations=True,
        check=_problems,
    ),
    Operation(
        "POST",
        "/organizations/:organization/file_storage_volumes",
        create,
        (Organization, _data_center, value(_name), value(_ids)),
        scopes=_SCOPE,
        status=201,
    ),
    Operation("DELETE", _PATH, delete, (FileStorageVolume,), scopes=_SCOPE),
)
