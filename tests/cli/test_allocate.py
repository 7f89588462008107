"""The allocation of an address to an interface."""

import errno

import pytest

from katapult_async.sandbox import Faults
from katapult_async.sandbox.models import IPAddress
from tests.cli.conftest import Command, FailingStream, Objects


def test_interface_gets_the_first_available_address(objects: Objects, command: Command) -> None:
    result = command("nics", "allocate", objects.interface, "--address-version", objects.version, "-o", "jsonl")
    [record] = result.records()
    assert (result.code, result.err) == (0, "")
    assert record["id"] in objects.held_by_interface()


def test_interface_gets_a_new_address(objects: Objects, command: Command) -> None:
    before = {address.id for address in objects.sandbox.store.all(IPAddress)}
    line = ("nics", "allocate", objects.interface, "--new", "--address-version", objects.version, "-o", "jsonl")
    [record] = command(*line).records()
    assert record["id"] not in before
    assert objects.exists(record["id"])


@pytest.mark.parametrize("options", ["--new --address-version ipv4", "--address-version ipv6", "--address ip_1"])
def test_allocation_ends_after_the_timeout_with_code_5(options: str, objects: Objects, command: Command) -> None:
    objects.sandbox.faults = Faults(latency=5.0)
    result = command("nics", "allocate", objects.interface, *options.split(), "--timeout", "0.2")
    assert result.code == 5
    assert result.err.startswith("error: not done within 0.2 s, ")


@pytest.mark.parametrize("by", ["id", "address"])
def test_interface_gets_the_address_that_is_given(by: str, objects: Objects, command: Command) -> None:
    [record] = command(*allocate_line(objects, by), "-o", "jsonl").records()
    assert record["id"] == objects.available
    assert [record] == command("ips", "get", objects.available, "-o", "jsonl").records()
    assert None not in (record["address_with_mask"], record["reverse_dns"], record["network"])


def allocate_line(objects: Objects, by: str) -> tuple[str, ...]:
    """Return the command that allocates the available address, named by its id or by the address itself."""
    address = objects.sandbox.store.get(objects.available)
    assert address is not None
    return ("nics", "allocate", objects.interface, "--address", getattr(address, by))


@pytest.mark.parametrize("by", ["id", "address"])
@pytest.mark.parametrize("code", ["scope_not_granted", "ip_address_not_found"])
def test_allocation_succeeds_even_if_reading_the_address_fails_afterwards(
    by: str, code: str, objects: Objects, command: Command
) -> None:
    objects.sandbox.fail_next(code=code, matching="GET /core/v1/ip_addresses/")
    address = objects.sandbox.store.get(objects.available)
    assert address is not None
    result = command(*allocate_line(objects, by), "-o", "jsonl")
    [record] = result.records()
    assert result.code == 0
    assert (record["id"], record["address"]) == (address.id, address.address)
    assert result.err.startswith("the address is allocated, but not all of its fields could be read: ")
    assert address.id in objects.held_by_interface()


@pytest.mark.parametrize("by", ["id", "address"])
def test_allocation_succeeds_even_if_no_response_names_the_address(by: str, objects: Objects, command: Command) -> None:
    interface = b'{"virtual_machine_network_interface": {"id": "vmnet_1"}}'
    objects.sandbox.fail_next(status=200, body=interface, matching="allocate_ip")
    objects.sandbox.fail_next(code="scope_not_granted", matching="GET /core/v1/ip_addresses/")
    line = allocate_line(objects, by)
    result = command(*line, "-o", "jsonl")
    [record] = result.records()
    assert result.code == 0
    assert line[-1] in {record["id"], record["address"]}


def test_full_disk_after_an_allocation_is_an_error_that_says_the_change_was_made(
    objects: Objects, command: Command
) -> None:
    result = command(*allocate_line(objects, "id"), stdout=FailingStream(errno.ENOSPC))
    assert (result.code, result.err) == (
        1,
        "error: the change was made, but the output cannot be written: No space left on device\n",
    )
    assert objects.mutations() == ["POST"]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("nics allocate vmnet_1", "give --address-version, or --address"),
        ("nics allocate vmnet_1 --address ip_1 --address-version ipv4", "give --address-version, or --address"),
        ("nics allocate vmnet_1 --address ip_1 --new", "give --address or --new, not both"),
        ("nics allocate vmnet_1 --address-version ipv5", "'ipv5' is not one of 'ipv4', 'ipv6'"),
    ],
)
def test_options_that_exclude_each_other_are_an_error(
    line: str, message: str, objects: Objects, command: Command
) -> None:
    result = command(*line.split())
    assert (result.code, result.out, list(objects.sandbox.request_log)) == (2, "", [])
    assert message in result.err
