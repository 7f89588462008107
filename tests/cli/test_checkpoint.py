"""The file from which a job resumes: what is read from it, what stays in it, and that only one job writes it."""

import io
import itertools
import json
import os
import stat
import tempfile
from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import given, settings, strategies as st

from katapult_async import AddressQuery, AddressVersion, NotFoundError, Problem
from katapult_async.cli.available_ips_output import LINE_START, ErrorRecord, Record, record_writer
from katapult_async.cli.checkpoint import CheckpointError, open_checkpoint, read
from katapult_async.cli.output import Output, OutputError
from katapult_async.models.ip_addresses import IPAddress

FAILURE = ErrorRecord.of(NotFoundError(Problem(method="GET", path="/x", description="no", status=404)))


def line(interface_id: str, version: str = "ipv4", *, fails: bool = False, addresses: Iterable[str] = ()) -> bytes:
    """Return a line as the command writes it."""
    out = io.StringIO()
    record = Record(
        interface_id=interface_id,
        address_version=version,
        ip_addresses=() if fails else tuple(IPAddress(id="ip_1", address=address) for address in addresses),
        error=FAILURE if fails else None,
    )
    record_writer("jsonl", Output(out)).write(record)
    return out.getvalue().encode()


def query_of(written: bytes) -> AddressQuery:
    record = json.loads(written)
    return AddressQuery(record["interface_id"], AddressVersion(record["address_version"]))


def is_answer(written: bytes) -> bool:
    return json.loads(written)["error"] is None


def up_to_last_answer(written: list[bytes]) -> list[bytes]:
    """Return the lines that stay in a resumed file."""
    last = max((index for index, text in enumerate(written) if is_answer(text)), default=-1)
    return written[: last + 1]


lines = st.lists(
    st.builds(
        line,
        st.sampled_from(["vmnet_1", "vmnet_2", "vmnet_3"]),
        st.sampled_from(["ipv4", "ipv6"]),
        fails=st.booleans(),
        addresses=st.lists(st.ip_addresses().map(str), max_size=2),
    ),
    max_size=4,
)


@given(lines, st.integers(0, 3))
@settings(max_examples=20)
def test_file_cut_at_any_byte_has_the_answers_before_the_cut(written: list[bytes], nul_bytes: int) -> None:
    """A power cut leaves NUL bytes where lines were not written to the disk yet."""
    data = b"".join(written)
    ends = list(itertools.accumulate(map(len, written)))
    for cut in range(len(data) + 1):
        # A line without its line end is complete if nothing follows it, and incomplete if NUL bytes follow it.
        optional_line_end = 0 if nul_bytes else 1
        whole_lines = [text for text, end in zip(written, ends, strict=True) if end - optional_line_end <= cut]
        contents = read(io.BytesIO(data[:cut] + bytes(nul_bytes)))
        assert contents.answered == {query_of(text) for text in whole_lines if is_answer(text)}
        assert contents.failed == len(whole_lines) - len(up_to_last_answer(whole_lines))


@given(lines, st.data())
@settings(max_examples=30)
def test_resuming_keeps_answers_byte_for_byte_and_appends_after_them(written: list[bytes], data: st.DataObject) -> None:
    content = b"".join(written)
    cut = content[: data.draw(st.integers(0, len(content)))]
    complete = [piece + b"\n" for piece in cut.splitlines() if piece + b"\n" in written]
    new = line("vmnet_new")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "job.jsonl")
        file.write_bytes(cut)
        with open_checkpoint(str(file), resume=True) as (stream, _):
            os.write(stream.fileno(), new)
        assert file.read_bytes() == b"".join([*up_to_last_answer(complete), new])
        assert os.listdir(folder) == [file.name]  # noqa: PTH208 # only its name


