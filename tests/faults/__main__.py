"""The long runs of the fault tests, and the table of faults::

python -m tests.faults --seeds 20    # the balanced run, 2,000 keys a seed, on both loops
python -m tests.faults --outage      # 20,000 calls through an outage of a minute, of each kind
python -m tests.faults --unasked     # 5,000 calls among unsolicited answers, on both loops
python -m tests.faults --costs       # memory and loop stalls of the heaviest answers
python -m tests.faults --table       # the table of faults as Markdown
"""

import argparse
import gc
import sys
import time
import warnings

from . import outage, stalls, table
from .harness import LOOPS, run
from .outage import KINDS, run_outage
from .random_faults import KEYS, run_balanced
from .unsolicited_responses import CALLS, run_unasked


def main() -> int:
    """Run what is asked for, and return 1 if a book does not balance."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults")
    parser.add_argument("--seeds", type=int, default=0)
    parser.add_argument("--keys", type=int, default=KEYS)
    parser.add_argument("--outage", action="store_true")
    parser.add_argument("--unasked", action="store_true")
    parser.add_argument("--costs", action="store_true")
    parser.add_argument("--table", action="store_true")
    options = parser.parse_args()
    warnings.simplefilter("error")
    bad = 0
    for loop in LOOPS:
        for seed in range(options.seeds):
            began_at = time.perf_counter()
            books = run(loop, run_balanced(seed=seed, keys=options.keys), within=300.0)
            gc.collect()
            lines = (f"{loop:8} {books} ({time.perf_counter() - began_at:.1f} s)", *books.disagreements[:5])
            sys.stdout.write("\n  ".join(lines) + "\n")
            bad += len(books.disagreements)
        if options.unasked:
            tally = run(loop, run_unasked(seed=1, calls=CALLS, clients=5), within=300.0)
            sys.stdout.write(f"{loop:8} {tally}\n")
            bad += tally.calls - tally.right
    if options.outage:
        for kind in KINDS:
            toll = run("asyncio", run_outage(kind, calls=outage.CALLS, seconds=outage.SECONDS), within=300.0)
            sys.stdout.write(f"{toll}\n")
            bad += toll.calls - toll.right + max(0, toll.extra - 1000)
    if options.costs:
        stalls.main()
    if options.table:
        sys.stdout.write(table.markdown())
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
