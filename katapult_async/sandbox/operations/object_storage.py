"""Object storage: accounts, buckets, and access keys. The S3 protocol is not served."""

from collections.abc import Sequence
from typing import Any

from katapult_async.sandbox.arguments import Arguments, present
from katapult_async.sandbox.documentation import documented
from katapult_async.sandbox.errors import APIError, validation_error
from katapult_async.sandbox.kinds import types_of
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

from .operation import Argument, Find, check_not_in_trash, lookup, operation, properties, required, response

_OF_OWNER = "/organizations/:organization/object_storage"
_ACCOUNT = f"{_OF_OWNER}/:object_storage_cluster"
_BUCKET = "/object_storage/:object_storage_cluster/buckets/:bucket"
_KEY = "/object_storage/access_keys/:access_key"
_ACCESS_KEY = lookup(ObjectStorageAccessKey, "access_key")
_MAXIMUM_EXPIRY = 7 * 24 * 3600  # seconds: the longest that S3 signs a URL for
_FIELDS = "name label static_site_index static_site_error serve_static_site access_control_list"
_BUCKET_PROPERTIES = properties(types_of(ObjectStorageBucket, _FIELDS))
_KEY_PROPERTIES = properties(
    types_of(ObjectStorageAccessKey, "name all_buckets_read all_objects_read all_objects_write"), required=("name",)
)


def _find_account(
    store: Store, organization: Organization, cluster: ObjectStorageCluster
) -> ObjectStorageAccount | None:
    """Return the account of an organization in a cluster, which may be in the trash, or None."""
    where = {"organization_id": organization.id, "object_storage_cluster_id": cluster.id}
    return next(iter(store.with_trash(ObjectStorageAccount, **where)), None)


def _account(*, in_use: bool) -> Argument:
    """Return the argument that names the account of the organization before it.

    Args:
        in_use: whether the account must be provisioned.
    """

    def read(arguments: Arguments) -> Find:
        find_cluster = lookup(ObjectStorageCluster)(arguments)

        def find(store: Store, values: Sequence[Any]) -> ObjectStorageAccount:
            account = _find_account(store, values[0], find_cluster(store, values))
            if account is None:
                raise APIError("object_storage_account_not_found")
            check_not_in_trash(store, account)
            if in_use and account.provisioning_state != "provisioned":
                raise APIError("object_storage_account_not_provisioned")
            return account

        return find

    return read


_WITH_ACCOUNT = (Organization, _account(in_use=True))


def _bucket(arguments: Arguments) -> Find:
    """Return the argument that names a bucket by its cluster and its name."""
    find_cluster, key = lookup(ObjectStorageCluster)(arguments), arguments.lookup("bucket", ObjectStorageBucket)

    def find(store: Store, values: Sequence[Any]) -> ObjectStorageBucket:
        cluster = find_cluster(store, values)
        for bucket in store.with_trash(ObjectStorageBucket, name=key.value):
            account = store.get(bucket.object_storage_account_id)
            if account.object_storage_cluster_id == cluster.id:
                check_not_in_trash(store, account)
                return bucket
        raise APIError("object_storage_bucket_not_found")

    return find


@operation("POST", _ACCOUNT, Organization, ObjectStorageCluster)
def create_account(store: Store, organization: Organization, cluster: ObjectStorageCluster) -> ObjectStorageAccount:
    """Core API v1: post:organization_object_storage_object_storage_cluster. A task provisions the account."""
    existing = _find_account(store, organization, cluster)
    if existing is not None:
        check_not_in_trash(store, existing)
        raise validation_error("Object storage cluster has already been taken")
    account = store.add(ObjectStorageAccount, organization_id=organization.id, object_storage_cluster_id=cluster.id)
    failed = {"provisioning_state": "failed"}
    store.begin_task(account, "Provision object storage", failed=failed, provisioning_state="provisioned")
    return account


@operation("GET", _ACCOUNT, Organization, _account(in_use=False))
def get_account(_: Store, __: Organization, account: ObjectStorageAccount) -> ObjectStorageAccount:
    """Core API v1: get:organization_object_storage_object_storage_cluster."""
    return account


