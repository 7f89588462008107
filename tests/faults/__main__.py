"""The long runs of the fault tests, and the printed table::

python -m tests.faults --seeds 20      # random faults: 2,000 calls for each seed, on both event loops
python -m tests.faults --lasting       # random faults, and lasting faults of every kind: 7,600 calls
python -m tests.faults --outage        # 20,000 calls during an outage of a minute, for each kind of outage
python -m tests.faults --unsolicited   # 5,000 calls with unsolicited responses between them, on both event loops
python -m tests.faults --costs         # memory and event-loop stalls of the heaviest responses
python -m tests.faults --table         # the fault table as Markdown
"""

import argparse
import gc
import sys
import time
import warnings

from . import outage, stalls, table
from .harness import LOOPS, run
from .outage import OUTAGES, run_outage
from .random_faults import KEYS, LASTING_RUN_KEYS, run_lasting_faults, run_random_faults
from .unsolicited_responses import CALLS, run_unsolicited_responses


def main() -> int:
    """Run what the options name; return 1 if any outcome is wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults")
    parser.add_argument("--seeds", type=int, default=0, help="runs of random faults, on each event loop")
    parser.add_argument("--keys", type=int, default=KEYS, help="calls in each of these runs")
    parser.add_argument("--lasting", action="store_true", help="random faults beside lasting ones")
    parser.add_argument("--outage", action="store_true", help="many calls during an outage of a minute")
    parser.add_argument("--unsolicited", action="store_true", help="calls with unsolicited responses between them")
    parser.add_argument("--costs", action="store_true", help="memory and event-loop stalls of the heaviest responses")
    parser.add_argument("--table", action="store_true", help="print the fault table as Markdown")
    options = parser.parse_args()
    warnings.simplefilter("error")
    wrong = 0
    for loop in LOOPS:
        for seed in range(options.seeds):
            began_at = time.perf_counter()
            summary = run(loop, run_random_faults(seed=seed, keys=options.keys), within=300.0)
            gc.collect()
            lines = (f"{loop:8} {summary} ({time.perf_counter() - began_at:.1f} s)", *summary.mismatches[:5])
            sys.stdout.write("\n  ".join(lines) + "\n")
            wrong += len(summary.mismatches)
        if options.lasting:
            result = run(loop, run_lasting_faults(seed=1, keys=LASTING_RUN_KEYS), within=900.0)
            sys.stdout.write("\n  ".join((f"{loop:8} {result}", *result.mismatches)) + "\n")
            wrong += len(result.mismatches)
            if result.ratio > 2:  # lasting faults may double the time of other calls
                wrong += 1
        if options.unsolicited:
            counts = run(loop, run_unsolicited_responses(seed=1, calls=CALLS, clients=5), within=300.0)
            sys.stdout.write(f"{loop:8} {counts}\n")
            wrong += counts.calls - counts.correct
    if options.outage:
        for kind in OUTAGES:
            outcome = run("asyncio", run_outage(kind, calls=outage.CALLS, seconds=outage.SECONDS), within=300.0)
            sys.stdout.write(f"{outcome}\n")
            most_extra = 1000  # far fewer than one for each call
            wrong += outcome.calls - outcome.correct + max(0, outcome.extra_requests - most_extra)
    if options.costs:
        stalls.main()
    if options.table:
        sys.stdout.write(table.markdown())
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
