"""Models: the objects of the sandbox as frozen values. ``serializers`` explains how responses show them.

The store has the objects. A `Value` that is not an `Object`, such as a subnet, is only a field of objects.

A field that ends in ``_id`` or ``_ids`` refers to other objects, except ``s3_access_key_id``. Times are in seconds
since the Unix epoch. A method that takes the store computes something that responses have besides the fields.
"""

import base64
import hashlib
import re
from collections.abc import Callable, Mapping
from typing import Any, Literal, Protocol, TypeVar

import attrs

from .arguments import ABSENT
from .documented_operations import documented
from .kinds import Object, Value

T = TypeVar("T", bound=Object)

Completion = Callable[[Any, Any], None] | None
"""A function that makes further changes when a task completes, given the store and the object."""


class StoreReader(Protocol):
    """The part of the store that models use."""

    permitted: int
    """Requests that each token may send in one window."""

    def get(self, object_id: str | None, /) -> Any:
        """Return the object with this id; None if there is none, or the id is None."""

    def all(self, model: type[T], /, **where: object) -> tuple[T, ...]:
        """Return the objects of a class, such as those with ``organization_id="org_..."``."""


class Named(Object):
    """An object with a name."""

    name: str


class Owned(Object):
    """An object of one organization."""

    organization_id: str


class Permalinked(Named):
    """An object with a name and a permalink."""

    permalink: str


class Created(Object):
    """An object that has the time of its creation."""

    created_at: int
    """By default the time at which the store adds the object."""


class Country(Named, prefix="ctry", keys="id iso_code2 iso_code3"):
    """A country."""

    iso_code2: str
    iso_code3: str
    time_zone: str | None
    eu: bool


class CountryState(Named, prefix="ctryst"):
    """A state, province or county of a country."""

    country_id: str
    code: str


class Currency(Named, prefix="cur", keys="id iso_code"):
    """A currency."""

    iso_code: str
    symbol: str


class DataCenter(Permalinked, prefix="dc", keys="id permalink"):
    """A data center. Its id begins with ``dc_``; ids of older data centers begin with ``loc_``."""

    country_id: str


class Zone(Permalinked, prefix="zone", keys="id permalink"):
    """A zone of a data center."""

    data_center_id: str


class GPUType(Permalinked, prefix="gpu", keys="id permalink"):
    """A type of graphics processor for virtual machines."""

    manufacturer: str
    memory_in_gb: int
    memory_type: str
    data_center_ids: tuple[str, ...]
    """The data centers that have processors of this type."""


class Organization(Named, Created, prefix="org", keys="id sub_domain"):
    """An organization: the owner of virtual machines, networks and addresses."""

    uuid: str
    sub_domain: str
    country_id: str
    currency_id: str
    suspended: bool = False
    """Whether requests about the organization get 403 ``organization_suspended``."""
    manager_id: str | None = None
    """The organization that manages this organization."""

    def managed(self, _: StoreReader) -> bool:
        """Whether another organization manages this organization."""
        return self.manager_id is not None

    def activated_at(self, _: StoreReader) -> int:
        """When the organization was activated: at its creation, as recorded."""
        return self.created_at

    @property
    def infrastructure_domain(self) -> str:
        """Domain of the names of its virtual machines."""
        return f"{self.sub_domain}.example"


class Subnet(Value):
    """A range of addresses of one version in a network."""

    id: str
    address_version: str
    """``ipv4`` or ``ipv6``."""
    address: str
    gateway: str
    mask: int
    """Length of the prefix in bits."""
    exhausted: bool = False
    """Whether a request for a new address in the subnet gets 503. Addresses that exist already can be allocated."""

    @property
    def version(self) -> int:
        """4 or 6."""
        return int(self.address_version[-1])


class Network(Permalinked, prefix="netw", keys="id permalink"):
    """A public network."""

    default: bool
    data_center_id: str
    organization_id: str | None
    """The only organization that can use the network; None for all."""
    subnets: tuple[Subnet, ...]
    """At most one for each version."""


class VirtualNetwork(Named, Owned, prefix="vnet"):
    """A private network of one organization."""

    data_center_id: str


class NetworkSpeedProfile(Permalinked, prefix="nsp", argument="speed_profile", keys="id permalink"):
    """The speed limits of a network interface. None means no limit."""

    upload_speed_in_mbit: int | None
    download_speed_in_mbit: int | None


