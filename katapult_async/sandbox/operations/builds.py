"""Builds of virtual machines, from arguments and from specifications."""

import re
from collections.abc import Sequence
from functools import partial
from typing import Any, TypeVar
from xml.etree.ElementTree import Element, ParseError, fromstring

import attrs

from katapult_async.sandbox import mutations
from katapult_async.sandbox.arguments import present
from katapult_async.sandbox.errors import APIError, require
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
    Tag,
    VirtualMachine,
    VirtualMachineBuild,
    VirtualMachineGroup,
    VirtualMachinePackage,
    VirtualNetwork,
    Zone,
)
from katapult_async.sandbox.serializers import JSON
from katapult_async.sandbox.store import Store

from .crud import Crud
from .operation import operation
from .tasks import begin_task

T = TypeVar("T", bound=Object)

_LIST = "/organizations/:organization/virtual_machines"
_ELEMENTS = frozenset(
    {"Zone", "DataCenter", "Resources", "DiskTemplate", "CloudInit", "SystemDisks", "SharedDisks", "NetworkInterfaces"}
    | {"Hostname", "Name", "Description", "Group", "AuthorizedKeys", "BackupPolicies", "Tags", "ISO"}
)


def _invalid(problem: str) -> APIError:
    return APIError("invalid_spec_xml", detail={"errors": problem})


class _Disk(Value):
    """A disk of the new machine."""

    size_in_gb: int = 0
    system: bool = False
    name: str | None = None
    storage_speed: str | None = None
    io_profile_id: str | None = None


@attrs.frozen(kw_only=True)
class _Interface:
    """A network interface of the new machine."""

    network: Network | VirtualNetwork
    speed_profile: NetworkSpeedProfile
    address_ids: Sequence[str] = ()
    new_versions: Sequence[str] = ()


@attrs.frozen(kw_only=True)
class _Plan:
    """The virtual machine that a build creates."""

    zone: Zone
    package: VirtualMachinePackage
    version: DiskTemplateVersion | None
    """The version that is installed on the first disk."""
    disks: Sequence[_Disk]
    """The disks; the first is the system disk. If there are none, the machine gets one disk of the package's size."""
    interfaces: Sequence[_Interface]
    hostname: str | None
    others: JSON = attrs.field(factory=dict)
    """Other fields of the machine."""


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
        """Return the object that an element names; None if the element is absent.

        Raises:
            APIError: there is no such object that the organization can use.
        """
        element = (self.root if inside is None else inside).find(path)
        if element is None:
            return None
        key, text = element.get("by", "id"), (element.text or "").strip()
        obj = self.store.find(model, text, by=key) if key in model.kind.keys else None
        if obj is None or getattr(obj, "organization_id", None) not in (None, self.owner.id):
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
        zone, data_center = self.find(Zone, "Zone"), self.find(DataCenter, "DataCenter")
        if (place := zone or data_center) is None or None not in (zone, data_center):
            raise _invalid("Either a data center or a zone must be provided")
        group, tag_names = self.find(VirtualMachineGroup, "Group"), {tag.text for tag in self.root.iterfind("Tags/Tag")}
        tags = [tag.id for tag in self.store.all(Tag, organization_id=self.owner.id) if tag.name in tag_names]
        others = {"name": self.text("Name"), "description": self.text("Description"), "tag_ids": tuple(tags)}
        return _Plan(
            zone=_zone(self.store, place),
            package=package,
            version=self._version(),
            disks=[self._disk(element) for element in self.root.iterfind("SystemDisks/Disk")],
            interfaces=[*map(self._interface, self.root.iterfind("NetworkInterfaces/NetworkInterface"))],
            hostname=self.text("Hostname/Hostname"),
            others={**present(others), "group_id": group and group.id},
        )

    def _version(self) -> DiskTemplateVersion | None:
        template, number = self.find(DiskTemplate, "DiskTemplate/DiskTemplate"), self.text("DiskTemplate/Version")
        if template is None:
            return None
        versions = self.store.all(DiskTemplateVersion, disk_template_id=template.id)
        matching = [version for version in versions if number in (None, str(version.number), version.id)]
        if not matching:
            raise _invalid(f"The disk template has no version {number}")
        return matching[-1]

    def _disk(self, element: Element) -> _Disk:
        size, profile = self.text("Size", element) or "", self.find(DiskIOProfile, "IOProfile", element)
        if not re.fullmatch("0*[1-9][0-9]{0,18}", size):
            raise _invalid("Size must be a number of GB")
        return _Disk(
            size_in_gb=int(size),
            name=self.text("Name", element),
            storage_speed=self.text("Speed", element),
            io_profile_id=profile.id if profile else None,
        )

    def _interface(self, element: Element) -> _Interface:
        network = self.find(Network, "Network", element) or self.find(VirtualNetwork, "VirtualNetwork", element)
        if network is None:
            raise _invalid("A network interface needs a network or a virtual network")
        allocations = [*element.iterfind("IPAddressAllocation")]
        addresses = [address for part in allocations if (address := self.find(IPAddress, "IPAddress", part))]
        if not all(address.free and address.network_id == network.id for address in addresses):
            raise _invalid("IPAddress is not available on the network")
        return _Interface(
            network=network,
            speed_profile=self.find(NetworkSpeedProfile, "SpeedProfile", element) or _speed_profile(self.store),
            address_ids=[address.id for address in addresses],
            new_versions=[f"ipv{version}" for part in allocations if (version := self.text("Version", part))],
        )


