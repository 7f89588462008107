"""The groups of commands, one row for each resource. What a row does not set is derived from the resource's methods.

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
    """Attribute of the client, and name of the module in `katapult_async.resources`; empty if it is the name."""

    columns: Mapping[str, str] = _NOTHING
    """Paths of the fields that rows show without ``--fields``, by method; derived from the model for all others."""

    examples: tuple[str, ...] = ()
    """Command lines for the help, without the name of the group. A command without any gets a derived one."""

    ids: Mapping[str, str] = _NOTHING
    """Ids for derived examples, by the parameter that takes them. A new sandbox has these objects."""

    renamed: Mapping[str, str] = _NOTHING
    """Methods whose command has another name than the method."""

    added: Mapping[str, str] = _NOTHING
    """Commands beside the derived ones: ``module.function``, or ``group command`` for a command of another group."""

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


_INTERFACE: Final = "id name network.name virtual_network.name ip_addresses.address"
_INTERFACE_DETAILS: Final = f"{_INTERFACE} virtual_machine.name mac_address state speed_profile.name"
_MACHINE_DETAILS: Final = (
    "id fqdn description state organization.name zone.name zone.data_center.name package.name cpu_cores "
    "memory_in_gb ip_addresses.address_with_mask tag_names created_at"
)
_ORGANIZATION: Final = "id name sub_domain infrastructure_domain"
_ORGANIZATION_DETAILS: Final = (
    f"{_ORGANIZATION} suspended managed created_at billing_name postcode country.name currency.iso_code"
)
_NEW_API_KEY: Final = "id name secret scopes expires_at"
_CREDENTIALS: Final = "id name s3_access_key_id s3_secret_access_key"

GROUPS: Final[tuple[Group, ...]] = (
    Group(
        "address-list-entries",
        "Entries of address lists",
        examples=("bulk adlst_CObvCq1MaTVgLMbg --add address=198.51.100.7,name=office --dry-run",),
        ids={"address_list_entry": "adlste_uwGQaynkQtSbDoTb"},
    ),
    Group("address-lists", "Address lists", ids={"address_list": "adlst_CObvCq1MaTVgLMbg"}),
    Group(
        "api-tokens",
        "API tokens",
        columns={"create": _NEW_API_KEY, "regenerate_secret": _NEW_API_KEY},
        ids={"api_token": "apitoken_MtF1WIwbUORNEsdQ"},
    ),
    Group(
        "certificates",
        "Certificates",
        columns={"list": "id name state expires_at"},
        ids={"certificate": "cert_LYdtm2scTg7yYu3E", "certificates": "cert_LYdtm2scTg7yYu3E"},
    ),
    Group("countries", "Countries", examples=("get GB --sandbox",), ids={"country": "ctry_i0VpEBOWfbZAVaBS"}),
    Group("country-states", "States of countries", ids={"country_state": "ctryst_lKHMN6CJX2RjHe9S"}),
    Group("currencies", "Currencies", examples=("get GBP --sandbox",), ids={"currency": "cur_bokK1XXYp0PfbaUp"}),
    Group(
        "data-centers",
        "Data centers",
        alias="dcs",
        columns={"list": "id name permalink country.name"},
        examples=("get gb-london-1 --sandbox", "default-network gb-london-1 --sandbox"),
        ids={"data_center": "loc_ZPsK20FKcpXzkIRP"},
    ),
    Group(
        "disk-backup-policies",
        "Backup policies of disks",
        alias="backups",
        columns={
            "list": "id retention target.type target.value.name schedule.interval",
            "get": "id retention target.type target.value.name schedule.interval schedule.next_invocation_at",
        },
        ids={"disk_backup_policy": "dbp_aUBZpWReIMJ0BrAt"},
    ),
    Group("disk-io-profiles", "Speed limits of disks", ids={"io_profile": "diop_dRNSpRLy8WJukZCk"}),
    Group(
        "disk-templates",
        "Disk templates: images for disks",
        examples=("get templates/ubuntu-24-04 --sandbox", "versions templates/ubuntu-24-04 --sandbox"),
        ids={"disk_template": "dtpl_HFAQ2KTGoVwPYmOU", "disk_template_version": "dtv_5TzKLXHpL6LDD60O"},
    ),
    Group(
        "disks",
        "Disks of virtual machines",
        columns={"list": "id name size_in_gb"},
        examples=("create --organization larch --name data --size-in-gb 20 --data-center gb-london-1 --dry-run",),
        ids={"disk": "disk_NqfzMivsuo1Rn0gP"},
    ),
    Group(
        "dns-records",
        "Records of DNS zones",
        columns={"list": "id full_name type ttl content"},
        examples=(
            "list --dns-zone larch.example --sandbox",
            "create --dns-zone larch.example --type A --name web --content 203.0.113.7 --sandbox",
        ),
        ids={"dns_record": "dnsrec_FQ4D89D0SjTm3c4F"},
    ),
    Group(
        "dns-zones",
        "DNS zones",
        examples=("get larch.example --sandbox", "create --organization larch --name mail.example --sandbox"),
        ids={"dns_zone": "dnszone_REG720eu7YKmI032"},
    ),
    Group("file-storage-volumes", "File storage volumes", ids={"file_storage_volume": "fsv_fpxnM3pTx1cC4A6a"}),
    Group("gpu-types", "Models of graphics processors", ids={"gpu_type": "gpu_ZD8keIgBkxXnnRS1"}),
    Group(
        "ip-addresses",
        "IP addresses of organizations",
        alias="ips",
        columns={
            "list": "id address reverse_dns allocation_id",
            "get": "id address address_with_mask reverse_dns vip label network.name network.data_center.name"
            " allocation_type allocation_id allocation.value.name",
        },
        examples=(
            "list --organization larch --allocated --sandbox",
            "list --organization larch -o csv --fields address,reverse_dns",
            "get 10.0.0.218 --sandbox",
            "create --organization larch --network gb-london-1/public-0 --address-version ipv4 --sandbox",
            "create --organization larch --network gb-london-1/public-0 --address-version ipv6 --vip --label web",
            "update 10.0.0.218 --reverse-dns mail.example.com --sandbox",
            "update ip_tV0nWFG2bivVyjOV --no-reverse-dns --dry-run",
            "unallocate 10.0.0.218 --sandbox",
            "delete 10.0.0.218 --yes --sandbox",
        ),
        ids={"ip_address": "ip_tV0nWFG2bivVyjOV"},
        elsewhere={"allocate": "an address is allocated to an interface: katapult-async nics allocate"},
    ),
    Group(
        "load-balancer-rules",
        "Rules of load balancers",
        alias="lb-rules",
        ids={"load_balancer_rule": "lbrule_V0nWFG2bivVyjOVt"},
    ),
    Group(
        "load-balancers",
        "Load balancers",
        alias="lbs",
        columns={"list": "id name ip_address.address data_center.name"},
        ids={"load_balancer": "lb_G2bivVyjOVtV0nWF"},
    ),
    Group("managed-organizations", "Organizations that others manage"),
    Group(
        "network-interfaces",
        "Network interfaces",
        alias="nics",
        resource="virtual_machine_network_interfaces",
        columns={"list": _INTERFACE, "get": _INTERFACE_DETAILS},
        examples=(
            "list --virtual-machine mail-1.larch.example --sandbox",
            "list --virtual-machine vm_SSY9IPHockPIozqP -o jsonl --fields id,network.name",
            "get vmnet_6qfrTqnrDTs28Yet",
            "get vmnet_6qfrTqnrDTs28Yet -o yaml --fields mac_address",
            "attach vmnet_MSsSwSQBkj9BvXE6 --wait",
            "detach vmnet_7d62bsUXKI9eLXwy --wait --timeout 60",
            "find --virtual-machine mail-1.larch.example --network netw_yPsF4h0gx4mGz39r --sandbox",
            "create --virtual-machine mail-1.larch.example --network gb-london-1/public-0 --speed-profile 1gbps",
        ),
        ids={"interface_id": "vmnet_6qfrTqnrDTs28Yet"},
        added={
            "allocate": "allocate.allocate",
            "available-ips": "available_ips.available_ips",
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
    Group(
        "networks",
        "Networks",
        alias="nets",
        columns={"available": "id name permalink data_center.name default"},
        examples=(
            "list --organization larch --sandbox",
            "list --organization larch -o jsonl --fields permalink",
            "get gb-london-1/public-0 --sandbox",
        ),
        ids={"network": "netw_gPsEu23bmu9WvnPZ"},
        renamed={"available": "list"},
    ),
    Group(
        "object-storage-access-keys",
        "Keys of object storage",
        alias="access-keys",
        columns={"generate_credentials": _CREDENTIALS, "wait_for_credentials": _CREDENTIALS},
        ids={"access_key": "objkey_7npV1e7oTUqOS9PK"},
    ),
    Group("object-storage-accounts", "Object storage of organizations", ids={"region": "uk-lon-1"}),
    Group(
        "object-storage-buckets",
        "Buckets of object storage",
        alias="buckets",
        columns={"create_presigned_url": "url"},
        examples=(
            "get-object larch-files --region uk-lon-1 --path photos/cat.jpg --sandbox",
            "create --region uk-lon-1 --organization larch --name larch-pictures --wait --sandbox",
        ),
        ids={"bucket": "larch-files"},
    ),
    Group("operating-systems", "Operating systems", ids={"operating_system": "os_uPfWo9KAYBgVDhTy"}),
    Group(
        "organizations",
        "Organizations",
        alias="orgs",
        columns={
            "list": _ORGANIZATION,
            "get": _ORGANIZATION_DETAILS,
            "users_with_access": "user.id user.first_name user.last_name",
        },
        examples=(
            "list --sandbox",
            "list -o jsonl --fields id,sub_domain",
            "get larch --sandbox",
        ),
        ids={"organization": "org_gMvejGkqSCtDbxAl"},
    ),
    Group(
        "security-group-rules",
        "Rules of security groups",
        columns={"list": "id direction protocol ports targets action"},
        ids={"security_group_rule": "sgr_O4IkbHJqpV6b8xLY"},
    ),
    Group("security-groups", "Security groups: rules of a firewall", ids={"security_group": "sg_1MFWufztwzSouzfW"}),
    Group(
        "ssh-keys",
        "SSH keys",
        examples=("create --organization larch --name laptop --key 'ssh-ed25519 AAAAC3NzaC1lZDI1' --dry-run",),
        ids={"ssh_key": "sshkey_f89nq9KfE0Ialb1p"},
    ),
    Group(
        "tags",
        "Tags: labels on virtual machines",
        examples=("create --organization larch --name staging --color teal --sandbox",),
        ids={"tag": "tag_KFAX6SRQOHpWhNxI"},
    ),
    Group(
        "tasks",
        "Tasks: background work that Katapult does",
        examples=(
            "get task_a4ONAZ0jJ5pBFCJr",
            "wait task_a4ONAZ0jJ5pBFCJr --timeout 60",
        ),
        ids={"task_id": "task_a4ONAZ0jJ5pBFCJr"},
    ),
    Group("trash", "Objects in the trash", resource="trash_objects", ids={"trash_object": "trsh_a4ONAZ0jJ5pBFCJr"}),
    Group("users", "Users", columns={"current": "user.id user.first_name user.last_name organizations.name"}),
    Group(
        "virtual-machine-builds",
        "Builds of virtual machines",
        alias="builds",
        examples=(
            "create --organization larch --package small --data-center gb-london-1 --wait --dry-run",
            "create --organization larch --package small --zone gb-london-1-a --disks size_in_gb=20 --dry-run",
        ),
        ids={"build": "vmbuild_a4ONAZ0jJ5pBFCJr"},
    ),
    Group(
        "virtual-machine-groups",
        "Groups of virtual machines",
        alias="vm-groups",
        ids={"virtual_machine_group": "vmgrp_MeWdUxQKiHeoxrP9", "group": "vmgrp_MeWdUxQKiHeoxrP9"},
    ),
    Group(
        "virtual-machine-packages",
        "Sizes of virtual machines",
        alias="packages",
        columns={"list": "id name permalink cpu_cores memory_in_gb storage_in_gb"},
        ids={"package": "vmpkg_Ft6vXN0L1zQMGIHy"},
    ),
    Group(
        "virtual-machines",
        "Virtual machines",
        alias="vms",
        columns={
            "list": "id fqdn zone.data_center.name ip_addresses.address",
            "get": _MACHINE_DETAILS,
            "update": _MACHINE_DETAILS,
            "delete": "virtual_machine.id virtual_machine.fqdn trash_object.id trash_object.keep_until",
            "create_console_session": "url expires_at",
        },
        examples=(
            "list --organization larch --sandbox",
            "list --organization larch -o csv --fields fqdn,ip_addresses.address",
            "get mail-1.larch.example --sandbox",
            "get vm_SSY9IPHockPIozqP -o json --fields state,package.name",
            "update mail-1.larch.example --description 'Mail of the office' --dry-run",
            "update vm_SSY9IPHockPIozqP --no-group --dry-run",
            "build --organization larch --package small --data-center gb-london-1 --hostname web --sandbox",
            "delete mail-1.larch.example --yes --sandbox",
            "shutdown mail-1.larch.example --wait --dry-run",
        ),
        ids={"virtual_machine": "vm_SSY9IPHockPIozqP"},
    ),
    Group("virtual-networks", "Virtual networks", alias="vnets", ids={"virtual_network": "vnet_tEuhipfHRIQomJ2A"}),
    Group("zones", "Zones of data centers", ids={"zone": "zone_u3j0xBhLqPXLa75N"}),
)
"""The groups, in the order of their names."""

IDS: Final[Mapping[str, str]] = MappingProxyType(
    {name: example_id for group in GROUPS for name, example_id in group.ids.items()}
)
"""The ids of all groups, by the parameter that takes them."""