class VirtualMachinePackage(
    Permalinked, prefix="vmpkg", argument="package", keys="id permalink", not_found="package_not_found"
):
    """A size of virtual machines."""

    cpu_cores: int
    memory_in_gb: int
    storage_in_gb: int
    group: Mapping[str, str]
    """Id and name of the group of packages."""
    use_dedicated_cpus: bool = False

    @property
    def resources(self) -> dict[str, Any]:
        """The fields that a virtual machine has from its package; ``flexible_resources`` changes them."""
        names = ("cpu_cores", "memory_in_gb", "use_dedicated_cpus")
        return {"package_id": self.id, **{name: getattr(self, name) for name in names}}


class VirtualMachineGroup(Named, Owned, Created, prefix="vmgrp", argument="group"):
    """A group of virtual machines that run on different hosts."""

    segregate: bool = True
    auto_segregate: bool = False


class Tag(Named, Owned, Created, prefix="tag", unique="name"):
    """A label with a color on virtual machines."""

    color: str = "pastel_brown"
    """By default any color, because Katapult does not document which one it chooses."""


class SSHKey(Named, Owned, prefix="sshkey"):
    """A public key that new virtual machines can have."""

    key: str

    def fingerprint(self, _: StoreReader) -> str:
        """MD5 fingerprint of the key, with colons, as ``ssh-keygen -l -E md5`` shows it."""
        decoded = base64.b64decode(self.key.split()[1] + "==")
        return hashlib.md5(decoded, usedforsecurity=False).digest().hex(":")


class SecurityGroup(Named, Owned, prefix="sg"):
    """A firewall for virtual machines, groups and tags."""

    allow_all_inbound: bool = False
    allow_all_outbound: bool = False
    associations: tuple[str, ...] = ()
    """Ids of virtual machines, groups and tags."""


class SecurityGroupRule(Object, prefix="sgr", part_of=SecurityGroup):
    """A rule of a security group."""

    security_group_id: str
    direction: Literal["inbound", "outbound"]
    protocol: Literal["TCP", "UDP", "ICMP"]
    action: Literal["allow", "deny"] = "allow"
    ports: str | None = None
    targets: tuple[str, ...] = ()
    notes: str | None = None


class AddressList(Named, prefix="adlst"):
    """A list of IP addresses that security group rules can name."""

    organization_id: str | None
    """The owner; None for a global list, which nobody can change."""

    def global_(self, _: StoreReader) -> bool:
        """Whether all organizations can use the list."""
        return self.organization_id is None

    def entries(self, store: StoreReader) -> "tuple[AddressListEntry, ...]":
        """The addresses."""
        return store.all(AddressListEntry, address_list_id=self.id)


class AddressListEntry(Object, prefix="adlste", part_of=AddressList):
    """An IP address or network of an address list."""

    address_list_id: str
    address: str
    name: str = ""


class DNSZone(Named, Owned, prefix="dnszone", keys="id name"):
    """A DNS zone."""

    default_ttl: int = 3600
    verified: bool = False


class Certificate(Named, Owned, Created, prefix="cert"):
    """A certificate for HTTPS."""

    additional_names: tuple[str, ...] = ()
    issuer: str
    state: str
    last_issued_at: int | None = None
    expires_at: int | None = None
    authorization_method: str | None = None
    certificate_api_url: str | None = attrs.field(default=None, repr=False)
    certificate: str | None = None
    chain: str | None = None
    private_key: str | None = attrs.field(default=None, repr=False)


_DNS_CONTENTS = documented("GET", "/dns_records/:dns_record").response.inside["dns_record"].inside["content_attributes"]
"""The types of DNS records, and the attributes of their contents."""


class DNSRecord(Object, prefix="dnsrec", part_of=DNSZone):
    """A record of a DNS zone."""

    dns_zone_id: str
    name: str | None = None
    """Name below the zone; None for the zone itself."""
    type: str
    ttl: int | None = None
    priority: int | None = None
    content: Mapping[str, Mapping[str, str]]
    """Attributes of the content by the type of the record, as in the ``content_attributes`` of responses."""

    def content_(self, _: StoreReader) -> str:
        """The attributes as text."""
        return " ".join(filter(None, self.attributes.values()))

    @property
    def attributes(self) -> dict[str, str | None]:
        """The attributes that the type of the record has, with their values; None for a missing value."""
        content = self.content.get(self.type) or {}
        return {name: content.get(name) for name in _DNS_CONTENTS.inside[self.type].names}

    def content_attributes(self, _: StoreReader) -> dict[str, dict[str, str | None] | None]:
        """`attributes` under the type of the record, and None under every other type."""
        return {**dict.fromkeys(_DNS_CONTENTS.names), self.type: self.attributes}

    def full_name(self, store: StoreReader) -> str:
        """Domain name: the name of the record, and that of the zone."""
        zone = store.get(self.dns_zone_id).name
        return str(zone if self.name is None else f"{self.name}.{zone}")


