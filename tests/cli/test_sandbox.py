"""The command that serves a sandbox."""

import errno
import io
import signal
import socket
import subprocess

import pytest

from katapult_async.cli.messages import printable
from katapult_async.sandbox import Sandbox
from tests.cli.conftest import Command, FailingStream, SignalOnWrite, sandbox_process


@pytest.mark.slow
def test_exported_variables_make_the_command_use_the_sandbox(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    with sandbox_process("--organizations", "3", "--machines", "3", "--interfaces", "4", "--window", "5") as (
        server,
        exports,
    ):
        assert server.stderr is not None
        _, hint = (server.stderr.readline().decode() for _ in range(2))
        assert hint == "  katapult-async available-ips --all\n"
        assert exports["KATAPULT_RATE_LIMIT_WINDOW"] == "5.0"
        for name, value in exports.items():
            monkeypatch.setenv(name, value)
        result = command(*hint.split()[1:], "-o", "jsonl")
        assert len(command("orgs", "list", "-o", "jsonl").records()) == 3
    assert result.code == 0
    assert len(result.records()) == 8


def test_standard_output_of_the_sandbox_is_a_shell_script(command: Command) -> None:
    exports = command("sandbox", stdout=SignalOnWrite("export")).out
    script = f"{exports}\necho $KATAPULT_API_URL $KATAPULT_API_KEY"
    completed = subprocess.run(["sh", "-eu", "-c", script], capture_output=True, text=True, check=True)
    assert completed.stdout.startswith("http://127.0.0.1:")
    assert completed.stdout.endswith(f" {Sandbox().token}\n")


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_signal_ends_the_sandbox_with_its_exit_code(
    command: Command, monkeypatch: pytest.MonkeyPatch, number: signal.Signals, code: int
) -> None:
    monkeypatch.setenv("KATAPULT_API_KEY", "not shown")
    stdout = SignalOnWrite("KATAPULT_API_KEY", sends=number)
    result = command("sandbox", "--machines", "1", "--interfaces", "1", stdout=stdout)
    url, key, window = result.out.splitlines()
    assert result.code == code
    assert url.startswith("export KATAPULT_API_URL=http://127.0.0.1:")
    assert key == f"export KATAPULT_API_KEY={Sandbox(machines=1, interfaces=1).token}"
    assert window == "export KATAPULT_RATE_LIMIT_WINDOW=60.0"
    assert result.err.startswith(f"Katapult sandbox at {url.partition('=')[2]}. ")
    assert result.err.endswith(": the sandbox has ended\n")


def test_port_in_use_is_one_error_line_and_code_1(command: Command) -> None:
    with socket.create_server(("127.0.0.1", 0)) as used:
        port = used.getsockname()[1]
        result = command("sandbox", "--port", str(port), stdout=io.StringIO())
    assert result.code == 1
    assert result.err == f"error: the sandbox cannot listen on 127.0.0.1 port {port}: address already in use\n"


@pytest.mark.parametrize("host", ["a..b", "a" * 70, "\udcff", "192.0.2.1"])
def test_host_that_cannot_be_listened_on_is_named_in_one_error_line_and_code_1(host: str, command: Command) -> None:
    result = command("sandbox", "--host", host, stdout=io.StringIO())
    assert result.code == 1
    [line] = result.err.splitlines()
    assert line.startswith(f"error: the sandbox cannot listen on {printable(host)} port 0: ")


@pytest.mark.parametrize(
    ("stdout", "message"),
    [
        (FailingStream(errno.ENOSPC), "error: the output cannot be written: No space left on device"),
        (FailingStream(errno.EPIPE), "  katapult-async"),  # the hint: no error follows it
    ],
)
def test_exports_that_cannot_be_written_end_with_code_1(stdout: io.StringIO, message: str, command: Command) -> None:
    result = command("sandbox", stdout=stdout)
    assert result.code == 1
    assert result.err.splitlines()[-1].startswith(message)


def test_closed_standard_output_is_an_error(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdout", None)
    result = command("sandbox")
    assert (result.code, result.err) == (1, "error: the output cannot be written: standard output is closed\n")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--interfaces", "1"], "--interfaces must be at least 60"),
        (["--organizations", "4"], "--organizations must be"),
        (["--window", "0"], "'0' is not a number of seconds from 0.001 to 1e+10"),
        (["--window", "1e-320"], "is not a number of seconds from 0.001 to 1e+10"),
        (["--clock-offset", "1e300"], "--clock-offset must be at most 1e+09, not 1e+300"),
        (["--clock-offset=-1e300"], "--clock-offset must be at least -1e+09, not -1e+300"),
        (["--drop", "2"], "--drop must be at most 1, not 2.0"),
        (["--drop", "0.7", "--truncate", "0.7"], "the sum of the shares must be at most 1"),
        (["--drop", "0.7", "--lost-response", "0.7"], "the sum of the shares must be at most 1"),
        (["--task-duration", "-1"], "--task-duration must be at least 0"),
        (["--port", "70000"], "--port must be between 0 and 65535, not 70000"),
        (["--port", "http"], "Invalid value for '--port': 'http' is not a valid integer"),
    ],
)
def test_invalid_settings_of_the_sandbox_are_one_error_line_and_code_2(
    arguments: list[str], message: str, command: Command
) -> None:
    result = command("sandbox", *arguments)
    assert result.code == 2
    [line] = result.err.splitlines()
    assert message in line
    assert line.endswith("(see katapult-async sandbox --help)")
