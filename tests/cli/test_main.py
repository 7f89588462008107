"""The entry point, the group and the subcommand that serves a sandbox."""

import asyncio
import importlib.util
import io
import runpy
import signal
import socket
import subprocess
import sys

import click
import pytest
from click.testing import CliRunner

import katapult_async.__main__ as entry
from katapult_async import __version__
from katapult_async.cli import signals
from katapult_async.cli.exit_codes import ExitCode
from katapult_async.cli.main import katapult_async, run
from katapult_async.sandbox import Sandbox
from tests.cli.conftest import Command, Tripwire, served_apart


def test_python_m_runs_the_command() -> None:
    arguments = [sys.executable, "-m", "katapult_async", "--version"]
    said = subprocess.run(arguments, capture_output=True, text=True, check=True)
    assert said.stdout == f"katapult-async {__version__}\n"


def test_the_module_ends_with_the_exit_code_of_the_command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["katapult-async", "available-ips"])
    with pytest.raises(SystemExit) as ended:
        runpy.run_path(entry.__file__, run_name="__main__")
    assert ended.value.code == 2
    assert capsys.readouterr().err.startswith("error: name the interfaces")


@pytest.mark.parametrize(
    ("missing", "named"),
    [(["click"], "click"), (["rich"], "rich"), (["click", "yaml"], "click and PyYAML")],
)
def test_without_the_extra_the_message_says_how_to_install_it(
    missing: list[str], named: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in missing:
        monkeypatch.setitem(sys.modules, name, None)
    assert entry.main() == 2
    [line] = capsys.readouterr().err.splitlines()
    assert line == f"error: the command also needs {named}: in the clone, pip install '.[cli]'"


SIGNALLED = """
import os, runpy, sys

_, module, number = sys.argv

class Tripwire:
    @staticmethod
    def find_spec(name, path=None, target=None):
        if name == module:
            exec("os.kill(os.getpid(), int(number))")  # as text, for what Python makes of a KeyboardInterrupt there

sys.meta_path.insert(0, Tripwire)
sys.argv[1:] = ["orgs", "list", "--sandbox"]
runpy.run_module("katapult_async", run_name="__main__")
"""


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
@pytest.mark.parametrize("module", ["yaml", "katapult_async.cli.main", "katapult_async.sandbox"])
def test_a_signal_while_modules_are_loaded_ends_it_without_a_traceback(
    module: str, number: signal.Signals, code: int
) -> None:
    """The process sends the signal to itself when it comes to load a module."""
    arguments = [sys.executable, "-c", SIGNALLED, module, str(int(number))]
    ended = subprocess.run(arguments, capture_output=True, text=True, check=False, timeout=20)
    assert (ended.returncode, ended.stdout, ended.stderr.strip()) == (code, "", "")


def test_without_a_subcommand_the_help_goes_to_standard_error(command: Command) -> None:
    result = command()
    assert result.code == 2
    assert result.out == ""
    assert "available-ips" in result.err


@pytest.mark.parametrize("arguments", [["--help"], ["-h"], ["available-ips", "--help"]])
def test_help_lists_every_exit_code(arguments: list[str]) -> None:
    result = CliRunner().invoke(katapult_async, arguments)
    assert result.exit_code == 0
    for code in ExitCode:
        assert f"{code.value:<5}{code.meaning}" in result.stdout


@pytest.mark.parametrize("name", ["available-ips", "sandbox"])
def test_the_help_of_each_subcommand_has_an_example(name: str) -> None:
    said = CliRunner().invoke(katapult_async, [name, "--help"]).stdout
    assert f"\n    katapult-async {name}" in said


def test_an_unknown_subcommand_is_one_line_and_code_2(command: Command) -> None:
    result = command("available-ip")
    assert result.code == 2
    assert result.err.startswith("error: No such command 'available-ip'. Did you mean 'available-ips'?")
    assert result.err.endswith("(see katapult-async --help)\n")


def test_sigterm_while_nothing_is_asked_ends_with_143(command: Command) -> None:
    assert command("--help", stdout=Tripwire("Usage", sends=signal.SIGTERM)).code == 143


def test_the_handling_of_sigterm_is_left_as_it_was_found(command: Command) -> None:
    before = signal.getsignal(signal.SIGTERM)
    assert command("--version").code == 0
    assert signal.getsignal(signal.SIGTERM) is before


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("handler", [signal.SIG_IGN, signal.default_int_handler])
def test_the_entry_point_leaves_the_handling_of_signals_as_it_was_found(
    number: signal.Signals, handler: signal.Handlers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", ["katapult-async", "--version"])
    before = signal.signal(number, handler)
    try:
        assert entry.main() == 0
        assert signal.getsignal(number) is handler
    finally:
        signal.signal(number, before)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_while_the_command_is_loaded_is_an_exit_code(
    number: signal.Signals, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: signal.raise_signal(number))
    with pytest.raises(SystemExit) as ended:
        entry.main()
    assert ended.value.code == 128 + number


def test_a_run_that_cancels_itself_was_not_terminated() -> None:
    async def cancelled() -> None:
        raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        signals.run(cancelled)


def test_a_usage_error_without_a_context_names_the_command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise click.UsageError("no context")

    monkeypatch.setattr(katapult_async, "main", fail)
    assert run([]) == 2
    assert capsys.readouterr().err == "error: no context (see katapult-async --help)\n"


def test_the_sandbox_prints_exports_with_which_the_command_finds_it(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    with served_apart("--machines", "3", "--interfaces", "4", "--window", "5") as (server, exports):
        assert server.stderr is not None
        hint = [server.stderr.readline().decode() for _ in range(2)][1]
        assert hint == "  katapult-async available-ips --all --rate-limit-window 5\n"
        for name, value in exports.items():
            monkeypatch.setenv(name, value)
        result = command(*hint.split()[1:], "-o", "jsonl")
    assert result.code == 0
    assert len(result.records()) == 8


def test_a_shell_can_read_all_that_the_sandbox_writes_to_standard_output(command: Command) -> None:
    written = command("sandbox", stdout=Tripwire("export")).out
    script = f"{written}\necho $KATAPULT_API_URL $KATAPULT_API_KEY"
    said = subprocess.run(["sh", "-eu", "-c", script], capture_output=True, text=True, check=True)
    assert said.stdout.startswith("http://127.0.0.1:")
    assert said.stdout.endswith(f" {Sandbox().token}\n")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_or_sigterm_is_how_the_sandbox_ends(
    command: Command, monkeypatch: pytest.MonkeyPatch, number: signal.Signals
) -> None:
    monkeypatch.setenv("KATAPULT_API_KEY", "not shown")
    pulled = Tripwire("KATAPULT_API_KEY", sends=number)
    result = command("sandbox", "--machines", "1", "--interfaces", "1", stdout=pulled)
    url, key = result.out.splitlines()
    assert result.code == 0
    assert url.startswith("export KATAPULT_API_URL=http://127.0.0.1:")
    assert key == f"export KATAPULT_API_KEY={Sandbox(machines=1, interfaces=1).token}"
    assert result.err.startswith(f"Katapult sandbox at {url.partition('=')[2]}. ")
    assert result.err.endswith("the sandbox has ended\n")


def test_a_port_that_is_taken_is_one_line_and_code_1(command: Command) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        result = command("sandbox", "--port", str(taken.getsockname()[1]), stdout=io.StringIO())
    assert result.code == 1
    assert result.err.startswith("error: the sandbox cannot listen: ")
    assert len(result.err.splitlines()) == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--interfaces", "1"], "interfaces must be at least machines"),
        (["--window", "0"], "window must be above 0"),
        (["--drop", "0.7", "--truncate", "0.7"], "the sum of the shares must be at most 1"),
        (["--drop", "0.7", "--lost-response", "0.7"], "the sum of the shares must be at most 1"),
        (["--task-duration", "-1"], "task_duration must be at least 0"),
        (["--port", "70000"], "70000 is not in the range"),
    ],
)
def test_a_sandbox_that_cannot_be_is_one_line_and_code_2(arguments: list[str], said: str, command: Command) -> None:
    result = command("sandbox", *arguments)
    assert result.code == 2
    [line] = result.err.splitlines()
    assert said in line
    assert line.endswith("(see katapult-async sandbox --help)")
