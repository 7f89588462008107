"""The groups of commands, one row for each resource, and the examples that are written by hand.

Imports nothing slow, because the help of the root shows the groups too.
"""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

_EMPTY: Final[Mapping[str, str]] = MappingProxyType({})


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

    renamed: Mapping[str, str] = _EMPTY
    """Methods whose command has another name than the method."""

    handwritten: tuple[str, ...] = ()
    """Commands that are written by hand, each in a module of its name."""

    shared: Mapping[str, str] = _EMPTY
    """Commands of other groups that this one has too, each with the name of its group."""

    without_command: Mapping[str, str] = _EMPTY
    """Methods without a command of their own, and the command to use for each."""

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
        """Return the methods that have a command of their own, by the names of the commands."""
        return {self.command_of(method): method for method in methods if method not in self.without_command}


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
        without_command={
            "allocate_first_available": "nics allocate",
            "allocate_ip": "nics allocate --address",
            "allocate_new_ip": "nics allocate --new",
            "available_ips": "available-ips",
            "available_ips_many": "available-ips",
        },
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

EXAMPLES: Final = (
    "address-list-entries bulk adlst_kxPfMdOrTqlHfAUo --add address=198.51.100.7,name=office --dry-run",
    "dns-records create --dns-zone larch.example --type A --name web --content 203.0.113.7 --sandbox",
    "dns-zones update larch.example --default-ttl 3600 --dry-run",
    "ip-addresses list --organization larch --allocated --sandbox",
    "ips create --organization larch --network gb-london-1/public-0 --address-version ipv6 --vip --label web",
    "ip-addresses update 10.0.0.218 --reverse-dns mail.example.com --sandbox",
    "ips update ip_tV0nWFG2bivVyjOV --no-reverse-dns --dry-run",
    "network-interfaces detach vmnet_7d62bsUXKI9eLXwy --wait --timeout 60",
    "network-interfaces find --virtual-machine mail-1.larch.example --network netw_yPsF4h0gx4mGz39r --sandbox",
    "network-interfaces create --virtual-machine mail-1 --network gb-reading-1/public-3 --speed-profile 1gbps",
    "object-storage-buckets create --region uk-lon-1 --organization larch --name larch-pictures --wait --sandbox",
    "ssh-keys create --organization larch --name laptop --key 'ssh-ed25519 AAAAC3NzaC1lZDI1' --dry-run",
    "tags create --organization larch --name staging --color teal --sandbox",
    "virtual-machine-builds create --organization larch --package small --data-center gb-london-1 --wait --dry-run",
    'virtual-machine-builds create-from-spec --organization larch --xml "$(cat spec.xml)" --dry-run',
    "builds create --organization larch --package small --zone gb-london-1-a --disks size_in_gb=20,system=true",
    "vms list --organization larch -o csv --fields fqdn,ip_addresses.address",
    "vms get vm_SSY9IPHockPIozqP -o json --fields state,package.name",
    "virtual-machines authorized-keys",
    "virtual-machines update mail-1.larch.example --description 'Mail of the office' --dry-run",
    "vms update vm_SSY9IPHockPIozqP --no-group --dry-run",
    "virtual-machines build --organization larch --package small --data-center gb-london-1 --hostname web --sandbox",
    "virtual-machines delete mail-1.larch.example --yes --sandbox",
)
"""Command lines for the help. One with the full name of its group replaces the example that is made from the method;
one with the alias is shown after that."""
