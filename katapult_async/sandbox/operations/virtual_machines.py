"""Virtual machines, and what they are made of: packages, groups, tags and SSH keys."""

from collections.abc import Iterable, Mapping
from typing import Any

import attrs

from katapult_async.sandbox import mutations, serializers
from katapult_async.sandbox.arguments import ABSENT, Absent, Arguments, Page
from katapult_async.sandbox.errors import APIError, validation_error
from katapult_async.sandbox.models import (
    ConsoleSession,
    FlexibleResources,
    IPAddress,
    Organization,
    SSHKey,
    Tag,
    VirtualMachine,
    VirtualMachineGroup,
    VirtualMachineNetworkInterface,
    VirtualMachinePackage,
)
from katapult_async.sandbox.serializers import JSON, serialize
from katapult_async.sandbox.store import Store

from .crud import Crud
from .operation import PAGE, Find, Operation, lookup, operation, paginated, value
from .tasks import begin_task

_PATH = "/virtual_machines/:virtual_machine"
_POWER = "virtual_machines virtual_machines:power_actions"


@operation("POST", f"{_PATH}/allocate_ip", VirtualMachine, IPAddress, scopes="ip_addresses")
def allocate_ip(store: Store, machine: VirtualMachine, address: IPAddress) -> JSON:
    """Core API v1: post:virtual_machine_allocate_ip. The first interface on the address's network gets it."""
    if not address.free:
        raise APIError("ip_already_allocated")
    interfaces = store.all(VirtualMachineNetworkInterface, virtual_machine_id=machine.id)
    fitting = [interface for interface in interfaces if interface.network_id == address.network_id]
    if not fitting or address.organization_id != machine.organization_id:
        raise APIError("no_interface_available")
    allocated = mutations.allocate(store, address, interface=fitting[0])
    return {"ip_address": serialize(store, allocated, serializers.IP_ADDRESS_FULL)}


def _power(action: str, *, passing: str, state: str) -> Operation:
    def begin(store: Store, machine: VirtualMachine) -> JSON:
        name, by_status = f"{action.capitalize()} virtual machine", {"running": {"state": passing}}
        return begin_task(store, machine, name=name, shape=serializers.TASK, changes_by_status=by_status, state=state)

    return Operation("POST", f"{_PATH}/{action}", begin, (VirtualMachine,), scopes=_POWER)


@value
def _changes(arguments: Arguments) -> dict[str, Any]:
    properties = arguments.inside("properties")
    changes: dict[str, Any] = {name: properties.string(name) for name in ("name", "hostname", "description")}
    changes["tag_names"] = properties.strings("tag_names")
    return {name: content for name, content in changes.items() if content is not ABSENT}


def _group(arguments: Arguments) -> Find:
    properties = arguments.inside("properties")
    find = lookup(VirtualMachineGroup, "group", optional=True, own=True)(properties)
    return find if "group" in properties.tree else lambda *_: ABSENT


@operation("PATCH", _PATH, VirtualMachine, _changes, _group, scopes="virtual_machines")
def update(
    store: Store, machine: VirtualMachine, changes: Mapping[str, Any], group: VirtualMachineGroup | Absent | None
) -> JSON:
    """Core API v1: patch:virtual_machine. Tags that the organization does not have are created."""
    fields = {name: content for name, content in changes.items() if name != "tag_names"}
    if blank := [name for name in ("name", "hostname") if name in fields and not (fields[name] or "").strip()]:
        raise validation_error(*(f"{name.capitalize()} can't be blank" for name in blank))
    if "hostname" in fields:
        hostname, owner = fields["hostname"].lower(), store.get(machine.organization_id)
        fields |= {"hostname": hostname, "fqdn": f"{hostname}.{owner.infrastructure_domain}"}
        other = store.find(VirtualMachine, fields["fqdn"], by="fqdn")
        if other is not None and other.id != machine.id:
            raise validation_error("Hostname has already been taken")
    if group is not ABSENT:
        fields["group_id"] = None if group is None else group.id
    if "tag_names" in changes:
        fields["tag_ids"] = tuple(_tag(store, machine.organization_id, name).id for name in changes["tag_names"] or ())
    changed = attrs.evolve(machine, **fields)
    store.put(changed)
    return {"virtual_machine": serialize(store, changed, serializers.MACHINE_FULL), "annotations": []}


def _tag(store: Store, organization_id: str, name: str) -> Tag:
    """Return a tag of an organization, created if there is none."""
    tags = [tag for tag in store.all(Tag, organization_id=organization_id) if tag.name == name]
    if not tags:
        tag_id, created_at = store.new_id(Tag), int(store.now)
        tags = [Tag(id=tag_id, organization_id=organization_id, name=name, color="light_gray", created_at=created_at)]
        store.put(tags[0])
    return tags[0]


