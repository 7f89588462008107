"""What virtual machines consist of: packages, graphics processors, ISO images and hypervisors."""

import attrs

from katapult_async.models.data_centers import DataCenter
from katapult_async.models.secret_fields import SECRET


@attrs.frozen(kw_only=True)
class Attachment:
    """An image or file that Katapult stores for an object."""

    url: str | None = None
    """URL of the file."""

    file_name: str | None = None
    """Name of the file."""

    file_type: str | None = None
    """Media type."""

    file_size: int | None = None
    """Size in bytes."""

    digest: str | None = None
    """Checksum, in Katapult's notation."""

    token: str | None = attrs.field(default=None, repr=False, metadata=SECRET)
    """Token that grants access to the file: a secret."""


@attrs.frozen(kw_only=True)
class PackageGroup:
    """A group of packages."""

    id: str
    """Katapult's id, ``vmpkggrp_...``."""

    name: str | None = None
    """Display name."""


@attrs.frozen(kw_only=True)
class Package:
    """A package: a size of virtual machine that can be bought. Lists of virtual machines have only its name."""

    name: str
    """Display name."""

    id: str | None = None
    """Katapult's id, ``vmpkg_...``."""

    permalink: str | None = None
    """Permalink: name for URLs."""

    cpu_cores: int | None = None
    """Number of CPU cores."""

    ipv4_addresses: int | None = None
    """Number of IPv4 addresses that are included."""

    memory_in_gb: int | None = None
    """Memory in GB."""

    storage_in_gb: int | None = None
    """Disk size in GB."""

    monthly_bandwidth_allowance_in_gb: int | None = None
    """Traffic that is included, in GB a month; None for no limit."""

    privacy: str | None = None
    """``public`` or ``private``."""

    icon: Attachment | None = None
    """Icon."""

    use_dedicated_cpus: bool | None = None
    """Whether its CPU cores are not shared with other virtual machines."""

    group: PackageGroup | None = None
    """The group that the package belongs to."""


@attrs.frozen(kw_only=True)
class GPUType:
    """A model of graphics processor."""

    id: str
    """Katapult's id."""

    name: str | None = None
    """Display name."""

    manufacturer: str | None = None
    """Name of the manufacturer."""

    memory_in_gb: int | None = None
    """Memory of the processor in GB."""

    memory_type: str | None = None
    """Type of the memory."""

    permalink: str | None = None
    """Permalink: name for URLs."""

    data_centers: tuple[DataCenter | None, ...] = ()
    """Data centers that have it."""


@attrs.frozen(kw_only=True)
class GPU:
    """A graphics processor of a virtual machine."""

    id: str | None = None
    """Katapult's id; None while `status` is ``detached``."""

    status: str | None = None
    """``attached``, ``attaching``, ``detached``, ``detaching`` or ``unknown`` so far."""

    pending_action: str | None = None
    """``attach`` or ``detach`` while that waits until the virtual machine is stopped."""

    available: bool | None = None
    """Whether there is a free processor of this type, while `pending_action` is ``attach``."""

    type: GPUType | None = None
    """The model."""


@attrs.frozen(kw_only=True)
class OperatingSystem:
    """An operating system."""

    id: str
    """Katapult's id."""

    name: str | None = None
    """Display name."""

    badge: Attachment | None = None
    """Logo."""


@attrs.frozen(kw_only=True)
class AttachedISO:
    """An ISO image in the drive of a virtual machine."""

    id: str
    """Katapult's id."""

    name: str | None = None
    """Display name."""

    operating_system: OperatingSystem | None = None
    """The operating system that it installs."""


@attrs.frozen(kw_only=True)
class Hypervisor:
    """A hypervisor: a computer that runs virtual machines."""

    id: str
    """Katapult's id."""

    name: str | None = None
    """Display name."""

    ip_address: str | None = None
    """IP address."""
