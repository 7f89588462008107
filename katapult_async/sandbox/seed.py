"""Seed data: the objects that a new store has, generated from one seed, so that equal scales give equal data."""

import base64
import ipaddress
import random
import uuid
from collections.abc import Iterable, Iterator, Sequence
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
        self._by_model: dict[type[Object], list[Any]] = {}
        self.exhausted: set[str] = set()
        """Ids of subnets without free addresses."""
        self.pools: dict[tuple[str, str, str], list[str]] = {}
        """Ids of the free addresses by organization, network and version."""
        self._scale = scale
        self._rng = random.Random(scale.seed)  # noqa: S311 - must be reproducible, not secret
        self._later = random.Random(f"{scale.seed} later")  # noqa: S311 - likewise
        self._add_places()
        self._add_networks()
        self._add_sizes_and_zones()
        self._add_tags_and_groups()
        self._add_machines()
        self._add_addresses()
        self._add_rows(NetworkSpeedProfile, _SPEED_PROFILES[1:])
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

    def _add_rows(self, model: type[Object], rows: Iterable[Sequence[object]], **values: Any) -> None:
        """Add objects; each row has their first fields after the id."""
        names = [name for name in model.fields if name != "id"]
        for row in rows:
            self._add(model, **dict(zip(names, row, strict=False)), **values)

    def _add(self, model: type[T], **values: Any) -> T:
        """Add an object. Its id is drawn last unless the values have it."""
        if "id" not in values:
            values["id"] = identifier(model.kind.prefix, rng=self._rng)
        obj = model(**values)
        self.objects.append(obj)
        self._by_model.setdefault(model, []).append(obj)
        return obj

    def _add_later(self, model: type[Object], **values: Any) -> None:
        self._add(model, id=identifier(model.kind.prefix, rng=self._later), **values)

    def _all(self, model: type[T], owner: Organization | None = None) -> list[T]:
        """Return the objects of a class, or those of them that an organization has."""
        objects = self._by_model.get(model, [])
        return objects if owner is None else [obj for obj in objects if obj.organization_id == owner.id]

    def _hex(self, bits: int, *, rng: random.Random | None = None) -> str:
        return f"{(rng or self._rng).getrandbits(bits):0{bits // 4}x}"

    def _uuid(self) -> str:
        return str(uuid.UUID(int=self._rng.getrandbits(128), version=4))

    def _add_places(self) -> None:
        self._add_rows(Country, _COUNTRIES)
        countries = self._all(Country)
        for prefix, name, number in _DATA_CENTERS:
            permalink = f"{countries[number].iso_code2}-{name}-1".lower().replace(" ", "-")
            center_id = identifier(prefix, rng=self._rng)
            self._add(DataCenter, id=center_id, name=name, permalink=permalink, country_id=countries[number].id)
        currency = self._add(Currency, name="Pound Sterling", iso_code="GBP", symbol="£")
        places = {"country_id": countries[0].id, "currency_id": currency.id, "created_at": _CREATED_AT}
        for name in _NAMES[: self._scale.organizations]:
            new = {"id": identifier("org", rng=self._rng), "uuid": self._uuid()}
            self._add(Organization, name=f"{name} Ltd", sub_domain=name.lower(), **new, **places)

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
        number = len(self._all(Network))
        present, exhausted = versions
        subnets = tuple(self._subnet(version, number=number, small=owner is not None) for version in present.split())
        self.exhausted.update(subnet.id for subnet in subnets if subnet.address_version in exhausted)
        self._add(
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
        elif small and small_number < len(_DOCUMENTATION_RANGES) and self._scale.free_addresses is None:
            prefix = _DOCUMENTATION_RANGES[small_number]
        else:
            prefix = f"{ipaddress.ip_address('10.0.0.0') + number * 1024}/22"
        network = ipaddress.ip_network(prefix)
        first, mask, subnet_id = network.network_address, network.prefixlen, identifier("sbnt", rng=self._rng)
        return Subnet(id=subnet_id, address_version=version, address=str(first), gateway=str(first + 1), mask=mask)

    def _add_sizes_and_zones(self) -> None:
        group = {"id": identifier("vmpkgrp", rng=self._rng), "name": "Sandbox"}
        self._add_rows(VirtualMachinePackage, _PACKAGES, group=group)
        for data_center, letter in product(self._all(DataCenter), "AB"):
            name, permalink = f"{data_center.name} {letter}", f"{data_center.permalink}-{letter.lower()}"
            self._add(Zone, name=name, permalink=permalink, data_center_id=data_center.id)

    def _add_tags_and_groups(self) -> None:
        for number, owner in enumerate(self._all(Organization)):
            add = self._add_later if number > 0 else self._add
            values = {"organization_id": owner.id, "created_at": _CREATED_AT}
            for color in _COLORS:
                add(Tag, name=color, color=color, **values)
            add(VirtualMachineGroup, name="Apart", **values)

    def _add_machines(self) -> None:
        rng = self._rng
        packages, zones, owners = self._all(VirtualMachinePackage), self._all(Zone), self._all(Organization)
        groups = {group.organization_id: group.id for group in self._all(VirtualMachineGroup)}
        tags = {owner.id: [tag.id for tag in self._all(Tag, owner)] for owner in owners}
        interfaces = [1] * self._scale.machines
        for _ in range(self._scale.interfaces - self._scale.machines):
            interfaces[rng.randrange(self._scale.machines)] += 1
        self._add_rows(NetworkSpeedProfile, _SPEED_PROFILES[:1])
        networks = self._network_cycles()
        for number, owner, wanted in zip(count(1), cycle(owners), interfaces, strict=False):
            hostname = f"{rng.choice(_ROLES)}-{number}"
            machine = self._add(
                VirtualMachine,
                id=identifier("vm", rng=rng),
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
                initial_root_password=self._hex(64),
            )
            for _ in range(wanted):
                self._add_interface(machine, network=next(networks[owner.id, zone.data_center_id]))

    def _network_cycles(self) -> dict[tuple[str, str], Iterator[Network]]:
        """Return an endless cycle of the networks that each organization has in each data center."""
        networks: dict[tuple[str, str], list[Network]] = {}
        for network, owner in product(reversed(self._all(Network)), self._all(Organization)):
            if network.organization_id in (None, owner.id):
                networks.setdefault((owner.id, network.data_center_id), []).append(network)
        return {key: cycle(members) for key, members in networks.items()}

    def _add_interface(self, machine: VirtualMachine, *, network: Network) -> None:
        self._add(
            VirtualMachineNetworkInterface,
            mac_address=mac_address(rng=self._rng),
            id=identifier("vmnet", rng=self._rng),
            name=f"{network.name} on {machine.name}",
            virtual_machine_id=machine.id,
            network_id=network.id,
            virtual_network_id=None,
            state="detached" if self._rng.random() < 1 / 7 else "attached",
            speed_profile_id=self._all(NetworkSpeedProfile)[0].id,
        )

    def _add_addresses(self) -> None:
        machines = {machine.id: machine.organization_id for machine in self._all(VirtualMachine)}
        interfaces: dict[str | None, list[VirtualMachineNetworkInterface]] = {}
        for interface in self._all(VirtualMachineNetworkInterface):
            interfaces.setdefault(interface.network_id, []).append(interface)
        owners = [owner.id for owner in self._all(Organization)]
        for network in self._all(Network):
            for subnet in network.subnets:
                holders = [(machines[obj.virtual_machine_id], obj.id) for obj in interfaces.get(network.id, [])]
                free: list[tuple[str, str | None]] = []
                for owner in owners:
                    if network.organization_id in (None, owner):
                        free += [(owner, None)] * self._free_count(subnet)
                hosts = self._hosts(subnet, number=len(holders) + len(free))
                for host, (owner, interface_id) in zip(hosts, (*holders, *free), strict=True):
                    self._add_address(host, network, subnet, owner=owner, interface_id=interface_id)

    def _free_count(self, subnet: Subnet) -> int:
        if self._scale.free_addresses is not None:
            return self._scale.free_addresses
        return 0 if subnet.id in self.exhausted else self._rng.randint(1, _MAXIMUM_FREE)

    def _hosts(self, subnet: Subnet, *, number: int) -> list[str]:
        first = ipaddress.ip_address(subnet.address)
        size = 2**32 if subnet.address_version == "ipv6" else 2 ** (32 - subnet.mask)
        # 0 is the network address, 1 the gateway and the last one the broadcast address.
        return [str(first + host) for host in self._rng.sample(range(2, size - 1), number)]

    def _add_address(
        self, host: str, network: Network, subnet: Subnet, *, owner: str, interface_id: str | None
    ) -> None:
        free = interface_id is None
        address = self._add(
            IPAddress,
            id=identifier("ip", rng=self._rng),
            address=host,
            reverse_dns=reverse_name(host),
            vip=free and self._rng.random() < 1 / 20,
            label=self._rng.choice((None, None, None, None, "spare")) if free else None,
            network_id=network.id,
            subnet=subnet,
            organization_id=owner,
            interface_id=interface_id,
        )
        if address.pool is not None:
            self.pools.setdefault(address.pool, []).append(address.id)

    def _add_templates(self) -> None:
        self._add_rows(DiskIOProfile, _IO_PROFILES)
        for (system, release), owner in zip(_TEMPLATES, (None, self._all(Organization)[0].id), strict=True):
            name = f"{system.lower()}.png"
            image = {"url": f"https://badges.example/{name}", "file_name": name, "file_type": "image/png"}
            badge = {**image, "file_size": 23_343, "digest": self._hex(160), "token": self._uuid()}
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
        version, zones = self._all(DiskTemplateVersion)[0], {zone.id: zone for zone in self._all(Zone)}
        for machine in self._all(VirtualMachine):
            installation = DiskInstallation.of(machine, version, installation_id=identifier("dinst", rng=self._rng))
            state = "attached" if machine.state == "started" else "detached"
            assignment = VirtualMachineDisk(virtual_machine_id=machine.id, boot=True, state=state)
            used = {"virtual_machine_disk": assignment, "installation": installation}
            center_id, created_at = zones[machine.zone_id].data_center_id, machine.created_at
            self._add_disk("System disk", machine.organization_id, center_id, created_at=created_at, **used)
        for owner in self._all(Organization):
            self._add_disk("Spare disk", owner.id, self._all(DataCenter)[0].id, created_at=owner.created_at)

    def _add_disk(self, name: str, owner_id: str, center_id: str, **values: Any) -> None:
        place = {"organization_id": owner_id, "data_center_id": center_id}
        profile, wwn = self._all(DiskIOProfile)[0], self._hex(64)
        self._add(Disk, name=name, size_in_gb=10, wwn=wwn, io_profile_id=profile.id, **place, **values)

    def _add_keys_groups_and_lists(self, owner: Organization) -> None:
        self._add(SSHKey, organization_id=owner.id, name="Deployment", key=f"ssh-ed25519 {self._hex(256)}")
        group = self._add(SecurityGroup, organization_id=owner.id, name="Web", allow_all_outbound=True)
        rule = {"direction": "inbound", "protocol": "TCP", "targets": ("all:ipv4", "all:ipv6")}
        for ports in ("22", "80,443"):
            self._add(SecurityGroupRule, security_group_id=group.id, ports=ports, **rule)
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
        cluster = self._add(ObjectStorageCluster, region="uk-lon-1", data_center_id=london.id)
        self._add(ObjectStorageCluster, region="nl-ams-1", data_center_id=amsterdam.id)
        for owner in self._all(Organization):
            new = {"organization_id": owner.id, "created_at": _CREATED_AT}
            self._add(
                FileStorageVolume,
                organization_id=owner.id,
                data_center_id=london.id,
                name="Shared",
                associations=tuple(machine.id for machine in self._all(VirtualMachine, owner)[:1]),
                state="ready",
                nfs_location=f"{owner.sub_domain}.files.example:/shared",
            )
            account = self._add(
                ObjectStorageAccount, object_storage_cluster_id=cluster.id, provisioning_state="provisioned", **new
            )
            part = {"object_storage_account_id": account.id, "created_at": _CREATED_AT, "state": "configured"}
            s3_key_id = "SANDBOX0000000000001"
            key = self._add(ObjectStorageAccessKey, name="Backup", provisioned=True, s3_access_key_id=s3_key_id, **part)
            control = AccessControlList(public_read=True, read_key_ids=(key.id,), write_key_ids=(key.id,))
            contents = {"photos/cat.jpg": 48_128, "index.html": 512}
            name = f"{owner.sub_domain}-files"
            self._add(ObjectStorageBucket, name=name, access_control_list=control, contents=contents, **part)

    def _add_users_and_tokens(self) -> None:
        for first, last in _USERS:
            self._add(User, first_name=first, last_name=last, avatar_url=f"https://avatars.example/{first.lower()}.png")
        for owner in self._all(Organization):
            self._add(APIToken, organization_id=owner.id, name="Monitoring", scopes=("organizations:read",))

    def _add_states_and_gpu_types(self) -> None:
        countries, centers = self._all(Country), [center.id for center in self._all(DataCenter)]
        for name, code, number in _COUNTRY_STATES:
            self._add_later(CountryState, country_id=countries[number].id, name=name, code=code)
        for number, (name, memory, kind) in enumerate(_GPU_TYPES, start=1):
            size = {"manufacturer": "Example", "memory_in_gb": memory, "memory_type": kind}
            permalink, places = name.lower().replace(" ", "-"), tuple(centers[:number])
            self._add_later(GPUType, name=name, permalink=permalink, data_center_ids=places, **size)

    def _add_certificates(self, owner: Organization) -> None:
        """Add a certificate that was issued, and one that waits for its domain."""
        token, domain = self._hex(64, rng=self._later), owner.infrastructure_domain
        new = {"organization_id": owner.id, "issuer": "lets_encrypt", "created_at": _CREATED_AT}
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
        self._add_later(Certificate, name=f"www.{domain}", state="issued", **issued, **new)
        self._add_later(Certificate, name=f"shop.{domain}", state="pending", **new)

    def _add_backup_policies(self, owner: Organization) -> None:
        """Add a daily backup policy of the first virtual machine, and a weekly one of the disk without a machine."""
        disks = [disk.id for disk in self._all(Disk, owner) if disk.virtual_machine_disk is None]
        targets = [machine.id for machine in self._all(VirtualMachine, owner)[:1]] + disks
        for target, interval in zip(targets, _INTERVALS, strict=False):
            schedule = DiskBackupSchedule(interval=interval, time=3, next_invocation_at=_CREATED_AT + 10_800)
            values = {"organization_id": owner.id, "target_id": target, "schedule": schedule}
            self._add_later(DiskBackupPolicy, total_size=20.5, **values)
