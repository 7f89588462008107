"""The help of every command: there, quick, and with examples that work; and what shells complete."""

import asyncio
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import attrs
import click
import pytest
from click.shell_completion import ShellComplete
from click.testing import CliRunner

from katapult_async import KatapultClient
from katapult_async.cli.commands import COMMANDS as COMMANDS_OF_THE_ROOT
from katapult_async.cli.main import katapult_async
from katapult_async.cli.questions import FieldList
from katapult_async.models import IPAddress
from katapult_async.sandbox import Sandbox
from tests.cli.conftest import Command, Tripwire, listening

SERVES: Final = "sandbox"
"""The one command that does not end by itself."""


def called(group: click.Group, name: str) -> click.Command:
    """Return the command of a group that a word calls."""
    _, command, _ = group.resolve_command(click.Context(group), [name])
    assert command is not None
    return command


def commands(group: click.Group, *path: str) -> Iterator[tuple[str, ...]]:
    """Yield the words of every command that is no group."""
    for name in group.list_commands(click.Context(group)):
        command = called(group, name)
        if isinstance(command, click.Group):
            yield from commands(command, *path, name)
        else:
            yield (*path, name)


COMMANDS: Final = tuple(commands(katapult_async))


def examples(words: tuple[str, ...]) -> list[str]:
    said = CliRunner().invoke(katapult_async, [*words, "--help"]).stdout
    return [line.strip() for line in said.splitlines() if line.startswith("    katapult-async ")]


EXAMPLES: Final = list(dict.fromkeys(line for words in COMMANDS if words != (SERVES,) for line in examples(words)))


IDS: Final = sorted({found[0] for line in EXAMPLES for found in re.finditer(r"\b[a-z]+_\w{16}\b", line)})


@attrs.define
class Cloud:
    """A cloud such as that of --sandbox and of a sandbox that is served without options, and a task in it."""

    sandbox: Sandbox
    task: str

    def translated(self, line: str) -> str:
        """Return an example with the id of the task: a cloud is made without any, so the help cannot name one."""
        return re.sub(r"\btask_\w{16}\b", self.task, line)


@pytest.fixture(scope="module")
def cloud() -> Iterator[Cloud]:
    sandbox = Sandbox(permitted=100_000, task_duration=0.01)

    async def detached() -> str:
        async with KatapultClient(sandbox.token, base_url=sandbox.base_url) as katapult:
            interface = sandbox.store.interfaces[-1].id
            return (await katapult.virtual_machine_network_interfaces.detach(interface)).task.id

    with listening(sandbox):
        yield Cloud(sandbox, asyncio.run(detached()))


