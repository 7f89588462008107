"""The commands that begin tasks, show them and wait for them, each against a cloud of its own."""

import json
from collections.abc import Iterator

import pytest

from katapult_async.sandbox import Sandbox
from tests.cli.conftest import Command, Tripwire, listening

STATES = {"attach": "attached", "detach": "detached"}


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    with listening(Sandbox(machines=5, interfaces=30, task_duration=0.1)) as sandbox:
        monkeypatch.setenv("KATAPULT_API_URL", sandbox.base_url)
        monkeypatch.setenv("KATAPULT_API_KEY", sandbox.token)
        yield sandbox


def subject(cloud: Sandbox, word: str) -> str:
    """Return an interface to which it can be done."""
    return next(each.id for each in cloud.store.interfaces if each.state != STATES[word])


def state(cloud: Sandbox, interface_id: str) -> str:
    [interface] = [each for each in cloud.store.interfaces if each.id == interface_id]
    return interface.state


@pytest.mark.parametrize("word", STATES)
def test_a_task_is_begun_shown_and_waited_for(word: str, cloud: Sandbox, command: Command) -> None:
    interface_id = subject(cloud, word)
    [begun] = command("nics", word, interface_id, "-o", "jsonl").records()
    assert begun["virtual_machine_network_interface"]["id"] == interface_id
    task_id = begun["task"]["id"]
    assert command("tasks", "get", task_id, "-o", "jsonl").records()[0]["id"] == task_id
    [then] = command("tasks", "wait", task_id, "-o", "jsonl", "--fields", "status,progress").records()
    assert then == {"status": "completed", "progress": 100}
    assert state(cloud, interface_id) == STATES[word]


@pytest.mark.parametrize("word", STATES)
def test_a_task_that_is_waited_for_at_once_is_named_before(word: str, cloud: Sandbox, command: Command) -> None:
    interface_id = subject(cloud, word)
    result = command("nics", word, interface_id, "--wait", "-o", "jsonl", "--fields", "task.id,task.status")
    [shown] = result.records()
    assert (result.code, shown["task.status"]) == (0, "completed")
    assert result.err == f"waiting for {shown['task.id']}\n"
    assert state(cloud, interface_id) == STATES[word]


@pytest.mark.parametrize("word", STATES)
def test_a_rehearsal_begins_nothing(word: str, cloud: Sandbox, command: Command) -> None:
    result = command("nics", word, "vmnet_1", "--wait", "--dry-run", "-o", "jsonl")
    [unsent] = result.records()
    assert (result.code, unsent["method"], unsent["path"]) == (
        0, "POST", f"/virtual_machine_network_interfaces/virtual_machine_network_interface/{word}",
    )  # fmt: skip # one request
    assert list(cloud.request_log) == []


def test_an_interface_that_is_attached_already_is_a_failure(cloud: Sandbox, command: Command) -> None:
    result = command("nics", "attach", subject(cloud, "detach"))
    assert (result.code, result.out) == (1, "")


def test_a_time_without_a_wait_is_a_mistake(cloud: Sandbox, command: Command) -> None:
    result = command("nics", "detach", "vmnet_1", "--timeout", "5")
    assert (result.code, list(cloud.request_log)) == (2, [])
    assert result.err.startswith("error: --timeout is about the wait: add --wait")


def test_a_wait_that_is_interrupted_has_named_the_task(cloud: Sandbox, command: Command) -> None:
    result = command("nics", "detach", subject(cloud, "detach"), "--wait", stderr=Tripwire("waiting for task_"))
    assert (result.code, result.out) == (130, "")
    assert result.err.startswith("waiting for task_")
    assert result.err.endswith("interrupted\n")


@pytest.mark.parametrize("words", [("tasks", "wait", "task_1"), ("nics", "detach", "{interface}", "--wait")])
def test_a_task_that_is_not_finished_in_time_is_too_late(
    words: tuple[str, ...], cloud: Sandbox, command: Command
) -> None:
    pending = json.dumps({"task": {"id": "task_1", "name": "Detach", "status": "pending"}}).encode()
    cloud.fail_next(times=9, status=200, body=pending, matching="/tasks/")
    asked = [word.format(interface=subject(cloud, "detach")) for word in words]
    result = command(*asked, "--timeout", "0.05")
    assert (result.code, result.out) == (5, "")
    assert "task_" in result.err


@pytest.mark.parametrize("words", [("tasks", "wait", "task_1"), ("nics", "detach", "{interface}", "--wait")])
def test_a_task_that_failed_is_a_failure(words: tuple[str, ...], cloud: Sandbox, command: Command) -> None:
    failed = json.dumps({"task": {"id": "task_1", "name": "Detach", "status": "failed"}}).encode()
    cloud.fail_next(status=200, body=failed, matching="/tasks/")
    result = command(*(word.format(interface=subject(cloud, "detach")) for word in words))
    assert (result.code, result.out) == (1, "")
