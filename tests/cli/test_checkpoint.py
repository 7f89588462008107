"""The file of a job, without the job: what is read back from it, what stays in it, who may write it."""

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
from katapult_async.cli.available_ips_output import HEAD, ErrorRecord, Record, answered, report
from katapult_async.cli.checkpoint import JournalError, RecordLines, _claim, journal, survey
from katapult_async.cli.output import Output, OutputError
from katapult_async.models.ip_addresses import IPAddress

LINES = RecordLines(head=HEAD, answered=answered)
FAILURE = ErrorRecord.of(NotFoundError(Problem(method="GET", path="/x", description="no", status=404)))


def line(interface_id: str, version: str = "ipv4", *, fails: bool = False, addresses: Iterable[str] = ()) -> bytes:
    """Return a line as the command writes it."""
    out = io.StringIO()
    found = tuple(IPAddress(id="ip_1", address=address) for address in addresses)
    record = Record(
        interface_id=interface_id,
        address_version=version,
        ip_addresses=() if fails else found,
        error=FAILURE if fails else None,
    )
    report("jsonl", Output(out)).write(record)
    return out.getvalue().encode()


def key(written: bytes) -> AddressQuery:
    record = json.loads(written)
    return AddressQuery(record["interface_id"], AddressVersion(record["address_version"]))


def is_answer(written: bytes) -> bool:
    return json.loads(written)["error"] is None


def stays(written: list[bytes]) -> list[bytes]:
    """Return the lines that a resumed file should keep: the first answer to each query."""
    return list({key(each): each for each in reversed(written) if is_answer(each)}.values())[::-1]


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


@given(lines)
@settings(max_examples=20)
def test_a_file_that_was_cut_at_any_byte_has_the_answers_before_the_cut(written: list[bytes]) -> None:
    data = b"".join(written)
    ends = list(itertools.accumulate(map(len, written)))
    for cut in range(len(data) + 1):
        whole = [each for each, end in zip(written, ends, strict=True) if end - 1 <= cut]  # its line end may be lost
        found = survey(io.BytesIO(data[:cut]), lines=LINES)
        assert found.answered == {key(each) for each in whole if is_answer(each)}
        assert found.failed == sum(not is_answer(each) for each in whole)


@given(lines, st.data())
@settings(max_examples=30)
def test_resuming_keeps_answers_byte_for_byte_and_whatever_is_added_comes_behind_them(
    written: list[bytes], data: st.DataObject
) -> None:
    whole = b"".join(written)
    cut = whole[: data.draw(st.integers(0, len(whole)))]
    rest = cut.splitlines(keepends=True)
    complete = [
        each if each.endswith(b"\n") else each + b"\n" for each in rest if each.rstrip(b"\n") + b"\n" in written
    ]
    new = line("vmnet_new")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "job.jsonl")
        file.write_bytes(cut)
        with journal(str(file), resume=True, lines=LINES) as job:
            os.write(job.stream.fileno(), new)
        assert file.read_bytes() == b"".join([*stays(complete), new])
        assert os.listdir(folder) == [file.name]  # noqa: PTH208 # only its name


def test_of_several_answers_to_one_query_the_first_stays(tmp_path: Path) -> None:
    file = tmp_path / "job"
    first, second, other = line("vmnet_1"), line("vmnet_1", addresses=["192.0.2.1"]), line("vmnet_1", "ipv6")
    file.write_bytes(first + second + other + first)
    with journal(str(file), resume=True, lines=LINES) as job:
        assert job.answered == {key(first), key(other)}
    assert file.read_bytes() == first + other


@pytest.mark.parametrize("fails", [False, True])
def test_a_last_line_that_lacks_only_its_line_end_is_not_lost(tmp_path: Path, *, fails: bool) -> None:
    file = tmp_path / "job"
    whole = line("vmnet_1") + line("vmnet_2", fails=fails)
    file.write_bytes(whole.rstrip(b"\n"))
    with journal(str(file), resume=True, lines=LINES) as job:
        assert job.failed == fails
    assert file.read_bytes() == (line("vmnet_1") if fails else whole)


@pytest.mark.parametrize("fails", [False, True])
def test_lines_are_added_behind_whatever_somebody_else_has_added(tmp_path: Path, *, fails: bool) -> None:
    file = tmp_path / "job"
    file.write_bytes(line("vmnet_1", fails=fails))
    with journal(str(file), resume=True, lines=LINES) as job:
        with file.open("ab") as elses:
            elses.write(line("vmnet_2"))
        os.write(job.stream.fileno(), line("vmnet_3"))
    assert file.read_bytes().endswith(line("vmnet_2") + line("vmnet_3"))


FOREIGN = [
    (b"\n", 1),
    (b"hello", 1),
    (b'{"interface_id"}\n', 1),
    (b"a shopping list\nmilk\n", 1),
    (line("vmnet_1") + b"\0\0\0\0", 2),
    (line("vmnet_1")[:-20] + b"\n", 1),
    (line("vmnet_1")[:-20] + line("vmnet_2"), 1),
    (line("vmnet_1") + b"{}\n" + line("vmnet_2"), 2),
    (line("vmnet_1", "ipv5"), 1),
    (line("vmnet_1") + b'{"virtual_machine_id": "vm_1", "error": null}\n', 2),
    (line("vmnet_1").replace(b"[]", b"null"), 1),
    (HEAD + b"\xff" + line("vmnet_1")[len(HEAD) :], 1),
]


@pytest.mark.parametrize(("data", "number"), FOREIGN)
def test_a_file_that_no_job_wrote_is_refused_by_line_and_not_changed(data: bytes, number: int, tmp_path: Path) -> None:
    file = tmp_path / "job"
    file.write_bytes(data)
    with (
        pytest.raises(JournalError, match=rf"^{file} cannot .* not changed: line {number} is no record"),
        journal(str(file), resume=True, lines=LINES),
    ):
        pass
    assert file.read_bytes() == data