def _zone(store: Store, place: Zone | DataCenter) -> Zone:
    return place if isinstance(place, Zone) else store.all(Zone, data_center_id=place.id)[0]


def _speed_profile(store: Store) -> NetworkSpeedProfile:
    return store.all(NetworkSpeedProfile)[0]


@operation("POST", f"{_LIST}/build_from_spec")
def build_from_spec(store: Store, owner: Organization, *, xml: str | None) -> JSON:
    """Core API v1: post:organization_virtual_machines_build_from_spec."""
    try:
        root = fromstring(xml or "")  # noqa: S314 - local tests send it, and expat limits the growth of entities
    except ParseError as error:
        raise _invalid(str(error)) from error
    if root.tag != "VirtualMachineSpec":
        raise _invalid(f"{root.tag} is not expected")
    return _begin(store, owner, _Spec(store, owner, root).plan(), xml or "")


@operation("POST", f"{_LIST}/build")
def build(
    store: Store,
    owner: Organization,
    *objects: Any,
    hostname: str | None = None,
    disks: Sequence[JSON] = (),
    **_: object,
) -> JSON:
    """Core API v1: post:organization_virtual_machines_build. Such a build has no specification."""
    zone, data_center, package, template, network = objects
    require(zone or data_center, "location_required")
    new_disks = [_Disk(**{name: value for name, value in disk.items() if name in _Disk.fields}) for disk in disks]
    new_disks.sort(key=lambda disk: not disk.system)
    require(not new_disks or [disk.system for disk in new_disks].count(True) == 1, "one_system_disk_required")
    require(all(disk.size_in_gb > 0 for disk in new_disks), "validation_error", "Size in gb must be greater than 0")
    zone = _zone(store, zone or data_center)
    network = network or store.all(Network, data_center_id=zone.data_center_id, default=True)[0]
    plan = _Plan(
        zone=zone,
        package=package,
        version=template.latest_version(store) if template else None,
        disks=new_disks,
        interfaces=[_Interface(network=network, speed_profile=_speed_profile(store), new_versions=["ipv4"])],
        hostname=hostname,
    )
    return _begin(store, owner, plan, "")


def _begin(store: Store, owner: Organization, plan: _Plan, xml: str) -> JSON:
    name = plan.hostname or f"machine-{store.rng.randrange(10**6)}"
    hostname = name.lower()  # as Katapult does
    fqdn = f"{hostname}.{owner.infrastructure_domain}"
    pending = (obj.hostname for obj in store.all(VirtualMachineBuild, organization_id=owner.id) if obj.unfinished)
    taken = store.find(VirtualMachine, fqdn, by="fqdn") is not None or hostname in pending
    require(not taken, "validation_error", "Hostname has already been taken")
    build = store.add(VirtualMachineBuild, organization_id=owner.id, hostname=hostname, spec_xml=xml)
    machine = {"organization_id": owner.id, "name": name, "hostname": hostname, "fqdn": fqdn, **plan.others}
    states = {"running": {"state": "building"}, "failed": {"state": "failed"}}
    finish = partial(_finish, build=build, plan=plan, machine=machine)
    task = begin_task(store, build, "Build virtual machine", on_completion=finish, **states)
    return {"task": task, "build": build, "virtual_machine_build": build, "hostname": hostname}


def _finish(store: Store, *, build: VirtualMachineBuild, plan: _Plan, machine: JSON) -> None:
    """Create the machine with its disks, interfaces and addresses, and start it."""
    new_machine = store.add(
        VirtualMachine,
        id=store.new_id(VirtualMachine),
        zone_id=plan.zone.id,
        package_id=plan.package.id,
        state="starting",
        initial_root_password=f"{store.rng.getrandbits(64):016x}",
        **machine,
    )
    for number, disk in enumerate(plan.disks or [_Disk(size_in_gb=plan.package.storage_in_gb)]):
        values = {"name": f"Disk {number + 1}" if number else "System disk", **present(vars(disk))}
        del values["system"]
        installed = None if number else plan.version
        mutations.create_disk_of_machine(store, new_machine, version=installed, boot=not number, **values)
    for new in plan.interfaces:
        interface = mutations.create_interface(store, new_machine, network=new.network, speed_profile=new.speed_profile)
        store.change(interface, state="attached")
        addresses = [*map(store.get, new.address_ids)]
        for version in new.new_versions:
            address = mutations.create_address(
                store, new_machine.organization_id, network_id=new.network.id, version=version
            )
            addresses.append(address)
        for address in addresses:
            if address is not None and address.free:
                store.change(address, interface_id=interface.id)
    store.change(build, state="complete", virtual_machine_id=new_machine.id)
    store.begin_task(new_machine, "Start virtual machine", state="started")


VIRTUAL_MACHINE_BUILDS = Crud(model=VirtualMachineBuild, path="/virtual_machines/builds/:virtual_machine_build")
