"""Builds of virtual machines, from arguments and from specifications."""

import re
from collections.abc import Iterator
from functools import partial
from typing import TypeVar
from xml.etree.ElementTree import Element, ParseError, SubElement, fromstring, tostring

import attrs

from katapult_async.sandbox import mutations
from katapult_async.sandbox.errors import APIError, validation_error
from katapult_async.sandbox.kinds import Object, Value, kind_name
from katapult_async.sandbox.models import (
    DataCenter,
    DiskIOProfile,
    DiskTemplate,
    DiskTemplateVersion,
    IPAddress,
    Network,
    NetworkSpeedProfile,
    Organization,
    SSHKey,
    Tag,
    VirtualMachine,
    VirtualMachineBuild,
    VirtualMachineGroup,
    VirtualMachinePackage,
    VirtualNetwork,
    Zone,
)
from katapult_async.sandbox.serializers import JSON, serialize
from katapult_async.sandbox.store import Store

from .crud import Crud
from .operation import ANNOTATIONS, operation, properties, required, response
from .tasks import begin_task

T = TypeVar("T", bound=Object)

_LIST = "/organizations/:organization/virtual_machines"
_ELEMENTS = frozenset(
    {"Zone", "DataCenter", "Resources", "DiskTemplate", "CloudInit", "SystemDisks", "SharedDisks", "NetworkInterfaces"}
    | {"Hostname", "Name", "Description", "Group", "AuthorizedKeys", "BackupPolicies", "Tags", "ISO"}
)


def _invalid(problem: str) -> APIError:
    return APIError("invalid_spec_xml", detail={"errors": problem})


@attrs.frozen(kw_only=True)
class _Interface:
    """A network interface of the new machine."""

    network: Network | VirtualNetwork
    speed_profile: NetworkSpeedProfile
    address_ids: tuple[str, ...]
    new_versions: tuple[str, ...]


@attrs.frozen(kw_only=True)
class _Plan:
    """What a specification asks for."""

    machine: JSON
    """Fields of the machine."""
    version: DiskTemplateVersion | None
    """What is installed on the first disk."""
    disks: tuple[JSON, ...]
    """Fields of the disks, that of the system first."""
    interfaces: tuple[_Interface, ...]


