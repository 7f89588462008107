"""The layout of tables: no value is ever cut or broken, on any width, in any encoding, by any command."""

import asyncio
import csv
import io
import re
import sys
from collections.abc import Iterator, Sequence
from typing import Final

import click
import pytest
from hypothesis import HealthCheck, example, given, settings, strategies as st

from katapult_async.cli.main import katapult_async
from katapult_async.cli.messages import printable
from katapult_async.cli.output import Output, cell, list_writer
from katapult_async.cli.table import Row, Screen, block, table
from katapult_async.sandbox import Sandbox
from katapult_async.sandbox.kinds import MODELS
from katapult_async.sandbox.models import IPAddress, Network
from tests.cli.conftest import Command, Terminal, listening, use_sandbox
from tests.cli.help_pages import COMMANDS, command_named, examples
from tests.cli.test_help import LISTS_NOTHING, make_objects

rows_of_three = st.lists(st.tuples(st.text(), st.text(), st.text()).map(lambda cells: Row(cells=cells)), min_size=1)
screens = st.builds(
    Screen,
    width=st.none() | st.integers(1, 400),
    encoding=st.sampled_from(["utf-8", "ascii", "cp1252", "latin-1"]),
    colors=st.booleans(),
)
TITLES: Final = ("id", "Free", "network.name")


@given(rows_of_three, screens)
@example([Row(cells=("", "", "0 "))], Screen())
def test_no_table_loses_a_character(rows: list[Row], screen: Screen) -> None:
    text = table(rows, titles=TITLES, screen=screen)
    values = [value for row in rows for value in row.cells]
    assert_unbroken(text, values, encoding=screen.encoding)
    assert len(values) == len(rows) * 3
    text.encode(screen.encoding)


@given(rows_of_three, screens)
def test_no_block_loses_a_character(rows: list[Row], screen: Screen) -> None:
    for row in rows:
        assert_unbroken(block(row, titles=TITLES, screen=screen), row.cells, encoding=screen.encoding)


def assert_unbroken(text: str, values: Sequence[str], *, encoding: str = "utf-8") -> None:
    """Assert that every value is an unbroken piece of a text."""
    for value in values:
        escaped = printable(value).encode(encoding, "backslashreplace").decode(encoding)
        assert escaped in text


@pytest.mark.parametrize(
    ("text", "columns"),
    [("ab", 2), ("日本", 4), ("e\u0301", 1), ("👩", 2), ("", 0)],
)
def test_columns_are_aligned_by_the_width_of_characters_on_a_terminal(text: str, columns: int) -> None:
    line = table([Row(cells=(text, "end"))], titles=("x" * 5, "y"), screen=Screen(), header=False)
    assert line == f"{text}{' ' * (5 - columns)}   end\n"


words = st.text("abc1:.", max_size=60)


@given(st.lists(st.tuples(words, words, words), min_size=1), st.integers(1, 400))
def test_table_fits_into_the_width_or_becomes_blocks(rows: list[tuple[str, str, str]], width: int) -> None:
    lines = table([Row(cells=row) for row in rows], titles=TITLES, screen=Screen(width=width)).splitlines()
    needed = sum(max(map(len, column)) for column in zip(TITLES, *rows, strict=True)) + 2 * 2
    if needed <= width:
        assert len(lines) == len(rows) + 2
        assert max(map(len, lines)) <= width
    else:
        assert [line.split()[0] for line in lines if line.startswith(TITLES)] == list(TITLES) * len(rows)


def test_last_value_of_spaces_alone_stands_in_its_column() -> None:
    text = table([Row(cells=("a", "x", "  "))], titles=TITLES, screen=Screen())
    assert text.splitlines()[1] == "a       x" + "   " + "  "  # the gap and the value


def test_table_for_a_pipe_has_one_line_for_each_record() -> None:
    titles, *lines = table(
        [Row(cells=("ip_1", "Öffentlich\x1b[2J", "n" * 300)), Row(cells=("ip_2", "", "x"))],
        titles=("id", "name", "notes"),
        screen=Screen(),
    ).splitlines()
    assert titles.split() == ["id", "name", "notes"]
    assert [line.split() for line in lines] == [["ip_1", "Öffentlich\\x1b[2J", "n" * 300], ["ip_2", "x"]]


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "latin-1"])
def test_rule_is_made_of_hyphens_if_the_encoding_lacks_the_line_character(encoding: str) -> None:
    screen = Screen(width=80, encoding=encoding)
    _, rule, _ = table([Row(cells=("a",))], titles=("id",), screen=screen).splitlines()
    assert rule == "--"


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "utf-8"])
def test_table_is_written_to_a_stream_in_its_encoding(encoding: str) -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding=encoding)
    writer = list_writer("table", Output(stream), columns=("id",))
    writer.write({"id": "café ✓"})
    writer.close()
    assert raw.getvalue().decode(encoding).splitlines()[1] == "café ✓".encode(encoding, "backslashreplace").decode(
        encoding
    )


