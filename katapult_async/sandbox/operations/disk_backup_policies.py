"""Disk backup policies. The sandbox makes no backups."""

from collections.abc import Mapping, Sequence

from katapult_async.sandbox.errors import Problems, require
from katapult_async.sandbox.models import Disk, DiskBackupPolicy as Policy, Organization, VirtualMachine
from katapult_async.sandbox.store import Store

from .crud import Crud
from .operation import operation

_INTERVALS = {"hourly": 3600, "daily": 86_400, "weekly": 7 * 86_400, "monthly": 30 * 86_400}
_NOTICE = 300  # seconds from a request to the earliest scheduled deletion


def _problems(_: Store, policy: Policy) -> Problems:
    return {
        "Retention must be greater than 0": policy.retention < 1,
        "Schedule frequency must be greater than 0": policy.schedule.frequency < 1,
        "Schedule minute must be 0 to 59": policy.schedule.minute not in range(60),
        "Schedule time must be 0 to 23": policy.schedule.time not in range(24),
    }


def _set_next_time(store: Store, policy: Policy) -> Policy:
    seconds = policy.schedule.frequency * _INTERVALS[policy.schedule.interval]
    return store.change(policy, schedule=policy.schedule.changed(next_invocation_at=int(store.now) + seconds))


def _owner_and_target(store: Store, parent: Organization | VirtualMachine | Disk) -> Mapping[str, str | None]:
    """Return the fields of a policy that refer to its owner and its target; an organization is only the owner."""
    target = {} if isinstance(parent, Organization) else {"target_id": parent.id}
    return {"organization_id": store.owner_id(parent), **target}


@operation("GET", "/virtual_machines/:virtual_machine/disk_backup_policies")
def list_of_machine(store: Store, machine: VirtualMachine, *, include_disks: bool | None = None) -> Sequence[Policy]:
    """Core API v1: get:virtual_machine_disk_backup_policies."""
    targets = [machine, *(store.all(Disk, machine) if include_disks else ())]
    return [policy for target in targets for policy in store.all(Policy, target_id=target.id)]


@operation("DELETE", "/disk_backup_policies/:disk_backup_policy/schedule")
def schedule_deletion(store: Store, policy: Policy, *, timestamp: int) -> Policy:
    """Core API v1: delete:disk_backup_policy_schedule. The store puts the policy into the trash when it is time."""
    require(timestamp >= store.now + _NOTICE, "invalid_timestamp")
    return store.change(policy, auto_move_to_trash_at=timestamp)


DISK_BACKUP_POLICIES = Crud(model=Policy, parent_fields=_owner_and_target, check=_problems, on_put=_set_next_time)
