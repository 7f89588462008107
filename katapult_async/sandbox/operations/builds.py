"""Builds of virtual machines, from arguments and from specifications."""

import re
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from typing import Any, TypeVar
from xml.etree.ElementTree import Element, ParseError, fromstring

import attrs

from katapult_async.sandbox import mutations
from katapult_async.sandbox.arguments import without_nulls
from katapult_async.sandbox.errors import APIError, require
from katapult_async.sandbox.identifiers import hexadecimal
from katapult_async.sandbox.kinds import Object, kind_name
from katapult_async.sandbox.models import (
    DataCenter,
    Disk,
    DiskIOProfile,
    DiskTemplate,
    DiskTemplateVersion,
    IPAddress,
    Network,
    NetworkSpeedProfile,
    Organization,
    SSHKey,
    Tag,
    User,
    VirtualMachine,
    VirtualMachineBuild,
    VirtualMachineGroup,
    VirtualMachinePackage,
    VirtualNetwork,
    Zone,
)
from katapult_async.sandbox.serializers import JSON
from katapult_async.sandbox.store import Store

from .operation import operation
from .state_changes import begin_exclusive_task
from .virtual_machines import domain_name

T = TypeVar("T", bound=Object)

_ELEMENTS = frozenset(
    {"Zone", "DataCenter", "Resources", "DiskTemplate", "CloudInit", "SystemDisks", "SharedDisks", "NetworkInterfaces"}
    | {"Hostname", "Name", "Description", "Group", "AuthorizedKeys", "BackupPolicies", "Tags", "ISO"}
)
"""The elements that a specification may have. The sandbox ignores those that it does not read."""

_SPEEDS = ("nvme", "ssd")


@attrs.frozen(kw_only=True)
class _Interface:
    """A network interface of the new machine."""

    network: Network | VirtualNetwork
    speed_profile: NetworkSpeedProfile | None = None
    """None for the first speed profile of the store."""
    address_ids: Sequence[str] = ()
    """Addresses of the organization that it gets if they are still free."""
    new_versions: Sequence[str] = ()
    """Versions of the new addresses that it gets."""


@attrs.frozen(kw_only=True)
class _Plan:
    """The virtual machine that a build creates."""

    zone: Zone
    package: VirtualMachinePackage
    version: DiskTemplateVersion | None
    """The version that is installed on the first disk."""
    disks: Sequence[JSON]
    """Fields of the disks; the first is the system disk. Without disks, the machine gets a system disk of the
    package's size."""
    interfaces: Sequence[_Interface]
    hostname: str | None
    others: JSON = attrs.field(factory=dict)
    """Other fields of the machine."""


def _required(value: Any, problem: str) -> Any:
    """Return a value of a specification.

    Raises:
        APIError: it is absent, empty or false.
    """
    require(value, "invalid_spec_xml", errors=problem)
    return value


def _text(element: Element, path: str) -> str | None:
    """Return the text of an element inside another element; None if it is absent or blank."""
    return (element.findtext(path) or "").strip() or None


