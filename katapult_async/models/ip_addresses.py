"""IP addresses, free or allocated."""

import enum
import ipaddress
from typing import Literal

import attrs

from katapult_async.models.model import Model
from katapult_async.models.networks import Network
from katapult_async.models.typed_objects import TypedObject


class AddressVersion(enum.StrEnum):
    """An address version. Katapult has no value for both versions: make a call for each."""

    IPV4 = "ipv4"
    IPV6 = "ipv6"


IPVersion = Literal["ipv4", "ipv6"] | AddressVersion
"""An address version as an argument."""


@attrs.frozen(kw_only=True, repr=False)
class Subnet(Model):
    """The subnet that an address is taken from. Sent since July 2026, and not documented."""

    id: str
    """Katapult's id, ``sbnt_...``."""

    address: str | None = None
    """First address of the subnet."""

    gateway: str | None = None
    """Address of the router."""

    mask: int | None = None
    """Length of the prefix in bits."""

    billable: bool | None = None
    """Whether Katapult charges for addresses of the subnet."""

    version: int | None = None
    """4 or 6."""


@attrs.frozen(kw_only=True, repr=False)
class Address(Model):
    """What all IP addresses have.

    Compare addresses by `ip`, not by their text: Katapult has written the same IPv6 address both shortened and padded
    with zeros.
    """

    address: str
    """The address as text, without its mask."""

    address_with_mask: str | None = None
    """The address and the length of its prefix, such as ``198.51.100.7/24``."""

    @property
    def ip(self) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
        """The address as an object that compares and sorts by number. ValueError if Katapult sent no valid address."""
        return ipaddress.ip_address(self.address)

    @property
    def interface(self) -> ipaddress.IPv4Interface | ipaddress.IPv6Interface:
        """The address with its network; with a prefix of full length where Katapult sent no mask."""
        return ipaddress.ip_interface(self.address_with_mask or self.address)

    @property
    def version(self) -> AddressVersion:
        """The address version. Katapult sends no field for it, so it is read from the address."""
        return AddressVersion(f"ipv{self.ip.version}")


@attrs.frozen(kw_only=True, repr=False)
class IPAddress(Address):
    """An IP address."""

    id: str
    """Katapult's id, ``ip_...``."""

    address: str
    """The address as text, without its mask."""

    reverse_dns: str | None = None
    """Domain name that the address resolves to."""

    vip: bool | None = None
    """Whether the address can move between virtual machines (a virtual IP)."""

    label: str | None = None
    """Name of a virtual IP; other addresses have none. ``ip_addresses.list`` omits it."""

    address_with_mask: str | None = None
    """The address and the length of its prefix, such as ``198.51.100.7/24``; ``ip_addresses.list`` omits it."""

    network: Network | None = None
    """The network that the address belongs to; ``ip_addresses.list`` omits it."""

    subnet: Subnet | None = None
    """The subnet that the address is taken from."""

    allocation_id: str | None = None
    """Id of the object that the address is allocated to; None while the address is free."""

    allocation_type: str | None = None
    """Type of the object that the address is allocated to, such as ``VirtualMachine``; None while it is free."""

    allocation: TypedObject | None = None
    """The object that the address is allocated to; its type is ``VirtualMachine`` or ``LoadBalancer`` so far. Only
    ``ip_addresses.get`` returns it."""
