"""Seed data: the objects that a new store has, generated from one seed, so that equal scales give equal data."""

import base64
import ipaddress
import random
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import cycle, product
from typing import Any, Literal, TypeVar

import attrs

from . import mutations, validation
from .identifiers import identifier, new_uuid
from .kinds import Object
from .models import (
    AccessControlList,
    AddressList,
    AddressListEntry,
    APIToken,
    Certificate,
    Country,
    CountryState,
    Currency,
    DataCenter,
    Disk,
    DiskBackupPolicy,
    DiskBackupSchedule,
    DiskIOProfile,
    DiskTemplate,
    DiskTemplateVersion,
    DNSRecord,
    DNSZone,
    FileStorageVolume,
    GPUType,
    IPAddress,
    Network,
    NetworkSpeedProfile,
    ObjectStorageAccessKey,
    ObjectStorageAccount,
    ObjectStorageBucket,
    ObjectStorageCluster,
    OperatingSystem,
    Organization,
    SecurityGroup,
    SecurityGroupRule,
    SSHKey,
    Subnet,
    Tag,
    User,
    VirtualMachine,
    VirtualMachineGroup,
    VirtualMachineNetworkInterface,
    VirtualMachinePackage,
    VirtualNetwork,
    Zone,
)
from .scheduler import Scheduler
from .store import Store

T = TypeVar("T", bound=Object)


def _pem(label: str, text: str) -> str:
    """Return made-up content in the form of a PEM file."""
    return f"-----BEGIN {label}-----\n{base64.b64encode(text.encode()).decode()}\n-----END {label}-----\n"


_CREATED_AT = 1_700_000_000
_MAXIMUM_FREE = 40
_INTERFACES_PER_NETWORK = 8
_NAMES = ("Larch", "Rowan", "Alder")
_ROLES = ("web", "db", "mail", "cache", "build")
_STATES = ("started", "started", "started", "stopped", "starting", "allocating")
_COUNTRIES = (
    ("United Kingdom", "GB", "GBR", "Europe/London", False),
    ("Netherlands", "NL", "NLD", "Europe/Amsterdam", True),
    ("United States", "US", "USA", None, False),
)
_COUNTRY_STATES = (("England", "ENG", 0), ("California", "CA", 2), ("New York", "NY", 2))
_DATA_CENTERS = (("loc", "London", 0), ("dc", "Amsterdam", 1), ("loc", "New York", 2), ("dc", "Reading", 0))
_GPU_TYPES = (("Example 40", 48, "GDDR6"), ("Example 100", 80, "HBM3"))
_PACKAGES = (("Small", "small", 1, 2, 25), ("Medium", "medium", 2, 4, 50), ("Large", "large", 4, 16, 200))
# In the recordings three of four profiles have no download limit and one of four has no upload limit.
_SPEED_PROFILES = (
    ("1 Gbps", "1gbps", 1000, None),
    ("100 Mbps", "100mbps", 100, 100),
    ("10 Gbps", "10gbps", 10_000, None),
    ("Unlimited", "unlimited", None, None),
)
_IO_PROFILES = (("100k", "100k", 2000, 100_000), ("Unrestricted", "unrestricted", None, None))
_TEMPLATES = (("Ubuntu", "24.04"), ("Debian", "12"))
_RECORDS: tuple[tuple[str | None, str, int | None, dict[str, str]], ...] = (
    ("www", "A", None, {"ip_address": "203.0.113.10"}),
    (None, "MX", 10, {"hostname": "mail.example"}),
    (None, "TXT", None, {"content": "v=spf1 -all"}),
)
_COLORS = ("red", "teal", "dark_blue", "pastel_green")
_INTERVALS: tuple[Literal["daily", "weekly"], ...] = ("daily", "weekly")
_USERS = ("Ada", "Grace")
_DOCUMENTATION_RANGES = ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24")  # RFC 5737

