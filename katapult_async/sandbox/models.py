"""The things in the sandbox's cloud, as plain values; knows nothing of how they are sent."""

import attrs


@attrs.frozen(kw_only=True)
class Country:
    """A country, as data centers and organizations have one."""

    id: str
    name: str
    iso_code2: str
    iso_code3: str
    time_zone: str | None
    eu: bool


@attrs.frozen(kw_only=True)
class DataCenter:
    """A place with machines in it. Old ones have a ``loc_`` id, new ones ``dc_``."""

    id: str
    name: str
    permalink: str
    country: Country


@attrs.frozen(kw_only=True)
class Zone:
    """A part of a data center."""

    id: str
    name: str
    permalink: str
    data_center: DataCenter


@attrs.frozen(kw_only=True)
class Organization:
    """A customer."""

    id: str
    uuid: str
    name: str
    sub_domain: str
    country: Country
    currency_id: str
    created_at: int
    """Seconds since the Unix epoch."""
    suspended: bool = False

    @property
    def infrastructure_domain(self) -> str:
        """The domain under which its machines live."""
        return f"{self.sub_domain}.example"


@attrs.frozen(kw_only=True)
class Subnet:
    """A range of addresses of one version."""

    id: str
    version: str
    """``ipv4`` or ``ipv6``."""
    address: str
    gateway: str
    mask: int
    """Length of the prefix in bits."""


@attrs.frozen(kw_only=True)
class Network:
    """A public network."""

    id: str
    name: str
    permalink: str
    default: bool
    data_center: DataCenter
    organization_id: str | None
    """Its only organization; None when it is open to all."""
    subnets: tuple[Subnet, ...]
    """At most one for each version."""


@attrs.frozen(kw_only=True)
class VirtualNetwork:
    """A private network of one organization."""

    id: str
    name: str
    data_center: DataCenter
    organization_id: str


@attrs.frozen(kw_only=True)
class Package:
    """A size of machine."""

    id: str
    name: str
    permalink: str
    cpu_cores: int
    memory_in_gb: int
    storage_in_gb: int
    group_id: str


@attrs.frozen(kw_only=True)
class Group:
    """Machines that are kept apart from each other."""

    id: str
    name: str
    created_at: int
    """Seconds since the Unix epoch."""


@attrs.frozen(kw_only=True)
class Tag:
    """A coloured word on a machine."""

    id: str
    name: str
    color: str
    created_at: int
    """Seconds since the Unix epoch."""


@attrs.frozen(kw_only=True)
class SpeedProfile:
    """How fast an interface may be."""

    id: str
    name: str
    permalink: str
    upload_speed_in_mbit: int | None
    """None when it is not bounded."""
    download_speed_in_mbit: int | None
    """None when it is not bounded."""


@attrs.frozen(kw_only=True)
class Machine:
    """A virtual machine."""

    id: str
    name: str
    hostname: str
    fqdn: str
    description: str | None
    created_at: int
    """Seconds since the Unix epoch."""
    state: str
    organization_id: str
    zone: Zone
    package: Package
    group: Group | None
    tags: tuple[Tag, ...]
    initial_root_password: str = attrs.field(repr=False)


@attrs.frozen(kw_only=True)
class Interface:
    """A network interface of a virtual machine."""

    id: str
    name: str
    machine_id: str
    network: Network | VirtualNetwork
    mac_address: str
    state: str
    """``attached`` or ``detached``."""
    speed_profile: SpeedProfile


@attrs.frozen(kw_only=True)
class LoadBalancer:
    """A load balancer, as far as an address that it holds tells about it."""

    id: str
    name: str


@attrs.frozen(kw_only=True)
class Address:
    """An IP address that an organization has, free while neither an interface nor a load balancer holds it."""

    id: str
    address: str
    reverse_dns: str
    vip: bool
    label: str | None
    network: Network
    subnet: Subnet
    organization_id: str
    interface_id: str | None = None
    machine_id: str | None = None
    """The machine of the interface."""
    load_balancer: LoadBalancer | None = None

    @property
    def free(self) -> bool:
        """Whether nothing holds it."""
        return self.interface_id is None and self.load_balancer is None


@attrs.frozen(kw_only=True)
class Task:
    """A change of a network interface that takes a while, at one moment of its life."""

    id: str
    name: str
    interface_id: str
    """What it changes."""
    created_at: int
    """Seconds since the Unix epoch."""
    state: str | None = None
    """The state that the interface has afterwards; None leaves it."""
    speed_profile: SpeedProfile | None = None
    """The speed profile that the interface has afterwards; None leaves it."""
    status: str = "pending"
    """``pending``, ``running``, ``completed`` or ``failed``."""
    progress: int = 0
    """Out of 100."""
    started_at: int | None = None
    """Seconds since the Unix epoch."""
    finished_at: int | None = None
    """Seconds since the Unix epoch."""


@attrs.frozen(kw_only=True)
class TrashObject:
    """The mark of something that was thrown away and can still be restored."""

    id: str
    keep_until: int
    """Seconds since the Unix epoch."""
    object_id: str
    object_type: str
