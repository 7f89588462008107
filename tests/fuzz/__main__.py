"""``python -m tests.fuzz AREA --seconds N`` checks the properties of an area with random input until the time is over.

To add an area, write a module with ``PROPERTIES`` and a line in `AREAS`.
"""

import argparse
import sys
import warnings
from collections.abc import Mapping, Sequence
from typing import Final

from . import cli, decode, wire
from .properties import Property, check_for

AREAS: Final[Mapping[str, Sequence[Property]]] = {
    "cli": cli.PROPERTIES,
    "decode": decode.PROPERTIES,
    "wire": wire.PROPERTIES,
}


def main() -> None:
    """Check, and end with the exception of the first property that does not hold."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz")
    parser.add_argument("area", choices=AREAS)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--examples", type=int, default=200, help="inputs of a property before the next property")
    parser.add_argument("--seed", type=int, help="repeat the inputs of this seed; without it, each run has others")
    options = parser.parse_args()
    warnings.simplefilter("error")
    inputs = check_for(options.seconds, AREAS[options.area], examples=options.examples, seed=options.seed)
    sys.stdout.write(f"{options.area}: {inputs} inputs, every property held\n")


if __name__ == "__main__":
    main()
