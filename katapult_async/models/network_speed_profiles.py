"""Network speed profiles: bandwidth limits of network interfaces."""

import attrs

from katapult_async.models.model import Model


@attrs.frozen(kw_only=True, repr=False)
class NetworkSpeedProfile(Model):
    """A network speed profile: the bandwidth limits of a network interface."""

    id: str
    """Katapult's id, ``nsp_...``."""

    name: str | None = None
    """Display name."""

    permalink: str | None = None
    """Permalink: name for URLs."""

    upload_speed_in_mbit: int | None = None
    """Upload speed in Mbit/s; None for no limit, or in a response that omits it."""

    download_speed_in_mbit: int | None = None
    """Download speed in Mbit/s; None for no limit, or in a response that omits it."""
