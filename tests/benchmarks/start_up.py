"""Time from the start of ``katapult-async available-ips ID`` to its first byte, and the part of each import."""

import statistics
import subprocess
import sys
import time
from collections import defaultdict

from tests.benchmarks.import_time import WITHOUT_TORNADO, environment
from tests.benchmarks.minimal_server import minimal_server
from tests.benchmarks.ratios import Figure

_AIOHTTP = ("-c", "import aiohttp")
_COMMAND = (
    "-c",
    f"{WITHOUT_TORNADO} from katapult_async.__main__ import main; sys.exit(main())",
    *("available-ips", "vmnet_1"),
)
_PARTS = ("aiohttp", "click", "cattrs", "msgspec", "tenacity", "katapult_async.cli", "katapult_async.models")
"""The packages that have a row in the result. The time of aiohttp includes all that it imports; the others do not."""


def measure(rounds: int) -> list[Figure]:
    """Return the time to the first byte as a ratio to ``import aiohttp``, and the milliseconds of the imports.

    The programs run alternately, against a server that responds at once.
    """
    with minimal_server(addresses=2) as base_url:
        environ = environment() | {"KATAPULT_API_URL": base_url, "KATAPULT_API_KEY": "token"}
        _first_byte(_COMMAND, environ)  # writes the bytecode
        seconds = [(_first_byte(_COMMAND, environ), _first_byte(_AIOHTTP, environ)) for _ in range(rounds)]
        imports = _import_times(environ, rounds=max(2, rounds // 4))
    ratio = statistics.median(command / aiohttp for command, aiohttp in seconds)
    command, aiohttp = (1000 * statistics.median(column) for column in zip(*seconds, strict=True))
    return [
        Figure(name="available-ips ID to the first byte / import aiohttp", value=ratio, unit="x", goal=1.5),
        Figure(name="python -c 'import aiohttp'", value=aiohttp, unit="ms"),
        Figure(name="available-ips ID to the first byte", value=command, unit="ms"),
        *(Figure(name=f"of it, import {name}", value=1000 * spent, unit="ms") for name, spent in imports.items()),
    ]


def _first_byte(arguments: tuple[str, ...], environ: dict[str, str]) -> float:
    """Return the seconds until a program writes its first byte, or ends."""
    began_at = time.perf_counter()
    with subprocess.Popen(
        [sys.executable, *arguments], env=environ, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as program:
        assert program.stdout is not None
        program.stdout.read(1)
        seconds = time.perf_counter() - began_at
        program.stdout.read()
    assert program.returncode == 0
    return seconds


def _import_times(environ: dict[str, str], *, rounds: int) -> dict[str, float]:
    """Return the seconds that the command spends on the imports of each part, with the fastest run of each module."""
    of_aiohttp = set(_modules(_AIOHTTP, environ))
    best: dict[str, float] = {}
    for _ in range(rounds):
        for name, seconds in _modules(_COMMAND, environ).items():
            best[name] = min(seconds, best.get(name, seconds))
    spent: dict[str, float] = defaultdict(float)
    for name, seconds in best.items():
        if name in of_aiohttp:
            part = "aiohttp"
        else:
            rest = "the rest of katapult_async" if name.startswith("katapult_async") else "the rest"
            part = next((candidate for candidate in _PARTS if f"{name}.".startswith(f"{candidate}.")), rest)
        spent[part] += seconds
    return dict(sorted(spent.items(), key=lambda item: -item[1]))


def _modules(arguments: tuple[str, ...], environ: dict[str, str]) -> dict[str, float]:
    """Return the seconds that each module took, without the modules that it imported."""
    program = subprocess.run(
        [sys.executable, "-X", "importtime", *arguments], env=environ, capture_output=True, text=True, check=True
    )
    rows = [line.removeprefix("import time:").split("|") for line in program.stderr.splitlines() if "|" in line]
    return {name.strip(): int(own) / 1e6 for own, _, name in rows[1:]}
