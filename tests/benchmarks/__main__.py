"""``python -m tests.benchmarks NAME``: one subcommand for each benchmark, and ``all`` for those in `MEASURES`."""

import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import click

from tests.benchmarks import (
    batch,
    call,
    decode,
    import_time,
    isolation,
    memory,
    profile,
    rate_limit,
    rate_limit_sockets,
    scale,
    start_up,
)
from tests.benchmarks.pictures import ratios, save
from tests.benchmarks.ratios import Ratio
from tests.benchmarks.results import Row, as_json, exceeded, table

Measure = Callable[[int, bool], Sequence[Row]]

MEASURES: dict[str, Measure] = {
    "memory": lambda rounds, short: memory.measure(10_000 if short else 5_000 * rounds),
    "import": lambda rounds, short: import_time.measure(2 if short else max(2, rounds // 2)),
    "start_up": lambda rounds, short: start_up.measure(2 if short else rounds),
    "decode": lambda rounds, short: decode.measure(rounds),  # noqa: ARG005 # a short run only has fewer rounds
    "call": lambda rounds, short: call.measure(rounds),  # noqa: ARG005 # likewise
    "batch": lambda rounds, short: batch.measure(rounds, queries=2_000 if short else 20_000),
}


@click.group()
def main() -> None:
    """Run one of the benchmarks."""


def _command(name: str, measures: Sequence[Measure]) -> click.Command:
    def run(*, rounds: int, short: bool, json_file: Path | None, folder: Path | None) -> None:
        rows = [row for measure in measures for row in measure(4 if short else rounds, short)]
        click.echo(table(rows))
        if json_file is not None:
            json_file.write_text(json.dumps(as_json(rows), indent=2) + "\n")
        if folder is not None:
            save(ratios([row for row in rows if isinstance(row, Ratio)]), folder / "ratios", size=(9, 6))
        names = exceeded(rows) if short else []
        if names:
            click.echo(f"more than twice the goal: {', '.join(names)}", err=True)
            sys.exit(1)

    options: list[click.Parameter] = [
        click.Option(
            ["--rounds"], type=click.IntRange(min=2), default=20, show_default=True, help="Measured runs of each."
        ),
        click.Option(["--short"], is_flag=True, help="A minute at most; exit 1 if a ratio is above twice its goal."),
        click.Option(
            ["--json", "json_file"], type=click.Path(path_type=Path), help="Write every measurement to this file too."
        ),
        click.Option(
            ["--plot", "folder"],
            type=click.Path(path_type=Path, exists=True, file_okay=False),
            help="Draw the ratios into this folder.",
        ),
    ]
    return click.Command(
        name, callback=run, params=options, help=f"Measure {name}. Ratios are to the same work by hand."
    )


for benchmark, measure in MEASURES.items():
    main.add_command(_command(benchmark, [measure]))
main.add_command(_command("all", list(MEASURES.values())))
main.add_command(isolation.main)
main.add_command(profile.main)
main.add_command(rate_limit.main)
main.add_command(rate_limit_sockets.main)
main.add_command(scale.main)

if __name__ == "__main__":
    main(prog_name="python -m tests.benchmarks")
