"""Models: the objects of the sandbox as frozen values.

A field that ends in ``_id`` or ``_ids`` refers to other objects. Times are in seconds since the Unix epoch.
"""

import hashlib
from collections.abc import Callable, Mapping
from typing import Any, Literal, Protocol

import attrs


class Object(Protocol):
    """Any object of the store."""

    @property
    def id(self) -> str:
        """Unique among all objects."""


@attrs.frozen(kw_only=True)
class Country:
    """A country."""

    id: str
    name: str
    iso_code2: str
    iso_code3: str
    time_zone: str | None
    eu: bool


@attrs.frozen(kw_only=True)
class CountryState:
    """A state, province or county of a country."""

    id: str
    country_id: str
    name: str
    code: str


@attrs.frozen(kw_only=True)
class Currency:
    """A currency."""

    id: str
    name: str
    iso_code: str
    symbol: str


@attrs.frozen(kw_only=True)
class DataCenter:
    """A data center. Katapult has ids with ``loc_``, which are older, and with ``dc_``."""

    id: str
    name: str
    permalink: str
    country_id: str


@attrs.frozen(kw_only=True)
class Zone:
    """A zone of a data center."""

    id: str
    name: str
    permalink: str
    data_center_id: str


@attrs.frozen(kw_only=True)
class GPUType:
    """A type of graphics processor for virtual machines."""

    id: str
    name: str
    manufacturer: str
    memory_in_gb: int
    memory_type: str
    permalink: str
    data_center_ids: tuple[str, ...]
    """The data centers that have it."""


@attrs.frozen(kw_only=True)
class Organization:
    """An organization: the owner of virtual machines, networks and addresses."""

    id: str
    uuid: str
    name: str
    sub_domain: str
    country_id: str
    currency_id: str
    created_at: int
    suspended: bool = False
    manager_id: str | None = None
    """The organization that manages it."""
    address1: str = "1 Example Street"
    address2: str = "Exampleton"
    address3: str | None = None
    address4: str | None = None
    postcode: str = "EX1 2MP"
    vat_number: str | None = None
    phone_number: str | None = None
    country_state_id: str | None = None

    @property
    def managed(self) -> bool:
        """Whether another organization manages it."""
        return self.manager_id is not None

    @property
    def billing_name(self) -> str:
        """Name on invoices."""
        return self.name

    @property
    def activated_at(self) -> int:
        """When the organization was activated."""
        return self.created_at + 60

    @property
    def infrastructure_domain(self) -> str:
        """Domain of the names of its virtual machines."""
        return f"{self.sub_domain}.example"


@attrs.frozen(kw_only=True)
class Subnet:
    """A range of addresses of one version. Only networks have subnets; they are not in the store."""

    id: str
    address_version: str
    """``ipv4`` or ``ipv6``."""
    address: str
    gateway: str
    mask: int
    """Length of the prefix in bits."""
    billable: bool = True

    @property
    def version(self) -> int:
        """4 or 6."""
        return int(self.address_version[-1])


@attrs.frozen(kw_only=True)
class Network:
    """A public network."""

    id: str
    name: str
    permalink: str
    default: bool
    data_center_id: str
    organization_id: str | None
    """The only organization that can use the network; None for all."""
    subnets: tuple[Subnet, ...]
    """At most one for each version."""


@attrs.frozen(kw_only=True)
class VirtualNetwork:
    """A private network of one organization."""

    id: str
    name: str
    data_center_id: str
    organization_id: str


@attrs.frozen(kw_only=True)
class NetworkSpeedProfile:
    """The speed limits of a network interface. None is no limit."""

    id: str
    name: str
    permalink: str
    upload_speed_in_mbit: int | None
    download_speed_in_mbit: int | None


@attrs.frozen(kw_only=True)
class PackageGroup:
    """A group of packages. It is not in the store."""

    id: str
    name: str


@attrs.frozen(kw_only=True)
class VirtualMachinePackage:
    """A size of virtual machines."""

    id: str
    name: str
    permalink: str
    cpu_cores: int
    memory_in_gb: int
    storage_in_gb: int
    group: PackageGroup
    ipv4_addresses: int = 1
    monthly_bandwidth_allowance_in_gb: int | None = None
    privacy: str = "public"
    icon: None = None
    use_dedicated_cpus: bool = False


