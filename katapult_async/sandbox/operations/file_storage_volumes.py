"""File storage volumes."""

from katapult_async.sandbox.errors import Problems
from katapult_async.sandbox.models import FileStorageVolume, VirtualMachine
from katapult_async.sandbox.store import Store

from .crud import Crud, any_is_foreign


def _problems(store: Store, volume: FileStorageVolume) -> Problems:
    foreign = any_is_foreign(store, volume, volume.associations, VirtualMachine)
    return {"Associations must be virtual machines of the organization": foreign}


def _provision(store: Store, volume: FileStorageVolume) -> FileStorageVolume:
    location = f"{volume.id.lower().replace('_', '-')}.files.example:/volume"
    states = ("configuring", "failed", "ready")
    store.begin_task(volume, "Provision file storage volume", states=states, nfs_location=location)
    return volume


FILE_STORAGE_VOLUMES = Crud(model=FileStorageVolume, check=_problems, on_create=_provision)
