"""Disks."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from katapult_async.sandbox import mutations
from katapult_async.sandbox.arguments import without_nulls
from katapult_async.sandbox.errors import require, require_none
from katapult_async.sandbox.models import (
    Disk,
    DiskIOProfile,
    Organization,
    Task,
    VirtualMachine,
    VirtualMachineDisk as Assignment,
)
from katapult_async.sandbox.serializers import JSON
from katapult_async.sandbox.store import Store

from .crud import Crud, label
from .operation import Operation, operation
from .tasks import begin_exclusive_task

_PATH = "/disks/:disk"


@operation("GET", "/virtual_machines/:virtual_machine/disks")
def list_of_machine(store: Store, machine: VirtualMachine) -> Sequence[JSON]:
    """Core API v1: get:virtual_machine_disks. Each row is an assignment with its disk inside."""
    names = ("attach_on_boot", "boot", "state")
    disks = store.all(Disk, virtual_machine_id=machine.id)
    return [{"disk": disk, **{name: getattr(disk.virtual_machine_disk, name) for name in names}} for disk in disks]


@operation("POST", f"{_PATH}/assign")
def assign(store: Store, disk: Disk, machine: VirtualMachine) -> Disk:
    """Core API v1: post:disk_assign."""
    require(disk.virtual_machine_disk is None, "unable_to_assign", "Disk is already assigned")
    same_place = machine.data_center_id(store) == disk.data_center_id
    require(same_place, "unable_to_assign", "Virtual machine is in another data center")
    return store.change(disk, virtual_machine_disk=Assignment(virtual_machine_id=machine.id))


@operation("POST", f"{_PATH}/unassign")
def unassign(store: Store, disk: Disk) -> Disk:
    """Core API v1: post:disk_unassign."""
    detached = disk.virtual_machine_disk is not None and disk.virtual_machine_disk.state != "attached"
    require(detached, "unable_to_unassign", "Disk is not assigned, or it is attached")
    return store.change(disk, virtual_machine_disk=None)


def _attachment_change(action: str, state: str) -> Operation:
    """Return the operation that begins a task after which an assigned disk has another state.

    Args:
        action: ``attach`` or ``detach``, the end of the path.
        state: the state of the assignment when the task has completed.
    """
    set_state = partial(set_disk_state, state=state)

    def begin(store: Store, disk: Disk) -> Task:
        require(disk.virtual_machine_disk, "unassigned_disk")
        return begin_exclusive_task(store, disk, f"{action.capitalize()} disk", on_completion=set_state)

    return Operation("POST", f"{_PATH}/{action}", begin)


def set_disk_state(store: Store, disk: Disk, *, state: str) -> None:
    """Change the state of the assignment of a disk, if the disk is built and still assigned."""
    if disk.virtual_machine_disk is not None and disk.state == "built":
        store.change(disk, virtual_machine_disk=disk.virtual_machine_disk.changed(state=state))


def _attach_to_running(store: Store, disk: Disk) -> None:
    """Attach a disk if its virtual machine runs. Otherwise the start of the machine attaches it."""
    machine = store.get(disk.virtual_machine_id or "")
    if machine is not None and machine.runs:
        set_disk_state(store, disk, state="attached")


ATTACH = _attachment_change("attach", "attached")
DETACH = _attachment_change("detach", "detached")


@operation("PUT", f"{_PATH}/resize")
def resize(store: Store, disk: Disk, *, size_in_gb: int, **_: object) -> Task:
    """Core API v1: put:disk_resize. A disk cannot shrink."""
    problem = f"Size in gb must be greater than or equal to {disk.size_in_gb}"
    require(size_in_gb >= disk.size_in_gb, "validation_error", problem)
    return begin_exclusive_task(store, disk, "Resize disk", size_in_gb=size_in_gb)


@operation("PUT", f"{_PATH}/io_profile")
def change_io_profile(store: Store, disk: Disk, io_profile: DiskIOProfile) -> Task:
    """Core API v1: put:disk_io_profile."""
    return begin_exclusive_task(store, disk, "Change disk IO profile", io_profile_id=io_profile.id)


def _values(sent: JSON) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the fields of the disk in a request, and those of its assignment to a virtual machine.

    Raises:
        APIError: the size is not positive.
    """
    values = without_nulls({**sent, "initial_file_system": None})  # it is ignored: the sandbox formats no disks
    require(values.get("size_in_gb", 1) > 0, "validation_error", "Size in gb must be greater than 0")
    return values, without_nulls(values.pop("virtual_machine_disk", {}))


def _assignment(store: Store, sent: JSON, *, data_center_id: str, old: Assignment | None = None) -> Assignment | None:
    """Return the assignment that a request asks for: a new one if it names a virtual machine, or the old one, changed.

    Raises:
        APIError: the machine is in another data center.
    """
    fields = {name: value for name, value in sent.items() if name != "attach"}
    assignment = Assignment(**fields) if "virtual_machine_id" in sent else old and old.changed(**fields)
    machine = store.get(assignment.virtual_machine_id) if assignment else None
    same_place = machine is None or machine.data_center_id(store) == data_center_id
    require(same_place, "validation_error", "Virtual machine is in another data center")
    return assignment


@operation("POST", "/organizations/:organization/disks")
def create(store: Store, organization: Organization, *, properties: JSON) -> tuple[Disk, Task]:
    """Core API v1: post:organization_disks. The disk is built, and attached, when the task completes."""
    values, of_assignment = _values(properties)
    absent = [name for name in ("name", "size_in_gb", "data_center_id") if name not in values]
    require_none([f"{label(name)} can't be blank" for name in absent])
    assignment = _assignment(store, of_assignment, data_center_id=values["data_center_id"])
    disk = mutations.create_disk(store, organization.id, state="not_built", virtual_machine_disk=assignment, **values)
    attach = _attach_to_running if of_assignment.get("attach") else None
    states: JSON = {"running": {"state": "building"}, "failed": {"state": "failed"}, "state": "built"}
    return disk, begin_exclusive_task(store, disk, "Build disk", on_completion=attach, **states)


@operation("PATCH", _PATH)
def update(store: Store, disk: Disk, *, properties: JSON) -> Disk:
    """Core API v1: patch:disk."""
    values, of_assignment = _values(properties)
    changed = disk.changed(**values | {"size_in_gb": disk.size_in_gb})  # a resize changes the size
    before = disk.virtual_machine_disk
    require(before or not of_assignment or "virtual_machine_id" in of_assignment, "unassigned_disk")
    assignment = _assignment(store, of_assignment, data_center_id=changed.data_center_id, old=before)
    return store.change(changed, virtual_machine_disk=assignment)


def _check_detached(_: Store, disk: Disk) -> None:
    """Check that a disk can be deleted.

    Raises:
        APIError: it is attached to a virtual machine.
    """
    attached = disk.virtual_machine_disk is not None and disk.virtual_machine_disk.state == "attached"
    require(not attached, "validation_error", "Disk is attached to a virtual machine")


DISKS = Crud(model=Disk, in_use=_check_detached)
