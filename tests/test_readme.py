"""The README says what the code does now: its programs run and print what it shows, its tables are the code's."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

import katapult_async
from katapult_async.cli.exit_codes import ExitCode
from katapult_async.errors import APIError, KatapultError, RequestError, TransportError

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"^\$ katapult-async (.*)\n((?:(?!\$ |```).*\n)*)", README, re.MULTILINE)
PROGRAMS = re.findall(r"```python\n((?:(?!```).)*?)```\n\n```text\n(.*?)```", README, re.DOTALL)
EXAMPLES = [ROOT / "examples/quickstart.py"]  # the others have tests of their own, in tests/examples


def run(*arguments: str, silent: bool = True) -> str:
    """Return what a Python program prints, in a process of its own and without a token in its environment.

    Args:
        arguments: of Python.
        silent: whether it must not write messages.
    """
    environment = {name: value for name, value in os.environ.items() if not name.startswith("KATAPULT_")}
    done = subprocess.run(
        [sys.executable, "-W", "error", *arguments],
        env=environment,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert not (silent and done.stderr)
    return done.stdout


@pytest.mark.parametrize(("program", "shown"), PROGRAMS)
def test_a_program_prints_what_the_readme_shows(program: str, shown: str) -> None:
    assert run("-c", program) == shown


def test_every_program_of_the_readme_shows_its_output() -> None:
    assert README.count("asyncio.run(main())") == len(PROGRAMS) == 3


@pytest.mark.parametrize(("command", "shown"), COMMANDS)
def test_a_command_prints_what_the_readme_shows(
    command: str, shown: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    printed = run("-m", "katapult_async", *shlex.split(command), silent=False)
    assert [line.rstrip() for line in printed.splitlines()] == shown.splitlines()


def test_every_command_in_a_console_is_run() -> None:
    assert README.count("$ katapult-async ") == len(COMMANDS) == 3


def test_ci_runs_the_two_commands_of_the_readme() -> None:
    commands = re.findall(r"```shell\n(.*)\n```", README)
    ci = (ROOT / ".ci/run").read_text(encoding="utf-8")
    assert [extra for command in commands[:2] for extra in re.findall(r"'\.\[(\w+)\]'", command)] == ["cli", "dev"]
    for command in commands[:2]:
        [extra] = re.findall(r"'\.\[\w+\]'", command)
        assert f'readme_command "{extra}"' in ci


def test_the_table_of_errors_has_every_class_that_is_raised() -> None:
    listed = set(re.findall(r"^\| `(\w+)`", README, re.MULTILINE))
    bases = {KatapultError, RequestError, TransportError, APIError}
    classes = {
        name
        for name in katapult_async.__all__
        if isinstance(kind := getattr(katapult_async, name), type)
        and issubclass(kind, KatapultError)
        and kind not in bases
    }
    assert listed == classes


def test_the_table_of_settings_has_the_defaults() -> None:
    listed = re.findall(r"^\| `(\w+)\((\w+)=\.\.\.\)` \| (\d+)(?: s)? \|", README, re.MULTILINE)
    assert len(listed) == README.count("=...)` |") == 10
    for kind, name, default in listed:
        assert getattr(getattr(katapult_async, kind)(), name) == int(default), name


def test_the_table_of_exit_codes_is_that_of_the_command() -> None:
    listed = dict(re.findall(r"^\| (\d+) \| (.*) \|$", README, re.MULTILINE))
    assert listed == {str(code.value): code.meaning for code in ExitCode}


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.name)
def test_an_example_runs_against_the_sandbox(example: Path) -> None:
    assert re.search(r"^8 interfaces, [1-9]\d* free addresses, 0 failures$", run(str(example)), re.MULTILINE)
