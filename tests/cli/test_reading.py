"""The commands that show things, against a sandbox over real sockets: what they ask, write and return."""

import csv
import io
import json
import re

import pytest
import yaml

from katapult_async import RateLimit
from katapult_async.cli.commands import ALIASES
from katapult_async.cli.rate_limit import Budget
from katapult_async.sandbox import Sandbox
from tests.cli.conftest import Command, Tripwire, listening


@pytest.fixture
def names(sandbox: Sandbox) -> dict[str, str]:
    """One thing of each kind, by each of its names."""
    world = sandbox.store
    machine = world.machines[0]
    owner = next(each for each in world.organizations if each.id == machine.organization_id)
    interface = next(each for each in world.interfaces if each.virtual_machine_id == machine.id)
    network = world.networks[0]
    address = next(each for each in world.addresses if each.organization_id == owner.id and not each.free)
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
    return line.format(**names).split()


@pytest.mark.parametrize(
    ("line", "shown"),
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
def test_one_thing_is_shown_by_each_of_its_names(
    line: str, shown: str, names: dict[str, str], command: Command
) -> None:
    result = command(*words(line, names), "-o", "json")
    assert (result.code, result.err) == (0, "")
    assert json.loads(result.out)["id"] == names[shown]


@pytest.mark.parametrize(
    ("line", "shown"),
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
@pytest.mark.parametrize("output_format", ["json", "jsonl", "csv", "yaml", "table"])
def test_lists_are_written_in_every_format(
    line: str, shown: str, output_format: str, names: dict[str, str], command: Command
) -> None:
    result = command(*words(line, names), "-o", output_format, "--fields", "id,name" if shown != "ip" else "id,address")
    match output_format:
        case "json":
            ids = [each["id"] for each in json.loads(result.out)]
        case "jsonl":
            ids = [each["id"] for each in result.records()]
        case "csv":
            ids = [row["id"] for row in csv.DictReader(io.StringIO(result.out))]
        case "yaml":
            ids = [each["id"] for each in yaml.safe_load(result.out)]
        case _:
            ids = [line.split()[0] for line in result.out.splitlines()[2:]]
    assert (result.code, result.err) == (0, "")
    assert names[shown] in ids


@pytest.mark.parametrize(("alias", "name"), ALIASES.items())
def test_an_alias_is_the_group_itself(alias: str, name: str, command: Command) -> None:
    assert command(alias, "--help").out == command(name, "--help").out.replace(
        f"katapult-async {name}", f"katapult-async {alias}"
    )
    assert f"(alias: {alias})" in command("--help").out


def test_virtual_networks_stand_behind_katapults_own(names: dict[str, str], command: Command) -> None:
    ids = [each["id"] for each in command(*words("nets list --organization {org} -o jsonl", names)).records()]
    kinds = [each.partition("_")[0] for each in ids]
    assert kinds == sorted(kinds)
    assert set(kinds) == {"netw", "vnet"}


@pytest.mark.parametrize(("option", "allocated"), [("--allocated", True), ("--unallocated", False)])
def test_addresses_are_listed_by_whether_something_holds_them(
    option: str, *, allocated: bool, names: dict[str, str], command: Command
) -> None:
    found = command(*words("ips list -o jsonl --organization {org}", names), option).records()
    assert found
    assert {each["allocation_id"] is not None for each in found} == {allocated}


def test_fields_are_written_in_the_order_in_which_they_are_named(names: dict[str, str], command: Command) -> None:
    asked = words("vms get {vm} -o jsonl --fields zone.data_center.name,id,zone.data_center.name", names)
    [record] = command(*asked).records()
    assert list(record) == ["zone.data_center.name", "id"]
    assert record["id"] == names["vm"]


def test_the_root_password_is_shown_to_who_names_it_and_to_nobody_else(
    sandbox: Sandbox, names: dict[str, str], command: Command
) -> None:
    secret = sandbox.store.machines[0].initial_root_password
    for output_format in ("json", "yaml", "csv", "table"):
        assert secret not in command("vms", "get", names["vm"], "-o", output_format).out
    assert secret in command("vms", "get", names["vm"], "--fields", "initial_root_password").out


def test_the_only_organization_need_not_be_named(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    with listening(Sandbox(machines=1, interfaces=1, organizations=1)) as sandbox:
        monkeypatch.setenv("KATAPULT_API_URL", sandbox.base_url)
        monkeypatch.setenv("KATAPULT_API_KEY", sandbox.token)
        for group in ("vms", "nets", "ips"):
            assert command(group, "list", "-o", "jsonl").records()


@pytest.mark.usefixtures("sandbox")
@pytest.mark.parametrize("group", ["vms", "nets", "ips"])
def test_of_several_organizations_one_has_to_be_named(group: str, command: Command) -> None:
    result = command(group, "list")
    assert (result.code, result.out) == (2, "")
    assert result.err.startswith("error: say which: the token sees 2 organizations; --organization takes larch, rowan")


def test_without_any_organization_there_is_nothing_to_list(sandbox: Sandbox, command: Command) -> None:
    sandbox.fail_next(status=200, body=b'{"organizations": []}', matching="/organizations")
    result = command("vms", "list")
    assert (result.code, result.out) == (2, "")
    assert result.err.startswith("error: the token sees no organization")


@pytest.mark.usefixtures("sandbox")
@pytest.mark.parametrize(
    ("line", "code", "said"),
    [
        ("orgs", 2, "Missing command"),
        ("vm list", 2, "No such command 'vm'. Did you mean 'vms'?"),
        ("ips allocate vmnet_1", 2, "an address is allocated to an interface: katapult-async nics allocate"),
        ("ips allcate vmnet_1", 2, "No such command 'allcate'"),
        ("--sandbox orgs list", 2, "No such option '--sandbox': put it after the command"),
        ("vms --sandbox list", 2, "No such option '--sandbox': put it after the command"),
        ("--verson", 2, "No such option '--verson'. Did you mean '--version'? (see"),
        ("orgs list --sandbx", 2, "No such option '--sandbx'. Did you mean '--sandbox'? (see"),
        ("orgs list --all", 2, "No such option '--all' (see"),
        (
            "orgs list -o orgs.csv",
            2,
            "is not one of 'table', 'json', 'jsonl', 'csv', 'yaml'; -o is the format: to write",
        ),
        ("orgs get nobody", 4, "organization_not_found"),
        ("vms get nowhere.example", 4, "virtual_machine_not_found"),
        ("nics get vmnet_nowhere", 4, "virtual_machine_network_interface_not_found"),
        ("nics list", 2, "Missing option '--virtual-machine'"),
        ("ips get 203.0.113", 2, "is no IP address or id"),
        ("ips get 203.0.113.254", 4, "ip_address_not_found"),
        ("tasks get task_nowhere", 4, "task_not_found"),
        ("orgs list -o xml", 2, "'xml' is not one of 'table', 'json', 'jsonl', 'csv', 'yaml'"),
        ("vms list --fields fqnd", 2, "no field 'fqnd'; there are id, name, hostname, fqdn, "),
        ("ips list --fields network.nam", 2, "no field 'nam' of network; there are id, name, permalink, "),
        ("ips list --fields id.x", 2, "id has no fields"),
    ],
)
def test_an_expected_error_is_one_line_and_its_code(line: str, code: int, said: str, command: Command) -> None:
    result = command(*line.split())
    [told] = result.err.splitlines()
    assert (result.code, result.out) == (code, "")
    assert told.startswith("error: ")
    assert said in told


@pytest.mark.parametrize(
    ("problem", "code"),
    [("invalid_api_token", 3), ("scope_not_granted", 3), ("organization_suspended", 3)],
)
def test_a_refusal_is_its_code_and_begins_no_output(
    problem: str, code: int, sandbox: Sandbox, names: dict[str, str], command: Command
) -> None:
    sandbox.fail_next(code=problem)
    result = command(*words("vms list --organization {org} -o json", names))
    assert (result.code, result.out) == (code, "")
    assert problem in result.err


def test_a_second_try_is_told(sandbox: Sandbox, command: Command) -> None:
    sandbox.fail_next(code="service_unavailable")
    result = command("orgs", "list", "-o", "jsonl")
    assert result.code == 0
    assert re.fullmatch(
        r"trying again in \d\.\d s after: .*\(503 service_unavailable, .*\): GET /organizations\n", result.err
    )


def test_a_list_that_breaks_off_is_whole_as_far_as_it_came(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    with listening(Sandbox(machines=400, interfaces=400, organizations=1)) as sandbox:
        monkeypatch.setenv("KATAPULT_API_URL", sandbox.base_url)
        monkeypatch.setenv("KATAPULT_API_KEY", sandbox.token)
        sandbox.fail_next(code="scope_not_granted", matching="&page=2&")
        result = command("vms", "list", "--organization", "larch", "-o", "json", "--fields", "id")
        assert (result.code, len(json.loads(result.out))) == (3, 200)
        ended = command("vms", "list", "--organization", "larch", "-o", "json", stdout=Tripwire("vm_", times=5))
        assert (ended.code, ended.err) == (130, "interrupted\n")
        assert 5 <= len(json.loads(ended.out)) < 400


def test_a_table_tells_nothing_of_nothing(sandbox: Sandbox, command: Command) -> None:
    sandbox.fail_next(status=200, body=b'{"organizations": []}', matching="/organizations")
    result = command("orgs", "list")
    assert (result.code, result.out, result.err) == (0, "", "")


def test_the_rate_limit_is_what_one_request_told(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    with listening(Sandbox(machines=1, interfaces=1, permitted=50, window=60)) as sandbox:
        monkeypatch.setenv("KATAPULT_API_URL", sandbox.base_url)
        monkeypatch.setenv("KATAPULT_API_KEY", sandbox.issue_token(scopes=()))
        [record] = command("rate-limit", "-o", "jsonl").records()
        assert sandbox.requests == 1
    assert (record["permitted"], record["remaining"]) == (50, 49)
    assert 0 < record["resets_in"] < 63
    assert record["resets_at"].endswith(":00+00:00")


def test_the_window_of_another_server_can_be_told(command: Command) -> None:
    [record] = command("rate-limit", "--sandbox", "--rate-limit-window", "1", "-o", "jsonl").records()
    assert record["resets_in"] < 3


def test_a_limit_that_no_answer_told_stays_open() -> None:
    unknown = RateLimit(permitted=None, remaining=None, resets_at=None, resets_in=None, queued=0, in_flight=0)
    assert Budget.of(unknown) == Budget(permitted=None, remaining=None, resets_at=None, resets_in=None)
