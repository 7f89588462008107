"""Names in commands: which requests find their ids, and the errors of unknown and ambiguous names."""

import json
from collections.abc import Iterator

import attrs
import pytest

from katapult_async.cli.declarations import methods_of, reference_of
from katapult_async.cli.groups import GROUPS
from katapult_async.models.lookups import Lookup
from katapult_async.sandbox import Sandbox
from katapult_async.sandbox.models import Network, VirtualMachine, VirtualMachineNetworkInterface
from tests.cli.conftest import Command, Terminal, listening, set_stdin, use_sandbox


@attrs.frozen
class Cloud:
    """Machines of two organizations: ``web-1``, ``db-1`` and ``web-2`` of larch, and another ``web-2`` of rowan."""

    sandbox: Sandbox
    machines: dict[str, str]
    """Ids by full domain name."""

    interfaces: dict[str, list[str]]
    """Ids by full domain name of the machine: two for db-1, one for each other machine."""

    networks: tuple[Network, Network]
    """The networks of the interfaces: all are on the first one, and db-1 is on the second one too."""

    def interfaces_of_database(self) -> str:
        """Return the interfaces of db-1, as an error names them."""
        interfaces = zip(self.interfaces["db-1.larch.example"], self.networks, strict=True)
        return ", ".join(sorted(f"{interface_id} on {network.name}" for interface_id, network in interfaces))

    def requests(self) -> list[str]:
        """Return the last parts of the paths of all requests, in their order; with the method, unless it is GET."""
        requests = []
        for request in self.sandbox.request_log:
            last_part = request.path.partition("?")[0].rpartition("/")[2]
            requests.append(last_part if request.method == "GET" else f"{request.method} {last_part}")
        return requests


IN_TRASH = "; machines in the trash are named by their full name or id"
SEARCH_OF_LABEL = ["organizations", "virtual_machines", "virtual_machines"]
"""The requests that find the id of a first label: the machines of both organizations are listed."""

# The last parts of the paths of other requests.
MACHINE = "virtual_machine"
INTERFACES = "network_interfaces"
INTERFACE_ON_NETWORK = "interface"
INTERFACE = "virtual_machine_network_interface"
AVAILABLE = "address_version"


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    """The cloud, whose objects are copies of those of a new sandbox; the environment variables name it."""
    with listening(Sandbox(machines=2, interfaces=2, permitted=100_000)) as sandbox:
        store = sandbox.store
        larch, rowan = store.organizations
        first, second = store.machines
        interface = store.interfaces[0]
        public = next(network for network in store.all(Network) if network.name == "Public")
        internal = next(network for network in store.all(Network) if network.name == "Network 1")
        for machine in (first, second):
            store.remove(machine)
        machines: dict[str, str] = {}
        interfaces: dict[str, list[str]] = {}
        for owner, hostname, interface_count in (
            (larch, "web-1", 1),
            (larch, "db-1", 2),
            (larch, "web-2", 1),
            (rowan, "web-2", 1),
        ):
            fqdn = f"{hostname}.{owner.sub_domain}.example"
            machine = first.changed(
                id=store.new_id(VirtualMachine), hostname=hostname, fqdn=fqdn, organization_id=owner.id
            )
            store.put(machine)
            machines[fqdn] = machine.id
            interfaces[fqdn] = []
            for network in (public, internal)[:interface_count]:
                nic = interface.changed(
                    id=store.new_id(VirtualMachineNetworkInterface),
                    virtual_machine_id=machine.id,
                    network_id=network.id,
                )
                store.put(nic)
                interfaces[fqdn].append(nic.id)
        use_sandbox(monkeypatch, sandbox)
        sandbox.request_log.clear()
        yield Cloud(
            sandbox=sandbox,
            machines=machines,
            interfaces=interfaces,
            networks=(public, internal),
        )


@pytest.mark.parametrize(
    ("words", "requests"),
    [
        ("vms get {vm}", [MACHINE]),
        ("vms get web-1.larch.example", [MACHINE]),
        ("vms get web-1", [*SEARCH_OF_LABEL, MACHINE]),
        ("vms get WEB-1", [*SEARCH_OF_LABEL, MACHINE]),
    ],
)
def test_machine_is_named_by_its_id_full_name_or_first_label(
    words: str, requests: list[str], cloud: Cloud, command: Command
) -> None:
    machine = cloud.machines["web-1.larch.example"]
    result = command(*words.format(vm=machine).split(), "-o", "jsonl", "--fields", "id")
    assert (result.code, result.err, result.records()) == (0, "", [{"id": machine}])
    assert cloud.requests() == requests


