"""The commands that are derived from resources: one for each method, and what they do beyond calling it."""

import json
import re
import shlex
from collections.abc import Iterator

import click
import pytest

from katapult_async.cli.declarations import methods_of
from katapult_async.cli.groups import GROUPS, Group
from katapult_async.cli.main import ALIASES, katapult_async
from katapult_async.cli.resource_commands import ResourceCommands
from katapult_async.resources.resource import Resource
from tests.cli.columns import COLUMNS
from tests.cli.conftest import Command, Objects, Terminal, set_stdin
from tests.cli.examples import EXAMPLES
from tests.cli.help_pages import command_named, help_page
from tests.openapi.coverage import HANDWRITTEN
from tests.openapi.library import RESOURCES, module_of

pytestmark = pytest.mark.usefixtures("short_wait_steps")

ROWS = {row.attribute: row for row in GROUPS}
METHODS = [(name, method) for name in map(module_of, RESOURCES) for method in methods_of(name)]


def derived(row: Group) -> Iterator[tuple[str, click.Command]]:
    group = ResourceCommands(row.name)
    for name in group.list_commands(click.Context(katapult_async)):
        yield name, command_named(group, name)


COMMANDS = {(row.name, name): command for row in GROUPS for name, command in derived(row)}


@pytest.mark.parametrize("resource", RESOURCES)
def test_every_resource_is_a_group(resource: type[Resource]) -> None:
    assert module_of(resource) in ROWS, "add a row to katapult_async/cli/groups.py"


def test_every_method_has_a_command_or_names_the_one_that_calls_it() -> None:
    for resource, name in METHODS:
        row = ROWS[resource]
        if row.derived([name]):
            assert (row.name, row.command_of(name)) in COMMANDS
            continue
        words = [word for word in HANDWRITTEN[name].split() if not word.startswith("--")]
        page = help_page(*words)
        assert all(word in page for word in HANDWRITTEN[name].split() if word.startswith("--")), (row.name, name)


def test_tables_of_commands_name_only_methods_and_commands_that_exist() -> None:
    for resource, row in ROWS.items():
        assert {*row.renamed} <= {*methods_of(resource)}, row.name
    assert {tuple(command.split()) for command in COLUMNS} <= {*COMMANDS}
    for line in EXAMPLES:
        group, name, *_ = line.split()
        assert (ALIASES.get(group, group), name) in COMMANDS, line
    assert [row.name for row in GROUPS] == sorted(row.name for row in GROUPS)
    assert len(ALIASES) == len([row for row in GROUPS if row.alias])
    assert not set(ALIASES) & {row.name for row in GROUPS}


@pytest.mark.parametrize(("group", "name"), COMMANDS)
def test_help_of_a_derived_command_names_every_argument_and_has_no_python_notation(group: str, name: str) -> None:
    text = help_page(group, name)
    assert not re.search(r"``|\bNone\b|\bTrue\b|\bFalse\b|\bUNSET\b|\bReturns?\b(?! an IP)|\w\(\"|::|\.\.\.\.", text)
    context = click.Context(katapult_async)
    command = COMMANDS[group, name]
    flags = [flag for parameter in command.params for flag in (*parameter.opts, *parameter.secondary_opts)]
    assert len(flags) == len(set(flags))
    for parameter in command.params:
        if isinstance(parameter, click.Argument):
            assert f"{parameter.make_metavar(context)}" in text


def test_commands_that_a_help_names_exist() -> None:
    groups = {row.name for row in GROUPS}
    for group, name in COMMANDS:
        text = " ".join(help_page(group, name).split()).replace("- ", "-")  # a line may end after a hyphen
        for other, command in re.findall(r"`([a-z-]+)(?: ([a-z-]+))?`", text):
            known = (group, other) in COMMANDS or other in groups
            assert ((other, command) in COMMANDS) if command else known, (group, name)


@pytest.mark.parametrize("row", GROUPS, ids=lambda row: row.name)
def test_every_command_that_changes_something_has_a_dry_run(row: Group) -> None:
    reads = {"available-ips", "wait"}
    methods = row.derived(methods_of(row.attribute))
    for name, command in derived(row):
        method = methods.get(name, "")  # a command of another group has none
        declaration = methods_of(row.attribute).get(method)
        gets = declaration is not None and declaration.http_method == "GET"
        is_read = name in reads or gets
        assert ("dry_run" in {parameter.name for parameter in command.params}) is not is_read, name


def test_tag_is_created_changed_and_deleted(objects: Objects, command: Command) -> None:
    [created] = command("tags", "create", "--name", "staging", "--color", "teal", "-o", "jsonl").records()
    assert created["name"] == "staging"
    [changed] = command("tags", "update", created["id"], "--name", "production", "-o", "jsonl").records()
    assert (changed["name"], changed["color"]) == ("production", "teal")
    [deleted] = command("tags", "delete", created["id"], "--yes", "-o", "jsonl").records()
    assert deleted["id"] == created["id"]
    assert not objects.exists(created["id"])


