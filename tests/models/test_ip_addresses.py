"""Properties of the models of IP addresses: the parsed address, its version and its network."""

import ipaddress

import pytest

from katapult_async.models import AddressVersion, IPAddress, VirtualMachineAddress


def address(text: str, mask: str | None = None) -> IPAddress:
    return IPAddress(id="ip_1", address=text, address_with_mask=mask)


@pytest.mark.parametrize(
    ("text", "version"), [("198.51.100.7", AddressVersion.IPV4), ("2001:db8:500::1f9", AddressVersion.IPV6)]
)
def test_address_version_is_read_from_the_address_itself(text: str, version: AddressVersion) -> None:
    assert address(text).version is version


def test_short_and_full_text_of_an_ipv6_address_are_the_same_address() -> None:
    assert address("2001:db8::1").ip == address("2001:0db8:0000:0000:0000:0000:0000:0001").ip


def test_addresses_of_one_version_sort_by_number() -> None:
    addresses = sorted(address(text).ip for text in ("198.51.100.10", "198.51.100.9"))
    assert [str(ip) for ip in addresses] == ["198.51.100.9", "198.51.100.10"]


@pytest.mark.parametrize(
    ("mask", "network"),
    [("198.51.100.7/24", "198.51.100.0/24"), ("198.51.100.7", "198.51.100.7/32"), (None, "198.51.100.7/32")],
)
def test_interface_has_the_network_of_the_mask_or_of_the_single_address(mask: str | None, network: str) -> None:
    interface = address("198.51.100.7", mask).interface
    assert interface.ip == ipaddress.ip_address("198.51.100.7")
    assert str(interface.network) == network


@pytest.mark.parametrize("text", ["", "none", "198.51.100.256", "198.51.100.7/24"])
def test_invalid_address_is_kept_as_text_and_raises_when_it_is_parsed(text: str) -> None:
    invalid = address(text)
    assert invalid.address == text
    with pytest.raises(ValueError, match="does not appear to be"):
        _ = invalid.ip


def test_address_of_a_virtual_machine_has_the_same_properties() -> None:
    text, mask = "2001:db8::1", "2001:db8::1/64"
    of_machine, other = VirtualMachineAddress(address=text, address_with_mask=mask), address(text, mask)
    assert (of_machine.ip, of_machine.interface, of_machine.version) == (other.ip, other.interface, other.version)
