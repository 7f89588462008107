"""The command `available-ips` against a sandbox over real sockets: what it sends, writes and returns."""

import csv
import io
import itertools
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from katapult_async import batch
from katapult_async.cli import available_ips
from katapult_async.cli.available_ips_output import COLUMNS
from katapult_async.cli.available_ips_runner import Job
from katapult_async.cli.main import run
from katapult_async.sandbox import Faults, Sandbox
from tests.cli.conftest import (
    QUERY_COUNT,
    Command,
    Result,
    Terminal,
    listening,
    process,
    sandbox_process,
    use_sandbox,
    without_waits,
)


def addresses_in_sandbox(sandbox: Sandbox) -> dict[tuple[str, str], list[str]]:
    """Return for each query the ids of the addresses that are free in the sandbox."""
    return {
        (interface.id, version): [str(address["id"]) for address in sandbox.store.available_ips(interface.id, version)]
        for interface in sandbox.store.interfaces
        for version in ("ipv4", "ipv6")
    }


def addresses_in_records(result: Result) -> dict[tuple[str, str], list[str]]:
    """Return for each query the ids of the addresses in its record."""
    return {
        (record["interface_id"], record["address_version"]): [address["id"] for address in record["ip_addresses"]]
        for record in result.records()
    }


def test_option_all_queries_every_interface_for_both_address_versions(sandbox: Sandbox, command: Command) -> None:
    result = command("available-ips", "--all", "-o", "jsonl")
    assert result.code == 0
    assert len(result.records()) == QUERY_COUNT
    assert addresses_in_records(result) == addresses_in_sandbox(sandbox)
    assert f"{QUERY_COUNT} of {QUERY_COUNT} queries answered" in result.err


@pytest.mark.slow
def test_job_of_given_ids_loads_no_sandbox_no_web_server_no_fleet_and_no_progress_bar() -> None:
    slow_modules = {"aiohttp.web", "katapult_async.resources.fleet", "katapult_async.sandbox", "rich", "yaml"}
    script = f"import sys, katapult_async.cli.available_ips_runner; print(sorted({slow_modules} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_sandbox_option_needs_no_token_and_all_its_interfaces_are_queried(command: Command) -> None:
    sandbox = Sandbox(machines=60, interfaces=100)
    result = command("available-ips", "--all", "--sandbox", "-o", "jsonl")
    assert result.code == 0
    assert len(result.records()) == 200
    assert addresses_in_records(result) == addresses_in_sandbox(sandbox)
    assert "sandbox: all objects are simulated" in result.err
    assert sandbox.token not in result.out + result.err


def test_record_has_the_documented_keys_in_their_order(sandbox: Sandbox, command: Command, ids: list[str]) -> None:
    result = command("available-ips", ids[0], "--address-version", "ipv6", "-o", "jsonl")
    [record] = result.records()
    assert list(record) == ["interface_id", "address_version", "location", "ip_addresses", "error"]
    assert record["interface_id"] == ids[0]
    assert record["address_version"] == "ipv6"
    assert record["error"] is None
    sent = sandbox.store.available_ips(ids[0], "ipv6")
    assert [address["address"] for address in record["ip_addresses"]] == [address["address"] for address in sent]


def test_json_is_one_array_of_the_same_records(command: Command, ids: list[str]) -> None:
    lines = command("available-ips", *ids, "-o", "jsonl").records()
    array = json.loads(command("available-ips", *ids, "-o", "json").out)
    assert sorted(array, key=str) == sorted(lines, key=str)


@pytest.mark.parametrize(
    ("output_format", "written"),
    [("json", "[]\n"), ("jsonl", ""), ("csv", ",".join(COLUMNS) + "\n"), ("table", ""), ("tsv", ""), ("yaml", "[]\n")],
)
def test_account_without_interfaces_gives_an_empty_document(
    sandbox: Sandbox, command: Command, output_format: str, written: str
) -> None:
    body = b'{"organizations": [], "pagination": {"current_page": 1, "total_pages": 0, "total": 0, "per_page": 200}}'
    sandbox.fail_next(status=200, body=body, matching="/organizations")
    result = command("available-ips", "--all", "-o", output_format)
    assert (result.code, result.out) == (0, written)
    assert "no network interface was found" in result.err


