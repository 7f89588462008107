"""Object storage buckets, and the objects in them.

Core API v1: post:organization_object_storage_object_storage_cluster_buckets,
get:object_storage_object_storage_cluster_bucket, patch:object_storage_object_storage_cluster_bucket,
delete:object_storage_object_storage_cluster_bucket, get:object_storage_object_storage_cluster_bucket_object,
post:object_storage_object_storage_cluster_bucket_presigned_url,
post:object_storage_object_storage_cluster_bucket_revoke_presigned_urls.
"""

import functools
from collections.abc import Iterable
from typing import Final, Unpack

import attrs

from katapult_async.core import polling
from katapult_async.errors import TaskState
from katapult_async.models.lookups import SubDomain
from katapult_async.models.object_storage import (
    BucketAccessControlList,
    ObjectStorageBucket,
    ObjectStorageObject,
    PresignedURL,
)
from katapult_async.models.unset_argument import UNSET, Unset
from katapult_async.options import CallOptions
from katapult_async.resources.operations import Operations
from katapult_async.resources.references import BUCKET
from katapult_async.resources.resource import Resource

_BUCKETS: Final = Operations(
    BUCKET,
    ObjectStorageBucket,
    answer="object_storage_bucket",
    path="/object_storage/object_storage_cluster/buckets/bucket",
    write=("object_storage",),
    read=("object_storage:read",),
)

_OBJECTS: Final = {"access_control_list": tuple(attrs.fields_dict(BucketAccessControlList))}


