"""Options that several commands have."""

from pathlib import Path

import click
import pytest

from katapult_async.cli.declarations import fields_of
from katapult_async.cli.field_paths import FieldPaths
from katapult_async.cli.main import katapult_async
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
def test_seconds_must_be_from_a_millisecond_to_317_years(line: str, value: str, command: Command) -> None:
    result = command(*line.split(), value)
    assert (result.code, result.out) == (2, "")
    *_, option = line.split()
    assert f"Invalid value for '{option}'" in result.err
    assert f": {value!r} is not a number of seconds from 0.001 to 1e+10" in result.err


@pytest.mark.slow
@pytest.mark.parametrize("window", ["0.001", "1e10"])
def test_rate_limit_window_may_be_a_millisecond_or_317_years(window: str, command: Command) -> None:
    assert command("rate-limit", "--sandbox", "--rate-limit-window", window).code == 0
    assert command("available-ips", "--all", "--sandbox", "--rate-limit-window", window).code == 0


def test_repeated_field_is_taken_once() -> None:
    context, option = click.Context(katapult_async), click.Option(["--fields"])
    paths = FieldPaths(lambda _: fields_of("IPAddress"))
    assert paths.convert("id, address,id", option, context) == ("id", "address")


@pytest.mark.parametrize(
    ("line", "option"),
    [
        ("available-ips --file a.txt --file b.txt", "--file"),
        ("orgs list -o json --output-format csv", "-o/--output-format"),
        ("dns-records update r_1 --content a --content b", "--content"),
        ("ips list --organization larch --allocated --unallocated", "--allocated/--unallocated"),
        ("api POST /disks --body a.json --body b.json", "--body"),
        ("nics allocate vmnet_1 --address ip_1 --address ip_2", "--address"),
        ("sandbox --port 1 --port 2", "--port"),
    ],
)
def test_option_that_takes_one_value_is_refused_where_it_is_given_twice(
    line: str, option: str, command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Click alone would take the last value and drop the others without a message."""
    monkeypatch.chdir(tmp_path)
    for name in ("a.txt", "b.txt", "a.json", "b.json"):
        (tmp_path / name).touch()
    result = command(*line.split())
    assert (result.code, result.out) == (2, "")
    assert result.err.startswith(f"error: {option} can be given only once (see katapult-async ")


@pytest.mark.parametrize(
    "line", ["orgs list --sandbox -q -q", "api GET /organizations --sandbox -f page=1 -f per_page=1"]
)
def test_flag_and_option_with_several_values_can_be_repeated(line: str, command: Command) -> None:
    assert command(*line.split()).code == 0


@pytest.mark.parametrize(
    ("line", "option", "value"),
    [
        ("dns-records update r_1 --content --dry-run", "--content", "--dry-run"),
        ("dns-records update r_1 --content --ttl=5", "--content", "--ttl"),
        ("tags create --name --color red", "--name", "--color"),
        ("api POST /disks -f --dry-run", "-f", "--dry-run"),
        ("available-ips --all --file --resume", "--file", "--resume"),
        ("vms list --sort -o", "--sort", "-o"),
        ("vms get mail-1 --fields --help", "--fields", "--help"),
    ],
)
def test_name_of_an_option_is_not_the_value_of_another(line: str, option: str, value: str, command: Command) -> None:
    """Click alone would send ``--dry-run`` as the content of the record."""
    result = command(*line.split())
    assert (result.code, result.out) == (2, "")
    assert result.err.startswith(f"error: Option '{option}' requires an argument, and {value} is an option (see ")


@pytest.mark.parametrize("line", ["--name=--color --color red", "--name=--color=red", "--color red --name -- "])
def test_value_that_begins_with_dashes_can_be_given(line: str, command: Command) -> None:
    assert command("tags", "create", "--organization", "larch", "--dry-run", "--sandbox", *line.split()).code == 0