@pytest.mark.parametrize(
    ("name", "number", "requests"),
    [
        ("{nic}", 1, [INTERFACE]),
        ("web-1.larch.example", 0, [INTERFACES, INTERFACE]),
        ("{web}", 0, [INTERFACES, INTERFACE]),
        ("web-1", 0, [*SEARCH_OF_LABEL, INTERFACES, INTERFACE]),
        ("db-1.larch.example/public", 1, [INTERFACES, INTERFACE]),
        ("db-1.larch.example/Network 1", 2, [INTERFACES, INTERFACE]),
        ("db-1.larch.example/{internal}", 2, [INTERFACES, INTERFACE]),
        ("db-1.larch.example/{permalink}", 2, [INTERFACES, INTERFACE_ON_NETWORK, INTERFACE]),
        ("db-1/Public", 1, [*SEARCH_OF_LABEL, INTERFACES, INTERFACE]),
    ],
)
def test_interface_is_named_by_its_machine_and_network(
    name: str, number: int, requests: list[str], cloud: Cloud, command: Command
) -> None:
    interfaces = [*cloud.interfaces["web-1.larch.example"], *cloud.interfaces["db-1.larch.example"]]
    internal = cloud.networks[1]
    web = cloud.machines["web-1.larch.example"]
    name = name.format(nic=interfaces[number], web=web, internal=internal.id, permalink=internal.permalink)
    result = command("nics", "get", name, "-o", "jsonl", "--fields", "id")
    assert (result.code, result.err, result.records()) == (0, "", [{"id": interfaces[number]}])
    assert cloud.requests() == requests


@pytest.mark.parametrize(
    ("words", "message", "requests"),
    [
        ("vms get web-3", f"no machine is named web-3{IN_TRASH}; did you mean {{webs}}?\n", SEARCH_OF_LABEL),
        ("vms get web", f"no machine is named web{IN_TRASH}; did you mean {{webs}}?\n", SEARCH_OF_LABEL),
        ("vms get mail", f"no machine is named mail{IN_TRASH}\n", SEARCH_OF_LABEL),
        (
            "vms get web-2.lrach.example",
            "no such virtual machine: web-2.lrach.example; did you mean web-2.larch.example, web-2.rowan.example? (",
            [MACHINE, *SEARCH_OF_LABEL],
        ),
        (
            "vms get mail.larch.example",
            "no such virtual machine: mail.larch.example (404 ",
            [MACHINE, *SEARCH_OF_LABEL],
        ),
        ("vms get vm_nowhere", "no such virtual machine: vm_nowhere (404 ", [MACHINE]),
        (
            "nics list --virtual-machine db-1.lrach.example",
            "no such virtual machine: db-1.lrach.example; did you mean db-1.larch.example? (404 ",
            [INTERFACES, *SEARCH_OF_LABEL],
        ),
        (
            "nics get db-1/private",
            "db-1 has no interface on private; it has {nics}\n",
            [*SEARCH_OF_LABEL, INTERFACES, INTERFACE_ON_NETWORK],
        ),
        (
            "nics get db-1.lrach.example/public",
            "no such virtual machine: db-1.lrach.example; did you mean db-1.larch.example? (404 ",
            [INTERFACES, *SEARCH_OF_LABEL],
        ),
        (
            "vms list --organization lach",
            "no such organization: lach; did you mean larch? (404 ",
            ["virtual_machines", "organizations"],
        ),
        (
            "nets get gb-london-1/pubic-0",
            "no such network: gb-london-1/pubic-0; did you mean gb-london-1/public-0, ",
            ["network", "organizations", "available_networks", "available_networks"],
        ),
        (
            "nics find --virtual-machine web-1.larch.example --network gb-london-1/pubic-0",
            "no such network: gb-london-1/pubic-0; did you mean gb-london-1/public-0, ",
            [INTERFACE_ON_NETWORK, *SEARCH_OF_LABEL, "organizations", "available_networks", "available_networks"],
        ),
        (
            "disks create --data-center gb-lundon-1 --organization lach --name data --size-in-gb 20",
            "no such organization: lach; did you mean larch? (404 ",
            ["POST disks", "organizations"],
        ),
        (
            "dcs get gb-lundon-1",
            "no such data center: gb-lundon-1; did you mean gb-london-1? (404 ",
            ["data_center", "data_centers"],
        ),
    ],
)
def test_unknown_name_is_one_error_line_with_suggestions(
    words: str, message: str, requests: list[str], cloud: Cloud, command: Command
) -> None:
    webs = "web-2.larch.example, web-2.rowan.example, web-1.larch.example"
    message = message.format(webs=webs, nics=cloud.interfaces_of_database())
    result = command(*words.split())
    assert (result.code, result.out, result.err.count("\n")) == (4, "", 1)
    assert result.err.startswith(f"error: {message}")
    assert cloud.requests() == requests


