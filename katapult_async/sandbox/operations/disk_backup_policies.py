"""Disk backup policies. The sandbox makes no backups."""

from collections.abc import Sequence

from katapult_async.sandbox.arguments import Arguments, present
from katapult_async.sandbox.errors import APIError, invalid_argument, validation_error
from katapult_async.sandbox.kinds import types_of
from katapult_async.sandbox.models import Disk, DiskBackupPolicy, DiskBackupSchedule, VirtualMachine
from katapult_async.sandbox.serializers import JSON
from katapult_async.sandbox.store import Store

from .crud import Crud
from .operation import Operation, boolean, operation, properties, value

_OF_DISK = "/disks/:disk/disk_backup_policies"
_OF_MACHINE = "/virtual_machines/:virtual_machine/disk_backup_policies"
_ONE = "/disk_backup_policies/:disk_backup_policy"
_INTERVALS = {"hourly": 3600, "daily": 86_400, "weekly": 7 * 86_400, "monthly": 30 * 86_400}
_LARGEST = {"minute": 59, "time": 23}
_NOTICE = 300  # seconds from a request to the earliest scheduled deletion
_PROPERTIES = properties({"retention": int, "schedule": types_of(DiskBackupSchedule, "frequency minute time interval")})


def update(store: Store, policy: DiskBackupPolicy, sent: JSON) -> DiskBackupPolicy:
    """Core API v1: patch:disk_backup_policy."""
    schedule = policy.schedule.changed(**present(sent.pop("schedule", {})))
    changed = policy.changed(**present(sent))
    numbers = {"Retention": changed.retention, "Schedule frequency": schedule.frequency}
    problems = [f"{name} must be greater than 0" for name, number in numbers.items() if number < 1]
    for name, largest in _LARGEST.items():
        if not 0 <= getattr(schedule, name) <= largest:
            problems.append(f"Schedule {name} must be 0 to {largest}")
    if problems:
        raise validation_error(*problems)
    next_at = int(store.now) + schedule.frequency * _INTERVALS[schedule.interval]
    return store.change(changed, schedule=schedule.changed(next_invocation_at=next_at))


def create(store: Store, target: Disk | VirtualMachine, sent: JSON) -> DiskBackupPolicy:
    """Core API v1: post:disk_disk_backup_policies, post:virtual_machine_disk_backup_policies."""
    policy_id, owner = store.new_id(DiskBackupPolicy), target.organization_id
    return update(store, DiskBackupPolicy(id=policy_id, organization_id=owner, target_id=target.id), sent)


CREATE_OF_DISK = Operation("POST", _OF_DISK, create, (Disk, _PROPERTIES))
CREATE_OF_MACHINE = Operation("POST", _OF_MACHINE, create, (VirtualMachine, _PROPERTIES))

UPDATE = Operation("PATCH", _ONE, update, (DiskBackupPolicy, _PROPERTIES))


@operation("GET", _OF_DISK, Disk)
def list_of_disk(store: Store, disk: Disk) -> Sequence[DiskBackupPolicy]:
    """Core API v1: get:disk_disk_backup_policies."""
    return store.all(DiskBackupPolicy, target_id=disk.id)


@operation("GET", _OF_MACHINE, VirtualMachine, boolean("include_disks"))
def list_of_machine(store: Store, machine: VirtualMachine, include_disks: object) -> Sequence[DiskBackupPolicy]:
    """Core API v1: get:virtual_machine_disk_backup_policies."""
    disks = store.all(Disk, virtual_machine_id=machine.id) if include_disks is True else ()
    targets = [machine.id, *(disk.id for disk in disks)]
    return [policy for target in targets for policy in store.all(DiskBackupPolicy, target_id=target)]


@operation("DELETE", _ONE, DiskBackupPolicy)
def delete(store: Store, policy: DiskBackupPolicy) -> DiskBackupPolicy:
    """Core API v1: delete:disk_backup_policy. The policy is in the trash afterwards."""
    store.trash(policy)
    return policy


@value
def _timestamp(arguments: Arguments) -> int:
    arguments.require("timestamp")
    timestamp = arguments.tree["timestamp"]
    if not isinstance(timestamp, int) or not isinstance(arguments.read("timestamp", int), int):  # no string of digits
        raise invalid_argument(["timestamp"], issue="parse_error", why="This must be a Unix timestamp.")
    return timestamp


@operation("DELETE", f"{_ONE}/schedule", DiskBackupPolicy, _timestamp)
def schedule_deletion(store: Store, policy: DiskBackupPolicy, timestamp: int) -> DiskBackupPolicy:
    """Core API v1: delete:disk_backup_policy_schedule. The store puts the policy into the trash when it is time."""
    if timestamp < store.now + _NOTICE:
        raise APIError("invalid_timestamp")
    return store.change(policy, auto_move_to_trash_at=timestamp)


DISK_BACKUP_POLICIES = Crud(model=DiskBackupPolicy, operations="list get")
