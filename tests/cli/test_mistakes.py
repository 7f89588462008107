"""The exact message and the exit code of each typical mistake with the command."""

import asyncio
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import attrs
import pytest

from katapult_async import FQDN, KatapultClient, Permalink, SubDomain
from katapult_async.sandbox import Sandbox
from tests.cli.conftest import Command, listening

SEE: Final = "(see katapult-async {} --help)"
REQUEST: Final = "request ID, 1 attempt"
IN_TRASH: Final = "; machines in the trash are named by their full name or id"
NAME: Final = "check the name, and that the token can see the object"


@attrs.frozen
class Mistake:
    """A command line, its exit code and the last line of standard error."""

    line: str
    code: int
    message: str
    environment: dict[str, str] = attrs.field(factory=dict, kw_only=True)
    stdin: bytes = attrs.field(default=b"", kw_only=True)


SLOW: Final = {"a server that is down"}  # the command makes five attempts
MISTAKES: Final = {
    # the token and the server
    "no token": Mistake(
        "orgs list",
        2,
        "no token: set KATAPULT_API_KEY or KATAPULT_API_TOKEN, or use --token-file or --sandbox",
        environment={"KATAPULT_API_KEY": ""},
    ),
    "a wrong token": Mistake(
        "orgs list",
        3,
        f"Invalid API token (403 invalid_api_token, {REQUEST}): GET /organizations; check the token, and the networks "
        "that it may be used from; the token comes from KATAPULT_API_KEY",
        environment={"KATAPULT_API_KEY": "nonsense"},
    ),
    "a wrong token from a file": Mistake(
        "orgs list --token-file -",
        3,
        f"Invalid API token (403 invalid_api_token, {REQUEST}): GET /organizations; check the token, and the networks "
        "that it may be used from; the token comes from --token-file or --token-command",
        stdin=b"nonsense\n",
    ),
    "a token without the scope": Mistake(
        "vms list --organization larch",
        3,
        f"Scope not granted (403 scope_not_granted, {REQUEST}): GET /organizations/organization/virtual_machines?"
        "organization[sub_domain]=larch&page=1&per_page=200; give the token one of the scopes virtual_machines, "
        "virtual_machines:read, or use another",
        environment={"KATAPULT_API_KEY": "{narrow_token}"},
    ),
    "an empty file for the token": Mistake(
        "orgs list --token-file -", 2, f"standard input: the token is empty {SEE.format('orgs list')}"
    ),
    "the token as an argument": Mistake(
        "orgs list --token abc",
        2,
        f"No such option '--token'; did you mean --token-command, --token-file? {SEE.format('orgs list')}",
    ),
    "two readers of standard input": Mistake(
        "available-ips --file - --token-file -",
        2,
        f"--file and --token-file read the same input: give the token in the environment {SEE.format('available-ips')}",
    ),
    "a URL without /core/v1": Mistake(
        "orgs list",
        4,
        f"Route not found (404 route_not_found, {REQUEST}): GET /organizations; check the path, and KATAPULT_API_URL "
        "(Katapult's ends in /core/v1)",
        environment={"KATAPULT_API_URL": "{root}"},
    ),
    "a URL without TLS": Mistake(
        "orgs list",
        2,
        "KATAPULT_API_URL must be https://host[:port]/path (http:// only for localhost, 127.0.0.1 and ::1), not "
        "http://api.katapult.example",
        environment={"KATAPULT_API_URL": "http://api.katapult.example/core/v1"},
    ),
    "a server that is down": Mistake(
        "orgs list",
        1,
        "no connection to 127.0.0.1:1 (Connection refused) (5 attempts): GET /organizations; check KATAPULT_API_URL, "
        "DNS and the network",
        environment={"KATAPULT_API_URL": "http://127.0.0.1:1/core/v1"},
    ),
    # the command
    "a misspelt group": Mistake("vm list", 2, "No such command 'vm'; did you mean vms? (see katapult-async --help)"),
    "a misspelt command": Mistake("orgs lst", 2, f"No such command 'lst'; did you mean list? {SEE.format('orgs')}"),
    "the command of another tool": Mistake(
        "vms show mail-1", 2, f"No such command 'show'; did you mean get? {SEE.format('vms')}"
    ),
    "the beginning of a group": Mistake(
        "dns list", 2, "No such command 'dns'; did you mean dns-records, dns-zones? (see katapult-async --help)"
    ),
    "an empty command": Mistake("vms ''", 2, f"No such command '' {SEE.format('vms')}"),
    "no command": Mistake(
        "dns-zones",
        2,
        f"Missing command: create, delete, get, list, nameservers, update, verify {SEE.format('dns-zones')}",
    ),
    "an option before the command": Mistake(
        "--sandbox orgs list", 2, "No such option '--sandbox': put it after the command (see katapult-async --help)"
    ),
    "a misspelt option": Mistake(
        "disks list --organisation larch",
        2,
        f"No such option '--organisation'; did you mean --organization? {SEE.format('disks list')}",
    ),
    "a missing argument": Mistake("vms get", 2, f"Missing argument 'VIRTUAL_MACHINE' {SEE.format('vms get')}"),
    "a missing option": Mistake(
        "vms build --organization larch", 2, f"Missing option '--package' {SEE.format('vms build')}"
    ),
    "a missing choice": Mistake(
        "api", 2, f"Missing argument 'METHOD'. Choose from: DELETE, GET, PATCH, POST, PUT {SEE.format('api')}"
    ),
    "an option without its value": Mistake(
        "available-ips --by", 2, f"Option '--by' requires an argument {SEE.format('available-ips')}"
    ),
    "an option of a derived command without its value": Mistake(
        "vms list --sort", 2, f"Option '--sort' requires an argument {SEE.format('vms list')}"
    ),
    "a query in the path": Mistake(
        "api GET /organizations?page=2",
        2,
        f"PATH cannot have a query: give each argument with -f KEY=TEXT {SEE.format('api')}",
    ),
    "nothing to change": Mistake(
        "vms update mail-1",
        2,
        f"there is nothing to change: give at least one option that names a change {SEE.format('vms update')}",
    ),
    "a deletion in a script": Mistake(
        "vms delete mail-1",
        2,
        f"standard input is not a terminal, so no confirmation is possible: use --yes {SEE.format('vms delete')}",
    ),
    "no organization, of several": Mistake(
        "tags list",
        2,
        "the token sees 2 organizations: choose one with --organization or KATAPULT_ORGANIZATION: larch, rowan "
        f"{SEE.format('tags list')}",
    ),
    "no organization, of several in the sandbox": Mistake(
        "tags list --sandbox",
        2,
        f"the token sees 2 organizations: choose one with --organization: larch, rowan {SEE.format('tags list')}",
    ),
    # names and ids
    "an unknown machine": Mistake("vms get gateway", 4, f"no machine is named gateway{IN_TRASH}"),
    "a misspelt machine": Mistake(
        "vms get chace-5",
        4,
        f"no machine is named chace-5{IN_TRASH}; did you mean cache-5.larch.example, cache-55.larch.example, "
        "cache-50.rowan.example?",
    ),
    "a number for a machine": Mistake("vms get 17", 4, f"no machine is named 17{IN_TRASH}"),
    "a short name for a machine in the trash": Mistake(
        "vms purge gateway --yes", 4, f"no machine is named gateway{IN_TRASH}"
    ),
    "an ambiguous machine": Mistake("vms get mail-1", 2, "2 machines are named mail-1: {machines}"),
    "a misspelt full name": Mistake(
        "vms get mail-1.lrach.example",
        4,
        "no such virtual machine: mail-1.lrach.example; did you mean mail-1.larch.example, mail-1.rowan.example? "
        f"(404 virtual_machine_not_found, {REQUEST}): GET /virtual_machines/virtual_machine?virtual_machine[fqdn]="
        f"mail-1.lrach.example; {NAME}",
    ),
    "an id with another prefix": Mistake(
        "disks get vm_1",
        4,
        f"no such disk: vm_1 (404 disk_not_found, {REQUEST}): GET /disks/disk?disk[id]=vm_1; name it by its id "
        "(disk_...)",
    ),
    "a name for a disk, which has none": Mistake(
        "disks get data",
        2,
        "Invalid value for 'DISK': 'data' is not an id (disk_...): `katapult-async disks list` shows the ids "
        f"{SEE.format('disks get')}",
    ),
    "an id with another prefix for a network": Mistake(
        "nets get vnet_1",
        4,
        f"no such network: vnet_1 (404 network_not_found, {REQUEST}): GET /networks/network?network[id]=vnet_1; name "
        "it by its id (netw_...) or permalink",
    ),
    "the name of an interface in its machine": Mistake(
        "nics get eth0",
        4,
        "no machine is named eth0; name an interface by MACHINE/NETWORK, or by its id (vmnet_...)",
    ),
    "a machine with several interfaces": Mistake(
        "nics get web-13", 2, "web-13 has 2 interfaces; name one by its id: {interfaces}"
    ),
    "a network that the machine is not on": Mistake(
        "nics get web-13/private", 4, "web-13 has no interface on private; it has {interfaces}"
    ),
    "an unknown interface": Mistake(
        "available-ips vmnet_1 --address-version ipv4",
        4,
        "no such virtual machine network interface: vmnet_1 (404 virtual_machine_network_interface_not_found, "
        f"{REQUEST}): GET /virtual_machine_network_interfaces/virtual_machine_network_interface/available_ips/"
        "address_version?virtual_machine_network_interface[id]=vmnet_1&address_version=ipv4; check the id, and that "
        "the token can see the object",
    ),
    "a misspelt organization": Mistake(
        "tags list --organization lach",
        4,
        f"no such organization: lach; did you mean larch? (404 organization_not_found, {REQUEST}): GET /organizations/"
        f"organization/tags?organization[sub_domain]=lach&page=1&per_page=200; {NAME}",
    ),
    "an address of somebody else": Mistake(
        "ips get 203.0.113.254",
        4,
        f"no such IP address: 203.0.113.254 (404 ip_address_not_found, {REQUEST}): GET /ip_addresses/ip_address?"
        "ip_address[address]=203.0.113.254; check the address, and that the token can see the object",
    ),
    # the output
    "an unknown format": Mistake(
        "orgs list -o xml",
        2,
        "Invalid value for '-o' / '--output-format': 'xml' is not one of 'table', 'json', 'jsonl', 'csv', 'tsv', "
        f"'yaml' {SEE.format('orgs list')}",
    ),
    "an unknown field": Mistake(
        "nets list --fields nam",
        2,
        "Invalid value for '--fields': no field 'nam'; the fields are "
        f"id, name, permalink, data_center, default; did you mean name? {SEE.format('nets list')}",
    ),
    "an unknown field inside another": Mistake(
        "nets list --fields data_center.nam",
        2,
        "Invalid value for '--fields': no field 'nam' in data_center; the fields are "
        f"id, name, permalink, country; did you mean name? {SEE.format('nets list')}",
    ),
    # available-ips
    "no interfaces": Mistake(
        "available-ips",
        2,
        "name the interfaces in one way: by ids, by --file, or by --all (which --organization implies) "
        f"{SEE.format('available-ips')}",
    ),
    "a missing file": Mistake(
        "available-ips --file ids.txt",
        2,
        f"Invalid value for '--file': File 'ids.txt' does not exist {SEE.format('available-ips')}",
    ),
    "an empty file": Mistake("available-ips --file -", 2, "there is nothing to query: standard input has no ids"),
    "seconds with a unit": Mistake(
        "available-ips --all --timeout 5s",
        2,
        f"Invalid value for '--timeout': '5s' is not a number of seconds from 0.001 to 1e+10 "
        f"{SEE.format('available-ips')}",
    ),
    "counts of some interfaces": Mistake(
        "available-ips mail-1 --by network",
        2,
        f"--by counts the addresses of all interfaces: add --all or --organization {SEE.format('available-ips')}",
    ),
    "a number for the address version": Mistake(
        "available-ips --all --address-version 4",
        2,
        "Invalid value for '--address-version': '4' is not one of 'ipv4', 'ipv6', 'both' "
        f"{SEE.format('available-ips')}",
    ),
    # changes, and any operation
    "an unknown package": Mistake(
        "vms build --organization larch --package huge --data-center gb-london-1 --hostname web",
        2,
        f"Package does not name a virtual machine package: huge: Invalid spec xml (400 invalid_spec_xml, {REQUEST}): "
        "POST /organizations/organization/virtual_machines/build_from_spec?organization[sub_domain]=larch&xml=***",
    ),
    "an object in the trash": Mistake(
        "vms start {trashed}",
        1,
        f"virtual machine {{trashed}} is in the trash (406 object_in_trash, {REQUEST}): POST /virtual_machines/"
        "virtual_machine/start?virtual_machine[id]={trashed}; `katapult-async trash restore {trash_object}` brings it "
        "back",
    ),
    "no address version for an allocation": Mistake(
        "nics allocate vmnet_1",
        2,
        f"give --address-version, or --address, which has a version already {SEE.format('nics allocate')}",
    ),
    "an unknown method": Mistake(
        "api FETCH /zones",
        2,
        "Invalid value for 'METHOD': 'FETCH' is not one of 'DELETE', 'GET', 'PATCH', 'POST', 'PUT' "
        f"{SEE.format('api')}",
    ),
    "an unknown path": Mistake(
        "api GET /organisations",
        4,
        f"Route not found (404 route_not_found, {REQUEST}): GET /organisations; check the path, and KATAPULT_API_URL "
        "(Katapult's ends in /core/v1)",
    ),
}


