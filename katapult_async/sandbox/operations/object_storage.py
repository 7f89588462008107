"""Object storage: accounts, buckets, and access keys. The S3 protocol is not served."""

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any, TypeVar

from katapult_async.sandbox.arguments import present
from katapult_async.sandbox.documentation import documented
from katapult_async.sandbox.errors import APIError, validation_error
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
from .operation import Operation, check_not_in_trash, operation, response

T = TypeVar("T", ObjectStorageAccessKey, ObjectStorageBucket)

_OF_OWNER = "/organizations/:organization/object_storage"
_ACCOUNT = f"{_OF_OWNER}/:object_storage_cluster"
_BUCKET = "/object_storage/:object_storage_cluster/buckets/:bucket"
_KEY = "/object_storage/access_keys/:access_key"
_MAXIMUM_EXPIRY = 7 * 24 * 3600  # seconds: the longest that S3 signs a URL for


def _find_account(
    store: Store, organization: Organization, cluster: ObjectStorageCluster
) -> ObjectStorageAccount | None:
    """Return the account of an organization in a cluster, which may be in the trash, or None."""
    where = {"organization_id": organization.id, "object_storage_cluster_id": cluster.id}
    return next(iter(store.with_trash(ObjectStorageAccount, **where)), None)


def _account(store: Store, organization: Organization, cluster: ObjectStorageCluster) -> ObjectStorageAccount:
    """Return the account of an organization in a cluster.

    Raises:
        APIError: there is none, or it is in the trash.
    """
    account = _find_account(store, organization, cluster)
    if account is None:
        raise APIError("object_storage_account_not_found")
    check_not_in_trash(store, account)
    return account


def _provisioned(store: Store, organization: Organization, cluster: ObjectStorageCluster) -> ObjectStorageAccount:
    account = _account(store, organization, cluster)
    if account.provisioning_state != "provisioned":
        raise APIError("object_storage_account_not_provisioned")
    return account


def _new(store: Store, model: type[T], organization: Organization, cluster: ObjectStorageCluster) -> T:
    """Return a new bucket or key of a provisioned account. It is not in the store yet."""
    account = _provisioned(store, organization, cluster)
    new: JSON = {"object_storage_account_id": account.id, "name": "", "created_at": int(store.now)}
    return model(id=store.new_id(model), **new)


def _of_bucket(method: str, path: str) -> Callable[[Callable[..., Any]], Operation]:
    """Return a decorator like `operation`, for a function that gets a bucket after its cluster has been checked."""

    def decorate(action: Callable[..., Any]) -> Operation:
        @wraps(action)
        def of_bucket(store: Store, cluster: ObjectStorageCluster, bucket: ObjectStorageBucket, **others: Any) -> Any:
            if store.get(bucket.object_storage_account_id).object_storage_cluster_id != cluster.id:
                raise APIError("object_storage_bucket_not_found")
            return action(store, bucket, **others)

        return Operation(method, path, of_bucket)

    return decorate


@operation("POST", _ACCOUNT)
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


@operation("GET", _ACCOUNT)
def get_account(store: Store, organization: Organization, cluster: ObjectStorageCluster) -> ObjectStorageAccount:
    """Core API v1: get:organization_object_storage_object_storage_cluster."""
    return _account(store, organization, cluster)


@operation("DELETE", _ACCOUNT)
def delete_account(store: Store, organization: Organization, cluster: ObjectStorageCluster) -> tuple[TrashObject, JSON]:
    """Core API v1: delete:organization_object_storage_object_storage_cluster. The account goes to the trash."""
    account = _provisioned(store, organization, cluster)
    content = response(store, documented("DELETE", _ACCOUNT).response, account)
    return store.trash(account), content


@operation("POST", f"{_ACCOUNT}/buckets")
def create_bucket(
    store: Store, organization: Organization, cluster: ObjectStorageCluster, *, properties: JSON
) -> ObjectStorageBucket:
    """Core API v1: post:organization_object_storage_object_storage_cluster_buckets. A task configures it."""
    return update_bucket(store, _new(store, ObjectStorageBucket, organization, cluster), properties=properties)


@_of_bucket("GET", _BUCKET)
def get_bucket(_: Store, bucket: ObjectStorageBucket) -> ObjectStorageBucket:
    """Core API v1: get:object_storage_object_storage_cluster_bucket."""
    return bucket