@pytest.mark.parametrize(
    ("words", "message", "requests"),
    [
        ("vms get web-2", "2 machines are named web-2: {machines}\n", SEARCH_OF_LABEL),
        ("nics get db-1", "db-1 has 2 interfaces; name one by its id: {nics}\n", [*SEARCH_OF_LABEL, INTERFACES]),
    ],
)
def test_ambiguous_name_is_one_error_line_with_all_objects_of_that_name(
    words: str, message: str, requests: list[str], cloud: Cloud, command: Command
) -> None:
    names = ("web-2.larch.example", "web-2.rowan.example")
    machines = ", ".join(f"{name} ({cloud.machines[name]})" for name in names)
    result = command(*words.split())
    expected = f"error: {message.format(machines=machines, nics=cloud.interfaces_of_database())}"
    assert (result.code, result.out, result.err) == (2, "", expected)
    assert cloud.requests() == requests


def test_permalink_of_a_network_on_which_the_machine_has_two_interfaces_is_ambiguous(
    cloud: Cloud, command: Command
) -> None:
    network = cloud.networks[1]
    nics = cloud.interfaces["db-1.larch.example"]
    for nic in nics:
        cloud.sandbox.store.put(cloud.sandbox.store.get(nic).changed(network_id=network.id))
    result = command("nics", "detach", f"db-1.larch.example/{network.permalink}", "--yes")
    named = ", ".join(sorted(f"{nic} on {network.name}" for nic in nics))
    assert (result.code, result.out) == (2, "")
    ambiguous = f"db-1.larch.example has 2 interfaces on {network.permalink}"
    assert result.err == f"error: {ambiguous}; name one by its id: {named}\n"


