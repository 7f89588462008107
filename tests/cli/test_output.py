"""Output: what each format writes for no record, one record and several, and how a stream is written."""

import csv
import errno
import fcntl
import io
import json
import os
import select
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator

import pytest
import yaml

from katapult_async.cli.format_names import FORMATS
from katapult_async.cli.output import (
    Output,
    OutputError,
    OutputGoneError,
    PlainRecord,
    cell,
    list_writer,
    single_writer,
)
from katapult_async.models.serialization import Plain
from tests.cli.conftest import FailingStream, process

COLUMNS = ("id", "network.name", "notes")
FIRST: PlainRecord = {"id": "ip_1", "network.name": "Öffentlich\x1b[2J", "notes": ["a", "b"]}
SECOND: PlainRecord = {"id": "ip_2", "network.name": None, "notes": {"x": True}}


def written(output_format: str, *records: PlainRecord) -> str:
    """Return what is written for a list of records."""
    stream = io.StringIO()
    writer = list_writer(output_format, Output(stream), columns=COLUMNS)
    for record in records:
        writer.write(record)
    writer.close()
    return stream.getvalue()


def written_single(output_format: str, record: PlainRecord) -> str:
    """Return what is written for the only record of a command."""
    stream = io.StringIO()
    writer = single_writer(output_format, Output(stream), columns=COLUMNS)
    writer.write(record)
    writer.close()
    return stream.getvalue()


@pytest.mark.parametrize(
    ("output_format", "text"),
    [("table", ""), ("json", "[]\n"), ("jsonl", ""), ("csv", "id,network.name,notes\n"), ("tsv", ""), ("yaml", "[]\n")],
)
def test_empty_list_is_a_complete_document(output_format: str, text: str) -> None:
    assert written(output_format) == text


def test_tsv_has_a_line_of_values_for_each_record_and_no_header() -> None:
    assert written("tsv", FIRST, SECOND).splitlines() == ["ip_1\tÖffentlich\\x1b[2J\ta, b", 'ip_2\t\t{"x": true}']


def test_csv_has_a_header_and_a_row_for_each_record() -> None:
    rows = written("csv", FIRST, SECOND).splitlines()
    assert rows == ["id,network.name,notes", 'ip_1,Öffentlich\\x1b[2J,"a, b"', 'ip_2,,"{""x"": true}"']
    assert written_single("csv", SECOND).splitlines() == [rows[0], rows[2]]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        ([], ""),
        ([None, None], ""),
        ([[None], []], ""),
        (["a", None, "b"], "a, , b"),
        ([0, False], "0, false"),
    ],
)
def test_cell_of_a_list_without_any_value_is_empty(value: Plain, text: str) -> None:
    assert cell(value) == text


def test_csv_keeps_lines_and_tabs_and_escapes_other_control_characters() -> None:
    text = written_single("csv", {"id": "a,b", "notes": '=1+1\n\t"two"\x1b[31m\x00\r\x9b\u202e'})
    assert list(csv.reader(io.StringIO(text)))[1] == ["a,b", '=1+1\n\t"two"\\x1b[31m\\x00\\r\\x9b\\u202e']


@pytest.mark.parametrize("load", [json.loads, yaml.safe_load])
def test_json_and_yaml_load_as_the_same_records(load: Callable[[str], object]) -> None:
    output_format = "json" if load is json.loads else "yaml"
    assert load(written(output_format, FIRST, SECOND)) == [FIRST, SECOND]
    assert load(written_single(output_format, FIRST)) == FIRST


@pytest.mark.parametrize(
    "text", ["1e5", "+1E-5", "1.5e5", ".5e3", "5.e1", "089", "0o17", "-09", "12", "1_0", "1.5", ".inf"]
)
def test_text_that_a_reader_of_yaml_takes_for_a_number_is_quoted(text: str) -> None:
    """These are numbers in the core schema of YAML 1.2.2, section 10.3.2; PyYAML knows only those of YAML 1.1."""
    assert written_single("yaml", {"label": text, text: text}) == f"label: '{text}'\n'{text}': '{text}'\n"


@pytest.mark.parametrize("text", ["203.0.113.7", "vm_1e5", "1e", "e5", "0o8", "1e5 m", "1.2.3"])
def test_text_that_no_reader_of_yaml_takes_for_a_number_is_plain(text: str) -> None:
    assert written_single("yaml", {"label": text}) == f"label: {text}\n"


