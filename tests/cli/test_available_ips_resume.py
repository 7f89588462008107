"""A job that is killed or stopped at any moment, and resumed from its file."""

import json
import resource
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from katapult_async.cli.available_ips_runner import Job
from katapult_async.sandbox import Faults, Sandbox
from tests.cli.conftest import QUERY_COUNT, Command, process

FAILED_ARE_QUERIED_AGAIN = "removed, and queried again if the input has them"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "answers.jsonl"


def records(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_bytes().splitlines()]


def queries(file: Path) -> list[tuple[str, str]]:
    return [(record["interface_id"], record["address_version"]) for record in records(file)]


def wrong_queries(file: Path, sandbox: Sandbox) -> list[tuple[str, str]]:
    """Return the queries whose record has an error, or differs from the sandbox."""
    wrong = []
    for record, query in zip(records(file), queries(file), strict=True):
        written = [(address["id"], address["address"]) for address in record["ip_addresses"]]
        expected = [(address["id"], address["address"]) for address in sandbox.store.available_ips(*query)]
        if record["error"] is not None or written != expected:
            wrong.append(query)
    return wrong


def wait_for_lines(file: Path, *, lines: int, job: "subprocess.Popen[bytes]") -> None:
    """Return as soon as a job has written a number of lines."""
    while not file.exists() or file.read_bytes().count(b"\n") < lines:
        with pytest.raises(subprocess.TimeoutExpired):  # a job that has ended fails the test
            job.wait(timeout=0.01)


@pytest.mark.slow
def test_job_that_is_killed_three_times_ends_with_one_correct_line_for_each_query(
    large_sandbox: Sandbox, file: Path, id_file: str
) -> None:
    ids = [interface.id for interface in large_sandbox.store.interfaces]
    job = ("available-ips", "--file", id_file, "--output", str(file), "--resume", "--concurrency", "50")
    large_sandbox.fail_next(times=20, code="validation_error", status=422)
    before: set[bytes] = set()
    for lines in (300, 700, 1100):
        with process(*job) as started:
            wait_for_lines(file, lines=lines, job=started)
            started.kill()
            assert started.wait(timeout=10) == -signal.SIGKILL
        written = {line for line in file.read_bytes().splitlines(keepends=True) if b'"error": null}\n' in line}
        assert before <= written
        assert len(written) < 2 * len(ids)
        before = written
    with process(*job) as started:
        _, err = started.communicate(timeout=30)
    assert started.returncode == 0, err
    assert before <= set(file.read_bytes().splitlines(keepends=True))
    assert sorted(queries(file)) == sorted(
        (interface_id, version) for interface_id in ids for version in ("ipv4", "ipv6")
    )
    assert wrong_queries(file, large_sandbox) == []
    assert f"; {len(before)} already answered\n" in err.decode()


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_signal_writes_the_answers_so_far_and_shows_how_to_resume(
    sandbox: Sandbox, command: Command, ids: list[str], file: Path, tmp_path: Path, *, number: signal.Signals
) -> None:
    sandbox.faults = Faults(latency=0.05)
    # 50 unknown ids follow each id, so that answers and failures are written, and the signal comes before the end.
    (tmp_path / "ids").write_text(
        "\n".join(f"{interface_id}\n{interface_id}_{copy}" for interface_id in ids for copy in range(50))
    )
    job = ("available-ips", "--file", str(tmp_path / "ids"), "--output", str(file), "--concurrency", "10")
    with process(*job) as started:
        wait_for_lines(file, lines=4, job=started)
        started.send_signal(number)
        out, err = started.communicate(timeout=10)
    assert (started.returncode, out) == (128 + number, b"")
    assert file.read_bytes().endswith(b"\n")
    answered = len([record for record in records(file) if record["error"] is None])
    *_, stopped, hint = err.decode().splitlines()
    word = {signal.SIGINT: "interrupted", signal.SIGTERM: "terminated", signal.SIGHUP: "hung up"}[number]
    assert stopped.startswith(f"{word}: {answered} answered, {len(records(file)) - answered} failed, ")
    assert stopped.endswith(f" of {51 * QUERY_COUNT} queries not answered")
    assert hint == f"{file} has the answers so far: repeat the command with --resume for the rest"
    # The file can be resumed.
    sandbox.faults = Faults()
    assert command("available-ips", *ids, "--output", str(file), "--resume").code == 0
    assert len(records(file)) == QUERY_COUNT
    assert wrong_queries(file, sandbox) == []


