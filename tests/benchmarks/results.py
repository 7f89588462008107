"""The table of a run, its figures as JSON, and the machine that they were measured on."""

import os
import platform
from importlib.metadata import version

import attrs

from tests.benchmarks.ratios import Figure, Ratio

Row = Ratio | Figure

_SLACK = 2.0
"""How many times its goal a value may be on a machine that nobody knows, before a short round fails."""


def table(rows: list[Row]) -> str:
    """Return the lines of the table."""
    width = max(len(row.name) for row in rows)
    lines = [f"{'processor time':{width}} {'ours':>12} {'by hand':>12} {'ratio':>9} {'quartiles':>12} {'goal':>6}"]
    for row in rows:
        cells = f"{row.name:{width}} "
        if isinstance(row, Ratio):
            ours, by_hand = (f"{1e6 * seconds:,.0f} us" for seconds in row.seconds)
            cells += f"{ours:>12} {by_hand:>12} {row.value:7.2f} x {row.spread[0]:5.2f} - {row.spread[1]:4.2f}"
        else:
            cells += f"{'':25} {row.value:7.2f} {row.unit:3} {'':10}"
        goal = "" if row.goal is None else f" {row.goal:6g}{'' if row.value <= row.goal else '  MISSED'}"
        lines.append((cells + goal).rstrip())
    return "\n".join([*lines, machine()])


def machine() -> str:
    """Return what the figures were measured on."""
    packages = ", ".join(f"{name} {version(name)}" for name in ("aiohttp", "msgspec", "uvloop", "pydantic", "httpx"))
    python = f"{platform.python_implementation()} {platform.python_version()}"
    return f"{platform.system()} {platform.machine()}, {os.cpu_count()} processors, {python}, {packages}"


def as_json(rows: list[Row]) -> dict[str, object]:
    """Return everything that was measured."""
    return {"machine": machine(), "rows": [attrs.asdict(row) | {"value": row.value} for row in rows]}


def far_off(rows: list[Row]) -> list[str]:
    """Return the names of the ratios that no noise explains. What has a unit of its own depends on the machine."""
    return [
        row.name for row in rows if isinstance(row, Ratio) and row.goal is not None and row.value > _SLACK * row.goal
    ]
