"""The subcommand against a sandbox over real sockets: what it asks, what it writes, how it ends."""

import csv
import io
import json
from pathlib import Path

import pytest

from katapult_async.cli.report import COLUMNS
from katapult_async.sandbox import Faults, Sandbox
from tests.cli.conftest import INTERFACES, Command, Terminal

EVERY_QUERY = 2 * INTERFACES


def expected(sandbox: Sandbox) -> dict[tuple[str, str], list[str]]:
    """Return the ids of the addresses that each query should give."""
    return {
        (interface.id, version): [str(address["id"]) for address in sandbox.store.available_ips(interface.id, version)]
        for interface in sandbox.store.interfaces
        for version in ("ipv4", "ipv6")
    }


def test_every_interface_of_the_fleet_is_answered_in_both_families(sandbox: Sandbox, command: Command) -> None:
    result = command("available-ips", "--all", "-o", "jsonl")
    found = {
        (record["interface_id"], record["address_version"]): [each["id"] for each in record["ip_addresses"]]
        for record in result.records()
    }
    assert result.code == 0
    assert len(result.records()) == EVERY_QUERY
    assert found == expected(sandbox)
    assert f"{EVERY_QUERY} of {EVERY_QUERY} queries answered" in result.err


def test_the_built_in_sandbox_needs_no_token_and_answers_its_whole_world(command: Command) -> None:
    world = Sandbox(machines=60, interfaces=100)
    result = command("available-ips", "--all", "--sandbox", "-o", "jsonl")
    found = {
        (record["interface_id"], record["address_version"]): [each["id"] for each in record["ip_addresses"]]
        for record in result.records()
    }
    assert result.code == 0
    assert len(result.records()) == 200
    assert found == expected(world)
    assert "window of 5 s" in result.err
    assert world.token not in result.out + result.err


def test_a_record_has_the_documented_keys_in_their_order(sandbox: Sandbox, command: Command, ids: list[str]) -> None:
    result = command("available-ips", ids[0], "--address-version", "ipv6", "-o", "jsonl")
    [record] = result.records()
    assert list(record) == ["interface_id", "address_version", "ip_addresses", "error"]
    assert record["interface_id"] == ids[0]
    assert record["address_version"] == "ipv6"
    assert record["error"] is None
    sent = sandbox.store.available_ips(ids[0], "ipv6")
    assert [each["address"] for each in record["ip_addresses"]] == [each["address"] for each in sent]


def test_json_is_one_array_of_the_same_records(command: Command, ids: list[str]) -> None:
    lines = command("available-ips", *ids, "-o", "jsonl").records()
    array = json.loads(command("available-ips", *ids, "-o", "json").out)
    assert sorted(array, key=str) == sorted(lines, key=str)


@pytest.mark.parametrize(
    ("output_format", "written"),
    [("json", "[]\n"), ("jsonl", ""), ("csv", ",".join(COLUMNS) + "\n"), ("table", ""), ("yaml", "[]\n")],
)
def test_a_fleet_without_interfaces_is_an_empty_output(
    sandbox: Sandbox, command: Command, output_format: str, written: str
) -> None:
    none = b'{"organizations": [], "pagination": {"current_page": 1, "total_pages": 0, "total": 0, "per_page": 200}}'
    sandbox.fail_next(status=200, body=none, matching="/organizations")
    result = command("available-ips", "--all", "-o", output_format)
    assert (result.code, result.out) == (0, written)
    assert "0 of 0 queries" in result.err


@pytest.mark.usefixtures("sandbox")
@pytest.mark.parametrize("stdin", [b"", b"# nobody\n\n"])
def test_a_file_without_ids_is_a_mistake_that_is_told(command: Command, stdin: bytes) -> None:
    result = command("available-ips", "--file", "-", "-o", "json", stdin=stdin)
    assert (result.code, result.out) == (2, "")
    assert result.err == "error: there is nothing to ask: standard input has no ids\n"


