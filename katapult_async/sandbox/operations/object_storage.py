"""Object storage: accounts, buckets, and access keys. The S3 protocol is not served."""

import re
from collections.abc import Mapping
from typing import TypeVar

from katapult_async.sandbox.arguments import without_nulls
from katapult_async.sandbox.errors import Problems, require
from katapult_async.sandbox.identifiers import hexadecimal
from katapult_async.sandbox.kinds import references
from katapult_async.sandbox.models import (
    ObjectStorageAccessKey,
    ObjectStorageAccount,
    ObjectStorageBucket,
    ObjectStorageCluster,
    Organization,
    TrashObject,
)
from katapult_async.sandbox.serializers import JSON
from katapult_async.sandbox.store import Store

from .crud import Crud
from .operation import check_not_in_trash, operation, response

T = TypeVar("T", ObjectStorageAccessKey, ObjectStorageBucket)

_MAXIMUM_EXPIRY = 7 * 24 * 3600  # seconds: the longest that S3 signs a URL for


@operation("GET", "/organizations/:organization/object_storage/:object_storage_cluster")
def get_account(store: Store, owner: Organization, cluster: ObjectStorageCluster) -> ObjectStorageAccount:
    """Core API v1: get:organization_object_storage_object_storage_cluster."""
    accounts = store.with_trash(ObjectStorageAccount, owner, cluster)
    require(accounts, "object_storage_account_not_found")
    check_not_in_trash(store, accounts[0])
    return accounts[0]


def _provisioned_account(store: Store, owner: Organization, cluster: ObjectStorageCluster) -> ObjectStorageAccount:
    account: ObjectStorageAccount = get_account.action(store, owner, cluster)
    require(account.provisioning_state == "provisioned", "object_storage_account_not_provisioned")
    return account


@operation("POST", "/organizations/:organization/object_storage/:object_storage_cluster")
def create_account(store: Store, owner: Organization, cluster: ObjectStorageCluster) -> ObjectStorageAccount:
    """Core API v1: post:organization_object_storage_object_storage_cluster. A task provisions the account."""
    existing = store.with_trash(ObjectStorageAccount, owner, cluster)
    for account in existing:
        check_not_in_trash(store, account)
    require(not existing, "validation_error", "Object storage cluster has already been taken")
    account = store.add(ObjectStorageAccount, owner, cluster)
    states = ("provisioning", "failed", "provisioned")
    store.begin_task(account, "Provision object storage", states=states, field="provisioning_state")
    return account


@operation("DELETE", "/organizations/:organization/object_storage/:object_storage_cluster")
def delete_account(store: Store, owner: Organization, cluster: ObjectStorageCluster) -> tuple[TrashObject, JSON]:
    """Core API v1: delete:organization_object_storage_object_storage_cluster. The account is put into the trash."""
    account = _provisioned_account(store, owner, cluster)
    content = response(store, delete_account.documented.response, account)
    return store.trash(account), content


def _account_fields(store: Store, owner: Organization, *clusters: ObjectStorageCluster) -> Mapping[str, str]:
    """Return the fields of a bucket or key that refer to its owner, cluster and provisioned account.

    The keys in all clusters have only the owner in their path.
    """
    return references((owner, *clusters, *(_provisioned_account(store, owner, cluster) for cluster in clusters)))


def _configure(store: Store, obj: T) -> T:
    """Begin the task that configures a new or changed bucket or key."""
    pending = store.change(obj, state="pending")
    changes: JSON = {"provisioned": True} if "provisioned" in obj.fields else {}
    store.begin_task(pending, f"Configure {str(obj.kind.argument).replace('_', ' ')}", state="configured", **changes)
    return pending


