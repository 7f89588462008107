"""Disks and their IO profiles, disk templates and operating systems."""

from collections.abc import Mapping
from typing import Any

import attrs

from katapult_async.sandbox import mutations, serializers
from katapult_async.sandbox.arguments import ABSENT, Arguments, Page
from katapult_async.sandbox.errors import APIError, validation_error
from katapult_async.sandbox.models import (
    DataCenter,
    Disk,
    DiskIOProfile,
    DiskTemplate,
    DiskTemplateVersion,
    OperatingSystem,
    Organization,
    VirtualMachine,
    VirtualMachineDisk,
)
from katapult_async.sandbox.serializers import JSON, serialize
from katapult_async.sandbox.store import Store

from .crud import Crud
from .operation import PAGE, Argument, Find, lookup, operation, paginated, value
from .tasks import begin_task

_PATH = "/disks/:disk"
_READ = "disks disks:read"
_TEMPLATES = "disk_templates disk_templates:read"
_VERSION = "/disk_template_versions/:disk_template_version"


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


_CHOICES = {
    "bus_type": ("scsi", "virtio"),
    "storage_speed": ("nvme", "ssd"),
    "initial_file_system": ("ext4", "xfs"),
}


@attrs.frozen(kw_only=True)
class _Properties:
    """The plain arguments of create and update that the request has."""

    plain: Mapping[str, Any]
    assignment: Mapping[str, Any]
    """``attach``, ``attach_on_boot`` and ``boot``."""

    @classmethod
    def read(cls, arguments: Arguments) -> "_Properties":
        inside = arguments.inside("properties")
        plain = {
            "name": inside.text("name"),
            "size_in_gb": inside.integer("size_in_gb"),
            **{name: inside.choice(name, values) for name, values in _CHOICES.items()},
        }
        del plain["initial_file_system"]  # the sandbox formats nothing
        disk = inside.inside("virtual_machine_disk") if inside.has("virtual_machine_disk") else Arguments({})
        assignment = {name: disk.boolean(name) for name in ("attach", "attach_on_boot", "boot")}
        return cls(
            plain={name: content for name, content in plain.items() if content not in (None, ABSENT)},
            assignment={name: content for name, content in assignment.items() if isinstance(content, bool)},
        )

    def check(self) -> None:
        """Check the size.

        Raises:
            APIError: it is not positive.
        """
        if self.plain.get("size_in_gb", 1) < 1:
            raise validation_error("Size in gb must be greater than 0")


def _inside(model: type[Any], *path: str, own: bool = False) -> Argument:
    """Return the optional argument, inside others, that identifies an object."""
    *outer, name = path

    def read(arguments: Arguments) -> Find:
        for each in outer:
            if not arguments.has(each):
                return lambda *_: None
            arguments = arguments.inside(each)
        return lookup(model, name, optional=True, own=own)(arguments)

    return read


_PLACE = (
    value(_Properties.read),
    _inside(DataCenter, "properties", "data_center"),
    _inside(DiskIOProfile, "properties", "io_profile"),
    _inside(VirtualMachine, "properties", "virtual_machine_disk", "virtual_machine", own=True),
)


@operation("POST", "/organizations/:organization/disks", Organization, *_PLACE, scopes="disks", status=201)
def create(  # noqa: PLR0917 - the arguments of the operation
    store: Store,
    organization: Organization,
    properties: _Properties,
    data_center: DataCenter | None,
    io_profile: DiskIOProfile | None,
    machine: VirtualMachine | None,
) -> JSON:
    """Core API v1: post:organization_disks. The disk is built, and attached, when the task completes."""
    properties.check()
    fields = {**properties.plain, **_places(data_center, io_profile)}
    needed = {"name": "Name", "size_in_gb": "Size in gb", "data_center_id": "Data center"}
    if missing := [f"{label} can't be blank" for name, label in needed.items() if name not in fields]:
        raise validation_error(*missing)
    disk = mutations.create_disk(store, organization.id, state="not_built", **fields)
    after: dict[str, Any] = {"state": "built"}
    if machine is not None:
        disk, assignment = _assigned(store, disk, machine, properties)
        if properties.assignment.get("attach"):
            after["virtual_machine_disk"] = attrs.evolve(assignment, state="attached")
    by_status = {"running": {"state": "building"}, "failed": {"state": "failed"}}
    begun = _begin(store, disk, name="Build disk", changes_by_status=by_status, **after)
    return {**begun, "annotations": []}


