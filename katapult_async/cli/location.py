"""The location of a network interface: its virtual machine, network and data center, by id and name."""

from collections.abc import Iterable
from typing import Self

import attrs

from katapult_async.models.data_centers import DataCenter
from katapult_async.models.ip_addresses import IPAddress
from katapult_async.models.networks import Network, VirtualNetwork
from katapult_async.models.virtual_machine_network_interfaces import VirtualMachineNetworkInterface


@attrs.frozen(kw_only=True)
class NamedObject:
    """A virtual machine, network or data center, by id and name."""

    id: str
    """Katapult's id."""

    name: str | None = None
    """Display name; the domain name of a virtual machine."""

    def __str__(self) -> str:
        return self.name or self.id


@attrs.frozen(kw_only=True)
class Location:
    """Where an interface is, as far as a list of interfaces or its free addresses show it."""

    virtual_machine: NamedObject | None = None
    """The virtual machine."""

    network: NamedObject | None = None
    """The network."""

    virtual_network: NamedObject | None = None
    """The virtual network, in place of a network. It has no public addresses."""

    data_center: NamedObject | None = None
    """The data center."""

    @classmethod
    def of(cls, interface: VirtualMachineNetworkInterface) -> Self:
        """Return the location of an interface that was listed."""
        machine = interface.virtual_machine
        network = interface.network or interface.virtual_network
        data_center = None if network is None else network.data_center
        if data_center is None and machine is not None and machine.zone is not None:
            data_center = machine.zone.data_center  # a list of interfaces omits the network's
        return cls(
            virtual_machine=None if machine is None else NamedObject(id=machine.id, name=machine.fqdn or machine.name),
            network=_named(interface.network),
            virtual_network=_named(interface.virtual_network),
            data_center=_named(data_center),
        )

    @classmethod
    def of_addresses(cls, addresses: Iterable[IPAddress]) -> Self:
        """Return the location of an interface, as far as its free addresses show it."""
        network = next((address.network for address in addresses if address.network is not None), None)
        return cls(network=_named(network), data_center=None if network is None else _named(network.data_center))


def _named(model: Network | VirtualNetwork | DataCenter | None) -> NamedObject | None:
    return None if model is None else NamedObject(id=model.id, name=model.name)