@attrs.frozen
class _SpecificationReader:
    """Reads a specification. Each method raises the API's error if a part is not valid."""

    store: Store
    owner: Organization

    def find(self, model: type[T], element: Element, path: str) -> T | None:
        """Return the object that an inner element names; None if the inner element is absent."""
        return next(iter(self.find_all(model, element, path)), None)

    def find_all(self, model: type[T], element: Element, path: str) -> list[T]:
        """Return the objects that the inner elements at a path name."""
        objects = []
        for child in element.iterfind(path):
            key, text = child.get("by", "id"), (child.text or "").strip()
            obj = self.store.find(model, text, by=key) if key in model.kind.keys else None
            is_usable = getattr(obj, "organization_id", None) in (None, self.owner.id)
            problem = f"{child.tag} does not name a {kind_name(model).replace('_', ' ')}: {text}"
            objects.append(_required(obj if is_usable else None, problem))
        return objects

    def plan(self, root: Element) -> _Plan:
        """Return the plan of the machine that the specification describes."""
        _required(root.tag == "VirtualMachineSpec", f"{root.tag} is not expected")
        for child in root:
            _required(child.tag in _ELEMENTS, f"{child.tag} is not expected")
        named = self.find(VirtualMachinePackage, root, "Resources/Package")
        package = _required(named, "A package or flexible resources must be provided")
        zone, data_center = self.find(Zone, root, "Zone"), self.find(DataCenter, root, "DataCenter")
        places = [place for place in (zone, data_center) if place is not None]
        _required(len(places) == 1, "Either a data center or a zone must be provided")
        group = self.find(VirtualMachineGroup, root, "Group")
        self.find_all(SSHKey, root, "AuthorizedKeys/SSHKeys/SSHKey")
        self.find_all(User, root, "AuthorizedKeys/Users/User")
        tag_names = {tag.text for tag in root.iterfind("Tags/Tag")}
        tags = tuple(tag.id for tag in self.store.all(Tag, self.owner) if tag.name in tag_names)
        others = {"name": _text(root, "Name"), "description": _text(root, "Description"), "tag_ids": tags}
        return _Plan(
            zone=_zone(self.store, places[0]),
            package=package,
            version=self._version(root),
            disks=[*map(self._disk, root.iterfind("SystemDisks/Disk"))],
            interfaces=[*map(self._interface, root.iterfind("NetworkInterfaces/NetworkInterface"))],
            hostname=_text(root, "Hostname/Hostname"),
            others={**without_nulls(others), "group_id": None if group is None else group.id},
        )

    def _version(self, root: Element) -> DiskTemplateVersion | None:
        if (template := self.find(DiskTemplate, root, "DiskTemplate/DiskTemplate")) is None:
            return None
        number = _text(root, "DiskTemplate/Version")
        versions = self.store.all(DiskTemplateVersion, template)
        matching = [version for version in versions if number in (None, str(version.number), version.id)]
        _required(matching, f"The disk template has no version {number}")
        return matching[-1]

    def _disk(self, element: Element) -> JSON:
        size = _text(element, "Size") or ""
        speed = _text(element, "Speed")
        profile = self.find(DiskIOProfile, element, "IOProfile")
        _required(re.fullmatch("0*[1-9][0-9]{0,18}", size), "Size must be a number of GB")
        _required(speed in (None, *_SPEEDS), f"Speed must be one of {', '.join(_SPEEDS)}")
        profile_id = None if profile is None else profile.id
        others = {"name": _text(element, "Name"), "storage_speed": speed, "io_profile_id": profile_id}
        return without_nulls({"size_in_gb": int(size), **others})

    def _interface(self, element: Element) -> _Interface:
        given = self.find(Network, element, "Network") or self.find(VirtualNetwork, element, "VirtualNetwork")
        network = _required(given, "A network interface needs a network or a virtual network")
        addresses = self.find_all(IPAddress, element, "IPAddressAllocation/IPAddress")
        available = all(address.free and address.network_id == network.id for address in addresses)
        _required(available, "IPAddress is not available on the network")
        return _Interface(
            network=network,
            speed_profile=self.find(NetworkSpeedProfile, element, "SpeedProfile"),
            address_ids=[address.id for address in addresses],
            new_versions=[f"ipv{_text(part, 'Version')}" for part in element.iterfind("IPAddressAllocation[Version]")],
        )


def _zone(store: Store, place: Zone | DataCenter) -> Zone:
    """Return a zone, or the first one of a data center."""
    return place if isinstance(place, Zone) else store.all(Zone, place)[0]


@operation("POST", "/organizations/:organization/virtual_machines/build_from_spec")
def build_from_spec(store: Store, owner: Organization, *, xml: str | None) -> tuple[Any, ...]:
    """Core API v1: post:organization_virtual_machines_build_from_spec."""
    try:
        root = fromstring(xml or "")  # noqa: S314 - local tests send it, and expat limits the growth of entities
    except ParseError as error:
        raise APIError("invalid_spec_xml", detail={"errors": str(error)}) from error
    return _begin(store, owner, _SpecificationReader(store, owner).plan(root), xml or "")