def test_a_line_that_is_longer_than_any_record_is_not_read_into_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("katapult_async.cli.checkpoint._LONGEST_LINE", 100)
    with pytest.raises(JournalError, match="line 1 is no record"):
        survey(io.BytesIO(HEAD + b"1" * 100), lines=LINES)


def test_a_file_of_another_program_version_is_read_though_its_records_have_more_keys() -> None:
    more = line("vmnet_1").replace(b"{", b'{"new": 1, ', 1)
    assert survey(io.BytesIO(more), lines=LINES).answered == {key(line("vmnet_1"))}


@pytest.mark.parametrize("resume", [False, True])
@pytest.mark.parametrize("data", [None, b""])
def test_a_file_that_is_missing_or_empty_begins_a_job(data: bytes | None, *, resume: bool, tmp_path: Path) -> None:
    file = tmp_path / "job"
    if data is not None:
        file.write_bytes(data)
    with journal(str(file), resume=resume, lines=LINES) as job:
        assert (job.answered, job.failed) == (set(), 0)
    assert file.read_bytes() == b""


def test_a_file_with_anything_in_it_is_not_begun_anew(tmp_path: Path) -> None:
    file = tmp_path / "job"
    file.write_bytes(line("vmnet_1"))
    with pytest.raises(JournalError, match="--resume"), journal(str(file), resume=False, lines=LINES):
        pass
    assert file.read_bytes() == line("vmnet_1")


def test_a_file_that_needs_no_change_stays_the_same_file(tmp_path: Path) -> None:
    file = tmp_path / "job"
    file.write_bytes(line("vmnet_1") + line("vmnet_2"))
    before = file.stat()
    with journal(str(file), resume=True, lines=LINES):
        pass
    assert (file.stat().st_ino, file.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_a_rewritten_file_keeps_its_mode_and_the_link_that_leads_to_it(tmp_path: Path) -> None:
    file = tmp_path / "job"
    file.write_bytes(line("vmnet_1", fails=True))
    file.chmod(0o640)
    link = tmp_path / "latest"
    link.symlink_to(file)
    with journal(str(link), resume=True, lines=LINES) as job:
        assert job.failed == 1
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    assert link.is_symlink()
    assert file.read_bytes() == b""


def test_what_a_process_left_that_was_killed_while_it_rewrote_is_no_obstacle(tmp_path: Path) -> None:
    file = tmp_path / "job"
    file.write_bytes(line("vmnet_1") + line("vmnet_2", fails=True))
    (tmp_path / ".job.resumed").write_bytes(b"half of it")
    with journal(str(file), resume=True, lines=LINES):
        pass
    assert file.read_bytes() == line("vmnet_1")
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.parametrize(
    ("failure", "raised"), [(OSError(28, "made up"), OutputError), (KeyboardInterrupt(), KeyboardInterrupt)]
)
@pytest.mark.parametrize("step", ["os.fsync", "shutil.copymode", "pathlib.Path.replace"])
def test_a_rewrite_that_breaks_off_leaves_the_old_file(
    step: str, failure: BaseException, raised: type[BaseException], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise failure

    data = line("vmnet_1") + line("vmnet_2", fails=True)
    file = tmp_path / "job"
    file.write_bytes(data)
    monkeypatch.setattr(step, fail)
    with pytest.raises(raised), journal(str(file), resume=True, lines=LINES):
        pass
    assert file.read_bytes() == data
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.parametrize("data", [b"", line("vmnet_1"), line("vmnet_1", fails=True)])
def test_two_jobs_cannot_write_one_file_also_when_the_first_has_rewritten_it(data: bytes, tmp_path: Path) -> None:
    file = str(tmp_path / "job")
    Path(file).write_bytes(data)
    with (
        journal(file, resume=True, lines=LINES),
        pytest.raises(OutputError, match="another job writes it"),
        journal(file, resume=True, lines=LINES),
    ):
        pass
    with journal(file, resume=True, lines=LINES):
        pass


def test_a_file_that_was_replaced_before_it_could_be_locked_is_somebody_elses(tmp_path: Path) -> None:
    with (tmp_path / "old").open("wb") as old, (tmp_path / "new").open("wb"), pytest.raises(BlockingIOError):
        _claim(old.fileno(), tmp_path / "new")


def test_a_pipe_is_no_file_to_resume_from(tmp_path: Path) -> None:
    pipe = str(tmp_path / "pipe")
    os.mkfifo(pipe)
    with pytest.raises(JournalError, match="is no regular file"), journal(pipe, resume=True, lines=LINES):
        pass


def test_a_pipe_is_told_from_a_file_also_by_the_name_that_a_descriptor_has() -> None:
    reader, sender = os.pipe()
    with open(reader, "rb"), open(sender, "wb"):  # noqa: PTH123 # descriptors
        name = f"/dev/fd/{sender}"  # such as /dev/stdout; it is a link to what no path leads to
        with pytest.raises(JournalError, match=f"^{name} is no regular file"), journal(name, resume=True, lines=LINES):
            pass


def test_a_file_in_no_folder_cannot_be_written() -> None:
    said = r"^/no/such/job cannot be written: No such"
    with pytest.raises(OutputError, match=said), journal("/no/such/job", resume=True, lines=LINES):
        pass


def test_a_disk_that_loses_the_end_of_a_job_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: int) -> None:
        raise OSError(5, "made up")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OutputError, match="made up"), journal(str(tmp_path / "job"), resume=False, lines=LINES):
        pass
