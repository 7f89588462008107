"""Disks and their IO profiles."""

from collections.abc import Mapping, Sequence
from typing import Any

import attrs

from katapult_async.sandbox import mutations, serializers
from katapult_async.sandbox.arguments import ABSENT, Arguments, Page
from katapult_async.sandbox.errors import APIError, validation_error
from katapult_async.sandbox.models import (
    DataCenter,
    Disk,
    DiskIOProfile,
    Organization,
    VirtualMachine,
    VirtualMachineDisk,
)
from katapult_async.sandbox.serializers import JSON, serialize
from katapult_async.sandbox.store import Store

from .crud import Crud
from .operation import PAGE, Find, lookup, operation, paginated, value
from .tasks import begin_task

_PATH = "/disks/:disk"
_READ = "disks disks:read"


@operation("GET", "/virtual_machines/:virtual_machine/disks", VirtualMachine, PAGE, scopes=_READ)
def list_of_machine(store: Store, machine: VirtualMachine, page: Page) -> JSON:
    """Core API v1: get:virtual_machine_disks. Each row is an assignment with its disk inside."""
    disks = store.all(Disk, virtual_machine_id=machine.id)
    shape = f"{serializers.DISK_OF_MACHINE} virtual_machine_disk(attach_on_boot boot state)"
    response = paginated(store, page, "disks", disks, shape)
    return {**response, "disks": [{**row.pop("virtual_machine_disk"), "disk": row} for row in response["disks"]]}


def _respond(store: Store, disk: Disk) -> JSON:
    return {"disk": serialize(store, disk, serializers.DISK_FULL)}


def _begin(store: Store, disk: Disk, *, name: str, **effects: Any) -> JSON:
    task = begin_task(store, disk, name=name, **effects)
    return {**_respond(store, disk), **task}


@operation("POST", f"{_PATH}/assign", Disk, lookup(VirtualMachine, own=True), scopes="disks")
def assign(store: Store, disk: Disk, machine: VirtualMachine) -> JSON:
    """Core API v1: post:disk_assign."""
    if disk.virtual_machine_disk is not None:
        raise APIError("unable_to_assign", detail={"errors": ["Disk is already assigned"]})
    if store.get(machine.zone_id).data_center_id != disk.data_center_id:
        raise APIError("unable_to_assign", detail={"errors": ["Virtual machine is in another data center"]})
    assignment = VirtualMachineDisk(virtual_machine_id=machine.id, attach_on_boot=True, boot=False, state="detached")
    assigned = attrs.evolve(disk, virtual_machine_disk=assignment)
    store.put(assigned)
    return _respond(store, assigned)


@operation("POST", f"{_PATH}/unassign", Disk, scopes="disks")
def unassign(store: Store, disk: Disk) -> JSON:
    """Core API v1: post:disk_unassign."""
    if disk.virtual_machine_disk is None or disk.virtual_machine_disk.state == "attached":
        raise APIError("unable_to_unassign", detail={"errors": ["Disk is not assigned, or it is attached"]})
    unassigned = attrs.evolve(disk, virtual_machine_disk=None)
    store.put(unassigned)
    return _respond(store, unassigned)


@operation("POST", f"{_PATH}/attach", Disk, scopes="disks")
def attach(store: Store, disk: Disk) -> JSON:
    """Core API v1: post:disk_attach."""
    return _change_state(store, disk, name="Attach disk", state="attached")


@operation("POST", f"{_PATH}/detach", Disk, scopes="disks")
def detach(store: Store, disk: Disk) -> JSON:
    """Core API v1: post:disk_detach."""
    return _change_state(store, disk, name="Detach disk", state="detached")


def _change_state(store: Store, disk: Disk, *, name: str, state: str) -> JSON:
    if disk.virtual_machine_disk is None:
        raise APIError("unassigned_disk")
    return _begin(store, disk, name=name, virtual_machine_disk=attrs.evolve(disk.virtual_machine_disk, state=state))


def _read_size(arguments: Arguments) -> int:
    arguments.require("size_in_gb")
    arguments.choice("resize_method", ("offline", "online"))
    size = arguments.integer("size_in_gb")
    return size if isinstance(size, int) else 0


@operation("PUT", f"{_PATH}/resize", Disk, value(_read_size), scopes="disks")
def resize(store: Store, disk: Disk, size: int) -> JSON:
    """Core API v1: put:disk_resize."""
    if size < 1:
        raise validation_error("Size in gb must be greater than 0")
    return _begin(store, disk, name="Resize disk", size_in_gb=size)


@operation("PUT", f"{_PATH}/io_profile", Disk, lookup(DiskIOProfile, "io_profile"), scopes="disks")
def change_io_profile(store: Store, disk: Disk, io_profile: DiskIOProfile) -> JSON:
    """Core API v1: put:disk_io_profile."""
    return _begin(store, disk, name="Change disk IO profile", io_profile_id=io_profile.id)


