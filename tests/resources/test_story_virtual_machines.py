"""Stories of virtual machines and their disks, against the sandbox over real sockets."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from katapult_async import (
    FQDN,
    KatapultClient,
    NewDisk,
    NewNetworkInterface,
    NotAcceptableError,
    NotFoundError,
    ObjectID,
    Permalink,
    SubDomain,
    TaskFailedError,
    UsageError,
    VirtualMachine,
    VirtualMachineSpec,
)
from katapult_async.sandbox import Sandbox

pytestmark = pytest.mark.usefixtures("short_wait_steps")

LARCH, LONDON, SMALL = SubDomain("larch"), Permalink("gb-london-1"), Permalink("small")
PUBLIC = Permalink("gb-london-1/public-0")


@pytest.fixture
async def sandbox(request: pytest.FixtureRequest) -> AsyncIterator[Sandbox]:
    """A sandbox whose tasks take no time, or the seconds that the test gives as the parameter of this fixture."""
    async with Sandbox(machines=6, interfaces=10, task_duration=getattr(request, "param", 0.0)) as running:
        yield running


@pytest.fixture
async def katapult(sandbox: Sandbox) -> AsyncIterator[KatapultClient]:
    async with KatapultClient(sandbox.token, base_url=sandbox.base_url) as opened:
        yield opened


async def build(katapult: KatapultClient, hostname: str = "web-9") -> VirtualMachine:
    return await katapult.virtual_machines.build(
        organization=LARCH,
        data_center=LONDON,
        package=SMALL,
        disk_template=Permalink("templates/ubuntu-24-04"),
        networks=[PUBLIC],
        hostname=hostname,
    )


@pytest.mark.parametrize("sandbox", [0.2], indirect=True)
async def test_machine_is_built_and_started(katapult: KatapultClient) -> None:
    keys = await katapult.ssh_keys.list(organization=LARCH)
    tag, *_ = await katapult.tags.list(organization=LARCH)
    free = await katapult.ip_addresses.create(organization=LARCH, network=PUBLIC, version="ipv4")
    built = await katapult.virtual_machines.build(
        organization=LARCH,
        data_center=LONDON,
        package=SMALL,
        disk_template=Permalink("templates/ubuntu-24-04"),
        disk_template_options={"root_password": "hunter2"},
        disks=[NewDisk(size_in_gb=5, name="data"), NewDisk(size_in_gb=30, system=True)],
        interfaces=[NewNetworkInterface(network=PUBLIC, ip_addresses=[free.ip], new_ip_addresses=["ipv6"])],
        hostname="web-9",
        name="Web 9",
        ssh_keys=[key.id for key in keys],
        tag_names=[tag.name or ""],
    )
    assert (built.name, built.fqdn, built.state, built.tag_names) == (
        "Web 9",
        "web-9.larch.example",
        "started",
        (tag.name,),
    )
    existing, _ = built.ip_addresses
    assert existing.address == free.address
    disks = await katapult.disks.list_of_virtual_machine(built.id)
    assert [(assignment.disk.size_in_gb, assignment.boot) for assignment in disks] == [(30, True), (5, False)]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("tag_names", "web"),
        ("networks", "netw_1"),
        ("ssh_keys", "sshkey_1"),
        ("users", {"user_1": True}),
        ("disks", NewDisk(size_in_gb=5)),
        ("interfaces", None),
    ],
)
async def test_argument_of_build_that_is_not_a_list_raises_usage_error_before_anything_is_sent(
    katapult: KatapultClient, sandbox: Sandbox, name: str, value: Any
) -> None:
    with pytest.raises(UsageError, match=rf"^{name} must be a list, not "):
        await katapult.virtual_machines.build(organization=LARCH, data_center=LONDON, package=SMALL, **{name: value})
    assert len(sandbox.request_log) == 0


async def test_failed_build_raises_task_failed_error_and_leaves_no_machine(
    katapult: KatapultClient, sandbox: Sandbox
) -> None:
    sandbox.fail_next_task()
    with pytest.raises(TaskFailedError, match=r"^build vmbuild_\w+: its last status was 'failed'"):
        await build(katapult)
    with pytest.raises(NotFoundError):
        await katapult.virtual_machines.get(FQDN("web-9.larch.example"))


async def test_build_can_be_created_first_and_waited_for_later(katapult: KatapultClient) -> None:
    spec = VirtualMachineSpec(package=SMALL, data_center=LONDON, hostname="web-9")
    builds = katapult.virtual_machine_builds
    begun = await builds.create_from_spec(organization=LARCH, xml=spec.xml)
    assert (begun.state, begun.hostname, begun.virtual_machine) == ("pending", "web-9", None)
    complete = await builds.wait(begun.id)
    assert complete.virtual_machine is not None
    assert (complete.virtual_machine.hostname, complete.spec_xml) == ("web-9", spec.xml)
    simple = await builds.create(organization=LARCH, package=SMALL, zone=Permalink("gb-london-1-a"), hostname="web-10")
    assert (await builds.wait(simple.id)).state == "complete"


@pytest.mark.parametrize("sandbox", [0.1], indirect=True)
async def test_machine_has_the_wanted_state_after_the_wait_for_a_power_action(katapult: KatapultClient) -> None:
    machines = katapult.virtual_machines
    machine = await build(katapult)
    for action, state in (
        (machines.stop, "stopped"),
        (machines.start, "started"),
        (machines.reset, "started"),
        (machines.shutdown, "stopped"),
    ):
        task = await action(machine.id, wait=True)
        assert (task.status, task.progress) == ("completed", 100)
        assert (await machines.get(machine.id)).state == state
    started = await machines.start(machine.id)
    assert started.status == "pending"
    assert (await machines.wait(machine.id, state="started")).state == "started"
    session = await machines.create_console_session(machine.id)
    assert session.virtual_machine is not None
    assert session.virtual_machine.id == machine.id


async def test_token_of_a_machine_reads_its_authorized_keys(katapult: KatapultClient, sandbox: Sandbox) -> None:
    machine = await build(katapult)
    with pytest.raises(NotFoundError, match="no_virtual_machine_for_api_token"):
        await katapult.virtual_machines.authorized_keys()
    scopes = ["virtual_machines:authorized_keys"]
    token = sandbox.issue_token(scopes=scopes, virtual_machine_id=machine.id)
    async with KatapultClient(token, base_url=sandbox.base_url) as of_machine:
        keys = await of_machine.virtual_machines.authorized_keys()
    assert keys.startswith("ssh-ed25519 ")
    assert keys.count("\n") == len(await katapult.ssh_keys.list(organization=LARCH))


async def test_machine_is_trashed_restored_and_purged(katapult: KatapultClient) -> None:
    machines = katapult.virtual_machines
    machine = await build(katapult)
    trashed = await machines.trash(machine.id)
    assert trashed is not None
    assert (trashed.object_id, trashed.object_type) == (machine.id, "VirtualMachine")
    assert await machines.trash(FQDN("web-9.larch.example")) == trashed
    with pytest.raises(NotAcceptableError) as refused:
        await machines.start(machine.id)
    assert refused.value.trash_object_id == trashed.id
    assert str(refused.value).startswith(f"virtual machine {machine.id} is in the trash (406")
    assert str(refused.value).endswith(f"; trash_objects.restore('{trashed.id}') brings it back")
    await katapult.trash_objects.restore(ObjectID(machine.id))
    assert (await machines.get(machine.id)).id == machine.id

    assert await machines.trash(machine.id) is not None
    task = await machines.purge(machine.id, wait=True)
    assert task is not None
    assert task.status == "completed"
    with pytest.raises(NotFoundError):
        await machines.get(machine.id)
    assert await machines.purge(machine.id) is None
    assert await machines.trash(machine.id) is None


async def test_disk_is_built_attached_resized_and_purged(katapult: KatapultClient) -> None:
    disks, machine = katapult.disks, await build(katapult)
    created = await disks.create(
        organization=LARCH, name="data", size_in_gb=20, data_center=LONDON, virtual_machine=machine.id, wait=True
    )
    assert (created.disk.state, created.task.status) == ("built", "completed")
    disk_id = created.disk.id
    attached = (await disks.attach(disk_id, wait=True)).disk.virtual_machine_disk
    assert attached is not None
    assert attached.state == "attached"
    assert (await disks.resize(disk_id, size_in_gb=40, wait=True)).disk.size_in_gb == 40
    changed = await disks.change_io_profile(disk_id, io_profile=Permalink("unrestricted"), wait=True)
    assert changed.disk.io_profile is not None
    assert changed.disk.io_profile.permalink == "unrestricted"
    await disks.detach(disk_id, wait=True)
    trashed = await disks.trash(disk_id)
    assert trashed is not None
    assert await disks.trash(disk_id) == trashed
    assert await disks.purge(disk_id, wait=True) is not None
    assert await disks.purge(disk_id) is None


async def test_methods_that_change_a_machine_can_wait_for_the_task(katapult: KatapultClient) -> None:
    machines, machine = katapult.virtual_machines, await build(katapult)
    await machines.change_package(machine.id, package=Permalink("large"), wait=True)
    assert (await machines.get(machine.id)).cpu_cores == 4
    await machines.change_resources(machine.id, cpu_cores=3, memory_in_gb=5, wait=True)
    assert (await machines.get(machine.id)).memory_in_gb == 5
    nics = katapult.virtual_machine_network_interfaces
    [interface] = await nics.list(virtual_machine=machine.id)
    detached = await nics.detach(interface.id, wait=True)
    assert (detached.virtual_machine_network_interface.state, detached.task.status) == ("detached", "completed")
    await nics.update_speed_profile(interface.id, speed_profile=Permalink("100mbps"), wait=True)
    attached = await nics.attach(interface.id, wait=True)
    assert attached.virtual_machine_network_interface.speed_profile is not None
    assert attached.virtual_machine_network_interface.speed_profile.permalink == "100mbps"


async def test_file_storage_volume_is_trashed_and_purged(katapult: KatapultClient) -> None:
    volumes = katapult.file_storage_volumes
    volume = await volumes.create(organization=LARCH, data_center=LONDON, name="data")
    await volumes.wait(volume.id)
    trashed = await volumes.trash(volume.id)
    assert trashed is not None
    assert await volumes.trash(volume.id) == trashed
    assert await volumes.purge(volume.id, wait=True) is not None
    assert await volumes.purge(volume.id) is None


async def test_everything_in_the_trash_is_purged_in_one_call(katapult: KatapultClient) -> None:
    trash = katapult.trash_objects
    for hostname in ("web-9", "web-10"):
        await katapult.virtual_machines.trash((await build(katapult, hostname)).id)
    first, _ = await trash.list(organization=LARCH)
    assert (await trash.purge(first.id, wait=True)) is not None
    assert (await trash.purge_all(organization=LARCH, wait=True)).status == "completed"
    assert await trash.list(organization=LARCH) == []


async def test_lost_response_of_trash_or_purge_is_not_an_error(katapult: KatapultClient, sandbox: Sandbox) -> None:
    machine = await build(katapult)
    sandbox.lose_next(matching="DELETE /core/v1/virtual_machines/")
    trashed = await katapult.virtual_machines.trash(machine.id)
    assert trashed is not None
    sandbox.lose_next(matching="DELETE /core/v1/trash_objects/")
    await katapult.virtual_machines.purge(machine.id, wait=True)
    assert await katapult.virtual_machines.purge(machine.id) is None