class OperatingSystem(Named, prefix="os"):
    """An operating system of disk templates."""

    badge: Mapping[str, str | int] | None = None
    """The logo: the fields of an image file, with their values."""


class DiskTemplate(Permalinked, prefix="dtpl", keys="id permalink"):
    """A template of system disks."""

    organization_id: str | None
    """The owner; None for a universal template."""
    description: str | None
    operating_system_id: str | None

    def universal(self, _: StoreReader) -> bool:
        """Whether all organizations can use the template."""
        return self.organization_id is None

    def latest_version(self, store: StoreReader) -> "DiskTemplateVersion":
        """The version with the highest number."""
        versions = store.all(DiskTemplateVersion, disk_template_id=self.id)
        return max(versions, key=lambda version: version.number)


class DiskTemplateVersion(Object, prefix="dtv", part_of=DiskTemplate):
    """A version of a disk template."""

    disk_template_id: str
    number: int
    stable: bool
    size_in_gb: int


class DiskIOProfile(Permalinked, prefix="diop", argument="io_profile", keys="id permalink"):
    """The speed limits of a disk. None means no limit."""

    speed_in_mb: int | None
    iops: int | None


class DiskInstallation(Value):
    """The installation of a template version on a disk."""

    id: str
    disk_template_version_id: str
    root_password: str = attrs.field(repr=False)

    def attributes(self, _: StoreReader) -> list[dict[str, object]]:
        """The values that were set for the installation: the root password."""
        field = {"key": "root_password", "label": "Root password", "description": None, "protect": True}
        return [{**field, "value": self.root_password}]


class VirtualMachineDisk(Value):
    """The assignment of a disk to a virtual machine."""

    virtual_machine_id: str = ""
    """It is empty only in a request that names no virtual machine, which is refused."""
    attach: bool = False
    """Whether the disk is attached as soon as it is built."""
    attach_on_boot: bool = True
    boot: bool = False
    state: str = "detached"
    """``attached`` or ``detached``."""


class Disk(Named, Owned, Created, prefix="disk", indexes="virtual_machine_id", kept_in_trash=True):
    """A disk, assigned to a virtual machine or not."""

    size_in_gb: int
    state: str = "built"
    storage_speed: Literal["nvme", "ssd"] = "nvme"
    bus_type: Literal["scsi", "virtio"] = "scsi"
    io_profile_id: str = ""
    """Empty if the request for a new disk has none, until the disk gets the default."""
    data_center_id: str
    virtual_machine_disk: VirtualMachineDisk | None = None
    installation: DiskInstallation | None = None

    @property
    def virtual_machine_id(self) -> str | None:
        """The virtual machine that has the disk."""
        return None if self.virtual_machine_disk is None else self.virtual_machine_disk.virtual_machine_id

    @property
    def attached(self) -> bool:
        """Whether it is attached to a virtual machine."""
        return self.virtual_machine_disk is not None and self.virtual_machine_disk.state == "attached"

    def wwn(self, _: StoreReader) -> str:
        """World wide name: 64 bits as hexadecimal digits."""
        return hashlib.sha256(self.id.encode()).hexdigest()[:16]


class DiskBackupSchedule(Value):
    """When backups are made."""

    frequency: int = 1
    """Intervals from one backup to the next."""
    interval: Literal["hourly", "daily", "weekly", "monthly"] = "daily"
    minute: int = 0
    next_invocation_at: int = 0
    time: int = 0
    """Hour of the day."""


class DiskBackupPolicy(Owned, prefix="dbp", indexes="target_id", kept_in_trash=True):
    """A backup policy of a disk, or of all disks of a virtual machine."""

    target_id: str
    """The disk or virtual machine."""
    retention: int = 7
    total_size: float = 0.0
    schedule: DiskBackupSchedule = DiskBackupSchedule()
    auto_move_to_trash_at: int | None = None


