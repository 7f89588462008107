"""Network interfaces of virtual machines."""

import attrs

from katapult_async.models.ip_addresses import AddressVersion, IPAddress
from katapult_async.models.model import Model
from katapult_async.models.network_speed_profiles import NetworkSpeedProfile
from katapult_async.models.networks import Network, VirtualNetwork
from katapult_async.models.tasks import Task
from katapult_async.models.virtual_machines import VirtualMachine


@attrs.frozen(kw_only=True, repr=False)
class VirtualMachineNetworkInterface(Model):
    """A network interface of a virtual machine, on a network or a virtual network."""

    id: str
    """Katapult's id, ``vmnet_...``."""

    name: str | None = None
    """Display name, such as ``Public Network on web-1``."""

    virtual_machine: VirtualMachine | None = None
    """The virtual machine. Lists omit it, but ``katapult.fleet()`` adds it."""

    network: Network | None = None
    """The network, or None when `virtual_network` is set."""

    virtual_network: VirtualNetwork | None = None
    """The virtual network, or None when `network` is set."""

    mac_address: str | None = None
    """MAC address; lists omit it."""

    state: str | None = None
    """``attached`` or ``detached`` so far: detached while its virtual machine is stopped. Lists omit it."""

    ip_addresses: tuple[IPAddress, ...] = ()
    """The IP addresses that are allocated to the interface."""

    speed_profile: NetworkSpeedProfile | None = None
    """Bandwidth limits; lists, ``find`` and ``allocate_ip`` omit it."""


@attrs.frozen(kw_only=True, repr=False)
class InterfaceTask(Model):
    """A network interface, and the task that changes it."""

    virtual_machine_network_interface: VirtualMachineNetworkInterface
    """The interface as it was when the task was queued; with ``wait``, as it was after the task."""

    task: Task
    """The task: see ``katapult.tasks.wait``."""


@attrs.frozen
class AddressQuery:
    """An interface and an address version: the key of an outcome of ``available_ips_many``."""

    interface_id: str
    """Id of the interface, as the caller passed it."""

    address_version: AddressVersion
    """The address version."""
