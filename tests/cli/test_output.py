"""The writers: what each format makes of no record, of one and of some."""

import io
import json

import pytest
import yaml

from katapult_async.cli.options import FORMATS
from katapult_async.cli.output import Output, PlainRecord, list_writer, single_writer
from tests.cli.conftest import Terminal

COLUMNS = ("id", "network.name", "notes")
FIRST: PlainRecord = {"id": "ip_1", "network.name": "Öffentlich\x1b[2J", "notes": ["a", "b"]}
SECOND: PlainRecord = {"id": "ip_2", "network.name": None, "notes": {"x": True}}


def listed(output_format: str, *records: PlainRecord, stream: io.StringIO | None = None) -> str:
    stream = io.StringIO() if stream is None else stream
    writer = list_writer(output_format, Output(stream), columns=COLUMNS)
    for record in records:
        writer.write(record)
    writer.close()
    return stream.getvalue()


def alone(output_format: str, record: PlainRecord) -> str:
    stream = io.StringIO()
    writer = single_writer(output_format, Output(stream), columns=COLUMNS)
    writer.write(record)
    writer.close()
    return stream.getvalue()


@pytest.mark.parametrize(
    ("output_format", "written"),
    [("table", ""), ("json", "[]\n"), ("jsonl", ""), ("csv", "id,network.name,notes\n"), ("yaml", "[]\n")],
)
def test_an_empty_list_is_a_whole_document(output_format: str, written: str) -> None:
    assert listed(output_format) == written


def test_csv_has_a_header_and_a_row_for_each_record() -> None:
    rows = listed("csv", FIRST, SECOND).splitlines()
    assert rows == ["id,network.name,notes", 'ip_1,Öffentlich\\x1b[2J,"a, b"', 'ip_2,,"{""x"": true}"']
    assert alone("csv", SECOND).splitlines() == [rows[0], rows[2]]


@pytest.mark.parametrize("load", [json.loads, yaml.safe_load])
def test_json_and_yaml_read_back_as_the_same_records(load: object) -> None:
    assert callable(load)
    output_format = "json" if load is json.loads else "yaml"
    assert load(listed(output_format, FIRST, SECOND)) == [FIRST, SECOND]
    assert load(alone(output_format, FIRST)) == FIRST


def test_jsonl_has_one_object_a_line_alone_and_in_a_list() -> None:
    assert [json.loads(line) for line in listed("jsonl", FIRST, SECOND).splitlines()] == [FIRST, SECOND]
    assert json.loads(alone("jsonl", SECOND)) == SECOND


def test_a_table_for_a_pipe_has_one_plain_line_for_each_record() -> None:
    titles, rule, *rows = listed("table", {**FIRST, "notes": "n" * 300}, SECOND).splitlines()
    assert titles.split() == list(COLUMNS)
    assert set(rule) == {"─"}
    assert rows[0].split() == ["ip_1", "Öffentlich\\x1b[2J", "n" * 300]
    assert rows[1].split() == ["ip_2", '{"x":', "true}"]


@pytest.mark.parametrize("width", [40, 80, 100])
def test_a_table_for_a_terminal_keeps_to_its_width_and_cuts_nothing(
    width: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    monkeypatch.setenv("NO_COLOR", "1")
    record: PlainRecord = {"id": "vmnet_Jh0j5cwOMnZl3SrG", "network.name": "x" * 90, "notes": "y" * 90}
    lines = listed("table", record, stream=Terminal()).replace("\x1b[1m", "").replace("\x1b[0m", "").splitlines()
    assert max(map(len, lines)) <= width
    assert sum(line.count("x") for line in lines) == sum(line.count("y") for line in lines) == 90
    assert ("vmnet_Jh0j5cwOMnZl3SrG" in "\n".join(lines)) is (width >= 80)


def test_one_thing_is_a_sheet_with_a_field_a_line() -> None:
    assert alone("table", FIRST).splitlines() == [
        "id             ip_1",
        "network.name   Öffentlich\\x1b[2J",
        "notes          a, b",
    ]


@pytest.mark.parametrize("output_format", [each for each in FORMATS if each != "table"])
def test_what_can_be_written_as_it_comes_is(output_format: str) -> None:
    stream = io.StringIO()
    list_writer(output_format, Output(stream), columns=COLUMNS).write(FIRST)
    assert "ip_1" in stream.getvalue()