class VirtualMachine(Named, Owned, Created, prefix="vm", keys="id fqdn", indexes="organization_id", kept_in_trash=True):
    """A virtual machine."""

    hostname: str
    fqdn: str
    description: str | None = None
    state: str
    zone_id: str
    package_id: str
    cpu_cores: int
    memory_in_gb: int
    use_dedicated_cpus: bool
    group_id: str | None = None
    gpu_type_id: str | None = None
    tag_ids: tuple[str, ...] = ()
    initial_root_password: str = attrs.field(repr=False)

    def data_center_id(self, store: StoreReader) -> str:
        """The data center of its zone."""
        return str(store.get(self.zone_id).data_center_id)

    @property
    def runs(self) -> bool:
        """Whether the machine is started or starting."""
        return self.state in {"starting", "started"}

    def suspended(self, store: StoreReader) -> bool:
        """Whether its organization is suspended."""
        return bool(store.get(self.organization_id).suspended)

    def tag_names(self, store: StoreReader) -> list[str]:
        """Names of the tags."""
        return [tag.name for tag in map(store.get, self.tag_ids)]

    def ip_addresses(self, store: StoreReader) -> "list[IPAddress]":
        """The addresses of all its interfaces."""
        interfaces = store.all(VirtualMachineNetworkInterface, virtual_machine_id=self.id)
        return [address for interface in interfaces for address in interface.ip_addresses(store)]


class VirtualMachineNetworkInterface(Named, prefix="vmnet", part_of=VirtualMachine, indexes="network_id"):
    """A network interface of a virtual machine, on a public or on a virtual network."""

    virtual_machine_id: str
    network_id: str | None = None
    virtual_network_id: str | None = None
    mac_address: str
    state: str = "detached"
    """``attached`` or ``detached``."""
    speed_profile_id: str

    def ip_addresses(self, store: StoreReader) -> "tuple[IPAddress, ...]":
        """The addresses that are allocated to it."""
        return store.all(IPAddress, interface_id=self.id)


class VirtualMachineBuild(Owned, Created, prefix="vmbuild", not_found="build_not_found"):
    """The build of a virtual machine."""

    hostname: str
    spec_xml: str = attrs.field(repr=False)
    state: str = "pending"
    """``pending``, ``building``, ``complete`` or ``failed``."""
    virtual_machine_id: str | None = None


class ConsoleSession(Object, prefix="cons", part_of=VirtualMachine):
    """Access to the console of a virtual machine."""

    virtual_machine_id: str
    expires_at: int

    def url(self, _: StoreReader) -> str:
        """Address to open in a browser. Nothing listens there."""
        return f"https://console.example/{self.id}"


class LoadBalancerWeight(Value):
    """The share of a virtual machine in the traffic."""

    virtual_machine_id: str = ""
    weight: int = 128


class LoadBalancer(Named, Owned, prefix="lb", keys="id api_reference"):
    """A load balancer that has an IP address."""

    data_center_id: str
    api_reference: str | None = None
    resource_type: Literal["virtual_machines", "virtual_machine_groups", "tags"] = "virtual_machines"
    resource_ids: tuple[str, ...] = ()
    https_redirect: bool = False
    enable_weighting: bool = False
    weights: tuple[LoadBalancerWeight, ...] = ()
    """The weights that were given; see `weights_`."""
    standby_vms: tuple[str, ...] = ()

    def weights_(self, store: StoreReader) -> list[LoadBalancerWeight]:
        """The weight of each target; 128, as recorded, for a target without a given weight."""
        given, targets = {weight.virtual_machine_id: weight for weight in self.weights}, {*self.resource_ids}
        machines = store.all(VirtualMachine, organization_id=self.organization_id)
        ids = [obj.id for obj in machines if not targets.isdisjoint((obj.id, obj.group_id, *obj.tag_ids))]
        return [given.get(machine_id) or LoadBalancerWeight(virtual_machine_id=machine_id) for machine_id in ids]

    def ip_address(self, store: StoreReader) -> "IPAddress | None":
        """The address of the load balancer."""
        return next(iter(store.all(IPAddress, load_balancer_id=self.id)), None)


class LoadBalancerRule(Object, prefix="lbrule", part_of=LoadBalancer, unique="listen_port"):
    """A rule of a load balancer."""

    load_balancer_id: str
    algorithm: Literal["round_robin", "least_connections", "sticky"] = "round_robin"
    destination_port: int
    listen_port: int
    protocol: Literal["HTTP", "HTTPS", "TCP"]
    certificates: tuple[dict[str, str], ...] = ()
    """For each certificate a dictionary with its id, as requests have it."""
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

    def certificates_(self, store: StoreReader) -> list[Certificate]:
        """The certificates."""
        return [store.get(certificate["id"]) for certificate in self.certificates]