class ObjectStorageBuckets(Resource):
    """Object storage buckets, and the objects in them. Reached as ``katapult.object_storage_buckets``.

    Katapult has no list of buckets; the S3 protocol has one.
    """

    @_BUCKETS.create("/organizations/organization/object_storage/object_storage_cluster/buckets", objects=_OBJECTS)
    async def create(
        self,
        *,
        organization: str | SubDomain,
        region: str,
        name: str,
        label: str | None = None,
        serve_static_site: bool | None = None,
        static_site_index: str | None = None,
        static_site_error: str | None = None,
        public_read: bool | None = None,
        public_list: bool | None = None,
        all_keys_read: bool | None = None,
        all_keys_write: bool | None = None,
        read_key_ids: Iterable[str] | None = None,
        write_key_ids: Iterable[str] | None = None,
        **options: Unpack[CallOptions],
    ) -> ObjectStorageBucket:
        """Create a bucket and return it. It can be used when it is configured: see `wait`.

        Args:
            organization: id of the organization, or ``SubDomain("acme")``.
            region: the region, such as ``uk-lon-1``.
            name: lower-case letters, digits and hyphens; unique among the buckets of all organizations.
            label: a second name, or a comment.
            serve_static_site: whether the bucket is served as a website; None for Katapult's default, which is false.
            static_site_index: name of the website's index page; needs ``public_read``.
            static_site_error: name of the website's error page; needs ``public_read``.
            public_read: whether anyone may read objects.
            public_list: whether anyone may list objects; needs ``public_read``.
            all_keys_read: whether any access key may read objects.
            all_keys_write: whether any access key may create and delete objects.
            read_key_ids: ids of the access keys that may read objects.
            write_key_ids: ids of the access keys that may create and delete objects.

        Raises:
            PermissionDeniedError: the object storage account is not provisioned yet
                (``object_storage_account_not_provisioned``), or suspended (``object_storage_account_suspended``).
            NotFoundError: object storage is not enabled in the region (``object_storage_account_not_found``).
            NotAcceptableError: the object storage account is in the trash (``object_in_trash``).
            UnprocessableError: a value is not valid, or the name is taken; ``detail`` lists the problems.
        """

    @_BUCKETS.get()
    async def get(self, bucket: str, *, region: str, **options: Unpack[CallOptions]) -> ObjectStorageBucket:
        """Return a bucket.

        Args:
            bucket: name of the bucket.
            region: the region, such as ``uk-lon-1``.

        Raises:
            NotAcceptableError: the object storage account is in the trash (``object_in_trash``).
            ServerError: several buckets have this name (``multiple_object_storage_buckets_found``).
        """

    @_BUCKETS.update(objects=_OBJECTS)
    async def update(
        self,
        bucket: str,
        *,
        region: str,
        name: str | Unset = UNSET,
        label: str | Unset | None = UNSET,
        serve_static_site: bool | Unset = UNSET,
        static_site_index: str | Unset | None = UNSET,
        static_site_error: str | Unset | None = UNSET,
        public_read: bool | Unset = UNSET,
        public_list: bool | Unset = UNSET,
        all_keys_read: bool | Unset = UNSET,
        all_keys_write: bool | Unset = UNSET,
        read_key_ids: Iterable[str] | Unset = UNSET,
        write_key_ids: Iterable[str] | Unset = UNSET,
        **options: Unpack[CallOptions],
    ) -> ObjectStorageBucket:
        """Change a bucket and return it. A field whose argument is omitted stays as it is.

        Args:
            bucket: name of the bucket.
            region: the region, such as ``uk-lon-1``.
            name: lower-case letters, digits and hyphens; unique among the buckets of all organizations.
            label: a second name, or a comment; None removes it.
            serve_static_site: whether the bucket is served as a website.
            static_site_index: name of the website's index page; needs ``public_read``. None removes it.
            static_site_error: name of the website's error page; needs ``public_read``. None removes it.
            public_read: whether anyone may read objects.
            public_list: whether anyone may list objects; needs ``public_read``.
            all_keys_read: whether any access key may read objects.
            all_keys_write: whether any access key may create and delete objects.
            read_key_ids: ids of all access keys that may read objects.
            write_key_ids: ids of all access keys that may create and delete objects.

        Raises:
            NotAcceptableError: the object storage account is in the trash (``object_in_trash``).
            UnprocessableError: a value is not valid, or the name is taken; ``detail`` lists the problems.
            ServerError: several buckets have this name (``multiple_object_storage_buckets_found``).
        """

    @_BUCKETS.returning("success", bool).delete()
    async def delete(self, bucket: str, *, region: str, **options: Unpack[CallOptions]) -> None:
        """Delete a bucket.

        Args:
            bucket: name of the bucket.
            region: the region, such as ``uk-lon-1``.

        Raises:
            PermissionDeniedError: the bucket cannot be deleted, for example because it is not empty
                (``object_storage_bucket_deletion_error``).
            NotAcceptableError: the object storage account is in the trash (``object_in_trash``).
            ServerError: several buckets have this name (``multiple_object_storage_buckets_found``), or the network of
                the object storage failed (``network_error``).
        """

    @_BUCKETS.returning("object_details", ObjectStorageObject).get("/object")
    async def get_object(
        self, bucket: str, *, region: str, path: str, **options: Unpack[CallOptions]
    ) -> ObjectStorageObject:
        """Return the size and the URL of an object in a bucket. To download its content, use the S3 protocol.

        Args:
            bucket: name of the bucket.
            region: the region, such as ``uk-lon-1``.
            path: path of the object in the bucket, such as ``photos/cat.jpg``.

        Raises:
            NotFoundError: there is no such object (``object_not_found``), or no such bucket.
            NotAcceptableError: the object storage account is in the trash (``object_in_trash``).
            ServerError: several buckets have this name (``multiple_object_storage_buckets_found``), or the network of
                the object storage failed (``network_error``).
        """

    # Safe to repeat: it changes nothing. Nobody knows the URL of a lost response, and it expires.
    @_BUCKETS.returning(None, PresignedURL).action(
        "POST", "/presigned_url", idempotent=True, inside="properties", outside=("path",)
    )
    async def create_presigned_url(
        self, bucket: str, *, region: str, path: str, expiry_seconds: int | None = None, **options: Unpack[CallOptions]
    ) -> PresignedURL:
        """Return a URL from which anyone can download an object until it expires.

        Args:
            bucket: name of the bucket.
            region: the region, such as ``uk-lon-1``.
            path: path of the object in the bucket, such as ``photos/cat.jpg``.
            expiry_seconds: seconds until the URL expires; None for Katapult's default.

        Raises:
            NotAcceptableError: the object storage account is in the trash (``object_in_trash``).
            UnprocessableError: a value is not valid; ``detail`` lists the problems.
            ServerError: several buckets have this name (``multiple_object_storage_buckets_found``), or the network of
                the object storage failed (``network_error``).
        """

    # Safe to repeat: a URL that is revoked already stays revoked
    @_BUCKETS.returning("success", bool).action("POST", "/revoke_presigned_urls", idempotent=True)
    async def revoke_presigned_urls(self, bucket: str, *, region: str, **options: Unpack[CallOptions]) -> None:
        """Revoke the presigned URLs of all objects in a bucket.

        Args:
            bucket: name of the bucket.
            region: the region, such as ``uk-lon-1``.

        Raises:
            NotAcceptableError: the object storage account is in the trash (``object_in_trash``).
            ServerError: several buckets have this name (``multiple_object_storage_buckets_found``), or the network of
                the object storage failed (``network_error``).
        """

    async def wait(self, bucket: str, *, region: str, **options: Unpack[CallOptions]) -> ObjectStorageBucket:
        """Return a bucket when it is configured, after its creation or a change.

        Requests the bucket at once and then at growing intervals, as ``tasks.wait`` does. The ``timeout`` covers the
        whole wait: by default 600 seconds.

        Args:
            bucket: name of the bucket.
            region: the region, such as ``uk-lon-1``.

        Raises:
            TaskFailedError: the state of the bucket is ``failed``, which Katapult does not document.
            TaskTimeoutError: the bucket was not configured in time. ``error.task`` has its last state.
        """
        subject = TaskState(kind="object storage bucket", id=bucket)
        request = functools.partial(self.get, region=region)
        return await polling.wait(self._caller, request, subject, done="configured", options=options)
