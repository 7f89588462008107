"""Disk backup policies: their schedules and the errors."""

from typing import Any

import pytest

from katapult_async.sandbox import Sandbox
from katapult_async.sandbox.models import DiskBackupPolicy

from .plain_client import ManualClock, PlainClient


@pytest.mark.parametrize(
    ("properties", "problems"),
    [
        *(({"retention": number}, ["Retention must be greater than 0"]) for number in (0, -1)),
        (
            {"schedule": {"frequency": 0, "minute": 60, "time": 24}},
            [
                "Schedule frequency must be greater than 0",
                "Schedule minute must be 0 to 59",
                "Schedule time must be 0 to 23",
            ],
        ),
    ],
)
async def test_error_for_invalid_properties_has_one_sentence_for_each_problem(
    send: PlainClient, sandbox: Sandbox, properties: dict[str, Any], problems: list[str]
) -> None:
    policy = sandbox.store.all(DiskBackupPolicy)[0]
    response = await send(f"/disk_backup_policies/{policy.id}", method="PATCH", json={"properties": properties})
    assert (response.status, response.code, response.detail) == (422, "validation_error", {"errors": problems})
    assert sandbox.store.get(policy.id) == policy


@pytest.mark.parametrize(
    ("timestamp", "code"),
    [("4000000000", "invalid_argument"), (None, "missing_required_argument"), (1, "invalid_timestamp")],
)
async def test_time_of_deletion_is_a_number_in_the_future(
    send: PlainClient, sandbox: Sandbox, timestamp: object, code: str
) -> None:
    policy = sandbox.store.all(DiskBackupPolicy)[0]
    response = await send(f"/disk_backup_policies/{policy.id}/schedule", method="DELETE", json={"timestamp": timestamp})
    assert (response.status, response.code) == (400, code)


async def test_organization_lists_the_policies_of_all_its_targets(send: PlainClient, sandbox: Sandbox) -> None:
    owner = sandbox.store.organizations[0]
    policies = sandbox.store.all(DiskBackupPolicy, owner)
    response = await send(f"/organizations/{owner.id}/disk_backup_policies")
    assert [row["id"] for row in response.json["disk_backup_policies"]] == [policy.id for policy in policies]
    assert len({policy.target_id for policy in policies}) > 1


async def test_time_of_the_next_backup_follows_from_the_schedule(send: PlainClient, sandbox: Sandbox) -> None:
    policy = sandbox.store.all(DiskBackupPolicy)[0]
    schedule = {"interval": "hourly", "frequency": 6}
    await send(f"/disk_backup_policies/{policy.id}", method="PATCH", json={"properties": {"schedule": schedule}})
    shown = (await send(f"/disk_backup_policies/{policy.id}")).json["disk_backup_policy"]["schedule"]
    assert shown["next_invocation_at"] == int(sandbox.store.now) + 6 * 3600


async def test_policy_is_in_the_trash_from_the_scheduled_time(
    send: PlainClient, sandbox: Sandbox, clock: ManualClock
) -> None:
    path, at = f"/disk_backup_policies/{sandbox.store.all(DiskBackupPolicy)[0].id}", int(clock.now) + 600
    await send(f"{path}/schedule", method="DELETE", json={"timestamp": at})
    clock.now = at - 1
    assert (await send(path)).status == 200
    clock.now = at + 3600
    refused = await send(path)
    assert (refused.code, refused.detail["trash_object"]["keep_until"]) == ("object_in_trash", at + 48 * 3600)
