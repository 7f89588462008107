"""Ctrl-C, SIGTERM and SIGHUP: a command ends at once, with whole records and the exit code of the signal."""

import asyncio
import contextlib
import gc
import json
import os
import pty
import re
import signal
import subprocess
import sys
import warnings
from pathlib import Path

import pytest

import katapult_async.__main__ as entry
from katapult_async import IPAddress
from katapult_async.cli import signals
from katapult_async.cli.exit_codes import ExitCode
from katapult_async.resources.virtual_machine_network_interfaces import VirtualMachineNetworkInterfaces
from katapult_async.sandbox import Faults, Sandbox
from tests.cli.conftest import Command, Result, SignalOnWrite, listening, process, use_sandbox, without_waits

CODES = [
    (signal.SIGINT, ExitCode.INTERRUPTED),
    (signal.SIGTERM, ExitCode.TERMINATED),
    (signal.SIGHUP, ExitCode.HUNG_UP),
]
WORDS = {signal.SIGINT: "interrupted", signal.SIGTERM: "terminated", signal.SIGHUP: "hung up"}


def result_of(started: "subprocess.Popen[bytes]", *, out: bytes = b"") -> Result:
    """Wait for a process, and return how it ended."""
    rest, err = started.communicate(timeout=20)
    return Result(started.returncode, (out + rest).decode(), (err or b"").decode())


def first_lines(started: "subprocess.Popen[bytes]", count: int) -> bytes:
    """Return the first lines that a process writes."""
    assert started.stdout is not None
    return b"".join(started.stdout.readline() for _ in range(count))


@pytest.mark.slow
@pytest.mark.parametrize(("number", "code"), CODES)
def test_signal_ends_a_process_at_once_with_whole_lines(id_file: str, number: signal.Signals, code: int) -> None:
    with process("available-ips", "--file", id_file, "-o", "jsonl", "--concurrency", "20") as started:
        head = first_lines(started, 30)
        started.send_signal(number)
        result = result_of(started, out=head)
    assert result.code == code
    assert result.out.endswith("\n")
    assert 30 <= len(result.records()) < 2000
    message = without_waits(result.err)
    assert message.startswith(f"{WORDS[number]}: {len(result.records())} answered, 0 failed, ")
    assert "Traceback" not in message


@pytest.mark.slow
@pytest.mark.parametrize(("number", "code"), CODES)
def test_signal_does_not_wait_for_a_standard_input_that_never_ends(
    sandbox: Sandbox, ids: list[str], number: signal.Signals, code: int
) -> None:
    with process("available-ips", "--file", "-", "-o", "jsonl", stdin=subprocess.PIPE) as started:
        assert started.stdin is not None
        started.stdin.write(f"{ids[0]}\n{ids[1]}\n".encode())
        started.stdin.flush()
        head = first_lines(started, 4)  # answered although the input has not ended
        started.send_signal(number)
        assert started.wait(timeout=20) == code
        assert started.stderr is not None
        message = started.stderr.read().decode()
    assert len(head.splitlines()) == 4
    assert message == f"{WORDS[number]}: 4 answered, 0 failed, 0 not answered, and the rest of the input not read\n"
    assert sandbox.requests


@pytest.mark.usefixtures("id_file")
def test_ctrl_c_counts_the_queries_that_are_not_answered(large_sandbox: Sandbox, command: Command) -> None:
    ids = [interface.id for interface in large_sandbox.store.interfaces[:32]]
    stdout = SignalOnWrite("interface_id", times=3)
    result = command("available-ips", *ids, "-o", "jsonl", "--concurrency", "2", stdout=stdout)
    answered = len(result.records())
    assert result.code == 130
    assert 3 <= answered < 64
    assert result.err == f"interrupted: {answered} answered, 0 failed, {64 - answered} of 64 queries not answered\n"


