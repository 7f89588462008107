"""Object storage and file storage: the errors of their operations, and the effects of their tasks."""

from typing import Any

import pytest

from katapult_async.sandbox import Sandbox
from katapult_async.sandbox.models import (
    FileStorageVolume,
    ObjectStorageAccessKey,
    ObjectStorageAccount,
    ObjectStorageBucket,
    VirtualMachine,
)

from .plain_client import TASK_DURATION, ManualClock, PlainClient
from .samples import ACCOUNT, BUCKET, KEY, new_empty_bucket

LONDON = {"object_storage_cluster": {"region": "uk-lon-1"}}
AMSTERDAM = {"object_storage_cluster": {"region": "nl-ams-1"}}


def owner(sandbox: Sandbox) -> dict[str, Any]:
    return {"organization": {"id": sandbox.store.organizations[0].id}}


async def test_object_storage_needs_an_account_that_is_provisioned(
    send: PlainClient, sandbox: Sandbox, clock: ManualClock
) -> None:
    body = {**owner(sandbox), **AMSTERDAM, "properties": {"name": "new"}}
    writes = [("POST", f"{ACCOUNT}/buckets"), ("POST", f"{ACCOUNT}/access_keys"), ("DELETE", ACCOUNT)]
    for code in ("object_storage_account_not_found", "object_storage_account_not_provisioned"):
        refused = [await send(path, method=method, json=body) for method, path in writes]
        assert [response.code for response in refused] == [code] * 3
        await send(ACCOUNT, method="POST", json=body)
    clock.now += TASK_DURATION
    allowed = [await send(path, method=method, json=body) for method, path in writes]
    assert [response.status for response in allowed] == [201, 201, 200]
    refused = [await send(path, method=method, json=body) for method, path in [*writes, ("POST", ACCOUNT)]]
    assert [response.code for response in refused] == ["object_in_trash"] * 4


async def test_store_names_the_state_of_an_account_as_responses_do(
    send: PlainClient, sandbox: Sandbox, clock: ManualClock
) -> None:
    """A test can set it, for example to that of a failed account."""
    await send(ACCOUNT, method="POST", json={**owner(sandbox), **AMSTERDAM})
    clock.now += TASK_DURATION
    await send(ACCOUNT)
    account = sandbox.store.all(ObjectStorageAccount)[-1]
    assert account.provisioning_state == "provisioned"
    sandbox.store.change(account, provisioning_state="failed")
    query = {"organization[id]": account.organization_id, "object_storage_cluster[region]": "nl-ams-1"}
    shown = (await send(ACCOUNT, params=query)).json["object_storage_account"]
    assert shown["provisioning_state"] == "failed"


async def test_account_in_the_trash_hides_its_parts_and_a_purge_removes_them(
    send: PlainClient, sandbox: Sandbox, clock: ManualClock
) -> None:
    body = {**owner(sandbox), **LONDON}
    bucket, key = sandbox.store.all(ObjectStorageBucket)[0], sandbox.store.all(ObjectStorageAccessKey)[0]
    entry = (await send(ACCOUNT, method="DELETE", json=body)).json["trash_object"]
    assert entry.keys() == {"id", "keep_until", "object_type"}
    query = {"object_storage_cluster[region]": "uk-lon-1", "bucket[name]": bucket.name}
    assert (await send(BUCKET, params=query)).code == "object_in_trash"
    assert (await send(KEY, params={"access_key[id]": key.id})).code == "object_storage_access_key_not_found"
    await send(f"/trash_objects/{entry['id']}", method="DELETE")
    clock.now += TASK_DURATION
    assert (await send(BUCKET, params=query)).code == "object_storage_bucket_not_found"
    assert len(sandbox.store.with_trash(ObjectStorageAccount)) == len(sandbox.store.organizations) - 1
    assert (await send(ACCOUNT, method="POST", json=body)).status == 201


@pytest.mark.parametrize(
    ("properties", "problem"),
    [
        ({"name": ""}, "Name can't be blank"),
        ({"name": "Photos"}, "Name can only include lowercase letters, numbers and hyphens"),
        ({"name": "bücher"}, "Name can only include lowercase letters, numbers and hyphens"),
        ({"name": "larch-files"}, "Name has already been taken"),
        ({"name": "x", "access_control_list": {"public_list": True}}, "Public list requires public read"),
        ({"name": "x", "static_site_index": "index.html"}, "Static site pages require public read"),
        (
            {"name": "x", "access_control_list": {"read_key_ids": ["objkey_none"]}},
            "Access control list names an access key that does not exist",
        ),
    ],
)
async def test_bucket_with_invalid_values_is_refused(
    send: PlainClient, sandbox: Sandbox, properties: dict[str, Any], problem: str
) -> None:
    response = await send(
        f"{ACCOUNT}/buckets", method="POST", json={**owner(sandbox), **LONDON, "properties": properties}
    )
    assert (response.code, response.detail) == ("validation_error", {"errors": [problem]})


async def test_null_leaves_the_access_control_list_of_a_bucket_as_it_is(send: PlainClient, sandbox: Sandbox) -> None:
    bucket = sandbox.store.all(ObjectStorageBucket)[0]
    body = {"properties": {"access_control_list": None, "serve_static_site": None, "label": "Files"}}
    response = await send(f"/object_storage/uk-lon-1/buckets/{bucket.name}", method="PATCH", json=body)
    changed = sandbox.store.find(ObjectStorageBucket, bucket.name, by="name")
    assert (response.status, changed) == (200, bucket.changed(label="Files", state="pending"))


