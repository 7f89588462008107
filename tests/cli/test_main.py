"""The entry point and the root command."""

import os
import re
import runpy
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

import katapult_async.__main__ as entry
from katapult_async import __version__
from katapult_async.cli.exit_codes import ExitCode
from katapult_async.cli.main import ALIASES, katapult_async
from tests.cli.conftest import Command, process


def test_python_m_runs_the_command() -> None:
    arguments = [sys.executable, "-m", "katapult_async", "--version"]
    completed = subprocess.run(arguments, capture_output=True, text=True, check=True)
    assert completed.stdout == f"katapult-async {__version__}\n"


def test_main_module_ends_with_the_exit_code_of_the_command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["katapult-async", "available-ips"])
    with pytest.raises(SystemExit) as ended:
        runpy.run_path(entry.__file__, run_name="__main__")
    assert ended.value.code == 2
    assert capsys.readouterr().err.startswith("error: name the interfaces")


@pytest.mark.parametrize(
    ("missing", "names"),
    [(["click"], "click"), (["rich"], "rich"), (["click", "yaml"], "click and PyYAML")],
)
def test_missing_package_is_named_with_how_to_install_it(
    missing: list[str], names: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in missing:
        monkeypatch.setitem(sys.modules, name, None)
    assert entry.main() == 2
    [line] = capsys.readouterr().err.splitlines()
    assert line == f"error: the command also needs {names}: in the clone, pip install '.[cli]'"


def test_without_a_command_the_help_goes_to_standard_error(command: Command) -> None:
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


@pytest.mark.parametrize(("alias", "name"), ALIASES.items())
def test_alias_has_the_help_of_its_group(alias: str, name: str, command: Command) -> None:
    assert command(alias, "--help").out == command(name, "--help").out.replace(
        f"katapult-async {name}", f"katapult-async {alias}"
    )
    assert f"(alias: {alias})" in command("--help").out


@pytest.mark.parametrize("line", ["--version=1", "tags --help=1"])
def test_option_of_a_group_takes_no_value(line: str, command: Command) -> None:
    result = command(*line.split())
    option = line.removeprefix("tags ").removesuffix("=1")
    assert (result.code, result.err) == (2, f"error: Option '{option}' does not take a value\n")


@pytest.mark.usefixtures("sandbox")
@pytest.mark.parametrize(
    ("line", "code", "message"),
    [
        (
            "available-ip",
            2,
            "No such command 'available-ip'; did you mean available-ips? (see katapult-async --help)",
        ),
        ("orgs", 2, "Missing command"),
        ("vms restore vm_1", 2, "No such command 'restore'; did you mean trash restore?"),
        ("disks restore disk_1", 2, "No such command 'restore'; did you mean trash restore?"),
        ("restore", 2, "No such command 'restore'; did you mean trash restore? (see katapult-async --help)"),
        ("ips allocate vmnet_1", 2, "No such command 'allocate'; did you mean nics allocate?"),
        ("orgs build", 2, "No such command 'build'; did you mean vms build? (see katapult-async orgs --help)"),
        ("tasks list", 2, "No such command 'list' (see katapult-async tasks --help)"),
        ("ips unalocate vmnet_1", 2, "No such command 'unalocate'; did you mean unallocate?"),
        ("vms --sandbox list", 2, "No such option '--sandbox': put it after the command"),
        ("--verson", 2, "No such option '--verson'; did you mean --version? (see"),
        ("tags list --org larch", 2, "No such option '--org'; did you mean --organization? (see"),
        ("tags list --json", 2, "No such option '--json'; did you mean --output-format? (see"),
        ("tags list --columns id", 2, "No such option '--columns'; did you mean --fields? (see"),
        ("tags list --format csv", 2, "No such option '--format'; did you mean --output-format? (see"),
        ("orgs list --sandbx", 2, "No such option '--sandbx'; did you mean --sandbox? (see"),
        (
            "vms get --virtual-machine vm_1",
            2,
            "No such option '--virtual-machine': give VIRTUAL_MACHINE without an opt",
        ),
        ("orgs list --all", 2, "No such option '--all' (see"),
        ("vms list --limit 5", 2, "No such option '--limit' (see"),
        ("vms console vm_1", 2, "No such command 'console'; did you mean create-console-session? (see"),
        ("api-tokens create --ips 10.0.0.1", 2, "No such option '--ips'; did you mean --authorized-ip-addresses? (see"),
        (
            "vms stop a b",
            2,
            "Got unexpected extra argument (b): the command takes one VIRTUAL_MACHINE; xargs -n 1 runs it for several",
        ),
        (
            "disks get disk_1 disk_2 disk_3",
            2,
            "extra arguments (disk_2 disk_3): the command takes one DISK; xargs -n 1 runs",
        ),
        ("vms list web-1", 2, "Got unexpected extra argument (web-1) (see"),
        ("orgs get nobody", 4, "no such organization: nobody (404 organization_not_found, "),
        ("vms get nope.example", 4, "no such virtual machine: nope.example (404 virtual_machine_not_found, "),
        ("nics get vmnet_nowhere", 4, "no such virtual machine network interface: vmnet_nowhere ("),
        ("nics list", 2, "Missing option '--virtual-machine'"),
        ("ips get 203.0.113", 2, "is not an id (ip_...) or IP address"),
        ("tasks get task_nowhere", 4, "no such task: task_nowhere (404 task_not_found, "),
        (
            "vms list --fields fqnd",
            2,
            "hypervisor, annotations; did you mean fqdn? (see katapult-async vms list --help)",
        ),
        (
            "ips list --fields network.nam",
            2,
            "no field 'nam' in network; the fields are id, name, permalink, data_center, default; did you mean name?",
        ),
        ("ips list --fields id.x", 2, "id has no fields"),
    ],
)
def test_expected_error_is_one_line_with_its_exit_code(line: str, code: int, message: str, command: Command) -> None:
    result = command(*line.split())
    [error] = result.err.splitlines()
    assert (result.code, result.out) == (code, "")
    assert error.startswith("error: ")
    assert message in error
    assert "Error" not in error


@pytest.mark.slow
@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["completion", "bash"], ["vms", "--help"]])
def test_full_disk_is_one_error_line_and_code_1(arguments: list[str]) -> None:
    with Path("/dev/full").open("wb") as full, process(*arguments, stdout=full) as started:
        _, err = started.communicate(timeout=20)
    assert (started.returncode, err) == (1, b"error: No space left on device\n")


