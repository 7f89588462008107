"""The free addresses of every network interface, requested by the workers of a Dask cluster, in an SQLite database.

    python examples/distributed_job.py addresses.db                                     # four processes of this machine
    python examples/distributed_job.py addresses.db --scheduler tcp://192.0.2.10:8786   # the workers of a cluster

One process can spend the whole rate limit of a token, so a cluster does not make the job faster. It lets the job
continue when a worker is killed: other workers get its queries, and a new worker takes its place. The workers exchange
no messages: every client sees in the responses how much of the token's budget the others use. The outcomes of a task
of 50 queries are committed as soon as it ends, and failed queries are sent again. If a job was killed, start it again
with the same arguments: it requests only what the database lacks.

The token comes from KATAPULT_API_KEY, here and in the environment of each worker. It never passes through the
scheduler.
"""

import argparse
import asyncio
import contextlib
import json
import os
import socket
import sqlite3
import sys
from pathlib import Path
from typing import Final, cast

from distributed import Client, LocalCluster, Worker, WorkerPlugin, as_completed, get_worker

from katapult_async import (
    AddressQuery,
    AddressVersion,
    Failed,
    IncompleteListError,
    KatapultClient,
    KatapultError,
    RateLimitPolicy,
    Succeeded,
)

Row = tuple[str, str, str | None, str | None, str]  # of the table

ROUNDS: Final = 3  # how often a query is sent before its error is final
TASK_SIZE: Final = 50
"""Queries of one task. They are sent again if its worker is killed. Smaller tasks cause more refused requests: a client
sends a task without a pause if it fits into the rest of the window, and several workers may do so together."""

TABLE: Final = """
    CREATE TABLE IF NOT EXISTS outcomes (
        interface_id TEXT,
        address_version TEXT,
        addresses TEXT,  -- a JSON list, or NULL if the query failed
        error TEXT,
        worker TEXT,  -- the host and the process id
        PRIMARY KEY (interface_id, address_version)
    )
"""


class KatapultPlugin(WorkerPlugin):
    """The client of a worker process. All tasks share it, and so its connections and its view of the rate limit."""

    name = "katapult"

    def __init__(self, window: float) -> None:
        self.window = window

    async def setup(self, worker: Worker) -> None:
        del worker
        self.client = KatapultClient.from_env(rate_limit=RateLimitPolicy(window=self.window))
        await self.client.open()

    async def teardown(self, worker: Worker) -> None:
        del worker
        await self.client.aclose()


async def request_addresses(queries: list[AddressQuery]) -> list[Row]:
    """Run as a task: in the event loop of a worker."""
    katapult = cast("KatapultPlugin", get_worker().plugins[KatapultPlugin.name]).client
    nics = katapult.virtual_machine_network_interfaces
    worker = f"{socket.gethostname()}:{os.getpid()}"
    rows: list[Row] = []
    async with katapult.many(
        lambda query: nics.available_ips(query.interface_id, address_version=query.address_version), queries
    ) as outcomes:
        async for outcome in outcomes:
            match outcome:
                case Succeeded(key=query, value=addresses):
                    free = json.dumps([address.address for address in addresses])
                    rows.append((query.interface_id, query.address_version, free, None, worker))
                case Failed(key=query, error=error):
                    rows.append((query.interface_id, query.address_version, None, str(error), worker))
    return rows


async def run_tasks(dask: Client, database: sqlite3.Connection, queries: list[AddressQuery]) -> None:
    tasks = [queries[start : start + TASK_SIZE] for start in range(0, len(queries), TASK_SIZE)]
    # No variable keeps all futures: Dask would repeat complete tasks when the worker that has their results ends.
    async for future in as_completed(dask.map(request_addresses, tasks, pure=False)):
        try:
            rows = await future
        except Exception as error:  # noqa: BLE001 # any error on the worker, and the loss of several workers
            print(f"a task failed: {error}", file=sys.stderr)  # its queries are in the next round
        else:
            with database:  # a transaction
                database.executemany("INSERT OR REPLACE INTO outcomes VALUES (?, ?, ?, ?, ?)", rows)


def missing_queries(database: sqlite3.Connection, ids: list[str]) -> list[AddressQuery]:
    done = set(database.execute("SELECT interface_id, address_version FROM outcomes WHERE addresses IS NOT NULL"))
    return [
        AddressQuery(interface_id=interface_id, address_version=version)
        for interface_id in ids
        for version in AddressVersion
        if (interface_id, version.value) not in done
    ]


async def list_interfaces(window: float) -> tuple[list[str], int]:
    """Return the ids of all interfaces, and the number of machines and organizations that could not be listed."""
    ids: list[str] = []
    policy = RateLimitPolicy(window=window)
    async with KatapultClient.from_env(rate_limit=policy) as katapult, katapult.fleet() as fleet:
        with contextlib.suppress(IncompleteListError):
            async for interface in fleet:
                ids.append(interface.id)  # noqa: PERF401 # a comprehension loses all of them at the error
    for failure in fleet.failures:
        print(f"{failure.key}: {failure.error}", file=sys.stderr)
    return ids, len(fleet.failures)


async def run(
    database: sqlite3.Connection, *, ids: list[str] | None, scheduler: str | None, workers: int, window: float
) -> int:
    """Return the number of queries without a result, and of machines and organizations that could not be listed."""
    unlisted = 0
    async with contextlib.AsyncExitStack() as stack:
        cluster = scheduler or await stack.enter_async_context(
            LocalCluster(n_workers=workers, threads_per_worker=1, dashboard_address="127.0.0.1:0", asynchronous=True)
        )
        dask = await stack.enter_async_context(Client(cluster, asynchronous=True))
        await dask.register_plugin(KatapultPlugin(window))  # also for the workers that replace others later
        if ids is None:
            ids, unlisted = await list_interfaces(window)
        for _ in range(ROUNDS):
            if queries := missing_queries(database, ids):
                await run_tasks(dask, database, queries)
    return len(missing_queries(database, ids)) + unlisted


def main() -> None:
    parser = argparse.ArgumentParser(description="Write the free addresses of every network interface to a database.")
    parser.add_argument("database", type=Path, metavar="FILE", help="an SQLite database, new or of an earlier run")
    parser.add_argument("--ids", type=Path, metavar="FILE", help="ids of interfaces, one per line; default: all")
    parser.add_argument("--scheduler", metavar="ADDRESS", help="of a Dask cluster; default: one on this machine")
    parser.add_argument("--workers", type=int, default=4, help="processes of the cluster on this machine; default: 4")
    parser.add_argument("--window", type=float, default=60.0, help="seconds of the rate limit's window; default: 60")
    arguments = parser.parse_args()

    ids = arguments.ids.read_text(encoding="utf-8").split() if arguments.ids else None
    with contextlib.closing(sqlite3.connect(arguments.database)) as database:
        database.execute(TABLE)
        try:
            failures = asyncio.run(
                run(
                    database,
                    ids=ids,
                    scheduler=arguments.scheduler,
                    workers=arguments.workers,
                    window=arguments.window,
                )
            )
        except KatapultError as error:  # such as a rejected token
            sys.exit(str(error))
        [successes] = database.execute("SELECT count(*) FROM outcomes WHERE addresses IS NOT NULL").fetchone()
    print(f"{successes} succeeded, {failures} failed")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