@pytest.mark.parametrize("fails", [False, True])
def test_last_line_that_lacks_only_its_line_end_is_kept(tmp_path: Path, *, fails: bool) -> None:
    file = tmp_path / "job"
    both_lines = line("vmnet_1") + line("vmnet_2", fails=fails)
    file.write_bytes(both_lines.rstrip(b"\n"))
    with open_checkpoint(str(file), resume=True) as (_, contents):
        assert contents.failed == (1 if fails else 0)
    assert file.read_bytes() == (line("vmnet_1") if fails else both_lines)


@pytest.mark.parametrize("fails", [False, True])
def test_lines_are_appended_after_lines_of_another_program(tmp_path: Path, *, fails: bool) -> None:
    file = tmp_path / "job"
    file.write_bytes(line("vmnet_1", fails=fails))
    with open_checkpoint(str(file), resume=True) as (stream, _):
        with file.open("ab") as other:
            other.write(line("vmnet_2"))
        os.write(stream.fileno(), line("vmnet_3"))
    assert file.read_bytes().endswith(line("vmnet_2") + line("vmnet_3"))


@pytest.mark.parametrize(
    "incomplete",
    [
        bytes(4),
        bytes(5000),
        line("vmnet_2")[:-20] + bytes(4),
        line("vmnet_2")[:3] + bytes(4),
        line("vmnet_2")[:-1] + bytes(4),
        line("vmnet_2", fails=True) + line("vmnet_3")[:30] + bytes(5000),
    ],
)
def test_nul_bytes_of_a_power_cut_are_cut_off(incomplete: bytes, tmp_path: Path) -> None:
    file = tmp_path / "job"
    file.write_bytes(line("vmnet_1") + incomplete)
    with open_checkpoint(str(file), resume=True) as (_, contents):
        assert contents.answered == {query_of(line("vmnet_1"))}
    assert file.read_bytes() == line("vmnet_1")


def test_more_nul_bytes_than_the_longest_line_are_cut_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("katapult_async.cli.checkpoint._LONGEST_LINE", 1000)
    file = tmp_path / "job"
    file.write_bytes(line("vmnet_1") + bytes(5000))
    with open_checkpoint(str(file), resume=True):
        pass
    assert file.read_bytes() == line("vmnet_1")


INVALID_FILES = [
    (b"\n", 1),
    (b"hello", 1),
    (b'{"interface_id"}\n', 1),
    (b"a shopping list\nmilk\n", 1),
    (line("vmnet_1") + bytes(4) + b"milk", 2),
    (line("vmnet_1") + bytes(4) + line("vmnet_2"), 2),
    (line("vmnet_1") + bytes(4) + b"\n", 2),
    (line("vmnet_1") + b"milk" + bytes(4), 2),
    (line("vmnet_1")[:-20] + b"\n", 1),
    (line("vmnet_1")[:-20] + line("vmnet_2"), 1),
    (line("vmnet_1") + b"{}\n" + line("vmnet_2"), 2),
    (line("vmnet_1", "ipv5"), 1),
    (line("vmnet_1") + b'{"virtual_machine_id": "vm_1", "error": null}\n', 2),
    (line("vmnet_1").replace(b"[]", b"null"), 1),
    (LINE_START + b"\xff" + line("vmnet_1")[len(LINE_START) :], 1),
]


@pytest.mark.parametrize(("data", "number"), INVALID_FILES)
def test_file_of_another_program_is_refused_with_the_line_number_and_not_changed(
    data: bytes, number: int, tmp_path: Path
) -> None:
    file = tmp_path / "job"
    file.write_bytes(data)
    with (
        pytest.raises(CheckpointError, match=rf"^{file} cannot .* not changed: line {number} is not a record"),
        open_checkpoint(str(file), resume=True),
    ):
        pass
    assert file.read_bytes() == data


def test_line_longer_than_any_record_is_not_read_into_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("katapult_async.cli.checkpoint._LONGEST_LINE", 100)
    with pytest.raises(CheckpointError, match="line 1 is not a record"):
        read(io.BytesIO(LINE_START + b"1" * 100))