@attrs.frozen(kw_only=True)
class VirtualMachineGroup:
    """A group of virtual machines that run on different hosts."""

    id: str
    organization_id: str
    name: str
    segregate: bool = True
    auto_segregate: bool = False
    created_at: int


TagColor = Literal[
    "red", "pink", "purple", "dark_blue", "green", "teal", "aqua", "light_blue",
    "yellow", "orange", "orange_red", "brown", "black", "dark_gray", "light_gray", "light_brown",
    "pastel_red", "pastel_pink", "pastel_purple", "pastel_dark_blue", "pastel_green", "pastel_teal", "pastel_aqua",
    "pastel_light_blue", "pastel_yellow", "pastel_orange", "pastel_orange_red", "pastel_brown", "pastel_black",
    "pastel_dark_gray", "pastel_light_gray", "pastel_light_brown"
]  # fmt: skip


@attrs.frozen(kw_only=True)
class Tag:
    """A label with a color on virtual machines."""

    id: str
    organization_id: str
    name: str
    color: TagColor
    created_at: int


@attrs.frozen(kw_only=True)
class SSHKey:
    """A public key that new virtual machines can have."""

    id: str
    organization_id: str
    name: str
    key: str

    @property
    def fingerprint(self) -> str:
        """MD5 fingerprint of the key, with colons."""
        return hashlib.md5(self.key.encode(), usedforsecurity=False).digest().hex(":")


@attrs.frozen(kw_only=True)
class SecurityGroup:
    """A firewall for virtual machines, groups and tags."""

    id: str
    organization_id: str
    name: str
    allow_all_inbound: bool = False
    allow_all_outbound: bool = False
    associations: tuple[str, ...] = ()
    """Ids of virtual machines, groups and tags."""


@attrs.frozen(kw_only=True)
class SecurityGroupRule:
    """A rule of a security group."""

    id: str
    security_group_id: str
    direction: Literal["inbound", "outbound"]
    protocol: Literal["TCP", "UDP", "ICMP"]
    action: Literal["allow", "deny"] = "allow"
    ports: str | None = None
    targets: tuple[str, ...] = ()
    notes: str | None = None


@attrs.frozen(kw_only=True)
class AddressList:
    """A list of IP addresses that security group rules can name."""

    id: str
    organization_id: str | None
    """The owner; None for a global list, which nobody can change."""
    name: str


@attrs.frozen(kw_only=True)
class AddressListEntry:
    """An IP address or network of an address list."""

    id: str
    address_list_id: str
    address: str
    name: str


@attrs.frozen(kw_only=True)
class DNSZone:
    """A DNS zone."""

    id: str
    organization_id: str
    name: str
    default_ttl: int = 3600
    verified: bool = False


@attrs.frozen(kw_only=True)
class Certificate:
    """A certificate for HTTPS."""

    id: str
    organization_id: str
    name: str
    additional_names: tuple[str, ...] = ()
    issuer: str
    state: str
    created_at: int
    last_issued_at: int | None = None
    expires_at: int | None = None
    issue_error: str | None = None
    authorization_method: str | None = None
    certificate_api_url: str | None = attrs.field(default=None, repr=False)
    certificate: str | None = None
    chain: str | None = None
    private_key: str | None = attrs.field(default=None, repr=False)


DNS_CONTENTS: Mapping[str, str] = {
    "A": "ip_address",
    "AAAA": "ip_address",
    "ALIAS": "hostname",
    "CAA": "flag tag value",
    "CNAME": "hostname",
    "HTTPRedirect": "url http_status",
    "IPS": "ip_addresses",
    "MX": "hostname",
    "NS": "hostname",
    "PTR": "hostname",
    "SOA": "",
    "SRV": "weight port target",
    "SSHFP": "algorithm fingerprint_type fingerprint",
    "TXT": "content",
    "VirtualMachine": "virtual_machine",
}
"""Types of DNS records and the attributes of their contents."""


@attrs.frozen(kw_only=True)
class DNSRecord:
    """A record of a DNS zone."""

    id: str
    dns_zone_id: str
    name: str | None = None
    """Name below the zone; None for the zone itself."""
    type: Literal[
        "A", "AAAA", "ALIAS", "CAA", "CNAME", "HTTPRedirect", "IPS", "MX", "NS", "PTR", "SOA", "SRV", "SSHFP", "TXT",
        "VirtualMachine"
    ]  # fmt: skip
    ttl: int | None = None
    priority: int | None = None
    content: Mapping[str, Mapping[str, str]]
    """Attributes of the content below the type."""


