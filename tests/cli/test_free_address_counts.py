"""Counts of free addresses (`available-ips --by` and `--exhausted`), and the message about exhausted networks."""

import collections
import csv
import io
import json
import re

import click
import pytest

from katapult_async import (
    DataCenter,
    IPAddress,
    Network,
    VirtualMachine,
    VirtualMachineNetworkInterface,
    VirtualNetwork,
)
from katapult_async.cli.available_ips import available_ips
from katapult_async.cli.available_ips_output import ErrorRecord, Record
from katapult_async.cli.format_names import FORMATS
from katapult_async.cli.free_address_counts import KEYS, Count, FreeAddresses, count_writer
from katapult_async.cli.location import Location, NamedObject
from katapult_async.cli.output import Output
from katapult_async.models.data_centers import Zone
from katapult_async.sandbox import Sandbox
from tests.cli.conftest import Command, Objects

LONDON, READING = NamedObject(id="dc_1", name="London"), NamedObject(id="dc_2", name="Reading")


def record_with(
    interface: str, *addresses: str, network: str = "Public", data_center: NamedObject = LONDON, version: str = "ipv4"
) -> Record:
    """Return a record of an interface with free addresses."""
    return Record(
        interface_id=interface,
        address_version=version,
        location=Location(
            virtual_machine=NamedObject(id=f"vm_{interface}"),
            network=NamedObject(id=f"netw_{network}_{data_center.id}", name=network),
            data_center=data_center,
        ),
        ip_addresses=tuple(IPAddress(id=f"ip_{address}", address=address) for address in addresses),
    )


def counts(*records: Record, by: str = "network") -> list[Count]:
    """Return the counts of the free addresses in records."""
    free = FreeAddresses(by)
    for record in records:
        free.add(record)
    return free.counts()


def exhausted_messages(*records: Record) -> list[str]:
    """Return the messages about exhausted networks that are shown after records."""
    free = FreeAddresses()
    for record in records:
        free.add(record)
    return list(free.exhausted_networks())


def test_address_that_is_free_for_two_interfaces_is_counted_once() -> None:
    [count] = counts(record_with("a", "192.0.2.1", "192.0.2.2"), record_with("b", "192.0.2.2"))
    assert (count.name, count.interfaces, count.free_ipv4, count.free_ipv6) == ("Public", 2, 2, None)


def test_counts_are_sorted_by_exhaustion_then_data_center_then_name() -> None:
    networks = counts(
        record_with("a", "192.0.2.1", network="B"),
        record_with("b", "192.0.2.2", network="A"),
        record_with("c", network="Z", data_center=READING),
    )
    assert [(count.name, count.exhausted) for count in networks] == [("Z", ("ipv4",)), ("A", ()), ("B", ())]


def test_network_is_exhausted_only_if_no_interface_on_it_has_a_free_address() -> None:
    assert [count.exhausted for count in counts(record_with("a"), record_with("b", "192.0.2.1"))] == [()]


def test_failed_query_makes_the_count_unknown_and_nothing_exhausted() -> None:
    failed = Record(
        interface_id="a",
        address_version="ipv4",
        location=record_with("a").location,
        error=ErrorRecord(type="ConnectError", description="no connection"),
    )
    [count] = counts(failed)
    assert (count.failed, count.free_ipv4, count.exhausted) == (1, None, ())


def test_virtual_network_is_not_exhausted() -> None:
    location = Location(virtual_network=NamedObject(id="vnet_1", name="Internal"))
    [count] = counts(Record(interface_id="a", address_version="ipv4", location=location))
    assert (count.name, count.free_ipv4, count.exhausted) == ("Internal", 0, ())


def test_message_names_the_exhausted_networks_of_each_address_version() -> None:
    assert exhausted_messages(
        record_with("a"),
        record_with("b", "192.0.2.1", network="Other"),
        record_with("b", network="Other", version="ipv6"),
    ) == [
        "1 of 2 networks has no free IPv4 address: Public, London",
        "1 of 2 networks has no free IPv6 address: Other, London",
    ]
    assert exhausted_messages(record_with("a", "192.0.2.1")) == []


def test_message_names_five_networks_and_counts_the_others() -> None:
    [line] = exhausted_messages(*(record_with(str(number), network=f"N{number}") for number in range(8)))
    names = "; ".join(f"N{number}, London" for number in range(5))
    assert line == f"8 of 8 networks have no free IPv4 address: {names} and 3 more"


def test_networks_of_the_same_name_are_distinguished_by_their_ids() -> None:
    same = Record(
        interface_id="b",
        address_version="ipv4",
        location=Location(network=NamedObject(id="netw_other", name="Public"), data_center=LONDON),
    )
    [line] = exhausted_messages(record_with("a"), same)
    assert "Public, London (netw_Public_dc_1); Public, London (netw_other)" in line


def test_location_of_a_listed_interface_takes_the_data_center_of_its_machine() -> None:
    """A list of interfaces omits the data center of the network."""
    zone = Zone(id="zone_1", data_center=DataCenter(id="dc_1", name="London"))
    interface = VirtualMachineNetworkInterface(
        id="vmnet_1",
        virtual_machine=VirtualMachine(id="vm_1", name="web-1", fqdn="web-1.acme.example", zone=zone),
        network=Network(id="netw_1", name="Public"),
    )
    assert Location.of(interface) == Location(
        virtual_machine=NamedObject(id="vm_1", name="web-1.acme.example"),
        network=NamedObject(id="netw_1", name="Public"),
        data_center=LONDON,
    )


