"""Builds of virtual machines, from arguments and from specifications."""

import re
from collections.abc import Iterator
from functools import partial
from typing import TypeVar
from xml.etree.ElementTree import Element, ParseError, SubElement, fromstring, tostring

import attrs

from katapult_async.sandbox import mutations, serializers
from katapult_async.sandbox.arguments import Arguments
from katapult_async.sandbox.errors import APIError, validation_error
from katapult_async.sandbox.kinds import KINDS, kind_name
from katapult_async.sandbox.models import (
    DataCenter,
    DiskIOProfile,
    DiskTemplate,
    DiskTemplateVersion,
    IPAddress,
    Network,
    NetworkSpeedProfile,
    Object,
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
from .operation import lookup, operation, string, value
from .tasks import begin_task

T = TypeVar("T", bound=Object)

_LIST = "/organizations/:organization/virtual_machines"
_ELEMENTS = frozenset(
    {"Zone", "DataCenter", "Resources", "DiskTemplate", "CloudInit", "SystemDisks", "SharedDisks", "NetworkInterfaces"}
    | {"Hostname", "Name", "Description", "Group", "AuthorizedKeys", "BackupPolicies", "Tags", "ISO"}
)
_VERSIONS = {"4": "ipv4", "6": "ipv6"}


def _invalid(problem: str) -> APIError:
    return APIError("invalid_spec_xml", detail={"errors": problem})


@attrs.frozen(kw_only=True)
class _Interface:
    """A network interface of the new machine."""

    network: Network | VirtualNetwork
    speed_profile: NetworkSpeedProfile
    addresses: tuple[IPAddress, ...]
    new_versions: tuple[str, ...]


@attrs.frozen(kw_only=True)
class _Plan:
    """What a specification asks for."""

    owner: Organization
    zone: Zone
    package: VirtualMachinePackage
    version: DiskTemplateVersion | None
    hostname: str
    name: str
    description: str | None
    group: VirtualMachineGroup | None
    tags: tuple[Tag, ...]
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
        obj = self.store.find(model, text, by=key) if key in KINDS[model].keys else None
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
        names = {tag.text for tag in self.root.iterfind("Tags/Tag")}
        return _Plan(
            owner=self.owner,
            zone=self._zone(),
            package=package,
            version=self._version(),
            hostname=hostname.lower(),  # as Katapult does
            name=self.text("Name") or hostname,
            description=self.text("Description"),
            group=self.find(VirtualMachineGroup, "Group"),
            tags=tuple(tag for tag in self.store.all(Tag, organization_id=self.owner.id) if tag.name in names),
            disks=tuple(self._disks()) or ({"name": "System disk", "size_in_gb": package.storage_in_gb},),
            interfaces=tuple(map(self._interface, self.root.iterfind("NetworkInterfaces/NetworkInterface"))),
        )

    def _zone(self) -> Zone:
        zone, data_center = self.find(Zone, "Zone"), self.find(DataCenter, "DataCenter")
        if (zone is None) == (data_center is None):
            raise _invalid("Either a data center or a zone must be provided")
        return self.store.all(Zone, data_center_id=data_center.id)[0] if zone is None and data_center else zone  # type: ignore[return-value] # one of both is there

    def _version(self) -> DiskTemplateVersion | None:
        template = self.find(DiskTemplate, "DiskTemplate/DiskTemplate")
        if template is None:
            return None
        number = self.text("DiskTemplate/Version")
        versions = self.store.all(DiskTemplateVersion, disk_template_id=template.id)
        fitting = [each for each in versions if number in (None, str(each.number), each.id)]
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
            yield {"name": name, "size_in_gb": int(size), **{key: each for key, each in fields.items() if each}}

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
                existing.append(address)
            else:
                version = _VERSIONS.get(self.text("Version", allocation) or "")
                if version is None:
                    raise _invalid("Version must be 4 or 6")
                new.append(version)
        return _Interface(network=network, speed_profile=profile, addresses=tuple(existing), new_versions=tuple(new))


@operation("POST", f"{_LIST}/build_from_spec", Organization, string("xml"), scopes="virtual_machines", status=201)
def build_from_spec(store: Store, owner: Organization, xml: str) -> JSON:
    """Core API v1: post:organization_virtual_machines_build_from_spec."""
    try:
        root = fromstring(xml)  # noqa: S314 - local tests send it, and expat limits the growth of entities
    except ParseError as error:
        raise _invalid(str(error)) from error
    if root.tag != "VirtualMachineSpec":
        raise _invalid(f"{root.tag} is not expected")
    return _begin(store, _Spec(store, owner, root).plan(), xml)


@value
def _rest(arguments: Arguments) -> JSON:
    disks = [
        {
            "size_in_gb": disk.integer("size_in_gb"),
            "system": disk.boolean("system") is True,
            "name": disk.text("name"),
            "storage_speed": disk.text("storage_speed"),
        }
        for disk in arguments.items("disks")
    ]
    return {"hostname": arguments.text("hostname"), "disks": disks}


@operation(
    "POST",
    f"{_LIST}/build",
    Organization,
    lookup(Zone, optional=True),
    lookup(DataCenter, optional=True),
    lookup(VirtualMachinePackage, "package"),
    lookup(DiskTemplate, optional=True, own=True),
    lookup(Network, optional=True, own=True),
    _rest,
    scopes="virtual_machines",
    status=201,
)
def build(  # noqa: PLR0917 - the arguments of the operation
    store: Store,
    owner: Organization,
    zone: Zone | None,
    data_center: DataCenter | None,
    package: VirtualMachinePackage,
    template: DiskTemplate | None,
    network: Network | None,
    rest: JSON,
) -> JSON:
    """Core API v1: post:organization_virtual_machines_build. It is the specification of its arguments."""
    place = zone or data_center
    if place is None:
        raise APIError("location_required")
    disks = sorted(rest["disks"], key=lambda disk: not disk["system"])
    if disks and [disk["system"] for disk in disks].count(True) != 1:
        raise APIError("one_system_disk_required")
    if not all(isinstance(disk["size_in_gb"], int) and disk["size_in_gb"] > 0 for disk in disks):
        raise validation_error("Size in gb must be greater than 0")
    root = Element("VirtualMachineSpec")
    _add(root, type(place).__name__, place.id)
    _add(root, "Resources/Package", package.id)
    if template is not None:
        _add(root, "DiskTemplate/DiskTemplate", template.id)
    system_disks = _add(root, "SystemDisks")
    for disk in disks:
        element = _add(system_disks, "Disk")
        for tag, name in (("Name", "name"), ("Size", "size_in_gb"), ("Speed", "storage_speed")):
            if disk[name] is not None:
                _add(element, tag, str(disk[name]))
    center_id = place.data_center_id if isinstance(place, Zone) else place.id
    used = network or store.all(Network, data_center_id=center_id, default=True)[0]
    interface = _add(root, "NetworkInterfaces/NetworkInterface")
    _add(interface, "Network", used.id)
    _add(interface, "IPAddressAllocation/Version", "4")
    _add(root, "Hostname/Hostname", rest["hostname"])
    return _begin(store, _Spec(store, owner, root).plan(), tostring(root, encoding="unicode"))


def _add(element: Element, path: str, text: str | None = None) -> Element:
    """Add an element, inside new ones where the path has several names, and return it."""
    for tag in path.split("/"):
        element = SubElement(element, tag)
    element.text = text
    return element


def _begin(store: Store, plan: _Plan, xml: str) -> JSON:
    fqdn = f"{plan.hostname}.{plan.owner.infrastructure_domain}"
    pending = (obj.hostname for obj in store.all(VirtualMachineBuild, organization_id=plan.owner.id) if obj.unfinished)
    if store.find(VirtualMachine, fqdn, by="fqdn") is not None or plan.hostname in pending:
        raise validation_error("Hostname has already been taken")
    begun = VirtualMachineBuild(
        id=store.new_id(VirtualMachineBuild),
        organization_id=plan.owner.id,
        hostname=plan.hostname,
        spec_xml=xml,
        created_at=int(store.now),
    )
    store.put(begun)
    task = begin_task(
        store,
        begun,
        name="Build virtual machine",
        shape=serializers.TASK,
        changes_by_status={"running": {"state": "building"}, "failed": {"state": "failed"}},
        completes=partial(_finish, build_id=begun.id, plan=plan),
    )
    shown = serialize(store, begun, "id state")
    return {**task, "build": shown, "virtual_machine_build": shown, "hostname": plan.hostname, "annotations": []}


def _finish(store: Store, *, build_id: str, plan: _Plan) -> None:
    """Create the machine with its disks, interfaces and addresses. It starts then."""
    machine = VirtualMachine(
        id=store.new_id(VirtualMachine),
        name=plan.name,
        hostname=plan.hostname,
        fqdn=f"{plan.hostname}.{plan.owner.infrastructure_domain}",
        description=plan.description,
        created_at=int(store.now),
        state="starting",
        organization_id=plan.owner.id,
        zone_id=plan.zone.id,
        package_id=plan.package.id,
        group_id=None if plan.group is None else plan.group.id,
        tag_ids=tuple(tag.id for tag in plan.tags),
        initial_root_password=f"{store.rng.getrandbits(64):016x}",
    )
    store.put(machine)
    for number, fields in enumerate(plan.disks):
        mutations.create_disk_of_machine(
            store, machine, version=plan.version if number == 0 else None, boot=number == 0, **fields
        )
    for new in plan.interfaces:
        interface = mutations.create_interface(store, machine, network=new.network, speed_profile=new.speed_profile)
        store.put(attrs.evolve(interface, state="attached"))
        addresses = [store.get(address.id) for address in new.addresses]
        addresses += [
            mutations.create_address(store, plan.owner.id, network_id=new.network.id, version=version)
            for version in new.new_versions
        ]
        for address in addresses:
            if address is not None and address.free:
                mutations.allocate(store, address, interface=interface)
    store.put(attrs.evolve(store.get(build_id), state="complete", virtual_machine_id=machine.id))
    store.begin_task(machine, name="Start virtual machine", state="started")


VIRTUAL_MACHINE_BUILDS = Crud(
    model=VirtualMachineBuild,
    operations="get",
    path="/virtual_machines/builds/:virtual_machine_build",
    scope="virtual_machines",
    shape=serializers.BUILD,
    annotations=True,
)