@pytest.mark.usefixtures("sandbox")
@pytest.mark.parametrize("stdin", [b"", b"# nobody\n\n"])
def test_input_without_ids_is_an_error(command: Command, stdin: bytes) -> None:
    result = command("available-ips", "--file", "-", "-o", "json", stdin=stdin)
    assert (result.code, result.out) == (2, "")
    assert result.err == "error: there is nothing to query: standard input has no ids\n"


@pytest.mark.usefixtures("sandbox")
def test_empty_file_is_named_in_the_error(command: Command, tmp_path: Path) -> None:
    file = tmp_path / "ids.txt"
    file.touch()
    result = command("available-ips", "--file", str(file))
    assert (result.code, result.err) == (2, f"error: there is nothing to query: {file} has no ids\n")


def test_csv_has_a_row_for_each_address_and_for_each_empty_or_failed_query(
    sandbox: Sandbox, command: Command, ids: list[str]
) -> None:
    result = command("available-ips", *ids, "vmnet_nowhere", "-o", "csv")
    rows = list(csv.DictReader(io.StringIO(result.out)))
    assert tuple(rows[0]) == tuple(COLUMNS)
    addresses_of = addresses_in_sandbox(sandbox)
    for (interface_id, version), addresses in addresses_of.items():
        ids_of_rows = [
            row["id"] for row in rows if (row["interface_id"], row["address_version"]) == (interface_id, version)
        ]
        assert ids_of_rows == (addresses or [""])
    failed = [row for row in rows if row["interface_id"] == "vmnet_nowhere"]
    assert [row["error_type"] for row in failed] == ["NotFoundError", "NotFoundError"]
    assert len(rows) == sum(max(1, len(addresses)) for addresses in addresses_of.values()) + 2


def test_table_has_a_row_for_each_query_with_count_and_first_addresses(
    sandbox: Sandbox, command: Command, ids: list[str]
) -> None:
    result = command("available-ips", *ids)
    for (interface_id, version), addresses in addresses_in_sandbox(sandbox).items():
        [row] = [line for line in result.out.splitlines() if interface_id in line and version in line]
        assert row.split()[2] == str(len(addresses))
        if addresses:
            assert str(sandbox.store.available_ips(interface_id, version)[0]["address"]) in row


