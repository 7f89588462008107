"""A nightly job: the free addresses of every network interface, as a CSV.

    python examples/batch_job.py "free-$(date +%F).csv"

Every result is appended to a checkpoint file beside the CSV at once. If the job was killed, start it again with the
same arguments: it requests only what the checkpoint lacks. When the CSV is complete, it removes the checkpoint and
exits with 0. If a request failed, it writes the other rows and exits with 1; started again, it repeats only what
failed. The token comes from KATAPULT_API_KEY; --sandbox needs none.
"""

import argparse
import asyncio
import contextlib
import csv
import itertools
import json
import os
import sys
from pathlib import Path
from typing import TextIO

from katapult_async import AddressVersion, Failed, IncompleteListError, KatapultClient, KatapultError, Succeeded
from katapult_async.sandbox import Sandbox

Results = dict[tuple[str, str], list[str]]  # by interface id and address version: the free addresses


def read_checkpoint(path: Path) -> Results:
    if not path.exists():
        return {}
    lines = path.read_bytes().splitlines(keepends=True)
    if lines and not lines[-1].endswith(b"\n"):  # the job was killed while it wrote this line
        incomplete = lines.pop()
        os.truncate(path, path.stat().st_size - len(incomplete))
    return {(interface_id, version): addresses for interface_id, version, addresses in map(json.loads, lines)}


def write_csv(path: Path, results: Results) -> None:
    part = path.with_name(f"{path.name}.part")  # so that nobody reads an incomplete CSV
    with part.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(("interface_id", "address_version", "address"))
        for query, addresses in sorted(results.items()):
            rows.writerows((*query, address) for address in addresses or [""])  # none free: a row without an address
    part.replace(path)


async def list_interfaces(katapult: KatapultClient) -> tuple[list[str], list[str]]:
    """Return the ids of all interfaces, and what could not be listed."""
    ids: list[str] = []
    async with katapult.fleet() as fleet:
        with contextlib.suppress(IncompleteListError):  # `failures` has what is missing
            async for interface in fleet:
                ids.append(interface.id)  # noqa: PERF401 # a comprehension loses all of them at the error
    return ids, [f"{failure.key}: {failure.error}" for failure in fleet.failures]


async def request_missing(
    katapult: KatapultClient, *, ids: list[str] | None, results: Results, checkpoint: TextIO
) -> int:
    """Add the missing results, and return the number of failures."""
    failures: list[str] = []
    if ids is None:
        ids, failures = await list_interfaces(katapult)
    queries = dict.fromkeys(itertools.product(ids, AddressVersion))  # each once
    nics = katapult.virtual_machine_network_interfaces
    async with katapult.many(
        lambda query: nics.available_ips(query[0], address_version=query[1]),
        [query for query in queries if query not in results],
    ) as outcomes:
        async for outcome in outcomes:
            match outcome:
                case Succeeded(key=query, value=addresses):
                    results[query] = [address.address for address in addresses]
                    checkpoint.write(json.dumps([*query, results[query]]) + "\n")
                case Failed(key=(interface_id, version), error=error):
                    failures.append(f"{interface_id} {version}: {error}")

    for failure in failures:
        print(failure, file=sys.stderr)
    print(f"{len(ids)} interfaces, {sum(map(len, results.values()))} free addresses, {len(failures)} failures")
    return len(failures)


async def run(*, ids: list[str] | None, results: Results, checkpoint: TextIO, use_sandbox: bool) -> int:
    async with contextlib.AsyncExitStack() as stack:
        if use_sandbox:
            sandbox = await stack.enter_async_context(Sandbox(machines=5, interfaces=8))
            client = KatapultClient(sandbox.token, base_url=sandbox.base_url)
        else:
            client = KatapultClient.from_env()
        katapult = await stack.enter_async_context(client)
        return await request_missing(katapult, ids=ids, results=results, checkpoint=checkpoint)


def main() -> None:
    parser = argparse.ArgumentParser(description="Write the free addresses of every network interface to a CSV.")
    parser.add_argument("output", type=Path, metavar="CSV")
    parser.add_argument("--ids", type=Path, metavar="FILE", help="ids of interfaces, one per line; default: all")
    parser.add_argument("--sandbox", action="store_true", help="use the bundled sandbox; needs no account")
    arguments = parser.parse_args()

    ids = arguments.ids.read_text(encoding="utf-8").split() if arguments.ids else None
    path = arguments.output.with_name(f"{arguments.output.name}.checkpoint")
    results = read_checkpoint(path)
    try:
        with path.open("a", encoding="utf-8", buffering=1) as checkpoint:  # every line is written to the file at once
            failures = asyncio.run(run(ids=ids, results=results, checkpoint=checkpoint, use_sandbox=arguments.sandbox))
    except KatapultError as error:  # such as a rejected token: there is nothing to write
        sys.exit(str(error))
    write_csv(arguments.output, results)
    if failures:
        sys.exit(1)
    path.unlink()


if __name__ == "__main__":
    main()
