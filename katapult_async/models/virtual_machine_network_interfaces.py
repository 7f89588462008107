"""Network interfaces of virtual machines, and the question that is asked of them most."""

import attrs

from katapult_async.models.ip_addresses import AddressVersion, IPAddress
from katapult_async.models.networks import Network, NetworkSpeedProfile, VirtualNetwork
from katapult_async.models.tasks import Task
from katapult_async.models.virtual_machines import VirtualMachine


@attrs.frozen(kw_only=True)
class VirtualMachineNetworkInterface:
    """A machine's interface on one network, which is either a network or a virtual network."""

    id: str
    """Katapult's id, ``vmnet_...``."""

    name: str | None = None
    """Name for people, such as ``Public Network on web-1``."""

    virtual_machine: VirtualMachine | None = None
    """The machine; None in the list of that machine's interfaces, but a fleet fills it in."""

    network: Network | None = None
    """The network that it is on, or None when `virtual_network` is set."""

    virtual_network: VirtualNetwork | None = None
    """The virtual network that it is on, or None when `network` is set."""

    mac_address: str | None = None
    """Hardware address; lists leave it out."""

    state: str | None = None
    """``attached`` or ``detached`` so far; lists leave it out."""

    ip_addresses: tuple[IPAddress, ...] = ()
    """The addresses that are allocated to it already."""

    speed_profile: NetworkSpeedProfile | None = None
    """How fast it may go; lists leave it out."""


@attrs.frozen(kw_only=True)
class InterfaceTask:
    """An interface, and the task that changes it."""

    virtual_machine_network_interface: VirtualMachineNetworkInterface
    """The interface as it was when the task was queued."""

    task: Task
    """What is being done to it: see ``katapult.tasks.wait``."""


@attrs.frozen
class AddressQuery:
    """Which addresses were asked for: the key of one outcome of a batch."""

    interface_id: str
    """The interface, as the caller gave it."""

    address_version: AddressVersion
    """The address family."""
