"""Object storage access keys: credentials for programs that use the S3 protocol.

Core API v1: get:organization_object_storage_access_keys,
post:organization_object_storage_object_storage_cluster_access_keys, get:object_storage_access_key,
patch:object_storage_access_key, delete:object_storage_access_key,
post:object_storage_access_key_generate_credentials.
"""

from typing import Final, Unpack

from katapult_async.core import polling
from katapult_async.core.pagination import Pages
from katapult_async.errors import TaskState
from katapult_async.models.lookups import SubDomain
from katapult_async.models.object_storage import ObjectStorageAccessKey
from katapult_async.models.unset_argument import UNSET, Unset
from katapult_async.options import CallOptions
from katapult_async.resources.operations import Operations
from katapult_async.resources.references import ACCESS_KEY
from katapult_async.resources.resource import Resource

_KEYS: Final = Operations(
    ACCESS_KEY,
    ObjectStorageAccessKey,
    answer="object_storage_access_key",
    path="/object_storage/access_keys/access_key",
    write=("object_storage",),
    read=("object_storage",),
)


class ObjectStorageAccessKeys(Resource):
    """Access keys for object storage. Reached as ``katapult.object_storage_access_keys``."""

    @_KEYS.list("/organizations/organization/object_storage/access_keys")
    def list(self, *, organization: str | SubDomain, **options: Unpack[CallOptions]) -> Pages[ObjectStorageAccessKey]:
        """Return the access keys of an organization in all regions.

        Args:
            organization: id of the organization, or ``SubDomain("acme")``.
        """

    @_KEYS.create("/organizations/organization/object_storage/object_storage_cluster/access_keys")
    async def create(
        self,
        *,
        organization: str | SubDomain,
        region: str,
        name: str,
        all_buckets_read: bool | None = None,
        all_objects_read: bool | None = None,
        all_objects_write: bool | None = None,
        **options: Unpack[CallOptions],
    ) -> ObjectStorageAccessKey:
        """Create an access key without credentials and return it. Credentials come from `wait_for_credentials`.

        Args:
            organization: id of the organization, or ``SubDomain("acme")``.
            region: the region, such as ``uk-lon-1``.
            name: display name.
            all_buckets_read: whether the key may list all buckets, which some S3 programs need.
            all_objects_read: whether the key may read the objects of all buckets.
            all_objects_write: whether the key may create and delete objects in all buckets.

        Raises:
            PermissionDeniedError: the object storage account is not provisioned yet
                (``object_storage_account_not_provisioned``), or suspended (``object_storage_account_suspended``).
            NotFoundError: object storage is not enabled in the region (``object_storage_account_not_found``).
            NotAcceptableError: the object storage account is in the trash (``object_in_trash``).
            UnprocessableError: a value is not valid; ``detail`` lists the problems.
        """

    @_KEYS.get()
    async def get(self, access_key: str, **options: Unpack[CallOptions]) -> ObjectStorageAccessKey:
        """Return an access key without its secret.

        Args:
            access_key: id of the key, ``objkey_...``.
        """

    @_KEYS.update()
    async def update(
        self,
        access_key: str,
        *,
        name: str,
        all_buckets_read: bool | Unset = UNSET,
        all_objects_read: bool | Unset = UNSET,
        all_objects_write: bool | Unset = UNSET,
        **options: Unpack[CallOptions],
    ) -> ObjectStorageAccessKey:
        """Change an access key and return it. A field whose argument is omitted stays as it is.

        Args:
            access_key: id of the key, ``objkey_...``.
            name: display name. Katapult requires it even if the name stays the same.
            all_buckets_read: whether the key may list all buckets, which some S3 programs need.
            all_objects_read: whether the key may read the objects of all buckets.
            all_objects_write: whether the key may create and delete objects in all buckets.

        Raises:
            NotAcceptableError: a background task could not be queued (``task_queueing_error``).
            UnprocessableError: a value is not valid (``detail`` lists the problems), or the key is still being
                provisioned (``object_storage_provisioning_error``).
        """

    @_KEYS.returning("success", bool).delete()
    async def delete(self, access_key: str, **options: Unpack[CallOptions]) -> None:
        """Delete an access key.

        Args:
            access_key: id of the key, ``objkey_...``.

        Raises:
            ServerError: the network of the object storage failed (``network_error``).
        """

    # Safe to repeat: nobody knows the secret of a lost response, and the next secret replaces it
    @_KEYS.action("POST", "/generate_credentials", idempotent=True)
    async def generate_credentials(self, access_key: str, **options: Unpack[CallOptions]) -> ObjectStorageAccessKey:
        """Replace the credentials of an access key and return the key with them. No later response has the secret.

        The new credentials can take a few minutes to become valid. It is safe to repeat the call: only the credentials
        of the last response are valid.

        Args:
            access_key: id of the key, ``objkey_...``.

        Raises:
            NotAcceptableError: a background task could not be queued (``task_queueing_error``).
            UnprocessableError: the key is still being provisioned after all attempts
                (``object_storage_provisioning_error``): `wait_for_credentials` waits longer.
        """

    async def wait_for_credentials(self, access_key: str, **options: Unpack[CallOptions]) -> ObjectStorageAccessKey:
        """Replace the credentials of an access key as soon as it is provisioned, and return the key with them.

        Katapult takes up to half a minute to provision a new key. Until then, `generate_credentials` is called at
        growing intervals, as in ``tasks.wait``. The ``timeout`` covers the whole wait: by default 600 seconds.

        Args:
            access_key: id of the key, ``objkey_...``.

        Raises:
            NotAcceptableError: a background task could not be queued (``task_queueing_error``).
            TaskTimeoutError: the key was not provisioned in time.
        """
        subject = TaskState(kind="object storage access key", id=access_key)
        request = self.generate_credentials
        # Any response has the credentials. While the key is not provisioned, an error makes `wait` repeat the request.
        return await polling.wait(
            self._caller, request, subject, done="generated", status=lambda _: "generated", options=options
        )

    async def wait(self, access_key: str, **options: Unpack[CallOptions]) -> ObjectStorageAccessKey:
        """Return an access key when it is configured: its credentials and permissions are in effect.

        Requests the key at once and then at growing intervals, as ``tasks.wait`` does. The ``timeout`` covers the
        whole wait: by default 600 seconds.

        Args:
            access_key: id of the key, ``objkey_...``.

        Raises:
            TaskFailedError: the state of the key is ``failed``, which Katapult does not document.
            TaskTimeoutError: the key was not configured in time. ``error.task`` has its last state.
        """
        subject = TaskState(kind="object storage access key", id=access_key)
        return await polling.wait(self._caller, self.get, subject, done="configured", options=options)