@attrs.frozen
class _Spec:
    """A specification, and the objects that it names."""

    store: Store
    owner: Organization
    root: Element

    def text(self, path: str, inside: Element | None = None) -> str | None:
        """Return the text of an element; None if it is absent or blank."""
        text = (self.root if inside is None else inside).findtext(path)
        return None if text is None or not text.strip() else text.strip()

    def find(self, model: type[T], path: str, inside: Element | None = None) -> T | None:
        """Return the object that an element names; None if the element is absent."""
        element = (self.root if inside is None else inside).find(path)
        return None if element is None else self.named(model, element)

    def named(self, model: type[T], element: Element) -> T:
        """Return the object that an element names.

        Raises:
            APIError: there is none that the organization can use.
        """
        key, text = element.get("by", "id"), (element.text or "").strip()
        obj = self.store.find(model, text, by=key) if key in model.kind.keys else None
        owner_id = getattr(obj, "organization_id", None)
        if obj is None or owner_id not in (None, self.owner.id):
            raise _invalid(f"{element.tag} does not name a {kind_name(model).replace('_', ' ')}: {text}")
        return obj

    def plan(self) -> _Plan:
        """Return what the specification asks for.

        Raises:
            APIError: it is not valid.
        """
        if unknown := [child.tag for child in self.root if child.tag not in _ELEMENTS]:
            raise _invalid(f"{unknown[0]} is not expected")
        package = self.find(VirtualMachinePackage, "Resources/Package")
        if package is None:
            raise _invalid("A package or flexible resources must be provided")
        for keys in self.root.iterfind("AuthorizedKeys/SSHKeys/SSHKey"):
            self.named(SSHKey, keys)
        hostname = self.text("Hostname/Hostname") or f"machine-{self.store.rng.randrange(10**6)}"
        tag_names = {tag.text for tag in self.root.iterfind("Tags/Tag")}
        tags = self.store.all(Tag, organization_id=self.owner.id)
        zone, version, group = self._zone(), self._version(), self.find(VirtualMachineGroup, "Group")
        machine = {
            "organization_id": self.owner.id,
            "name": self.text("Name") or hostname,
            "hostname": hostname.lower(),  # as Katapult does
            "fqdn": f"{hostname.lower()}.{self.owner.infrastructure_domain}",
            "description": self.text("Description"),
            "zone_id": zone.id,
            "package_id": package.id,
            "group_id": None if group is None else group.id,
            "tag_ids": tuple(tag.id for tag in tags if tag.name in tag_names),
        }
        disks = tuple(self._disks()) or ({"name": "System disk", "size_in_gb": package.storage_in_gb},)
        interfaces = tuple(map(self._interface, self.root.iterfind("NetworkInterfaces/NetworkInterface")))
        return _Plan(machine=machine, version=version, disks=disks, interfaces=interfaces)

    def _zone(self) -> Zone:
        zone, data_center = self.find(Zone, "Zone"), self.find(DataCenter, "DataCenter")
        if zone is not None and data_center is None:
            return zone
        if zone is not None or data_center is None:
            raise _invalid("Either a data center or a zone must be provided")
        return self.store.all(Zone, data_center_id=data_center.id)[0]

    def _version(self) -> DiskTemplateVersion | None:
        template = self.find(DiskTemplate, "DiskTemplate/DiskTemplate")
        if template is None:
            return None
        number = self.text("DiskTemplate/Version")
        versions = self.store.all(DiskTemplateVersion, disk_template_id=template.id)
        fitting = [version for version in versions if number in (None, str(version.number), version.id)]
        if not fitting:
            raise _invalid(f"The disk template has no version {number}")
        return fitting[-1]

    def _disks(self) -> Iterator[JSON]:
        for number, element in enumerate(self.root.iterfind("SystemDisks/Disk"), 1):
            size = self.text("Size", element) or ""
            if not re.fullmatch("0*[1-9][0-9]{0,18}", size):
                raise _invalid("Size must be a number of GB")
            profile = self.find(DiskIOProfile, "IOProfile", element)
            fields = {"io_profile_id": profile and profile.id, "storage_speed": self.text("Speed", element)}
            name = self.text("Name", element) or ("System disk" if number == 1 else f"Disk {number}")
            yield {"name": name, "size_in_gb": int(size), **{key: text for key, text in fields.items() if text}}

    def _interface(self, element: Element) -> _Interface:
        network = self.find(Network, "Network", element) or self.find(VirtualNetwork, "VirtualNetwork", element)
        if network is None:
            raise _invalid("A network interface needs a network or a virtual network")
        profile = self.find(NetworkSpeedProfile, "SpeedProfile", element) or self.store.all(NetworkSpeedProfile)[0]
        existing, new = [], []
        for allocation in element.iterfind("IPAddressAllocation"):
            if allocation.get("type") == "existing":
                address = self.find(IPAddress, "IPAddress", allocation)
                if address is None or not address.free or address.network_id != network.id:
                    raise _invalid("IPAddress is not available on the network")
                existing.append(address.id)
            elif (version := self.text("Version", allocation)) in {"4", "6"}:
                new.append(f"ipv{version}")
            else:
                raise _invalid("Version must be 4 or 6")
        ids, versions = tuple(existing), tuple(new)
        return _Interface(network=network, speed_profile=profile, address_ids=ids, new_versions=versions)


@operation("POST", f"{_LIST}/build_from_spec", Organization, required("xml"), scopes="virtual_machines", status=201)
def build_from_spec(store: Store, owner: Organization, xml: str) -> JSON:
    """Core API v1: post:organization_virtual_machines_build_from_spec."""
    try:
        root = fromstring(xml)  # noqa: S314 - local tests send it, and expat limits the growth of entities
    except ParseError as error:
        raise _invalid(str(error)) from error
    if root.tag != "VirtualMachineSpec":
        raise _invalid(f"{root.tag} is not expected")
    return _begin(store, _Spec(store, owner, root).plan(), xml)


class _Disk(Value):
    """A disk in the arguments."""

    size_in_gb: int = 0
    system: bool = False
    name: str | None = None
    storage_speed: str | None = None


_ARGUMENTS = properties(
    {
        "zone": Zone,
        "data_center": DataCenter,
        "package": VirtualMachinePackage,
        "disk_template": DiskTemplate,
        "network": Network,
        "hostname": str,
        "disks": tuple[_Disk, ...],
    },
    inside=None,
    required=("package",),
)


