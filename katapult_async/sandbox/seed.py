"""How a cloud comes to be: every object drawn from one seed, so that equal settings give equal clouds."""

import ipaddress
import random
import uuid
from collections.abc import Iterator
from itertools import count, cycle

import attrs

from . import validation
from .identifiers import identifier, mac_address, reverse_name
from .models import (
    Address,
    Country,
    DataCenter,
    Group,
    Interface,
    Machine,
    Network,
    Organization,
    Package,
    SpeedProfile,
    Subnet,
    Tag,
    VirtualNetwork,
    Zone,
)

_BEGINNING = 1_700_000_000
_MOST_FREE = 40
_PER_NETWORK = 8
_NAMES = ("Larch", "Rowan", "Alder")
_ROLES = ("web", "db", "mail", "cache", "build")
_STATES = ("started", "started", "started", "stopped", "starting", "allocating")
_COUNTRIES = (
    ("United Kingdom", "GB", "GBR", "Europe/London", False),
    ("Netherlands", "NL", "NLD", "Europe/Amsterdam", True),
    ("United States", "US", "USA", None, False),
)
_DATA_CENTERS = (("loc", "London", 0), ("dc", "Amsterdam", 1), ("loc", "New York", 2), ("dc", "Reading", 0))
_SIZES = (("Small", 1, 2, 25), ("Medium", 2, 4, 50), ("Large", 4, 16, 200))
# Recorded profiles leave the download open in three of four cases and the upload in one of four.
_SPEEDS = (("1 Gbps", 1000, None), ("100 Mbps", 100, 100), ("10 Gbps", 10_000, None), ("Unlimited", None, None))
_COLORS = ("red", "teal", "dark_blue", "pastel_green")
_DOCUMENTATION = ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24")  # RFC 5737

# What networks are like, in turn: which versions they have, and which of those are used up.
_KINDS = (
    (("ipv4", "ipv6"), ()),
    (("ipv4",), ()),
    (("ipv6",), ()),
    (("ipv4", "ipv6"), ("ipv4", "ipv6")),
    (("ipv4", "ipv6"), ()),
    (("ipv4", "ipv6"), ("ipv4",)),
)


@attrs.frozen(kw_only=True)
class Scale:
    """How large a cloud is and what its free lists look like."""

    machines: int = 60
    """Virtual machines."""
    interfaces: int = 100
    """Network interfaces in all; every machine has at least one."""
    organizations: int = 2
    """Organizations, 1 to 3."""
    free_addresses: int | None = None
    """Length of every list of free addresses; None for lengths between 0 and 40 and networks of one version."""
    seed: int = 1
    """Equal scales with equal seeds give equal clouds."""

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


