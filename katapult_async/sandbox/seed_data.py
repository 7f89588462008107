"""Seed data: the objects that a new store has. Equal scales give equal data.

``seed_data.json`` has the fields of the objects that do not depend on the scale, by the name of their class, and the
names and states to choose from. A row of its ``subnets`` has the versions of the subnets of a network, and the versions
of those without a free address. The networks use these rows in turn.
"""

import ipaddress
import math
import random
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import cache, lru_cache
from itertools import cycle, product, zip_longest
from typing import Any, TypeVar

import attrs

from . import mutations
from .identifiers import hexadecimal, identifier, new_uuid
from .json_files import read_json
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
from .store import Store
from .validation import check, integer, setting

T = TypeVar("T", bound=Object)


# The speed profiles are as in the recordings: three of four have no download limit, and one of four no upload limit.
_ROWS: Mapping[str, Sequence[Any]] = read_json("seed_data.json")
_CREATED_AT = 1_700_000_000
_MAXIMUM_FREE_ADDRESSES = 40
_INTERFACES_PER_NETWORK = 8
_DOCUMENTATION_RANGES = {4: "192.0.2.0/24", 5: "198.51.100.0/24", 6: "203.0.113.0/24"}  # RFC 5737, by network number


@attrs.frozen(kw_only=True)
class Scale:
    """How much seed data there is."""

    machines: int = setting(integer, 60, minimum=0, maximum=100_000)
    """Number of virtual machines."""
    interfaces: int = setting(integer, 100, minimum=0, maximum=100_000)
    """Number of network interfaces of all virtual machines; each virtual machine has at least one."""
    organizations: int = setting(integer, 2, minimum=1, maximum=len(_ROWS["organizations"]))
    """Number of organizations, 1 to 3."""
    free_addresses: int | None = None
    """Length of every list of available addresses. None for lengths from 0 to 40, and for some networks with only one
    version."""
    seed: int = setting(integer, 1, minimum=0)
    """Seed of all random values."""

    def __attrs_post_init__(self) -> None:
        if self.free_addresses is not None:
            integer("free_addresses", self.free_addresses, minimum=0, maximum=254)
        machines, interfaces = self.machines, self.interfaces
        check("interfaces", "0 where there are no machines", interfaces, holds=machines > 0 or interfaces == 0)
        check("interfaces", f"at least {machines}, one for each machine", interfaces, holds=interfaces >= machines)


def seeded(scale: Scale) -> Store:
    """Return a store with seed data. Equal scales give equal stores, and equal changes keep them equal."""
    rng = random.Random(f"{scale.seed} changes")  # noqa: S311 - must be reproducible, not secret
    return _original_store(scale).copy(rng=rng)


# A test suite creates equal stores hundreds of times. The objects are frozen, so stores share them.
@lru_cache(maxsize=8)
def _original_store(scale: Scale) -> Store:
    store = Store(rng=random.Random(scale.seed))  # noqa: S311 - must be reproducible, not secret
    store.now = _CREATED_AT
    _Seeder(store, scale).add_all()
    return store