@pytest.mark.usefixtures("sandbox")
def test_an_empty_file_is_named(command: Command, tmp_path: Path) -> None:
    file = tmp_path / "ids.txt"
    file.touch()
    result = command("available-ips", "--file", str(file))
    assert (result.code, result.err) == (2, f"error: there is nothing to ask: {file} has no ids\n")


def test_csv_has_a_row_for_each_address_and_for_each_empty_or_failed_query(
    sandbox: Sandbox, command: Command, ids: list[str]
) -> None:
    result = command("available-ips", *ids, "vmnet_nowhere", "-o", "csv")
    rows = list(csv.DictReader(io.StringIO(result.out)))
    assert tuple(rows[0]) == tuple(COLUMNS)
    wanted = expected(sandbox)
    for (interface_id, version), addresses in wanted.items():
        mine = [row["id"] for row in rows if (row["interface_id"], row["address_version"]) == (interface_id, version)]
        assert mine == (addresses or [""])
    failed = [row for row in rows if row["interface_id"] == "vmnet_nowhere"]
    assert [row["error_type"] for row in failed] == ["NotFoundError", "NotFoundError"]
    assert len(rows) == sum(len(addresses) or 1 for addresses in wanted.values()) + 2


def test_the_table_has_a_row_for_each_query_with_count_and_first_addresses(
    sandbox: Sandbox, command: Command, ids: list[str]
) -> None:
    result = command("available-ips", *ids)
    for (interface_id, version), addresses in expected(sandbox).items():
        [row] = [line for line in result.out.splitlines() if interface_id in line and version in line]
        assert row.split()[2] == str(len(addresses))
        if addresses:
            assert str(sandbox.store.available_ips(interface_id, version)[0]["address"]) in row


@pytest.mark.usefixtures("sandbox")
def test_one_interface_that_fails_is_one_error_line_and_no_table(command: Command) -> None:
    result = command("available-ips", "vmnet_nowhere", "--address-version", "ipv4")
    assert (result.code, result.out) == (4, "")
    [line] = result.err.splitlines()
    assert line.startswith("error: no such virtual machine network interface: ")


def test_one_interface_that_fails_in_one_family_has_a_row_for_the_other(
    sandbox: Sandbox, command: Command, ids: list[str]
) -> None:
    sandbox.fail_next(code="validation_error", status=422, matching="ipv6")
    result = command("available-ips", ids[0])
    assert result.code == 6
    assert ("ipv4" in result.out, "ipv6" in result.out) == (True, False)
    assert "ipv6" in result.err


@pytest.mark.parametrize("by", ["arguments", "file"])
def test_an_id_that_is_given_twice_is_asked_once(by: str, command: Command, ids: list[str]) -> None:
    given = [ids[0], ids[1], ids[0]]
    source = given if by == "arguments" else ["--file", "-"]
    result = command("available-ips", *source, "-o", "jsonl", stdin="\n".join(given).encode())
    asked = [(record["interface_id"], record["address_version"]) for record in result.records()]
    assert sorted(asked) == sorted((each, version) for each in ids[:2] for version in ("ipv4", "ipv6"))


def test_addresses_that_several_interfaces_are_offered_are_counted_once_too(command: Command) -> None:
    offered = [each for addresses in expected(Sandbox(machines=60, interfaces=100)).values() for each in addresses]
    assert len(set(offered)) < len(offered)
    said = f", {len(offered)} addresses, {len(set(offered))} different\n"
    assert command("available-ips", "--all", "--sandbox").err.endswith(said)


def test_ids_come_from_a_file_with_comments_and_the_line_ends_of_windows(
    command: Command, ids: list[str], tmp_path: Path
) -> None:
    file = tmp_path / "ids.txt"
    file.write_bytes(f"\ufeff# two interfaces\r\n\r\n  {ids[0]} \r\n{ids[1]}".encode())
    result = command("available-ips", "--file", str(file), "--address-version", "ipv4", "-o", "jsonl")
    assert result.code == 0
    assert [record["interface_id"] for record in result.records()] == ids[:2]


