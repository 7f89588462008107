"""The README matches the code: its programs and commands print the output shown, and its tables are complete."""

import ast
import importlib
import inspect
import json
import os
import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import httpx
import pytest

import katapult_async
from katapult_async import KatapultClient, Zone, config
from katapult_async.cli.exit_codes import ExitCode
from katapult_async.errors import APIError, KatapultError, RequestError, TransportError
from katapult_async.sandbox import Sandbox
from tests.public_names import PUBLIC_NAMES

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"^\$ katapult-async (.*)\n((?:(?!\$ |```).*\n)*)", README, re.MULTILINE)
PROGRAMS = re.findall(r"```python\n((?:(?!```).)*?)```\n\n```text\n(.*?)```", README, re.DOTALL)


def section(title: str, *, language: str = "python") -> list[str]:
    """Return the code of one language in a section of the README."""
    text = README.partition(f"\n## {title}\n")[2].partition("\n## ")[0]
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


SNIPPETS = section("Store the results")


def run(*arguments: str, silent: bool = True) -> str:
    """Run a Python program in a new process, without a token in its environment, and return its standard output.

    Args:
        arguments: arguments of the Python interpreter.
        silent: whether its standard error must be empty.
    """
    environment = {name: value for name, value in os.environ.items() if not name.startswith("KATAPULT_")}
    completed = subprocess.run(
        [sys.executable, "-W", "error", *arguments],
        env=environment,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert completed.returncode == 0, completed.stderr
    assert not (silent and completed.stderr)
    return completed.stdout


async def run_snippet(snippet: str, names: dict[str, Any]) -> None:
    """Run code of the README as in a cell of a notebook, where ``await`` needs no function.

    Args:
        snippet: the code.
        names: its variables. Those that it sets are added.
    """
    result = eval(compile(snippet, "README.md", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT), names)
    if inspect.isawaitable(result):
        await result


def public_names() -> dict[str, Any]:
    """Return all that ``from katapult_async import *`` imports."""
    return {name: getattr(katapult_async, name) for name in PUBLIC_NAMES}


@pytest.mark.slow
@pytest.mark.parametrize(("program", "output"), PROGRAMS)
def test_readme_program_prints_the_output_shown(program: str, output: str) -> None:
    assert run("-c", program) == output


@pytest.mark.parametrize("snippet", SNIPPETS)
async def test_readme_snippet_about_results_runs(snippet: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    async with Sandbox(seed=1) as sandbox:
        monkeypatch.setenv("KATAPULT_API_KEY", sandbox.token)
        monkeypatch.setenv("KATAPULT_API_URL", sandbox.base_url)
        async with KatapultClient.from_env() as katapult:
            machines = await katapult.virtual_machines.list(organization=sandbox.store.organizations[0].id)
        names = public_names() | {"json": json, "pandas": importlib.import_module("pandas"), "machines": machines}
        await run_snippet(snippet, names)
        match names:
            case {"text": text}:
                assert [record["id"] for record in json.loads(text)] == [machine.id for machine in machines]
            case {"frame": frame}:
                assert list(frame["zone.data_center.name"]) == [
                    machine.zone.data_center.name for machine in machines if machine.zone and machine.zone.data_center
                ]
            case {"organizations": organizations}:
                assert len(organizations) == len(sandbox.store.organizations)
                await names["katapult"].aclose()
            case _:
                pytest.fail("the snippet sets no variable that this test checks")


@pytest.mark.slow
async def test_readme_build_makes_a_machine_and_removes_it() -> None:
    [snippet] = section("Build a virtual machine")
    async with Sandbox(seed=1) as sandbox, KatapultClient(sandbox.token, base_url=sandbox.base_url) as katapult:
        names = public_names() | {"katapult": katapult}
        await run_snippet(snippet, names)
        machine: Any = names["machine"]
        assert machine.fqdn == "web-1.larch.example"
        assert sandbox.store.get(machine.id) is None


@pytest.mark.slow
@pytest.mark.timeout(240)  # it runs all commands of the script, one after another
def test_readme_build_by_commands_leaves_nothing(tmp_path: Path) -> None:
    [script] = section("Build a virtual machine", language="shell")
    program = tmp_path / "katapult-async"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m katapult_async "$@"\n')
    program.chmod(0o700)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("KATAPULT_")}
    lists = "katapult-async disks list -o tsv --fields name\nkatapult-async vms list -o tsv --fields hostname"
    done = subprocess.run(
        ["bash", "-euc", f"trap 'kill $(jobs -p)' EXIT\n{script}\necho $address\n{lists}"],
        cwd=tmp_path,
        env={**environment, "PATH": f"{tmp_path}:{environment['PATH']}"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "\n2001:db8:" in done.stdout
    assert "\nmail-1\n" in done.stdout
    assert not {"data", "web-1"} & set(done.stdout.splitlines())


async def test_readme_application_returns_addresses_as_json(monkeypatch: pytest.MonkeyPatch) -> None:
    [snippet] = section("In a web application")
    async with Sandbox(seed=1) as sandbox:
        monkeypatch.setenv("KATAPULT_API_KEY", sandbox.token)
        monkeypatch.setenv("KATAPULT_API_URL", sandbox.base_url)
        names: dict[str, Any] = {}
        exec(snippet, names)  # the README's own code
        interface_id = sandbox.store.interfaces[5].id
        app = names["app"]
        http = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test")  # as the README says
        async with app.router.lifespan_context(app), http:
            response = await http.get(f"/interfaces/{interface_id}/available_ips")
            unknown = await http.get("/interfaces/vmnet_unknown/available_ips")
        expected = [address["address"] for address in sandbox.store.available_ips(interface_id, "ipv4")]
        assert expected
        assert response.json() == expected
        assert unknown.status_code == 404
        assert unknown.json() == {"detail": "no such virtual machine network interface: vmnet_unknown"}


async def test_readme_endpoint_returns_the_objects_of_its_type() -> None:
    [snippet] = section("Call an operation that has no method")
    async with Sandbox(seed=1) as sandbox, KatapultClient(sandbox.token, base_url=sandbox.base_url) as katapult:
        names = public_names() | {"katapult": katapult}
        await run_snippet(snippet, names)
        assert names["zones"] == await katapult.zones.list()
        assert {type(zone) for zone in names["zones"]} == {Zone}


@pytest.fixture
def _private_ca(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file ``private-ca.pem`` in the working directory."""
    monkeypatch.chdir(tmp_path)
    make_certificate = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=private"
    arguments = [*make_certificate.split(), "-keyout", "key.pem", "-out", "private-ca.pem"]
    subprocess.run(arguments, check=True, capture_output=True)


@pytest.mark.usefixtures("_private_ca")
@pytest.mark.parametrize(
    ("title", "settings"),
    [("Retries", ["retry"]), ("Change a limit or a timeout", []), ("Transports", ["transport"])],
)
async def test_readme_settings_are_accepted_by_the_client(title: str, settings: list[str]) -> None:
    snippet, *_ = section(title)
    names = public_names()
    await run_snippet(snippet, names)
    KatapultClient("token", **{name: names[name] for name in settings})


@pytest.mark.parametrize("is_known", [True, False])
async def test_readme_handling_of_errors_gives_no_addresses_for_an_unknown_interface(*, is_known: bool) -> None:
    [snippet] = section("Errors")
    async with Sandbox(seed=1) as sandbox, KatapultClient(sandbox.token, base_url=sandbox.base_url) as katapult:
        store = sandbox.store
        interface_id = next(obj.id for obj in store.interfaces if store.free_addresses(obj.id, "ipv6"))
        expected = [address["address"] for address in store.available_ips(interface_id, "ipv6")]
        names = public_names() | {"nics": katapult.virtual_machine_network_interfaces}
        names["interface_id"] = interface_id if is_known else "vmnet_unknown"
        await run_snippet(snippet, names)
    assert [address.address for address in names["addresses"]] == (expected if is_known else [])


async def test_readme_handling_of_errors_prints_another_error(capsys: pytest.CaptureFixture[str]) -> None:
    [snippet] = section("Errors")
    async with Sandbox(seed=1) as sandbox, KatapultClient(sandbox.token, base_url=sandbox.base_url) as katapult:
        sandbox.fail_next(code="permission_denied")
        names = public_names() | {"nics": katapult.virtual_machine_network_interfaces, "interface_id": "vmnet_1"}
        await run_snippet(snippet, names)
    assert "(403 permission_denied, " in capsys.readouterr().out


def test_every_readme_program_is_followed_by_its_output() -> None:
    assert README.count("asyncio.run(main())") + README.count("asyncio.Runner() as runner") == len(PROGRAMS) == 5


@pytest.mark.slow
@pytest.mark.parametrize(("command", "output"), COMMANDS)
def test_readme_command_prints_the_output_shown(
    command: str, output: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    printed = run("-m", "katapult_async", *shlex.split(command), silent=False)
    assert [line.rstrip() for line in printed.splitlines()] == output.splitlines()


def test_every_readme_console_command_is_tested() -> None:
    assert README.count("$ katapult-async ") == len(COMMANDS) == 4


def test_ci_runs_the_two_readme_commands_that_install_the_library() -> None:
    commands = [command for command in re.findall(r"```shell\n(.*)\n```", README) if "pip install" in command]
    ci = (ROOT / ".ci/run").read_text(encoding="utf-8")
    extras = [extra for command in commands for extra in re.findall(r"'\.\[\w+\]'", command)]
    assert extras == ["'.[cli]'", "'.[dev]'"]
    for extra in extras:
        assert f'readme_command "{extra}"' in ci
    assert commands[1].endswith(" && .venv/bin/pytest")
    assert '"${install_and_test% && *}"\n' in ci  # all of it but the tests, which the next test looks for


def test_ci_runs_the_tests_that_the_readme_command_leaves_out() -> None:
    options = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["pytest"]["ini_options"]
    assert {marker.split(":")[0] for marker in options["markers"]} == {"slow", "costs"}
    assert "not slow and not costs" in options["addopts"]
    ci = (ROOT / ".ci/run").read_text(encoding="utf-8")
    options_of_the_tests, *_ = ci.partition('bash -euo pipefail -c "${install_and_test##* && }"\n')
    assert options_of_the_tests.endswith("""--cov --cov-report=term -m 'not costs'" \\\n  """)
    assert "pytest -q -m costs " in ci


def test_readme_error_table_lists_every_error_class() -> None:
    listed = set(re.findall(r"^\| `(\w+)`", README, re.MULTILINE))
    bases = {KatapultError, RequestError, TransportError, APIError}
    kinds = [kind for kind in public_names().values() if isinstance(kind, type) and issubclass(kind, KatapultError)]
    assert listed == {kind.__name__ for kind in kinds if kind not in bases}


def test_readme_settings_table_has_the_defaults() -> None:
    listed = re.findall(r"^\| `(\w+)\((\w+)=\.\.\.\)` \| (\d+)(?: s)? \|", README, re.MULTILINE)
    assert len(listed) == README.count("=...)` |") - 1 == 9  # the row of outage_timeout is checked below
    for kind, name, default in listed:
        assert getattr(getattr(katapult_async, kind)(), name) == int(default), name
    assert "| `RetryPolicy(outage_timeout=...)` | 75 s; 15 minutes in a batch |" in README
    assert katapult_async.RetryPolicy().outage_timeout is None
    assert (config.OUTAGE_TIMEOUT, config.BATCH_OUTAGE_TIMEOUT) == (75.0, 15 * 60.0)


def test_readme_exit_code_table_matches_the_command() -> None:
    listed = dict(re.findall(r"^\| (\d+) \| (.*) \|$", README, re.MULTILINE))
    assert listed == {str(code.value): code.meaning for code in ExitCode}
