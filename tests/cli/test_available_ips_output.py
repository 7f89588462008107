"""The output of `available-ips`: a record in each format, complete or with some of its fields."""

import csv
import io
import json
import re
from collections.abc import Sequence

import attrs
import pytest
import yaml

from katapult_async import (
    AddressQuery,
    AddressVersion,
    DataCenter,
    IPAddress,
    Network,
    NotFoundError,
    Problem,
    Succeeded,
    UsageError,
)
from katapult_async.cli.available_ips_output import COLUMNS, ErrorRecord, Record, failures_last, record_writer
from katapult_async.cli.format_names import FORMATS
from katapult_async.cli.location import Location, NamedObject
from katapult_async.cli.output import Output
from katapult_async.sandbox import Sandbox
from tests.cli.conftest import Command

NETWORK = Network(id="netw_1", name="Public", data_center=DataCenter(id="dc_1", name="London"))
LOCATION = Location(network=NamedObject(id="netw_1", name="Public"), data_center=NamedObject(id="dc_1", name="London"))
ANSWERED = Record(
    interface_id="vmnet_2",
    address_version="ipv4",
    location=LOCATION,
    ip_addresses=tuple(
        IPAddress(id=f"ip_{number}", address=f"192.0.2.{number}", network=NETWORK) for number in (1, 2, 3)
    ),
)
EMPTY = Record(interface_id="vmnet_1", address_version="ipv6")
FAILED = Record(
    interface_id="vmnet_1",
    address_version="ipv4",
    error=ErrorRecord(type="NotFoundError", code="no_such", status=404, description="No such interface.", attempts=1),
)
ALL = (ANSWERED, EMPTY, FAILED)


def written(output_format: str, *records: Record, fields: Sequence[str] | None = None) -> str:
    """Return what is written for records in a format."""
    stream = io.StringIO()
    writer = record_writer(output_format, Output(stream), fields=fields)
    for record in records:
        writer.write(record)
    writer.close()
    return stream.getvalue()


def test_line_of_jsonl_has_its_documented_bytes() -> None:
    address = IPAddress(id="ip_1", address="192.0.2.1", label="\u00d6")
    lines = written("jsonl", Record(interface_id="vmnet_1", address_version="ipv4", ip_addresses=(address,)), FAILED)
    assert lines == (
        '{"interface_id": "vmnet_1", "address_version": "ipv4", "location": {}, "ip_addresses": [{"id": "ip_1", '
        '"address": "192.0.2.1", "reverse_dns": null, "vip": null, "label": "\\u00d6", "address_with_mask": null, '
        '"network": null, "subnet": null, "allocation_id": null, "allocation_type": null, "allocation": null}], '
        '"error": null}\n'
        '{"interface_id": "vmnet_1", "address_version": "ipv4", "location": {}, "ip_addresses": [], "error": {'
        '"type": "NotFoundError", "code": "no_such", "status": 404, "description": "No such interface.", '
        '"request_id": null, "attempts": 1, "detail": null}}\n'
    )


def test_yaml_and_json_have_the_records_of_jsonl() -> None:
    lines = [json.loads(line) for line in written("jsonl", *ALL).splitlines()]
    assert yaml.safe_load(written("yaml", *ALL)) == json.loads(written("json", *ALL)) == lines


def test_csv_has_a_row_for_each_address_under_the_documented_columns() -> None:
    rows = list(csv.reader(io.StringIO(written("csv", *ALL))))
    assert rows[0] == list(COLUMNS)
    assert [row[:5] for row in rows[1:4]] == [
        ["vmnet_2", "ipv4", "", f"ip_{number}", f"192.0.2.{number}"] for number in (1, 2, 3)
    ]
    assert rows[1][5:] == ["", "", "netw_1", "Public", "dc_1", "London", "", ""]
    assert rows[4] == ["vmnet_1", "ipv6", *[""] * 11]
    assert rows[5] == ["vmnet_1", "ipv4", *[""] * 9, "NotFoundError", "No such interface (no_such)"]


