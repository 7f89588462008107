"""Builds of virtual machines: their states, the machine that a specification asks for, and its errors."""

from typing import Any

import pytest

from katapult_async.sandbox import Sandbox
from katapult_async.sandbox.models import (
    DataCenter,
    Disk,
    DiskIOProfile,
    IPAddress,
    Network,
    Organization,
    Tag,
    VirtualMachine,
    VirtualMachineBuild,
    VirtualMachineGroup,
    VirtualNetwork,
)

from .plain_client import TASK_DURATION, ManualClock, PlainClient
from .samples import SPEC, addresses_of, interfaces_of

BUILD = "/organizations/organization/virtual_machines/build"


def owner(sandbox: Sandbox) -> Organization:
    return sandbox.store.organizations[0]


def public_network(sandbox: Sandbox) -> Network:
    center = sandbox.store.all(DataCenter)[0]
    return sandbox.store.all(Network, data_center_id=center.id, default=True)[0]


async def begin_build(send: PlainClient, sandbox: Sandbox, xml: str) -> Any:
    body = {"organization": {"id": owner(sandbox).id}, "xml": xml}
    return await send(f"{BUILD}_from_spec", method="POST", json=body)


def build_arguments(sandbox: Sandbox, **changes: Any) -> dict[str, Any]:
    """Return the smallest arguments of a build, with some of them changed or added."""
    return {
        "organization": {"id": owner(sandbox).id},
        "package": {"permalink": "small"},
        "data_center": {"permalink": "gb-london-1"},
        **changes,
    }


async def state_of(send: PlainClient, build_id: str) -> str:
    return str((await send(f"/virtual_machines/builds/{build_id}")).json["virtual_machine_build"]["state"])


async def test_build_is_pending_then_building_then_complete_and_its_machine_starts(
    send: PlainClient, sandbox: Sandbox, clock: ManualClock
) -> None:
    begun = await begin_build(send, sandbox, SPEC)
    assert begun.status == 201
    build_id = begun.json["virtual_machine_build"]["id"]
    assert begun.json["build"] == begun.json["virtual_machine_build"] == {"id": build_id, "state": "pending"}
    assert await state_of(send, build_id) == "pending"
    clock.now += TASK_DURATION / 2
    assert await state_of(send, build_id) == "building"
    clock.now += TASK_DURATION / 2
    built = (await send(f"/virtual_machines/builds/{build_id}")).json["virtual_machine_build"]
    assert (built["state"], built["spec_xml"]) == ("complete", SPEC)
    machine = built["virtual_machine"]
    assert (machine["hostname"], machine["state"]) == (begun.json["hostname"], "starting")
    assert machine["fqdn"] == f"{begun.json['hostname']}.{owner(sandbox).infrastructure_domain}"
    clock.now += TASK_DURATION
    assert (await send(f"/virtual_machines/{machine['id']}")).json["virtual_machine"]["state"] == "started"


async def test_machine_has_the_properties_in_its_specification(
    send: PlainClient, sandbox: Sandbox, clock: ManualClock
) -> None:
    network = public_network(sandbox)
    free = sandbox.store.all(IPAddress, organization_id=owner(sandbox).id, network_id=network.id, interface_id=None)[0]
    tag = sandbox.store.all(Tag, organization_id=owner(sandbox).id)[0]
    spec = f"""<VirtualMachineSpec>
      <Zone by="permalink">gb-london-1-b</Zone>
      <Resources><Package by="permalink">medium</Package></Resources>
      <DiskTemplate>
        <DiskTemplate by="permalink">templates/ubuntu-24-04</DiskTemplate><Version by="number">1</Version>
      </DiskTemplate>
      <SystemDisks>
        <Disk><Size>30</Size><Speed>ssd</Speed><IOProfile by="permalink">unrestricted</IOProfile></Disk>
        <Disk><Name>data</Name><Size>5</Size></Disk>
      </SystemDisks>
      <NetworkInterfaces><NetworkInterface>
        <Network>{network.id}</Network>
        <IPAddressAllocation type="existing"><IPAddress by="address">{free.address}</IPAddress></IPAddressAllocation>
        <IPAddressAllocation type="new"><Version>6</Version></IPAddressAllocation>
      </NetworkInterface></NetworkInterfaces>
      <Hostname><Hostname>Web-9</Hostname></Hostname><Name>Web 9</Name><Description>ninth</Description>
      <Tags><Tag>{tag.name}</Tag><Tag>unknown</Tag></Tags>
    </VirtualMachineSpec>"""
    await begin_build(send, sandbox, spec)
    clock.now += TASK_DURATION
    shown = await send("/virtual_machines/_", params={"virtual_machine[fqdn]": "web-9.larch.example"})
    machine = shown.json["virtual_machine"]
    assert [machine[name] for name in ("name", "description", "tag_names")] == ["Web 9", "ninth", [tag.name]]
    assert (machine["zone"]["permalink"], machine["package"]["permalink"]) == ("gb-london-1-b", "medium")
    disks = sandbox.store.all(Disk, virtual_machine_id=machine["id"])
    assert [(disk.name, disk.size_in_gb, disk.storage_speed) for disk in disks] == [
        ("System Disk", 30, "ssd"),
        ("data", 5, "nvme"),
    ]
    [unrestricted] = sandbox.store.all(DiskIOProfile, permalink="unrestricted")
    assert disks[0].io_profile_id == unrestricted.id
    assert [disk.installation is not None for disk in disks] == [True, False]
    [interface] = interfaces_of(sandbox.store, machine["id"])
    existing, new = addresses_of(sandbox.store, interface.id)
    assert (existing.id, new.subnet.version, interface.state) == (free.id, 6, "attached")


