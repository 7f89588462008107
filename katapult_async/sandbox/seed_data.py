"""Seed data: the objects that a new store has. Equal scales give equal data.

``seed_constants.json`` has what does not depend on the scale: the ``objects`` of every store, those ``owned`` by each
organization, and those ``owned_last``, which are added after the machines. They are grouped by class and have all
fields; ``{domain}`` is the domain of the organization. The file also has the names and states of other objects. A row
of its ``subnets`` is for one network: the version of each subnet, and whether the subnet is exhausted. Public networks
have the first row. The other networks have the rows one after the other, and then again from the first; with
`Scale.free_addresses`, they have the first row too. Machines, interfaces and addresses are random.
"""

import ipaddress
import json
import math
import random
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from itertools import cycle, product, zip_longest
from typing import Any

import attrs

from . import mutations
from .identifiers import hexadecimal, identifier
from .json_files import read_json
from .kinds import MODELS, Object, reference
from .models import (
    AccessControlList,
    DataCenter,
    Disk,
    DiskBackupPolicy,
    DiskBackupSchedule,
    DiskTemplateVersion,
    FileStorageVolume,
    IPAddress,
    Network,
    NetworkSpeedProfile,
    ObjectStorageAccessKey,
    ObjectStorageAccount,
    ObjectStorageBucket,
    Organization,
    Subnet,
    Tag,
    VirtualMachine,
    VirtualMachineGroup,
    VirtualMachineNetworkInterface,
    VirtualMachinePackage,
    Zone,
)
from .setting_checks import check, integer, setting
from .store import Store

_DATA: Mapping[str, Any] = read_json("seed_constants.json")
_MODELS = {model.__name__: model for model in MODELS}
_CREATED_AT = 1_700_000_000
_MAXIMUM_FREE_ADDRESSES = 40
_INTERFACES_PER_NETWORK = 8


@attrs.frozen(kw_only=True)
class Scale:
    """How much seed data there is."""

    machines: int = setting(integer, 60, minimum=0, maximum=100_000)
    """Number of virtual machines."""
    interfaces: int = setting(integer, 100, minimum=0, maximum=100_000)
    """Number of network interfaces of all virtual machines; each virtual machine has at least one."""
    organizations: int = setting(integer, 2, minimum=1, maximum=len(_DATA["organizations"]))
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
    store = Store(rng=random.Random(f"{scale.seed} generated"))  # noqa: S311 - must be reproducible, not secret
    store.now = _CREATED_AT
    _Seeder(store, scale).add_all()
    return store


