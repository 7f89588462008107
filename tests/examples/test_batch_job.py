"""The batch job as its users run it: a process that is killed, started again, refused, and read by others."""

import asyncio
import csv
import json
import os
import signal
import sys
from pathlib import Path
from typing import Final

import attrs

from katapult_async.sandbox import Sandbox, Store

JOB: Final = Path(__file__).parents[2] / "examples" / "batch_job.py"
VERSIONS: Final = ("ipv4", "ipv6")


@attrs.frozen
class Ended:
    """How the job ended."""

    code: int
    out: str
    err: str


async def start(*arguments: str | Path, sandbox: Sandbox, token: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-W", "error", JOB, *arguments),
        env={**os.environ, "KATAPULT_API_URL": sandbox.base_url, "KATAPULT_API_KEY": token},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


async def end_of(job: asyncio.subprocess.Process) -> Ended:
    out, err = await job.communicate()
    assert job.returncode is not None
    return Ended(job.returncode, out.decode(), err.decode())


async def run(*arguments: str | Path, sandbox: Sandbox) -> Ended:
    return await end_of(await start(*arguments, sandbox=sandbox, token=sandbox.issue_token()))


def rows(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        header, *found = csv.reader(file)
    assert header == ["interface_id", "address_version", "address"]
    return found


def every_row(store: Store) -> list[list[str]]:
    """Return what belongs into the CSV: each query's addresses once, or one row without."""
    return [
        [interface_id, version, address]
        for interface_id in sorted(interface.id for interface in store.interfaces)
        for version in VERSIONS
        for address in [each["address"] for each in store.available_ips(interface_id, version)] or [""]
    ]


def asked(sandbox: Sandbox) -> int:
    return sum("/available_ips/" in record.path for record in sandbox.request_log)


async def test_a_killed_job_goes_on_where_it_was(tmp_path: Path) -> None:
    output, journal = tmp_path / "free.csv", tmp_path / "free.csv.journal"
    async with Sandbox() as sandbox:
        job = await start(output, sandbox=sandbox, token=sandbox.token)
        # Of 200 queries 50 are under way at once, and this loop answers them: the job cannot end before it looks.
        while not journal.exists() or journal.stat().st_size < 5000:  # noqa: ASYNC110 # nobody tells when a file grows
            await asyncio.sleep(0.005)
        job.kill()
        assert (await end_of(job)).code == -signal.SIGKILL
        assert not output.exists()
        done = {tuple(json.loads(line)[:2]) for line in journal.read_text(encoding="utf-8").splitlines()}
        assert 0 < len(done) < 200

        with journal.open("a", encoding="utf-8") as lines:
            lines.write('["vmnet_torn", "ip')
        sandbox.request_log.clear()
        ended = await run(output, sandbox=sandbox)
        assert (ended.code, ended.err) == (0, "")
        assert rows(output) == every_row(sandbox.store)
        assert asked(sandbox) == 2 * sum(
            any((interface.id, version) not in done for version in VERSIONS) for interface in sandbox.store.interfaces
        )
        assert os.listdir(tmp_path) == ["free.csv"]  # noqa: PTH208 # of one file, in no need of a thread


async def test_what_failed_is_told_and_asked_again_by_the_next_start(tmp_path: Path) -> None:
    output, ids = tmp_path / "free.csv", tmp_path / "ids"
    async with Sandbox(machines=2, interfaces=3) as sandbox:
        ids.write_text("".join(f"{interface.id}\n" for interface in sandbox.store.interfaces))
        sandbox.fail_next(code="permission_denied", matching="address_version=ipv6")
        ended = await run("--ids", ids, output, sandbox=sandbox)
        assert ended.code == 1
        assert "permission_denied" in ended.err
        assert ended.err.count("\n") == 1
        assert ended.out.endswith("1 failures\n")
        assert len({tuple(row[:2]) for row in rows(output)}) == 5

        sandbox.request_log.clear()
        ended = await run("--ids", ids, output, sandbox=sandbox)
        assert (ended.code, ended.err, asked(sandbox)) == (0, "", 2)
        assert rows(output) == every_row(sandbox.store)


async def test_a_refused_token_ends_it_in_one_line_and_leaves_no_csv(tmp_path: Path) -> None:
    async with Sandbox(machines=2, interfaces=3) as sandbox:
        ended = await end_of(await start(tmp_path / "free.csv", sandbox=sandbox, token="refused"))
        assert (ended.code, ended.out, ended.err.count("\n")) == (1, "", 1)
        assert "invalid_api_token" in ended.err
        assert not (tmp_path / "free.csv").exists()


async def test_it_runs_without_an_account(tmp_path: Path) -> None:
    async with Sandbox(machines=5, interfaces=8) as sandbox:
        ended = await run("--sandbox", tmp_path / "free.csv", sandbox=sandbox)
        assert (ended.code, ended.err, sandbox.requests) == (0, "", 0)
        assert ended.out.startswith("8 interfaces, ")
        assert rows(tmp_path / "free.csv") == every_row(sandbox.store)
