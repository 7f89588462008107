"""Disk backup policies. The sandbox makes no backups."""

from collections.abc import Sequence

from katapult_async.sandbox.arguments import present
from katapult_async.sandbox.errors import APIError, validation_error
from katapult_async.sandbox.models import Disk, DiskBackupPolicy, VirtualMachine
from katapult_async.sandbox.serializers import JSON
from katapult_async.sandbox.store import Store

from .crud import Crud
from .operation import Operation, operation

_OF_DISK = "/disks/:disk/disk_backup_policies"
_OF_MACHINE = "/virtual_machines/:virtual_machine/disk_backup_policies"
_ONE = "/disk_backup_policies/:disk_backup_policy"
_INTERVALS = {"hourly": 3600, "daily": 86_400, "weekly": 7 * 86_400, "monthly": 30 * 86_400}
_LARGEST = {"minute": 59, "time": 23}
_NOTICE = 300  # seconds from a request to the earliest scheduled deletion


def update(store: Store, policy: DiskBackupPolicy, *, properties: JSON) -> DiskBackupPolicy:
    """Core API v1: patch:disk_backup_policy."""
    sent = present(properties)
    schedule = policy.schedule.changed(**present(sent.pop("schedule", {})))
    changed = policy.changed(**sent)
    numbers = {"Retention": changed.retention, "Schedule frequency": schedule.frequency}
    problems = [f"{name} must be greater than 0" for name, number in numbers.items() if number < 1]
    for name, largest in _LARGEST.items():
        if not 0 <= getattr(schedule, name) <= largest:
            problems.append(f"Schedule {name} must be 0 to {largest}")
    if problems:
        raise validation_error(*problems)
    next_at = int(store.now) + schedule.frequency * _INTERVALS[schedule.interval]
    return store.change(changed, schedule=schedule.changed(next_invocation_at=next_at))


def create(store: Store, target: Disk | VirtualMachine, *, properties: JSON) -> DiskBackupPolicy:
    """Core API v1: post:disk_disk_backup_policies, post:virtual_machine_disk_backup_policies."""
    policy_id, owner = store.new_id(DiskBackupPolicy), target.organization_id
    policy = DiskBackupPolicy(id=policy_id, organization_id=owner, target_id=target.id)
    return update(store, policy, properties=properties)


CREATE_OF_DISK = Operation("POST", _OF_DISK, create)
CREATE_OF_MACHINE = Operation("POST", _OF_MACHINE, create)

UPDATE = Operation("PATCH", _ONE, update)


@operation("GET", _OF_DISK)
def list_of_disk(store: Store, disk: Disk) -> Sequence[DiskBackupPolicy]:
    """Core API v1: get:disk_disk_backup_policies."""
    return store.all(DiskBackupPolicy, target_id=disk.id)


@operation("GET", _OF_MACHINE)
def list_of_machine(
    store: Store, machine: VirtualMachine, *, include_disks: bool | None = None
) -> Sequence[DiskBackupPolicy]:
    """Core API v1: get:virtual_machine_disk_backup_policies."""
    disks = store.all(Disk, virtual_machine_id=machine.id) if include_disks else ()
    targets = [machine.id, *(disk.id for disk in disks)]
    return [policy for target in targets for policy in store.all(DiskBackupPolicy, target_id=target)]


@operation("DELETE", f"{_ONE}/schedule")
def schedule_deletion(store: Store, policy: DiskBackupPolicy, *, timestamp: int) -> DiskBackupPolicy:
    """Core API v1: delete:disk_backup_policy_schedule. The store puts the policy into the trash when it is time."""
    if timestamp < store.now + _NOTICE:
        raise APIError("invalid_timestamp")
    return store.change(policy, auto_move_to_trash_at=timestamp)


DISK_BACKUP_POLICIES = Crud(model=DiskBackupPolicy, trash=True)
