"""Mutations: changes of the store that operations and the seed data share. Operations check the arguments first."""

import ipaddress
from typing import Any

from .errors import APIError
from .identifiers import identifier, mac_address
from .models import (
    Disk,
    DiskInstallation,
    DiskIOProfile,
    DiskTemplateVersion,
    IPAddress,
    Network,
    NetworkSpeedProfile,
    Subnet,
    VirtualMachine,
    VirtualMachineDisk,
    VirtualMachineNetworkInterface,
    VirtualNetwork,
)
from .store import Store


def create_address(store: Store, organization_id: str, *, network: Any, version: str, **values: Any) -> IPAddress:
    """Create an address and return it: the lowest unused one in the first subnet that has one.

    Args:
        store: the store.
        organization_id: id of the owner.
        network: the network. None and a virtual network are allowed: they have no subnets.
        version: ``ipv4`` or ``ipv6``.
        values: further fields of `IPAddress`.

    Raises:
        APIError: no subnet of the network and the version has an unused address.
    """
    for subnet in getattr(network, "subnets", ()):
        if subnet.address_version == version and (address := _lowest_unused(store, subnet)) is not None:
            new = {"organization_id": organization_id, "address": address, "subnet": subnet}
            return store.add(IPAddress, network, **new, **values)
    raise APIError("no_available_addresses")


def _lowest_unused(store: Store, subnet: Subnet) -> str | None:
    if subnet.exhausted:
        return None
    network = ipaddress.ip_network(f"{subnet.address}/{subnet.mask}")
    # The first address is that of the network, the second is the gateway, and the last is for broadcasts.
    addresses = (str(network.network_address + number) for number in range(2, network.num_addresses - 1))
    return next((address for address in addresses if store.find(IPAddress, address, by="address") is None), None)


def create_disk_of_machine(
    store: Store, machine: VirtualMachine, *, version: DiskTemplateVersion | None, boot: bool, **values: Any
) -> Disk:
    """Create a disk of a new machine and return it. It is attached if the machine runs.

    By default the disk has the first IO profile, as in a recorded response. A disk that is created without a machine
    has the last IO profile.

    Args:
        store: the store.
        machine: the machine.
        version: template version that is installed on the disk, or None.
        boot: whether it is the system disk.
        values: further fields of `Disk`; name and size are required.
    """
    state = "attached" if machine.runs else "detached"
    installed = None
    if version is not None:
        password, new_id = machine.initial_root_password, identifier("dinst", rng=store.rng)
        installed = DiskInstallation(id=new_id, disk_template_version_id=version.id, root_password=password)
    assignment = VirtualMachineDisk(virtual_machine_id=machine.id, boot=boot, state=state)
    values = {"io_profile_id": store.all(DiskIOProfile)[0].id, **values}
    place = {"organization_id": machine.organization_id, "data_center_id": machine.data_center_id(store)}
    return store.add(Disk, virtual_machine_disk=assignment, installation=installed, **place, **values)


def create_interface(
    store: Store, machine: VirtualMachine, *, network: Network | VirtualNetwork, speed_profile: NetworkSpeedProfile
) -> VirtualMachineNetworkInterface:
    """Create a detached network interface without addresses and return it."""
    new = {"mac_address": mac_address(rng=store.rng), "speed_profile_id": speed_profile.id}
    return store.add(VirtualMachineNetworkInterface, machine, network, name=f"{network.name} on {machine.name}", **new)