@operation("DELETE", _ACCOUNT, *_WITH_ACCOUNT)
def delete_account(store: Store, _: Organization, account: ObjectStorageAccount) -> tuple[TrashObject, JSON]:
    """Core API v1: delete:organization_object_storage_object_storage_cluster. The account goes to the trash."""
    content = response(store, documented("DELETE", _ACCOUNT).response, account)
    return store.trash(account), content


@operation("POST", f"{_ACCOUNT}/buckets", *_WITH_ACCOUNT, _BUCKET_PROPERTIES)
def create_bucket(store: Store, _: Organization, account: ObjectStorageAccount, sent: JSON) -> ObjectStorageBucket:
    """Core API v1: post:organization_object_storage_object_storage_cluster_buckets. A task configures it."""
    values: JSON = {"object_storage_account_id": account.id, "name": "", "created_at": int(store.now)}
    return _put_bucket(store, ObjectStorageBucket(id=store.new_id(ObjectStorageBucket), **values), sent)


@operation("GET", _BUCKET, _bucket)
def get_bucket(_: Store, bucket: ObjectStorageBucket) -> ObjectStorageBucket:
    """Core API v1: get:object_storage_object_storage_cluster_bucket."""
    return bucket


@operation("PATCH", _BUCKET, _bucket, _BUCKET_PROPERTIES)
def update_bucket(store: Store, bucket: ObjectStorageBucket, sent: JSON) -> ObjectStorageBucket:
    """Core API v1: patch:object_storage_object_storage_cluster_bucket. A task configures it."""
    return _put_bucket(store, bucket, sent)


def _put_bucket(store: Store, bucket: ObjectStorageBucket, sent: JSON) -> ObjectStorageBucket:
    control = bucket.access_control_list.changed(**present(sent.pop("access_control_list", {})))
    changed = bucket.changed(**_changes(bucket, sent), access_control_list=control, state="pending")
    if problems := _problems_of_bucket(store, changed):
        raise validation_error(*problems)
    store.put(changed)
    store.begin_task(changed, "Configure bucket", state="configured")
    return changed


def _changes(obj: ObjectStorageBucket | ObjectStorageAccessKey, sent: JSON) -> JSON:
    """Return the values that the request has. A null does not change a boolean."""
    kinds = types_of(type(obj))
    return {name: content for name, content in sent.items() if content is not None or kinds[name] is not bool}


def _problems_of_bucket(store: Store, bucket: ObjectStorageBucket) -> list[str]:
    control, problems = bucket.access_control_list, []
    account = {"object_storage_account_id": bucket.object_storage_account_id}
    keys = {obj.id for obj in store.all(ObjectStorageAccessKey, **account)}
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


@operation("DELETE", _BUCKET, _bucket)
def delete_bucket(store: Store, bucket: ObjectStorageBucket) -> JSON:
    """Core API v1: delete:object_storage_object_storage_cluster_bucket."""
    if bucket.contents:
        raise APIError("object_storage_bucket_deletion_error", detail={"details": "The bucket is not empty."})
    store.remove(bucket)
    return {}


@operation("GET", f"{_BUCKET}/object", _bucket, required("path"))
def get_object(store: Store, bucket: ObjectStorageBucket, path: str) -> JSON:
    """Core API v1: get:object_storage_object_storage_cluster_bucket_object. A folder is what objects are in."""
    size = bucket.contents.get(path)
    folder = size is None and any(name.startswith(f"{path.rstrip('/')}/") for name in bucket.contents)
    if size is None and not folder:
        raise APIError("object_not_found")
    return {
        "object_details": {
            "filename": path.rstrip("/").rpartition("/")[2],
            "bucket_name": bucket.name,
            "full_path": path,
            "public_url": bucket.public_url(store) + path,
            "size": size,
            "folder": folder,
        }
    }


_EXPIRY = properties({"expiry_seconds": int})


