"""The commands that attach and detach interfaces, and those that show their tasks."""

import json

import pytest

from katapult_async.sandbox import Faults, Sandbox
from tests.cli.conftest import Command, Objects, SignalOnWrite

pytestmark = pytest.mark.usefixtures("short_wait_steps")

STATES = {"attach": "attached", "detach": "detached"}


@pytest.fixture
def cloud(objects: Objects) -> Sandbox:
    return objects.sandbox


def interface_for(cloud: Sandbox, action: str) -> str:
    """Return the id of an interface that the action can be applied to."""
    return next(interface.id for interface in cloud.store.interfaces if interface.state != STATES[action])


def state(cloud: Sandbox, interface_id: str) -> str:
    [interface] = [listed for listed in cloud.store.interfaces if listed.id == interface_id]
    return interface.state


@pytest.mark.parametrize("action", STATES)
def test_task_is_started_shown_and_waited_for(action: str, cloud: Sandbox, command: Command) -> None:
    interface_id = interface_for(cloud, action)
    [started] = command("nics", action, interface_id, "-o", "jsonl").records()
    assert started["virtual_machine_network_interface"]["id"] == interface_id
    task_id = started["task"]["id"]
    assert command("tasks", "get", task_id, "-o", "jsonl").records()[0]["id"] == task_id
    [completed] = command("tasks", "wait", task_id, "-o", "jsonl", "--fields", "status,progress").records()
    assert completed == {"status": "completed", "progress": 100}
    assert state(cloud, interface_id) == STATES[action]


@pytest.mark.parametrize("action", STATES)
def test_wait_option_names_the_task_before_it_waits(action: str, cloud: Sandbox, command: Command) -> None:
    interface_id = interface_for(cloud, action)
    result = command("nics", action, interface_id, "--wait", "-o", "jsonl", "--fields", "task.id,task.status")
    [record] = result.records()
    assert (result.code, record["task.status"]) == (0, "completed")
    assert result.err == f"waiting for {record['task.id']}\n"
    assert state(cloud, interface_id) == STATES[action]


@pytest.mark.parametrize("action", STATES)
def test_object_is_shown_as_it_is_after_the_wait(action: str, cloud: Sandbox, command: Command) -> None:
    fields = "virtual_machine_network_interface.state"
    result = command("nics", action, interface_for(cloud, action), "--wait", "-o", "jsonl", "--fields", fields)
    assert result.records() == [{fields: STATES[action]}]


def test_attached_interface_cannot_be_attached(cloud: Sandbox, command: Command) -> None:
    result = command("nics", "attach", interface_for(cloud, "detach"))
    assert (result.code, result.out) == (1, "")


def test_option_timeout_needs_the_option_wait(cloud: Sandbox, command: Command) -> None:
    result = command("nics", "detach", "vmnet_1", "--timeout", "5")
    assert (result.code, list(cloud.request_log)) == (2, [])
    assert result.err.startswith("error: --timeout limits the wait: add --wait")


def test_interrupted_wait_shows_the_id_of_the_task(cloud: Sandbox, command: Command) -> None:
    stderr = SignalOnWrite("waiting for task_")
    result = command("nics", "detach", interface_for(cloud, "detach"), "--wait", stderr=stderr)
    assert (result.code, result.out) == (130, "")
    assert result.err.startswith("waiting for task_")
    assert "\ninterrupted: the change was accepted" in result.err


@pytest.mark.parametrize("words", [("tasks", "wait", "task_1"), ("nics", "detach", "{interface}", "--wait")])
def test_task_that_is_not_finished_in_time_ends_with_code_5(
    words: tuple[str, ...], cloud: Sandbox, command: Command
) -> None:
    pending = json.dumps({"task": {"id": "task_1", "name": "Detach", "status": "pending"}}).encode()
    cloud.fail_next(times=9, status=200, body=pending, matching="/tasks/")  # more than are requested before the timeout
    line = [word.format(interface=interface_for(cloud, "detach")) for word in words]
    result = command(*line, "--timeout", "0.05")
    assert (result.code, result.out) == (5, "")
    assert "task_" in result.err


def test_option_timeout_covers_the_request_for_the_object_after_the_task(cloud: Sandbox, command: Command) -> None:
    interface_id = interface_for(cloud, "detach")
    cloud.faults = Faults(latency=0.3)  # one request fits into the timeout
    result = command("nics", "detach", interface_id, "--wait", "--timeout", "0.45")
    assert (result.code, result.out) == (5, "")
    assert result.err.endswith("; the change was accepted: check before you repeat the command\n")


@pytest.mark.parametrize("words", [("tasks", "wait", "task_1"), ("nics", "detach", "{interface}", "--wait")])
def test_failed_task_ends_with_code_1(words: tuple[str, ...], cloud: Sandbox, command: Command) -> None:
    failed = json.dumps({"task": {"id": "task_1", "name": "Detach", "status": "failed"}}).encode()
    cloud.fail_next(status=200, body=failed, matching="/tasks/")
    result = command(*(word.format(interface=interface_for(cloud, "detach")) for word in words))
    assert (result.code, result.out) == (1, "")