async def test_failed_build_creates_no_machine(send: PlainClient, sandbox: Sandbox, clock: ManualClock) -> None:
    before = sandbox.store.machines
    sandbox.fail_next_task()
    begun = await begin_build(send, sandbox, SPEC)
    clock.now += TASK_DURATION
    assert await state_of(send, begun.json["virtual_machine_build"]["id"]) == "failed"
    assert sandbox.store.machines == before


async def test_machine_is_stopped_when_its_first_start_fails(
    send: PlainClient, sandbox: Sandbox, clock: ManualClock
) -> None:
    begun = await begin_build(send, sandbox, SPEC)
    sandbox.fail_next_task()
    states = []
    for _ in range(2):
        clock.now += TASK_DURATION
        build = (await send(f"/virtual_machines/builds/{begun.json['build']['id']}")).json["virtual_machine_build"]
        states.append((build["state"], build["virtual_machine"]["state"]))
    assert states == [("complete", "starting"), ("complete", "stopped")]


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("</VirtualMachineSpec>", "", "no element found"),
        ("VirtualMachineSpec>", "Spec>", "Spec is not expected"),
        ("<Resources>", "<RocketFuel/><Resources>", "RocketFuel is not expected"),
        (">small<", ">tiny<", "Package does not name a virtual machine package: tiny"),
        *(
            (
                "<Resources>",
                f"<AuthorizedKeys><{tag}s><{tag}>none</{tag}></{tag}s></AuthorizedKeys><Resources>",
                problem,
            )
            for tag, problem in (
                ("SSHKey", "SSHKey does not name a ssh key: none"),
                ("User", "User does not name a user: none"),
            )
        ),
        ('<DataCenter by="permalink">gb-london-1</DataCenter>', "", "Either a data center or a zone must be provided"),
        (
            "<Resources>",
            """<DiskTemplate><DiskTemplate by="permalink">templates/ubuntu-24-04</DiskTemplate>
            <Version by="number">9</Version></DiskTemplate><Resources>""",
            "The disk template has no version 9",
        ),
        ("<Resources>", "<NetworkInterfaces><NetworkInterface/></NetworkInterfaces><Resources>", "needs a network"),
        ("<Resources>", "<SystemDisks><Disk><Size>big</Size></Disk></SystemDisks><Resources>", "Size must be a number"),
        (
            "<Resources>",
            "<SystemDisks><Disk><Size>5</Size><Speed>fast</Speed></Disk></SystemDisks><Resources>",
            "Speed must be one of nvme, ssd",
        ),
    ],
)
async def test_error_for_an_invalid_specification_names_the_problem(
    send: PlainClient, sandbox: Sandbox, old: str, new: str, problem: str
) -> None:
    refused = await begin_build(send, sandbox, SPEC.replace(old, new).strip())
    assert (refused.status, refused.code) == (400, "invalid_spec_xml")
    assert problem in refused.detail["errors"]
    assert sandbox.store.all(VirtualMachineBuild) == ()