@attrs.frozen(kw_only=True)
class Attachment:
    """An image file. It is not in the store."""

    url: str
    file_name: str
    file_type: str
    file_size: int
    digest: str
    token: str


@attrs.frozen(kw_only=True)
class OperatingSystem:
    """An operating system of disk templates."""

    id: str
    name: str
    badge: Attachment | None = None


@attrs.frozen(kw_only=True)
class DiskTemplate:
    """A template of system disks."""

    id: str
    organization_id: str | None
    """The owner; None for a universal template."""
    name: str
    description: str | None
    permalink: str
    operating_system_id: str | None
    size_in_gb: int | None = None

    @property
    def universal(self) -> bool:
        """Whether all organizations can use the template."""
        return self.organization_id is None


@attrs.frozen(kw_only=True)
class DiskTemplateVersion:
    """A version of a disk template."""

    id: str
    disk_template_id: str
    number: int
    stable: bool
    size_in_gb: int


@attrs.frozen(kw_only=True)
class DiskIOProfile:
    """The speed limits of a disk. None is no limit."""

    id: str
    name: str
    permalink: str
    speed_in_mb: int | None
    iops: int | None


@attrs.frozen(kw_only=True)
class InstallationAttribute:
    """A value that the user gave for an installation. It is not in the store."""

    key: str
    label: str
    value: str = attrs.field(repr=False)
    description: str | None = None
    protect: bool = False
    """Whether the value is a secret."""


@attrs.frozen(kw_only=True)
class DiskInstallation:
    """What was installed on a disk. It is not in the store."""

    id: str
    disk_template_version_id: str
    attributes: tuple[InstallationAttribute, ...] = ()


@attrs.frozen(kw_only=True)
class VirtualMachineDisk:
    """The assignment of a disk to a virtual machine. It is not in the store."""

    virtual_machine_id: str
    attach_on_boot: bool
    boot: bool
    state: str
    """``attached`` or ``detached``."""


@attrs.frozen(kw_only=True)
class Disk:
    """A disk, assigned to a virtual machine or not."""

    id: str
    organization_id: str
    name: str
    size_in_gb: int
    wwn: str
    state: str = "built"
    created_at: int
    storage_speed: str = "nvme"
    bus_type: str = "scsi"
    io_profile_id: str
    data_center_id: str
    virtual_machine_disk: VirtualMachineDisk | None = None
    installation: DiskInstallation | None = None

    @property
    def virtual_machine_id(self) -> str | None:
        """The virtual machine that has the disk."""
        return None if self.virtual_machine_disk is None else self.virtual_machine_disk.virtual_machine_id


@attrs.frozen(kw_only=True)
class FlexibleResources:
    """Resources of a virtual machine that differ from its package. They are not in the store."""

    cpu_cores: int
    memory_in_gb: int
    use_dedicated_cpus: bool = False


@attrs.frozen(kw_only=True)
class DiskBackupSchedule:
    """When backups are made. It is not in the store."""

    interval: str = "daily"
    """``hourly``, ``daily``, ``weekly`` or ``monthly``."""
    frequency: int = 1
    """Intervals from one backup to the next."""
    minute: int = 0
    time: int = 0
    """Hour of the day."""
    next_invocation_at: int = 0


@attrs.frozen(kw_only=True)
class DiskBackupPolicy:
    """A backup policy of a disk, or of all disks of a virtual machine."""

    id: str
    organization_id: str
    target_id: str
    """The disk or virtual machine."""
    retention: int = 7
    total_size: float = 0.0
    schedule: DiskBackupSchedule
    auto_move_to_trash_at: int | None = None


@attrs.frozen(kw_only=True)
class VirtualMachine:
    """A virtual machine."""

    id: str
    name: str
    hostname: str
    fqdn: str
    description: str | None
    created_at: int
    state: str
    organization_id: str
    zone_id: str
    package_id: str
    group_id: str | None
    tag_ids: tuple[str, ...]
    initial_root_password: str = attrs.field(repr=False)
    suspended_at: int | None = None
    attached_iso: None = None
    flexible: FlexibleResources | None = None
    """Resources in place of those of the package."""
    gpu_type: None = None
    gpus: tuple[None, ...] = ()