@pytest.mark.parametrize(
    ("fields", "rows"),
    [
        (("ip_addresses.address",), ["192.0.2.1", "192.0.2.2", "192.0.2.3", '""', '""']),
        (("address", "error_message"), ["192.0.2.1,", "192.0.2.2,", "192.0.2.3,", ",", ",No such interface (no_such)"]),
        (
            ("interface_id", "ip_addresses.network.name"),
            ["vmnet_2,Public", "vmnet_2,Public", "vmnet_2,Public", "vmnet_1,", "vmnet_1,"],
        ),
        (
            ("address_version", "interface_id", "error.code"),
            ["ipv4,vmnet_2,", "ipv6,vmnet_1,", "ipv4,vmnet_1,no_such"],
        ),
    ],
)
def test_csv_and_tsv_of_fields_have_a_row_for_each_address_only_if_a_field_is_about_addresses(
    fields: tuple[str, ...], rows: list[str]
) -> None:
    assert written("csv", *ALL, fields=fields).splitlines() == [",".join(fields), *rows]
    tabs = [row.replace('""', "").replace(",", "\t") for row in rows]
    assert written("tsv", *ALL, fields=fields).splitlines() == tabs


@pytest.mark.parametrize("output_format", ["json", "jsonl", "yaml"])
def test_fields_are_the_keys_of_a_record_in_their_order(output_format: str) -> None:
    text = written(output_format, *ALL, fields=("ip_addresses.id", "interface_id", "error.status"))
    parsed = [json.loads(line) for line in text.splitlines()] if output_format == "jsonl" else yaml.safe_load(text)
    assert [list(record.items()) for record in parsed] == [
        [("ip_addresses.id", ["ip_1", "ip_2", "ip_3"]), ("interface_id", "vmnet_2"), ("error.status", None)],
        [("ip_addresses.id", []), ("interface_id", "vmnet_1"), ("error.status", None)],
        [("ip_addresses.id", []), ("interface_id", "vmnet_1"), ("error.status", 404)],
    ]


def test_table_is_sorted_and_shows_the_first_addresses() -> None:
    _, *rows = written("table", *ALL).splitlines()
    assert [re.split(r" {2,}", row) for row in rows] == [
        ["vmnet_1", "ipv4", "-", "No such interface (no_such)"],
        ["vmnet_1", "ipv6", "0"],
        ["vmnet_2", "ipv4", "3", "192.0.2.1, 192.0.2.2, +1", "Public, London"],
    ]


def test_table_of_all_interfaces_is_sorted_by_machine_and_shows_one_address() -> None:
    def location_of(machine: str) -> Location:
        return attrs.evolve(LOCATION, virtual_machine=NamedObject(id="vm_1", name=machine))

    stream = io.StringIO()
    writer = record_writer("table", Output(stream), by_machine=True)
    for record, machine in ((ANSWERED, "web-1.acme.example"), (FAILED, "db-1.acme.example")):
        writer.write(attrs.evolve(record, location=location_of(machine)))
    writer.close()
    titles, *rows = stream.getvalue().splitlines()
    assert titles.split() == ["Machine", "Network", "IP", "Free", "First", "address"]
    assert [re.split(r" {2,}", row) for row in rows] == [
        ["db-1.acme.example", "Public, London", "ipv4", "-", "No such interface (no_such)"],
        ["web-1.acme.example", "Public, London", "ipv4", "3", "192.0.2.1"],
    ]


def test_table_of_fields_is_sorted_and_shows_all_addresses() -> None:
    titles, *rows = written("table", *ALL, fields=("address_version", "ip_addresses.address")).splitlines()
    assert titles.split() == ["address_version", "ip_addresses.address"]
    assert [row.split(maxsplit=1) for row in rows] == [["ipv4"], ["ipv6"], ["ipv4", "192.0.2.1, 192.0.2.2, 192.0.2.3"]]