@operation("POST", f"{_LIST}/build", Organization, _ARGUMENTS, scopes="virtual_machines", status=201)
def build(store: Store, owner: Organization, sent: JSON) -> JSON:
    """Core API v1: post:organization_virtual_machines_build. It is the specification of its arguments."""
    place = store.get(sent.get("zone_id") or sent.get("data_center_id") or "")
    if place is None:
        raise APIError("location_required")
    disks = sorted(sent.get("disks", ()), key=lambda disk: not disk.system)
    if disks and [disk.system for disk in disks].count(True) != 1:
        raise APIError("one_system_disk_required")
    if not all(disk.size_in_gb > 0 for disk in disks):
        raise validation_error("Size in gb must be greater than 0")
    root = Element("VirtualMachineSpec")
    _add(root, type(place).__name__, place.id)
    _add(root, "Resources/Package", sent["package_id"])
    if template_id := sent.get("disk_template_id"):
        _add(root, "DiskTemplate/DiskTemplate", template_id)
    system_disks = _add(root, "SystemDisks")
    for disk in disks:
        element = _add(system_disks, "Disk")
        for tag, text in (("Name", disk.name), ("Size", str(disk.size_in_gb)), ("Speed", disk.storage_speed)):
            if text is not None:
                _add(element, tag, text)
    center_id = place.data_center_id if isinstance(place, Zone) else place.id
    default = store.all(Network, data_center_id=center_id, default=True)[0]
    interface = _add(root, "NetworkInterfaces/NetworkInterface")
    _add(interface, "Network", sent.get("network_id") or default.id)
    _add(interface, "IPAddressAllocation/Version", "4")
    _add(root, "Hostname/Hostname", sent.get("hostname"))
    return _begin(store, _Spec(store, owner, root).plan(), tostring(root, encoding="unicode"))


def _add(element: Element, path: str, text: str | None = None) -> Element:
    """Add an element, inside new ones where the path has several names, and return it."""
    for tag in path.split("/"):
        element = SubElement(element, tag)
    element.text = text
    return element


def _begin(store: Store, plan: _Plan, xml: str) -> JSON:
    owner, hostname, fqdn = (plan.machine[name] for name in ("organization_id", "hostname", "fqdn"))
    pending = (obj.hostname for obj in store.all(VirtualMachineBuild, organization_id=owner) if obj.unfinished)
    if store.find(VirtualMachine, fqdn, by="fqdn") is not None or hostname in pending:
        raise validation_error("Hostname has already been taken")
    build = store.add(VirtualMachineBuild, organization_id=owner, hostname=hostname, spec_xml=xml)
    states = {"running": {"state": "building"}, "failed": {"state": "failed"}}
    finish = partial(_finish, build_id=build.id, plan=plan)
    task = begin_task(store, build, "Build virtual machine", completes=finish, **states)
    content = response(store, task, shape="id name status")
    shown = serialize(store, build, "id state")
    return {**content, "build": shown, "virtual_machine_build": shown, "hostname": hostname, **ANNOTATIONS}


def _finish(store: Store, *, build_id: str, plan: _Plan) -> None:
    """Create the machine with its disks, interfaces and addresses, and start it."""
    machine_id, password = store.new_id(VirtualMachine), f"{store.rng.getrandbits(64):016x}"
    machine = store.add(VirtualMachine, id=machine_id, state="starting", initial_root_password=password, **plan.machine)
    for number, values in enumerate(plan.disks):
        installed = plan.version if number == 0 else None
        mutations.create_disk_of_machine(store, machine, version=installed, boot=number == 0, **values)
    for new in plan.interfaces:
        interface = mutations.create_interface(store, machine, network=new.network, speed_profile=new.speed_profile)
        store.change(interface, state="attached")
        addresses = [*map(store.get, new.address_ids)]
        for version in new.new_versions:
            owner, network = machine.organization_id, new.network.id
            addresses.append(mutations.create_address(store, owner, network_id=network, version=version))
        for address in addresses:
            if address is not None and address.free:
                store.change(address, interface_id=interface.id)
    store.change(store.get(build_id), state="complete", virtual_machine_id=machine.id)
    store.begin_task(machine, "Start virtual machine", state="started")


VIRTUAL_MACHINE_BUILDS = Crud(
    model=VirtualMachineBuild,
    operations="get",
    path="/virtual_machines/builds/:virtual_machine_build",
    scope="virtual_machines",
    annotations=True,
)
