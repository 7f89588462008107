"""Virtual machines, their groups, their tags and their SSH keys."""

import re
from functools import partial

from katapult_async.sandbox.arguments import without_nulls
from katapult_async.sandbox.errors import Problems, require, require_none
from katapult_async.sandbox.models import (
    APIToken,
    ConsoleSession,
    IPAddress,
    Organization,
    SSHKey,
    Tag,
    Task,
    VirtualMachine,
    VirtualMachineBuild as Build,
    VirtualMachineGroup,
    VirtualMachineNetworkInterface,
    VirtualMachinePackage,
)
from katapult_async.sandbox.serializers import JSON
from katapult_async.sandbox.store import Store

from .crud import Crud, blank_problems
from .operation import operation
from .state_changes import begin_exclusive_task, state_change


@operation("POST", "/virtual_machines/:virtual_machine/allocate_ip", any_owner=True)
def allocate_ip(store: Store, machine: VirtualMachine, address: IPAddress) -> IPAddress:
    """Core API v1: post:virtual_machine_allocate_ip. The first interface on the address's network gets it."""
    require(address.free, "ip_already_allocated")
    interfaces = store.all(VirtualMachineNetworkInterface, virtual_machine_id=machine.id, network_id=address.network_id)
    require(interfaces and address.organization_id == machine.organization_id, "no_interface_available")
    return store.change(address, interface_id=interfaces[0].id)


_state_change = partial(state_change, VirtualMachine, on_completion=Store.set_state_of_parts)

START = _state_change("Start virtual machine", "started", running="starting")
STOP = _state_change("Stop virtual machine", "stopped", running="stopping")
SHUTDOWN = _state_change("Shutdown virtual machine", "stopped", running="shutting_down")
RESET = state_change(VirtualMachine, "Reset virtual machine", "started", running="resetting")


def is_hostname(text: str) -> bool:
    """Return whether a text can be one part of a domain name, in lower case."""
    return re.fullmatch("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", text) is not None


def domain_name(store: Store, owner: Organization, hostname: str, *, machine: VirtualMachine | None = None) -> str:
    """Return the full domain name of a machine.

    Args:
        store: the store.
        owner: the organization of the machine.
        hostname: the hostname in lower case.
        machine: the machine; None if it is not built yet.

    Raises:
        APIError: the hostname is not valid, or it is that of another machine or of a build that has not ended.
    """
    require(is_hostname(hostname), "validation_error", "Hostname is invalid")
    fqdn = f"{hostname}.{owner.infrastructure_domain}"
    builds = [obj for obj in store.all(Build, owner, hostname=hostname) if obj.state in {"pending", "building"}]
    named = store.find(VirtualMachine, fqdn, by="fqdn")
    require(not builds and named in (None, machine), "validation_error", "Hostname has already been taken")
    return fqdn


@operation("PATCH", "/virtual_machines/:virtual_machine")
def update(store: Store, machine: VirtualMachine, *, properties: JSON) -> VirtualMachine:
    """Core API v1: patch:virtual_machine. Tags that the organization does not have are created."""
    changes = {**properties}
    require_none(blank_problems(name for name in ("name", "hostname") if changes.get(name, "") is None))
    if "hostname" in changes:
        hostname = changes["hostname"].lower()
        fqdn = domain_name(store, store.get(machine.organization_id), hostname, machine=machine)
        changes |= {"hostname": hostname, "fqdn": fqdn}
    if "tag_names" in changes:
        names = dict.fromkeys(filter(str.strip, changes.pop("tag_names")))  # a tag has a name
        changes["tag_ids"] = tuple(_tag(store, machine, name).id for name in names)
    return store.change(machine, **changes)


def _tag(store: Store, machine: VirtualMachine, name: str) -> Tag:
    """Return a tag of a machine's organization, created if there is none."""
    key = {"organization_id": machine.organization_id, "name": name}
    return next(iter(store.all(Tag, **key)), None) or store.add(Tag, **key)


@operation("PUT", "/virtual_machines/:virtual_machine/package")
def change_package(store: Store, machine: VirtualMachine, package: VirtualMachinePackage) -> Task:
    """Core API v1: put:virtual_machine_package."""
    return begin_exclusive_task(store, machine, "Change package", **package.resources)


@operation("PUT", "/virtual_machines/:virtual_machine/flexible_resources")
def change_resources(store: Store, machine: VirtualMachine, *, resources: JSON) -> Task:
    """Core API v1: put:virtual_machine_flexible_resources."""
    return begin_exclusive_task(store, machine, "Change resources", **without_nulls(resources))


@operation("POST", "/virtual_machines/:virtual_machine/console_sessions")
def create_console_session(store: Store, machine: VirtualMachine) -> ConsoleSession:
    """Core API v1: post:virtual_machine_console_sessions."""
    require(machine.state == "started", "virtual_machine_must_be_started", current_state=machine.state)
    return store.add(ConsoleSession, machine, expires_at=int(store.now) + 300)


@operation("GET", "/virtual_machine/authorized_keys", reads_token=True)
def list_authorized_keys(store: Store, *, token: APIToken) -> str:
    """Core API v1: get:virtual_machine_authorized_keys. They are the SSH keys of the organization."""
    machine = store.get(token.virtual_machine_id)
    require(machine is not None, "no_virtual_machine_for_api_token")
    return "".join(f"{key.key}\n" for key in store.all(SSHKey, organization_id=machine.organization_id))


def _uses_of_group(store: Store, group: VirtualMachineGroup) -> Problems:
    return {"Virtual machines are in this group": store.with_trash(VirtualMachine, group_id=group.id)}


def _problems_of_key(_: Store, key: SSHKey) -> Problems:
    return {
        "Key is invalid": not re.fullmatch(r"[\w@.-]+ ([A-Za-z0-9+/]{4})*[A-Za-z0-9+/]{2,4}=*( .*)?", key.key.strip())
    }


SSH_KEYS = Crud(model=SSHKey, check=_problems_of_key)

VIRTUAL_MACHINE_GROUPS = Crud(model=VirtualMachineGroup, in_use=_uses_of_group)
