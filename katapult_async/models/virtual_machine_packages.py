"""Virtual machine packages: sizes of virtual machines that can be bought."""

import attrs

from katapult_async.models.attachments import Attachment
from katapult_async.models.model import Model


@attrs.frozen(kw_only=True, repr=False)
class PackageGroup(Model):
    """A group of packages."""

    id: str
    """Katapult's id, ``vmpkgrp_...``."""

    name: str | None = None
    """Display name."""


@attrs.frozen(kw_only=True, repr=False)
class Package(Model):
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
    """Size of the system disk in GB."""

    monthly_bandwidth_allowance_in_gb: int | None = None
    """Traffic that is included, in GB a month; None for no limit, or in a response that omits it."""

    privacy: str | None = None
    """``public`` or ``private``."""

    icon: Attachment | None = None
    """Picture that represents the package."""

    use_dedicated_cpus: bool | None = None
    """Whether the CPU cores of the virtual machine are not shared with other virtual machines."""

    group: PackageGroup | None = None
    """The group that the package belongs to."""
