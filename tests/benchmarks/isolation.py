"""What the client isolates: each situation of `tests.simulation.isolation` against its goals."""

import json
import sys
import time
from pathlib import Path

import attrs
import click

from tests.simulation.isolation import PHASES, SITUATIONS, Measured, measure_situation

__all__ = ["main"]

SEEDS = range(1001, 1031)
"""No constant of the client was chosen with these seeds."""


def _line(measured: Measured, seconds: float) -> str:
    state = "" if measured.met else f"  MISSED {measured.missed} of {measured.runs}"
    numbers = f"{measured.worst:9.3f} {measured.mean:9.3f} {measured.limit:7g}"
    return f"{measured.situation:64} {measured.figure:22} {numbers} {seconds:6.1f}{state}"


@click.command(name="isolation")
@click.option("--json", "json_file", type=click.Path(path_type=Path), help="Write every figure to this file too.")
@click.option("--thorough", is_flag=True, help="30 seeds, one start phase each, instead of 2.")
@click.option("--seeds", "numbers", default="", help="Other seeds, separated by commas.")
@click.option("--only", default="", help="Only situations whose name contains this.")
def main(*, json_file: Path | None, thorough: bool, numbers: str, only: str) -> None:
    """Measure what a failing, limited or slow part of the service costs all other parts, in virtual time."""
    chosen = [int(number) for number in numbers.split(",") if number]
    if not chosen:
        chosen = list(SEEDS if thorough else SEEDS[:2])
    click.echo(f"{'situation':64} {'figure':22} {'worst':>9} {'mean':>9} {'limit':>7} {'took':>6}")
    rows = []
    for situation in SITUATIONS:
        if only in situation.name:
            began_at = time.perf_counter()
            measured = measure_situation(situation, starts=[(seed, PHASES[seed % len(PHASES)]) for seed in chosen])
            for row in measured:
                click.echo(_line(row, time.perf_counter() - began_at))
            rows += measured
    click.echo(f"{len([row for row in rows if row.met])} of {len(rows)} goals met")
    if json_file is not None:
        json_file.write_text(json.dumps([{**attrs.asdict(row), "met": row.met} for row in rows], indent=2) + "\n")
    if not all(row.met for row in rows):
        sys.exit(1)
