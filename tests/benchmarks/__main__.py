"""``python -m tests.benchmarks NAME``: one subcommand for each benchmark."""

import click

from tests.benchmarks import rate_limit, rate_limit_sockets

BENCHMARKS = (rate_limit.main, rate_limit_sockets.main)


@click.group()
def main() -> None:
    """Run one of the benchmarks."""


for benchmark in BENCHMARKS:
    main.add_command(benchmark)

if __name__ == "__main__":
    main(prog_name="python -m tests.benchmarks")
