"""The options of lists: their order, their header, the titles of their columns, and the default organization."""

import json
from collections.abc import AsyncIterator

import pytest

from katapult_async import VirtualMachine, VirtualMachineAddress
from katapult_async.cli.column_titles import titles_of
from katapult_async.cli.given_options import Options
from katapult_async.sandbox import Sandbox
from tests.cli.conftest import Command


@pytest.fixture
def organization(sandbox: Sandbox) -> str:
    return sandbox.store.organizations[0].sub_domain


def listed_names(command: Command, organization: str, *options: str) -> list[str]:
    """Return the names of an organization's machines, in the order of the output."""
    lines = command("vms", "list", "--organization", organization, "-o", "jsonl", *options).out.splitlines()
    return [json.loads(line)["fqdn"] for line in lines]


def test_list_is_sorted_by_a_field(organization: str, command: Command) -> None:
    unsorted = listed_names(command, organization)
    assert listed_names(command, organization, "--sort", "fqdn") == sorted(unsorted)
    assert listed_names(command, organization, "--sort", "-fqdn") == sorted(unsorted, reverse=True)
    assert unsorted not in (sorted(unsorted), sorted(unsorted, reverse=True))


@pytest.mark.parametrize("path", ["id,name", " name"])
def test_sort_takes_one_field_as_it_is_written(path: str, command: Command) -> None:
    result = command("packages", "list", "--sandbox", "--sort", path)
    assert (result.code, result.out) == (2, "")
    assert f"no field {path!r}; the fields are " in result.err


def test_numbers_are_sorted_as_numbers(command: Command) -> None:
    result = command("packages", "list", "--sandbox", "-q", "-o", "jsonl", "--sort", "memory_in_gb")
    sizes = [json.loads(line)["memory_in_gb"] for line in result.out.splitlines()]
    assert len(sizes) > 1
    assert sizes == sorted(sizes)


async def ids_in_order(machines: list[VirtualMachine], sort: str) -> list[object]:
    async def listed() -> AsyncIterator[object]:
        for machine in machines:
            yield machine

    options = Options(columns=("id",), output_format="csv", sort=sort)
    return [options.record(machine)["id"] async for machine in options.sorted(listed())]


async def test_record_without_a_value_comes_last_in_both_orders() -> None:
    machines = [VirtualMachine(id=f"vm_{name}", name=name or None) for name in ("b", "", "a")]
    for sort, order in (("name", ["vm_a", "vm_b", "vm_"]), ("-name", ["vm_b", "vm_a", "vm_"])):
        assert await ids_in_order(machines, sort) == order


async def test_addresses_are_sorted_as_numbers() -> None:
    """A machine is sorted by its first address, IPv4 before IPv6; a machine without an address comes last."""
    held = [("2001:db8::1",), ("10.0.0.10", "10.0.0.1"), ("10.0.0.9",), ()]
    machines = [
        VirtualMachine(
            id=f"vm_{number}", ip_addresses=tuple(VirtualMachineAddress(address=address) for address in addresses)
        )
        for number, addresses in enumerate(held)
    ]
    for sort, order in (
        ("ip_addresses.address", ["vm_2", "vm_1", "vm_0", "vm_3"]),
        ("-ip_addresses.address", ["vm_0", "vm_1", "vm_2", "vm_3"]),
    ):
        assert await ids_in_order(machines, sort) == order


def test_sorting_by_an_unknown_field_is_refused_before_a_request(sandbox: Sandbox, command: Command) -> None:
    before = sandbox.requests
    result = command("orgs", "list", "--sort", "nmae")
    assert (result.code, sandbox.requests) == (2, before)
    assert "no field 'nmae'; the fields are id, name" in result.err
    assert "; did you mean name? (see " in result.err


@pytest.mark.parametrize("output_format", ["table", "csv"])
def test_header_can_be_left_out(output_format: str, sandbox: Sandbox, command: Command) -> None:
    whole = command("orgs", "list", "-o", output_format).out.splitlines()
    rows = command("orgs", "list", "-o", output_format, "--no-header").out.splitlines()
    assert [row.split() for row in rows] == [row.split() for row in whole[-len(rows) :]]
    assert len(rows) == len(sandbox.store.organizations)