def test_machine_is_stopped_and_its_task_waited_for(objects: Objects, command: Command) -> None:
    machine = next(listed for listed in objects.sandbox.store.machines if listed.state == "started")
    result = command("vms", "stop", machine.fqdn, "--wait", "-o", "jsonl", "--fields", "id,status")
    [task] = result.records()
    assert (task["status"], result.err) == ("completed", f"waiting for {task['id']}\n")
    assert next(listed for listed in objects.sandbox.store.machines if listed.id == machine.id).state == "stopped"


@pytest.mark.parametrize(
    ("action", "before", "state"),
    [
        ("start", "stopping", "started"),
        ("reset", "resetting", "started"),
        ("stop", "stopping", "stopped"),
        ("shutdown", "started", "stopped"),
    ],
)
def test_wait_for_a_power_action_ends_when_the_machine_has_its_new_state(
    action: str, before: str, state: str, objects: Objects, command: Command
) -> None:
    """The task ends first: the machine that the first response after it shows has its old state."""
    machine = next(listed for listed in objects.sandbox.store.machines if listed.state == "started")
    body = json.dumps({"virtual_machine": {"id": machine.id, "state": before}}).encode()
    objects.sandbox.fail_next(status=200, body=body, matching="GET /core/v1/virtual_machines/")
    result = command("vms", action, machine.id, "--wait", "-o", "jsonl")
    assert (result.code, [record["status"] for record in result.records()]) == (0, ["completed"])
    paths = [request.path for request in objects.sandbox.request_log if request.method == "GET"]
    assert len([path for path in paths if path.startswith("/core/v1/virtual_machines/virtual_machine?")]) == 2
    assert next(listed for listed in objects.sandbox.store.machines if listed.id == machine.id).state == state


@pytest.mark.parametrize(("state", "code"), [("started", 5), ("failed", 1)])
def test_wait_for_a_stop_says_the_state_of_a_machine_that_is_not_stopped_after_its_task(
    state: str, code: int, objects: Objects, command: Command
) -> None:
    machine = next(listed for listed in objects.sandbox.store.machines if listed.state == "started")
    body = json.dumps({"virtual_machine": {"id": machine.id, "state": state}}).encode()
    objects.sandbox.fail_next(status=200, body=body, matching="GET /core/v1/virtual_machines/", times=100)
    result = command("vms", "stop", machine.id, "--wait", "--timeout", "1")
    assert (result.code, result.out) == (code, "")
    [_, error] = result.err.splitlines()
    assert error.startswith(f"error: virtual machine {machine.id}: its last status was '{state}', after ")
    assert error.endswith("; the change was accepted: check before you repeat the command")


def test_machine_that_is_stopped_can_be_stopped_again_with_wait(objects: Objects, command: Command) -> None:
    machine = next(listed for listed in objects.sandbox.store.machines if listed.state == "started")
    results = [command("vms", "stop", machine.id, "--wait", "-o", "jsonl", "--fields", "status") for _ in range(2)]
    assert [(result.code, result.out) for result in results] == [(0, '{"status": "completed"}\n')] * 2