# Each network uses the next row, in a cycle: the versions of its subnets, and those of them that are exhausted.
_VERSIONS = (
    ("ipv4 ipv6", ""),
    ("ipv4", ""),
    ("ipv6", ""),
    ("ipv4 ipv6", "ipv4 ipv6"),
    ("ipv4 ipv6", ""),
    ("ipv4 ipv6", "ipv4"),
)


@attrs.frozen(kw_only=True)
class Scale:
    """How much seed data there is."""

    machines: int = 60
    """Number of virtual machines."""
    interfaces: int = 100
    """Number of network interfaces of all virtual machines; each has at least one."""
    organizations: int = 2
    """Number of organizations, 1 to 3."""
    free_addresses: int | None = None
    """Length of every list of available addresses. With None there are 0 to 40, and some networks have one version."""
    seed: int = 1
    """Seed of all random values."""

    def __attrs_post_init__(self) -> None:
        validation.integer("machines", self.machines, minimum=0, maximum=100_000)
        validation.integer("interfaces", self.interfaces, minimum=0, maximum=100_000)
        validation.integer("organizations", self.organizations, minimum=1, maximum=len(_NAMES))
        validation.integer("seed", self.seed, minimum=0)
        if self.free_addresses is not None:
            validation.integer("free_addresses", self.free_addresses, minimum=0, maximum=254)
        if self.interfaces and not self.machines:
            raise ValueError(f"interfaces must be 0 where there are no machines, not {self.interfaces}")
        if self.interfaces < self.machines:
            raise ValueError(
                f"interfaces must be at least machines ({self.machines}), since every machine has one, "
                f"not {self.interfaces}"
            )


def seeded(scale: Scale, *, large_sets: bool = False, task_duration: float = 1.0) -> Store:
    """Return a store with seed data. Equal scales give equal stores, and equal changes keep them equal.

    Args:
        scale: how much data there is.
        large_sets: whether lists omit their totals.
        task_duration: seconds that a task takes.
    """
    rng = random.Random(f"{scale.seed} changes")  # noqa: S311 - must be reproducible, not secret
    store = _seeded(scale).copy(rng=rng)
    store.large_sets, store.scheduler = large_sets, Scheduler(duration=task_duration)
    return store


# A test suite creates equal stores hundreds of times. The objects are frozen, so stores share them.
@lru_cache(maxsize=8)
def _seeded(scale: Scale) -> Store:
    store = Store(rng=random.Random(scale.seed))  # noqa: S311 - must be reproducible, not secret
    store.now = _CREATED_AT
    _Seed(store, scale).add_all()
    return store


