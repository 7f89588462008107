"""The store: what exists in the sandbox's cloud now, and how to find it; sends nothing and reads no clock."""

import random
from functools import lru_cache

import attrs

from . import serializers
from .identifiers import identifier
from .index import Index
from .models import (
    Address,
    DataCenter,
    Interface,
    Machine,
    Network,
    Organization,
    SpeedProfile,
    Task,
    TrashObject,
    VirtualNetwork,
)
from .scheduler import Scheduler
from .seed import Scale, SeedData
from .serializers import JSON

ADDRESS_VERSIONS = ("ipv4", "ipv6")
Changeable = Organization | VirtualNetwork | Interface | Address
"""What a change can add, replace or remove."""


# Test suites make the same small cloud hundreds of times; it is made of frozen values, so stores can share them.
_seed_data = lru_cache(maxsize=2)(SeedData)


def _place(address: Address) -> tuple[str, ...]:
    """Return what an address belongs to: its interface, its load balancer, or the free ones beside it."""
    if address.interface_id is not None:
        return (address.interface_id,)
    if address.load_balancer is not None:
        return (address.load_balancer.id,)
    return (address.organization_id, address.network.id, address.subnet.version)


class Store:
    """Everything in one cloud. Equal scales make equal stores, and equal changes keep them equal.

    The collections are snapshots in the server's order and hold what a request could find: nothing that lies in
    the trash or was deleted. What the API can do to a store is in ``changes``.
    """

    def __init__(self, scale: Scale, *, large_sets: bool = False, task_duration: float = 1.0) -> None:
        made = _seed_data(scale)
        self.large_sets = large_sets
        """Whether lists keep their totals to themselves; fixed for the life of the store."""
        self.revision = 0
        """Grows with every change, so that rendered answers can be thrown away."""
        self.now = 0.0
        """The latest time that ``advance`` was told, in seconds since the Unix epoch on the server's clock."""
        self.scheduler = Scheduler(duration=task_duration)
        """What becomes of tasks that have begun."""
        self.rng = random.Random(f"{scale.seed} changes")  # noqa: S311 - must repeat, guards nothing
        """What changes draw their ids from."""
        self._organizations = Index(made.organizations, keys=("id", "sub_domain"))
        self._data_centers = Index(made.data_centers, keys=("id", "permalink"))
        self._networks = Index(made.networks, keys=("id", "permalink"))
        self._speed_profiles = Index(made.speed_profiles, keys=("id", "permalink"))
        self._virtual_networks = Index(made.virtual_networks, group=lambda it: it.organization_id)
        self._machines = Index(made.machines, keys=("id", "fqdn"), group=lambda it: it.organization_id)
        self._interfaces = Index(made.interfaces, group=lambda it: it.machine_id)
        self._addresses = Index(made.addresses, keys=("id", "address"), group=_place)
        self._tasks: Index[Task] = Index(group=lambda it: (it.interface_id, it.finished_at is None))
        self._trash: dict[str, TrashObject] = {}
        self._exhausted = set(made.exhausted)
        self._free_at_first: dict[tuple[str, ...], list[str]] = {}
        for address in made.addresses:
            if address.free:
                self._free_at_first.setdefault(_place(address), []).append(address.id)

    @property
    def organizations(self) -> tuple[Organization, ...]:
        """Every organization."""
        return tuple(self._organizations)

    @property
    def data_centers(self) -> tuple[DataCenter, ...]:
        """Every data center."""
        return tuple(self._data_centers)

    @property
    def networks(self) -> tuple[Network, ...]:
        """Every public network."""
        return tuple(self._networks)

    @property
    def virtual_networks(self) -> tuple[VirtualNetwork, ...]:
        """Every virtual network."""
        return tuple(self._virtual_networks)

    @property
    def speed_profiles(self) -> tuple[SpeedProfile, ...]:
        """Every network speed profile; all organizations have the same."""
        return tuple(self._speed_profiles)

    @property
    def machines(self) -> tuple[Machine, ...]:
        """Every virtual machine outside of the trash."""
        return tuple(it for it in self._machines if it.id not in self._trash)

    @property
    def interfaces(self) -> tuple[Interface, ...]:
        """Every network interface of a machine outside of the trash."""
        return tuple(it for it in self._interfaces if it.machine_id not in self._trash)

    @property
    def addresses(self) -> tuple[Address, ...]:
        """Every IP address, held or free."""
        return tuple(self._addresses)

    @property
    def tasks(self) -> tuple[Task, ...]:
        """Every task, as of the time of the latest request."""
        return tuple(self._tasks)

    def find_organization(self, *, by: str, value: str) -> Organization | None:
        """Return the organization with this ``id`` or ``sub_domain``, or None."""
        return self._organizations.find(by=by, value=value)

    def find_data_center(self, *, by: str, value: str) -> DataCenter | None:
        """Return the data center with this ``id`` or ``permalink``, or None."""
        return self._data_centers.find(by=by, value=value)

    def find_network(self, *, by: str, value: str) -> Network | None:
        """Return the public network with this ``id`` or ``permalink``, or None."""
        return self._networks.find(by=by, value=value)

    def find_virtual_network(self, *, by: str, value: str) -> VirtualNetwork | None:
        """Return the virtual network with this ``id``, or None."""
        return self._virtual_networks.find(by=by, value=value)

    def find_speed_profile(self, *, by: str, value: str) -> SpeedProfile | None:
        """Return the network speed profile with this ``id`` or ``permalink``, or None."""
        return self._speed_profiles.find(by=by, value=value)

    def find_machine(self, *, by: str, value: str) -> Machine | None:
        """Return the machine with this ``id`` or ``fqdn``, in the trash or not, or None."""
        return self._machines.find(by=by, value=value)

    def find_interface(self, *, by: str, value: str) -> Interface | None:
        """Return the interface with this ``id``, or None; also None while its machine is in the trash."""
        found = self._interfaces.find(by=by, value=value)
        return None if found is None or found.machine_id in self._trash else found

    def find_address(self, *, by: str, value: str) -> Address | None:
        """Return the IP address with this ``id`` or ``address``, held or free, or None."""
        return self._addresses.find(by=by, value=value)

    def find_task(self, *, by: str, value: str) -> Task | None:
        """Return the task with this ``id``, as of the time of the latest request, or None."""
        return self._tasks.find(by=by, value=value)

    def find_trash(self, object_id: str) -> TrashObject | None:
        """Return the mark of an object in the trash, or None when it is not there."""
        return self._trash.get(object_id)

    def machines_of(self, organization_id: str) -> list[Machine]:
        """Return the machines of one organization outside of the trash."""
        return [it for it in self._machines.of(organization_id) if it.id not in self._trash]

    def interfaces_of(self, machine_id: str) -> list[Interface]:
        """Return the interfaces of one machine."""
        return self._interfaces.of(machine_id)

    def interfaces_on(self, network_id: str) -> list[Interface]:
        """Return the interfaces on one network or virtual network, also those of machines in the trash."""
        return [it for it in self._interfaces if it.network.id == network_id]

    def networks_of(self, organization_id: str) -> list[Network]:
        """Return the public networks that one organization can use."""
        return [it for it in self.networks if it.organization_id in (None, organization_id)]

    def virtual_networks_of(self, organization_id: str) -> list[VirtualNetwork]:
        """Return the virtual networks of one organization."""
        return self._virtual_networks.of(organization_id)

    def addresses_of(self, interface_id: str) -> list[Address]:
        """Return the addresses that one interface holds."""
        return self._addresses.of((interface_id,))

    def machine_addresses(self, machine_id: str) -> list[Address]:
        """Return the addresses that the interfaces of one machine hold."""
        return [address for it in self._interfaces.of(machine_id) for address in self.addresses_of(it.id)]

    def organization_addresses(self, organization_id: str) -> list[Address]:
        """Return the addresses of one organization, held or free."""
        return [it for it in self._addresses if it.organization_id == organization_id]

    def running_tasks(self, interface_id: str) -> list[Task]:
        """Return the tasks of one interface that have not ended."""
        return self._tasks.of((interface_id, True))

    def is_exhausted(self, subnet_id: str) -> bool:
        """Return whether a subnet has no address left to give to an organization."""
        return subnet_id in self._exhausted

    def free_addresses(self, interface_id: str, version: str) -> list[Address]:
        """Return the addresses that one interface could be given.

        These are what its organization has in its network and nobody holds. Interfaces on one network get the
        same addresses, each in an order of its own, so that one answer cannot pass for another. Taking one leaves
        the order of the others, and one that comes back is where it was; those that are new come last.

        Args:
            interface_id: such as ``vmnet_Jh0j5cwOMnZl3SrG``.
            version: ``ipv4`` or ``ipv6``.

        Raises:
            KeyError: there is no such interface.
            ValueError: there is no such version.
        """
        if version not in ADDRESS_VERSIONS:
            raise ValueError(f"version must be one of {', '.join(ADDRESS_VERSIONS)}, not {version!r}")
        interface = self._interfaces.get(interface_id)
        machine = self._machines.get(interface.machine_id)
        place = (machine.organization_id, interface.network.id, version)
        free = {address.id: address for address in self._addresses.of(place)}
        order = list(self._free_at_first.get(place, ()))
        random.Random(interface_id).shuffle(order)  # noqa: S311 - an order that repeats, no secret
        return [free.pop(address_id) for address_id in order if address_id in free] + list(free.values())

    def available_ips(self, interface_id: str, version: str) -> list[JSON]:
        """Return exactly what the server lists as ``ip_addresses`` for one interface and version.

        Args:
            interface_id: such as ``vmnet_Jh0j5cwOMnZl3SrG``.
            version: ``ipv4`` or ``ipv6``.

        Raises:
            KeyError: there is no such interface.
            ValueError: there is no such version.
        """
        return [serializers.ip_address(address) for address in self.free_addresses(interface_id, version)]

    def put(self, thing: Changeable) -> None:
        """Add a thing, or let it take the place of the one with its id."""
        match thing:
            case Organization():
                self._organizations.put(thing)
            case VirtualNetwork():
                self._virtual_networks.put(thing)
            case Interface():
                self._interfaces.put(thing)
            case Address():
                self._addresses.put(thing)
        self.revision += 1

    def remove(self, thing: VirtualNetwork | Address) -> None:
        """Take a thing out of the store.

        Raises:
            KeyError: it is not there.
        """
        match thing:
            case VirtualNetwork():
                self._virtual_networks.take(thing.id)
            case Address():
                self._addresses.take(thing.id)
        self.revision += 1

    def begin(self, task: Task) -> None:
        """Add a task that waits; ``advance`` takes it through its life."""
        self._tasks.put(task)
        self.scheduler.begin(task, now=self.now)
        self.revision += 1

    def advance(self, now: float) -> None:
        """Let everything happen that is due.

        Args:
            now: the server's time, in seconds since the Unix epoch.
        """
        self.now = now
        for task in self.scheduler.due(now):
            self._tasks.put(task)
            self.revision += 1
            interface = self._interfaces.find(by="id", value=task.interface_id)
            if task.status == "completed" and interface is not None:
                self._interfaces.put(
                    attrs.evolve(
                        interface,
                        state=task.state or interface.state,
                        speed_profile=task.speed_profile or interface.speed_profile,
                    )
                )

    def exhaust_subnet(self, subnet_id: str) -> None:
        """Let a subnet have no address left: creating one answers 503. What is free in it stays."""
        self._exhausted.add(subnet_id)

    def trash_machine(self, machine_id: str, *, keep_until: int = 1_900_000_000) -> TrashObject:
        """Throw a machine away: asking for it answers 406, and its interfaces cannot be found.

        Args:
            machine_id: the machine.
            keep_until: when it is gone for good, in seconds since the Unix epoch; only told, never acted upon.

        Raises:
            KeyError: there is no such machine.
        """
        machine = self._machines.get(machine_id)
        mark = TrashObject(
            id=identifier("trsh", rng=self.rng),
            keep_until=keep_until,
            object_id=machine.id,
            object_type="VirtualMachine",
        )
        self._trash[machine.id] = mark
        self.revision += 1
        return mark

    def delete_interface(self, interface_id: str) -> None:
        """Take an interface out of the store. Its addresses go with it, so nobody else's answers change.

        Raises:
            KeyError: there is no such interface.
        """
        self._interfaces.take(interface_id)
        for address in self.addresses_of(interface_id):
            self._addresses.take(address.id)
        self.revision += 1

    def suspend_organization(self, organization_id: str) -> None:
        """Suspend an organization: what is asked about it is refused with ``organization_suspended``.

        Raises:
            KeyError: there is no such organization.
        """
        self.put(attrs.evolve(self._organizations.get(organization_id), suspended=True))