def test_trash_is_listed_and_emptied_after_a_confirmation(
    objects: Objects, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine = objects.sandbox.store.machines[0]
    [deleted] = command("vms", "delete", machine.fqdn, "--yes", "-o", "jsonl").records()
    trash_object = deleted["trash_object"]["id"]
    assert [record["id"] for record in command("trash", "list", "-o", "jsonl").records()] == [trash_object]
    # Without a confirmation nothing is purged.
    set_stdin(monkeypatch, Terminal("n\n"))
    result = command("trash", "purge", machine.id)
    assert result.code == 1
    assert result.err.startswith(f"Purge trash object {machine.id} ({trash_object})? [y/N] ")
    set_stdin(monkeypatch, Terminal("n\n"))
    owner = machine.organization_id
    assert command("trash", "purge-all").err.startswith(f"trash: purge all in organization {owner}? [y/N] ")
    # With --yes the trash is emptied.
    [task] = command("trash", "purge-all", "--yes", "--wait", "-o", "jsonl").records()
    assert task["status"] == "completed"
    assert command("trash", "list", "-o", "jsonl").records() == []


def test_confirmation_names_the_given_id_if_no_method_gets_the_object(
    objects: Objects, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    [key] = command("ssh-keys", "list", "-o", "jsonl").records()
    set_stdin(monkeypatch, Terminal("y\n"))
    result = command("ssh-keys", "delete", key["id"])
    assert (result.code, result.err) == (0, f"ssh-keys: delete {key['id']}? [y/N] ")
    assert not objects.exists(key["id"])


def test_deletion_by_a_lost_attempt_writes_a_message_and_no_record(objects: Objects, command: Command) -> None:
    [tag] = command("tags", "list", "-o", "jsonl").records()[:1]
    objects.sandbox.fail_next(times=1, status=500)
    objects.sandbox.store.remove(objects.sandbox.store.get(tag["id"]))
    result = command("tags", "delete", tag["id"], "--yes", "-o", "json")
    assert (result.code, result.out) == (0, "")
    assert result.err.endswith("there is no such object: nothing is left to do\n")


@pytest.mark.parametrize("output_format", ["json", "jsonl", "yaml", "csv", "tsv", "table"])
@pytest.mark.usefixtures("objects")
def test_secret_that_only_the_first_response_has_is_written_in_every_format(
    output_format: str, command: Command
) -> None:
    line = ("api-tokens", "create", "--name", "deployment", "--scopes", "organizations:read", "-o", output_format)
    assert "sandbox_" in command(*line).out
    assert "sandbox_" not in command("api-tokens", "list", "-o", output_format).out


@pytest.mark.usefixtures("objects")
def test_build_is_waited_for_by_its_own_resource(command: Command) -> None:
    line = ("builds", "create", "--package", "small", "--data-center", "gb-london-1", "-o", "jsonl")
    [started] = command(*line).records()
    assert started["state"] != "complete"
    result = command(*line, "--wait")
    [complete] = result.records()
    assert (complete["state"], result.err) == ("complete", f"waiting for {complete['id']}\n")


def test_bucket_is_named_in_the_confirmation(
    objects: Objects, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_stdin(monkeypatch, Terminal("n\n"))
    result = command("buckets", "delete", "larch-files", "--region", "uk-lon-1")
    assert result.err.startswith("Delete object storage bucket larch-files? [y/N] ")
    assert objects.mutations() == []


def test_response_that_is_text_is_written_as_a_record(objects: Objects, command: Command) -> None:
    objects.sandbox.fail_next(status=200, body=b"ssh-ed25519 AAAA", matching="authorized_keys")
    assert command("vms", "authorized-keys", "-o", "jsonl").records() == [{"text": "ssh-ed25519 AAAA"}]


@pytest.mark.parametrize(
    ("line", "properties"),
    [
        ("--weights virtual_machine_id=vm_1,weight=5", {"weights": [{"virtual_machine_id": "vm_1", "weight": 5}]}),
        ("--standby-vms vm_1 --standby-vms vm_2", {"standby_vms": ["vm_1", "vm_2"]}),
        ("--no-standby-vms", {"standby_vms": []}),
        ("--no-api-reference", {"api_reference": None}),
        ("--data-center gb-london-1", {"data_center": {"permalink": "gb-london-1"}}),
        ("--no-https-redirect", {"https_redirect": False}),
        ("--resource-type TAGS", {"resource_type": "tags"}),
    ],
)
def test_options_become_the_properties_of_the_body(
    line: str, properties: dict[str, object], objects: Objects, command: Command
) -> None:
    request = json.loads(command("lbs", "update", "lb_1", *line.split(), "--dry-run", "-o", "json").out)
    assert request["body"] == {"load_balancer": {"id": "lb_1"}, "properties": properties}
    assert objects.mutations() == []


@pytest.mark.parametrize(
    ("line", "annotations"),
    [
        (
            "--annotations role=web --annotations tier=a=b",
            [{"key": "role", "value": "web"}, {"key": "tier", "value": "a=b"}],
        ),
        ("--no-annotations", []),
    ],
)
@pytest.mark.usefixtures("objects")
def test_annotations_are_sent_as_keys_and_values(
    line: str, annotations: list[dict[str, str]], command: Command
) -> None:
    request = json.loads(command("disks", "update", "disk_1", *line.split(), "--dry-run", "-o", "json").out)
    assert request["body"]["annotations"] == annotations


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("disks update disk_1 --annotations role", "'role' is not KEY=VALUE"),
        ("disks update disk_1 --annotations a=1 --annotations a=2", "--annotations has a key twice"),
        ("lbs update lb_1 --weights weight=5", "is not complete"),
        ("lbs update lb_1 --weights size=5", "no field 'size'; the fields are virtual_machine_id, weight"),
        ("lbs update lb_1 --weights {]", "is not a JSON object"),
        ("lbs update lb_1 --weights weight=heavy", "'heavy' is not a valid integer"),
        ("lbs update lb_1 --standby-vms vm_1 --no-standby-vms", "give --standby-vms or --no-standby-vms, not both"),
        ("vms list --organization 'larch ltd'", "is not an id (org_...) or sub domain"),
        ("tags get web", "'web' is not an id (tag_...)"),
        ("ips allocate", "No such command 'allocate'; did you mean nics allocate?"),
    ],
)
def test_wrong_values_are_an_error_before_anything_is_sent(
    line: str, message: str, objects: Objects, command: Command
) -> None:
    result = command(*shlex.split(line))
    assert (result.code, result.out, list(objects.sandbox.request_log)) == (2, "", [])
    assert message in result.err
