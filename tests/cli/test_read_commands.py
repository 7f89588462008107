"""The commands that show objects, against a sandbox over real sockets."""

import csv
import io
import json

import pytest
import yaml

from katapult_async import RateLimit
from katapult_async.cli.rate_limit import record_of
from katapult_async.sandbox import Faults, Sandbox
from katapult_async.sandbox.models import IPAddress, Network
from tests.cli.conftest import Command, listening, use_sandbox


@pytest.fixture
def names(sandbox: Sandbox) -> dict[str, str]:
    """The id and the other names of one object of each kind."""
    store = sandbox.store
    machine = store.machines[0]
    owner = next(organization for organization in store.organizations if organization.id == machine.organization_id)
    interface = next(nic for nic in store.interfaces if nic.virtual_machine_id == machine.id)
    network = store.all(Network)[0]
    address = next(held for held in store.all(IPAddress) if held.organization_id == owner.id and not held.free)
    return {
        "org": owner.id,
        "sub_domain": owner.sub_domain,
        "vm": machine.id,
        "fqdn": machine.fqdn,
        "vmnet": interface.id,
        "netw": network.id,
        "permalink": network.permalink,
        "ip": address.id,
        "address": address.address,
    }


def words(line: str, names: dict[str, str]) -> list[str]:
    """Return the words of a command line, with names in place of its placeholders."""
    return line.format(**names).split()


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("organizations get {org}", "org"),
        ("organizations get {sub_domain}", "org"),
        ("virtual-machines get {vm}", "vm"),
        ("virtual-machines get {fqdn}", "vm"),
        ("network-interfaces get {vmnet}", "vmnet"),
        ("networks get {netw}", "netw"),
        ("networks get {permalink}", "netw"),
        ("ip-addresses get {ip}", "ip"),
        ("ip-addresses get {address}", "ip"),
    ],
)
def test_get_finds_an_object_by_each_of_its_names(
    line: str, expected: str, names: dict[str, str], command: Command
) -> None:
    result = command(*words(line, names), "-o", "json")
    assert (result.code, result.err) == (0, "")
    assert json.loads(result.out)["id"] == names[expected]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("organizations list", "org"),
        ("virtual-machines list --organization {org}", "vm"),
        ("virtual-machines list --organization {sub_domain}", "vm"),
        ("network-interfaces list --virtual-machine {vm}", "vmnet"),
        ("network-interfaces list --virtual-machine {fqdn}", "vmnet"),
        ("networks list --organization {sub_domain}", "netw"),
        ("ip-addresses list --organization {org} --allocated", "ip"),
    ],
)
@pytest.mark.parametrize("output_format", ["json", "jsonl", "csv", "tsv", "yaml", "table"])
def test_list_is_written_in_every_format(
    line: str, expected: str, output_format: str, names: dict[str, str], command: Command
) -> None:
    fields = "id,address" if expected == "ip" else "id,name"
    result = command(*words(line, names), "-o", output_format, "--fields", fields)
    match output_format:
        case "json":
            ids = [record["id"] for record in json.loads(result.out)]
        case "jsonl":
            ids = [record["id"] for record in result.records()]
        case "csv":
            ids = [row["id"] for row in csv.DictReader(io.StringIO(result.out))]
        case "yaml":
            ids = [record["id"] for record in yaml.safe_load(result.out)]
        case "tsv":
            ids = [line.split("\t")[0] for line in result.out.splitlines()]
        case _:
            ids = [line.split()[0] for line in result.out.splitlines()[1:]]
    assert (result.code, result.err) == (0, "")
    assert names[expected] in ids


def test_virtual_networks_come_after_katapults_networks(names: dict[str, str], command: Command) -> None:
    ids = [record["id"] for record in command(*words("nets list --organization {org} -o jsonl", names)).records()]
    kinds = [identifier.partition("_")[0] for identifier in ids]
    assert kinds == sorted(kinds)
    assert set(kinds) == {"netw", "vnet"}


@pytest.mark.parametrize(("option", "allocated"), [("--allocated", True), ("--unallocated", False)])
def test_list_of_addresses_can_be_limited_to_allocated_or_unallocated_ones(
    option: str, *, allocated: bool, names: dict[str, str], command: Command
) -> None:
    records = command(*words("ips list -o jsonl --organization {org}", names), option).records()
    assert records
    assert {"allocation_id" in record for record in records} == {allocated}


def test_fields_are_written_in_the_order_of_the_option(names: dict[str, str], command: Command) -> None:
    line = words("vms get {vm} -o jsonl --fields zone.data_center.name,id,zone.data_center.name", names)
    [record] = command(*line).records()
    assert list(record) == ["zone.data_center.name", "id"]
    assert record["id"] == names["vm"]


