"""What `available-ips` writes of a record: in each format, whole and by fields."""

import csv
import io
import json
import re
from collections.abc import Sequence

import pytest
import yaml

from katapult_async import DataCenter, IPAddress, Network
from katapult_async.cli.asking import FORMATS
from katapult_async.cli.output import Output
from katapult_async.cli.records import ErrorRecord, Record
from katapult_async.cli.report import COLUMNS, report
from katapult_async.sandbox import Sandbox
from tests.cli.conftest import Command

NETWORK = Network(id="netw_1", name="Public", data_center=DataCenter(id="dc_1", name="London"))
ANSWERED = Record(
    interface_id="vmnet_2",
    address_version="ipv4",
    ip_addresses=tuple(IPAddress(id=f"ip_{each}", address=f"192.0.2.{each}", network=NETWORK) for each in (1, 2, 3)),
)
EMPTY = Record(interface_id="vmnet_1", address_version="ipv6")
FAILED = Record(
    interface_id="vmnet_1",
    address_version="ipv4",
    error=ErrorRecord(type="NotFoundError", code="no_such", status=404, description="No such thing.", attempts=1),
)
ALL = (ANSWERED, EMPTY, FAILED)


def written(output_format: str, *records: Record, fields: Sequence[str] | None = None) -> str:
    stream = io.StringIO()
    writer = report(output_format, Output(stream), fields=fields)
    for record in records:
        writer.write(record)
    writer.close()
    return stream.getvalue()


def test_a_line_of_a_job_is_what_it_has_been_byte_for_byte() -> None:
    address = IPAddress(id="ip_1", address="192.0.2.1", label="\u00d6")
    lines = written("jsonl", Record(interface_id="vmnet_1", address_version="ipv4", ip_addresses=(address,)), FAILED)
    assert lines == (
        '{"interface_id": "vmnet_1", "address_version": "ipv4", "ip_addresses": [{"id": "ip_1", '
        '"address": "192.0.2.1", "reverse_dns": null, "vip": null, "label": "\\u00d6", "address_with_mask": null, '
        '"network": null, "subnet": null, "allocation_id": null, "allocation_type": null, "allocation": null}], '
        '"error": null}\n'
        '{"interface_id": "vmnet_1", "address_version": "ipv4", "ip_addresses": [], "error": {'
        '"type": "NotFoundError", "code": "no_such", "status": 404, "description": "No such thing.", '
        '"request_id": null, "attempts": 1, "detail": null}}\n'
    )


def test_yaml_and_json_have_what_the_lines_have() -> None:
    lines = [json.loads(line) for line in written("jsonl", *ALL).splitlines()]
    assert yaml.safe_load(written("yaml", *ALL)) == json.loads(written("json", *ALL)) == lines


def test_csv_has_a_row_for_each_address_under_the_documented_columns() -> None:
    rows = list(csv.reader(io.StringIO(written("csv", *ALL))))
    assert rows[0] == list(COLUMNS)
    assert [row[:4] for row in rows[1:4]] == [
        ["vmnet_2", "ipv4", f"ip_{each}", f"192.0.2.{each}"] for each in (1, 2, 3)
    ]
    assert rows[1][4:] == ["", "", "netw_1", "Public", "dc_1", "London", "", ""]
    assert rows[4] == ["vmnet_1", "ipv6", *[""] * 10]
    assert rows[5] == ["vmnet_1", "ipv4", *[""] * 8, "NotFoundError", "NotFoundError: No such thing (no_such)"]


@pytest.mark.parametrize(
    ("fields", "rows"),
    [
        (("ip_addresses.address",), ["192.0.2.1", "192.0.2.2", "192.0.2.3", '""', '""']),
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
def test_fields_of_a_csv_have_a_row_for_each_address_only_if_they_are_about_addresses(
    fields: tuple[str, ...], rows: list[str]
) -> None:
    assert written("csv", *ALL, fields=fields).splitlines() == [",".join(fields), *rows]


@pytest.mark.parametrize("output_format", ["json", "jsonl", "yaml"])
def test_fields_are_the_keys_of_a_record_in_their_order(output_format: str) -> None:
    text = written(output_format, *ALL, fields=("ip_addresses.id", "interface_id", "error.status"))
    found = [json.loads(line) for line in text.splitlines()] if output_format == "jsonl" else yaml.safe_load(text)
    assert [list(each.items()) for each in found] == [
        [("ip_addresses.id", ["ip_1", "ip_2", "ip_3"]), ("interface_id", "vmnet_2"), ("error.status", None)],
        [("ip_addresses.id", []), ("interface_id", "vmnet_1"), ("error.status", None)],
        [("ip_addresses.id", []), ("interface_id", "vmnet_1"), ("error.status", 404)],
    ]


def test_the_table_is_sorted_and_shows_the_first_addresses() -> None:
    _, _, *rows = written("table", *ALL).splitlines()
    assert [re.split(r" {2,}", row) for row in rows] == [
        ["vmnet_1", "ipv4", "-", "NotFoundError: No such thing (no_such)"],
        ["vmnet_1", "ipv6", "0"],
        ["vmnet_2", "ipv4", "3", "192.0.2.1, 192.0.2.2, +1", "Public, London"],
    ]


def test_a_table_of_fields_is_sorted_alike_and_shows_all_of_them() -> None:
    titles, _, *rows = written("table", *ALL, fields=("address_version", "ip_addresses.address")).splitlines()
    assert titles.split() == ["address_version", "ip_addresses.address"]
    assert [row.split(maxsplit=1) for row in rows] == [["ipv4"], ["ipv6"], ["ipv4", "192.0.2.1, 192.0.2.2, 192.0.2.3"]]


@pytest.mark.parametrize("output_format", FORMATS)
@pytest.mark.parametrize("group", [(), ("nics",)])
def test_the_command_writes_fields_in_every_format(
    group: tuple[str, ...], output_format: str, sandbox: Sandbox, command: Command
) -> None:
    interface, address = next(
        (each.id, found[0]["address"])
        for each in sandbox.store.interfaces
        if (found := sandbox.store.available_ips(each.id, "ipv4"))
    )
    words = (*group, "available-ips", interface, "--address-version", "ipv4", "-o", output_format)
    result = command(*words, "--fields", "ip_addresses.address")
    assert result.code == 0
    assert str(address) in result.out
    assert interface not in result.out
