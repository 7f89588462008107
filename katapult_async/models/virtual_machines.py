"""Virtual machines, as lists show them and as they are shown alone."""

import datetime
import enum

import attrs

from katapult_async.models.data_centers import Zone
from katapult_async.models.hardware import GPU, AttachedISO, GPUType, Hypervisor, Package
from katapult_async.models.ip_addresses import Subnet
from katapult_async.models.networks import Network
from katapult_async.models.organizations import Organization


class VirtualMachineState(enum.StrEnum):
    """What a machine is doing. Katapult adds states; an unknown one is given as its plain string."""

    STOPPED = "stopped"
    FAILED = "failed"
    STARTED = "started"
    STARTING = "starting"
    ALLOCATED = "allocated"
    ALLOCATING = "allocating"
    RESETTING = "resetting"
    MIGRATING = "migrating"
    STOPPING = "stopping"
    SHUTTING_DOWN = "shutting_down"
    TRANSFERRING = "transferring"
    ORPHANED = "orphaned"


@attrs.frozen(kw_only=True)
class VirtualMachineAddress:
    """An address as a machine shows it: lists of machines leave out even the id."""

    address: str
    """The address as text, without its mask."""

    id: str | None = None
    """Katapult's id, ``ip_...``."""

    reverse_dns: str | None = None
    """Name that the address resolves back to."""

    address_with_mask: str | None = None
    """The address and the length of its prefix."""

    network: Network | None = None
    """The network that it belongs to."""

    vip: bool | None = None
    """Whether it can move between machines (a virtual IP)."""

    label: str | None = None
    """Name that its owner gave it; only virtual IPs have one."""

    subnet: Subnet | None = None
    """The block that it is taken from."""

    allocation_id: str | None = None
    """Id of what holds the address."""

    allocation_type: str | None = None
    """Kind of what holds the address, such as ``VirtualMachine``."""


@attrs.frozen(kw_only=True)
class Tag:
    """A coloured word on machines."""

    id: str
    """Katapult's id, ``tag_...``."""

    name: str | None = None
    """The word."""

    color: str | None = None
    """One of Katapult's colours, such as ``light_blue``."""

    created_at: datetime.datetime | None = None
    """When it was made."""


@attrs.frozen(kw_only=True)
class VirtualMachineGroup:
    """Machines that belong together."""

    id: str
    """Katapult's id, ``vmgrp_...``."""

    name: str | None = None
    """Name for people."""

    segregate: bool | None = None
    """Whether its machines are kept on different hypervisors."""

    auto_segregate: bool | None = None
    """Whether Katapult moves machines to keep them so."""

    created_at: datetime.datetime | None = None
    """When it was made."""


@attrs.frozen(kw_only=True)
class Annotation:
    """A note for programs on a machine."""

    key: str
    """Name of the note."""

    value: str | None = None
    """What it says."""


@attrs.frozen(kw_only=True)
class VirtualMachine:
    """A virtual machine."""

    id: str
    """Katapult's id, ``vm_...``."""

    name: str | None = None
    """Name for people."""

    hostname: str | None = None
    """First part of `fqdn`."""

    fqdn: str | None = None
    """Full domain name; look it up with ``FQDN``."""

    description: str | None = None
    """What its owner noted."""

    created_at: datetime.datetime | None = None
    """When it was made."""

    state: VirtualMachineState | str | None = None
    """What it is doing; lists leave it out."""

    zone: Zone | None = None
    """Where it runs."""

    organization: Organization | None = None
    """Who owns it; lists leave it out."""

    package: Package | None = None
    """Its size."""

    memory_in_gb: int | None = None
    """Memory, in GB; lists leave it out."""

    cpu_cores: int | None = None
    """Processor cores; lists leave it out."""

    ip_addresses: tuple[VirtualMachineAddress, ...] = ()
    """The addresses allocated to it."""

    initial_root_password: str | None = attrs.field(default=None, repr=False)
    """A secret, so it is kept out of repr."""

    suspended: bool | None = None
    """Whether Katapult has suspended it. Sent since July 2026, and documented nowhere."""

    suspended_at: datetime.datetime | None = None
    """When that was; as undocumented."""

    group: VirtualMachineGroup | None = None
    """The group that it belongs to. This and all that follows is left out of lists, but for `gpu_type`."""

    use_dedicated_cpus: bool | None = None
    """Whether its cores are its own."""

    gpu_type: GPUType | None = None
    """The kind of graphics processor it was built with."""

    gpus: tuple[GPU, ...] = ()
    """Its graphics processors."""

    attached_iso: AttachedISO | None = None
    """The disc image in its drive."""

    tags: tuple[Tag, ...] = ()
    """Its tags."""

    tag_names: tuple[str, ...] = ()
    """Their words alone."""

    hypervisor: Hypervisor | None = None
    """What runs it. Documented, and in no answer since February 2025."""

    annotations: tuple[Annotation, ...] = ()
    """Notes for programs."""