def test_machines_are_listed_in_the_organization_of_the_environment(
    cloud: Cloud, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KATAPULT_ORGANIZATION", "rowan")
    result = command("vms", "get", "web-2", "-o", "jsonl", "--fields", "id")
    assert result.records() == [{"id": cloud.machines["web-2.rowan.example"]}]
    assert cloud.requests() == ["virtual_machines", MACHINE]
    assert command("vms", "get", "db-1").err == f"error: no machine is named db-1 in rowan{IN_TRASH}\n"


def test_unknown_organization_of_the_environment_is_an_error_where_its_machines_are_needed(
    cloud: Cloud, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KATAPULT_ORGANIZATION", "rowann")
    for words in (("vms", "get", "web-1"), ("nics", "get", "web-1/Public"), ("available-ips", "web-1")):
        result = command(*words)
        assert (result.code, result.err.count("\n")) == (4, 1)
        assert result.err.startswith("error: no such organization: rowann; did you mean rowan? (404 ")
    assert command("vms", "get", "web-1.lrach.example").err.startswith(
        "error: no such virtual machine: web-1.lrach.example (404 "
    )
    assert cloud.requests()[-2:] == [MACHINE, "virtual_machines"]


def test_machines_are_listed_in_the_organization_of_the_command(cloud: Cloud, command: Command) -> None:
    line = "disks create --organization rowan --virtual-machine web-2 --name data --size-in-gb 20 --dry-run"
    [record] = command(*line.split(), "--data-center", "gb-london-1", "-o", "jsonl").records()
    assert cloud.machines["web-2.rowan.example"] in json.dumps(record["body"])
    assert cloud.requests() == ["virtual_machines"]


@pytest.mark.parametrize(
    ("words", "requests"),
    [("vms delete web-1", SEARCH_OF_LABEL), ("nics detach web-1/Public", [*SEARCH_OF_LABEL, INTERFACES])],
)
def test_dry_run_finds_the_id_and_changes_nothing(
    words: str, requests: list[str], cloud: Cloud, command: Command
) -> None:
    [record] = command(*words.split(), "--dry-run", "-o", "jsonl").records()
    ids = (cloud.machines["web-1.larch.example"], *cloud.interfaces["web-1.larch.example"])
    assert any(identifier in json.dumps(record) for identifier in ids)
    assert cloud.requests() == requests


def test_confirmation_and_change_are_about_the_same_machine(
    cloud: Cloud, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The name is looked up once, so that the change cannot affect a machine other than the one that was confirmed."""
    set_stdin(monkeypatch, Terminal("y\n"))
    result = command("vms", "delete", "web-1")
    assert (result.code, cloud.requests()) == (0, [*SEARCH_OF_LABEL, MACHINE, f"DELETE {MACHINE}"])
    assert f"web-1.larch.example ({cloud.machines['web-1.larch.example']})" in result.err


def test_available_ips_takes_names_and_lists_the_machines_once(cloud: Cloud, command: Command) -> None:
    [web] = cloud.interfaces["web-1.larch.example"]
    [database, _] = cloud.interfaces["db-1.larch.example"]
    words = ("web-1", "db-1/Public", database, "--address-version", "ipv4", "-o", "jsonl")
    result = command("available-ips", *words)
    assert (result.code, {record["interface_id"] for record in result.records()}) == (0, {web, database})
    assert cloud.requests() == [*SEARCH_OF_LABEL, INTERFACES, INTERFACES, AVAILABLE, AVAILABLE]


def test_available_ips_with_an_unknown_name_queries_no_addresses(cloud: Cloud, command: Command) -> None:
    result = command("available-ips", *cloud.interfaces["web-1.larch.example"], "db-2", "-o", "jsonl")
    assert (result.code, result.out) == (4, "")
    hint = "name an interface by MACHINE/NETWORK, or by its id (vmnet_...)"
    assert result.err == f"error: no machine is named db-2; {hint}; did you mean db-1.larch.example?\n"
    assert cloud.requests() == SEARCH_OF_LABEL


def test_record_of_an_interface_given_by_name_has_its_location(cloud: Cloud, command: Command) -> None:
    body = b'{"ip_addresses": []}'
    cloud.sandbox.fail_next(status=200, times=2, body=body, matching="/available_ips")
    for record in command("available-ips", "web-1", "-o", "jsonl").records():
        assert record["ip_addresses"] == []
        assert record["location"]["virtual_machine"]["name"] == "web-1.larch.example"
        assert record["location"]["network"]["name"]
        assert record["location"]["data_center"]["name"]


def test_name_in_a_file_of_ids_is_taken_for_an_id(cloud: Cloud, command: Command) -> None:
    result = command("available-ips", "--file", "-", "--address-version", "ipv4", "-o", "jsonl", stdin=b"web-1\n")
    assert (result.code, cloud.requests()) == (6, [AVAILABLE])
    assert result.records()[0]["error"]["type"] == "NotFoundError"


def test_allocate_takes_the_name_of_an_interface(cloud: Cloud, command: Command) -> None:
    words = ("nics", "allocate", "web-1", "--address-version", "ipv4", "--dry-run", "-o", "jsonl")
    [record] = command(*words).records()
    assert record["body"][INTERFACE] == {"id": cloud.interfaces["web-1.larch.example"][0]}
    assert cloud.requests() == [*SEARCH_OF_LABEL, INTERFACES, AVAILABLE]


@pytest.mark.parametrize("matching", ["/organizations", "/organizations/organization/virtual_machines"])
def test_failure_to_list_similar_names_does_not_hide_the_first_error(
    matching: str, cloud: Cloud, command: Command
) -> None:
    cloud.sandbox.fail_next(times=9, code="scope_not_granted", status=403, matching=matching)
    result = command("vms", "get", "web-1.lrach.example")
    assert (result.code, result.err.count("\n")) == (4, 1)
    assert result.err.startswith("error: no such virtual machine: web-1.lrach.example (404 ")


def test_failure_to_list_the_machines_is_the_error_of_a_first_label(cloud: Cloud, command: Command) -> None:
    cloud.sandbox.fail_next(code="scope_not_granted", status=403, matching="/virtual_machines")
    result = command("vms", "get", "web-1")
    assert (result.code, result.err.count("\n")) == (3, 1)


def test_every_parameter_that_takes_a_name_belongs_to_a_group_with_a_list() -> None:
    named = {
        name
        for group in GROUPS
        for method in methods_of(group.attribute).values()
        for name, value in method.parameters.items()
        if {*value.types} & {kind.__name__ for kind in Lookup.__args__} and not value.container
    }
    listed = {group.attribute for group in GROUPS if "list" in map(group.command_of, methods_of(group.attribute))}
    assert {"organization", "virtual_machine", "network", "data_center"} <= named
    assert {name for name in named if reference_of(name).resource not in listed} == set()