def test_first_command_of_the_readme_fits_into_a_terminal(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    lines = command("available-ips", "--all", "--sandbox").out.splitlines()
    assert len(lines) == 2 + 200  # the titles, a rule, and a row for each query
    assert max(map(len, lines)) <= 80


@pytest.mark.usefixtures("sandbox")
def test_single_interface_that_fails_is_one_error_line_and_no_table(command: Command) -> None:
    result = command("available-ips", "vmnet_nowhere", "--address-version", "ipv4")
    assert (result.code, result.out) == (4, "")
    [line] = result.err.splitlines()
    assert line.startswith("error: no such virtual machine network interface: vmnet_nowhere (")


def test_single_interface_that_fails_for_one_version_has_a_row_for_the_other(
    sandbox: Sandbox, command: Command, ids: list[str]
) -> None:
    sandbox.fail_next(code="validation_error", status=422, matching="ipv6")
    result = command("available-ips", ids[0])
    assert result.code == 6
    assert "ipv4" in result.out
    assert "ipv6" not in result.out
    assert "ipv6" in result.err


@pytest.mark.parametrize("by", ["arguments", "file"])
def test_repeated_id_is_queried_once(by: str, command: Command, ids: list[str]) -> None:
    repeated = [ids[0], ids[1], ids[0]]
    source = repeated if by == "arguments" else ["--file", "-"]
    result = command("available-ips", *source, "-o", "jsonl", stdin="\n".join(repeated).encode())
    queries = [(record["interface_id"], record["address_version"]) for record in result.records()]
    assert sorted(queries) == sorted(
        (interface_id, version) for interface_id in ids[:2] for version in ("ipv4", "ipv6")
    )


@pytest.mark.usefixtures("sandbox")
def test_single_interface_given_twice_is_treated_as_given_once(command: Command) -> None:
    once = command("available-ips", "vmnet_nowhere", "-o", "table")
    twice = command("available-ips", "vmnet_nowhere", "vmnet_nowhere", "-o", "table")
    assert (once.code, once.out) == (4, "")
    assert (twice.code, twice.out) == (once.code, once.out)
    assert "answered" not in twice.err


def test_interface_that_is_given_by_several_names_is_queried_once(sandbox: Sandbox, command: Command) -> None:
    owners = [interface.virtual_machine_id for interface in sandbox.store.interfaces]
    machine = next(machine for machine in sandbox.store.machines if owners.count(machine.id) == 1)
    names = machine.hostname, machine.fqdn, sandbox.store.interfaces[owners.index(machine.id)].id
    # When it fails, the exit code is that of a single interface.
    sandbox.fail_next(times=2, code="virtual_machine_network_interface_not_found", status=404, matching="available_ips")
    failed = command("available-ips", *names)
    assert (failed.code, failed.out) == (4, "")
    # When it succeeds, the output is the same for every order of the names.
    once = command("available-ips", names[0])
    for order in itertools.permutations(names):
        repeated = command("available-ips", *order)
        assert (repeated.code, repeated.out, repeated.err) == (0, once.out, once.err)


def test_summary_counts_all_addresses_and_the_different_ones(command: Command) -> None:
    sandbox = Sandbox(machines=60, interfaces=100)
    free = [address for addresses in addresses_in_sandbox(sandbox).values() for address in addresses]
    assert len(set(free)) < len(free)
    counts = f", {len(free)} addresses, {len(set(free))} different\n"
    assert counts in command("available-ips", "--all", "--sandbox").err


def test_id_file_may_have_comments_and_windows_line_ends(command: Command, ids: list[str], tmp_path: Path) -> None:
    file = tmp_path / "ids.txt"
    file.write_bytes(f"\ufeff# two interfaces\r\n\r\n  {ids[0]} # web-1\r\n{ids[1]}#".encode())
    result = command("available-ips", "--file", str(file), "--address-version", "ipv4", "-o", "jsonl")
    assert result.code == 0
    assert [record["interface_id"] for record in result.records()] == ids[:2]


def test_ids_are_read_from_standard_input(command: Command, ids: list[str]) -> None:
    stdin = "\n".join(ids).encode()
    result = command("available-ips", "--file", "-", "--address-version", "ipv4", "-o", "jsonl", stdin=stdin)
    assert sorted(record["interface_id"] for record in result.records()) == sorted(ids)


def test_malformed_id_in_a_file_is_a_failed_record(command: Command, ids: list[str]) -> None:
    stdin = b"no id\n\xff\x1b[31m\n" + ids[0].encode()
    result = command("available-ips", "--file", "-", "--address-version", "ipv4", "-o", "jsonl", stdin=stdin)
    errors = {record["interface_id"]: record["error"] for record in result.records()}
    assert result.code == 6
    assert errors.pop(ids[0]) is None
    assert {name: error["type"] for name, error in errors.items()} == {
        "no id": "UsageError",
        "\\xff\x1b[31m": "UsageError",
    }
    assert "\x1b" not in result.out + result.err


@pytest.mark.parametrize("by", ["id", "sub_domain"])
def test_organization_is_given_by_id_or_sub_domain(sandbox: Sandbox, command: Command, by: str) -> None:
    organization = sandbox.store.organizations[0]
    machines = {machine.id for machine in sandbox.store.machines if machine.organization_id == organization.id}
    listed = {interface.id for interface in sandbox.store.interfaces if interface.virtual_machine_id in machines}
    result = command("available-ips", "--organization", getattr(organization, by), "-o", "jsonl")
    assert result.code == 0
    assert {record["interface_id"] for record in result.records()} == listed


def test_interface_deleted_after_it_was_listed_is_skipped_and_counted(sandbox: Sandbox, command: Command) -> None:
    sandbox.fail_next(code="virtual_machine_network_interface_not_found", status=404, matching="available_ips")
    result = command("available-ips", "--all", "-o", "jsonl")
    assert result.code == 0
    assert len(result.records()) == QUERY_COUNT - 1
    assert "skipped because they no longer exist: 1 query, 0 machines" in result.err


def test_machine_deleted_after_it_was_listed_is_skipped_and_counted(sandbox: Sandbox, command: Command) -> None:
    sandbox.fail_next(code="virtual_machine_not_found", status=404, matching="/network_interfaces")
    result = command("available-ips", "--all", "-o", "jsonl")
    assert result.code == 0
    assert "no longer exist: 0 queries, 1 machine" in result.err


def test_machine_that_cannot_be_listed_is_named_and_fails_the_job(sandbox: Sandbox, command: Command) -> None:
    sandbox.fail_next(code="validation_error", status=422, matching="/network_interfaces")
    result = command("available-ips", "--all", "-o", "jsonl")
    assert result.code == 6
    [_] = [machine for machine in sandbox.store.machines if f"the interfaces of {machine.id}" in result.err]
    assert all(record["error"] is None for record in result.records())


def test_organization_that_cannot_be_listed_is_a_partial_failure(sandbox: Sandbox, command: Command) -> None:
    second = sandbox.store.organizations[1].id
    sandbox.fail_next(code="validation_error", status=422, matching=f"organization%5Bid%5D={second}")
    result = command("available-ips", "--all", "-o", "jsonl", "--concurrency", "1")
    assert result.code == 6
    assert result.records()
    assert result.err.splitlines()[-1].startswith(f"error: the interfaces of {second} could not be listed: ")


def test_as_many_queries_can_run_at_once_as_calls_of_a_batch() -> None:
    assert available_ips._MOST_QUERIES == batch._MAX_CONCURRENCY


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "name the interfaces in one way: by ids, by --file, or by --all"),
        (("vmnet_1", "--by", "network"), "--by counts the addresses of all interfaces: add --all or --organization"),
        (
            ("--all", "--fields", "interface_id", "--by", "network"),
            "free_ipv6, failed, exhausted; did you mean interfaces? (see ",
        ),
        (
            ("--all", "--by", "network", "--output", "x.jsonl"),
            "--output cannot be used with --by or --exhausted: leave it out",
        ),
        (
            ("--all", "--exhausted", "--output", "x.jsonl"),
            "--output cannot be used with --by or --exhausted: leave it out",
        ),
        (("vmnet_1", "--all"), "name the interfaces in one way: by ids, by --file, or by --all"),
        (("vmnet_1", "--file", "-"), "name the interfaces in one way: by ids, by --file, or by --all"),
        (("vmnet_1", "--organization", "acme"), "name the interfaces in one way: by ids, by --file, or by --all"),
        (("--file", "/no/such/file"), "does not exist"),
        (("--file", "/"), "is a directory"),
        (("vmnet_1", "--address-version", "ipv5"), "'ipv5' is not one of"),
        (("vmnet_1", "-o", "xml"), "'xml' is not one of"),
        (
            ("vmnet_1", "-o", "json", "--output", "x.jsonl"),
            "--output writes jsonl, and its file is named .jsonl; for json, leave it out: -o json > FILE",
        ),
        (("vmnet_1", "-o", "jsonl", "--output", "x.CSV"), ".jsonl; for csv, leave it out: -o csv > FILE"),
        (("vmnet_1", "-o", "jsonl", "--output", "x.yml"), ".jsonl; for yaml, leave it out: -o yaml > FILE"),
        (("vmnet_1", "--output", "x.tsv"), ".jsonl; for tsv, leave it out: -o tsv > FILE"),
        (("vmnet_1", "-o", "json", "--output", "x.yml"), ".jsonl; for json, leave it out: -o json > FILE"),
        (("vmnet_1", "-o", "jsonl", "--output", "x.jsonl", "--fields", "interface_id"), "cannot be used with --fields"),
        (
            ("vmnet_1", "--fields", "adress"),
            "location, ip_addresses, error, virtual_machine, id, address, ",
        ),
        (("vmnet_1", "--fields", "error.what"), "no field 'what' in error; the fields are type, code, status, "),
        (
            ("vmnet_1", "--fields", "ip_addresses.network.nam"),
            "in ip_addresses.network; the fields are id, name, permalink, data_center, default; did you mean name?",
        ),
        (("vmnet_1", "-o", "jsonl", "--output", "-"), "--output needs a file"),
        (("vmnet_1", "-o", "jsonl", "--output", ""), "--output needs a file"),
        (("vmnet_1", "-o", "jsonl", "--output", "/"), "is a directory"),
        (("vmnet_1", "--resume"), "--resume needs the file to continue: --output FILE"),
        (("vmnet_1", "--concurrency", "0"), "--concurrency must be from 1 to 1000, not 0"),
        (("vmnet_1", "--concurrency", "many"), "Invalid value for '--concurrency': 'many' is not a valid integer"),
        (("vmnet_1", "--timeout", "nan"), "not a number of seconds"),
        (("vmnet_1", "--rate-limit-window", "0"), "not a number of seconds"),
        (("vmnet_1", "--token", "secret"), "--token"),
        (("no id",), "'no id' is not an id (vmnet_...) or MACHINE/NETWORK"),
        (("good", ""), "'' is not an id (vmnet_...) or MACHINE/NETWORK"),
        (("--organization", "not a domain"), "'not a domain' is not an id (org_...) or sub domain"),
    ],
)
def test_wrong_arguments_are_one_error_line_with_code_2_and_no_request_is_sent(
    sandbox: Sandbox, command: Command, arguments: tuple[str, ...], message: str
) -> None:
    before = sandbox.requests
    result = command("available-ips", *arguments)
    assert result.code == 2
    assert result.out == ""
    [line] = result.err.splitlines()
    assert line.startswith("error: ")
    assert message in line
    assert sandbox.requests == before


