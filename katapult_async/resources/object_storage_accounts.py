"""Object storage accounts: the object storage of an organization in one region.

Core API v1: get:organization_object_storage_object_storage_cluster,
post:organization_object_storage_object_storage_cluster, delete:organization_object_storage_object_storage_cluster.
"""

from typing import Final, Unpack

from katapult_async.core import polling
from katapult_async.errors import PermissionDeniedError, TaskState
from katapult_async.models.lookups import SubDomain
from katapult_async.models.object_storage import ObjectStorageAccount, TrashedObjectStorageAccount
from katapult_async.options import CallOptions
from katapult_async.resources.operations import Operations
from katapult_async.resources.references import OBJECT_STORAGE_CLUSTER
from katapult_async.resources.resource import Resource

_ACCOUNTS: Final = Operations(
    OBJECT_STORAGE_CLUSTER,
    ObjectStorageAccount,
    answer="object_storage_account",
    path="/organizations/organization/object_storage/object_storage_cluster",
    write=("object_storage",),
    read=("object_storage:read",),
)

_SETTLES_IN: Final = 15.0  # seconds in which Katapult's Terraform provider saw new accounts in the state `failed`


class ObjectStorageAccounts(Resource):
    """The object storage of an organization in one region. Reached as ``katapult.object_storage_accounts``."""

    @_ACCOUNTS.action("POST")
    async def create(
        self, *, organization: str | SubDomain, region: str, **options: Unpack[CallOptions]
    ) -> ObjectStorageAccount:
        """Enable object storage in a region and return the new account. Wait until it is provisioned: see `wait`.

        Args:
            organization: id of the organization, or ``SubDomain("acme")``.
            region: the region, such as ``uk-lon-1``.

        Raises:
            NotAcceptableError: an account of this region is in the trash (``object_in_trash``), or a background
                task could not be queued (``task_queueing_error``).
            UnprocessableError: the account cannot be created, for example because it exists; ``detail`` lists the
                problems.
        """

    @_ACCOUNTS.get()
    async def get(
        self, *, organization: str | SubDomain, region: str, **options: Unpack[CallOptions]
    ) -> ObjectStorageAccount:
        """Return the account of an organization in a region.

        Args:
            organization: id of the organization, or ``SubDomain("acme")``.
            region: the region, such as ``uk-lon-1``.

        Raises:
            PermissionDeniedError: the account is not provisioned yet
                (``object_storage_account_not_provisioned``), or suspended (``object_storage_account_suspended``).
            NotFoundError: object storage is not enabled in the region (``object_storage_account_not_found``).
            NotAcceptableError: the account is in the trash (``object_in_trash``).
        """

    @_ACCOUNTS.returning(None, TrashedObjectStorageAccount).delete()
    async def delete(
        self, *, organization: str | SubDomain, region: str, **options: Unpack[CallOptions]
    ) -> TrashedObjectStorageAccount | None:
        """Disable object storage in a region: put the account into the trash, with its buckets and access keys.

        Returns None if the response was lost and a retry found it in the trash.

        Args:
            organization: id of the organization, or ``SubDomain("acme")``.
            region: the region, such as ``uk-lon-1``.

        Raises:
            NotFoundError: object storage is not enabled in the region (``object_storage_account_not_found``).
            PermissionDeniedError: the account is not provisioned yet
                (``object_storage_account_not_provisioned``), or suspended (``object_storage_account_suspended``).
            NotAcceptableError: the account is in the trash already (``object_in_trash``).
            UnprocessableError: the account cannot be deleted; ``detail`` lists the problems.
        """

    async def wait(
        self, *, organization: str | SubDomain, region: str, **options: Unpack[CallOptions]
    ) -> ObjectStorageAccount:
        """Return the account of an organization in a region when it is provisioned.

        Requests the account at once and then at growing intervals, as ``tasks.wait`` does. The ``timeout`` covers the
        whole wait: by default 600 seconds.

        Args:
            organization: id of the organization, or ``SubDomain("acme")``.
            region: the region, such as ``uk-lon-1``.

        Raises:
            TaskFailedError: the state of the account is ``failed``, more than 15 seconds after the wait began.
            TaskTimeoutError: the account was not provisioned in time. ``error.task`` has its last state.
        """
        subject = TaskState(kind="object storage account", id=region)
        return await polling.wait(
            self._caller,
            lambda _: self._get_or_provisioning(organization, region),
            subject,
            status=lambda account: account.provisioning_state,
            done="provisioned",
            settles_in=_SETTLES_IN,
            options=options,
        )

    async def _get_or_provisioning(self, organization: str | SubDomain, region: str) -> ObjectStorageAccount:
        """Return an account; in the state ``provisioning`` if Katapult refuses to show it before it is provisioned.

        That error is documented. No recorded response has it.
        """
        try:
            return await self.get(organization=organization, region=region)
        except PermissionDeniedError as error:
            if error.code != "object_storage_account_not_provisioned":
                raise
        return ObjectStorageAccount(region=region, provisioning_state="provisioning")
