"""Object storage: accounts, buckets, and access keys. The S3 protocol is not served."""

from collections.abc import Mapping
from typing import Any

import attrs

from katapult_async.sandbox import serializers
from katapult_async.sandbox.arguments import ABSENT, Arguments, Page
from katapult_async.sandbox.errors import APIError, validation_error
from katapult_async.sandbox.models import (
    ObjectStorageAccessKey,
    ObjectStorageAccount,
    ObjectStorageBucket,
    ObjectStorageCluster,
    Organization,
)
from katapult_async.sandbox.serializers import JSON, serialize
from katapult_async.sandbox.store import Store

from .operation import PAGE, Argument, Find, check_not_in_trash, lookup, operation, paginated, string, value

_SCOPE = "object_storage"
_READ = "object_storage:read"
_ACCOUNT = "/organizations/:organization/object_storage/:object_storage_cluster"
_BUCKET = "/object_storage/:object_storage_cluster/buckets/:bucket"
_KEY = "/object_storage/access_keys/:access_key"
_ACCESS_KEY = lookup(ObjectStorageAccessKey, "access_key")
_MAXIMUM_EXPIRY = 7 * 24 * 3600  # seconds: the longest that S3 signs a URL for


def account_of(store: Store, organization: Organization, cluster: ObjectStorageCluster) -> ObjectStorageAccount | None:
    """Return the account of an organization in a cluster, which may be in the trash, or None."""
    accounts = store.with_trash(ObjectStorageAccount, organization_id=organization.id)
    return next((obj for obj in accounts if obj.object_storage_cluster_id == cluster.id), None)


def _account(*, in_use: bool) -> Argument:
    """Return the argument that names the account of the organization before it.

    Args:
        in_use: whether the account must be provisioned.
    """

    def read(arguments: Arguments) -> Find:
        find_cluster = lookup(ObjectStorageCluster)(arguments)

        def find(store: Store, values: Any) -> ObjectStorageAccount:
            account = account_of(store, values[0], find_cluster(store, values))
            if account is None:
                raise APIError("object_storage_account_not_found")
            check_not_in_trash(store, account)
            if in_use and account.provisioning_state != "provisioned":
                raise APIError("object_storage_account_not_provisioned")
            return account

        return find

    return read


def _bucket(arguments: Arguments) -> Find:
    """Return the argument that names a bucket by its cluster and its name."""
    find_cluster, name = lookup(ObjectStorageCluster)(arguments), arguments.lookup("bucket", ("name",)).value

    def find(store: Store, values: Any) -> ObjectStorageBucket:
        cluster = find_cluster(store, values)
        for bucket in store.with_trash(ObjectStorageBucket, name=name):
            account = store.get(bucket.object_storage_account_id)
            if account.object_storage_cluster_id == cluster.id:
                check_not_in_trash(store, account)
                return bucket
        raise APIError("object_storage_bucket_not_found")

    return find


def _read_properties(arguments: Arguments, *, strings: str = "", booleans: str = "", lists: str = "") -> dict[str, Any]:
    """Return the arguments that were sent; a blank string counts as null."""
    content: dict[str, Any] = {name: arguments.string(name) for name in strings.split()}
    content.update((name, arguments.boolean(name)) for name in booleans.split())
    content.update((name, arguments.strings(name)) for name in lists.split())
    return {
        name: None if isinstance(each, str) and not each.strip() else each
        for name, each in content.items()
        if each is not ABSENT and (each is not None or name in strings)
    }


@value
def _bucket_properties(arguments: Arguments) -> dict[str, Any]:
    properties = arguments.inside("properties")
    changes = _read_properties(
        properties, strings="name label static_site_index static_site_error", booleans="serve_static_site"
    )
    if properties.has("access_control_list"):
        changes["access_control_list"] = _read_properties(
            properties.inside("access_control_list"),
            booleans="public_read public_list all_keys_read all_keys_write",
            lists="read_key_ids write_key_ids",
        )
    return changes


@value
def _key_properties(arguments: Arguments) -> dict[str, Any]:
    properties = arguments.inside("properties")
    properties.require("name")
    return _read_properties(properties, strings="name", booleans="all_buckets_read all_objects_read all_objects_write")


def _account_response(store: Store, account: ObjectStorageAccount) -> JSON:
    return {"object_storage_account": serialize(store, account, serializers.ACCOUNT)}


def _bucket_response(store: Store, bucket: ObjectStorageBucket) -> JSON:
    return {"object_storage_bucket": serialize(store, bucket, serializers.BUCKET)}


def _key_response(store: Store, key: ObjectStorageAccessKey) -> JSON:
    return {"object_storage_access_key": serialize(store, key, serializers.ACCESS_KEY)}


_WITH_ACCOUNT = (Organization, _account(in_use=True))


