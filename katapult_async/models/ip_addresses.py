"""IP addresses, free or allocated."""

import enum
import ipaddress

import attrs

from katapult_async.models.networks import Network


class AddressVersion(enum.StrEnum):
    """An address family. Katapult has no value for both: ask twice."""

    IPV4 = "ipv4"
    IPV6 = "ipv6"


@attrs.frozen(kw_only=True)
class Subnet:
    """The block that an address is taken from. Sent since July 2026, and documented nowhere."""

    id: str
    """Katapult's id, ``sbnt_...``."""

    address: str | None = None
    """First address of the block."""

    gateway: str | None = None
    """Address of its router."""

    mask: int | None = None
    """Length of its prefix, in bits."""

    billable: bool | None = None
    """Whether addresses of it cost money."""

    version: int | None = None
    """4 or 6."""


@attrs.frozen(kw_only=True)
class AllocationTarget:
    """What holds an address, as far as Katapult shows it there."""

    id: str | None = None
    """Katapult's id of it."""

    name: str | None = None
    """Name for people."""


@attrs.frozen(kw_only=True)
class Allocation:
    """What an address is allocated to. On the wire any kind of thing has this form: its type beside its value."""

    type: str | None = None
    """Kind of thing, such as ``VirtualMachine`` or ``LoadBalancer``; Katapult may add some."""

    value: AllocationTarget | None = None
    """The thing."""


@attrs.frozen(kw_only=True)
class IPAddress:
    """One IP address.

    Compare addresses by `ip`, not by their text: Katapult has written the same IPv6 address both shortened
    and padded with zeros.
    """

    id: str
    """Katapult's id, ``ip_...``."""

    address: str
    """The address as text, without its mask."""

    reverse_dns: str | None = None
    """Name that the address resolves back to."""

    vip: bool | None = None
    """Whether it can move between machines (a virtual IP)."""

    label: str | None = None
    """Name that its owner gave it; only virtual IPs have one."""

    address_with_mask: str | None = None
    """The address and the length of its prefix, such as ``198.51.100.7/24``."""

    network: Network | None = None
    """The network that it belongs to."""

    subnet: Subnet | None = None
    """The block that it is taken from."""

    allocation_id: str | None = None
    """Id of what holds the address; None while it is free."""

    allocation_type: str | None = None
    """Kind of what holds the address, such as ``VirtualMachine``; None while it is free."""

    allocation: Allocation | None = None
    """What holds the address, by name. Only ``ip_addresses.get`` tells; None elsewhere, and while it is free."""

    @property
    def ip(self) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
        """The address, to compare, sort and compute with. Raises ValueError if Katapult sent no address."""
        return ipaddress.ip_address(self.address)

    @property
    def interface(self) -> ipaddress.IPv4Interface | ipaddress.IPv6Interface:
        """The address within its network; one with a full-length prefix where Katapult sent no mask."""
        return ipaddress.ip_interface(self.address_with_mask or self.address)

    @property
    def version(self) -> AddressVersion:
        """The family of the address, read from the address itself: Katapult sends no field for it."""
        return AddressVersion(f"ipv{self.ip.version}")