@pytest.mark.parametrize("output_format", ["json", "tsv"])
def test_format_without_a_header_refuses_the_option(output_format: str, sandbox: Sandbox, command: Command) -> None:
    before = sandbox.requests
    result = command("orgs", "list", "-o", output_format, "--no-header")
    assert (result.code, result.out, sandbox.requests) == (2, "", before)
    assert f"--no-header: {output_format} has no header" in result.err


@pytest.mark.parametrize(
    ("paths", "titles"),
    [
        (("id", "fqdn", "zone.data_center.name"), ("ID", "FQDN", "Data center")),
        (("ip_addresses.address", "memory_in_gb", "cpu_cores"), ("IP addresses", "Memory in GB", "CPU cores")),
        (("network.name", "network.permalink"), ("Network", "Permalink")),
        (("allocation_id", "allocation.value.name", "target.value.name"), ("Allocation ID", "Allocation", "Target")),
        (("zone.name", "zone.data_center.zone.name"), ("Zone name", "Zone data center zone name")),
    ],
)
def test_columns_have_readable_titles(paths: tuple[str, ...], titles: tuple[str, ...]) -> None:
    assert titles_of(paths) == titles


@pytest.mark.usefixtures("sandbox")
def test_titles_of_chosen_fields_and_of_csv_are_their_paths(command: Command) -> None:
    assert command("orgs", "list", "--fields", "sub_domain,id").out.splitlines()[0].split() == ["sub_domain", "id"]
    assert command("orgs", "list", "-o", "csv").out.startswith("id,name,sub_domain")
    assert command("orgs", "list").out.splitlines()[0].split()[:2] == ["ID", "Name"]


def test_organization_of_the_environment_is_the_default(
    organization: str, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = listed_names(command, organization)
    assert command("vms", "list").code == 2  # the sandbox has two organizations
    monkeypatch.setenv("KATAPULT_ORGANIZATION", organization)
    lines = command("vms", "list", "-o", "jsonl").out.splitlines()
    assert [json.loads(line)["fqdn"] for line in lines] == names


@pytest.mark.parametrize("form", ["{} ", " {}", "{}\n"])
def test_white_space_around_the_organization_of_the_environment_is_ignored(
    form: str, organization: str, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = listed_names(command, organization)
    monkeypatch.setenv("KATAPULT_ORGANIZATION", form.format(organization))
    assert len(command("vms", "list", "-o", "jsonl").out.splitlines()) == len(names)
    monkeypatch.setenv("KATAPULT_ORGANIZATION", form.format(""))
    assert "choose one with --organization or KATAPULT_ORGANIZATION" in command("vms", "list").err


@pytest.mark.usefixtures("sandbox")
@pytest.mark.parametrize("name", ["two words", "a\nb"])
def test_error_of_an_invalid_organization_in_the_environment_names_the_variable(
    name: str, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KATAPULT_ORGANIZATION", name)
    result = command("vms", "list")
    assert result.code == 2
    assert result.err.startswith(f"error: KATAPULT_ORGANIZATION: {name!r} is not an id (org_...) or sub domain")


@pytest.mark.parametrize(
    ("line", "code"),
    [("vms list --organization {organization}", 0), ("zones list", 0), ("tags get tag_1", 4), ("vms get a.example", 4)],
)
def test_wrong_organization_of_the_environment_is_an_error_only_for_commands_that_use_it(
    line: str, code: int, organization: str, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KATAPULT_ORGANIZATION", "two words")
    result = command(*line.format(organization=organization).split())
    assert result.code == code
    assert "KATAPULT_ORGANIZATION" not in result.err


def test_sandbox_option_ignores_the_organization_of_the_environment(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KATAPULT_ORGANIZATION", "acme")
    result = command("vms", "list", "--sandbox")
    assert "choose one with --organization: larch, rowan" in result.err


def test_field_that_katapult_did_not_send_is_left_out(sandbox: Sandbox, command: Command) -> None:
    """A list of interfaces has no MAC addresses; a null would mean that the interface has none."""
    machine = sandbox.store.machines[0].id
    [line, *_] = command("nics", "list", "--virtual-machine", machine, "-o", "jsonl").out.splitlines()
    assert "mac_address" not in json.loads(line)
    [line, *_] = command(
        "nics", "list", "--virtual-machine", machine, "-o", "jsonl", "--fields", "id,mac_address"
    ).out.splitlines()
    assert json.loads(line)["mac_address"] is None