@attrs.frozen
class _Seeder:
    """Fills a store.

    The order of the random draws is fixed: if it changes, ids, names and addresses of every seed change. So a new class
    of objects is added last.
    """

    store: Store
    scale: Scale

    def add_all(self) -> None:
        """Add all objects."""
        self._add_data_centers_and_organizations()
        self._add_networks()
        self._add_packages_and_zones()
        self._add_tags_and_groups()
        self._add_machines()
        for network in self.store.networks:
            for subnet in network.subnets:
                self._add_addresses(network, subnet)
        self._add_rows(NetworkSpeedProfile, rows=slice(1, None))
        self._add_templates()
        self._add_disks()
        self._add_clusters_users_and_gpu_types()
        for owner in self.store.organizations:
            self._add_keys_and_groups(owner)
            self._add_lists_and_domains(owner)
            self._add_storage(owner)
            self._add_backup_policies(owner)
        self.store.add(AddressList, organization_id=None, name="Sandbox monitoring")

    def _add_rows(self, model: type[T], /, *related: Object, rows: slice = slice(None), **values: Any) -> list[T]:
        """Add the objects of a class from its rows and return them. Other arguments are those of `Store.add`."""
        return [self.store.add(model, *related, **row, **values) for row in _ROWS[model.__name__][rows]]

    def _add_data_centers_and_organizations(self) -> None:
        add, rng = self.store.add, self.store.rng
        country, *_ = self._add_rows(Country)
        for row in _ROWS["DataCenter"]:
            place = self.store.all(Country, iso_code2=row["country"])
            add(DataCenter, *place, id=identifier(row["id_prefix"], rng=rng), **row["fields"])
        [currency] = self._add_rows(Currency)
        for name in _ROWS["organizations"][: self.scale.organizations]:
            new = {"id": self.store.new_id(Organization), "uuid": new_uuid(rng=rng)}
            add(Organization, country, currency, name=f"{name} Ltd", sub_domain=name.lower(), **new)

    def _add_networks(self) -> None:
        owners, centers = self.store.organizations, self.store.all(DataCenter)
        interfaces_per_round = len(owners) * len(centers) * _INTERFACES_PER_NETWORK
        rounds = max(2, math.ceil(self.scale.interfaces / interfaces_per_round))
        rows = _ROWS["subnets"]  # the first has both versions
        subnets = cycle(rows if self.scale.free_addresses is None else rows[:1])
        for center in centers:
            self._add_network("Public", center, None, **rows[0])
        for number, center, owner in product(range(1, rounds + 1), centers, owners):
            self._add_network(f"Network {number}", center, owner, **next(subnets))
        for owner in owners:
            self.store.add(VirtualNetwork, owner, centers[0], name=f"{owner.name} inside")

    def _add_network(
        self, name: str, center: DataCenter, owner: Organization | None, *, versions: list[str], exhausted: list[str]
    ) -> None:
        number = len(self.store.networks)
        subnets = tuple(self._subnet(version, number=number) for version in versions)
        self.store.exhausted_subnets |= {subnet.id for subnet in subnets if subnet.address_version in exhausted}
        permalink = f"{center.permalink}/{name.lower().replace(' ', '-')}-{number}"
        fields = {"permalink": permalink, "default": owner is None, "organization_id": owner and owner.id}
        self.store.add(Network, center, name=name, subnets=subnets, **fields)

    def _subnet(self, version: str, *, number: int) -> Subnet:
        if version == "ipv6":
            prefix = f"2001:db8:{number:x}::/48"  # RFC 3849
        elif number in _DOCUMENTATION_RANGES and self.scale.free_addresses is None:
            prefix = _DOCUMENTATION_RANGES[number]
        else:
            prefix = f"{ipaddress.ip_address('10.0.0.0') + number * 1024}/22"
        network = ipaddress.ip_network(prefix)
        first, mask, subnet_id = network.network_address, network.prefixlen, identifier("sbnt", rng=self.store.rng)
        return Subnet(id=subnet_id, address_version=version, address=str(first), gateway=str(first + 1), mask=mask)

    def _add_packages_and_zones(self) -> None:
        group = {"id": identifier("vmpkgrp", rng=self.store.rng), "name": "Sandbox"}
        self._add_rows(VirtualMachinePackage, group=group)
        for center, letter in product(self.store.all(DataCenter), "AB"):
            permalink = f"{center.permalink}-{letter.lower()}"
            self.store.add(Zone, center, name=f"{center.name} {letter}", permalink=permalink)

    def _add_tags_and_groups(self) -> None:
        rng = self.store.rng
        second_rng = random.Random(f"{self.scale.seed} later")  # noqa: S311 - must be reproducible, not secret
        for owner in self.store.organizations:
            self._add_rows(Tag, owner)
            self.store.add(VirtualMachineGroup, owner, name="Apart")
            self.store.rng = second_rng  # more draws from the first generator would change all later ids
        self.store.rng = rng

    def _add_machines(self) -> None:
        store, rng, machines = self.store, self.store.rng, self.scale.machines
        packages, zones = store.all(VirtualMachinePackage), store.all(Zone)
        interfaces = Counter(range(machines))  # number of interfaces by machine; one for each machine at first
        interfaces.update(rng.randrange(machines) for _ in range(self.scale.interfaces - machines))
        [profile] = self._add_rows(NetworkSpeedProfile, rows=slice(1))
        networks = cache(self._networks)
        for number, owner in zip(range(machines), cycle(store.organizations)):
            group, *_ = store.all(VirtualMachineGroup, owner)
            hostname = rng.choice(_ROWS["hostnames"]) + f"-{number + 1}"
            machine = store.add(
                VirtualMachine,
                owner,
                id=store.new_id(VirtualMachine),
                name=hostname,
                hostname=hostname,
                fqdn=f"{hostname}.{owner.infrastructure_domain}",
                description=rng.choice((None, None, None, "Made by the sandbox")),
                created_at=_CREATED_AT + 60 * (number + 1),
                state=rng.choice(_ROWS["machine_states"]),
                zone_id=(zone := rng.choice(zones)).id,
                **rng.choice(packages).resources,
                group_id=rng.choice((None, None, group.id)),
                tag_ids=tuple(tag.id for tag in rng.sample(store.all(Tag, owner), rng.randint(0, 2))),
                initial_root_password=hexadecimal(64, rng=self.store.rng),
            )
            for _ in range(interfaces[number]):
                network = next(networks(owner.id, zone.data_center_id))
                interface = mutations.create_interface(store, machine, network=network, speed_profile=profile)
                if rng.random() >= 1 / 7:
                    store.change(interface, state="attached")

    def _networks(self, owner_id: str, data_center_id: str) -> Iterator[Network]:
        """Return an endless cycle of the networks that an organization has in a data center."""
        networks = reversed(self.store.all(Network, data_center_id=data_center_id))
        return cycle([network for network in networks if network.organization_id in (None, owner_id)])

    def _add_addresses(self, network: Network, subnet: Subnet) -> None:
        """Add the addresses of the interfaces, then free addresses for each organization that can use the network."""
        store, rng = self.store, self.store.rng
        interfaces = store.all(VirtualMachineNetworkInterface, network_id=network.id)
        owners = [store.get(obj.virtual_machine_id).organization_id for obj in interfaces]
        for owner in store.organizations:
            if network.organization_id in (None, owner.id):
                owners += [owner.id] * self._free_count(subnet)
        first = ipaddress.ip_address(subnet.address)
        size = 2 ** min(32, first.max_prefixlen - subnet.mask)
        # 0 is the network address, 1 the gateway and the last one the broadcast address.
        numbers = rng.sample(range(2, size - 1), len(owners))
        for number, owner_id, interface in zip_longest(numbers, owners, interfaces):
            new: dict[str, Any] = {"id": store.new_id(IPAddress), "interface_id": interface and interface.id}
            if interface is None:
                vip, label = rng.random() < 1 / 20, rng.choice((None, None, None, None, "spare"))
                new |= {"vip": vip, "label": label or ("shared" if vip else None)}  # a VIP has a label
            new |= {"organization_id": owner_id, "address": str(first + number), "subnet": subnet}
            store.add(IPAddress, network, **new)

    def _free_count(self, subnet: Subnet) -> int:
        if self.scale.free_addresses is not None:
            return self.scale.free_addresses
        return 0 if subnet.id in self.store.exhausted_subnets else self.store.rng.randint(1, _MAXIMUM_FREE_ADDRESSES)

    def _add_templates(self) -> None:
        self._add_rows(DiskIOProfile)
        systems, owners = self._add_rows(OperatingSystem), (None, self.store.organizations[0].id)
        for system, fields, owner_id in zip(systems, _ROWS["DiskTemplate"], owners, strict=True):
            template = self.store.add(DiskTemplate, system, organization_id=owner_id, **fields)
            self._add_rows(DiskTemplateVersion, template)

    def _add_disks(self) -> None:
        store, version = self.store, self.store.all(DiskTemplateVersion)[0]
        for machine in store.machines:
            new = {"name": "System disk", "size_in_gb": 10, "created_at": machine.created_at}
            mutations.create_disk_of_machine(store, machine, version=version, boot=True, **new)
        for owner in store.organizations:
            store.add(Disk, owner, store.all(DataCenter)[0], name="Spare disk", size_in_gb=10)

    def _add_clusters_users_and_gpu_types(self) -> None:
        centers = self.store.all(DataCenter)
        for center, region in zip(centers, ("uk-lon-1", "nl-ams-1"), strict=False):
            self.store.add(ObjectStorageCluster, center, region=region)
        self._add_rows(User)
        for row in _ROWS["CountryState"]:
            self.store.add(CountryState, *self.store.all(Country, iso_code2=row["country"]), **row["fields"])
        for number, row in enumerate(_ROWS["GPUType"], start=1):
            self.store.add(GPUType, data_center_ids=tuple(center.id for center in centers[:number]), **row)

    def _add_keys_and_groups(self, owner: Organization) -> None:
        add = self.store.add
        add(SSHKey, owner, name="Deployment", key=f"ssh-ed25519 {hexadecimal(256, rng=self.store.rng)}")
        add(APIToken, owner, name="Monitoring", scopes=("organizations:read",))
        group = add(SecurityGroup, owner, name="Web", allow_all_outbound=True)
        self._add_rows(SecurityGroupRule, group, targets=("all:ipv4", "all:ipv6"))

    def _add_lists_and_domains(self, owner: Organization) -> None:
        """Add an address list, a DNS zone, an issued certificate and a pending certificate."""
        add, domain = self.store.add, owner.infrastructure_domain
        self._add_rows(AddressListEntry, add(AddressList, owner, name="Offices"))
        self._add_rows(DNSRecord, add(DNSZone, owner, name=domain, verified=True))
        for row in _ROWS["Certificate"]:
            add(Certificate, owner, name=f"{row['host']}.{domain}", additional_names=(domain,), **row["fields"])

    def _add_storage(self, owner: Organization) -> None:
        center, cluster = self.store.all(DataCenter)[0], self.store.all(ObjectStorageCluster)[0]
        machines = tuple(machine.id for machine in self.store.all(VirtualMachine, owner)[:1])
        location = f"{owner.sub_domain}.files.example:/shared"
        self._add_rows(FileStorageVolume, owner, center, associations=machines, nfs_location=location)
        account = self.store.add(ObjectStorageAccount, owner, cluster, provisioning_state="provisioned")
        [key] = self._add_rows(ObjectStorageAccessKey, owner, account)
        control = AccessControlList(public_read=True, read_key_ids=(key.id,), write_key_ids=(key.id,))
        new: dict[str, Any] = {"name": f"{owner.sub_domain}-files", "access_control_list": control}
        self._add_rows(ObjectStorageBucket, account, cluster, **new)

    def _add_backup_policies(self, owner: Organization) -> None:
        """Add a daily backup policy of the first virtual machine, and a weekly one of the disk without a machine."""
        targets = (*self.store.all(VirtualMachine, owner)[:1], *self.store.all(Disk, owner, virtual_machine_id=None))
        for target, interval in zip(targets, _ROWS["backup_intervals"], strict=False):
            schedule = DiskBackupSchedule(interval=interval, time=3, next_invocation_at=_CREATED_AT + 10_800)
            new = {"target_id": target.id, "schedule": schedule, "total_size": 20.5}
            self.store.add(DiskBackupPolicy, owner, **new)
