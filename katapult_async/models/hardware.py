"""What machines are made of: packages, graphics processors, disc images and hypervisors."""

import attrs

from katapult_async.models.data_centers import DataCenter


@attrs.frozen(kw_only=True)
class Attachment:
    """A picture or file that Katapult keeps with a thing."""

    url: str | None = None
    """Where it is."""

    file_name: str | None = None
    """Its name."""

    file_type: str | None = None
    """Its media type."""

    file_size: int | None = None
    """Bytes."""

    digest: str | None = None
    """Check sum, as Katapult writes it."""

    token: str | None = attrs.field(default=None, repr=False)
    """What lets its bearer fetch it: kept out of repr."""


@attrs.frozen(kw_only=True)
class PackageGroup:
    """Packages that belong together."""

    id: str
    """Katapult's id, ``vmpkggrp_...``."""

    name: str | None = None
    """Name for people."""


@attrs.frozen(kw_only=True)
class Package:
    """A size of machine that can be bought. Lists of machines give only its name."""

    name: str
    """Name for people."""

    id: str | None = None
    """Katapult's id, ``vmpkg_...``."""

    permalink: str | None = None
    """Name for URLs."""

    cpu_cores: int | None = None
    """Processor cores."""

    ipv4_addresses: int | None = None
    """Addresses that come with it."""

    memory_in_gb: int | None = None
    """Memory, in GB."""

    storage_in_gb: int | None = None
    """Disk, in GB."""

    monthly_bandwidth_allowance_in_gb: int | None = None
    """Traffic that comes with it, in GB a month; None for no bound."""

    privacy: str | None = None
    """``public`` or ``private``."""

    icon: Attachment | None = None
    """Its picture."""

    use_dedicated_cpus: bool | None = None
    """Whether its cores are not shared with other machines."""

    group: PackageGroup | None = None
    """The group that it is sold in."""


@attrs.frozen(kw_only=True)
class GPUType:
    """A kind of graphics processor."""

    id: str
    """Katapult's id."""

    name: str | None = None
    """Name for people."""

    manufacturer: str | None = None
    """Who makes it."""

    memory_in_gb: int | None = None
    """Its memory, in GB."""

    memory_type: str | None = None
    """Kind of its memory."""

    permalink: str | None = None
    """Name for URLs."""

    data_centers: tuple[DataCenter | None, ...] = ()
    """Where it can be had."""


@attrs.frozen(kw_only=True)
class GPU:
    """A graphics processor of a machine."""

    id: str | None = None
    """Katapult's id; None until one is found for the machine."""

    status: str | None = None
    """``attached``, ``attaching``, ``detached``, ``detaching`` or ``unknown`` so far."""

    pending_action: str | None = None
    """``attach`` or ``detach``, where one waits for the machine to be stopped."""

    available: bool | None = None
    """Whether there is one to attach."""

    type: GPUType | None = None
    """Its kind."""


@attrs.frozen(kw_only=True)
class OperatingSystem:
    """What a disc image installs."""

    id: str
    """Katapult's id."""

    name: str | None = None
    """Name for people."""

    badge: Attachment | None = None
    """Its picture."""


@attrs.frozen(kw_only=True)
class AttachedISO:
    """A disc image in the drive of a machine."""

    id: str
    """Katapult's id."""

    name: str | None = None
    """Name for people."""

    operating_system: OperatingSystem | None = None
    """What it installs."""


@attrs.frozen(kw_only=True)
class Hypervisor:
    """A computer that runs machines."""

    id: str
    """Katapult's id."""

    name: str | None = None
    """Name for people."""

    ip_address: str | None = None
    """Its address."""
