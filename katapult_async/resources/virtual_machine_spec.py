"""The specification of a new virtual machine, and its XML, which ``create_from_spec`` takes.

The elements are those of https://developers.katapult.io/docs/dev/concepts/virtual-machine-specs, of the package
``buildspec`` of https://github.com/krystal/go-katapult (commit 88de33d, and 0cad3cf for CloudInit), and of the recorded
requests: 2024-07 and 2026-08.
"""

import functools
import re
from collections.abc import Collection, Mapping, Sequence
from typing import Final
from xml.etree.ElementTree import Element, SubElement, tostring

import attrs

from katapult_async.config import whole_number
from katapult_async.core import validation
from katapult_async.core.encoding import converter, reference
from katapult_async.core.endpoints import Ref
from katapult_async.errors import UsageError
from katapult_async.models.lookups import Permalink
from katapult_async.resources.new_virtual_machine_parts import NewDisk, NewNetworkInterface
from katapult_async.resources.references import (
    BUILD_PACKAGE,
    DATA_CENTER,
    DISK_TEMPLATE,
    GROUP,
    IO_PROFILE,
    IP_ADDRESS,
    NETWORK,
    SPEED_PROFILE,
    SSH_KEY,
    USER,
    VIRTUAL_NETWORK,
    ZONE,
)

_CAPITAL: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")
_NOT_XML: Final = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0, production 2
_VERSION_NUMBERS: Final = {"ipv4": "4", "ipv6": "6"}
_address_version = validation.choice(_VERSION_NUMBERS)
_check_disk = converter(NewDisk, refs=(IO_PROFILE,))
_items = functools.partial(validation.items, kind=Collection)


