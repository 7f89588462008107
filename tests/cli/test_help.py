"""The help of every command is complete, loads few modules, and has examples that work. Completion in shells."""

import asyncio
import os
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

from katapult_async import KatapultClient
from katapult_async.cli.main import COMMANDS as ROOT_COMMANDS, katapult_async
from katapult_async.models import Permalink
from katapult_async.sandbox import Sandbox
from katapult_async.sandbox.kinds import MODELS
from tests.cli.conftest import Command, SignalOnWrite, listening, use_sandbox
from tests.cli.help_pages import COMMANDS, command_named, examples, help_page

ENDLESS: Final = "sandbox"
"""The command that does not end by itself."""

SHARED_FILE: Final = "interfaces.txt"
"""The file that one example writes and the next one reads."""

EXAMPLES: Final = [
    line
    for line in dict.fromkeys(line for words in COMMANDS if words != (ENDLESS,) for line in examples(words))
    if SHARED_FILE not in line
]

IDS: Final = sorted({match[0] for line in EXAMPLES for match in re.finditer(r"\b[a-z]+_\w{16}\b", line)})

ABSENT_IN_SANDBOX: Final = {"task", "trsh", "lb", "lbrule", "vmbuild"}
"""Prefixes of the ids of objects that a new sandbox does not have, so that the help cannot name one."""


async def make_objects(sandbox: Sandbox) -> dict[str, str]:
    """Make an object of each kind that a new sandbox does not have, and return their ids by prefix."""
    owner, *_ = sandbox.store.organizations
    *_, machine = (listed for listed in sandbox.store.machines if listed.organization_id == owner.id)
    *_, interface = (nic for nic in sandbox.store.interfaces if nic.state == "attached")
    async with KatapultClient(sandbox.token, base_url=sandbox.base_url) as katapult:
        detached = await katapult.virtual_machine_network_interfaces.detach(interface.id)
        trashed = await katapult.virtual_machines.delete(machine.id)
        assert trashed is not None
        balancer = await katapult.load_balancers.create(
            organization=owner.id, name="web", data_center=Permalink("gb-london-1")
        )
        rule = await katapult.load_balancer_rules.create(
            load_balancer=balancer.id,
            algorithm="round_robin",
            destination_port=80,
            listen_port=80,
            protocol="HTTP",
        )
        build = await katapult.virtual_machine_builds.create(
            organization=owner.id, package=Permalink("small"), data_center=Permalink("gb-london-1")
        )
    return {
        "task": detached.task.id,
        "trsh": trashed.trash_object.id,
        "lb": balancer.id,
        "lbrule": rule.id,
        "vmbuild": build.id,
    }


LISTS_NOTHING: Final = {
    ("disk-backup-policies", "list-of-disk"),
    ("load-balancers", "list"),
    ("managed-organizations", "list"),
    ("trash", "list"),
}
"""Commands that list nothing in a new sandbox."""


@attrs.define
class Cloud:
    """A sandbox like that of --sandbox, with more objects."""

    sandbox: Sandbox
    ids: dict[str, str]
    machine_token: str

    def with_ids(self, line: str) -> str:
        """Return an example with the ids of these objects."""
        return re.sub(r"\b([a-z]+)_\w{16}\b", lambda match: self.ids.get(match[1], match[0]), line)


@pytest.fixture(scope="module")
def cloud() -> Iterator[Cloud]:
    sandbox = Sandbox(permitted=100_000, task_duration=0.01)
    with listening(sandbox):
        machine_token = sandbox.issue_token(virtual_machine_id=sandbox.store.machines[0].id)
        yield Cloud(sandbox, asyncio.run(make_objects(sandbox)), machine_token)


