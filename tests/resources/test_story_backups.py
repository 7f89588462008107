"""Stories of disk backup policies, against the sandbox over real sockets."""

import datetime
from typing import Any

import pytest

from katapult_async import (
    BadRequestError,
    KatapultClient,
    NotAcceptableError,
    NotFoundError,
    ObjectID,
    UnprocessableError,
    UsageError,
)
from katapult_async.sandbox import Sandbox
from katapult_async.sandbox.models import Disk, DiskBackupPolicy
from tests.openapi.library import METHODS, request_of

pytestmark = pytest.mark.usefixtures("short_wait_steps")


def assigned_disk(sandbox: Sandbox) -> tuple[str, str]:
    """Return the ids of a disk and its virtual machine that have no backup policy."""
    targets = {policy.target_id for policy in sandbox.store.all(DiskBackupPolicy)}
    return next(
        (disk.id, disk.virtual_machine_id)
        for disk in sandbox.store.all(Disk)
        if disk.virtual_machine_id is not None and targets.isdisjoint({disk.id, disk.virtual_machine_id})
    )


async def test_backup_policies_of_a_disk_and_its_virtual_machine_are_created_changed_and_deleted(
    sandbox: Sandbox, client: KatapultClient
) -> None:
    policies = client.disk_backup_policies
    disk, machine = assigned_disk(sandbox)
    # Create a policy for a disk, and one for its virtual machine.
    of_disk = await policies.create_for_disk(disk, retention=3, interval="hourly", frequency=6, minute=15)
    assert of_disk.target is not None
    assert of_disk.target.value is not None
    assert (of_disk.target.type, of_disk.target.value.id, of_disk.retention) == ("Disk", disk, 3)
    assert of_disk.schedule is not None
    assert (of_disk.schedule.interval, of_disk.schedule.frequency, of_disk.schedule.minute) == ("hourly", 6, 15)
    of_machine = await policies.create_for_virtual_machine(machine)
    assert [policy.id for policy in await policies.list_of_disk(disk)] == [of_disk.id]
    assert [policy.id for policy in await policies.list_of_virtual_machine(machine)] == [of_machine.id]
    both = await policies.list_of_virtual_machine(machine, include_disks=True)
    assert [policy.id for policy in both] == [of_machine.id, of_disk.id]

    # Change the policy of the disk.
    assert (await policies.update(of_disk.id, retention=5)).retention == 5
    await policies.update(of_disk.id, interval="weekly", time=4)
    changed = await policies.get(of_disk.id)
    assert changed.schedule is not None
    assert (changed.retention, changed.schedule.interval, changed.schedule.frequency) == (5, "weekly", 6)
    with pytest.raises(UnprocessableError):
        await policies.update(of_disk.id, retention=0)
    with pytest.raises(UsageError, match=r"there is nothing to change$"):
        await policies.update(of_disk.id)

    # Delete and restore it.
    await policies.delete(of_disk.id)
    with pytest.raises(NotAcceptableError):
        await policies.get(of_disk.id)
    await client.trash_objects.restore(ObjectID(of_disk.id))
    assert (await policies.get(of_disk.id)).id == of_disk.id
    organization = sandbox.store.get(disk).organization_id
    assert {of_disk.id, of_machine.id} <= {policy.id async for policy in policies.list(organization=organization)}


async def test_purge_of_a_virtual_machine_removes_its_policies(sandbox: Sandbox, client: KatapultClient) -> None:
    _, machine = assigned_disk(sandbox)
    policy = await client.disk_backup_policies.create_for_virtual_machine(machine)
    await client.virtual_machines.delete(machine)
    with pytest.raises(NotAcceptableError):
        await client.disk_backup_policies.list_of_virtual_machine(machine)
    task = await client.trash_objects.purge(ObjectID(machine))
    assert task is not None
    await client.tasks.wait(task.id, timeout=10.0)
    with pytest.raises(NotFoundError):
        await client.disk_backup_policies.get(policy.id)


async def test_policy_is_put_into_the_trash_at_the_scheduled_time(sandbox: Sandbox, client: KatapultClient) -> None:
    policies = client.disk_backup_policies
    policy = sandbox.store.all(DiskBackupPolicy)[0]
    await policies.get(policy.id)
    now = datetime.datetime.fromtimestamp(int(sandbox.store.now), tz=datetime.UTC)
    with pytest.raises(BadRequestError) as refused:
        await policies.schedule_deletion(policy.id, timestamp=now + datetime.timedelta(minutes=4))  # 5 are needed
    assert refused.value.code == "invalid_timestamp"
    later = now + datetime.timedelta(hours=1)
    scheduled = await policies.schedule_deletion(policy.id, timestamp=later)
    assert scheduled.auto_move_to_trash_at == later
    assert (await policies.get(policy.id)).auto_move_to_trash_at == later
    sandbox.store.advance(later.timestamp())
    assert sandbox.store.trash_entry(policy) is not None


async def test_time_without_a_time_zone_is_not_sent(sandbox: Sandbox, client: KatapultClient) -> None:
    naive = datetime.datetime(2026, 12, 1)  # noqa: DTZ001 # the mistake
    with pytest.raises(UsageError, match=r"^timestamp must be a datetime with a time zone, not "):
        await client.disk_backup_policies.schedule_deletion("dbp_1", timestamp=naive)
    assert sandbox.requests == 0


@pytest.mark.parametrize(
    ("values", "sent"),
    [
        ({}, {}),
        ({"retention": 3}, {"retention": 3}),
        ({"interval": "daily"}, {"schedule": {"interval": "daily"}}),
    ],
)
def test_schedule_without_values_is_not_sent(values: dict[str, Any], sent: dict[str, Any]) -> None:
    method = METHODS["POST /disks/disk/disk_backup_policies"]
    request = request_of(method, {"disk": "disk_1", **values})
    assert request.body == {"disk": {"id": "disk_1"}, "properties": sent}
