"""The batch job as a process: killed and started again, with failures, and with a rejected token."""

import asyncio
import csv
import json
import os
import signal
from pathlib import Path
from typing import Final

import attrs
import pytest

from katapult_async.sandbox import Sandbox
from katapult_async.sandbox.store import Store

from .conftest import EXAMPLES, start

pytestmark = pytest.mark.slow

JOB: Final = EXAMPLES / "batch_job.py"
VERSIONS: Final = ("ipv4", "ipv6")


@attrs.frozen
class Finished:
    """The exit code and the output of the job."""

    code: int
    out: str
    err: str


async def finish(job: asyncio.subprocess.Process) -> Finished:
    out, err = await job.communicate()
    assert job.returncode is not None
    return Finished(job.returncode, out.decode(), err.decode())


async def run(*arguments: str | Path, sandbox: Sandbox) -> Finished:
    return await finish(await start(JOB, *arguments, sandbox=sandbox, token=sandbox.issue_token()))


def rows(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        header, *data = csv.reader(file)
    assert header == ["interface_id", "address_version", "address"]
    return data


def expected_rows(store: Store) -> list[list[str]]:
    """Return the rows of a complete CSV: one for each address, or one without an address if there is none."""
    expected = []
    for interface_id in sorted(interface.id for interface in store.interfaces):
        for version in VERSIONS:
            addresses = [free["address"] for free in store.available_ips(interface_id, version)]
            expected += [[interface_id, version, address] for address in addresses or [""]]
    return expected


def count_address_requests(sandbox: Sandbox) -> int:
    """Return the number of requests for the free addresses of interfaces."""
    return len([record for record in sandbox.request_log if "/available_ips/" in record.path])


async def test_killed_job_continues_from_its_checkpoint(tmp_path: Path) -> None:
    output, checkpoint = tmp_path / "free.csv", tmp_path / "free.csv.checkpoint"
    async with Sandbox() as sandbox:
        job = await start(JOB, output, sandbox=sandbox, token=sandbox.token)
        # 50 of 200 queries are in flight, and the sandbox runs in this loop: the job cannot end before the check.
        while not checkpoint.exists() or checkpoint.stat().st_size < 5000:  # noqa: ASYNC110 # a file has no event for its growth
            await asyncio.sleep(0.005)
        job.kill()
        assert (await finish(job)).code == -signal.SIGKILL
        assert not output.exists()
        done = {tuple(json.loads(line)[:2]) for line in checkpoint.read_text(encoding="utf-8").splitlines()}
        assert 0 < len(done) < 200

        with checkpoint.open("a", encoding="utf-8") as lines:  # a kill can also leave an incomplete line
            lines.write('["vmnet_incomplete", "ip')
        sandbox.request_log.clear()
        finished = await run(output, sandbox=sandbox)
        assert (finished.code, finished.err) == (0, "")
        assert rows(output) == expected_rows(sandbox.store)
        assert count_address_requests(sandbox) == 200 - len(done)
        assert os.listdir(tmp_path) == ["free.csv"]  # noqa: PTH208 # a single call, which needs no thread


async def test_failed_requests_are_printed_and_repeated_by_the_next_run(tmp_path: Path) -> None:
    output, ids = tmp_path / "free.csv", tmp_path / "ids"
    async with Sandbox(machines=2, interfaces=3) as sandbox:
        ids.write_text("".join(f"{interface.id}\n" for interface in sandbox.store.interfaces))
        sandbox.fail_next(code="permission_denied", matching="address_version=ipv6")
        finished = await run("--ids", ids, output, sandbox=sandbox)
        assert finished.code == 1
        assert "permission_denied" in finished.err
        assert finished.err.count("\n") == 1
        assert finished.out.endswith("1 failures\n")
        assert len({tuple(row[:2]) for row in rows(output)}) == 5

        sandbox.request_log.clear()
        finished = await run("--ids", ids, output, sandbox=sandbox)
        assert (finished.code, finished.err, count_address_requests(sandbox)) == (0, "", 1)
        assert rows(output) == expected_rows(sandbox.store)


async def test_machine_that_cannot_be_listed_is_printed_and_the_others_are_written(tmp_path: Path) -> None:
    output = tmp_path / "free.csv"
    async with Sandbox(machines=3, interfaces=5) as sandbox:
        machine = sandbox.store.machines[0]
        sandbox.fail_next(code="permission_denied", matching=f"network_interfaces?virtual_machine%5Bid%5D={machine.id}")
        finished = await run(output, sandbox=sandbox)
        assert finished.code == 1
        assert finished.err.startswith(f"{machine.id}: ")
        assert finished.err.count("\n") == 1
        listed = {interface.id for interface in sandbox.store.interfaces if interface.virtual_machine_id != machine.id}
        assert {row[0] for row in rows(output)} == listed


async def test_rejected_token_prints_one_line_and_writes_no_csv(tmp_path: Path) -> None:
    async with Sandbox(machines=2, interfaces=3) as sandbox:
        finished = await finish(await start(JOB, tmp_path / "free.csv", sandbox=sandbox, token="rejected"))
        assert (finished.code, finished.out, finished.err.count("\n")) == (1, "", 1)
        assert "invalid_api_token" in finished.err
        assert not (tmp_path / "free.csv").exists()


async def test_sandbox_option_needs_no_account(tmp_path: Path) -> None:
    async with Sandbox(machines=5, interfaces=8) as sandbox:
        finished = await run("--sandbox", tmp_path / "free.csv", sandbox=sandbox)
        assert (finished.code, finished.err, sandbox.requests) == (0, "", 0)
        assert finished.out.startswith("8 interfaces, ")
        assert rows(tmp_path / "free.csv") == expected_rows(sandbox.store)