@operation("POST", "/organizations/:organization/virtual_machines/build")
def build(
    store: Store, owner: Organization, *objects: Any, hostname: str | None = None, disks: Sequence[JSON] = (), **_: Any
) -> tuple[Any, ...]:
    """Core API v1: post:organization_virtual_machines_build. Such a build has no specification."""
    zone, data_center, package, template, network = objects
    require(zone or data_center, "location_required")
    rows = sorted(map(without_nulls, disks), key=lambda disk: not disk.get("system"))  # the system disk first
    require(not rows or [disk.get("system") for disk in rows].count(True) == 1, "one_system_disk_required")
    require(all(disk["size_in_gb"] > 0 for disk in rows), "validation_error", "Size in gb must be greater than 0")
    zone = _zone(store, zone or data_center)
    network = network or store.all(Network, data_center_id=zone.data_center_id, default=True)[0]
    plan = _Plan(
        zone=zone,
        package=package,
        version=template.latest_version(store) if template else None,
        disks=[{name: value for name, value in disk.items() if name in Disk.fields} for disk in rows],
        interfaces=[_Interface(network=network, new_versions=["ipv4"])],
        hostname=hostname,
    )
    return _begin(store, owner, plan, "")


def _begin(store: Store, owner: Organization, plan: _Plan, xml: str) -> tuple[Any, ...]:
    """Begin the build of a machine and return the content of the response.

    Raises:
        APIError: a network is in another data center, or the hostname is not valid or not free.
    """
    same_place = all(new.network.data_center_id == plan.zone.data_center_id for new in plan.interfaces)
    require(same_place, "validation_error", "The network and the virtual machine are in different data centers")
    name = plan.hostname or f"machine-{store.rng.randrange(10**6)}"
    hostname = name.lower()  # as Katapult does
    fqdn = domain_name(store, owner, hostname)
    build = store.add(VirtualMachineBuild, owner, hostname=hostname, spec_xml=xml)
    fields = {"organization_id": owner.id, "name": name, "hostname": hostname, "fqdn": fqdn, **plan.others}
    states = ("building", "failed", "complete")
    finish = partial(_finish, plan=plan, fields=fields)
    task = begin_exclusive_task(store, build, "Build virtual machine", states=states, on_completion=finish)
    return build, task, {"build": build, "hostname": hostname}


def _finish(store: Store, build: VirtualMachineBuild, *, plan: _Plan, fields: JSON) -> None:
    """Create the machine with its disks, interfaces and addresses, and start it.

    The build fails if a tag, the group or a virtual network of the machine was deleted meanwhile.
    """
    ids = {*fields.get("tag_ids", ()), fields.get("group_id"), *(new.network.id for new in plan.interfaces)} - {None}
    if None in map(store.get, ids):
        store.change(build, state="failed")
        return
    owner_id, password = build.organization_id, hexadecimal(64, rng=store.rng)
    fields = {"zone_id": plan.zone.id, "initial_root_password": password, **plan.package.resources, **fields}
    machine = store.add(VirtualMachine, state="starting", **fields)
    store.annotations[machine.id].update(store.annotations[build.id])
    for number, disk in enumerate(plan.disks or [{"size_in_gb": plan.package.storage_in_gb}], start=1):
        is_system = number == 1
        values = {"name": "System Disk" if is_system else f"Disk {number}", **disk}
        installed = plan.version if is_system else None
        mutations.create_disk_of_machine(store, machine, version=installed, boot=is_system, **values)
    for new in plan.interfaces:
        profile = new.speed_profile or store.all(NetworkSpeedProfile)[0]
        interface = mutations.create_interface(store, machine, network=new.network, speed_profile=profile)
        store.change(interface, state="attached")
        addresses = [address for address in map(store.get, new.address_ids) if address is not None and address.free]
        for version in new.new_versions:
            with suppress(APIError):  # the network has no address left
                addresses.append(mutations.create_address(store, owner_id, network=new.network, version=version))
        for address in addresses:
            store.change(address, interface_id=interface.id)
    store.change(build, virtual_machine_id=machine.id)
    store.begin_task(machine, "Start virtual machine", states=("starting", "stopped", "started"))