async def test_specification_cannot_name_an_address_that_is_allocated(send: PlainClient, sandbox: Sandbox) -> None:
    network = public_network(sandbox)
    addresses = sandbox.store.all(IPAddress, network_id=network.id)
    taken = next(address for address in addresses if address.interface_id is not None)
    interface = f"""<NetworkInterfaces><NetworkInterface><Network>{network.id}</Network>
      <IPAddressAllocation type="existing"><IPAddress by="address">{taken.address}</IPAddress></IPAddressAllocation>
      </NetworkInterface></NetworkInterfaces><Resources>"""
    refused = await begin_build(send, sandbox, SPEC.replace("<Resources>", interface))
    assert (refused.status, refused.detail["errors"]) == (400, "IPAddress is not available on the network")


async def test_hostname_of_another_machine_or_build_is_taken(send: PlainClient, sandbox: Sandbox) -> None:
    taken = next(obj.hostname for obj in sandbox.store.machines if obj.organization_id == owner(sandbox).id)
    for hostname, status in ((taken, 422), ("new", 201), ("new", 422)):
        named = SPEC.replace("<Resources>", f"<Hostname><Hostname>{hostname}</Hostname></Hostname><Resources>")
        assert (await begin_build(send, sandbox, named)).status == status


async def test_hostname_of_a_failed_build_is_free(send: PlainClient, sandbox: Sandbox, clock: ManualClock) -> None:
    named = SPEC.replace("<Resources>", "<Hostname><Hostname>new</Hostname></Hostname><Resources>")
    sandbox.fail_next_task()
    for _ in range(2):
        assert (await begin_build(send, sandbox, named)).status == 201
        clock.now += TASK_DURATION


async def test_machine_does_not_take_the_hostname_of_a_build_that_has_not_ended(
    send: PlainClient, sandbox: Sandbox, clock: ManualClock
) -> None:
    named = SPEC.replace("<Resources>", "<Hostname><Hostname>new</Hostname></Hostname><Resources>")
    await begin_build(send, sandbox, named)
    machine = sandbox.store.all(VirtualMachine, owner(sandbox))[0]
    changes = {"properties": {"hostname": "new"}}
    refused = await send(f"/virtual_machines/{machine.id}", method="PATCH", json=changes)
    assert refused.detail == {"errors": ["Hostname has already been taken"]}
    clock.now += TASK_DURATION
    assert (await send("/tags/none")).status == 404  # tasks advance with any request: the build completes
    assert [obj.hostname for obj in sandbox.store.machines].count("new") == 1


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"data_center": None}, "location_required"),
        ({"disks": [{"size_in_gb": 5}]}, "one_system_disk_required"),
        ({"package": {"permalink": "tiny"}}, "package_not_found"),
        ({"disks": [{"system": True}]}, "missing_required_argument"),
        ({"disks": [{"system": True, "size_in_gb": 0}]}, "validation_error"),
    ],
)
async def test_build_from_arguments_has_documented_errors(
    send: PlainClient, sandbox: Sandbox, changes: dict[str, Any], code: str
) -> None:
    assert (await send(BUILD, method="POST", json=build_arguments(sandbox, **changes))).code == code


async def test_build_from_arguments_creates_its_disks_and_an_address_on_the_default_network(
    send: PlainClient, sandbox: Sandbox, clock: ManualClock
) -> None:
    system = {"size_in_gb": 20, "system": True, "io_profile": {"permalink": "unrestricted"}}
    body = build_arguments(sandbox, hostname="web-9", disks=[{"size_in_gb": 5, "name": "data"}, system])
    begun = await send(BUILD, method="POST", json=body)
    clock.now += TASK_DURATION
    build = (await send(f"/virtual_machines/builds/{begun.json['virtual_machine_build']['id']}")).json
    machine_id = build["virtual_machine_build"]["virtual_machine"]["id"]
    [interface] = interfaces_of(sandbox.store, machine_id)
    assert interface.network_id == public_network(sandbox).id
    assert [address.subnet.version for address in addresses_of(sandbox.store, interface.id)] == [4]
    disks = sandbox.store.all(Disk, virtual_machine_id=machine_id)
    profiles = [sandbox.store.get(disk.io_profile_id).permalink for disk in disks]
    assert ([disk.size_in_gb for disk in disks], profiles) == ([20, 5], ["unrestricted", "100k"])


async def test_disk_with_null_for_system_is_not_a_system_disk(
    send: PlainClient, sandbox: Sandbox, clock: ManualClock
) -> None:
    body = build_arguments(
        sandbox, hostname="web-9", disks=[{"size_in_gb": 5, "system": None}, {"size_in_gb": 20, "system": True}]
    )
    await send(BUILD, method="POST", json=body)
    clock.now += TASK_DURATION
    shown = await send("/virtual_machines/_/disks", params={"virtual_machine[fqdn]": "web-9.larch.example"})
    assert [row["disk"]["name"] for row in shown.json["disks"]] == ["System Disk", "Disk 2"]