def update_bucket(store: Store, bucket: ObjectStorageBucket, *, properties: JSON) -> ObjectStorageBucket:
    """Core API v1: patch:object_storage_object_storage_cluster_bucket. A task configures it."""
    sent = dict(properties)
    control = bucket.access_control_list.changed(**present(sent.pop("access_control_list", None) or {}))
    changed = bucket.changed(**_changes(bucket, sent), access_control_list=control, state="pending")
    if problems := _problems_of_bucket(store, changed):
        raise validation_error(*problems)
    store.put(changed)
    store.begin_task(changed, "Configure bucket", state="configured")
    return changed


UPDATE_BUCKET = _of_bucket("PATCH", _BUCKET)(update_bucket)


def _changes(obj: ObjectStorageBucket | ObjectStorageAccessKey, sent: JSON) -> JSON:
    """Return the values that the request has. A null does not change a boolean."""
    fields = type(obj).fields
    return {name: content for name, content in sent.items() if content is not None or fields[name].type is not bool}


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


@_of_bucket("DELETE", _BUCKET)
def delete_bucket(store: Store, bucket: ObjectStorageBucket) -> JSON:
    """Core API v1: delete:object_storage_object_storage_cluster_bucket."""
    if bucket.contents:
        raise APIError("object_storage_bucket_deletion_error", detail={"details": "The bucket is not empty."})
    store.remove(bucket)
    return {}


@_of_bucket("GET", f"{_BUCKET}/object")
def get_object(store: Store, bucket: ObjectStorageBucket, *, path: str | None) -> JSON:
    """Core API v1: get:object_storage_object_storage_cluster_bucket_object. A folder has objects below it."""
    path = path or ""
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


@_of_bucket("POST", f"{_BUCKET}/presigned_url")
def create_presigned_url(store: Store, bucket: ObjectStorageBucket, *, path: str | None, properties: JSON) -> JSON:
    """Core API v1: post:object_storage_object_storage_cluster_bucket_presigned_url."""
    seconds = present(properties).get("expiry_seconds", 3600)
    if not 0 < seconds <= _MAXIMUM_EXPIRY:
        raise validation_error("Expiry seconds is not in the allowed range")
    signature = f"{store.rng.getrandbits(256):064x}"
    url = f"{bucket.public_url(store)}{path or ''}?X-Amz-Expires={seconds}&X-Amz-Signature={signature}"
    store.change(bucket, presigned_urls=(*bucket.presigned_urls, url))
    return {"url": url}


@_of_bucket("POST", f"{_BUCKET}/revoke_presigned_urls")
def revoke_presigned_urls(store: Store, bucket: ObjectStorageBucket) -> JSON:
    """Core API v1: post:object_storage_object_storage_cluster_bucket_revoke_presigned_urls."""
    store.change(bucket, presigned_urls=())
    return {}


@operation("GET", f"{_OF_OWNER}/access_keys")
def list_keys(store: Store, organization: Organization) -> Sequence[ObjectStorageAccessKey]:
    """Core API v1: get:organization_object_storage_access_keys."""
    accounts = store.all(ObjectStorageAccount, organization_id=organization.id)
    return [key for obj in accounts for key in store.all(ObjectStorageAccessKey, object_storage_account_id=obj.id)]


@operation("POST", f"{_ACCOUNT}/access_keys")
def create_key(
    store: Store, organization: Organization, cluster: ObjectStorageCluster, *, properties: JSON
) -> ObjectStorageAccessKey:
    """Core API v1: post:organization_object_storage_object_storage_cluster_access_keys. A task configures it."""
    return _put_key(store, _new(store, ObjectStorageAccessKey, organization, cluster), properties)


@operation("PATCH", _KEY)
def update_key(store: Store, key: ObjectStorageAccessKey, *, properties: JSON) -> ObjectStorageAccessKey:
    """Core API v1: patch:object_storage_access_key."""
    _check_provisioned(key)
    return _put_key(store, key, properties)


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


@operation("POST", f"{_KEY}/generate_credentials")
def generate_credentials(store: Store, key: ObjectStorageAccessKey) -> JSON:
    """Core API v1: post:object_storage_access_key_generate_credentials. The old credentials are replaced."""
    _check_provisioned(key)
    secret = f"{store.rng.getrandbits(160):040x}"
    changed = _put_key(store, key, {"s3_access_key_id": f"{store.rng.getrandbits(80):020X}"})
    content = response(store, documented("POST", f"{_KEY}/generate_credentials").response, changed)
    content["object_storage_access_key"]["s3_secret_access_key"] = secret
    return content


ACCESS_KEYS = Crud(model=ObjectStorageAccessKey, path=_KEY)