class FileStorageVolume(Named, Owned, prefix="fsv", unique="name", kept_in_trash=True):
    """Disk space that virtual machines mount over NFS."""

    data_center_id: str
    associations: tuple[str, ...] = ()
    """Ids of virtual machines."""
    state: str = "pending"
    """``pending``, ``configuring``, ``ready`` or ``failed``."""
    nfs_location: str | None = None
    size: int = 0


class ObjectStorageCluster(Object, prefix="oscluster", keys="region"):
    """A region in which organizations can have object storage."""

    region: str
    data_center_id: str


class ObjectStorageAccount(Owned, Created, prefix="osaccount"):
    """The object storage of an organization in one cluster."""

    object_storage_cluster_id: str
    provisioning_state: str = "provisioning"
    """``provisioning``, ``provisioned`` or ``failed``."""

    def region(self, store: StoreReader) -> str:
        """Region of the cluster."""
        return str(store.get(self.object_storage_cluster_id).region)

    def data_center(self, store: StoreReader) -> Any:
        """Data center of the cluster."""
        return store.get(store.get(self.object_storage_cluster_id).data_center_id)

    def buckets(self, store: StoreReader) -> "tuple[ObjectStorageBucket, ...]":
        """The buckets."""
        return store.all(ObjectStorageBucket, object_storage_account_id=self.id)

    def bucket_count(self, store: StoreReader) -> int:
        """Number of buckets."""
        return len(self.buckets(store))

    def size(self, store: StoreReader) -> int:
        """Size of all objects in bytes."""
        return sum(bucket.size(store) for bucket in self.buckets(store))


class AccessControlList(Value):
    """Who may use the objects of a bucket."""

    public_read: bool = False
    public_list: bool = False
    all_keys_read: bool = False
    all_keys_write: bool = False
    read_key_ids: tuple[str, ...] = ()
    write_key_ids: tuple[str, ...] = ()


class ObjectStorageBucket(
    Named, Created, prefix="bucket", argument="bucket", keys="name", part_of=ObjectStorageAccount, found_in_trash=True
):
    """A bucket of an object storage account."""

    object_storage_account_id: str
    object_storage_cluster_id: str
    label: str | None = None
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

    def object_count(self, _: StoreReader) -> int:
        """Number of objects."""
        return len(self.contents)

    def size(self, _: StoreReader) -> int:
        """Size of all objects in bytes."""
        return sum(self.contents.values())

    def public_url(self, store: StoreReader) -> str:
        """URL of the bucket."""
        return f"https://{self.name}.{store.get(self.object_storage_cluster_id).region}.objects.example/"


class ObjectStorageAccessKey(
    Named, Owned, Created, prefix="objkey", argument="access_key", part_of=ObjectStorageAccount
):
    """Credentials for the S3 protocol."""

    object_storage_account_id: str
    state: str = "pending"
    """``pending`` or ``configured``."""
    provisioned: bool = False
    """Whether credentials can be generated."""
    all_buckets_read: bool = False
    all_objects_read: bool = False
    all_objects_write: bool = False
    s3_access_key_id: str | None = None
    s3_secret_access_key: str | None = attrs.field(default=None, repr=False)
    """Only the response that has new credentials shows it. It is not in the store."""

    def region(self, store: StoreReader) -> str:
        """Region of the account."""
        return str(store.get(self.object_storage_account_id).region(store))

    def server_url(self, store: StoreReader) -> str | None:
        """Server of the S3 protocol; nothing listens there."""
        return None if self.s3_access_key_id is None else f"{self.region(store)}.objects.example:443"

    def read_buckets(self, store: StoreReader) -> list[str]:
        """Names of the buckets that name the key, unless it may read all."""
        buckets = () if self.all_objects_read else store.get(self.object_storage_account_id).buckets(store)
        return [bucket.name for bucket in buckets if self.id in bucket.access_control_list.read_key_ids]

    def write_buckets(self, store: StoreReader) -> list[str]:
        """Names of the buckets that name the key, unless it may write to all."""
        buckets = () if self.all_objects_write else store.get(self.object_storage_account_id).buckets(store)
        return [bucket.name for bucket in buckets if self.id in bucket.access_control_list.write_key_ids]


