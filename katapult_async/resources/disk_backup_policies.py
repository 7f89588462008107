"""Disk backup policies.

Core API v1: get:organization_disk_backup_policies, get:disk_disk_backup_policies,
get:virtual_machine_disk_backup_policies, post:disk_disk_backup_policies, post:virtual_machine_disk_backup_policies,
get:disk_backup_policy, patch:disk_backup_policy, delete:disk_backup_policy, delete:disk_backup_policy_schedule.
"""

import datetime
from typing import Final, Literal, Unpack

from katapult_async.core.pagination import Pages
from katapult_async.models.disk_backup_policies import DiskBackupPolicy
from katapult_async.models.lookups import FQDN, SubDomain
from katapult_async.models.unset_argument import UNSET, Unset
from katapult_async.options import CallOptions
from katapult_async.resources.operations import Operations
from katapult_async.resources.references import DISK_BACKUP_POLICY
from katapult_async.resources.resource import Resource

DiskBackupInterval = Literal["hourly", "daily", "weekly", "monthly"]
"""How often a disk is backed up."""

_POLICIES: Final = Operations(DISK_BACKUP_POLICY, DiskBackupPolicy, write=("disk_backup_policies",))

_OBJECTS: Final = {"schedule": ("interval", "frequency", "minute", "time")}


class DiskBackupPolicies(Resource):
    """Disk backup policies: when disks are backed up. Reached as ``katapult.disk_backup_policies``."""

    @_POLICIES.list("/organizations/organization/disk_backup_policies")
    def list(self, *, organization: str | SubDomain, **options: Unpack[CallOptions]) -> Pages[DiskBackupPolicy]:
        """Return the disk backup policies of an organization, without the fields that only `get` returns.

        Args:
            organization: id of the organization, or ``SubDomain("acme")``.
        """

    @_POLICIES.list("/disks/disk/disk_backup_policies")
    def list_of_disk(self, disk: str, **options: Unpack[CallOptions]) -> Pages[DiskBackupPolicy]:
        """Return the disk backup policies of a disk, without the fields that only `get` returns.

        The policies of its virtual machine are not in the list.

        Args:
            disk: id of the disk, ``disk_...``.

        Raises:
            NotAcceptableError: the disk is in the trash (``object_in_trash``).
        """

    @_POLICIES.list("/virtual_machines/virtual_machine/disk_backup_policies")
    def list_of_virtual_machine(
        self, virtual_machine: str | FQDN, *, include_disks: bool | None = None, **options: Unpack[CallOptions]
    ) -> Pages[DiskBackupPolicy]:
        """Return the disk backup policies of a virtual machine, without the fields that only `get` returns.

        Args:
            virtual_machine: id of the virtual machine, or ``FQDN("web-1.acme.example")``.
            include_disks: whether to include the policies of its individual disks.

        Raises:
            NotAcceptableError: the virtual machine is in the trash (``object_in_trash``).
        """

    @_POLICIES.create("/disks/disk/disk_backup_policies", objects=_OBJECTS)
    async def create_for_disk(
        self,
        disk: str,
        *,
        retention: int | None = None,
        interval: DiskBackupInterval | None = None,
        frequency: int | None = None,
        minute: int | None = None,
        time: int | None = None,
        **options: Unpack[CallOptions],
    ) -> DiskBackupPolicy:
        """Create a disk backup policy for a disk and return it. Omitted arguments have Katapult's defaults.

        Args:
            disk: id of the disk, ``disk_...``.
            retention: how many backups are kept.
            interval: unit of the schedule.
            frequency: number of intervals from one backup to the next.
            minute: minute of the hour.
            time: hour of the day. Katapult documents only that it is a whole number.

        Raises:
            NotAcceptableError: the disk is in the trash (``object_in_trash``).
            UnprocessableError: a value is not valid; ``detail`` lists the problems.
        """

    @_POLICIES.create("/virtual_machines/virtual_machine/disk_backup_policies", objects=_OBJECTS)
    async def create_for_virtual_machine(
        self,
        virtual_machine: str | FQDN,
        *,
        retention: int | None = None,
        interval: DiskBackupInterval | None = None,
        frequency: int | None = None,
        minute: int | None = None,
        time: int | None = None,
        **options: Unpack[CallOptions],
    ) -> DiskBackupPolicy:
        """Create a disk backup policy for all disks of a virtual machine and return it.

        Omitted arguments have Katapult's defaults.

        Args:
            virtual_machine: id of the virtual machine, or ``FQDN("web-1.acme.example")``.
            retention: how many backups are kept.
            interval: unit of the schedule.
            frequency: number of intervals from one backup to the next.
            minute: minute of the hour.
            time: hour of the day. Katapult documents only that it is a whole number.

        Raises:
            NotAcceptableError: the virtual machine is in the trash (``object_in_trash``).
            UnprocessableError: a value is not valid; ``detail`` lists the problems.
        """

    @_POLICIES.get()
    async def get(self, disk_backup_policy: str, **options: Unpack[CallOptions]) -> DiskBackupPolicy:
        """Return a disk backup policy.

        Args:
            disk_backup_policy: id of the policy.

        Raises:
            NotAcceptableError: the policy is in the trash (``object_in_trash``).
        """

    @_POLICIES.update(objects=_OBJECTS)
    async def update(
        self,
        disk_backup_policy: str,
        *,
        retention: int | Unset = UNSET,
        interval: DiskBackupInterval | Unset = UNSET,
        frequency: int | Unset = UNSET,
        minute: int | Unset = UNSET,
        time: int | Unset = UNSET,
        **options: Unpack[CallOptions],
    ) -> DiskBackupPolicy:
        """Change a disk backup policy and return it. A field whose argument is omitted stays as it is.

        Katapult documents no fields of the schedule in this response: `get` returns them.

        Args:
            disk_backup_policy: id of the policy.
            retention: how many backups are kept.
            interval: unit of the schedule.
            frequency: number of intervals from one backup to the next.
            minute: minute of the hour.
            time: hour of the day. Katapult documents only that it is a whole number.

        Raises:
            NotAcceptableError: the policy is in the trash (``object_in_trash``).
            UnprocessableError: a value is not valid; ``detail`` lists the problems.
        """

    @_POLICIES.delete()
    async def delete(self, disk_backup_policy: str, **options: Unpack[CallOptions]) -> DiskBackupPolicy | None:
        """Put a disk backup policy into the trash, from which ``trash_objects`` restores or purges it.

        Returns the policy with only its id; None if the response was lost and a retry found it in the trash.

        Args:
            disk_backup_policy: id of the policy.

        Raises:
            NotAcceptableError: the policy is in the trash already (``object_in_trash``).
        """

    # Katapult takes a time as a JSON number only, which no query can carry.
    @_POLICIES.action("DELETE", "/schedule", arguments_in="body")
    async def schedule_deletion(
        self, disk_backup_policy: str, *, timestamp: datetime.datetime, **options: Unpack[CallOptions]
    ) -> DiskBackupPolicy:
        """Put a disk backup policy into the trash at a later time. It makes backups until then.

        Returns the policy with its id and target only.

        Args:
            disk_backup_policy: id of the policy.
            timestamp: when the policy is put into the trash, with a time zone; at least 5 minutes from now.

        Raises:
            BadRequestError: the time is too early (``invalid_timestamp``).
            NotAcceptableError: the policy is in the trash already (``object_in_trash``).
        """