def test_ctrl_c_writes_every_answer_that_was_received(
    id_file: str, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def no_addresses(*_: object, **__: object) -> list[IPAddress]:
        return []

    monkeypatch.setattr(VirtualMachineNetworkInterfaces, "available_ips", no_addresses)  # all answers come at once
    line = ("available-ips", "--file", id_file, "-o", "jsonl", "--concurrency", "50")
    result = command(*line, stdout=SignalOnWrite("interface_id"))
    assert result.code == 130
    assert 50 <= len(result.records()) < 2000


@pytest.mark.usefixtures("sandbox")
def test_ctrl_c_while_the_table_is_written_ends_with_130(command: Command, ids: list[str]) -> None:
    assert command("available-ips", *ids, stdout=SignalOnWrite("Interface")).code == 130


@pytest.mark.parametrize(("number", "code"), CODES)
@pytest.mark.parametrize(
    ("output_format", "text"), [("jsonl", "interface_id"), ("json", "interface_id"), ("table", "")]
)
def test_signal_leaves_whole_records_in_every_format(
    sandbox: Sandbox,
    command: Command,
    ids: list[str],
    *,
    output_format: str,
    text: str,
    number: signal.Signals,
    code: int,
) -> None:
    sandbox.faults = Faults(latency=0.01)
    stdout = SignalOnWrite(text, sends=number)
    result = command("available-ips", *ids * 4, "-o", output_format, "--concurrency", "2", stdout=stdout)
    assert result.code == code
    if output_format == "jsonl":
        assert 1 <= len(result.records()) < 64
    if output_format == "json":
        assert 1 <= len(json.loads(result.out)) < 64


@pytest.mark.usefixtures("sandbox")
@pytest.mark.parametrize(("number", "code"), CODES)
def test_signal_ends_a_list_between_two_whole_records(number: signal.Signals, code: int, command: Command) -> None:
    line = ("ips", "list", "--organization", "larch", "-o", "jsonl")
    result = command(*line, stdout=SignalOnWrite("ip_", sends=number))
    assert (result.code, result.err) == (code, f"the list is not complete\n{WORDS[number]}\n")
    assert 1 < len(result.records()) < len(command(*line).records())
    assert result.out.endswith("\n")


@pytest.mark.slow
def test_sigterm_ends_a_job_that_waits_for_the_next_window(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with listening(Sandbox(machines=2, interfaces=8, permitted=3, window=3600)) as sandbox:
        use_sandbox(monkeypatch, sandbox)
        ids = [interface.id for interface in sandbox.store.interfaces]
        file = str(tmp_path / "job")
        with process("available-ips", *ids, "--output", file, "--rate-limit-window", "3600") as started:
            assert started.stderr is not None
            while not re.match(rb"rate limit: \d+ calls? waits? \d+\.\d s: all requests", started.stderr.readline()):
                assert started.poll() is None
            started.send_signal(signal.SIGTERM)
            _, err = started.communicate(timeout=20)
    assert started.returncode == 143
    message = without_waits(err.decode())
    assert re.match(r"terminated: [0-3] answered, 0 failed, 1[3-6] of 16 queries not answered", message)


@pytest.mark.slow
def test_ctrl_c_on_a_real_terminal_removes_the_bar(id_file: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    controller, terminal = pty.openpty()
    output = b""
    with process(
        "available-ips", "--file", id_file, "-o", "jsonl", stderr=terminal, stdout=subprocess.DEVNULL
    ) as started:
        os.close(terminal)
        while b" left, resets in" not in output:
            output += os.read(controller, 65536)
        started.send_signal(signal.SIGINT)
        assert started.wait(timeout=20) == 130
    with contextlib.suppress(OSError):  # Linux raises EIO at the end of a terminal
        while more := os.read(controller, 65536):
            output += more
    os.close(controller)
    assert b"\x1b[3" not in output
    assert b"\x1b[1A\x1b[2K" in output  # up one line, which is cleared
    assert b"\x1b[?25h" in output  # the cursor is shown again
    assert b"interrupted: " in output


def test_sigterm_while_help_is_written_ends_with_143(command: Command) -> None:
    assert command("--help", stdout=SignalOnWrite("Usage", sends=signal.SIGTERM)).code == 143


def test_handlers_are_restored_after_a_command(command: Command) -> None:
    before = signal.getsignal(signal.SIGTERM)
    assert command("--version").code == 0
    assert signal.getsignal(signal.SIGTERM) is before


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("handler", [signal.SIG_IGN, signal.default_int_handler])
def test_entry_point_restores_the_handlers(
    number: signal.Signals, handler: signal.Handlers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", ["katapult-async", "--version"])
    before = signal.signal(number, handler)
    try:
        assert entry.main() == 0
        assert signal.getsignal(number) is handler
    finally:
        signal.signal(number, before)


def test_ignored_signal_stays_ignored(command: Command) -> None:
    """A shell ignores Ctrl-C for the commands that it starts in the background."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        assert command("orgs", "list", "--sandbox", stdout=SignalOnWrite("id")).code == 0
    finally:
        signal.signal(signal.SIGINT, before)


SIGNAL_ON_IMPORT = """
import os, runpy, sys

_, module, number = sys.argv

class SignalOnImport:
    @staticmethod
    def find_spec(name, path=None, target=None):
        if name == module:
            exec("os.kill(os.getpid(), int(number))")  # exec, as SignalError explains

sys.meta_path.insert(0, SignalOnImport)
sys.argv[1:] = ["orgs", "list", "--sandbox"]
runpy.run_module("katapult_async", run_name="__main__")
"""


@pytest.mark.slow
@pytest.mark.parametrize(("number", "code"), CODES)
@pytest.mark.parametrize("module", ["click", "katapult_async.cli.main", "katapult_async.sandbox"])
def test_signal_while_modules_are_loaded_ends_the_command(module: str, number: signal.Signals, code: int) -> None:
    """The process sends the signal to itself when it loads a module."""
    arguments = [sys.executable, "-c", SIGNAL_ON_IMPORT, module, str(int(number))]
    completed = subprocess.run(arguments, capture_output=True, text=True, check=False, timeout=20)
    assert (completed.returncode, completed.stdout) == (code, "")
    lines = [line for line in completed.stderr.splitlines() if not line.startswith("sandbox: ")]
    assert lines in ([], [WORDS[number]])


SIGNAL_AT_EXIT = """
import atexit, os, runpy, sys

atexit.register(os.kill, os.getpid(), int(sys.argv.pop()))
runpy.run_module("katapult_async", run_name="__main__")
"""

SIGNAL_IN_GARBAGE = """
import os, runpy, sys
from katapult_async.cli import main

number, run = int(sys.argv.pop()), main.run

class Garbage:
    def __init__(self):
        self.itself = self

    def __del__(self):
        os.kill(os.getpid(), number)

def run_and_leave_garbage(arguments):
    code = run(arguments)
    Garbage()
    return code

main.run = run_and_leave_garbage
runpy.run_module("katapult_async", run_name="__main__")
"""


@pytest.mark.slow
@pytest.mark.parametrize("number", WORDS)
@pytest.mark.parametrize("script", [SIGNAL_AT_EXIT, SIGNAL_IN_GARBAGE])
def test_signal_while_the_interpreter_ends_does_not_change_the_exit_code(script: str, number: signal.Signals) -> None:
    """This is a second Ctrl-C, which comes after the first one has ended the command."""
    arguments = [sys.executable, "-c", script, "available-ips", str(int(number))]
    completed = subprocess.run(arguments, capture_output=True, text=True, check=False, timeout=20)
    assert completed.returncode == ExitCode.USAGE
    assert len(completed.stderr.splitlines()) == 1


@pytest.mark.parametrize(("number", "code"), CODES)
def test_signal_before_the_command_is_loaded_gives_its_exit_code(
    number: signal.Signals, code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: signal.raise_signal(number))
    assert entry.main() == code


def test_coroutine_that_cancels_itself_is_not_taken_for_a_signal() -> None:
    async def cancelled() -> None:
        raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        signals.run(cancelled)


@pytest.mark.parametrize(
    ("first", "second"),
    [(signal.SIGINT, signal.SIGINT), (signal.SIGTERM, signal.SIGINT), (signal.SIGINT, signal.SIGTERM)],
)
def test_second_signal_ends_the_command_without_waiting_for_the_coroutine(
    first: signal.Signals, second: signal.Signals
) -> None:
    async def slow() -> None:
        signal.raise_signal(first)
        signal.raise_signal(second)
        await asyncio.sleep(60)

    with signals.signals_as_errors(), pytest.raises(signals.SignalError) as raised:
        signals.run(slow)
    assert raised.value.code == dict(CODES)[second]


def test_second_sighup_leaves_time_to_write_what_was_answered() -> None:
    """A terminal that is closed sends SIGHUP to the command and to its shell, and the shell sends it once more."""
    written = []

    async def writes() -> None:
        signal.raise_signal(signal.SIGHUP)
        signal.raise_signal(signal.SIGHUP)
        try:
            await asyncio.sleep(60)
        finally:
            written.append("answers")

    with signals.signals_as_errors(), pytest.raises(signals.SignalError) as raised:
        signals.run(writes)
    assert (raised.value.code, written) == (ExitCode.HUNG_UP, ["answers"])


def test_received_signal_is_kept_until_the_command_ends() -> None:
    async def sigterm() -> None:
        signal.raise_signal(signal.SIGTERM)
        await asyncio.sleep(60)

    with signals.signals_as_errors():
        assert signals.received() is None
        with pytest.raises(signals.SignalError) as raised:
            signals.run(sigterm)
        assert signals.received() is raised.value
    assert signals.received() is None


@pytest.mark.parametrize("number", WORDS)
def test_signal_in_a_destructor_before_the_work_begins_is_not_lost(
    number: signal.Signals, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Python ignores an exception in a destructor."""

    class Garbage:
        def __del__(self) -> None:
            signal.raise_signal(number)

    async def work() -> None:
        raise AssertionError("the work began")

    monkeypatch.setattr(sys, "unraisablehook", lambda _: None)
    with signals.signals_as_errors():
        Garbage()
        with pytest.raises(signals.SignalError):
            signals.run(work)


def test_signal_while_the_event_loop_is_made_leaves_no_coroutine_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    """Python would write a warning about it to standard error."""

    async def work() -> None:
        raise AssertionError("the work began")

    monkeypatch.setattr("asyncio.events.new_event_loop", lambda: signal.raise_signal(signal.SIGTERM))
    with warnings.catch_warnings(record=True, action="always") as shown:
        with signals.signals_as_errors(), contextlib.suppress(signals.SignalError):
            signals.run(work)
        gc.collect()
    assert not shown
