"""Virtual machines, as lists show them and as they are shown alone."""

import datetime
import enum

import attrs

from katapult_async.models.data_centers import Zone
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
class Package:
    """A size of machine that can be bought. Lists of machines give only its name."""

    name: str
    """Name for people."""

    id: str | None = None
    """Katapult's id, ``vmpkg_...``."""

    permalink: str | None = None
    """Name for URLs."""


@attrs.frozen(kw_only=True)
class MachineAddress:
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

    ip_addresses: tuple[MachineAddress, ...] = ()
    """The addresses allocated to it."""

    initial_root_password: str | None = attrs.field(default=None, repr=False)
    """A secret, so it is kept out of repr."""

    suspended: bool | None = None
    """Whether Katapult has suspended it. Sent since July 2026, and documented nowhere."""