def test_ids_come_from_standard_input(command: Command, ids: list[str]) -> None:
    stdin = "\n".join(ids).encode()
    result = command("available-ips", "--file", "-", "--address-version", "ipv4", "-o", "jsonl", stdin=stdin)
    assert sorted(record["interface_id"] for record in result.records()) == sorted(ids)


def test_a_bad_id_in_a_file_is_a_failed_record_and_stops_nothing(command: Command, ids: list[str]) -> None:
    stdin = b"no id\n\xff\x1b[31m\n" + ids[0].encode()
    result = command("available-ips", "--file", "-", "--address-version", "ipv4", "-o", "jsonl", stdin=stdin)
    errors = {record["interface_id"]: record["error"] for record in result.records()}
    assert result.code == 6
    assert {name: error and error["type"] for name, error in errors.items()} == {
        "no id": "UsageError",
        "\\xff\x1b[31m": "UsageError",
        ids[0]: None,
    }
    assert "\x1b" not in result.out + result.err


@pytest.mark.parametrize("by", ["id", "sub_domain"])
def test_one_organization_is_walked_by_id_or_sub_domain(sandbox: Sandbox, command: Command, by: str) -> None:
    organization = sandbox.store.organizations[0]
    machines = {machine.id for machine in sandbox.store.machines if machine.organization_id == organization.id}
    wanted = {interface.id for interface in sandbox.store.interfaces if interface.virtual_machine_id in machines}
    result = command("available-ips", "--organization", getattr(organization, by), "-o", "jsonl")
    assert result.code == 0
    assert {record["interface_id"] for record in result.records()} == wanted


def test_an_interface_that_vanished_after_it_was_found_is_skipped_and_counted(
    sandbox: Sandbox, command: Command
) -> None:
    sandbox.fail_next(code="virtual_machine_network_interface_not_found", status=404, matching="available_ips")
    result = command("available-ips", "--all", "-o", "jsonl")
    assert result.code == 0
    assert len(result.records()) == EVERY_QUERY - 1
    assert "vanished meanwhile and skipped: 1 query, 0 machines" in result.err


def test_a_machine_that_vanished_after_it_was_listed_is_skipped_and_counted(sandbox: Sandbox, command: Command) -> None:
    sandbox.fail_next(code="virtual_machine_not_found", status=404, matching="/network_interfaces")
    result = command("available-ips", "--all", "-o", "jsonl")
    assert result.code == 0
    assert "skipped: 0 queries, 1 machine" in result.err


def test_a_machine_whose_interfaces_cannot_be_listed_is_named_and_fails_the_run(
    sandbox: Sandbox, command: Command
) -> None:
    sandbox.fail_next(code="validation_error", status=422, matching="/network_interfaces")
    result = command("available-ips", "--all", "-o", "jsonl")
    assert result.code == 6
    named = [machine.id for machine in sandbox.store.machines if f"the interfaces of {machine.id}" in result.err]
    assert len(named) == 1
    assert all(record["error"] is None for record in result.records())