def test_resume_repeats_only_queries_that_failed_or_are_missing(
    sandbox: Sandbox, command: Command, ids: list[str], file: Path
) -> None:
    sandbox.fail_next(times=3, code="validation_error", status=422, matching="available_ips")
    first = command("available-ips", "--all", "--output", str(file))
    assert (first.code, first.out) == (6, "")
    assert f"{file} has the answers so far: repeat the command with --resume for the rest" in first.err
    # The file now loses the end of its last answer: 4 queries are left, 3 that failed and this one.
    failed = [line for line in file.read_bytes().splitlines(keepends=True) if b'"error": null' not in line]
    lines = [line for line in file.read_bytes().splitlines(keepends=True) if line not in failed]
    *whole, last = lines
    file.write_bytes(b"".join([*whole, *failed, last[:-30]]))
    before = sandbox.requests
    lists = len(sandbox.store.organizations) * 2 + len(sandbox.store.machines)
    second = command("available-ips", "--all", "--output", str(file), "--resume")
    assert second.code == 0
    assert sandbox.requests - before <= lists + 4
    assert file.read_bytes().startswith(b"".join(whole))
    assert len(set(queries(file))) == len(queries(file)) == QUERY_COUNT
    assert {interface_id for interface_id, _ in queries(file)} == set(ids)
    assert wrong_queries(file, sandbox) == []
    assert second.err.splitlines()[0] == (
        f"{file}: {QUERY_COUNT - 4} already answered, 3 failed: {FAILED_ARE_QUERIED_AGAIN}"
    )
    assert second.err.splitlines()[-1].startswith("4 of 4 queries answered")
    assert second.err.endswith(f"; {QUERY_COUNT - 4} already answered\n")


def test_resuming_a_complete_job_sends_no_request(
    sandbox: Sandbox, command: Command, ids: list[str], file: Path
) -> None:
    job = ("available-ips", *ids, "--output", str(file), "--resume")
    assert command(*job).code == 0  # --resume also begins a missing file, so that a crontab needs only one line
    written, sent = file.read_bytes(), sandbox.requests
    result = command(*job)
    assert (result.code, sandbox.requests, file.read_bytes()) == (0, sent, written)
    assert result.err.splitlines()[-1] == f"nothing is left to query: {QUERY_COUNT} queries already answered"


def test_answers_of_another_job_stay_in_the_file(
    sandbox: Sandbox, command: Command, ids: list[str], file: Path
) -> None:
    assert command("available-ips", *ids[:3], "--output", str(file)).code == 0
    before = file.read_bytes()
    result = command("available-ips", *ids[2:5], "--address-version", "ipv4", "--output", str(file), "--resume")
    assert result.code == 0
    assert file.read_bytes().startswith(before)
    assert queries(file)[6:] == [(interface_id, "ipv4") for interface_id in ids[3:5]]
    assert wrong_queries(file, sandbox) == []


@pytest.mark.usefixtures("sandbox")
@pytest.mark.parametrize("piped", [False, True])
def test_repeated_id_has_one_line_in_a_file(command: Command, ids: list[str], file: Path, *, piped: bool) -> None:
    repeated = [*ids[:2], ids[0], *ids[:3]]
    if piped:
        result = command("available-ips", "--file", "-", "--output", str(file), stdin="\n".join(repeated).encode())
    else:
        result = command("available-ips", *repeated, "--output", str(file))
    assert result.code == 0
    assert sorted(queries(file)) == sorted(
        (interface_id, version) for interface_id in ids[:3] for version in ("ipv4", "ipv6")
    )
    assert "6 of 6 queries answered" in result.err


