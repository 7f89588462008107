"""File storage volumes."""

from collections.abc import Iterable

from katapult_async.sandbox.models import FileStorageVolume, VirtualMachine
from katapult_async.sandbox.serializers import JSON
from katapult_async.sandbox.store import Store

from .crud import Crud


def _problems(store: Store, volume: FileStorageVolume, changed: Iterable[str]) -> Iterable[str]:
    others = store.all(FileStorageVolume, organization_id=volume.organization_id, name=volume.name)
    if any(other.id != volume.id for other in others):
        yield "Name has already been taken"
    machines = {obj.id for obj in store.all(VirtualMachine, organization_id=volume.organization_id)}
    if "associations" in changed and not machines.issuperset(volume.associations):
        yield "Associations must be virtual machines of the organization"


def _provision(store: Store, volume: FileStorageVolume) -> JSON:
    states: JSON = {"running": {"state": "configuring"}, "failed": {"state": "failed"}}
    location = f"{volume.id.lower().replace('_', '-')}.files.example:/volume"
    store.begin_task(volume, "Provision file storage volume", state="ready", nfs_location=location, **states)
    return {}


FILE_STORAGE_VOLUMES = Crud(model=FileStorageVolume, check=_problems, on_create=_provision, trash=True)