@attrs.frozen(kw_only=True)
class _Properties:
    """The arguments of create and update that the request has."""

    fields: Mapping[str, Any]
    """Fields of the disk."""
    assignment: Mapping[str, bool]
    """``attach``, ``attach_on_boot`` and ``boot``."""
    machine: VirtualMachine | None
    """The virtual machine to assign the disk to."""

    def assigned(self, store: Store, data_center_id: str) -> VirtualMachineDisk | None:
        """Return the assignment to the virtual machine; None if the request names none.

        Raises:
            APIError: the machine is in another data center.
        """
        if self.machine is None:
            return None
        if store.get(self.machine.zone_id).data_center_id != data_center_id:
            raise validation_error("Virtual machine is in another data center")
        flags = {"attach_on_boot": True, "boot": False, **self.flags()}
        return VirtualMachineDisk(virtual_machine_id=self.machine.id, state="detached", **flags)

    def flags(self) -> dict[str, Any]:
        """Return ``attach_on_boot`` and ``boot``."""
        return {name: flag for name, flag in self.assignment.items() if name != "attach"}


def _properties(arguments: Arguments) -> Find:
    inside = arguments.inside("properties")
    inside.choice("initial_file_system", ("ext4", "xfs"))  # the sandbox formats nothing
    plain = {
        "name": inside.text("name"),
        "size_in_gb": inside.integer("size_in_gb"),
        "bus_type": inside.choice("bus_type", ("scsi", "virtio")),
        "storage_speed": inside.choice("storage_speed", ("nvme", "ssd")),
    }
    disk = inside.inside("virtual_machine_disk") if inside.has("virtual_machine_disk") else Arguments({})
    flags = {name: disk.boolean(name) for name in ("attach", "attach_on_boot", "boot")}
    finders = {
        "data_center_id": lookup(DataCenter, optional=True)(inside),
        "io_profile_id": lookup(DiskIOProfile, "io_profile", optional=True)(inside),
    }
    find_machine = lookup(VirtualMachine, optional=True, own=True)(disk)

    def find(store: Store, values: Sequence[Any]) -> _Properties:
        objects = {name: find_object(store, values) for name, find_object in finders.items()}
        fields = {**plain, **{name: obj and obj.id for name, obj in objects.items()}}
        machine = find_machine(store, values)
        if isinstance(size := fields["size_in_gb"], int) and size < 1:
            raise validation_error("Size in gb must be greater than 0")
        return _Properties(
            fields={name: content for name, content in fields.items() if content not in (None, ABSENT)},
            assignment={name: flag for name, flag in flags.items() if isinstance(flag, bool)},
            machine=machine,
        )

    return find


@operation("POST", "/organizations/:organization/disks", Organization, _properties, scopes="disks", status=201)
def create(store: Store, organization: Organization, properties: _Properties) -> JSON:
    """Core API v1: post:organization_disks. The disk is built, and attached, when the task completes."""
    fields = properties.fields
    needed = {"name": "Name", "size_in_gb": "Size in gb", "data_center_id": "Data center"}
    if missing := [f"{label} can't be blank" for name, label in needed.items() if name not in fields]:
        raise validation_error(*missing)
    assignment = properties.assigned(store, fields["data_center_id"])
    disk = mutations.create_disk(store, organization.id, state="not_built", virtual_machine_disk=assignment, **fields)
    after: dict[str, Any] = {"state": "built"}
    if assignment is not None and properties.assignment.get("attach"):
        after["virtual_machine_disk"] = attrs.evolve(assignment, state="attached")
    by_status = {"running": {"state": "building"}, "failed": {"state": "failed"}}
    begun = _begin(store, disk, name="Build disk", changes_by_status=by_status, **after)
    return {**begun, "annotations": []}


@operation("PATCH", _PATH, Disk, _properties, scopes="disks")
def update(store: Store, disk: Disk, properties: _Properties) -> JSON:
    """Core API v1: patch:disk."""
    changed = attrs.evolve(disk, **properties.fields)
    assignment = properties.assigned(store, changed.data_center_id)
    if assignment is None and properties.assignment:
        if disk.virtual_machine_disk is None:
            raise APIError("unassigned_disk")
        assignment = attrs.evolve(disk.virtual_machine_disk, **properties.flags())
    changed = attrs.evolve(changed, virtual_machine_disk=assignment or disk.virtual_machine_disk)
    store.put(changed)
    return {**_respond(store, changed), "annotations": []}


@operation("DELETE", _PATH, Disk, scopes="disks")
def delete(store: Store, disk: Disk) -> JSON:
    """Core API v1: delete:disk. The disk is in the trash afterwards."""
    if disk.virtual_machine_disk is not None and disk.virtual_machine_disk.state == "attached":
        raise validation_error("Disk is attached to a virtual machine")
    return {**_respond(store, disk), "trash_object": serialize(store, store.trash(disk), serializers.TRASH_OBJECT)}


DISKS = Crud(
    model=Disk,
    operations="list get",
    parent=Organization,
    scope="disks",
    shape=serializers.DISK_FULL,
    list_shape=serializers.DISK,
    list_key="disk",
    annotations=True,
)

DISK_IO_PROFILES = Crud(model=DiskIOProfile, operations="list", parent=Organization)
