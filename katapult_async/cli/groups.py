"""The groups of commands, one row for each resource.

The help of the root shows the groups, so this module imports nothing slow.
"""

from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple


class Group(NamedTuple):
    """A group of commands: the methods of one resource."""

    name: str
    """Name of the group."""

    summary: str
    """What the commands are about, for the help of the group and of the root, without the full stop."""

    alias: str = ""
    """Short name. ``orgs``, ``vms`` and ``nets`` are those of katapult-cli."""

    resource: str = ""
    """Attribute of the client, and module in `katapult_async.resources`; empty if it is the name with underscores."""

    renamed: Mapping[str, str] = {}
    """Methods whose command has a name other than the method's."""

    handwritten: tuple[str, ...] = ()
    """Commands that are written by hand, each in a module of its name, for all methods whose names begin with it."""

    shared: Mapping[str, str] = {}
    """Commands of other groups that this group has too, each with the name of the other group."""

    @property
    def help(self) -> str:
        """The help of the group."""
        return f"{self.summary} (alias: {self.alias})." if self.alias else f"{self.summary}."

    @property
    def attribute(self) -> str:
        """The attribute of the client, and the module, of the resource."""
        return self.resource or self.name.replace("-", "_")

    def command_of(self, method: str) -> str:
        """Return the name of the command of a method."""
        return self.renamed.get(method, method.replace("_", "-"))

    def derived(self, methods: Iterable[str]) -> dict[str, str]:
        """Return the methods that no handwritten command calls, by the names of their commands."""
        commands = {self.command_of(method): method for method in methods}
        return {name: method for name, method in commands.items() if not name.startswith(self.handwritten)}


GROUPS: Final[tuple[Group, ...]] = (
    Group("address-list-entries", "Entries of address lists"),
    Group("address-lists", "Address lists"),
    Group("api-tokens", "API tokens"),
    Group("certificates", "Certificates"),
    Group("countries", "Countries"),
    Group("country-states", "States of countries"),
    Group("currencies", "Currencies"),
    Group("data-centers", "Data centers", "dcs"),
    Group("disk-backup-policies", "Backup policies of disks", "backups"),
    Group("disk-io-profiles", "Speed limits of disks"),
    Group("disk-templates", "Disk templates: images for disks"),
    Group("disks", "Disks of virtual machines"),
    Group("dns-records", "Records of DNS zones"),
    Group("dns-zones", "DNS zones"),
    Group("file-storage-volumes", "File storage volumes"),
    Group("gpu-types", "Types of graphics processors"),
    Group("ip-addresses", "IP addresses of organizations", "ips"),
    Group("load-balancer-rules", "Rules of load balancers", "lb-rules"),
    Group("load-balancers", "Load balancers", "lbs"),
    Group("managed-organizations", "Organizations that another organization manages"),
    Group(
        "network-interfaces",
        "Network interfaces",
        "nics",
        resource="virtual_machine_network_interfaces",
        handwritten=("allocate", "available-ips"),
        shared={"unallocate": "ip-addresses"},
    ),
    Group("network-speed-profiles", "Bandwidth limits of network interfaces"),
    Group("networks", "Networks", "nets", renamed={"available": "list"}),
    Group("object-storage-access-keys", "Keys of object storage", "access-keys"),
    Group("object-storage-accounts", "Object storage of organizations"),
    Group("object-storage-buckets", "Buckets of object storage", "buckets"),
    Group("operating-systems", "Operating systems"),
    Group("organizations", "Organizations", "orgs"),
    Group("security-group-rules", "Rules of security groups"),
    Group("security-groups", "Security groups: rules of a firewall"),
    Group("ssh-keys", "SSH keys"),
    Group("tags", "Tags: labels on virtual machines"),
    Group("tasks", "Tasks: background work that Katapult does"),
    Group("trash", "Objects in the trash", resource="trash_objects"),
    Group("users", "Users"),
    Group("virtual-machine-builds", "Builds of virtual machines", "builds"),
    Group("virtual-machine-groups", "Groups of virtual machines", "vm-groups"),
    Group("virtual-machine-packages", "Sizes of virtual machines", "packages"),
    Group("virtual-machines", "Virtual machines", "vms"),
    Group("virtual-networks", "Virtual networks", "vnets"),
    Group("zones", "Zones of data centers"),
)
"""The groups, in the order of their names."""
