"""The results of a run: a table, JSON, and a description of the machine."""

import os
import platform
from importlib.metadata import version

import attrs

from tests.benchmarks.ratios import Figure, Ratio

Row = Ratio | Figure

_TOLERANCE = 2.0
"""Multiple of its goal that a ratio may reach on an unknown machine before a short run fails."""


def table(rows: list[Row]) -> str:
    """Return the results as a table."""
    width = max(len(row.name) for row in rows)
    lines = [f"{'processor time':{width}} {'client':>12} {'by hand':>12} {'ratio':>9} {'quartiles':>12} {'goal':>6}"]
    for row in rows:
        cells = f"{row.name:{width}} "
        if isinstance(row, Ratio):
            client, by_hand = (f"{1e6 * seconds:,.0f} us" for seconds in row.seconds)
            cells += f"{client:>12} {by_hand:>12} {row.value:7.2f} x {row.spread[0]:5.2f} - {row.spread[1]:4.2f}"
        else:
            cells += f"{'':25} {row.value:7.2f} {row.unit:3} {'':10}"
        if row.goal is not None:
            cells += f" {row.goal:6g}"
            if row.value > row.goal:
                cells += "  MISSED"
        lines.append(cells.rstrip())
    return "\n".join([*lines, machine()])


def machine() -> str:
    """Return the operating system, processor count, Python and package versions of this machine."""
    packages = ", ".join(f"{name} {version(name)}" for name in ("aiohttp", "msgspec", "uvloop", "pydantic", "httpx"))
    python = f"{platform.python_implementation()} {platform.python_version()}"
    return f"{platform.system()} {platform.machine()}, {os.cpu_count()} processors, {python}, {packages}"


def as_json(rows: list[Row]) -> dict[str, object]:
    """Return every measurement, for JSON."""
    return {"machine": machine(), "rows": [attrs.asdict(row) | {"value": row.value} for row in rows]}


def exceeded(rows: list[Row]) -> list[str]:
    """Return the names of ratios so far above their goal that noise does not explain it.

    Figures are left out: they depend on the machine.
    """
    return [
        row.name
        for row in rows
        if isinstance(row, Ratio) and row.goal is not None and row.value > _TOLERANCE * row.goal
    ]