@pytest.mark.parametrize("number", [0, 12, -5, 1.5, 1e17, 5e-324])
def test_number_is_a_number_in_yaml(number: float) -> None:
    text = written_single("yaml", {"number": number})
    assert "'" not in text
    assert yaml.safe_load(text) == {"number": number}


@pytest.mark.parametrize("output_format", ["table", "json", "jsonl", "csv", "tsv"])
def test_lone_surrogate_is_written(output_format: str) -> None:
    """A record should have none: a response with one is not JSON, and an argument with one is refused."""
    record: PlainRecord = {"name": "a\udcff", "names": ["\ud800", {"name": "\udfff"}]}
    text = written_single(output_format, record)
    assert "a\\udcff" in text.lower()
    text.encode()
    if output_format == "json":
        assert json.loads(text) == record


def test_jsonl_has_one_object_per_line_for_a_list_and_for_a_single_record() -> None:
    assert [json.loads(line) for line in written("jsonl", FIRST, SECOND).splitlines()] == [FIRST, SECOND]
    assert json.loads(written_single("jsonl", SECOND)) == SECOND


def test_single_record_as_a_table_has_a_field_on_each_line() -> None:
    assert written_single("table", FIRST).splitlines() == [
        "id             ip_1",
        "network.name   Öffentlich\\x1b[2J",
        "notes          a, b",
    ]


@pytest.mark.parametrize("output_format", sorted({*FORMATS} - {"table"}))
def test_every_format_except_the_table_is_written_record_by_record(output_format: str) -> None:
    stream = io.StringIO()
    list_writer(output_format, Output(stream), columns=COLUMNS).write(FIRST)
    assert "ip_1" in stream.getvalue()


@pytest.mark.parametrize(
    ("error_number", "error"),
    [(errno.EPIPE, OutputGoneError), (errno.EINVAL, OutputGoneError), (errno.ENOSPC, OutputError)],
)
def test_nothing_is_written_after_a_failed_write(error_number: int, error: type[OutputError]) -> None:
    output = Output(FailingStream(error_number))
    with pytest.raises(error):
        output.write("a")
    assert output.is_cut_off
    with pytest.raises(OutputGoneError):
        output.write("b")


def test_characters_that_the_encoding_lacks_are_escaped() -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii")
    Output(stream).write("café ✓\n")
    assert raw.getvalue() == b"caf\\xe9 \\u2713\n"


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    reader, sender = os.pipe()
    yield reader, sender
    os.close(reader)
    os.close(sender)


def set_non_blocking(descriptor: int) -> None:
    flags = fcntl.fcntl(descriptor, fcntl.F_GETFL)
    fcntl.fcntl(descriptor, fcntl.F_SETFL, flags | os.O_NONBLOCK)


def test_non_blocking_output_is_written_completely(pipe: tuple[int, int]) -> None:
    """Another program on the same terminal can make the terminal non-blocking for this one too."""
    reader, sender = pipe
    set_non_blocking(sender)
    record = "x" * 300_000
    received = bytearray()

    def receive() -> None:
        while len(received) < len(record):
            received.extend(os.read(reader, 4096))

    thread = threading.Thread(target=receive)
    thread.start()
    with open(sender, "w", closefd=False) as stream:  # a descriptor
        Output(stream).write(record)
    thread.join()
    assert received.decode() == record


@pytest.mark.slow
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
@pytest.mark.parametrize("blocking", [True, False])
def test_signal_ends_a_command_whose_output_nobody_reads(
    number: signal.Signals, code: int, *, blocking: bool, pipe: tuple[int, int]
) -> None:
    _, sender = pipe
    if not blocking:
        set_non_blocking(sender)
    fcntl.fcntl(sender, fcntl.F_SETPIPE_SZ, 4096)
    with process("available-ips", "--all", "--sandbox", "-o", "json", stdout=sender) as started:
        while select.select([], [sender], [], 0)[1]:  # until the pipe is full
            with pytest.raises(subprocess.TimeoutExpired):  # a command that has ended fails the test
                started.wait(timeout=0.05)
        started.send_signal(number)
        _, err = started.communicate(timeout=10)
    assert started.returncode == code
    assert b"Traceback" not in err
    assert err.splitlines()[-1].startswith({130: b"interrupted: ", 143: b"terminated: "}[code])
