"""Processor time to import the package and to start the command, in new interpreters."""

import resource
import statistics
import subprocess
import sys

from tests.benchmarks.ratios import Figure

_WITHOUT_TORNADO = "import sys; sys.modules['tornado'] = None;"
"""Where tornado is installed, as Dask brings it for the examples, tenacity imports it."""

_PROGRAMS = {
    "aiohttp": ("-c", f"{_WITHOUT_TORNADO} import aiohttp"),
    "package": ("-c", f"{_WITHOUT_TORNADO} import aiohttp, katapult_async"),
    "used": ("-c", f"{_WITHOUT_TORNADO} import aiohttp; from katapult_async import KatapultClient"),
    "click": ("-c", "import click, rich"),
    "help": ("-m", "katapult_async", "--help"),
}


def measure(rounds: int) -> list[Figure]:
    """Return the time that the package adds to aiohttp, and the command's as a ratio to click and rich."""
    times: dict[str, list[float]] = {name: [] for name in _PROGRAMS}
    for _ in range(rounds + 1):
        for name, arguments in _PROGRAMS.items():
            times[name].append(_run(arguments))

    def beyond_aiohttp(name: str) -> float:
        pairs = zip(times[name][1:], times["aiohttp"][1:], strict=True)
        return 1000 * statistics.median(own - plain for own, plain in pairs)

    ratio = statistics.median(own / bare for own, bare in zip(times["help"][1:], times["click"][1:], strict=True))
    return [
        Figure(
            name="import katapult_async, beyond import aiohttp", value=beyond_aiohttp("package"), unit="ms", goal=80
        ),
        Figure(name="the same with KatapultClient used", value=beyond_aiohttp("used"), unit="ms"),
        Figure(name="katapult-async --help / import click, rich", value=ratio, unit="x", goal=1.3),
    ]


def _run(arguments: tuple[str, ...]) -> float:
    """Return the processor time of an interpreter that runs a program."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, *arguments], stdout=subprocess.DEVNULL, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