async def test_bucket_can_be_changed_after_an_access_key_that_it_names_is_deleted(
    send: PlainClient, sandbox: Sandbox
) -> None:
    bucket = sandbox.store.all(ObjectStorageBucket)[0]
    [key_id] = bucket.access_control_list.read_key_ids
    assert (await send(f"/object_storage/access_keys/{key_id}", method="DELETE")).status == 200
    path = f"/object_storage/uk-lon-1/buckets/{bucket.name}"
    assert (await send(path, method="PATCH", json={"properties": {"label": "Files"}})).status == 200
    refused = await send(path, method="PATCH", json={"properties": {"access_control_list": {"read_key_ids": [key_id]}}})
    assert refused.code == "validation_error"


async def test_bucket_is_found_only_in_its_region(send: PlainClient, sandbox: Sandbox) -> None:
    name = new_empty_bucket(sandbox.store).name
    for region, code in (("nl-ams-1", "object_storage_bucket_not_found"), ("mars", "object_storage_cluster_not_found")):
        response = await send(BUCKET, params={"object_storage_cluster[region]": region, "bucket[name]": name})
        assert response.code == code
    assert (await send(f"/object_storage/uk-lon-1/buckets/{name}")).status == 200


async def test_credentials_need_a_provisioned_key_and_are_shown_once(
    send: PlainClient, sandbox: Sandbox, clock: ManualClock
) -> None:
    body = {**owner(sandbox), **LONDON, "properties": {"name": "app"}}
    key = (await send(f"{ACCOUNT}/access_keys", method="POST", json=body)).json["object_storage_access_key"]
    path, renamed = f"/object_storage/access_keys/{key['id']}", {"properties": {"name": "other"}}
    refused = [
        await send(f"{path}/generate_credentials", method="POST"),
        await send(path, method="PATCH", json=renamed),
    ]
    assert [(response.status, response.code) for response in refused] == [
        (422, "object_storage_provisioning_error")
    ] * 2
    clock.now += TASK_DURATION
    pairs = []
    for _ in range(2):
        created = (await send(f"{path}/generate_credentials", method="POST")).json["object_storage_access_key"]
        shown = (await send(path)).json["object_storage_access_key"]
        assert (shown["s3_access_key_id"], shown["s3_secret_access_key"]) == (created["s3_access_key_id"], None)
        pairs.append((created["s3_access_key_id"], created["s3_secret_access_key"]))
    assert len(set(pairs)) == 2
    blank = await send(path, method="PATCH", json={"properties": {"name": " "}})
    assert blank.detail == {"errors": ["Name can't be blank"]}
    assert (await send(path, method="PATCH", json={"properties": {}})).code == "missing_required_argument"


async def test_volume_is_configured_before_it_is_ready(send: PlainClient, sandbox: Sandbox, clock: ManualClock) -> None:
    seeded = sandbox.store.all(FileStorageVolume)[0]
    new = {"name": "new", "data_center": {"id": seeded.data_center_id}}
    path = "/organizations/organization/file_storage_volumes"
    created = await send(path, method="POST", json={**owner(sandbox), "properties": new})
    states = [created.json["file_storage_volume"]["state"]]
    for seconds in (TASK_DURATION / 5, TASK_DURATION):
        clock.now += seconds
        shown = (await send(f"/file_storage_volumes/{created.json['file_storage_volume']['id']}")).json
        states.append(shown["file_storage_volume"]["state"])
    assert states == ["pending", "configuring", "ready"]


async def test_volume_with_invalid_values_is_refused(send: PlainClient, sandbox: Sandbox) -> None:
    seeded = sandbox.store.all(FileStorageVolume)[0]
    foreign = next(obj for obj in sandbox.store.all(VirtualMachine) if obj.organization_id != seeded.organization_id)
    center = {"data_center": {"id": seeded.data_center_id}}
    cases: list[tuple[dict[str, Any], str]] = [
        ({"name": " ", **center}, "Name can't be blank"),
        ({"name": seeded.name, **center}, "Name has already been taken"),
        ({"name": "x"}, "Data center can't be blank"),
        ({"name": "x", **center, "associations": [foreign.id]}, "Associations must be virtual machines"),
    ]
    for properties, problem in cases:
        body = {**owner(sandbox), "properties": properties}
        response = await send("/organizations/organization/file_storage_volumes", method="POST", json=body)
        assert response.detail["errors"][0].startswith(problem)
    body = owner(sandbox)
    missing = await send("/organizations/organization/file_storage_volumes", method="POST", json=body)
    assert missing.code == "missing_required_argument"


async def test_name_of_a_volume_in_the_trash_is_taken(send: PlainClient, sandbox: Sandbox) -> None:
    volume = sandbox.store.all(FileStorageVolume)[0]
    assert (await send(f"/file_storage_volumes/{volume.id}", method="DELETE")).status == 200
    body = {
        "organization": {"id": volume.organization_id},
        "properties": {"name": volume.name, "data_center": {"id": volume.data_center_id}},
    }
    response = await send("/organizations/organization/file_storage_volumes", method="POST", json=body)
    assert response.detail == {"errors": ["Name has already been taken"]}


async def test_null_removes_all_machines_from_a_volume(send: PlainClient, sandbox: Sandbox) -> None:
    volume = next(obj for obj in sandbox.store.all(FileStorageVolume) if obj.associations)
    response = await send(
        f"/file_storage_volumes/{volume.id}", method="PATCH", json={"properties": {"associations": None}}
    )
    assert response.json["file_storage_volume"]["associations"] == []
