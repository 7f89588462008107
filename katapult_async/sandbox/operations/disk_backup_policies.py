"""Disk backup policies. The sandbox makes no backups."""

from typing import Any

import attrs

from katapult_async.sandbox import serializers
from katapult_async.sandbox.arguments import ABSENT, Arguments, Page
from katapult_async.sandbox.errors import APIError, invalid_argument, validation_error
from katapult_async.sandbox.models import Disk, DiskBackupPolicy, DiskBackupSchedule, Organization, VirtualMachine
from katapult_async.sandbox.serializers import JSON, serialize
from katapult_async.sandbox.store import Store

from .crud import Crud
from .operation import PAGE, Operation, boolean, operation, paginated, value

_SCOPE = "disk_backup_policies"
_READ = f"{_SCOPE} {_SCOPE}:read"
_OF_DISK = "/disks/:disk/disk_backup_policies"
_OF_MACHINE = "/virtual_machines/:virtual_machine/disk_backup_policies"
_ONE = "/disk_backup_policies/:disk_backup_policy"
_INTERVALS = {"hourly": 3600, "daily": 86_400, "weekly": 7 * 86_400, "monthly": 30 * 86_400}
_LARGEST = {"minute": 59, "time": 23}
_NOTICE = 300  # seconds from a request to the earliest scheduled deletion


@attrs.frozen
class _Properties:
    """The properties in a request: those of a policy, and those of its schedule."""

    policy: dict[str, Any]
    schedule: dict[str, Any]

    @classmethod
    def read(cls, arguments: Arguments) -> "_Properties":
        properties = arguments.inside("properties")
        policy = {"retention": properties.integer("retention")}
        schedule: dict[str, Any] = {}
        if properties.has("schedule"):
            inside = properties.inside("schedule")
            schedule = {name: inside.integer(name) for name in ("frequency", "minute", "time")}
            schedule["interval"] = inside.choice("interval", tuple(_INTERVALS))
        return cls(_present(policy), _present(schedule))


_PROPERTIES = value(_Properties.read)


def _present(values: dict[str, Any]) -> dict[str, Any]:
    return {name: content for name, content in values.items() if content is not None and content is not ABSENT}


def _changed(store: Store, policy: DiskBackupPolicy, properties: _Properties) -> DiskBackupPolicy:
    """Store a policy with new properties and return it.

    Raises:
        APIError: a property is not valid.
    """
    schedule = attrs.evolve(policy.schedule, **properties.schedule)
    changed = attrs.evolve(policy, **properties.policy, schedule=schedule)
    numbers = {"Retention": changed.retention, "Schedule frequency": schedule.frequency}
    problems = [f"{name} must be greater than 0" for name, number in numbers.items() if number < 1]
    problems += [
        f"Schedule {name} must be 0 to {largest}"
        for name, largest in _LARGEST.items()
        if not 0 <= getattr(schedule, name) <= largest
    ]
    if problems:
        raise validation_error(*problems)
    next_at = int(store.now) + schedule.frequency * _INTERVALS[schedule.interval]
    changed = attrs.evolve(changed, schedule=attrs.evolve(schedule, next_invocation_at=next_at))
    store.put(changed)
    return changed


def create(store: Store, target: Disk | VirtualMachine, properties: _Properties) -> JSON:
    """Core API v1: post:disk_disk_backup_policies, post:virtual_machine_disk_backup_policies."""
    policy = DiskBackupPolicy(
        id=store.new_id(DiskBackupPolicy),
        organization_id=target.organization_id,
        target_id=target.id,
        schedule=DiskBackupSchedule(),
    )
    created = _changed(store, policy, properties)
    return {"disk_backup_policy": serialize(store, created, serializers.BACKUP_POLICY_FULL)}


@operation("PATCH", _ONE, DiskBackupPolicy, _PROPERTIES, scopes=_SCOPE)
def update(store: Store, policy: DiskBackupPolicy, properties: _Properties) -> JSON:
    """Core API v1: patch:disk_backup_policy. The schedule of the response is documented as an empty object."""
    changed = _changed(store, policy, properties)
    return {"disk_backup_policy": serialize(store, changed, serializers.BACKUP_POLICY_CHANGED)}


@operation("GET", _OF_DISK, Disk, PAGE, scopes=_READ)
def list_of_disk(store: Store, disk: Disk, page: Page) -> JSON:
    """Core API v1: get:disk_disk_backup_policies."""
    policies = store.all(DiskBackupPolicy, target_id=disk.id)
    return paginated(store, page, "disk_backup_policies", policies, serializers.BACKUP_POLICY)


@operation("GET", _OF_MACHINE, VirtualMachine, boolean("include_disks"), PAGE, scopes=_READ)
def list_of_machine(store: Store, machine: VirtualMachine, include_disks: object, page: Page) -> JSON:
    """Core API v1: get:virtual_machine_disk_backup_policies."""
    disks = store.all(Disk, virtual_machine_id=machine.id) if include_disks is True else ()
    targets = [machine.id, *(disk.id for disk in disks)]
    policies = [policy for target in targets for policy in store.all(DiskBackupPolicy, target_id=target)]
    return paginated(store, page, "disk_backup_policies", policies, serializers.BACKUP_POLICY)


@operation("DELETE", _ONE, DiskBackupPolicy, scopes=_SCOPE)
def delete(store: Store, policy: DiskBackupPolicy) -> JSON:
    """Core API v1: delete:disk_backup_policy. The policy is in the trash afterwards."""
    store.trash(policy)
    return {"disk_backup_policy": {"id": policy.id}}


@value
def _timestamp(arguments: Arguments) -> int:
    arguments.require("timestamp")
    timestamp = arguments.integer("timestamp")
    if not isinstance(arguments.tree["timestamp"], int) or not isinstance(timestamp, int):  # not a string of digits
        raise invalid_argument(["timestamp"], issue="parse_error", why="This must be a Unix timestamp.")
    return timestamp


@operation("DELETE", f"{_ONE}/schedule", DiskBackupPolicy, _timestamp, scopes=_SCOPE)
def schedule_deletion(store: Store, policy: DiskBackupPolicy, timestamp: int) -> JSON:
    """Core API v1: delete:disk_backup_policy_schedule. The store puts the policy into the trash when it is time."""
    if timestamp < store.now + _NOTICE:
        raise APIError("invalid_timestamp")
    scheduled = attrs.evolve(policy, auto_move_to_trash_at=timestamp)
    store.put(scheduled)
    return {"disk_backup_policy": serialize(store, scheduled, serializers.BACKUP_POLICY_SCHEDULED)}


DISK_BACKUP_POLICIES = Crud(
    model=DiskBackupPolicy,
    operations="list get",
    parent=Organization,
    scope=_SCOPE,
    shape=serializers.BACKUP_POLICY_FULL,
    list_shape=serializers.BACKUP_POLICY,
)
CREATE_OF_DISK = Operation("POST", _OF_DISK, create, (Disk, _PROPERTIES), scopes=_SCOPE)
CREATE_OF_MACHINE = Operation("POST", _OF_MACHINE, create, (VirtualMachine, _PROPERTIES), scopes=_SCOPE)
