"""Disks."""

from collections.abc import Sequence
from functools import partial

from katapult_async.sandbox.errors import Problems, require
from katapult_async.sandbox.models import Disk, DiskIOProfile, Task, VirtualMachine, VirtualMachineDisk as Assignment
from katapult_async.sandbox.serializers import JSON
from katapult_async.sandbox.store import Store

from .crud import Crud
from .operation import Operation, operation
from .state_changes import begin_exclusive_task


@operation("GET", "/virtual_machines/:virtual_machine/disks")
def list_of_machine(store: Store, machine: VirtualMachine) -> Sequence[JSON]:
    """Core API v1: get:virtual_machine_disks. Each row is an assignment with its disk inside."""
    disks = store.all(Disk, virtual_machine_id=machine.id)
    return [{**vars(disk.virtual_machine_disk), "disk": disk} for disk in disks]


@operation("POST", "/disks/:disk/assign")
def assign(store: Store, disk: Disk, machine: VirtualMachine) -> Disk:
    """Core API v1: post:disk_assign."""
    require(disk.virtual_machine_disk is None, "unable_to_assign", "Disk is already assigned")
    same_place = machine.data_center_id(store) == disk.data_center_id
    require(same_place, "unable_to_assign", "Virtual machine is in another data center")
    return store.change(disk, virtual_machine_disk=Assignment(virtual_machine_id=machine.id))


@operation("POST", "/disks/:disk/unassign")
def unassign(store: Store, disk: Disk) -> Disk:
    """Core API v1: post:disk_unassign."""
    detached = disk.virtual_machine_disk is not None and not disk.attached
    require(detached, "unable_to_unassign", "Disk is not assigned, or it is attached")
    return store.change(disk, virtual_machine_disk=None)


def _attachment_change(action: str, state: str) -> Operation:
    """Return the operation that begins a task after which an assigned disk has another state.

    Args:
        action: ``attach`` or ``detach``, the end of the path.
        state: the state of the assignment when the task has completed.
    """
    set_state = partial(Store.set_disk_state, state=state)

    def begin(store: Store, disk: Disk) -> Task:
        require(disk.virtual_machine_disk, "unassigned_disk")
        return begin_exclusive_task(store, disk, f"{action.capitalize()} disk", on_completion=set_state)

    return Operation("POST", f"/disks/:disk/{action}", begin)


def _attach_to_running(store: Store, disk: Disk) -> None:
    """Attach a new disk if the request has ``attach`` and the virtual machine runs. Else the next start attaches it."""
    assignment = disk.virtual_machine_disk
    if assignment is not None and assignment.attach and store.get(assignment.virtual_machine_id).runs:
        store.set_disk_state(disk, state="attached")


ATTACH = _attachment_change("attach", "attached")
DETACH = _attachment_change("detach", "detached")


@operation("PUT", "/disks/:disk/resize")
def resize(store: Store, disk: Disk, *, size_in_gb: int, **_: object) -> Task:
    """Core API v1: put:disk_resize. An attached disk cannot shrink; for others a request is accepted, as recorded."""
    smallest = disk.size_in_gb if disk.attached else 1
    require(size_in_gb >= smallest, "validation_error", f"Size in gb must be greater than or equal to {smallest}")
    return begin_exclusive_task(store, disk, "Resize disk", size_in_gb=size_in_gb)


@operation("PUT", "/disks/:disk/io_profile")
def change_io_profile(store: Store, disk: Disk, io_profile: DiskIOProfile) -> Task:
    """Core API v1: put:disk_io_profile."""
    return begin_exclusive_task(store, disk, "Change disk IO profile", io_profile_id=io_profile.id)


def _problems(store: Store, disk: Disk) -> Problems:
    """Return the possible problems of a new or changed disk.

    Raises:
        APIError: the request changes an assignment, but the disk is not assigned to a virtual machine.
    """
    machine, before = store.get(disk.virtual_machine_id), store.get(disk.id)
    require(before is None or disk.virtual_machine_id != "", "unassigned_disk")
    is_elsewhere = machine is not None and machine.data_center_id(store) != disk.data_center_id
    is_moved = before is not None and before.attached and before.virtual_machine_id != disk.virtual_machine_id
    return {
        "Size in gb must be greater than 0": disk.size_in_gb < 1,
        "Virtual machine can't be blank": disk.virtual_machine_id == "",
        "Virtual machine is in another data center": is_elsewhere,
        "Disk is attached to a virtual machine": is_moved,
    }


def _build(store: Store, disk: Disk) -> tuple[Disk, Task]:
    """Begin the task that builds a new disk, and then attaches it if the request has ``attach``.

    By default the disk has the last IO profile, as recorded.
    """
    states = ("building", "failed", "built")
    profile_id = disk.io_profile_id or store.all(DiskIOProfile)[-1].id
    not_built = store.change(disk, state="not_built", io_profile_id=profile_id)
    return not_built, store.begin_task(not_built, "Build disk", states=states, on_completion=_attach_to_running)


def _check_detached(_: Store, disk: Disk) -> None:
    """Check that a disk can be deleted.

    Raises:
        APIError: it is attached to a virtual machine.
    """
    require(not disk.attached, "validation_error", "Disk is attached to a virtual machine")


# An update ignores the size: only `resize` changes it.
DISKS = Crud(model=Disk, set_once=("size_in_gb",), check=_problems, on_create=_build, in_use=_check_detached)
