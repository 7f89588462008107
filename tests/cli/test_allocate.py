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
    line = ("nics", "allocate-new-ip", objects.interface, "--address-version", objects.version, "-o", "jsonl")
    [record] = command(*line).records()
    assert record["id"] not in before
    assert objects.exists(record["id"])


@pytest.mark.parametrize(
    "line",
    ["allocate-new-ip --address-version ipv4", "allocate --address-version ipv6", "allocate-ip --ip-address ip_1"],
)
def test_allocation_ends_after_the_timeout_with_code_5(line: str, objects: Objects, command: Command) -> None:
    objects.sandbox.faults = Faults(latency=5.0)
    result = command("nics", *line.split(), objects.interface, "--timeout", "0.2")
    assert result.code == 5
    assert result.err.startswith("error: not done within 0.2 s, ")


@pytest.mark.parametrize("by", ["id", "address"])
def test_interface_gets_the_address_that_is_given(by: str, objects: Objects, command: Command) -> None:
    [record] = command(*allocate_line(objects, by), "-o", "jsonl").records()
    assert record["id"] == objects.interface
    assert objects.available in objects.held_by_interface()


def allocate_line(objects: Objects, by: str) -> tuple[str, ...]:
    """Return the command that allocates the available address, named by its id or by the address itself."""
    address = objects.sandbox.store.get(objects.available)
    assert address is not None
    return ("nics", "allocate-ip", objects.interface, "--ip-address", getattr(address, by))


def test_full_disk_after_an_allocation_is_an_error_that_says_the_change_was_made(
    objects: Objects, command: Command
) -> None:
    result = command(*allocate_line(objects, "id"), stdout=FailingStream(errno.ENOSPC))
    assert (result.code, result.err) == (
        1,
        "error: the change was made, but the output cannot be written: No space left on device\n",
    )
    assert objects.mutations() == ["POST"]
