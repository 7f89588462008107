"""The world: what exists in the sandbox's cloud now, and how to find it; sends nothing."""

import random
from collections.abc import Iterable
from typing import TypeVar

import attrs

from . import rendering
from .genesis import Genesis, Scale
from .identifiers import identifier
from .objects import (
    Address,
    DataCenter,
    Interface,
    Machine,
    Network,
    Organization,
    TrashObject,
    VirtualNetwork,
)
from .rendering import JSON

T = TypeVar("T")

ADDRESS_VERSIONS = ("ipv4", "ipv6")


def _index(things: Iterable[T], *keys: str) -> dict[tuple[str, str], T]:
    return {(key, getattr(thing, key)): thing for thing in things for key in keys}


class World:
    """Everything in one cloud. Equal scales make equal worlds.

    The collections are snapshots in the server's order and hold what a request could find: nothing that lies in
    the trash or was deleted.
    """

    def __init__(self, scale: Scale, *, large_sets: bool = False) -> None:
        made = Genesis(scale)
        self.large_sets = large_sets
        """Whether lists keep their totals to themselves; fixed for the life of the world."""
        self.revision = 0
        """Grows with every change, so that rendered answers can be thrown away."""
        self._rng = random.Random(f"{scale.seed} changes")  # noqa: S311 - must repeat, guards nothing
        self._organizations = _index(made.organizations, "id", "sub_domain")
        self._data_centers = _index(made.data_centers, "id", "permalink")
        self._networks = _index(made.networks, "id", "permalink")
        self._virtual_networks = tuple(made.virtual_networks)
        self._machines = _index(made.machines, "id", "fqdn")
        self._interfaces = _index(made.interfaces, "id")
        self._trash: dict[str, TrashObject] = {}
        self._machines_of: dict[str, list[Machine]] = {}
        self._interfaces_of: dict[str, list[Interface]] = {}
        self._held: dict[str, list[Address]] = {}
        self._free: dict[tuple[str, str, str], list[Address]] = {}
        for machine in made.machines:
            self._machines_of.setdefault(machine.organization_id, []).append(machine)
        for interface in made.interfaces:
            self._interfaces_of.setdefault(interface.machine_id, []).append(interface)
        for address in made.addresses:
            if address.interface_id is not None:
                self._held.setdefault(address.interface_id, []).append(address)
            else:
                key = (address.organization_id, address.network.id, address.subnet.version)
                self._free.setdefault(key, []).append(address)

    @property
    def organizations(self) -> tuple[Organization, ...]:
        """Every organization."""
        return tuple(it for (key, _), it in self._organizations.items() if key == "id")

    @property
    def data_centers(self) -> tuple[DataCenter, ...]:
        """Every data center."""
        return tuple(it for (key, _), it in self._data_centers.items() if key == "id")

    @property
    def networks(self) -> tuple[Network, ...]:
        """Every public network."""
        return tuple(it for (key, _), it in self._networks.items() if key == "id")

    @property
    def virtual_networks(self) -> tuple[VirtualNetwork, ...]:
        """Every virtual network."""
        return self._virtual_networks

    @property
    def machines(self) -> tuple[Machine, ...]:
        """Every virtual machine outside of the trash."""
        return tuple(it for (key, _), it in self._machines.items() if key == "id" and it.id not in self._trash)

    @property
    def interfaces(self) -> tuple[Interface, ...]:
        """Every network interface of a machine outside of the trash."""
        return tuple(it for it in self._interfaces.values() if it.machine_id not in self._trash)

    def find_organization(self, *, by: str, value: str) -> Organization | None:
        """Return the organization with this ``id`` or ``sub_domain``, or None."""
        return self._organizations.get((by, value))

    def find_data_center(self, *, by: str, value: str) -> DataCenter | None:
        """Return the data center with this ``id`` or ``permalink``, or None."""
        return self._data_centers.get((by, value))

    def find_network(self, *, by: str, value: str) -> Network | None:
        """Return the public network with this ``id`` or ``permalink``, or None."""
        return self._networks.get((by, value))

    def find_machine(self, *, by: str, value: str) -> Machine | None:
        """Return the machine with this ``id`` or ``fqdn``, in the trash or not, or None."""
        return self._machines.get((by, value))

    def find_interface(self, *, by: str, value: str) -> Interface | None:
        """Return the interface with this ``id``, or None; also None while its machine is in the trash."""
        found = self._interfaces.get((by, value))
        return None if found is None or found.machine_id in self._trash else found

    def find_trash(self, object_id: str) -> TrashObject | None:
        """Return the mark of an object in the trash, or None when it is not there."""
        return self._trash.get(object_id)

    def machines_of(self, organization_id: str) -> list[Machine]:
        """Return the machines of one organization outside of the trash."""
        return [it for it in self._machines_of.get(organization_id, ()) if it.id not in self._trash]

    def interfaces_of(self, machine_id: str) -> list[Interface]:
        """Return the interfaces of one machine."""
        return list(self._interfaces_of.get(machine_id, ()))

    def networks_of(self, organization_id: str) -> list[Network]:
        """Return the public networks that one organization can use."""
        return [it for it in self.networks if it.organization_id in (None, organization_id)]

    def virtual_networks_of(self, organization_id: str) -> list[VirtualNetwork]:
        """Return the virtual networks of one organization."""
        return [it for it in self._virtual_networks if it.organization_id == organization_id]

    def addresses_of(self, interface_id: str) -> list[Address]:
        """Return the addresses that one interface holds."""
        return list(self._held.get(interface_id, ()))

    def machine_addresses(self, machine_id: str) -> list[Address]:
        """Return the addresses that the interfaces of one machine hold."""
        return [address for it in self._interfaces_of.get(machine_id, ()) for address in self.addresses_of(it.id)]

    def free_addresses(self, interface_id: str, version: str) -> list[Address]:
        """Return the addresses that one interface could be given.

        These are what its organization has in its network and nobody holds. Interfaces on one network get the
        same addresses, each in an order of its own, so that one answer cannot pass for another.

        Args:
            interface_id: such as ``vmnet_Jh0j5cwOMnZl3SrG``.
            version: ``ipv4`` or ``ipv6``.

        Raises:
            KeyError: there is no such interface.
            ValueError: there is no such version.
        """
        if version not in ADDRESS_VERSIONS:
            raise ValueError(f"version must be one of {', '.join(ADDRESS_VERSIONS)}, not {version!r}")
        interface = self._interfaces["id", interface_id]
        machine = self._machines["id", interface.machine_id]
        found = list(self._free.get((machine.organization_id, interface.network.id, version), ()))
        random.Random(interface_id).shuffle(found)  # noqa: S311 - an order that repeats, no secret
        return found

    def available_ips(self, interface_id: str, version: str) -> list[JSON]:
        """Return exactly what the server lists as ``ip_addresses`` for one interface and version.

        Args:
            interface_id: such as ``vmnet_Jh0j5cwOMnZl3SrG``.
            version: ``ipv4`` or ``ipv6``.

        Raises:
            KeyError: there is no such interface.
            ValueError: there is no such version.
        """
        return [rendering.ip_address(address) for address in self.free_addresses(interface_id, version)]

    def trash_machine(self, machine_id: str, *, keep_until: int = 1_900_000_000) -> TrashObject:
        """Throw a machine away: asking for it answers 406, and its interfaces cannot be found.

        Args:
            machine_id: the machine.
            keep_until: when it is gone for good, in seconds since the Unix epoch; only told, never acted upon.

        Raises:
            KeyError: there is no such machine.
        """
        machine = self._machines["id", machine_id]
        mark = TrashObject(
            id=identifier("trsh", rng=self._rng),
            keep_until=keep_until,
            object_id=machine.id,
            object_type="VirtualMachine",
        )
        self._trash[machine.id] = mark
        self.revision += 1
        return mark

    def delete_interface(self, interface_id: str) -> None:
        """Take an interface out of the world. Its addresses go with it, so nobody else's answers change.

        Raises:
            KeyError: there is no such interface.
        """
        interface = self._interfaces.pop(("id", interface_id))
        self._interfaces_of[interface.machine_id].remove(interface)
        self._held.pop(interface_id, None)
        self.revision += 1

    def suspend_organization(self, organization_id: str) -> None:
        """Suspend an organization: what is asked about it is refused with ``organization_suspended``.

        Raises:
            KeyError: there is no such organization.
        """
        suspended = attrs.evolve(self._organizations["id", organization_id], suspended=True)
        self._organizations.update(_index([suspended], "id", "sub_domain"))
        self.revision += 1