@operation("POST", _ACCOUNT, Organization, ObjectStorageCluster, scopes=_SCOPE, status=201)
def create_account(store: Store, organization: Organization, cluster: ObjectStorageCluster) -> JSON:
    """Core API v1: post:organization_object_storage_object_storage_cluster. The account is provisioned in time."""
    existing = account_of(store, organization, cluster)
    if existing is not None:
        check_not_in_trash(store, existing)
        raise validation_error("Object storage cluster has already been taken")
    account = ObjectStorageAccount(
        id=store.new_id(ObjectStorageAccount),
        organization_id=organization.id,
        object_storage_cluster_id=cluster.id,
        created_at=int(store.now),
    )
    store.put(account)
    store.begin_task(
        account,
        name="Provision object storage",
        changes_by_status={"failed": {"provisioning_state": "failed"}},
        provisioning_state="provisioned",
    )
    return _account_response(store, account)


@operation("GET", _ACCOUNT, Organization, _account(in_use=False), scopes=_READ)
def get_account(store: Store, _: Organization, account: ObjectStorageAccount) -> JSON:
    """Core API v1: get:organization_object_storage_object_storage_cluster."""
    return _account_response(store, account)


@operation("DELETE", _ACCOUNT, *_WITH_ACCOUNT, scopes=_SCOPE)
def delete_account(store: Store, _: Organization, account: ObjectStorageAccount) -> JSON:
    """Core API v1: delete:organization_object_storage_object_storage_cluster. The account is in the trash then."""
    response = _account_response(store, account)
    return {"trash_object": serialize(store, store.trash(account), "id keep_until object_type"), **response}


@operation("POST", f"{_ACCOUNT}/buckets", *_WITH_ACCOUNT, _bucket_properties, scopes=_SCOPE, status=201)
def create_bucket(store: Store, _: Organization, account: ObjectStorageAccount, properties: Mapping[str, Any]) -> JSON:
    """Core API v1: post:organization_object_storage_object_storage_cluster_buckets. It is configured in time."""
    bucket = ObjectStorageBucket(
        id=store.new_id(ObjectStorageBucket),
        object_storage_account_id=account.id,
        name="",
        created_at=int(store.now),
    )
    return _put_bucket(store, bucket, properties)


@operation("GET", _BUCKET, _bucket, scopes=_READ)
def get_bucket(store: Store, bucket: ObjectStorageBucket) -> JSON:
    """Core API v1: get:object_storage_object_storage_cluster_bucket."""
    return _bucket_response(store, bucket)


@operation("PATCH", _BUCKET, _bucket, _bucket_properties, scopes=_SCOPE)
def update_bucket(store: Store, bucket: ObjectStorageBucket, properties: Mapping[str, Any]) -> JSON:
    """Core API v1: patch:object_storage_object_storage_cluster_bucket. It is configured in time."""
    return _put_bucket(store, bucket, properties)


def _put_bucket(store: Store, bucket: ObjectStorageBucket, properties: Mapping[str, Any]) -> JSON:
    control = attrs.evolve(bucket.access_control_list, **properties.get("access_control_list", {}))
    changed = attrs.evolve(bucket, **{**properties, "access_control_list": control, "state": "pending"})
    if problems := _problems_of_bucket(store, changed):
        raise validation_error(*problems)
    store.put(changed)
    store.begin_task(changed, name="Configure bucket", state="configured")
    return _bucket_response(store, changed)


def _problems_of_bucket(store: Store, bucket: ObjectStorageBucket) -> list[str]:
    control, problems = bucket.access_control_list, []
    keys = {
        obj.id for obj in store.all(ObjectStorageAccessKey, object_storage_account_id=bucket.object_storage_account_id)
    }
    if not bucket.name:
        problems.append("Name can't be blank")
    elif not bucket.name.replace("-", "a").isalnum() or bucket.name != bucket.name.lower():
        problems.append("Name can only include lowercase letters, numbers and hyphens")
    elif any(obj.id != bucket.id for obj in store.with_trash(ObjectStorageBucket, name=bucket.name)):
        problems.append("Name has already been taken")
    if control.public_list and not control.public_read:
        problems.append("Public list requires public read")
    if (bucket.static_site_index or bucket.static_site_error) and not control.public_read:
        problems.append("Static site pages require public read")
    if not keys.issuperset((*control.read_key_ids, *control.write_key_ids)):
        problems.append("Access control list names an access key that does not exist")
    return problems


@operation("DELETE", _BUCKET, _bucket, scopes=_SCOPE)
def delete_bucket(store: Store, bucket: ObjectStorageBucket) -> JSON:
    """Core API v1: delete:object_storage_object_storage_cluster_bucket."""
    if bucket.contents:
        raise APIError("object_storage_bucket_deletion_error", detail={"details": "The bucket is not empty."})
    store.remove(bucket)
    return {"success": True}


@value
def _expiry(arguments: Arguments) -> int:
    seconds = arguments.inside("properties").integer("expiry_seconds")
    return seconds if isinstance(seconds, int) else 3600


