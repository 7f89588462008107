"""Seed data: the objects that a new store has, generated from one seed, so that equal scales give equal data."""

import base64
import ipaddress
import random
import uuid
from collections.abc import Iterable, Iterator
from itertools import count, cycle, product
from typing import Any, Literal, TypeVar

import attrs

from . import validation
from .identifiers import identifier, mac_address, reverse_name
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
    DiskInstallation,
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
    VirtualMachineDisk,
    VirtualMachineGroup,
    VirtualMachineNetworkInterface,
    VirtualMachinePackage,
    VirtualNetwork,
    Zone,
)

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
_PACKAGES = (("Small", 1, 2, 25), ("Medium", 2, 4, 50), ("Large", 4, 16, 200))
# In the recordings three of four profiles have no download limit and one of four has no upload limit.
_SPEED_PROFILES = (("1 Gbps", 1000, None), ("100 Mbps", 100, 100), ("10 Gbps", 10_000, None), ("Unlimited", None, None))
_IO_PROFILES = (("100k", 2000, 100_000), ("Unrestricted", None, None))
_TEMPLATES = (("Ubuntu", "24.04"), ("Debian", "12"))
_RECORDS: tuple[tuple[str | None, str, int | None, dict[str, str]], ...] = (
    ("www", "A", None, {"ip_address": "203.0.113.10"}),
    (None, "MX", 10, {"hostname": "mail.example"}),
    (None, "TXT", None, {"content": "v=spf1 -all"}),
)
_COLORS = ("red", "teal", "dark_blue", "pastel_green")
_INTERVALS: tuple[Literal["daily", "weekly"], ...] = ("daily", "weekly")
_USERS = (("Ada", "Sandbox"), ("Grace", "Sandbox"))
_DOCUMENTATION_RANGES = ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24")  # RFC 5737

# The networks repeat these: the versions that a network has, and those of them that are exhausted.
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
    """Length of every list of available addresses. None for lengths from 0 to 40 and networks of one version."""
    seed: int = 1
    """Seed of all random values."""

    def __attrs_post_init__(self) -> None:
        validation.integer("machines", self.machines, minimum=1, maximum=100_000)
        validation.integer("interfaces", self.interfaces, minimum=1, maximum=100_000)
        validation.integer("organizations", self.organizations, minimum=1, maximum=len(_NAMES))
        validation.integer("seed", self.seed, minimum=0)
        if self.free_addresses is not None:
            validation.integer("free_addresses", self.free_addresses, minimum=0, maximum=254)
        if self.interfaces < self.machines:
            raise ValueError(
                f"interfaces must be at least machines ({self.machines}), since every machine has one, "
                f"not {self.interfaces}"
            )