@operation("POST", f"{_BUCKET}/presigned_url", _bucket, required("path"), _EXPIRY)
def create_presigned_url(store: Store, bucket: ObjectStorageBucket, path: str, sent: JSON) -> JSON:
    """Core API v1: post:object_storage_object_storage_cluster_bucket_presigned_url."""
    seconds = present(sent).get("expiry_seconds", 3600)
    if not 0 < seconds <= _MAXIMUM_EXPIRY:
        raise validation_error("Expiry seconds is not in the allowed range")
    signature = f"{store.rng.getrandbits(256):064x}"
    url = f"{bucket.public_url(store)}{path}?X-Amz-Expires={seconds}&X-Amz-Signature={signature}"
    store.change(bucket, presigned_urls=(*bucket.presigned_urls, url))
    return {"url": url}


@operation("POST", f"{_BUCKET}/revoke_presigned_urls", _bucket)
def revoke_presigned_urls(store: Store, bucket: ObjectStorageBucket) -> JSON:
    """Core API v1: post:object_storage_object_storage_cluster_bucket_revoke_presigned_urls."""
    store.change(bucket, presigned_urls=())
    return {}


@operation("GET", f"{_OF_OWNER}/access_keys", Organization)
def list_keys(store: Store, organization: Organization) -> Sequence[ObjectStorageAccessKey]:
    """Core API v1: get:organization_object_storage_access_keys."""
    accounts = store.all(ObjectStorageAccount, organization_id=organization.id)
    return [key for obj in accounts for key in store.all(ObjectStorageAccessKey, object_storage_account_id=obj.id)]


@operation("POST", f"{_ACCOUNT}/access_keys", *_WITH_ACCOUNT, _KEY_PROPERTIES)
def create_key(store: Store, _: Organization, account: ObjectStorageAccount, sent: JSON) -> ObjectStorageAccessKey:
    """Core API v1: post:organization_object_storage_object_storage_cluster_access_keys. A task configures it."""
    values: JSON = {"object_storage_account_id": account.id, "name": "", "created_at": int(store.now)}
    return _put_key(store, ObjectStorageAccessKey(id=store.new_id(ObjectStorageAccessKey), **values), sent)


@operation("PATCH", _KEY, _ACCESS_KEY, _KEY_PROPERTIES)
def update_key(store: Store, key: ObjectStorageAccessKey, sent: JSON) -> ObjectStorageAccessKey:
    """Core API v1: patch:object_storage_access_key."""
    _check_provisioned(key)
    return _put_key(store, key, sent)


def _check_provisioned(key: ObjectStorageAccessKey) -> None:
    if not key.provisioned:
        raise APIError("object_storage_provisioning_error")


def _put_key(store: Store, key: ObjectStorageAccessKey, sent: JSON) -> ObjectStorageAccessKey:
    changed = key.changed(**_changes(key, sent), state="pending")
    if not changed.name:
        raise validation_error("Name can't be blank")
    store.put(changed)
    store.begin_task(changed, "Configure access key", state="configured", provisioned=True)
    return changed


@operation("GET", _KEY, _ACCESS_KEY)
def get_key(_: Store, key: ObjectStorageAccessKey) -> ObjectStorageAccessKey:
    """Core API v1: get:object_storage_access_key. Never with the secret."""
    return key


@operation("DELETE", _KEY, _ACCESS_KEY)
def delete_key(store: Store, key: ObjectStorageAccessKey) -> JSON:
    """Core API v1: delete:object_storage_access_key."""
    store.remove(key)
    return {}


@operation("POST", f"{_KEY}/generate_credentials", _ACCESS_KEY)
def generate_credentials(store: Store, key: ObjectStorageAccessKey) -> JSON:
    """Core API v1: post:object_storage_access_key_generate_credentials. They replace the ones before."""
    _check_provisioned(key)
    secret = f"{store.rng.getrandbits(160):040x}"
    changed = _put_key(store, key, {"s3_access_key_id": f"{store.rng.getrandbits(80):020X}"})
    content = response(store, documented("POST", f"{_KEY}/generate_credentials").response, changed)
    content["object_storage_access_key"]["s3_secret_access_key"] = secret
    return content