@operation("GET", f"{_BUCKET}/object", _bucket, string("path"), scopes=_READ)
def get_object(store: Store, bucket: ObjectStorageBucket, path: str) -> JSON:
    """Core API v1: get:object_storage_object_storage_cluster_bucket_object. A folder is what objects are in."""
    size = bucket.contents.get(path)
    folder = size is None and any(each.startswith(f"{path.rstrip('/')}/") for each in bucket.contents)
    if size is None and not folder:
        raise APIError("object_not_found")
    return {
        "object_details": {
            "filename": path.rstrip("/").rpartition("/")[2],
            "bucket_name": bucket.name,
            "full_path": path,
            "public_url": serializers.public_url(store, bucket) + path,
            "size": size,
            "folder": folder,
        }
    }


@operation("POST", f"{_BUCKET}/presigned_url", _bucket, string("path"), _expiry, scopes=_SCOPE)
def create_presigned_url(store: Store, bucket: ObjectStorageBucket, path: str, seconds: int) -> JSON:
    """Core API v1: post:object_storage_object_storage_cluster_bucket_presigned_url."""
    if not 0 < seconds <= _MAXIMUM_EXPIRY:
        raise validation_error("Expiry seconds is not in the allowed range")
    signature = f"{store.rng.getrandbits(256):064x}"
    url = f"{serializers.public_url(store, bucket)}{path}?X-Amz-Expires={seconds}&X-Amz-Signature={signature}"
    store.put(attrs.evolve(bucket, presigned_urls=(*bucket.presigned_urls, url)))
    return {"url": url}


@operation("POST", f"{_BUCKET}/revoke_presigned_urls", _bucket, scopes=_SCOPE)
def revoke_presigned_urls(store: Store, bucket: ObjectStorageBucket) -> JSON:
    """Core API v1: post:object_storage_object_storage_cluster_bucket_revoke_presigned_urls."""
    store.put(attrs.evolve(bucket, presigned_urls=()))
    return {"success": True}


@operation("GET", "/organizations/:organization/object_storage/access_keys", Organization, PAGE, scopes=_SCOPE)
def list_keys(store: Store, organization: Organization, page: Page) -> JSON:
    """Core API v1: get:organization_object_storage_access_keys."""
    accounts = store.all(ObjectStorageAccount, organization_id=organization.id)
    keys = [key for obj in accounts for key in store.all(ObjectStorageAccessKey, object_storage_account_id=obj.id)]
    return paginated(store, page, "object_storage_access_keys", keys, serializers.ACCESS_KEY)


@operation("POST", f"{_ACCOUNT}/access_keys", *_WITH_ACCOUNT, _key_properties, scopes=_SCOPE, status=201)
def create_key(store: Store, _: Organization, account: ObjectStorageAccount, properties: Mapping[str, Any]) -> JSON:
    """Core API v1: post:organization_object_storage_object_storage_cluster_access_keys. It is provisioned in time."""
    key = ObjectStorageAccessKey(
        id=store.new_id(ObjectStorageAccessKey),
        object_storage_account_id=account.id,
        name="",
        created_at=int(store.now),
    )
    return _put_key(store, key, properties)


@operation("PATCH", _KEY, _ACCESS_KEY, _key_properties, scopes=_SCOPE)
def update_key(store: Store, key: ObjectStorageAccessKey, properties: Mapping[str, Any]) -> JSON:
    """Core API v1: patch:object_storage_access_key."""
    _check_provisioned(key)
    return _put_key(store, key, properties)


def _check_provisioned(key: ObjectStorageAccessKey) -> None:
    if not key.provisioned:
        raise APIError("object_storage_provisioning_error")


def _put_key(store: Store, key: ObjectStorageAccessKey, changes: Mapping[str, Any]) -> JSON:
    changed = attrs.evolve(key, **{**changes, "state": "pending"})
    if not changed.name:
        raise validation_error("Name can't be blank")
    store.put(changed)
    store.begin_task(changed, name="Configure access key", state="configured", provisioned=True)
    return _key_response(store, changed)


@operation("GET", _KEY, _ACCESS_KEY, scopes=_SCOPE)
def get_key(store: Store, key: ObjectStorageAccessKey) -> JSON:
    """Core API v1: get:object_storage_access_key. Never with the secret."""
    return _key_response(store, key)


@operation("DELETE", _KEY, _ACCESS_KEY, scopes=_SCOPE)
def delete_key(store: Store, key: ObjectStorageAccessKey) -> JSON:
    """Core API v1: delete:object_storage_access_key."""
    store.remove(key)
    return {"success": True}


@operation("POST", f"{_KEY}/generate_credentials", _ACCESS_KEY, scopes=_SCOPE)
def generate_credentials(store: Store, key: ObjectStorageAccessKey) -> JSON:
    """Core API v1: post:object_storage_access_key_generate_credentials. They replace the ones before."""
    _check_provisioned(key)
    secret = f"{store.rng.getrandbits(160):040x}"
    response = _put_key(store, key, {"s3_access_key_id": f"{store.rng.getrandbits(80):020X}"})
    response["object_storage_access_key"]["s3_secret_access_key"] = secret
    return response