def test_location_of_an_interface_on_a_virtual_network_names_the_virtual_network() -> None:
    virtual = VirtualNetwork(id="vnet_1", name="Internal", data_center=DataCenter(id="dc_1", name="London"))
    location = Location.of(VirtualMachineNetworkInterface(id="vmnet_1", virtual_network=virtual))
    assert location == Location(virtual_network=NamedObject(id="vnet_1", name="Internal"), data_center=LONDON)


@pytest.mark.parametrize("output_format", FORMATS)
def test_writer_without_records_writes_an_empty_list(output_format: str) -> None:
    stream = io.StringIO()
    count_writer(output_format, Output(stream), by="network").close()
    empty = {
        "table": "",
        "jsonl": "",
        "tsv": "",
        "csv": "id,name,data_center,interfaces,free_ipv4,free_ipv6,failed,exhausted\n",
    }
    assert stream.getvalue() == empty.get(output_format, "[]\n")


@pytest.mark.usefixtures("sandbox")
@pytest.mark.parametrize("by", KEYS)
def test_command_counts_the_addresses_of_the_records(by: str, command: Command) -> None:
    """The expected counts are made of the records that the command writes without ``--by``."""
    key = {"network": "network", "data-center": "data_center", "machine": "virtual_machine"}[by]
    free: dict[str, set[str]] = collections.defaultdict(set)
    for record in command("available-ips", "--all", "--address-version", "ipv4", "-o", "jsonl").records():
        free[record["location"][key]["id"]].update(address["id"] for address in record["ip_addresses"])
    result = command("available-ips", "--all", "--address-version", "ipv4", "--by", by, "-o", "json")
    assert {count["id"]: count["free_ipv4"] for count in json.loads(result.out)} == {
        identifier: len(addresses) for identifier, addresses in free.items()
    }
    rows = csv.DictReader(io.StringIO(command("available-ips", "--all", "--by", by, "-o", "csv").out))
    assert {row["id"] for row in rows} == set(free)
    assert len(command("available-ips", "--all", "--by", by).out.splitlines()) == len(free) + 1


def test_table_has_no_column_without_a_value() -> None:
    for records, titles in (
        ([record_with("a", "192.0.2.1")], ["Network", "Interfaces", "Free IPv4"]),
        (
            [record_with("a"), record_with("b", "::1", version="ipv6")],
            ["Network", "Interfaces", "Free IPv4", "Free IPv6", "Exhausted"],
        ),
    ):
        stream = io.StringIO()
        writer = count_writer("table", Output(stream), by="network")
        for record in records:
            writer.write(record)
        writer.close()
        assert re.split(r" {2,}", stream.getvalue().splitlines()[0]) == titles


def test_exhausted_networks_are_those_without_free_addresses_and_those_with_failures() -> None:
    stream = io.StringIO()
    writer = count_writer("csv", Output(stream), by="network", fields=("name", "free_ipv4"), exhausted=True)
    failed = Record(
        interface_id="c",
        address_version="ipv4",
        location=record_with("c", network="Unknown").location,
        error=ErrorRecord(type="ConnectError", description="no connection"),
    )
    for record in (record_with("a", network="Full"), record_with("b", "192.0.2.1", network="Free"), failed):
        writer.write(record)
    writer.close()
    assert stream.getvalue() == "name,free_ipv4\nFull,0\nUnknown,\n"


@pytest.mark.usefixtures("sandbox")
@pytest.mark.parametrize(
    ("options", "versions"), [([], "ipv4"), (["--address-version", "both"], "both")], ids=["no version", "both"]
)
def test_option_exhausted_queries_ipv4_unless_a_version_is_given(
    options: list[str], versions: str, command: Command
) -> None:
    everything = command("available-ips", "--all", "--address-version", versions, "-o", "jsonl").records()
    expected = {
        (record["interface_id"], record["address_version"])
        for record in everything
        if not record["ip_addresses"] and "virtual_network" not in record["location"]
    }
    assert expected
    written = command("available-ips", "--all", "--exhausted", *options, "-o", "jsonl").records()
    assert {(record["interface_id"], record["address_version"]) for record in written} == expected
    networks = command("available-ips", "--all", "--by", "network", "--exhausted", *options, "-o", "jsonl").records()
    assert {network["id"] for network in networks} == {record["location"]["network"]["id"] for record in written}
    assert all(network["exhausted"] for network in networks)


def test_message_shows_that_nothing_is_exhausted(sandbox: Sandbox, command: Command) -> None:
    body = b'{"ip_addresses": [{"id": "ip_1", "address": "192.0.2.1"}]}'
    times = len(sandbox.store.interfaces)
    sandbox.fail_next(status=200, times=times, body=body, matching="/available_ips")
    result = command("available-ips", "--all", "--exhausted")
    assert (result.code, result.out) == (0, "")
    assert result.err.endswith("no network without free addresses was found\n")


@pytest.mark.parametrize("path", ["/available_ips", "/virtual_machines"])
def test_failed_query_or_list_hides_the_message_that_nothing_is_exhausted(
    path: str, objects: Objects, command: Command
) -> None:
    objects.sandbox.fail_next(code="validation_error", status=422, times=1000, matching=path)
    result = command("available-ips", "--all", "--exhausted")
    assert result.code == 6
    assert "no network without" not in result.err
    assert "nothing to query" not in result.err


def test_choices_of_the_option_by_are_the_keys_of_the_counts() -> None:
    [option] = [option for option in available_ips.params if option.name == "by"]
    assert isinstance(option.type, click.Choice)
    assert list(option.type.choices) == list(KEYS)
