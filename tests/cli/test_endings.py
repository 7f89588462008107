"""How a run ends before its time: Ctrl-C, a server that dies, a reader that goes away, a full disk."""

import contextlib
import errno
import io
import json
import os
import pty
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from katapult_async.cli.inquiry import Inquiry
from katapult_async.cli.main import run
from katapult_async.sandbox import Faults, Sandbox
from tests.cli.conftest import Command, Result, Terminal, Tripwire, listening, process, served_apart


def finished(started: "subprocess.Popen[bytes]", *, out: bytes = b"") -> Result:
    """Wait for a process, and return how it ended."""
    rest, err = started.communicate(timeout=20)
    return Result(started.returncode, (out + rest).decode(), (err or b"").decode())


def lines(started: "subprocess.Popen[bytes]", count: int) -> bytes:
    """Return the first lines that a process writes."""
    assert started.stdout is not None
    return b"".join(started.stdout.readline() for _ in range(count))


@pytest.fixture(scope="module")
def large() -> Iterator[Sandbox]:
    """A cloud of many interfaces, which takes its time."""
    slow = Sandbox(machines=100, interfaces=1000, permitted=100_000, free_addresses=3, faults=Faults(latency=0.05))
    with listening(slow) as sandbox:
        yield sandbox


@pytest.fixture
def many(large: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A file of 1,000 ids, and the environment that leads to their cloud."""
    monkeypatch.setenv("KATAPULT_API_URL", large.base_url)
    monkeypatch.setenv("KATAPULT_API_KEY", large.token)
    file = tmp_path / "ids"
    file.write_text("\n".join(interface.id for interface in large.store.interfaces))
    return str(file)


def test_ctrl_c_ends_a_process_at_once_with_130_and_whole_lines(many: str) -> None:
    with process("available-ips", "--file", many, "-o", "jsonl", "--concurrency", "20") as started:
        head = lines(started, 30)
        started.send_signal(signal.SIGINT)
        result = finished(started, out=head)
    assert result.code == 130
    assert result.out.endswith("\n")
    assert 30 <= len(result.records()) < 2000
    assert result.err.startswith(f"interrupted: {len(result.records())} answered, 0 failed, ")
    assert "Traceback" not in result.err


def test_ctrl_c_does_not_wait_for_a_standard_input_that_never_ends(sandbox: Sandbox, ids: list[str]) -> None:
    with process("available-ips", "--file", "-", "-o", "jsonl", stdin=subprocess.PIPE) as started:
        assert started.stdin is not None
        started.stdin.write(f"{ids[0]}\n{ids[1]}\n".encode())
        started.stdin.flush()
        head = lines(started, 4)  # answered although the input has not ended
        started.send_signal(signal.SIGINT)
        assert started.wait(timeout=5) == 130
        assert started.stderr is not None
        said = started.stderr.read().decode()
    assert len(head.splitlines()) == 4
    assert said == "interrupted: 4 answered, 0 failed, 0 not answered, and the rest of the input not asked\n"
    assert sandbox.requests


@pytest.mark.usefixtures("many")
def test_ctrl_c_counts_what_of_the_named_interfaces_is_not_answered(large: Sandbox, command: Command) -> None:
    ids = [interface.id for interface in large.store.interfaces[:32]]
    pulled = Tripwire("interface_id", times=3)
    result = command("available-ips", *ids, "-o", "jsonl", "--concurrency", "2", stdout=pulled)
    answered = len(result.records())
    assert result.code == 130
    assert 3 <= answered < 64
    assert result.err == f"interrupted: {answered} answered, 0 failed, {64 - answered} of 64 queries not answered\n"


@pytest.mark.usefixtures("many")
def test_ctrl_c_leaves_a_whole_json_array(large: Sandbox, command: Command) -> None:
    ids = [interface.id for interface in large.store.interfaces[:32]]
    result = command("available-ips", *ids, "-o", "json", "--concurrency", "2", stdout=Tripwire("interface_id"))
    assert result.code == 130
    assert 1 <= len(json.loads(result.out)) < 64


@pytest.mark.usefixtures("sandbox")
def test_ctrl_c_while_the_table_is_written_ends_with_130(command: Command, ids: list[str]) -> None:
    assert command("available-ips", *ids, stdout=Tripwire("Interface")).code == 130


def test_a_server_that_dies_fails_what_is_not_answered_and_ends_with_6(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    ids = [f"vmnet_{number}" for number in range(30)]
    asked = [interface.id for interface in Sandbox(machines=20, interfaces=20).store.interfaces] + ids
    file = tmp_path / "ids"
    file.write_text("\n".join(asked))
    with served_apart("--machines", "20", "--interfaces", "20", "--latency", "0.05") as (server, exports):
        for name, value in exports.items():
            monkeypatch.setenv(name, value)
        with process("available-ips", "--file", str(file), "-o", "jsonl", "--patience", "1") as started:
            head = lines(started, 20)
            server.kill()
            result = finished(started, out=head)
    records = result.records()
    assert result.code == 6
    assert sorted((each["interface_id"], each["address_version"]) for each in records) == sorted(
        (interface_id, version) for interface_id in asked for version in ("ipv4", "ipv6")
    )
    kinds = {each["error"]["type"] for each in records if each["error"]} - {"NotFoundError"}
    assert kinds
    assert kinds <= {"ConnectError", "DisconnectedError", "RequestTimeoutError"}
    assert "Traceback" not in result.err
    assert exports["KATAPULT_API_KEY"] not in result.out + result.err


def test_a_reader_that_goes_away_ends_it_without_a_word(many: str) -> None:
    with process("available-ips", "--file", many, "-o", "csv") as started:
        assert started.stdout is not None
        started.stdout.readline()
        started.stdout.close()
        assert started.wait(timeout=10) == 1
        assert started.stderr is not None
        assert started.stderr.read() == b""


class Broken(io.StringIO):
    """A stream that cannot be written."""

    def __init__(self, code: int) -> None:
        super().__init__()
        self._code = code

    def write(self, text: str) -> int:
        if text:
            raise OSError(self._code, "made up")
        return 0


@pytest.mark.usefixtures("sandbox")
@pytest.mark.parametrize(
    ("code", "said"),
    [(errno.EPIPE, ""), (errno.ENOSPC, "error: the output cannot be written: made up\n")],
)
@pytest.mark.parametrize("output_format", ["table", "jsonl"])
def test_output_that_cannot_be_written_ends_with_1(
    command: Command, ids: list[str], code: int, said: str, output_format: str
) -> None:
    result = command("available-ips", ids[0], "-o", output_format, stdout=Broken(code))
    assert (result.code, result.err) == (1, said)


@pytest.mark.usefixtures("sandbox")
def test_what_is_left_for_a_reader_that_went_away_is_forgotten(command: Command, ids: list[str]) -> None:
    reader, sender = os.pipe()
    os.close(reader)
    with os.fdopen(sender, "w") as stream:  # whose end would complain about what it could not write
        result = command("available-ips", ids[0], "-o", "jsonl", stdout=stream)
    assert (result.code, result.err) == (1, "")


@pytest.mark.usefixtures("sandbox")
def test_output_that_the_shell_has_closed_is_an_error_before_anything_is_asked(
    command: Command, ids: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdout", None)
    result = command("available-ips", ids[0])
    assert (result.code, result.err) == (1, "error: the output cannot be written: standard output is closed\n")


@pytest.mark.usefixtures("sandbox")
def test_input_that_the_shell_has_closed_is_one_line_and_code_1(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "stdin", None)
        assert run(["available-ips", "--file", "-"]) == 1
    assert capsys.readouterr() == ("", "error: the ids cannot be read: standard input is closed\n")


@pytest.mark.usefixtures("sandbox")
def test_a_file_that_is_gone_when_it_is_opened_is_one_line_and_code_1(capsys: pytest.CaptureFixture[str]) -> None:
    assert Inquiry(file="/no/such").run("json", stdout=sys.stdout, stderr=None) == 1
    assert capsys.readouterr() == ("", "error: /no/such cannot be read: No such file or directory\n")


def test_on_a_real_terminal_the_bar_tells_the_budget_and_no_color_is_kept(
    many: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    ours, theirs = pty.openpty()
    shown = b""
    with process("available-ips", "--file", many, "-o", "jsonl", stderr=theirs, stdout=subprocess.DEVNULL) as started:
        os.close(theirs)
        while b"this window, next in" not in shown:
            shown += os.read(ours, 65536)
        started.send_signal(signal.SIGINT)
        assert started.wait(timeout=5) == 130
    with contextlib.suppress(OSError):  # Linux says EIO at the end of a terminal
        while more := os.read(ours, 65536):
            shown += more
    os.close(ours)
    assert b"\x1b[3" not in shown
    assert b"\x1b[?25h" in shown  # the cursor is back
    assert b"interrupted: " in shown


@pytest.mark.usefixtures("sandbox")
def test_a_bar_is_shown_on_a_terminal_and_taken_away_again(command: Command, ids: list[str]) -> None:
    result = command("available-ips", *ids, stderr=Terminal())
    assert result.code == 0
    assert "16/16 | " in result.err or "0/16 | " in result.err
    assert "this window, next in" in result.err or "rate limit not known yet" in result.err
    assert "\x1b[2K" in result.err


@pytest.mark.usefixtures("sandbox")
def test_no_bar_is_written_where_it_would_mix_with_records(command: Command, ids: list[str]) -> None:
    result = command("available-ips", *ids, "-o", "jsonl", stdout=Terminal(), stderr=Terminal())
    assert result.err == result.err.splitlines()[-1] + "\n"
    assert "16 of 16 queries answered" in result.err


@pytest.mark.usefixtures("sandbox")
def test_the_bar_has_no_colours_where_no_color_is_set(
    command: Command, ids: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[3" not in command("available-ips", *ids, stderr=Terminal()).err


@pytest.mark.usefixtures("sandbox")
def test_names_that_the_terminal_cannot_show_do_not_end_the_run(
    command: Command, ids: list[str], sandbox: Sandbox
) -> None:
    sandbox.fail_next(code="validation_error", status=422, description="café ✓", matching="ipv4")
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii")
    assert command("available-ips", ids[0], "-o", "csv", stdout=stream).code == 6
    assert b"caf\\xe9 \\u2713" in raw.getvalue()