@attrs.define
class SeedData:
    """The making of one cloud. Read the lists once it is made."""

    scale: Scale
    organizations: list[Organization] = attrs.field(factory=list, init=False)
    data_centers: list[DataCenter] = attrs.field(factory=list, init=False)
    networks: list[Network] = attrs.field(factory=list, init=False)
    virtual_networks: list[VirtualNetwork] = attrs.field(factory=list, init=False)
    machines: list[Machine] = attrs.field(factory=list, init=False)
    interfaces: list[Interface] = attrs.field(factory=list, init=False)
    addresses: list[Address] = attrs.field(factory=list, init=False)
    speed_profiles: list[SpeedProfile] = attrs.field(factory=list, init=False)
    exhausted: set[str] = attrs.field(factory=set, init=False)
    """Ids of subnets without a free address."""
    _rng: random.Random = attrs.field(init=False)
    _prefixes: "count[int]" = attrs.field(factory=count, init=False)

    def __attrs_post_init__(self) -> None:
        self._rng = random.Random(self.scale.seed)  # noqa: S311 - nothing here is secret, and it must repeat
        self._make_places()
        self._make_networks()
        self._make_machines()
        self._make_addresses()
        self._make_speed_profiles()

    def _id(self, prefix: str) -> str:
        return identifier(prefix, rng=self._rng)

    def _make_places(self) -> None:
        countries = [
            Country(id=self._id("ctry"), name=name, iso_code2=two, iso_code3=three, time_zone=time_zone, eu=eu)
            for name, two, three, time_zone, eu in _COUNTRIES
        ]
        for prefix, name, where in _DATA_CENTERS:
            permalink = f"{countries[where].iso_code2}-{name}-1".lower().replace(" ", "-")
            self.data_centers.append(
                DataCenter(id=self._id(prefix), name=name, permalink=permalink, country=countries[where])
            )
        currency_id = self._id("cur")
        for name in _NAMES[: self.scale.organizations]:
            self.organizations.append(
                Organization(
                    id=self._id("org"),
                    uuid=str(uuid.UUID(int=self._rng.getrandbits(128), version=4)),
                    name=f"{name} Ltd",
                    sub_domain=name.lower(),
                    country=countries[0],
                    currency_id=currency_id,
                    created_at=_BEGINNING,
                )
            )

    def _make_networks(self) -> None:
        each = -(-self.scale.interfaces // (len(self.organizations) * len(self.data_centers) * _PER_NETWORK))
        kinds = cycle(_KINDS if self.scale.free_addresses is None else _KINDS[:1])
        for place in self.data_centers:
            self._make_network("Public", place=place, owner=None, kind=_KINDS[0])
        for number in range(1, max(2, each) + 1):
            for place in self.data_centers:
                for owner in self.organizations:
                    self._make_network(f"Network {number}", place=place, owner=owner, kind=next(kinds))
        for owner in self.organizations:
            self.virtual_networks.append(
                VirtualNetwork(
                    id=self._id("vnet"),
                    name=f"{owner.name} inside",
                    data_center=self.data_centers[0],
                    organization_id=owner.id,
                )
            )

    def _make_network(
        self,
        name: str,
        *,
        place: DataCenter,
        owner: Organization | None,
        kind: tuple[tuple[str, ...], tuple[str, ...]],
    ) -> None:
        number = next(self._prefixes)
        versions, exhausted = kind
        subnets = tuple(self._make_subnet(version, number=number, small=owner is not None) for version in versions)
        self.exhausted.update(subnet.id for subnet in subnets if subnet.version in exhausted)
        self.networks.append(
            Network(
                id=self._id("netw"),
                name=name,
                permalink=f"{place.permalink}/{name.lower().replace(' ', '-')}-{number}",
                default=owner is None,
                data_center=place,
                organization_id=None if owner is None else owner.id,
                subnets=subnets,
            )
        )

    def _make_subnet(self, version: str, *, number: int, small: bool) -> Subnet:
        place = number - len(_DATA_CENTERS)
        if version == "ipv6":
            inside = f"2001:db8:{number:x}::/48"  # RFC 3849
        elif small and place < len(_DOCUMENTATION) and self.scale.free_addresses is None:
            inside = _DOCUMENTATION[place]
        else:
            inside = f"{ipaddress.ip_address('10.0.0.0') + number * 1024}/22"
        cidr = ipaddress.ip_network(inside)
        return Subnet(
            id=self._id("sbnt"),
            version=version,
            address=str(cidr.network_address),
            gateway=str(cidr.network_address + 1),
            mask=cidr.prefixlen,
        )

    def _make_machines(self) -> None:
        rng, seen = self._rng, count(1)
        group_id = self._id("vmpkgrp")
        packages = [
            Package(
                id=self._id("vmpkg"),
                name=name,
                permalink=name.lower(),
                cpu_cores=cores,
                memory_in_gb=memory,
                storage_in_gb=storage,
                group_id=group_id,
            )
            for name, cores, memory, storage in _SIZES
        ]
        zones = [
            Zone(
                id=self._id("zone"),
                name=f"{place.name} {letter}",
                permalink=f"{place.permalink}-{letter.lower()}",
                data_center=place,
            )
            for place in self.data_centers
            for letter in "AB"
        ]
        tags = [Tag(id=self._id("tag"), name=color, color=color, created_at=_BEGINNING) for color in _COLORS]
        group = Group(id=self._id("vmgrp"), name="Apart", created_at=_BEGINNING)
        owners = cycle(self.organizations)
        extra = self.scale.interfaces - self.scale.machines
        wanted = [1] * self.scale.machines
        for _ in range(extra):
            wanted[rng.randrange(self.scale.machines)] += 1
        profile = self._make_speed_profile(*_SPEEDS[0])
        choices = self._networks_in_turn()
        for interfaces in wanted:
            number, owner = next(seen), next(owners)
            hostname = f"{rng.choice(_ROLES)}-{number}"
            machine = Machine(
                id=self._id("vm"),
                name=hostname,
                hostname=hostname,
                fqdn=f"{hostname}.{owner.infrastructure_domain}",
                description=rng.choice((None, None, None, "Made by the sandbox")),
                created_at=_BEGINNING + 60 * number,
                state=rng.choice(_STATES),
                organization_id=owner.id,
                zone=rng.choice(zones),
                package=rng.choice(packages),
                group=rng.choice((None, None, group)),
                tags=tuple(rng.sample(tags, rng.randint(0, 2))),
                initial_root_password=f"{rng.getrandbits(64):016x}",
            )
            self.machines.append(machine)
            turn = choices[owner.id, machine.zone.data_center.id]
            self.interfaces.extend(
                self._make_interface(machine, network=next(turn), profile=profile) for _ in range(interfaces)
            )

    def _make_speed_profiles(self) -> None:
        for speed in _SPEEDS[1:]:
            self._make_speed_profile(*speed)

    def _make_speed_profile(self, name: str, upload: int | None, download: int | None) -> SpeedProfile:
        profile = SpeedProfile(
            id=self._id("nsp"),
            name=name,
            permalink=name.lower().replace(" ", ""),
            upload_speed_in_mbit=upload,
            download_speed_in_mbit=download,
        )
        self.speed_profiles.append(profile)
        return profile

    def _networks_in_turn(self) -> dict[tuple[str, str], Iterator[Network]]:
        """Return an endless round through the networks that each organization has in each data center."""
        rounds: dict[tuple[str, str], list[Network]] = {}
        for network in reversed(self.networks):
            for owner in self.organizations:
                if network.organization_id in (None, owner.id):
                    rounds.setdefault((owner.id, network.data_center.id), []).append(network)
        return {key: cycle(networks) for key, networks in rounds.items()}

    def _make_interface(self, machine: Machine, *, network: Network, profile: SpeedProfile) -> Interface:
        mac = mac_address(rng=self._rng)
        return Interface(
            id=self._id("vmnet"),
            name=f"{network.name} on {machine.name}",
            machine_id=machine.id,
            network=network,
            mac_address=mac,
            state="detached" if self._rng.random() < 1 / 7 else "attached",
            speed_profile=profile,
        )

    def _make_addresses(self) -> None:
        machines = {machine.id: machine for machine in self.machines}
        held: dict[str, list[Interface]] = {network.id: [] for network in self.networks}
        for interface in self.interfaces:
            held[interface.network.id].append(interface)
        for network in self.networks:
            owners = [owner.id for owner in self.organizations if network.organization_id in (None, owner.id)]
            for subnet in network.subnets:
                free = [(owner, self._free(subnet)) for owner in owners]
                hosts = self._hosts(subnet, wanted=len(held[network.id]) + sum(many for _, many in free))
                for interface in held[network.id]:
                    owner = machines[interface.machine_id].organization_id
                    self._make_address(next(hosts), network, subnet, owner=owner, interface=interface)
                for owner, many in free:
                    for _ in range(many):
                        self._make_address(next(hosts), network, subnet, owner=owner, interface=None)

    def _free(self, subnet: Subnet) -> int:
        if self.scale.free_addresses is not None:
            return self.scale.free_addresses
        return 0 if subnet.id in self.exhausted else self._rng.randint(1, _MOST_FREE)

    def _hosts(self, subnet: Subnet, *, wanted: int) -> Iterator[str]:
        first = ipaddress.ip_address(subnet.address)
        size = 2**32 if subnet.version == "ipv6" else 2 ** (32 - subnet.mask)
        # 0 is the network, 1 the gateway and the last one the broadcast address.
        return iter([str(first + host) for host in self._rng.sample(range(2, size - 1), wanted)])

    def _make_address(
        self, address: str, network: Network, subnet: Subnet, *, owner: str, interface: Interface | None
    ) -> None:
        rng = self._rng
        self.addresses.append(
            Address(
                id=self._id("ip"),
                address=address,
                reverse_dns=reverse_name(address),
                vip=interface is None and rng.random() < 1 / 20,
                label=rng.choice((None, None, None, None, "spare")) if interface is None else None,
                network=network,
                subnet=subnet,
                organization_id=owner,
                interface_id=None if interface is None else interface.id,
                machine_id=None if interface is None else interface.machine_id,
            )
        )