def test_a_walk_that_breaks_off_after_answers_is_a_partial_failure(sandbox: Sandbox, command: Command) -> None:
    second = sandbox.store.organizations[1].id
    sandbox.fail_next(code="validation_error", status=422, matching=f"organization%5Bid%5D={second}")
    result = command("available-ips", "--all", "-o", "jsonl", "--concurrency", "1")
    assert result.code == 6
    assert result.records()
    assert result.err.splitlines()[-1].startswith(
        f"error: the interfaces of {second} could not be listed: The object would not be valid (422 validation_error, "
    )


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "name the interfaces in one way"),
        (("vmnet_1", "--all"), "name the interfaces in one way"),
        (("vmnet_1", "--file", "-"), "name the interfaces in one way"),
        (("vmnet_1", "--organization", "acme"), "name the interfaces in one way"),
        (("--file", "/no/such/file"), "does not exist"),
        (("--file", "/"), "is a directory"),
        (("vmnet_1", "--address-version", "ipv5"), "'ipv5' is not one of"),
        (("vmnet_1", "-o", "xml"), "'xml' is not one of"),
        (("vmnet_1", "--output", "x.json"), "--output writes jsonl; for another format"),
        (("vmnet_1", "-o", "jsonl", "--output", "x.CSV"), ".jsonl; for csv, leave it out: -o csv > x.CSV"),
        (("vmnet_1", "-o", "jsonl", "--output", "x.yml"), ".jsonl; for yaml, leave it out: -o yaml > x.yml"),
        (("vmnet_1", "-o", "free.csv"), "-o is the format: to write a file, use > FILE or --output FILE"),
        (("vmnet_1", "-o", "jsonl", "--output", "x.jsonl", "--fields", "interface_id"), "leave out --fields"),
        (("vmnet_1", "--fields", "address"), "no field 'address'; there are interface_id, address_version, ip_addr"),
        (("vmnet_1", "--fields", "error.what"), "no field 'what' of error; there are type, code, status, "),
        (("vmnet_1", "--fields", "ip_addresses.network.nam"), "no field 'nam' of ip_addresses.network; there are id, "),
        (("vmnet_1", "-o", "jsonl", "--output", "-"), "--output needs a file"),
        (("vmnet_1", "-o", "jsonl", "--output", "/"), "is a directory"),
        (("vmnet_1", "--resume"), "--resume needs the file to go on with"),
        (("vmnet_1", "--concurrency", "0"), "0 is not in the range"),
        (("vmnet_1", "--timeout", "nan"), "not a number of seconds"),
        (("vmnet_1", "--rate-limit-window", "0"), "not a number of seconds"),
        (("vmnet_1", "--token", "secret"), "--token"),
        (("no id",), "must be a string of 1 to 64 letters"),
        (("good", ""), "must be a string of 1 to 64 letters"),
        (("--organization", "not a domain"), "'not a domain' is no sub domain or id (org_...)"),
    ],
)
def test_a_mistake_in_the_arguments_is_one_line_exit_code_2_and_no_request(
    sandbox: Sandbox, command: Command, arguments: tuple[str, ...], said: str
) -> None:
    before = sandbox.requests
    result = command("available-ips", "-o", "json", *arguments)
    assert result.code == 2
    assert result.out == ""
    [line] = result.err.splitlines()
    assert line.startswith("error: ")
    assert said in line
    assert sandbox.requests == before


def test_without_a_token_the_message_names_the_variable_and_the_sandbox(command: Command) -> None:
    result = command("available-ips", "vmnet_1")
    assert result.code == 2
    assert result.out == ""
    [line] = result.err.splitlines()
    for way in ("KATAPULT_API_KEY", "KATAPULT_API_TOKEN", "--token-file", "--sandbox"):
        assert way in line


@pytest.mark.parametrize(
    ("code", "ended"),
    [
        (("validation_error", 422), 1),
        (("invalid_api_token", 403), 3),
        (("scope_not_granted", 403), 3),
        (("virtual_machine_network_interface_not_found", 404), 4),
    ],
)
def test_one_interface_ends_with_the_code_of_its_error(
    sandbox: Sandbox, command: Command, ids: list[str], code: tuple[str, int], ended: int
) -> None:
    sandbox.fail_next(times=2, code=code[0], status=code[1], detail={"scopes": ["ip_addresses:read"]})
    result = command("available-ips", ids[0], "-o", "jsonl", "--concurrency", "2")
    assert result.code == ended
    assert {record["error"]["code"] for record in result.records()} == {code[0]}
    assert all(line.startswith("error: ") for line in result.err.splitlines())


