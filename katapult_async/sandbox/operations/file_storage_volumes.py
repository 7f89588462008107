"""File storage volumes."""

from collections.abc import Iterable

from katapult_async.sandbox.models import FileStorageVolume, VirtualMachine
from katapult_async.sandbox.serializers import JSON
from katapult_async.sandbox.store import Store

from .crud import Crud, Problems


def _problems(store: Store, volume: FileStorageVolume, changed: Iterable[str]) -> Problems:
    machines = {obj.id for obj in store.all(VirtualMachine, organization_id=volume.organization_id)}
    foreign = "associations" in changed and not machines.issuperset(volume.associations)
    return {"Associations must be virtual machines of the organization": foreign}


def _provision(store: Store, volume: FileStorageVolume) -> FileStorageVolume:
    states: JSON = {"running": {"state": "configuring"}, "failed": {"state": "failed"}}
    location = f"{volume.id.lower().replace('_', '-')}.files.example:/volume"
    store.begin_task(volume, "Provision file storage volume", state="ready", nfs_location=location, **states)
    return volume


FILE_STORAGE_VOLUMES = Crud(model=FileStorageVolume, unique=("name",), check=_problems, on_create=_provision)