@operation("PATCH", _PATH, Disk, *_PLACE, scopes="disks")
def update(  # noqa: PLR0917 - the arguments of the operation
    store: Store,
    disk: Disk,
    properties: _Properties,
    data_center: DataCenter | None,
    io_profile: DiskIOProfile | None,
    machine: VirtualMachine | None,
) -> JSON:
    """Core API v1: patch:disk."""
    properties.check()
    changed = attrs.evolve(disk, **properties.plain, **_places(data_center, io_profile))
    if machine is not None:
        changed, _ = _assigned(store, changed, machine, properties)
    elif properties.assignment:
        if changed.virtual_machine_disk is None:
            raise APIError("unassigned_disk")
        boots = {name: each for name, each in properties.assignment.items() if name != "attach"}
        changed = attrs.evolve(changed, virtual_machine_disk=attrs.evolve(changed.virtual_machine_disk, **boots))
    store.put(changed)
    return {**_respond(store, changed), "annotations": []}


def _places(data_center: DataCenter | None, io_profile: DiskIOProfile | None) -> dict[str, Any]:
    objects = {"data_center_id": data_center, "io_profile_id": io_profile}
    return {name: obj.id for name, obj in objects.items() if obj is not None}


def _assigned(
    store: Store, disk: Disk, machine: VirtualMachine, properties: _Properties
) -> tuple[Disk, VirtualMachineDisk]:
    """Assign a disk to a machine, and return it with its assignment.

    Raises:
        APIError: the machine is in another data center.
    """
    if store.get(machine.zone_id).data_center_id != disk.data_center_id:
        raise validation_error("Virtual machine is in another data center")
    assignment = VirtualMachineDisk(
        virtual_machine_id=machine.id,
        attach_on_boot=properties.assignment.get("attach_on_boot", True),
        boot=properties.assignment.get("boot", False),
        state="detached",
    )
    assigned = attrs.evolve(disk, virtual_machine_disk=assignment)
    store.put(assigned)
    return assigned, assignment


@operation("DELETE", _PATH, Disk, scopes="disks")
def delete(store: Store, disk: Disk) -> JSON:
    """Core API v1: delete:disk. The disk is in the trash afterwards."""
    if disk.virtual_machine_disk is not None and disk.virtual_machine_disk.state == "attached":
        raise validation_error("Disk is attached to a virtual machine")
    return {**_respond(store, disk), "trash_object": serialize(store, store.trash(disk), serializers.TRASH_OBJECT)}


@operation(
    "GET",
    "/organizations/:organization/disk_templates",
    Organization,
    lookup(OperatingSystem, optional=True),
    value(lambda arguments: arguments.boolean("include_universal")),
    PAGE,
    scopes=_TEMPLATES,
)
def list_templates(
    store: Store, organization: Organization, operating_system: OperatingSystem | None, universal: object, page: Page
) -> JSON:
    """Core API v1: get:organization_disk_templates. Universal templates only with ``include_universal``."""
    owners = (organization.id, None) if universal is True else (organization.id,)
    templates = [template for template in store.all(DiskTemplate) if template.organization_id in owners]
    if operating_system is not None:
        templates = [template for template in templates if template.operating_system_id == operating_system.id]
    return paginated(store, page, "disk_templates", templates, serializers.TEMPLATE)


@operation("GET", "/disk_templates/:disk_template/versions", DiskTemplate, PAGE, scopes=_TEMPLATES)
def list_versions(store: Store, template: DiskTemplate, page: Page) -> JSON:
    """Core API v1: get:disk_template_versions."""
    versions = store.all(DiskTemplateVersion, disk_template_id=template.id)
    response = paginated(store, page, "disk_template_versions", versions, serializers.TEMPLATE_VERSION)
    return {"disk_template": serialize(store, template, serializers.NAMED), **response}


@operation("GET", f"{_VERSION}/spec", DiskTemplateVersion, scopes=_TEMPLATES)
def get_spec(store: Store, version: DiskTemplateVersion) -> JSON:
    """Core API v1: get:disk_template_version_spec. All templates have the same fields."""
    field = {"name": "root_password", "type": "Password", "label": "Root password", "required": False}
    spec = {"fields": [{**field, "description": None, "placeholder": None, "prefill": None}]}
    return {"disk_template_version": serialize(store, version, serializers.TEMPLATE_VERSION_FULL), "spec": spec}


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

DISK_TEMPLATES = Crud(model=DiskTemplate, operations="get", scope="disk_templates", shape=serializers.TEMPLATE_FULL)

DISK_TEMPLATE_VERSIONS = Crud(
    model=DiskTemplateVersion, operations="get", scope="disk_templates", shape=serializers.TEMPLATE_VERSION_FULL
)

OPERATING_SYSTEMS = Crud(
    model=OperatingSystem, operations="list get", shape=serializers.OPERATING_SYSTEM, list_shape="id name"
)
