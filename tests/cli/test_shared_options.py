"""Options that several commands have."""

import click
import pytest

from katapult_async.cli.declarations import fields_of
from katapult_async.cli.main import katapult_async
from katapult_async.cli.shared_options import FieldPaths
from tests.cli.conftest import Command

SECONDS = [
    "available-ips vmnet_1 --timeout",
    "available-ips vmnet_1 --outage-timeout",
    "available-ips vmnet_1 --rate-limit-window",
    "rate-limit --rate-limit-window",
    "tasks wait task_1 --timeout",
    "nics detach vmnet_1 --wait --timeout",
]


@pytest.mark.parametrize("value", ["nan", "inf", "0", "-1", "1e-320", "0.0009", "1e+11", "1e+308", "5s"])
@pytest.mark.parametrize("line", SECONDS)
def test_seconds_are_numbers_that_clocks_can_use(line: str, value: str, command: Command) -> None:
    result = command(*line.split(), value)
    assert (result.code, result.out) == (2, "")
    *_, option = line.split()
    assert f"'{option}': {value} is not a number of seconds from 0.001 to 1e+10" in result.err


@pytest.mark.slow
@pytest.mark.parametrize("window", ["0.001", "1e10"])
def test_extreme_windows_work(window: str, command: Command) -> None:
    assert command("rate-limit", "--sandbox", "--rate-limit-window", window).code == 0
    assert command("available-ips", "--all", "--sandbox", "--rate-limit-window", window).code == 0


def test_fields_are_taken_once_each() -> None:
    context, option = click.Context(katapult_async), click.Option(["--fields"])
    paths = FieldPaths(lambda _: fields_of("IPAddress"))
    assert paths.convert("id, address,id", option, context) == ("id", "address")