def test_records_with_more_keys_are_read() -> None:
    """Another version of the command may write more keys."""
    more = line("vmnet_1").replace(b"{", b'{"new": 1, ', 1)
    assert read(io.BytesIO(more)).answered == {query_of(line("vmnet_1"))}


@pytest.mark.parametrize("resume", [False, True])
@pytest.mark.parametrize("data", [None, b""])
def test_missing_or_empty_file_begins_a_job(data: bytes | None, *, resume: bool, tmp_path: Path) -> None:
    file = tmp_path / "job"
    if data is not None:
        file.write_bytes(data)
    with open_checkpoint(str(file), resume=resume) as (_, contents):
        assert (contents.answered, contents.failed) == (set(), 0)
    assert file.read_bytes() == b""


def test_file_with_content_is_refused_without_resume(tmp_path: Path) -> None:
    file = tmp_path / "job"
    file.write_bytes(line("vmnet_1"))
    with pytest.raises(CheckpointError, match="--resume"), open_checkpoint(str(file), resume=False):
        pass
    assert file.read_bytes() == line("vmnet_1")


def test_resuming_a_file_without_failures_does_not_write_to_it(tmp_path: Path) -> None:
    file = tmp_path / "job"
    file.write_bytes(line("vmnet_1") + line("vmnet_2"))
    before = file.stat()
    with open_checkpoint(str(file), resume=True):
        pass
    assert (file.stat().st_ino, file.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_resumed_file_keeps_its_mode_and_the_link_to_it(tmp_path: Path) -> None:
    file = tmp_path / "job"
    file.write_bytes(line("vmnet_1", fails=True))
    file.chmod(0o640)
    link = tmp_path / "latest"
    link.symlink_to(file)
    with open_checkpoint(str(link), resume=True) as (_, contents):
        assert contents.failed == 1
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    assert link.is_symlink()
    assert file.read_bytes() == b""


@pytest.mark.parametrize("data", [b"", line("vmnet_1"), line("vmnet_1", fails=True)])
def test_two_jobs_cannot_write_one_file(data: bytes, tmp_path: Path) -> None:
    file = str(tmp_path / "job")
    Path(file).write_bytes(data)
    with (
        open_checkpoint(file, resume=True),
        pytest.raises(OutputError, match="another job writes it"),
        open_checkpoint(file, resume=True),
    ):
        pass
    with open_checkpoint(file, resume=True):
        pass


def test_pipe_is_refused_as_the_file_of_a_job(tmp_path: Path) -> None:
    pipe = str(tmp_path / "pipe")
    os.mkfifo(pipe)
    with (
        pytest.raises(CheckpointError, match="is not a regular file"),
        open_checkpoint(pipe, resume=True),
    ):
        pass


def test_descriptor_of_a_pipe_is_refused_as_the_file_of_a_job() -> None:
    reader, sender = os.pipe()
    with open(reader, "rb"), open(sender, "wb"):  # noqa: PTH123 # descriptors
        name = f"/dev/fd/{sender}"  # such as /dev/stdout: a link whose target is not a path
        with (
            pytest.raises(CheckpointError, match=f"^{name} is not a regular file"),
            open_checkpoint(name, resume=True),
        ):
            pass


def test_missing_folder_raises_output_error() -> None:
    message = r"^/no/such/job cannot be written: No such"
    with pytest.raises(OutputError, match=message), open_checkpoint("/no/such/job", resume=True):
        pass


@pytest.mark.parametrize("step", ["os.ftruncate", "os.fsync"])
def test_disk_error_names_the_file(step: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise OSError(5, "made up")

    file = tmp_path / "job"
    file.write_bytes(line("vmnet_1") + line("vmnet_2", fails=True))
    monkeypatch.setattr(step, fail)
    with (
        pytest.raises(OutputError, match=f"^{file} cannot be written: made up"),
        open_checkpoint(str(file), resume=True),
    ):
        pass