def test_only_organization_is_the_default(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    with listening(Sandbox(machines=1, interfaces=1, organizations=1)) as sandbox:
        use_sandbox(monkeypatch, sandbox)
        for group in ("vms", "nets", "ips"):
            assert command(group, "list", "-o", "jsonl").records()


@pytest.mark.usefixtures("sandbox")
@pytest.mark.parametrize("group", ["vms", "nets", "ips"])
def test_list_needs_an_organization_if_the_token_sees_several(group: str, command: Command) -> None:
    result = command(group, "list")
    assert (result.code, result.out) == (2, "")
    assert result.err.startswith(
        "error: the token sees 2 organizations: choose one with --organization or KATAPULT_ORGANIZATION: larch, rowan"
    )


def test_no_organization_is_an_error(sandbox: Sandbox, command: Command) -> None:
    sandbox.fail_next(status=200, body=b'{"organizations": []}', matching="/organizations")
    result = command("vms", "list")
    assert (result.code, result.out) == (2, "")
    assert result.err.startswith("error: the token sees no organization")


@pytest.mark.parametrize(
    ("line", "field", "message"),
    [
        ("orgs list", "organizations", "no organizations\n"),
        ("tags list --organization org_1", "tags", "no tags\n"),
        ("trash list --organization org_1", "trash_objects", "no objects in the trash\n"),
        ("dns-zones list --organization org_1", "dns_zones", "no DNS zones\n"),
        ("disk-templates versions dtpl_1", "disk_template_versions", "no versions\n"),
        ("orgs list --sort name", "organizations", "no organizations\n"),
        ("orgs list --quiet", "organizations", ""),
        ("orgs list -o jsonl", "organizations", ""),
    ],
)
def test_empty_list_shows_at_most_a_message_and_no_table(
    line: str, field: str, message: str, sandbox: Sandbox, command: Command
) -> None:
    body = {field: [], "pagination": {"current_page": 1, "total_pages": 1, "total": 0, "per_page": 200}}
    sandbox.fail_next(status=200, body=json.dumps(body).encode())
    result = command(*line.split())
    assert (result.code, result.out, result.err) == (0, "", message)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ("id,state", "no record has state: Katapult's list may leave out what it shows of a single object\n"),
        ("state,suspended", "no record has state, suspended: "),
        ("id,ip_addresses.reverse_dns", "no record has ip_addresses.reverse_dns: "),
        ("id,fqdn", ""),
    ],
)
def test_message_names_a_field_that_no_record_has(
    fields: str, message: str, names: dict[str, str], command: Command
) -> None:
    result = command(*words("vms list --organization {org} -o csv", names), "--fields", fields)
    assert result.code == 0
    assert result.out.startswith(f"{fields}\n")
    assert result.err.startswith(message)
    assert bool(result.err) == bool(message)


def test_message_names_the_field_of_sort_if_no_record_has_it(names: dict[str, str], command: Command) -> None:
    line = words("vms list --organization {org} -o csv --fields id,suspended --sort -state", names)
    assert command(*line).err.startswith("no record has suspended, state: ")


@pytest.mark.parametrize(
    "line", ["orgs list", "orgs get larch", "tags update tag_1 --name a", "api GET /organizations", "rate-limit"]
)
def test_timeout_ends_any_command_with_code_5(line: str, sandbox: Sandbox, command: Command) -> None:
    sandbox.faults = Faults(latency=5.0)
    result = command(*line.split(), "--timeout", "0.2")
    assert result.code == 5
    assert result.err.startswith("error: not done within 0.2 s, ")


def test_failed_list_shows_no_message_that_it_is_empty(sandbox: Sandbox, command: Command) -> None:
    sandbox.fail_next(status=403, code="permission_denied", matching="/organizations")
    result = command("orgs", "list")
    assert (result.code, result.out) == (3, "")
    assert "no organizations" not in result.err


def test_rate_limit_command_shows_what_one_response_reported(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    with listening(Sandbox(machines=1, interfaces=1, permitted=50, window=60)) as sandbox:
        use_sandbox(monkeypatch, sandbox, token=sandbox.issue_token(scopes=()))
        [record] = command("rate-limit", "-o", "jsonl").records()
        assert sandbox.requests == 1
    assert (record["permitted"], record["remaining"]) == (50, 49)
    assert 0 < record["resets_in"] < 63  # the server's clock is known only to a second, and the reset takes a while
    assert record["resets_at"].endswith(":00+00:00")


def test_option_rate_limit_window_sets_the_window(command: Command) -> None:
    [record] = command("rate-limit", "--sandbox", "--rate-limit-window", "1", "-o", "jsonl").records()
    assert record["resets_in"] < 3  # likewise: up to 2 s more than the window


def test_window_variable_applies_to_a_server_but_not_to_the_sandbox_of_the_command(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    with listening(Sandbox(machines=1, interfaces=1, window=1)) as sandbox:
        use_sandbox(monkeypatch, sandbox)
        monkeypatch.setenv("KATAPULT_RATE_LIMIT_WINDOW", "1")
        assert command("rate-limit", "-o", "jsonl").records()[0]["resets_in"] < 3
    monkeypatch.setenv("KATAPULT_RATE_LIMIT_WINDOW", "3600")
    assert command("rate-limit", "--sandbox", "-o", "jsonl").records()[0]["resets_in"] < 8


def test_malformed_window_in_the_environment_is_an_error_of_every_command(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KATAPULT_RATE_LIMIT_WINDOW", "a minute")
    for words in (("rate-limit",), ("tags", "list", "--organization", "larch"), ("available-ips", "--all")):
        refused = command(*words, "--sandbox")
        assert refused.code == 2
        assert "(env var: 'KATAPULT_RATE_LIMIT_WINDOW'): 'a minute' is not a number of seconds" in refused.err


def test_rate_limit_that_is_unknown_is_an_empty_record() -> None:
    unknown = RateLimit(permitted=None, remaining=None, resets_at=None, resets_in=None, queued=0, in_flight=0)
    assert record_of(unknown) == {}