def test_table_shows_the_virtual_network_of_an_interface_that_has_no_network() -> None:
    location = Location(virtual_network=NamedObject(id="vnet_1", name="Internal"), data_center=LOCATION.data_center)
    _, row = written("table", Record(interface_id="vmnet_1", address_version="ipv4", location=location)).splitlines()
    assert row.endswith("Internal, London")


@pytest.mark.parametrize("output_format", FORMATS)
@pytest.mark.parametrize("group", [(), ("nics",)])
def test_command_writes_fields_in_every_format(
    group: tuple[str, ...], output_format: str, sandbox: Sandbox, command: Command
) -> None:
    store = sandbox.store
    interface = next(obj.id for obj in store.interfaces if store.free_addresses(obj.id, "ipv4"))
    address = store.free_addresses(interface, "ipv4")[0].address
    words = (*group, "available-ips", interface, "--address-version", "ipv4", "-o", output_format)
    result = command(*words, "--fields", "ip_addresses.address")
    assert result.code == 0
    assert address in result.out
    assert interface not in result.out


PROBLEM = Problem(
    method="GET", path="/x", description="no.", status=404, code="x_not_found", request_id="r", attempts=2
)
QUERY = AddressQuery("vmnet_1", AddressVersion.IPV4)
CONTROL_CHARACTERS = "\x1b[31m[bold]x\x9b\r\n\u202e"


def test_error_record_of_a_request_has_status_code_and_request_id() -> None:
    assert attrs.asdict(ErrorRecord.of(NotFoundError(PROBLEM))) == {
        "type": "NotFoundError",
        "code": "x_not_found",
        "status": 404,
        "description": "no.",
        "request_id": "r",
        "attempts": 2,
        "detail": None,
    }


def test_error_without_a_request_has_its_text() -> None:
    record = ErrorRecord.of(UsageError("no such id"))
    assert (record.type, record.description, record.code, record.attempts) == ("UsageError", "no such id", None, 0)
    assert record.message == "no such id"


def test_message_of_an_error_has_katapults_code() -> None:
    assert ErrorRecord.of(NotFoundError(PROBLEM)).message == "no (x_not_found)"


@pytest.mark.parametrize("output_format", FORMATS)
def test_no_format_lets_a_value_of_the_server_control_the_terminal(output_format: str) -> None:
    network = Network(id="netw_1", name=CONTROL_CHARACTERS, data_center=DataCenter(id="dc_1", name=CONTROL_CHARACTERS))
    stream = io.StringIO()
    writer = record_writer(output_format, Output(stream))
    writer.write(Record.of(Succeeded(QUERY, [IPAddress(id="ip_1", address="192.0.2.1", network=network)])))
    writer.close()
    text = stream.getvalue()
    assert not set("\x1b\x9b\r\u202e") & set(text)
    assert "[bold]x" in text
    if output_format == "jsonl":
        assert json.loads(text)["ip_addresses"][0]["network"]["name"] == CONTROL_CHARACTERS
    if output_format == "csv":
        assert len(list(csv.reader(io.StringIO(text)))) == 2


def test_csv_has_empty_cells_where_katapult_sent_nothing() -> None:
    stream = io.StringIO()
    bare = IPAddress(id="ip_1", address="192.0.2.1")
    writer = record_writer("csv", Output(stream))
    writer.write(Record.of(Succeeded(QUERY, [bare, attrs.evolve(bare, network=Network(id="netw_1"))])))
    assert stream.getvalue().splitlines()[1:] == [
        "vmnet_1,ipv4,,ip_1,192.0.2.1,,,netw_1,,,,,",
        "vmnet_1,ipv4,,ip_1,192.0.2.1,,,netw_1,,,,,",
    ]


def test_failures_are_written_to_a_file_after_all_answers() -> None:
    stream = io.StringIO()
    writer = failures_last(record_writer("jsonl", Output(stream)))
    for record in (FAILED, ANSWERED, FAILED, EMPTY):
        writer.write(record)
    assert 'error": {' not in stream.getvalue()
    writer.close()
    errors = [json.loads(line)["error"] is not None for line in stream.getvalue().splitlines()]
    assert errors == [False, False, True, True]