@attrs.frozen
class _Seeder:
    """Fills a store. The ids, names and addresses of every seed depend on the order of the random draws."""

    store: Store
    scale: Scale

    def add_all(self) -> None:
        """Add all objects."""
        self._add_rows({"Organization": _DATA["organizations"][: self.scale.organizations]})
        for owner in self.store.organizations:
            self._add_rows(_DATA["owned"], owner)
        self._add_rows(_DATA["objects"])
        self._add_networks()
        self._add_machines()
        for network in self.store.all(Network):
            for subnet in network.subnets:
                self._add_addresses(network, subnet)
        self._add_disks()
        for owner in self.store.organizations:
            owned = json.dumps(_DATA["owned_last"]).replace("{domain}", owner.infrastructure_domain)
            self._add_rows(json.loads(owned), owner)
            self._add_storage(owner)
            self._add_backup_policies(owner)

    def _add_rows(self, rows_by_class: Mapping[str, Any], *related: Object) -> None:
        """Add objects and their parts from the data.

        Args:
            rows_by_class: for the name of each class, its rows. A row has fields, and the rows of its parts.
            related: objects that the new objects refer to, such as the organization.
        """
        for name, rows in rows_by_class.items():
            model = _MODELS[name]
            known = [obj for obj in related if reference(type(obj)) in model.fields]
            for row in rows:
                values = {key: tuple(value) if isinstance(value, list) else value for key, value in row.items()}
                parts = {key: values.pop(key) for key in row if key in _MODELS}
                self._add_rows(parts, *related, self.store.add(model, *known, **values))

    def _add_networks(self) -> None:
        owners, centers = self.store.organizations, self.store.all(DataCenter)
        # In each round, every organization gets a network in every data center.
        interfaces_per_round = len(owners) * len(centers) * _INTERFACES_PER_NETWORK
        rounds = max(2, math.ceil(self.scale.interfaces / interfaces_per_round))
        rows = _DATA["subnets"]  # the first has both versions
        subnets = cycle(rows if self.scale.free_addresses is None else rows[:1])
        for center in centers:
            self._add_network("Public", center, None, rows[0])
        for number, center, owner in product(range(1, rounds + 1), centers, owners):
            self._add_network(f"Network {number}", center, owner.id, next(subnets))

    def _add_network(self, name: str, center: DataCenter, owner_id: str | None, row: dict[str, bool]) -> None:
        number = len(self.store.all(Network))
        subnets = tuple(self._subnet(version, number=number, exhausted=exhausted) for version, exhausted in row.items())
        permalink = f"{center.permalink}/{name.lower().replace(' ', '-')}-{number}"
        fields = {"permalink": permalink, "default": owner_id is None, "organization_id": owner_id}
        self.store.add(Network, center, name=name, subnets=subnets, **fields)

    def _subnet(self, version: str, *, number: int, exhausted: bool) -> Subnet:
        if version == "ipv4":
            first, mask = ipaddress.ip_address("10.0.0.0") + number * 1024, 22
        else:
            first, mask = ipaddress.ip_address(f"2001:db8:{number:x}::"), 48  # RFC 3849
        fields = {"id": identifier("sbnt", rng=self.store.rng), "address": str(first), "gateway": str(first + 1)}
        return Subnet(address_version=version, mask=mask, exhausted=exhausted, **fields)

    def _add_machines(self) -> None:
        store, rng, machines = self.store, self.store.rng, self.scale.machines
        packages, zones = store.all(VirtualMachinePackage), store.all(Zone)
        interfaces = Counter(range(machines))  # number of interfaces by machine; one for each machine at first
        interfaces.update(rng.randrange(machines) for _ in range(self.scale.interfaces - machines))
        profile = store.all(NetworkSpeedProfile)[0]
        networks = cache(self._networks)  # one cycle for each organization and data center
        for number, owner, host in zip(range(machines), cycle(store.organizations), cycle(_DATA["hostnames"])):
            group, *_ = store.all(VirtualMachineGroup, owner)
            hostname = f"{host}-{number + 1}"
            machine = store.add(
                VirtualMachine,
                owner,
                name=hostname,
                hostname=hostname,
                fqdn=f"{hostname}.{owner.infrastructure_domain}",
                description=rng.choice((None, None, None, "Generated by the sandbox")),
                created_at=_CREATED_AT + 60 * (number + 1),
                state=rng.choice(_DATA["machine_states"]),
                zone_id=rng.choice(zones).id,
                **rng.choice(packages).resources,
                group_id=rng.choice((None, None, group.id)),
                tag_ids=tuple(tag.id for tag in rng.sample(store.all(Tag, owner), rng.randint(0, 2))),
                initial_root_password=hexadecimal(64, rng=rng),
            )
            for _ in range(interfaces[number]):
                network = next(networks(owner.id, machine.data_center_id(store)))
                interface = mutations.create_interface(store, machine, network=network, speed_profile=profile)
                if rng.random() >= 1 / 7 and machine.runs:  # about one interface of seven stays detached
                    store.change(interface, state="attached")

    def _networks(self, owner_id: str, data_center_id: str) -> Iterator[Network]:
        """Return an endless cycle of the networks that an organization has in a data center."""
        networks = reversed(self.store.all(Network, data_center_id=data_center_id))
        return cycle([network for network in networks if network.organization_id in (None, owner_id)])

    def _add_addresses(self, network: Network, subnet: Subnet) -> None:
        """Add the addresses of the interfaces, then free addresses for each organization that can use the network."""
        store, rng = self.store, self.store.rng
        interfaces = store.all(VirtualMachineNetworkInterface, network_id=network.id)
        owner_ids = [store.get(obj.virtual_machine_id).organization_id for obj in interfaces]
        for owner in store.organizations:
            if network.organization_id in (None, owner.id):
                random_count = 0 if subnet.exhausted else rng.randint(1, _MAXIMUM_FREE_ADDRESSES)
                fixed_count = self.scale.free_addresses
                owner_ids += [owner.id] * (random_count if fixed_count is None else fixed_count)
        first = ipaddress.ip_address(subnet.address)
        size = 2 ** min(32, first.max_prefixlen - subnet.mask)  # `sample` takes no range of 2**80 numbers
        # 0 is the network address, 1 the gateway and the last one the broadcast address.
        numbers = rng.sample(range(2, size - 1), len(owner_ids))
        for number, owner_id, interface in zip_longest(numbers, owner_ids, interfaces):
            new: dict[str, Any] = {"organization_id": owner_id, "address": str(first + number), "subnet": subnet}
            if interface is None:
                vip, label = rng.random() < 1 / 20, rng.choice((None, None, None, None, "spare"))
                new |= {"vip": vip, "label": label or ("shared" if vip else None)}  # a VIP has a label
            store.add(IPAddress, network, interface_id=None if interface is None else interface.id, **new)

    def _add_disks(self) -> None:
        store, version = self.store, self.store.all(DiskTemplateVersion)[0]
        for machine in store.machines:
            new = {"name": "System Disk", "size_in_gb": 10, "created_at": machine.created_at}
            mutations.create_disk_of_machine(store, machine, version=version, boot=True, **new)

    def _add_storage(self, owner: Organization) -> None:
        """Add a file storage volume of the first virtual machine, and a bucket."""
        store, center = self.store, self.store.all(DataCenter)[0]
        machines = tuple(machine.id for machine in store.all(VirtualMachine, owner)[:1])
        new = {"associations": machines, "nfs_location": f"{owner.sub_domain}.files.example:/shared"}
        store.add(FileStorageVolume, owner, center, name="Shared", state="ready", **new)
        [account], [key] = store.all(ObjectStorageAccount, owner), store.all(ObjectStorageAccessKey, owner)
        new = {"name": f"{owner.sub_domain}-files", "object_storage_cluster_id": account.object_storage_cluster_id}
        control = AccessControlList(public_read=True, read_key_ids=(key.id,), write_key_ids=(key.id,))
        store.add(ObjectStorageBucket, account, access_control_list=control, **new, **_DATA["bucket"])

    def _add_backup_policies(self, owner: Organization) -> None:
        """Add a daily backup policy of the first virtual machine, and a weekly one of the disk without a machine."""
        targets = (*self.store.all(VirtualMachine, owner)[:1], *self.store.all(Disk, owner, virtual_machine_id=None))
        daily = DiskBackupSchedule(time=3, next_invocation_at=_CREATED_AT + 10_800)
        for target, schedule in zip(targets, (daily, daily.changed(interval="weekly")), strict=False):
            self.store.add(DiskBackupPolicy, owner, target_id=target.id, schedule=schedule, total_size=20.5)