@attrs.frozen
class _Seed:
    """Fills a store.

    The order of the random draws is fixed: a change of it changes all ids, names and addresses of every seed. Classes
    of objects that the sandbox did not have at first therefore draw their ids from a second generator.
    """

    store: Store
    scale: Scale
    second_rng: random.Random = attrs.field(init=False)

    @second_rng.default
    def _second_generator(self) -> random.Random:
        return random.Random(f"{self.scale.seed} later")  # noqa: S311 - must be reproducible, not secret

    def add_all(self) -> None:
        """Add all objects."""
        self._add_places()
        self._add_networks()
        self._add_sizes_and_zones()
        self._add_tags_and_groups()
        self._add_machines()
        self._add_addresses()
        self._add_rows(NetworkSpeedProfile, _SPEED_PROFILES[1:])
        self._add_templates()
        self._add_disks()
        for owner in self.store.organizations:
            self._add_keys_groups_and_lists(owner)
            self._add_zone(owner)
        self.store.add(AddressList, organization_id=None, name="Sandbox monitoring")
        self._add_storage()
        self._add_users_and_tokens()
        self._add_states_and_gpu_types()
        for owner in self.store.organizations:
            self._add_certificates(owner)
            self._add_backup_policies(owner)

    def _add_rows(self, model: type[Object], rows: Iterable[Sequence[object]], **values: Any) -> None:
        """Add objects; each row has their first fields after the id."""
        names = [name for name in model.fields if name != "id"]
        for row in rows:
            self.store.add(model, **dict(zip(names, row, strict=False)), **values)

    def _add_with_second_rng(self, model: type[Object], **values: Any) -> None:
        self.store.add(model, id=identifier(model.kind.prefix, rng=self.second_rng), **values)

    def _all(self, model: type[T], owner: Organization) -> tuple[T, ...]:
        return self.store.all(model, organization_id=owner.id)

    def _hex(self, bits: int) -> str:
        return f"{self.store.rng.getrandbits(bits):0{bits // 4}x}"

    def _add_places(self) -> None:
        self._add_rows(Country, _COUNTRIES)
        countries = self.store.all(Country)
        for prefix, name, number in _DATA_CENTERS:
            permalink = f"{countries[number].iso_code2}-{name}-1".lower().replace(" ", "-")
            center_id = identifier(prefix, rng=self.store.rng)
            self.store.add(DataCenter, id=center_id, name=name, permalink=permalink, country_id=countries[number].id)
        currency = self.store.add(Currency, name="Pound Sterling", iso_code="GBP", symbol="£")
        places = {"country_id": countries[0].id, "currency_id": currency.id}
        for name in _NAMES[: self.scale.organizations]:
            new = {"id": self.store.new_id(Organization), "uuid": new_uuid(rng=self.store.rng)}
            self.store.add(Organization, name=f"{name} Ltd", sub_domain=name.lower(), **new, **places)

    def _add_networks(self) -> None:
        organizations, data_centers = self.store.organizations, self.store.all(DataCenter)
        per_network = len(organizations) * len(data_centers) * _INTERFACES_PER_NETWORK
        rounds = max(2, -(-self.scale.interfaces // per_network))
        versions = cycle(_VERSIONS if self.scale.free_addresses is None else _VERSIONS[:1])
        for data_center in data_centers:
            self._add_network("Public", data_center=data_center, owner=None, versions=_VERSIONS[0])
        for number, data_center, owner in product(range(1, rounds + 1), data_centers, organizations):
            self._add_network(f"Network {number}", data_center=data_center, owner=owner, versions=next(versions))
        for owner in organizations:
            name, center_id = f"{owner.name} inside", data_centers[0].id
            self.store.add(VirtualNetwork, name=name, data_center_id=center_id, organization_id=owner.id)

    def _add_network(
        self, name: str, *, data_center: DataCenter, owner: Organization | None, versions: tuple[str, str]
    ) -> None:
        number = len(self.store.networks)
        present, exhausted = versions
        subnets = tuple(self._subnet(version, number=number, small=owner is not None) for version in present.split())
        for subnet in subnets:
            if subnet.address_version in exhausted:
                self.store.exhaust_subnet(subnet.id)
        self.store.add(
            Network,
            name=name,
            permalink=f"{data_center.permalink}/{name.lower().replace(' ', '-')}-{number}",
            default=owner is None,
            data_center_id=data_center.id,
            organization_id=owner and owner.id,
            subnets=subnets,
        )

    def _subnet(self, version: str, *, number: int, small: bool) -> Subnet:
        small_number = number - len(_DATA_CENTERS)
        if version == "ipv6":
            prefix = f"2001:db8:{number:x}::/48"  # RFC 3849
        elif small and small_number < len(_DOCUMENTATION_RANGES) and self.scale.free_addresses is None:
            prefix = _DOCUMENTATION_RANGES[small_number]
        else:
            prefix = f"{ipaddress.ip_address('10.0.0.0') + number * 1024}/22"
        network = ipaddress.ip_network(prefix)
        first, mask, subnet_id = network.network_address, network.prefixlen, identifier("sbnt", rng=self.store.rng)
        return Subnet(id=subnet_id, address_version=version, address=str(first), gateway=str(first + 1), mask=mask)

    def _add_sizes_and_zones(self) -> None:
        group = {"id": identifier("vmpkgrp", rng=self.store.rng), "name": "Sandbox"}
        self._add_rows(VirtualMachinePackage, _PACKAGES, group=group)
        for data_center, letter in product(self.store.all(DataCenter), "AB"):
            name, permalink = f"{data_center.name} {letter}", f"{data_center.permalink}-{letter.lower()}"
            self.store.add(Zone, name=name, permalink=permalink, data_center_id=data_center.id)

    def _add_tags_and_groups(self) -> None:
        for number, owner in enumerate(self.store.organizations):
            add = self._add_with_second_rng if number > 0 else self.store.add
            for color in _COLORS:
                add(Tag, name=color, color=color, organization_id=owner.id)
            add(VirtualMachineGroup, name="Apart", organization_id=owner.id)

    def _add_machines(self) -> None:
        rng, owners, machines = self.store.rng, self.store.organizations, self.scale.machines
        packages, zones = self.store.all(VirtualMachinePackage), self.store.all(Zone)
        interfaces = Counter(range(machines))
        interfaces.update(rng.randrange(machines) for _ in range(self.scale.interfaces - machines))
        self._add_rows(NetworkSpeedProfile, _SPEED_PROFILES[:1])
        [profile], networks = self.store.all(NetworkSpeedProfile), self._network_cycles()
        for number, owner in zip(range(machines), cycle(owners)):
            group, *_ = self._all(VirtualMachineGroup, owner)
            hostname = f"{rng.choice(_ROLES)}-{number + 1}"
            machine = self.store.add(
                VirtualMachine,
                id=self.store.new_id(VirtualMachine),
                name=hostname,
                hostname=hostname,
                fqdn=f"{hostname}.{owner.infrastructure_domain}",
                description=rng.choice((None, None, None, "Made by the sandbox")),
                created_at=_CREATED_AT + 60 * (number + 1),
                state=rng.choice(_STATES),
                organization_id=owner.id,
                zone_id=(zone := rng.choice(zones)).id,
                package_id=rng.choice(packages).id,
                group_id=rng.choice((None, None, group.id)),
                tag_ids=tuple(tag.id for tag in rng.sample(self._all(Tag, owner), rng.randint(0, 2))),
                initial_root_password=self._hex(64),
            )
            for _ in range(interfaces[number]):
                network = next(networks[owner.id, zone.data_center_id])
                interface = mutations.create_interface(self.store, machine, network=network, speed_profile=profile)
                if rng.random() >= 1 / 7:
                    self.store.change(interface, state="attached")

    def _network_cycles(self) -> dict[tuple[str, str], Iterator[Network]]:
        """Return an endless cycle of the networks that each organization has in each data center."""
        networks: dict[tuple[str, str], list[Network]] = {}
        for network, owner in product(reversed(self.store.networks), self.store.organizations):
            if network.organization_id in (None, owner.id):
                networks.setdefault((owner.id, network.data_center_id), []).append(network)
        return {key: cycle(members) for key, members in networks.items()}

    def _add_addresses(self) -> None:
        machines = {machine.id: machine.organization_id for machine in self.store.machines}
        interfaces: dict[str | None, list[VirtualMachineNetworkInterface]] = {}
        for interface in self.store.interfaces:
            interfaces.setdefault(interface.network_id, []).append(interface)
        for network in self.store.networks:
            for subnet in network.subnets:
                holders = [(machines[obj.virtual_machine_id], obj.id) for obj in interfaces.get(network.id, [])]
                free: list[tuple[str, str | None]] = []
                for owner in self.store.organizations:
                    if network.organization_id in (None, owner.id):
                        free += [(owner.id, None)] * self._free_count(subnet)
                hosts = self._hosts(subnet, number=len(holders) + len(free))
                for host, (owner_id, interface_id) in zip(hosts, (*holders, *free), strict=True):
                    self._add_address(host, network, subnet, owner_id=owner_id, interface_id=interface_id)

    def _free_count(self, subnet: Subnet) -> int:
        if self.scale.free_addresses is not None:
            return self.scale.free_addresses
        return 0 if self.store.is_exhausted(subnet.id) else self.store.rng.randint(1, _MAXIMUM_FREE)

    def _hosts(self, subnet: Subnet, *, number: int) -> list[str]:
        first = ipaddress.ip_address(subnet.address)
        size = 2**32 if subnet.address_version == "ipv6" else 2 ** (32 - subnet.mask)
        # 0 is the network address, 1 the gateway and the last one the broadcast address.
        return [str(first + host) for host in self.store.rng.sample(range(2, size - 1), number)]

    def _add_address(
        self, host: str, network: Network, subnet: Subnet, *, owner_id: str, interface_id: str | None
    ) -> None:
        rng, free = self.store.rng, interface_id is None
        values = {"id": self.store.new_id(IPAddress), "vip": free and rng.random() < 1 / 20}
        values["label"] = rng.choice((None, None, None, None, "spare")) if free else None
        mutations.add_address(
            self.store, owner_id, host, network=network, subnet=subnet, interface_id=interface_id, **values
        )

    def _add_templates(self) -> None:
        self._add_rows(DiskIOProfile, _IO_PROFILES)
        for (system, release), owner in zip(_TEMPLATES, (None, self.store.organizations[0].id), strict=True):
            name = f"{system.lower()}.png"
            image = {"url": f"https://badges.example/{name}", "file_name": name, "file_type": "image/png"}
            badge = {**image, "file_size": 23_343, "digest": self._hex(160), "token": new_uuid(rng=self.store.rng)}
            operating_system = self.store.add(OperatingSystem, name=system, badge=badge)
            template = self.store.add(
                DiskTemplate,
                organization_id=owner,
                name=f"{system} {release}",
                description=f"{system} {release} for servers",
                permalink=f"templates/{system.lower()}-{release.replace('.', '-')}",
                operating_system_id=operating_system.id,
            )
            rows = ((template.id, number, True, 10) for number in (1, 2))
            self._add_rows(DiskTemplateVersion, rows)

    def _add_disks(self) -> None:
        store, version = self.store, self.store.all(DiskTemplateVersion)[0]
        for machine in store.machines:
            new = {"name": "System disk", "size_in_gb": 10, "created_at": machine.created_at}
            mutations.create_disk_of_machine(store, machine, version=version, boot=True, **new)
        for owner in store.organizations:
            center_id = store.all(DataCenter)[0].id
            mutations.create_disk(store, owner.id, name="Spare disk", size_in_gb=10, data_center_id=center_id)

    def _add_keys_groups_and_lists(self, owner: Organization) -> None:
        add, owned = self.store.add, {"organization_id": owner.id}
        add(SSHKey, name="Deployment", key=f"ssh-ed25519 {self._hex(256)}", **owned)
        group = add(SecurityGroup, name="Web", allow_all_outbound=True, **owned)
        rule = {"direction": "inbound", "protocol": "TCP", "targets": ("all:ipv4", "all:ipv6")}
        for ports in ("22", "80,443"):
            add(SecurityGroupRule, security_group_id=group.id, ports=ports, **rule)
        address_list = add(AddressList, name="Offices", **owned)
        for number in (1, 2):
            address, name = f"198.51.100.{number}", f"Office {number}"
            add(AddressListEntry, address_list_id=address_list.id, address=address, name=name)

    def _add_zone(self, owner: Organization) -> None:
        zone = self.store.add(DNSZone, organization_id=owner.id, name=owner.infrastructure_domain, verified=True)
        for name, record_type, priority, content in _RECORDS:
            values = {"name": name, "type": record_type, "priority": priority, "content": {record_type: content}}
            self.store.add(DNSRecord, dns_zone_id=zone.id, **values)

    def _add_storage(self) -> None:
        add, (london, amsterdam, *_) = self.store.add, self.store.all(DataCenter)
        cluster = add(ObjectStorageCluster, region="uk-lon-1", data_center_id=london.id)
        add(ObjectStorageCluster, region="nl-ams-1", data_center_id=amsterdam.id)
        for owner in self.store.organizations:
            add(
                FileStorageVolume,
                organization_id=owner.id,
                data_center_id=london.id,
                name="Shared",
                associations=tuple(machine.id for machine in self._all(VirtualMachine, owner)[:1]),
                state="ready",
                nfs_location=f"{owner.sub_domain}.files.example:/shared",
            )
            place = {"organization_id": owner.id, "object_storage_cluster_id": cluster.id}
            account = add(ObjectStorageAccount, provisioning_state="provisioned", **place)
            part = {"object_storage_account_id": account.id, "state": "configured"}
            s3_key_id = "SANDBOX0000000000001"
            key = add(ObjectStorageAccessKey, name="Backup", provisioned=True, s3_access_key_id=s3_key_id, **part)
            control = AccessControlList(public_read=True, read_key_ids=(key.id,), write_key_ids=(key.id,))
            contents = {"photos/cat.jpg": 48_128, "index.html": 512}
            name = f"{owner.sub_domain}-files"
            add(ObjectStorageBucket, name=name, access_control_list=control, contents=contents, **part)

    def _add_users_and_tokens(self) -> None:
        rows = ((first, "Sandbox", f"https://avatars.example/{first.lower()}.png") for first in _USERS)
        self._add_rows(User, rows)
        for owner in self.store.organizations:
            self.store.add(APIToken, organization_id=owner.id, name="Monitoring", scopes=("organizations:read",))

    def _add_states_and_gpu_types(self) -> None:
        countries, centers = self.store.all(Country), [center.id for center in self.store.all(DataCenter)]
        for name, code, number in _COUNTRY_STATES:
            self._add_with_second_rng(CountryState, country_id=countries[number].id, name=name, code=code)
        for number, (name, memory, memory_type) in enumerate(_GPU_TYPES, start=1):
            size = {"manufacturer": "Example", "memory_in_gb": memory, "memory_type": memory_type}
            permalink, places = name.lower().replace(" ", "-"), tuple(centers[:number])
            self._add_with_second_rng(GPUType, name=name, permalink=permalink, data_center_ids=places, **size)

    def _add_certificates(self, owner: Organization) -> None:
        """Add a certificate that was issued, and one that waits for its domain."""
        token, domain = f"{self.second_rng.getrandbits(64):016x}", owner.infrastructure_domain
        new = {"organization_id": owner.id, "issuer": "lets_encrypt"}
        issued = {
            "additional_names": (domain,),
            "last_issued_at": _CREATED_AT + 60,
            "expires_at": _CREATED_AT + 90 * 86_400,
            "authorization_method": "dns",
            "certificate_api_url": f"https://certificates.example/{token}",
            "certificate": _pem("CERTIFICATE", f"www.{domain}"),
            "chain": _pem("CERTIFICATE", "issuer"),
            "private_key": _pem("PRIVATE KEY", token),
        }
        self._add_with_second_rng(Certificate, name=f"www.{domain}", state="issued", **issued, **new)
        self._add_with_second_rng(Certificate, name=f"shop.{domain}", state="pending", **new)

    def _add_backup_policies(self, owner: Organization) -> None:
        """Add a daily backup policy of the first virtual machine, and a weekly one of the disk without a machine."""
        disks = [disk.id for disk in self._all(Disk, owner) if disk.virtual_machine_disk is None]
        targets = [machine.id for machine in self._all(VirtualMachine, owner)[:1]] + disks
        for target, interval in zip(targets, _INTERVALS, strict=False):
            schedule = DiskBackupSchedule(interval=interval, time=3, next_invocation_at=_CREATED_AT + 10_800)
            values = {"organization_id": owner.id, "target_id": target, "schedule": schedule}
            self._add_with_second_rng(DiskBackupPolicy, total_size=20.5, **values)
