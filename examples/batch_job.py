"""A nightly job: the free addresses of every network interface, as a CSV.

    python examples/batch_job.py "free-$(date +%F).csv"

Each answer goes into a journal beside the CSV as soon as it is there, so a job that was killed is started again with
the same arguments and asks only for what the journal lacks. Exits 0 with a complete CSV, and removes the journal; exits
1 if something failed, with a CSV of the rest. The token comes from KATAPULT_API_KEY; --sandbox needs none.
"""

import argparse
import asyncio
import contextlib
import csv
import json
import os
import sys
from pathlib import Path
from typing import TextIO

from katapult_async import AddressVersion, Failed, KatapultClient, KatapultError, Succeeded
from katapult_async.sandbox import Sandbox

Answers = dict[tuple[str, str], list[str]]  # interface id and address version: free addresses


def read_journal(path: Path) -> Answers:
    if not path.exists():
        return {}
    lines = path.read_bytes().splitlines(keepends=True)
    if lines and not lines[-1].endswith(b"\n"):  # the job was killed while it wrote
        os.truncate(path, path.stat().st_size - len(lines.pop()))
    return {(interface_id, version): addresses for interface_id, version, addresses in map(json.loads, lines)}


def write_csv(path: Path, answers: Answers) -> None:
    part = path.with_name(f"{path.name}.part")  # nobody shall read half a CSV
    with part.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(("interface_id", "address_version", "address"))
        for query, addresses in sorted(answers.items()):
            rows.writerows((*query, address) for address in addresses or [""])
    part.replace(path)


async def ask(katapult: KatapultClient, *, ids: list[str] | None, answers: Answers, journal: TextIO) -> int:
    """Add what is missing to the answers, and return how much failed."""
    failures: list[str] = []
    if ids is None:
        async with katapult.fleet() as fleet:
            ids = [interface.id async for interface in fleet]
        failures += [f"{machine.key}: {machine.error}" for machine in fleet.failures]

    missing = [each for each in ids if any((each, version) not in answers for version in AddressVersion)]
    nics = katapult.virtual_machine_network_interfaces
    async with nics.available_ips_many(missing, address_versions=AddressVersion) as outcomes:
        async for outcome in outcomes:
            match outcome:
                case Succeeded(key=query, value=addresses):
                    free = [address.address for address in addresses]
                    answers[query.interface_id, query.address_version] = free
                    journal.write(json.dumps([query.interface_id, query.address_version, free]) + "\n")
                case Failed(key=query, error=error):
                    failures.append(f"{query.interface_id} {query.address_version}: {error}")

    for failure in failures:
        print(failure, file=sys.stderr)
    print(f"{len(ids)} interfaces, {sum(map(len, answers.values()))} free addresses, {len(failures)} failures")
    return len(failures)


async def run(*, ids: list[str] | None, answers: Answers, journal: TextIO, sandboxed: bool) -> int:
    async with contextlib.AsyncExitStack() as stack:
        if sandboxed:
            sandbox = await stack.enter_async_context(Sandbox(machines=5, interfaces=8))
            client = KatapultClient(sandbox.token, base_url=sandbox.base_url)
        else:
            client = KatapultClient.from_env()
        katapult = await stack.enter_async_context(client)
        return await ask(katapult, ids=ids, answers=answers, journal=journal)


def main() -> None:
    parser = argparse.ArgumentParser(description="Write the free addresses of every network interface to a CSV.")
    parser.add_argument("output", type=Path, metavar="CSV")
    parser.add_argument("--ids", type=Path, metavar="FILE", help="ids of interfaces, one a line; all by default")
    parser.add_argument("--sandbox", action="store_true", help="ask a made-up cloud in this process")
    arguments = parser.parse_args()

    ids = arguments.ids.read_text(encoding="utf-8").split() if arguments.ids else None
    path = arguments.output.with_name(f"{arguments.output.name}.journal")
    answers = read_journal(path)
    try:
        with path.open("a", encoding="utf-8", buffering=1) as journal:  # a line is in the file once it is written
            failed = asyncio.run(run(ids=ids, answers=answers, journal=journal, sandboxed=arguments.sandbox))
    except KatapultError as error:  # the token is refused, say: there is nothing to write
        sys.exit(str(error))
    write_csv(arguments.output, answers)
    if failed:
        sys.exit(1)
    path.unlink()


if __name__ == "__main__":
    main()