def test_records_that_do_not_fit_become_blocks() -> None:
    rows = [Row(cells=("vmnet_1", "2001:db8:12::acc7:d596")), Row(cells=("vmnet_2", ""))]
    assert table(rows, titles=("Interface", "Addresses"), screen=Screen(width=34)) == (
        "Interface   Addresses\n──────────────────────────────────\nvmnet_1     2001:db8:12::acc7:d596\nvmnet_2\n"
    )
    assert table(rows, titles=("Interface", "Addresses"), screen=Screen(width=33)) == (
        "Interface  Addresses\n─────────────────────────────────\nvmnet_1    2001:db8:12::acc7:d596\nvmnet_2\n"
    )
    assert table(rows, titles=("Interface", "Addresses"), screen=Screen(width=32)) == (
        "Interface   vmnet_1\nAddresses\n  2001:db8:12::acc7:d596\n\nInterface   vmnet_2\nAddresses\n"
    )


def test_numbers_are_aligned_to_the_right() -> None:
    rows = [Row(cells=("a", "7")), Row(cells=("b", "12345"))]
    assert table(rows, titles=("id", "Free"), screen=Screen()).splitlines()[1:] == ["a        7", "b    12345"]


@pytest.mark.parametrize(
    ("columns", "terminal", "width"),
    [
        ("", False, None),
        ("", True, 80),
        ("0", False, None),
        ("0", True, 80),
        ("wide", True, 80),
        ("-5", True, 80),
        ("4.5", False, None),
        ("\u0664\u0662", True, 42),
        ("9" * 5000, True, 80),
        ("42", False, 42),
        ("42", True, 42),
        ("1", True, 1),
    ],
)
def test_width_is_that_of_the_terminal_or_of_the_variable_columns(
    columns: str, *, terminal: bool, width: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    assert Screen.of(Terminal() if terminal else io.StringIO()).width == width


@pytest.mark.parametrize(
    ("variable", "value", "colors"),
    [("NO_COLOR", "", True), ("NO_COLOR", "1", False), ("TERM", "dumb", False), ("TERM", "unknown", False)],
)
def test_colors_are_for_terminals_that_have_them(
    variable: str, value: str, *, colors: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, value)
    assert Screen.of(Terminal()).colors is colors
    assert not Screen.of(io.StringIO()).colors


def test_colors_on_windows_are_for_windows_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """The older console of Windows shows escape sequences as text."""
    monkeypatch.setattr(sys, "platform", "win32")
    assert not Screen.of(Terminal()).colors
    monkeypatch.setenv("WT_SESSION", "3f1b9b1e")
    assert Screen.of(Terminal()).colors


SHOWING: Final = {
    "available-ips": "available-ips --all",
    "ip-addresses get": "ip-addresses get {ip}",
    "ip-addresses list": "ip-addresses list --organization {org}",
    "network-interfaces available-ips": "network-interfaces available-ips {vmnet}",
    "network-interfaces find": "network-interfaces find --virtual-machine {vm} --network {network}",
    "network-interfaces get": "network-interfaces get {vmnet}",
    "network-interfaces list": "network-interfaces list --virtual-machine {vm}",
    "networks get": "networks get {netw}",
    "networks list": "networks list --organization {org}",
    "organizations get": "organizations get {org}",
    "organizations list": "organizations list",
    "rate-limit": "rate-limit",
    "tasks get": "tasks get {task}",
    "tasks wait": "tasks wait {task}",
    "virtual-machines get": "virtual-machines get {vm}",
    "virtual-machines wait": "virtual-machines wait {started} --state started",
    "virtual-machines list": "virtual-machines list --organization {org}",
}
"""Commands that show something and change nothing, each with a command line whose ids are placeholders."""

NO_TABLE: Final = {"api", "completion", "sandbox", "virtual-machines authorized-keys"}


def mutates(words: tuple[str, ...]) -> bool:
    command: click.Command = katapult_async
    for word in words:
        assert isinstance(command, click.Group)
        command = command_named(command, word)
    return "dry_run" in {parameter.name for parameter in command.params}


def derived_lines() -> Iterator[tuple[str, str]]:
    """Yield every other command that shows something, with the last example of its help as its command line."""
    for words in COMMANDS:
        *_, line = examples(words) or [""]
        if not mutates(words) and words not in LISTS_NOTHING and " ".join(words) not in {*SHOWING, *NO_TABLE}:
            line = line.removeprefix("katapult-async ").removesuffix(" --sandbox")
            yield " ".join(words), re.sub(r"\b([a-z]+)_\w{16}\b", r"{\1}", line)


DERIVED: Final = dict(derived_lines())


@pytest.fixture(scope="module")
def cloud() -> Iterator[tuple[Sandbox, dict[str, str]]]:
    """A sandbox with long values, and an object of each kind in it."""
    with listening(Sandbox(machines=8, interfaces=20, organizations=1, permitted=1_000_000)) as sandbox:
        store = sandbox.store
        machine = store.machines[0]
        interface = next(listed for listed in store.interfaces if listed.virtual_machine_id == machine.id)
        yield (
            sandbox,
            {
                **{stored.id.partition("_")[0]: stored.id for model in MODELS for stored in reversed(store.all(model))},
                "network": str(interface.network_id),
                "started": next(listed.id for listed in store.machines if listed.state == "started"),
                "org": store.organizations[0].id,
                "vm": machine.id,
                "vmnet": interface.id,
                "netw": store.all(Network)[0].id,
                "ip": next(address for address in store.all(IPAddress) if not address.free).id,
                **asyncio.run(make_objects(sandbox)),
            },
        )


@pytest.fixture
def names(cloud: tuple[Sandbox, dict[str, str]], monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    sandbox, names = cloud
    use_sandbox(monkeypatch, sandbox)
    monkeypatch.setenv("NO_COLOR", "1")
    return names


def values_of(line: str, command: Command) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """Return the titles and the rows that a command shows, from its csv."""
    if "available-ips" in line:
        line += " --fields interface_id,address_version,ip_addresses.address,ip_addresses.network.name"
        titles, *_ = csv.reader(io.StringIO(command(*line.split(), "-o", "csv").out))
        records = command(*line.split(), "-o", "jsonl").records()
        return tuple(titles), [tuple(cell(record[title]) for title in titles) for record in records]
    titles, *rows = csv.reader(io.StringIO(command(*line.split(), "-o", "csv").out))
    return tuple(titles), [tuple(row) for row in rows]


@pytest.mark.slow
@pytest.mark.parametrize("line", [*SHOWING.values(), *DERIVED.values()])
def test_no_command_loses_a_character_on_any_width(line: str, names: dict[str, str], command: Command) -> None:
    titles, rows = values_of(line.format(**names), command)
    assert rows
    rows = rows[:30]  # enough for wide columns; more would take long at 400 widths
    for width in range(1, 401):
        screen = Screen(width=width)
        text = table([Row(cells=row) for row in rows], titles=titles, screen=screen)
        assert_unbroken(text, [value for row in rows for value in row])
        for row in rows[:3]:
            assert_unbroken(block(Row(cells=row), titles=titles, screen=screen), row)


@pytest.mark.slow
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    line=st.sampled_from([line for line in SHOWING.values() if line != "rate-limit"]),  # its numbers change
    columns=st.integers(1, 400).map(str) | st.sampled_from(["0", "", "wide", "-1", "1e3"]),
    is_terminal=st.booleans(),
)
def test_no_command_loses_a_character_for_any_value_of_columns(
    line: str,
    columns: str,
    *,
    is_terminal: bool,
    names: dict[str, str],
    command: Command,
) -> None:
    line = line.format(**names)
    titles, rows = values_of(line, command)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COLUMNS", columns)
        words = [*line.split(), "--fields", ",".join(titles)]
        result = command(*words, stdout=Terminal() if is_terminal else None)
    assert result.code == 0
    assert_unbroken(result.out, [value for row in rows for value in row])


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(columns=st.integers(1, 400))
def test_table_of_available_ips_shows_whole_values_on_any_width(
    columns: int, names: dict[str, str], command: Command
) -> None:
    records = command("available-ips", names["vmnet"], "-o", "jsonl").records()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COLUMNS", str(columns))
        text = command("available-ips", names["vmnet"]).out
    for record in records:
        addresses = [address["address"] for address in record["ip_addresses"]]
        assert_unbroken(text, [record["interface_id"], record["address_version"], str(len(addresses)), *addresses[:2]])