def test_a_missing_scope_is_named(sandbox: Sandbox, command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KATAPULT_API_KEY", sandbox.issue_token(scopes=["virtual_machines:read", "organizations:read"]))
    result = command("available-ips", "--all", "-o", "jsonl")
    assert result.code == 3
    assert len(result.records()) == EVERY_QUERY
    assert f"error: {EVERY_QUERY} x PermissionDeniedError, the first: The API token lacks" in result.err
    assert "ip_addresses:read" in result.err


def test_a_deadline_ends_with_code_5(sandbox: Sandbox, command: Command, ids: list[str]) -> None:
    sandbox.faults = Faults(latency=0.15)
    result = command("available-ips", ids[0], "--timeout", "0.05", "-o", "jsonl")
    assert result.code == 5
    assert {record["error"]["type"] for record in result.records()} == {"RequestTimeoutError"}


def test_a_rate_limit_without_room_before_the_deadline_ends_with_code_5(
    sandbox: Sandbox, command: Command, ids: list[str]
) -> None:
    sandbox.faults = Faults(rate_limited=1.0)
    result = command(
        "available-ips", ids[0], "--address-version", "ipv4", "--timeout", "1", "--rate-limit-window", "9999999999",
        "-o", "jsonl",
    )  # fmt: skip # one line of a shell
    assert result.code == 5
    assert result.records()[0]["error"]["type"] in {"RateLimitWaitError", "RateLimitReachedError"}


def test_some_failures_of_a_batch_end_with_code_6_and_each_is_a_record(command: Command, ids: list[str]) -> None:
    result = command("available-ips", *ids, "vmnet_nowhere", "-o", "jsonl")
    assert result.code == 6
    failed = [record for record in result.records() if record["error"]]
    assert [record["interface_id"] for record in failed] == ["vmnet_nowhere"] * 2
    assert all(record["ip_addresses"] == [] for record in failed)
    assert failed[0]["error"].keys() == {
        "type", "code", "status", "description", "request_id", "attempts", "detail",
    }  # fmt: skip # a list of names
    assert f"{EVERY_QUERY} of {EVERY_QUERY + 2} queries answered" in result.err


def test_a_refused_token_stops_the_batch_with_code_3_and_loses_no_query(
    sandbox: Sandbox, command: Command, ids: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    token = sandbox.issue_token()
    sandbox.revoke_token(token)
    monkeypatch.setenv("KATAPULT_API_KEY", token)
    result = command("available-ips", *ids, "-o", "jsonl", "--concurrency", "2")
    assert result.code == 3
    assert len(result.records()) == EVERY_QUERY
    assert {record["error"]["type"] for record in result.records()} == {"AuthenticationError", "NotAttemptedError"}
    assert "(the token is that of KATAPULT_API_KEY)" in result.err


@pytest.mark.usefixtures("sandbox")
def test_a_token_that_is_refused_while_walking_ends_with_code_3_and_writes_nothing(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KATAPULT_API_KEY", "not-a-token-of-this-sandbox")
    result = command("available-ips", "--all", "-o", "json")
    assert (result.code, result.out) == (3, "")
    [line] = result.err.splitlines()
    assert line.startswith("error: This API token is not known or has run out (403 invalid_api_token, ")
    assert line.endswith("(the token is that of KATAPULT_API_KEY)")


@pytest.mark.usefixtures("sandbox")
def test_an_organization_that_nobody_knows_ends_with_code_4(command: Command) -> None:
    assert command("available-ips", "--organization", "org_nowhere").code == 4


def test_what_a_server_says_cannot_steer_the_terminal(sandbox: Sandbox, command: Command, ids: list[str]) -> None:
    sandbox.fail_next(times=2, code="validation_error", status=422, description="\x1b[2J[red]boo[/red]\n\u202eoob")
    result = command("available-ips", *ids[:2])
    assert result.code == 6
    assert "\x1b" not in result.out + result.err
    assert "\u202e" not in result.out + result.err
    assert "[red]boo[/red]" in result.out.replace("\n", "")


@pytest.mark.usefixtures("sandbox")
def test_a_terminal_gets_colours_unless_no_color_is_set(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    red = "\x1b[31m"
    nowhere = ("vmnet_nowhere", "vmnet_neither")
    assert red in command("available-ips", *nowhere, stdout=Terminal()).out
    monkeypatch.setenv("NO_COLOR", "1")
    assert red not in command("available-ips", *nowhere, stdout=Terminal()).out