@attrs.frozen(kw_only=True)
class VirtualMachineNetworkInterface:
    """A network interface of a virtual machine, on a public or on a virtual network."""

    id: str
    name: str
    virtual_machine_id: str
    network_id: str | None
    virtual_network_id: str | None
    mac_address: str
    state: str
    """``attached`` or ``detached``."""
    speed_profile_id: str


@attrs.frozen(kw_only=True)
class VirtualMachineBuild:
    """The build of a virtual machine."""

    id: str
    organization_id: str
    hostname: str
    spec_xml: str = attrs.field(repr=False)
    state: str = "pending"
    """``pending``, ``building``, ``complete`` or ``failed``."""
    virtual_machine_id: str | None = None
    created_at: int

    @property
    def unfinished(self) -> bool:
        """Whether the virtual machine does not exist yet, but will."""
        return self.state in {"pending", "building"}


@attrs.frozen(kw_only=True)
class ConsoleSession:
    """Access to the console of a virtual machine."""

    id: str
    virtual_machine_id: str
    expires_at: int

    @property
    def url(self) -> str:
        """Address to open in a browser. Nothing listens there."""
        return f"https://console.example/{self.id}"


@attrs.frozen(kw_only=True)
class LoadBalancerWeight:
    """The share of a virtual machine in the traffic. It is not in the store."""

    virtual_machine_id: str
    weight: int = 128


@attrs.frozen(kw_only=True)
class LoadBalancer:
    """A load balancer that has an IP address."""

    id: str
    organization_id: str
    name: str
    data_center_id: str
    api_reference: str | None = None
    resource_type: Literal["virtual_machines", "virtual_machine_groups", "tags"] = "virtual_machines"
    resource_ids: tuple[str, ...] = ()
    https_redirect: bool = False
    enable_weighting: bool = False
    weights: tuple[LoadBalancerWeight, ...] = ()
    standby_vms: tuple[str, ...] = ()
    backend_certificate: str = "-----BEGIN CERTIFICATE-----"
    backend_certificate_key: str = attrs.field(default="-----BEGIN PRIVATE KEY-----", repr=False)


@attrs.frozen(kw_only=True)
class LoadBalancerRule:
    """A rule of a load balancer."""

    id: str
    load_balancer_id: str
    algorithm: Literal["round_robin", "least_connections", "sticky"] = "round_robin"
    destination_port: int
    listen_port: int
    protocol: Literal["HTTP", "HTTPS", "TCP"]
    proxy_protocol: bool = False
    backend_ssl: bool = False
    passthrough_ssl: bool = False
    check_enabled: bool = False
    check_fall: int = 2
    check_interval: int = 20
    check_path: str = "/"
    check_protocol: Literal["HTTP", "TCP"] = "HTTP"
    check_rise: int = 2
    check_timeout: int = 5
    check_http_statuses: Literal["2", "23", "234"] = "2"
    certificates: tuple[None, ...] = ()
    """The sandbox has no certificates."""


@attrs.frozen(kw_only=True)
class FileStorageVolume:
    """Disk space that virtual machines mount over NFS."""

    id: str
    organization_id: str
    data_center_id: str
    name: str
    associations: tuple[str, ...] = ()
    """Ids of virtual machines."""
    state: str = "pending"
    """``pending``, ``configuring``, ``ready`` or ``failed``."""
    nfs_location: str | None = None
    size: int = 0
    technology_generation: int = 1
    atime_update: None = None
    nfs_root_squash: None = None
    nfs_all_squash: None = None
    nfs_anon_uid: None = None
    nfs_anon_gid: None = None


@attrs.frozen(kw_only=True)
class ObjectStorageCluster:
    """A place for object storage."""

    id: str
    region: str
    data_center_id: str


@attrs.frozen(kw_only=True)
class ObjectStorageAccount:
    """The object storage of an organization in one cluster."""

    id: str
    organization_id: str
    object_storage_cluster_id: str
    created_at: int
    provisioning_state: str = "provisioning"
    """``provisioning``, ``provisioned`` or ``failed``."""


@attrs.frozen(kw_only=True)
class AccessControlList:
    """Who may use the objects of a bucket. It is not in the store."""

    public_read: bool = False
    public_list: bool = False
    all_keys_read: bool = False
    all_keys_write: bool = False
    read_key_ids: tuple[str, ...] = ()
    write_key_ids: tuple[str, ...] = ()


