"""Processor time to import the package and to start the command, in new interpreters with compiled modules."""

import os
import resource
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Mapping

from tests.benchmarks.ratios import Figure

WITHOUT_TORNADO = "import sys; sys.modules['tornado'] = None;"
"""Keeps tenacity from importing tornado, which is installed only because Dask, for the examples, needs it."""

_PROGRAMS = {
    "aiohttp": ("-c", f"{WITHOUT_TORNADO} import aiohttp"),
    "client": ("-c", f"{WITHOUT_TORNADO} import aiohttp; from katapult_async import KatapultClient"),
    "click": ("-c", "import click, rich"),
    "help": ("-m", "katapult_async", "--help"),
    "help of a command": ("-m", "katapult_async", "vms", "list", "--help"),
}


def measure(rounds: int) -> list[Figure]:
    """Return the time that the client adds to aiohttp, and the command's as a ratio to click and rich.

    The difference is between the shortest times, since other programs on the machine only add time.
    """
    times: dict[str, list[float]] = {name: [] for name in _PROGRAMS}
    with tempfile.TemporaryDirectory() as compiled:
        for _ in range(rounds + 1):  # the first one compiles the modules, as pip does
            for name, arguments in _PROGRAMS.items():
                times[name].append(_run(arguments, {**environment(), "PYTHONPYCACHEPREFIX": compiled}))

    def ratio_to_click(name: str) -> float:
        return statistics.median(own / bare for own, bare in zip(times[name][1:], times["click"][1:], strict=True))

    return [
        Figure(
            name="from katapult_async import KatapultClient, beyond import aiohttp",
            value=1000 * (min(times["client"][1:]) - min(times["aiohttp"][1:])),
            unit="ms",
            goal=60,
        ),
        Figure(name="katapult-async --help / import click, rich", value=ratio_to_click("help"), unit="x", goal=1.3),
        Figure(
            name="vms list --help / import click, rich", value=ratio_to_click("help of a command"), unit="x", goal=1.6
        ),
    ]


def environment() -> dict[str, str]:
    """Return the environment of this process, in which Python writes the bytecode of modules, as it does by default."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def _run(arguments: tuple[str, ...], environ: Mapping[str, str]) -> float:
    """Return the processor time of an interpreter that runs a program."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, *arguments], stdout=subprocess.DEVNULL, check=True, env=environ)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
