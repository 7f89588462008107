"""Parts of a new virtual machine: its disks and network interfaces."""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address
from typing import Literal

import attrs

from katapult_async.errors import UsageError
from katapult_async.models.ip_addresses import IPVersion
from katapult_async.models.lookups import Permalink


@attrs.frozen(kw_only=True)
class NewDisk:
    """A disk of a new virtual machine."""

    size_in_gb: int
    """Size in GB."""

    name: str | None = None
    """Display name."""

    system: bool | None = None
    """Whether the disk is the system disk, which the disk template is installed on. A machine has exactly one."""

    storage_speed: Literal["nvme", "ssd"] | None = None
    """Type of storage; None for Katapult's default."""

    io_profile: str | Permalink | None = None
    """Id of the IO profile, or its ``Permalink``; see ``disk_io_profiles.list``."""

    initial_file_system: Literal["ext4", "xfs"] | None = None
    """File system to format the disk with; None for no file system."""


@attrs.frozen(kw_only=True)
class NewNetworkInterface:
    """A network interface of a new virtual machine, on a network or on a virtual network."""

    network: str | Permalink | None = None
    """Id of the network, or its ``Permalink``."""

    virtual_network: str | None = None
    """Id of the virtual network, in place of a network."""

    speed_profile: str | Permalink | None = None
    """Id of the speed profile, or its ``Permalink``; None for Katapult's default."""

    ip_addresses: Sequence[str | IPv4Address | IPv6Address] = ()
    """Addresses of the organization to allocate: ids, or ``ipaddress.ip_address("203.0.113.7")``."""

    new_ip_addresses: Sequence[IPVersion] = ()
    """Address versions: for each item, one new address of this version is reserved and allocated."""

    def __attrs_post_init__(self) -> None:
        if (self.network is None) == (self.virtual_network is None):
            raise UsageError("give either network or virtual_network")
