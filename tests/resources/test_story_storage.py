"""Stories of object storage and file storage, against the sandbox over real sockets."""

import pytest

from katapult_async import (
    KatapultClient,
    NotAcceptableError,
    NotFoundError,
    ObjectID,
    PermissionDeniedError,
    RetryPolicy,
    SubDomain,
    TaskFailedError,
    TaskTimeoutError,
    UnprocessableError,
    UsageError,
    to_dict,
)
from katapult_async.sandbox import Sandbox
from katapult_async.sandbox.models import ObjectStorageBucket

pytestmark = pytest.mark.usefixtures("short_wait_steps")

LARCH = SubDomain("larch")


async def test_object_storage_is_enabled_used_and_disabled(client: KatapultClient) -> None:
    accounts, buckets = client.object_storage_accounts, client.object_storage_buckets
    keys = client.object_storage_access_keys
    # Enable object storage in a region.
    with pytest.raises(NotFoundError, match="Object storage account not found"):
        await accounts.get(organization=LARCH, region="nl-ams-1")
    created = await accounts.create(organization=LARCH, region="nl-ams-1")
    assert created.provisioning_state == "provisioning"
    with pytest.raises(UnprocessableError):
        await accounts.create(organization=LARCH, region="nl-ams-1")
    account = await accounts.wait(organization=LARCH, region="nl-ams-1", timeout=10.0)
    assert (account.region, account.provisioning_state, account.bucket_count) == ("nl-ams-1", "provisioned", 0)

    # Create an access key with credentials.
    key = await keys.create(organization=LARCH, region="nl-ams-1", name="app", all_buckets_read=True)
    assert (key.server_url, key.s3_access_key_id, key.s3_secret_access_key) == (None, None, None)
    credentials = await keys.wait_for_credentials(key.id, timeout=10.0)
    assert credentials.s3_access_key_id
    assert credentials.s3_secret_access_key
    assert credentials.s3_secret_access_key not in f"{credentials!r}{to_dict(credentials)}"
    ready = await keys.wait(key.id, timeout=10.0)
    assert (ready.s3_access_key_id, ready.s3_secret_access_key) == (credentials.s3_access_key_id, None)

    # Create a bucket that the key can use.
    bucket = await buckets.create(
        organization=LARCH, region="nl-ams-1", name="larch-photos", public_read=True, read_key_ids=[key.id]
    )
    assert bucket.state == "pending"
    assert (await buckets.wait("larch-photos", region="nl-ams-1", timeout=10.0)).state == "configured"
    changed = await buckets.update("larch-photos", region="nl-ams-1", label="Photos", write_key_ids=[key.id])
    assert changed.access_control_list is not None
    assert changed.access_control_list.public_read is True
    assert changed.access_control_list.read_key_ids == changed.access_control_list.write_key_ids == (key.id,)
    assert (await buckets.update("larch-photos", region="nl-ams-1", label=None)).label is None
    shown_key = await keys.get(key.id)
    assert (shown_key.read_buckets, shown_key.write_buckets) == (("larch-photos",), ("larch-photos",))
    assert (await accounts.get(organization=LARCH, region="nl-ams-1")).bucket_count == 1
    assert key.id in [listed.id async for listed in keys.list(organization=LARCH)]
    assert (await keys.update(key.id, name="renamed")).name == "renamed"

    # Disable object storage, restore it, and delete its parts.
    trashed = await accounts.delete(organization=LARCH, region="nl-ams-1")
    assert trashed is not None
    assert (trashed.trash_object.object_type, trashed.object_storage_account.region) == (
        "ObjectStorageAccount",
        "nl-ams-1",
    )
    with pytest.raises(NotAcceptableError):
        await buckets.get("larch-photos", region="nl-ams-1")
    await client.trash_objects.restore(trashed.trash_object.id)
    await buckets.delete("larch-photos", region="nl-ams-1")
    await keys.delete(key.id)
    with pytest.raises(NotFoundError):
        await keys.get(key.id)


async def test_object_is_shown_and_shared_by_a_url_that_no_repr_shows(sandbox: Sandbox, client: KatapultClient) -> None:
    buckets = client.object_storage_buckets
    shown = await buckets.get_object("larch-files", region="uk-lon-1", path="photos/cat.jpg")
    assert (shown.filename, shown.full_path, shown.size, shown.folder) == ("cat.jpg", "photos/cat.jpg", 48_128, False)
    assert (await buckets.get_object("larch-files", region="uk-lon-1", path="photos")).folder is True
    with pytest.raises(NotFoundError):
        await buckets.get_object("larch-files", region="uk-lon-1", path="dog.jpg")

    shared = await buckets.create_presigned_url("larch-files", region="uk-lon-1", path="photos/cat.jpg")
    signature = shared.url.rpartition("=")[2]
    assert len(signature) == 64
    assert signature not in f"{shared!r}{to_dict(shared)}"
    assert sandbox.store.find(ObjectStorageBucket, "larch-files", by="name").presigned_urls == (shared.url,)  # type: ignore[union-attr] # it exists
    await buckets.revoke_presigned_urls("larch-files", region="uk-lon-1")
    assert sandbox.store.find(ObjectStorageBucket, "larch-files", by="name").presigned_urls == ()  # type: ignore[union-attr] # it exists
    with pytest.raises(UnprocessableError):
        await buckets.create_presigned_url("larch-files", region="uk-lon-1", path="photos/cat.jpg", expiry_seconds=0)
    with pytest.raises(PermissionDeniedError) as caught:
        await buckets.delete("larch-files", region="uk-lon-1")
    assert caught.value.code == "object_storage_bucket_deletion_error"


