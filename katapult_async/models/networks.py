"""Networks, the virtual ones and how fast an interface may go on them."""

import attrs

from katapult_async.models.data_centers import DataCenter


@attrs.frozen(kw_only=True)
class Network:
    """A network that Katapult runs, public or private."""

    id: str
    """Katapult's id, ``netw_...``."""

    name: str | None = None
    """Name for people."""

    permalink: str | None = None
    """Name for URLs."""

    data_center: DataCenter | None = None
    """Where it is."""

    default: bool | None = None
    """Whether new machines of its data center join it."""


@attrs.frozen(kw_only=True)
class VirtualNetwork:
    """A network that an organization made for itself."""

    id: str
    """Katapult's id, ``vnet_...``."""

    name: str | None = None
    """Name for people."""

    data_center: DataCenter | None = None
    """Where it is."""


@attrs.frozen(kw_only=True)
class AvailableNetworks:
    """The networks that an organization can put interfaces on."""

    networks: tuple[Network, ...] = ()
    """Those that Katapult runs."""

    virtual_networks: tuple[VirtualNetwork, ...] = ()
    """Those that the organization made."""


@attrs.frozen(kw_only=True)
class NetworkSpeedProfile:
    """How fast an interface may send and receive."""

    id: str
    """Katapult's id, ``nsp_...``."""

    name: str | None = None
    """Name for people."""

    permalink: str | None = None
    """Name for URLs."""

    upload_speed_in_mbit: int | None = None
    """Megabits a second out; None for no bound of its own."""

    download_speed_in_mbit: int | None = None
    """Megabits a second in; None for no bound of its own."""
