"""Virtual machines, with their addresses, ISO images and hypervisors."""

import datetime
import enum

import attrs

from katapult_async.models.annotations import Annotation
from katapult_async.models.data_centers import Zone
from katapult_async.models.gpus import GPU, GPUType
from katapult_async.models.ip_addresses import Address, Subnet
from katapult_async.models.model import Model
from katapult_async.models.networks import Network
from katapult_async.models.operating_systems import OperatingSystem
from katapult_async.models.organizations import Organization
from katapult_async.models.secret_fields import SECRET
from katapult_async.models.tags import Tag
from katapult_async.models.trash_objects import TrashObject
from katapult_async.models.virtual_machine_groups import VirtualMachineGroup
from katapult_async.models.virtual_machine_packages import Package


class VirtualMachineState(enum.StrEnum):
    """The state of a virtual machine. Katapult may add others, which are plain strings."""

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


@attrs.frozen(kw_only=True, repr=False)
class VirtualMachineAddress(Address):
    """An IP address of a virtual machine. Lists of virtual machines have only the address."""

    address: str
    """The address as text, without its mask."""

    id: str | None = None
    """Katapult's id, ``ip_...``."""

    reverse_dns: str | None = None
    """Domain name that the address resolves to."""

    address_with_mask: str | None = None
    """The address and the length of its prefix."""

    network: Network | None = None
    """The network that the address belongs to."""

    vip: bool | None = None
    """Whether the address can move between virtual machines (a virtual IP)."""

    label: str | None = None
    """Name of a virtual IP; other addresses have none."""

    subnet: Subnet | None = None
    """The subnet that the address is taken from."""

    allocation_id: str | None = None
    """Id of the object that the address is allocated to."""

    allocation_type: str | None = None
    """Type of the object that the address is allocated to, such as ``VirtualMachine``."""


@attrs.frozen(kw_only=True, repr=False)
class AttachedISO(Model):
    """An ISO image in the drive of a virtual machine."""

    id: str
    """Katapult's id."""

    name: str | None = None
    """Display name."""

    operating_system: OperatingSystem | None = None
    """The operating system on the image."""


@attrs.frozen(kw_only=True, repr=False)
class Hypervisor(Model):
    """A hypervisor: a computer that runs virtual machines."""

    id: str
    """Katapult's id."""

    name: str | None = None
    """Display name."""

    ip_address: str | None = None
    """IP address."""


@attrs.frozen(kw_only=True, repr=False)
class VirtualMachine(Model):
    """A virtual machine."""

    id: str
    """Katapult's id, ``vm_...``."""

    name: str | None = None
    """Display name."""

    hostname: str | None = None
    """First part of `fqdn`."""

    fqdn: str | None = None
    """Full domain name, which ``FQDN`` looks up."""

    description: str | None = None
    """Description by the owner; lists omit it."""

    created_at: datetime.datetime | None = None
    """When the virtual machine was created."""

    state: VirtualMachineState | str | None = None
    """State; a plain string if it is not one of `VirtualMachineState`. Lists omit it."""

    zone: Zone | None = None
    """The zone that the virtual machine runs in."""

    organization: Organization | None = None
    """The organization that owns the virtual machine; lists omit it."""

    package: Package | None = None
    """The package of the virtual machine."""

    memory_in_gb: int | None = None
    """Memory in GB; lists omit it."""

    cpu_cores: int | None = None
    """Number of CPU cores; lists omit it."""

    ip_addresses: tuple[VirtualMachineAddress, ...] = ()
    """The IP addresses that are allocated to the virtual machine."""

    initial_root_password: str | None = attrs.field(default=None, repr=False, metadata=SECRET)
    """Root password that was set when the virtual machine was built: a secret. Lists omit this field and all that
    follow, except `gpu_type`."""

    suspended: bool | None = None
    """Whether Katapult has suspended the virtual machine. Sent since July 2026, and not documented."""

    suspended_at: datetime.datetime | None = None
    """When Katapult suspended the virtual machine. Sent since July 2026, and not documented."""

    group: VirtualMachineGroup | None = None
    """The group that the virtual machine belongs to."""

    use_dedicated_cpus: bool | None = None
    """Whether the CPU cores of the virtual machine are not shared with other virtual machines."""

    gpu_type: GPUType | None = None
    """Type of the graphics processor; None without one."""

    gpus: tuple[GPU, ...] = ()
    """The graphics processors of the virtual machine."""

    attached_iso: AttachedISO | None = None
    """The ISO image in the drive of the virtual machine."""

    tags: tuple[Tag, ...] = ()
    """The tags of the virtual machine."""

    tag_names: tuple[str, ...] = ()
    """The names of the tags."""

    hypervisor: Hypervisor | None = None
    """The hypervisor that runs the virtual machine. Documented, but in no response since February 2025."""

    annotations: tuple[Annotation, ...] = ()
    """Annotations. Lists omit them."""


@attrs.frozen(kw_only=True, repr=False)
class TrashedVirtualMachine(Model):
    """A virtual machine that was put into the trash."""

    virtual_machine: VirtualMachine
    """The virtual machine."""

    trash_object: TrashObject
    """The object in the trash: see ``katapult.trash_objects``."""