@pytest.mark.slow
@pytest.mark.parametrize("redirections", ["", "2>&-", "2>&- <&-"])
@pytest.mark.parametrize("arguments", ["--help", "completion bash", "vms --help"])
def test_output_to_a_closed_pipe_is_code_1_without_a_message(arguments: str, redirections: str) -> None:
    reader, sender = os.pipe()
    os.close(reader)
    line = f"{shlex.quote(sys.executable)} -m katapult_async {arguments} {redirections}"
    with open(sender, "wb") as stream:  # noqa: PTH123 # a descriptor
        completed = subprocess.run(["sh", "-c", line], stdout=stream, stderr=subprocess.PIPE, timeout=20, check=False)
    assert (completed.returncode, completed.stderr) == (1, b"")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["orgs", "list", "--sandbox"], 0, ""),
        (
            ["available-ips", "--all", "--sandbox", "--output", "job.jsonl"],
            1,
            "error: job.jsonl cannot be written: No such",
        ),
        (["available-ips", "--sandbox", "--file", "ids"], 2, "File 'ids' does not exist"),
        (["orgs", "list", "--sandbox", "--token-file", "token"], 2, "File 'token' does not exist"),
    ],
)
def test_deleted_working_directory_causes_at_most_one_error_line(
    arguments: list[str], code: int, message: str, tmp_path: Path
) -> None:
    directory = tmp_path / "directory"
    directory.mkdir()
    line = [sys.executable, "-m", "katapult_async", *arguments]
    script = 'cd "$1" && rmdir "$1" && shift && exec "$@"'
    environment = {**os.environ, "PYTHONPATH": str(Path(entry.__file__).parent.parent)}
    completed = subprocess.run(
        ["sh", "-c", script, "sh", str(directory), *line], env=environment, capture_output=True, text=True, check=False
    )
    assert completed.returncode == code, completed.stderr
    assert message in completed.stderr
    assert "Traceback" not in completed.stderr
    errors = [line for line in completed.stderr.splitlines() if line.startswith("error: ")]
    assert len(errors) == (1 if code else 0)


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["available-ips", "--all", "--output", "{link}"], 1),
        (["available-ips", "--all", "--output", "{link}", "--resume"], 1),
        (["available-ips", "--file", "{link}"], 2),
        (["orgs", "list", "--token-file", "{link}"], 2),
    ],
)
def test_link_to_itself_is_one_error_line(arguments: list[str], code: int, tmp_path: Path, command: Command) -> None:
    link = tmp_path / "link"
    link.symlink_to(link)
    result = command(*(word.format(link=link) for word in arguments), "--sandbox", "--quiet")
    assert (result.code, result.out) == (code, "")
    [line] = result.err.splitlines()
    assert str(link) in line


@pytest.mark.slow
def test_too_few_file_descriptors_are_one_error_line() -> None:
    line = [sys.executable, "-m", "katapult_async", "orgs", "list", "--sandbox"]
    completed = subprocess.run(
        ["sh", "-c", 'ulimit -n 6 && "$@"', "sh", *line], capture_output=True, text=True, check=False
    )
    assert completed.returncode == 1
    assert re.fullmatch(r"error: (.*: )?Too many open files", completed.stderr.splitlines()[-1])
    assert "Traceback" not in completed.stderr
