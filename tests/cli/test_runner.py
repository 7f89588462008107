"""How a command ends: completed, or with output that cannot be written, an incomplete list, or a rejected request."""

import errno
import io
import json
import os
import re
import subprocess
import sys
from typing import Final
from unittest.mock import AsyncMock

import pytest

from katapult_async import Problem, RateLimitReachedError, RetryNotice
from katapult_async.cli.change_recorder import ChangeRecorder
from katapult_async.cli.wait_messages import show_retry
from katapult_async.http.transport import TransportRequest, TransportResponse
from katapult_async.sandbox import Faults, Sandbox
from katapult_async.sandbox.models import Disk
from tests.cli.conftest import (
    Command,
    FailingStream,
    Objects,
    SignalOnWrite,
    listening,
    process,
    use_sandbox,
    without_waits,
)

BUILD: Final = "build --package small --data-center gb-london-1 --hostname web"
LINES: Final = [
    ["orgs", "list"],
    ["orgs", "list", "-o", "jsonl"],
    ["orgs", "get", "larch"],
    ["available-ips", "--all"],
    ["available-ips", "--all", "-o", "jsonl"],
]


@pytest.mark.usefixtures("sandbox")
@pytest.mark.parametrize("words", LINES)
def test_full_disk_is_one_error_line_and_code_1(words: list[str], command: Command) -> None:
    result = command(*words, stdout=FailingStream(errno.ENOSPC))
    assert result.code == 1
    assert result.err.splitlines()[-1] == "error: the output cannot be written: No space left on device"


@pytest.mark.usefixtures("sandbox")
@pytest.mark.parametrize("words", LINES)
def test_output_to_a_closed_pipe_is_code_1_without_a_message(words: list[str], command: Command) -> None:
    result = command(*words, stdout=FailingStream(errno.EPIPE))
    assert (result.code, result.err) == (1, "")


@pytest.mark.usefixtures("sandbox")
@pytest.mark.parametrize("output_format", ["json", "jsonl", "csv", "tsv", "yaml", "table"])
def test_reader_of_a_short_list_may_exit_after_the_first_line(output_format: str, command: Command) -> None:
    """As ``| head -1`` does: under ``set -o pipefail`` its writer would end the script, without a message."""
    stream = FailingStream(errno.EPIPE, after=1)
    result = command("zones", "list", "-o", output_format, stdout=stream)
    assert (result.code, result.err) == (0, "")
    assert stream.getvalue().count("\n") > 2


@pytest.mark.usefixtures("sandbox")
def test_output_to_a_closed_pipe_leaves_no_text_in_the_buffer(command: Command, ids: list[str]) -> None:
    reader, sender = os.pipe()
    os.close(reader)
    with os.fdopen(sender, "w") as stream:  # closing it is an error if text is left in its buffer
        result = command("available-ips", ids[0], "-o", "jsonl", stdout=stream)
    assert (result.code, result.err) == (1, "")