class SeedData:
    """The objects of a new store.

    The order of the random draws is fixed: a change of it changes all ids, names and addresses of every seed. Objects
    of kinds that were added later draw their ids from a generator of their own.
    """

    def __init__(self, scale: Scale) -> None:
        self.objects: list[Object] = []
        self.exhausted: set[str] = set()
        """Ids of subnets without free addresses."""
        self.pools: dict[tuple[str, str, str], list[str]] = {}
        """Ids of the free addresses by organization, network and version."""
        self._scale = scale
        self._rng = random.Random(scale.seed)  # noqa: S311 - must be reproducible, not secret
        self._later = random.Random(f"{scale.seed} later")  # noqa: S311 - likewise
        self._numbers = count()
        self._add_places()
        self._add_networks()
        self._add_sizes_and_zones()
        self._add_tags_and_groups()
        self._add_machines()
        self._add_addresses()
        self._add_speed_profiles(_SPEED_PROFILES[1:])
        self._add_templates()
        self._add_disks()
        for owner in self._all(Organization):
            self._add_keys_groups_and_lists(owner)
            self._add_zone(owner)
        self._add(AddressList, organization_id=None, name="Sandbox monitoring")
        self._add_storage()
        self._add_users_and_tokens()
        self._add_states_and_gpu_types()
        for owner in self._all(Organization):
            self._add_certificates(owner)
            self._add_backup_policies(owner)

    def _id(self, model: type[Any], *, prefix: str | None = None, later: bool = False) -> str:
        return identifier(prefix or model.kind.prefix, rng=self._later if later else self._rng)

    def _add(self, model: type[T], **fields: Any) -> T:
        """Add an object. Its id is drawn last unless the fields have it."""
        obj = model(**fields) if "id" in fields else model(id=self._id(model), **fields)
        self.objects.append(obj)
        return obj

    def _all(self, model: type[T]) -> list[T]:
        return [obj for obj in self.objects if isinstance(obj, model)]

    def _add_places(self) -> None:
        countries = [
            self._add(Country, name=name, iso_code2=two, iso_code3=three, time_zone=time_zone, eu=eu)
            for name, two, three, time_zone, eu in _COUNTRIES
        ]
        for prefix, name, number in _DATA_CENTERS:
            permalink = f"{countries[number].iso_code2}-{name}-1".lower().replace(" ", "-")
            center_id = self._id(DataCenter, prefix=prefix)
            self._add(DataCenter, id=center_id, name=name, permalink=permalink, country_id=countries[number].id)
        currency = self._add(Currency, name="Pound Sterling", iso_code="GBP", symbol="£")
        for name in _NAMES[: self._scale.organizations]:
            self._add(
                Organization,
                id=self._id(Organization),
                uuid=str(uuid.UUID(int=self._rng.getrandbits(128), version=4)),
                name=f"{name} Ltd",
                sub_domain=name.lower(),
                country_id=countries[0].id,
                currency_id=currency.id,
                created_at=_CREATED_AT,
            )

    def _add_certificates(self, owner: Organization) -> None:
        """Add a certificate that was issued, and one that waits for its domain."""
        token = f"{self._later.getrandbits(64):016x}"
        name = f"www.{owner.infrastructure_domain}"
        self._add(
            Certificate,
            id=self._id(Certificate, later=True),
            organization_id=owner.id,
            name=name,
            additional_names=(owner.infrastructure_domain,),
            issuer="lets_encrypt",
            state="issued",
            created_at=_CREATED_AT,
            last_issued_at=_CREATED_AT + 60,
            expires_at=_CREATED_AT + 90 * 86_400,
            authorization_method="dns",
            certificate_api_url=f"https://certificates.example/{token}",
            certificate=_pem("CERTIFICATE", name),
            chain=_pem("CERTIFICATE", "issuer"),
            private_key=_pem("PRIVATE KEY", token),
        )
        waiting = {"issuer": "lets_encrypt", "state": "pending", "created_at": _CREATED_AT}
        name = f"shop.{owner.infrastructure_domain}"
        self._add(Certificate, id=self._id(Certificate, later=True), organization_id=owner.id, name=name, **waiting)

    def _add_backup_policies(self, owner: Organization) -> None:
        """Add a daily backup policy of the first virtual machine, and a weekly one of the disk without a machine."""
        machines = [obj for obj in self._all(VirtualMachine) if obj.organization_id == owner.id]
        disks = [obj for obj in self._all(Disk) if obj.organization_id == owner.id and obj.virtual_machine_disk is None]
        targets = [obj.id for obj in machines[:1]] + [obj.id for obj in disks]
        for target_id, interval in zip(targets, _INTERVALS, strict=False):
            self._add(
                DiskBackupPolicy,
                id=self._id(DiskBackupPolicy, later=True),
                organization_id=owner.id,
                target_id=target_id,
                total_size=20.5,
                schedule=DiskBackupSchedule(interval=interval, time=3, next_invocation_at=_CREATED_AT + 10_800),
            )

    def _add_states_and_gpu_types(self) -> None:
        countries, centers = self._all(Country), self._all(DataCenter)
        for name, code, number in _COUNTRY_STATES:
            state_id = self._id(CountryState, later=True)
            self._add(CountryState, id=state_id, country_id=countries[number].id, name=name, code=code)
        for number, (name, memory, kind) in enumerate(_GPU_TYPES, start=1):
            self._add(
                GPUType,
                id=self._id(GPUType, later=True),
                name=name,
                manufacturer="Example",
                memory_in_gb=memory,
                memory_type=kind,
                permalink=name.lower().replace(" ", "-"),
                data_center_ids=tuple(center.id for center in centers[:number]),
            )

    def _add_networks(self) -> None:
        organizations, data_centers = self._all(Organization), self._all(DataCenter)
        per_network = len(organizations) * len(data_centers) * _INTERFACES_PER_NETWORK
        rounds = max(2, -(-self._scale.interfaces // per_network))
        versions = cycle(_VERSIONS if self._scale.free_addresses is None else _VERSIONS[:1])
        for data_center in data_centers:
            self._add_network("Public", data_center=data_center, owner=None, versions=_VERSIONS[0])
        for number, data_center, owner in product(range(1, rounds + 1), data_centers, organizations):
            self._add_network(f"Network {number}", data_center=data_center, owner=owner, versions=next(versions))
        for owner in organizations:
            name, center_id = f"{owner.name} inside", data_centers[0].id
            self._add(VirtualNetwork, name=name, data_center_id=center_id, organization_id=owner.id)

    def _add_network(
        self, name: str, *, data_center: DataCenter, owner: Organization | None, versions: tuple[str, str]
    ) -> None:
        number = next(self._numbers)
        present, exhausted = versions
        subnets = tuple(self._subnet(version, number=number, small=owner is not None) for version in present.split())
        self.exhausted.update(subnet.id for subnet in subnets if subnet.address_version in exhausted)
        self._add(
            Network,
            name=name,
            permalink=f"{data_center.permalink}/{name.lower().replace(' ', '-')}-{number}",
            default=owner is None,
            data_center_id=data_center.id,
            organization_id=None if owner is None else owner.id,
            subnets=subnets,
        )

    def _subnet(self, version: str, *, number: int, small: bool) -> Subnet:
        small_number = number - len(_DATA_CENTERS)
        if version == "ipv6":
            prefix = f"2001:db8:{number:x}::/48"  # RFC 3849
        elif small and small_number < len(_DOCUMENTATION_RANGES) and self._scale.free_addresses is None:
            prefix = _DOCUMENTATION_RANGES[small_number]
        else:
            prefix = f"{ipaddress.ip_address('10.0.0.0') + number * 1024}/22"
        network = ipaddress.ip_network(prefix)
        return Subnet(
            id=identifier("sbnt", rng=self._rng),
            address_version=version,
            address=str(network.network_address),
            gateway=str(network.network_address + 1),
            mask=network.prefixlen,
        )

    def _add_sizes_and_zones(self) -> None:
        group = {"id": identifier("vmpkgrp", rng=self._rng), "name": "Sandbox"}
        for name, cores, memory, storage in _PACKAGES:
            size = {"cpu_cores": cores, "memory_in_gb": memory, "storage_in_gb": storage}
            self._add(VirtualMachinePackage, name=name, permalink=name.lower(), group=group, **size)
        for data_center, letter in product(self._all(DataCenter), "AB"):
            name, permalink = f"{data_center.name} {letter}", f"{data_center.permalink}-{letter.lower()}"
            self._add(Zone, name=name, permalink=permalink, data_center_id=data_center.id)

    def _add_tags_and_groups(self) -> None:
        for number, owner in enumerate(self._all(Organization)):
            later = number > 0
            fields = {"organization_id": owner.id, "created_at": _CREATED_AT}
            for color in _COLORS:
                self._add(Tag, id=self._id(Tag, later=later), name=color, color=color, **fields)
            self._add(VirtualMachineGroup, id=self._id(VirtualMachineGroup, later=later), name="Apart", **fields)

    def _add_machines(self) -> None:
        rng = self._rng
        packages, zones, owners = self._all(VirtualMachinePackage), self._all(Zone), self._all(Organization)
        groups = {group.organization_id: group.id for group in self._all(VirtualMachineGroup)}
        tags: dict[str, list[str]] = {}
        for tag in self._all(Tag):
            tags.setdefault(tag.organization_id, []).append(tag.id)
        interfaces = [1] * self._scale.machines
        for _ in range(self._scale.interfaces - self._scale.machines):
            interfaces[rng.randrange(self._scale.machines)] += 1
        self._add_speed_profiles(_SPEED_PROFILES[:1])
        [speed_profile] = self._all(NetworkSpeedProfile)
        networks = self._network_cycles()
        for number, owner, wanted in zip(count(1), cycle(owners), interfaces, strict=False):
            hostname = f"{rng.choice(_ROLES)}-{number}"
            machine = self._add(
                VirtualMachine,
                id=self._id(VirtualMachine),
                name=hostname,
                hostname=hostname,
                fqdn=f"{hostname}.{owner.infrastructure_domain}",
                description=rng.choice((None, None, None, "Made by the sandbox")),
                created_at=_CREATED_AT + 60 * number,
                state=rng.choice(_STATES),
                organization_id=owner.id,
                zone_id=(zone := rng.choice(zones)).id,
                package_id=rng.choice(packages).id,
                group_id=rng.choice((None, None, groups[owner.id])),
                tag_ids=tuple(rng.sample(tags[owner.id], rng.randint(0, 2))),
                initial_root_password=f"{rng.getrandbits(64):016x}",
            )
            for _ in range(wanted):
                network = next(networks[owner.id, zone.data_center_id])
                self._add_interface(machine, network=network, speed_profile=speed_profile)

    def _network_cycles(self) -> dict[tuple[str, str], Iterator[Network]]:
        """Return an endless cycle of the networks that each organization has in each data center."""
        networks: dict[tuple[str, str], list[Network]] = {}
        for network, owner in product(reversed(self._all(Network)), self._all(Organization)):
            if network.organization_id in (None, owner.id):
                networks.setdefault((owner.id, network.data_center_id), []).append(network)
        return {key: cycle(members) for key, members in networks.items()}

    def _add_interface(self, machine: VirtualMachine, *, network: Network, speed_profile: NetworkSpeedProfile) -> None:
        self._add(
            VirtualMachineNetworkInterface,
            mac_address=mac_address(rng=self._rng),
            id=self._id(VirtualMachineNetworkInterface),
            name=f"{network.name} on {machine.name}",
            virtual_machine_id=machine.id,
            network_id=network.id,
            virtual_network_id=None,
            state="detached" if self._rng.random() < 1 / 7 else "attached",
            speed_profile_id=speed_profile.id,
        )

    def _add_speed_profiles(self, rows: Iterable[tuple[str, int | None, int | None]]) -> None:
        for name, upload, download in rows:
            speeds = {"upload_speed_in_mbit": upload, "download_speed_in_mbit": download}
            self._add(NetworkSpeedProfile, name=name, permalink=name.lower().replace(" ", ""), **speeds)

    def _add_addresses(self) -> None:
        machines = {machine.id: machine.organization_id for machine in self._all(VirtualMachine)}
        interfaces: dict[str | None, list[VirtualMachineNetworkInterface]] = {}
        for interface in self._all(VirtualMachineNetworkInterface):
            interfaces.setdefault(interface.network_id, []).append(interface)
        owners = [owner.id for owner in self._all(Organization)]
        for network in self._all(Network):
            attached = interfaces.get(network.id, [])
            for subnet in network.subnets:
                free = [
                    (owner, self._free_count(subnet)) for owner in owners if network.organization_id in (None, owner)
                ]
                hosts = self._hosts(subnet, number=len(attached) + sum(number for _, number in free))
                for interface in attached:
                    owner = machines[interface.virtual_machine_id]
                    self._add_address(next(hosts), network, subnet, owner=owner, interface=interface)
                for owner, number in free:
                    for _ in range(number):
                        self._add_address(next(hosts), network, subnet, owner=owner, interface=None)

    def _free_count(self, subnet: Subnet) -> int:
        if self._scale.free_addresses is not None:
            return self._scale.free_addresses
        return 0 if subnet.id in self.exhausted else self._rng.randint(1, _MAXIMUM_FREE)

    def _hosts(self, subnet: Subnet, *, number: int) -> Iterator[str]:
        first = ipaddress.ip_address(subnet.address)
        size = 2**32 if subnet.address_version == "ipv6" else 2 ** (32 - subnet.mask)
        # 0 is the network address, 1 the gateway and the last one the broadcast address.
        return iter([str(first + host) for host in self._rng.sample(range(2, size - 1), number)])

    def _add_address(
        self,
        host: str,
        network: Network,
        subnet: Subnet,
        *,
        owner: str,
        interface: VirtualMachineNetworkInterface | None,
    ) -> None:
        address = self._add(
            IPAddress,
            id=self._id(IPAddress),
            address=host,
            reverse_dns=reverse_name(host),
            vip=interface is None and self._rng.random() < 1 / 20,
            label=self._rng.choice((None, None, None, None, "spare")) if interface is None else None,
            network_id=network.id,
            subnet=subnet,
            organization_id=owner,
            interface_id=None if interface is None else interface.id,
        )
        if address.pool is not None:
            self.pools.setdefault(address.pool, []).append(address.id)

    def _add_templates(self) -> None:
        for name, speed, iops in _IO_PROFILES:
            self._add(DiskIOProfile, name=name, permalink=name.lower(), speed_in_mb=speed, iops=iops)
        owners = [None, self._all(Organization)[0].id]
        for (system, release), owner in zip(_TEMPLATES, owners, strict=True):
            badge = {
                "url": f"https://badges.example/{system.lower()}.png",
                "file_name": f"{system.lower()}.png",
                "file_type": "image/png",
                "file_size": 23_343,
                "digest": f"{self._rng.getrandbits(160):040x}",
                "token": str(uuid.UUID(int=self._rng.getrandbits(128), version=4)),
            }
            operating_system = self._add(OperatingSystem, name=system, badge=badge)
            template = self._add(
                DiskTemplate,
                organization_id=owner,
                name=f"{system} {release}",
                description=f"{system} {release} for servers",
                permalink=f"templates/{system.lower()}-{release.replace('.', '-')}",
                operating_system_id=operating_system.id,
            )
            for number in (1, 2):
                self._add(DiskTemplateVersion, disk_template_id=template.id, number=number, stable=True, size_in_gb=10)

    def _add_disks(self) -> None:
        profile, _ = self._all(DiskIOProfile)
        version, *_ = self._all(DiskTemplateVersion)
        zones = {zone.id: zone.data_center_id for zone in self._all(Zone)}
        fields = {"size_in_gb": 10, "io_profile_id": profile.id}
        for machine in self._all(VirtualMachine):
            installation = DiskInstallation.of(machine, version, installation_id=identifier("dinst", rng=self._rng))
            state = "attached" if machine.state == "started" else "detached"
            self._add(
                Disk,
                organization_id=machine.organization_id,
                name="System disk",
                wwn=f"{self._rng.getrandbits(64):016x}",
                created_at=machine.created_at,
                data_center_id=zones[machine.zone_id],
                virtual_machine_disk=VirtualMachineDisk(
                    virtual_machine_id=machine.id, attach_on_boot=True, boot=True, state=state
                ),
                installation=installation,
                **fields,
            )
        for owner in self._all(Organization):
            self._add(
                Disk,
                organization_id=owner.id,
                name="Spare disk",
                wwn=f"{self._rng.getrandbits(64):016x}",
                created_at=owner.created_at,
                data_center_id=self._all(DataCenter)[0].id,
                **fields,
            )

    def _add_keys_groups_and_lists(self, owner: Organization) -> None:
        key = f"ssh-ed25519 {self._rng.getrandbits(256):064x}"
        self._add(SSHKey, organization_id=owner.id, name="Deployment", key=key)
        group = self._add(SecurityGroup, organization_id=owner.id, name="Web", allow_all_outbound=True)
        for ports in ("22", "80,443"):
            fields = {"direction": "inbound", "protocol": "TCP", "ports": ports, "targets": ("all:ipv4", "all:ipv6")}
            self._add(SecurityGroupRule, security_group_id=group.id, **fields)
        address_list = self._add(AddressList, organization_id=owner.id, name="Offices")
        for number in (1, 2):
            address, name = f"198.51.100.{number}", f"Office {number}"
            self._add(AddressListEntry, address_list_id=address_list.id, address=address, name=name)

    def _add_zone(self, owner: Organization) -> None:
        zone = self._add(DNSZone, organization_id=owner.id, name=owner.infrastructure_domain, verified=True)
        for name, kind, priority, content in _RECORDS:
            self._add(DNSRecord, dns_zone_id=zone.id, name=name, type=kind, priority=priority, content={kind: content})

    def _add_storage(self) -> None:
        london, amsterdam, *_ = self._all(DataCenter)
        cluster, _ = [
            self._add(ObjectStorageCluster, region=region, data_center_id=data_center.id)
            for region, data_center in (("uk-lon-1", london), ("nl-ams-1", amsterdam))
        ]
        for owner in self._all(Organization):
            self._add(
                FileStorageVolume,
                organization_id=owner.id,
                data_center_id=london.id,
                name="Shared",
                associations=tuple(obj.id for obj in self._all(VirtualMachine) if obj.organization_id == owner.id)[:1],
                state="ready",
                nfs_location=f"{owner.sub_domain}.files.example:/shared",
            )
            account = self._add(
                ObjectStorageAccount,
                organization_id=owner.id,
                object_storage_cluster_id=cluster.id,
                created_at=_CREATED_AT,
                provisioning_state="provisioned",
            )
            parts = {"object_storage_account_id": account.id, "created_at": _CREATED_AT, "state": "configured"}
            key = self._add(
                ObjectStorageAccessKey,
                name="Backup",
                provisioned=True,
                s3_access_key_id="SANDBOX0000000000001",
                **parts,
            )
            control = AccessControlList(public_read=True, read_key_ids=(key.id,), write_key_ids=(key.id,))
            contents = {"photos/cat.jpg": 48_128, "index.html": 512}
            name = f"{owner.sub_domain}-files"
            self._add(ObjectStorageBucket, name=name, access_control_list=control, contents=contents, **parts)

    def _add_users_and_tokens(self) -> None:
        for first, last in _USERS:
            self._add(User, first_name=first, last_name=last, avatar_url=f"https://avatars.example/{first.lower()}.png")
        for owner in self._all(Organization):
            self._add(APIToken, organization_id=owner.id, name="Monitoring", scopes=("organizations:read",))