@attrs.frozen(kw_only=True)
class ObjectStorageBucket:
    """A bucket of an object storage account."""

    id: str
    object_storage_account_id: str
    name: str
    label: str | None = None
    created_at: int
    state: str = "pending"
    """``pending`` or ``configured``."""
    serve_static_site: bool = False
    static_site_index: str | None = None
    static_site_error: str | None = None
    access_control_list: AccessControlList = AccessControlList()
    contents: Mapping[str, int] = attrs.field(factory=dict)
    """Sizes of the objects in bytes by their paths. The sandbox does not serve the S3 protocol: put them in here."""
    presigned_urls: tuple[str, ...] = attrs.field(default=(), repr=False)
    """The presigned URLs that are not revoked."""
    custom_domains: tuple[str, ...] = ()
    cors_origins: tuple[str, ...] = ()

    @property
    def object_count(self) -> int:
        """Number of objects."""
        return len(self.contents)

    @property
    def size(self) -> int:
        """Size of all objects in bytes."""
        return sum(self.contents.values())


@attrs.frozen(kw_only=True)
class ObjectStorageAccessKey:
    """Credentials for the S3 protocol."""

    id: str
    object_storage_account_id: str
    name: str
    created_at: int
    state: str = "pending"
    """``pending`` or ``configured``."""
    provisioned: bool = False
    """Whether credentials can be generated."""
    all_buckets_read: bool = False
    all_objects_read: bool = False
    all_objects_write: bool = False
    s3_access_key_id: str | None = None
    s3_secret_access_key: None = None


@attrs.frozen(kw_only=True)
class User:
    """A person who uses Katapult, with access to all organizations."""

    id: str
    first_name: str
    last_name: str
    avatar_url: str
    web_session: bool = True
    """Whether the session on the website is valid in which the tokens of the sandbox were issued."""


@attrs.frozen(kw_only=True)
class APIToken:
    """A token of an organization that was created through the API. The sandbox accepts it like its own."""

    id: str
    organization_id: str
    name: str
    authorized_ip_addresses: tuple[str, ...] = ()
    expires_at: int | None = None
    rate_limit: int = 1000
    scopes: tuple[str, ...] = ()
    generation: int = 1
    """Number of the secret."""

    @property
    def value(self) -> str:
        """The token itself."""
        return f"sandbox_{hashlib.sha256(f'{self.id} {self.generation}'.encode()).hexdigest()[:32]}"


@attrs.frozen(kw_only=True)
class IPAddress:
    """An IP address of an organization, allocated to an interface, to a load balancer or to nothing."""

    id: str
    address: str
    reverse_dns: str
    vip: bool = False
    label: str | None = None
    network_id: str
    subnet: Subnet
    organization_id: str
    interface_id: str | None = None
    load_balancer_id: str | None = None

    @property
    def free(self) -> bool:
        """Whether the address is not allocated."""
        return self.interface_id is None and self.load_balancer_id is None

    @property
    def pool(self) -> tuple[str, str, str] | None:
        """Organization, network and version of a free address, None for an allocated one."""
        return (self.organization_id, self.network_id, self.subnet.address_version) if self.free else None

    @property
    def address_with_mask(self) -> str:
        """The address with the length of the subnet's prefix."""
        return f"{self.address}/{self.subnet.mask}"


@attrs.frozen(kw_only=True)
class Task:
    """Background work that changes an object at its end."""

    id: str
    name: str
    object_id: str
    """The object that the task changes."""
    changes: Mapping[str, Any] = attrs.field(factory=dict)
    """Fields of the object and their values after the task."""
    changes_by_status: Mapping[str, Mapping[str, Any]] = attrs.field(factory=dict)
    """Likewise, while the task is ``running``, and after it has ``failed``."""
    removes: tuple[str, ...] = ()
    """Ids of the objects that the task removes."""
    completes: Callable[[Any], None] | None = attrs.field(default=None, eq=False, repr=False)
    """Makes the other changes at the end of the task, given the store."""
    created_at: int
    status: str = "pending"
    """``pending``, ``running``, ``completed`` or ``failed``."""
    progress: int = 0
    """In percent."""
    started_at: int | None = None
    finished_at: int | None = None


@attrs.frozen(kw_only=True)
class TrashObject:
    """The entry of an object in the trash."""

    id: str
    organization_id: str
    keep_until: int
    object_id: str
    object_type: str
    """Name of the object's class, such as ``VirtualMachine``."""