@operation("PUT", f"{_PATH}/package", VirtualMachine, lookup(VirtualMachinePackage), scopes="virtual_machines")
def change_package(store: Store, machine: VirtualMachine, package: VirtualMachinePackage) -> JSON:
    """Core API v1: put:virtual_machine_package."""
    return begin_task(store, machine, name="Change package", package_id=package.id, flexible=None)


@value
def _resources(arguments: Arguments) -> FlexibleResources:
    inside = arguments.inside("resources")
    sizes = {name: inside.integer(name) for name in ("cpu_cores", "memory_in_gb")}
    for name in sizes:
        inside.require(name)
    dedicated = inside.boolean("use_dedicated_cpus") is True
    return FlexibleResources(use_dedicated_cpus=dedicated, **sizes)  # type: ignore[arg-type] # required above


@operation("PUT", f"{_PATH}/flexible_resources", VirtualMachine, _resources, scopes="virtual_machines")
def change_resources(store: Store, machine: VirtualMachine, resources: FlexibleResources) -> JSON:
    """Core API v1: put:virtual_machine_flexible_resources."""
    return begin_task(store, machine, name="Change resources", flexible=resources)


@operation(
    "POST", f"{_PATH}/console_sessions", VirtualMachine, scopes="virtual_machines virtual_machines:console", status=201
)
def create_console_session(store: Store, machine: VirtualMachine) -> JSON:
    """Core API v1: post:virtual_machine_console_sessions."""
    if machine.state != "started":
        raise APIError("virtual_machine_must_be_started", detail={"current_state": machine.state})
    expires_at = int(store.now) + 300
    session = ConsoleSession(id=store.new_id(ConsoleSession), virtual_machine_id=machine.id, expires_at=expires_at)
    store.put(session)
    return {"console_session": serialize(store, session, serializers.CONSOLE_SESSION)}


@value
def _machine_of_token(arguments: Arguments) -> str | None:
    return arguments.virtual_machine_id


@operation("GET", "/virtual_machine/authorized_keys", _machine_of_token, scopes="virtual_machines:authorized_keys")
def list_authorized_keys(store: Store, machine_id: str | None) -> str:
    """Core API v1: get:virtual_machine_authorized_keys. They are the SSH keys of the organization."""
    machine = store.get(machine_id or "")
    if machine is None:
        raise APIError("no_virtual_machine_for_api_token")
    return "".join(f"{key.key}\n" for key in store.all(SSHKey, organization_id=machine.organization_id))


@operation(
    "GET",
    "/virtual_machine_packages",
    lookup(Organization, optional=True),
    PAGE,
    scopes="virtual_machine_packages:read",
)
def list_packages(store: Store, _: Organization | None, page: Page) -> JSON:
    """Core API v1: get:virtual_machine_packages. All packages are public."""
    packages = store.all(VirtualMachinePackage)
    return paginated(store, page, "virtual_machine_packages", packages, serializers.PACKAGE)


def machines_in(store: Store, group: VirtualMachineGroup) -> Iterable[str]:
    """Return why a group cannot be deleted."""
    if store.with_trash(VirtualMachine, group_id=group.id):
        yield "Virtual machines are in this group"


VIRTUAL_MACHINES = Crud(
    model=VirtualMachine,
    operations="list get delete",
    parent=Organization,
    scope="virtual_machines",
    shape=serializers.MACHINE_FULL,
    list_shape=serializers.MACHINE,
    annotations=True,
    trash=True,
)

START = _power("start", passing="starting", state="started")

STOP = _power("stop", passing="stopping", state="stopped")

SHUTDOWN = _power("shutdown", passing="shutting_down", state="stopped")

RESET = _power("reset", passing="resetting", state="started")

VIRTUAL_MACHINE_PACKAGES = Crud(
    model=VirtualMachinePackage, operations="get", scope="virtual_machine_packages:read", shape=serializers.PACKAGE
)

VIRTUAL_MACHINE_GROUPS = Crud(
    model=VirtualMachineGroup,
    parent=Organization,
    scope="virtual_machine_groups",
    paginated=False,
    in_use=machines_in,
)

TAGS = Crud(model=Tag, parent=Organization, scope="tags", list_shape="id name color")

SSH_KEYS = Crud(
    model=SSHKey,
    operations="list create delete",
    parent=Organization,
    shape="id name fingerprint",
    inside="ssh_key",
    created=201,
)