async def test_update_without_values_raises_usage_error_and_an_update_of_the_name_is_sent(
    client: KatapultClient,
) -> None:
    with pytest.raises(UsageError, match="nothing to change"):
        await client.object_storage_buckets.update("larch-files", region="uk-lon-1")
    key = await anext(aiter(client.object_storage_access_keys.list(organization=LARCH)))
    assert (await client.object_storage_access_keys.update(key.id, name="other")).name == "other"


async def test_credentials_of_a_lost_response_are_replaced(sandbox: Sandbox, client: KatapultClient) -> None:
    key = await anext(aiter(client.object_storage_access_keys.list(organization=LARCH)))
    sandbox.lose_next(matching="/generate_credentials")
    credentials = await client.object_storage_access_keys.generate_credentials(key.id)
    assert (await client.object_storage_access_keys.get(key.id)).s3_access_key_id == credentials.s3_access_key_id


async def test_wait_for_credentials_of_a_key_that_is_never_provisioned_ends_with_the_refusal_as_the_cause() -> None:
    retry = RetryPolicy(attempts=2, wait_initial=0.01, wait_max=0.02)
    async with (
        Sandbox(machines=1, interfaces=1, task_duration=60.0) as sandbox,
        KatapultClient(sandbox.token, base_url=sandbox.base_url, retry=retry) as client,
    ):
        keys = client.object_storage_access_keys
        key = await keys.create(organization=LARCH, region="uk-lon-1", name="app")
        with pytest.raises(UnprocessableError) as refused:
            await keys.generate_credentials(key.id)
        assert (refused.value.code, refused.value.attempts) == ("object_storage_provisioning_error", 2)
        with pytest.raises(TaskTimeoutError, match=f"^object storage access key {key.id}: ") as timeout:
            await keys.wait_for_credentials(key.id, timeout=3.0)  # its last request is sent after 2 s
        assert isinstance(timeout.value.__cause__, UnprocessableError)


async def test_file_storage_volume_is_created_used_deleted_and_restored(client: KatapultClient) -> None:
    volumes = client.file_storage_volumes
    machine = await anext(aiter(client.virtual_machines.list(organization=LARCH)))
    center = await anext(aiter(client.data_centers.list()))
    created = await volumes.create(organization=LARCH, name="data", data_center=center.id, associations=[machine.id])
    assert (created.state, created.nfs_location) == ("pending", None)
    volume = await volumes.wait(created.id, timeout=10.0)
    assert (volume.state, volume.associations) == ("ready", (machine.id,))
    assert volume.nfs_location
    assert (await volumes.update(volume.id, associations=[])).associations == ()
    with pytest.raises(UnprocessableError):
        await volumes.update(volume.id, associations=["vm_none"])
    assert volume.id in [listed.id async for listed in volumes.list(organization=LARCH)]

    trashed = await volumes.delete(volume.id)
    assert trashed is not None
    assert (trashed.trash_object.object_id, trashed.file_storage_volume.name) == (volume.id, "data")
    with pytest.raises(NotAcceptableError):
        await volumes.get(volume.id)
    await client.trash_objects.restore(ObjectID(volume.id))
    assert (await volumes.get(volume.id)).name == "data"


async def test_failed_volume_ends_the_wait_at_once_but_a_failed_account_does_not(
    sandbox: Sandbox, client: KatapultClient
) -> None:
    center = await anext(aiter(client.data_centers.list()))
    sandbox.fail_next_task()
    volume = await client.file_storage_volumes.create(organization=LARCH, name="data", data_center=center.id)
    with pytest.raises(
        TaskFailedError, match=rf"^file storage volume {volume.id} \(data\): its last status was 'failed'"
    ):
        await client.file_storage_volumes.wait(volume.id, timeout=10.0)

    sandbox.fail_next_task()
    await client.object_storage_accounts.create(organization=LARCH, region="nl-ams-1")
    with pytest.raises(TaskTimeoutError, match=r"^object storage account nl-ams-1: its last status was 'failed'"):
        # An account that fails in the first 15 seconds can still be provisioned.
        await client.object_storage_accounts.wait(organization=LARCH, region="nl-ams-1", timeout=0.7)