def _problems_of_bucket(store: Store, bucket: ObjectStorageBucket) -> Problems:
    control = bucket.access_control_list
    keys = store.all(ObjectStorageAccessKey, object_storage_account_id=bucket.object_storage_account_id)
    unknown = {*control.read_key_ids, *control.write_key_ids} - {key.id for key in keys}
    site = bucket.static_site_index or bucket.static_site_error
    return {
        "Name can only include lowercase letters, numbers and hyphens": not re.fullmatch("[a-z0-9-]+", bucket.name),
        "Public list requires public read": control.public_list and not control.public_read,
        "Static site pages require public read": site and not control.public_read,
        "Access control list names an access key that does not exist": unknown,
    }


def _check_empty(_: Store, bucket: ObjectStorageBucket) -> None:
    """Check that a bucket can be deleted.

    Raises:
        APIError: it has objects.
    """
    require(not bucket.contents, "object_storage_bucket_deletion_error", details="The bucket is not empty.")


@operation("GET", "/object_storage/:object_storage_cluster/buckets/:bucket/object")
def get_object(store: Store, _: ObjectStorageCluster, bucket: ObjectStorageBucket, *, path: str | None) -> JSON:
    """Core API v1: get:object_storage_object_storage_cluster_bucket_object. A folder has objects below it."""
    path = path or ""
    size = bucket.contents.get(path)
    folder = size is None and any(name.startswith(f"{path.rstrip('/')}/") for name in bucket.contents)
    require(folder or size is not None, "object_not_found")
    names = {"filename": path.rstrip("/").rpartition("/")[2], "bucket_name": bucket.name, "full_path": path}
    public_url = bucket.public_url(store) + path
    return {"object_details": {**names, "public_url": public_url, "size": size, "folder": folder}}


@operation("POST", "/object_storage/:object_storage_cluster/buckets/:bucket/presigned_url")
def create_presigned_url(
    store: Store, _: ObjectStorageCluster, bucket: ObjectStorageBucket, *, path: str | None, properties: JSON
) -> JSON:
    """Core API v1: post:object_storage_object_storage_cluster_bucket_presigned_url."""
    seconds = without_nulls(properties).get("expiry_seconds", 3600)
    require(0 < seconds <= _MAXIMUM_EXPIRY, "validation_error", "Expiry seconds is not in the allowed range")
    signature = hexadecimal(256, rng=store.rng)
    url = f"{bucket.public_url(store)}{path or ''}?X-Amz-Expires={seconds}&X-Amz-Signature={signature}"
    store.change(bucket, presigned_urls=(*bucket.presigned_urls, url))
    return {"url": url}


@operation("POST", "/object_storage/:object_storage_cluster/buckets/:bucket/revoke_presigned_urls")
def revoke_presigned_urls(store: Store, _: ObjectStorageCluster, bucket: ObjectStorageBucket) -> None:
    """Core API v1: post:object_storage_object_storage_cluster_bucket_revoke_presigned_urls."""
    store.change(bucket, presigned_urls=())


def _check_provisioned(store: Store, key: ObjectStorageAccessKey) -> None:
    """Check that a key is provisioned, unless it is new.

    Raises:
        APIError: the key is not provisioned.
    """
    require(key.provisioned or store.get(key.id) is None, "object_storage_provisioning_error")


@operation("POST", "/object_storage/access_keys/:access_key/generate_credentials")
def generate_credentials(store: Store, key: ObjectStorageAccessKey) -> ObjectStorageAccessKey:
    """Core API v1: post:object_storage_access_key_generate_credentials. The old credentials are replaced."""
    _check_provisioned(store, key)
    secret = hexadecimal(160, rng=store.rng)
    changed = _configure(store, key.changed(s3_access_key_id=hexadecimal(80, rng=store.rng).upper()))
    return changed.changed(s3_secret_access_key=secret)


BUCKETS = Crud(
    model=ObjectStorageBucket,
    parent_fields=_account_fields,
    check=_problems_of_bucket,
    on_put=_configure,
    in_use=_check_empty,
)

ACCESS_KEYS = Crud(
    model=ObjectStorageAccessKey, parent_fields=_account_fields, check=_check_provisioned, on_put=_configure
)