@attrs.frozen(kw_only=True)
class VirtualMachineSpec:
    """The specification of a new virtual machine. `xml` is what ``virtual_machine_builds.create_from_spec`` takes."""

    package: str | Permalink
    """Id of the package, or ``Permalink("rock-3")``."""

    data_center: str | Permalink | None = None
    """Id of the data center, or ``Permalink("uk-lon-01")``. Either this or the zone must be given."""

    zone: str | Permalink | None = None
    """Id of the zone, or its ``Permalink``."""

    disk_template: str | Permalink | None = None
    """Id of the disk template, or ``Permalink("templates/ubuntu-24-04")``."""

    disk_template_version: int | None = None
    """Number of the version of the template; None for the latest."""

    disk_template_options: Mapping[str, str] = attrs.field(factory=dict, repr=False)
    """Values of the options of the template, by name; see ``disk_templates.spec``. They can be secrets."""

    user_data: str | None = attrs.field(default=None, repr=False)
    """User data for cloud-init, which can contain secrets."""

    disks: Sequence[NewDisk] = ()
    """Disks, exactly one of them with ``system=True``; without disks, a system disk of the package's size."""

    interfaces: Sequence[NewNetworkInterface] = ()
    """Network interfaces."""

    hostname: str | None = None
    """First part of the domain name; None for a random one."""

    name: str | None = None
    """Display name."""

    description: str | None = None
    """Free text about the virtual machine."""

    group: str | None = None
    """Id of the virtual machine group."""

    ssh_keys: Sequence[str] = ()
    """Ids of the SSH keys of the organization that may log in."""

    all_ssh_keys: bool = False
    """Whether all SSH keys of the organization may log in."""

    users: Sequence[str] = ()
    """Ids of the users whose SSH keys may log in."""

    all_users: bool = False
    """Whether the SSH keys of all users of the organization may log in."""

    tag_names: Sequence[str] = ()
    """Names of tags. The name of a tag that does not exist is ignored."""

    xml: str = attrs.field(init=False, repr=False)
    """The specification as XML."""

    @xml.default
    def _as_xml(self) -> str:
        if (self.data_center is None) == (self.zone is None):
            raise UsageError("give either data_center or zone")
        spec = Element("VirtualMachineSpec")
        _refer_if_given(spec, "Zone", ZONE, self.zone)
        _refer_if_given(spec, "DataCenter", DATA_CENTER, self.data_center)
        _refer(SubElement(spec, "Resources"), "Package", BUILD_PACKAGE, self.package)
        self._add_template(spec)
        _write(SubElement(spec, "CloudInit"), "UserData", self.user_data)
        self._add_disks(spec)
        self._add_interfaces(spec)
        hostname = SubElement(spec, "Hostname")
        if self.hostname is None:
            SubElement(hostname, "Hostname", type="random")
        _write(hostname, "Hostname", self.hostname)
        _write(spec, "Name", self.name)
        _write(spec, "Description", self.description)
        _refer_if_given(spec, "Group", GROUP, self.group)
        keys = SubElement(spec, "AuthorizedKeys")
        _authorize(keys, "User", USER, self.users, every=self.all_users)
        _authorize(keys, "SSHKey", SSH_KEY, self.ssh_keys, every=self.all_ssh_keys)
        tags = SubElement(spec, "Tags")
        for name in _items("tag_names", self.tag_names):
            SubElement(tags, "Tag").text = _xml_text("an item of tag_names", name)
        for part in [part for part in spec if part.text is None and not len(part)]:  # nothing was given for it
            spec.remove(part)
        return tostring(spec, encoding="unicode")

    def _add_template(self, spec: Element) -> None:
        validation.instance("disk_template_options", self.disk_template_options, Mapping)
        if self.disk_template is None and (self.disk_template_version is not None or self.disk_template_options):
            raise UsageError("disk_template_version and disk_template_options need a disk_template")
        template = SubElement(spec, "DiskTemplate")
        _refer_if_given(template, "DiskTemplate", DISK_TEMPLATE, self.disk_template)
        if self.disk_template_version is not None:
            version = whole_number("disk_template_version", self.disk_template_version)
            _write(template, "Version", str(version), by="number")
        for key, value in self.disk_template_options.items():
            option = SubElement(template, "Option", key=_xml_text("an option's name", key))
            option.text = _xml_text(key, value)

    def _add_disks(self, spec: Element) -> None:
        given = _items("disks", self.disks)
        disks = SubElement(spec, "SystemDisks")
        for new in given:
            _check_disk("an item of disks", new)
        if given and len([new for new in given if new.system is True]) != 1:
            raise UsageError("exactly one disk must be the system disk")
        for new in sorted(given, key=lambda disk: not disk.system):  # the system disk is the first
            disk = SubElement(disks, "Disk")
            _write(disk, "Name", new.name)
            _write(disk, "Size", str(new.size_in_gb))
            _write(disk, "Speed", new.storage_speed)
            _refer_if_given(disk, "IOProfile", IO_PROFILE, new.io_profile)
            _write(disk, "FileSystemType", new.initial_file_system)

    def _add_interfaces(self, spec: Element) -> None:
        interfaces = SubElement(spec, "NetworkInterfaces")
        for new in _items("interfaces", self.interfaces):
            validation.instance("an item of interfaces", new, NewNetworkInterface)
            interface = SubElement(interfaces, "NetworkInterface")
            _refer_if_given(interface, "Network", NETWORK, new.network)
            _refer_if_given(interface, "VirtualNetwork", VIRTUAL_NETWORK, new.virtual_network)
            _refer_if_given(interface, "SpeedProfile", SPEED_PROFILE, new.speed_profile)
            for address in _items("ip_addresses", new.ip_addresses):
                allocation = SubElement(interface, "IPAddressAllocation", type="existing")
                _refer(allocation, "IPAddress", IP_ADDRESS, address)
            for version in _items("new_ip_addresses", new.new_ip_addresses):
                allocation = SubElement(interface, "IPAddressAllocation", type="new")
                _write(allocation, "Version", _VERSION_NUMBERS[_address_version("new_ip_addresses", version)])


def _write(parent: Element, tag: str, text: object, **attributes: str) -> None:
    """Add an element with a text, unless the text is None."""
    if text is not None:
        name = _CAPITAL.sub("_", tag).lower()  # as arguments are named: ``user_data``, and not ``UserData``
        SubElement(parent, tag, attributes).text = _xml_text(name, text)


def _refer_if_given(parent: Element, tag: str, ref: Ref, value: object) -> None:
    """Add an element that refers to an object, unless the value is None."""
    if value is not None:
        _refer(parent, tag, ref, value)


def _refer(parent: Element, tag: str, ref: Ref, value: object) -> None:
    """Add an element that refers to an object."""
    [(key, text)] = reference(ref, ref.parameter, value).items()
    _write(parent, tag, text, **({} if key == "id" else {"by": key}))


def _authorize(parent: Element, tag: str, ref: Ref, values: Sequence[str], *, every: bool) -> None:
    """Add an element with an inner element for each value; with ``every``, an element with ``all="yes"`` instead."""
    name = f"{ref.name}s"
    ids = _items(name, values)
    if validation.flag(f"all_{name}", every):
        SubElement(parent, f"{tag}s", all="yes")
    elif ids:
        group = SubElement(parent, f"{tag}s")
        for value in ids:
            _refer(group, tag, ref, value)


def _xml_text(name: str, value: object) -> str:
    """Check that a value is a text that XML can contain, and return it."""
    text = validation.text(name, value)
    if _NOT_XML.search(text):
        raise UsageError(f"{name} contains a character that XML does not allow")
    return text
