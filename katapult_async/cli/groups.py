"""The groups of commands, one row for each resource, and the examples that are not derived.

Imports nothing slow, because the help of the root shows the groups too.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

_NOTHING: Final[Mapping[str, str]] = MappingProxyType({})


class Group(NamedTuple):
    """A group of commands: the methods of one resource."""

    name: str
    """Name of the group."""

    summary: str
    """What the group is about, for its help and that of the root, without the full stop."""

    alias: str = ""
    """Short name. ``orgs``, ``vms`` and ``nets`` are those of katapult-cli."""

    resource: str = ""
    """Attribute of the client, and module in `katapult_async.resources`; empty if both follow from the name."""

    ids: Mapping[str, str] = _NOTHING
    """An id in a new sandbox, by the parameter that takes it. All ids of these objects have its prefix."""

    renamed: Mapping[str, str] = _NOTHING
    """Methods whose command has another name than the method."""

    added: Mapping[str, str] = _NOTHING
    """Commands beside the derived ones: the module and function of each, or ``group command`` of another group."""

    without: Mapping[str, str] = _NOTHING
    """Methods without a command of their own, and the command to use for each."""

    elsewhere: Mapping[str, str] = _NOTHING
    """Names that users try in this group, and the message that names the command of another group."""

    @property
    def help(self) -> str:
        """The help of the group."""
        return f"{self.summary} (alias: {self.alias})." if self.alias else f"{self.summary}."

    @property
    def attribute(self) -> str:
        """The attribute of the client, and the module, of the resource."""
        return self.resource or self.name.replace("-", "_")


GROUPS: Final[tuple[Group, ...]] = (
    Group("address-list-entries", "Entries of address lists", ids={"address_list_entry": "adlste_uwGQaynkQtSbDoTb"}),
    Group("address-lists", "Address lists", ids={"address_list": "adlst_CObvCq1MaTVgLMbg"}),
    Group("api-tokens", "API tokens", ids={"api_token": "apitoken_MtF1WIwbUORNEsdQ"}),
    Group(
        "certificates",
        "Certificates",
        ids={"certificate": "cert_LYdtm2scTg7yYu3E", "certificates": "cert_LYdtm2scTg7yYu3E"},
    ),
    Group("countries", "Countries", ids={"country": "ctry_i0VpEBOWfbZAVaBS"}),
    Group("country-states", "States of countries", ids={"country_state": "ctryst_lKHMN6CJX2RjHe9S"}),
    Group("currencies", "Currencies", ids={"currency": "cur_bokK1XXYp0PfbaUp"}),
    Group("data-centers", "Data centers", "dcs", ids={"data_center": "loc_ZPsK20FKcpXzkIRP"}),
    Group(
        "disk-backup-policies",
        "Backup policies of disks",
        "backups",
        ids={"disk_backup_policy": "dbp_aUBZpWReIMJ0BrAt"},
    ),
    Group("disk-io-profiles", "Speed limits of disks", ids={"io_profile": "diop_dRNSpRLy8WJukZCk"}),
    Group(
        "disk-templates",
        "Disk templates: images for disks",
        ids={"disk_template": "dtpl_HFAQ2KTGoVwPYmOU", "disk_template_version": "dtv_5TzKLXHpL6LDD60O"},
    ),
    Group("disks", "Disks of virtual machines", ids={"disk": "disk_NqfzMivsuo1Rn0gP"}),
    Group("dns-records", "Records of DNS zones", ids={"dns_record": "dnsrec_FQ4D89D0SjTm3c4F"}),
    Group("dns-zones", "DNS zones", ids={"dns_zone": "dnszone_REG720eu7YKmI032"}),
    Group("file-storage-volumes", "File storage volumes", ids={"file_storage_volume": "fsv_fpxnM3pTx1cC4A6a"}),
    Group("gpu-types", "Models of graphics processors", ids={"gpu_type": "gpu_ZD8keIgBkxXnnRS1"}),
    Group(
        "ip-addresses",
        "IP addresses of organizations",
        "ips",
        ids={"ip_address": "ip_tV0nWFG2bivVyjOV"},
        elsewhere={"allocate": "an address is allocated to an interface: katapult-async nics allocate"},
    ),
    Group(
        "load-balancer-rules",
        "Rules of load balancers",
        "lb-rules",
        ids={"load_balancer_rule": "lbrule_V0nWFG2bivVyjOVt"},
    ),
    Group("load-balancers", "Load balancers", "lbs", ids={"load_balancer": "lb_G2bivVyjOVtV0nWF"}),
    Group("managed-organizations", "Organizations that others manage"),
    Group(
        "network-interfaces",
        "Network interfaces",
        "nics",
        resource="virtual_machine_network_interfaces",
        ids={"interface_id": "vmnet_6qfrTqnrDTs28Yet"},
        added={
            "allocate": "allocate",
            "available-ips": "available_ips",
            "unallocate": "ip-addresses unallocate",
        },
        without={
            "allocate_first_available": "nics allocate",
            "allocate_ip": "nics allocate --address",
            "allocate_new_ip": "nics allocate --new",
            "available_ips": "available-ips",
            "available_ips_many": "available-ips",
        },
    ),
    Group(
        "network-speed-profiles",
        "Bandwidth limits of network interfaces",
        ids={"speed_profile": "nsp_7Ng0NpmFh4RYx5iS"},
    ),
    Group("networks", "Networks", "nets", ids={"network": "netw_gPsEu23bmu9WvnPZ"}, renamed={"available": "list"}),
    Group(
        "object-storage-access-keys",
        "Keys of object storage",
        "access-keys",
        ids={"access_key": "objkey_7npV1e7oTUqOS9PK"},
    ),
    Group("object-storage-accounts", "Object storage of organizations", ids={"region": "uk-lon-1"}),
    Group("object-storage-buckets", "Buckets of object storage", "buckets", ids={"bucket": "larch-files"}),
    Group("operating-systems", "Operating systems", ids={"operating_system": "os_uPfWo9KAYBgVDhTy"}),
    Group("organizations", "Organizations", "orgs", ids={"organization": "org_gMvejGkqSCtDbxAl"}),
    Group("security-group-rules", "Rules of security groups", ids={"security_group_rule": "sgr_O4IkbHJqpV6b8xLY"}),
    Group("security-groups", "Security groups: rules of a firewall", ids={"security_group": "sg_1MFWufztwzSouzfW"}),
    Group("ssh-keys", "SSH keys", ids={"ssh_key": "sshkey_f89nq9KfE0Ialb1p"}),
    Group("tags", "Tags: labels on virtual machines", ids={"tag": "tag_KFAX6SRQOHpWhNxI"}),
    Group("tasks", "Tasks: background work that Katapult does", ids={"task_id": "task_a4ONAZ0jJ5pBFCJr"}),
    Group("trash", "Objects in the trash", resource="trash_objects", ids={"trash_object": "trsh_a4ONAZ0jJ5pBFCJr"}),
    Group("users", "Users"),
    Group("virtual-machine-builds", "Builds of virtual machines", "builds", ids={"build": "vmbuild_a4ONAZ0jJ5pBFCJr"}),
    Group(
        "virtual-machine-groups",
        "Groups of virtual machines",
        "vm-groups",
        ids={"virtual_machine_group": "vmgrp_MeWdUxQKiHeoxrP9", "group": "vmgrp_MeWdUxQKiHeoxrP9"},
    ),
    Group(
        "virtual-machine-packages",
        "Sizes of virtual machines",
        "packages",
        ids={"package": "vmpkg_Ft6vXN0L1zQMGIHy"},
    ),
    Group("virtual-machines", "Virtual machines", "vms", ids={"virtual_machine": "vm_SSY9IPHockPIozqP"}),
    Group("virtual-networks", "Virtual networks", "vnets", ids={"virtual_network": "vnet_tEuhipfHRIQomJ2A"}),
    Group("zones", "Zones of data centers", ids={"zone": "zone_u3j0xBhLqPXLa75N"}),
)
"""The groups, in the order of their names."""

EXAMPLES: Final = (
    "address-list-entries bulk adlst_CObvCq1MaTVgLMbg --add address=198.51.100.7,name=office --dry-run",
    "countries get GB --sandbox",
    "currencies get GBP --sandbox",
    "data-centers get gb-london-1 --sandbox",
    "data-centers default-network gb-london-1 --sandbox",
    "disk-templates get templates/ubuntu-24-04 --sandbox",
    "disk-templates versions templates/ubuntu-24-04 --sandbox",
    "disks create --organization larch --name data --size-in-gb 20 --data-center gb-london-1 --dry-run",
    "dns-records list --dns-zone larch.example --sandbox",
    "dns-records create --dns-zone larch.example --type A --name web --content 203.0.113.7 --sandbox",
    "dns-zones get larch.example --sandbox",
    "dns-zones create --organization larch --name mail.example --sandbox",
    "ip-addresses list --organization larch --allocated --sandbox",
    "ips list --organization larch -o csv --fields address,reverse_dns",
    "ip-addresses get 10.0.0.218 --sandbox",
    "ip-addresses create --organization larch --network gb-london-1/public-0 --address-version ipv4 --sandbox",
    "ips create --organization larch --network gb-london-1/public-0 --address-version ipv6 --vip --label web",
    "ip-addresses update 10.0.0.218 --reverse-dns mail.example.com --sandbox",
    "ips update ip_tV0nWFG2bivVyjOV --no-reverse-dns --dry-run",
    "ip-addresses unallocate 10.0.0.218 --sandbox",
    "ip-addresses delete 10.0.0.218 --yes --sandbox",
    "network-interfaces list --virtual-machine mail-1.larch.example --sandbox",
    "nics list --virtual-machine vm_SSY9IPHockPIozqP -o jsonl --fields id,network.name",
    "network-interfaces get vmnet_6qfrTqnrDTs28Yet",
    "nics get vmnet_6qfrTqnrDTs28Yet -o yaml --fields mac_address",
    "network-interfaces attach vmnet_MSsSwSQBkj9BvXE6 --wait",
    "network-interfaces detach vmnet_7d62bsUXKI9eLXwy --wait --timeout 60",
    "network-interfaces find --virtual-machine mail-1.larch.example --network netw_yPsF4h0gx4mGz39r --sandbox",
    "nics create --virtual-machine mail-1.larch.example --network gb-london-1/public-0 --speed-profile 1gbps",
    "networks list --organization larch --sandbox",
    "nets list --organization larch -o jsonl --fields permalink",
    "networks get gb-london-1/public-0 --sandbox",
    "object-storage-buckets get-object larch-files --region uk-lon-1 --path photos/cat.jpg --sandbox",
    "object-storage-buckets create --region uk-lon-1 --organization larch --name larch-pictures --wait --sandbox",
    "organizations list --sandbox",
    "orgs list -o jsonl --fields id,sub_domain",
    "organizations get larch --sandbox",
    "ssh-keys create --organization larch --name laptop --key 'ssh-ed25519 AAAAC3NzaC1lZDI1' --dry-run",
    "tags create --organization larch --name staging --color teal --sandbox",
    "tasks wait task_a4ONAZ0jJ5pBFCJr --timeout 60",
    "virtual-machine-builds create --organization larch --package small --data-center gb-london-1 --wait --dry-run",
    "builds create --organization larch --package small --zone gb-london-1-a --disks size_in_gb=20 --dry-run",
    "virtual-machines list --organization larch --sandbox",
    "vms list --organization larch -o csv --fields fqdn,ip_addresses.address",
    "virtual-machines get mail-1.larch.example --sandbox",
    "vms get vm_SSY9IPHockPIozqP -o json --fields state,package.name",
    "virtual-machines update mail-1.larch.example --description 'Mail of the office' --dry-run",
    "vms update vm_SSY9IPHockPIozqP --no-group --dry-run",
    "virtual-machines build --organization larch --package small --data-center gb-london-1 --hostname web --sandbox",
    "virtual-machines delete mail-1.larch.example --yes --sandbox",
    "virtual-machines shutdown mail-1.larch.example --wait --dry-run",
)
"""Command lines for the help. A command without any gets a derived one."""

IDS: Final[Mapping[str, str]] = {name: example_id for group in GROUPS for name, example_id in group.ids.items()}
"""The ids of all groups, by the parameter that takes them."""