async def prepare(sandbox: Sandbox) -> dict[str, str]:
    """Put a machine into the trash, and build one whose first label another machine has.

    Return what the placeholders of MISTAKES stand for.
    """
    async with KatapultClient(sandbox.token, base_url=sandbox.base_url) as katapult:
        [machine, *_] = await katapult.virtual_machines.list(organization=SubDomain("rowan"))
        deletion = await katapult.virtual_machines.delete(machine.id)
        assert deletion is not None
        second = await katapult.virtual_machines.build(
            organization=SubDomain("rowan"),
            data_center=Permalink("gb-london-1"),
            package=Permalink("small"),
            hostname="mail-1",
        )
        first = await katapult.virtual_machines.get(FQDN("mail-1.larch.example"))
        interfaces = await katapult.virtual_machine_network_interfaces.list(
            virtual_machine=FQDN("web-13.larch.example")
        )
    return {
        "trashed": machine.id,
        "trash_object": deletion.trash_object.id,
        "machines": ", ".join(f"{machine.fqdn} ({machine.id})" for machine in (first, second)),
        "interfaces": ", ".join(
            sorted(f"{interface.id} on {interface.network.name}" for interface in interfaces if interface.network)
        ),
        "narrow_token": sandbox.issue_token(scopes=("organizations:read",)),
        "root": sandbox.base_url.removesuffix("/core/v1"),
    }


@pytest.fixture(scope="module")
def prepared() -> Iterator[tuple[Sandbox, dict[str, str]]]:
    with listening(Sandbox(seed=1, task_duration=0)) as sandbox:
        yield sandbox, asyncio.run(prepare(sandbox))


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[pytest.mark.slow] if name in SLOW else []) for name in MISTAKES]
)
def test_mistake_has_the_message_of_its_row(
    name: str,
    prepared: tuple[Sandbox, dict[str, str]],
    command: Command,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    sandbox, names = prepared
    mistake = MISTAKES[name]
    monkeypatch.chdir(tmp_path)
    environment = {"KATAPULT_API_KEY": sandbox.token, "KATAPULT_API_URL": sandbox.base_url} | mistake.environment
    for variable, value in environment.items():
        if value:
            monkeypatch.setenv(variable, value.format_map(names))
    result = command(*shlex.split(mistake.line.format_map(names)), stdin=mistake.stdin)
    message = re.sub(r"request [0-9a-f-]{36}", "request ID", result.err.splitlines()[-1])
    assert (message, result.code, result.out) == (f"error: {mistake.message.format_map(names)}", mistake.code, "")