@pytest.mark.parametrize("line", EXAMPLES)
def test_an_example_of_the_help_does_what_it_says(
    line: str, cloud: Cloud, command: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Examples with --sandbox are run as they are, the others against a cloud with the same things in it."""
    monkeypatch.chdir(tmp_path)
    if "--sandbox" not in line:
        monkeypatch.setenv("KATAPULT_API_URL", cloud.sandbox.base_url)
        monkeypatch.setenv("KATAPULT_API_KEY", cloud.sandbox.token)
        line = cloud.translated(line)
    result = command(*shlex.split(line.partition(">")[0])[1:])
    assert result.code == 0, result.err
    assert result.out or "--output " in line


def test_the_examples_that_go_on_with_what_another_command_wrote_fit_together(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    said = CliRunner().invoke(katapult_async, ["available-ips", "--help"]).stdout
    lines = [line.strip() for line in said.splitlines() if "interfaces.csv" in line]
    assert [line.split()[0] for line in lines] == ["katapult-async", "tail"]
    program = tmp_path / "katapult-async"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m katapult_async "$@"\n')
    program.chmod(0o700)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    monkeypatch.setenv("KATAPULT_API_URL", cloud.sandbox.base_url)
    monkeypatch.setenv("KATAPULT_API_KEY", cloud.sandbox.token)
    done = subprocess.run(["sh", "-euc", "\n".join(lines)], cwd=tmp_path, capture_output=True, text=True, check=False)
    listed = (tmp_path / "interfaces.csv").read_text().split()[1:]
    assert listed
    assert done.returncode == 0, done.stderr
    assert f"{2 * len(listed)} of {2 * len(listed)} queries answered" in done.stderr
    assert {row.split(",")[0] for row in done.stdout.splitlines()[1:]} == set(listed)


@pytest.mark.parametrize("named", [each for each in IDS if not each.startswith("task_")])
def test_an_id_in_the_help_is_one_of_the_sandboxes(named: str) -> None:
    world = Sandbox().store
    kinds = (world.organizations, world.machines, world.networks, world.interfaces, world.addresses)
    assert named in {each.id for things in kinds for each in things}


def test_the_option_and_the_command_make_the_same_sandbox(command: Command) -> None:
    records = command("vms", "list", "--organization", "larch", "--sandbox", "-o", "jsonl").records()
    assert records
    assert {each["id"] for each in records} <= {each.id for each in Sandbox().store.machines}


@pytest.mark.parametrize("line", examples((SERVES,)))
def test_an_example_of_the_sandbox_listens_until_ctrl_c(line: str, command: Command) -> None:
    arguments = shlex.split(line.partition(">")[0].replace("--port 8080", "--port 0"))[1:]
    result = command(*arguments, stdout=Tripwire("export"))
    assert result.code == 0
    assert result.err.endswith("the sandbox has ended\n")


@pytest.mark.parametrize("words", COMMANDS)
def test_every_command_has_an_example_of_its_own_and_says_what_it_does(words: tuple[str, ...]) -> None:
    assert examples(words)
    command: click.Command = katapult_async
    for word in words:
        assert isinstance(command, click.Group)
        command = called(command, word)
    assert command.help
    assert all(each.help for each in command.params if isinstance(each, click.Option))


@pytest.mark.parametrize("words", COMMANDS)
def test_no_command_takes_a_token_as_an_argument(words: tuple[str, ...]) -> None:
    said = CliRunner().invoke(katapult_async, [*words, "--help"]).stdout
    assert "--token " not in said
    assert ("--token-file FILE" in said) is (words not in {("sandbox",), ("completion",)})


@pytest.mark.parametrize("words", [["vms", "-h"], ["ips", "update", "-h"], ["available-ips", "-h"], ["sandbox", "-h"]])
def test_the_help_of_a_command_loads_nothing_that_asks_or_writes(words: list[str]) -> None:
    assert loaded(words) & {"rich", "yaml", "aiohttp", "asyncio", "msgspec", "katapult_async.sandbox"} == set()


def test_the_script_for_a_shell_is_printed_without_what_asks() -> None:
    assert loaded(["completion", "bash"]) & {"attrs", "aiohttp", "asyncio", "katapult_async.models"} == set()


@pytest.mark.parametrize("word", ["--help", "--version"])
def test_the_help_of_the_whole_loads_click_and_no_command(word: str) -> None:
    ours = {name for name in loaded([word]) if name.startswith("katapult_async.")}
    assert ours == {"katapult_async.version", "katapult_async.cli"} | {
        f"katapult_async.cli.{name}" for name in ("commands", "exit_codes", "lazy_group", "main", "signals", "terminal")
    }
    assert loaded([word]) & {"rich", "yaml", "aiohttp", "asyncio", "attrs", "msgspec"} == set()


def loaded(words: list[str]) -> set[str]:
    """Return the modules of a process that has run the command."""
    script = f"import sys; from katapult_async.cli.main import run; run({words}); print(*sys.modules)"
    said = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return set(said.stdout.splitlines()[-1].split())


@pytest.mark.parametrize("name", COMMANDS_OF_THE_ROOT)
def test_the_root_says_of_a_command_what_the_command_says_of_itself(name: str) -> None:
    root = katapult_async.get_command(click.Context(katapult_async), name)
    assert root is not None
    itself = called(katapult_async, name)
    assert katapult_async.get_command(click.Context(katapult_async), f"{name}-of-another") is None
    assert (root.name, root.help) == (itself.name, f"{itself.get_short_help_str(1000).rstrip('.')}.")


@pytest.mark.parametrize(
    ("words", "incomplete", "completed"),
    [
        ([], "org", ["organizations"]),
        ([], "vms", []),
        (["no-such-command"], "org", ["organizations"]),
        (["ips", "allocate"], "u", ["unallocate", "update"]),
        (["vms"], "", ["get", "list"]),
        (["orgs", "list", "-o"], "json", ["json", "jsonl"]),
        (["nics", "allocate", "vmnet_1", "--address-version"], "", ["ipv4", "ipv6"]),
        (["orgs", "list", "--fields"], "in", ["infrastructure_domain"]),
        (["vms", "list", "--fields"], "id,zone.data", ["id,zone.data_center"]),
        (["vms", "list", "--fields"], "zone.data_center.n", ["zone.data_center.name"]),
        (["vms", "list", "--fields"], "id.", []),
        (["vms", "list", "--fields"], "nothing.at.", []),
        (["available-ips", "-o"], "y", ["yaml"]),
        (["available-ips", "--fields"], "error.d", ["error.description", "error.detail"]),
        (
            ["nics", "available-ips", "--fields"],
            "ip_addresses.network.data_center.n",
            ["ip_addresses.network.data_center.name"],
        ),
        (["completion"], "z", ["zsh"]),
    ],
)
def test_commands_formats_choices_and_fields_are_completed(
    words: list[str], incomplete: str, completed: list[str]
) -> None:
    shell = ShellComplete(katapult_async, {}, "katapult-async", "_KATAPULT_ASYNC_COMPLETE")
    assert sorted(each.value for each in shell.get_completions(words, incomplete)) == completed


def test_completing_reads_no_token(tmp_path: Path) -> None:
    missing = tmp_path / "token"
    shell = ShellComplete(katapult_async, {}, "katapult-async", "_KATAPULT_ASYNC_COMPLETE")
    found = shell.get_completions(["orgs", "list", "--token-file", str(missing), "-o"], "y")
    assert [each.value for each in found] == ["yaml"]


def test_fields_are_named_once_each() -> None:
    context, option = click.Context(katapult_async), click.Option(["--fields"])
    assert FieldList(lambda: IPAddress)(context, option, "id, address,id") == ("id", "address")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_for_a_shell_calls_the_command_back(shell: str, command: Command) -> None:
    result = command("completion", shell)
    assert result.code == 0
    assert "_KATAPULT_ASYNC_COMPLETE" in result.out
    assert "katapult-async" in result.out


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash")
def test_bash_takes_the_script(command: Command) -> None:
    script = command("completion", "bash").out
    checked = subprocess.run(["bash", "-n"], input=script, text=True, capture_output=True, check=False)
    assert (checked.returncode, checked.stderr) == (0, "")
