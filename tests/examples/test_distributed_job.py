"""The distributed job on a cluster of four processes: one is killed, queries fail, and a token is rejected."""

import asyncio
import collections
import json
import os
import signal
import sqlite3
from pathlib import Path
from typing import Final

import pytest

from katapult_async.sandbox import Sandbox

from .conftest import EXAMPLES, start

pytestmark = pytest.mark.slow

JOB: Final = EXAMPLES / "distributed_job.py"
VERSIONS: Final = ("ipv4", "ipv6")
WINDOW: Final = 20.0  # seconds
PERMITTED: Final = 1000  # requests in a window, as at Katapult, whose windows are three times as long


@pytest.fixture(autouse=True)
def _no_messages_of_dask(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let Dask log nothing: on a busy machine it logs warnings, and errors with tracebacks, of a job that succeeds."""
    monkeypatch.setenv("DASK_LOGGING", str(dict.fromkeys(("distributed", "distributed.client"), "critical")))


def outcomes(path: Path) -> dict[tuple[str, str], list[str] | None]:
    """Return the addresses of every row of the database. A query has one row: it is the primary key."""
    database = sqlite3.connect(path)
    try:
        rows = database.execute("SELECT interface_id, address_version, addresses FROM outcomes").fetchall()
    finally:
        database.close()
    return {(interface_id, version): None if free is None else json.loads(free) for interface_id, version, free in rows}


def workers(path: Path) -> set[int]:
    """Return the process ids of the workers whose outcomes are in the database."""
    database = sqlite3.connect(path)
    try:
        return {int(worker.split(":")[1]) for (worker,) in database.execute("SELECT DISTINCT worker FROM outcomes")}
    finally:
        database.close()


def expected_outcomes(sandbox: Sandbox) -> dict[tuple[str, str], list[str] | None]:
    return {
        (interface.id, version): [free["address"] for free in sandbox.store.available_ips(interface.id, version)]
        for interface in sandbox.store.interfaces
        for version in VERSIONS
    }


@pytest.mark.costs  # other tests would slow down its five processes, which then see the counter late
@pytest.mark.timeout(180)
async def test_killed_worker_loses_no_outcome_and_wastes_no_window(tmp_path: Path) -> None:
    database, ids = tmp_path / "addresses.db", tmp_path / "ids"
    async with Sandbox(machines=600, interfaces=1050, permitted=PERMITTED, window=WINDOW) as sandbox:
        ids.write_text("".join(f"{interface.id}\n" for interface in sandbox.store.interfaces))
        options = ("--ids", str(ids), "--window", str(WINDOW))
        job = await start(JOB, database, *options, sandbox=sandbox, token=sandbox.token)
        while sandbox.requests < 1100:  # noqa: ASYNC110 # the second of three windows has begun
            await asyncio.sleep(0.01)
        os.kill(min(workers(database)), signal.SIGKILL)
        out, _ = await job.communicate()
        assert (job.returncode, out) == (0, b"2100 succeeded, 0 failed\n")

        assert outcomes(database) == expected_outcomes(sandbox)
        assert sandbox.refused <= 0.01 * sandbox.requests
        windows = [request.at // WINDOW for request in sandbox.request_log if request.status == 200]
        assert len(windows) <= 2100 + 2 * 50  # two tasks of the killed worker can be repeated
        used = collections.Counter(windows)
        between = [used[window] for window in range(int(min(used)) + 1, int(max(used)))]
        assert between
        assert min(between) >= 0.99 * PERMITTED


@pytest.mark.timeout(120)
async def test_new_worker_takes_the_place_of_a_killed_one(tmp_path: Path) -> None:
    database = tmp_path / "addresses.db"
    # Two tasks of 50 queries: in the middle of the second, the worker waits for the next window.
    async with Sandbox(machines=1, interfaces=50, permitted=80, window=10) as sandbox:
        job = await start(JOB, database, "--workers", "1", "--window", "10", sandbox=sandbox, token=sandbox.token)
        while sandbox.requests < 50 or not workers(database):  # noqa: ASYNC110 # the first task is complete
            await asyncio.sleep(0.01)
        [killed] = workers(database)
        os.kill(killed, signal.SIGKILL)
        out, _ = await job.communicate()
        assert (job.returncode, out) == (0, b"100 succeeded, 0 failed\n")
        assert outcomes(database) == expected_outcomes(sandbox)
        assert len(workers(database) - {killed}) == 1


async def test_failed_query_is_sent_again_and_a_complete_database_needs_no_request(tmp_path: Path) -> None:
    database = tmp_path / "addresses.db"
    async with Sandbox(machines=2, interfaces=3) as sandbox:
        sandbox.fail_next(code="permission_denied", matching="address_version=ipv6")
        job = await start(JOB, database, "--workers", "1", sandbox=sandbox, token=sandbox.token)
        out, err = await job.communicate()
        assert (job.returncode, out, err) == (0, b"6 succeeded, 0 failed\n", b"")
        assert outcomes(database) == expected_outcomes(sandbox)

        sandbox.request_log.clear()
        job = await start(JOB, database, "--workers", "1", sandbox=sandbox, token=sandbox.token)
        out, err = await job.communicate()
        assert (job.returncode, out, err) == (0, b"6 succeeded, 0 failed\n", b"")
        assert not any("/available_ips/" in request.path for request in sandbox.request_log)


async def test_query_that_always_fails_is_a_row_with_its_error(tmp_path: Path) -> None:
    database, ids = tmp_path / "addresses.db", tmp_path / "ids"
    async with Sandbox(machines=2, interfaces=3) as sandbox:
        [known, *_] = sandbox.store.interfaces
        ids.write_text(f"{known.id}\nvmnet_unknown\n")
        job = await start(JOB, database, "--workers", "1", "--ids", str(ids), sandbox=sandbox, token=sandbox.token)
        out, _ = await job.communicate()
        assert (job.returncode, out) == (1, b"2 succeeded, 2 failed\n")
        failed = {key for key, free in outcomes(database).items() if free is None}
        assert failed == {("vmnet_unknown", version) for version in VERSIONS}


async def test_machine_that_cannot_be_listed_is_a_failure(tmp_path: Path) -> None:
    async with Sandbox(machines=2, interfaces=2) as sandbox:
        sandbox.fail_next(code="permission_denied", matching="/network_interfaces")
        job = await start(JOB, tmp_path / "addresses.db", "--workers", "1", sandbox=sandbox, token=sandbox.token)
        out, err = await job.communicate()
        assert (job.returncode, out) == (1, b"2 succeeded, 1 failed\n")
        assert len(err.splitlines()) == 1


async def test_rejected_token_is_one_error_line(tmp_path: Path) -> None:
    async with Sandbox(machines=2, interfaces=3) as sandbox:
        job = await start(JOB, tmp_path / "addresses.db", "--workers", "1", sandbox=sandbox, token="rejected")
        out, err = await job.communicate()
        assert (job.returncode, out) == (1, b"")
        [line] = err.splitlines()
        assert b"invalid_api_token" in line