@pytest.mark.parametrize("hostname", ["two words", "web.1", "-web", "w" * 64])
async def test_hostname_must_be_one_part_of_a_domain_name(send: PlainClient, sandbox: Sandbox, hostname: str) -> None:
    spec = SPEC.replace("<Resources>", f"<Hostname><Hostname>{hostname}</Hostname></Hostname><Resources>")
    refused = [
        await begin_build(send, sandbox, spec),
        await send(BUILD, method="POST", json=build_arguments(sandbox, hostname=hostname)),
    ]
    assert [response.detail for response in refused] == [{"errors": ["Hostname is invalid"]}] * 2


async def test_interface_on_a_virtual_network_gets_no_new_address(
    send: PlainClient, sandbox: Sandbox, clock: ManualClock
) -> None:
    [network] = sandbox.store.all(VirtualNetwork, organization_id=owner(sandbox).id)
    allocation = '<IPAddressAllocation type="new"><Version>4</Version></IPAddressAllocation>'
    interface = f"<NetworkInterface><VirtualNetwork>{network.id}</VirtualNetwork>{allocation}</NetworkInterface>"
    new = f"<NetworkInterfaces>{interface}</NetworkInterfaces><Resources>"
    begun = await begin_build(send, sandbox, SPEC.replace("<Resources>", new))
    clock.now += TASK_DURATION
    built = (await send(f"/virtual_machines/builds/{begun.json['build']['id']}")).json["virtual_machine_build"]
    [shown] = interfaces_of(sandbox.store, built["virtual_machine"]["id"])
    assert (shown.virtual_network_id, addresses_of(sandbox.store, shown.id)) == (network.id, ())


@pytest.mark.parametrize("model", [Tag, VirtualMachineGroup, VirtualNetwork])
async def test_build_fails_if_an_object_of_its_specification_is_removed(
    send: PlainClient, sandbox: Sandbox, clock: ManualClock, model: type[Tag | VirtualMachineGroup | VirtualNetwork]
) -> None:
    used: dict[type, Any] = {
        kind: sandbox.store.all(kind, organization_id=owner(sandbox).id)[0]
        for kind in (Tag, VirtualMachineGroup, VirtualNetwork)
    }
    tag, group, network = used.values()
    interface = f"<NetworkInterface><VirtualNetwork>{network.id}</VirtualNetwork></NetworkInterface>"
    new = (
        f"<NetworkInterfaces>{interface}</NetworkInterfaces><Group>{group.id}</Group><Tags><Tag>{tag.name}</Tag></Tags>"
    )
    begun = await begin_build(send, sandbox, SPEC.replace("<Resources>", f"{new}<Resources>"))
    sandbox.store.remove(used[model])
    clock.now += TASK_DURATION
    assert await state_of(send, begun.json["build"]["id"]) == "failed"
    assert sandbox.store.find(VirtualMachine, f"{begun.json['hostname']}.larch.example", by="fqdn") is None


async def test_network_of_another_data_center_is_refused(send: PlainClient, sandbox: Sandbox) -> None:
    own = public_network(sandbox)
    other = next(obj for obj in sandbox.store.all(Network) if obj.default and obj.data_center_id != own.data_center_id)
    interface = f"<NetworkInterface><Network>{other.id}</Network></NetworkInterface>"
    spec = SPEC.replace("<Resources>", f"<NetworkInterfaces>{interface}</NetworkInterfaces><Resources>")
    refused = [
        await begin_build(send, sandbox, spec),
        await send(BUILD, method="POST", json=build_arguments(sandbox, network={"id": other.id})),
    ]
    text = "The network and the virtual machine are in different data centers"
    assert [response.detail for response in refused] == [{"errors": [text]}] * 2


async def test_console_session_needs_a_started_machine(send: PlainClient, sandbox: Sandbox) -> None:
    started, stopped = (
        next(obj for obj in sandbox.store.machines if obj.state == state) for state in ("started", "stopped")
    )
    session = (await send(f"/virtual_machines/{started.id}/console_sessions", method="POST")).json["console_session"]
    assert session["virtual_machine"]["id"] == started.id
    refused = await send(f"/virtual_machines/{stopped.id}/console_sessions", method="POST")
    assert (refused.status, refused.code) == (406, "virtual_machine_must_be_started")
    assert refused.detail == {"current_state": "stopped"}