@pytest.mark.slow
@pytest.mark.usefixtures("sandbox")
def test_ids_from_a_pipe_are_queried_before_it_ends(ids: list[str], file: Path, command: Command) -> None:
    assert command("available-ips", ids[0], "--output", str(file)).code == 0
    job = ("available-ips", "--file", "-", "--output", str(file), "--resume")
    with process(*job, stdin=subprocess.PIPE) as started:
        assert started.stdin is not None
        started.stdin.write(f"{ids[0]}\n{ids[1]}\n".encode())
        wait_for_lines(file, lines=4, job=started)
        _, err = started.communicate(timeout=10)
    assert started.returncode == 0
    assert err.decode().endswith("2 already answered\n")


@pytest.mark.parametrize(
    ("content", "resume", "code", "message"),
    [
        (b"a letter\n", ["--resume"], 2, "line 1 is not a record"),
        (b"a letter\n", [], 2, "is not empty: add --resume"),
        (None, ["--resume"], 1, "cannot be written: No such file or directory"),
    ],
)
def test_file_that_cannot_be_used_is_one_error_line_and_no_request_is_sent(
    sandbox: Sandbox,
    command: Command,
    file: Path,
    *,
    content: bytes | None,
    resume: list[str],
    code: int,
    message: str,
) -> None:
    target = file if content is not None else file / "no" / "such"
    if content is not None:
        file.write_bytes(content)
    before = sandbox.requests
    result = command("available-ips", "--all", "--output", str(target), *resume)
    assert (result.code, result.out) == (code, "")
    [line] = result.err.splitlines()
    assert line.startswith(f"error: {target} ")
    assert message in line
    assert sandbox.requests == before
    assert content is None or file.read_bytes() == content


def test_job_that_cannot_write_names_the_file_and_can_be_resumed(
    command: Command, ids: list[str], file: Path, sandbox: Sandbox
) -> None:
    job = ("available-ips", *ids, "--output", str(file))
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, limit[1]))  # bytes; more cannot be written, as on a full disk
    try:
        stopped = command(*job)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limit)
    assert (stopped.code, file.stat().st_size) == (1, 20_000)
    assert stopped.err.splitlines()[-1] == (
        f"error: {file}: the output cannot be written: File too large; it has the answers so far: --resume continues it"
    )
    assert command(*job, "--resume").code == 0
    assert sorted(queries(file)) == sorted(
        (interface_id, version) for interface_id in ids for version in ("ipv4", "ipv6")
    )
    assert wrong_queries(file, sandbox) == []


def test_file_is_written_even_if_standard_output_is_closed(
    sandbox: Sandbox, ids: list[str], file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdout", None)  # as Python sets it when the shell has closed it with >&-
    assert Job(ids=(ids[0],), output=str(file)).run("jsonl") == 0
    assert wrong_queries(file, sandbox) == []


def test_job_resumed_with_another_input_shows_what_else_is_in_the_file(
    sandbox: Sandbox, command: Command, ids: list[str], file: Path
) -> None:
    sandbox.fail_next(times=1, code="validation_error", status=422)
    first = command("available-ips", ids[0], ids[1], "--output", str(file))
    assert first.code == 6
    second = command("available-ips", ids[1], ids[2], "--output", str(file), "--resume")
    answered = {query for query in queries(file) if query[0] in ids[1:3]}
    others = len(queries(file)) - len(answered)
    assert (second.code, len(answered)) == (0, 4)
    assert others in {1, 2}
    assert second.err.splitlines()[0] == f"{file}: 3 already answered, 1 failed: {FAILED_ARE_QUERIED_AGAIN}"
    assert second.err.splitlines()[-1] == f"{file} also has {others} answers to queries that are not in the input"
