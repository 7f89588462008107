"""Disk IO profiles: speed limits of disks."""

import attrs

from katapult_async.models.model import Model


@attrs.frozen(kw_only=True, repr=False)
class DiskIOProfile(Model):
    """A disk IO profile: the speed limits of a disk."""

    id: str
    """Katapult's id, ``diop_...``."""

    name: str | None = None
    """Display name."""

    permalink: str | None = None
    """Permalink: name for URLs."""

    speed_in_mb: int | None = None
    """Throughput in MB/s; None for no limit, or in a response that omits it."""

    iops: int | None = None
    """Operations a second; None for no limit, or in a response that omits it."""
