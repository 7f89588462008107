"""Networks, and virtual networks."""

import attrs

from katapult_async.models.data_centers import DataCenter
from katapult_async.models.model import Model


@attrs.frozen(kw_only=True, repr=False)
class Network(Model):
    """A network that Katapult provides, public or private."""

    id: str
    """Katapult's id, ``netw_...``."""

    name: str | None = None
    """Display name."""

    permalink: str | None = None
    """Permalink: name for URLs."""

    data_center: DataCenter | None = None
    """The data center that the network is in."""

    default: bool | None = None
    """Whether the network is the default network of the data center."""


@attrs.frozen(kw_only=True, repr=False)
class VirtualNetwork(Model):
    """A virtual network: a private network of an organization."""

    id: str
    """Katapult's id, ``vnet_...``."""

    name: str | None = None
    """Display name."""

    data_center: DataCenter | None = None
    """The data center that the network is in."""


@attrs.frozen(kw_only=True, repr=False)
class AvailableNetworks(Model):
    """The networks on which an organization can have network interfaces."""

    networks: tuple[Network, ...] = ()
    """Networks that Katapult provides."""

    virtual_networks: tuple[VirtualNetwork, ...] = ()
    """Virtual networks of the organization."""