@pytest.mark.slow
@pytest.mark.parametrize("line", EXAMPLES)
def test_example_of_the_help_works(
    line: str, cloud: Cloud, command: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Examples with --sandbox are run as they are, the others against a sandbox with the same objects."""
    monkeypatch.chdir(tmp_path)
    if "--sandbox" not in line:
        # `authorized-keys` needs the token of a virtual machine.
        use_sandbox(monkeypatch, cloud.sandbox, token=cloud.machine_token if "authorized-keys" in line else None)
        line = cloud.with_ids(line)
    words = shlex.split(line.partition(">")[0])[1:]
    result = command(*words)
    assert result.code == 0, result.err
    assert result.out or "--output " in line or tuple(words[:2]) in LISTS_NOTHING


@pytest.mark.slow
def test_examples_that_share_a_file_work_one_after_the_other(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    lines = [line.strip() for line in help_page("available-ips").splitlines() if SHARED_FILE in line]
    assert [line.split()[0] for line in lines] == ["katapult-async", "katapult-async"]
    program = tmp_path / "katapult-async"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m katapult_async "$@"\n')
    program.chmod(0o700)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    use_sandbox(monkeypatch, cloud.sandbox)
    completed = subprocess.run(
        ["sh", "-euc", "\n".join(lines)], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    listed = (tmp_path / SHARED_FILE).read_text().split()
    assert listed
    assert completed.returncode == 0, completed.stderr
    assert f"{2 * len(listed)} of {2 * len(listed)} queries answered" in completed.stderr
    assert {row.split(",")[0] for row in completed.stdout.splitlines()[1:]} == set(listed)


@pytest.mark.parametrize(
    "name", [identifier for identifier in IDS if identifier.partition("_")[0] not in ABSENT_IN_SANDBOX]
)
def test_id_in_the_help_exists_in_the_sandbox(name: str) -> None:
    store = Sandbox().store
    assert name in {stored.id for model in MODELS for stored in store.all(model)}


def test_sandbox_option_starts_the_default_sandbox(command: Command) -> None:
    records = command("vms", "list", "--organization", "larch", "--sandbox", "-o", "jsonl").records()
    assert records
    assert {record["id"] for record in records} <= {machine.id for machine in Sandbox().store.machines}


@pytest.mark.parametrize("line", examples((ENDLESS,)))
def test_example_of_the_sandbox_listens_until_ctrl_c(line: str, command: Command) -> None:
    arguments = shlex.split(line.partition(">")[0].replace("--port 8080", "--port 0"))[1:]
    result = command(*arguments, stdout=SignalOnWrite("export"))
    assert result.code == 130
    assert result.err.endswith("the sandbox has ended\n")


def test_every_command_has_an_example_and_help_for_every_option() -> None:
    for words, command in COMMANDS.items():
        assert examples(words), words
        assert command.help, words
        assert all(option.help for option in command.params if isinstance(option, click.Option)), words


def test_example_has_the_value_that_the_help_of_its_option_names() -> None:
    [line] = examples(("object-storage-buckets", "create-presigned-url"))
    assert " --path photos/cat.jpg " in line


def test_list_of_commands_does_not_say_what_each_command_prints() -> None:
    assert "restore    Restore an object from the trash.\n" in help_page("trash")


@pytest.mark.parametrize("name", ["", *sorted({words[0] for words in COMMANDS if len(words) > 1})])
def test_list_of_commands_cuts_no_sentence(name: str) -> None:
    _, _, listed = help_page(*name.split()).partition("\nCommands:\n")
    assert listed
    assert "..." not in listed


def test_no_command_takes_a_token_as_an_argument() -> None:
    assert [words for words in COMMANDS if "--token " in help_page(*words)] == []
    without = {words for words in COMMANDS if "--token-file FILE" not in help_page(*words)}
    assert without == {("sandbox",), ("completion",)}


SLOW: Final = {"rich", "yaml", "aiohttp", "asyncio", "attrs", "attr", "logging", "msgspec", "urllib.parse"}
"""Modules that take long to load. Each stands for the other modules that it loads."""

HANDWRITTEN: Final = [
    "api",
    "available-ips",
    "completion",
    "nics allocate",
    "nics available-ips",
    "rate-limit",
    "sandbox",
]
"""The commands that are written by hand."""

HELPS: Final = [
    ["vms", "list", "--help"],
    ["zones", "list", "--help"],
    ["disks", "create", "--help"],
    ["builds", "create", "--help"],
    ["vms", "-h"],
    ["ips", "update", "-h"],
    ["nics", "allocate", "-h"],
    ["available-ips", "-h"],
    ["rate-limit", "-h"],
]


@pytest.mark.slow
@pytest.mark.parametrize("words", HELPS)
def test_help_of_a_command_loads_no_models_no_resources_and_no_slow_modules(words: list[str]) -> None:
    modules = loaded_modules(words)
    assert modules & SLOW == set()
    packages = ("katapult_async.models.", "katapult_async.resources.", "katapult_async.core", "katapult_async.sandbox")
    assert [name for name in modules if name.startswith(packages)] == []


@pytest.mark.slow
def test_command_loads_no_models_of_other_resources_and_no_module_of_a_job() -> None:
    modules = loaded_modules(["tags", "list", "--organization", "larch", "--sandbox"])
    assert "katapult_async.models.tags" in modules
    assert modules.isdisjoint(
        {"katapult_async.models.virtual_machines", "katapult_async.cli.summary", "katapult_async.cli.progress"}
    )


def test_completion_script_loads_no_slow_modules() -> None:
    assert loaded_modules(["completion", "bash"]) & {"attrs", "aiohttp", "asyncio", "katapult_async.models"} == set()


@pytest.mark.slow
@pytest.mark.parametrize("word", ["--help", "--version"])
def test_help_of_the_root_loads_click_and_no_command(word: str) -> None:
    own = {name for name in loaded_modules([word]) if name.startswith("katapult_async.")}
    others = ("cli", "lazy_names", "similar_names", "version")
    assert own == {f"katapult_async.{name}" for name in others} | {
        f"katapult_async.cli.{name}"
        for name in ("exit_codes", "file_descriptor", "groups", "lazy_group", "main", "messages", "signals")
    }
    assert loaded_modules([word]) & SLOW == set()


@pytest.mark.slow
def test_completion_of_fields_loads_no_models_and_no_slow_modules() -> None:
    script = (
        "import sys; from click.shell_completion import ShellComplete;"
        "from katapult_async.cli.main import katapult_async;"
        "completion = ShellComplete(katapult_async, {}, 'katapult-async', '_COMPLETE');"
        "print(*(item.value for item in completion.get_completions(['vms', 'list', '--fields'], 'zone.n')));"
        "print(*sys.modules)"
    )
    completed = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    fields, modules = completed.stdout.splitlines()
    assert fields == "zone.name"
    assert set(modules.split()) & SLOW == set()
    assert "katapult_async.models." not in modules


def loaded_modules(words: list[str]) -> set[str]:
    """Return the modules of a process that has run the command."""
    script = f"import sys; from katapult_async.cli.main import run; run({words}); print(*sys.modules)"
    environ = dict(os.environ)  # without the COLUMNS that readline, which pytest loads, sets for new processes only
    completed = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, env=environ)
    return set(completed.stdout.splitlines()[-1].split())


@pytest.mark.parametrize("name", ROOT_COMMANDS)
def test_help_of_the_root_shows_the_first_sentence_of_every_command(name: str) -> None:
    root = katapult_async.get_command(click.Context(katapult_async), name)
    assert root is not None
    command = command_named(katapult_async, name)
    assert katapult_async.get_command(click.Context(katapult_async), f"{name}-of-another") is None
    first_sentence = command.get_short_help_str(1000).rstrip(".")
    assert (root.name, root.get_short_help_str().rstrip(".")) == (command.name, first_sentence)


@pytest.mark.parametrize(
    ("words", "incomplete", "completed"),
    [
        ([], "org", ["organizations"]),
        ([], "vms", []),
        (["no-such-command"], "org", ["organizations"]),
        (["ips", "allocate"], "u", ["unallocate", "update"]),
        (["tasks"], "", ["get", "wait"]),
        (["nics"], "a", ["allocate", "attach", "available-ips"]),
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
    assert sorted(item.value for item in shell.get_completions(words, incomplete)) == completed


@pytest.mark.parametrize(
    ("variables", "completed"),
    [
        (("bash_complete", "katapult-async\nvms\nlist\n--fields\nhostn", "4"), "plain,hostname"),
        (("zsh_complete", "katapult-async orgs list -o ya", "4"), "plain\nyaml\n_"),
        (("fish_complete", "katapult-async vms list --fields", "hostn"), "plain,hostname"),
    ],
)
def test_script_of_a_shell_gets_the_completions(
    variables: tuple[str, str, str], completed: str, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in zip(("_KATAPULT_ASYNC_COMPLETE", "COMP_WORDS", "COMP_CWORD"), variables, strict=True):
        monkeypatch.setenv(name, value)
    result = command()
    assert (result.code, result.out.strip(), result.err) == (0, completed, "")


def test_completion_reads_no_token(tmp_path: Path) -> None:
    missing = tmp_path / "token"
    shell = ShellComplete(katapult_async, {}, "katapult-async", "_KATAPULT_ASYNC_COMPLETE")
    completions = shell.get_completions(["orgs", "list", "--token-file", str(missing), "-o"], "y")
    assert [item.value for item in completions] == ["yaml"]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_script_calls_the_command(shell: str, command: Command) -> None:
    result = command("completion", shell)
    assert result.code == 0
    assert "_KATAPULT_ASYNC_COMPLETE" in result.out
    assert "katapult-async" in result.out


@pytest.mark.skipif(shutil.which("fish") is None, reason="there is no fish")
def test_fish_completes_a_field_after_a_comma(command: Command, tmp_path: Path) -> None:
    reply = tmp_path / "katapult-async"
    reply.write_text("#!/bin/sh\nprintf 'plain,id,fqdn\\tName, unique'\n")
    reply.chmod(0o700)
    typed = f"{command('completion', 'fish').out}\ncomplete --do-complete 'katapult-async vms list --fields id,f'"
    path = f"{tmp_path}:{os.environ['PATH']}"
    completed = subprocess.run(
        ["fish", "--no-config", "--command", typed],
        env={**os.environ, "PATH": path, "HOME": str(tmp_path)},
        text=True,
        capture_output=True,
        check=False,
    )
    assert (completed.stdout, completed.stderr) == ("id,fqdn\tName, unique\n", "")


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash")
def test_bash_accepts_the_completion_script(command: Command) -> None:
    script = command("completion", "bash").out
    checked = subprocess.run(["bash", "-n"], input=script, text=True, capture_output=True, check=False)
    assert (checked.returncode, checked.stderr) == (0, "")


@pytest.mark.parametrize("columns", [0, 40, 70, 80, 101, 200])
@pytest.mark.parametrize("variable", ["", "60"])
def test_help_is_as_wide_as_click_makes_it(
    columns: int, variable: str, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "get_terminal_size", lambda *_: os.terminal_size((columns, 24)))
    if variable:
        monkeypatch.setenv("COLUMNS", variable)
    page = katapult_async.make_context("katapult-async", ["sandbox"]).get_help()
    assert command("--help").out == f"{page}\n"


def test_example_of_the_option_fields_is_not_broken_into_lines() -> None:
    texts = {words: " ".join(help_page(*words).split()) for words in COMMANDS}
    broken = re.compile(r"Fields to write, such as (?!\S+[;.] )")
    assert [words for words, text in texts.items() if broken.search(text)] == []


def test_every_command_that_sends_requests_has_a_timeout_whose_default_its_help_names() -> None:
    without = []
    for words in COMMANDS:
        text, option_name, rest = " ".join(help_page(*words).split()).partition(" --timeout SECONDS ")
        option = re.split(r" (-o, |--token-file )", rest)[0]
        in_text = re.search("--timeout covers the whole wait:? by default 600 seconds|wait, by default 600", text)
        if not option_name:
            without.append(words)
        elif in_text:
            assert "180" not in option, words
        else:
            assert re.search(r"\[default: (180|600|no limit)\]", option), words
    assert without == [("completion",), ("sandbox",)]