class User(Object, prefix="user"):
    """A person who uses Katapult, with access to all organizations."""

    first_name: str
    last_name: str
    avatar_url: str
    web_session: bool = True
    """Whether the website session from which the tokens of the sandbox come is still open."""


class APIToken(Named, prefix="apitoken", indexes="value organization_id"):
    """A token: one of the sandbox's own, or one that was created through the API."""

    organization_id: str | None
    """The organization of a token that was created through the API. Other tokens have access to all organizations."""
    authorized_ip_addresses: tuple[str, ...] = ()
    expires_at: int | None = None
    scopes: tuple[str, ...] = ()
    generation: int = 1
    """Number of the current secret: 1 for the first."""
    secret: str | None = attrs.field(default=None, repr=False)
    """The token itself, set only for a response that shows it. It is not in the store."""
    virtual_machine_id: str | None = None
    """Id of the virtual machine that the token belongs to."""
    revoked_as: str | None = None
    """Error code of the token's requests after it was revoked; None while it is valid."""

    @property
    def value(self) -> str:
        """The token itself; empty if it is unknown."""
        return f"sandbox_{hashlib.sha256(f'{self.id} {self.generation}'.encode()).hexdigest()[:32]}" if self.id else ""

    def has_access(self, organization: Organization | None) -> bool:
        """Return whether the token can be used for an organization; None stands for an object without an owner."""
        return organization is None or self.organization_id in (None, organization.id, organization.manager_id)

    def rate_limit(self, store: StoreReader) -> int:
        """Requests that the token may send in one window."""
        return store.permitted


class IPAddress(Owned, prefix="ip", keys="id address", indexes="organization_id interface_id load_balancer_id pool"):
    """An IP address of an organization, allocated to an interface, to a load balancer or to nothing."""

    address: str
    reverse_dns: str | None = None
    """The name that its owner gave it, if any; see `reverse_dns_`."""
    vip: bool = False
    label: str | None = None
    network_id: str
    subnet: Subnet
    interface_id: str | None = None
    load_balancer_id: str | None = None

    @property
    def free(self) -> bool:
        """Whether the address is not allocated."""
        return self.interface_id is None and self.load_balancer_id is None

    @property
    def pool(self) -> tuple[str, str, str] | None:
        """Organization, network and version of a free address; None for an allocated address."""
        return (self.organization_id, self.network_id, self.subnet.address_version) if self.free else None

    def address_with_mask(self, _: StoreReader) -> str:
        """The address with the length of the subnet's prefix."""
        return f"{self.address}/{self.subnet.mask}"

    def subnet_(self, _: StoreReader) -> object:
        """The subnet; responses omit that of an IPv6 address."""
        return self.subnet if self.subnet.address_version == "ipv4" else ABSENT

    def reverse_dns_(self, store: StoreReader) -> str:
        """Domain name that it resolves to: by default the name of the virtual machine that has it, as recorded."""
        other_name = f"{re.sub('[.:]', '-', self.address)}.reverse.example"
        return str(self.reverse_dns or getattr(self.allocation(store), "fqdn", other_name))

    def allocation(self, store: StoreReader) -> Any:
        """What the address is allocated to: the virtual machine of its interface, a load balancer or None."""
        interface = store.get(self.interface_id)
        return store.get(interface.virtual_machine_id if interface else self.load_balancer_id)

    def allocation_id(self, store: StoreReader) -> str | None:
        """Id of what the address is allocated to."""
        return getattr(self.allocation(store), "id", None)

    def allocation_type(self, store: StoreReader) -> str | None:
        """Class of what the address is allocated to."""
        return None if self.free else type(self.allocation(store)).__name__


class Task(Named, Owned, Created, prefix="task", indexes="object_id"):
    """Background work that changes an object when it ends."""

    object_id: str
    """The object that the task changes."""
    changes: Mapping[str, Mapping[str, Any]] = attrs.field(factory=dict)
    """Fields of the object and their values when the task is ``running``, has ``failed`` or is ``completed``."""
    on_completion: Completion = attrs.field(default=None, eq=False, repr=False)
    """Called with the store and the object when the task completes, to make further changes."""
    status: str = "pending"
    """``pending``, ``running``, ``completed`` or ``failed``."""
    progress: int = 0
    """In percent."""
    started_at: int | None = None
    finished_at: int | None = None


class TrashObject(Owned, prefix="trsh", keys="id object_id"):
    """The entry of an object in the trash."""

    keep_until: int
    object_id: str
    object_type: str
    """Name of the object's class, such as ``VirtualMachine``."""