@pytest.mark.usefixtures("sandbox")
@pytest.mark.parametrize("words", [*LINES, ["completion", "bash"]])
def test_closed_standard_output_is_an_error_before_any_request(
    words: list[str], command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdout", None)
    result = command(*words)
    assert (result.code, result.err) == (1, "error: the output cannot be written: standard output is closed\n")


@pytest.mark.slow
def test_standard_output_closed_by_a_shell_is_named() -> None:
    shell = f"exec {sys.executable} -m katapult_async orgs list --sandbox --quiet >&-"
    completed = subprocess.run(["sh", "-c", shell], capture_output=True, text=True, timeout=60, check=False)
    assert (completed.returncode, completed.stderr) == (
        1,
        "error: the output cannot be written: standard output is closed\n",
    )


@pytest.mark.slow
def test_process_ends_without_a_message_when_its_output_is_closed(id_file: str) -> None:
    with process("available-ips", "--file", id_file, "-o", "csv") as started:
        assert started.stdout is not None
        started.stdout.readline()
        started.stdout.close()
        assert started.wait(timeout=20) == 1
        assert started.stderr is not None
        assert without_waits(started.stderr.read().decode()) == ""


@pytest.mark.parametrize("problem", ["invalid_api_token", "scope_not_granted", "organization_suspended"])
def test_rejected_list_ends_with_code_3_and_no_output(problem: str, sandbox: Sandbox, command: Command) -> None:
    sandbox.fail_next(code=problem, matching="/organizations/organization/virtual_machines")
    result = command("vms", "list", "--organization", "larch", "-o", "json")
    assert (result.code, result.out) == (3, "")
    assert problem in result.err


def test_retry_is_shown(sandbox: Sandbox, command: Command) -> None:
    sandbox.fail_next(code="service_unavailable", matching="/organizations")
    result = command("orgs", "list", "-o", "jsonl")
    assert result.code == 0
    assert re.fullmatch(r"trying again in \d\.\d s after: .* \(503 service_unavailable, .*\): GET .*\n", result.err)


def test_retry_that_waits_only_for_the_rate_limit_is_shown_without_a_time(capsys: pytest.CaptureFixture[str]) -> None:
    """The rate limiter decides when the call is tried again, and shows a long wait itself."""
    problem = Problem(method="GET", path="/organizations", description="Rate limit reached", status=429)
    show_retry(RetryNotice(error=RateLimitReachedError(problem), wait=0.0))
    assert capsys.readouterr().err.startswith("trying again after: Rate limit reached (429")


def test_debug_option_shows_a_retry_only_once(sandbox: Sandbox, command: Command) -> None:
    sandbox.fail_next(code="service_unavailable", matching="/organizations")
    result = command("orgs", "list", "-o", "jsonl", "--debug")
    assert result.code == 0
    assert result.err.count("trying again in ") == result.err.count("debug: trying again in ") == 1


def test_list_that_ends_early_is_a_complete_document_and_a_message_says_so(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    with listening(Sandbox(machines=400, interfaces=400, organizations=1)) as sandbox:
        use_sandbox(monkeypatch, sandbox)
        # The second page fails: JSON has the 200 records of the first one.
        sandbox.fail_next(code="scope_not_granted", matching="&page=2&")
        result = command("vms", "list", "--organization", "larch", "-o", "json", "--fields", "id")
        assert (result.code, len(json.loads(result.out))) == (3, 200)
        assert result.err.startswith("the list is not complete\nerror: ")
        # A table has the 200 records too, and the messages follow it.
        sandbox.fail_next(code="scope_not_granted", matching="&page=2&")
        terminal = io.StringIO()
        command("vms", "list", "--organization", "larch", stdout=terminal, stderr=terminal)
        *table, note, error = terminal.getvalue().splitlines()
        assert (len(table), note, error[:7]) == (1 + 200, "the list is not complete", "error: ")
        # Ctrl-C ends the list between two records.
        stopped = command("vms", "list", "--organization", "larch", "-o", "json", stdout=SignalOnWrite("vm_", times=5))
        assert (stopped.code, stopped.err) == (130, "the list is not complete\ninterrupted\n")
        assert 5 <= len(json.loads(stopped.out)) < 400


def test_signal_while_a_name_is_looked_up_reports_no_change(objects: Objects, command: Command) -> None:
    objects.sandbox.fail_next(code="service_unavailable", matching="/virtual_machines")
    name = objects.sandbox.store.machines[0].hostname
    result = command("vms", "stop", name, stderr=SignalOnWrite("trying again in "))
    assert (result.code, objects.mutations()) == (130, [])
    assert result.err.endswith("\ninterrupted\n")


def test_signal_before_the_request_of_a_change_is_sent_reports_no_change(
    objects: Objects, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KATAPULT_API_URL", "http://127.0.0.1:1/core/v1")
    result = command("vms", "stop", objects.sandbox.store.machines[0].id, stderr=SignalOnWrite("trying again in "))
    assert (result.code, result.err.splitlines()[-1]) == (130, "interrupted")


def test_signal_before_the_response_to_a_change_shows_that_it_may_have_been_made(
    objects: Objects, command: Command
) -> None:
    objects.sandbox.faults = Faults(lost_response=1)
    changed = ("vms", "update", objects.sandbox.store.machines[0].id, "--description", "x")
    result = command(*changed, stderr=SignalOnWrite("trying again in "))
    assert result.code == 130
    assert result.err.endswith("interrupted: the change may have been made: check before you repeat the command\n")


def test_signal_after_the_response_to_a_change_shows_that_it_was_made(objects: Objects, command: Command) -> None:
    stopped = ("vms", "stop", objects.sandbox.store.machines[0].id, "--wait")
    result = command(*stopped, stderr=SignalOnWrite("waiting for task_"))
    assert result.code == 130
    assert result.err.endswith("interrupted: the change was accepted: check before you repeat the command\n")


@pytest.mark.parametrize(
    ("line", "matching"),
    [("stop {machine} --wait", "/tasks/task"), (BUILD, "/virtual_machines/builds/virtual_machine_build")],
)
def test_error_after_an_accepted_change_says_that_it_was_accepted(
    line: str, matching: str, objects: Objects, command: Command
) -> None:
    objects.sandbox.fail_next(code="scope_not_granted", matching=matching)
    result = command("vms", *line.format(machine=objects.sandbox.store.machines[0].id).split())
    assert (result.code, len(objects.mutations())) == (3, 1)
    assert "error: Scope not granted" in result.err
    assert result.err.endswith("; the change was accepted: check before you repeat the command\n")


def test_argument_rejected_after_an_accepted_change_ends_with_code_1(objects: Objects, command: Command) -> None:
    objects.sandbox.fail_next(code="validation_error", matching="/trash_objects/")
    result = command("disks", "purge", objects.sandbox.store.all(Disk, virtual_machine_id=None)[0].id, "--yes")
    assert (result.code, len(objects.mutations())) == (1, 2)
    assert result.err.endswith("; the change was accepted: check before you repeat the command\n")


def test_error_of_a_rejected_change_does_not_say_that_it_was_accepted(objects: Objects, command: Command) -> None:
    objects.sandbox.fail_next(code="scope_not_granted", matching="/stop")
    result = command("vms", "stop", objects.sandbox.store.machines[0].id, "--wait")
    assert (result.code, len(objects.mutations())) == (3, 1)
    assert "accepted" not in result.err


@pytest.mark.parametrize(("status", "is_accepted"), [(101, False), (200, True), (307, False)])
async def test_only_a_status_of_success_is_an_accepted_change(status: int, *, is_accepted: bool) -> None:
    transport = AsyncMock()
    transport.send.return_value = TransportResponse(status=status, headers={}, body=b"")
    recorder = ChangeRecorder(transport)
    await recorder.send(TransportRequest(method="POST", url="https://api.example/", headers={}))
    assert recorder.has_changed is is_accepted
