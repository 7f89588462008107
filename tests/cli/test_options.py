"""Options that take seconds: one rule for all of them."""

import pytest

from tests.cli.conftest import Command

OPTIONS = [
    "available-ips vmnet_1 --timeout",
    "available-ips vmnet_1 --patience",
    "available-ips vmnet_1 --rate-limit-window",
    "rate-limit --rate-limit-window",
    "tasks wait task_1 --timeout",
]


@pytest.mark.parametrize("value", ["nan", "inf", "0", "-1"])
@pytest.mark.parametrize("line", OPTIONS)
def test_seconds_are_a_number_above_0(line: str, value: str, command: Command) -> None:
    result = command(*line.split(), value)
    assert (result.code, result.out) == (2, "")
    *_, option = line.split()
    assert f"'{option}': {value} is not a number of seconds above 0" in result.err