def test_missing_token_is_an_error_with_every_way_to_give_one(command: Command) -> None:
    result = command("available-ips", "vmnet_1")
    assert result.code == 2
    assert result.out == ""
    [line] = result.err.splitlines()
    for name in ("KATAPULT_API_KEY", "KATAPULT_API_TOKEN", "--token-file", "--sandbox"):
        assert name in line


@pytest.mark.parametrize(
    ("problem", "code"),
    [
        (("no_allocation", 422), 1),
        (("validation_error", 422), 2),
        (("invalid_api_token", 403), 3),
        (("scope_not_granted", 403), 3),
        (("virtual_machine_network_interface_not_found", 404), 4),
    ],
)
def test_single_interface_ends_with_the_code_of_its_error(
    sandbox: Sandbox, command: Command, ids: list[str], problem: tuple[str, int], code: int
) -> None:
    sandbox.fail_next(times=2, code=problem[0], status=problem[1], detail={"scopes": ["ip_addresses:read"]})
    result = command("available-ips", ids[0], "-o", "jsonl", "--concurrency", "2")
    assert result.code == code
    assert {record["error"]["code"] for record in result.records()} == {problem[0]}
    assert all(line.startswith("error: ") for line in result.err.splitlines())


def test_missing_scope_is_named(sandbox: Sandbox, command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KATAPULT_API_KEY", sandbox.issue_token(scopes=["virtual_machines:read", "organizations:read"]))
    result = command("available-ips", "--all", "-o", "jsonl")
    assert result.code == 3
    assert len(result.records()) == QUERY_COUNT
    assert f"error: {QUERY_COUNT} queries failed; the first: " in result.err
    assert "ip_addresses:read" in result.err


def test_timeout_ends_with_code_5(sandbox: Sandbox, command: Command, ids: list[str]) -> None:
    sandbox.faults = Faults(latency=0.15)
    result = command("available-ips", ids[0], "--timeout", "0.05", "-o", "jsonl")
    assert result.code == 5
    assert {record["error"]["type"] for record in result.records()} == {"RequestTimeoutError"}


def test_rate_limit_without_room_before_the_timeout_ends_with_code_5(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    with listening(Sandbox(machines=1, interfaces=1, permitted=1, window=3600)) as sandbox:
        use_sandbox(monkeypatch, sandbox)
        window = ("--rate-limit-window", "3600", "-o", "jsonl")
        assert command("rate-limit", *window).records()[0]["remaining"] == 0
        interface_id = sandbox.store.interfaces[0].id
        result = command("available-ips", interface_id, "--address-version", "ipv4", "--timeout", "1", *window)
    assert result.code == 5
    assert result.records()[0]["error"]["type"] in {"RateLimitWaitError", "RateLimitReachedError"}


def test_some_failures_end_with_code_6_and_each_is_a_record(command: Command, ids: list[str]) -> None:
    result = command("available-ips", *ids, "vmnet_nowhere", "-o", "jsonl")
    assert result.code == 6
    failed = [record for record in result.records() if record["error"]]
    assert [record["interface_id"] for record in failed] == ["vmnet_nowhere"] * 2
    assert all(record["ip_addresses"] == [] for record in failed)
    assert failed[0]["error"].keys() == {
        "type", "code", "status", "description", "request_id", "attempts", "detail",
    }  # fmt: skip # a list of names
    assert f"{QUERY_COUNT} of {QUERY_COUNT + 2} queries answered" in result.err


def test_rejected_token_stops_the_job_with_code_3_and_every_query_has_a_record(
    sandbox: Sandbox, command: Command, ids: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    token = sandbox.issue_token()
    sandbox.revoke_token(token)
    monkeypatch.setenv("KATAPULT_API_KEY", token)
    result = command("available-ips", *ids, "-o", "jsonl", "--concurrency", "2")
    assert result.code == 3
    assert len(result.records()) == QUERY_COUNT
    assert {record["error"]["type"] for record in result.records()} == {"AuthenticationError", "NotAttemptedError"}
    assert "the token comes from KATAPULT_API_KEY" in result.err


@pytest.mark.usefixtures("sandbox")
def test_token_rejected_while_listing_ends_with_code_3_and_no_output(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KATAPULT_API_KEY", "not-a-token-of-this-sandbox")
    result = command("available-ips", "--all", "-o", "json")
    assert (result.code, result.out) == (3, "")
    [line] = result.err.splitlines()
    assert line.startswith("error: ")
    assert "GET /organizations" in line
    assert line.endswith("the token comes from KATAPULT_API_KEY")


@pytest.mark.usefixtures("sandbox")
def test_unknown_organization_ends_with_code_4(command: Command) -> None:
    assert command("available-ips", "--organization", "org_nowhere").code == 4


def test_text_of_the_server_cannot_control_the_terminal(sandbox: Sandbox, command: Command, ids: list[str]) -> None:
    sandbox.fail_next(times=2, code="validation_error", status=422, description="\x1b[2J[red]boo[/red]\n\u202eoob")
    result = command("available-ips", *ids[:2])
    assert result.code == 6
    assert "\x1b" not in result.out + result.err
    assert "\u202e" not in result.out + result.err
    assert "[red]boo[/red]" in result.out.replace("\n", "")


@pytest.mark.usefixtures("sandbox")
def test_failed_rows_are_red_on_a_terminal_unless_no_color_is_set(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    red = "\x1b[31m"
    nowhere = ("vmnet_nowhere", "vmnet_neither")
    assert red in command("available-ips", *nowhere, stdout=Terminal()).out
    monkeypatch.setenv("NO_COLOR", "1")
    assert red not in command("available-ips", *nowhere, stdout=Terminal()).out


@pytest.mark.usefixtures("sandbox")
def test_bar_is_shown_on_a_terminal_and_removed_at_the_end(command: Command, ids: list[str]) -> None:
    result = command("available-ips", *ids, stderr=Terminal())
    assert result.code == 0
    assert "16/16 | " in result.err or "0/16 | " in result.err
    assert " left, resets in" in result.err or "rate limit not known yet" in result.err
    assert "\x1b[1A\x1b[2K" in result.err  # up one line, which is cleared


@pytest.mark.usefixtures("sandbox")
def test_no_bar_is_shown_where_records_go_to_a_terminal(command: Command, ids: list[str]) -> None:
    result = command("available-ips", *ids, "-o", "jsonl", stdout=Terminal(), stderr=Terminal())
    (line,) = without_waits(result.err).splitlines()
    assert line.startswith("16 of 16 queries answered")


@pytest.mark.usefixtures("sandbox")
def test_bar_has_no_colors_where_no_color_is_set(
    command: Command, ids: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[3" not in command("available-ips", *ids, stderr=Terminal()).err


@pytest.mark.slow
def test_queries_left_when_the_server_is_killed_fail_and_the_code_is_6(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    unknown = [f"vmnet_{number}" for number in range(30)]
    ids = [interface.id for interface in Sandbox(machines=20, interfaces=20).store.interfaces] + unknown
    file = tmp_path / "ids"
    file.write_text("\n".join(ids))
    with sandbox_process("--machines", "20", "--interfaces", "20", "--latency", "0.05") as (server, exports):
        for name, value in exports.items():
            monkeypatch.setenv(name, value)
        with process("available-ips", "--file", str(file), "-o", "jsonl", "--outage-timeout", "1") as started:
            assert started.stdout is not None
            head = b"".join(started.stdout.readline() for _ in range(20))
            server.kill()
            rest, err = started.communicate(timeout=20)
    records = [json.loads(line) for line in (head + rest).splitlines()]
    assert started.returncode == 6
    assert sorted((record["interface_id"], record["address_version"]) for record in records) == sorted(
        (interface_id, version) for interface_id in ids for version in ("ipv4", "ipv6")
    )
    kinds = {record["error"]["type"] for record in records if record["error"]} - {"NotFoundError"}
    assert kinds
    assert kinds <= {"ConnectError", "DisconnectedError", "RequestTimeoutError"}
    assert b"Traceback" not in err
    assert exports["KATAPULT_API_KEY"].encode() not in head + rest + err


@pytest.mark.usefixtures("sandbox")
def test_closed_standard_input_is_one_error_line_and_code_1(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "stdin", None)
        assert run(["available-ips", "--file", "-"]) == 1
    assert capsys.readouterr() == ("", "error: the ids cannot be read: standard input is closed\n")


@pytest.mark.usefixtures("sandbox")
def test_id_file_that_cannot_be_opened_is_one_error_line_and_code_1(capsys: pytest.CaptureFixture[str]) -> None:
    """A file that is deleted after the command line was checked."""
    assert Job(file="/no/such").run("json") == 1
    assert capsys.readouterr() == ("", "error: /no/such cannot be read: No such file or directory\n")


@pytest.mark.usefixtures("sandbox")
def test_text_that_the_terminal_cannot_show_is_escaped(command: Command, ids: list[str], sandbox: Sandbox) -> None:
    sandbox.fail_next(code="validation_error", status=422, description="café ✓", matching="ipv4")
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii")
    assert command("available-ips", ids[0], "-o", "csv", stdout=stream).code == 6
    assert b"caf\\xe9 \\u2713" in raw.getvalue()


@pytest.mark.slow
@pytest.mark.parametrize(
    "names", [("-", "-"), ("-", "/dev/stdin"), ("/dev/stdin", "-"), ("/dev/stdin", "/dev/stdin"), ("/dev/fd/0", "-")]
)
def test_ids_and_token_cannot_come_from_one_stream(names: tuple[str, str], tmp_path: Path) -> None:
    file, token_file = names
    line = ("available-ips", "--file", file, "--token-file", token_file)
    with process(*line, stdin=subprocess.PIPE) as started:
        out, err = started.communicate(b"token\n", timeout=20)
    assert (started.returncode, out) == (2, b"")
    assert err.startswith(b"error: --file and --token-file read the same input: give the token in the environment")
    fifo = str(tmp_path / "fifo")
    os.mkfifo(fifo)
    with process("available-ips", "--file", fifo, "--token-file", fifo) as started:
        assert started.wait(timeout=20) == 2


def test_token_is_not_sent_as_an_id_if_one_file_is_given_for_both(
    sandbox: Sandbox, command: Command, tmp_path: Path
) -> None:
    both = tmp_path / "both"
    both.write_text(f"{sandbox.token}\n")
    (tmp_path / "link").symlink_to(both)
    for name in ("both", "link"):
        result = command("available-ips", "--file", str(tmp_path / name), "--token-file", str(both))
        assert (result.code, result.out, sandbox.requests) == (2, "", 0)
        assert result.err.startswith("error: --file and --token-file read the same input")


@pytest.mark.slow
def test_ids_and_token_cannot_both_be_read_from_a_redirected_file(tmp_path: Path) -> None:
    (tmp_path / "both").write_text("token\n")
    with (
        (tmp_path / "both").open("rb") as source,
        process("available-ips", "--file", "-", "--token-file", "-", stdin=source) as started,
    ):
        _, err = started.communicate(timeout=20)
    assert err.startswith(b"error: --file and --token-file read the same input")


def test_ids_and_token_may_come_from_two_files(
    sandbox: Sandbox, command: Command, ids: list[str], tmp_path: Path
) -> None:
    for name, text in (("ids", ids[0]), ("token", sandbox.issue_token())):
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o600)
    files = ("--file", str(tmp_path / "ids"), "--token-file", str(tmp_path / "token"))
    assert command("available-ips", *files).code == 0
    assert command("available-ips", "--file", "-", *files[2:], stdin=ids[0].encode()).code == 0
